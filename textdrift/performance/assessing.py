"""How well the model does in both windows, as far as the roles allow to say."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from textdrift.drift.window_pair import WindowPair
from textdrift.performance.accuracy_split import AccuracySplit
from textdrift.performance.by_segment import by_segment
from textdrift.performance.estimated_performance import EstimatedPerformance
from textdrift.performance.estimating import estimate_accuracy
from textdrift.performance.judged_texts import JudgedTexts
from textdrift.performance.measuring import MeasuredPerformance, measure
from textdrift.performance.scored_rows import ScoredRows
from textdrift.performance.scoring import scored_rows
from textdrift.performance.segment_accuracy import NAMES_OF_CLASSES, AccuracyBySegment
from textdrift.performance.splitting import split_accuracy_change
from textdrift.performance.support import shift_of_texts

__all__ = ["Performance", "assess_performance"]

_MOST_SPLIT = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Performance:
    """What is known of the model in both windows.

    Attributes
    ----------
    rows:
        Labels, predictions and probabilities of both windows.
    measured:
        Against labels; ``None`` where a window has no row with label and prediction.
    estimated:
        Without labels of the current window, from the probabilities; ``None`` without probabilities.
    split:
        The measured change of accuracy by cause; ``None`` without labels or vectors.
    by_segment:
        Measured accuracy in each value of the segment columns, and of the prediction; ``None`` without labels.
    """

    rows: tuple[ScoredRows, ScoredRows]
    measured: MeasuredPerformance | None
    estimated: EstimatedPerformance | None
    split: AccuracySplit | None
    by_segment: AccuracyBySegment | None = None

    def described(self) -> dict[str, Any] | None:
        """Return plain values for the report; ``None`` where nothing is known."""
        if self.measured is None and self.estimated is None:
            return None
        segments = self.by_segment.described() if self.by_segment else {"rows": [], "not_judged": []}
        return {
            "measured": self.measured.described() if self.measured else None,
            "estimated": self.estimated.described() if self.estimated else None,
            "split": self.split.described() if self.split else None,
            "by_segment": segments["rows"],
            "segments_not_judged": segments["not_judged"],
        }


def assess_performance(pair: WindowPair, *, std_shift: float | None, rng: np.random.Generator) -> Performance | None:
    """Measure, estimate and split the performance of the monitored model; ``None`` without predictions.

    Parameters
    ----------
    pair:
        The two windows.
    std_shift:
        How far the texts moved, from the tests of meaning; where none ran (``None``) the vectors that came with the
        texts say it, or their words. Far from the reference, an estimate is flagged.
    rng:
        Deals documents into folds.
    """
    roles = pair.windows[0].roles
    if roles.prediction is None and not roles.probabilities:
        return None
    rows = scored_rows(pair)
    judged = [side.where((side.labels >= 0) & (side.predictions >= 0)) for side in rows]
    both = all(len(side) for side in judged)
    estimated = None
    if rows[1].probabilities is not None and np.isfinite(rows[1].probabilities).all(axis=1).any():
        shift = shift_of_texts(pair) if std_shift is None else std_shift
        estimated = estimate_accuracy(*rows, std_shift=shift, rng=rng)
    return Performance(
        rows=rows,
        measured=measure(*rows) if both else None,
        estimated=estimated,
        # Vectors that no test has asked for are not made for this alone: encoding is what costs.
        split=_split(pair, (judged[0], judged[1]), rng) if both and _has_vectors(pair) else None,
        by_segment=_by_segment(pair, rows) if both else None,
    )


def _has_vectors(pair: WindowPair) -> bool:
    return bool(pair.space) or pair.windows[0].roles.embeddings is not None or pair.has_feature_points


def _by_segment(pair: WindowPair, rows: tuple[ScoredRows, ScoredRows]) -> AccuracyBySegment:
    reference, current = pair.windows
    segments = {name: (reference.column(name), current.column(name)) for name in reference.roles.segments}
    free = next(name for name in NAMES_OF_CLASSES if name not in segments)
    return by_segment(*rows, segments, prediction_name=free)


def _split(pair: WindowPair, judged: tuple[ScoredRows, ScoredRows], rng: np.random.Generator) -> AccuracySplit:
    documents = pair.sample(_MOST_SPLIT, (np.unique(judged[0].documents), np.unique(judged[1].documents)))
    sides = []
    for rows, chosen, embeddings in zip(judged, documents, pair.embeddings(documents), strict=True):
        held = rows.where(np.isin(rows.documents, chosen))
        numbered = ScoredRows(
            label_names=held.label_names,
            labels=held.labels,
            predictions=held.predictions,
            probabilities=held.probabilities,
            documents=np.searchsorted(chosen, held.documents),
            rows=held.rows,
        )
        sides.append(JudgedTexts.from_rows(embeddings.points, numbered))
    return split_accuracy_change(sides[0], sides[1], rng=rng)
