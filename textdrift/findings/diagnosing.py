"""Findings in, diagnosis out: the kinds of drift, the likely cause, the words and documents to look at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain, zip_longest
from types import MappingProxyType
from typing import Any

from textdrift.drift.contract import DriftResult
from textdrift.findings.column_sentences import column_of, direction_of, strongest_columns, way_of
from textdrift.findings.deciding import drifted_kinds
from textdrift.findings.finding import Finding
from textdrift.findings.naming import Naming, name_label_change
from textdrift.findings.terms_of_faults import own_words_first
from textdrift.findings.triaging import causes_of

__all__ = ["Diagnosis", "diagnose", "moved_columns", "name_kinds"]

_MOST_TERMS = 40
_ROOM_FOR_UNITS = 12  # of them, where other things than words were counted
_MOST_DOCUMENTS = 20
_ALSO_TOLD = (
    "unit",
    "reference_low",
    "reference_high",
    "current_low",
    "current_high",
    "log_odds",
    "label",
    "from",
    "to",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnosis:
    """What happened, in the order a person should look at it.

    Attributes
    ----------
    kinds:
        The kinds of drift, strongest first.
    ambiguous:
        Pairs of kinds that the data cannot tell apart.
    causes, terms, segments, documents:
        Rows for JSON, strongest first.
    too_small:
        Segments with too few documents to be judged: ``column``, ``value``, ``n_reference``, ``n_current``, ``reason``.
    search:
        How segments were searched: ``n_slices``, ``n_permutations``, ``method``; ``None`` where they were not.
    explained_together:
        Of the drift of the words and of the meaning (``kind``) the ``share`` that all causes together explain.
    columns:
        The features that moved, strongest first, see `moved_columns`.
    segment_shares:
        How large each segment was and is, see `segment_shares`.
    """

    kinds: tuple[str, ...]
    ambiguous: tuple[tuple[str, str], ...]
    causes: tuple[dict[str, Any], ...]
    terms: tuple[dict[str, Any], ...]
    segments: tuple[dict[str, Any], ...]
    documents: tuple[dict[str, Any], ...]
    too_small: tuple[dict[str, Any], ...] = ()
    search: dict[str, Any] | None = None
    explained_together: tuple[dict[str, Any], ...] = ()
    columns: tuple[dict[str, Any], ...] = ()
    segment_shares: tuple[dict[str, Any], ...] = ()


def name_kinds(findings: Sequence[Finding], *, alpha: float) -> tuple[tuple[Finding, ...], Naming | None]:
    """Apply the naming rule: a moved P(label) also moves P(label | text), and then ``concept`` is not the right name.

    Returns the findings, with ``concept`` struck where the label shift explains it, and what the rule said; ``None``
    where there was nothing to name.
    """
    by_test = {finding.result.test: finding for finding in findings}
    concept = by_test.get("concept.label_given_text")
    within, shift = by_test.get("concept.text_given_label"), by_test.get("concept.label_shift")
    label = next((f for f in findings if f.kind == "label"), None)
    if concept is None or within is None or shift is None or label is None or not concept.drifted:
        return tuple(findings), None
    naming = name_label_change(
        p_label=label.adjusted_p_value if label.adjusted_p_value is not None else 1.0,
        p_concept=concept.adjusted_p_value if concept.adjusted_p_value is not None else 1.0,
        within=within.result,
        shift=shift.result,
        level=alpha,
    )
    if naming.strike_concept and label.drifted:
        struck = replace(concept, drifted=False, sentence=naming.sentence)
    elif naming.ambiguous:
        struck = replace(concept, sentence=f"{concept.sentence} {naming.sentence}")
    else:
        return tuple(findings), naming
    return tuple(struck if finding is concept else finding for finding in findings), naming


def diagnose(
    findings: Sequence[Finding],
    naming: Naming | None,
    *,
    segments: Sequence[Mapping[str, Any]],
    too_small: Sequence[Mapping[str, Any]] = (),
    search: Mapping[str, Any] | None = None,
    causes: Sequence[Mapping[str, Any]] | None = None,
    explained_together: Sequence[Mapping[str, Any]] = (),
    terms_of_faults: Mapping[str, str] = MappingProxyType({}),
    segment_shares: Sequence[Mapping[str, Any]] = (),
) -> Diagnosis:
    """Collect the evidence of the kinds that drifted; what did not drift names nothing.

    ``causes`` are those of ``triage``, which needs texts; without them the causes are ranked by the rows they touch.
    Words of ``terms_of_faults`` stand behind the others.
    """
    kinds = drifted_kinds(findings)
    drifted = [finding for finding in findings if finding.drifted]
    ambiguous: tuple[tuple[str, str], ...] = ()
    if naming is not None and naming.ambiguous and ("concept" in kinds or "label" in kinds):
        ambiguous = (("concept", "label"),) if "concept" in kinds else (("label", "concept"),)
    return Diagnosis(
        kinds=kinds,
        ambiguous=ambiguous,
        causes=tuple(dict(row) for row in causes) if causes is not None else causes_of(drifted),
        terms=own_words_first(_terms(drifted, kinds), terms_of_faults),
        segments=tuple(dict(row) for row in segments),
        documents=_documents(drifted),
        too_small=tuple(dict(row) for row in too_small),
        search=None if search is None else dict(search),
        explained_together=tuple(dict(row) for row in explained_together),
        columns=moved_columns(drifted),
        segment_shares=tuple(dict(row) for row in segment_shares),
    )


def moved_columns(findings: Sequence[Finding]) -> tuple[dict[str, Any], ...]:
    """Return a row for each feature that moved, the largest change in units of what matters first.

    ``column``; its ``type``, numeric or categorical; ``effect`` and its ``low`` and ``high``, a share of the rows;
    ``p_value``, adjusted for all tests of the run; the shares of missing values, ``missing_reference`` and
    ``missing_current``; ``way`` and ``direction``: where it went, in a word and in words.
    """
    rows = []
    for finding in strongest_columns(findings):
        result, missing = finding.result, next(iter(finding.result.table("missing")), {})
        rows.append(
            {
                "column": column_of(result),
                "type": result.table("column")[0]["type"],
                "effect": finding.effect.value,
                "low": finding.effect.low,
                "high": finding.effect.high,
                "p_value": finding.adjusted_p_value,
                "missing_reference": missing.get("reference"),
                "missing_current": missing.get("current"),
                "way": way_of(result),
                "direction": direction_of(result),
            }
        )
    return tuple(rows)


def _terms(drifted: Sequence[Finding], kinds: Sequence[str]) -> tuple[dict[str, Any], ...]:
    """Take the strongest word of each kind in turn, so that no kind hides another."""
    per_kind = []
    for kind in kinds:
        of_words = [_word_table(f.result) for f in drifted if f.kind == kind and not f.result.table("unit")]
        # token_frequency ranks all words by their evidence; vocabulary is heard where that names none.
        rows = max(of_words, key=lambda table: (bool(table[1]), table[0]), default=(0, []))[1]
        # What else was counted stands behind the words, each unit in turn.
        others = [f.result.table("terms") for f in drifted if f.kind == kind and f.result.table("unit")]
        woven_others = [row for row in chain.from_iterable(zip_longest(*others)) if row is not None]
        room = _MOST_TERMS - min(len(woven_others), _ROOM_FOR_UNITS)
        rows = [*rows[:room], *woven_others]
        per_kind.append(
            [
                {
                    "term": row["term"],
                    "kind": kind,
                    "direction": row["direction"],
                    "reference_share": row["reference_share"],
                    "current_share": row["current_share"],
                    "p_value": row["p_value"],
                    **{name: row[name] for name in _ALSO_TOLD if name in row},
                }
                for row in rows
            ]
        )
    woven = [row for row in chain.from_iterable(zip_longest(*per_kind)) if row is not None]
    return tuple(woven[:_MOST_TERMS])


def _word_table(result: DriftResult) -> tuple[int, list[dict[str, Any]]]:
    return int(result.test != "lexical.vocabulary"), list(result.table("terms"))


def _documents(drifted: Sequence[Finding]) -> tuple[dict[str, Any], ...]:
    """Rank the documents that moved, those of each kind in turn; one that several tests name stands where it is first.

    Scores of one kind of drift can be compared, those of two kinds cannot.
    """
    per_kind: dict[str, list[dict[str, Any]]] = {}
    for finding in drifted:
        rows = ({**row, "kind": finding.kind} for row in finding.result.table("documents"))
        per_kind.setdefault(finding.kind, []).extend(rows)
    for rows_of_kind in per_kind.values():
        rows_of_kind.sort(key=lambda row: (-row["score"], row["window"], row["row"]))
    ranked = [row for row in chain.from_iterable(zip_longest(*per_kind.values())) if row is not None]
    first = {(row["window"], row["row"]): row for row in reversed(ranked)}
    return tuple(row for row in ranked if first[row["window"], row["row"]] is row)[:_MOST_DOCUMENTS]
