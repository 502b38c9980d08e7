"""Segments in which alike texts got other labels: concept drift inside each value of the segment columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit, ndtr, stdtrit

from textdrift.drift import preparing
from textdrift.drift.concept.pooled_fit import PooledFit, fit_pooled
from textdrift.drift.concept.pooled_texts import modelled_labels, pool
from textdrift.drift.concept.relabelled_shares import net_relabelled
from textdrift.drift.window_pair import WindowPair
from textdrift.findings.segment_slices import MINIMUM_SEGMENT, SegmentSlice, not_judged, places_among
from textdrift.stats.cross_fitting import standardised_logit
from textdrift.stats.multiplicity import bonferroni, cauchy_combination
from textdrift.stats.saddlepoint import saddlepoint_z

__all__ = ["concept_of_segments", "labels_changed_inside", "recalibrated"]

_N_FOLDS = 5
_MANY_TEXTS = 20_000  # from here on half of the texts teach enough, and two folds cost a quarter of five
_N_FOLDS_OF_MANY = 2
_N_COMPONENTS = 128
_LEAST_OVERLAP = 0.1
_FEWEST_FOR_SHARE = 50
_WEIGHTS = (0.3, 0.5)
_MISSED = 0.025
_EDGE = 1e-6
_PRIOR_PRECISION = np.array([0.25, 1.0])
_N_DIRECTIONS = 8
_DIRECTION_PRECISION = 4.0
_MAX_STEPS = 25
_LONGEST_STEP = 2.0
_CONVERGED = 1e-9


def concept_of_segments(
    pair: WindowPair, slices: Sequence[SegmentSlice], *, rng: np.random.Generator
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return a row for each segment value: how its labels changed for alike texts; and the values not looked at.

    The guesses of label and window are those of `LabelGivenText`, fitted once on the labelled texts of all segments;
    each value then has a test of its own texts, see `labels_changed_inside`. P-values are not adjusted here. A value
    needs 30 labelled documents in each window, and windows that hold alike texts of it.

    Cost: the fits of `LabelGivenText`, then linear in the texts.

    Parameters
    ----------
    pair:
        Two windows with labels.
    slices:
        The values and pairs of values, and their documents; of pairs only those that could be looked at are told.
    rng:
        Deals the texts into folds.

    Returns
    -------
    Rows with ``column``, ``value``, ``within`` of a pair, ``kind``, ``effect``, ``label``, ``net_change``, ``low``,
    ``high``, ``n_reference``, ``n_current`` (labelled documents) and ``p_value``; rows of `not_judged`.
    """
    prepared = preparing.labelled(pair, None)
    members = [
        [places_among(held, some) for held, some in zip(prepared.documents, part.documents, strict=True)]
        for part in slices
    ]
    sizes = [(len(first), len(second)) for first, second in members]
    enough = [min(size) >= MINIMUM_SEGMENT for size in sizes]
    left_out = [
        not_judged(part.column, part.value, "concept", size, "of this value carry a label")
        for part, size, judged in zip(slices, sizes, enough, strict=True)
        if not judged and part.within is None
    ]
    if not any(enough):
        return [], left_out
    fit, reason = _fitted(prepared, rng)
    rows = []
    for part, places, size, judged in zip(slices, members, sizes, enough, strict=True):
        if not judged:
            continue
        who = {**part.name, "kind": "concept"}
        counts = {"n_reference": size[0], "n_current": size[1]}
        why = reason
        if fit is not None:
            n = len(prepared.documents[0])
            texts = np.concatenate([places[0], places[1] + n])
            inside = recalibrated(fit, texts)
            if inside.overlap >= _LEAST_OVERLAP:
                rows.append({**who, **labels_changed_inside(inside, fit.label_probability[texts]), **counts})
                continue
            why = "its texts hardly occur in both windows: a changed label cannot be told from other texts"
        if part.within is None:  # pairs are too many to be told
            left_out.append({**who, **counts, "reason": why})
    return rows, left_out


def labels_changed_inside(inside: PooledFit, guesses: NDArray[Any]) -> dict[str, Any]:
    """Test whether label and window are independent given the text, among the texts of a group.

    The weighted covariances of `LabelGivenText` over these texts alone: labels that became more or less common, and
    clear texts that changed sides. Of many small segments only p-values far out count after correction, where a normal
    or Student's tail is several times too light for a rare label. So Z comes by the saddlepoint approximation, twice:
    each label a coin that falls with f, and each window a coin that falls with g; the one nearer to zero counts. The
    two covariances join by the Cauchy combination, the labels by Bonferroni.

    Parameters
    ----------
    inside:
        The guesses for the texts of the group, see `recalibrated`.
    guesses:
        Shape (N, k), P(label | text) before that. They say which texts are clear: where all labels of the group were
        swapped, guesses to scale no longer know.

    Returns
    -------
    ``effect``: the share of texts that changed label, whichever way, or the net change of one label where that is more
    (alone with fewer than 50 texts in a window, which do not tell it). ``label``: the one that moved most for its
    error; its ``net_change`` with interval ``low``, ``high``, 95 % for all labels together; ``p_value``.
    """
    net, error = net_relabelled(inside)
    moved = int(np.argmax(np.abs(net) / np.maximum(error, _CONVERGED)))
    n_current = int(inside.is_current.sum())
    smaller = min(n_current, len(inside.is_current) - n_current)
    reach = float(-stdtrit(smaller - 1, _MISSED / len(net))) * float(error[moved])
    effect = float(np.abs(net).max())
    if smaller >= _FEWEST_FOR_SHARE:
        effect = max(effect, _share_relabelled(inside, guesses))
    crossings = replace(inside, label_probability=guesses).crossing.T
    return {
        "effect": effect,
        "label": inside.label_names[moved],
        "net_change": float(net[moved]),
        "low": float(max(-1.0, net[moved] - reach)),
        "high": float(min(1.0, net[moved] + reach)),
        "p_value": bonferroni([_p_value(inside, column, crossing) for column, crossing in enumerate(crossings)]),
    }


def _p_value(inside: PooledFit, column: int, crossing: NDArray[Any]) -> float:
    y, f, g = inside.label[:, column], inside.label_probability[:, column], inside.window_probability
    residual, v = y - f, inside.window_residual

    def z_of(weight: NDArray[Any]) -> float:
        observed = float((weight * residual) @ v)
        return min(
            saddlepoint_z(weight * v, f, observed), saddlepoint_z(weight * residual, g, observed), key=abs
        )  # fmt: skip

    average = z_of(np.ones_like(v)) / float(np.sqrt(inside.inflation[column]))
    parts = [2 * float(ndtr(-abs(average))), float(ndtr(z_of(crossing)))]
    return cauchy_combination(parts, _WEIGHTS)


def _share_relabelled(inside: PooledFit, guesses: NDArray[Any]) -> float:
    """Return the share of texts that changed label, whichever way: half the sum over labels.

    As the function of that name in `textdrift.drift.concept.relabelled_shares`: a share a of the texts without a label
    gained it, a share b of those with it lost it. Both are shares of the f of *before*, which is the guess brought to
    scale among the reference texts: of a small group the pooled guess has hardly moved with the group.
    """
    from scipy.optimize import nnls

    v, before = inside.window_residual, inside.is_current < 1
    share = 0.0
    for y, f, guess in zip(inside.label.T, inside.label_probability.T, guesses.T, strict=True):
        x = _logit(guess)
        line = _line(x[before], y[before], np.empty((int(before.sum()), 0)))
        was = expit(line[0] + line[1] * x)
        ways = np.minimum(nnls(np.column_stack([v * (1 - was), -v * was]), y - f)[0], 1.0)
        share += float(ways @ np.array([np.mean(1 - was), np.mean(was)]))
    return min(1.0, share if inside.label.shape[1] == 1 else share / 2)


def recalibrated(fit: PooledFit, places: NDArray[Any]) -> PooledFit:
    """Return the guesses for some texts, brought to scale among them: a line through the logit of each, and the points.

    The guesses know the text and not the segment. Where texts of a kind became more common in a segment *and* its
    labels always differed from those of alike texts elsewhere, both guesses are off, and the product of the two errors
    would look like a change. The line has eight directions of the points, held near zero unless many texts ask.
    """
    y, w, points = fit.label[places], fit.is_current[places], fit.points[places, :_N_DIRECTIONS]
    spread = points.std(axis=0)
    directions = (points - points.mean(axis=0)) / np.where(spread > _EDGE, spread, 1.0)
    f = np.column_stack(
        [_to_scale(p, of_label, directions) for p, of_label in zip(fit.label_probability[places].T, y.T, strict=True)]
    )
    return replace(
        fit,
        label=y,
        label_probability=f,
        score=np.column_stack([standardised_logit(p) for p in f.T]),
        is_current=w,
        window_probability=_to_scale(fit.window_probability[places], w, directions),
        points=fit.points[places],
    )


def _to_scale(probability: NDArray[Any], event: NDArray[Any], directions: NDArray[Any]) -> NDArray[Any]:
    x = _logit(probability)
    line = _line(x, event, directions)
    return np.asarray(expit(line[0] + line[1] * x + directions @ line[2:]))


def _logit(probability: NDArray[Any]) -> NDArray[Any]:
    return np.asarray(logit(np.clip(probability, _EDGE, 1 - _EDGE)))


def _line(x: NDArray[Any], event: NDArray[Any], directions: NDArray[Any]) -> NDArray[Any]:
    """Fit P(event) = expit(a + b x + c directions) by penalised Newton steps; a and c are drawn to 0, b to 1."""
    design = np.column_stack([np.ones_like(x), x, directions])
    n_directions = directions.shape[1]
    start = np.concatenate([[0.0, 1.0], np.zeros(n_directions)])
    precision = np.concatenate([_PRIOR_PRECISION, np.full(n_directions, _DIRECTION_PRECISION)])
    coefficients = start
    for _ in range(_MAX_STEPS):
        p = expit(design @ coefficients)
        slope = design.T @ (event - p) - precision * (coefficients - start)
        curvature = design.T @ (design * (p * (1 - p))[:, None]) + np.diag(precision)
        step = np.linalg.solve(curvature, slope)
        step *= min(1.0, _LONGEST_STEP / max(float(np.abs(step).max()), _EDGE))
        coefficients = coefficients + step
        if float(np.abs(step).max()) < _CONVERGED:
            break
    return coefficients


def _fitted(prepared: Any, rng: np.random.Generator) -> tuple[PooledFit | None, str]:
    """Return the guesses, or none and why."""
    reference, current = prepared.reference, prepared.current
    columns, notes = modelled_labels(reference, current, _N_FOLDS)
    if not columns:
        return None, notes[0]
    n_folds = _N_FOLDS if len(reference) + len(current) < _MANY_TEXTS else _N_FOLDS_OF_MANY
    texts = pool(reference, current, n_folds=n_folds, n_components=_N_COMPONENTS, rng=rng)
    return fit_pooled(texts, columns, reference.label_names), ""
