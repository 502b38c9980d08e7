"""The parts of a profile file: which arrays a profile is, and which profile some arrays are."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from importlib import metadata
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from scipy import sparse

from textdrift.embeddings.features import Basis, FeatureSums
from textdrift.errors import ProfileError
from textdrift.profiles.binned_units import BinnedUnits
from textdrift.profiles.profile import Profile, Span
from textdrift.tokens.token_counts import BinnedCounts

__all__ = ["members_of", "profile_of"]

Arrays = dict[str, NDArray[Any]]

_BASIS = Basis.__slots__
_REAL_SUMS = ("linear", "quadratic")


def members_of(profile: Profile, counts: BinnedCounts | None) -> tuple[dict[str, Any], Arrays]:
    """Return the settings of a profile, plain values, and its arrays; ``counts`` stand for its own."""
    settings: dict[str, Any] = {
        "textdrift": _version(),
        "name": profile.name,
        "n_rows": profile.n_rows,
        "tokenization": dict(profile.tokenization),
        "encoder": profile.encoder,
        "binned_by": profile.units.by,
        "span": None if profile.span is None else [profile.span.start_at, profile.span.end_at],
        "sums": None,
    }
    arrays: Arrays = {} if counts is None else _arrays_of_counts(counts)
    arrays["units.hashes"] = profile.units.hashes
    if (sums := profile.sums) is not None:
        settings["sums"] = {
            "squared_distance": sums.squared_distance,
            "squared_quadratic": sums.squared_quadratic,
        }
        arrays |= {f"basis.{name}": getattr(sums.basis, name) for name in _BASIS}
        arrays |= {f"sums.{name}": getattr(sums, name) for name in _REAL_SUMS}
        arrays["sums.counts"] = _small(sums.counts)
    return settings, arrays


def _version() -> str:
    try:
        return metadata.version("textdrift")
    except metadata.PackageNotFoundError:  # run from its folder, never installed
        return "unknown"


def _arrays_of_counts(counts: BinnedCounts) -> Arrays:
    """Return counts as arrays that pack well: term by term, small numbers, most of them alike."""
    encoded = [term.encode() for term in counts.terms]
    holders, occurrences = counts.holders.tocsc(), counts.occurrences.tocsc()
    if not np.array_equal(holders.indices, occurrences.indices) or (holders.data > occurrences.data).any():
        raise ProfileError("a term cannot occur less often than there are documents that hold it; these counts say so")
    return {
        "terms.utf8": np.frombuffer(b"".join(encoded), dtype=np.uint8),
        "terms.n_bytes": _small(np.fromiter(map(len, encoded), dtype=np.int64, count=len(encoded))),
        "counts.sizes": _small(counts.sizes),
        "counts.n_bins_of_term": _small(np.diff(holders.indptr)),
        "counts.bins": _small(holders.indices),
        "counts.holders": _small(holders.data),
        # Most terms occur once in a document that holds them.
        "counts.repeats": _small(occurrences.data - holders.data),
    }


def _small(values: NDArray[Any]) -> NDArray[Any]:
    """Return whole numbers from 0 on in the smallest type that holds them."""
    return values.astype(np.min_scalar_type(int(values.max(initial=0))))


def profile_of(page: Mapping[str, Any], arrays: Arrays) -> Profile:
    """Return the profile of some settings and arrays.

    Raises
    ------
    ValueError
        When they do not go together.
    LookupError
        When one is missing.
    """
    span = page["span"]
    _check(
        isinstance(page["name"], str) and isinstance(page["encoder"], str), "the name and the encoder are no strings"
    )
    _check(isinstance(page["n_rows"], int), "the number of rows is no whole number")
    has_counts = any(name.startswith(("counts.", "terms.")) for name in arrays)
    return Profile(
        name=page["name"],
        n_rows=page["n_rows"],
        counts=_counts_of(arrays) if has_counts else None,
        sums=None if page["sums"] is None else _sums_of(page["sums"], arrays),
        tokenization=page["tokenization"],
        encoder=page["encoder"],
        units=_units_of(page["binned_by"], arrays["units.hashes"]),
        span=None if span is None else Span(*span),
    )


def _units_of(by: Any, hashes: NDArray[Any]) -> BinnedUnits:
    _check(hashes.dtype == np.uint64, "the hashes of the units are no uint64")
    return BinnedUnits(by, hashes.copy())


def _counts_of(arrays: Arrays) -> BinnedCounts:
    sizes, of_term = _whole(arrays, "counts.sizes"), _whole(arrays, "counts.n_bins_of_term")
    bins, holders, repeats = (_whole(arrays, f"counts.{name}") for name in ("bins", "holders", "repeats"))
    terms = _terms_of(arrays)
    pointers = np.concatenate([[0], np.cumsum(of_term)])
    _check(len(of_term) == len(terms), "there is not one number of bins for each term")
    _check(pointers[-1] == len(bins) == len(holders) == len(repeats), "there is not one count for each bin of a term")
    _check(bool((bins < len(sizes)).all()), "a bin does not exist")
    term = np.repeat(np.arange(len(terms)), of_term)
    _check(bool((np.diff(term * len(sizes) + bins) > 0).all()), "the bins of a term do not ascend")
    _check(bool(((holders > 0) & (holders <= sizes[bins])).all()), "more documents of a bin hold a term than there are")
    occurrences, held = (
        sparse.csc_matrix((values, bins, pointers), shape=(len(sizes), len(terms))).tocsr()
        for values in (holders + repeats, holders)
    )
    return BinnedCounts(occurrences, held, sizes, terms)


def _terms_of(arrays: Arrays) -> tuple[str, ...]:
    n_bytes, utf8 = _whole(arrays, "terms.n_bytes"), arrays["terms.utf8"]
    starts = np.concatenate([[0], np.cumsum(n_bytes)])
    _check(utf8.dtype == np.uint8 and utf8.shape == (starts[-1],), "the terms are longer or shorter than told")
    buffers = [None, pa.py_buffer(starts.astype(np.int64)), pa.py_buffer(utf8)]
    strings = pa.Array.from_buffers(pa.large_string(), len(n_bytes), buffers)
    strings.validate(full=True)
    terms = tuple(strings.to_pylist())
    _check(all(a < b for a, b in itertools.pairwise(terms)), "the terms do not ascend")
    return terms


def _sums_of(scalars: Mapping[str, Any], arrays: Arrays) -> FeatureSums:
    basis = Basis(**{name: _real(arrays, f"basis.{name}") for name in _BASIS})
    d, q = len(basis.mean), len(basis.quadratic_mean)
    shapes = {"mean": (d,), "eigenvalues": (d,), "directions": (d, d), "quadratic_mean": (q,), "quadratic_scale": (q,)}
    for name, shape in shapes.items():
        _check(getattr(basis, name).shape == shape, f"the {name} of the basis has another shape than {shape}")
    counts, linear, quadratic = (
        _whole(arrays, "sums.counts"),
        _real(arrays, "sums.linear"),
        _real(arrays, "sums.quadratic"),
    )
    _check(linear.shape == (len(counts), d), "the linear sums do not go with the basis and the bins")
    _check(quadratic.shape == (len(counts), q), "the quadratic sums do not go with the basis and the bins")
    sums = FeatureSums(basis, len(counts))
    sums.counts[:], sums.linear[:], sums.quadratic[:] = counts, linear, quadratic
    sums.squared_distance, sums.squared_quadratic = (
        float(scalars[name]) for name in ("squared_distance", "squared_quadratic")
    )
    return sums


def _whole(arrays: Arrays, name: str) -> NDArray[np.int64]:
    array = arrays[name]
    _check(array.ndim == 1 and array.dtype.kind == "u", f"{name} is no row of whole numbers")
    return array.astype(np.int64)


def _real(arrays: Arrays, name: str) -> NDArray[np.float64]:
    array = arrays[name]
    _check(array.dtype == np.float64, f"{name} is {array.dtype}, not float64")
    return array.copy()


def _check(holds: bool, otherwise: str) -> None:
    if not holds:
        raise ValueError(otherwise)
