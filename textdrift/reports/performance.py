"""What a reader wants to know about the monitored model: how well it does, why that changed, what is only a guess."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from textdrift.performance.estimated_performance import DOUBTS
from textdrift.performance.segment_accuracy import NAMES_OF_CLASSES
from textdrift.reports import numerals
from textdrift.reports.evidence_tables import Row, is_number
from textdrift.reports.own_words import own_words
from textdrift.reports.visible_text import visible

__all__ = [
    "CLASS_METRICS",
    "Figures",
    "PerformanceShown",
    "change_words",
    "doubt_words",
    "figure_words",
    "metric_words",
    "part_words",
    "performance_of",
]

# What each figure is called, and whether it is a share or a plain number.
METRICS: Mapping[str, tuple[str, bool]] = {
    "accuracy": ("right predictions", True),
    "macro_f1": ("mean F1 of the labels", True),
    "brier_score": ("squared error of the probabilities", False),
    "log_loss": ("surprise by the label", False),
    "calibration_error": ("probabilities too high or too low by", True),
    "precision": ("precision", True),
    "recall": ("recall", True),
    "f1": ("F1", True),
    "support": ("share of the texts", True),
}

CLASS_METRICS = ("precision", "recall", "f1", "support")

PARTS: Mapping[str, str] = {
    "harder_texts": "harder but familiar texts",
    "changed_meaning": "changed meaning, or a changed model",
    "unfamiliar_texts": "unfamiliar texts",
}

_UNCALIBRATED = "there are too few labels to correct the probabilities"
_ENDS = ("value", "low", "high")
_NOBODY: Row = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """One figure in both windows; each of ``reference``, ``current`` and ``change`` is value, low, high or ``None``s.

    Attributes
    ----------
    name:
        The metric, or the column of a segment.
    value:
        The value of the segment; ``None`` for a metric.
    reference, current, change:
        The figure and its interval.
    n_documents:
        Documents that it stands on in each window, as far as that is told.
    p_value:
        Of the change, where there is one.
    reason:
        Why a number is missing.
    """

    name: str
    value: Any
    reference: Row
    current: Row
    change: Row
    n_documents: tuple[int | None, int | None]
    p_value: float | None
    reason: str

    @property
    def known(self) -> bool:
        """Whether any of the numbers is there."""
        return any(side["value"] is not None for side in (self.reference, self.current))


@dataclass(frozen=True, slots=True, kw_only=True)
class PerformanceShown:
    """What the report holds of the model; empty where it holds none.

    Attributes
    ----------
    measured:
        The figures of all labels.
    classes:
        Label and its figures by metric.
    confusion:
        Label names, and the shares of label x prediction in both windows; ``None`` where there are none.
    split:
        The change of accuracy by cause, as in the report; empty where there is none.
    estimated:
        The estimate without labels, as in the report; empty where there is none.
    segments, not_judged:
        Accuracy by value of the segment columns, worst first; and the values that could not be judged.
    notes:
        Sentences that a reader must know.
    """

    measured: Sequence[Figures]
    classes: Sequence[tuple[str, Mapping[str, Figures]]]
    confusion: tuple[Sequence[str], Row] | None
    split: Row
    estimated: Row
    segments: Sequence[Figures]
    not_judged: Sequence[Row]
    notes: Sequence[str]

    @property
    def parts(self) -> Sequence[Row]:
        """The parts of the change of accuracy."""
        parts: Sequence[Row] = self.split.get("parts") or ()
        return parts

    @property
    def longest_part(self) -> float:
        """The longest bar of the parts, or where one may end, in points."""
        ends = (abs(part[end]) for part in self.parts for end in ("points", "low", "high"))
        return max(ends, default=0.0) or 1.0

    @property
    def calibrated(self) -> bool:
        """Whether the estimate is one: its probabilities could be corrected."""
        return "uncalibrated" not in self.estimated.get("flags", ())

    @property
    def accuracy(self) -> Figures | None:
        """The measured accuracy, where there is one."""
        return next((figures for figures in self.measured if figures.name == "accuracy"), None)


def performance_of(report: Row) -> PerformanceShown | None:
    """Return what the report says of the model; ``None`` where it says nothing (no predictions, or an old report)."""
    performance = report.get("performance")
    if not performance:
        return None
    measured = performance.get("measured") or {}
    split, estimated = performance.get("split") or {}, performance.get("estimated") or {}
    all_figures = [(row.get("label"), _figures(row, row["metric"], None)) for row in measured.get("rows", ())]
    classes: dict[str, dict[str, Figures]] = {}
    for label, figures in all_figures:
        if label is not None:
            classes.setdefault(label, {})[figures.name] = figures
    shown = PerformanceShown(
        measured=[figures for label, figures in all_figures if label is None],
        classes=list(classes.items()),
        confusion=_confusion(measured),
        split=split,
        estimated=estimated,
        segments=list(_segments(performance.get("by_segment") or (), _column_of_classes(report))),
        not_judged=performance.get("segments_not_judged") or (),
        notes=measured.get("notes", ()),
    )
    return shown if shown.measured or shown.estimated or shown.parts or shown.segments else None


def metric_words(metric: str) -> str:
    """Return what a figure is about, in everyday words; a metric not known here is spelled out.

    >>> metric_words("accuracy"), metric_words("top_two")
    ('right predictions', 'top two')
    """
    return own_words(METRICS[metric][0]) if metric in METRICS else visible(metric.replace("_", " "))


def figure_words(value: float | None, metric: str) -> str:
    """Return a figure: a share in percent, another number as it is.

    >>> figure_words(0.781, "accuracy"), figure_words(0.533, "log_loss"), figure_words(None, "f1")
    ('78.1 %', '0.533', '–')
    """
    if value is None:
        return "–"
    return numerals.share(value) if METRICS.get(metric, ("", True))[1] else numerals.plain(value)


def change_words(value: float | None, metric: str) -> str:
    """Return a change of a figure: points between two shares, another number as it is.

    >>> change_words(-0.09, "accuracy"), change_words(0.347, "log_loss")
    ('−9.0 points', '+0.347')
    """
    if value is None:
        return "–"
    if METRICS.get(metric, ("", True))[1]:
        return numerals.points(value, signed=True)
    return f"{'+' if value > 0 else ''}{numerals.plain(value)}"


def part_words(name: str) -> str:
    """Return what a part of a change of accuracy stands for.

    >>> part_words("harder_texts")
    'harder but familiar texts'
    """
    return own_words(PARTS[name]) if name in PARTS else visible(name.replace("_", " "))


def doubt_words(flag: str) -> str:
    """Return why an estimate may be wrong; a flag not known here is spelled out.

    >>> doubt_words("disagree")
    'two ways to estimate it differ'
    """
    if flag == "uncalibrated":
        return _UNCALIBRATED
    return own_words(DOUBTS[flag]) if flag in DOUBTS else visible(flag.replace("_", " "))


def _column_of_classes(report: Row) -> dict[str, str]:
    """Return the column of the predictions by the name that its classes have among segments."""
    roles = report.get("settings", {}).get("roles")
    segments = (roles.get("segments") or ()) if isinstance(roles, Mapping) else ()
    if not isinstance(roles, Mapping) or not roles.get("prediction") or roles["prediction"] in segments:
        return {}
    own = next((name for name in NAMES_OF_CLASSES if name not in segments), "")
    return {own: str(roles["prediction"])}


def _segments(rows: Sequence[Row], shown_as: Mapping[str, str]) -> Iterator[Figures]:
    for row in rows:
        if isinstance(row, Mapping) and "column" in row:
            column = str(row["column"])
            figures = _figures(row, shown_as.get(column, column), row.get("value"))
            if figures.known:
                yield figures


def _figures(row: Row, name: str, value: Any) -> Figures:
    sizes = [row.get(f"n_{side}") for side in ("reference", "current")]
    p_value = row.get("p_value")
    return Figures(
        name=name,
        value=value,
        reference=_ends(row.get("reference"), _NOBODY),
        current=_ends(row.get("current"), _NOBODY),
        change=_ends(row.get("change"), row),
        n_documents=(_whole(sizes[0]), _whole(sizes[1])),
        p_value=p_value if is_number(p_value) else None,
        reason=str(row.get("reason") or ""),
    )


def _ends(figure: Any, around: Row) -> Row:
    """Return value, low and high of a figure that is given as a table, or as a number with its ends beside it."""
    given = figure if isinstance(figure, Mapping) else {**{end: around.get(end) for end in _ENDS[1:]}, "value": figure}
    return {end: given.get(end) if is_number(given.get(end)) else None for end in _ENDS}


def _whole(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _confusion(measured: Row) -> tuple[Sequence[str], Row] | None:
    names, tables = measured.get("label_names", ()), measured.get("confusion") or {}
    n = len(names)
    square = n > 0 and all(
        len(tables.get(side, ())) == n and all(len(row) == n for row in tables[side])
        for side in ("reference", "current")
    )
    return (names, tables) if square else None
