"""The labelled texts of both windows in one pile, dealt into folds, with all that label and window are guessed from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from textdrift.drift.concept.answers_to_texts import answers_moved_p_value
from textdrift.drift.concept.labelled import LabelledEmbeddings, check_comparable
from textdrift.stats.bends import bends
from textdrift.stats.cross_fitting import principal_components, stratified_folds
from textdrift.stats.word_scores import cross_fitted_word_scores

__all__ = ["PooledTexts", "modelled_labels", "pool"]

_ANSWERS_MOVED = 0.01
_BENT = 32
_LEFT_OUT = (
    "the model's probabilities were not used to guess the labels, for the same texts get other probabilities than "
    "before, or too few texts tell"
)
_MIN_DOCUMENTS = 20
_PAIR = 2


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

    def word_scores(self, columns: list[int], fitted_on: NDArray[Any] | None = None) -> NDArray[Any]:
        """Return what the words say of each label, shape (N, k, n_folds), or (N, 0, n_folds) where none are known."""
        if self.presence is None:
            return np.empty((len(self.codes), 0, int(self.folds.max()) + 1))
        return np.stack(
            [
                cross_fitted_word_scores(self.presence, self.codes == column, self.folds, fitted_on=fitted_on)
                for column in columns
            ],
            axis=1,
        )


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
