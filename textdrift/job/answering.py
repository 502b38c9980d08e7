"""Answers to the labels that a job's window asked for: what they cost, and who is woken where it is too much."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from textdrift.alerts import Observation
from textdrift.errors import SettingsError
from textdrift.findings.answered_costs import AnsweredCost
from textdrift.history import History, open_history
from textdrift.job.outbox import deliver_pending, outgoing
from textdrift.job.windows import Clock, job_window, utc_now
from textdrift.job_config import JobConfig
from textdrift.label_answers import cost_from_labels

__all__ = ["AnsweredWindow", "answer_job"]


@dataclass(frozen=True, slots=True, kw_only=True)
class AnsweredWindow:
    """A window whose questions were answered.

    Attributes
    ----------
    cost:
        What the window costs, with its interval.
    severity:
        ``critical`` where that is surely above the job's limit, else that of the report.
    troubles:
        A sentence for each sink that was not reached.
    """

    cost: AnsweredCost
    severity: str | None
    troubles: tuple[str, ...] = ()


def answer_job(
    config: JobConfig, answers: Any, *, date: dt.date | None = None, level: float = 0.05, clock: Clock = utc_now
) -> AnsweredWindow:
    """Price the answers to the labels that a window asked for, and tell the sinks where it is surely too much.

    The window's verdict and report stay as they were. Where the additional cost is surely above ``cost.fail_above``,
    it counts as a critical finding that labels made: it begins the job's alarm where nothing else had, and a sink that
    waits for ``severity: critical`` hears of it, once a story. Call it again with more answers as often as you like.

    Parameters
    ----------
    config:
        The job, with ``history``, ``cost`` and ``labels_to_ask``.
    answers:
        As ``textdrift.estimate_from_labels`` takes them.
    date:
        The window's date; ``None`` for the window that a run without a date judges.
    level:
        The chance that the interval of the cost is ever wrong.
    clock:
        Tells the time, in UTC.

    Raises
    ------
    SettingsError
        When the job keeps no history or names no prices, the window was not judged, or its report asked for no labels.
    """
    if config.history is None or config.cost is None:
        raise SettingsError(
            f"answers are priced by the job's `cost`, for a window in its `history`; job {config.name!r} lacks one"
        )
    window = job_window(config, date, clock=clock).name
    with open_history(config.history) as history, history.exclusive(config.name):
        stored = history.stored(config.name, window, "inputs")
        if stored is None:
            raise SettingsError(f"job {config.name!r} has judged no window {window}; run it first")
        document = history.report(stored.id)
        cost = cost_from_labels(document, answers, cost=config.cost, level=level)
        severity = "critical" if cost.is_above_limit else document["severity"]
        troubles = _told(history, config, window, document, cost, clock) if cost.is_above_limit else ()
    return AnsweredWindow(cost=cost, severity=severity, troubles=troubles)


def _told(
    history: History, config: JobConfig, window: str, document: Mapping[str, Any], cost: AnsweredCost, clock: Clock
) -> tuple[str, ...]:
    observation = Observation(
        window=window, at=clock(), drifted=True, severity="critical", kinds=tuple(document["diagnosis"]["kinds"])
    )
    report = {
        **document,
        "severity": "critical",
        "summary": f"{cost.sentence} {document['summary']}",
        "cost": cost.described(),
    }
    going_out = outgoing(
        config, history.alert_state(config.name), observation, run=f"{config.name}/{window}/answers",
        report=report, link=None, track="labelled",
    )  # fmt: skip
    history.queue(config.name, going_out.state, going_out.messages)
    return tuple(deliver_pending(history, config, clock=clock, at_once=True).troubles)
