"""Topics whose texts changed label."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtr, stdtrit

from textdrift.drift.concept.pooled_fit import PooledFit
from textdrift.drift.concept.relabelled_shares import relabelled_ways
from textdrift.stats.multiplicity import bonferroni, holm

__all__ = ["topics_that_changed"]

_FEWEST_DOCUMENTS = 10
_FEWEST_FOR_SHARE = 50
_REACH = 0.975


def topics_that_changed(
    fit: PooledFit,
    topics: NDArray[Any],
    *,
    words: Sequence[Sequence[str]] | None = None,
    level: float = 0.05,
) -> tuple[dict[str, Any], ...]:
    """Return a row for each topic, the surest change first: who is in it, and how its labels changed for alike texts.

    Null hypothesis of a topic: given its texts, label and window are independent. The sums of (y - f)(w - g), plain and
    along the score, over the topic's texts are tested for each label (Student's tails, as in ``covariance_p_values``);
    a topic's smallest p-value is multiplied by their number, and topics are adjusted by Holm's rule, so that with
    probability 1 - `level` no topic is called changed that is not. Cost: linear.

    Parameters
    ----------
    fit:
        The cross-fitted guesses, reference rows first.
    topics:
        Shape (N,), integers from 0, made without labels and windows.
    words:
        Words that name each topic, such as ``marking_words`` gives, by its number.
    level:
        Family-wise level over the topics.

    Returns
    -------
    Rows with ``topic``, ``words``, ``n_reference``, ``n_current``, ``reference_share`` and ``current_share`` (of the
    window's texts); ``label`` that moved most in it, its ``net_change`` for alike texts, ``standard_error`` and 95 %
    interval ``low``, ``high``; ``labels``, the same for every label; ``share_relabelled`` with
    ``share_relabelled_error``, whichever way, ``None`` with fewer than 50 texts in a window; ``p_value``, adjusted;
    ``changed``. A topic with fewer than 10 texts in a window is not judged: no estimates, and p = 1.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> topics, f = rng.integers(4, size=4000), np.full(4000, 0.5)
    >>> window = np.repeat([0.0, 1.0], 2000)
    >>> y = (rng.random(4000) < np.where((topics == 2) & (window > 0), 0.7, 0.5)).astype(float)
    >>> column = f[:, None]
    >>> fit = PooledFit(("good",), y[:, None], column, 0 * column, window, f, column, np.ones(1))
    >>> rows = topics_that_changed(fit, topics)
    >>> [(row["topic"], row["net_change"] > 0.1) for row in rows if row["changed"]]
    [(2, True)]
    """
    present = np.unique(topics)
    windows = [np.maximum(1, int(side.sum())) for side in (1 - fit.is_current, fit.is_current)]
    rows, p_values = [], []
    for topic in present:
        member = topics == topic
        sizes = int((member & (fit.is_current < 1)).sum()), int((member & (fit.is_current > 0)).sum())
        judged = min(sizes) >= _FEWEST_DOCUMENTS
        inside = _taken(fit, member)
        labels = _net_changes(inside, min(sizes)) if judged else []
        largest = max(labels, key=lambda row: abs(row["net_change"]) / max(row["standard_error"], 1e-12), default={})
        p_values.append(_p_value(inside) if judged else 1.0)
        gross = _share_relabelled(inside) if judged and min(sizes) >= _FEWEST_FOR_SHARE else (None, None)
        rows.append(
            {
                "topic": int(topic),
                "words": [] if words is None else list(words[int(topic)]),
                "n_reference": sizes[0],
                "n_current": sizes[1],
                "reference_share": sizes[0] / windows[0],
                "current_share": sizes[1] / windows[1],
                **{key: largest.get(key) for key in ("label", "net_change", "standard_error", "low", "high")},
                "labels": labels,
                "share_relabelled": gross[0],
                "share_relabelled_error": gross[1],
            }
        )
    adjusted = holm(p_values)
    order = np.lexsort((present, p_values))
    return tuple(
        {**rows[place], "p_value": float(adjusted[place]), "changed": bool(adjusted[place] <= level)} for place in order
    )


def _taken(fit: PooledFit, member: NDArray[Any]) -> PooledFit:
    return replace(
        fit,
        label=fit.label[member],
        label_probability=fit.label_probability[member],
        score=fit.score[member],
        is_current=fit.is_current[member],
        window_probability=fit.window_probability[member],
        points=fit.points[member],
    )


def _p_value(inside: PooledFit) -> float:
    products = inside.label_residual * inside.window_residual[:, None]
    terms = np.hstack([products, products * inside.score])
    squares = (terms**2).sum(axis=0)
    z = np.divide(terms.sum(axis=0), np.sqrt(squares), out=np.zeros(len(squares)), where=squares > 0)
    fourth = (terms**4).sum(axis=0)
    count = np.divide(squares**2, fourth, out=np.ones(len(squares)), where=fourth > 0)
    p = 2 * stdtr(np.maximum(1.0, count), -np.abs(z))
    return max(bonferroni(p), float(np.finfo(float).tiny))


def _net_changes(inside: PooledFit, smaller: int) -> list[dict[str, Any]]:
    v = inside.window_residual
    weight = float((v**2).sum())
    products = inside.label_residual * v[:, None]
    reach = float(stdtrit(smaller - 1, _REACH))
    return [
        {
            "label": name,
            "net_change": float(net),
            "standard_error": float(error),
            "low": float(max(-1.0, net - reach * error)),
            "high": float(min(1.0, net + reach * error)),
        }
        for name, net, error in zip(
            inside.label_names, products.sum(axis=0) / weight, np.sqrt((products**2).sum(axis=0)) / weight, strict=True
        )
    ]


def _share_relabelled(inside: PooledFit) -> tuple[float, float]:
    """Return the share of the topic's texts that changed label, and its standard error; half the sum over labels."""
    k = len(inside.label_names)
    share, variance = 0.0, 0.0
    for column in range(k):
        ways, covariance = relabelled_ways(inside, column)
        f = inside.label_probability[:, column]
        mix = np.array([np.mean(1 - f), np.mean(f)]) * (1.0 if k == 1 else 0.5)
        share += float(mix @ np.maximum(ways, 0.0))
        variance += float(mix @ covariance @ mix)
    # Labels that gain what others lose are one change seen twice: their errors add up, so the root of k more.
    return min(1.0, share), float(np.sqrt(variance * k))
