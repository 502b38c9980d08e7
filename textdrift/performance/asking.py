"""Which documents of the current window to label next, from two windows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from textdrift.drift.window_pair import WindowPair
from textdrift.performance.calibrating_probabilities import fit_calibration
from textdrift.performance.calibration_error import with_probabilities
from textdrift.performance.label_plan import LabelPlan
from textdrift.performance.labels_to_ask import plan_labels
from textdrift.performance.scored_rows import ScoredRows
from textdrift.performance.suspected import Suspected
from textdrift.stats.cross_fitting import cross_fitted_probability, stratified_folds

__all__ = ["AskedLabels", "ask_for_labels"]

_FEWEST_TAUGHT = 20
_INVERSE_PENALTY = 1.0
_EDGE = 1e-6
_N_FOLDS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedLabels:
    """A plan of labels to ask, by the rows of the current window.

    Attributes
    ----------
    plan:
        The documents in the order in which to ask.
    rows:
        Shape (k,), the row of the current window that each is; copies of a text share the answer.
    judge:
        Whose judgement the labels confirm or contradict: ``model`` or ``reference labels``.
    reason:
        Why there is no plan; empty where there is one.
    """

    plan: LabelPlan | None
    rows: NDArray[Any]
    judge: str
    reason: str = ""

    def described(self) -> dict[str, Any]:
        """Return plain values for the report: what to label, and all that the estimate from the answers needs."""
        if self.plan is None:
            return {"judge": self.judge, "reason": self.reason, "rows": []}
        described = self.plan.described()
        rows = [{"row": int(row), **rest} for row, rest in zip(self.rows, described["rows"], strict=True)]
        return {"judge": self.judge, "reason": self.reason, **described, "rows": rows}


def ask_for_labels(
    pair: WindowPair,
    scored: tuple[ScoredRows, ScoredRows],
    *,
    n_ask: int,
    rng: np.random.Generator,
    suspected: Suspected | None = None,
) -> AskedLabels:
    """Draw the documents whose labels tell most, with what the reference's labels have taught.

    Where there are predictions, the labels will say how often the model is wrong now; its probabilities are brought to
    scale on the labelled reference first. Without predictions they will say how often a label contradicts what the same
    text meant in the reference, as a logistic regression on its vectors has learned it.

    Parameters
    ----------
    pair:
        The two windows; the reference needs labels.
    scored:
        Rows of both windows.
    n_ask:
        How many documents to ask for.
    rng:
        Draws them.
    suspected:
        Where labels are thought to have changed: such documents are asked more often, and the estimate stays fair.
    """
    reference, current = scored
    judge = "model" if (current.predictions >= 0).all() and len(current) else "reference labels"
    none = np.zeros(0, dtype=np.int64)
    taught = reference.where((reference.labels >= 0) & ((reference.predictions >= 0) | (judge != "model")))
    if len(np.unique(taught.documents)) < _FEWEST_TAUGHT or len(np.unique(taught.labels)) < 2:  # noqa: PLR2004 - a pair
        reason = (
            f"labels to ask are planned from the labels of the reference: {_FEWEST_TAUGHT} documents of it with at "
            f"least 2 labels are needed, and {len(np.unique(taught.documents))} have {len(np.unique(taught.labels))}"
        )
        return AskedLabels(plan=None, rows=none, judge=judge, reason=reason)
    documents, first = np.unique(current.documents, return_index=True)
    sure = taught.where(with_probabilities(taught))
    if judge == "model" and len(np.unique(sure.documents)) >= _FEWEST_TAUGHT and with_probabilities(current).any():
        guess, bias = _guess_from_probabilities(pair, sure, current.where(first)), 0.0  # the fit leaves none on average
    elif pair.windows[0].roles.vectors is not None or pair.has_feature_points:
        guess, bias = _guess_from_vectors(pair, taught, documents, len(current.label_names), rng)
    else:
        reason = "without probabilities of the model, texts, vectors or features there is nothing to guess labels from"
        return AskedLabels(plan=None, rows=none, judge=judge, reason=reason)
    judged = current.predictions[first] if judge == "model" else guess.argmax(axis=1)
    wrong = 1 - guess[np.arange(len(guess)), judged]
    n_taught = len(np.unique(taught.documents))
    spread = float((wrong * (1 - wrong)).mean()) * (1 / n_taught + 1 / len(wrong))
    plan = plan_labels(
        guess,
        judged,
        _known_labels(current, documents),
        n_ask=n_ask,
        rng=rng,
        label_names=current.label_names,
        suspected=None if suspected is None else suspected.shares(documents, guess, current.label_names),
        guess_error=float(np.sqrt(spread + bias**2)),
    )
    return AskedLabels(plan=plan, rows=current.rows[first][plan.positions], judge=judge)


def _known(pair: WindowPair, rows: ScoredRows) -> NDArray[Any]:
    return np.array([rows.label_names.index(label) for label in pair.windows[0].roles.probabilities], dtype=np.int64)


def _guess_from_probabilities(pair: WindowPair, taught: ScoredRows, asked: ScoredRows) -> NDArray[Any]:
    """Return calibrated probabilities; a document that lacks them gets the mean of those that have the prediction."""
    calibration = fit_calibration(
        np.asarray(taught.probabilities),
        taught.predictions,
        taught.labels,
        taught.weights,
        unknown=~np.isin(np.arange(len(asked.label_names)), _known(pair, asked)),
    )
    has = with_probabilities(asked)
    known = asked.where(has)
    guess = np.zeros((len(asked), len(asked.label_names)))
    guess[has] = calibration.probabilities(np.asarray(known.probabilities), known.predictions)
    for code in np.unique(asked.predictions[~has]):
        alike = guess[has & (asked.predictions == code)]
        guess[~has & (asked.predictions == code)] = (alike if len(alike) else guess[has]).mean(axis=0)
    return guess


def _known_labels(rows: ScoredRows, documents: NDArray[Any]) -> NDArray[np.int64]:
    """Return the first label among the rows of each document, -1 where none has one."""
    labelled = rows.where(rows.labels >= 0)
    known = np.full(len(documents), -1, dtype=np.int64)
    found, first = np.unique(labelled.documents, return_index=True)
    known[np.searchsorted(documents, found)] = labelled.labels[first]
    return known


def _guess_from_vectors(
    pair: WindowPair, taught: ScoredRows, documents: NDArray[Any], k: int, rng: np.random.Generator
) -> tuple[NDArray[Any], float]:
    """Guess each label against the rest from the reference's labels, and how far the guess is off there on average."""
    teachers, first = np.unique(taught.documents, return_index=True)
    codes = taught.labels[first]
    reference, current = pair.embeddings((teachers, documents))
    points = np.concatenate([reference.points, current.points]).astype(np.float64)
    is_taught = np.repeat([True, False], [len(teachers), len(documents)])
    folds = np.concatenate(
        [
            stratified_folds(codes, _N_FOLDS, rng),
            stratified_folds(np.zeros(len(documents), dtype=np.int64), _N_FOLDS, rng),
        ]
    )
    guess = np.full((len(points), k), _EDGE)
    for code in range(k):
        member = np.concatenate([codes == code, np.zeros(len(documents), dtype=bool)])
        if min(member.sum(), (is_taught & ~member).sum()) > _N_FOLDS:
            guess[:, code] = cross_fitted_probability(
                points, member, folds, inverse_penalty=_INVERSE_PENALTY, fitted_on=is_taught
            )
    guess /= guess.sum(axis=1, keepdims=True)
    before, now = guess[: len(teachers)], guess[len(teachers) :]
    bias = float((before.argmax(axis=1) != codes).mean() - (1 - before.max(axis=1)).mean())
    return np.asarray(now), bias
