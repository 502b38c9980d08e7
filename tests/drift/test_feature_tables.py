"""The features of two windows as tables and as points: one row a unit, nothing lost but what is said."""

import numpy as np
import pyarrow as pa
import pytest

from textdrift.drift.feature_points import feature_points
from textdrift.drift.feature_tables import feature_tables
from textdrift.drift.window_pair import WindowPair
from textdrift.embeddings.hashing_encoder import HashingEncoder
from textdrift.windows.reading import read_window
from textdrift.windows.window import Roles


def pair_of(reference, current, **settings):
    roles = Roles(text="text" if "text" in reference else None, features=("x", "y"), group=settings.pop("group", None))
    windows = [read_window(pa.table(side), roles, name="window") for side in (reference, current)]
    return WindowPair(*windows, encoder=HashingEncoder, cache=lambda: None, **settings)


def test_both_windows_share_their_categories():
    pair = pair_of({"x": [1.0, np.inf], "y": ["a", None]}, {"x": [2.0], "y": ["b"]})
    tables = pair.feature_tables
    assert tables.reference.categories == tables.current.categories == (("a", "b"),)
    assert tables.reference.codes.ravel().tolist() == [0, -1]
    assert np.isnan(tables.reference.numeric[1, 0])
    assert dict(tables.n_infinite) == {"x": (1, 0)}


def test_a_column_of_two_types_is_in_neither_table():
    pair = pair_of({"x": [1.0, 2.0], "y": ["a", "b"]}, {"x": ["1 EUR"], "y": ["b"]})
    assert pair.feature_type("x") == "mixed"
    assert pair.feature_tables.reference.names == ("y",)


def test_missing_values_of_a_column_of_two_types_are_counted():
    pair = pair_of({"x": [1.0, None], "y": ["a", "b"]}, {"x": [None, "1 EUR", None], "y": ["b", "b", None]})
    sides = [pair.feature_tables.missing(side) for side in (0, 1)]
    assert [names for names, _ in sides] == [("y", "x")] * 2
    assert [flags.sum(axis=0).tolist() for _, flags in sides] == [[0, 1], [1, 2]]


def test_each_copy_of_a_text_may_be_the_one_that_counts():
    texts = ["one text that came often"] * 6 + [None, None]
    side = {"text": texts, "x": np.arange(8.0), "y": ["a"] * 8}
    other = {"text": ["something else altogether here"], "x": [0.0], "y": ["a"]}
    drawn = {tuple(pair_of(side, other, seed=seed).rows_of_features[0].tolist()) for seed in range(60)}
    assert {rows[0] for rows in drawn} == set(range(6))
    assert {rows[1:] for rows in drawn} == {(6, 7)}  # rows without a text are documents of their own
    assert len(pair_of(side, other, feature_unit="rows").rows_of_features[0]) == 8


def test_a_text_of_both_windows_counts_in_one_of_them_by_its_copies():
    same = ["the very same text in both of them"]
    reference = {"text": same * 3, "x": [0.0] * 3, "y": ["a"] * 3}
    current = {"text": same, "x": [0.0], "y": ["a"]}
    n = 400
    sizes = np.array([
        [len(rows) for rows in pair_of(reference, current, seed=seed).rows_of_features] for seed in range(n)
    ])  # fmt: skip
    assert (sizes.sum(axis=1) == 1).all()
    assert sizes[:, 0].mean() == pytest.approx(0.75, abs=4 * np.sqrt(0.75 * 0.25 / n))


def test_a_group_of_both_windows_counts_once():
    side = {"x": [0.0] * 4, "y": ["a"] * 4, "who": ["ann", "ann", "bob", None]}
    rows = pair_of(side, side, group="who").rows_of_features
    assert sum(map(len, rows)) == 4  # ann, bob, and two rows of nobody


def test_points_see_names_numbers_and_gaps():
    pair = pair_of({"x": [1.0, 2.0, np.nan, 4.0] * 10, "y": ["a", "b"] * 20}, {"x": [5.0] * 10, "y": ["b"] * 10})
    reference, current = feature_points(feature_tables(pair.features, (np.arange(40), np.arange(10))))
    assert reference.shape == (40, 5)  # score, its square, a mark of gaps, two names
    assert np.isfinite(reference).all()
    assert np.abs(np.concatenate([reference, current]).mean(axis=0)).max() < 0.3
    assert current[0, 0] > reference[:, 0].max()


def test_vectors_are_made_from_features_only_where_there_is_nothing_else():
    alone = pair_of({"x": [1.0, 2.0], "y": ["a", "b"]}, {"x": [3.0], "y": ["b"]})
    assert alone.has_feature_points
    points, _ = alone.embeddings((np.array([1]), np.array([0])))
    assert points.encoder == "features"
    side = {"text": ["some text"], "x": [1.0], "y": ["a"]}
    assert not pair_of(side, side).has_feature_points
