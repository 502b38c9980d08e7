"""Loop: the question whether labels only repeat what the model predicted."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

from textdrift.drift.contract import DriftResult, Effect, Evidence
from textdrift.drift.quality.echo_model import answer_design, fit_echo, prediction_design
from textdrift.drift.quality.share_change import check_level
from textdrift.stats.contingency import hypergeometric_at_least
from textdrift.windows.numbers_in_words import percentage

__all__ = ["AnsweredDocuments", "Loop"]

_FEWEST = 50
_LEAST_PROBABILITY = 1e-4
_POWER = 0.8
_TWO_SIDED_95 = 1.959963984540054


@dataclass(frozen=True, slots=True)
class AnsweredDocuments:
    """The documents of one window that have a label and a prediction.

    ``labels`` and ``predictions`` have shape (n,): positions among the k classes of both windows. ``probabilities`` has
    shape (n, k); ``None`` where the model gave none.
    """

    labels: NDArray[np.int64]
    predictions: NDArray[np.int64]
    probabilities: NDArray[np.float64] | None
    n_classes: int

    def __len__(self) -> int:
        """Return the number of documents."""
        return len(self.labels)


@dataclass(frozen=True, slots=True)
class Loop:
    """The share of current labels that repeat the prediction, beyond what the model's answers explain.

    Null hypothesis: P(label | what the model said) is that of the reference, but that labels may occur more or less
    often. What the model said is its prediction and its probabilities, if any, calibrated on both windows by a
    multinomial logit with a constant for each prediction. The one-sided efficient score test of an echo: a current
    label is the prediction itself with probability e. Easier texts raise the probabilities too, so they explain a rise
    of agreement; without probabilities nothing does, so the size is shown and there is no p-value. The score test is
    asymptotic and errs where nearly every label agrees, so the larger of its p-value and that of Fisher's exact test
    of a rise of agreement counts. Windows of fewer than 50 are not tested. Cost: O(n k d^2) of k classes and d
    parameters, about ten Newton steps.

    The effect is the estimate of e, and its 95 % interval.

    Parameters
    ----------
    level:
        The level at which the detectable effect is stated.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> def window(n, echoed):
    ...     p = rng.beta(2, 2, n)
    ...     labels, predictions = (rng.random(n) < p).astype(int), (p > 0.5).astype(int)
    ...     labels = np.where(rng.random(n) < echoed, predictions, labels)
    ...     return AnsweredDocuments(labels, predictions, np.column_stack([1 - p, p]), 2)
    >>> result = Loop().compare(window(2000, 0), window(2000, 0.3), rng=rng)
    >>> result.p_value < 1e-6, result.effects[0].low < 0.3 < result.effects[0].high
    (True, True)
    """

    level: float = 0.05

    def __post_init__(self) -> None:
        """Refuse a level that is no probability."""
        check_level(self.level)

    def compare(
        self, reference: AnsweredDocuments, current: AnsweredDocuments, *, rng: np.random.Generator
    ) -> DriftResult:
        """Compare the labels of two windows with the predictions; nothing is drawn from ``rng``."""
        del rng
        n, m, k = len(reference), len(current), reference.n_classes
        reason = _why_not(reference, current)
        if reason:
            nothing = Effect(name="share_of_rows", value=0.0, low=0.0, high=1.0, detectable=inf)
            return DriftResult(
                test="quality.loop", kind="quality", statistic=0.0, p_value=1.0, effects=(nothing,),
                n_documents=(n, m), notes=(reason,),
            )  # fmt: skip
        labels = np.concatenate([reference.labels, current.labels])
        predictions = np.concatenate([reference.predictions, current.predictions])
        in_current = np.arange(n + m) >= n
        with_probabilities = reference.probabilities is not None and current.probabilities is not None
        if reference.probabilities is not None and current.probabilities is not None:
            given = np.concatenate([reference.probabilities, current.probabilities])
            design = answer_design(np.log(np.clip(given, _LEAST_PROBABILITY, 1.0)), predictions, in_current)
        else:
            design = prediction_design(predictions, k, in_current)
        echo = fit_echo(design, labels, predictions, in_current)
        agreed = [int((window.labels == window.predictions).sum()) for window in (reference, current)]
        before, after = agreed[0] / n, agreed[1] / m
        risen = float(hypergeometric_at_least(agreed[1], sum(agreed), m, n + m).item())
        p_value = max(float(ndtr(-echo.z)), risen, float(np.finfo(np.float64).tiny)) if with_probabilities else 1.0
        half = _TWO_SIDED_95 * echo.error
        reach = float(ndtri(1.0 - self.level) + ndtri(_POWER)) * echo.error_at_none
        sentence = (
            f"Labels agree with the predictions in {percentage(after)} of the texts, where "
            f"{percentage(echo.expected)} were to be "
            f"expected ({percentage(before)} in the reference): about {percentage(echo.share)} of the labels would "
            "repeat the "
            "prediction. "
            + (
                "A model that became better in a way that its probabilities do not show would look alike."
                if with_probabilities
                else "Without probabilities, easier texts or a better model would look alike."
            )
        )
        row = {"cause": "loop", "share_of_rows": echo.share, "direction": "up", "sentence": sentence}
        return DriftResult(
            test="quality.loop",
            kind="quality",
            statistic=max(0.0, echo.z),
            p_value=p_value,
            has_p_value=with_probabilities,
            effects=(
                Effect(
                    name="share_of_rows",
                    value=echo.share,
                    low=max(0.0, echo.share - half),
                    high=min(1.0, echo.share + half),
                    detectable=reach if reach <= 1.0 else inf,
                ),
            ),
            n_documents=(n, m),
            evidence=(
                Evidence(name="causes", rows=(row,) if echo.share > 0.0 else ()),
                Evidence(
                    name="sizes",
                    rows=(
                        {"name": "agreement_reference", "value": before},
                        {"name": "agreement_current", "value": after},
                        {"name": "agreement_expected", "value": echo.expected},
                    ),
                ),
            ),
        )


def _why_not(reference: AnsweredDocuments, current: AnsweredDocuments) -> str:
    n, m, k = len(reference), len(current), reference.n_classes
    if min(n, m) < _FEWEST:
        return f"An echo of the predictions needs {_FEWEST} documents with label and prediction in each window."
    if k < 2:  # noqa: PLR2004 - one class alone agrees with everything
        return "There is one class alone, and every label agrees with every prediction."
    return ""
