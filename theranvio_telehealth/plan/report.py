"""A forecast as text, as JSON and as a picture."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from html import escape
from pathlib import Path

import numpy as np

from theranvio_telehealth.plan.clinic import BadInput, Habits
from theranvio_telehealth.plan.forecast import Forecast, Spread, forecast
from theranvio_telehealth.plan.simulation import Day

WIDTH, HEIGHT, EDGE, BARS = 720, 320, 40, 30
#: The picture's bars, its lines, and its words.
PALE, DARK, WORDS = "#9ecae1", "#08519c", "#222222"


def report_on(
	days: Sequence[Day],
	habits: Habits,
	*,
	risk: float,
	months: int,
	seed: int,
	as_json: bool,
	picture: Path | None,
	month_spread: float = 0,
) -> str:
	"""The report to print; the picture is written. Raises `BadInput`."""
	if picture and picture.suffix != ".svg":
		raise BadInput(f"The picture is an .svg file, and {picture.name} is not.")
	rng = np.random.default_rng(seed)
	found = forecast(days, habits, rng, risk=risk, months=months, month_spread=month_spread)
	if picture:
		_draw(picture, _svg(found))
	return _json(found) if as_json else _text(found)


def _draw(path: Path, svg: str) -> None:
	try:
		path.write_text(svg, encoding="utf-8")
	except OSError as error:
		raise BadInput(f"{path.name} cannot be written: {error.strerror}.") from None


def _text(of: Forecast) -> str:
	return "\n".join([*_head(of), *_table(of), "", *_allowance(of), "", *_load(of), *_advised(of)])


def _json(of: Forecast) -> str:
	"""Without the single months."""
	values = asdict(of)
	del values["month_minutes"]
	return json.dumps(
		values | {"allowance": of.allowance, "advice": advice(of)}, indent=2, ensure_ascii=False
	)


def advice(of: Forecast) -> list[str]:
	"""Where the provider's quotas may not do, in sentences."""
	quotas = of.habits.capabilities.quotas
	found = []
	if quotas and of.meetings.most > quotas.meetings:
		found.append(
			f"Up to {of.meetings.most:,.0f} meetings run at once, and {of.habits.provider} allows an account "
			f"{quotas.meetings:,}: ask for more."
		)
	if quotas and of.calls.most > quotas.burst:
		found.append(
			f"Up to {of.calls.most:,.0f} calls are due at {of.habits.provider} at once, which takes a burst of "
			f"{quotas.burst} and then {quotas.calls_a_second} a second: some joins will be refused and tried again. "
			"Let visits start at different times, or ask for more."
		)
	return found


def _head(of: Forecast) -> Iterator[str]:
	yield f"{of.habits.name or 'The clinic'}: a month by {of.habits.provider}, simulated {of.months:,} times"
	yield ""
	yield f"{'':<24}{'mean':>13}{'5 % below':>13}{'half below':>13}{'95 % below':>13}{'most':>13}"


def _table(of: Forecast) -> Iterator[str]:
	quotas = of.habits.capabilities.quotas
	yield _line("visits", of.visits)
	yield _line("of them no-shows", of.no_shows)
	yield _line("participant-minutes", of.minutes)
	if of.habits.price:
		yield _line(f"cost {of.habits.currency}".strip(), of.cost, decimals=2)
	yield _line("meetings at once", of.meetings) + (f"   of {quotas.meetings} allowed" if quotas else "")
	yield _line("people in calls at once", of.people)
	if quotas:
		yield _line("calls due at once", of.calls) + f"   of {quotas.burst} allowed"


def _line(name: str, spread: Spread, decimals: int = 0) -> str:
	values = (spread.mean, spread.low, spread.middle, spread.high, spread.most)
	return f"{name:<24}" + "".join(f" {value:>12,.{decimals}f}" for value in values)


def _allowance(of: Forecast) -> Iterator[str]:
	yield f"Allowance to buy: {of.allowance:,} minutes a month. They run out with a chance of {_percent(of.risk)}."
	others = (
		f"{minutes:,} for {_percent(risk)}" for risk, minutes in of.allowances.items() if risk != of.risk
	)
	yield f"For other chances: {', '.join(others)}."
	if of.runs_out is not None:
		there = f"{of.habits.allowance_minutes:,.0f} minutes"
		yield f"The {there} that the clinic has run out with a chance of {_percent(of.runs_out)}."


def _percent(share: float) -> str:
	return f"{100 * share:.3g} %"


def _load(of: Forecast) -> Iterator[str]:
	for what, parts in (("Database rows", of.rows), ("Web requests", of.requests)):
		yield f"{f'{what}, on average':<24}{sum(parts.values()):>13,.0f}"
		yield from (f"  {name:<22}{number:>13,.0f}" for name, number in parts.items() if number)


def _advised(of: Forecast) -> Iterator[str]:
	for sentence in advice(of):
		yield from ("", sentence)


def _svg(of: Forecast) -> str:
	"""How often a month comes to how many minutes, as SVG, with the mean and the allowance marked."""
	low, high = min(of.month_minutes), max(*of.month_minutes, float(of.allowance))
	reach = (low, high) if high > low else (low - 1, high + 1)
	counts, edges = np.histogram(of.month_minutes, bins=BARS, range=reach)

	def across(minutes: float) -> float:
		return EDGE + (minutes - reach[0]) / (reach[1] - reach[0]) * (WIDTH - 2 * EDGE)

	title = escape(f"{of.habits.name or 'The clinic'}: participant-minutes a month, {of.months:,} times")
	parts = [
		f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img">',
		f'<title>{title}</title><rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>',
		f'<g font-family="sans-serif" font-size="13" fill="{WORDS}"><text x="{EDGE}" y="24">{title}</text>',
		*(_bar(across(edge), count / counts.max()) for edge, count in zip(edges, counts, strict=False)),
		*(_mark(across(value), name, row) for row, (name, value) in enumerate(_marks(of))),
		f'<text x="{EDGE}" y="{HEIGHT - 14}">{reach[0]:,.0f}</text>',
		f'<text x="{WIDTH - EDGE}" y="{HEIGHT - 14}" text-anchor="end">{reach[1]:,.0f} minutes</text></g></svg>',
	]
	return "\n".join(parts) + "\n"


def _marks(of: Forecast) -> tuple[tuple[str, float], ...]:
	return (
		(f"mean {of.minutes.mean:,.0f}", of.minutes.mean),
		(f"allowance {of.allowance:,}", of.allowance),
	)


def _bar(left: float, share: float) -> str:
	tall = share * (HEIGHT - 130)
	wide = (WIDTH - 2 * EDGE) / BARS - 2
	top = HEIGHT - EDGE - tall
	return f'<rect x="{left:.1f}" y="{top:.1f}" width="{wide:.1f}" height="{tall:.1f}" fill="{PALE}"/>'


def _mark(at: float, name: str, row: int) -> str:
	top, anchor = 50 + 18 * row, "end" if at > WIDTH / 2 else "start"
	line = f'<path d="M{at:.1f} {top + 4}V{HEIGHT - EDGE}" stroke="{DARK}" stroke-width="2"/>'
	return f'{line}<text x="{at:.1f}" y="{top}" text-anchor="{anchor}">{name}</text>'
