"""LabelPlan: documents to label, in the order in which to ask, and all that reading the answers takes."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import astuple, dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from textdrift.errors import SettingsError

__all__ = ["AskedFrom", "LabelPlan"]

_ROW_KEYS = ("position", "judged", "guess", "probability", "reason")
_ROUNDING = 1e-3


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedFrom:
    """What must be known of the whole window to read the answers of a few documents.

    Attributes
    ----------
    n_documents, n_known, n_known_wrong:
        Documents of the window, those that already have a label, and those of them whose judgement it contradicts.
    guessed_errors, guessed_errors_unlabelled:
        Expected number of contradicted judgements if labels meant what they meant in the reference: among all
        documents, and among those without a label.
    largest_step_down, largest_step_up:
        Bounds of (loss − guessed loss) / (n q) over the n documents without a label, q their chances.
    first_variance:
        The variance of that, were one label of twenty changed.
    guess_error:
        Standard error of ``guessed_errors / n_documents`` as a forecast of the errors of this very window.
    """

    n_documents: int
    n_known: int
    n_known_wrong: int
    guessed_errors: float
    guessed_errors_unlabelled: float
    largest_step_down: float
    largest_step_up: float
    first_variance: float
    guess_error: float = 0.0

    @property
    def n_unlabelled(self) -> int:
        """Documents without a label."""
        return self.n_documents - self.n_known


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelPlan:
    """Documents to label, in the order in which to ask.

    Attributes
    ----------
    positions:
        Shape (k,): documents of the window. No document is asked twice, so k answers are k new labels.
    probabilities:
        Shape (k,): the chance of each document to be drawn first; over all documents without a label they sum to 1.
        Later draws divide it by the chances of those that are left.
    guessed_losses:
        Shape (k,): the chance that a label will contradict the judgement, if labels mean what they meant.
    judged:
        Shape (k,): the code of the judged class.
    reasons:
        Why each is asked, in plain words: what raised its chance most.
    asked_from:
        The window.
    label_names:
        The classes; empty where answers come as codes.
    notes:
        Sentences that a reader must know.
    """

    positions: NDArray[np.int64]
    probabilities: NDArray[np.float64]
    guessed_losses: NDArray[np.float64]
    judged: NDArray[np.int64]
    reasons: tuple[str, ...]
    asked_from: AskedFrom
    label_names: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    def __len__(self) -> int:
        """Return the number of documents to ask for."""
        return len(self.positions)

    def described(self) -> dict[str, Any]:
        """Return the plan as plain JSON values, enough to estimate from the answers later.

        A row has ``position``, ``judged`` (a label, or a code where the plan has no names), ``guess`` (the chance that
        the judgement is wrong), ``probability`` and ``reason``.
        """
        names: list[Any] = list(self.label_names)
        judged = [names[code] if names else code for code in self.judged.tolist()]
        columns = (self.positions.tolist(), judged, self.guessed_losses.tolist(), self.probabilities.tolist())
        return {
            "window": {field.name: getattr(self.asked_from, field.name) for field in fields(AskedFrom)},
            "label_names": names,
            "notes": list(self.notes),
            "rows": [dict(zip(_ROW_KEYS, row, strict=True)) for row in zip(*columns, list(self.reasons), strict=True)],
        }

    @classmethod
    def from_described(cls, described: Mapping[str, Any]) -> LabelPlan:
        """Return the plan that `described` was made from.

        Raises
        ------
        SettingsError
            When a key is missing, or the numbers cannot be those of a plan.

        Examples
        --------
        >>> from textdrift.performance.labels_to_ask import plan_labels
        >>> guess, known = np.array([[0.9, 0.1], [0.4, 0.6], [0.2, 0.8]]), np.array([-1, -1, 1])
        >>> plan = plan_labels(guess, guess.argmax(axis=1), known, n_ask=2, rng=np.random.default_rng(0))
        >>> again = LabelPlan.from_described(plan.described())
        >>> again.positions.tolist() == plan.positions.tolist(), again.asked_from == plan.asked_from
        (True, True)
        """
        try:
            names = tuple(described["label_names"])
            rows = described["rows"]
            columns = {key: [row[key] for row in rows] for key in _ROW_KEYS}
            asked_from = AskedFrom(**described["window"])
            judged = [names.index(name) for name in columns["judged"]] if names else columns["judged"]
            plan = cls(
                positions=np.array(columns["position"], dtype=np.int64),
                probabilities=np.array(columns["probability"], dtype=np.float64),
                guessed_losses=np.array(columns["guess"], dtype=np.float64),
                judged=np.array(judged, dtype=np.int64),
                reasons=tuple(columns["reason"]),
                asked_from=asked_from,
                label_names=names,
                notes=tuple(described.get("notes", ())),
            )
            plan._check()
        except SettingsError:
            raise
        except (KeyError, TypeError, ValueError) as problem:
            raise SettingsError(
                f"this is no plan of labels to ask ({type(problem).__name__}: {problem}): "
                "give what LabelPlan.described() returned, unchanged"
            ) from problem
        return plan

    def _check(self) -> None:
        """Refuse numbers that plan_labels never writes: an edited file would give a wrong interval without a word."""
        window, q, loss = self.asked_from, self.probabilities, self.guessed_losses
        steps = (loss / np.maximum(q, np.finfo(float).tiny), (1.0 - loss) / np.maximum(q, np.finfo(float).tiny))
        slack = 1.0 + _ROUNDING
        n = max(1, window.n_unlabelled)
        good = (
            all(math.isfinite(value) for value in astuple(window))
            and 0 <= window.n_known_wrong <= window.n_known <= window.n_documents
            and 0 <= window.guessed_errors_unlabelled <= window.guessed_errors * slack
            and window.guessed_errors <= window.n_documents * slack
            and min(window.first_variance, window.guess_error) >= 0
            and len(set(self.label_names)) == len(self.label_names)
            and bool(((self.positions >= 0) & (self.positions < window.n_documents)).all())
            and len(self) <= window.n_unlabelled
            and len(np.unique(self.positions)) == len(self)
            and bool(((q > 0) & (q <= 1) & (loss >= 0) & (loss <= 1)).all())
            and float(q.sum()) <= slack
            and float(steps[0].max(initial=0.0)) <= window.largest_step_down * n * slack
            and float(steps[1].max(initial=0.0)) <= window.largest_step_up * n * slack
        )
        if not good:
            raise SettingsError(
                "the numbers of this plan of labels to ask do not belong together: rows were added, removed or "
                "changed; give what LabelPlan.described() returned, unchanged"
            )
