"""Which column of the data a finding is of, for programs that think in columns."""

from __future__ import annotations

from textdrift.reports.lexical import unit_of
from textdrift.reports.tolerant_parts import Row, number_of, rows_of, table_of, text_of

__all__ = ["column_of", "deciding_findings", "is_of_one_column", "what_counted"]

_ROLES_OF_KIND = {
    "label": ("label",), "concept": ("label",), "prediction": ("prediction",), "performance": ("prediction",),
    "features": (),
}  # fmt: skip
_OF_TEXTS = ("text", "embeddings")
_NAMING = ("column", "causes")
"""Tables whose first row names the column that a finding is of, or speaks most of."""


def column_of(finding: Row, report: Row) -> str:
    """Return the column that a finding is of: the one that it names, that of its role, or that of the texts.

    A finding of several features, or of the rows of a run without texts, is of no column. What stands for one is then
    its test in brackets, with more brackets where a column is so called.

    >>> report = {"settings": {"roles": {"text": "review", "label": "stars"}}}
    >>> column_of({"kind": "label"}, report), column_of({"kind": "lexical"}, report)
    ('stars', 'review')
    >>> column_of({"kind": "features", "evidence": [{"name": "column", "rows": [{"column": "amount"}]}]}, report)
    'amount'
    >>> column_of({"kind": "features", "test": "columns.joint"}, report)
    '(columns.joint)'
    """
    column = _named(finding) or _of_role(finding, report)
    if column:
        return column
    name = f"({text_of(finding, 'test', text_of(finding, 'kind'))})"
    names = _columns_in(report)
    while name in names:
        name = f"({name})"
    return name


def is_of_one_column(finding: Row, report: Row) -> bool:
    """Return whether a finding is of a column that the data have, see `column_of`.

    >>> is_of_one_column({"kind": "features", "test": "columns.joint"}, {})
    False
    """
    return bool(_named(finding) or _of_role(finding, report))


def _named(finding: Row) -> str:
    entries = rows_of(finding, "evidence")
    for entry in entries:
        if text_of(entry, "column"):
            return text_of(entry, "column")
    for table in _NAMING:
        rows = (row for entry in entries if entry.get("name") == table for row in rows_of(entry, "rows"))
        named = next((text_of(row, "column") for row in rows if text_of(row, "column")), "")
        if named:
            return named
    return ""


def _of_role(finding: Row, report: Row) -> str:
    """Return the column of the role of a finding; a report that knows no roles has one called as the role."""
    settings = table_of(report, "settings")
    roles = table_of(settings, "roles") or settings
    of_kind = _ROLES_OF_KIND.get(text_of(finding, "kind"), _OF_TEXTS)
    held = next((text_of(roles, role) for role in of_kind if text_of(roles, role)), "")
    return held or ("" if not of_kind or table_of(settings, "roles") else of_kind[0])


def _columns_in(report: Row) -> set[str]:
    """Return every name that a role of the report has, or a finding."""
    settings = table_of(report, "settings")
    names = {_named(finding) for finding in rows_of(report, "findings")}
    for column in (table_of(settings, "roles") or settings).values():
        held = column.values() if isinstance(column, dict) else column if isinstance(column, list) else [column]
        names.update(name for name in held if isinstance(name, str))
    return names


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
