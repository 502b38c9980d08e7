"""Which marks stand in the same rows more often than chance: one strength for each pair, bounded from below."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse, special

__all__ = ["shared_beyond_chance"]

Floats = NDArray[np.float64]

_ONE_SIDED_95 = 0.95


def shared_beyond_chance(marks: sparse.csr_matrix, room: ArrayLike, *, level: float) -> Floats:
    """Return how surely the rows of the rarer of two marks carry the other one too, beyond chance, for all pairs.

    With a the rarer mark, H = (P(b | a) − e) / (1 − e) is 1 where every row of a carries b, and 0 where as many do as
    chance lets expect; unlike the index of Jaccard it does not call a rare mark inside a common one unlike (Loevinger
    1948; Cole 1949). Two cautions make it a bound. Rows with room for many marks carry any two of them, so chance
    knows the room: e = 1 − (1 − P(b))^r, where r is the mean room of the rows of a over that of all rows. And P(b | a)
    is replaced by its lower 95 % bound (Clopper and Pearson 1934), so that few rows prove little.

    A pair is 0 unless its rows in common are more than chance at ``level`` after Bonferroni over all pairs, by the tail
    of a binomial: the number in common is a sum of independent trials, and of those of one mean none has a heavier
    tail (Hoeffding 1956).

    Parameters
    ----------
    marks:
        CSR, shape (n_rows, k): 1 where a row carries a mark, no other value stored.
    room:
        Shape (n_rows,), not negative: how much each row can carry, such as the number of its distinct terms.
    level:
        Chance that any pair at all is linked when no mark knows of another.

    Returns
    -------
    Symmetric array of shape (k, k) in [0, 1], zero on the diagonal. Cost: O(k · stored marks + k²).

    Examples
    --------
    >>> rows = np.zeros((100, 3))
    >>> rows[:20, 0] = rows[:9, 1] = rows[50:70, 2] = 1
    >>> shared_beyond_chance(sparse.csr_matrix(rows), np.ones(100), level=0.05).round(2).tolist()
    [[0.0, 0.65, 0.0], [0.65, 0.0, 0.0], [0.0, 0.0, 0.0]]
    """
    marks = sparse.csr_matrix(marks, dtype=np.float64)
    k = marks.shape[1]
    n_pairs = k * (k - 1) // 2
    if n_pairs == 0:
        return np.zeros((k, k))
    in_common = (marks.T @ marks).toarray()
    carried = in_common.diagonal()
    rarer = np.minimum(carried[:, None], carried[None, :])
    chance = _chance(marks, carried, np.asarray(room, dtype=np.float64))
    met, missed = np.maximum(in_common, 1.0), rarer - in_common + 1.0
    p_values = np.where(in_common > 0, special.betainc(met, np.maximum(missed, 1.0), chance), 1.0)
    low = np.where(in_common > 0, special.betaincinv(met, np.maximum(missed, 1.0), 1 - _ONE_SIDED_95), 0.0)
    strength = np.divide(low - chance, 1 - chance, out=np.zeros((k, k)), where=chance < 1)
    linked = (p_values * n_pairs <= level) & ~np.eye(k, dtype=bool)
    return np.where(linked, np.clip(strength, 0.0, 1.0), 0.0)


def _chance(marks: sparse.csr_matrix, carried: Floats, room: Floats) -> Floats:
    """Return the share of the rows of the rarer mark that carry the other one by chance, shape (k, k), symmetric."""
    mean = room.mean() if room.size else 0.0
    of_rows = (marks.T @ room) / np.maximum(carried, 1.0)
    relative = of_rows / mean if mean > 0 else np.ones(len(carried))
    share = carried / max(1, len(room))
    of_others = 1.0 - (1.0 - share[None, :]) ** relative[:, None]  # of column b in the rows of a
    # Of two marks as common as each other, the larger chance.
    rarer, tied = carried[:, None] < carried[None, :], carried[:, None] == carried[None, :]
    return np.where(tied, np.maximum(of_others, of_others.T), np.where(rarer, of_others, of_others.T))
