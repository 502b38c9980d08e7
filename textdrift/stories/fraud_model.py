"""The fraud model of the made-up bank: a logistic regression on memos and features, as many a bank runs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import pyarrow as pa
from scipy import sparse

from textdrift.stories.fraud_data import FRAUD, LEGITIMATE

__all__ = ["FraudModel"]

_NIGHT_ENDS = 6


@dataclass(frozen=True, slots=True)
class FraudModel:
    """Words of the memo, category and country, and three numbers, weighed by scikit-learn.

    Examples
    --------
    >>> from textdrift.stories.fraud_data import payments
    >>> past = payments(1000, np.random.default_rng(0))
    >>> answered = FraudModel.trained_on(past).answered(payments(100, np.random.default_rng(1)))
    >>> answered.column_names[-3:]
    ['prediction', 'p_fraud', 'p_legitimate']
    """

    words: Any
    kinds: Any
    weights: Any

    @classmethod
    def trained_on(cls, payments: pa.Table) -> Self:
        """Train on labelled payments."""
        from sklearn.feature_extraction.text import TfidfVectorizer
        from sklearn.linear_model import LogisticRegression
        from sklearn.preprocessing import OneHotEncoder

        words = TfidfVectorizer(min_df=3).fit(payments["memo"].to_pylist())
        kinds = OneHotEncoder(handle_unknown="ignore").fit(_kinds_of(payments))
        weights = LogisticRegression(C=3.0, max_iter=500)
        weights.fit(_points(words, kinds, payments), payments["label"].to_numpy(zero_copy_only=False))
        return cls(words, kinds, weights)

    def answered(self, payments: pa.Table) -> pa.Table:
        """Return the payments with the model's answers: ``prediction``, ``p_fraud`` and ``p_legitimate``."""
        at = list(self.weights.classes_).index(FRAUD)
        chance = self.weights.predict_proba(_points(self.words, self.kinds, payments))[:, at]
        return (
            payments.append_column("prediction", pa.array(np.where(chance > 0.5, FRAUD, LEGITIMATE)))  # noqa: PLR2004
            .append_column("p_fraud", pa.array(chance))
            .append_column("p_legitimate", pa.array(1.0 - chance))
        )


def _kinds_of(payments: pa.Table) -> list[list[str]]:
    return [list(row) for row in zip(payments["category"].to_pylist(), payments["country"].to_pylist(), strict=True)]


def _points(words: Any, kinds: Any, payments: pa.Table) -> sparse.csr_array:
    numbers = np.column_stack(
        [
            np.log(payments["amount"].to_numpy()) - 4.0,
            payments["hour"].to_numpy() < _NIGHT_ENDS,
            np.log1p(payments["card_age_days"].to_numpy()) - 6.0,
        ]
    )
    parts = [words.transform(payments["memo"].to_pylist()), kinds.transform(_kinds_of(payments)), numbers]
    return sparse.csr_array(sparse.hstack(parts))
