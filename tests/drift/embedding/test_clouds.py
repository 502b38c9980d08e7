"""Clouds: what may be compared, and which rows move together."""

import numpy as np
import pytest

from textdrift.drift.embedding.clouds import clouds_of
from textdrift.embeddings import Embeddings
from textdrift.errors import EmbeddingsError


def points(n, d=3, seed=0):
    return np.random.default_rng(seed).normal(size=(n, d))


def test_rows_of_a_group_move_together_and_windows_keep_their_number_of_groups():
    before = Embeddings(points(6), "e", groups=[7, 7, 8, 9, 9, 9])
    after = Embeddings(points(4), "e", groups=[9, 9, 1, 2])
    clouds = clouds_of(before, after)
    assert clouds.n_units == (3, 3)
    assert clouds.grouped
    columns = np.hstack(list(clouds.splits(50, np.random.default_rng(0))))
    assert columns.shape == (10, 51)
    assert columns[:, 0].tolist() == [1] * 6 + [0] * 4
    for unit in range(6):
        rows = columns[clouds.units == unit]
        assert (rows == rows[0]).all()
        first_rows = [int(np.flatnonzero(clouds.units == u)[0]) for u in range(6)]
    assert (columns[first_rows].sum(axis=0) == 3).all()
    assert len(np.unique(columns[first_rows], axis=1).T) > 10


def test_without_groups_every_row_is_for_itself():
    clouds = clouds_of(Embeddings(points(4), "e"), Embeddings(points(2), "e"))
    assert not clouds.grouped
    assert clouds.units.tolist() == list(range(6))


@pytest.mark.parametrize(
    ("reference", "current", "words"),
    [
        (Embeddings(points(3), "a"), Embeddings(points(3), "b"), "two encoders"),
        (Embeddings(points(3), "a"), Embeddings(points(3, d=4), "a"), "3 and 4 dimensions"),
        (Embeddings(points(3), "a", groups=[1, 2, 3]), Embeddings(points(3), "a"), "the reference window has groups"),
        (Embeddings(points(3), "a"), Embeddings(points(3), "a", groups=[1, 2, 3]), "the current window has groups"),
    ],
)
def test_strangers_are_refused(reference, current, words):
    with pytest.raises(EmbeddingsError, match=words):
        clouds_of(reference, current)


@pytest.mark.parametrize(
    ("groups", "words"),
    [
        ([1, 2], r"one value for each of the 3 rows; got shape \(2,\)"),
        ([1.0, 2.0, 3.0], "whole numbers or strings"),
        (np.array(["a", None, "b"], dtype=object), "1 of 3 are not, the first is None in row 1"),
    ],
)
def test_groups_that_cannot_be_used_are_refused(groups, words):
    with pytest.raises(EmbeddingsError, match=words):
        Embeddings(points(3), "e", groups=groups)
