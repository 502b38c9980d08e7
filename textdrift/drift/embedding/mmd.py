"""The exact kernel test: every document, every permutation, one product."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, partial
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import ThreadpoolController  # type: ignore[import-untyped]  # it ships no types

from textdrift.drift.contract import DriftResult, Effect
from textdrift.drift.embedding.clouds import SHARE_OF_LEVEL, Clouds, clouds_of
from textdrift.drift.embedding.parts import Parts
from textdrift.embeddings import Embeddings
from textdrift.errors import EmbeddingsError, SettingsError
from textdrift.stats.kernels import DEFAULT_SIZE, Each, Product, TileSize, lifted, median_bandwidth, plain_product
from textdrift.stats.mmd import kernel_sums
from textdrift.stats.permutations import permutation_p_value
from textdrift.stats.shifts import standardised_shift

__all__ = ["Mmd"]

Result = TypeVar("Result")

_ONEDNN_TILE = TileSize(256, 1024)  # 1 MB; of 2 MB, some were up to 40 % slower
_TILES_ON_CUDA = (TileSize(8192, 16384), TileSize(4096, 4096), TileSize(1024, 2048))


@dataclass(frozen=True, slots=True)
class _Outcome:
    statistic: float
    p_value: float
    parts: Parts
    device: str
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Mmd:
    """The maximum mean discrepancy on every document: do the two windows come from one cloud of meaning?

    Null hypothesis: the points of both windows are exchangeable. The statistic is the unbiased squared maximum mean
    discrepancy under a Gaussian kernel, its bandwidth the median distance within the reference (Gretton et al. 2012):
    that of Alibi Detect's ``MMDDrift``. p = (1 + k) / (1 + B).

    With groups, units of rows move together, and pairs of rows of one unit count as no pairs, in the statistic and in
    its normalisation by the pairs of each split.

    Cost: quadratic in the documents, N² (d + B) / 2 multiplications for all permutations at once; memory of one tile
    of the kernel for each thread.

    Parameters
    ----------
    n_permutations:
        Permutations, all made at once: they cost less than the kernel.
    level:
        The level at which the detectable effect is stated.
    device:
        ``auto`` (CUDA when there is one), ``cpu`` or ``cuda``. The p-value does not depend on it.
    max_documents:
        Documents of each window at most, a random sample beyond it; ``None`` looks at every document.

    Raises
    ------
    SettingsError
        When a setting cannot be used: no permutation, fewer than two documents, no such device or not enough memory
        on it.
    EmbeddingsError
        When the points cannot be compared, or lie too far apart for ``float32``.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> before = Embeddings(rng.normal(size=(80, 8)), "demo")
    >>> after = Embeddings(rng.normal(size=(60, 8)) + 0.5, "demo")
    >>> Mmd(n_permutations=99, device="cpu").compare(before, after, rng=rng).p_value
    0.01
    """

    n_permutations: int = 299
    level: float = 0.05
    device: str = "auto"
    max_documents: int | None = None

    def __post_init__(self) -> None:
        """Check the configuration once."""
        if self.n_permutations < 1:
            raise SettingsError(f"n_permutations must be at least 1; got {self.n_permutations}")
        if self.max_documents is not None and self.max_documents < 2:  # noqa: PLR2004 - a distance needs two points
            raise SettingsError(f"max_documents must be None or at least 2; got {self.max_documents}")
        if self.device not in ("auto", "cpu", "cuda"):
            raise SettingsError(f"device must be 'auto', 'cpu' or 'cuda'; got {self.device!r}")

    def compare(self, reference: Embeddings, current: Embeddings, *, rng: np.random.Generator) -> DriftResult:
        """Compare two clouds of embeddings.

        Parameters
        ----------
        reference, current:
            One point per distinct text, shapes (n, d) and (m, d).
        rng:
            Draws the permutations, and the sample where one is asked for; the same state gives the same result.
        """
        clouds_of(reference, current)  # strangers are refused before a sample is drawn
        samples = [_sampled(window, self.max_documents, rng) for window in (reference, current)]
        (first, first_rows), (second, second_rows) = samples
        clouds = clouds_of(first, second)
        outcome = self._test(clouds, self.n_permutations, rng)
        shift = standardised_shift(
            clouds.reference, clouds.current, level=self.level * SHARE_OF_LEVEL, groups=_groups(clouds)
        )
        parts = Parts(
            reference=_in_window(outcome.parts.reference, first_rows, len(reference)),
            current=_in_window(outcome.parts.current, second_rows, len(current)),
        )
        looked_at = "every document"
        if (len(first), len(second)) != (len(reference), len(current)):
            looked_at = (
                f"a random sample of {len(first)} of {len(reference)} reference and {len(second)} of {len(current)} "
                "current documents"
            )
        return DriftResult(
            test="embedding.mmd",
            kind="semantic",
            statistic=outcome.statistic,
            p_value=outcome.p_value,
            effects=(
                Effect(
                    name="std_shift", value=shift.value, low=shift.low, high=shift.high, detectable=shift.detectable
                ),
            ),
            n_documents=clouds.n_units,
            evidence=(parts.evidence(),),
            notes=(
                f"Engine: textdrift Mmd, {self.n_permutations} permutations, {looked_at}, {outcome.device}.",
                *outcome.notes,
            ),
        )

    def parts(self, reference: Embeddings, current: Embeddings) -> Parts:
        """Split the statistic exactly over all documents of both windows, by its witness function.

        A reference document adds its mean kernel with the reference less that with the current window, divided by n; a
        current document the mirror image, divided by m. The parts sum to the statistic.
        """
        return self._test(clouds_of(reference, current), 0, np.random.default_rng(0)).parts

    def _test(self, clouds: Clouds, n_permutations: int, rng: np.random.Generator) -> _Outcome:
        processor = _processor(self.device)
        if min(clouds.n_units) < 2:  # noqa: PLR2004 - a distance within a window needs two units
            return _nothing(
                clouds, processor.name, "A window of one independent document has no distances within: p is 1."
            )
        order = np.argsort(clouds.units, kind="stable")
        n = len(clouds.reference)
        points = processor.moved(_around_zero(clouds)[order])  # a unit lies in one window: the first n rows stay first
        # What float32 cannot hold is told below, with a way out.
        with np.errstate(over="ignore", invalid="ignore"), _full_precision(), _each_tile(processor.n_workers) as each:
            bandwidth = _with_smaller_tiles(partial(median_bandwidth, points[:n], points[n:], each=each), processor)
            if bandwidth == 0.0:
                return _nothing(clouds, processor.name, "All points of both windows coincide: p is 1.")
            rows, units = lifted(points), clouds.units[order]
            sums = [
                _with_smaller_tiles(partial(kernel_sums, rows, splits[order], units, bandwidth, each=each), processor)
                for splits in clouds.splits(n_permutations, rng)
            ]
        statistics = np.concatenate([batch.statistics for batch in sums])
        if not np.isfinite(statistics).all():
            raise EmbeddingsError(
                f"the points lie too far apart for float32 (largest value {float(abs(points).max()):.3g}, bandwidth "
                f"{bandwidth:.3g}); scale them to a common length, or remove those that are broken"
            )
        parts = np.empty(len(order))
        parts[order] = sums[0].parts
        return _Outcome(
            statistic=float(statistics[0]),
            p_value=permutation_p_value(float(statistics[0]), statistics[1:]),
            parts=Parts(reference=parts[:n], current=parts[n:]),
            device=processor.name,
        )


def _sampled(
    embeddings: Embeddings, at_most: int | None, rng: np.random.Generator
) -> tuple[Embeddings, NDArray[np.int64]]:
    """Return a random sample in the order of its window, and its rows."""
    n = len(embeddings)
    if at_most is None or n <= at_most:
        return embeddings, np.arange(n)
    rows = np.sort(rng.choice(n, size=at_most, replace=False))
    groups = None if embeddings.groups is None else embeddings.groups[rows]
    return Embeddings(embeddings.points[rows], embeddings.encoder, groups), rows


def _in_window(parts: NDArray[Any], rows: NDArray[np.int64], n: int) -> NDArray[Any]:
    """Give a document that was not looked at the part 0."""
    whole = np.zeros(n)
    whole[rows] = parts
    return whole


def _groups(clouds: Clouds) -> tuple[NDArray[Any], NDArray[Any]] | None:
    n = len(clouds.reference)
    return (clouds.units[:n], clouds.units[n:]) if clouds.grouped else None


def _nothing(clouds: Clouds, device: str, note: str) -> _Outcome:
    parts = Parts(reference=np.zeros(len(clouds.reference)), current=np.zeros(len(clouds.current)))
    return _Outcome(statistic=0.0, p_value=1.0, parts=parts, device=device, notes=(note,))


def _around_zero(clouds: Clouds) -> NDArray[Any]:
    """Return the points of both windows less their common mean, which distances do not feel but digits do."""
    points: NDArray[Any] = np.concatenate([clouds.reference, clouds.current])
    points -= points.mean(axis=0, dtype=np.float64).astype(np.float32)
    return points


@dataclass(frozen=True, slots=True)
class _Processor:
    """Where and how the kernel is computed.

    Attributes
    ----------
    name:
        ``CPU`` or ``CUDA``.
    moved:
        Brings the points there.
    product:
        Multiplies there.
    sizes:
        Tiles that may be tried, the fastest first.
    n_workers:
        Threads that share the rows of tiles, each multiplying on its own; 0 where the product itself is parallel.
    """

    name: str
    moved: Callable[[NDArray[Any]], Any]
    product: Product
    sizes: tuple[TileSize, ...]
    n_workers: int = 0


def _processor(asked: str) -> _Processor:
    import torch

    if asked != "cpu" and torch.cuda.is_available():
        return _Processor("CUDA", lambda points: torch.from_numpy(points).cuda(), plain_product, _TILES_ON_CUDA)
    if asked == "cuda":
        raise SettingsError("device 'cuda' was asked for and PyTorch finds no CUDA device; use 'auto' or 'cpu'")
    if _onednn_is_faster():
        return _Processor("CPU", lambda points: points, _onednn_product, (_ONEDNN_TILE,), _n_threads())
    return _Processor("CPU", lambda points: points, plain_product, (DEFAULT_SIZE,))


def _onednn_is_faster() -> bool:
    """Whether oneDNN multiplies here: twice as fast as OpenBLAS and MKL, which use AVX2 on AMD processors."""
    import torch

    return (
        torch.backends.mkldnn.is_available()  # type: ignore[no-untyped-call]  # PyTorch left it untyped
        and torch.backends.cpu.get_cpu_capability() == "AVX512"
        and hasattr(torch.ops.mkldnn, "_linear_pointwise")
    )


def _n_threads() -> int:
    """Return as many threads as PyTorch would use, but never more than there are processors for this process."""
    import torch

    processors = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(torch.get_num_threads(), processors)


def _onednn_product(left: NDArray[Any], right: NDArray[Any]) -> NDArray[Any]:
    import torch

    # The public way, linear() of tensors turned to_mkldnn(), copies both factors and the product: half as slow again.
    linear = torch.ops.mkldnn._linear_pointwise  # noqa: SLF001 - PyTorch's own compiler calls it; see above
    result: NDArray[Any] = linear(torch.from_numpy(left), torch.from_numpy(right), None, "none", [], "").numpy()
    return result


@contextmanager
def _each_tile(n_workers: int) -> Iterator[Each]:
    """Yield ``map``, or that of workers which multiply on one thread each.

    The threads of one product wait for each other at its end, for long where other programs want the same cores: 13 s
    were seen instead of 0.3 s. Workers that take row after row of tiles do not wait.
    """
    if n_workers == 0:
        yield map
        return
    with ThreadPoolExecutor(n_workers, "mmd", initializer=_start_worker) as pool:
        yield pool.map


def _start_worker() -> None:
    """Hold OpenMP to one thread in the calling thread only; ``torch.set_num_threads`` would reach all later ones."""
    import torch

    np.seterr(over="ignore", invalid="ignore")  # a setting of each thread
    torch.get_num_threads()  # PyTorch gives a thread its number at the first call, and would undo the limit
    _thread_pools().limit(limits=1, user_api="openmp")


@cache
def _thread_pools() -> ThreadpoolController:
    return ThreadpoolController()


@contextmanager
def _full_precision() -> Iterator[None]:
    """Multiply in true float32: a program that allows TF32 would get other p-values."""
    import torch

    before = torch.get_float32_matmul_precision()
    torch.set_float32_matmul_precision("highest")
    try:
        yield
    finally:
        torch.set_float32_matmul_precision(before)


def _with_smaller_tiles(compute: Callable[..., Result], processor: _Processor) -> Result:
    """Return ``compute(size=…, product=…)``, with smaller tiles where memory is too small for the larger ones."""
    import torch

    for size in processor.sizes:
        try:
            return compute(size=size, product=processor.product)
        except torch.OutOfMemoryError:
            torch.cuda.empty_cache()
    raise SettingsError(
        f"the CUDA device ran out of memory even with tiles of {processor.sizes[-1].rows} x "
        f"{processor.sizes[-1].columns}; free some of it, use device='cpu', or set max_documents"
    )
