"""`python -m theranvio_telehealth.plan FILE`: what the clinic that a file describes will need in a month."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from theranvio_telehealth.plan.clinic import described, read_file
from theranvio_telehealth.plan.command import FILE, options, refusing
from theranvio_telehealth.plan.report import report_on
from theranvio_telehealth.plan.simulation import days_of


@click.command(help=__doc__)
@click.argument("file", type=FILE)
@options
@refusing
def main(file: Path, **given: Any) -> None:
	times, habits = described(read_file(file))
	click.echo(report_on(days_of(times), habits, month_spread=times.month_spread, **given))


if __name__ == "__main__":
	main(prog_name="python -m theranvio_telehealth.plan")
