"""Vectors that came with the rows: every shape a table can hold them in, and what is no vector."""

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from textdrift.errors import ColumnTypeError, EmbeddingsError
from textdrift.windows.vectors import BESIDE, array_column, points_of, vector_column

POINTS = np.arange(6, dtype=np.float32).reshape(3, 2)


def checked(array, needed=None):
    """Return an array given beside a window as ``read_window`` has it in the end."""
    return vector_column(array_column(array), BESIDE, needed)


@pytest.mark.parametrize(
    "column",
    [
        pa.chunked_array([pa.array(POINTS.tolist())]),
        pa.chunked_array([pa.array(POINTS[:1].tolist()), pa.array(POINTS[1:].tolist())]),
        pa.chunked_array([pa.array(POINTS.astype(int).tolist(), pa.list_(pa.int16()))]),
        pa.chunked_array([pa.array(POINTS.tolist(), pa.large_list(pa.float64()))]),
        pa.chunked_array([array_column(POINTS)]),
        pa.chunked_array([pa.FixedShapeTensorArray.from_numpy_ndarray(POINTS)]),
        pa.chunked_array([pa.array(POINTS.tolist(), pa.list_view(pa.float32()))]),
        pa.chunked_array([pa.array(POINTS.tolist(), pa.large_list_view(pa.float32()))]),
        pa.chunked_array([pa.array(POINTS.tolist()).cast(pa.list_(pa.decimal128(5, 2)))]),
        pl.Series(POINTS.tolist()).to_frame("v").to_arrow().column("v"),
        pa.table(pd.DataFrame({"v": list(POINTS)})).column("v"),
    ],
)
def test_a_column_of_lists_becomes_the_same_points(column):
    np.testing.assert_array_equal(points_of(vector_column(column, "v")), POINTS)


def test_a_slice_of_a_column_holds_the_vectors_of_its_rows():
    column = pa.chunked_array([pa.array(POINTS.tolist()).slice(1)])
    np.testing.assert_array_equal(points_of(vector_column(column, "v")), POINTS[1:])
    np.testing.assert_array_equal(points_of(array_column(POINTS).slice(1)), POINTS[1:])


@pytest.mark.parametrize(
    ("values", "error", "words"),
    [
        ([None, None], ColumnTypeError, "null in all"),
        (["[1, 2]", "[3, 4]"], ColumnTypeError, "parquet or jsonl"),
        ([1.0, 2.0], ColumnTypeError, "a list of numbers"),
        ([["a"], ["b"]], ColumnTypeError, "a list of numbers"),
        ([[1.0, 2.0], None], ColumnTypeError, "1 of 2 rows, the first is row 1"),
        ([[1.0, 2.0], [1.0]], EmbeddingsError, "1 to 2 numbers"),
        ([[1.0, None], [1.0, 2.0]], EmbeddingsError, "1 numbers of its vectors are null"),
        ([[1.0, float("nan")], [1.0, 2.0]], EmbeddingsError, "1 of 2 rows hold NaN or infinity, the first is row 0"),
        ([[1e300, 2.0], [1.0, 2.0]], EmbeddingsError, "beyond single precision"),
        ([[], []], EmbeddingsError, "at least one row and column"),
    ],
)
def test_what_is_no_vector_is_refused(values, error, words):
    column = pa.chunked_array([pa.array(values, pa.list_(pa.float64())) if values == [[], []] else pa.array(values)])
    with pytest.raises(error, match=words):
        vector_column(column, "v")


@pytest.mark.parametrize(
    ("array", "words"),
    [
        (np.ones(3), "shape"),
        (np.array([["a"]]), "real numbers"),
        (np.array([[1j]]), "real numbers"),
        ([[1.0, 2.0], [3.0]], "embeddings holds vectors of 1 to 2 numbers"),
        ([np.ones(2), "a"], "no vector a row"),
        ([np.ma.masked_equal([1.0, 2.0], 2.0)], "some values are masked"),
        ("v", "a column of both windows is named once"),
        (pa.record_batch({"a": [1.0]}), "is no array of vectors"),
        (np.ma.masked_greater(np.arange(6.0).reshape(3, 2), 4.0), "some values are masked"),
        (pa.table({"a": [1.0, 2.0], "b": [3.0, 4.0]}), "is no array of vectors"),
        (pd.DataFrame({"a": [1.0]}), "is no array of vectors"),
        (np.full((2, 2), 1e300), "beyond single precision"),
        (np.array([[1.0, np.inf]]), "NaN or infinity"),
    ],
)
def test_an_array_that_is_no_matrix_of_numbers_is_refused(array, words):
    with pytest.raises(EmbeddingsError, match=words):
        checked(array)


def test_tensors_series_and_arrow_lists_are_arrays_of_vectors():
    import torch

    tensor = torch.tensor(POINTS.tolist(), requires_grad=True)
    for given in (
        tensor,
        tensor.to(torch.bfloat16),
        pd.Series(list(POINTS)),
        tensor.double(),
        list(tensor),
        pd.Series(list(tensor)),
        pd.Series(list(POINTS)).to_numpy(),
        pl.Series(POINTS.tolist()),
        pl.Series(POINTS.tolist(), dtype=pl.Array(pl.Float64, 2)),
        pa.array(POINTS.tolist()),
        pa.chunked_array([POINTS[:1].tolist(), POINTS[1:].tolist()]),
        POINTS.tolist(),
        POINTS.astype(">f8"),
        POINTS.astype(np.longdouble),
        POINTS.astype(np.float16),
        POINTS.astype(int),
    ):
        np.testing.assert_array_equal(points_of(checked(given)), POINTS)


def test_a_row_that_needs_no_vector_may_have_none_or_a_broken_one():
    needed = np.array([True, False, True])
    expected = POINTS * needed[:, None]
    broken = POINTS.copy()
    broken[1] = np.nan
    for given in (broken, [POINTS[0], None, POINTS[2]], [POINTS[0], POINTS[0, :1], POINTS[2]]):
        np.testing.assert_array_equal(points_of(checked(given, needed)), expected)
    with pytest.raises(ColumnTypeError, match="no vector in 1 of 3 rows, the first is row 2"):
        checked([POINTS[0], None, None], np.array([True, False, True]))
    broken[2, 0] = np.inf
    with pytest.raises(EmbeddingsError, match="1 of 3 rows hold NaN or infinity, the first is row 2"):
        checked(broken, needed)


def test_a_matrix_a_row_is_no_vector():
    column = pa.chunked_array([pa.FixedShapeTensorArray.from_numpy_ndarray(np.ones((3, 2, 2)))])
    with pytest.raises(ColumnTypeError, match="cast it to a list of floats"):
        vector_column(column, "v")


def test_an_error_about_an_array_is_one_line():
    import torch

    for given in ({"a": np.ones((40, 3))}, [torch.ones(2, 2), torch.ones(3)], [["a"], 1], [object()], object()):
        with pytest.raises((EmbeddingsError, ColumnTypeError)) as caught:
            checked(given)
        assert "\n" not in str(caught.value)
        assert len(str(caught.value)) < 400


def test_a_slice_of_list_views_with_a_missing_row_holds_its_vectors():
    views = pa.array([[9.0, 9.0], *POINTS.tolist(), None], pa.list_view(pa.float32())).slice(1)
    needed = np.array([True, True, True, False])
    np.testing.assert_array_equal(points_of(vector_column(views, "v", needed))[:3], POINTS)
