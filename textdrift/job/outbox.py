"""From a judged window to messages that nobody loses: the alert's next state, who is told, and what was not delivered.

Messages are written in the transaction that records the run, and handed to their sinks after it. A run that is killed
between the two leaves them in the history, and the next one delivers them under the same deduplication key.
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from textdrift.alerts import AlertPolicy, Event, Observation, deliver, message_of, sink_name
from textdrift.errors import DeliveryError
from textdrift.findings.severity import SEVERITIES
from textdrift.history import History, OutboxMessage, PendingMessage
from textdrift.job.alarm import JobAlarm, Track
from textdrift.job_config import AlertConfig, JobConfig

__all__ = ["Delivery", "Outgoing", "deliver_pending", "handed", "heard_of_drift", "outgoing", "shown_name", "sinks_of"]

_FIRST_PAUSE = dt.timedelta(seconds=30)
_LONGEST_PAUSE = dt.timedelta(hours=1)
_MOST_DOUBLINGS = 8
_SECONDS_BETWEEN = (0.5, 2.0)
_THE_END = dt.datetime(9999, 1, 1, tzinfo=dt.UTC)


@dataclass(frozen=True, slots=True)
class Outgoing:
    """What a run adds to the history for the alerts of its job."""

    state: dict[str, Any]
    messages: tuple[OutboxMessage, ...]


def outgoing(
    config: JobConfig,
    stored: Mapping[str, Any] | None,
    observation: Observation,
    *,
    run: str,
    report: Mapping[str, Any] | None,
    link: str | None,
    track: Track = "inputs",
) -> Outgoing:
    """Return the alert's next state and one message for each sink that is to be told."""
    policy = AlertPolicy(
        drifted=config.alert_policy.drifted,
        of=config.alert_policy.of,
        resolve_after=config.alert_policy.resolve_after,
        cool_down=dt.timedelta(hours=config.alert_policy.cool_down_hours),
    )
    alarm, events = JobAlarm.from_dict(stored).moved(observation, policy, track)
    heard = {story: list(names) for story, names in alarm.heard.items()}
    messages: list[OutboxMessage] = []
    for event in events:
        body = _message(config, event, observation, run=run, report=report, link=link)
        names = _told_of(config, event, observation, heard)
        messages += [
            OutboxMessage(sink=name, dedup_key=str(body["dedup_key"]), state=event.state, body=body) for name in names
        ]
    alarm = replace(alarm, heard={story: tuple(names) for story, names in heard.items()})
    return Outgoing(alarm.to_dict(), tuple(messages))


def _message(
    config: JobConfig,
    event: Event,
    observation: Observation,
    *,
    run: str,
    report: Mapping[str, Any] | None,
    link: str | None,
) -> dict[str, Any]:
    team = config.playbook or {}
    return message_of(
        event,
        job=config.name,
        window=observation.window,
        run=run,
        report=report,
        owner=team.get("owner"),
        runbook=team.get("runbook"),
        link=link,
        error=observation.error,
    )


def _told_of(config: JobConfig, event: Event, observation: Observation, heard: dict[str, list[str]]) -> tuple[str, ...]:
    """Return the sinks of an event: who heard that a story began hears that it ended, and nobody else."""
    names = sinks_of(config.alerts)
    if event.state in _ENDS:
        told = {_present_name(sink, names) for sink in heard.pop(_ENDS[event.state] + str(event.story), [])}
        wanted = {name for name, alert in names.items() if event.state in alert.on or event.state == "recovered"}
        return tuple(name for name in names if name in told and name in wanted)
    severe = [
        name
        for name, alert in names.items()
        if event.state in alert.on and (event.state == "error" or _reaches(observation.severity, alert.severity))
    ]
    if event.state in _BEGINNINGS:
        knew = heard.setdefault(_BEGINNINGS[event.state] + str(event.story), [])
        known = {_present_name(sink, names) for sink in knew}
        severe = [name for name in severe if name not in known]
        knew += severe
    return tuple(severe)


def heard_of_drift(config: JobConfig, alarm: JobAlarm) -> set[str]:
    """Return the sinks of a job that were told, or are to be told, that the present story began."""
    names = sinks_of(config.alerts)
    heard = {_present_name(sink, names) for sink in alarm.heard.get(f"drift {alarm.open_story}", ())}
    return {name for name in heard if name is not None}


_BEGINNINGS = {"firing": "drift ", "error": "error "}
_ENDS = {"resolved": "drift ", "recovered": "error "}


def _reaches(severity: str | None, least: str) -> bool:
    return severity is None or SEVERITIES.index(severity) >= SEVERITIES.index(least)


def sinks_of(alerts: Sequence[AlertConfig]) -> dict[str, AlertConfig]:
    """Return each sink under a name without secrets; two of one address are told apart by their place."""
    return {f"{place + 1} {sink_name(alert.url)}": alert for place, alert in enumerate(alerts)}


def shown_name(sink: str) -> str:
    """Return the name of a sink without its place among the alerts.

    >>> shown_name("2 json://localhost:8099")
    'json://localhost:8099'
    """
    return sink.partition(" ")[2]


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """What became of the messages that waited.

    Attributes
    ----------
    arrived:
        The state and the sink of each message that was taken.
    waiting:
        The same of each that is kept for a later run.
    troubles:
        A sentence for each that could not be delivered.
    """

    arrived: tuple[tuple[str, str], ...] = ()
    waiting: tuple[tuple[str, str], ...] = ()
    troubles: tuple[str, ...] = ()


def deliver_pending(
    history: History, config: JobConfig, *, clock: Callable[[], dt.datetime], at_once: bool = False
) -> Delivery:
    """Hand every message that is due to its sink; return what became of each.

    A sink that refuses is asked again after a moment; one that still fails, or hangs longer than its timeout, keeps its
    message and those behind it for a later run. With ``at_once`` all that waits is due: a run is rare, and whoever
    starts it by hand has mended something. What waits for a sink that the job no longer names is given up, once.
    """
    sinks = sinks_of(config.alerts)
    troubles: list[str] = []
    arrived: list[tuple[str, str]] = []
    waiting: list[tuple[str, str]] = []
    given_up: dict[str, int] = {}
    for pending, is_due in _waiting_messages(history, config, clock()):
        name = _present_name(pending.sink, sinks)
        if name is None:
            history.given_up(pending.id, "the job no longer names this sink")
            given_up[pending.sink] = given_up.get(pending.sink, 0) + 1
            continue
        told = (pending.state, name)
        # The end of a story must not overtake its beginning.
        if name in {sink for _, sink in waiting} or not (is_due or at_once):
            waiting.append(told)
            continue
        try:
            handed(sinks[name], pending.body)
        except DeliveryError as error:
            pause = min(_LONGEST_PAUSE, _FIRST_PAUSE * 2 ** min(pending.attempts, _MOST_DOUBLINGS))
            reason, at = config.hidden(str(error)), clock()
            history.failed(pending.id, at, reason, at + pause)
            waiting.append(told)
            troubles.append(f"{reason}; the message is kept, and tried again at the next run")
        else:
            history.delivered(pending.id, clock())
            arrived.append(told)
    for sink, n in given_up.items():
        what = "a message is" if n == 1 else f"{n} messages are"
        troubles.append(f"{what} given up: the job no longer names {shown_name(sink)} among its alerts")
    return Delivery(arrived=tuple(arrived), waiting=tuple(waiting), troubles=tuple(troubles))


def _present_name(sink: str, sinks: Mapping[str, AlertConfig]) -> str | None:
    """Return what a sink is called by now: its place among the alerts may have changed; ``None`` where it has left."""
    if sink in sinks:
        return sink
    alike = [name for name in sinks if shown_name(name) == shown_name(sink)]
    return alike[0] if len(alike) == 1 else None


def _waiting_messages(history: History, config: JobConfig, now: dt.datetime) -> list[tuple[PendingMessage, bool]]:
    """Return every message that was not delivered, first come first, and whether it is due.

    One that is put off for longer than any pause was put off by a clock that has gone back since: it is due.
    """
    kept = history.pending(config.name, now=_THE_END)
    if not kept:
        return []
    put_off = {message.id for message in history.pending(config.name, now=now + _LONGEST_PAUSE)}
    put_off -= {message.id for message in history.pending(config.name, now=now)}
    return [(message, message.id not in put_off) for message in kept]


def handed(alert: AlertConfig, body: Mapping[str, Any]) -> None:
    """Hand a message to a sink; a night is long, so a refusal is not taken at its first word."""
    for pause in (*_SECONDS_BETWEEN, None):
        began = time.monotonic()
        try:
            deliver(alert.url, body, timeout=alert.timeout)
        except DeliveryError:
            if pause is None or time.monotonic() - began > alert.timeout / 2:  # a sink that hangs had its time
                raise
            time.sleep(pause)
        else:
            return
