"""Suspected: which documents of the current window a drift of concept points at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["Suspected"]


@dataclass(frozen=True, slots=True)
class Suspected:
    """The shares of labels that are thought to have changed, for labels to be asked where most did.

    Attributes
    ----------
    of_document:
        Shape (documents of the current window,), from 0 to 1: what the words, the topic and the segments of each say.
    of_label:
        Label to the share of the texts that carried it in the reference and would carry another one now.
    """

    of_document: NDArray[np.float64]
    of_label: Mapping[str, float]

    def shares(self, documents: NDArray[Any], guess: NDArray[Any], label_names: tuple[str, ...]) -> NDArray[np.float64]:
        """Return the larger of what each document and the label it would have had say.

        Parameters
        ----------
        documents:
            Shape (n,), numbers of documents of the current window.
        guess:
            Shape (n, k), the chance of each label, had labels kept their meaning.
        label_names:
            The k labels.

        Examples
        --------
        >>> suspected = Suspected(np.array([0.0, 0.5, 0.0]), {"good": 0.3})
        >>> guess = np.array([[1.0, 0.0], [0.5, 0.5], [0.0, 1.0]])
        >>> suspected.shares(np.arange(3), guess, ("bad", "good")).tolist()
        [0.0, 0.5, 0.3]
        """
        lost = np.array([self.of_label.get(name, 0.0) for name in label_names])
        return np.asarray(np.clip(np.maximum(self.of_document[documents], guess @ lost), 0.0, 1.0))
