"""``textdrift labels REPORT ANSWERS``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Optional

import typer

from textdrift.cli.exit_codes import Finished
from textdrift.cli.printing import print_document, print_message
from textdrift.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textdrift.findings.answered_costs import AnsweredCost
    from textdrift.performance.answered_labels import AnytimeEstimate

__all__ = ["labels"]

_GivenPath = Optional[Path]  # noqa: UP045 - typer reads the annotation
_Name = Optional[str]  # noqa: UP045 - typer reads the annotation
_Names = Optional[list[str]]  # noqa: UP045 - typer reads the annotation

_FOUND = {
    "lexical": "the words",
    "semantic": "the meaning of the texts",
    "label": "the shares of the labels",
    "prediction": "the predictions",
    "performance": "the accuracy",
    "quality": "the pipeline",
    "encoder": "the encoder",
}
_COLUMNS = ("row", "label", "judged", "reason")
_FORMULA = ("=", "+", "-", "@")  # what a spreadsheet takes for one at the front of a cell


def labels(
    report: Annotated[Path, typer.Argument(help="A report.json that was made with --labels-to-ask.")],
    answers: Annotated[
        _GivenPath, typer.Argument(help="A csv file with the columns row and label; commas, semicolons or tabs.")
    ] = None,
    level: Annotated[float, typer.Option(help="The error that is allowed, over all looks together.")] = 0.05,
    material: Annotated[float, typer.Option(help="The change of the error rate from which it matters.")] = 0.03,
    new_label: Annotated[
        _Names, typer.Option(metavar="NAME", help="A label that neither window has; once for each.")
    ] = None,
    format: Annotated[_Name, typer.Option(metavar="json", help="Write the estimate as JSON.")] = None,  # noqa: A002 - the flag has this name
    template: Annotated[_GivenPath, typer.Option(help="Write the csv file to fill in, and do no more.")] = None,
) -> None:
    """Estimate from labels that a report asked for: exit 0 not changed, 1 changed, 2 error, 3 still open.

    Look as often as you like, after each answer: the interval holds at all looks together. Rows without a label are
    not answered yet. An answer that is no label of the windows is refused, unless --new-label names it. Where the
    report has prices (`--cost`), the answers are priced too.
    """
    if format not in {None, "json"}:
        raise SettingsError(f"--format can be json, or left out for a text; got {format!r}")
    if template is not None:
        if answers is not None:
            raise SettingsError(
                f"give the answers to estimate from, {str(answers)!r}, or --template with a file to write; not both"
            )
        _write_template(report, template)
        return
    if answers is None:
        raise SettingsError(
            "the answers are missing: textdrift labels REPORT.json ANSWERS.csv; --template ANSWERS.csv writes the file "
            "to fill in"
        )

    from textdrift.label_answers import estimate_from_labels
    from textdrift.performance.answered_labels import CHANGED, OPEN

    estimate = estimate_from_labels(report, answers, level=level, material=material, new_labels=new_label or ())
    priced = _priced(report, answers, level=level, new_labels=new_label or ())
    if format == "json":
        described = estimate.described() | {"cost": None if priced is None else priced.described()}
        print_document(json.dumps(described, indent=2, ensure_ascii=False, allow_nan=False) + "\n")
    else:
        said = () if priced is None else (priced.sentence,)
        print_message(_told(estimate, (*said, *_said_by(report, estimate.settled))), to_stdout=True)
    verdicts = {CHANGED: "drift", OPEN: "inconclusive"}
    raise Finished(verdicts.get(estimate.settled, "no_drift"))


def _priced(report: Path, answers: Path, *, level: float, new_labels: Sequence[str]) -> AnsweredCost | None:
    """Return what the answers cost, where the report has prices; rows that had a label it has priced itself."""
    from textdrift.label_answers import cost_from_labels, kept_cost

    document = json.loads(report.read_text(encoding="utf-8"))
    has_labels = bool(document["labels_to_ask"]["window"]["n_known"])
    if kept_cost(document) is None or has_labels or new_labels:  # nobody priced a label that is new
        return None
    return cost_from_labels(document, answers, level=level)


def _told(estimate: AnytimeEstimate, said: tuple[str, ...]) -> str:
    """Return the sentence, the last interval of each rate, whether the question is settled, and what a report said."""
    from textdrift.performance.answered_labels import OPEN

    rates = (
        ("judgements that are wrong", estimate.error_rate, "%"),
        ("if labels meant the same", estimate.expected, "%"),
        ("difference", estimate.difference, "points"),
    )
    lines = [estimate.sentence, ""]
    for title, rate, unit in rates:
        value, low, high = (100 * part for part in rate)
        ends = "" if low == high else f"  {low:.1f} to {high:.1f}"
        lines.append(f"  {title:<26}{value:6.1f} {unit:<6}{ends}".rstrip())
    # How many more it takes the sentence has said: twice would be two numbers to a reader.
    state = f"open after {_labels(estimate.n_answered)}"
    if estimate.settled != OPEN:
        state = f"settled after {_labels(estimate.settled_after or 0)}: {estimate.settled}"
    lines.append(f"  {state}")
    return "\n".join([*lines, *said, *estimate.notes])


def _said_by(report: Path, settled: str) -> tuple[str, ...]:
    """Return how the verdict of the report goes with the answers: they settle one question of the many that it has."""
    from textdrift.findings.phrases import listed
    from textdrift.performance.answered_labels import CHANGED, OPEN
    from textdrift.reports.visible_text import visible

    document = json.loads(report.read_text(encoding="utf-8"))
    diagnosis = document.get("diagnosis")
    kinds = list(diagnosis.get("kinds") or ()) if isinstance(diagnosis, dict) else []
    if document.get("verdict") != "drift" or not kinds:
        return ()
    if "concept" not in kinds:
        found = listed([_FOUND.get(kind, visible(str(kind))) for kind in kinds])
        return (f"The report found drift in {found}, and that stands: here it is only asked what labels mean.",)
    if settled == CHANGED:
        return ("The report found the same: labels changed their meaning.",)
    rest = (
        "what is open is how often the judgement is wrong for it"
        if settled == OPEN
        else "but over the whole window it makes too few judgements wrong to matter"
    )
    return (f"The report found that labels changed their meaning, and that stands; {rest}.",)


def _labels(number: int) -> str:
    return f"{number:,} {'label' if number == 1 else 'labels'}"


def _write_template(report: Path, path: Path) -> None:
    """Write the rows that the report asks about, in its order, with an empty column for the labels."""
    from textdrift.label_answers import estimate_from_labels

    # Reads the report with all its checks; without answers nothing is estimated from.
    estimate_from_labels(report, {})
    if path.exists():
        raise SettingsError(f"{str(path)!r} is there and may hold answers; name another file for --template")
    rows: list[dict[str, Any]] = json.loads(report.read_text(encoding="utf-8"))["labels_to_ask"]["rows"]
    _write_csv(path, [(row["row"], "", _cell(row["judged"]), _cell(row["reason"])) for row in rows])
    print_message(f"wrote {path}: {len(rows):,} rows of the current window to label, counted from 0", to_stdout=True)


def _write_csv(path: Path, rows: list[tuple[Any, ...]]) -> None:
    import csv

    try:
        with path.open("w", encoding="utf-8", newline="") as opened:
            writer = csv.writer(opened)
            writer.writerow(_COLUMNS)
            writer.writerows(rows)
    except OSError as error:
        raise SettingsError(f"{str(path)!r} cannot be written ({error.strerror}); name another file") from error


def _cell(value: object) -> str:
    """Return a text that a spreadsheet does not run: a label may come from anywhere, and nobody reads it back.

    >>> _cell("=1+1"), _cell("-1"), _cell("good")
    ("'=1+1", '-1', 'good')
    """
    text = str(value)
    return f"'{text}" if text.startswith(_FORMULA) and not _is_number(text) else text


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
