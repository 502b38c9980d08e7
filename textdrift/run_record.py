"""What a report keeps of its run, beside the findings: windows, notes, settings, versions."""

from __future__ import annotations

import platform
from collections.abc import Mapping, Sequence
from dataclasses import fields
from importlib import metadata
from typing import Any

import numpy as np

from textdrift.drift.columns.categories import categories_of
from textdrift.drift.window_pair import WindowPair
from textdrift.findings.planning import Plan
from textdrift.reports.drift_report import WindowSummary
from textdrift.reports.visible_text import clipped
from textdrift.windows.fingerprinting import fingerprint
from textdrift.windows.reading import time_span
from textdrift.windows.window import Roles, Window

__all__ = ["installed_versions", "notes_of_segments", "run_notes", "run_settings", "window_summary"]

_NAMED_SEGMENTS = 3
_LONGEST_LABEL = 40
_LARGE_GROUP = 0.05  # of the rows of a window
_VERSIONS_OF = (
    "textdrift",
    "numpy",
    "scipy",
    "scikit-learn",
    "pyarrow",
    "polars",
    "torch",
    "sentence-transformers",
    "alibi-detect",
)


def window_summary(window: Window, n_documents: int) -> WindowSummary:
    """Return what a report says of one window: its rows, those with a text, its documents, the span of its times."""
    start, end = time_span(window)
    return WindowSummary(
        name=window.name,
        rows=window.n_rows,
        rows_used=int(window.usable.sum()),
        documents=n_documents,
        start=start,
        end=end,
        fingerprint=fingerprint(window),
    )


def run_notes(pair: WindowPair) -> list[str]:
    """Say what a reader must know of both windows to read the numbers right."""
    notes = []
    if pair.templated:
        notes.append(
            "Nearly all texts of both windows are near-copies of a few, and so count one by one: texts of one template "
            "are not independent, and an alarm is less sure than it looks."
        )
    if pair.n_shared and pair.n_shared == len(pair.documents[0]) == len(pair.documents[1]):
        notes.append("Both windows hold the very same texts: this compares a window with itself.")
    for side, name in enumerate(("reference", "current")):
        window, documents = pair.windows[side], pair.documents[side]
        used = int(window.usable.sum())
        if used < window.n_rows:
            notes.append(
                f"{window.n_rows - used} of {window.n_rows} {name} rows hold no text (null or blank): counted under "
                "quality, left out of the other tests."
            )
        if len(documents) < used:
            copies = "copies" if len(documents) == pair.n_distinct[side] else "copies or near-copies"
            notes.append(f"{used - len(documents)} of {used} {name} rows are {copies} of another row and count once.")
        others = pair.n_other_vectors[side]
        if others:
            notes.append(
                f"{others} {name} rows are copies of a text with another vector than its first row, "
                "whose vector counts; where vectors hold more than the text, compare them with text=None."
            )
        for role in ("label", "prediction"):
            column = getattr(window.roles, role)
            missing = window.column(column).null_count if column is not None else 0
            if missing:
                notes.append(f"{missing} of {window.n_rows} {name} rows have no {role}.")
        notes += _group_notes(pair, side, name)
    notes += _notes_of_names(pair)
    truncation = pair.truncation
    if truncation is not None and truncation.n_cut:
        notes.append(f"{truncation.sentence}.")
    return notes


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
    without = window.column(str(window.roles.group)).null_count
    if without:
        notes.append(
            f"{without} of {window.n_rows} {name} rows have no {window.roles.group}; each is a group of its own."
        )
    largest = int(np.unique(of_row, return_counts=True)[1].max())
    if largest > _LARGE_GROUP * window.n_rows and largest > 1:
        notes.append(
            f"The largest group holds {largest / window.n_rows:.0%} of the {window.n_rows} {name} rows: tests of "
            "meaning can hardly tell its change from chance, and in the other tests it counts once."
        )
    return notes


def notes_of_segments(not_judged: Sequence[Mapping[str, Any]]) -> list[str]:
    """Say which segments were too small to be judged, the largest by name; and why."""
    if not not_judged:
        return []
    named = [
        f"{row['column']} = {row['value']!r}: {row['reason']}" if row["value"] is not None else str(row["reason"])
        for row in not_judged[:_NAMED_SEGMENTS]
    ]
    others = len(not_judged) - len(named)
    more = f"; and {others} more" if others > 0 else ""
    return [f"Segments that were not judged: {'; '.join(named)}{more}."]


def run_settings(plan: Plan, roles: Roles, pair: WindowPair, *, alpha: float, examples: int) -> dict[str, Any]:
    """Return every setting of the run, as JSON can hold it."""
    tests = {
        planned.entry.key: {f.name: getattr(planned.test, f.name) for f in fields(planned.test)}
        for planned in plan.tests
    }
    return {
        "alpha": alpha,
        "examples": examples,
        "roles": {f.name: getattr(roles, f.name) for f in fields(roles) if getattr(roles, f.name)},
        "encoder": pair.space or None,
        "encoder_arithmetic": _arithmetic(pair),
        "tokenizer": plan.tokenization.described()["tokenizer"],
        "tokenization": {name: value for name, value in plan.tokenization.described().items() if name != "unit"},
        "tests": tests,
    }


def _arithmetic(pair: WindowPair) -> str | None:
    """Say how the vectors were computed, and why so, where the encoder tells."""
    if not pair.space or pair.windows[0].roles.embeddings is not None:
        return None
    reason = getattr(pair.encoder, "reason", None)
    return reason if isinstance(reason, str) else None


def installed_versions() -> dict[str, str]:
    """Return the versions of Python and of the packages that numbers depend on."""
    versions = {"python": platform.python_version()}
    for name in _VERSIONS_OF:
        try:
            versions[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return versions
