"""What a reader wants to know about a drift of words: what moved together, what carries it, and what a model misses."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import NoneType
from typing import Any

from textdrift.reports.evidence_tables import NUMBER, Row, fitting_rows
from textdrift.reports.evidence_tables import table_of as _table
from textdrift.tokens.tokenization import unit_in_words, unit_names

__all__ = ["Lexical", "Marked", "TermGroup", "lexical_of", "shift_words", "term_groups", "unit_of", "unit_words"]

# What was counted besides words, see ``textdrift.tokens.tokenization.unit_names``.
_CLEARLY = 2.0

UNITS: Mapping[str, str] = {name: unit_in_words(name) for name in unit_names()}

# Why a word moves the mean sentiment; what is positive stands above the mean of the reference.
SHIFTS: Mapping[str, str] = {
    "+up": "more of a positive word",
    "+down": "less of a positive word",
    "-up": "more of a negative word",
    "-down": "less of a negative word",
}

_NUMBER = NUMBER
# Column to types.
_COLUMNS: Mapping[str, Mapping[str, Any]] = {
    "terms": {"term": str, "direction": str, "reference_share": _NUMBER, "current_share": _NUMBER, "p_value": _NUMBER},
    "stories": {"direction": str, "words": list, "reference_share": _NUMBER, "current_share": _NUMBER},
    "word_shift": {"term": (str, NoneType), "part": _NUMBER, "direction": (str, NoneType)},
    "sentiment_shift": {
        "term": (str, NoneType), "part": _NUMBER, "direction": (str, NoneType), "type": (str, NoneType),
    },
    "sentiment_means": {"name": str, "value": (*_NUMBER, NoneType)},
    "sizes": {"name": str},
    "blind_words": {"term": str, "state": str, "reference_share": _NUMBER, "current_share": _NUMBER},
    "label_words": {"reference_share": _NUMBER, "current_share": _NUMBER, "words": list},
    "reader": {"reader": str},
    "unit": {"unit": str},
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Marked:
    """A supporting finding about marked words, such as those a model cannot read, and its tables.

    Attributes
    ----------
    finding:
        The finding of the report.
    rows:
        Its words or labels, strongest first.
    sizes:
        Its table ``sizes`` as name to value.
    reader:
        Who reads the words: ``encoder`` or ``vocabulary``; empty where the finding does not say.
    """

    finding: Row
    rows: Sequence[Row]
    sizes: Mapping[str, Any]
    reader: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Lexical:
    """The evidence of lexical drift that has sections of its own; empty where the report holds none.

    Attributes
    ----------
    stories:
        Words that moved together.
    word_shift, sentiment_shift:
        Parts of the distance between the windows, and of the change of the mean sentiment of their words.
    sentiment_means:
        ``reference_mean``, ``current_mean``, ``change`` and ``standard_error``.
    vocabulary:
        What was found about new and vanished words, name to value.
    blind, leaning:
        Words that a model cannot read; words that lean on a label.
    drawn:
        The tables of evidence that these sections show, so that no other part of a page repeats them.
    """

    stories: Sequence[Row]
    word_shift: Sequence[Row]
    sentiment_shift: Sequence[Row]
    sentiment_means: Mapping[str, Any]
    vocabulary: Mapping[str, Any]
    blind: Sequence[Marked]
    leaning: Sequence[Marked]
    drawn: Sequence[Row]

    @property
    def sentiment_moved(self) -> bool:
        """Whether the mean sentiment of the words moved by more than twice its standard error, where that is known."""
        change, error = self.sentiment_means.get("change"), self.sentiment_means.get("standard_error")
        return change is not None and (error is None or abs(change) > _CLEARLY * error)

    def draws(self, evidence: Row) -> bool:
        """Tell whether a section of its own shows this table."""
        return any(evidence is shown for shown in self.drawn)


@dataclass(frozen=True, slots=True, kw_only=True)
class TermGroup:
    """Terms of one kind of drift and one unit, strongest first; the unit of words is ``words``."""

    kind: str
    unit: str
    terms: Sequence[Row]


def unit_of(finding: Row) -> str:
    """Return what a finding counted: ``words``, or what its table ``unit`` says.

    >>> unit_of({"evidence": [{"name": "unit", "rows": [{"unit": "hashtags"}]}]})
    'hashtags'
    """
    return next((row["unit"] for row in _rows(_table(finding, "unit"))), "words")


def unit_words(unit: str) -> str:
    """Return what a unit counts, in everyday words; a unit not known here is spelled out.

    >>> unit_words("handles"), unit_words("word_shapes")
    ('@names', 'word shapes')
    """
    return UNITS.get(unit, unit.replace("_", " "))


def shift_words(shift_type: object) -> str:
    """Return why a word moves the mean sentiment, in everyday words; a type not known here stays as it is.

    >>> shift_words("-up")
    'more of a negative word'
    """
    return SHIFTS.get(str(shift_type), str(shift_type))


def term_groups(report: Row) -> Sequence[TermGroup]:
    """Return the terms that moved, by kind and unit, words first.

    Of units besides words the diagnosis may hold few or none, since words come first there; the findings that drifted
    hold them all.
    """
    groups: dict[tuple[str, str], list[Row]] = {}
    for term in report["diagnosis"]["terms"]:
        groups.setdefault((term["kind"], str(term.get("unit", "words"))), []).append(term)
    for finding in report["findings"]:
        unit = unit_of(finding)
        rows = _rows(_table(finding, "terms")) if unit != "words" and finding["drifted"] else ()
        if rows:
            groups[finding["kind"], unit] = list(rows)
    # As ever: kinds from Z to A, so that concept drift explains what stands above it.
    return [
        TermGroup(kind=kind, unit=unit, terms=groups[kind, unit])
        for kind in sorted({kind for kind, _ in groups}, reverse=True)
        for unit in sorted((u for k, u in groups if k == kind), key=lambda unit: unit != "words")
    ]


def lexical_of(report: Row) -> Lexical:
    """Return the evidence of lexical drift that is shown in sections of its own."""
    frequency = _speaking(report, "lexical.token_frequency")
    tables = {name: _table(frequency, name) for name in ("stories", "word_shift", "sentiment_shift", "sentiment_means")}
    means = _named(tables["sentiment_means"])
    if not {"reference_mean", "current_mean"} <= means.keys() or not _rows(tables["sentiment_shift"]):
        # One without the other says nothing; what is there is then shown as it is.
        tables["sentiment_shift"] = tables["sentiment_means"] = {}
    vocabulary = _named(_table(_speaking(report, "lexical.vocabulary"), "sizes"))
    blind = list(_marked(report, "lexical.model_coverage", "blind_words"))
    leaning = list(_marked(report, "lexical.label_words", "label_words"))
    drawn = [table for table in tables.values() if _rows(table)]
    for marked, name in [*((found, "blind_words") for found in blind), *((found, "label_words") for found in leaning)]:
        drawn += [_table(marked.finding, name), _table(marked.finding, "reader")]
    drawn += [_table(finding, "unit") for finding in report["findings"]]
    return Lexical(
        stories=_rows(tables["stories"]),
        word_shift=_rows(tables["word_shift"]),
        sentiment_shift=_rows(tables["sentiment_shift"]),
        sentiment_means=means if tables["sentiment_means"] else {},
        vocabulary=vocabulary if {"new", "expected_new", "vanished", "expected_vanished"} <= vocabulary.keys() else {},
        blind=blind,
        leaning=leaning,
        drawn=[table for table in drawn if _rows(table)],
    )


def _speaking(report: Row, test: str) -> Row:
    """Return the finding of that test about words, one that drifted where there are several; empty where none is."""
    found = [f for f in report["findings"] if f["test"] == test and unit_of(f) == "words"]
    return max(found, key=lambda finding: bool(finding["drifted"]), default={})


def _marked(report: Row, test: str, name: str) -> Iterator[Marked]:
    for finding in report["findings"]:
        rows = _rows(_table(finding, name)) if finding["test"] == test else ()
        if rows:
            reader = next((row["reader"] for row in _rows(_table(finding, "reader"))), "")
            yield Marked(finding=finding, rows=rows, sizes=_named(_table(finding, "sizes")), reader=reader)


def _rows(table: Row) -> Sequence[Row]:
    return fitting_rows(table, _COLUMNS[table["name"]]) if table else ()


def _named(table: Row) -> Mapping[str, Any]:
    return {row["name"]: row.get("value") for row in _rows(table) if isinstance(row.get("value"), _NUMBER)}
