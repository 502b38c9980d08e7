"""``textdrift gate JOB``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Optional

import typer

from textdrift.cli.dates import date_of
from textdrift.cli.exit_codes import Ended
from textdrift.cli.printing import print_message, print_text
from textdrift.errors import SettingsError

__all__ = ["gate"]

_Name = Optional[str]  # noqa: UP045 - typer reads the annotation


def gate(
    job: Annotated[Path, typer.Argument(help="A job file; its `gate` says what fails.")],
    date: Annotated[_Name, typer.Option(help="The window's date; yesterday in UTC where the job is dated.")] = None,
    output: Annotated[_Name, typer.Option(help="Folder for the report; `gate` in the report's folder without.")] = None,
    summary: Annotated[_Name, typer.Option(help="File to append the Markdown summary to.")] = None,
) -> None:
    """Judge a window for the promotion of a model: 0 passed, 1 failed, 2 error, 3 inconclusive.

    The judgement is that of `run`, at the same level. Nothing is stored and nobody is told; JUnit, Markdown and JSON
    are written, and the reasons are printed. With `gate: {challenger: COLUMN}` the candidate's predictions stand
    against those of the model in use, in the same window. Labels that come late are joined where they are there.
    """
    from textdrift.job_config import read_job

    config = read_job(job)
    day = date_of(date, "--date")
    if summary is not None:
        _append(summary, "")  # tried before anything is judged

    from textdrift.job import gate_job

    with config.hiding():
        result = gate_job(config, date=day, output=None if output is None else Path(output))
    judged = result.document["gate"]
    said = {0: "passed", 1: "failed", 3: "inconclusive"}[result.exit_code]
    print_text(f"gate {said}: {result.document['summary']}")
    for reason in judged["reasons"]:
        print_text(f"- {reason}")
    challenger = judged["challenger"]
    if challenger is not None and challenger["sentence"] not in judged["reasons"]:
        print_text(f"- {challenger['sentence']}")
    for note in result.notices:
        print_message(note)
    markdown = "" if result.report is None else result.report.to_markdown()
    if summary is not None:
        _append(summary, markdown + "\n")
        print_message(f"appended to {summary}")
    for path in result.files:
        print_message(f"wrote {path}")
    raise Ended(result.exit_code)


def _append(path: str, text: str) -> None:
    try:
        with Path(path).open("a", encoding="utf-8") as file:
            file.write(text)
    except (OSError, ValueError) as error:  # a path with a zero byte is a ValueError
        reason = getattr(error, "strerror", None) or str(error)
        raise SettingsError(f"--summary: {path!r} cannot be appended to ({reason}); name another file") from error
