"""Sets that overlap are found, and their overlap is counted as Python's sets count it."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from textdrift.windows.min_hashing import Sets, jaccard, similar_pairs


def sets_of(lists):
    return Sets(
        np.concatenate([np.array(items, dtype=np.uint32) for items in lists]),
        np.concatenate([[0], np.cumsum([len(items) for items in lists])]),
    )


def random_sets(rng, n_sets, size):
    return [rng.choice(2**32, size=size, replace=False).tolist() for _ in range(n_sets)]


@given(st.lists(st.sets(st.integers(0, 30), min_size=1, max_size=12), min_size=2, max_size=6))
def test_jaccard_is_that_of_python_sets(given_sets):
    pairs = np.array([(i, j) for i in range(len(given_sets)) for j in range(i)])
    expected = [len(given_sets[i] & given_sets[j]) / len(given_sets[i] | given_sets[j]) for i, j in pairs]
    np.testing.assert_allclose(jaccard(sets_of([sorted(s) for s in given_sets]), pairs), expected)


def test_overlapping_sets_among_many_others_are_paired():
    rng = np.random.default_rng(0)
    lists = random_sets(rng, 600, 12)
    planted = [[*items[:10], 1, 2] for items in lists[:300]]  # similarity 10 / 14
    pairs = similar_pairs(sets_of(lists + planted))
    found = {(i, j) for i, j in pairs.tolist() if j == i + 600}
    assert len(found) >= 0.99 * 300


def test_sets_that_share_nothing_are_seldom_paired():
    pairs = similar_pairs(sets_of(random_sets(np.random.default_rng(1), 500, 10)))
    assert len(pairs) < 5


def test_many_equal_sets_give_few_pairs():
    assert len(similar_pairs(sets_of([[3, 4, 5, 6]] * 3000))) <= 2 * 3000


def test_no_two_sets_give_no_pair():
    assert similar_pairs(sets_of([[1, 2]])).shape == (0, 2)
