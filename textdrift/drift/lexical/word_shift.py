"""Word shifts: which words carry the divergence of the windows, and the change of their mean sentiment."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from textdrift.drift.contract import Evidence
from textdrift.errors import SettingsError
from textdrift.stats.shift_parts import jensen_shannon_parts, mean_shift_parts
from textdrift.tokens.token_counts import RowCounts, TokenCounts, check_shared_terms
from textdrift.tokens.words import are_words

__all__ = ["SentimentShift", "label_scores", "sentiment_shift", "term_scores", "word_shift"]

Floats = NDArray[np.float64]

_MOST_LISTED = 50
_PRIOR_DOCUMENTS = 10.0
_FEWEST_SCORES = 2
_MOST_RATINGS = 11
_KNOWN_SCORES: Mapping[str, float] = {"positive": 1.0, "pos": 1.0, "neutral": 0.0, "negative": -1.0, "neg": -1.0}


@dataclass(frozen=True, slots=True, kw_only=True)
class SentimentShift:
    """The change of the mean score of the words used, word by word.

    Attributes
    ----------
    reference_mean, current_mean:
        Mean score of the scored word occurrences of each window; 0 where a window has none.
    reference_coverage, current_coverage:
        Share of the word occurrences of each window whose word has a score.
    standard_error:
        Of ``change``, rows being independent and the scores given; 0 where there is no change to speak of.
    table:
        The evidence table ``sentiment_shift``: parts that add up to ``change``.
    """

    reference_mean: float
    current_mean: float
    reference_coverage: float
    current_coverage: float
    standard_error: float
    table: Evidence

    @property
    def change(self) -> float:
        """Current mean minus reference mean."""
        return self.current_mean - self.reference_mean


def word_shift(reference: RowCounts, current: RowCounts, *, min_documents: int = 1) -> Evidence:
    """Split the Jensen-Shannon divergence of the word counts, in bits, into the words that carry it.

    Rows of the evidence table ``word_shift``: the 50 largest parts, then one row (``term`` is ``None``) for the
    ``n_terms`` other words, so that the parts add up to the divergence (Gallagher et al. 2021; Lin 1991). ``direction``
    says which window uses the word more: ``up``, the current one. ``reference_share`` and ``current_share`` are shares
    of all word occurrences, not of documents. Punctuation is left out, and words used alike carry nothing. Parts are
    sizes without a test: two windows of one stream have some too. The table is empty where a window holds no word.
    Cost: O(stored counts + v log v).

    Parameters
    ----------
    reference, current:
        Counts over one vocabulary.
    min_documents:
        Words that fewer documents of both windows together hold are left out, and so are those that all of them hold,
        as ``TokenFrequency`` leaves them out: then the parts add up to its ``js_bits``.

    Raises
    ------
    TokenizerError
        The windows do not share one vocabulary.

    Examples
    --------
    >>> from scipy import sparse
    >>> terms = ("bad", "film", "good")
    >>> before = TokenCounts(sparse.csr_matrix([[0, 2, 2]]), terms)
    >>> after = TokenCounts(sparse.csr_matrix([[2, 2, 0]]), terms)
    >>> [(row["term"], row["direction"], row["part"]) for row in word_shift(before, after).rows]
    [('bad', 'up', 0.25), ('good', 'down', 0.25)]
    """
    counts = _word_occurrences(reference, current)
    if min_documents > 1:
        held = sum(np.asarray(side.holders.sum(axis=0)).ravel() for side in (reference, current))
        kept = (held >= min_documents) & (held < reference.n_documents + current.n_documents)
        counts = np.where(kept, counts[0], 0.0), np.where(kept, counts[1], 0.0)
    if not all(side.any() for side in counts):
        return Evidence(name="word_shift", rows=())
    p, q = (side / side.sum() for side in counts)
    return Evidence(name="word_shift", rows=_rows(reference.terms, jensen_shannon_parts(p, q), p, q, {}))


def sentiment_shift(
    reference: RowCounts, current: RowCounts, scores: Floats, *, current_scores: Floats | None = None
) -> SentimentShift:
    """Split the change of the mean score of the words into the words that carry it.

    Rows of its table: the 50 parts of largest size, then one row (``term`` is ``None``) for the ``n_terms`` others, so
    that the parts add up to the change (Gallagher et al. 2021; Dodds et al. 2011). ``type`` tells why a word carries
    it: ``+`` for a word that scores above the mean of the reference, ``-`` below, and ``up`` or ``down`` for used more
    or less than before; ``+up`` and ``-down`` raise the mean. Cost: O(stored counts + v log v).

    Parameters
    ----------
    reference, current:
        Counts over one vocabulary.
    scores:
        One score for each term, shape (v,); a term whose score is NaN is left out, see the coverages.
    current_scores:
        What each term scores in the current window, where that is known to differ.

    Raises
    ------
    TokenizerError
        The windows do not share one vocabulary.
    SettingsError
        Not one score for each term.

    Examples
    --------
    >>> from scipy import sparse
    >>> terms = ("bad", "film", "good")
    >>> before = TokenCounts(sparse.csr_matrix([[0, 2, 2]]), terms)
    >>> after = TokenCounts(sparse.csr_matrix([[1, 2, 1]]), terms)
    >>> shift = sentiment_shift(before, after, np.array([-1.0, 0.0, 1.0]))
    >>> shift.change, [(row["term"], row["type"], row["part"]) for row in shift.table.rows]
    (-0.5, [('bad', '-up', -0.375), ('good', '+down', -0.125)])
    """
    counts = _word_occurrences(reference, current)
    both = [np.asarray(s, dtype=np.float64) for s in (scores, scores if current_scores is None else current_scores)]
    for given in both:
        if given.shape != (len(reference.terms),):
            raise SettingsError(
                f"scores came in shape {given.shape}, and one score for each of the {len(reference.terms)} terms was "
                f"needed: give NaN for a term without a score"
            )
    scored = np.isfinite(both[0]) & np.isfinite(both[1])
    totals = [float(side.sum()) for side in counts]
    kept = [np.where(scored, side, 0.0) for side in counts]
    coverage = [float(side.sum()) / total if total else 0.0 for side, total in zip(kept, totals, strict=True)]
    if not all(coverage):
        nothing = Evidence(name="sentiment_shift", rows=())
        return SentimentShift(
            reference_mean=0.0, current_mean=0.0, reference_coverage=coverage[0], current_coverage=coverage[1],
            standard_error=0.0, table=nothing,
        )  # fmt: skip
    p, q = (side / side.sum() for side in kept)
    s, t = (np.where(scored, given, 0.0) for given in both)
    mean = float(p @ s)
    more = {
        "type": np.char.add(np.where((s + t) / 2 >= mean, "+", "-"), np.where(q > p, "up", "down")),
        "reference_score": s,
        "current_score": t,
    }
    rows = _rows(reference.terms, mean_shift_parts(p, q, s, t), p, q, more)
    return SentimentShift(
        reference_mean=mean, current_mean=float(q @ t), reference_coverage=coverage[0], current_coverage=coverage[1],
        standard_error=math.hypot(_error_of_mean(reference, kept[0], s), _error_of_mean(current, kept[1], t)),
        table=Evidence(name="sentiment_shift", rows=rows),
    )  # fmt: skip


def _error_of_mean(window: RowCounts, kept: Floats, scores: Floats) -> float:
    """Return the standard error of the mean score of the words of a window, a ratio of two sums over its rows."""
    mean = float(kept @ scores) / float(kept.sum())
    residuals = window.occurrences @ np.where(kept > 0, scores - mean, 0.0)
    return float(np.sqrt(residuals @ residuals) / kept.sum())


def label_scores(label_names: Sequence[str], mapping: Mapping[str, float] | None = None) -> Floats | None:
    """Return the score of each label, or ``None`` where the labels have no order that scores could follow.

    Without a mapping, labels that are all numbers, as ratings are (at most 11 of them, and no further apart than 10),
    are their own scores; ``positive``, ``neutral`` and ``negative`` (or
    ``pos`` and ``neg``, in any case) are 1, 0 and -1. Other labels, and labels that all score the same, give ``None``.

    Parameters
    ----------
    label_names:
        The labels, k of them.
    mapping:
        The score of each label, finite; it may know more labels.

    Returns
    -------
    Shape (k,), or ``None``.

    Raises
    ------
    SettingsError
        The mapping lacks a label, or a score is no finite number.

    Examples
    --------
    >>> label_scores(["Negative", "neutral", "Positive"]).tolist(), label_scores(["1", "5"]).tolist()
    ([-1.0, 0.0, 1.0], [1.0, 5.0])
    >>> label_scores(["sports", "politics"])
    """
    if mapping is not None:
        missing = [name for name in label_names if name not in mapping]
        if missing:
            raise SettingsError(
                f"the scores of labels name {', '.join(map(repr, mapping))} and not {', '.join(map(repr, missing))}; "
                f"give every label of the windows a score"
            )
        scores: list[float] = [mapping[name] for name in label_names]
        if not all(map(math.isfinite, scores)):
            raise SettingsError(f"the scores of labels were {scores}; finite numbers were needed")
    else:
        numbers = [_number(name) for name in label_names]
        known = [_KNOWN_SCORES.get(name.strip().lower(), math.nan) for name in label_names]
        if len(numbers) > _MOST_RATINGS or max(numbers, default=0.0) - min(numbers, default=0.0) >= _MOST_RATINGS:
            numbers = [math.nan]  # ids and codes are numbers too, and their mean says nothing
        scores = next((found for found in (numbers, known) if all(map(math.isfinite, found))), [])
    return np.array(scores, dtype=np.float64) if len(set(scores)) >= _FEWEST_SCORES else None


def term_scores(counts: TokenCounts, shares: Floats, scores: Floats, *, prior: float = _PRIOR_DOCUMENTS) -> Floats:
    """Score each term by the labels of the documents that hold it, shrunken towards the mean of all of them.

    s_v = (Σ of the scores of the labelled documents that hold v + ``prior`` × their overall mean) / (their number +
    ``prior``). Learned on the reference, these are scores in which a change of the current labels has no part. Cost:
    O(stored counts).

    Parameters
    ----------
    counts:
        The documents of one window, n of them.
    shares:
        Share of each label among the copies of a document, shape (n, k); a row of zeros has no label.
    scores:
        The score of each label, shape (k,), see ``label_scores``.
    prior:
        Documents of the mean score that each term starts with, not negative.

    Returns
    -------
    Shape (v,); NaN for a term that no labelled document holds.

    Examples
    --------
    >>> from scipy import sparse
    >>> counts = TokenCounts(sparse.csr_matrix([[1, 0, 1], [0, 1, 1]]), ("bad", "good", "the"))
    >>> term_scores(counts, np.eye(2), np.array([-1.0, 1.0]), prior=1.0).tolist()
    [-0.5, 0.5, 0.0]
    """
    weight = shares.sum(axis=1)
    labelled = weight > 0
    held = counts.holders[labelled]
    n_held = np.asarray(held.sum(axis=0), dtype=np.float64).ravel()
    of_document = shares[labelled] @ scores / weight[labelled]
    mean = float(of_document.mean()) if of_document.size else math.nan
    total = np.asarray(held.T @ of_document, dtype=np.float64).ravel()
    seen = n_held > 0
    return np.divide(total + prior * mean, n_held + prior, out=np.full(len(seen), np.nan), where=seen)


def _word_occurrences(reference: RowCounts, current: RowCounts) -> tuple[Floats, Floats]:
    """Return how often each window uses each term that is a word, 0 for the others, shape (v,)."""
    check_shared_terms(reference, current)
    words = are_words(reference.terms)
    first, second = (
        np.where(words, np.asarray(side.occurrences.sum(axis=0), dtype=np.float64).ravel(), 0.0)
        for side in (reference, current)
    )
    return first, second


def _rows(
    terms: tuple[str, ...], parts: Floats, p: Floats, q: Floats, more: Mapping[str, NDArray[Any]]
) -> tuple[dict[str, Any], ...]:
    """Return the largest parts as rows, and the sum of the others in a last one; parts of nothing are no rows."""
    carrying = np.flatnonzero(parts)
    # The vocabulary is sorted and the sort is stable: ties are settled by the word.
    order = carrying[np.argsort(-np.abs(parts[carrying]).round(15), kind="stable")]
    rows = [
        {
            "term": terms[term],
            "part": float(parts[term]),
            "direction": "up" if q[term] > p[term] else "down",
            "reference_share": float(p[term]),
            "current_share": float(q[term]),
            **{name: column[term].item() for name, column in more.items()},
            "n_terms": 1,
        }
        for term in order[:_MOST_LISTED]
    ]
    others = order[_MOST_LISTED:]
    if others.size:
        rest = dict.fromkeys(rows[0])
        rows.append({**rest, "part": math.fsum(parts[others]), "n_terms": len(others)})
    return tuple(rows)


def _number(name: str) -> float:
    try:
        return float(name)
    except ValueError:
        return math.nan
