"""Alibi Detect's detectors that learn to tell the windows apart, on embeddings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from textdrift.drift.contract import DriftResult, Evidence
from textdrift.drift.embedding.alibi_adapter import Answer, Detector, Sample, compare_with, no_answer
from textdrift.drift.embedding.alibi_library import (
    alibis_own_streams,
    chosen_device,
    detector_class,
    refuse_bad_learning,
    refuse_bad_settings,
)
from textdrift.embeddings import Embeddings

__all__ = ["AlibiClassifier", "AlibiSpotTheDiff"]

_CLASSIFIER = Detector("embedding.alibi_classifier", "ClassifierDrift", "Alibi Detect's classifier", least_documents=20)
_SPOT_THE_DIFF = Detector(
    "embedding.alibi_spot_the_diff", "SpotTheDiffDrift", "Alibi Detect's spot-the-diff", least_documents=20
)

_HELD_OUT = "Kolmogorov-Smirnov on documents held out"
_BATCH = 32
_LEARNING_RATE = 1e-3
_SPOT_LEARNING_RATE = 0.05
_SPOT_START = 0.1  # standard deviations of the first guess of the difference
_SHOWN_DOCUMENTS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class AlibiClassifier:
    """Alibi Detect's ``ClassifierDrift``: can a classifier tell the windows apart?

    Null hypothesis: the points of both windows are exchangeable. A logistic regression learns on a share of the
    documents; on the others, which it never saw, its probabilities for the two windows are compared by the one-sided
    test of Kolmogorov and Smirnov (Lopez-Paz and Oquab 2017). One split only: over several folds, which Alibi Detect
    offers too, the probabilities depend on each other, and the p-value is too small too often.

    Parameters
    ----------
    max_documents:
        Documents of each window at most, a random sample beyond it.
    train_share:
        Share of the documents that the classifier learns from.
    epochs:
        Passes over them.
    level:
        The level at which the detectable effect is stated.
    device:
        ``auto`` (CUDA when there is one), ``cpu`` or ``cuda``.

    Raises
    ------
    EmbeddingsError
        When the points have different dimensions or come from different encoders.
    MissingExtraError
        When alibi-detect is not installed (it has no release for Python 3.13).
    """

    max_documents: int = 2000
    train_share: float = 0.5
    epochs: int = 3
    level: float = 0.05
    device: str = "auto"

    def __post_init__(self) -> None:
        """Check the configuration once."""
        refuse_bad_settings({"max_documents": (self.max_documents, 2)}, self.device)
        refuse_bad_learning(self.train_share, self.epochs)

    def compare(self, reference: Embeddings, current: Embeddings, *, rng: np.random.Generator) -> DriftResult:
        """Compare two clouds of embeddings; the same state of ``rng`` gives the same result."""
        return compare_with(_CLASSIFIER, self, (reference, current), self._ask, rng)

    def _ask(self, sample: Sample, rng: np.random.Generator) -> Answer:
        from torch import nn

        reference, current = sample.of_unit_spread()
        alibi_class = detector_class(_CLASSIFIER.alibi_class)
        with alibis_own_streams(rng):
            model = nn.Linear(reference.shape[1], 2)
            for weights in model.parameters():
                # Three epochs do not outweigh a random start; from zero the first step already points the right way.
                nn.init.zeros_(weights)
            detector = alibi_class(
                reference, model, backend="pytorch", preds_type="logits",
                train_size=self.train_share, epochs=self.epochs, learning_rate=_LEARNING_RATE, batch_size=_BATCH,
                device=chosen_device(self.device),
            )  # fmt: skip
            data = detector.predict(current)["data"]
        return _answer(data)


@dataclass(frozen=True, slots=True, kw_only=True)
class AlibiSpotTheDiff:
    """Alibi Detect's ``SpotTheDiffDrift``: is there one place that tells the windows apart?

    Null hypothesis: the points of both windows are exchangeable. A classifier whose only feature is the nearness to
    one place, the mean of all documents and a learned difference, learns on a share of the documents; on the others its
    probabilities for the two windows are compared by the one-sided test of Kolmogorov and Smirnov (Jitkrittum et al.
    2016 learn such places). Alibi Detect starts from the mean of the reference instead, which holds documents that are
    tested: that rejected 12 % of null pairs at 5 % (300 and 120 reviews). The evidence lists the documents that the
    place speaks for most.

    Parameters
    ----------
    max_documents:
        Documents of each window at most, a random sample beyond it.
    train_share:
        Share of the documents that the place is learned from.
    epochs:
        Passes over them.
    level:
        The level at which the detectable effect is stated.
    device:
        ``auto`` (CUDA when there is one), ``cpu`` or ``cuda``.

    Raises
    ------
    EmbeddingsError
        When the points have different dimensions or come from different encoders.
    MissingExtraError
        When alibi-detect is not installed (it has no release for Python 3.13).
    """

    max_documents: int = 2000
    train_share: float = 0.5
    epochs: int = 20
    level: float = 0.05
    device: str = "auto"

    def __post_init__(self) -> None:
        """Check the configuration once."""
        refuse_bad_settings({"max_documents": (self.max_documents, 2)}, self.device)
        refuse_bad_learning(self.train_share, self.epochs)

    def compare(self, reference: Embeddings, current: Embeddings, *, rng: np.random.Generator) -> DriftResult:
        """Compare two clouds of embeddings; the same state of ``rng`` gives the same result."""
        return compare_with(_SPOT_THE_DIFF, self, (reference, current), self._ask, rng)

    def _ask(self, sample: Sample, rng: np.random.Generator) -> Answer:
        import torch

        reference, current = sample.of_unit_spread()
        start = _SPOT_START * rng.standard_normal((1, reference.shape[1]))
        alibi_class, device = detector_class(_SPOT_THE_DIFF.alibi_class), chosen_device(self.device)
        with alibis_own_streams(rng):
            detector = alibi_class(
                reference, backend="pytorch", initial_diffs=start.astype(np.float32), train_size=self.train_share,
                epochs=self.epochs, learning_rate=_SPOT_LEARNING_RATE, batch_size=_BATCH, device=device,
            )  # fmt: skip
            # Alibi Detect starts from the mean of the whole reference, to which the documents held out belong too: they
            # lie nearer to it than they should. The points are centred at the mean of both windows, which favours none.
            detector._detector._detector.original_model.mean.data.zero_()  # noqa: SLF001 - it has no public door
            data = detector.predict(current, return_model=True)["data"]
            with torch.no_grad():
                logits = data["model"](torch.from_numpy(np.concatenate([reference, current])).to(device)).cpu()
            is_current = logits.softmax(dim=1)[:, 1].numpy().astype(np.float64)
        return _answer(data, _surest_documents(sample, is_current))


def _answer(data: Mapping[str, Any], documents: Evidence | None = None) -> Answer:
    """Return Alibi Detect's p-value; the smallest double stands for one that was rounded to 0."""
    p_value = float(data["p_val"])
    if np.isnan(p_value):
        return no_answer("By chance no document of one of the windows was held out: p is 1.")
    return Answer(
        statistic=float(data["distance"]),
        p_value=float(np.clip(p_value, np.finfo(np.float64).tiny, 1.0)),
        how=_HELD_OUT,
        documents=documents,
    )


def _surest_documents(sample: Sample, is_current: NDArray[Any]) -> Evidence:
    """Return the table ``documents``: those that a model gives most surely to their own window."""
    n = len(sample.reference)
    rows = []
    for window, score, which in (
        ("current", is_current[n:], sample.rows[1]),
        ("reference", 1 - is_current[:n], sample.rows[0]),
    ):
        order = np.argsort(-score, kind="stable")[:_SHOWN_DOCUMENTS]
        rows += [{"window": window, "document": int(which[i]), "score": float(score[i])} for i in order]
    return Evidence(name="documents", rows=tuple(sorted(rows, key=lambda row: -row["score"])))
