"""What a window of traffic costs, from the answers to the labels that were asked for: valid however often one looks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from textdrift.errors import SettingsError
from textdrift.findings.cost_table import CostTable
from textdrift.findings.priced_change import rounded
from textdrift.performance.answer_codes import answers_in_order
from textdrift.performance.label_plan import LabelPlan
from textdrift.performance.labels_to_ask import LEAST_CHANCE
from textdrift.stats.sequential import betting_sequence
from textdrift.stats.valued_shares import MeanInterval

__all__ = ["AnsweredCost", "cost_of_answers"]

_ROUNDING = 1e-6


@dataclass(frozen=True, slots=True, kw_only=True)
class AnsweredCost:
    """The cost of the judgements in one window of traffic, from answers.

    Attributes
    ----------
    table:
        The prices, with the volume that was used.
    now:
        Cost of the current window, with an interval that holds at all looks together with probability 1 - ``level``.
    before:
        Cost of the same volume under the reference's behaviour, with its 95 % interval; ``None`` where it is not known.
    level:
        The chance that the interval of ``now`` is ever wrong.
    n_answered, n_documents:
        Answers used, and documents of the window.
    notes:
        Sentences that a reader must know.
    """

    table: CostTable
    now: MeanInterval
    before: MeanInterval | None
    level: float
    n_answered: int
    n_documents: int
    notes: tuple[str, ...] = ()

    @property
    def change(self) -> MeanInterval | None:
        """Current minus reference; at worst as often wrong as both intervals together."""
        if self.before is None:
            return None
        return MeanInterval(
            self.now.mean - self.before.mean, self.now.low - self.before.high, self.now.high - self.before.low
        )

    @property
    def is_above_limit(self) -> bool:
        """Whether the additional cost is surely above the table's ``fail_above``; without a limit it never is."""
        limit, change = self.table.fail_above, self.change
        return limit is not None and change is not None and change.low > limit

    @property
    def sentence(self) -> str:
        """What is known, for a reader."""
        priced = [f"{self.table.currency} {rounded(end):,.12g}".strip() for end in (self.now.low, self.now.high)]
        said = (
            f"After {self.n_answered:,} labels: the model's answers cost {priced[0]} to {priced[1]} per window of "
            f"{self.table.volume or 0:,.0f}"
        )
        if self.before is not None:
            said += f", and {f'{self.table.currency} {rounded(self.before.mean):,.12g}'.strip()} before"
        if self.is_above_limit:
            said += f"; that is more than {self.table.fail_above:,.12g} above it for sure"
        return f"{said}."

    def described(self) -> dict[str, Any]:
        """Return plain JSON values."""
        ends = {"now": self.now, "before": self.before, "change": self.change}
        return {
            "basis": "answers",
            "currency": self.table.currency,
            "volume": self.table.volume,
            "fail_above": self.table.fail_above,
            **{
                name: None if end is None else {"value": end.mean, "low": end.low, "high": end.high}
                for name, end in ends.items()
            },
            "level": self.level,
            "n_answered": self.n_answered,
            "n_documents": self.n_documents,
            "sentence": self.sentence,
            "notes": list(self.notes),
        }


def cost_of_answers(
    table: CostTable,
    plan: LabelPlan,
    answers: Mapping[Any, Any],
    *,
    level: float = 0.05,
    before: MeanInterval | None = None,
) -> AnsweredCost:
    """Price the answers to a plan of labels.

    The model's probabilities cannot see a mistake that they were never taught, so an estimate from them may show no
    cost where there is much. Answers can. With the costs c of n documents, chances q, of which R is left when a
    document is drawn, each draw gives Z = (Σ drawn c + R c / q) / n, whose mean given the draws before it is Σ c / n.
    No document has less than half of its chance in a plain sample, so Z is bounded, and the interval is that of
    `betting_sequence`, met with what is certain: answers that are there count, those that are not cost at least the
    least price and at most the largest.

    Parameters
    ----------
    table:
        Prices; without a volume the documents of the window are taken.
    plan:
        From `plan_labels`, or read back; no document of the window may have had a label.
    answers:
        Document position to label; ``None`` where there is no answer yet.
    level:
        The chance that the interval ever misses the cost, at any of the looks.
    before:
        Cost of a window of the volume under the reference's behaviour.

    Raises
    ------
    SettingsError
        When the window had labels, the plan has no label names, an answer is no class of it, or ``level`` is no number
        between 0 and 1.

    Examples
    --------
    >>> from textdrift.performance.labels_to_ask import plan_labels
    >>> rng = np.random.default_rng(0)
    >>> guess = np.tile([0.05, 0.95], (1000, 1))  # the model finds nothing wrong
    >>> missed = rng.random(1000) < 0.1
    >>> plan = plan_labels(guess, np.ones(1000, dtype=int), np.full(1000, -1), n_ask=300, rng=rng,
    ...                    label_names=("fraud", "legitimate"))
    >>> cost = cost_of_answers(CostTable(matrix={"fraud": {"legitimate": 40.0}}, currency="EUR"), plan,
    ...                        {row: "fraud" if missed[row] else "legitimate" for row in plan.positions})
    >>> 40 * missed.sum(), cost.now.low < 40 * missed.sum() < cost.now.high
    (3560, True)
    """
    is_number = isinstance(level, (int, float, np.integer, np.floating)) and not isinstance(level, bool)
    if not is_number or not 0.0 < level < 1.0:
        raise SettingsError(f"level must lie between 0 and 1; got {level!r}: 0.05 is usual")
    window = plan.asked_from
    if window.n_known:
        raise SettingsError(
            f"{window.n_known:,} of {window.n_documents:,} documents had a label when labels were asked for: what they "
            "cost stands in the report already; price the answers of a window without labels"
        )
    if not plan.label_names:
        raise SettingsError("prices are named by labels, and this plan has no label names; plan with label_names")
    values = table.values(plan.label_names)
    volume = float(window.n_documents) if table.volume is None else table.volume
    priced = CostTable(matrix=table.matrix, volume=volume, currency=table.currency, fail_above=table.fail_above)
    codes, notes = answers_in_order(plan, answers, new_labels=None)
    n, q = window.n_documents, plan.probabilities[: len(codes)]
    if len(q) and (n * q).min() < LEAST_CHANCE - _ROUNDING:
        raise SettingsError("the chances of the plan are smaller than any that are drawn with; give it as it was made")
    least, most = float(values.min()), float(values.max())
    costs = (values[codes, plan.judged[: len(codes)]] - least) / (most - least)
    drawn = np.cumsum(costs) - costs
    left = np.maximum(1.0 - (np.cumsum(q) - q), q)
    base = drawn / n
    sequence = betting_sequence(
        base + left * costs / (n * q), base, base + left / LEAST_CHANCE, level=level, scales=left,
        first_guess=(window.guessed_errors / n, window.first_variance),
    )  # fmt: skip
    sure_low, sure_high = float(costs.sum()) / n, (float(costs.sum()) + n - len(codes)) / n
    low, high, value = 0.0, 1.0, window.guessed_errors / n
    if len(codes):
        low, high, value = float(sequence.low[-1]), float(sequence.high[-1]), float(sequence.estimates[-1])

    def of_window(share: float) -> float:
        return volume * (least + (most - least) * float(np.clip(share, sure_low, sure_high)))

    ends = of_window(low), of_window(high)
    return AnsweredCost(
        table=priced,
        now=MeanInterval(float(np.clip(of_window(value), *ends)), *ends),
        before=before,
        level=float(level),
        n_answered=len(codes),
        n_documents=n,
        notes=notes,
    )
