"""What the planner's two commands share: their options, and how they refuse bad input. Light: every `bench` command imports it."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

import click

from theranvio_telehealth.plan.clinic import BadInput

FILE = click.Path(dir_okay=False, path_type=Path)
OPTIONS = (
	click.option("--risk", type=float, default=0.05, help="Chance that the allowance runs out."),
	click.option("--months", type=int, default=0, help="How many months to simulate; 0: enough of them."),
	click.option(
		"--seed", type=click.IntRange(min=0), default=1, help="The same seed gives the same numbers."
	),
	click.option("--json", "as_json", is_flag=True, help="Print JSON."),
	click.option("--picture", type=FILE, help="Draw the minutes into this .svg file."),
)

Command = Callable[..., None]


def options(command: Command) -> Command:
	for option in reversed(OPTIONS):
		command = option(command)
	return command


def refusing(command: Command) -> Command:
	"""Bad input ends the command with its sentence and exit code 2."""

	@wraps(command)
	def wrapped(*args: Any, **kwargs: Any) -> None:
		try:
			command(*args, **kwargs)
		except BadInput as why:
			click.echo(str(why), err=True)
			raise SystemExit(2) from None

	return wrapped
