"""Alibi Detect behind our contract: which documents it sees, what it may draw from, what its answer is worth.

Its detectors permute or split single rows, draw from the global streams of NumPy and PyTorch, and count k / B where a
p-value is (1 + k) / (1 + B). Here each unit sends one document, the streams are given back as they were found, and the
count is mended.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from textdrift.drift.contract import DriftResult, Effect, Evidence
from textdrift.drift.embedding.alibi_library import chosen_device
from textdrift.drift.embedding.clouds import SHARE_OF_LEVEL, clouds_of
from textdrift.drift.embedding.parts import Parts, parts_of_quadratic
from textdrift.embeddings import Embeddings
from textdrift.stats.shifts import standardised_shift

__all__ = [
    "Answer",
    "Detector",
    "Sample",
    "Settings",
    "compare_with",
    "no_answer",
]


@dataclass(frozen=True, slots=True)
class Detector:
    """One detector of Alibi Detect.

    Attributes
    ----------
    test:
        The name of our test.
    alibi_class:
        Its class in ``alibi_detect.cd``.
    in_words:
        What a note calls it.
    least_documents:
        Fewer in either window say nothing, and p is 1.
    """

    test: str
    alibi_class: str
    in_words: str
    least_documents: int


class Settings(Protocol):
    """The settings that all tests by Alibi Detect share."""

    @property
    def max_documents(self) -> int:
        """Documents of each window at most."""
        ...

    @property
    def level(self) -> float:
        """The level at which the detectable effect is stated."""
        ...

    @property
    def device(self) -> str:
        """``auto``, ``cpu`` or ``cuda``."""
        ...


@dataclass(frozen=True, slots=True)
class Sample:
    """The documents that a detector looks at.

    Attributes
    ----------
    reference, current:
        Points, shapes (n, d) and (m, d).
    rows:
        The row of each in its window.
    sizes:
        All rows of the two windows.
    """

    reference: NDArray[Any]
    current: NDArray[Any]
    rows: tuple[NDArray[np.int64], NDArray[np.int64]]
    sizes: tuple[int, int]

    @property
    def pooled(self) -> NDArray[Any]:
        """The points of both windows, the reference first."""
        return np.concatenate([self.reference, self.current])

    def of_unit_spread(self) -> tuple[NDArray[Any], NDArray[Any]]:
        """Return the points centred and scaled by the moments of both windows together.

        Learning rates then fit every encoder, and since the pooled moments do not know the windows, the null hypothesis
        stays what it was.
        """
        pooled = self.pooled.astype(np.float64)
        pooled -= pooled.mean(axis=0)
        pooled /= np.sqrt(pooled.var(axis=0).mean())
        n = len(self.reference)
        return pooled[:n].astype(np.float32), pooled[n:].astype(np.float32)

    def moved_documents(self) -> Evidence:
        """Return the table ``documents``: how much each adds to the squared distance of the means."""
        parts = parts_of_quadratic(self.reference, self.current)
        whole = [np.zeros(size) for size in self.sizes]
        for side, of_sample in enumerate((parts.reference, parts.current)):
            whole[side][self.rows[side]] = of_sample
        return Parts(reference=whole[0], current=whole[1]).evidence()


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a detector said.

    Attributes
    ----------
    statistic, p_value:
        Its distance, and a p-value in (0, 1].
    how:
        How the p-value came about, such as ``299 permutations``.
    documents:
        Evidence of its own; ``None`` where the moved mean is the best there is.
    notes:
        What a reader must know.
    """

    statistic: float
    p_value: float
    how: str
    documents: Evidence | None = None
    notes: tuple[str, ...] = ()


def no_answer(reason: str) -> Answer:
    """Return the answer of a detector that found none, and why."""
    return Answer(statistic=0.0, p_value=1.0, how="no result", notes=(reason,))


def compare_with(
    detector: Detector,
    settings: Settings,
    windows: tuple[Embeddings, Embeddings],
    ask: Callable[[Sample, np.random.Generator], Answer],
    rng: np.random.Generator,
) -> DriftResult:
    """Compare two windows by a detector: draw the documents, ask, and measure the size of the shift.

    Parameters
    ----------
    detector:
        Who is asked.
    settings:
        The test, whose fields these are.
    windows:
        The reference and the current window.
    ask:
        Runs the detector on documents that are enough and not all the same.
    rng:
        Draws the sample, then everything that ``ask`` needs.

    Raises
    ------
    EmbeddingsError
        When the windows cannot be compared.
    """
    sample, notes = _sample_of(detector, windows, settings.max_documents, rng)
    reason = _nothing_to_ask(detector, sample)
    answer = ask(sample, rng) if reason is None else Answer(statistic=0.0, p_value=1.0, how="not run", notes=(reason,))
    shift = standardised_shift(sample.reference, sample.current, level=settings.level * SHARE_OF_LEVEL)
    n, m = len(sample.reference), len(sample.current)
    engine = (
        f"Engine: Alibi Detect {detector.alibi_class}, {answer.how}, {n} reference and {m} current documents, "
        f"{chosen_device(settings.device).upper()}."
    )
    return DriftResult(
        test=detector.test,
        kind="semantic",
        statistic=answer.statistic,
        p_value=answer.p_value,
        effects=(
            Effect(name="std_shift", value=shift.value, low=shift.low, high=shift.high, detectable=shift.detectable),
        ),
        n_documents=(n, m),
        evidence=(answer.documents or sample.moved_documents(),),
        notes=(*notes, engine, *_missing_device(settings.device), *answer.notes),
    )


def _sample_of(
    detector: Detector, windows: tuple[Embeddings, Embeddings], at_most: int, rng: np.random.Generator
) -> tuple[Sample, tuple[str, ...]]:
    clouds = clouds_of(*windows)
    sizes = (len(windows[0]), len(windows[1]))
    rows = [_one_row_of_each_group(window.groups, len(window), rng) for window in windows]
    rows = [_at_most(of_window, at_most, rng) for of_window in rows]
    n, m = map(len, rows)
    told = f"{n} of {sizes[0]} reference and {m} of {sizes[1]} current documents"
    notes = []
    if clouds.grouped:
        notes.append(
            f"{detector.in_words} takes documents as independent: one random document stands for each group, {told}."
        )
    elif (n, m) != sizes:
        notes.append(f"{detector.in_words} looked at a random sample of {told}.")
    return Sample(clouds.reference[rows[0]], clouds.current[rows[1]], (rows[0], rows[1]), sizes), tuple(notes)


def _one_row_of_each_group(groups: NDArray[Any] | None, n: int, rng: np.random.Generator) -> NDArray[np.int64]:
    if groups is None:
        return np.arange(n)
    order = rng.permutation(n)
    _, first = np.unique(groups[order], return_index=True)
    return np.sort(order[first])


def _at_most(rows: NDArray[np.int64], at_most: int, rng: np.random.Generator) -> NDArray[np.int64]:
    return rows if len(rows) <= at_most else np.sort(rng.choice(rows, size=at_most, replace=False))


def _nothing_to_ask(detector: Detector, sample: Sample) -> str | None:
    n, m = len(sample.reference), len(sample.current)
    if min(n, m) < detector.least_documents:
        return (
            f"{detector.in_words} needs at least {detector.least_documents} independent documents of each window; "
            f"it got {n} and {m}: p is 1."
        )
    if np.ptp(sample.pooled, axis=0).max() == 0:
        return "All points of both windows coincide: p is 1."
    return None


def _missing_device(asked: str) -> tuple[str, ...]:
    if asked == "cuda" and chosen_device(asked) == "cpu":
        return ("Device 'cuda' was asked for and PyTorch finds no CUDA device: the test ran on the CPU.",)
    return ()
