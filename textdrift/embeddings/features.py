"""Mean and spread features of points: a basis, what each document gives, and sums of it that merge by addition."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from textdrift.errors import EmbeddingsError, SettingsError
from textdrift.windows.binning import bins_of, coarser_bins

__all__ = ["Basis", "FeatureSums", "sum_features"]

_LEADING = 32
_CLIP = 4.0
_CHUNK = 4096  # rows that stay in the processor's cache while their features are made
_NOTHING = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class Basis:
    """Where a cloud lies and how it is stretched: the frame in which shifts of the mean and of the spread are read.

    Attributes
    ----------
    mean:
        Shape (d,).
    eigenvalues:
        Shape (d,), variances along the directions, largest first, none negative.
    directions:
        Shape (d, d), one orthonormal direction per column.
    quadratic_mean, quadratic_scale:
        Shape (q,): mean and standard deviation of the raw quadratic features over the fitted points. There is one
        feature for each of the (at most 32) leading directions along which the points vary, and one for the squared
        distance from the mean.
    """

    mean: NDArray[np.float64]
    eigenvalues: NDArray[np.float64]
    directions: NDArray[np.float64]
    quadratic_mean: NDArray[np.float64]
    quadratic_scale: NDArray[np.float64]

    @classmethod
    def fit(cls, *windows: NDArray[Any]) -> Basis:
        """Return the basis of all points together.

        A test is exact when the basis does not know which window a point came from: fit it on both windows, or on
        points that are not tested. Fitted on the tested reference alone it alarms nearly always.

        Parameters
        ----------
        windows:
            Finite points, each of shape (n, d); fewer points than dimensions, constant dimensions and d = 1 are fine.

        Raises
        ------
        EmbeddingsError
            When there are no points, or points of several dimensions.

        Examples
        --------
        >>> basis = Basis.fit(np.array([[0.0, 1.0], [2.0, 1.0]]), np.array([[4.0, 1.0]]))
        >>> basis.mean.tolist(), basis.eigenvalues.round(2).tolist()
        ([2.0, 1.0], [4.0, 0.0])
        """
        n_points = sum(map(len, windows))
        if not n_points or len({points.shape[1:] for points in windows}) > 1:
            shapes = ", ".join(str(points.shape) for points in windows)
            raise EmbeddingsError(f"a basis needs points, all of one dimension; got shapes {shapes or 'of no window'}")
        mean = np.sum([points.sum(axis=0, dtype=np.float64) for points in windows], axis=0) / n_points
        chunks = [points[i : i + _CHUNK] for points in windows for i in range(0, len(points), _CHUNK)]
        scatter = np.zeros((len(mean), len(mean)))
        for chunk in chunks:
            centred = chunk.astype(np.float64) - mean
            scatter += centred.T @ centred
        ascending, vectors = np.linalg.eigh(scatter / max(1, n_points - 1))
        eigenvalues = np.maximum(ascending[::-1], 0.0)
        # Rounding of the mean leaves a trace of variance where there is none.
        floor = max(_NOTHING * eigenvalues[0], (np.finfo(np.float32).eps * np.abs(mean).max()) ** 2)
        eigenvalues = np.where(eigenvalues > floor, eigenvalues, 0.0)
        n_quadratic = min(_LEADING, int(np.count_nonzero(eigenvalues))) + 1
        bare = cls(
            mean=mean, eigenvalues=eigenvalues, directions=np.ascontiguousarray(vectors[:, ::-1]),
            quadratic_mean=np.zeros(n_quadratic), quadratic_scale=np.ones(n_quadratic),
        )  # fmt: skip
        raw = np.vstack([bare.quadratic(chunk) for chunk in chunks]).astype(np.float64)
        centre, spread = raw.mean(axis=0), raw.std(axis=0)
        return cls(
            mean=mean, eigenvalues=eigenvalues, directions=bare.directions, quadratic_mean=centre,
            # A feature that never varies stays 0 instead of being divided by its rounding.
            quadratic_scale=np.where((spread > 1e-6 * np.abs(centre)) & (eigenvalues[0] > 0), spread, np.inf),
        )  # fmt: skip

    @property
    def n_quadratic(self) -> int:
        """Quadratic features of a point."""
        return len(self.quadratic_mean)

    def linear(self, points: NDArray[Any]) -> NDArray[np.float32]:
        """Return the points centred and turned into the directions, shape (n, d)."""
        centred = points.astype(np.float32, copy=False) - self.mean.astype(np.float32)
        return np.asarray(centred @ self.directions.astype(np.float32))

    def quadratic(self, points: NDArray[Any]) -> NDArray[np.float32]:
        """Return how far out each point lies along the leading directions and in all, shape (n, q), standardised.

        Along direction j: clip((x - mean)'v_j / sqrt(w_j), -4, 4)^2; in all: |x - mean|^2.
        """
        centred = points.astype(np.float32, copy=False) - self.mean.astype(np.float32)
        return _quadratic(centred, np.einsum("nd,nd->n", centred, centred), _Frame(self))

    def agrees_with(self, other: Basis) -> bool:
        """Whether features of both bases can be added and compared."""
        return self is other or all(
            np.array_equal(getattr(self, name), getattr(other, name)) for name in Basis.__slots__
        )


class _Frame:
    """What each document meets of a basis, in single precision and prepared once."""

    __slots__ = ("centre", "leading", "mean", "scale")

    def __init__(self, basis: Basis) -> None:
        n_leading = basis.n_quadratic - 1
        deviations = np.sqrt(basis.eigenvalues[:n_leading])
        self.mean = basis.mean.astype(np.float32)
        self.leading = np.ascontiguousarray(basis.directions[:, :n_leading] / deviations, dtype=np.float32)
        self.centre = basis.quadratic_mean.astype(np.float32)
        self.scale = (1 / basis.quadratic_scale).astype(np.float32)


def _quadratic(centred: NDArray[np.float32], squares: NDArray[np.float32], frame: _Frame) -> NDArray[np.float32]:
    features = np.empty((len(centred), len(frame.centre)), dtype=np.float32)
    outward = centred @ frame.leading
    np.clip(outward, -_CLIP, _CLIP, out=outward)
    np.square(outward, out=features[:, :-1])
    features[:, -1] = squares
    features -= frame.centre
    features *= frame.scale
    return features


@dataclass(slots=True, eq=False)
class FeatureSums:
    """Sums of the features of many documents in bins: all that a comparison needs, in constant memory.

    The one thing here that changes: ``add`` takes documents in. Sums over shards merge by ``+``.

    Attributes
    ----------
    basis:
        The frame; only sums of one basis merge or compare.
    n_bins:
        As many as the bins of the documents. More can be compared with smaller windows and know the noise better;
        each costs 8 (d + q) bytes.
    linear, quadratic:
        Shapes (n_bins, d), the sum of x - mean (not yet turned into the directions: a sum can be turned later), and
        (n_bins, q).
    counts:
        Shape (n_bins,), documents.
    squared_distance, squared_quadratic:
        Sums of |x - mean|^2 and of the squared norm of the quadratic features, over all bins.

    Examples
    --------
    >>> points = np.arange(12.0).reshape(6, 2)
    >>> sums = FeatureSums(Basis.fit(points), n_bins=4)
    >>> sums.add(points, np.array([0, 0, 1, 1, 2, 3]))
    >>> sums.n_documents, sums.linear.sum(axis=0).tolist(), (sums + sums).counts.tolist()
    (6, [0.0, 0.0], [4, 4, 2, 2])
    """

    basis: Basis
    n_bins: int = 1024
    linear: NDArray[np.float64] = field(init=False, repr=False)
    quadratic: NDArray[np.float64] = field(init=False, repr=False)
    counts: NDArray[np.int64] = field(init=False, repr=False)
    squared_distance: float = field(init=False, default=0.0)
    squared_quadratic: float = field(init=False, default=0.0)
    _frame: _Frame = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Start from nothing."""
        if self.n_bins < 1:
            raise SettingsError(f"sums need at least one bin; got {self.n_bins}")
        self.linear = np.zeros((self.n_bins, len(self.basis.mean)))
        self.quadratic = np.zeros((self.n_bins, self.basis.n_quadratic))
        self.counts = np.zeros(self.n_bins, dtype=np.int64)
        self._frame = _Frame(self.basis)

    @property
    def n_documents(self) -> int:
        """Documents taken in."""
        return int(self.counts.sum())

    @property
    def turned(self) -> NDArray[np.float64]:
        """The linear sums along the directions of the basis, shape (n_bins, d)."""
        return self.linear @ self.basis.directions

    def add(self, points: NDArray[Any], bins: NDArray[Any]) -> None:
        """Take in documents.

        Parameters
        ----------
        points:
            Shape (n, d), of any real type, as from a memory-mapped file; read once, a few thousand rows at a time.
        bins:
            Shape (n,), integers from 0 to ``n_bins`` - 1; see ``textdrift.windows.binning.bins_of``.

        Raises
        ------
        EmbeddingsError
            When the shapes do not fit, a bin does not exist, or a point is not finite; then none is taken in.
        """
        d = len(self.basis.mean)
        if points.ndim != 2 or points.shape[1] != d or len(bins) != len(points):  # noqa: PLR2004 - a matrix
            raise EmbeddingsError(
                f"points of shape (n, {d}) and one bin for each are needed; got {points.shape} and {len(bins)} bins"
            )
        if len(bins) and not 0 <= bins.min() <= bins.max() < self.n_bins:
            raise EmbeddingsError(f"bins must be 0 to {self.n_bins - 1}; got {bins.min()} to {bins.max()}")
        before = _copied(self) if len(points) > _CHUNK else self  # one chunk is taken in whole or not at all
        centred = np.empty((min(_CHUNK, len(points)), d), dtype=np.float32)
        for start in range(0, len(points), _CHUNK):
            rows = points[start : start + _CHUNK]
            chunk = centred[: len(rows)]
            chunk[:] = rows
            chunk -= self._frame.mean
            squares = np.einsum("nd,nd->n", chunk, chunk)
            squared_distance = float(squares.sum(dtype=np.float64))
            if not np.isfinite(squared_distance):
                self.linear, self.quadratic, self.counts = before.linear, before.quadratic, before.counts
                self.squared_distance, self.squared_quadratic = before.squared_distance, before.squared_quadratic
                raise EmbeddingsError("points must be finite, as must their squares; some hold NaN, infinity or more")
            of_bin = _indicator(bins[start : start + _CHUNK], self.n_bins)
            self.squared_distance += squared_distance
            self.linear += of_bin @ chunk
            _add_quadratic(self, _quadratic(chunk, squares, self._frame), of_bin)

    def __add__(self, other: FeatureSums) -> FeatureSums:
        """Return the sums over the documents of both, which are left as they are."""
        if self.n_bins != other.n_bins or not self.basis.agrees_with(other.basis):
            raise EmbeddingsError(
                f"only sums over the same bins of one basis can be added; got {self.n_bins} and {other.n_bins} bins"
                + ("" if self.basis.agrees_with(other.basis) else " of two bases; fit one and use it for both")
            )
        both = _copied(self)
        _take(both, other)
        return both

    def merged(self, n_bins: int) -> FeatureSums:
        """Return the same sums in fewer bins, each a run of neighbours."""
        starts = np.searchsorted(coarser_bins(self.n_bins, n_bins), np.arange(n_bins))
        merged = FeatureSums(self.basis, n_bins)
        merged.linear[:] = np.add.reduceat(self.linear, starts, axis=0)
        merged.quadratic[:] = np.add.reduceat(self.quadratic, starts, axis=0)
        merged.counts[:] = np.add.reduceat(self.counts, starts)
        merged.squared_distance, merged.squared_quadratic = self.squared_distance, self.squared_quadratic
        return merged


def _indicator(bins: NDArray[Any], n_bins: int) -> sparse.csr_matrix:
    """Return the matrix whose product with features is their sums in the bins."""
    n = len(bins)
    return sparse.csr_matrix((np.ones(n, dtype=np.float32), (bins, np.arange(n))), shape=(n_bins, n))


def _add_quadratic(sums: FeatureSums, quadratic: NDArray[np.float32], of_bin: sparse.csr_matrix) -> None:
    sums.quadratic += of_bin @ quadratic
    sums.counts += of_bin.getnnz(axis=1)
    sums.squared_quadratic += float(np.einsum("nq,nq->", quadratic, quadratic))


def _copied(sums: FeatureSums) -> FeatureSums:
    copy = FeatureSums(sums.basis, sums.n_bins)
    _take(copy, sums)
    return copy


def _take(sums: FeatureSums, other: FeatureSums) -> None:
    sums.linear += other.linear
    sums.quadratic += other.quadratic
    sums.counts += other.counts
    sums.squared_distance += other.squared_distance
    sums.squared_quadratic += other.squared_quadratic


def sum_features(batches: Iterable[NDArray[Any]], basis: Basis, *, n_bins: int = 1024) -> FeatureSums:
    """Return the sums over a stream of points, such as slices of a memory-mapped file, each row a document by itself.

    Rows that belong together need ``FeatureSums.add`` with the bins of their groups.

    Parameters
    ----------
    batches:
        Points, each of shape (n, d).
    basis:
        Fitted on points that are not tested, or on a sample of both windows.
    n_bins:
        A power of two; rows go into bins by the hash of their number in the stream.

    Examples
    --------
    >>> points = np.random.default_rng(0).normal(size=(1000, 3))
    >>> sum_features((points[i : i + 100] for i in range(0, 1000, 100)), Basis.fit(points)).n_documents
    1000
    """
    sums = FeatureSums(basis, n_bins)
    done = 0
    for points in batches:
        sums.add(points, bins_of(np.arange(done, done + len(points)), n_bins))
        done += len(points)
    return sums
