"""A forecast as text, JSON and picture."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ElementTree
from pathlib import Path
from typing import Any

import pytest

from tests.plan.clinics import CERTAIN, CHIME
from theranvio_telehealth.plan.clinic import described
from theranvio_telehealth.plan.report import report_on
from theranvio_telehealth.plan.simulation import days_of

SVG = "{http://www.w3.org/2000/svg}"


def reported(as_json: bool = False, picture: Path | None = None, **keys: Any) -> str:
	times, habits = described(CERTAIN | keys)
	given = {"risk": 0.05, "months": 20, "seed": 1, "as_json": as_json, "picture": picture}
	return report_on(days_of(times), habits, month_spread=times.month_spread, **given)  # type: ignore[arg-type]


def line(text: str, name: str) -> list[str]:
	found = re.search(rf"^ *{name} +(\S.*)$", text, re.M)
	assert found, text
	return found[1].split()


def test_the_text_says_each_figure() -> None:
	text = reported(price=0.002, currency="CAD", name="Ours", allowance_minutes=2999)
	assert text.startswith(f"Ours: a month by {CHIME}, simulated 20 times\n")
	assert line(text, "visits") == ["30"] * 5
	assert line(text, "participant-minutes") == ["3,000"] * 5
	assert line(text, "cost CAD") == ["6.00"] * 5
	assert line(text, "meetings at once") == ["3"] * 5 + ["of", "250", "allowed"]
	assert line(text, "calls due at once") == ["9"] * 5 + ["of", "20", "allowed"]
	assert "Allowance to buy: 3,000 minutes a month. They run out with a chance of 5 %.\n" in text
	assert "The 2,999 minutes that the clinic has run out with a chance of 100 %.\n" in text
	assert line(text, "Usage Entry") == [str(3 * 2 * 30)]
	assert "ask for more" not in text


def test_between_two_browsers_there_is_no_price_and_no_quota() -> None:
	text = reported(provider="Peer-to-Peer")
	assert text.startswith("The clinic: a month by Peer-to-Peer, ")
	assert "cost" not in text
	assert "allowed" not in text
	assert "calls due" not in text
	assert line(text, "signals") == [str(15 * 30)]


@pytest.mark.parametrize(("clinicians", "sentences"), [(5, 0), (6, 1), (250, 1), (251, 2)])
def test_quotas_are_exceeded_by_more_than_they_are(clinicians: int, sentences: int) -> None:
	"""Five clinicians with two clients each make 20 calls."""
	found = json.loads(reported(as_json=True, clinicians=clinicians, group_share=1, group_clients=2))
	assert len(found["advice"]) == sentences


def test_json_has_the_same_figures() -> None:
	found = json.loads(reported(as_json=True, price=0.002))
	assert found["minutes"] == {"mean": 3000, "low": 3000, "middle": 3000, "high": 3000, "most": 3000}
	assert found["cost"]["mean"] == 6
	assert found["allowance"] == 3000
	assert found["allowances"] == {"0.2": 3000, "0.1": 3000, "0.05": 3000}
	assert found["habits"]["provider"] == CHIME
	assert "month_minutes" not in found


@pytest.mark.parametrize("keys", [{}, {"no_shows": 0.5}, {"visits_a_day": 0}])
def test_the_picture_lies_within_its_frame(tmp_path: Path, keys: dict[str, Any]) -> None:
	path = tmp_path / "minutes.svg"
	reported(picture=path, **keys)
	root = ElementTree.parse(path).getroot()
	_, _, width, height = map(float, root.attrib["viewBox"].split())
	bars = root.findall(f".//{SVG}g/{SVG}rect")
	tops = [float(bar.attrib["y"]) for bar in bars]
	assert len(bars) == 30
	assert all(0 <= float(bar.attrib["x"]) <= width - float(bar.attrib["width"]) for bar in bars)
	assert all(60 < top <= height for top in tops)
	for path_of in root.findall(f".//{SVG}path"):
		at = re.match(r"M([\d.]+) ", path_of.attrib["d"])
		assert at
		assert 0 <= float(at[1]) <= width


def test_names_are_escaped_in_the_picture(tmp_path: Path) -> None:
	path = tmp_path / "minutes.svg"
	reported(picture=path, name="<b>Ours & Co</b>")
	title = ElementTree.parse(path).getroot().find(f"{SVG}title")
	assert title is not None
	assert (title.text or "").startswith("<b>Ours & Co</b>: ")
