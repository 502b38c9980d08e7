"""What comes in at the door: every source gives the same window, and roles bring columns to their types."""

from __future__ import annotations

import datetime as dt
import decimal
import subprocess
import sys

import datasets
import fsspec
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import sqlalchemy
from hypothesis import given
from hypothesis import strategies as st

from textdrift.errors import (
    ColumnTypeError,
    EmbeddingsError,
    EmptyWindowError,
    MissingColumnError,
    MissingExtraError,
    MissingSourceError,
    SettingsError,
    TextdriftError,
    UnreadableSourceError,
)
from textdrift.windows.reading import read_columns, read_table, read_window, time_span
from textdrift.windows.window import Roles

TEXTS = ["the parcel came late", None, "  ", "good, really", 'she said "no"\nand left']
LABELS = ["neg", "neg", None, "pos", "neg"]
COLUMNS = {"text": TEXTS, "label": LABELS, "unused": [1, 2, 3, 4, 5]}
ROLES = Roles(text="text", label="label")


def in_sqlite(path):
    url = f"sqlite:///{path}"
    engine = sqlalchemy.create_engine(url)
    with engine.begin() as connection:
        connection.execute(sqlalchemy.text("create table reviews (text, label, unused)"))
        rows = [dict(zip(COLUMNS, row, strict=True)) for row in zip(*COLUMNS.values(), strict=True)]
        connection.execute(sqlalchemy.text("insert into reviews values (:text, :label, :unused)"), rows)
    engine.dispose()
    return {"sql": url, "query": "select * from reviews"}


def written(path, write):
    write(path)
    return path


class Capsule:
    """Exports an Arrow stream and nothing else."""

    def __arrow_c_stream__(self, requested_schema=None):
        return pa.table(COLUMNS).__arrow_c_stream__(requested_schema)


SOURCES = {
    "pandas": lambda _: pd.DataFrame(COLUMNS),
    "pandas string": lambda _: pd.DataFrame(COLUMNS).astype({"text": "string", "label": "category"}),
    "pandas arrow": lambda _: pd.DataFrame(COLUMNS).convert_dtypes(dtype_backend="pyarrow"),
    "pandas odd index": lambda _: pd.DataFrame(COLUMNS, index=[3, 3, 1, 0, 9]),
    "polars": lambda _: pl.DataFrame(COLUMNS),
    "polars categorical": lambda _: pl.DataFrame(COLUMNS).with_columns(pl.col("label").cast(pl.Categorical)),
    "polars lazy": lambda _: pl.LazyFrame(COLUMNS),
    "arrow": lambda _: pa.table(COLUMNS),
    "arrow string_view": lambda _: pa.table({**COLUMNS, "text": pa.array(TEXTS, pa.string_view())}),
    "arrow chunks": lambda _: pa.concat_tables([pa.table(COLUMNS).slice(0, 2), pa.table(COLUMNS).slice(2)]),
    "arrow batch": lambda _: pa.RecordBatch.from_pydict(COLUMNS),
    "arrow reader": lambda _: pa.table(COLUMNS).to_reader(),
    "capsule": lambda _: Capsule(),
    "dataset": lambda _: datasets.Dataset.from_dict(COLUMNS),
    "dataset with indices": lambda _: datasets.Dataset.from_pandas(pd.DataFrame(COLUMNS).iloc[::-1]).select(
        [4, 3, 2, 1, 0]
    ),
    "parquet": lambda folder: written(folder / "a.parquet", lambda p: pq.write_table(pa.table(COLUMNS), p)),
    "csv": lambda folder: written(folder / "a.csv", lambda p: pd.DataFrame(COLUMNS).to_csv(p, index=False)),
    "tsv": lambda folder: written(folder / "a.tsv", lambda p: pd.DataFrame(COLUMNS).to_csv(p, index=False, sep="\t")),
    "csv.gz": lambda folder: written(folder / "a.csv.gz", lambda p: pd.DataFrame(COLUMNS).to_csv(p, index=False)),
    "csv with BOM": lambda folder: written(
        folder / "a.csv", lambda p: pd.DataFrame(COLUMNS).to_csv(p, index=False, encoding="utf-8-sig")
    ),
    "jsonl": lambda folder: written(folder / "a.jsonl", lambda p: pl.DataFrame(COLUMNS).write_ndjson(p)),
    "json with BOM": lambda folder: written(
        folder / "a.json", lambda p: p.write_text("\ufeff" + pl.DataFrame(COLUMNS).write_ndjson(), encoding="utf-8")
    ),
    "ndjson.bz2": lambda folder: written(
        folder / "a.ndjson.bz2", lambda p: pd.DataFrame(COLUMNS).to_json(p, orient="records", lines=True)
    ),
    "str path": lambda folder: str(written(folder / "a.parquet", lambda p: pq.write_table(pa.table(COLUMNS), p))),
    "mapping": lambda folder: {
        "path": written(folder / "a.parquet", lambda p: pq.write_table(pa.table(COLUMNS), p)),
        "start": None,
    },
    "file url": lambda folder: written(folder / "a.parquet", lambda p: pq.write_table(pa.table(COLUMNS), p)).as_uri(),
    "sql": lambda folder: in_sqlite(folder / "reviews.db"),
}


@pytest.mark.parametrize("kind", SOURCES)
def test_every_source_gives_the_same_window(kind, tmp_path):
    window = read_window(SOURCES[kind](tmp_path), ROLES, name="today")
    assert window.table.to_pydict() == {"text": TEXTS, "label": LABELS}
    assert [str(t) for t in window.table.schema.types] == ["large_string", "large_string"]
    assert window.table.column("text").num_chunks == 1
    assert window.usable.tolist() == [True, False, False, True, True]
    assert (window.name, window.roles) == ("today", ROLES)


@pytest.mark.parametrize("kind", SOURCES)
def test_a_missing_column_is_named_with_its_nearest_neighbour_in_every_source(kind, tmp_path):
    source = SOURCES[kind](tmp_path)
    with pytest.raises(MissingColumnError, match=r"window 'today': .*'lable'; did you mean 'label'") as caught:
        read_window(source, Roles(text="text", label="lable"), name="today")
    assert isinstance(caught.value, KeyError)


def test_every_missing_column_is_named_and_none_that_is_in_use_is_offered():
    table = pa.table({"text": ["good"], "label": ["a"], "p_neg": [0.5], "p_pos": [0.5]})
    roles = Roles(text="text", probabilities={"neg": "p_neg", "pos": "p_pos", "neu": "p_neu"})
    with pytest.raises(MissingColumnError, match="no column 'p_neu'; it has 'text', 'label', 'p_neg', 'p_pos'"):
        read_window(table, roles, name="today")
    roles = Roles(text="text", label="lable", prediction="p_neu", probabilities={"neg": "p_neg", "pos": "p_pos"})
    with pytest.raises(MissingColumnError, match=r"no columns 'lable', 'p_neu'; for 'lable' did you mean 'label'\?"):
        read_window(table, roles, name="today")


@pytest.mark.parametrize(
    "make",
    [list, tuple, pd.Series, pl.Series, pa.array, lambda t: np.array(t, dtype=object), lambda t: pa.chunked_array([t])],
    ids=["list", "tuple", "pandas", "polars", "arrow", "numpy", "chunks"],
)
def test_a_column_of_texts_is_a_window(make):
    window = read_window(make(TEXTS), Roles(text="review"), name="today")
    assert window.table.to_pydict() == {"review": TEXTS}


def test_nan_among_texts_is_null():
    frame = pd.DataFrame({"text": ["good", float("nan"), None, pd.NA, pd.NaT]})
    assert read_window(frame, Roles(), name="w").texts.to_pylist() == ["good", None, None, None, None]
    assert read_window(["good", float("nan")], Roles(), name="w").texts.to_pylist() == ["good", None]


@pytest.mark.parametrize("stranger", [1, 1.5, b"bytes", True, ["a"], {"a": 1}, dt.date(2024, 1, 1)])
def test_another_type_among_texts_is_an_error_that_names_its_row(stranger):
    texts = ["good", None, float("nan"), stranger, "bad"]
    kind = type(stranger).__name__
    for source in (texts, pd.DataFrame({"text": texts})):
        with pytest.raises(ColumnTypeError, match=rf"row 3 .*{kind}, the rows before it str"):
            read_window(source, Roles(), name="w")


def test_a_list_without_texts_names_the_first_position():
    with pytest.raises(ColumnTypeError, match=r"position 1 .* of the list holds a int"):
        read_window([None, 7, 8], Roles(), name="w")
    with pytest.raises(ColumnTypeError, match=r"position 0 .* of the tuple holds a dict"):
        read_window(({"text": "good"},), Roles(), name="w")


def test_a_lone_surrogate_is_named_by_its_row():
    texts = ["good", "broken \ud83d"]
    for source in (texts, pd.DataFrame({"text": texts}), pd.Series(texts)):
        with pytest.raises(UnreadableSourceError, match=r"row 1 .*lone surrogate"):
            read_window(source, Roles(), name="w")


def test_texts_that_are_not_utf8_are_named_by_their_row():
    good = pa.array(["abc", "def"])
    broken = pa.Array.from_buffers(pa.string(), 2, [None, good.buffers()[1], pa.py_buffer(b"abcd\xe9f")])
    with pytest.raises(UnreadableSourceError, match=r"'text', row 1 .*byte 2 of the value \(0xe9\)"):
        read_window(pa.table({"text": broken}), Roles(), name="w")


@pytest.mark.parametrize(
    "column",
    [[1, 2], [1.5, 2.0], [True, False], [dt.date(2024, 1, 1)] * 2, [b"a", b"b"], [["a"], ["b"]]],
    ids=["int", "float", "bool", "date", "bytes", "list"],
)
def test_a_text_column_that_holds_no_text_must_be_cast_deliberately(column):
    for frame in (pd.DataFrame({"text": column}), pa.table({"text": column})):
        with pytest.raises(ColumnTypeError, match=r"'text' is the text and holds .* deliberately"):
            read_window(frame, Roles(), name="w")


def test_integers_of_128_bits_in_polars_say_what_to_cast_them_to():
    frame = pl.DataFrame({"x": pl.Series([1, 2**70], dtype=pl.Int128)})
    with pytest.raises(ColumnTypeError, match=r"'x' of dtype Int128 cannot be held by Arrow .*polars\.Int64"):
        read_window(frame, Roles(text=None, features=("x",)), name="w")


def test_python_objects_in_polars_are_read_as_objects_not_as_addresses():
    frame = pl.DataFrame({"text": pl.Series(["good", None], dtype=pl.Object)})
    assert read_window(frame, Roles(), name="w").texts.to_pylist() == ["good", None]
    with pytest.raises(ColumnTypeError, match="object values that Arrow cannot hold"):
        read_window(pl.DataFrame({"text": pl.Series([object()], dtype=pl.Object)}), Roles(), name="w")


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([1, None, 3], ["1", None, "3"]),
        ([1.0, float("nan"), None], ["1", None, None]),
        ([True, False, None], ["True", "False", None]),
        (["True", "true", None], ["True", "true", None]),
        (pa.array([2, 2, 1]).dictionary_encode(), ["2", "2", "1"]),
        (pa.array(["b", None, "a"]).dictionary_encode(), ["b", None, "a"]),
        (pa.array([None, None, None]), [None, None, None]),
        (pa.array([float("nan")] * 3), [None, None, None]),
        (["01", "1", ""], ["01", "1", ""]),
        ([decimal.Decimal("1.00"), None, decimal.Decimal("2.00")], ["1", None, "2"]),
        ([dt.date(2024, 1, 31)] * 3, ["2024-01-31"] * 3),
        (pa.array([2**53, 2**53 + 1, -1]), ["9007199254740992", "9007199254740993", "-1"]),
    ],
)
@pytest.mark.parametrize("role", ["label", "prediction", "segments"])
def test_labels_predictions_and_segments_become_strings(role, values, expected):
    table = pa.table({"text": ["a", "b", "c"], "column": values})
    roles = Roles(**{role: ("column",) if role == "segments" else "column"})
    assert read_window(table, roles, name="w").column("column").to_pylist() == expected


def test_a_label_that_a_file_spells_as_a_whole_float_is_that_number_and_a_segment_stays_as_it_is_written():
    spelled = pa.table({"text": ["a", "b", "c"], "label": ["1.0", "-2.00", "01.0"], "version": ["1.0", "2.00", "01.0"]})
    window = read_window(spelled, Roles(label="label", segments=("version",)), name="w")
    assert window.column("label").to_pylist() == ["1", "-2", "01.0"]
    assert window.column("version").to_pylist() == ["1.0", "2.00", "01.0"]


@pytest.mark.parametrize("values", [[1.0, 0.37], [1.0, float("inf")], [1.0, 2.0**60]])
def test_a_label_that_looks_continuous_is_an_error(values):
    with pytest.raises(ColumnTypeError, match=r"'y' is a label and looks continuous in 1 of 2 rows, .* row 1"):
        read_window(pa.table({"text": ["a", "b"], "y": values}), Roles(label="y"), name="w")


def test_a_label_that_is_a_list_or_a_timestamp_is_an_error():
    for values in ([[1], [2]], [dt.datetime(2024, 1, 1)] * 2):
        with pytest.raises(ColumnTypeError, match="'y' is a label and holds"):
            read_window(pa.table({"text": ["a", "b"], "y": values}), Roles(label="y"), name="w")


NOON = dt.datetime(2024, 1, 31, 12, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    "values",
    [
        pa.array([NOON.replace(tzinfo=None)], pa.timestamp("ns")),
        pa.array([NOON], pa.timestamp("s", "Europe/Berlin")),
        pa.array([NOON], pa.timestamp("us", "UTC")),
        ["2024-01-31T12:00:00Z"],
        ["2024-01-31 12:00:00"],
        ["2024-01-31T14:00:00+02:00"],
        ["2024-01-31T12:00:00.000000000"],
        ["20240131T120000Z"],
        pa.array(["2024-01-31T12:00:00Z"]).dictionary_encode(),
    ],
)
def test_times_become_utc(values):
    window = read_window(pa.table({"text": ["a"], "at": values}), Roles(time="at"), name="w")
    assert str(window.column("at").type) == "timestamp[us, tz=UTC]"
    assert window.column("at").to_pylist() == [NOON]
    assert time_span(window) == ("2024-01-31T12:00:00Z", "2024-01-31T12:00:00Z")


def test_dates_and_mixed_strings_become_utc():
    dates = pa.table({"text": ["a"], "at": [dt.date(2024, 1, 31)]})
    assert time_span(read_window(dates, Roles(time="at"), name="w"))[0] == "2024-01-31T00:00:00Z"
    mixed = pa.table({"text": list("abcd"), "at": ["2024-01-31", "2024-02-01T01:30:00+03:00", "", None]})
    assert read_window(mixed, Roles(time="at"), name="w").column("at").to_pylist() == [
        dt.datetime(2024, 1, 31, tzinfo=dt.UTC),
        dt.datetime(2024, 1, 31, 22, 30, tzinfo=dt.UTC),
        None,
        None,
    ]


def test_a_window_without_times_has_no_span():
    assert time_span(read_window(["a"], Roles(), name="w")) == (None, None)
    table = pa.table({"text": ["a"], "at": pa.nulls(1)})
    assert time_span(read_window(table, Roles(time="at"), name="w")) == (None, None)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ([1706702400], "'at' is the time and holds int64"),
        (["2024-01-31", "soon"], "row 1 .*'soon', which is no ISO time"),
    ],
)
def test_times_that_are_none_are_errors(values, message):
    table = pa.table({"text": ["a"] * len(values), "at": values})
    with pytest.raises(ColumnTypeError, match=message):
        read_window(table, Roles(time="at"), name="w")


def test_a_date_among_datetimes_is_an_error_since_one_of_them_would_lose_its_hours():
    frame = pd.DataFrame({"text": ["a", "b"], "at": pd.Series([dt.date(2024, 1, 1), NOON], dtype=object)})
    with pytest.raises(ColumnTypeError, match=r"row 1 .* datetime, the rows before it date"):
        read_window(frame, Roles(time="at"), name="w")


def test_an_id_keeps_its_type():
    table = pa.table({"text": ["a", "b"], "key": pa.array([1, 2], pa.uint16())})
    assert read_window(table, Roles(id="key"), name="w").column("key").type == pa.uint16()


PROBABILITIES = Roles(probabilities={"neg": "p_neg", "pos": "p_pos"})


def with_probabilities(neg, pos, **more):
    return pa.table({"text": ["a"] * len(neg), "p_neg": neg, "p_pos": pos, **more})


def test_probabilities_become_float64():
    thirds = pa.array([1 / 3, 0.25, 1.0], pa.float32())
    source = with_probabilities(thirds, pa.array([2 / 3, 0.75, 0.0], pa.float32()))
    window = read_window(source, PROBABILITIES, name="w")
    assert window.column("p_neg").type == pa.float64()
    assert window.column("p_neg").to_pylist() == pytest.approx([1 / 3, 0.25, 1.0])
    assert read_window(with_probabilities([0, 1], [1, 0]), PROBABILITIES, name="w").column("p_pos").to_pylist() == [
        1,
        0,
    ]


@pytest.mark.parametrize(
    ("neg", "pos", "message"),
    [
        ([0.5, 1.5, -0.5], [0.5, -0.5, 1.5], r"'p_neg' .* outside \[0, 1\] in 2 of 3 rows, .* row 1 .* with 1.5"),
        ([0.5, 0.5, 0.2], [0.5, 0.498, 0.2], "sum to one in 2 of 3 rows, the first is row 1 .* with 0.998"),
        ([True, False], [False, True], "'p_neg' is a probability and holds bool"),
        (["0.5", "high"], ["0.5", "0.1"], "row 1 .*'high'; it needs numbers"),
    ],
)
def test_probabilities_that_are_none_are_errors(neg, pos, message):
    with pytest.raises(ColumnTypeError, match=message):
        read_window(with_probabilities(neg, pos), PROBABILITIES, name="w")


def test_a_row_that_lacks_one_probability_has_none_and_the_others_are_still_checked():
    window = read_window(
        with_probabilities([0.5, None, float("nan"), 0.2], [0.5, 0.5, 0.5, 0.8]), PROBABILITIES, name="w"
    )
    assert np.isnan(window.probabilities).all(axis=1).tolist() == [False, True, True, False]
    assert window.probabilities[3].tolist() == [0.2, 0.8]
    assert np.isnan(read_window(with_probabilities([None], [0.5]), PROBABILITIES, name="w").probabilities).all()
    with pytest.raises(ColumnTypeError, match="sum to one in 1 of 2 rows, the first is row 1"):
        read_window(with_probabilities([None, 0.5], [0.5, 0.1]), PROBABILITIES, name="w")


def test_sums_within_a_thousandth_of_one_pass():
    read_window(with_probabilities([0.333], [0.6665]), PROBABILITIES, name="w")


def test_a_predicted_label_needs_its_probability():
    source = with_probabilities([0.5, 0.5], [0.5, 0.5], predicted=["neg", "negs"])
    roles = Roles(prediction="predicted", probabilities=PROBABILITIES.probabilities)
    with pytest.raises(MissingColumnError, match=r"predicts 'negs' in 1 of 2 rows.*did you mean 'neg'"):
        read_window(source, roles, name="w")
    with pytest.raises(MissingColumnError, match="no column 'p_pos'"):
        read_window(pa.table({"text": ["a"], "p_neg": [1.0]}), PROBABILITIES, name="w")


@pytest.mark.parametrize(
    ("roles", "message"),
    [
        (Roles(text="a", label="a"), "'a' is given as text and label"),
        (Roles(label="a", prediction="a"), "'a' is given as label and prediction"),
        (Roles(text="a", time="a"), "text and time"),
        (Roles(text="a", segments=("a",)), "text and segment"),
        (Roles(segments=("a", "a")), "segment and segment"),
        (Roles(probabilities={"x": "a", "y": "a"}), "probability of 'x' and probability of 'y'"),
        (Roles(probabilities={"x": "a", "y": ""}), "no column for 'y'"),
        (Roles(text=None), "no column has a role"),
        (Roles(segments="airline"), "'airline' is a str"),
    ],
)
def test_roles_that_exclude_each_other_are_refused_before_anything_is_read(roles, message):
    with pytest.raises(SettingsError, match=message):
        read_window("no/such/file.csv", roles, name="w")


def test_a_label_may_also_be_a_segment():
    window = read_window(pa.table(COLUMNS), Roles(label="label", segments=("label",)), name="w")
    assert window.table.column_names == ["text", "label"]


def test_a_window_may_have_no_text():
    window = read_window(pa.table({"label": [0, 1]}), Roles(text=None, label="label"), name="w")
    assert window.usable.tolist() == [True, True]
    with pytest.raises(SettingsError, match="needs a text role"):
        read_window(["a"], Roles(text=None, label="label"), name="w")


def test_a_window_without_texts_says_how_many_are_null_and_how_many_blank():
    with pytest.raises(EmptyWindowError, match=r"none of its 5 rows .* null in 2 and blank in 3"):
        read_window([None, "", " \n", None, "\u2003"], Roles(), name="w")
    with pytest.raises(EmptyWindowError, match="no rows"):
        read_window([], Roles(), name="w")
    with pytest.raises(EmptyWindowError, match="null in 2"):
        read_window(pd.DataFrame({"text": [np.nan, np.nan]}), Roles(), name="w")


def test_two_columns_of_one_name_are_an_error_only_where_one_is_asked_for():
    frame = pd.DataFrame([["a", 1, 2]], columns=["text", "x", "x"])
    table = pa.table([["a"], [1], [2]], names=["text", "x", "x"])
    for source in (frame, table):
        assert read_window(source, Roles(), name="w").n_rows == 1
        with pytest.raises(UnreadableSourceError, match="2 columns named 'x'"):
            read_window(source, Roles(label="x"), name="w")
        with pytest.raises(UnreadableSourceError, match="2 columns named 'x'"):
            read_table(source)


def test_what_holds_no_rows_is_refused_with_what_does():
    for source in (7, None, object(), {"a", "b"}, iter(["a"])):
        with pytest.raises(SettingsError, match="is no source of rows; pass a pandas or polars DataFrame"):
            read_window(source, Roles(), name="w")
    split = datasets.Dataset.from_dict({"text": ["a"]})
    splits = datasets.DatasetDict({"train": split, "test": split})
    with pytest.raises(SettingsError, match=r"several splits \(train, test\)"):
        read_window(splits, Roles(), name="w")


def test_a_text_given_as_a_path_is_told_from_one():
    for source in ("one line\nand another", "word " * 1000):
        with pytest.raises(SettingsError, match=r"is a text, no path; pass texts as a list"):
            read_window(source, Roles(), name="w")


def test_a_lazy_frame_that_fails_is_unreadable():
    lazy = pl.LazyFrame({"text": ["a"]}).with_columns(pl.col("text").str.to_integer().alias("label"))
    with pytest.raises(UnreadableSourceError, match="LazyFrame cannot be collected"):
        read_window(lazy, ROLES, name="w")


HOURS = pa.table(
    {
        "text": ["a", "b", "c"],
        "at": [dt.datetime(2024, 1, 1, hour) for hour in (0, 6, 12)],
    }
)


@pytest.mark.parametrize(
    ("bounds", "expected"),
    [
        ({"start": "2024-01-01T06:00:00Z"}, ["b", "c"]),
        ({"end": "2024-01-01T12:00:00"}, ["a", "b"]),
        ({"start": dt.date(2024, 1, 1), "end": dt.datetime(2024, 1, 1, 6)}, ["a"]),
        ({"start": "2024-01-01T08:00:00+02:00", "end": "2024-01-02"}, ["b", "c"]),
        ({}, ["a", "b", "c"]),
    ],
)
def test_start_and_end_keep_a_half_open_interval(bounds, expected, tmp_path):
    pq.write_table(HOURS, tmp_path / "hours.parquet")
    window = read_window({"path": tmp_path / "hours.parquet", **bounds}, Roles(time="at"), name="w")
    assert window.texts.to_pylist() == expected


def test_an_interval_without_rows_says_what_the_rows_span(tmp_path):
    pq.write_table(HOURS, tmp_path / "hours.parquet")
    source = {"path": tmp_path / "hours.parquet", "start": "2025-01-01"}
    with pytest.raises(
        EmptyWindowError, match=r"none of its 3 rows .* span 2024-01-01T00:00:00Z to 2024-01-01T12:00:00Z"
    ):
        read_window(source, Roles(time="at"), name="w")


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ({"path": "a.csv", "start": "2024-01-01"}, "start and end need a time column"),
        ({"path": "a.csv", "star": "2024-01-01"}, "no key 'star'; did you mean 'start'"),
        ({"text": ["a"]}, "no key 'text'"),
        ({"path": "a.csv", "sql": "sqlite://"}, "either 'path' or 'sql', and it has 'path', 'sql'"),
        ({}, "either 'path' or 'sql', and it has no key"),
        ({"sql": "sqlite://"}, "'sql' needs a 'query'"),
        ({"path": "a.csv", "query": "select 1"}, "goes with 'sql', not with 'path'"),
        ({"path": "a.csv", "start": "yesterday"}, "start is 'yesterday'; it needs an ISO"),
        ({"path": "a.csv", "end": 7}, "end is 7; it needs an ISO"),
        ({"path": "a.csv", "start": "2024-01-02", "end": "2024-01-02"}, "is not before end"),
    ],
)
def test_a_mapping_that_cannot_be_used_says_why(source, message):
    with pytest.raises(SettingsError, match=message):
        read_window(source, Roles(), name="w")


def test_a_query_is_given_once_and_to_a_database():
    with pytest.raises(SettingsError, match="given twice"):
        read_window({"sql": "sqlite://", "query": "select 1"}, Roles(), name="w", query="select 2")
    with pytest.raises(SettingsError, match=r"'a.csv' is a path; drop the query"):
        read_window("a.csv", Roles(), name="w", query="select 1")
    with pytest.raises(SettingsError, match="the source is a list"):
        read_window(["a"], Roles(), name="w", query="select 1")
    with pytest.raises(SettingsError, match="a sqlite database needs a query"):
        read_window("sqlite:///a.db", Roles(), name="w")
    with pytest.raises(SettingsError, match=r"name it with time='\.\.\.'"):
        read_table({"path": "a.csv", "start": "2024-01-01"})


def test_a_table_is_read_whole():
    assert read_table(pd.DataFrame(COLUMNS)).to_pydict() == COLUMNS
    assert read_table(["a"]).to_pydict() == {"text": ["a"]}


def test_no_other_package_is_imported_to_read_a_list():
    # Arrow itself imports pandas where it is installed.
    code = (
        "import sys; from textdrift.windows.reading import read_window; from textdrift.windows.window import Roles; "
        "read_window(['a'], Roles(), name='w'); "
        "print(sorted({'polars', 'datasets', 'torch', 'sqlalchemy', 'fsspec'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@given(st.lists(st.none() | st.text(), min_size=1).filter(lambda texts: any(t and t.strip() for t in texts)))
def test_texts_come_out_as_they_went_in(texts):
    for source in (texts, pd.DataFrame({"text": texts}), pa.table({"text": pa.array(texts, pa.string())})):
        assert read_window(source, Roles(), name="w").texts.to_pylist() == texts


def test_a_url_is_read_by_fsspec():
    memory = fsspec.filesystem("memory")
    with memory.open("/shop/today/a.csv", "w") as file:
        file.write("text\ngood\n")
    with memory.open("/shop/today/b.csv", "w") as file:
        file.write("text\nbad\n")
    for url in ("memory://shop/today/*.csv", "memory://shop/today", {"path": "memory://shop/today"}):
        assert read_window(url, Roles(), name="w").texts.to_pylist() == ["good", "bad"]
    assert read_window("memory://shop/today/b.csv", Roles(), name="w").texts.to_pylist() == ["bad"]
    with pytest.raises(MissingSourceError, match=r"nothing is stored at 'memory://shop/c.csv'"):
        read_window("memory://shop/c.csv", Roles(), name="w")
    with pytest.raises(MissingColumnError, match=r"'memory://shop/today/a.csv' has no column 'label'"):
        read_window("memory://shop/today/*.csv", ROLES, name="w")
    with pytest.raises(SettingsError, match="Protocol not known: nowhere"):
        read_window("nowhere://a.csv", Roles(), name="w")


def test_a_remote_file_that_may_not_be_read_is_unreadable(monkeypatch):
    memory = fsspec.filesystem("memory")
    memory.pipe("/shop/secret.csv", b"text\ngood\n")

    def refuse(*_, **__):
        raise PermissionError(13, "access denied")

    monkeypatch.setattr(type(memory), "open", refuse)
    with pytest.raises(UnreadableSourceError, match=r"'memory://shop/secret.csv' cannot be read: .*access denied"):
        read_window("memory://shop/secret.csv", Roles(), name="w")


def test_a_remote_parquet_file_is_read():
    with fsspec.filesystem("memory").open("/shop/a.parquet", "wb") as file:
        pq.write_table(pa.table(COLUMNS), file)
    assert read_window("memory://shop/a.parquet", ROLES, name="w").table.to_pydict() == {"text": TEXTS, "label": LABELS}


def test_s3_without_its_extra_says_which_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "s3fs", None)
    monkeypatch.delitem(sys.modules["fsspec.registry"]._registry, "s3", raising=False)
    with pytest.raises(MissingExtraError, match=r"'s3://shop/a.csv' needs .*s3fs.*pip install 'textdrift\[s3\]'"):
        read_window("s3://user:secret@shop/a.csv?token=secret", Roles(), name="w")


def test_rows_without_a_time_are_refused_where_an_interval_is_asked_for(tmp_path):
    table = pa.table({"text": ["a", "b"], "at": [dt.datetime(2024, 1, 1), None]})
    pq.write_table(table, tmp_path / "a.parquet")
    with pytest.raises(ColumnTypeError, match=r"'at' is the time and is null in 1 of 2 rows"):
        read_window({"path": tmp_path / "a.parquet", "start": "2024-01-01"}, Roles(time="at"), name="w")


def test_a_class_label_is_read_by_its_names():
    features = datasets.Features({"text": datasets.Value("string"), "label": datasets.ClassLabel(names=["neg", "pos"])})
    dataset = datasets.Dataset.from_dict({"text": ["a", "b", "c"], "label": [1, 0, -1]}, features=features)
    for source in (dataset, dataset.with_format("numpy")):
        assert read_window(source, ROLES, name="w").column("label").to_pylist() == ["pos", "neg", None]
    with pytest.raises(SettingsError, match=r"transform .*\.map"):
        read_window(dataset.with_transform(lambda rows: rows), ROLES, name="w")


def test_probabilities_may_be_named_by_numbers():
    source = with_probabilities([0.5], [0.5], predicted=[1])
    roles = Roles(prediction="predicted", probabilities={0: "p_neg", 1: "p_pos"})
    assert dict(read_window(source, roles, name="w").roles.probabilities) == {"0": "p_neg", "1": "p_pos"}
    with pytest.raises(SettingsError, match="to '1' twice"):
        read_window(source, Roles(probabilities={"1": "p_neg", 1: "p_pos"}), name="w")


@pytest.mark.parametrize("source", ["", " ", {"path": ""}, {"path": []}, {"path": pd.DataFrame()}, {"path": [1]}])
def test_what_names_no_file_is_refused(source):
    with pytest.raises(SettingsError, match="path"):
        read_window(source, Roles(), name="w")


def test_an_array_that_is_no_column_is_refused():
    with pytest.raises(SettingsError, match=r"needs shape \(n,\), and this one has \(\)"):
        read_window(np.array("abc"), Roles(), name="w")


def test_a_row_without_a_text_needs_no_vector():
    roles = Roles(text="text", embeddings="v")
    frame = pd.DataFrame({"text": ["good", None, " ", "bad"], "v": [[1.0, 2.0], None, [np.nan, 0.0], [3.0, 4.0]]})
    assert read_window(frame, roles, name="today").column("v").to_pylist() == [[1, 2], [0, 0], [0, 0], [3, 4]]
    beside = np.array([[1.0, 2.0], [np.nan, 0.0], [np.inf, 0.0], [3.0, 4.0]])
    window = read_window(frame["text"].tolist(), roles, name="today", vectors=beside)
    assert window.column("v").to_pylist() == [[1, 2], [0, 0], [0, 0], [3, 4]]
    with pytest.raises(ColumnTypeError, match="no vector in 1 of 4 rows, the first is row 3"):
        read_window(frame.assign(v=[[1.0, 2.0], None, None, None]), roles, name="today")
    with pytest.raises(EmptyWindowError, match="holds a text"):
        read_window(frame.assign(text=None), roles, name="today")


def test_vectors_beside_a_window_belong_to_its_rows_before_start_and_end(tmp_path):
    table = pa.table({"text": ["a", "b", "c"], "at": ["2024-01-01", "2024-01-02", "2024-01-03"]})
    pq.write_table(table, tmp_path / "rows.parquet")
    source = {"path": tmp_path / "rows.parquet", "start": "2024-01-02"}
    roles = Roles(text="text", time="at", embeddings="v")
    window = read_window(source, roles, name="today", vectors=np.eye(3, dtype=np.float16))
    assert window.column("v").to_pylist() == [[0, 1, 0], [0, 0, 1]]
    with pytest.raises(EmbeddingsError, match=r"3 rows and 2 embeddings were given; .* \(start and end"):
        read_window(source, roles, name="today", vectors=np.eye(2))


def test_a_column_of_tensors_says_what_to_give_in_one_line():
    import torch

    frame = pd.DataFrame({"text": ["good", "bad"], "v": list(torch.eye(2))})
    with pytest.raises(ColumnTypeError, match="lists or arrays of numbers") as caught:
        read_window(frame, Roles(text="text", embeddings="v"), name="today")
    assert "\n" not in str(caught.value)


def test_a_missing_column_of_texts_tells_that_there_need_be_none():
    frame = pd.DataFrame({"amount": [1.0, 2.0]})
    with pytest.raises(MissingColumnError, match="say that there is none: text=None, in a job file text: null"):
        read_window(frame, Roles(features=("amount",)), name="w")
    for roles, columns in ((Roles(text="review"), ["amount"]), (Roles(), ["texts"])):  # one is named, or meant
        with pytest.raises(MissingColumnError) as refused:
            read_window(frame.set_axis(columns, axis=1), roles, name="w")
        assert "text=None" not in str(refused.value)


@pytest.mark.parametrize("source", [[{"q": 1}], {"q": [1, 2]}, {"q": np.arange(2)}])
@pytest.mark.parametrize("text", ["text", None])
def test_rows_and_columns_of_plain_python_are_told_to_become_a_table(source, text):
    with pytest.raises(TextdriftError, match=r"make a table of it: pandas.DataFrame"):
        read_window(source, Roles(text=text, features=("q",)), name="w")


def test_columns_are_read_in_their_own_types_and_no_other_is_looked_at():
    frame = pd.DataFrame({"q": [1, 2], "at": ["2024-01-01", "2024-01-02"], "mixed": [1, "a"]})
    table = read_columns(frame, Roles(text=None, features=("q",), time="at"), name="w")
    assert (table.column_names, str(table.schema.field("q").type)) == (["at", "q"], "int64")
