"""A report as an event of an OpenTelemetry span: a notebook's, a model server's, or that of a pipeline's step."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from textdrift.alerts.tracked_figures import report_values
from textdrift.errors import MissingExtraError, SettingsError
from textdrift.reports.drift_report import DriftReport
from textdrift.reports.tolerant_parts import Row, names_of, number_of, table_of, text_of
from textdrift.reports.visible_text import visible

__all__ = ["add_span_event"]

_EVENT = "textdrift.report"


def add_span_event(report: DriftReport | Mapping[str, Any], span: Any = None) -> bool:
    """Add a report to a span, as the event ``textdrift.report``, and say whether somebody records it.

    Its attributes are ``textdrift.verdict``, ``.passed``, ``.severity``, ``.kinds``, ``.summary``, ``.digest``, and
    ``.rows.reference`` and ``.rows.current``; the figures go to a collector by ``export``. The span is not marked as
    failed: a comparison that found drift has worked.

    Parameters
    ----------
    report:
        A ``DriftReport``, or the dict of its ``to_dict``.
    span:
        ``None`` for the span that is current.

    Raises
    ------
    MissingExtraError
        When the extra ``otel`` is not installed.
    SettingsError
        When there is no report, or the span is none.

    Examples
    --------
    >>> add_span_event({"verdict": "no_drift", "findings": []})  # no span is open
    False
    """
    values = report_values(report)
    try:
        from opentelemetry.trace import get_current_span
    except ImportError as error:
        raise MissingExtraError("OpenTelemetry is not installed; pip install 'textdrift[otel]'") from error
    chosen = get_current_span() if span is None else span
    if not hasattr(chosen, "add_event"):
        raise SettingsError(f"span needs a span of OpenTelemetry; got a {type(chosen).__name__}")
    if not chosen.is_recording():
        return False
    chosen.add_event(_EVENT, attributes=_attributes(values))
    return True


def _attributes(values: Row) -> dict[str, Any]:
    said = {name: visible(text_of(values, name)) or None for name in ("verdict", "severity", "summary", "digest")}
    kinds = list(map(visible, names_of(table_of(values, "diagnosis"), "kinds")))
    rows = {f"rows.{window}": number_of(table_of(values, window), "rows") for window in ("reference", "current")}
    named: dict[str, Any] = {**said, "passed": values.get("passed"), "kinds": kinds, **rows}
    return {f"textdrift.{name}": value for name, value in named.items() if value is not None}
