"""LabelledEmbeddings: the points of one window that carry a label."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from numpy.typing import NDArray

from textdrift.embeddings.embeddings import Embeddings
from textdrift.errors import EmbeddingsError, WindowError
from textdrift.tokens.token_counts import TokenCounts

__all__ = ["LabelledEmbeddings", "check_comparable"]

_MATRIX = 2
_ROUNDING = 1e-6


@dataclass(frozen=True, slots=True)
class LabelledEmbeddings:
    """One row per distinct text that carries a label.

    Copies of a text are one row. Where copies carry different labels the row holds the share of each; models are
    fitted on the label of most copies (equal shares: the first name in the alphabet), residuals use the shares.

    Parameters
    ----------
    embeddings:
        Points of the n texts.
    shares:
        Shape (n, k): the share of each label among the copies of a text; rows sum to 1.
    label_names:
        Sorted, distinct; both windows of a comparison share one and the same tuple.
    counts:
        The words of the same n texts, in the same order, where words that changed their label shall be named.
    scores:
        Shape (n, q), finite: what else is known of each *text*, such as the monitored model's log-probabilities.
        It sharpens the guess of the label, and with it the test. Leave it out where the model's own answers have
        changed: then it is no longer a property of the text alone.

    Raises
    ------
    EmbeddingsError, WindowError
        When rows, columns or names do not belong together.

    Examples
    --------
    >>> import numpy as np
    >>> window = LabelledEmbeddings(Embeddings(np.eye(2), "toy"), np.array([[1.0, 0.0], [0.5, 0.5]]), ("bad", "good"))
    >>> window.labels.tolist()
    ['bad', 'bad']
    """

    embeddings: Embeddings
    shares: NDArray[Any]
    label_names: tuple[str, ...]
    counts: TokenCounts | None = None
    scores: NDArray[Any] | None = None

    def __post_init__(self) -> None:
        """Check once; the tests behind this door trust the rows."""
        shares = np.asarray(self.shares, dtype=np.float64)
        n = len(self.embeddings)
        if shares.ndim != _MATRIX or shares.shape != (n, len(self.label_names)):
            raise WindowError(
                f"shares need shape (texts, labels) = {(n, len(self.label_names))}; got {shares.shape}: "
                "give one row per embedded text and one column per label name"
            )
        if list(self.label_names) != sorted(set(self.label_names)):
            raise WindowError(
                f"label names must be sorted and distinct; got {self.label_names}: sort them, and the columns of shares"
            )
        if not np.isfinite(shares).all() or (shares < 0).any() or (np.abs(shares.sum(axis=1) - 1) > _ROUNDING).any():
            raise WindowError(
                "every row of shares must be non-negative and sum to 1; leave out texts that carry no label"
            )
        if self.counts is not None and len(self.counts) != n:
            raise WindowError(
                f"counts need one row per embedded text: {n}; got {len(self.counts)}: take the same texts of both"
            )
        object.__setattr__(self, "shares", shares)
        if self.scores is None:
            return
        scores = np.asarray(self.scores, dtype=np.float64)
        if scores.ndim != _MATRIX or len(scores) != n or not np.isfinite(scores).all():
            raise WindowError(
                f"scores need shape ({n}, q), all finite; got {scores.shape}: clip log-probabilities away from -inf"
            )
        object.__setattr__(self, "scores", scores)

    def __len__(self) -> int:
        """Return the number of distinct labelled texts."""
        return len(self.embeddings)

    @property
    def codes(self) -> npt.NDArray[np.int64]:
        """The column of the label that most copies carry, shape (n,)."""
        return np.asarray(self.shares.argmax(axis=1), dtype=np.int64)

    @property
    def labels(self) -> NDArray[Any]:
        """The label that most copies carry, shape (n,)."""
        return np.array(self.label_names)[self.codes]

    @classmethod
    def from_rows(
        cls,
        embeddings: Embeddings,
        document_of_row: NDArray[Any],
        row_labels: NDArray[Any],
        label_names: tuple[str, ...],
        *,
        counts: TokenCounts | None = None,
        scores: NDArray[Any] | None = None,
    ) -> LabelledEmbeddings:
        """Collect the labels of the copies of each document; documents with no label of `label_names` are left out.

        Parameters
        ----------
        embeddings:
            One point per distinct document of the window.
        document_of_row:
            Shape (n_rows,): the document of each row of the window, -1 for none.
        row_labels:
            Shape (n_rows,): the label of each row; values that are not in `label_names` (None too) count as no label.
        label_names:
            The labels to keep, usually those seen in both windows.
        counts, scores:
            Rows aligned with `embeddings`.

        Raises
        ------
        WindowError
            When no document carries one of the labels.

        Examples
        --------
        >>> import numpy as np
        >>> rows = np.array(["good", "bad", None, "good"], dtype=object)
        >>> window = LabelledEmbeddings.from_rows(
        ...     Embeddings(np.eye(3), "toy"), np.array([0, 0, 1, 2]), rows, ("bad", "good")
        ... )
        >>> window.shares.tolist()
        [[0.5, 0.5], [0.0, 1.0]]
        """
        code_of = {name: code for code, name in enumerate(label_names)}
        codes = np.array([code_of.get(label, -1) for label in row_labels.tolist()], dtype=np.int64)
        counted = (codes >= 0) & (document_of_row >= 0)
        copies = np.zeros((len(embeddings), len(label_names)))
        np.add.at(copies, (document_of_row[counted], codes[counted]), 1.0)
        kept = np.flatnonzero(copies.sum(axis=1) > 0)
        if kept.size == 0:
            raise WindowError(
                f"no text carries one of the labels {label_names}; name the labels that both windows hold"
            )
        return cls(
            Embeddings(embeddings.points[kept], embeddings.encoder),
            copies[kept] / copies[kept].sum(axis=1, keepdims=True),
            tuple(label_names),
            None if counts is None else TokenCounts(counts.counts[kept], counts.terms),
            None if scores is None else np.asarray(scores)[kept],
        )

    def take(self, rows: NDArray[Any]) -> LabelledEmbeddings:
        """Return the texts at these positions, in this order."""
        return LabelledEmbeddings(
            Embeddings(self.embeddings.points[rows], self.embeddings.encoder),
            self.shares[rows],
            self.label_names,
            None if self.counts is None else TokenCounts(self.counts.counts[rows], self.counts.terms),
            None if self.scores is None else self.scores[rows],
        )


def check_comparable(reference: LabelledEmbeddings, current: LabelledEmbeddings) -> None:
    """Refuse two windows whose points, labels or words do not mean the same.

    Raises
    ------
    EmbeddingsError
        Points of different encoders or dimensions.
    WindowError
        Different label names, vocabularies or numbers of scores.
    """
    ours, theirs = reference.embeddings, current.embeddings
    if ours.encoder != theirs.encoder or ours.points.shape[1] != theirs.points.shape[1]:
        raise EmbeddingsError(
            f"the reference was encoded by {ours.encoder!r} in {ours.points.shape[1]} dimensions, the current window "
            f"by {theirs.encoder!r} in {theirs.points.shape[1]}; encode both with one encoder"
        )
    if reference.label_names != current.label_names:
        raise WindowError(
            f"the reference has the labels {reference.label_names}, the current window {current.label_names}; "
            "build both with the labels that both windows hold"
        )
    if reference.counts is not None and current.counts is not None and reference.counts.terms != current.counts.terms:
        raise WindowError("the two windows were counted over different vocabularies; count both over one vocabulary")
    widths = [0 if window.scores is None else window.scores.shape[1] for window in (reference, current)]
    if widths[0] != widths[1]:
        raise WindowError(
            f"the reference has {widths[0]} scores a text, the current window {widths[1]}; give both the same, or none"
        )
