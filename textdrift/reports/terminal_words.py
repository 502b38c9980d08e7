"""The words that moved, for a terminal: their shares in both windows, and what moved with them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rich.console import ConsoleRenderable
from rich.text import Text

from textdrift.reports import numerals, wording
from textdrift.reports.concept import concept_of
from textdrift.reports.lexical import lexical_of, term_groups, unit_words
from textdrift.reports.terminal_concept import concept_words, unlabelled_words
from textdrift.reports.terminal_parts import ROWS_SHOWN, cell, cut, line, new_table, sentence_case, shares, word
from textdrift.reports.visible_text import visible

__all__ = ["word_lines"]

TERMS_SHOWN = 3
STORIES_SHOWN = 3
SHIFTS_SHOWN = 5
DOUBTFUL = 0.05


def word_lines(report: Mapping[str, Any]) -> Iterator[ConsoleRenderable]:
    """Yield the words that moved, and in a line each: other units, words that moved together, what moved sentiment."""
    words = [term for term in report["diagnosis"]["terms"] if term.get("unit", "words") == "words"]
    terms = [term for term in words if term["kind"] != "concept"]
    if terms:
        yield _terms(terms)
    relabelled = [term for term in words if term["kind"] == "concept"]
    concept = concept_of(report)
    if relabelled:
        # Their shares are not those of the other words: of a label, among the texts that hold the word.
        yield Text("Words whose texts changed label: the share of a label among the texts that hold them", style="dim")
        known = concept.words if concept is not None else ()
        yield concept_words(known) if known else unlabelled_words(relabelled)
    lexical = lexical_of(report)
    for group in term_groups(report):
        if group.unit != "words":
            named = ", ".join(f"{word(t['term'])} {shares(t)}" for t in group.terms[:TERMS_SHOWN])
            more = ", …" if len(group.terms) > TERMS_SHOWN else ""
            yield line(sentence_case(visible(unit_words(group.unit))), f"{named}{more}")
    for story in lexical.stories[:STORIES_SHOWN]:
        named = ", ".join(map(word, story["words"][:SHIFTS_SHOWN])) + (
            ", …" if len(story["words"]) > SHIFTS_SHOWN else ""
        )
        yield line("Together", f"{named}  {shares(story)}")
    if lexical.sentiment_shift and lexical.sentiment_moved:
        means = (numerals.plain(lexical.sentiment_means[f"{window}_mean"]) for window in ("reference", "current"))
        change = lexical.sentiment_means["change"]
        # The words that push the way the mean went; those that hold against it stand in the JSON report.
        words = [row for row in lexical.sentiment_shift if row["term"] is not None and row["part"] * change > 0]
        words = words[:SHIFTS_SHOWN]
        named = ", ".join(f"{'more' if row['direction'] == 'up' else 'less'} {word(row['term'])}" for row in words)
        yield line("Sentiment", f"{' → '.join(means)}, by {named}")

    for marked in lexical.blind:
        p_value = marked.finding["p_value"]
        if marked.reader == "vocabulary" or (p_value is not None and p_value <= DOUBTFUL):
            yield line("Model", visible(marked.finding["sentence"]))


def _terms(terms: Sequence[Mapping[str, Any]]) -> ConsoleRenderable:
    several = len({term["kind"] for term in terms}) > 1
    table = new_table("word", ("before", "right"), ("now", "right"), "", ("p", "right"), *(["kind"] if several else []))
    for term in terms[:ROWS_SHOWN]:
        up = term["direction"] == "up"
        table.add_row(
            cell(term["term"]),
            Text(numerals.share(term["reference_share"])),
            Text(numerals.share(term["current_share"])),
            Text("↑" if up else "↓", style="red" if up else "blue"),
            Text(numerals.p_value(term["p_value"])),
            *([Text(wording.kind_words(term["kind"]), style="dim")] if several else []),
        )
    return cut(table, terms)
