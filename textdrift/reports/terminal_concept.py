"""The same text, another label, as lines for a terminal: how many, which way, which words, which topics."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rich.console import ConsoleRenderable
from rich.text import Text

from textdrift.reports import numerals, wording
from textdrift.reports.concept import Concept, cross_both_ways
from textdrift.reports.terminal_parts import ROWS_SHOWN, cell, cut, line, new_table, word
from textdrift.reports.visible_text import visible

__all__ = ["concept_lines", "concept_words", "unlabelled_words"]

_TOPICS_SHOWN = 3
_LABELS_SHOWN = 3


def concept_lines(concept: Concept, *, unclear: bool) -> Iterator[ConsoleRenderable]:
    """Yield what changed and which way, without the words.

    Parameters
    ----------
    concept:
        What changed label.
    unclear:
        Whether the data cannot tell it from labels that only became more or less common.
    """
    if unclear:
        yield Text(
            "Two explanations fit: the same texts now carry other labels, or the labels only became more or less "
            "common. What stands here holds for the first alone."
        )
    yield line("Changed label, whichever way", wording.size_told(concept.finding["effect"]))
    if concept.relabelled:
        rows = concept.relabelled[:_LABELS_SHOWN]
        named = "; ".join(f"{_quoted(row['label'])} {_change(row, 'net', 'net_low', 'net_high')}" for row in rows)
        more = "; …" if len(concept.relabelled) > len(rows) else ""
        yield line("Does not cancel (net)", f"{named}{more}")
    for row in concept.rating:
        values = (_signed(row["change"]), numerals.plain(row["low"]), numerals.plain(row["high"]))
        yield line("Mean rating of the same texts", f"{values[0]} [{values[1]}, {values[2]}]")
    for row in concept.reversal:
        yield line("Which way", visible(row["sentence"]))
    moved = concept.moved_topics
    if moved:
        more = "; …" if len(moved) > _TOPICS_SHOWN else ""
        yield line("Topics", "; ".join(map(_topic, moved[:_TOPICS_SHOWN])) + more)


def concept_words(words: Sequence[Mapping[str, Any]]) -> ConsoleRenderable:
    """Return the words whose texts changed label: before and now are shares of that label among their texts."""
    table = new_table(
        "word", "its texts with", ("before", "right"), ("now", "right"), "", "for the same texts", ("p", "right")
    )
    for row in words[:ROWS_SHOWN]:
        up = row["adjusted_change"] > 0
        both_ways = cross_both_ways(row)
        table.add_row(
            cell(row["term"]),
            cell(row["label"]),
            Text(numerals.share(row["reference_share"])),
            Text(numerals.share(row["current_share"])),
            Text("↕" if both_ways else "↑" if up else "↓", style="red" if up or both_ways else "blue"),
            Text(f"{_change(row, 'adjusted_change', 'low', 'high')}{_way(row)}", overflow="fold"),
            Text(numerals.p_value(row["p_value"])),
        )
    return cut(table, words)


def unlabelled_words(terms: Sequence[Mapping[str, Any]]) -> ConsoleRenderable:
    """Return words of a report that does not say which label their texts changed."""
    table = new_table("word", ("label before", "right"), ("label now", "right"), "", ("p", "right"))
    for row in terms[:ROWS_SHOWN]:
        up = row["direction"] == "up"
        table.add_row(
            cell(row["term"]),
            Text(numerals.share(row["reference_share"])),
            Text(numerals.share(row["current_share"])),
            Text("↑" if up else "↓", style="red" if up else "blue"),
            Text(numerals.p_value(row["p_value"])),
        )
    return cut(table, terms)


def _topic(topic: Mapping[str, Any]) -> str:
    named = ", ".join(map(word, topic["words"][:_TOPICS_SHOWN])) or "one without words"
    if None in (topic["label"], topic["net_change"], topic["low"], topic["high"]):
        return named
    return f"{named} ({_quoted(topic['label'])} {_change(topic, 'net_change', 'low', 'high')})"


def _way(row: Mapping[str, Any]) -> str:
    if cross_both_ways(row):
        return "\nboth ways"
    if row.get("from") is None or row.get("to") is None:
        return ""
    return f"\n{word(row['from'])} → {word(row['to'])}"


def _change(row: Mapping[str, Any], value: str, low: str, high: str) -> str:
    """Return a change in points with its interval."""
    ends = (numerals.points(row[end], signed=True).removesuffix(" points") for end in (low, high))
    return f"{numerals.points(row[value], signed=True)} [{', '.join(ends)}]"


def _signed(value: float) -> str:
    return f"{'+' if value > 0 else ''}{numerals.plain(value)}"


def _quoted(label: object) -> str:
    return f"‘{word(numerals.value_text(label))}’"
