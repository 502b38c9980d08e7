"""Texts of the current window that most likely carry another label than the same text carried before."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from textdrift.drift.concept.pooled_fit import PooledFit, guess_labels
from textdrift.drift.concept.pooled_texts import PooledTexts
from textdrift.drift.concept.term_polarity import calibrated

__all__ = ["changed_documents", "label_shares", "reference_guess"]

_EDGE = 1e-3
_MOST_RELABELLED = 0.95
_PRIOR_DOCUMENTS = 50
_FIRST_SHARE = 0.05
_ROUNDS = 60
_LIKELIER = 0.5
_PAIR = 2


def reference_guess(texts: PooledTexts, columns: list[int]) -> NDArray[Any]:
    """Return P(label | text) as the reference alone has it, one label against the rest, shape (N, len(columns)).

    Each text is guessed by a model that saw reference texts of other folds, and no current one: the new labels, which
    a guess of both windows has half learned, play no part in it, and both windows meet models of equally many texts.
    """
    return guess_labels(texts, columns, fitted_on=~texts.is_current)


def label_shares(
    fit: PooledFit, guess: NDArray[Any], label_names: tuple[str, ...]
) -> tuple[tuple[str | None, ...], NDArray[Any], NDArray[Any]]:
    """Return names, shares and guesses with a column for every label: the modelled ones, and the rest if there is one.

    Parameters
    ----------
    fit:
        Of k modelled labels.
    guess:
        Shape (N, k), each label against the rest.
    label_names:
        All labels of the windows.

    Returns
    -------
    Names (``None`` for several labels in one), shares (N, k or k + 1), and guesses of that shape whose rows sum to 1.
    """
    names: tuple[str | None, ...] = fit.label_names
    shares, guesses = fit.label, np.clip(guess, _EDGE, 1 - _EDGE)
    others = [name for name in label_names if name not in fit.label_names]
    if others:
        names = (*names, others[0] if len(others) == 1 else None)
        shares = np.column_stack([shares, np.clip(1 - shares.sum(axis=1), 0.0, 1.0)])
        guesses = np.column_stack([guesses, np.clip(1 - guesses.sum(axis=1), _EDGE, 1.0)])
    return names, shares, guesses / guesses.sum(axis=1, keepdims=True)


def changed_documents(
    fit: PooledFit,
    guess: NDArray[Any],
    label_names: tuple[str, ...],
    *,
    topics: NDArray[Any] | None = None,
    documents: NDArray[Any] | None = None,
    n_documents: int = 10,
) -> tuple[dict[str, Any], ...]:
    """Return current texts that were probably relabelled, the likeliest first; none of them need be certain.

    How unexpected a label is, is not enough: labels were odd before, too. So each text gets the probability that it was
    relabelled. Among the texts of one topic and one label a share was: the likeliest one, where the reference's guess
    tells how such texts are spread that kept and that changed their label, less what the same sum finds in the
    reference, and less its standard error. Given that share, Bayes' rule weighs the two stories by the guess. Topics
    of few texts lean on all topics (50 texts' worth). Of airline tweets, of which 4 to 10 % had been relabelled, 7 to
    10 of the first 10 rows were; where none had been, some 6 of 2,000 texts were listed. Cost: linear.

    Parameters
    ----------
    fit:
        The cross-fitted guesses; its labels and windows are used.
    guess:
        Shape (N, k), from `reference_guess`.
    label_names:
        All labels of the windows, also those that are not modelled.
    topics:
        Shape (N,), integers from 0, a topic for each text, made without labels and windows.
    documents:
        Shape (m,), what to call each current text; their positions in the current window where it is left out.
    n_documents:
        At most so many rows.

    Returns
    -------
    Rows with ``window`` (always ``current``), ``document``, ``score`` (the probability that it was relabelled, above
    one half), ``label`` it carries, ``expected_label``, ``probability`` of the carried label before, and
    ``expected_probability``. ``label`` is ``None`` where it is one of several rare ones. No row where nothing changed.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> guess = rng.choice([0.05, 0.95], 2000)
    >>> good = rng.random(2000) < guess
    >>> good[1000:] ^= rng.random(1000) < 0.3
    >>> window = np.repeat([0.0, 1.0], 1000)
    >>> y, f = good[:, None].astype(float), guess[:, None]
    >>> fit = PooledFit(("good",), y, f, f, window, np.full(2000, 0.5), f, np.ones(1))
    >>> row = changed_documents(fit, f, ("bad", "good"), n_documents=1)[0]
    >>> row["label"] != row["expected_label"], round(row["probability"], 2)
    (True, 0.05)
    """
    names, shares, guesses = label_shares(fit, guess, label_names)
    carried, expected = shares.argmax(axis=1), guesses.argmax(axis=1)
    probability = (shares * guesses).sum(axis=1)
    is_current = fit.is_current > 0
    groups = np.zeros(len(carried), dtype=np.int64) if topics is None else np.asarray(topics)
    score = np.zeros(len(carried))
    for label in range(len(names)):
        score = np.where(carried == label, _relabelled(guesses[:, label], carried == label, is_current, groups), score)
    places = np.flatnonzero(is_current & (carried != expected) & (score > _LIKELIER))
    places = places[np.lexsort((probability[places], -score[places]))][:n_documents]
    first = int((~is_current).sum())
    return tuple(
        {
            "window": "current",
            "document": int(place - first if documents is None else documents[place - first]),
            "score": float(score[place]),
            "label": names[carried[place]],
            "expected_label": names[expected[place]],
            "probability": float(probability[place]),
            "expected_probability": float(guesses[place, expected[place]]),
        }
        for place in places
    )


def _relabelled(
    guess: NDArray[Any], carries: NDArray[Any], is_current: NDArray[Any], groups: NDArray[Any]
) -> NDArray[Any]:
    """Return, for current texts that carry a label, the probability that they were relabelled; 0 for other texts."""
    score = np.zeros(len(guess))
    before, after = carries & ~is_current, carries & is_current
    if not before.any() or not after.any() or carries[~is_current].all():
        return score
    # A guess of 0.999 is no surer than the labels it was learned from.
    sure = calibrated(guess, carries.astype(np.float64), among=~is_current)
    # How likely such a guess is for a text that was relabelled, and for one that kept its label.
    moved = (1 - sure) / float((1 - sure[~is_current]).mean())
    stayed = sure / float(sure[~is_current].mean())
    overall = _share_relabelled(moved, stayed, before, after)
    for group in np.unique(groups[after]):
        mine = groups == group
        here = after & mine
        n = min(int(here.sum()), int((before & mine).sum()))
        own = _share_relabelled(moved, stayed, before & mine, here)
        share = (n * own + _PRIOR_DOCUMENTS * overall) / (n + _PRIOR_DOCUMENTS)
        score[here] = share * moved[here] / (share * moved[here] + (1 - share) * stayed[here])
    return score


def _share_relabelled(moved: NDArray[Any], stayed: NDArray[Any], before: NDArray[Any], after: NDArray[Any]) -> float:
    """Return the share of relabelled texts after, less the share that the same sum finds before, where none can be.

    Less one standard error, too: what chance alone does in some group accuses no text.
    """
    shares, variances = zip(*(_mixing_share(moved[rows], stayed[rows]) for rows in (before, after)), strict=True)
    return float(np.clip(shares[1] - shares[0] - np.sqrt(sum(variances)), 0.0, _MOST_RELABELLED))


def _mixing_share(moved: NDArray[Any], stayed: NDArray[Any]) -> tuple[float, float]:
    """Return the likeliest share of ``moved`` in a mixture with ``stayed``, by expectation and maximisation."""
    share = _FIRST_SHARE
    for _ in range(_ROUNDS if moved.size else 0):
        share = float(np.mean(share * moved / (share * moved + (1 - share) * stayed)))
    slopes = (moved - stayed) / (share * moved + (1 - share) * stayed)
    information = float((slopes**2).sum())
    return (share, 1 / information) if information > 1 else (0.0, 1.0)
