"""The monitored model, its cost and the labels to ask, as lines for a terminal."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from rich.console import ConsoleRenderable
from rich.text import Text

from textdrift.reports import numerals
from textdrift.reports.cost import CostShown, money
from textdrift.reports.labels_to_ask import COMMAND, HOW, TEMPLATE, AskedShown
from textdrift.reports.performance import (
    CLASS_METRICS,
    Figures,
    PerformanceShown,
    change_words,
    doubt_words,
    figure_words,
    metric_words,
    part_words,
)
from textdrift.reports.terminal_parts import ROWS_SHOWN, cell, cut, line, new_table, said
from textdrift.reports.visible_text import clipped, visible

__all__ = ["asked_lines", "cost_lines", "performance_lines"]

_BAR_CHARACTERS = 12
_CELLS_SHOWN = 4
_SEGMENTS_SHOWN = 5
_NOTES_SHOWN = 3


def performance_lines(performance: PerformanceShown) -> Iterator[ConsoleRenderable]:
    """Yield the figures of the model, why its accuracy changed, and what is estimated without labels."""
    if performance.measured:
        yield _figures_table("measured", performance.measured)
    if performance.parts:
        yield Text("Why the accuracy changed, in points", style="dim")
        yield _split(performance.parts, performance.longest_part)
    elif performance.split.get("reason"):
        yield line("Why the accuracy changed", visible(performance.split["reason"]))
    if performance.classes:
        yield _classes(performance.classes)
    if performance.segments:
        yield _segments(performance.segments)
    if performance.estimated:
        yield from _estimate(performance)
    yield from map(said, performance.notes[:_NOTES_SHOWN])


def cost_lines(cost: CostShown) -> Iterator[ConsoleRenderable]:
    """Yield what the change costs, what the limit decided, and from which mistakes it comes."""
    yield said(cost.cost["sentence"])
    if cost.decision:
        limit = money(cost.cost["fail_above"], clipped(visible(cost.currency), 20))
        yield said(f"{cost.decision} The limit is {limit} more per window.")
    if cost.cells:
        table = new_table("label", "predicted", ("change", "right"), "")
        for row in cost.cells[:_CELLS_SHOWN]:
            table.add_row(
                cell(row["label"]),
                cell(row["prediction"]),
                Text(money(row["change"])),
                Text(f"[{money(row['low'])}, {money(row['high'])}]", style="dim"),
            )
        yield cut(table, cost.cells, _CELLS_SHOWN)
    yield from map(said, cost.cost.get("notes", ())[:_NOTES_SHOWN])


def asked_lines(asked: AskedShown) -> Iterator[ConsoleRenderable]:
    """Yield the rows to label first, why, and how to send the answers."""
    if asked.rows:
        yield Text(f"{asked.purpose} {HOW}")
        yield Text(COMMAND, style="bold")
        yield Text(f"{TEMPLATE} writes the file to fill in.")
        table = new_table(("row", "right"), asked.judged_words, "why")
        for row in asked.rows[:ROWS_SHOWN]:
            table.add_row(Text(str(row["row"])), cell(numerals.value_text(row["judged"])), cell(row["reason"]))
        yield cut(table, asked.rows)
    if asked.reason:
        yield said(asked.reason)
    yield from map(said, asked.notes[:_NOTES_SHOWN])


def _figures_table(title: str, rows: Sequence[Figures]) -> ConsoleRenderable:
    table = new_table(title, ("before", "right"), ("now", "right"), ("change", "right"))
    for row in rows[:ROWS_SHOWN]:
        reason = clipped(visible(row.reason), 60) if row.change["value"] is None else ""
        table.add_row(
            Text.assemble(metric_words(row.name), (f"\n{reason}" if reason else "", "dim")),
            Text(figure_words(row.reference["value"], row.name)),
            Text(figure_words(row.current["value"], row.name)),
            # The interval stands below its change: beside it a narrow terminal would break the words.
            Text.assemble(
                change_words(row.change["value"], row.name), (f"\n{_range(row.change, row.name, change_words)}", "dim")
            ),
        )
    return cut(table, rows)


def _classes(classes: Sequence[tuple[str, Mapping[str, Figures]]]) -> ConsoleRenderable:
    table = new_table("label", *((metric_words(metric), "right") for metric in CLASS_METRICS[:-1]))
    for label, by_metric in classes[:ROWS_SHOWN]:
        cells = []
        for metric in CLASS_METRICS[:-1]:
            row = by_metric.get(metric)
            before = figure_words(row.reference["value"], metric).removesuffix(" %") if row else "–"
            now = figure_words(row.current["value"], metric) if row else "–"
            cells.append(Text(f"{before} → {now}"))
        table.add_row(cell(label), *cells)
    return cut(table, classes)


def _split(parts: Sequence[Mapping[str, Any]], longest: float) -> ConsoleRenderable:
    table = new_table("part", ("points", "right"), "", "")
    for part in parts[:ROWS_SHOWN]:
        length = round(_BAR_CHARACTERS * min(1.0, abs(part["points"]) / longest))
        table.add_row(
            Text(part_words(part["name"])),
            Text(numerals.tenths(part["points"])),
            Text(f"[{numerals.tenths(part['low'])}, {numerals.tenths(part['high'])}]", style="dim"),
            Text("█" * length, style="red" if part["points"] < 0 else "blue"),
        )
    return table


def _segments(rows: Sequence[Figures]) -> ConsoleRenderable:
    table = new_table("segment", ("before", "right"), ("now", "right"), ("change", "right"), ("p", "right"))
    for row in rows[:_SEGMENTS_SHOWN]:
        table.add_row(
            cell(f"{row.name} = {numerals.value_text(row.value)}"),
            Text(figure_words(row.reference["value"], "accuracy")),
            Text(figure_words(row.current["value"], "accuracy")),
            Text(change_words(row.change["value"], "accuracy")),
            Text(numerals.p_value(row.p_value)),
        )
    return cut(table, rows, _SEGMENTS_SHOWN)


def _estimate(performance: PerformanceShown) -> Iterator[ConsoleRenderable]:
    estimated = performance.estimated
    accuracy, second = estimated["accuracy"], estimated.get("second_accuracy")
    value = numerals.share(accuracy["value"])
    if performance.calibrated:
        other = "" if second is None else f"; in another way {numerals.share(second)}"
        yield line("Estimated accuracy without labels", f"{value} {_range(accuracy, 'accuracy', figure_words)}{other}")
    else:
        yield line("The model’s mean confidence, no estimate", value)
    doubts = [doubt_words(flag) for flag in estimated.get("flags", ())]
    if doubts:
        yield Text(f"Do not rely on it: {'; '.join(doubts)}.")
    yield from map(said, estimated.get("notes", ()))


def _range(figure: Mapping[str, Any], metric: str, words: Callable[[float | None, str], str]) -> str:
    """Return the interval of a figure or of a change in brackets; empty where it is not known."""
    if figure["low"] is None or figure["high"] is None:
        return ""
    ends = (words(figure[end], metric).removesuffix(" points").removesuffix(" %") for end in ("low", "high"))
    return f"[{', '.join(ends)}]"
