"""Everything that a report says of one column of features, in sentences."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from textdrift.reports import numerals
from textdrift.reports.explained_kinds import sentence_of_finding
from textdrift.reports.sentence_parts import quoted, reported, share_change
from textdrift.reports.tolerant_parts import Row, number_of, rows_of, text_of

__all__ = ["columns_of", "sentences_of_column"]

_NAMING = ("column", "missing_values", "unseen", "causes")
_NAMED = 5


def columns_of(report: Row) -> Iterator[str]:
    """Yield every column of features that a report names, some of them more than once.

    >>> evidence = [{"name": "column", "rows": [{"column": "amount", "type": "numeric"}]}]
    >>> list(columns_of({"findings": [{"kind": "features", "evidence": evidence}]}))
    ['amount']
    """
    for _, table, row in _evidence(report):
        if table in _NAMING:
            yield text_of(row, "column")


def sentences_of_column(report: Row, column: str) -> list[str]:
    """Return everything that a report says of a column: its tests and values, what is missing, how it goes with others.

    Examples
    --------
    >>> quantiles = [{"name": "median", "reference": 1.0, "current": 2.5}]
    >>> evidence = [{"name": "column", "rows": [{"column": "amount"}]}, {"name": "quantiles", "rows": quantiles}]
    >>> finding = {"test": "columns.numeric", "kind": "features", "sentence": "It moved.", "evidence": evidence}
    >>> sentences_of_column({"findings": [finding]}, "amount")
    ["The test 'columns.numeric': It moved.", 'Its median is 1 before and 2.5 now.']
    """
    return list(dict.fromkeys(_sentences(report, column)))


def _sentences(report: Row, column: str) -> Iterator[str]:
    for finding in rows_of(report, "findings"):
        tables = {text_of(table, "name"): rows_of(table, "rows") for table in rows_of(finding, "evidence")}
        if any(row.get("column") == column for row in tables.get("column", ())):
            yield sentence_of_finding(finding)
            yield from _own_tables(tables)
    for finding, table, row in _evidence(report):
        if table == "pairs":
            yield from _pair(row, column)
        elif row.get("column") != column:
            continue
        elif table == "causes":
            yield reported(text_of(row, "sentence"))
        elif table == "missing_values":
            yield from _missing(row)
        elif table == "unseen":
            yield from _unseen(row)
        elif table not in _NAMING and row.get("value") is None:
            yield f"The test {quoted(text_of(finding, 'test'))} names it in its table {quoted(table)}."


def _own_tables(tables: Mapping[str, Sequence[Row]]) -> Iterator[str]:
    """Say what the tables of a test of this one column hold."""
    for row in tables.get("quantiles", ()):
        before, now = number_of(row, "reference"), number_of(row, "current")
        if text_of(row, "name") in {"median", "mean", "standard deviation"} and before is not None and now is not None:
            yield f"Its {text_of(row, 'name')} is {numerals.plain(before)} before and {numerals.plain(now)} now."
    categories = tables.get("categories", ())
    named = "; ".join(f"{quoted(row.get('value'))} {share_change(row)}" for row in categories[:_NAMED])
    if named:
        more = f"; and {len(categories) - _NAMED} more" if len(categories) > _NAMED else ""
        yield f"Its values, those that moved most first: {named}{more}."
    for row in tables.get("missing", ()):
        yield from _missing(row)


def _missing(row: Row) -> Iterator[str]:
    if number_of(row, "reference") or number_of(row, "current"):
        shares = {f"{side}_share": row.get(side) for side in ("reference", "current")}
        yield f"Of its values {share_change(shares)} are missing."


def _unseen(row: Row) -> Iterator[str]:
    share, expected = number_of(row, "share"), number_of(row, "expected_share")
    if share and expected is not None:
        yield (
            f"Of its values now {numerals.share(share)} are new, or beyond those of the reference; chance alone brings "
            f"{numerals.share(expected)}."
        )


def _pair(row: Row, column: str) -> Iterator[str]:
    """Say how its relation to another column changed; a score of it is named after it."""
    first, second = text_of(row, "first"), text_of(row, "second")
    before, now = number_of(row, "reference"), number_of(row, "current")
    if before is not None and now is not None and (_is_of(first, column) or _is_of(second, column)):
        yield (
            f"The correlation of {quoted(first)} and {quoted(second)} is {numerals.plain(before)} before and "
            f"{numerals.plain(now)} now."
        )


def _is_of(label: str, column: str) -> bool:
    bare = label.removeprefix("distance of ").removesuffix(" from its middle")
    return any(name in {column, f"{column} is missing"} or name.startswith(f"{column} = ") for name in (label, bare))


def _evidence(report: Row) -> Iterator[tuple[Row, str, Row]]:
    """Yield every row of evidence of tests of features and of quality, with its finding and the name of its table."""
    for finding in rows_of(report, "findings"):
        if finding.get("kind") in {"features", "quality"}:
            for table in rows_of(finding, "evidence"):
                for row in rows_of(table, "rows"):
                    yield finding, text_of(table, "name"), row
