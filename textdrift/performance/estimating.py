"""How often is the model right where nobody has labelled yet? An estimate from its probabilities, and its limits."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from textdrift.errors import WindowError
from textdrift.performance.calibrating_probabilities import Calibration, fit_calibration
from textdrift.performance.estimated_performance import ComparedWithLabels, EstimatedPerformance
from textdrift.performance.expected_confusion import ExpectedConfusion, expect_confusion
from textdrift.performance.scored_rows import ScoredRows
from textdrift.stats.cross_fitting import stratified_folds
from textdrift.windows.numbers_in_words import counted

__all__ = ["estimate_accuracy"]

Floats = NDArray[np.float64]

_FEWEST_LABELLED = 20
_FEWEST_CLASSES = 2
_N_FOLDS = 5
_DISAGREE_FROM = 0.03
_CHANCE = 2.0
_OUTSIDE_FROM = 0.15
_ROUNDING = 1e-9
_LIMIT = (
    "This is an estimate from the model's own probabilities. It cannot see concept drift: where texts have come to "
    "mean another label it stays as it was. Only labels give the truth."
)


def estimate_accuracy(
    reference: ScoredRows, current: ScoredRows, *, std_shift: float | None, rng: np.random.Generator
) -> EstimatedPerformance:
    """Estimate how often the model is right in the current window, from its probabilities and the labelled reference.

    First, confidence-based performance estimation (Kivimäki et al. 2025): probabilities are calibrated on the labelled
    reference, and the mean calibrated probability of what was predicted is the accuracy. Second, average thresholded
    confidence (Garg et al. 2022): the threshold on the negative entropy that as large a share of the reference passes
    as was right there; the share of the current window that passes it. The second is read from cross-fitted
    probabilities. Labels of the current window are never used, only compared with. Where the calibrated probabilities
    miss the accuracy of the reference itself, they are calibrated once more together with the predictions, and the
    estimate is flagged ``misfit``.

    The reference must not be what the model was trained on: there its probabilities are too sure of themselves.

    Parameters
    ----------
    reference, current:
        Rows of both windows. Rows without a prediction or without probabilities are left out, and a note says so; where
        no row of a window has a prediction, the most probable class is taken. Predictions need not be the most
        probable class.
    std_shift:
        How far the texts moved, in standard deviations of the reference's embeddings; ``None`` when not known.
    rng:
        Deals the reference's documents into folds.

    Returns
    -------
    The estimate. Where the reference has fewer than 20 labelled documents, or one label only, it is the raw confidence,
    flagged ``uncalibrated``.

    Raises
    ------
    WindowError
        When the windows name their classes differently, or no row of the current window has probabilities.

    Notes
    -----
    Cost: six fits of O(n k^2 + k^3) for n labelled documents and k classes, twice that for a misfit; then O(m k^2).

    Both are blind to concept drift.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> def window(n, hardness):
    ...     positive = rng.beta(hardness, hardness, n)
    ...     labels = (rng.random(n) < positive).astype(int)
    ...     return ScoredRows(label_names=("no", "yes"), labels=labels, predictions=(positive > 0.5).astype(int),
    ...                       probabilities=np.column_stack([1 - positive, positive]), documents=np.arange(n),
    ...                       rows=np.arange(n))
    >>> estimated = estimate_accuracy(window(2000, 0.5), window(2000, 1.0), std_shift=0.05, rng=rng)
    >>> round(estimated.reference_accuracy, 2), round(estimated.accuracy.value, 2), estimated.flags
    (0.83, 0.75, ())
    """
    if reference.label_names != current.label_names:
        raise WindowError(
            f"the windows name their classes differently, {list(reference.label_names)[:20]} and "
            f"{list(current.label_names)[:20]}; number both by the sorted names of both windows together"
        )
    known, notes = _usable(reference, "reference")
    scored, current_notes = _usable(current, "current window")
    notes += current_notes
    if not len(scored):
        raise WindowError(
            "no row of the current window has the model's probabilities, and the accuracy cannot be estimated without; "
            "name their columns with probabilities="
        )
    labelled = known.where(known.labels >= 0)
    n_reference = len(np.unique(labelled.documents))
    right_before = _accuracy(labelled)
    lacking = _lacking(labelled, n_reference)
    calibration = _as_given(len(scored.label_names)) if lacking else _calibrated(labelled, scored)
    confusion = expect_confusion(scored, calibration)
    second, on_labelled, flags = None, None, []
    if lacking:
        flags.append("uncalibrated")
        notes.append(lacking)
    else:
        folds = _folds(labelled, rng)
        q = _cross_fitted(labelled, scored, folds)
        misfit = _misfit(labelled, q, n_reference)
        if misfit:
            calibration = _calibrated(labelled, scored, with_prediction=True)
            confusion = expect_confusion(scored, calibration)
            q = _cross_fitted(labelled, scored, folds, with_prediction=True)
        second = _thresholded_confidence(labelled, q, scored, calibration)
        on_labelled = _compared(scored.where(scored.labels >= 0), calibration)
        for flag, note in (
            ("disagree", _disagreement(second, confusion, n_reference)),
            ("misfit", misfit),
        ):
            flags += [flag] * bool(note)
            notes += [note] * bool(note)
    if std_shift is None:
        notes.append(
            "How far the texts moved is not known, without words or vectors of theirs: whether the estimate has to "
            "extrapolate was not checked."
        )
    elif std_shift >= _OUTSIDE_FROM:
        flags.append("outside_support")
        notes.append(
            f"The texts moved by {std_shift:.2f} standard deviations: the probabilities were corrected on texts unlike "
            "these, and such estimates are usually too high."
        )
    if on_labelled is not None and on_labelled.contradicted:
        flags.append("contradicted")
    return EstimatedPerformance(
        confusion=confusion,
        reference_confusion=None if lacking else expect_confusion(known, calibration),
        second_accuracy=second,
        reference_accuracy=right_before,
        n_reference=n_reference,
        on_labelled=on_labelled,
        flags=tuple(flags),
        notes=(_LIMIT, *notes),
    )


def _usable(window: ScoredRows, name: str) -> tuple[ScoredRows, list[str]]:
    """Return the rows with probabilities and a prediction, and a note where some lack either."""
    if window.probabilities is None or not len(window):
        return window.where(np.zeros(len(window), dtype=bool)), []
    given = np.asarray(window.probabilities, dtype=np.float64)
    has_probabilities = np.isfinite(given).all(axis=1) & (given >= 0).all(axis=1) & (given.sum(axis=1) > 0)
    predictions, notes = window.predictions, []
    if (predictions < 0).all():
        predictions = np.where(has_probabilities, np.where(np.isfinite(given), given, -1.0).argmax(axis=1), -1)
        notes.append(f"The {name} has no predictions; the most probable class was taken.")
    chosen = has_probabilities & (predictions >= 0)
    if not chosen.all():
        notes.append(
            f"{int((~chosen).sum()):,} of {len(window):,} rows of the {name} lack a prediction or probabilities and "
            "were left out of the estimate."
        )
    kept = ScoredRows(
        label_names=window.label_names,
        labels=window.labels,
        predictions=predictions,
        probabilities=given,
        documents=window.documents,
        rows=window.rows,
    )
    return kept.where(chosen), notes


def _lacking(labelled: ScoredRows, n_documents: int) -> str:
    """Say why the probabilities cannot be corrected; empty where they can."""
    if n_documents < _FEWEST_LABELLED:
        found = counted(n_documents, "document") if n_documents else "no document"
        return (
            f"The reference has {found} with a label, a prediction and probabilities, and {_FEWEST_LABELLED} are "
            "needed to correct the probabilities: the figure is the model's mean confidence, which is usually too high."
        )
    if len(np.unique(labelled.labels)) < _FEWEST_CLASSES:
        only = labelled.label_names[int(labelled.labels[0])]
        return (
            f"All labelled documents of the reference have the label {only!r}, and the probabilities cannot be "
            "corrected on one label: the figure is the model's mean confidence, which is usually too high."
        )
    return ""


def _as_given(k: int) -> Calibration:
    """Return the calibration that leaves probabilities as they are, with an error that nobody knows."""
    return Calibration(
        n_documents=0.0,
        parameters=np.repeat([1.0, 0.0], [k, k + 1]),
        covariance=np.full((2 * k + 1, 2 * k + 1), np.nan),
        unknown=np.zeros(k, dtype=bool),
        offset=np.zeros(k),
    )


def _calibrated(labelled: ScoredRows, scored: ScoredRows, *, with_prediction: bool = False) -> Calibration:
    """Fit the calibration on labelled rows; a class is unknown to the model where neither window has it."""
    given, current = np.asarray(labelled.probabilities), np.asarray(scored.probabilities)
    return fit_calibration(
        given,
        labelled.predictions,
        labelled.labels,
        labelled.weights,
        unknown=~((given > 0).any(axis=0) | (current > 0).any(axis=0)),
        with_prediction=with_prediction,
    )


def _folds(labelled: ScoredRows, rng: np.random.Generator) -> NDArray[np.int64]:
    """Return the fold of each labelled row, shape (n,); rows of one document share theirs."""
    _, first, document = np.unique(labelled.documents, return_index=True, return_inverse=True)
    return np.asarray(stratified_folds(labelled.labels[first], _N_FOLDS, rng)[document])


def _cross_fitted(
    labelled: ScoredRows, scored: ScoredRows, folds: NDArray[np.int64], *, with_prediction: bool = False
) -> Floats:
    """Return calibrated probabilities of the labelled rows, each from documents of other folds, shape (n, k)."""
    q = np.empty((len(labelled), len(labelled.label_names)))
    for fold in range(_N_FOLDS):
        held_out = labelled.where(folds == fold)
        calibration = _calibrated(labelled.where(folds != fold), scored, with_prediction=with_prediction)
        q[folds == fold] = calibration.probabilities(np.asarray(held_out.probabilities), held_out.predictions)
    return q


def _thresholded_confidence(labelled: ScoredRows, q: Floats, scored: ScoredRows, calibration: Calibration) -> float:
    """Return the share of the current window above the threshold that the reference's accuracy sets.

    It speaks of the class that the model finds most probable. Where the prediction is another one, the difference of
    the calibrated probabilities is added.
    """
    likeliest = [np.asarray(rows.probabilities).argmax(axis=1) for rows in (labelled, scored)]
    after = calibration.probabilities(np.asarray(scored.probabilities), scored.predictions)
    confidence = _negative_entropy(q)
    order = np.argsort(-confidence, kind="stable")
    passed = np.cumsum(labelled.weights[order])
    wanted = float(labelled.weights @ (labelled.labels == likeliest[0]))
    # The threshold that lets just as many pass as were right; above all where none was.
    at = int(np.searchsorted(passed, wanted - _ROUNDING))
    threshold = confidence[order][min(at, len(order) - 1)] if wanted > 0 else np.inf
    rows = np.arange(len(after))
    added = after[rows, scored.predictions] - after[rows, likeliest[1]]
    share = float(np.average((_negative_entropy(after) >= threshold) + added, weights=scored.weights))
    return min(max(share, 0.0), 1.0)


def _negative_entropy(q: Floats) -> Floats:
    return np.asarray((q * np.log(np.maximum(q, np.finfo(np.float64).tiny))).sum(axis=1))


def _disagreement(second: float, confusion: ExpectedConfusion, n_reference: int) -> str:
    """Say that the two estimates differ by more than a threshold that few labels set is off by chance."""
    right = confusion.accuracy.value
    chance = np.sqrt(right * (1.0 - right) * (1.0 / n_reference + 1.0 / confusion.n_documents))
    if abs(second - right) <= max(_DISAGREE_FROM, _CHANCE * float(chance)):
        return ""
    return (
        f"A second way to estimate the accuracy gives {second:.2f} where the first gives {right:.2f}: the truth may "
        "lie outside both."
    )


def _misfit(labelled: ScoredRows, q: Floats, n_reference: int) -> str:
    """Say that the probabilities alone miss the accuracy of the reference itself by more than chance."""
    right = _accuracy(labelled) or 0.0
    expected = float(np.average(q[np.arange(len(q)), labelled.predictions], weights=labelled.weights))
    chance = np.sqrt(expected * (1.0 - expected) / n_reference)
    if abs(expected - right) <= max(_DISAGREE_FROM, _CHANCE * float(chance)):
        return ""
    return (
        f"For the reference itself the probabilities give {expected:.2f} and the measured accuracy is {right:.2f}: its "
        "predictions do not follow from these probabilities, and the estimate was brought to that accuracy. Check that "
        "both columns are of one model."
    )


def _accuracy(rows: ScoredRows) -> float | None:
    if not len(rows):
        return None
    return float(np.average(rows.labels == rows.predictions, weights=rows.weights))


def _compared(labelled: ScoredRows, calibration: Calibration) -> ComparedWithLabels | None:
    measured = _accuracy(labelled)
    if measured is None:
        return None
    confusion = expect_confusion(labelled, calibration)
    return ComparedWithLabels(estimated=confusion.accuracy, measured=measured, n_documents=confusion.n_documents)
