"""Bins: the hash of xxHash itself, nesting, evenness, and equal mean sizes for both windows."""

import numpy as np
import pytest
import xxhash
from hypothesis import given
from hypothesis import strategies as st

from textdrift.errors import SettingsError
from textdrift.windows.binning import BinCounts, bins_of, coarser_bins, equal_sized_bins, ids_hashed


@given(st.lists(st.integers(-(2**63), 2**63 - 1), min_size=1, max_size=20))
def test_integers_hash_as_xxhash_hashes_their_bytes(ids):
    expected = [xxhash.xxh64_intdigest(i.to_bytes(8, "little", signed=True)) for i in ids]
    assert ids_hashed(np.array(ids, dtype=np.int64)).tolist() == expected


@given(st.lists(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])), min_size=1, max_size=20))
def test_strings_hash_as_xxhash_hashes_their_bytes(ids):
    assert ids_hashed(np.array(ids)).tolist() == [xxhash.xxh64_intdigest(i.encode()) for i in ids]


@pytest.mark.parametrize("dtype", [np.int8, np.int32, np.uint16, np.int64, np.uint64])
def test_the_width_of_an_integer_does_not_matter(dtype):
    assert ids_hashed(np.arange(100, dtype=dtype)).tolist() == ids_hashed(np.arange(100)).tolist()


@pytest.mark.parametrize("ids", [np.arange(5000), np.array([f"author {i}" for i in range(5000)])])
def test_bins_nest(ids):
    for n_bins in (2, 64, 1024):
        assert (bins_of(ids, 2 * n_bins) // 2 == bins_of(ids, n_bins)).all()
    assert (bins_of(ids, 1) == 0).all()


@pytest.mark.parametrize("ids", [np.arange(64_000), np.array([f"author {i}" for i in range(64_000)])])
def test_bins_are_as_even_as_chance_makes_them(ids):
    counts = np.bincount(bins_of(ids, 64), minlength=64)
    chi_square = ((counts - 1000) ** 2 / 1000).sum()
    assert 25 < chi_square < 120  # 63 degrees of freedom


def test_runs_of_bins_are_even_and_keep_the_order():
    for n_coarse in (1, 3, 100, 1023, 1024):
        runs = coarser_bins(1024, n_coarse)
        sizes = np.bincount(runs)
        assert len(sizes) == n_coarse
        assert (np.diff(runs) >= 0).all()
        assert np.ptp(sizes) <= 1


@given(st.integers(1, 10**6), st.integers(1, 10**6))
def test_both_windows_get_bins_of_equal_mean_size(n, m):
    counts = equal_sized_bins(n, m, BinCounts(2**30, 2**30))
    small, k, other = (m, counts.current, counts.reference) if n >= m else (n, counts.reference, counts.current)
    assert k >= min(32, small)
    assert k <= small
    assert other == pytest.approx(k * max(n, m) / small, abs=0.51)


def test_the_smaller_window_makes_do_with_sixteen_bins_and_no_fewer():
    assert equal_sized_bins(64_000, 1_000, BinCounts(1024, 1024)) == BinCounts(1024, 16)
    assert equal_sized_bins(1_000, 64_000, BinCounts(1024, 1024)) == BinCounts(16, 1024)
    with pytest.raises(SettingsError, match="sum the reference window in 2048"):
        equal_sized_bins(128_000, 1_000, BinCounts(1024, 1024))
    with pytest.raises(SettingsError, match="documents"):
        equal_sized_bins(10, 0, BinCounts(1024, 1024))


@pytest.mark.parametrize("n_bins", [0, 3, 1000, 2**33])
def test_bins_that_would_not_nest_are_refused(n_bins):
    with pytest.raises(SettingsError, match="power of two"):
        bins_of(np.arange(3), n_bins)


def test_ids_that_are_no_ids_are_refused():
    with pytest.raises(SettingsError, match="integers or strings"):
        bins_of(np.array([0.5, 1.5]), 4)


def test_bins_merge_and_never_split():
    with pytest.raises(SettingsError, match="1 to 4"):
        coarser_bins(4, 8)
