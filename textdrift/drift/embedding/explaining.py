"""Explaining a drift of meaning: which topics grew and shrank, along which directions the mean moved, and a map."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.special import stdtr

from textdrift.drift.contract import Evidence
from textdrift.drift.embedding.clouds import Clouds, clouds_of
from textdrift.drift.embedding.directions import directions_table
from textdrift.drift.embedding.map_of_texts import map_table
from textdrift.drift.embedding.parts import parts_of_quadratic
from textdrift.embeddings import Embeddings
from textdrift.embeddings.topics import Topics, topics_of
from textdrift.errors import EmbeddingsError
from textdrift.stats.contingency import hypergeometric_mid_p, share_difference_interval
from textdrift.stats.multiplicity import benjamini_hochberg
from textdrift.tokens.marking_words import marking_words
from textdrift.tokens.token_counts import TokenCounts

__all__ = ["explain"]

_FEWEST_TOPICS, _MOST_TOPICS = 8, 20
_ROWS_PER_TOPIC = 10
_FALSE_DISCOVERIES = 0.05
_SHOWN_DOCUMENTS = 3
_ROUNDING = 1e-12


@dataclass(frozen=True, slots=True, kw_only=True)
class _ShareChanges:
    """How the share of each topic changed: shares, 95 % intervals of the change, p-values adjusted for all topics."""

    reference: NDArray[Any]
    current: NDArray[Any]
    low: NDArray[Any]
    high: NDArray[Any]
    p_values: NDArray[Any]


def explain(
    reference: Embeddings,
    current: Embeddings,
    *,
    counts: tuple[TokenCounts, TokenCounts] | None = None,
    rng: np.random.Generator,
) -> tuple[Evidence, ...]:
    """Return what moved between two clouds of points, as the tables ``clusters``, ``directions`` and ``map``.

    It explains and decides nothing. Cost: linear in the documents, n d for each of some 20 topics, and d^3 once.

    **clusters**: 8 to 20 topics of both windows together (fewer for less than 80 documents), those that carry most of
    the shift first. ``cluster`` numbers them from 1; ``reference_share`` and ``current_share`` are its shares of the
    documents, ``change`` their difference with the 95 % interval ``low``, ``high``. ``p_value`` is of "its documents
    are spread over the windows by chance", adjusted over the topics (Benjamini and Hochberg), and ``moved`` says
    whether it is at most 0.05; where rows have groups, a group is the unit. ``part`` is its share of the squared
    distance of the means: the parts sum to 1 (all are 0 where the means are equal). A topic without a change of share
    can have a large part, where its documents moved within it. A negative part: its documents hold the windows
    together, for its new documents lie on the side of the old mean. ``words``: up to 6 words that mark it (at least
    twice the odds to stand in its documents than in others, ranked by shrunken log-odds in standard errors); left out
    without ``counts``. ``documents``: up to 3 rows nearest to its centre, of the ``window`` where its share is larger.

    **directions**: named values, see ``directions_table``. **map**: a picture of at most 250 documents of each window,
    see ``map_table``.

    Parameters
    ----------
    reference, current:
        Shapes (n, d) and (m, d), one row per distinct text.
    counts:
        The words of the same documents in the same order, over one vocabulary.
    rng:
        Seeds the topics and draws the documents of the map; the same state gives the same tables.

    Raises
    ------
    EmbeddingsError
        When the points come from different encoders, or the counts are not of these documents.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> old_topic, new_topic = rng.normal(size=(90, 4)), rng.normal(size=(30, 4)) + 9
    >>> before, after = Embeddings(old_topic[:60], "e"), Embeddings(np.vstack([old_topic[60:], new_topic]), "e")
    >>> clusters, directions, picture = explain(before, after, rng=rng)
    >>> strongest = clusters.rows[0]
    >>> strongest["moved"], strongest["reference_share"], strongest["window"]
    (True, 0.0, 'current')
    """
    clouds = clouds_of(reference, current)
    if counts is not None:
        _check_counts(counts, clouds)
    n, m = len(reference), len(current)
    points = np.vstack([clouds.reference, clouds.current])
    topics = topics_of(points, _n_topics(n + m), rng)
    parts = _parts_of_topics(clouds, topics)
    # Ties, as between topics that carry nothing, go to the larger topic.
    order = np.lexsort((-topics.sizes, -parts.round(9)))
    rank = np.empty(len(topics), dtype=np.int64)
    rank[order] = np.arange(1, len(topics) + 1)
    changes = _share_changes(clouds, topics)
    words = None if counts is None else marking_words(counts, topics.of_row, len(topics))
    rows = []
    for topic in order:
        grew = bool(changes.current[topic] > changes.reference[topic])
        side = np.arange(n, n + m) if grew else np.arange(n)
        nearest = topics.nearest(int(topic), side, _SHOWN_DOCUMENTS) - (n if grew else 0)
        rows.append(
            {
                "cluster": int(rank[topic]),
                "reference_share": float(changes.reference[topic]),
                "current_share": float(changes.current[topic]),
                "change": float(changes.current[topic] - changes.reference[topic]),
                "low": float(changes.low[topic]),
                "high": float(changes.high[topic]),
                "p_value": float(changes.p_values[topic]),
                "moved": bool(changes.p_values[topic] <= _FALSE_DISCOVERIES),
                "part": float(parts[topic]),
                **({} if words is None else {"words": words[topic]}),
                "window": "current" if grew else "reference",
                "documents": nearest.tolist(),
            }
        )
    return (
        Evidence(name="clusters", rows=tuple(rows)),
        directions_table(clouds, rng),
        map_table(clouds, rank[topics.of_row], rng),
    )


def _check_counts(counts: tuple[TokenCounts, TokenCounts], clouds: Clouds) -> None:
    reference, current = counts
    held, needed = (len(reference), len(current)), (len(clouds.reference), len(clouds.current))
    if held != needed:
        raise EmbeddingsError(
            f"counts need one row for each of the {needed[0]} + {needed[1]} points; got {held[0]} + {held[1]} rows; "
            "take the counts of the documents that were embedded"
        )
    if reference.terms is not current.terms and reference.terms != current.terms:
        raise EmbeddingsError(
            f"the windows were counted over two vocabularies ({len(reference.terms)} and {len(current.terms)} terms); "
            "one shared vocabulary was needed: count both in one call of count_tokens(reference, current)"
        )


def _n_topics(n_rows: int) -> int:
    """Return how many topics to look for: finer ones in larger windows, never one for a handful of rows."""
    by_size = int(np.clip(round(np.sqrt(n_rows) / 2.5), _FEWEST_TOPICS, _MOST_TOPICS))
    return max(1, min(by_size, n_rows // _ROWS_PER_TOPIC))


def _parts_of_topics(clouds: Clouds, topics: Topics) -> NDArray[Any]:
    parts = parts_of_quadratic(clouds.reference, clouds.current)
    of_topic = np.bincount(
        topics.of_row, weights=np.concatenate([parts.reference, parts.current]), minlength=len(topics)
    )
    scale = float(np.abs(parts.reference).sum() + np.abs(parts.current).sum())
    squares = float((clouds.reference.mean(axis=0, dtype=np.float64) ** 2).sum())
    if parts.total <= _ROUNDING * (scale + squares):
        return np.zeros(len(topics))
    return np.asarray(of_topic / of_topic.sum())


def _share_changes(clouds: Clouds, topics: Topics) -> _ShareChanges:
    n, m = len(clouds.reference), len(clouds.current)
    k = len(topics)
    held = np.bincount(topics.of_row[:n], minlength=k), np.bincount(topics.of_row[n:], minlength=k)
    if clouds.grouped:
        p_values, sizes = _grouped_p_values(clouds, topics, held)
    else:
        p_values, sizes = hypergeometric_mid_p(held[0], held[0] + held[1], n, n + m), np.tile([n, m], (k, 1))
    shares = held[0] / n, held[1] / m
    intervals = np.array(
        [
            share_difference_interval(round(a * rows[0]), int(rows[0]), round(b * rows[1]), int(rows[1]))
            for a, b, rows in zip(*shares, sizes, strict=True)
        ]
    )
    return _ShareChanges(
        reference=shares[0],
        current=shares[1],
        low=intervals[:, 0],
        high=intervals[:, 1],
        p_values=benjamini_hochberg(p_values),
    )


def _grouped_p_values(
    clouds: Clouds, topics: Topics, held: tuple[NDArray[Any], NDArray[Any]]
) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return a p-value per topic where rows come in units, and how many independent rows each window is worth.

    A score test: the variance of a share is that of a sum over units of the residuals about the pooled share, squared
    after they are summed within a unit (Liang and Zeger 1986).
    """
    n_rows = np.array([len(clouds.reference), len(clouds.current)])
    k, n_units = len(topics), sum(clouds.n_units)
    in_unit = sparse.coo_matrix((np.ones(len(clouds.units)), (clouds.units, topics.of_row)), shape=(n_units, k))
    pooled = (held[0] + held[1]) / n_rows.sum()
    residuals = in_unit.toarray() - np.bincount(clouds.units, minlength=n_units)[:, None] * pooled
    sides = residuals[: clouds.n_units[0]], residuals[clouds.n_units[0] :]
    variances = np.array([(side**2).sum(axis=0) / rows**2 for side, rows in zip(sides, n_rows, strict=True)])
    change = held[1] / n_rows[1] - held[0] / n_rows[0]
    with np.errstate(divide="ignore", invalid="ignore"):  # a topic of all rows cannot change
        z = np.where(variances.sum(axis=0) > 0, change / np.sqrt(variances.sum(axis=0)), 0.0)
        worth = np.where(variances > 0, pooled * (1 - pooled) / variances, n_rows[:, None])
    freedom = max(1, min(clouds.n_units) - 1)
    p_values = np.clip(2 * stdtr(freedom, -np.abs(z)), np.finfo(np.float64).tiny, 1.0)
    return p_values, np.maximum(1, np.minimum(worth, n_rows[:, None]).round()).astype(np.int64).T
