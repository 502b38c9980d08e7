import datetime as dt

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from textdrift.windows.fingerprinting import fingerprint
from textdrift.windows.reading import read_window
from textdrift.windows.window import Roles

TEXT = Roles()


def printed(table, roles=TEXT, **given):
    return fingerprint(read_window(pa.table(table) if isinstance(table, dict) else table, roles, name="week", **given))


def test_the_print_of_a_window_is_the_one_it_always_was():
    # A fingerprint that stands in an old report must be found again by a later version.
    roles = Roles(label="label", time="at", probabilities={"0": "n", "1": "y"}, segments=("plan",))
    table = {
        "text": ["good", None, "bäd"], "label": [1, 0, None], "at": ["2024-01-02", None, "2024-01-01T10:30+02:00"],
        "n": [0.25, 0.5, 1.0], "y": [0.75, 0.5, 0.0], "plan": ["a", "a", ""],
    }  # fmt: skip
    assert printed(table, roles) == "xxh3:4ac7cc3c7fd7b93092a4b84ae28d03c4"


ROLES = Roles(
    label="label", prediction="answer", probabilities={"False": "n", "True": "y"}, time="at", id="id", group="author",
    segments=("plan",),
)  # fmt: skip


@pytest.fixture
def table():
    return pa.table(
        {
            "text": ["good, and more", "bad\nvery", 'so "so"', None],
            "label": pa.array([1, 0, None, 1]),
            "answer": [True, False, True, True],
            "n": [0.1, 0.7, 0.25, 1.0],
            "y": [0.9, 0.3, 0.75, 0.0],
            "at": pa.array([dt.datetime(2024, 1, day) for day in (1, 2, 3, 4)], pa.timestamp("ns")),
            "id": [7, 8, 9, 10],
            "author": ["ann", "bob", None, "ann"],
            "plan": ["free", "paid", "paid", None],
        }
    )


def test_parquet_csv_jsonl_pandas_and_polars_of_one_table_have_one_print(table, tmp_path):
    import polars as pl

    pq.write_table(table, tmp_path / "week.parquet")
    frame = table.to_pandas()
    frame.to_csv(tmp_path / "week.csv", index=False)
    frame.to_json(tmp_path / "week.jsonl", orient="records", lines=True, date_format="iso")
    sources = [
        table,
        frame,
        pl.from_arrow(table),
        *(str(tmp_path / f"week.{end}") for end in ("parquet", "csv", "jsonl")),
    ]
    assert len({printed(source, ROLES) for source in sources}) == 1


def test_ids_with_a_gap_are_floats_in_pandas_and_have_the_same_print(tmp_path):
    roles = Roles(id="id")
    whole = pa.table({"text": ["a", "b"], "id": pa.array([7, None])})
    whole.to_pandas().assign(id=lambda frame: frame.id.astype("Int64")).to_csv(tmp_path / "week.csv", index=False)
    prints = {printed(source, roles) for source in (whole, whole.to_pandas(), str(tmp_path / "week.csv"))}
    assert len(prints) == 1
    assert printed({"text": ["a", "b"], "id": [7.5, None]}, roles) not in prints


@pytest.mark.parametrize(
    ("column", "row", "value"),
    [
        ("text", 0, "good, and morE"), ("text", 3, ""), ("label", 0, 0), ("label", 2, 0), ("answer", 1, True),
        ("at", 1, dt.datetime(2024, 1, 2, 0, 0, 0, 1)), ("at", 1, None), ("id", 3, 11), ("author", 2, "ann"),
        ("plan", 3, "paid"), ("plan", 0, None),
    ],
)  # fmt: skip
def test_one_other_value_is_another_print(table, column, row, value):
    values = table.column(column).to_pylist()
    values[row] = value
    changed = table.set_column(table.column_names.index(column), column, [pa.array(values, table[column].type)])
    assert printed(changed, ROLES) != printed(table, ROLES)


def test_rows_in_another_order_and_rows_less_are_other_prints(table):
    assert len({printed(part, ROLES) for part in (table, table.take([1, 0, 2, 3]), table.slice(0, 3))}) == 3


def test_columns_count_by_the_role_they_play():
    one = {"text": ["a", "b"], "x": ["1", "2"], "y": ["1", "2"]}
    assert printed(one, Roles(label="x")) == printed(one, Roles(label="y"))
    assert printed(one, Roles(label="x")) != printed(one, Roles(prediction="x"))
    assert printed(one, Roles(segments=("x",))) != printed(one, Roles(segments=("y",)))
    assert printed(one, Roles(segments=("x", "y"))) == printed(one, Roles(segments=("y", "x")))
    assert printed({**one, "unused": [1, 2]}) == printed(one)


texts = st.lists(st.one_of(st.none(), st.text(alphabet="ab\0é 😀", max_size=4)), min_size=1, max_size=8)


@settings(deadline=None, max_examples=150)
@given(texts, texts)
def test_two_lists_of_texts_have_one_print_only_where_they_are_one_list(first, second):
    first, second = (["some", *rows] for rows in (first, second))
    assert (printed({"text": first}) == printed({"text": second})) == (first == second)


@settings(deadline=None, max_examples=60)
@given(texts, st.integers(1, 9))
def test_chunks_slices_and_what_lies_under_a_null_do_not_count(rows, size):
    rows = ["some", *rows]
    whole = pa.array(rows, pa.large_string())
    chunked = pa.chunked_array([whole[i : i + size] for i in range(0, len(rows), size)])
    padded = pa.array(["before", *rows, "behind"], pa.large_string()).slice(1, len(rows))
    hidden = pa.array([row is None for row in rows])
    under = pa.LargeStringArray.from_buffers(
        len(rows),
        *pa.array([row if row is not None else "hidden" for row in rows], pa.large_string()).buffers()[1:],
        null_bitmap=pa.array([not h for h in hidden.to_pylist()]).buffers()[1],
    )
    assert under.to_pylist() == rows
    assert len({printed(pa.table({"text": column})) for column in (whole, chunked, padded, under)}) == 1


def test_texts_beyond_one_stretch_of_rows_all_count(monkeypatch):
    rows = [f"text {i}" if i % 3 else None for i in range(50)]
    whole = printed({"text": rows})
    monkeypatch.setattr("textdrift.windows.fingerprinting._ROWS_AT_ONCE", 7)
    assert printed({"text": rows}) == whole
    assert printed({"text": [*rows[:-1], "text 49 "]}) != whole


def test_vectors_count_as_bytes_and_in_their_shape():
    roles = Roles(text=None, embeddings="vector")
    points = np.arange(12, dtype=np.float32).reshape(4, 3)
    print_of = {shape: printed({"vector": points.reshape(shape).tolist()}, roles) for shape in ((4, 3), (3, 4), (2, 6))}
    assert len(set(print_of.values())) == 3
    beside = fingerprint(read_window(None, Roles(text=None, embeddings="(embeddings)"), name="w", vectors=points))
    assert beside == print_of[4, 3]
    points[3, 2] += 1e-5
    assert printed({"vector": points.tolist()}, roles) != beside


def test_a_time_counts_in_utc_whatever_its_zone():
    roles = Roles(time="at")
    one, other = ({"text": ["a"], "at": [at]} for at in ("2024-01-01T12:00Z", "2024-01-01T14:00+02:00"))
    assert printed(one, roles) == printed(other, roles)
    assert printed(one, roles) != printed({"text": ["a"], "at": ["2024-01-01T14:00Z"]}, roles)


@pytest.mark.parametrize("values", [[b"\xff", b"1"], [dt.date(2024, 1, 1), None]])
def test_ids_of_any_type_can_be_printed(values):
    roles = Roles(id="id")
    first, second = ({"text": ["a", "b"], "id": ids} for ids in (values, values[::-1]))
    assert printed(first, roles) == printed(first, roles) != printed(second, roles)
