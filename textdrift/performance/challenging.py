"""Champion against challenger: two models' predictions for the same rows, and whether the new one is worse."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from scipy import special

from textdrift.errors import SettingsError
from textdrift.stats.valued_shares import MeanInterval, mean_interval
from textdrift.windows.numbers_in_words import counted, percentage

__all__ = ["Challenge", "challenge"]

Verdict = Literal["better", "as_good", "worse", "undecided"]

_CONFIDENCE = 0.95


@dataclass(frozen=True, slots=True, kw_only=True)
class Challenge:
    """What two models said of the same window, the challenger against the champion.

    Attributes
    ----------
    verdict:
        ``worse`` and ``better`` where chance is ruled out at alpha, ``as_good`` where a loss of ``margin`` is ruled
        out, else ``undecided``.
    change:
        Accuracy of the challenger minus that of the champion among labelled documents, with its 95 % interval;
        ``None`` without a labelled document.
    champion, challenger:
        The two accuracies.
    p_worse, p_better:
        One-sided, exact given the number of documents in which one of the two is right.
    lost, won:
        Documents in which the challenger alone is wrong, and alone is right.
    n_labelled, n_documents:
        Documents with a label and both predictions, and with both predictions.
    disagree:
        Share of documents in which the two predictions differ.
    margin:
        The loss of accuracy that counts as none.
    """

    verdict: Verdict
    change: MeanInterval | None
    champion: float | None
    challenger: float | None
    p_worse: float
    p_better: float
    lost: int
    won: int
    n_labelled: int
    n_documents: int
    disagree: float
    margin: float

    @property
    def sentence(self) -> str:
        """One sentence for a pull request."""
        if self.change is None or self.challenger is None or self.champion is None:
            return (
                f"No row has a label and both predictions, so nothing says which model is better; they differ in "
                f"{percentage(self.disagree)} of {counted(self.n_documents, 'document')}."
            )
        figures = (
            f"accuracy {percentage(self.challenger)} against {percentage(self.champion)} of the champion, a change of "
            f"{100 * self.change.mean:+.1f} points ({100 * self.change.low:+.1f} to {100 * self.change.high:+.1f}) in "
            f"{counted(self.n_labelled, 'labelled document')}"
        )
        return f"The challenger {_SAID[self.verdict].format(margin=100 * self.margin)}: {figures}."

    def described(self) -> dict[str, Any]:
        """Return plain values, as JSON holds them."""
        change = None
        if self.change is not None:
            change = {"value": self.change.mean, "low": self.change.low, "high": self.change.high}
        return {
            "verdict": self.verdict,
            "sentence": self.sentence,
            "accuracy": {"champion": self.champion, "challenger": self.challenger, "change": change},
            "p_worse": self.p_worse,
            "p_better": self.p_better,
            "lost": self.lost,
            "won": self.won,
            "n_labelled": self.n_labelled,
            "n_documents": self.n_documents,
            "disagree": self.disagree,
            "margin": self.margin,
        }


_SAID = {
    "worse": "is worse",
    "better": "is better",
    "as_good": "is no more than {margin:g} points worse",
    "undecided": "may be more than {margin:g} points worse, and too few labels say",
}


def challenge(
    labels: NDArray[Any],
    champion: NDArray[Any],
    challenger: NDArray[Any],
    documents: NDArray[Any],
    *,
    alpha: float = 0.05,
    margin: float = 0.02,
) -> Challenge:
    """Compare two models' predictions for the same rows.

    Both models read the same documents, so only those in which one of them alone is right tell them apart: given their
    number, the challenger loses as many as heads fall, if the models are equally good (McNemar 1947, the exact test).
    Rows of one document, and of one group, count once, on the side that most of them are on. That the challenger is as
    good needs more than a large p-value: its interval must rule out a loss of ``margin`` (a test of non-inferiority;
    Wellek 2010). The interval of the change is that of the sum of a gain and a loss (see ``mean_interval``).

    Parameters
    ----------
    labels, champion, challenger:
        Shape (n,), codes of classes; -1 where a row has none.
    documents:
        Shape (n,), the document, or the group, of each row.
    alpha:
        The probability of calling an equally good challenger worse.
    margin:
        The loss of accuracy that counts as none, in (0, 1).

    Raises
    ------
    SettingsError
        Where the arrays are not of one length, or alpha or margin no share.

    Examples
    --------
    >>> labels = np.zeros(200, dtype=int)
    >>> champion, challenger = labels.copy(), labels.copy()
    >>> champion[:20], challenger[:60] = 1, 1
    >>> outcome = challenge(labels, champion, challenger, np.arange(200))
    >>> outcome.verdict, outcome.lost, outcome.won, round(outcome.change.mean, 2)
    ('worse', 40, 0, -0.2)
    """
    sizes = {len(labels), len(champion), len(challenger), len(documents)}
    if len(sizes) > 1:
        raise SettingsError(f"labels, both predictions and documents need one length; they have {sorted(sizes)}")
    for name, value in (("alpha", alpha), ("margin", margin)):
        if not 0.0 < value < 1.0:
            raise SettingsError(f"{name} must lie between 0 and 1; got {value!r}")
    both = (champion >= 0) & (challenger >= 0)
    differ = _means((champion != challenger)[both].astype(np.float64), documents[both])
    known = both & (labels >= 0)
    right_before = (champion == labels)[known].astype(np.float64)
    right_after = (challenger == labels)[known].astype(np.float64)
    gains = _means(right_after - right_before, documents[known])
    lost, won = int((gains < 0).sum()), int((gains > 0).sum())
    p_worse, p_better = (_at_least(count, lost + won) for count in (lost, won))
    change = None
    if len(gains):
        values, counts = np.unique(gains, return_counts=True)
        # A gain and a loss of a whole document are possible also where none was seen.
        change = mean_interval([*values, 1.0, -1.0], [*counts, 0, 0], len(gains), confidence=_CONFIDENCE)
    return Challenge(
        verdict=_verdict(change, p_worse, p_better, alpha, margin),
        change=change,
        champion=float(_means(right_before, documents[known]).mean()) if len(gains) else None,
        challenger=float(_means(right_after, documents[known]).mean()) if len(gains) else None,
        p_worse=p_worse,
        p_better=p_better,
        lost=lost,
        won=won,
        n_labelled=len(gains),
        n_documents=len(differ),
        disagree=float(differ.mean()) if len(differ) else 0.0,
        margin=margin,
    )


def _means(values: NDArray[np.float64], documents: NDArray[Any]) -> NDArray[np.float64]:
    """Return the mean of each document's rows."""
    _, position, sizes = np.unique(documents, return_inverse=True, return_counts=True)
    return np.asarray(np.bincount(position, weights=values, minlength=len(sizes)) / np.maximum(sizes, 1))


def _at_least(count: int, n: int) -> float:
    """Return the probability of `count` or more heads in `n` tosses."""
    return float(special.betainc(count, n - count + 1, 0.5)) if count else 1.0


def _verdict(change: MeanInterval | None, p_worse: float, p_better: float, alpha: float, margin: float) -> Verdict:
    if change is None:
        return "undecided"
    if p_worse <= alpha:
        return "worse"
    if p_better <= alpha:
        return "better"
    return "as_good" if change.low > -margin else "undecided"
