"""Which term carries how much of the change between two distributions: parts that add up to the whole."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import special

__all__ = ["jensen_shannon_parts", "mean_shift_parts"]

Floats = NDArray[np.float64]


def jensen_shannon_parts(p: Floats, q: Floats) -> Floats:
    """Return what each term adds to the Jensen-Shannon divergence of p and q in bits, shape (v,), none negative.

    With m = (p + q) / 2 the part of a term is (p log2(p / m) + q log2(q / m)) / 2 (Lin 1991; Gallagher et al. 2021,
    table 1).

    >>> jensen_shannon_parts(np.array([1.0, 0.0]), np.array([0.5, 0.5])).round(3).tolist()
    [0.061, 0.25]
    """
    middle = (p + q) / 2
    # Rounding leaves a term that did not move a hair below zero.
    return np.asarray(np.maximum(special.rel_entr(p, middle) + special.rel_entr(q, middle), 0.0) / np.log(4))


def mean_shift_parts(p: Floats, q: Floats, p_scores: Floats, q_scores: Floats) -> Floats:
    """Return what each term adds to the change of the mean score, Σ q s_q − Σ p s_p, shape (v,).

    The generalised word shift (Gallagher et al. 2021): (q − p)((s_p + s_q) / 2 − Φ) for the term that is
    used more or less often, with Φ = Σ p s_p the mean that it is compared with, and (s_q − s_p)(p + q) / 2 for the
    term whose score moved. Where the scores are the same it is (q − p)(s − Φ), that of Dodds et al. (2011).

    Parameters
    ----------
    p, q:
        Two distributions over the terms, shape (v,); each sums to 1.
    p_scores, q_scores:
        The score of each term under each, shape (v,).

    Examples
    --------
    >>> scores = np.array([1.0, -1.0, 0.0])
    >>> mean_shift_parts(np.array([0.5, 0.0, 0.5]), np.array([0.25, 0.25, 0.5]), scores, scores).tolist()
    [-0.125, -0.375, 0.0]
    """
    usual = float(p @ p_scores)
    return np.asarray((q - p) * ((p_scores + q_scores) / 2 - usual) + (q_scores - p_scores) * (p + q) / 2)
