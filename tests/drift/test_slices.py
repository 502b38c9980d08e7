import numpy as np
import pyarrow as pa
import pytest

from textdrift.drift.slice_search import documents_affordable, named_places, search_slices
from textdrift.drift.slices import SegmentCodes, Slice, segment_codes, slices_of


def codes(rng, n, *, values=(3, 4, 2), missing=0.1):
    columns = []
    for n_values in values:
        of_column = rng.integers(n_values, size=n)
        of_column[rng.random(n) < missing] = -1
        columns.append(of_column)
    names = tuple(tuple(f"v{i}" for i in range(k)) for k in values)
    return SegmentCodes(tuple("abc"[: len(values)]), names, np.column_stack(columns))


def test_slices_are_the_values_and_the_pairs_that_a_scan_finds():
    rng = np.random.default_rng(0)
    sides = codes(rng, 500), codes(rng, 300)
    found = slices_of(*sides)
    expected = {}
    for first in range(3):
        for value in range(len(sides[0].values[first])):
            name = (sides[0].columns[first], f"v{value}")
            expected[name, None] = [np.flatnonzero(s.codes[:, first] == value) for s in sides]
            for second in range(first + 1, 3):
                for other in range(len(sides[0].values[second])):
                    within = (sides[0].columns[second], f"v{other}")
                    expected[name, within] = [
                        np.flatnonzero((s.codes[:, first] == value) & (s.codes[:, second] == other)) for s in sides
                    ]
    large = {key: rows for key, rows in expected.items() if min(map(len, rows)) >= 30}
    assert {((part.column, part.value), part.within) for part in found.judged} == set(large)
    assert found.n_pairs == sum(within is not None for _, within in large) > 0
    for part in found.judged:
        for rows, of_scan in zip(part.rows, large[(part.column, part.value), part.within], strict=True):
            np.testing.assert_array_equal(rows, of_scan)
    small_pairs = [key for key, rows in expected.items() if key[1] is not None and len(rows[0]) + len(rows[1]) > 0]
    assert found.n_pairs_left_out == len(small_pairs) - found.n_pairs


def test_what_is_too_small_is_said():
    before = pa.array(["north"] * 40 + ["south"] * 29 + [None] * 3)
    after = pa.array(["north"] * 30 + ["south"] * 31)
    found = slices_of(*segment_codes({"region": (before, after)}, (72, 61)))
    assert [part.value for part in found.judged] == ["north"]
    told = {row["value"]: row for row in found.too_small}
    assert told["south"] == {
        "column": "region",
        "value": "south",
        "n_reference": 29,
        "n_current": 31,
        "reason": "29 and 31 documents of this value; 30 are needed in each window",
    }
    assert told[None]["n_reference"] == 3


def test_a_pair_with_all_documents_of_a_part_is_no_slice_of_its_own():
    city = np.repeat([0, 1, 2], 40)
    country = np.repeat([0, 0, 1], 40)
    side = SegmentCodes(("city", "country"), (("a", "b", "c"), ("x", "y")), np.column_stack([city, country]))
    assert slices_of(side, side).n_pairs == 0


def test_only_the_largest_pairs_are_searched():
    rng = np.random.default_rng(1)
    side = codes(rng, 60_000, values=(30, 30), missing=0.0)
    found = slices_of(side, side)
    assert found.n_pairs == 400
    assert found.n_pairs_left_out == 500
    smallest = min(min(part.sizes) for part in found.judged if part.within is not None)
    assert smallest >= np.sort(np.bincount(side.codes[:, 0] * 30 + side.codes[:, 1]))[-400]


def test_a_pair_is_named_only_where_it_says_more_than_its_parts():
    half, both = (np.arange(20), np.arange(20)), (np.arange(40), np.arange(40))
    slices = [Slice("a", "x", both), Slice("b", "y", both), Slice("a", "x", half, ("b", "y"))]
    # All of the drift of both parts is that of the pair, which is half of them.
    sizes, p_values = [(0.4, 0.3), (0.4, 0.3), (0.9, 0.6)], [0.01, 0.01, 0.01]
    assert named_places(slices, [5.0, 5.0, 6.0], p_values, sizes, level=0.05) == [2]
    # The pair drifted no more than the part that it lies in, whatever the noise.
    alike = [(0.8, 0.7), (0.4, 0.3), (0.9, 0.6)]
    assert named_places(slices, [7.0, 5.0, 6.5], p_values, alike, level=0.05) == [0]
    # It stands out less than it would if the drift were its own.
    assert named_places(slices, [7.0, 5.0, 6.0], p_values, sizes, level=0.05) == [0]
    assert named_places(slices, [5.0, 5.0, 6.0], [0.2, 0.3, 0.06], sizes, level=0.05) == []


def test_a_slice_that_only_holds_documents_of_one_that_moved_is_not_named():
    moved, other = np.arange(30), np.arange(20, 120)
    slices = [Slice("a", "x", (moved, moved)), Slice("b", "y", (other, other))]
    # A tenth of the second slice lies in the first, which moved by 0.8.
    assert named_places(slices, [6.0, 4.0], [0.01, 0.01], [(0.8, 0.6), (0.1, 0.04)], level=0.05) == [0]
    assert named_places(slices, [6.0, 4.0], [0.01, 0.01], [(0.8, 0.6), (0.3, 0.2)], level=0.05) == [0, 1]


def test_no_slice_is_no_finding():
    found = search_slices(np.zeros((4, 1)), [], 2, n_permutations=99, rng=np.random.default_rng(2))
    assert found.p_value == 1.0


@pytest.mark.parametrize(("n_columns", "n_permutations"), [(1, 999), (6, 1999), (12, 9999)])
def test_a_search_costs_no_more_than_was_planned(n_columns, n_permutations):
    n = documents_affordable(n_columns, n_permutations, 20_000)
    passes = n_columns + n_columns * (n_columns - 1) // 2
    assert 1 <= n <= 20_000
    assert 2 * n * passes * (n_permutations + 1) <= 400_000_000
