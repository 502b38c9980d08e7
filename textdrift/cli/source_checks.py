"""The sources of a job and their columns, judged as a run judges them; no row is read where the format allows that."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from textdrift.cli.checks import Check
from textdrift.errors import MissingSourceError, TextdriftError, nearest_name

if TYPE_CHECKING:
    from textdrift.job_config import JobConfig

__all__ = ["source_checks"]

_LATER = "where labels come days later, add labels: {path: …, join: …}"


def source_checks(job: JobConfig, date: dt.date) -> Iterator[Check]:
    """Look whether the sources are there, and whether they have the columns that a run needs or goes on without.

    Parameters
    ----------
    job:
        The job, filled in for the date.
    date:
        The window's date, which a reference policy counts back from.
    """
    from textdrift.job.stages import columns_of_stage
    from textdrift.job.windows import roles_of

    label = columns_of_stage(job, "labelled").label
    roles = replace(roles_of(job), label=label)
    yield _stream(job) if job.stream is not None and job.current == "-" else _current(job)
    reference = _reference(job, date)
    if isinstance(reference, Check):
        yield reference
    else:
        yield _columns("reference", reference, roles.columns(), roles.text)
    if job.labels is not None and job.labels.path != "-":  # those of a stream come with its rows
        if label is None:
            yield Check("labels", "fault", "which column holds the label? name it as labels.label, or as columns.label")
        else:
            found = _columns("labels", job.labels.path, [job.labels.join, job.labels.label or label], None)
            yield Check("labels", "note", f"not there yet: {found.told}") if _is_missing(job.labels.path) else found


def _current(job: JobConfig) -> Check:
    """Look at the window that is judged: of most columns a run tells that they are missing, and goes on."""
    from textdrift.job.stages import columns_of_stage
    from textdrift.job.windows import roles_of
    from textdrift.windows.reading_both import spared_columns
    from textdrift.windows.source_columns import columns_of_source

    roles = replace(roles_of(job), label=columns_of_stage(job, "inputs").label)
    beside = [job.gate.challenger] if job.gate is not None and job.gate.challenger is not None else []
    beside += [job.labels.join] if job.labels is not None else []
    found = _columns("current", job.current, [*roles.columns(), *beside], roles.text)
    try:
        available = columns_of_source(job.current, roles.text)
    except (TextdriftError, OSError):
        return found
    missing = [column for column in roles.columns() if column not in available]
    if not missing or not set(beside) <= set(available):
        return found
    absent = spared_columns(job.current, roles, missing, available=available, known=())
    if not absent:
        return found
    hints = [f"{found.told}; a run tells of it and goes on without"]
    if job.labels is None and any(column.role == "label" for column in absent):
        hints.append(_LATER)
    return Check("current", "note", "; ".join(hints))


def _stream(job: JobConfig) -> Check:
    """Look whether a stream is there; nothing is read from it."""
    from textdrift.watching.sources import reached
    from textdrift.watching.watchable import check_watchable

    try:
        stream, _ = check_watchable(job)
        return Check("stream", "ok", job.hidden(reached(stream, job=job.name)))
    except TextdriftError as error:
        return Check("stream", "fault", job.hidden(str(error)))


def _reference(job: JobConfig, date: dt.date) -> Any:
    """Return the source of the reference, which a policy finds among earlier windows, or what is wrong with it."""
    from textdrift.job_config import ReferencePolicy

    if not isinstance(job.reference, ReferencePolicy):
        return job.reference
    from textdrift.job.references import reference_source
    from textdrift.job.windows import JobWindow

    try:
        return reference_source(JobWindow(date.isoformat(), date if job.is_dated else None, job))
    except TextdriftError as error:
        return Check("reference", "fault", str(error))


def _columns(name: str, source: Any, wanted: Sequence[str], text: str | None) -> Check:
    from textdrift.windows.source_columns import columns_of_source

    try:
        available = columns_of_source(source, text)
    except (TextdriftError, OSError) as error:
        return Check(name, "fault", str(error))
    missing = [column for column in dict.fromkeys(wanted) if column not in available]
    if missing:
        hints = "; ".join(f"no column {column!r}, {nearest_name(column, available)}" for column in missing)
        return Check(name, "fault", f"{_shown(source)}: {hints}")
    return Check(name, "ok", f"{_shown(source)}: {', '.join(dict.fromkeys(wanted))}")


def _shown(source: Any) -> str:
    if isinstance(source, Mapping):
        path = source.get("path")
        if isinstance(path, list):
            return f"{len(path)} files, the first {path[0]}" if len(path) > 1 else str(path[0])
        return "a query" if path is None else str(path)
    return str(source)


def _is_missing(source: Any) -> bool:
    from textdrift.windows.source_columns import columns_of_source

    try:
        columns_of_source(source, None)
    except MissingSourceError:
        return True
    except (TextdriftError, OSError):
        return False
    return False
