"""Where to look, for a terminal: the segments that moved most, and the documents that show it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import ConsoleRenderable, Group
from rich.text import Text

from textdrift.reports import numerals, wording
from textdrift.reports.segments import segments_of
from textdrift.reports.terminal_parts import ROWS_SHOWN, cell, cut, new_table, said, word
from textdrift.reports.visible_text import visible

__all__ = ["documents_table", "segments_table"]


def segments_table(report: Mapping[str, Any]) -> ConsoleRenderable:
    """Return where something moved most, and what; what moved in all segments alike is said in a line."""
    shown = segments_of(report)
    segments, alike = shown.rows, [said(f"{each.sentence}.") for each in shown.alike]
    if not segments:
        return Group(*alike)
    table = new_table("segment", "what moved", ("size", "right"), ("p", "right"))
    for segment in segments[:ROWS_SHOWN]:
        table.add_row(
            Text(_slice_name(segment), overflow="fold"),
            cell(wording.kind_words(segment["kind"]) + _inside(segment)),
            Text(wording.segment_size(segment["effect"], segment["kind"])),
            Text(numerals.p_value(segment["p_value"])),
        )
    return Group(cut(table, segments), *alike)


def _slice_name(segment: Mapping[str, Any]) -> str:
    """Name a segment; column and value are cut each by itself, since a long column must not hide its value."""
    named = f"{word(segment['column'])} = {word(numerals.value_text(segment['value']))}"
    within = segment.get("within")
    return f"{named} within {_slice_name(within)}" if within else named


def _inside(segment: Mapping[str, Any]) -> str:
    """Say what moved inside a segment, as far as the report tells."""
    if segment.get("term") or segment.get("feature"):
        return f" ({segment.get('term') or segment['feature']})"
    if segment.get("label") is not None:
        return f" ({numerals.value_text(segment['label'])})"
    before, now = segment.get("reference_accuracy"), segment.get("current_accuracy")
    return "" if before is None or now is None else f" ({numerals.share(before)} → {numerals.share(now)})"


def documents_table(documents: Sequence[Mapping[str, Any]]) -> ConsoleRenderable:
    """Return the documents that show the drift best, with their texts where the report holds them."""
    told = ("text", "words", "expected_label")
    if not any(name in document for document in documents for name in told):
        rows = ", ".join(f"{visible(d['window'])} {d['row']}" for d in documents[:ROWS_SHOWN])
        return Text(f"Rows {rows}. Ask for examples to see their texts.")
    any_text = any("text" in document for document in documents)
    relabelled = any(_relabelled(document) for document in documents)
    what = "text" if any_text else "words that moved" if any("words" in d for d in documents) else ""
    columns = [what, *(["label, and before"] if relabelled else [])] if what else ["label, and before"]
    table = new_table("window", ("row", "right"), ("score", "right"), *columns)
    for document in documents[:ROWS_SHOWN]:
        text, words = document.get("text"), ", ".join(map(word, document.get("words", ())))
        shown = said(text) if text is not None else said(words) if words else Text(_unshown(document), style="dim")
        table.add_row(
            Text(visible(document["window"])),
            Text(str(document["row"])),
            Text(numerals.plain(document["score"])),
            *([shown] if what else []),
            *([Text(_relabelled(document), overflow="fold")] if relabelled else []),
        )
    return cut(table, documents)


def _relabelled(document: Mapping[str, Any]) -> str:
    """Say which label a text carries, and which it would have carried before; empty where that is not told."""
    now, before = document.get("label"), document.get("expected_label")
    if now is None or before is None:
        return ""
    return f"{word(numerals.value_text(now))}, before {word(numerals.value_text(before))}"


def _unshown(document: Mapping[str, Any]) -> str:
    """Say why a document is worth a look though nothing of it is shown."""
    return f"by its {wording.kind_words(document['kind'])}" if "kind" in document else "not shown"
