"""Both windows in one pile: the guess of the label, and of the window, for every text from models that never saw it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from textdrift.drift.concept.answers_to_texts import answers_moved_p_value
from textdrift.drift.concept.labelled import LabelledEmbeddings, check_comparable
from textdrift.stats.bends import bends
from textdrift.stats.cross_fitting import (
    cross_fitted_probability,
    principal_components,
    standardised_logit,
    stratified_folds,
)
from textdrift.stats.word_scores import cross_fitted_word_scores

__all__ = ["PooledFit", "PooledTexts", "fit_pooled", "guess_label", "modelled_labels", "pool"]

_LABEL_INVERSE_PENALTY = 1.0
_WINDOW_INVERSE_PENALTY = 3.0
_WINDOW_EDGE = 0.01
_SURE = 0.1
_ANSWERS_MOVED = 0.01
_BENT = 32
_LEFT_OUT = (
    "the model's probabilities were not used to guess the labels, for the same texts get other probabilities than "
    "before, or too few texts tell"
)
_MIN_DOCUMENTS = 20
_PAIR = 2
_BIN_DOCUMENTS = 50
_MOST_BINS = 20
_PRIOR_DOCUMENTS = 5.0


@dataclass(frozen=True, slots=True)
class PooledTexts:
    """The texts of both windows, the reference first.

    Attributes
    ----------
    points:
        Shape (N, d), principal components of all texts together.
    shares:
        Shape (N, k), share of each label among the copies of a text.
    codes:
        Shape (N,), column of the label most copies carry.
    is_current:
        Shape (N,), boolean.
    folds:
        Shape (N,), spread evenly over window and label.
    scores:
        Shape (N, q), what else is known of each text, to unit spread.
    presence:
        Shape (N, v), the words of each text; ``None`` where they are not known.
    notes:
        What a reader must know.
    """

    points: NDArray[Any]
    shares: NDArray[Any]
    codes: NDArray[Any]
    is_current: NDArray[Any]
    folds: NDArray[Any]
    scores: NDArray[Any]
    presence: sparse.csr_matrix | None = None
    notes: tuple[str, ...] = ()

    @property
    def features(self) -> NDArray[Any]:
        """What labels and windows are guessed from, shape (N, d + 3 c + q): the points, their bends, the scores."""
        return np.hstack([self.points, bends(self.points[:, :_BENT]), self.scores])

    def word_scores(self, column: int, fitted_on: NDArray[Any] | None = None) -> NDArray[Any]:
        """Return what the words say of a label, shape (N, 1, n_folds), or (N, 0, n_folds) where none are known."""
        if self.presence is None:
            return np.empty((len(self.codes), 0, int(self.folds.max()) + 1))
        scores = cross_fitted_word_scores(self.presence, self.codes == column, self.folds, fitted_on=fitted_on)
        return scores[:, None, :]


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


def modelled_labels(
    reference: LabelledEmbeddings, current: LabelledEmbeddings, n_folds: int
) -> tuple[list[int], tuple[str, ...]]:
    """Return the columns of the labels that can be told from the rest, and a note for each reason that some cannot.

    A label, and all others together, must have a text for each fold in each window. Labels that have not are never
    dropped: they belong to the rest that the other labels are told from.
    """
    if min(len(reference), len(current)) < _MIN_DOCUMENTS:
        sizes = f"{len(reference)} and {len(current)}"
        return [], (f"only {sizes} texts carry a label; concept drift needs {_MIN_DOCUMENTS} in each window",)
    k = len(reference.label_names)
    counts = np.stack([np.bincount(window.codes, minlength=k) for window in (reference, current)])
    rest = counts.sum(axis=1, keepdims=True) - counts
    common = ((counts >= n_folds) & (rest >= n_folds)).all(axis=0)
    columns = np.flatnonzero(common).tolist()
    if not columns:
        return [], (f"no label stands on {n_folds} texts of each window beside {n_folds} of another label",)
    rare = [
        name
        for name, kept, count in zip(reference.label_names, common, counts.sum(axis=0), strict=True)
        if count and not kept
    ]
    notes = (
        ()
        if not rare
        else (f"labels with fewer than {n_folds} texts in a window count as the rest: {', '.join(rare)}",)
    )
    if len(columns) == _PAIR == k:
        # Of two labels one is the other's mirror.
        columns = columns[1:]
    return columns, notes


def pool(
    reference: LabelledEmbeddings,
    current: LabelledEmbeddings,
    *,
    n_folds: int,
    n_components: int,
    rng: np.random.Generator,
) -> PooledTexts:
    """Lay both windows in one pile and deal it into folds.

    Raises
    ------
    EmbeddingsError, WindowError
        When the windows do not belong together.
    """
    check_comparable(reference, current)
    is_current = np.repeat([False, True], [len(reference), len(current)])
    codes = np.concatenate([reference.codes, current.codes])
    points = principal_components(
        np.concatenate([reference.embeddings.points, current.embeddings.points]), n_components
    )
    folds = stratified_folds(codes + len(reference.label_names) * is_current, n_folds, rng)
    scores = np.empty((len(codes), 0))
    notes: tuple[str, ...] = ()
    if reference.scores is not None and current.scores is not None:
        scores = np.concatenate([reference.scores, current.scores])
        spread = scores.std(axis=0)
        scores = (scores - scores.mean(axis=0)) / np.where(spread > 0, spread, 1.0)
        if min(len(reference), len(current)) < _MIN_DOCUMENTS or (
            answers_moved_p_value(points, scores, is_current, folds) <= _ANSWERS_MOVED
        ):
            scores, notes = scores[:, :0], (_LEFT_OUT,)
    presence = None
    if reference.counts is not None and current.counts is not None:
        presence = sparse.csr_matrix(sparse.vstack([reference.counts.counts, current.counts.counts]))
    return PooledTexts(
        points=points,
        shares=np.concatenate([reference.shares, current.shares]),
        codes=codes,
        is_current=is_current,
        folds=folds,
        scores=scores,
        presence=presence,
        notes=notes,
    )


def guess_label(texts: PooledTexts, column: int, *, fitted_on: NDArray[Any] | None = None) -> NDArray[Any]:
    """Return P(label | text) of every text, one label against the rest, from models that never saw the text.

    They look at the points, at the words through `cross_fitted_word_scores`, and at the scores of the monitored model.
    """
    return cross_fitted_probability(
        texts.features,
        texts.codes == column,
        texts.folds,
        inverse_penalty=_LABEL_INVERSE_PENALTY,
        fitted_on=fitted_on,
        features_by_fold=texts.word_scores(column, fitted_on),
    )


def fit_pooled(texts: PooledTexts, columns: list[int], label_names: tuple[str, ...]) -> PooledFit:
    """Guess the labels in `columns` and the window of every text; the dear step, one logistic fit a fold and label."""
    probability = np.column_stack([guess_label(texts, column) for column in columns])
    # What helps to guess the label stands in the guess of the window too, so that either can be wrong about it.
    window = cross_fitted_probability(
        texts.features,
        texts.is_current,
        texts.folds,
        inverse_penalty=_WINDOW_INVERSE_PENALTY,
        features_by_fold=np.concatenate([texts.word_scores(column) for column in columns], axis=1),
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
        inflation=np.array([_inflation(texts, f, window) for f in probability.T]),
    )


def _inflation(texts: PooledTexts, label_probability: NDArray[Any], window_probability: NDArray[Any]) -> float:
    """Return 1 + 2 tr(K_f K_g) / N, K the ridge smoothers that carry the noise of other texts into f and g.

    With noise e of y and u of w, the sum of (e - K_f e)(u - K_g u) holds the form e'K u twice, once from each guess,
    and the two add up; the sum of squares counts them as if they were independent. The components are orthogonal, so
    the trace is a sum over them.
    """
    n_folds = int(texts.folds.max()) + 1
    energy = (texts.features**2).sum(axis=0) * (n_folds - 1) / n_folds

    def kept(probability: NDArray[Any], inverse_penalty: float) -> NDArray[Any]:
        information = energy * (probability * (1 - probability)).mean()
        return np.asarray(information / (information + 1 / inverse_penalty))

    freedom = kept(label_probability, _LABEL_INVERSE_PENALTY) @ kept(window_probability, _WINDOW_INVERSE_PENALTY)
    return float(1 + 2 * freedom / len(texts.points))
