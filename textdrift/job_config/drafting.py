"""A first job file for a data file: commented, and fit to run as it is."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePath

import pyarrow as pa
import pyarrow.compute as pc

from textdrift.errors import UnreadableSourceError
from textdrift.job_config.dated_paths import DatedPath, dated_path, nightly_beside
from textdrift.job_config.guessing import GuessedRoles, guess_roles
from textdrift.job_config.quoting import quoted
from textdrift.reports.visible_text import visible
from textdrift.windows.csv_files import other_delimiter
from textdrift.windows.reading import read_table
from textdrift.windows.source_types import is_without_types
from textdrift.windows.time_column import times_of

__all__ = ["Draft", "draft_job", "drafted_job"]

_LEAST_SIDE = 0.2  # of the rows, on each side of the time that parts the two windows
_EXPLAINED = {
    "text": "the texts",
    "label": "the true labels",
    "prediction": "what the model said",
    "time": "when a row came",
    "id": "what tells a row from all others",
    "group": "author, session or thread: rows of one group are not independent",
    "embeddings": "vectors, instead of encoding the texts",
}


@dataclass(frozen=True, slots=True)
class Draft:
    """A first job file.

    Attributes
    ----------
    text:
        The file.
    told:
        Each guess, in words.
    date:
        The date in the name of the data, where the job is dated by it.
    """

    text: str
    told: tuple[str, ...]
    date: dt.date | None


def draft_job(data: str, *, text: str | None = None) -> str:
    """Return a job file for a data file, see ``drafted_job``."""
    return drafted_job(data, text=text).text


def drafted_job(data: str, *, text: str | None = None) -> Draft:
    """Return a job file for a data file, and what was guessed for it.

    Where the name of the file holds a date, the job is a nightly one: its files have that name with other dates, and
    this one is the reference. Else, where the rows have times, the earlier part of them is the reference and the later
    part the current window, so that the file runs at once; else both windows are the whole file until another is named.

    Parameters
    ----------
    data:
        Path or URL of the rows.
    text:
        The column of the texts, where the guess is wrong.

    Raises
    ------
    WindowError
        When the data cannot be read.
    SettingsError
        When no column looks like texts, or anything else to compare.
    """
    table = read_table(data)
    if text not in table.column_names:
        _refuse_other_delimiter(data, table)
    roles, dated = guess_roles(table, text=text), dated_path(data)
    name = _name_of(data, dated)
    windows = _windows(data, table, roles) if dated is None else _nightly_windows(data, dated)
    lines = [*_head(name, dated), *windows, *_columns(roles), *_rest(name, roles)]
    told = tuple(roles.told())
    if dated is not None:
        told = (f"guessed current: {dated.template} (the date in the name of the file)", *told)
    return Draft("\n".join(lines) + "\n", told, None if dated is None else dated.date)


def _refuse_other_delimiter(data: str, table: pa.Table) -> None:
    delimiter = "\t" if ".tsv" in PurePath(data.partition("?")[0]).suffixes else ","
    other = other_delimiter(table.column_names, delimiter) if is_without_types(table) else None
    if other is not None:
        raise UnreadableSourceError(f"the file has one column, {table.column_names[0]!r}: {other}")


def _name_of(data: str, dated: DatedPath | None) -> str:
    """Return a name for the job: that of the file without its date, or of its folder."""
    plain = data.partition("?")[0]
    path = PurePath(plain if dated is None else dated.without())
    for part in (path.name.partition(".")[0], path.parent.name):
        name = re.sub(r"[^A-Za-z0-9]+", "-", part).strip("-")
        if name:
            return name
    return "job" if dated is None else "nightly"


def _head(name: str, dated: DatedPath | None) -> Iterator[str]:
    yield "# Written by `textdrift init`. Look over the guesses, then:"
    yield "#"
    yield "#     textdrift validate JOB    keys, files, columns, history and sinks; loads no model"
    yield "#     textdrift run JOB         exit 0 passed, 1 failed, 2 error, 3 inconclusive"
    yield "#"
    if dated is not None:
        yield "# Both take yesterday's window in UTC; --date 2026-11-25 is for another."
    yield "# Relative paths count from the working directory. ${NAME} in a value is taken from the environment."
    yield f"name: {quoted(name)}"
    yield ""


def _nightly_windows(data: str, dated: DatedPath) -> Iterator[str]:
    yield "# What each window is compared with: this file; or the last windows, which follow what changes by and by."
    yield f"reference: {{path: {quoted(data)}}}"
    yield "# reference: {policy: trailing, windows: 28}"
    yield "# The window that is judged, a file a day; guessed: the date in the name of the file."
    yield f"current: {{path: {dated.quoted()}}}"
    yield ""


def _windows(data: str, table: pa.Table, roles: GuessedRoles) -> Iterator[str]:
    path = quoted(data)
    parted = _parting_time(table, roles)
    if parted is None:
        yield "# Both windows are this file, for a first look: nothing can have drifted. Name your windows."
        yield f"reference: {{path: {path}}}"
        yield f"current: {{path: {path}}}"
    else:
        yield "# The earlier rows of the file against the later ones, for a first look."
        yield f"reference: {{path: {path}, end: {quoted(parted)}}}"
        yield f"current: {{path: {path}, start: {quoted(parted)}}}"
    yield "# For a nightly job, a file a day, the date in its name; and the reference fixed, or the last windows:"
    yield f"# current: {{path: {nightly_beside(data)}}}"
    yield "# reference: {policy: trailing, windows: 28}"
    yield ""


def _columns(roles: GuessedRoles) -> Iterator[str]:
    yield "# Which column plays which part; take out what is wrong. What is not sure is a comment."
    yield "columns:"
    if "text" not in roles.single:
        yield "  text: null  # no column looks like texts"
    for role, explained in _EXPLAINED.items():
        if role in roles.single:
            yield f"  {role}: {quoted(roles.single[role])}  # {explained}; guessed: {roles.reasons[role]}"
        elif role in roles.unsure:
            column, reason = roles.unsure[role]
            yield f"  # {role}: {quoted(column)}  # {explained}; not sure: {reason}"
    if roles.probabilities:
        pairs = ", ".join(f"{quoted(label)}: {quoted(column)}" for label, column in roles.probabilities.items())
        yield f"  probabilities: {{{pairs}}}  # guessed: {roles.reasons['probabilities']}"
    for role, columns, explained in (
        ("segments", roles.segments, "where drift is looked for"),
        ("features", roles.features, "compared too"),
    ):
        if columns:
            listed = ", ".join(map(quoted, columns))
            yield f"  {role}: [{listed}]  # {explained}; guessed: {roles.reasons[role]}"
    yield from (f"  # {visible(sentence)}" for sentence in roles.left_out)
    yield ""


def _rest(name: str, roles: GuessedRoles) -> Iterator[str]:
    if "embeddings" not in roles.single and "text" in roles.single:
        yield "# The model that the texts are encoded with."
        yield "encoder: {model: sentence-transformers/all-MiniLM-L6-v2, device: auto}"
        yield ""
    yield "# The promise: false alarms a year when nothing drifts, over so many windows."
    yield "budget: {false_alarms_per_year: 2, windows_per_year: 365}"
    yield ""
    yield "# Where runs are remembered, and where reports go: FOLDER/<window>/report.*"
    yield f"history: sqlite:///{name}.db"
    yield f"report: {{folder: {quoted('reports/' + name)}, formats: [html, json]}}"
    yield ""
    yield "# Kinds of drift that make a run fail."
    yield "gate: {fail_on: any}"
    yield ""
    yield "# Who is told; any address that Apprise knows."
    yield "# alerts:"
    yield '#   - {url: "slack://${SLACK_TOKEN}/#drift", on: [firing, resolved, error]}'


def _parting_time(table: pa.Table, roles: GuessedRoles) -> str | None:
    """Return the time that parts the rows into an earlier and a later window, at midnight where that can be."""
    column = roles.single.get("time")
    if column is None:
        return None
    times = times_of(table.column(column), column)
    if times.null_count or not len(times):
        return None
    middle = pc.quantile(times.cast(pa.int64()), q=0.5, interpolation="nearest")[0].as_py()
    at = pa.scalar(int(middle), pa.int64()).cast(times.type).as_py()
    for candidate in (at.replace(hour=0, minute=0, second=0, microsecond=0), at):
        later = pc.sum(pc.greater_equal(times, pa.scalar(candidate, times.type)).cast(pa.int64())).as_py()
        if _LEAST_SIDE <= later / len(times) <= 1 - _LEAST_SIDE:
            return _iso(candidate)
    return None


def _iso(time: dt.datetime) -> str:
    return time.isoformat().replace("+00:00", "Z")
