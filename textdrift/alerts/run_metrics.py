"""The figures of a job's last run, under the names by which a dashboard asks for them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

from textdrift.alerts.state import Status, checked_time
from textdrift.reports.lexical import unit_of
from textdrift.reports.tolerant_parts import Row, names_of, number_of, rows_of, table_of, text_of
from textdrift.reports.visible_text import clipped, visible

__all__ = ["METRICS", "Figure", "Metric", "RunMetrics", "figures_of"]

_LONGEST_LABEL = 128
_VERDICTS = ("no_drift", "drift", "inconclusive")
_SEVERITIES = ("info", "warning", "critical")
_STATES: tuple[str, ...] = get_args(Status)


@dataclass(frozen=True, slots=True)
class Metric:
    """One name of ours: what it says, the labels beside ``job``, and whether it only grows."""

    name: str
    says: str
    labels: tuple[str, ...] = ()
    kind: Literal["gauge", "counter"] = "gauge"


_OF_TEST = ("test", "kind", "of")

METRICS: Mapping[str, Metric] = {
    metric.name: metric
    for metric in (
        Metric("textdrift_last_success_timestamp_seconds", "When a run last judged its window, in seconds since 1970."),
        Metric("textdrift_last_run_timestamp_seconds", "When a run last ended, well or not, in seconds since 1970."),
        Metric("textdrift_last_run_succeeded", "1 where the last run judged its window, 0 where it failed."),
        Metric("textdrift_failures_total", "Runs that failed, since the history of the job began.", kind="counter"),
        Metric("textdrift_alert_state", "1 for the state that the alert is in, 0 for the others.", ("state",)),
        Metric("textdrift_verdict", "1 for the verdict of the last window, 0 for the others.", ("verdict",)),
        Metric("textdrift_passed", "1 where the gate of the last window passed, else 0."),
        Metric("textdrift_severity", "How bad the drift is: 0 none, 1 info, 2 warning, 3 critical."),
        Metric("textdrift_drifted", "1 where that kind of drift was found, else 0.", ("kind",)),
        Metric("textdrift_effect", "How far a test found the windows apart.", (*_OF_TEST, "effect")),
        Metric("textdrift_effect_material_from", "From where on that effect matters.", (*_OF_TEST, "effect")),
        Metric("textdrift_p_value", "The p-value of a test.", _OF_TEST),
        Metric("textdrift_adjusted_p_value", "The same, adjusted for the other tests of its kind.", _OF_TEST),
        Metric("textdrift_rows", "Rows of a window.", ("window",)),
        Metric("textdrift_documents", "Distinct documents of a window.", ("window",)),
        Metric("textdrift_run_seconds", "How long the run took."),
    )
}
"""Every metric by its name. Each has the label ``job`` too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunMetrics:
    """What the figures of a job are made from; what is left out has no figure.

    Attributes
    ----------
    job:
        The job's name.
    last_success_at, last_run_at:
        When a run last judged its window, and last ended, well or not; with a time zone. After a failure pass the time
        of the last success on, or nobody notices silence.
    n_failures:
        Runs that failed, of all that the history knows.
    alert_status:
        ``AlertState.status``.
    report:
        The dict of ``DriftReport.to_dict`` of the window that was judged last; leave it out where the run failed, so
        that no old verdict looks new: without it the run counts as failed.
    run_seconds:
        How long the run took; the sum of the report's ``seconds`` where it is left out.
    """

    job: str
    last_success_at: dt.datetime | None = None
    last_run_at: dt.datetime | None = None
    n_failures: int | None = None
    alert_status: str | None = None
    report: Mapping[str, Any] | None = None
    run_seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Figure:
    """One number, the metric it is of, and its labels."""

    metric: Metric
    labels: Mapping[str, str]
    value: float


def figures_of(run: RunMetrics) -> tuple[Figure, ...]:
    """Return the figures of a run, in the order of ``METRICS``; no two have the same name and labels.

    Where two findings share test, kind and column, the one that drifted speaks, then the one with the smaller p-value.

    Examples
    --------
    >>> at = dt.datetime(2026, 11, 26, 6, tzinfo=dt.UTC)
    >>> [(figure.metric.name, figure.value) for figure in figures_of(RunMetrics(job="inputs", last_success_at=at))]
    [('textdrift_last_success_timestamp_seconds', 1795672800.0)]
    """
    named = [*_of_job(run), *(() if run.report is None else _of_report(run.report))]
    places = {name: place for place, name in enumerate(METRICS)}
    figures: dict[tuple[str, tuple[str, ...]], Figure] = {}
    for name, labels, value in named:
        metric = METRICS[name]
        values = {"job": run.job, **dict(zip(metric.labels, labels, strict=True))}
        clean = {
            label: clipped(visible(clipped(text, _LONGEST_LABEL)), _LONGEST_LABEL) for label, text in values.items()
        }
        figures.setdefault((name, tuple(clean.values())), Figure(metric, clean, float(value)))
    return tuple(sorted(figures.values(), key=lambda figure: places[figure.metric.name]))


_Named = Iterator[tuple[str, tuple[str, ...], float]]


def _of_job(run: RunMetrics) -> _Named:
    for name, moment in (("last_success", run.last_success_at), ("last_run", run.last_run_at)):
        if moment is not None:
            yield f"textdrift_{name}_timestamp_seconds", (), checked_time(moment, f"{name}_at").timestamp()
    if run.last_run_at is not None:
        yield "textdrift_last_run_succeeded", (), run.report is not None
    if run.n_failures is not None:
        yield "textdrift_failures_total", (), run.n_failures
    if run.alert_status is not None:
        for state in _STATES:
            yield "textdrift_alert_state", (state,), state == run.alert_status
    seconds = run.run_seconds
    if seconds is None and run.report is not None:
        parts = table_of(run.report, "seconds")
        seconds = sum(number_of(parts, part) or 0.0 for part in parts) if parts else None
    if seconds is not None:
        yield "textdrift_run_seconds", (), seconds


def _of_report(report: Row) -> _Named:
    verdict, severity = text_of(report, "verdict"), text_of(report, "severity")
    for known in _VERDICTS:
        yield "textdrift_verdict", (known,), known == verdict
    if isinstance(report.get("passed"), bool):
        yield "textdrift_passed", (), report["passed"]
    yield "textdrift_severity", (), _SEVERITIES.index(severity) + 1 if severity in _SEVERITIES else 0
    findings = sorted(rows_of(report, "findings"), key=_loudness)
    drifted = set(names_of(table_of(report, "diagnosis"), "kinds"))
    for kind in dict.fromkeys([*(text_of(row, "kind") for row in findings if not row.get("supporting")), *drifted]):
        yield "textdrift_drifted", (kind,), kind in drifted
    for finding in findings:
        yield from _of_finding(finding)
    for window in ("reference", "current"):
        for name in ("rows", "documents"):
            count = number_of(table_of(report, window), name)
            if count is not None:
                yield f"textdrift_{name}", (window,), count


def _loudness(finding: Row) -> tuple[bool, float]:
    p_value = number_of(finding, "p_value")
    return finding.get("drifted") is not True, 1.0 if p_value is None else p_value


def _of_finding(finding: Row) -> _Named:
    test = (text_of(finding, "test"), text_of(finding, "kind"), _column_of(finding))
    effect = table_of(finding, "effect")
    for key, name in (("value", "textdrift_effect"), ("material_from", "textdrift_effect_material_from")):
        size = number_of(effect, key)
        if size is not None:
            yield name, (*test, text_of(effect, "name")), size
    for key in ("p_value", "adjusted_p_value"):
        value = number_of(finding, key)
        if value is not None:
            yield f"textdrift_{key}", test, value


def _column_of(finding: Row) -> str:
    """Return the column that a finding is of, or what it counted besides words; empty for all others."""
    columns = {text_of(entry, "column") for entry in rows_of(finding, "evidence")} - {""}
    if len(columns) == 1:
        return columns.pop()
    unit = unit_of(finding)
    return "" if unit == "words" else unit
