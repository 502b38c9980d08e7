"""What the answers to a plan of labels tell so far, valid however often it is looked at."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from textdrift.errors import SettingsError
from textdrift.performance.answer_codes import answers_in_order
from textdrift.performance.answer_sentences import CHANGED, NOT_CHANGED, OPEN, sentence_of_answers
from textdrift.performance.label_plan import LabelPlan
from textdrift.stats.sequential import betting_sequence

__all__ = ["CHANGED", "NOT_CHANGED", "OPEN", "AnytimeEstimate", "RunningRate", "draw_values", "estimate_from_answers"]

_LEVEL_OF_GUESS = 0.2
"""Share of the level that the interval of the expected rate takes, where the guess has an error."""

_EARLY = 4.0
"""Answers that it takes until the forecast believes half of the difference seen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunningRate:
    """An error rate as known before any answer and after each one, shapes (answers + 1,).

    With probability 1 - level the true rate lies between ``low`` and ``high`` at every one of these times.
    """

    values: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class AnytimeEstimate:
    """How often the judgement is wrong in this window, and how often it would be if labels meant the same.

    Attributes
    ----------
    running:
        The error rate of the whole window, answer by answer.
    expected:
        The rate that the guess expects, with an interval: (value, low, high).
    level, material:
        The chance that an interval is ever wrong; the least difference worth a word.
    n_answered, n_unlabelled:
        Answers used, and documents that had no label when the plan was made.
    n_more:
        How many more labels are likely needed to settle the question, from the variance and the difference so far,
        and a rough forecast: it may be wrong by a factor of four; 0 where it is settled; ``None`` where no number
        would do, because the guess itself is not sure enough.
    notes:
        Sentences that a reader must know.
    """

    running: RunningRate
    expected: tuple[float, float, float]
    level: float
    material: float
    n_answered: int
    n_unlabelled: int
    n_more: int | None
    notes: tuple[str, ...]

    @property
    def error_rate(self) -> tuple[float, float, float]:
        """The rate after the last answer, with its interval: (value, low, high)."""
        running = self.running
        return float(running.values[-1]), float(running.low[-1]), float(running.high[-1])

    @property
    def difference(self) -> tuple[float, float, float]:
        """The rate minus the expected rate after the last answer: the errors that changed labels made."""
        value, low, high = self.error_rate
        return value - self.expected[0], low - self.expected[2], high - self.expected[1]

    @property
    def settled(self) -> str:
        """``changed``, ``not changed by more than material``, or ``open``."""
        return _settled(self.difference[1], self.difference[2], self.material)

    @property
    def settled_after(self) -> int | None:
        """How many answers first settled the question; ``None`` while it is open."""
        low, high = self.running.low - self.expected[2], self.running.high - self.expected[1]
        verdicts = (_settled(a, b, self.material) for a, b in zip(low.tolist(), high.tolist(), strict=True))
        return next((n for n, verdict in enumerate(verdicts) if verdict != OPEN), None)

    @property
    def sentence(self) -> str:
        """What is known, for a reader."""
        return sentence_of_answers(self)

    def described(self) -> dict[str, Any]:
        """Return the estimate as plain JSON values."""
        rates = {"error_rate": self.error_rate, "expected": self.expected, "difference": self.difference}
        return {
            **{name: dict(zip(("value", "low", "high"), rate, strict=True)) for name, rate in rates.items()},
            "level": self.level,
            "material": self.material,
            "n_answered": self.n_answered,
            "n_unlabelled": self.n_unlabelled,
            "n_more": self.n_more,
            "settled": self.settled,
            "settled_after": self.settled_after,
            "sentence": self.sentence,
            "notes": list(self.notes),
            "running": {name: getattr(self.running, name).tolist() for name in ("values", "low", "high")},
        }


def estimate_from_answers(
    plan: LabelPlan,
    answers: Mapping[Any, Any],
    *,
    level: float = 0.05,
    material: float = 0.03,
    guess_error: float | None = None,
    new_labels: Sequence[str] = (),
) -> AnytimeEstimate:
    """Estimate the error rate of the window from the answers that are there, in the order of the plan.

    With n documents without a label, losses L, guessed losses m and chances q, of which R is left when a document is
    drawn, each draw gives Z = (Σ drawn L + Σ left m + R (L − m) / q) / n. Given the draws before it, Z has the mean
    Σ L / n, the very rate that is sought, and known bounds; the interval is a betting confidence sequence on Z
    (`betting_sequence`), met with what is certain: answers that are there count, those that are not may be 0 or 1. So
    one may look after every label and stop when one likes; with all labels the interval is a point. Labels that the
    window had before count as they are.

    The expected rate is that of the guess. The difference speaks of changed labels as far as the guess is calibrated.

    Cost: as `betting_sequence`.

    Parameters
    ----------
    plan:
        From `plan_labels`, or read back from its description.
    answers:
        Document position to label (or its code); ``None`` where there is no answer yet. Positions may be strings.
    level:
        The chance that the interval ever misses the rate, at any of the looks.
    material:
        The least difference of the two rates worth a word.
    guess_error:
        Standard error of the expected rate; that of the plan where it is left out. Where it is not 0, a fifth of the
        level goes to the interval of the expected rate.
    new_labels:
        Labels that neither window has and that answers may be: they contradict whatever was judged. A note counts them.

    Raises
    ------
    SettingsError
        When a number is out of range, or an answer is neither a class of the plan nor a new label.

    Examples
    --------
    >>> from textdrift.performance.labels_to_ask import plan_labels
    >>> rng = np.random.default_rng(0)
    >>> guess = np.tile([0.8, 0.2], (2000, 1))
    >>> labels = (rng.random(2000) < 0.4).astype(int)
    >>> plan = plan_labels(guess, np.zeros(2000, dtype=int), np.full(2000, -1), n_ask=200, rng=rng)
    >>> estimate = estimate_from_answers(plan, {row: labels[row] for row in plan.positions})
    >>> estimate.settled, [round(100 * part) for part in estimate.difference]
    ('changed', [18, 9, 29])
    """
    if not 0.0 < level < 1.0:
        raise SettingsError(f"level must lie between 0 and 1; got {level!r}: 0.05 is usual")
    if not 0.0 < material < 1.0:
        raise SettingsError(f"material must lie between 0 and 1; got {material!r}: 0.03 is three points of the rate")
    if guess_error is None:
        guess_error = plan.asked_from.guess_error
    if not 0.0 <= guess_error < math.inf:
        raise SettingsError(f"guess_error must be 0 or a standard error; got {guess_error!r}")
    codes, notes = answers_in_order(plan, answers, new_labels=new_labels)
    window = plan.asked_from
    level_of_rate = level * (1.0 - _LEVEL_OF_GUESS) if guess_error else level
    reach = float(-ndtri(level * _LEVEL_OF_GUESS / 2.0)) * guess_error if guess_error else 0.0
    rate = window.guessed_errors / window.n_documents
    running, variance, information = _running_rate(plan, codes, level_of_rate)
    half = AnytimeEstimate(
        running=running,
        expected=(rate, max(0.0, rate - reach), min(1.0, rate + reach)),
        level=level,
        material=material,
        n_answered=len(codes),
        n_unlabelled=window.n_unlabelled,
        n_more=0,
        notes=(*plan.notes, *notes),
    )
    if half.settled != OPEN:
        return half
    return _with_forecast(half, plan, reach, 2.0 * math.log(2.0 / level_of_rate) * variance, information)


def draw_values(plan: LabelPlan, codes: NDArray[Any]) -> tuple[NDArray[np.float64], ...]:
    """Return the value of each draw, its floor and ceiling, and the chance that was left, each of shape (answers,).

    Given the draws before it, a value has the error rate of the documents without a label as its mean.
    """
    window, n_answered = plan.asked_from, len(codes)
    n = window.n_unlabelled
    loss = (codes != plan.judged[:n_answered]).astype(np.float64)
    guessed, q = plan.guessed_losses[:n_answered], plan.probabilities[:n_answered]
    drawn = np.cumsum(loss) - loss
    unseen = window.guessed_errors_unlabelled - (np.cumsum(guessed) - guessed)
    # Never less than the chance of the document drawn, whatever rounding says.
    left = np.maximum(1.0 - (np.cumsum(q) - q), q)
    base = (drawn + unseen) / n
    steps = left * (loss - guessed) / (n * q)
    return base + steps, base - left * window.largest_step_down, base + left * window.largest_step_up, left


def _running_rate(plan: LabelPlan, codes: NDArray[Any], level: float) -> tuple[RunningRate, float, float]:
    """Return the rate of the whole window, the variance of a draw, and how many equal draws were made."""
    window = plan.asked_from
    n, n_answered = window.n_unlabelled, len(codes)
    known = window.n_known_wrong / window.n_documents
    if n == 0:
        exact = np.array([known])
        return RunningRate(values=exact, low=exact, high=exact), 0.0, 0.0
    values, floors, ceilings, left = draw_values(plan, codes)
    first = (window.guessed_errors_unlabelled / n, window.first_variance)
    sequence = betting_sequence(values, floors, ceilings, level=level, scales=left, first_guess=first)
    # Answers that are there count as they are, and those that are not may all be right, or all wrong.
    least = np.append(0.0, np.cumsum(codes != plan.judged[:n_answered])) / n
    most = least + 1.0 - np.arange(n_answered + 1) / n
    low, high = np.clip(np.append(0.0, sequence.low), least, most), np.clip(np.append(1.0, sequence.high), least, most)
    value = np.clip(np.append(first[0], sequence.estimates), low, high)
    share = n / window.n_documents
    running = RunningRate(values=known + share * value, low=known + share * low, high=known + share * high)
    variance = float(sequence.variances[-1]) if n_answered else window.first_variance
    return running, variance, float((1.0 / left**2).sum())


def _with_forecast(
    estimate: AnytimeEstimate, plan: LabelPlan, reach: float, spread: float, information: float
) -> AnytimeEstimate:
    """Return the estimate with the number of labels after which its interval should be as narrow as it must be.

    The half width is about √(spread / J), J the number of equal draws with replacement; k draws of n without are worth
    k / (1 − k / n).
    """
    window, n_answered = plan.asked_from, estimate.n_answered
    n = window.n_unlabelled
    # The estimate after a few answers is anywhere; it counts as much as there are answers.
    distance = abs(estimate.difference[0]) * information / (information + _EARLY)
    # Either side of the question will do, whichever is nearer to its proof; less what the guess may be wrong by.
    margin = max(distance, estimate.material - distance) - reach
    n_more: int | None = None
    if margin > 0.0 and n_answered < n:
        needed = spread * (n / window.n_documents / margin) ** 2
        missing = max(0.0, needed - information)
        # The draws so far left n − n_answered documents; equal draws from here on are worth as much each as they are.
        here = n - n_answered
        worth = (n / here) ** 2
        extra = missing / worth
        n_more = min(here, max(1, math.ceil(extra / (1.0 + extra / here))))
    return replace(estimate, n_more=n_more)


def _settled(low: float, high: float, material: float) -> str:
    if -material <= low and high <= material:
        return NOT_CHANGED
    return CHANGED if low > 0.0 or high < 0.0 else OPEN
