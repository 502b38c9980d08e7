"""Which fault of the pipeline the drift of the texts comes from: causes, ranked by the share that each explains."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from types import MappingProxyType
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from textdrift.drift.window_pair import WindowPair
from textdrift.findings.cause_sentences import sentence_of_cause
from textdrift.findings.explained_shares import Counterfactual, TextDrift
from textdrift.findings.fault_rows import FaultRows, fault_rows
from textdrift.findings.finding import Finding
from textdrift.findings.terms_of_faults import terms_of_faults
from textdrift.stats.mean_distance import Share
from textdrift.windows.repairing import Cut, cut_alike, levelled, mended, unescaped

__all__ = ["Triage", "causes_of", "triage"]

_ALIKE = 0.05
"""Causes that can be done without equally well, as far as the data say, leave less than this unexplained."""

_OF_ONE_TEXT = frozenset({"repeated", "placeholder"})
"""Faults that put one text into many rows; taken as one document, those rows could not explain anything."""

_LITTLE = 0.1
_RANKED_BY = 4_000  # rows of each window: the ranking compares windows again and again

_SPECIAL_FIRST = (
    "missing", "placeholder", "mojibake", "escaped", "truncated", "language", "leak", "late", "template", "loop",
    "encoder", "schema", "repeated", "recased",
)  # fmt: skip

_PLACES = {cause: place for place, cause in enumerate(_SPECIAL_FIRST)}

_ORDER_OF_REPAIR = ("truncated", "mojibake", "escaped", "recased")
"""A cut is made alike first, since its limit is one of the texts as they came, with their tags and marks."""

_GIVEN_VECTORS = (
    "Vectors came with the rows, so changed texts have none: what is repaired for the words was left out for the "
    "meaning, and what is made alike was not measured there."
)

_NO_MASKS: Mapping[str, tuple[NDArray[np.bool_], NDArray[np.bool_]]] = MappingProxyType({})

_Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Triage:
    """The causes of kind ``quality`` that drifted, and what they explain of the drift of the texts.

    Attributes
    ----------
    causes:
        Rows for JSON, the one that explains most first.
    together:
        Of the drift of the words and of the meaning (``kind``) the ``share`` that all causes together explain, with its
        interval from ``low`` to ``high``; empty where nothing can be shared out.
    notes:
        Sentences that a reader must know to read the shares right.
    terms:
        Words that moved by a fault alone, and the fault, see ``terms_of_faults``.
    """

    causes: tuple[_Row, ...]
    together: tuple[_Row, ...] = ()
    notes: tuple[str, ...] = ()
    terms: Mapping[str, str] = field(default_factory=dict)


def causes_of(findings: Sequence[Finding]) -> tuple[_Row, ...]:
    """Return the causes that drifted, largest first, without what they explain: that takes texts, see ``triage``."""
    rows = [
        {
            "cause": row["cause"],
            "kind": "quality",
            **({"column": row["column"]} if "column" in row else {}),
            "share_explained": None,
            "share_of_rows": row["share_of_rows"],
            "rows_touched": None,
            "rows_touched_before": None,
            "n_rows_touched": None,
            "direction": row.get("direction"),
            "sentence": row["sentence"],
            "explained": [],
            "remedy": None,
        }
        for row in _evidence(findings)
    ]
    return tuple(sorted(rows, key=lambda row: -(row["share_of_rows"] or 0.0)))


def triage(
    pair: WindowPair,
    findings: Sequence[Finding],
    *,
    masks: Mapping[str, tuple[NDArray[np.bool_], NDArray[np.bool_]]] = _NO_MASKS,
    rng: np.random.Generator,
) -> Triage:
    """Say of each cause what share of the drift of the texts vanishes without it.

    Texts that are escaped or wrongly decoded are repaired; cut or stripped ones are made alike in both windows; of
    copies one row remains; rows with another fault are left out. Always both windows are treated, so that what the
    reference holds by nature is no drift. The share is 1 - D(after) / D(before), with D the squared distance of the
    mean texts, see ``TextDrift``. Shares of faults that have nothing to do with each other add up to at most one;
    faults that touch the same words share what they explain. A cut or stripping made alike also hides what else
    changed in the parts of the texts that are gone.

    Cost: nothing without a cause; else linear in the texts of up to 20,000 rows of a window for each cause, and the
    encoding of at most 250 changed texts of each window, where vectors were made.

    Parameters
    ----------
    pair:
        Two windows with texts.
    findings:
        All findings of the run; those of kind ``quality`` that drifted name causes.
    masks:
        Which rows of the reference and of the current window carry a fault, shapes (n_rows,), where the caller knows.
        Placeholders, languages, templates and leaks are looked for where it does not; without a mask ``late`` is
        listed, and explains nothing.
    rng:
        Draws the rows where a window has very many.
    """
    rows = causes_of(findings)
    if not rows or pair.windows[0].roles.text is None:
        return Triage(rows)
    cuts = {row["cause"]: Cut(row["limit"], row["unit"]) for row in _evidence(findings) if "limit" in row}
    # Values that other columns lack are no fault of the texts, and explain nothing of them.
    names = tuple(dict.fromkeys(row["cause"] for row in rows if "column" not in row))
    faults = {cause: fault_rows(pair, cause, mask=masks.get(cause), cut=cuts.get(cause)) for cause in names}
    what_ifs = {cause: _what_ifs(fault, cuts.get(cause)) for cause, fault in faults.items()}
    what_ifs = {cause: choices for cause, choices in what_ifs.items() if choices}
    drift = TextDrift(pair, rows_apart=not _OF_ONE_TEXT.isdisjoint(names), rng=rng) if what_ifs else None
    chosen: dict[str, Counterfactual] = {}
    explained: dict[str, list[_Row]] = {}
    if drift is not None:
        for cause, choices in what_ifs.items():
            chosen[cause], words = _best(drift, choices)
            explained[cause] = _told(words, drift.semantic(chosen[cause]))
    n_rows = pair.audits[1].n_rows
    told = [
        row if "column" in row else _with_share(row, faults[row["cause"]], cuts, explained.get(row["cause"]), n_rows)
        for row in rows
    ]
    if drift is None:
        return Triage(_ranked(told, ()))
    alone = {row["cause"]: row["share_explained"] for row in told if row["share_explained"] is not None}
    order = _needed_most_first(drift, {cause: chosen[cause] for cause in alone}, alone) if alone else ()
    together = next(iter(explained.values()))
    if len(chosen) > 1:
        everything = _combined(chosen)
        together = _told(drift.lexical(everything), drift.semantic(everything))
    debris = terms_of_faults(pair, {cause: chosen[cause] for cause in order if cause in chosen})
    return Triage(_ranked(told, order), tuple(dict(part) for part in together), _notes(drift, chosen), debris)


def _with_share(
    row: _Row, fault: FaultRows, cuts: Mapping[str, Cut], explained: list[_Row] | None, n_rows: int
) -> _Row:
    """Return the row of a cause with what it explains; ``None`` where that was not measured."""
    known = {
        **row,
        "rows_touched": fault.touched[1],
        "rows_touched_before": fault.touched[0],
        "n_rows_touched": None if fault.touched[1] is None else round(fault.touched[1] * n_rows),
        "explained": explained or [],
        "share_explained": explained[0]["share"] if explained else None,
        "remedy": None if explained is None else fault.remedy,
    }
    sentence = sentence_of_cause(known, fault, cuts.get(row["cause"]), measured=explained is not None)
    return {**known, "sentence": sentence}


def _evidence(findings: Sequence[Finding]) -> list[_Row]:
    return [row for f in findings if f.drifted for row in f.result.table("causes")]


def _what_ifs(fault: FaultRows, cut: Cut | None) -> list[Counterfactual]:
    """Return what might have been instead of a fault; nothing where that is not known."""
    if fault.kept is None:
        return []
    if fault.cause == "truncated":
        return [] if cut is None else [Counterfactual(fault.kept, partial(cut_alike, cut=cut), of_all=True)]
    if fault.cause == "recased":
        # Whether a gap was left where a mark stood, only the texts can tell.
        changes: list[Callable[[pa.Array], pa.Array]] = [levelled, partial(levelled, joined=False)]
        return [Counterfactual(fault.kept, change, of_all=True) for change in changes]
    if fault.cause == "escaped":
        return [Counterfactual(fault.kept, unescaped)]
    return [Counterfactual(fault.kept, mended if fault.cause == "mojibake" else None)]


def _best(drift: TextDrift, choices: Sequence[Counterfactual]) -> tuple[Counterfactual, Share | None]:
    """Return the choice that explains most of the drift of the words."""
    tried = [(choice, drift.lexical(choice)) for choice in choices]
    return max(tried, key=lambda pair: -1.0 if pair[1] is None else pair[1].value)


def _told(words: Share | None, meaning: Share | None) -> list[_Row]:
    return [
        {"kind": kind, "share": share.value, "low": share.low, "high": share.high}
        for kind, share in (("lexical", words), ("semantic", meaning))
        if share is not None
    ]


def _combined(what_ifs: Mapping[str, Counterfactual]) -> Counterfactual:
    """Return two windows without any of the faults."""
    weights = [np.prod([what_if.weights[side] for what_if in what_ifs.values()], axis=0) for side in (0, 1)]
    changes = [what_ifs[cause].change for cause in _ORDER_OF_REPAIR if cause in what_ifs]
    return Counterfactual(
        (weights[0], weights[1]),
        partial(_one_after_the_other, changes=[change for change in changes if change is not None]),
        of_all=any(what_if.of_all for what_if in what_ifs.values()),
    )


def _one_after_the_other(texts: pa.Array, changes: Sequence[Callable[[pa.Array], pa.Array]]) -> pa.Array:
    """Change the texts again and again; a text that one change gives up stays given up."""
    given_up = np.zeros(len(texts), dtype=bool)
    for change in changes:
        texts = change(texts)
        given_up |= texts.is_null().to_numpy(zero_copy_only=False)
        texts = texts.fill_null("")
    return pa.array(texts.to_pylist(), pa.large_string(), mask=given_up) if given_up.any() else texts


def _needed_most_first(
    drift: TextDrift, chosen: Mapping[str, Counterfactual], alone: Mapping[str, float]
) -> tuple[str, ...]:
    """Rank causes by how much of the drift is left unexplained without them.

    One after the other that cause is struck which the others can best do without. So what a fault brings with it comes
    after the fault: a cut takes final punctuation, and taking punctuation out of both windows explains much of a cut,
    but nothing that cutting both windows alike does not explain.
    """
    left, struck = dict(chosen), []
    while len(left) > 1:
        without = {
            cause: drift.lexical(_combined({name: left[name] for name in left if name != cause}), at_most=_RANKED_BY)
            for cause in left
        }
        explained = {cause: 0.0 if share is None else share.value for cause, share in without.items()}
        most = max(explained.values())
        spare = [cause for cause in left if explained[cause] >= most - _ALIKE]
        # What explains nothing goes first; of those that explain the same, the most general.
        worst = min(spare, key=lambda cause: (min(alone[cause], _LITTLE), -_PLACES.get(cause, len(_PLACES))))
        struck.append(worst)
        del left[worst]
    return (*left, *reversed(struck))


def _ranked(rows: Sequence[_Row], order: Sequence[str]) -> tuple[_Row, ...]:
    """Rank causes in the order given; one that explains nothing of the texts by the change of the share of its rows."""
    places = {cause: place for place, cause in enumerate(order)}
    measured = sorted((row for row in rows if row["cause"] in places), key=lambda row: places[row["cause"]])
    others = sorted((row for row in rows if row["cause"] not in places), key=_strength)
    ranked = []
    for row in measured:
        while others and _strength(others[-1]) > _strength(row):
            ranked.append(others.pop())
        ranked.append(row)
    return (*ranked, *reversed(others))


def _strength(row: _Row) -> float:
    explained = row["share_explained"]
    return float(explained if explained is not None else row["share_of_rows"] or 0.0)


def _notes(drift: TextDrift, chosen: Mapping[str, Counterfactual]) -> tuple[str, ...]:
    if drift.has_given_vectors and any(what_if.change is not None for what_if in chosen.values()):
        return (*drift.notes, _GIVEN_VECTORS)
    return drift.notes
