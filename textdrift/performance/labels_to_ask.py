"""Which documents to label next: drawn so that few labels tell how often a judgement is wrong now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from textdrift.errors import SettingsError, WindowError
from textdrift.performance.label_plan import AskedFrom, LabelPlan

__all__ = ["AT_RANDOM", "LEAST_CHANCE", "LOOKS_CHANGED", "UNSURE", "plan_labels"]

UNSURE = "the model is unsure"
LOOKS_CHANGED = "looks like the texts that changed label"
AT_RANDOM = "drawn at random so that the estimate is fair"

_UNIFORM_PART = 0.5
"""Share of the draws that do not look at the guess: no document counts for more than two of a plain sample."""

LEAST_CHANCE = _UNIFORM_PART
"""The least chance of a document to be drawn first, in units of that in a plain sample."""

_SHARE_CHANGED = 0.05
"""Share of labels taken as changed where the first variance is guessed, so that a sure guess is not taken for truth."""

_ROUNDING = 1e-3
_MATRIX = 2


def plan_labels(
    guess: ArrayLike,
    judged: ArrayLike,
    known: ArrayLike,
    *,
    n_ask: int,
    rng: np.random.Generator,
    label_names: Sequence[str] = (),
    suspected: ArrayLike | None = None,
    guess_error: float = 0.0,
) -> LabelPlan:
    """Draw the documents whose labels tell most about how often the judgement is wrong in this window.

    Documents are drawn one after the other, without replacement, with chances q: half of them alike, half in
    proportion to the standard deviation that the guess gives to (loss − guessed loss), √(m (1 − m)) for a guessed loss
    m (Zrnic and Candès 2024, active inference). Each draw then gives an unbiased value of the error rate
    (`estimate_from_answers`; Horvitz and Thompson 1952), however wrong the guess is; a good guess makes it precise. The
    even half is there for labels that changed where the guess is sure. The order is that of Exp(1) / q (Efraimidis
    and Spirakis 2006): the same arguments, the same seed and a larger ``n_ask`` give the same documents, and then more.
    The estimate goes on where it stopped, with the same promise. A plan made anew after some answers makes a new one.

    Documents that have a label are not asked; their loss is known and enters as it is.

    Cost: O(N log N).

    Parameters
    ----------
    guess:
        Shape (N, k): a calibrated chance of each class for each document, learned from the labelled reference and
        never from labels of this window.
    judged:
        Shape (N,): the code of the class to be confirmed or contradicted: the monitored model's prediction ("did the
        model get worse"), or the likeliest class of the guess ("do labels still mean the same").
    known:
        Shape (N,): the code of the label, -1 where there is none yet.
    n_ask:
        How many documents to ask for, at most; all that have no label if they are fewer.
    rng:
        Draws the documents.
    label_names:
        The k classes, if answers will come as labels.
    suspected:
        Shape (N,), from 0 to 1: the share of texts like this one whose label is thought to have changed (from the words
        or topics that a concept test named). It raises their chance to be asked; the estimate stays fair.
    guess_error:
        How far the guessed error rate may be off though no label changed, as a standard error: the reference that it
        was learned from is finite, and so is this window. It is kept for the estimate from the answers.

    Raises
    ------
    SettingsError
        When n_ask is no whole number from 0.
    WindowError
        When shapes do not fit, a guess is no distribution, a code is no class, or there is one class only.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> sure = rng.random(1000)
    >>> guess = np.column_stack([sure, 1 - sure])
    >>> known = np.full(1000, -1)
    >>> plan = plan_labels(guess, guess.argmax(axis=1), known, n_ask=100, rng=rng, label_names=("bad", "good"))
    >>> len(plan), sorted(plan.described()["rows"][0])
    (100, ['guess', 'judged', 'position', 'probability', 'reason'])
    """
    if isinstance(n_ask, bool) or not isinstance(n_ask, int | np.integer) or n_ask < 0:
        raise SettingsError(f"n_ask must be a whole number of documents, 0 or more; got {n_ask!r}")
    chances = _checked_guess(guess, label_names)
    n, k = chances.shape
    judged_codes = _checked_codes(judged, "judged", n, least=0, k=k)
    known_codes = _checked_codes(known, "known", n, least=-1, k=k)
    suspicion = np.zeros(n) if suspected is None else _checked_shares(suspected, n)
    loss = np.clip(1.0 - chances[np.arange(n), judged_codes], 0.0, 1.0)
    unlabelled = np.flatnonzero(known_codes < 0)
    q, reasons = _draw_chances(loss[unlabelled], suspicion[unlabelled])
    # The k smallest of Exp(1) / q are k successive draws without replacement.
    order = np.argsort(rng.exponential(size=len(q)) / q, kind="stable")[:n_ask]
    asked = unlabelled[order]
    return LabelPlan(
        positions=asked,
        probabilities=q[order],
        guessed_losses=loss[asked],
        judged=judged_codes[asked],
        reasons=tuple(reasons[i] for i in order),
        asked_from=replace(_asked_from(loss, known_codes, judged_codes, q), guess_error=float(guess_error)),
        label_names=tuple(label_names),
        notes=_notes(n_ask, len(unlabelled), n),
    )


def _draw_chances(loss: NDArray[Any], suspicion: NDArray[Any]) -> tuple[NDArray[np.float64], list[str]]:
    """Return the chance of each document without a label, and what raised it most."""
    n = len(loss)
    unsure = np.sqrt(loss * (1.0 - loss))
    spread = np.sqrt(_squared_surprise(loss, suspicion))
    total = float(spread.sum())
    even = np.full(n, 1.0 / max(1, n))
    part = _UNIFORM_PART if total > 0.0 else 1.0
    scale = (1.0 - part) / total if total > 0.0 else 0.0
    q = part * even + scale * spread
    parts = np.stack([part * even, scale * unsure, scale * np.maximum(0.0, spread - unsure)])
    reasons = [(AT_RANDOM, UNSURE, LOOKS_CHANGED)[i] for i in parts.argmax(axis=0)]
    return q / max(q.sum(), np.finfo(float).tiny), reasons


def _squared_surprise(loss: NDArray[Any], changed: NDArray[Any] | float) -> NDArray[np.float64]:
    """Return E (L − m)² where a share of the labels changed sides: m (1 − m) where none did."""
    now = loss * (1.0 - changed) + (1.0 - loss) * changed
    return np.asarray(np.maximum(0.0, now * (1.0 - 2.0 * loss) + loss**2))


def _asked_from(loss: NDArray[Any], known: NDArray[Any], judged: NDArray[Any], q: NDArray[Any]) -> AskedFrom:
    labelled = known >= 0
    open_loss = loss[~labelled]
    nq = len(q) * q
    return AskedFrom(
        n_documents=len(loss),
        n_known=int(labelled.sum()),
        n_known_wrong=int((labelled & (known != judged)).sum()),
        guessed_errors=float(loss.sum()),
        guessed_errors_unlabelled=float(open_loss.sum()),
        largest_step_down=float((open_loss / nq).max(initial=0.0)),
        largest_step_up=float(((1.0 - open_loss) / nq).max(initial=0.0)),
        # E over draws of ((L − m) / (n q))²: one q cancels.
        first_variance=float((_squared_surprise(open_loss, _SHARE_CHANGED) / nq).sum() / max(1, len(q))),
    )


def _notes(n_ask: int, n_unlabelled: int, n: int) -> tuple[str, ...]:
    if n_unlabelled == 0:
        return (f"all {n:,} documents have a label: there is nothing to ask",)
    if n_ask > n_unlabelled:
        return (f"{n_ask:,} labels were asked for, and {n_unlabelled:,} documents have none: all of these are listed",)
    return ()


def _checked_guess(guess: ArrayLike, label_names: Sequence[str]) -> NDArray[np.float64]:
    chances = np.asarray(guess, dtype=np.float64)
    if chances.ndim != _MATRIX or len(chances) == 0:
        raise WindowError(f"guess needs shape (documents, classes), with documents; got {chances.shape}")
    if chances.shape[1] == 1:
        raise WindowError("guess holds one class: no label can contradict it; give the classes of both windows")
    bad = ~np.isfinite(chances).all(axis=1)
    if bad.any():
        raise WindowError(
            f"guess is not finite for {bad.sum():,} of {len(bad):,} documents, the first at position "
            f"{int(bad.argmax())}: give every document a chance for each class, or leave those documents out"
        )
    bad = (chances < -_ROUNDING).any(axis=1) | (np.abs(chances.sum(axis=1) - 1.0) > _ROUNDING)
    if bad.any():
        raise WindowError(
            f"each row of guess must be non-negative and sum to 1; {bad.sum():,} of {len(bad):,} do not, the first at "
            f"position {int(bad.argmax())}: give probabilities, not scores"
        )
    names = [str(name) for name in label_names]
    if names and (len(names) != chances.shape[1] or len(set(names)) != len(names)):
        raise WindowError(
            f"label_names must name the {chances.shape[1]} columns of guess, each once; got {names}: a class that the "
            "guess does not know gets a column of zeros"
        )
    return chances


def _checked_codes(codes: ArrayLike, name: str, n: int, *, least: int, k: int) -> NDArray[np.int64]:
    given = np.asarray(codes)
    if given.shape != (n,) or given.dtype.kind not in "iu":
        raise WindowError(f"{name} needs {n:,} whole numbers, one per row of guess; got {given.dtype} {given.shape}")
    if given.size and (given.min() < least or given.max() >= k):
        hint = "; take the likeliest class of the guess where there is no prediction" if least == 0 else ""
        raise WindowError(f"{name} must lie from {least} to {k - 1}; got {given.min()} to {given.max()}{hint}")
    return given.astype(np.int64)


def _checked_shares(shares: ArrayLike, n: int) -> NDArray[np.float64]:
    given = np.asarray(shares, dtype=np.float64)
    if given.shape != (n,) or not ((given >= 0.0) & (given <= 1.0)).all():
        raise WindowError(f"suspected needs {n:,} shares from 0 to 1, one per row of guess; got shape {given.shape}")
    return given
