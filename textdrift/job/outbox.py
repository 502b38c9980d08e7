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

__all__ = ["Outgoing", "deliver_pending", "outgoing", "sinks_of", "tell_directly"]

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
        knew = heard.pop(_ENDS[event.state] + str(event.story), [])
        wanted = {name for name, alert in names.items() if event.state in alert.on or event.state == "recovered"}
        return tuple(name for name in names if name in knew and name in wanted)
    severe = [
        name
        for name, alert in names.items()
        if event.state in alert.on and (event.state == "error" or _reaches(observation.severity, alert.severity))
    ]
    if event.state in _BEGINNINGS:
        knew = heard.setdefault(_BEGINNINGS[event.state] + str(event.story), [])
        severe = [name for name in severe if name not in knew]
        knew += severe
    return tuple(severe)


_BEGINNINGS = {"firing": "drift ", "error": "error "}
_ENDS = {"resolved": "drift ", "recovered": "error "}


def _reaches(severity: str | None, least: str) -> bool:
    return severity is None or SEVERITIES.index(severity) >= SEVERITIES.index(least)


def sinks_of(alerts: Sequence[AlertConfig]) -> dict[str, AlertConfig]:
    """Return each sink under a name without secrets; two of one address are told apart by their place."""
    return {f"{place + 1} {sink_name(alert.url)}": alert for place, alert in enumerate(alerts)}


def deliver_pending(
    history: History, config: JobConfig, *, clock: Callable[[], dt.datetime], at_once: bool = False
) -> list[str]:
    """Hand every message that is due to its sink; return a sentence for each that could not be delivered.

    A sink that refuses is asked again after a moment; one that still fails, or hangs longer than its timeout, keeps its
    message and those behind it for a later run. With ``at_once`` all that waits is due: a run is rare, and whoever
    starts it by hand has mended something.
    """
    sinks, troubles = sinks_of(config.alerts), []
    waiting: set[str] = set()
    for pending, is_due in _waiting_messages(history, config, clock()):
        if pending.sink in waiting:  # the end of a story must not overtake its beginning
            continue
        alert = sinks.get(pending.sink)
        if alert is None:
            troubles.append(f"a message waits for {pending.sink!r}, which the job no longer names among its alerts")
            continue
        if not (is_due or at_once):
            waiting.add(pending.sink)
            continue
        try:
            _handed(alert, pending.body)
        except DeliveryError as error:
            pause = min(_LONGEST_PAUSE, _FIRST_PAUSE * 2 ** min(pending.attempts, _MOST_DOUBLINGS))
            reason, at = config.hidden(str(error)), clock()
            history.failed(pending.id, at, reason, at + pause)
            waiting.add(pending.sink)
            troubles.append(f"{reason}; the message is kept, and tried again at the next run")
        else:
            history.delivered(pending.id, clock())
    return troubles


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


def _handed(alert: AlertConfig, body: Mapping[str, Any]) -> None:
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


def tell_directly(config: JobConfig, window: str, reason: str, *, clock: Callable[[], dt.datetime]) -> list[str]:
    """Tell of a failure without a history to keep it: to every sink that asked for errors, once, now.

    Whoever runs the job again tells again, under the same deduplication key.
    """
    observation = Observation(
        window=window, at=clock(), drifted=False, severity=None, kinds=(), error=config.hidden(reason)
    )
    going_out = outgoing(config, None, observation, run=f"{config.name}/{window}", report=None, link=None)
    sinks, troubles = sinks_of(config.alerts), []
    for message in going_out.messages:
        try:
            _handed(sinks[message.sink], message.body)
        except DeliveryError as error:
            troubles.append(config.hidden(str(error)))
    return troubles
