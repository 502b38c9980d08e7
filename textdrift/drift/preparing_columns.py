"""What the tests of features are given of two windows: columns, one row for each unit."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from textdrift.drift.columns.column_values import CategoryColumn, NumericColumn
from textdrift.drift.contract import Evidence
from textdrift.drift.feature_tables import FeatureTables
from textdrift.drift.prepared import Prepared
from textdrift.drift.quality.missing_values import MissingFlags
from textdrift.drift.window_pair import WindowPair
from textdrift.stats.histograms import paired_histogram

__all__ = ["columns_together", "missing_flags", "one_column"]

_MOSTLY = 0.5


def one_column(name: str) -> Callable[[WindowPair, Any], Prepared]:
    """Return what gives one feature, its missing values left out and counted."""

    def prepare(pair: WindowPair, _test: Any) -> Prepared:
        feature = pair.features[name]
        if feature.type == "mixed":
            return Prepared(
                reference=None, current=None, documents=pair.rows_of_features, notes=feature.notes,
                reason=feature.doubt.reason if feature.doubt else "", doubt=feature.doubt,
            )  # fmt: skip
        tables = pair.feature_tables
        lost = _nothing_left(pair)
        if lost:
            return Prepared(reference=None, current=None, documents=tables.rows, reason=lost, notes=feature.notes)
        sides: tuple[NumericColumn, NumericColumn] | tuple[CategoryColumn, CategoryColumn]
        if feature.type == "numeric":
            sides = tables.reference.numeric_column(name), tables.current.numeric_column(name)
        else:
            sides = tables.reference.category_column(name), tables.current.category_column(name)
        counts = [side.n_rows - side.n_missing for side in sides]
        missing = _missing(sides[0].n_missing, sides[1].n_missing, tables)
        if not all(counts):
            window = "either" if not any(counts) else "the reference" if not counts[0] else "the current"
            reason = f"column '{name}' holds no value in {window}{' window' if window != 'the reference' else ''}."
            return Prepared(
                reference=None, current=None, documents=tables.rows, reason=reason,
                notes=(*feature.notes, *_infinite(tables, name)), evidence=(missing,),
            )  # fmt: skip
        return Prepared(
            reference=sides[0],
            current=sides[1],
            documents=tables.rows,
            notes=(*feature.notes, *_infinite(tables, name), *_units(pair)),
            evidence=(missing, *_histogram(sides)),
            doubt=feature.doubt,
        )

    return prepare


def columns_together(pair: WindowPair, _test: Any) -> Prepared:
    """Give all features that can be compared."""
    tables = pair.feature_tables
    lost = _nothing_left(pair)
    if lost:
        return Prepared(reference=None, current=None, documents=tables.rows, reason=lost)
    notes = tuple(note for name in tables.n_infinite for note in _infinite(tables, name))
    return Prepared(
        reference=tables.reference, current=tables.current, documents=tables.rows, notes=(*notes, *_units(pair))
    )


def missing_flags(pair: WindowPair, _test: Any) -> Prepared:
    """Give which values of the features are missing."""
    tables = pair.feature_tables
    reference, current = (MissingFlags(*tables.missing(side)) for side in (0, 1))
    notes = tuple(
        note for name, feature in pair.features.items() for note in (*feature.notes, *_infinite(tables, name))
    )
    return Prepared(reference=reference, current=current, documents=tables.rows, notes=(*notes, *_units(pair)))


def _nothing_left(pair: WindowPair) -> str:
    """Say why no row of a window counts, though it has some: a text of both windows is in one of them, drawn by lot."""
    n_left = [len(rows) for rows in pair.rows_of_features]
    if all(n_left) or not all(window.n_rows for window in pair.windows):
        return ""
    window = "the reference" if not n_left[0] else "the current window"
    if pair.groups is not None:
        return f"a group counts once, and so no row of {window} is left to compare."
    return (
        f"copies of a text count once, and so no row of {window} is left to compare; where rows of one text are "
        "independent, `unit: rows` of the columns tests counts each."
    )


def _missing(n_reference: int, n_current: int, tables: FeatureTables) -> Evidence:
    shares = [
        n / len(side) if len(side) else 0.0 for n, side in zip((n_reference, n_current), tables.sides, strict=True)
    ]
    row = {"name": "share_missing", "reference": shares[0], "current": shares[1]}
    return Evidence(name="missing", rows=(row,))


def _histogram(
    sides: tuple[NumericColumn, NumericColumn] | tuple[CategoryColumn, CategoryColumn],
) -> tuple[Evidence, ...]:
    reference, current = sides
    if not isinstance(reference, NumericColumn) or not isinstance(current, NumericColumn):
        return ()
    drawn = paired_histogram(reference.values, current.values)
    last = len(drawn.reference) - 1
    rows = tuple(
        {
            "low": low,
            "high": high,
            "reference_share": before,
            "current_share": now,
            "holds_what_lies_beyond": (bin_ == 0 and drawn.beyond[0]) or (bin_ == last and drawn.beyond[1]),
        }
        for bin_, (low, high, before, now) in enumerate(
            zip(
                drawn.edges[:-1].tolist(),
                drawn.edges[1:].tolist(),
                drawn.reference.tolist(),
                drawn.current.tolist(),
                strict=True,
            )
        )
    )
    return (Evidence(name="histogram", rows=rows),)


def _infinite(tables: FeatureTables, name: str) -> tuple[str, ...]:
    before, now = tables.n_infinite.get(name, (0, 0))
    if not before and not now:
        return ()
    return (f"{before} reference and {now} current values of '{name}' are infinite, and count as missing.",)


def _units(pair: WindowPair) -> tuple[str, ...]:
    """Say what counts as one, where that is not simply a row."""
    notes: list[str] = []
    if pair.groups is not None:
        notes.append(f"One row of each of {pair.groups.n_groups} groups was looked at, drawn from both windows.")
    elif pair.feature_unit == "documents":
        shares = [len(rows) / window.n_rows for rows, window in zip(pair.rows_of_features, pair.windows, strict=True)]
        if min(shares) < _MOSTLY:
            n, m = map(len, pair.rows_of_features)
            notes.append(
                f"Fewer than half of the rows have a text of their own: copies of a text count once, and {n} and {m} "
                "rows were compared; where rows of one text are independent, say tests: {columns: {unit: rows}}."
            )
    return tuple(notes)
