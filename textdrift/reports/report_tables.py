"""The tables of a report as rows of plain values, the same columns in every report, for frames and csv files."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from textdrift.errors import SettingsError, nearest_name
from textdrift.reports.columns_section import column_rows
from textdrift.reports.lexical import unit_of

__all__ = ["TABLES", "ReportTable", "report_table"]

Row = Mapping[str, Any]

_EXPLAINED = ("lexical", "semantic")
_OUTERMOST = ("findings", "playbook")

# Table to its columns and what they hold.
_COLUMNS: Mapping[str, Mapping[str, str]] = {
    "findings": {
        "test": "text", "kind": "text", "unit": "text", "drifted": "truth", "material": "truth", "supporting": "truth",
        "conclusive": "truth", "severity": "text", "statistic": "number", "p_value": "number",
        "adjusted_p_value": "number", "effect": "text", "value": "number", "low": "number", "high": "number",
        "material_from": "number", "detectable": "number", "n_reference": "count", "n_current": "count",
        "sentence": "text",
    },
    "terms": {
        "term": "text", "kind": "text", "unit": "text", "direction": "text", "label": "text", "from": "text",
        "to": "text", "reference_share": "number", "reference_low": "number", "reference_high": "number",
        "current_share": "number", "current_low": "number", "current_high": "number", "log_odds": "number",
        "p_value": "number", "cause": "text",
    },
    "segments": {
        "column": "text", "value": "any", "within_column": "text", "within_value": "any", "kind": "text",
        "effect": "number", "p_value": "number", "term": "text", "feature": "text", "label": "text",
        "net_change": "number",
        "change": "number", "low": "number", "high": "number", "reference_accuracy": "number",
        "current_accuracy": "number", "n_reference": "count", "n_current": "count",
    },
    "columns": {
        "column": "text", "type": "text", "drifted": "truth", "effect": "text", "value": "number", "low": "number",
        "high": "number", "material_from": "number", "p_value": "number", "adjusted_p_value": "number",
        "missing_reference": "number", "missing_current": "number", "median_reference": "number",
        "median_current": "number", "population_stability_index": "number", "band_uncalibrated": "text", "way": "text",
        "direction": "text", "n_reference": "count", "n_current": "count",
    },
    "causes": {
        "cause": "text", "column": "text", "kind": "text", "direction": "text", "share_explained": "number",
        "remedy": "text",
        "share_of_rows": "number", "rows_touched": "number",
        **{f"{kind}_{part}": "number" for kind in _EXPLAINED for part in ("share", "low", "high")},
        "sentence": "text",
    },
    "documents": {
        "window": "text", "row": "count", "score": "number", "kind": "text", "words": "text", "label": "text",
        "expected_label": "text", "probability": "number", "expected_probability": "number", "text": "text",
    },
    "playbook": {
        "kind": "text", "cause": "text", "title": "text", "first": "text", "decides": "text", "steps": "text",
        "action": "text", "owner": "text", "runbook": "text",
    },
    "labels_to_ask": {
        "row": "count", "judged": "any", "guess": "number", "probability": "number", "reason": "text",
        "position": "count",
    },
}  # fmt: skip

TABLES = tuple(_COLUMNS)


@dataclass(frozen=True, slots=True)
class ReportTable:
    """Rows of a report: ``columns`` maps each name to what it holds: text, number, count, truth or any of them."""

    columns: Mapping[str, str]
    rows: Sequence[Row]


def report_table(report: Row, name: str) -> ReportTable:
    """Return a table of a report, its rows in the order of the report; what a row does not tell is ``None``.

    Parameters
    ----------
    report:
        The dict of ``DriftReport.to_dict``, as described by ``report_schema``.
    name:
        One of ``TABLES``.

    Raises
    ------
    SettingsError
        For a name of no table.

    Examples
    --------
    >>> document = {"window": "current", "row": 7, "score": 1.0, "words": ["late", "again"]}
    >>> report_table({"diagnosis": {"documents": [document]}}, "documents").rows[0]["words"]
    'late, again'
    """
    if name not in _COLUMNS:
        raise SettingsError(f"a report has no table {name!r}; {nearest_name(name, TABLES)}")
    flattened = map(_FLATTENED.get(name, dict), _rows(report, name))
    columns = _COLUMNS[name]
    return ReportTable(columns, [{column: row.get(column) for column in columns} for row in flattened])


def _rows(report: Row, name: str) -> Sequence[Row]:
    if name == "columns":
        return column_rows(report)
    if name == "labels_to_ask":
        rows = (report.get(name) or {}).get("rows")
    else:
        rows = report.get(name) if name in _OUTERMOST else report["diagnosis"][name]
    return rows or ()


def _finding(finding: Row) -> Row:
    effect, detectable = finding["effect"], finding["detectable"] or {}
    n_documents = finding.get("n_documents") or (None, None)
    sizes = {name: effect[name] for name in ("value", "low", "high", "material_from")}
    return {
        **finding,
        **sizes,
        "effect": effect["name"],
        "unit": unit_of(finding),
        "detectable": detectable.get("value"),
        "n_reference": n_documents[0],
        "n_current": n_documents[1],
    }


def _term(term: Row) -> Row:
    return {"unit": "words", **term}


def _segment(segment: Row) -> Row:
    within = segment.get("within") or {}
    return {**segment, "within_column": within.get("column"), "within_value": within.get("value")}


def _cause(cause: Row) -> Row:
    explained = {part["kind"]: part for part in cause.get("explained") or ()}
    parts = {f"{kind}_{end}": explained[kind].get(end) for kind in explained for end in ("share", "low", "high")}
    return {**cause, **parts}


def _document(document: Row) -> Row:
    words = document.get("words")
    return {**document, "words": None if words is None else ", ".join(map(str, words))}


def _play(play: Row) -> Row:
    return {**play, "steps": " ".join(map(str, play.get("steps") or ()))}


_FLATTENED: Mapping[str, Callable[[Row], Row]] = {
    "findings": _finding,
    "terms": _term,
    "segments": _segment,
    "causes": _cause,
    "documents": _document,
    "playbook": _play,
}
