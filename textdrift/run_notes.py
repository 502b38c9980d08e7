"""The notes of a run: what a reader must know of both windows to read the numbers right."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import numpy as np

from textdrift.drift.columns.categories import categories_of
from textdrift.drift.window_pair import WindowPair
from textdrift.findings.phrases import quoted
from textdrift.reports.visible_text import clipped
from textdrift.windows.numbers_in_words import agreed, counted, percentage
from textdrift.windows.window import AbsentColumn

__all__ = ["notes_of_segments", "run_notes"]

_NAMED_SEGMENTS = 3
_LONGEST_LABEL, _LONGEST_NAME = 40, 60
_LARGE_GROUP = 0.05  # of the rows of a window
_FEW_TEXTS, _ROWS_OF_EACH = 20, 50  # so few texts, in so many rows each, are names or ratings rather than texts
_NOTHING_WITHOUT = {
    "time": "a time: whether loads came late or twice could not be seen",
    "id": "an id: rows were told apart by their texts alone",
    "group": "a group: each row counted as a group of its own",
}
_LEFT_OUT_WITHOUT = {
    "label": "tests that need labels were left out, and nothing was measured against them",
    "prediction": "tests that need predictions were left out, and nothing was measured of them",
    "probability": "probabilities were used in neither window, and nothing was estimated from them",
    "time": "tests that need times were left out",
    "id": "rows were told apart by their texts alone",
    "group": "rows of one group counted as independent in both windows, so an alarm is less sure than it looks",
    "segment": "nothing was broken down by it",
    "feature": "it was not compared",
}


def run_notes(pair: WindowPair, *, families: Collection[str]) -> list[str]:
    """Say what a reader must know of both windows, and of the ``families`` of tests, to read the numbers right."""
    notes = [_note_of_absent(column) for column in pair.windows[1].absent]
    if pair.windows[0].roles.features and "columns" not in families:
        named = agreed(len(pair.windows[0].roles.features), "feature was", "features were")
        notes.append(f"The {named} not compared: `tests` names other families only; name `columns` too.")
    if pair.has_feature_points and any(map(pair.windows[0].roles.has, ("label", "prediction"))):
        notes.append("There is no text: rows are alike where their features are.")
    few = _note_of_few_texts(pair)
    if few:
        notes.append(few)
    if pair.templated and not few:
        notes.append(
            "Nearly all texts of both windows are near-copies of a few, and so count one by one: texts of one template "
            "are not independent, and an alarm is less sure than it looks."
        )
    if not few and pair.n_shared and pair.n_shared == len(pair.documents[0]) == len(pair.documents[1]):
        notes.append("Both windows hold the very same texts: as far as texts go, this compares a window with itself.")
    for side, name in enumerate(("reference", "current")):
        notes += _notes_of_window(pair, side, name)
    notes += _notes_of_names(pair)
    truncation = pair.truncation
    if truncation is not None and truncation.n_cut:
        notes.append(f"{truncation.sentence}.")
    return notes


def _note_of_few_texts(pair: WindowPair) -> str:
    """Ask whether a column holds the texts, where each window repeats a few of them over and over; else empty."""
    column = pair.windows[0].roles.text
    if column is None:
        return ""
    (before, now), n_rows = pair.n_distinct, [int(window.usable.sum()) for window in pair.windows]
    if not all(0 < n <= min(_FEW_TEXTS, n_rows[side] / _ROWS_OF_EACH) for side, n in enumerate((before, now))):
        return ""
    return (
        f"Column {quoted(column)} holds only {counted(before, 'different text')} in {n_rows[0]:,} reference rows and "
        f"{now:,} in {n_rows[1]:,} current rows; is it the column of the texts?"
    )


def _notes_of_window(pair: WindowPair, side: int, name: str) -> list[str]:
    """Say what is odd about the rows of one window."""
    notes = []
    window, documents = pair.windows[side], pair.documents[side]
    used = int(window.usable.sum())
    if used < window.n_rows:
        notes.append(
            f"{window.n_rows - used:,} of {window.n_rows:,} {name} rows "
            f"{agreed(window.n_rows - used, 'holds', 'hold')} no text (null or blank): counted under quality, left out "
            "of the other tests."
        )
    if len(documents) < used:
        n_copies, exact = used - len(documents), len(documents) == pair.n_distinct[side]
        copies = agreed(n_copies, "is a copy", "are copies") + agreed(n_copies, " or near-copy", " or near-copies") * (
            not exact
        )
        count = agreed(n_copies, "counts", "count")
        notes.append(f"{n_copies:,} of {used:,} {name} rows {copies} of another row and {count} once.")
    others = pair.n_other_vectors[side]
    if others:
        notes.append(
            f"{counted(others, f'{name} row')} {agreed(others, 'is a copy', 'are copies')} of a text with another "
            "vector than its first row, "
            "whose vector counts; where vectors hold more than the text, compare them with text=None."
        )
    for role in ("label", "prediction"):
        column = getattr(window.roles, role)
        missing = window.column(column).null_count if column is not None else 0
        if missing and role not in {absent.role for absent in window.absent}:
            nothing = f"; what needs {role}s had nothing to compare" if missing == window.n_rows else ""
            has = agreed(missing, "has", "have")
            notes.append(f"{missing:,} of {window.n_rows:,} {name} rows {has} no {role}{nothing}.")
    for role, nothing in _NOTHING_WITHOUT.items():
        column = getattr(window.roles, role)
        if column is not None and window.column(column).null_count == window.n_rows:
            notes.append(f"No {name} row has {nothing}.")
    lacking = int(np.isnan(window.probabilities).any(axis=1).sum())
    if lacking:
        notes.append(
            f"{lacking:,} of {window.n_rows:,} {name} rows {agreed(lacking, 'lacks', 'lack')} probabilities (null): "
            "left out of what needs them, and the tests of concept do without what the model said."
        )
    return notes + _group_notes(pair, side, name)


def _note_of_absent(column: AbsentColumn) -> str:
    renamed = f", and a new one '{column.resembles}' that may be it under another name" if column.resembles else ""
    return (
        f"The current window has no column '{column.name}' ({column.part}){renamed}: {_LEFT_OUT_WITHOUT[column.role]}."
    )


def _notes_of_names(pair: WindowPair) -> list[str]:
    """Say where labels and predictions hardly name the same classes, or name them in two spellings."""
    roles = pair.windows[0].roles
    if roles.label is None or roles.prediction is None:
        return []
    labels, predictions = (categories_of(*(w.column(c) for w in pair.windows)) for c in (roles.label, roles.prediction))
    notes = []
    if labels and predictions and not set(labels) & set(predictions):
        notes.append(
            f"No prediction is the name of a label: labels are {_listed(labels)}, predictions {_listed(predictions)}. "
            "Nothing that is said of the accuracy is true unless they really mean other things; give both one spelling."
        )
    spellings: dict[str, list[str]] = {}
    for name in sorted({*labels, *predictions}):
        spellings.setdefault(name.strip().casefold(), []).append(name)
    alike = [names for names in spellings.values() if len(names) > 1]
    return notes + [
        f"{_listed(names)} are taken as different labels, though they are one word in two spellings."
        for names in alike[:_NAMED_SEGMENTS]
    ]


def _listed(names: Sequence[str]) -> str:
    shown = [repr(clipped(name, _LONGEST_LABEL)) for name in names[:_NAMED_SEGMENTS]]
    return ", ".join(shown) + (f" and {len(names) - len(shown)} more" if len(names) > len(shown) else "")


def _group_notes(pair: WindowPair, side: int, name: str) -> list[str]:
    """Say what is odd about the groups of a window; a group is a person, so none is named."""
    if pair.groups is None:
        return []
    notes = []
    window, of_row = pair.windows[side], pair.groups.sides[side]
    if window.n_rows > 1 and len(np.unique(of_row)) == 1:
        advice = f"if they are independent, leave out the role group ('{window.roles.group}')"
        return [
            f"All {window.n_rows:,} {name} rows are of one group, which counts once, too little to compare; {advice}."
        ]
    without = window.column(str(window.roles.group)).null_count
    if without:
        notes.append(
            f"{without:,} of {window.n_rows:,} {name} rows {agreed(without, 'has', 'have')} no {window.roles.group}; "
            "each is a group of its own."
        )
    largest = int(np.unique(of_row, return_counts=True)[1].max())
    if largest > _LARGE_GROUP * window.n_rows and largest > 1:
        notes.append(
            f"The largest group holds {percentage(largest / window.n_rows, digits=0)} of the {window.n_rows} {name} "
            "rows: tests of "
            "meaning can hardly tell its change from chance, and in the other tests it counts once."
        )
    return notes


def notes_of_segments(not_judged: Sequence[Mapping[str, Any]]) -> list[str]:
    """Say which segments were too small to be judged, the largest by name; and why."""
    if not not_judged:
        return []
    named = [
        f"{clipped(str(row['column']), _LONGEST_NAME)} = {quoted(row['value'])}: {row['reason']}"
        if row["value"] is not None
        else str(row["reason"])
        for row in not_judged[:_NAMED_SEGMENTS]
    ]
    others = len(not_judged) - len(named)
    more = f"; and {others} more" if others > 0 else ""
    return [f"Segments that were not judged: {'; '.join(named)}{more}."]
