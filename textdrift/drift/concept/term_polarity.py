"""Words that changed the label of the texts that hold them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse, stats

from textdrift.drift.concept.pooled_fit import PooledFit
from textdrift.tokens.token_counts import TokenCounts

__all__ = ["TermPolarity"]


@dataclass(frozen=True, slots=True)
class TermPolarity:
    """Find words whose texts changed label beyond what their other words explain.

    Null hypothesis, word by word: given the text's guess f and what is explained already, (y - f)(w - g) does not
    depend on the word, neither on average (*shift*) nor along the score s (*flip*: texts on both sides cross over).
    The word with the largest |z| is taken when its p-value, times all words, labels and the two ways of changing, is at
    most `level`; then it is explained away and the search goes on. Words that merely stand beside it are so left out,
    which word-by-word tests cannot do.

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
    min_documents: int = 15
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
        Rows with ``term``; ``label``, the label that moved most; ``change``, ``shift`` or ``flip``;
        ``reference_share`` and ``current_share``, that label's share among the texts that hold the word;
        ``direction``, ``up`` where the second is larger; ``p_value``, adjusted for all words, labels and ways.
        """
        held = _presence(reference, current)
        documents = [np.asarray(part.sum(axis=0)).ravel() for part in (held[: len(reference)], held[len(reference) :])]
        candidates = np.flatnonzero(np.minimum(*documents) >= self.min_documents)
        frequency = documents[0][candidates] + documents[1][candidates]
        candidates = np.sort(candidates[np.argsort(-frequency, kind="stable")[: self.max_candidates]])
        if candidates.size == 0:
            return ()
        presence = sparse.csr_matrix(held[:, candidates])
        rows = []
        for word, label, change, p_value in self._steps(presence, fit):
            row = _shares(presence[:, [word]].toarray().ravel() > 0, fit.label[:, label], fit.is_current > 0)
            direction = "up" if row["current_share"] >= row["reference_share"] else "down"
            term = reference.terms[candidates[word]]
            rows.append(
                {
                    "term": term,
                    "direction": direction,
                    "label": fit.label_names[label],
                    "change": change,
                    **row,
                    "p_value": p_value,
                }
            )
        return tuple(rows)

    def _steps(self, presence: sparse.csr_matrix, fit: PooledFit) -> Iterator[tuple[int, int, str, float]]:
        v = fit.window_residual
        # Two ways for a word to matter, as weights of its texts: v, and v s.
        weights = [(v, v * score) for score in fit.score.T]
        bases = [np.column_stack(pair) for pair in weights]
        n_hypotheses = 2 * presence.shape[1] * len(bases)
        chosen: list[int] = []
        for _ in range(self.max_terms):
            z = np.array(
                [
                    [candidate_z(presence, weight, base, residual) for weight in pair]
                    for pair, base, residual in zip(weights, bases, fit.label_residual.T, strict=True)
                ]
            )
            z[:, :, chosen] = 0.0
            label, way, word = (int(i) for i in np.unravel_index(np.argmax(np.abs(z)), z.shape))
            p_value = float(min(1.0, n_hypotheses * 2 * stats.norm.sf(abs(z[label, way, word]))))
            if p_value > self.level:
                return
            yield word, label, ("shift", "flip")[way], max(p_value, float(np.finfo(float).tiny))
            chosen.append(word)
            held = presence[:, [word]].toarray()
            bases = [np.hstack([base, held * np.column_stack(pair)]) for base, pair in zip(bases, weights, strict=True)]


def candidate_z(
    presence: sparse.csr_matrix, weight: NDArray[Any], base: NDArray[Any], residual: NDArray[Any]
) -> NDArray[Any]:
    """Return, for every word t, the z of its column q = weight 1[t] beyond the base columns.

    With r and q made orthogonal to the base B by least squares, z = r'q / sqrt(sum(r^2 q^2)). All words at once, and
    no dense column of words x texts: q = w 1[t] - B C, so the sum opens into products of the sparse matrix with
    vectors.

    Parameters
    ----------
    presence:
        Shape (N, v), 0 or 1.
    weight:
        Shape (N,).
    base:
        Shape (N, b).
    residual:
        Shape (N,), y - f.
    """
    inverse = np.linalg.pinv(base.T @ base)
    r = residual - base @ (inverse @ (base.T @ residual))
    transposed = presence.T
    loadings = inverse @ np.asarray(transposed @ (base * weight[:, None])).T
    numerator = np.asarray(transposed @ (r * weight))
    squared = r**2
    own = np.asarray(transposed @ (squared * weight**2))
    cross = np.asarray(transposed @ (base * (squared * weight)[:, None])).T
    explained = base.T @ (base * squared[:, None])
    variance = own - 2 * (loadings * cross).sum(axis=0) + (loadings * (explained @ loadings)).sum(axis=0)
    # A word that the base explains to the last digit has nothing left to show.
    shown = variance > np.finfo(float).eps ** 0.5 * np.maximum(own, np.finfo(float).tiny)
    return np.divide(numerator, np.sqrt(np.maximum(variance, 0.0)), out=np.zeros(len(own)), where=shown)


def _presence(reference: TokenCounts, current: TokenCounts) -> sparse.csr_matrix:
    held = sparse.csr_matrix(sparse.vstack([reference.counts, current.counts]))
    held.data = (held.data > 0).astype(np.float64)
    return held


def _shares(held: NDArray[Any], label: NDArray[Any], is_current: NDArray[Any]) -> dict[str, float]:
    return {
        "reference_share": float(label[held & ~is_current].mean()),
        "current_share": float(label[held & is_current].mean()),
    }
