"""Everything that a report says of one word, in sentences."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from textdrift.reports import numerals, wording
from textdrift.reports.lexical import shift_words, unit_words
from textdrift.reports.sentence_parts import (
    ends,
    joined,
    oftener,
    p_words,
    quoted,
    reported,
    row_words,
    rows_compared,
    share_change,
)
from textdrift.reports.tolerant_parts import Row, names_of, number_of, rows_of, table_of, text_of

__all__ = ["sentences_of_word", "words_of"]

_LABEL_KINDS = frozenset({"concept", "label", "prediction"})
_ROWS_NAMED = 8
# Tables whose rows stand in the diagnosis too.
_TERMS, _DOCUMENTS, _SEGMENTS = "terms", "documents", "segments"


def words_of(report: Row) -> Iterator[str]:
    """Yield every word that a report names, some of them more than once."""
    for row in rows_of(report, "diagnosis", "terms"):
        yield text_of(row, "term")
    for row in rows_of(report, "diagnosis", "segments"):
        yield text_of(row, "term")
    for row in rows_of(report, "diagnosis", "documents"):
        yield from names_of(row, "words")
    for _, _, row in _evidence(report):
        yield text_of(row, "term")
        yield text_of(row, "word")
        yield from names_of(row, "words")
        yield from (text_of(part, "term") for part in rows_of(row, "words"))


def sentences_of_word(report: Row, word: str) -> list[str]:
    """Return everything that a report says of a word, most important first; nothing where it does not name it.

    Examples
    --------
    >>> row = {"term": "late", "kind": "lexical", "reference_share": 0.01, "current_share": 0.07, "p_value": 1e-9}
    >>> sentences_of_word({"diagnosis": {"terms": [row]}}, "late")
    ["Of the documents 1.0 % before and 7.0 % now hold 'late'; p < 0.001."]
    """
    return list(dict.fromkeys(_sentences(report, word)))


def _sentences(report: Row, word: str) -> Iterator[str]:
    in_diagnosis = [row for row in rows_of(report, "diagnosis", "terms") if row.get("term") == word]
    for row in in_diagnosis:
        yield _term(row)
    told = {(text_of(row, "kind"), text_of(row, "unit", "words")) for row in in_diagnosis}
    said_below = {_place(row) for row in rows_of(report, "diagnosis", "segments") if row.get("term") == word}
    for finding, table, row in _evidence(report):
        if not _names(row, word) or table == _DOCUMENTS or (table == _SEGMENTS and _place(row) in said_below):
            continue
        if table == _TERMS and text_of(finding, "kind") == "lexical":
            if (text_of(finding, "kind"), text_of(row, "unit", "words")) not in told:
                yield _term({"kind": "lexical", **row})
            continue
        say = _SAID.get(table)
        sentence = None if say is None else say(row, word)
        yield sentence or _any_row(finding, table, row)
    for row in rows_of(report, "diagnosis", "segments"):
        if row.get("term") == word:
            effect = number_of(row, "effect")
            size = "" if effect is None else f", by {wording.segment_size(effect, text_of(row, 'kind'))}"
            yield f"Where {_segment(row)} it is the word that moved most{size}{p_words(row)}."
    yield from _documents(report, word)


def _evidence(report: Row) -> Iterator[tuple[Row, str, Row]]:
    """Yield every row of evidence, with its finding and the name of its table."""
    for finding in rows_of(report, "findings"):
        for evidence in rows_of(finding, "evidence"):
            for row in rows_of(evidence, "rows"):
                yield finding, text_of(evidence, "name"), row


def _names(row: Row, word: str) -> bool:
    return (
        word in (row.get("term"), row.get("word"))
        or word in names_of(row, "words")
        or any(part.get("term") == word for part in rows_of(row, "words"))
    )


def _term(row: Row) -> str:
    """Say how a term of the diagnosis moved."""
    word, kind, unit = quoted(row.get("term")), text_of(row, "kind"), text_of(row, "unit", "words")
    counted = "" if unit == "words" else f", counted among the {unit_words(unit)}"
    if kind not in _LABEL_KINDS:
        sides = share_change(row)
        odds = number_of(row, "log_odds")
        more = "" if odds is None else f"; log odds {numerals.plain(odds)}, shrunken towards 0"
        return f"Of the documents {sides} hold {word}{counted}{p_words(row)}{more}."
    label = f"the label {quoted(row['label'])}" if row.get("label") is not None else "the label that moved most"
    return f"Of the texts with {word}{counted} {share_change(row)} carry {label}{_from_to(row)}{p_words(row)}."


def _from_to(row: Row) -> str:
    gone, come = row.get("from"), row.get("to")
    return "" if gone is None or come is None else f", mostly from {quoted(gone)} to {quoted(come)}"


def _segment(row: Row) -> str:
    return f"{quoted(row.get('column'))} is {quoted(row.get('value'))}"


def _place(row: Row) -> tuple[str, ...]:
    within = table_of(row, "within")
    return tuple(str(part) for part in (row.get("column"), row.get("value"), *within.values()))


def _documents(report: Row, word: str) -> Iterator[str]:
    listed = [row for _, table, row in _evidence(report) if table == _DOCUMENTS]
    for window in ("current", "reference"):
        rows = [
            number_of(row, "row")
            for row in [*rows_of(report, "diagnosis", "documents"), *listed]
            if row.get("window") == window and word in names_of(row, "words")
        ]
        numbers = list(dict.fromkeys(f"{number:.0f}" for number in rows if number is not None))
        if numbers:
            more = f" and {len(numbers) - _ROWS_NAMED} more" if len(numbers) > _ROWS_NAMED else ""
            yield f"Documents to look at that hold it: {window} rows {', '.join(numbers[:_ROWS_NAMED])}{more}."


def _any_row(finding: Row, table: str, row: Row) -> str:
    """Say what a table says of which we know no more than its name."""
    test = quoted(text_of(finding, "test", "an unnamed test"))
    return f"The table {quoted(table)} of the test {test} has: {row_words(row)}."


def _story(row: Row, word: str) -> str | None:
    words = [other for other in names_of(row, "words") if other != word]
    way = {"up": "more", "down": "less"}.get(text_of(row, "direction"))
    if not words or way is None:
        return None
    return f"It is used {way} together with {joined(words)}: {share_change(row)} of the documents tell this story."


def _relabelled(row: Row, word: str) -> str | None:
    change, both = number_of(row, "adjusted_change"), ends(row)
    if change is None or both is None:
        return None
    flips = " Its texts changed sides." if row.get("change") == "flip" else ""
    return (
        f"The same texts with {quoted(word)} carry the label {quoted(row.get('label'))} {oftener(change, both)}"
        f"{_from_to(row)}{p_words(row)}{rows_compared(row)}.{flips}"
    )


def _shifted(row: Row, _: str) -> str | None:
    part = number_of(row, "part")
    return (
        None if part is None else f"It carries {numerals.plain(part)} bits of the difference between the word counts."
    )


def _sentiment(row: Row, _: str) -> str | None:
    part = number_of(row, "part")
    if part is None:
        return None
    why = f", being {shift_words(row['type'])}" if isinstance(row.get("type"), str) else ""
    return f"It moves the mean sentiment by {numerals.plain(part)}{why}."


def _blind(row: Row, _: str) -> str | None:
    states = {"unknown": "A model does not know it", "split": "A model reads it in pieces"}
    state = states.get(text_of(row, "state"))
    return None if state is None else f"{state}: of the documents {share_change(row)} hold it."


def _label_words(row: Row, word: str) -> str | None:
    part = next((number_of(each, "part") for each in rows_of(row, "words") if each.get("term") == word), None)
    if part is None:
        return None
    return (
        f"It leans on the label {quoted(row.get('label'))}, and adds {numerals.points(part, signed=True)} to that "
        f"label's share of the words ({share_change(row)})."
    )


def _topic(row: Row, word: str) -> str | None:
    words = [other for other in names_of(row, "words") if other != word]
    if number_of(row, "reference_share") is None or not words:
        return None
    return f"It names a topic, with {joined(words)}: {share_change(row)} of the texts{p_words(row)}."


def _concept_topic(row: Row, word: str) -> str | None:
    words = [other for other in names_of(row, "words") if other != word]
    net = number_of(row, "net_change")
    if net is None or not words:
        return None
    label = quoted(row.get("label"))
    sure = "" if row.get("changed") is True else ", which may be chance"
    return (
        f"It names a topic, with {joined(words)}, whose texts carry the label {label} "
        f"{oftener(net)}{sure}{p_words(row)}."
    )


def _reversal(row: Row, _: str) -> str | None:
    sentence = text_of(row, "sentence")
    return f"It is one of the words that show how labels changed. {reported(sentence)}" if sentence else None


_SAID: Mapping[str, Callable[[Row, str], Any]] = {
    "terms": _relabelled,
    "stories": _story,
    "word_shift": _shifted,
    "sentiment_shift": _sentiment,
    "blind_words": _blind,
    "label_words": _label_words,
    "clusters": _topic,
    "concept_topics": _concept_topic,
    "reversal": _reversal,
}
