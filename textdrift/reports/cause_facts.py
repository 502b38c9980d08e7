"""The sizes of a cause, said alike in every form of a report: what it explains, and which rows carry it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from textdrift.findings.phrases import percent
from textdrift.reports import numerals, wording
from textdrift.reports.tolerant_parts import number_of, rows_of, text_of
from textdrift.windows.numbers_in_words import counted

__all__ = ["cause_facts", "change_words", "touched_words"]

Row = Mapping[str, Any]


def cause_facts(cause: Row) -> Sequence[str]:
    """Return what a cause explains of the drift, and how many rows carry it, a phrase each.

    Digits are those of its sentence, so that the same number reads the same beside it.

    >>> cause_facts({"share_explained": 0.93, "explained": [{"kind": "lexical", "share": 0.93}], "remedy": "repaired",
    ...              "rows_touched": 0.0608, "rows_touched_before": 0.001, "n_rows_touched": 61, "share_of_rows": 0.06})
    ['93 % of the drift of the words goes when its rows are repaired', '6.1 % of the current rows carry it (61 rows), \
before 0.1 %']
    """
    remedy = wording.remedy_words(cause.get("remedy"))
    facts = []
    for part in rows_of(cause, "explained"):
        share = number_of(part, "share")
        if share is not None:
            low, high = number_of(part, "low"), number_of(part, "high")
            around = "" if low is None or high is None else f" ({percent(low)} to {percent(high)})"
            kind = wording.kind_words(text_of(part, "kind"))
            facts.append(f"{percent(share)}{around} of the drift of the {kind} goes{remedy}")
    whole = number_of(cause, "share_explained")
    if whole is not None and not facts:
        facts.append(f"{percent(whole)} of the drift of the texts goes{remedy}")
    return [*facts, *filter(None, [touched_words(cause) or change_words(cause)])]


def touched_words(cause: Row) -> str:
    """Return which share of the current rows carries a cause; empty where that is not known.

    >>> touched_words({"rows_touched": 0.17}), touched_words({})
    ('17 % of the current rows carry it', '')
    """
    touched, before = number_of(cause, "rows_touched"), number_of(cause, "rows_touched_before")
    if touched is None:
        return ""
    n = cause.get("n_rows_touched")
    many = f" ({counted(n, 'row')})" if isinstance(n, int) and not isinstance(n, bool) else ""
    was = "" if before is None else f", before {percent(before)}"
    return f"{percent(touched)} of the current rows carry it{many}{was}"


def change_words(cause: Row) -> str:
    """Return by how much the share that carries a cause changed, where its rows are not known; else empty.

    The tests of some faults look at distinct texts, and of no fault is a change the share that carries it now.

    >>> change_words({"share_of_rows": 0.3})
    'the share with it changed by 30.0 points'
    """
    change = number_of(cause, "share_of_rows")
    return "" if change is None else f"the share with it changed by {numerals.points(abs(change))}"
