"""JobState: how a job is doing, in a few lines."""

from __future__ import annotations

import datetime as dt
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from textdrift.dashboard.time_axis import window_words
from textdrift.history import Failure, History, StoredRun
from textdrift.reports import numerals, wording
from textdrift.reports.tolerant_parts import table_of, text_of

__all__ = ["LABELS_FAILED", "JobState", "state_of"]

_FAILURES_SHOWN = 10
_RUN_FAILED = "The last run failed"
_OF_LABELS = "/labelled"

LABELS_FAILED = "Labels could not be used"
"""What is said where a verdict came, and the labels of an earlier window led to none."""

_ALERTS: Mapping[str, str] = {
    "ok": "quiet",
    "warning": "warning: fewer windows drifted than an alarm needs",
    "firing": "firing",
    "resolved": "resolved",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class JobState:
    """How a job is doing.

    Attributes
    ----------
    newest:
        The newest run; ``None`` before the first.
    headline:
        The newest verdict, and since when; or that the last run failed.
    last_success:
        When the job last came to a verdict, whatever it was.
    usual_gap:
        The usual time between two verdicts; ``None`` where there are too few.
    failures:
        Runs that came to no verdict, newest first, at most ten.
    failing:
        What failed after the last verdict came, in words: a run, or labels that could not be used; empty otherwise.
    alert:
        Where the alert stands, in words; empty where the job has none.
    n_drifted:
        Windows with drift among the runs.
    """

    newest: StoredRun | None
    headline: str
    last_success: dt.datetime | None
    usual_gap: dt.timedelta | None
    failures: Sequence[Failure]
    failing: str
    alert: str
    n_drifted: int


def state_of(history: History, job: str, runs: Sequence[StoredRun]) -> JobState:
    """Return how a job is doing; ``runs`` are those that are shown, oldest first."""
    last_success, failures = history.last_success(job), history.failures(job, _FAILURES_SHOWN)
    failing = ""
    if failures and (last_success is None or failures[0].at > last_success):
        failing = LABELS_FAILED if (failures[0].window or "").endswith(_OF_LABELS) else _RUN_FAILED
    return JobState(
        newest=runs[-1] if runs else None,
        headline=_RUN_FAILED if failing == _RUN_FAILED else _headline(runs),
        last_success=last_success,
        usual_gap=_usual_gap(runs),
        failures=failures,
        failing=failing,
        alert=_alert_words(history.alert_state(job)),
        n_drifted=len({run.window for run in runs if run.verdict == "drift"}),
    )


def _headline(runs: Sequence[StoredRun]) -> str:
    """Return the newest verdict; where windows in a row have drifted, since which of them."""
    if not runs:
        return "No window judged yet"
    newest = [run for run in runs if run.stage == runs[-1].stage]
    words = wording.verdict_words(newest[-1].verdict)
    first = len(newest) - 1
    while first and newest[first - 1].verdict == newest[-1].verdict:
        first -= 1
    lasting = newest[-1].verdict == "drift" and first < len(newest) - 1
    return f"{words} since {window_words(newest[first])}" if lasting else words


def _usual_gap(runs: Sequence[StoredRun]) -> dt.timedelta | None:
    moments = sorted({run.judged_at for run in runs})
    gaps = [(later - earlier).total_seconds() for earlier, later in pairwise(moments)]
    return dt.timedelta(seconds=statistics.median(gaps)) if len(gaps) > 1 else None


def _alert_words(state: Mapping[str, object] | None) -> str:
    if state is None:
        return ""
    status, story = text_of(state, "status"), text_of(state, "story")
    words = [_ALERTS.get(status, status)]
    if story and status in {"firing", "warning"}:
        words[0] += f" since {story}"
    if acknowledged := text_of(table_of(state, "acknowledged"), "by"):
        words.append(f"acknowledged by {acknowledged}")
    if snoozed := text_of(state, "snoozed_until"):
        words.append(f"snoozed until {numerals.moment(snoozed)}")
    return ", ".join(words)
