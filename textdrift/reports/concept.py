"""What a reader wants to know where the same text now carries another label: how many, which way, which words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from types import NoneType

from textdrift.reports.evidence_tables import NUMBER, Row, fitting_rows, table_of

__all__ = ["Concept", "concept_of", "cross_both_ways"]

_TEST = "concept.label_given_text"
_MAYBE = (*NUMBER, NoneType)

# Column to types.
_RELABELLED = {"label": str, "net": NUMBER, "net_low": NUMBER, "net_high": NUMBER, "gained": NUMBER, "lost": NUMBER}
_RATING = {"change": NUMBER, "low": NUMBER, "high": NUMBER}
_WORDS = {
    "term": str, "label": str, "change": str, "direction": str, "reference_share": NUMBER, "current_share": NUMBER,
    "adjusted_change": NUMBER, "low": NUMBER, "high": NUMBER, "p_value": NUMBER,
}  # fmt: skip
_TOPICS = {
    "words": list, "label": (str, NoneType), "net_change": _MAYBE, "low": _MAYBE, "high": _MAYBE,
    "reference_share": NUMBER, "current_share": NUMBER, "p_value": NUMBER, "changed": bool,
}  # fmt: skip
_REVERSAL = {"sentence": str, "bands": list}
_BAND = {"reads": str, "turned": str, "crossed": NUMBER, "low": NUMBER, "high": NUMBER}


@dataclass(frozen=True, slots=True, kw_only=True)
class Concept:
    """The finding that says that the same text now carries another label, and its tables; empty where it holds none.

    Attributes
    ----------
    finding:
        The finding of the report.
    relabelled:
        For each label how many comparable texts gained and lost it, and what does not cancel.
    rating:
        The change of the mean rating, where labels are numbers; at most one row.
    words, topics:
        Where the labels changed, strongest first.
    reversal, bands:
        The way in which they changed, at most one row; and the clear texts that it speaks of.
    drawn:
        The tables that a section of its own shows.
    """

    finding: Row
    relabelled: Sequence[Row]
    rating: Sequence[Row]
    words: Sequence[Row]
    topics: Sequence[Row]
    reversal: Sequence[Row]
    bands: Sequence[Row]
    drawn: Sequence[Row]

    @property
    def moved_topics(self) -> Sequence[Row]:
        """The topics whose texts changed label beyond chance."""
        return [topic for topic in self.topics if topic["changed"]]

    @property
    def other_topics(self) -> Sequence[Row]:
        """The topics whose texts changed label no more than by chance, or were too few to tell."""
        return [topic for topic in self.topics if not topic["changed"]]

    def draws(self, evidence: Row) -> bool:
        """Tell whether a section of its own shows this table."""
        return any(evidence is shown for shown in self.drawn)


def concept_of(report: Row) -> Concept | None:
    """Return what changed label, or ``None`` where nothing did, or where moved shares of the labels explain it.

    It is returned, too, where the data cannot tell the two explanations apart.
    """
    ambiguous = any("concept" in group for group in report["diagnosis"]["ambiguous"])
    found = [f for f in report["findings"] if f["test"] == _TEST and (f["drifted"] or ambiguous)]
    if not found:
        return None
    tables = {
        name: (table_of(found[0], name), columns)
        for name, columns in (
            ("relabelled", _RELABELLED),
            ("rating", _RATING),
            ("terms", _WORDS),
            ("concept_topics", _TOPICS),
            ("reversal", _REVERSAL),
        )
    }
    rows = {name: fitting_rows(table, columns) for name, (table, columns) in tables.items()}
    if not any(rows.values()):
        return None
    bands = rows["reversal"][0]["bands"] if rows["reversal"] else ()
    return Concept(
        finding=found[0],
        relabelled=rows["relabelled"],
        rating=rows["rating"][:1],
        words=rows["terms"],
        topics=rows["concept_topics"],
        reversal=rows["reversal"][:1],
        bands=fitting_rows({"rows": bands}, _BAND) if all(isinstance(band, dict) for band in bands) else (),
        drawn=[table for name, (table, _) in tables.items() if rows[name]],
    )


def cross_both_ways(word: Row) -> bool:
    """Tell whether the texts of a word changed sides so that most of the changes cancel.

    >>> cross_both_ways({"change": "flip", "low": -0.5, "high": 0.2})
    True
    """
    return bool(word["change"] == "flip" and word["low"] <= 0.0 <= word["high"])
