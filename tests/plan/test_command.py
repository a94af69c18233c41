"""`python -m theranvio_telehealth.plan`, as it is typed: the example of docs/planning.md, its options and its refusals."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

from tests.architecture.sources import ROOT
from tests.plan.clinics import CERTAIN

PAGE = (ROOT / "docs/planning.md").read_text(encoding="utf-8")
NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?")


def plan(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
	command = (sys.executable, "-m", "theranvio_telehealth.plan", *arguments)
	return subprocess.run(command, cwd=ROOT, capture_output=True, text=True)


def block(language: str) -> str:
	found = re.search(rf"```{language}\n(.*?)```", PAGE, re.S)
	assert found
	return found[1]


@pytest.fixture
def clinic(tmp_path: Path) -> Path:
	file = tmp_path / "clinic.json"
	file.write_text(json.dumps(CERTAIN))
	return file


def test_the_example_prints_what_the_page_says(tmp_path: Path) -> None:
	"""Numbers to one in a hundred, as processors round differently; everything else to the letter."""
	file = tmp_path / "clinic.toml"
	file.write_text(block("toml"))
	done = plan(file)
	assert done.returncode == 0, done.stderr
	assert words(done.stdout) == words(block("text"))
	assert numbers(done.stdout) == pytest.approx(numbers(block("text")), rel=0.01)


def words(text: str) -> str:
	return " ".join(NUMBER.sub("#", text).split())


def numbers(text: str) -> list[float]:
	return [float(number.replace(",", "")) for number in NUMBER.findall(text)]


def test_the_page_names_every_option() -> None:
	options = re.findall(r"^  (--[a-z]+)", plan("--help").stdout, re.M)
	assert len(options) == 6
	assert [option for option in options if option not in PAGE and option != "--help"] == []


def test_json_and_picture(clinic: Path, tmp_path: Path) -> None:
	picture = tmp_path / "minutes.svg"
	done = plan(clinic, "--json", "--picture", picture, "--months", "30", "--risk", "0.1")
	found = json.loads(done.stdout)
	assert (found["months"], found["risk"], found["allowance"]) == (30, 0.1, 3000)
	assert ElementTree.parse(picture).getroot().tag == "{http://www.w3.org/2000/svg}svg"


def test_a_seed_gives_the_same_output_again(tmp_path: Path) -> None:
	file = tmp_path / "clinic.toml"
	file.write_text(block("toml").replace("clinicians = 40", "clinicians = 2"))
	first, again, other = (plan(file, "--seed", seed).stdout for seed in ("5", "5", "6"))
	assert first == again != other


def test_a_clinic_too_large_for_the_quotas_is_advised(tmp_path: Path) -> None:
	file = tmp_path / "clinic.json"
	file.write_text(json.dumps(CERTAIN | {"clinicians": 251}))
	text = plan(file).stdout
	assert "Up to 251 meetings run at once, and Amazon Chime SDK allows an account 250: ask for more." in text
	assert "Up to 753 calls are due at Amazon Chime SDK at once, which takes a burst of 20" in text


@pytest.mark.parametrize(
	("arguments", "sentence"),
	[
		(("no.toml",), "no.toml cannot be read: No such file or directory."),
		(("{clinic}", "--risk", "2"), "The risk has to be between 0 and 1, and 2 is not."),
		(("{clinic}", "--months", "3"), "A risk of 0.05 takes at least 20 months."),
		(("{clinic}", "--picture", "x.png"), "The picture is an .svg file, and x.png is not."),
		(("{clinic}", "--picture", "no/x.svg"), "x.svg cannot be written: No such file or directory."),
	],
)
def test_bad_input_is_one_sentence(arguments: tuple[str, ...], sentence: str, clinic: Path) -> None:
	done = plan(*(argument.format(clinic=clinic) for argument in arguments))
	assert (done.returncode, done.stdout, done.stderr) == (2, "", f"{sentence}\n")


@pytest.mark.parametrize("arguments", [(), ("--nonsense",), ("{clinic}", "--months", "many")])
def test_bad_options_are_no_traceback(arguments: tuple[str, ...], clinic: Path) -> None:
	done = plan(*(argument.format(clinic=clinic) for argument in arguments))
	assert done.returncode == 2
	assert done.stderr.startswith("Usage: ")
	assert "Traceback" not in done.stderr


def test_every_bench_command_goes_without_numpy() -> None:
	"""Frappe imports what `commands.py` imports before any command of any app."""
	code = "import sys, theranvio_telehealth.plan.command; print('numpy' in sys.modules)"
	done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
	assert done.stdout == "False\n"
