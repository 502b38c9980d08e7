"""The alarm of a job: its windows and their late labels are watched apart, and make one story.

A window's inputs and its labels are judged on different nights, so each stage has a state of its own: quiet inputs must
not end an alarm that labels began, and a story is told once whichever of the two began it. It ends when both are quiet.
Whether labels can be read at all is a third state, told as failures are.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal, Self, TypeVar

from textdrift.alerts import AlertPolicy, AlertState, Event, Observation, StoryCourse, acknowledge, snooze, step
from textdrift.errors import SettingsError

__all__ = ["JobAlarm", "Track"]

Track = Literal["inputs", "labelled", "labels"]
"""Windows as they come, windows whose labels have come, and the reading of labels, which can but fail."""

_KEYS: Mapping[Track, str] = {"inputs": "machine", "labelled": "labelled", "labels": "labels"}
_GRAVEST_FIRST = ("firing", "warning", "resolved", "ok")
_MOMENT = dt.timedelta(microseconds=1)

Alarm = TypeVar("Alarm", bound="JobAlarm")


@dataclass(frozen=True, slots=True, kw_only=True)
class JobAlarm:
    """Where the alarm of a job stands, over all its tracks.

    Attributes
    ----------
    tracks:
        The state of each track.
    open_story:
        The story that was told to have begun and not to have ended; ``None`` where there is none.
    heard:
        By story: the sinks that were told of its beginning.
    course, ended:
        What the present story came to so far, and the one before it where its end has not been told yet.
    """

    tracks: Mapping[Track, AlertState] = field(default_factory=lambda: dict.fromkeys(_KEYS, AlertState()))
    open_story: str | None = None
    heard: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    course: StoryCourse | None = None
    ended: StoryCourse | None = None

    @property
    def status(self) -> str:
        """The gravest of its tracks."""
        return min((state.status for state in self.tracks.values()), key=_GRAVEST_FIRST.index)

    @property
    def story(self) -> str | None:
        """The story that is told, or else the one that may be."""
        waiting = (_named(state.story, track) for track, state in self.tracks.items() if state.story is not None)
        return self.open_story or next(waiting, None)

    @property
    def acknowledged(self) -> Mapping[str, str] | None:
        """Who looks after it since when; ``None`` where nobody does."""
        return next((state.acknowledged for state in self.tracks.values() if state.acknowledged is not None), None)

    @property
    def snoozed_until(self) -> dt.datetime | None:
        """Until when nothing is told."""
        return self.tracks["inputs"].snoozed_until

    def moved(
        self, observation: Observation, policy: AlertPolicy, track: Track = "inputs"
    ) -> tuple[Self, tuple[Event, ...]]:
        """Return the next state and what is to be told, as ``step`` does, one story over all tracks.

        A clock that went back makes nothing old: what was found out later counts as later.
        """
        before = self.tracks[track]
        if before.last_at is not None and observation.at <= before.last_at:
            observation = replace(observation, at=before.last_at + _MOMENT)
        after, events = step(before, observation, policy)
        alarm = _counted(replace(self, tracks={**self.tracks, track: after}), observation, track, was=before)
        told: list[Event] = []
        for event in events:
            alarm, of_job = _of_job(alarm, event, track)
            told += of_job
        alarm = _still_acknowledged(self, alarm)
        if _goes_on(self, alarm) and observation.drifted and after.last_at != before.last_at:
            told.append(_event("firing", str(alarm.open_story)))  # for a sink that waits for graver drift
        return alarm, tuple(told)

    def acknowledge(self, by: str, at: dt.datetime) -> Self:
        """Return the alarm with every story of it acknowledged.

        Raises
        ------
        SettingsError
            When there is no story.
        """
        if self.story is None:
            raise SettingsError(f"there is nothing to acknowledge: the alert is {self.status}")
        acknowledged = {
            track: state if state.story is None else acknowledge(state, by, at) for track, state in self.tracks.items()
        }
        return replace(self, tracks=acknowledged)

    def snooze(self, until: dt.datetime | None) -> Self:
        """Return the alarm that tells nothing until a time; ``None`` ends that."""
        return replace(self, tracks={track: snooze(state, until) for track, state in self.tracks.items()})

    def to_dict(self) -> dict[str, Any]:
        """Return plain values: first what readers want to know, then each track."""
        until = self.snoozed_until
        acknowledged = self.acknowledged
        return {
            "status": self.status,
            "story": self.story,
            "acknowledged": None if acknowledged is None else dict(acknowledged),
            "snoozed_until": None if until is None else until.isoformat(),
            "open_story": self.open_story,
            "told": {story: list(names) for story, names in self.heard.items()},
            "course": None if self.course is None else self.course.to_dict(),
            "ended": None if self.ended is None else self.ended.to_dict(),
            **{_KEYS[track]: state.to_dict() for track, state in self.tracks.items()},
        }

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any] | None) -> Self:
        """Take back what ``to_dict`` gave; nothing, and an empty table, are a new job.

        >>> JobAlarm.from_dict(None).status
        'ok'
        """
        held = stored or {}
        tracks = {track: AlertState.from_dict(held.get(key) or {}) for track, key in _KEYS.items()}
        heard = {story: tuple(names) for story, names in (held.get("told") or {}).items()}
        course, ended = (StoryCourse.from_dict(held.get(key)) for key in ("course", "ended"))
        return cls(tracks=tracks, open_story=held.get("open_story"), heard=heard, course=course, ended=ended)


def _of_job(alarm: Alarm, event: Event, track: Track) -> tuple[Alarm, tuple[Event, ...]]:
    """Return what an event of one track is to the job: the beginning and the end of a story are told once."""
    story = _named(event.story, track)
    if event.state in {"error", "recovered"}:
        return alarm, (replace(event, story=story, dedup_key=story + event.dedup_key.removeprefix(event.story)),)
    if event.state == "resolved":
        others = (state for name, state in alarm.tracks.items() if name != track)
        if any(state.status == "firing" and "firing" in state.told for state in others):
            return alarm, ()
        told = replace(_event("resolved", alarm.open_story or story), course=alarm.ended or alarm.course)
        return replace(alarm, open_story=None, ended=None), (told,)
    if alarm.open_story is not None:
        return alarm, ()
    return replace(alarm, open_story=story if event.state == "firing" else None), (_event(event.state, story),)


def _counted(alarm: Alarm, observation: Observation, track: Track, was: AlertState) -> Alarm:
    """Return the alarm whose course knows of one more window, and ends when every stage is quiet."""
    now = alarm.tracks[track]
    is_news = now.last_at != was.last_at and observation.error is None
    course = alarm.course
    if is_news and observation.drifted and now.story is not None:
        course = course or StoryCourse.begun(observation.window)
        course = course.grown(observation.window, observation.kinds, is_labelled=track == "labelled")
    if any(state.story is not None for state in alarm.tracks.values()):
        return replace(alarm, course=course)
    # One that was never told needs no end; one whose end fell into a snooze waits for it.
    ended = alarm.ended or (course if alarm.open_story is not None else None)
    return replace(alarm, course=None, ended=ended)


def _still_acknowledged(before: JobAlarm, after: Alarm) -> Alarm:
    """Return the alarm where another stage may have joined an acknowledged story: it is acknowledged with it."""
    given = before.acknowledged
    if given is None or after.open_story is None or after.open_story != before.open_story:
        return after
    tracks = {
        track: state if state.story is None else replace(state, acknowledged=given)
        for track, state in after.tracks.items()
    }
    return replace(after, tracks=tracks)


def _goes_on(before: JobAlarm, after: JobAlarm) -> bool:
    is_told = after.open_story is not None and after.open_story == before.open_story
    return is_told and after.acknowledged is None and after.snoozed_until is None


def _event(state: Any, story: str) -> Event:
    return Event(state, story, f"{story}/{state}")


def _named(story: str | None, track: Track) -> str:
    """Return the name of a story: those of labels share their windows with those of inputs."""
    return str(story) if track == "inputs" else f"{story}/{track}"
