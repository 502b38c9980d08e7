"""What goes into the history and what comes out of it: runs, messages, failures."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any, Literal

from textdrift.errors import SettingsError, nearest_name

__all__ = ["STAGES", "Failure", "NewRun", "OutboxMessage", "PendingMessage", "Stage", "StoredRun", "checked_moment"]

Stage = Literal["inputs", "labelled"]

STAGES = ("inputs", "labelled")
"""A window is judged when it closes, and once more when its labels are there."""

_LONGEST_NAME = 255
_NEEDED = ("verdict", "passed", "summary", "diagnosis", "findings")


def _check_name(name: Any, what: str) -> None:
    if not isinstance(name, str) or not name or len(name) > _LONGEST_NAME:
        shown = repr(name) if len(repr(name)) <= _LONGEST_NAME else f"{repr(name)[:40]}… of {len(name)} characters"
        raise SettingsError(f"{what} must be a string of 1 to {_LONGEST_NAME} characters; got {shown}")


def checked_moment(moment: Any, what: str) -> dt.datetime:
    """Return a moment in UTC; one without a time zone is refused, since nobody knows when it was."""
    if not isinstance(moment, dt.datetime) or moment.tzinfo is None:
        raise SettingsError(f"{what} must be a datetime with a time zone, as datetime.now(UTC) is; got {moment!r}")
    return moment.astimezone(dt.UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewRun:
    """One judgement of one window, as the job hands it over.

    Attributes
    ----------
    job, window:
        What a run is known by: 1 to 255 characters each.
    stage:
        ``"inputs"`` when the window closed, ``"labelled"`` when its labels had arrived.
    date:
        The day the window is of; ``None`` where nothing in the job is dated.
    judged_at:
        When; with a time zone.
    alpha:
        The level of this run.
    exit_code:
        What the program ends with, and will end with when the window is asked for again.
    report:
        The dict of ``DriftReport.to_dict()``.
    report_folder:
        Where the files lie; ``None`` where none were written.

    Raises
    ------
    SettingsError
        When one of them is of another shape.
    """

    job: str
    window: str
    stage: Stage = "inputs"
    date: dt.date | None = None
    judged_at: dt.datetime
    alpha: float
    exit_code: int
    report: dict[str, Any]
    report_folder: str | None = None

    def __post_init__(self) -> None:
        """Check what the database could not say well."""
        _check_name(self.job, "the name of a job")
        _check_name(self.window, "the name of a window")
        if self.stage not in STAGES:
            raise SettingsError(f"no such stage: {self.stage!r}; {nearest_name(self.stage, STAGES)}")
        if self.date is not None and type(self.date) is not dt.date:
            raise SettingsError(f"date must be a datetime.date or None; got {self.date!r}")
        checked_moment(self.judged_at, "judged_at")
        missing = [key for key in _NEEDED if not isinstance(self.report, dict) or key not in self.report]
        if missing:
            raise SettingsError(f"the report lacks {missing}; give the dict of DriftReport.to_dict()")


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredRun:
    """One row of the history; its report is read by ``History.report(id)``."""

    id: int
    job: str
    window: str
    stage: Stage
    date: dt.date | None
    judged_at: dt.datetime
    alpha: float | None
    verdict: str
    passed: bool
    exit_code: int
    severity: str | None
    kinds: tuple[str, ...]
    summary: str
    report_folder: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxMessage:
    """A message that is to be sent; it is kept in the transaction of its run, so that neither is lost alone.

    Attributes
    ----------
    sink:
        A name of where it goes, without secrets.
    dedup_key, state:
        What a receiver tells a repeat by. One job sends one message of a key and a state to a sink, whatever happens.
    body:
        What is sent.
    """

    sink: str
    dedup_key: str
    state: str
    body: dict[str, Any]

    def __post_init__(self) -> None:
        """Check the names."""
        _check_name(self.sink, "the name of a sink")
        _check_name(self.dedup_key, "a dedup_key")
        _check_name(self.state, "the state of a message")


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingMessage:
    """A message that is due: not delivered yet, and not to wait longer."""

    id: int
    job: str
    sink: str
    dedup_key: str
    state: str
    body: dict[str, Any]
    attempts: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """A run that came to no verdict."""

    job: str
    window: str | None
    at: dt.datetime
    reason: str
