"""Words that changed the label of the texts that hold them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.special import log_ndtr, ndtr, stdtrit

from textdrift.drift.concept.pooled_fit import PooledFit
from textdrift.stats.saddlepoint import saddlepoint_z
from textdrift.tokens.token_counts import TokenCounts

__all__ = ["TermPolarity", "calibrated", "candidate_z"]

_WAYS = ("shift", "flip")
_EDGE = 0.005
_MOST_BINS = 20
_BIN_DOCUMENTS = 50
_PRIOR_DOCUMENTS = 20.0
_LOOKED_AT = 12
_WORTH_A_LOOK = 0.01
_NOTHING = 1e-3
_REACH = 0.975
_PAIR = 2


@dataclass(frozen=True, slots=True)
class TermPolarity:
    """Find words whose texts changed label beyond what their other words explain.

    Null hypothesis, word by word: given the text's guess f and what is explained already, (y - f)(w - g) does not
    depend on the word, neither on average (*shift*) nor as far as its texts crossed over from the side that f put them
    on (*flip*: the direction 1 - 2 f). The word with the smallest p-value is taken when that p-value, times all words,
    labels and the two ways of changing, is at most `level`; then it is explained away and the search goes on. Words
    that merely stand beside it are so left out, which word-by-word tests cannot do.

    The variance is what the guesses say, f (1 - f), after f was brought to scale, and larger where the word's reference
    texts were less well guessed than that. The squared residuals of the texts themselves would grow with the very
    change that is looked for, and hide it: of three planted words in tweets they find 1.5, this variance 2.8. The tail
    of such a sum is skew where few texts count, so the p-values are those of a saddlepoint.

    Each step keeps its family-wise level; the steps together have no exact guarantee. Cost: O(stored counts) a step,
    label and chosen word.

    Attributes
    ----------
    level:
        Family-wise level of each step.
    min_documents:
        A word must stand in as many texts of each window.
    max_candidates:
        The most frequent words that are looked at.
    max_terms:
        The most words named.
    """

    level: float = 0.05
    min_documents: int = 10
    max_candidates: int = 2000
    max_terms: int = 12

    def find(self, fit: PooledFit, reference: TokenCounts, current: TokenCounts) -> tuple[dict[str, Any], ...]:
        """Return one row for each word, strongest first.

        Parameters
        ----------
        fit:
            The cross-fitted guesses, reference rows first.
        reference, current:
            Words of the same texts in the same order, over one vocabulary.

        Returns
        -------
        Rows with ``term``; ``label``, the label that moved most; ``change``, ``shift`` or ``flip``; ``direction``,
        ``up`` where the label became more common in the word's texts; ``from`` and ``to``, the labels that lost and
        gained most (``None`` where one label is told from all others); ``reference_share`` and ``current_share`` of
        the label among the texts that hold the word; ``adjusted_change``, its change for the same texts (over texts
        that both windows hold, as in ``net_relabelled``), with ``standard_error`` and the 95 % interval ``low``,
        ``high``; ``crossed``, the share of the word's texts that changed sides, where they did so both ways;
        ``n_reference`` and ``n_current`` texts with the word; ``p_value``, adjusted for all words, labels and ways.
        """
        held = _presence(reference, current)
        documents = [np.asarray(part.sum(axis=0)).ravel() for part in (held[: len(reference)], held[len(reference) :])]
        candidates = np.flatnonzero(np.minimum(*documents) >= self.min_documents)
        frequency = documents[0][candidates] + documents[1][candidates]
        candidates = np.sort(candidates[np.argsort(-frequency, kind="stable")[: self.max_candidates]])
        if candidates.size == 0:
            return ()
        presence = sparse.csr_matrix(held[:, candidates])
        searches = [_Search.of(fit, column, presence) for column in range(len(fit.label_names))]
        return tuple(
            {"term": reference.terms[candidates[step[0]]], **_row(fit, presence, *step)}
            for step in self._steps(presence, searches)
        )

    def _steps(self, presence: sparse.csr_matrix, searches: list[_Search]) -> Iterator[tuple[int, int, str, float]]:
        """Yield word, label, way and adjusted p-value, as long as one is small enough."""
        n_hypotheses = len(_WAYS) * presence.shape[1] * len(searches)
        chosen: list[int] = []
        for _ in range(min(self.max_terms, presence.shape[1])):
            log_p = np.array([search.log_p_values(presence, chosen) for search in searches])
            label, way, word = (int(i) for i in np.unravel_index(np.argmin(log_p), log_p.shape))
            p_value = float(min(1.0, n_hypotheses * np.exp(log_p[label, way, word])))
            if p_value > self.level:
                return
            yield word, label, _WAYS[way], max(p_value, float(np.finfo(float).tiny))
            chosen.append(word)
            held = presence[:, [word]].toarray()
            searches = [search.explained_by(held) for search in searches]


@dataclass(frozen=True, slots=True)
class _Search:
    """What the search for the words of one label knows.

    Attributes
    ----------
    probability, residual:
        p and y - p, shape (N,).
    ways:
        The two ways for a word to matter, as weights of its texts, shape (N, 2): v, and v (1 - 2 p).
    base:
        Columns explained already, shape (N, b): a change that all texts share, and the words chosen so far.
    dispersion:
        How much more than p (1 - p) a word's residuals vary, shape (words,), at least 1.
    """

    probability: NDArray[Any]
    residual: NDArray[Any]
    ways: NDArray[Any]
    base: NDArray[Any]
    dispersion: NDArray[Any]

    @classmethod
    def of(cls, fit: PooledFit, column: int, presence: sparse.csr_matrix) -> _Search:
        label = fit.label[:, column]
        p = calibrated(fit.label_probability[:, column], label)
        v = fit.window_residual
        ways = v[:, None] * np.column_stack([np.ones_like(p), 1 - 2 * p])
        # A moved P(label) moves log-odds alike, probabilities by p (1 - p): that is no word's doing.
        base = np.column_stack([ways, v * p * (1 - p)])
        before = 1 - fit.is_current
        n = np.maximum(presence.T @ before, 1.0)
        seen, expected = presence.T @ (before * (label - p) ** 2), presence.T @ (before * p * (1 - p))
        prior = _PRIOR_DOCUMENTS * expected / n
        dispersion = (seen + prior) / np.maximum(expected + prior, np.finfo(float).tiny)
        return cls(p, label - p, ways, base, np.maximum(1.0, dispersion))

    def explained_by(self, held: NDArray[Any]) -> _Search:
        """Return the search for what is left beside one more word."""
        base = np.hstack([self.base, held * self.ways])
        return _Search(self.probability, self.residual, self.ways, base, self.dispersion)

    def log_p_values(self, presence: sparse.csr_matrix, chosen: list[int]) -> NDArray[Any]:
        """Return the log of the two-sided p-value of each way and word, 0 for those that cannot matter, (2, words)."""
        inverse = np.linalg.pinv(self.base.T @ self.base)
        coefficients = inverse @ (self.base.T @ self.residual)
        left = self.residual - self.base @ coefficients
        variance = self.probability * (1 - self.probability)
        spread = np.sqrt(self.dispersion)
        z = np.array([candidate_z(presence, way, self.base, left, variance) for way in self.ways.T]) / spread
        z[:, chosen] = 0.0
        p = np.clip(self.probability + self.base @ coefficients, _EDGE, 1 - _EDGE)
        log_p = np.zeros_like(z)
        for place in np.argsort(-np.abs(z).ravel(), kind="stable")[:_LOOKED_AT]:
            way, word = divmod(int(place), z.shape[1])
            if 2 * ndtr(-abs(z[way, word])) > _WORTH_A_LOOK:
                break
            q = self.ways[:, way] * presence[:, [word]].toarray().ravel()
            q -= self.base @ (inverse @ (self.base.T @ q))
            counts = np.abs(q) > _NOTHING * np.abs(q).max()
            exact = saddlepoint_z(q[counts], p[counts], float(q @ left)) / spread[word]
            log_p[way, word] = np.log(2) + log_ndtr(-abs(exact))
        return np.asarray(log_p)


def candidate_z(
    presence: sparse.csr_matrix,
    weight: NDArray[Any],
    base: NDArray[Any],
    residual: NDArray[Any],
    variance: NDArray[Any],
) -> NDArray[Any]:
    """Return, for every word t, the z of its column q = weight 1[t] beyond the base columns.

    With q made orthogonal to the base B by least squares, z = r'q / sqrt(sum(variance q^2)). All words at once, and no
    dense column of words x texts: q = w 1[t] - B C, so the sum opens into products of the sparse matrix with vectors.

    Parameters
    ----------
    presence:
        Shape (N, v), 0 or 1.
    weight:
        Shape (N,).
    base:
        Shape (N, b).
    residual:
        Shape (N,), r, already orthogonal to the base.
    variance:
        Shape (N,), of each residual under the null hypothesis.
    """
    transposed = presence.T
    loadings = np.linalg.pinv(base.T @ base) @ np.asarray(transposed @ (base * weight[:, None])).T
    numerator = np.asarray(transposed @ (residual * weight))
    own = np.asarray(transposed @ (variance * weight**2))
    cross = np.asarray(transposed @ (base * (variance * weight)[:, None])).T
    explained = base.T @ (base * variance[:, None])
    total = own - 2 * (loadings * cross).sum(axis=0) + (loadings * (explained @ loadings)).sum(axis=0)
    # A word that the base explains to the last digit has nothing left to show.
    shown = total > np.finfo(float).eps ** 0.5 * np.maximum(own, np.finfo(float).tiny)
    return np.divide(numerator, np.sqrt(np.maximum(total, 0.0)), out=np.zeros(len(own)), where=shown)


def calibrated(probability: NDArray[Any], label: NDArray[Any], *, among: NDArray[Any] | None = None) -> NDArray[Any]:
    """Return the guesses brought to scale: what share of the texts guessed alike carries the label.

    A line through the means of up to 20 bins of equally many texts, half a text of each kind added to a bin; flat
    beyond the outermost. A guess of 0.99 is so never surer than the labels are. With fewer than 200 texts the guesses
    stay as they are, but for the edges. ``among`` marks the texts that the scale is learned from, all where left out.

    >>> guess = np.linspace(0.3, 0.7, 1000)
    >>> calibrated(guess, (guess > 0.5).astype(float))[[0, 999]].round(2).tolist()
    [0.01, 0.99]
    """
    learned, known = (probability, label) if among is None else (probability[among], label[among])
    n_bins = min(_MOST_BINS, len(learned) // _BIN_DOCUMENTS)
    scaled = probability
    if n_bins > _PAIR:
        of_text = np.searchsorted(np.quantile(learned, np.arange(1, n_bins) / n_bins), learned)
        size = np.bincount(of_text, minlength=n_bins)
        kept = size > 0
        middle = np.bincount(of_text, learned, n_bins)[kept] / size[kept]
        share = (np.bincount(of_text, known, n_bins)[kept] + 0.5) / (size[kept] + 1)
        scaled = np.interp(probability, middle, share)
    return np.asarray(np.clip(scaled, _EDGE, 1 - _EDGE))


def _row(
    fit: PooledFit, presence: sparse.csr_matrix, word: int, label: int, change: str, p_value: float
) -> dict[str, Any]:
    held = presence[:, [word]].toarray().ravel() > 0
    is_current = fit.is_current[held] > 0
    y, v, r = fit.label[held, label], fit.window_residual[held], fit.label_residual[held]
    weight = float((v**2).sum())
    moved = (r * v[:, None]).sum(axis=0) / weight
    error = float(np.sqrt(((r[:, label] * v) ** 2).sum())) / weight
    n = int((~is_current).sum()), int(is_current.sum())
    reach = float(stdtrit(min(n) - 1, _REACH)) * error if min(n) > 1 else np.inf
    reached = moved[label] - reach, moved[label] + reach
    side = v * (1 - 2 * fit.label_probability[held, label])
    several = len(fit.label_names) > 1
    shares = float(y[~is_current].mean()), float(y[is_current].mean())
    return {
        "direction": "up" if shares[1] >= shares[0] else "down",
        "label": fit.label_names[label],
        "change": change,
        "from": fit.label_names[int(moved.argmin())] if several else None,
        "to": fit.label_names[int(moved.argmax())] if several else None,
        "reference_share": shares[0],
        "current_share": shares[1],
        "adjusted_change": float(moved[label]),
        "standard_error": error,
        "low": float(max(-1.0, reached[0])),
        "high": float(min(1.0, reached[1])),
        "crossed": float(np.clip((r[:, label] @ side) / max(float((side**2).sum()), np.finfo(float).tiny), 0.0, 1.0)),
        "n_reference": n[0],
        "n_current": n[1],
        "p_value": p_value,
    }


def _presence(reference: TokenCounts, current: TokenCounts) -> sparse.csr_matrix:
    held = sparse.csr_matrix(sparse.vstack([reference.counts, current.counts]))
    held.data = (held.data > 0).astype(np.float64)
    return held
