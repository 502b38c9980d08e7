"""Alike documents are compared with alike ones: a new mix of one column is no drift in the values of another."""

import numpy as np
import pytest

from textdrift.drift.slice_mix import mixes_of
from textdrift.drift.slices import SegmentCodes, Slice

COLUMNS, VALUES = ("plan", "region", "week"), (("free", "paid"), ("n", "s", "w"), tuple("abcdefgh"))


def segments(rng, n, *, regions=(0.5, 0.3, 0.2), weeks=range(8)):
    region = rng.choice(3, size=n, p=regions)
    codes = np.column_stack([rng.integers(2, size=n), region, rng.choice(list(weeks), size=n)])
    return SegmentCodes(COLUMNS, VALUES, codes)


def of_plan(reference, current, value=0):
    rows = tuple(np.flatnonzero(side.codes[:, 0] == value) for side in (reference, current))
    return Slice("plan", VALUES[0][value], rows)


def only(side, *columns):
    places = [COLUMNS.index(column) for column in columns]
    return SegmentCodes(columns, tuple(VALUES[place] for place in places), side.codes[:, places])


def test_documents_of_one_stratum_have_the_same_other_values():
    rng = np.random.default_rng(0)
    sides = segments(rng, 400), segments(rng, 300)
    part = of_plan(*sides)
    (mix,) = mixes_of([part], *(only(side, "plan", "region") for side in sides))
    region = np.concatenate([side.codes[rows, 1] for side, rows in zip(sides, part.rows, strict=True)])
    assert mix.n_reference == len(part.rows[0])
    for first, second in zip(mix.strata, region, strict=True):
        assert np.array_equal(mix.strata == first, region == second)


def test_the_own_columns_of_a_slice_and_columns_made_from_texts_make_no_strata():
    rng = np.random.default_rng(1)
    sides = [only(segments(rng, 200), "plan") for _ in range(2)]
    part = of_plan(*sides)
    assert mixes_of([part], *sides)[0].strata is None
    with_topics = [side.with_column("topic", ["a", "b"], rng.integers(2, size=200)) for side in sides]
    assert mixes_of([part], *with_topics)[0].strata is None
    topic = tuple(np.flatnonzero(side.codes[:, 1] == 0) for side in with_topics)
    assert len(np.unique(mixes_of([Slice("topic", "a", topic)], *with_topics)[0].strata)) == 2
    both = tuple(np.flatnonzero((side.codes == 0).all(axis=1)) for side in with_topics)
    assert mixes_of([Slice("plan", "free", both, ("topic", "a"))], *with_topics)[0].strata is None


def test_few_documents_of_a_value_stay_together():
    rng = np.random.default_rng(2)
    sides = segments(rng, 60), segments(rng, 60)
    (mix,) = mixes_of([of_plan(*sides)], *sides)
    sizes = np.bincount(mix.strata)
    assert len(sizes) > 3
    assert (sizes >= 8).sum() >= len(sizes) - 3  # beside what is left of each region


def test_the_column_whose_mix_moved_most_comes_first():
    rng = np.random.default_rng(3)
    sides = segments(rng, 150), segments(rng, 150, weeks=(0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7))
    part = of_plan(*sides)
    (mix,) = mixes_of([part], *sides)
    week = np.concatenate([side.codes[rows, 2] for side, rows in zip(sides, part.rows, strict=True)])
    assert len(np.unique(mix.strata[week == 0])) > 1
    for stratum in np.unique(mix.strata):
        held = np.unique(week[mix.strata == stratum])
        assert len(held) == 1 or 0 not in held


def test_a_column_that_tells_the_windows_apart_is_not_held():
    rng = np.random.default_rng(4)
    sides = segments(rng, 200, weeks=range(4)), segments(rng, 200, weeks=range(4, 8))
    (mix,) = mixes_of([of_plan(*sides)], *sides)
    assert mix.not_held == ("week",)
    assert len(np.unique(mix.strata)) == 3


@pytest.mark.parametrize("turned", [False, True])
def test_thinned_documents_have_one_mix(turned):
    rng = np.random.default_rng(5)
    regions = (0.1, 0.2, 0.7) if turned else (0.5, 0.3, 0.2)
    sides = [only(side, "plan", "region") for side in (segments(rng, 900), segments(rng, 600, regions=regions))]
    part = of_plan(*sides)
    (mix,) = mixes_of([part], *sides)
    assert mix.moved == turned
    kept = mix.thinned(part.rows, rng)
    shares = [np.bincount(side.codes[rows, 1], minlength=3) / len(rows) for side, rows in zip(sides, kept, strict=True)]
    if turned:
        np.testing.assert_allclose(shares[0], shares[1], atol=0.01)
        assert all(np.isin(rows, every).all() for rows, every in zip(kept, part.rows, strict=True))
        # As many as can be matched: half of the mass of the two mixes lies in common.
        assert len(kept[0]) / len(part.rows[0]) == pytest.approx(0.5, abs=0.07)
    else:
        assert kept == part.rows
