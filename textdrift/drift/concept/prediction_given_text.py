"""Does the monitored model answer the same texts as before? P(prediction | text), whatever P(text) did."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from textdrift.drift.concept.label_given_text import LabelGivenText
from textdrift.drift.concept.labelled import LabelledEmbeddings
from textdrift.drift.contract import DriftResult

__all__ = ["PredictionGivenText"]

_KEPT = ("sizes", "relabelled")


@dataclass(frozen=True, slots=True)
class PredictionGivenText:
    """Test whether the prediction depends on the window, given the text.

    A model that stays the same gives the same text the same prediction, whoever sends it: predictions then move only as
    far as the texts did. Null hypothesis, statistic and sizes are those of `LabelGivenText`, with predictions in the
    place of labels. It tells a changed model from changed texts and never decides that predictions drifted.

    Attributes
    ----------
    n_folds, n_components, n_topics, level:
        As in `LabelGivenText`.
    """

    n_folds: int = 5
    n_components: int = 128
    n_topics: int = 8
    level: float = 0.05

    def compare(
        self, reference: LabelledEmbeddings, current: LabelledEmbeddings, *, rng: np.random.Generator
    ) -> DriftResult:
        """Compare two windows of predicted texts, the predictions in the place of labels.

        Returns
        -------
        Kind ``prediction``. Effects ``share_relabelled`` and ``net_relabelled``: the share of texts that get another
        prediction, whichever way, and the part of it that does not cancel. Evidence: ``sizes``, ``relabelled``.

        Raises
        ------
        EmbeddingsError, WindowError
            When the windows do not belong together.

        Examples
        --------
        >>> import numpy as np
        >>> from textdrift.embeddings.embeddings import Embeddings
        >>> rng = np.random.default_rng(0)
        >>> points = rng.normal(size=(1000, 4))
        >>> says_good = points[:, 0] > np.repeat([0.0, 0.4], 500)
        >>> shares = np.column_stack([~says_good, says_good]).astype(float)
        >>> windows = [
        ...     LabelledEmbeddings(Embeddings(points[rows], "toy"), shares[rows], ("bad", "good"))
        ...     for rows in (slice(500), slice(500, 1000))
        ... ]
        >>> PredictionGivenText().compare(*windows, rng=rng).p_value < 0.01
        True
        """
        test = LabelGivenText(
            n_folds=self.n_folds, n_components=self.n_components, n_topics=self.n_topics, level=self.level
        )
        result = test.compare(reference, current, rng=rng)
        return replace(
            result,
            test="concept.prediction_given_text",
            kind="prediction",
            evidence=tuple(table for table in result.evidence if table.name in _KEPT),
        )
