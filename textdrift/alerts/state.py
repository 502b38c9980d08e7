"""What an alert remembers between two windows, and what it is told of each.

A story is one job's drift, all kinds together, from the window it began with to the window it was gone. A run of
failures is another story. Of each story there is one message when it begins and one when it ends, and none between.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Self, get_args

from textdrift.alerts.story_course import StoryCourse
from textdrift.errors import SettingsError

__all__ = ["AlertPolicy", "AlertState", "Event", "EventState", "FailureStory", "Observation", "Status", "checked_time"]

Status = Literal["ok", "warning", "firing", "resolved"]
EventState = Literal["warning", "firing", "resolved", "error", "recovered"]

_STATUSES: tuple[Status, ...] = get_args(Status)


def checked_time(moment: object, what: str) -> dt.datetime:
    """Return a moment in UTC; one without a time zone is refused, since nobody knows when it was.

    >>> checked_time(dt.datetime(2026, 11, 26, 1, tzinfo=dt.timezone(dt.timedelta(hours=1))), "at").isoformat()
    '2026-11-26T00:00:00+00:00'
    """
    if not isinstance(moment, dt.datetime) or moment.tzinfo is None:
        raise SettingsError(f"{what} must be a datetime with a time zone, as datetime.now(UTC) is; got {moment!r}")
    return moment.astimezone(dt.UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertPolicy:
    """When an alarm begins and ends.

    Attributes
    ----------
    drifted, of:
        N of the last M windows drifted: an alarm begins. Fewer, but one at least, are a warning.
    resolve_after:
        So many windows in a row without drift end it. A window that is inconclusive counts neither way.
    cool_down:
        So long after an alarm's end no new one is told. The state moves; an alarm that outlasts the time is told late.

    Examples
    --------
    >>> AlertPolicy(drifted=3, of=2)
    Traceback (most recent call last):
    textdrift.errors.SettingsError: 3 of the last 2 windows cannot drift; raise `of` to 3
    """

    drifted: int = 1
    of: int = 1
    resolve_after: int = 1
    cool_down: dt.timedelta = dt.timedelta(0)

    def __post_init__(self) -> None:
        for name in ("drifted", "of", "resolve_after"):
            value = getattr(self, name)
            if not isinstance(value, int) or isinstance(value, bool) or value < 1:
                raise SettingsError(f"{name} must be a whole number of windows, at least 1; got {value!r}")
        if self.drifted > self.of:
            raise SettingsError(
                f"{self.drifted} of the last {self.of} windows cannot drift; raise `of` to {self.drifted}"
            )
        if not isinstance(self.cool_down, dt.timedelta) or self.cool_down < dt.timedelta(0):
            raise SettingsError(f"cool_down must be a timedelta that is not negative; got {self.cool_down!r}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """What a run found out about one window.

    Attributes
    ----------
    window:
        Its name: a date, a UTC time or a fingerprint.
    at:
        When this was found out; with a time zone.
    drifted:
        The verdict; ``None`` where the window was too small to tell, which neither begins nor ends an alarm.
    severity, kinds:
        Of the report.
    error:
        Why the run failed; the window was then not judged.
    """

    window: str
    at: dt.datetime
    drifted: bool | None = None
    severity: str | None = None
    kinds: tuple[str, ...] = ()
    error: str | None = None

    def __post_init__(self) -> None:
        if not isinstance(self.window, str) or not self.window:
            raise SettingsError(f"a window needs a name to be told from others; got {self.window!r}")
        object.__setattr__(self, "at", checked_time(self.at, "at"))


@dataclass(frozen=True, slots=True)
class Event:
    """Something that sinks are to be told.

    Attributes
    ----------
    state:
        ``warning``, ``firing`` and ``resolved`` are of drift, ``error`` and ``recovered`` of failed runs.
    story:
        The window that the story began with.
    dedup_key:
        The same whenever this event is told again, so that a receiver can drop a repeat; another for every other event
        of the job. Jobs share keys: ``message_of`` puts the job's name before it.
    course:
        Of a story that ends: what it came to, where that is known.
    """

    state: EventState
    story: str
    dedup_key: str
    course: StoryCourse | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FailureStory:
    """A run of failures.

    Attributes
    ----------
    window:
        The first window that failed.
    number:
        Its place among all of the job: a name may fail again, since windows without a date share the name ``current``.
    is_open, is_told:
        Whether it goes on, and whether its beginning was sent.
    """

    window: str
    number: int = 1
    is_open: bool = True
    is_told: bool = False

    @property
    def key(self) -> str:
        """What both events of the story have in their keys."""
        return f"{self.window}/failed" if self.number == 1 else f"{self.window}/failed/{self.number}"


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertState:
    """Where the alert of one job stands; pass it on as it is, ``step`` makes the next one.

    Attributes
    ----------
    status:
        ``ok``, ``warning``, ``firing``, or ``resolved`` in the window that ended an alarm.
    story:
        The first drifted window of the present story; ``None`` where there is none.
    told:
        What of the present story was sent: ``warning``, ``firing``.
    recent:
        Whether the last windows drifted, oldest first; those of an earlier story do not count.
    quiet:
        Windows without drift in a row.
    last_window, seen, last_at:
        The newest window with a date, the last ones without, and when the last one was judged: none moves it twice.
    acknowledged:
        ``{"by": who, "at": when}``: of this story only the end is still told.
    snoozed_until:
        Until then nothing is told.
    resolved_at:
        When the last told alarm ended, for the cool-down.
    failure:
        The last run of failures.
    owed:
        Ends of told stories that fell into a snooze; they are told after it.
    """

    status: Status = "ok"
    story: str | None = None
    told: tuple[EventState, ...] = ()
    recent: tuple[bool, ...] = ()
    quiet: int = 0
    last_window: str | None = None
    seen: tuple[str, ...] = ()
    last_at: dt.datetime | None = None
    acknowledged: Mapping[str, str] | None = None
    snoozed_until: dt.datetime | None = None
    resolved_at: dt.datetime | None = None
    failure: FailureStory | None = None
    owed: tuple[Event, ...] = field(default=())

    def to_dict(self) -> dict[str, Any]:
        """Return the state as plain values that JSON can hold."""
        failure = self.failure
        return {
            "status": self.status,
            "story": self.story,
            "told": list(self.told),
            "recent": list(self.recent),
            "quiet": self.quiet,
            "last_window": self.last_window,
            "seen": list(self.seen),
            "last_at": _written(self.last_at),
            "acknowledged": None if self.acknowledged is None else dict(self.acknowledged),
            "snoozed_until": _written(self.snoozed_until),
            "resolved_at": _written(self.resolved_at),
            "failure": None
            if failure is None
            else {
                "window": failure.window,
                "number": failure.number,
                "is_open": failure.is_open,
                "is_told": failure.is_told,
            },
            "owed": [{"state": event.state, "story": event.story, "dedup_key": event.dedup_key} for event in self.owed],
        }

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> Self:
        """Take back what ``to_dict`` gave; an empty table is a new job, and keys of later versions are passed over.

        Raises
        ------
        SettingsError
            When it is no state.

        Examples
        --------
        >>> AlertState.from_dict({"status": "firing", "story": "2026-11-25", "colour": "red"}).story
        '2026-11-25'
        """
        try:
            return cls(**_read(stored))
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise SettingsError(
                f"the stored state of an alert cannot be read ({error}); start it anew from {{}}"
            ) from error


def _written(moment: dt.datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()


def _moment(text: str | None) -> dt.datetime | None:
    return None if text is None else checked_time(dt.datetime.fromisoformat(text), "a stored time")


def _read(stored: Mapping[str, Any]) -> dict[str, Any]:
    status = stored.get("status", "ok")
    if status not in _STATUSES:
        raise ValueError(f"its status is {status!r}")
    failure, acknowledged = stored.get("failure"), stored.get("acknowledged")
    return {
        "status": status,
        "story": stored.get("story"),
        "told": tuple(stored.get("told", ())),
        "recent": tuple(bool(drifted) for drifted in stored.get("recent", ())),
        "quiet": int(stored.get("quiet", 0)),
        "last_window": stored.get("last_window"),
        "seen": tuple(stored.get("seen", ())),
        "last_at": _moment(stored.get("last_at")),
        "acknowledged": None if acknowledged is None else dict(acknowledged),
        "snoozed_until": _moment(stored.get("snoozed_until")),
        "resolved_at": _moment(stored.get("resolved_at")),
        "failure": None
        if failure is None
        else FailureStory(**{name: failure[name] for name in ("window", "number", "is_open", "is_told")}),
        "owed": tuple(Event(event["state"], event["story"], event["dedup_key"]) for event in stored.get("owed", ())),
    }
