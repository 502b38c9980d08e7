"""``textdrift answer JOB ANSWERS``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Optional

import typer

from textdrift.cli.dates import date_of
from textdrift.cli.exit_codes import Finished
from textdrift.cli.printing import print_message, print_text

if TYPE_CHECKING:
    from textdrift.findings.answered_costs import AnsweredCost

__all__ = ["answer"]

_Name = Optional[str]  # noqa: UP045 - typer reads the annotation


def answer(
    job: Annotated[Path, typer.Argument(help="A job file with `history`, `cost` and `labels_to_ask`.")],
    answers: Annotated[Path, typer.Argument(help="A csv file with the columns row and label.")],
    date: Annotated[_Name, typer.Option(help="The window's date; yesterday in UTC where the job is dated.")] = None,
    level: Annotated[float, typer.Option(help="The error that is allowed, over all looks together.")] = 0.05,
) -> None:
    """Price the labels that a window asked for: 0 within the limit, 1 surely above, 2 error, 3 still open.

    Surely above `cost.fail_above` is critical, and the sinks are told, once a story. Look as often as you like, after
    each answer. The verdict and the report of the window stay as they were.
    """
    from textdrift.job_config import read_job

    config = read_job(job)
    day = date_of(date, "--date")

    from textdrift.job import answer_job

    with config.hiding():
        answered = answer_job(config, answers, date=day, level=level)
    print_text(answered.cost.sentence)
    for note in (*answered.cost.notes, *answered.troubles):
        print_message(note)
    raise Finished(_verdict(answered.cost))


def _verdict(cost: AnsweredCost) -> str:
    """Return whether the additional cost is surely above the limit; without a limit nothing is judged."""
    if cost.is_above_limit:
        return "drift"
    limit, change = cost.table.fail_above, cost.change
    is_open = limit is not None and (change is None or change.high > limit)
    return "inconclusive" if is_open else "no_drift"
