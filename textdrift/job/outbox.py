"""From a judged window to messages that nobody loses: the alert's next state, who is told, and what was not delivered.

Messages are written in the transaction that records the run, and handed to their sinks after it. A run that is killed
between the two leaves them in the history, and the next one delivers them under the same deduplication key.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from textdrift.alerts import AlertPolicy, AlertState, Event, Observation, deliver, message_of, sink_name, step
from textdrift.errors import DeliveryError
from textdrift.findings.severity import SEVERITIES
from textdrift.history import History, OutboxMessage
from textdrift.job_config import AlertConfig, JobConfig

__all__ = ["Outgoing", "deliver_pending", "outgoing", "sinks_of", "tell_directly"]

_FIRST_PAUSE = dt.timedelta(seconds=30)
_LONGEST_PAUSE = dt.timedelta(hours=1)
_MOST_DOUBLINGS = 8


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
) -> Outgoing:
    """Return the alert's next state and one message for each sink that is to be told."""
    policy = AlertPolicy(
        drifted=config.alert_policy.drifted,
        of=config.alert_policy.of,
        resolve_after=config.alert_policy.resolve_after,
        cool_down=dt.timedelta(hours=config.alert_policy.cool_down_hours),
    )
    held = dict(stored or {})
    before = AlertState.from_dict(held.get("machine") or {})
    told: dict[str, list[str]] = {key: list(names) for key, names in (held.get("told") or {}).items()}
    after, events = step(before, observation, policy)
    grown = _grown(before, after, observation)
    messages: list[OutboxMessage] = []
    for event in (*events, *grown):
        body = _message(config, event, observation, run=run, report=report, link=link)
        names = _told_of(config, event, observation, told)
        messages += [
            OutboxMessage(sink=name, dedup_key=str(body["dedup_key"]), state=event.state, body=body) for name in names
        ]
    return Outgoing({"machine": after.to_dict(), "told": told}, tuple(messages))


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


def _told_of(config: JobConfig, event: Event, observation: Observation, told: dict[str, list[str]]) -> tuple[str, ...]:
    """Return the sinks of an event: who heard that a story began hears that it ended, and nobody else."""
    names = sinks_of(config.alerts)
    if event.state in _ENDS:
        heard = told.pop(_ENDS[event.state] + str(event.story), [])
        wanted = {name for name, alert in names.items() if event.state in alert.on or event.state == "recovered"}
        return tuple(name for name in names if name in heard and name in wanted)
    severe = [
        name
        for name, alert in names.items()
        if event.state in alert.on and (event.state == "error" or _reaches(observation.severity, alert.severity))
    ]
    if event.state in _BEGINNINGS:
        heard = told.setdefault(_BEGINNINGS[event.state] + str(event.story), [])
        severe = [name for name in severe if name not in heard]
        heard += severe
    return tuple(severe)


def _grown(before: AlertState, after: AlertState, observation: Observation) -> tuple[Event, ...]:
    """Return the firing of a story that goes on: a sink for graver drift hears of it once the story is as grave."""
    goes_on = before.status == after.status == "firing" and before.story == after.story and after.story is not None
    is_told = "firing" in before.told and after.acknowledged is None and after.snoozed_until is None
    if not (goes_on and is_told and observation.drifted and after.last_at != before.last_at):
        return ()
    return (Event("firing", str(after.story), f"{after.story}/firing"),)


_BEGINNINGS = {"firing": "drift ", "error": "error "}
_ENDS = {"resolved": "drift ", "recovered": "error "}


def _reaches(severity: str | None, least: str) -> bool:
    return severity is None or SEVERITIES.index(severity) >= SEVERITIES.index(least)


def sinks_of(alerts: Sequence[AlertConfig]) -> dict[str, AlertConfig]:
    """Return each sink under a name without secrets; two of one address are told apart by their place."""
    return {f"{place + 1} {sink_name(alert.url)}": alert for place, alert in enumerate(alerts)}


def deliver_pending(history: History, config: JobConfig, *, clock: Callable[[], dt.datetime]) -> list[str]:
    """Hand every message that is due to its sink; return a sentence for each that could not be delivered.

    A sink that fails, or hangs longer than its timeout, keeps its message and those behind it for the next run.
    """
    sinks, troubles = sinks_of(config.alerts), []
    waiting: set[str] = set()
    for pending in history.pending(config.name, now=clock()):
        if pending.sink in waiting:  # the end of a story must not overtake its beginning
            continue
        alert = sinks.get(pending.sink)
        if alert is None:
            troubles.append(f"a message waits for {pending.sink!r}, which the job no longer names among its alerts")
            continue
        try:
            deliver(alert.url, pending.body, timeout=alert.timeout)
        except DeliveryError as error:
            pause = min(_LONGEST_PAUSE, _FIRST_PAUSE * 2 ** min(pending.attempts, _MOST_DOUBLINGS))
            reason = config.hidden(str(error))
            history.failed(pending.id, clock(), reason, clock() + pause)
            waiting.add(pending.sink)
            troubles.append(f"{reason}; the message is kept, and tried again")
        else:
            history.delivered(pending.id, clock())
    return troubles


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
            deliver(sinks[message.sink].url, message.body, timeout=sinks[message.sink].timeout)
        except DeliveryError as error:
            troubles.append(config.hidden(str(error)))
    return troubles
