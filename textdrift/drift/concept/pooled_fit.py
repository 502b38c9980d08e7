"""The guess of the label, and of the window, for every text of the pile from models that never saw it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from textdrift.drift.concept.pooled_texts import PooledTexts
from textdrift.stats.cross_fitting import cross_fitted_probabilities, cross_fitted_probability, standardised_logit

__all__ = ["PooledFit", "fit_pooled", "guess_labels"]

_LABEL_INVERSE_PENALTY = 1.0
_WINDOW_INVERSE_PENALTY = 3.0
_WINDOW_EDGE = 0.01
_FEW_LABELS = 5
_SURE = 0.1
_PAIR = 2
_BIN_DOCUMENTS = 50
_MOST_BINS = 20
_PRIOR_DOCUMENTS = 5.0


@dataclass(frozen=True, slots=True)
class PooledFit:
    """Cross-fitted guesses; one column for each label that is modelled.

    Attributes
    ----------
    label_names:
        The k modelled labels.
    label:
        Shape (N, k), the share of each label among the copies: y.
    label_probability:
        Shape (N, k), P(label | text), one label against the rest: f.
    score:
        Shape (N, k), standardised logit of f: s.
    is_current:
        Shape (N,), w in {0, 1}.
    window_probability:
        Shape (N,), P(current | text), kept within 0.01 and 0.99: g.
    points:
        Shape (N, d), the points that f and g were fitted on.
    inflation:
        Shape (k,), variance of the plain sum of (y - f)(w - g) over the sum of its squares, under the null hypothesis.
    """

    label_names: tuple[str, ...]
    label: NDArray[Any]
    label_probability: NDArray[Any]
    score: NDArray[Any]
    is_current: NDArray[Any]
    window_probability: NDArray[Any]
    points: NDArray[Any]
    inflation: NDArray[Any]

    @property
    def label_residual(self) -> NDArray[Any]:
        """Return y - f, shape (N, k)."""
        return np.asarray(self.label - self.label_probability)

    @property
    def window_residual(self) -> NDArray[Any]:
        """Return w - g, shape (N,)."""
        return np.asarray(self.is_current - self.window_probability)

    def label_variance(self, among_copies: NDArray[Any] | None = None) -> NDArray[Any]:
        """Return the variance of y - f that reference texts of alike f show, for a text with one label, shape (N, k).

        If the label depends on the text alone, it is that of the current texts too. Their own residuals would grow with
        the very change that is looked for, and hide it. The mean y of several copies varies less than one label, by
        their variance among each other; as one window may have more copies than the other, that is added to the square.

        Parameters
        ----------
        among_copies:
            Shape (N, k), the variance of y among the copies of a text; y (1 - y) where it is left out, for labels.
        """
        before = self.is_current < 1
        among = self.label * (1 - self.label) if among_copies is None else among_copies
        squares = self.label_residual**2 + among
        return np.column_stack(
            [
                _variance_by_guess(f, square[before], before)
                for square, f in zip(squares.T, self.label_probability.T, strict=True)
            ]
        )

    @property
    def crossing(self) -> NDArray[Any]:
        """The weight that best sees texts of both sides change label, shape (N, k), to unit root mean square.

        Where a share of the texts gets one of the k - 1 other labels at random, the probability of each label moves by
        a multiple of 1 / k - f, and the variance of y - f is f (1 - f): so (f - 1 / k) / (f (1 - f)), with f held off
        0 and 1.
        """
        f = np.clip(self.label_probability, _SURE, 1 - _SURE)
        weight = (f - 1 / max(_PAIR, f.shape[1])) / (f * (1 - f))
        size = np.sqrt((weight**2).mean(axis=0))
        return np.asarray(weight / np.where(size > 0, size, 1.0))

    @property
    def overlap(self) -> float:
        """Return mean g (1 - g) N^2 / (n m): 1 where the windows hold alike texts, 0 where a text tells its window."""
        current = float(self.is_current.mean())
        spread = self.window_probability * (1 - self.window_probability)
        return float(spread.mean() / (current * (1 - current)))


def _variance_by_guess(guess: NDArray[Any], squares: NDArray[Any], before: NDArray[Any]) -> NDArray[Any]:
    """Average the squared residuals of the reference in bins of the guess, as many texts in each.

    A few texts with the variance f (1 - f) of a guess that is right are added, so that no bin is without spread.
    """
    n_bins = int(np.clip(before.sum() // _BIN_DOCUMENTS, 1, _MOST_BINS))
    edges = np.quantile(guess[before], np.linspace(0, 1, n_bins + 1)[1:-1])
    bins = np.searchsorted(edges, guess)
    total = np.bincount(bins[before], weights=squares, minlength=n_bins)
    size = np.bincount(bins[before], minlength=n_bins)
    likely = np.bincount(bins, weights=guess * (1 - guess), minlength=n_bins)
    foretold = likely / np.maximum(1, np.bincount(bins, minlength=n_bins))
    return np.asarray(((total + _PRIOR_DOCUMENTS * foretold) / (size + _PRIOR_DOCUMENTS))[bins])


def guess_labels(texts: PooledTexts, columns: list[int], *, fitted_on: NDArray[Any] | None = None) -> NDArray[Any]:
    """Return P(label | text) of every text, each label against the rest, from models that never saw the text.

    They look at the points, at the words through `cross_fitted_word_scores`, and at the scores of the monitored model.

    Returns
    -------
    Shape (N, len(columns)).
    """
    return _guessed(texts, columns, texts.word_scores(columns, fitted_on), fitted_on)


def _guessed(
    texts: PooledTexts, columns: list[int], words: NDArray[Any], fitted_on: NDArray[Any] | None
) -> NDArray[Any]:
    events, features = texts.codes[:, None] == np.array(columns), texts.features
    if len(columns) > _FEW_LABELS:
        # The same models, but fitted together: of 60 labels, one by one, the report would spend its time here.
        return cross_fitted_probabilities(
            features,
            events,
            texts.folds,
            inverse_penalty=_LABEL_INVERSE_PENALTY,
            fitted_on=fitted_on,
            own_by_fold=words,
        )
    return np.column_stack(
        [
            cross_fitted_probability(
                features,
                event,
                texts.folds,
                inverse_penalty=_LABEL_INVERSE_PENALTY,
                fitted_on=fitted_on,
                features_by_fold=words[:, place : place + 1],
            )
            for place, event in enumerate(events.T)
        ]
    )


def fit_pooled(texts: PooledTexts, columns: list[int], label_names: tuple[str, ...]) -> PooledFit:
    """Guess the labels in `columns` and the window of every text; the dear step, one logistic fit a fold and label."""
    words = texts.word_scores(columns)
    probability = _guessed(texts, columns, words, None)
    # What helps to guess the label stands in the guess of the window too, so that either can be wrong about it.
    window = cross_fitted_probability(
        texts.features,
        texts.is_current,
        texts.folds,
        inverse_penalty=_WINDOW_INVERSE_PENALTY,
        features_by_fold=words,
    )
    window = np.clip(window, _WINDOW_EDGE, 1 - _WINDOW_EDGE)
    return PooledFit(
        label_names=tuple(label_names[c] for c in columns),
        label=texts.shares[:, columns],
        label_probability=probability,
        score=np.column_stack([standardised_logit(p) for p in probability.T]),
        is_current=texts.is_current.astype(np.float64),
        window_probability=window,
        points=texts.points,
        inflation=_inflation(texts, probability, window),
    )


def _inflation(texts: PooledTexts, label_probability: NDArray[Any], window_probability: NDArray[Any]) -> NDArray[Any]:
    """Return 1 + 2 tr(K_f K_g) / N of each label, K the ridge smoothers that carry the noise of other texts into f, g.

    With noise e of y and u of w, the sum of (e - K_f e)(u - K_g u) holds the form e'K u twice, once from each guess,
    and the two add up; the sum of squares counts them as if they were independent. The components are orthogonal, so
    the trace is a sum over them.
    """
    n_folds = int(texts.folds.max()) + 1
    energy = (texts.features**2).sum(axis=0) * (n_folds - 1) / n_folds

    def kept(probability: NDArray[Any], inverse_penalty: float) -> NDArray[Any]:
        information = energy * (probability * (1 - probability)).mean()
        return np.asarray(information / (information + 1 / inverse_penalty))

    of_window = kept(window_probability, _WINDOW_INVERSE_PENALTY)
    freedom = np.array([kept(f, _LABEL_INVERSE_PENALTY) @ of_window for f in label_probability.T])
    return np.asarray(1 + 2 * freedom / len(texts.points))
