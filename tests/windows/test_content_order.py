"""What is drawn of rows depends on what they hold, not on the order they came in; and stays a fair draw."""

import numpy as np
import pyarrow as pa
import pytest

from textdrift.windows.content_order import content_order, drawn_by_content, one_row_of_each_by_content
from textdrift.windows.paired_documents import paired_documents
from textdrift.windows.reading import read_window
from textdrift.windows.window import Roles

ROLES = Roles(text="text", group="author", features=("amount",))


def table(rng, n, *, words="abcdefg"):
    return pa.table(
        {
            "text": [" ".join(rng.choice(list(words), 2)) for _ in range(n)],
            "author": rng.integers(0, 30, n).astype(str).tolist(),
            "amount": rng.integers(0, 5, n).astype(float),
        }
    )


def windows(reference, current, roles=ROLES):
    return read_window(reference, roles, name="reference"), read_window(current, roles, name="current")


def held(window, rows):
    return sorted(map(tuple, (row.values() for row in window.table.take(pa.array(rows)).to_pylist())))


@pytest.mark.parametrize("roles", [Roles(text="text", features=("amount",)), ROLES])
@pytest.mark.parametrize("of_texts", [True, False])
def test_the_same_rows_in_another_order_are_drawn_alike(roles, of_texts):
    rng = np.random.default_rng(1)
    one, other = table(rng, 80), table(rng, 60)
    drawn = []
    for shuffled in (False, True):
        orders = [rng.permutation(t.num_rows) if shuffled else np.arange(t.num_rows) for t in (one, other)]
        pair = windows(one.take(orders[0]), other.take(orders[1]), roles)
        paired = paired_documents(*pair)
        rows = paired.one_row_of_each(np.random.default_rng(5), of_texts=of_texts)
        placed = paired.placed(np.random.default_rng(6))
        texts = [sorted(paired.merged[side].texts.take(pa.array(placed[side])).to_pylist()) for side in (0, 1)]
        drawn.append(([held(window, side) for window, side in zip(pair, rows, strict=True)], texts))
    assert drawn[0] == drawn[1]
    assert len(drawn[0][0][0]) < 80 or not (of_texts or roles.group)  # something was drawn indeed


def test_groups_in_another_order_keep_the_same_texts():
    rng = np.random.default_rng(2)
    one, other = table(rng, 80), table(rng, 60)
    kept = []
    for seed in (None, 7):
        shuffle = np.random.default_rng(seed)
        orders = [np.arange(t.num_rows) if seed is None else shuffle.permutation(t.num_rows) for t in (one, other)]
        paired = paired_documents(*windows(one.take(orders[0]), other.take(orders[1])))
        documents = paired.one_of_each_group(paired.groups, np.random.default_rng(3))
        kept.append([sorted(paired.merged[s].texts.take(pa.array(documents[s])).to_pylist()) for s in (0, 1)])
    assert kept[0] == kept[1]


def test_content_is_sorted_and_equal_rows_stand_as_they_came():
    pair = windows(pa.table({"text": ["b", "a", "b"]}), pa.table({"text": ["a", "b"]}), Roles())
    assert content_order(pair, np.arange(5)).tolist() == [1, 3, 0, 2, 4]
    assert content_order(pair, np.array([2, 3])).tolist() == [1, 0]
    assert content_order(pair, np.array([], dtype=np.int64)).tolist() == []


def test_of_equal_rows_each_is_drawn_equally_often_in_either_window():
    """Three copies before and one now: one time in four the one of now stands for them."""
    pair = windows(pa.table({"text": ["a", "a", "a"]}), pa.table({"text": ["a"]}), Roles())
    rng = np.random.default_rng(4)
    drawn = [int(one_row_of_each_by_content(pair, np.arange(4), np.zeros(4, dtype=int), rng)[0]) for _ in range(4000)]
    assert np.bincount(drawn, minlength=4) / 4000 == pytest.approx(0.25, abs=0.03)


def test_draws_are_uniform_and_of_one_per_row():
    pair = windows(table(np.random.default_rng(5), 1500), table(np.random.default_rng(6), 1500))
    draws = drawn_by_content(pair, np.arange(3000), np.random.default_rng(7))
    assert len(np.unique(draws)) == 3000
    assert np.histogram(draws, bins=10, range=(0, 1))[0] / 3000 == pytest.approx(0.1, abs=0.025)


def test_without_any_column_to_sort_by_rows_stand_as_they_came():
    vectors = pa.array([[1.0, 0.0], [0.0, 1.0]], pa.list_(pa.float32(), 2))
    roles = Roles(text=None, embeddings="v")
    pair = windows(pa.table({"v": vectors}), pa.table({"v": vectors}), roles)
    assert content_order(pair, np.arange(4)).tolist() == [0, 1, 2, 3]
