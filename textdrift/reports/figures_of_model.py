"""The figures of the monitored model: its figures in both windows, why they changed, and labels that changed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from textdrift.reports import numerals
from textdrift.reports.concept import concept_of
from textdrift.reports.figure_canvas import BarRow, canvas, pair_bars, short_text, swing_bars
from textdrift.reports.own_words import own_words
from textdrift.reports.performance import Figures, figure_words, metric_words, part_words, performance_of

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["calibration_figure", "performance_figure", "relabelled_figure", "split_figure"]

_ROWS_SHOWN = 16
_SHARES = ("accuracy", "macro_f1")

Report = Mapping[str, Any]


def performance_figure(report: Report) -> Figure | None:
    """Draw how well the model does in both windows, as far as labels tell; None where they do not."""
    shown = performance_of(report)
    if shown is None:
        return None
    rows = [
        _pair(metric_words(row.name), row, row.name) for row in shown.measured if row.name in _SHARES and _told(row)
    ]
    for label, by_metric in shown.classes[:_ROWS_SHOWN]:
        recall = by_metric.get("recall")
        if recall is not None and _told(recall):
            rows.append(_pair(f"of ‘{label}’ found", recall, "recall"))
    accuracy = shown.accuracy
    if not rows or accuracy is None:
        return None
    title = f"Right predictions: {_from_to(accuracy, 'accuracy')}"
    with canvas(title, [len(rows)]) as (drawn, (axes,)):
        pair_bars(axes, rows, "share, %")
        return drawn


def split_figure(report: Report) -> Figure | None:
    """Draw why the accuracy changed; None where that is not known."""
    shown = performance_of(report)
    if shown is None or not shown.parts:
        return None
    most = max(shown.parts, key=lambda part: abs(part["points"]))
    total = shown.split.get("change")
    whole = "" if total is None else f" by {numerals.tenths(total)} points"
    title = f"Accuracy changed{whole}, most by {part_words(most['name'])}"
    rows = [
        BarRow(
            name=part_words(part["name"]),
            values=[part["points"]],
            lows=[part["low"]],
            highs=[part["high"]],
            told=_signed_span(part["points"], part["low"], part["high"]),
        )
        for part in shown.parts
    ]
    with canvas(title, [len(rows)]) as (drawn, (axes,)):
        swing_bars(axes, rows, "change of the accuracy, points")
        return drawn


def calibration_figure(report: Report) -> Figure | None:
    """Draw by how much the probabilities are too high or too low in both windows; None where that is not measured."""
    shown = performance_of(report)
    held = [] if shown is None else [row for row in shown.measured if row.name == "calibration_error" and _told(row)]
    if not held:
        return None
    title = f"The probabilities are too high or too low by: {_from_to(held[0], 'calibration_error')}"
    with canvas(title, [1.5]) as (drawn, (axes,)):
        pair_bars(axes, [_pair("probabilities", held[0], "calibration_error")], "distance from what came true, %")
        return drawn


def relabelled_figure(report: Report) -> Figure | None:
    """Draw which labels comparable texts gained and lost, where the same text now carries another label."""
    concept = concept_of(report)
    if concept is None or not concept.relabelled:
        return None
    rows = [
        BarRow(
            name=numerals.value_text(row["label"]),
            values=[100.0 * row["net"]],
            lows=[100.0 * row["net_low"]],
            highs=[100.0 * row["net_high"]],
            told=_signed_span(*(100.0 * row[end] for end in ("net", "net_low", "net_high"))),
        )
        for row in concept.relabelled[:_ROWS_SHOWN]
    ]
    most = max(concept.relabelled, key=lambda row: abs(row["net"]))
    way = "gained" if most["net"] > 0 else "lost"
    size = numerals.points(most["net"], signed=True)
    title = f"{own_words('The same texts')} {way} the label ‘{short_text(most['label'])}’ most: {size}"
    with canvas(title, [len(rows)]) as (drawn, (axes,)):
        swing_bars(axes, rows, own_words("of comparable texts, gained less lost, points"))
        return drawn


def _told(row: Figures) -> bool:
    return row.reference["value"] is not None and row.current["value"] is not None


def _pair(name: str, row: Figures, metric: str) -> BarRow:
    sides = (row.reference, row.current)
    return BarRow(
        name=name,
        values=[side["value"] for side in sides],
        lows=[side["low"] for side in sides],
        highs=[side["high"] for side in sides],
        told=" → ".join(figure_words(side["value"], metric) for side in sides),
    )


def _from_to(row: Figures, metric: str) -> str:
    return f"{figure_words(row.reference['value'], metric)} before, {figure_words(row.current['value'], metric)} now"


def _signed_span(value: float, low: float, high: float) -> str:
    return f"{numerals.tenths(value)} [{numerals.tenths(low)}, {numerals.tenths(high)}]"
