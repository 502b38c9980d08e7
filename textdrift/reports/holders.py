"""Which documents of a report hold a word: what a reader who asks about a word wants to see next."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from textdrift.reports.evidence_tables import Row, table_of

__all__ = ["Holder", "holders_of", "texts_of"]

_WINDOWS = ("reference", "current")


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """One document that holds a word: a row of a window, and its text where the report may show it."""

    window: str
    row: int
    text: str | None


def holders_of(report: Row, *, most: int = 5) -> Mapping[str, Sequence[Holder]]:
    """Return for each word the documents that the report says hold it, most telling first.

    A report names the documents that moved most, each with the words that moved which it holds; others may hold a word
    too. The tables ``documents`` of the findings are read as well as the diagnosis, since they name more.

    Parameters
    ----------
    report:
        The dict of ``DriftReport.to_dict``.
    most:
        How many documents of a word are kept.

    Examples
    --------
    >>> told = {"window": "current", "row": 7, "score": 1.0, "words": ["late", "again"]}
    >>> holders_of({"diagnosis": {"documents": [told]}, "findings": []})["late"]
    [Holder(window='current', row=7, text=None)]
    """
    texts = texts_of(report)
    holders: dict[str, dict[tuple[str, int], Holder]] = {}
    for document in _documents(report):
        place = (document["window"], document["row"])
        words = document.get("words")
        for word in words if isinstance(words, list) else ():
            held = holders.setdefault(str(word), {})
            if len(held) < most or place in held:
                held[place] = Holder(window=place[0], row=place[1], text=texts.get(place))
    return {word: list(held.values()) for word, held in holders.items()}


def texts_of(report: Row) -> Mapping[tuple[str, int], str]:
    """Return the texts that the report shows, by window and row.

    >>> texts_of({"diagnosis": {"documents": [{"window": "current", "row": 7, "text": "late"}]}, "findings": []})
    {('current', 7): 'late'}
    """
    return {
        (document["window"], document["row"]): document["text"]
        for document in _documents(report)
        if isinstance(document.get("text"), str)
    }


def _documents(report: Row) -> Iterator[Row]:
    """Yield the documents of the diagnosis, then those of each finding; what names no row is not ours."""
    tables = [report["diagnosis"]["documents"]]
    tables += [table_of(finding, "documents").get("rows", ()) for finding in report["findings"]]
    for table in tables:
        for document in table:
            row = document.get("row")
            if document.get("window") in _WINDOWS and isinstance(row, int) and not isinstance(row, bool):
                yield document
