"""ModelAnswers: what the monitored model said of the documents, and whether one model said it in both windows."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from textdrift.windows.duplicates import Documents
from textdrift.windows.window import Window

__all__ = ["ModelAnswers"]

_LEAST_PROBABILITY = 1e-4
_ENOUGH_SHARED = 20
_ROUNDING = 1e-4


class ModelAnswers:
    """The probabilities that came with the rows of two windows.

    Parameters
    ----------
    windows, documents:
        Of the reference and of the current window.
    shared:
        The numbers of the documents that both windows hold, in the reference and in the current window.

    Attributes
    ----------
    of_one_model:
        Whether texts of both windows show that one model answered: 20 at least, all with the same probabilities; no
        row may lack them.
    """

    def __init__(
        self,
        windows: tuple[Window, Window],
        documents: tuple[Documents, Documents],
        shared: tuple[NDArray[Any], NDArray[Any]],
    ) -> None:
        self._windows, self._documents = windows, documents
        in_reference, in_current = shared
        self.of_one_model = bool(
            windows[0].roles.probabilities
            and len(in_reference) >= _ENOUGH_SHARED
            and all(np.isfinite(window.probabilities).all() for window in windows)
            and np.allclose(self._probabilities(0, in_reference), self._probabilities(1, in_current), atol=_ROUNDING)
        )

    def scores(self, side: int, documents: NDArray[Any]) -> NDArray[Any] | None:
        """Return the monitored model's log-odds of each class but the last, against all classes.

        ``None`` without probabilities, and where nothing shows that one model answered in both windows: the answers of
        two models are no property of the text, and a test would take the change of the model for one of the labels.
        """
        if not self.of_one_model:
            return None
        logs = np.log(np.clip(self._probabilities(side, documents), _LEAST_PROBABILITY, 1.0))
        return np.asarray((logs - logs.mean(axis=1, keepdims=True))[:, :-1])

    def _probabilities(self, side: int, documents: NDArray[Any]) -> NDArray[Any]:
        """Return the model's probabilities of documents, each by its first row, shape (n, k)."""
        window, rows = self._windows[side], self._documents[side].first_rows[documents]
        return np.asarray(window.probabilities[rows])
