"""A first job file for a data file: commented, and fit to run as it is."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Iterator
from pathlib import PurePath
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from textdrift.job_config.guessing import GuessedRoles, guess_roles
from textdrift.windows.reading import read_table
from textdrift.windows.time_column import times_of

__all__ = ["draft_job"]

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


def draft_job(data: str, *, text: str | None = None) -> str:
    """Return a job file for a data file.

    Where the rows have times, the earlier part of them is the reference and the later part the current window, so that
    the file runs at once; else both windows are the whole file until another is named.

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
        When no column looks like texts.
    """
    table = read_table(data)
    roles = guess_roles(table, text=text)
    name = re.sub(r"[^A-Za-z0-9]+", "-", PurePath(data.partition("?")[0]).name.partition(".")[0]).strip("-") or "job"
    return "\n".join([*_head(name), *_windows(data, table, roles), *_columns(roles), *_rest(name, roles)]) + "\n"


def _head(name: str) -> Iterator[str]:
    yield "# Written by `textdrift init`. Look over the guesses, then:"
    yield "#"
    yield "#     textdrift validate JOB    keys, files, columns, history and sinks; loads no model"
    yield "#     textdrift run JOB         exit 0 passed, 1 failed, 2 error, 3 inconclusive"
    yield "#"
    yield "# Relative paths count from the working directory. ${NAME} in a value is taken from the environment."
    yield f"name: {_quoted(name)}"
    yield ""


def _windows(data: str, table: pa.Table, roles: GuessedRoles) -> Iterator[str]:
    path = _quoted(data)
    parted = _parting_time(table, roles)
    if parted is None:
        yield "# Both windows are this file, for a first look: nothing can have drifted. Name your windows."
        yield f"reference: {{path: {path}}}"
        yield f"current: {{path: {path}}}"
    else:
        yield "# The earlier rows of the file against the later ones, for a first look."
        yield f"reference: {{path: {path}, end: {_quoted(parted)}}}"
        yield f"current: {{path: {path}, start: {_quoted(parted)}}}"
    yield "# For a nightly job, a file a day, the date in its name; and the reference fixed, or the last windows:"
    yield '# current: {path: "data/{{ date }}.parquet"}'
    yield "# reference: {policy: trailing, windows: 28}"
    yield ""


def _columns(roles: GuessedRoles) -> Iterator[str]:
    yield "# Which column plays which part; take out what is wrong."
    yield "columns:"
    for role, explained in _EXPLAINED.items():
        if role not in roles.single:
            continue
        yield f"  {role}: {_quoted(roles.single[role])}  # {explained}; guessed: {roles.reasons[role]}"
    if roles.probabilities:
        pairs = ", ".join(f"{_quoted(label)}: {_quoted(column)}" for label, column in roles.probabilities.items())
        yield f"  probabilities: {{{pairs}}}  # guessed: {roles.reasons['probabilities']}"
    if roles.segments:
        listed = ", ".join(map(_quoted, roles.segments))
        yield f"  segments: [{listed}]  # where drift is looked for; guessed: {roles.reasons['segments']}"
    yield ""


def _rest(name: str, roles: GuessedRoles) -> Iterator[str]:
    if "embeddings" not in roles.single:
        yield "# The model that the texts are encoded with."
        yield "encoder: {model: sentence-transformers/all-MiniLM-L6-v2, device: auto}"
        yield ""
    yield "# The promise: false alarms a year when nothing drifts, over so many windows."
    yield "budget: {false_alarms_per_year: 2, windows_per_year: 365}"
    yield ""
    yield "# Where runs are remembered, and where reports go: FOLDER/<window>/report.*"
    yield f"history: sqlite:///{name}.db"
    yield f"report: {{folder: {_quoted('reports/' + name)}, formats: [html, json]}}"
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


def _quoted(value: Any) -> str:
    """Return a value as YAML holds it, its braces kept from being filled in."""
    text = str(value).replace("${", "$${").replace("{{", "{{ '{{' }}")
    return text if re.fullmatch(r"[A-Za-z][A-Za-z0-9_./-]*", text) and text.lower() not in _WORDS else json.dumps(text)


_WORDS = ("true", "false", "yes", "no", "on", "off", "null", "y", "n")
