"""Which column of the data a finding is of, for programs that think in columns."""

from __future__ import annotations

from textdrift.reports.lexical import unit_of
from textdrift.reports.tolerant_parts import Row, number_of, rows_of, table_of, text_of

__all__ = ["column_of", "deciding_findings", "what_counted"]

_ROLE_OF_KIND = {
    "label": "label", "concept": "label", "prediction": "prediction", "performance": "prediction",
    "features": "features",
}  # fmt: skip


def column_of(finding: Row, report: Row) -> str:
    """Return the column that a finding is of: the one that it names, that of its role, or that of the texts.

    >>> report = {"settings": {"roles": {"text": "review", "label": "stars"}}}
    >>> column_of({"kind": "label"}, report), column_of({"kind": "lexical"}, report)
    ('stars', 'review')
    >>> column_of({"kind": "features", "evidence": [{"name": "column", "rows": [{"column": "amount"}]}]}, report)
    'amount'
    """
    for entry in rows_of(finding, "evidence"):
        named = [text_of(row, "column") for row in (entry, *rows_of(entry, "rows"))]
        if (entry.get("name") == "column" or "column" in entry) and any(named):
            return next(name for name in named if name)
    settings = table_of(report, "settings")
    roles = table_of(settings, "roles") or settings
    role = _ROLE_OF_KIND.get(text_of(finding, "kind"), "text")
    return text_of(roles, role, role)


def what_counted(finding: Row) -> str:
    """Return what a test of words counted where that is not words, such as ``emoji``; else nothing.

    >>> what_counted({"evidence": [{"name": "unit", "rows": [{"unit": "emoji"}]}]}), what_counted({})
    ('emoji', '')
    """
    unit = unit_of(finding) if rows_of(finding, "evidence") else "words"
    return "" if unit == "words" else unit


def deciding_findings(report: Row) -> list[Row]:
    """Return the findings that decide, those that drifted first, then the most surprising."""

    def order(finding: Row) -> tuple[bool, float]:
        p_value = number_of(finding, "adjusted_p_value")
        return finding.get("drifted") is not True, 1.0 if p_value is None else p_value

    return sorted((row for row in rows_of(report, "findings") if row.get("supporting") is not True), key=order)
