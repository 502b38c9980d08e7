"""The story of a flower classifier: too few flowers, enough of them, and a caliper that does not close."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from textdrift.comparing import compare
from textdrift.job import JobResult, run_job
from textdrift.job_config import read_job
from textdrift.label_answers import estimate_from_labels
from textdrift.stories.iris_data import IRIS_ROLES, Meadow, iris_meadow, measured_flowers
from textdrift.stories.story import StoryOutcome, Tell, Telling, begun_folder, job_for

__all__ = ["ACCEPTED", "FEW", "WEEK", "Titles", "run"]

ACCEPTED, WEEK, FEW = 400, 300, 8
"""Flowers that the classifier was accepted on, of a week, and of its first morning."""

_QUIET, _LONG, _FALLEN, _SET = (dt.date(2026, 3, 9) + dt.timedelta(weeks=week) for week in range(4))
_TOO_LONG: Final = {_QUIET: 0.0, _LONG: 0.2, _FALLEN: 0.5, _SET: 0.0}  # cm
_ASKED: Final = 100
_NO_TEST: Final[dict[str, Any]] = {"quality": {}}  # the plan needs none of the tests
_WEEKS, _SPECIES = "weeks", "species"
_MADE = ("accepted.parquet", "morning.parquet", "morning.html", "iris.yaml", _WEEKS, _SPECIES, "reports", "drift.db")


class Titles:
    """What the chapters are called."""

    few: Final = "Eight flowers on the first morning"
    quiet: Final = "A week of 300 flowers, measured as ever"
    long: Final = "A new caliper reads 2 mm too long"
    known: Final = "A week later the species are known"
    fallen: Final = "The caliper falls down: 5 mm"
    suffered: Final = "The species of that week are known"
    mended: Final = "The caliper is set right"


@dataclass(frozen=True, slots=True)
class _Weeks:
    """Writes the flowers of a week, and their species once a botanist has seen them."""

    folder: Path
    meadow: Meadow
    seed: int

    def flowers(self, date: dt.date) -> pa.Table:
        rng = np.random.default_rng([self.seed, date.toordinal()])
        return measured_flowers(self.meadow, WEEK, rng, too_long=_TOO_LONG[date], name=str(date))

    def measured(self, date: dt.date) -> None:
        _write(self.flowers(date).drop_columns(["species"]), self.folder / _WEEKS / f"{date}.parquet")

    def seen(self, date: dt.date) -> None:
        _write(self.flowers(date).select(["flower", "species"]), self.folder / _SPECIES / f"{date}.parquet")

    def asked(self, date: dt.date) -> str:
        """Ask for some species of a week, and say what the answers tell, long before all species are known."""
        flowers = self.flowers(date)
        place = flowers.column_names.index("species")
        unknown = flowers.set_column(place, "species", pa.nulls(len(flowers), pa.string()))
        report = compare(
            self.folder / "accepted.parquet",
            unknown,
            **IRIS_ROLES,
            labels_to_ask=_ASKED,
            tests=_NO_TEST,
            seed=self.seed,
        )
        rows = [row["row"] for row in report.to_dict()["labels_to_ask"]["rows"]]
        estimate = estimate_from_labels(report, {row: flowers["species"][row].as_py() for row in rows})
        value, low, high = (100 * share for share in estimate.error_rate)
        return (
            f"A botanist looks at the {len(rows)} flowers that the report asks for: of 100 answers of the classifier "
            f"about {value:.0f} are wrong ({low:.0f} to {high:.0f})."
        )


def run(folder: Path, seed: int, tell: Tell) -> StoryOutcome:
    """Tell the story of the flower classifier in a folder.

    Costs one comparison of eight flowers and seven of 300, each without a text: some ten seconds.

    Raises
    ------
    SettingsError
        When the folder holds files of others, or cannot be written to.
    """
    begun_folder(folder, "iris", _MADE)
    telling = Telling(tell)
    meadow = iris_meadow()
    rng = np.random.default_rng(seed)
    accepted = measured_flowers(meadow, ACCEPTED, rng, name="accepted")
    morning = measured_flowers(meadow, FEW, rng, name="morning")
    _write(accepted, folder / "accepted.parquet")
    _write(morning, folder / "morning.parquet")
    page = folder / "morning.html"
    report = compare(accepted, morning, **IRIS_ROLES, seed=seed)
    report.to_html(page)
    telling.chapter(Titles.few, report.summary, document=report.to_dict(), files=[page])

    weeks = _Weeks(folder, meadow, seed)
    job = job_for(folder, "iris")
    results = []
    for date in _TOO_LONG:
        weeks.measured(date)
        results.append(run_job(read_job(job), date=date))
        _tell_of(telling, date, results[-1], weeks)
        weeks.seen(date)
    return telling.outcome()


def _tell_of(telling: Telling, date: dt.date, result: JobResult, weeks: _Weeks) -> None:
    """Tell what one run of the job found: first of the week before, whose species have come, then of its own."""
    before = {_FALLEN: Titles.known, _SET: Titles.suffered}
    for labelled in result.labelled if date in before else ():
        said = f"{_accuracy(labelled.document)} {labelled.document['summary']}"
        telling.chapter(before[date], said, document=labelled.document, files=_pages(labelled))
    title = {_QUIET: Titles.quiet, _LONG: Titles.long, _FALLEN: Titles.fallen, _SET: Titles.mended}[date]
    said = str(result.document["summary"])
    if date == _LONG:
        said = f"{said} {_moved(result.document)} {weeks.asked(date)}"
    telling.chapter(title, said, document=result.document, files=_pages(result))


def _moved(document: Mapping[str, Any]) -> str:
    """Say how the columns that moved went from before to after."""
    columns = document["diagnosis"]["columns"]
    return " ".join(f"{row['column']} (of {100 * row['effect']:.0f} points): {row['direction']}." for row in columns)


def _accuracy(document: Mapping[str, Any]) -> str:
    """Say how often the classifier was right before and now, with the interval of the change."""
    rows = document["performance"]["measured"]["rows"]
    row = next(row for row in rows if row["metric"] == "accuracy" and row["label"] is None)
    before, now = (100 * row[side]["value"] for side in ("reference", "current"))
    change, low, high = (100 * row["change"][end] for end in ("value", "low", "high"))
    return (
        f"Right on {before:.0f} % of the flowers before and {now:.0f} % now: a change of {change:+.1f} points "
        f"({low:+.1f} to {high:+.1f})."
    )


def _pages(result: JobResult) -> list[Path]:
    return [path for path in result.files if path.suffix == ".html"]


def _write(table: pa.Table, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(table, path)
