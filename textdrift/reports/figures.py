"""The figures of a report for a notebook: each shows one thing, and its title says what is seen."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from textdrift.errors import SettingsError, nearest_name
from textdrift.reports import numerals, wording
from textdrift.reports.evidence_tables import NUMBER, fitting_rows, is_number, table_of
from textdrift.reports.figure_canvas import (
    BEFORE,
    NOW,
    QUIET,
    BarRow,
    canvas,
    drawn_text,
    named_rows,
    pair_bars,
    short_text,
    tell,
)
from textdrift.reports.figures_of_model import calibration_figure, performance_figure, relabelled_figure, split_figure
from textdrift.reports.kind_summary import KindSummary, kind_summaries
from textdrift.reports.lexical import term_groups
from textdrift.reports.meaning import Meaning, meaning_of
from textdrift.reports.own_words import of_its_windows, own_words

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["FIGURES", "figure", "figures"]

_ROWS_SHOWN = 16
_TOPICS_NAMED = 6
_KINDS_NAMED = 3
_MULTIPLES = (0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500)

Report = Mapping[str, Any]


@of_its_windows
def figure(report: Report, what: str) -> Figure:
    """Return one figure of a report, drawn by matplotlib; a notebook shows it, ``savefig`` writes it.

    Every number in it stands in the report. Before and now differ in colour (blue and vermilion, which people with any
    colour vision tell apart) and in hatching or shape. Texts are drawn as they are: a formula stays a text, and a
    letter that no font has is written as an escape.

    Parameters
    ----------
    report:
        The dict of ``DriftReport.to_dict``, as described by ``report_schema``.
    what:
        One of ``FIGURES``.

    Raises
    ------
    SettingsError
        For a name of no figure, or one that this report holds nothing for; the message names those it has.
    MissingExtraError
        Where matplotlib is not installed.

    Examples
    --------
    >>> rows = [{"value": "bad", "reference_share": 0.2, "current_share": 0.5},
    ...         {"value": "good", "reference_share": 0.8, "current_share": 0.5}]
    >>> label = {"kind": "label", "drifted": True, "evidence": [{"name": "categories", "rows": rows}]}
    >>> figure({"findings": [label], "diagnosis": {}}, "labels").get_suptitle()
    'Labels: bad went from 20.0 % to 50.0 % of the texts'
    """
    if what not in _DRAWINGS:
        raise SettingsError(f"a report has no figure {what!r}; {nearest_name(what, FIGURES)}")
    drawn = _DRAWINGS[what](report)
    if drawn is None:
        held = ", ".join(map(repr, figures(report))) or "none"
        raise SettingsError(f"this report holds nothing to draw as {what!r}; its figures are {held}")
    return drawn


@of_its_windows
def figures(report: Report) -> dict[str, Figure]:
    """Return every figure that a report has something to show in, by name, in reading order.

    Raises
    ------
    MissingExtraError
        Where matplotlib is not installed.
    """
    drawn = ((name, draw(report)) for name, draw in _DRAWINGS.items())
    return {name: shown for name, shown in drawn if shown is not None}


def _kinds(report: Report) -> Figure | None:
    """Draw each kind's size and interval in multiples of the size from which it matters."""
    kinds = [
        summary
        for summary in kind_summaries(report)
        if summary.finding["effect"]["material_from"] and summary.finding["effect"]["value"] is not None
    ]
    if not kinds:
        return None
    with canvas(_kinds_title(kinds), [len(kinds)]) as (drawn, (axes,)):
        ratios = [_ratios(summary) for summary in kinds]
        furthest = max([2.0, *(end for ratio in ratios for end in ratio if end is not None)])
        axes.set_xscale("asinh", linear_width=1.0)
        axes.axvspan(0, 1, color="#eeeeee", zorder=0)
        for y, (summary, (value, low, high)) in enumerate(zip(kinds, ratios, strict=True)):
            moved = summary.state == "drift"
            colour = NOW if moved else QUIET
            axes.plot(
                [low or 0.0, 1.5 * furthest if high is None else high], [y, y], color=colour, linewidth=3, alpha=0.5
            )
            axes.plot([value], [y], "D" if moved else "o", color=colour, markersize=8 if moved else 6)
        named_rows(axes, [summary.words for summary in kinds])
        tell(axes, [_kind_told(summary) for summary in kinds])
        axes.set_xlim(0, 1.15 * furthest)
        ticks = [0.0, *(tick for tick in _MULTIPLES if tick <= 1.15 * furthest)]
        axes.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
        axes.minorticks_off()
        axes.set_xlabel("size in multiples of what matters; inside the grey it does not")
        return drawn


def _kind_told(summary: KindSummary) -> str:
    return wording.size_told(summary.finding["effect"]) if summary.is_told else "cannot be told"


def _ratios(summary: KindSummary) -> tuple[float, float | None, float | None]:
    """Return an effect and its ends by its material size; a loss is drawn by its size."""
    effect = summary.finding["effect"]
    sign = -1.0 if effect["value"] < 0 and effect["name"] == "accuracy_change" else 1.0
    value, *ends = (
        None if effect[end] is None else max(0.0, sign * effect[end] / effect["material_from"])
        for end in ("value", "low", "high")
    )
    low, high = ends if sign > 0 else reversed(ends)
    return value or 0.0, low, high


def _kinds_title(kinds: Sequence[KindSummary]) -> str:
    moved = [summary.words for summary in kinds if summary.state == "drift"]
    if not moved:
        return "No kind moved by more than chance and by enough to matter"
    named = ", ".join(moved[:_KINDS_NAMED]) + (" and more" if len(moved) > _KINDS_NAMED else "")
    return f"Moved by enough to matter: {named}"


def _words(report: Report) -> Figure | None:
    """Draw the share of texts that hold each word which moved, before and now."""
    groups = [group for group in term_groups(report) if group.unit == "words" and group.kind != "concept"]
    if not groups:
        return None
    terms = groups[0].terms
    first = terms[0]
    more = f"; the {_ROWS_SHOWN} strongest of {len(terms)} words" if len(terms) > _ROWS_SHOWN else ""
    title = f"‘{short_text(first['term'])}’ {_went(first)} of the texts{more}"
    rows = [_pair(term["term"], term) for term in terms[:_ROWS_SHOWN]]
    with canvas(title, [len(rows)]) as (drawn, (axes,)):
        pair_bars(axes, rows, "share of the texts that hold the word, %")
        return drawn


def _shares_of(kind: str, words: str) -> Callable[[Report], Figure | None]:
    """Return what draws the shares of the labels, or of the predictions."""

    def draw(report: Report) -> Figure | None:
        columns = {"reference_share": NUMBER, "current_share": NUMBER}
        tables = [table_of(finding, "categories") for finding in report["findings"] if finding["kind"] == kind]
        held = next((rows for table in tables if (rows := fitting_rows(table, columns))), ())
        if not held:
            return None
        # Of two labels one rises by what the other falls; the title tells of the one that rose.
        changes = [row["current_share"] - row["reference_share"] for row in held]
        most = held[max(range(len(held)), key=lambda i: (round(abs(changes[i]), 6), changes[i]))]
        went = f"{_went(most)} {own_words('of the texts')}"
        title = f"{words}: {short_text(numerals.value_text(most.get('value')))} {went}"
        bars = [_pair(numerals.value_text(row.get("value")), row) for row in held[:_ROWS_SHOWN]]
        with canvas(title, [len(bars)]) as (drawn, (axes,)):
            pair_bars(axes, bars, own_words("share of the texts, %"))
            return drawn

    return draw


def _segments(report: Report) -> Figure | None:
    """Draw how much moved inside the segments; kinds have units of their own, and so axes of their own."""
    shown = report["diagnosis"].get("segments", ())[:_ROWS_SHOWN]
    if not shown:
        return None
    by_kind: dict[str, list[Report]] = {}
    for segment in shown:
        if segment["kind"] in by_kind or len(by_kind) < _KINDS_NAMED:
            by_kind.setdefault(segment["kind"], []).append(segment)
    title = f"{wording.kind_words(shown[0]['kind']).capitalize()} moved most in {_segment_name(shown[0])}"
    with canvas(title, [len(rows) for rows in by_kind.values()]) as (drawn, axes):
        for place, (kind, rows) in zip(axes, by_kind.items(), strict=True):
            points = kind in wording.SEGMENTS_IN_POINTS
            sizes = [abs(segment["effect"]) * (100.0 if points else 1.0) for segment in rows]
            place.barh(range(len(rows)), sizes, 0.56, color=NOW)
            named_rows(place, [_segment_name(segment) for segment in rows])
            place.set_xlabel(f"{wording.kind_words(kind)}: size of the change{', points' if points else ''}")
            tell(place, [_segment_told(segment) for segment in rows])
        return drawn


def _segment_told(segment: Report) -> str:
    size = wording.segment_size(segment["effect"], segment["kind"])
    return f"{size}, p {numerals.p_value(segment['p_value'])}"


def _segment_name(segment: Report) -> str:
    within = segment.get("within")
    inside = f", {_segment_name(within)}" if within else ""
    return f"{segment['column']} {numerals.value_text(segment['value'])}{inside}"


def _map(report: Report) -> Figure | None:
    """Draw the documents by their meaning: the shift of the average runs from left to right."""
    meaning = meaning_of(report)
    if meaning is None or not meaning.points:
        return None
    with canvas(_map_title(meaning), [9]) as (drawn, (axes,)):
        for window, colour, marker, name in (("reference", BEFORE, "o", "before"), ("current", NOW, "^", "now")):
            points = [point for point in meaning.points if point["window"] == window]
            face = "none" if window == "reference" else colour
            xs, ys = ([point[axis] for point in points] for axis in ("x", "y"))
            axes.scatter(xs, ys, s=22, marker=marker, facecolors=face, edgecolors=colour, alpha=0.7, label=name)
        for topic in meaning.moved[:_TOPICS_NAMED]:
            held = [point for point in meaning.points if point["cluster"] == topic["cluster"]]
            if held:
                x, y = (sorted(point[axis] for point in held)[len(held) // 2] for axis in ("x", "y"))
                box = {"facecolor": "white", "edgecolor": QUIET, "alpha": 0.85, "boxstyle": "round,pad=0.25"}
                axes.annotate(drawn_text(_topic(topic)), (x, y), ha="center", va="center", fontsize=9, bbox=box)
        axes.set_xlabel("along the shift of the average →")
        axes.set_xticks([])
        axes.set_yticks([])
        axes.spines[:].set_visible(False)
        axes.legend(frameon=False, loc="lower right", bbox_to_anchor=(1.0, 1.0), ncols=2, borderaxespad=0.2)
        return drawn


def _map_title(meaning: Meaning) -> str:
    if not meaning.moved:
        return "No topic grew or shrank beyond chance"
    first = meaning.moved[0]
    return f"Texts about {_topic(first)} went from {_shares(first)}"


def _topic(topic: Report) -> str:
    words = ", ".join(str(word) for word in topic.get("words", ())[:3])
    return short_text(words or f"topic {topic['cluster']}")


def _pair(name: object, row: Report) -> BarRow:
    ends = [row.get(f"{window}_{end}") for end in ("low", "high") for window in ("reference", "current")]
    known = [end if is_number(end) else None for end in ends]
    return BarRow(
        name=str(name),
        values=[row["reference_share"], row["current_share"]],
        lows=known[:2],
        highs=known[2:],
        told=f"{numerals.share(row['reference_share'])} → {numerals.share(row['current_share'])}",
    )


def _went(row: Report) -> str:
    return f"went from {_shares(row)}"


def _shares(row: Report) -> str:
    return f"{numerals.share(row['reference_share'])} to {numerals.share(row['current_share'])}"


_DRAWINGS: Mapping[str, Callable[[Report], Figure | None]] = {
    "kinds": _kinds,
    "words": _words,
    "labels": _shares_of("label", "Labels"),
    "predictions": _shares_of("prediction", "Predictions"),
    "relabelled": relabelled_figure,
    "segments": _segments,
    "map": _map,
    "performance": performance_figure,
    "split": split_figure,
    "calibration": calibration_figure,
}

FIGURES = tuple(_DRAWINGS)
"""The names of all figures, in reading order."""
