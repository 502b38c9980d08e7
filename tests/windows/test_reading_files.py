"""Files: what they hold comes out as it was written, and what is broken is named by file and line."""

from __future__ import annotations

import csv
import datetime as dt
import gzip
import io
import sys

import fsspec
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from textdrift.errors import (
    ColumnTypeError,
    EmptyWindowError,
    MissingColumnError,
    MissingSourceError,
    SettingsError,
    UnreadableSourceError,
)
from textdrift.windows import file_bytes, files
from textdrift.windows.reading import read_table, read_window, time_span
from textdrift.windows.window import Roles

ROLES = Roles(text="text", label="label")


@pytest.fixture
def written(tmp_path, monkeypatch):
    """Return a function that writes bytes or a str to a file of the working directory and returns its relative path."""
    monkeypatch.chdir(tmp_path)

    def write(name, content):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(content.encode() if isinstance(content, str) else content)
        return name

    return write


def rows(path, roles=ROLES):
    return list(zip(*read_window(path, roles, name="w").table.to_pydict().values(), strict=True))


def test_csv_cells_are_what_they_say(written):
    cells = ["007", "NA", "null", "None", "nan", "true", "2024-01-31", "1e5", " spaced ", '""', '"say ""no"""']
    path = written("a.csv", "text,label\n" + "".join(f"{cell},01\n" for cell in cells))
    expected = [*cells[:-2], "", 'say "no"']
    assert rows(path) == [(text, "01") for text in expected]


def test_an_empty_csv_cell_without_quotes_is_null(written):
    assert rows(written("a.csv", 'text,label\n,x\n"",x\na,\n')) == [(None, "x"), ("", "x"), ("a", None)]


def test_csv_cells_may_hold_lines_quotes_and_delimiters(written):
    path = written("a.csv", 'text,label\r\n"one\r\ntwo\nthree, ""four""",x\r\nfive "six" 7" pipe,y\r\n')
    assert rows(path) == [('one\r\ntwo\nthree, "four"', "x"), ('five "six" 7" pipe', "y")]


def test_csv_probabilities_and_times_are_read_from_their_spelling(written):
    path = written("a.csv", "text,p,q,at\na,0.25,7.5e-1,2024-01-31\nb,1,0,2024-01-31T12:00:00Z\n")
    roles = Roles(probabilities={"neg": "p", "pos": "q"}, time="at")
    window = read_window(path, roles, name="w")
    assert window.column("q").to_pylist() == [0.75, 0.0]
    assert time_span(window) == ("2024-01-31T00:00:00Z", "2024-01-31T12:00:00Z")


@given(
    st.lists(
        st.tuples(
            st.none() | st.text(st.characters(codec="utf-8", exclude_characters="\0")), st.sampled_from(["x", "y"])
        ),
        min_size=1,
    ).filter(lambda written_rows: any(t and t.strip() for t, _ in written_rows))
)
def test_what_python_writes_as_csv_is_what_we_read(tmp_path_factory, written_rows):
    path = tmp_path_factory.mktemp("csv") / "a.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        file.write("text,label\n")
        for text, label in written_rows:
            cell = "" if text is None else '"' + text.replace('"', '""') + '"'
            file.write(f"{cell},{label}\n")
    assert rows(path) == written_rows


@given(st.text('a",\n', max_size=40))
def test_no_csv_row_is_swallowed_by_a_stray_quote(tmp_path_factory, body):
    path = tmp_path_factory.mktemp("csv") / "a.csv"
    path.write_text(f"text,label\n{body}\nlast,row\n", newline="")
    try:
        expected = [row for row in csv.reader(io.StringIO(path.read_text(), newline=""), strict=True) if row]
    except csv.Error:
        expected = None
    if expected is None or any(len(row) != 2 for row in expected):
        with pytest.raises(UnreadableSourceError, match="line"):
            read_table(path)
    else:
        table = read_table(path)
        assert [(t or "", y or "") for t, y in zip(*table.to_pydict().values(), strict=True)] == [
            tuple(row) for row in expected[1:]
        ]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("text,label\na,x\nb,y,z\n", "'a.csv', line 3: 3 cells where the header names 2"),
        ('text,label\n"a\nb",x\nc\n', "'a.csv', line 4: 1 cells where the header names 2"),
        ('text,label\na,x\n"b,y\nc,z\n', "'a.csv', line 3: a quoted cell that begins in this row .* close its quote"),
        ('text,label\n"b,y\nc,z\n"d,w\n', "'a.csv', line 2: a quoted cell that begins in this row"),
        (b"text,label\na,x\ncaf\xe9,y\n", r"'a.csv', line 3: byte 4 of the line \(0xe9\) is not UTF-8"),
        (b"text\ncaf\xe9\n", r"or pass the frame of pandas.read_csv\(path, encoding='cp1252'\)"),
        ("text,label\na,x\n".encode("utf-16"), "line 1: byte 1 .* it looks like UTF-16"),
    ],
)
def test_a_broken_csv_line_is_named(written, content, message):
    with pytest.raises(UnreadableSourceError, match=message):
        read_window(written("a.csv", content), ROLES, name="w")


def test_a_broken_csv_line_is_named_beyond_cells_of_any_length(written):
    path = written("a.csv", f'text,label\n"{"long " * 40_000}",x\nb,y,z\n')
    limit = csv.field_size_limit()
    with pytest.raises(UnreadableSourceError, match="line 3: 3 cells"):
        read_window(path, ROLES, name="w")
    assert csv.field_size_limit() == limit


def test_rows_longer_than_a_block_are_read(written, monkeypatch):
    monkeypatch.setattr(file_bytes, "BLOCK_BYTES", 64)
    long = "long " * 50
    assert rows(written("a.csv", f"text,label\na,x\n{long},y\n")) == [("a", "x"), (long, "y")]
    lines = f'{{"text": "a", "label": "x"}}\n{{"text": "{long}", "label": "y"}}\n'
    assert rows(written("a.jsonl", lines)) == [("a", "x"), (long, "y")]


@pytest.mark.parametrize("name", ["a.csv", "a.jsonl", "a.tsv"])
def test_an_empty_file_is_no_window(written, name):
    for content in ("", "\n"):
        with pytest.raises((EmptyWindowError, MissingColumnError)):
            read_window(written(name, content), ROLES, name="w")


def test_a_header_alone_is_an_empty_window(written):
    with pytest.raises(EmptyWindowError, match="no rows"):
        read_window(written("a.csv", "text,label\n"), ROLES, name="w")


def test_two_csv_columns_of_one_name_are_an_error(written):
    with pytest.raises(UnreadableSourceError, match=r"'a.csv' has 2 columns named 'label'"):
        read_window(written("a.csv", "text,label,label\na,x,y\n"), ROLES, name="w")


def test_json_strings_stay_strings(written):
    path = written("a.jsonl", '{"text": "2024-01-31", "label": "2024-01-31"}\n{"text": "2024-02-01", "label": null}\n')
    assert rows(path) == [("2024-01-31", "2024-01-31"), ("2024-02-01", None)]


def test_json_labels_may_be_numbers_booleans_or_absent(written):
    path = written("a.jsonl", '{"text": "a", "label": 1}\n\n{"text": "b"}\n{"text": null, "label": 2.0}\n')
    assert rows(path) == [("a", "1"), ("b", None), (None, "2")]
    assert rows(written("b.jsonl", '{"text": "a", "label": true}')) == [("a", "True")]


def test_json_columns_that_nobody_asked_for_may_hold_anything(written):
    lines = ['{"text": "a", "label": "x", "meta": {"n": 1}}', '{"text": "b", "label": "y", "meta": "none"}']
    path = written("a.jsonl", "\n".join(lines))
    assert rows(path) == [("a", "x"), ("b", "y")]
    with pytest.raises(ColumnTypeError, match="line 2: 'meta' holds a string, lines before it an object"):
        read_table(path)


def test_a_large_json_file_is_read_by_the_types_of_its_first_block(written, monkeypatch):
    monkeypatch.setattr(file_bytes, "BLOCK_BYTES", 256)
    n = 40
    lines = [f'{{"text": "t{i}", "label": "2024-01-31", "p": {0 if i < n - 1 else 0.5}, "q": 1}}' for i in range(n)]
    table = read_window(written("a.jsonl", "\n".join(lines)), Roles(label="label", id="p"), name="w").table
    assert table.column("text").to_pylist() == [f"t{i}" for i in range(n)]
    assert table.column("label").to_pylist() == ["2024-01-31"] * n
    assert table.column("p").to_pylist() == [0.0] * (n - 1) + [0.5]
    late = [f'{{"text": "t{i}"' + (', "label": "x"}' if i == n - 1 else "}") for i in range(n)]
    assert read_window(written("b.jsonl", "\n".join(late)), ROLES, name="w").column("label").null_count == n - 1


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ('{"text": "a", "label": 1}\n{"text": "b", "label": \n', "'a.jsonl', line 2 is not JSON"),
        ('{"text": "a", "label": 1}\n\n["b"]\n', "'a.jsonl', line 3 holds an array; each line must hold one object"),
        ('[\n{"text": "a", "label": 1}\n]\n', "'a.jsonl' is not JSON lines: it holds an array"),
        ('{"text": "a", "text": "b", "label": 1}\n', "line 1 is not JSON .*'text' stands twice"),
        ('{"text": "a", "label": 1}\n{"text": "\\ud83d", "label": 1}\n', "line 2: .*lone surrogate"),
        (b'{"text": "a", "label": 1}\n{"text": "caf\xe9", "label": 1}\n', r"line 2: byte 14 of the line \(0xe9\)"),
    ],
)
def test_a_broken_json_line_is_named(written, content, message):
    with pytest.raises(UnreadableSourceError, match=message):
        read_window(written("a.jsonl", content), ROLES, name="w")


def test_numbers_as_json_texts_are_errors(written):
    path = written("a.jsonl", '{"text": "a"}\n{"text": null}\n{"text": 3}\n')
    with pytest.raises(ColumnTypeError, match="line 3: 'text' holds a number, lines before it a string"):
        read_window(path, Roles(), name="w")
    with pytest.raises(ColumnTypeError, match="'text' is the text and holds int64"):
        read_window(written("b.jsonl", '{"text": 1}\n{"text": 2}\n'), Roles(), name="w")


def test_missing_files_are_named_with_what_is_near(written):
    written("reviews.csv", "text\na\n")
    with pytest.raises(
        MissingSourceError, match=r"no file or folder 'review.csv' .*did you mean 'reviews.csv'"
    ) as caught:
        read_window("review.csv", Roles(), name="w")
    assert isinstance(caught.value, FileNotFoundError)
    with pytest.raises(MissingSourceError, match="give texts as a list"):
        read_window("what a lovely phone", Roles(), name="w")
    with pytest.raises(MissingSourceError, match=r"no file matches the pattern 'data/\*.parquet'"):
        read_window("data/*.parquet", Roles(), name="w")


def test_folders_and_globs_are_read_in_the_order_of_their_names(written):
    written("data/b.csv", "text,label\nb,2\n")
    written("data/a.csv", "label,text\n1,a\n")
    written("data/deep/c.csv", "text,label\nc,3\n")
    written("data/_SUCCESS", "")
    written("data/.hidden.csv", "nothing\n")
    written("data/README.md", "words\n")
    assert rows("data") == [("a", "1"), ("b", "2"), ("c", "3")]
    assert rows("data/*.csv") == [("a", "1"), ("b", "2")]
    assert rows("data/**/[bc].csv") == [("b", "2"), ("c", "3")]
    assert rows("d*") == rows("data")


def test_a_file_whose_name_looks_like_a_pattern_is_read(written):
    assert rows(written("a[1].csv", "text,label\na,x\n")) == [("a", "x")]


def test_a_folder_without_data_files_is_missing(written):
    written("data/README.md", "words\n")
    with pytest.raises(MissingSourceError, match="the folder 'data' holds no data file"):
        read_window("data", Roles(), name="w")


def test_a_folder_of_several_formats_is_refused_since_rows_might_be_read_twice(written):
    written("data/a.csv", "text\na\n")
    written("data/a.jsonl", '{"text": "a"}\n')
    with pytest.raises(UnreadableSourceError, match=r"'data' holds several formats \(csv, jsonl\)"):
        read_window("data", Roles(), name="w")


@pytest.mark.parametrize("name", ["a.xlsx", "a", "a.parquet.gz", "a.gz", "data/a.txt"])
def test_an_unknown_extension_is_named_with_the_known_ones(written, name):
    with pytest.raises(UnreadableSourceError, match=r"an extension that textdrift cannot read; it reads \.parquet"):
        read_window(written(name, "text\na\n"), Roles(), name="w")


def test_files_that_are_not_what_their_name_says_are_unreadable(written):
    for name in ("a.parquet", "a.csv.gz", "a.jsonl.zst"):
        with pytest.raises(UnreadableSourceError, match=f"'{name}' cannot be read"):
            read_window(written(name, "text\nplain words\n"), Roles(), name="w")
    cut = gzip.compress(b"text\n" + b"words\n" * 1000)[:-12]
    with pytest.raises(UnreadableSourceError, match=r"'cut.csv.gz' cannot be read"):
        read_window(written("cut.csv.gz", cut), Roles(), name="w")
    with pytest.raises(UnreadableSourceError, match=r"'empty.parquet' cannot be read"):
        read_window(written("empty.parquet", b""), Roles(), name="w")


def test_files_of_one_pattern_are_brought_to_one_type(tmp_path):
    tables = [
        pa.table({"text": ["a"], "label": pa.array([1], pa.int8()), "n": [1]}),
        pa.table({"text": pa.array(["b"], pa.large_string()), "label": pa.array([2], pa.int64()), "n": [1.5]}),
        pa.table({"text": pa.array(["c"]).dictionary_encode(), "label": pa.nulls(1), "n": [None]}),
    ]
    for number, table in enumerate(tables):
        pq.write_table(table, tmp_path / f"{number}.parquet")
    window = read_window(tmp_path / "*.parquet", Roles(label="label", id="n"), name="w")
    assert window.table.to_pydict() == {"text": ["a", "b", "c"], "label": ["1", "2", None], "n": [1.0, 1.5, None]}


def test_a_file_that_does_not_fit_the_others_is_named(tmp_path):
    pq.write_table(pa.table({"text": ["a"], "label": ["x"]}), tmp_path / "0.parquet")
    pq.write_table(pa.table({"text": ["a"], "label": [1]}), tmp_path / "1.parquet")
    with pytest.raises(UnreadableSourceError, match=r"1.parquet' does not fit the files before it: .*label"):
        read_window(tmp_path, ROLES, name="w")
    pq.write_table(pa.table({"text": ["a"]}), tmp_path / "1.parquet")
    with pytest.raises(MissingColumnError, match=r"1.parquet' has no column 'label'"):
        read_window(tmp_path, ROLES, name="w")
    with pytest.raises(MissingColumnError, match=r"do not have the same columns \(only one has label\)"):
        read_table(tmp_path)


def test_parquet_columns_may_have_dots_in_their_names_and_stand_beside_structs(tmp_path):
    table = pa.table({"user.text": ["a"], "user": [{"text": "b"}], "label": ["x"]})
    pq.write_table(table, tmp_path / "a.parquet")
    roles = Roles(text="user.text", label="label")
    assert read_window(tmp_path / "a.parquet", roles, name="w").table.to_pydict() == {
        "user.text": ["a"],
        "label": ["x"],
    }


def test_a_parquet_file_keeps_its_timestamps(tmp_path):
    at = [dt.datetime(2024, 1, 31, 12, tzinfo=dt.UTC)]
    pq.write_table(pa.table({"text": ["a"], "at": at}), tmp_path / "a.parquet")
    assert time_span(read_window(tmp_path, Roles(time="at"), name="w"))[0] == "2024-01-31T12:00:00Z"


def test_a_blank_line_of_one_column_is_a_null_text(written):
    path = written("a.csv", "\n\ufefftext\na\n\nb\n"[1:])
    assert read_window(path, Roles(), name="w").texts.to_pylist() == ["a", None, "b"]


def test_a_list_of_paths_is_one_window_of_one_format(written):
    paths = [written(name, f"text\n{name}\n") for name in ("b.csv", "a.csv")]
    assert read_window({"path": paths}, Roles(), name="w").texts.to_pylist() == ["b.csv", "a.csv"]
    with pytest.raises(SettingsError, match=r"pass \{'path': \[\.\.\.\]\}"):
        read_window(paths, Roles(), name="w")
    with pytest.raises(SettingsError, match=r"names 'a.csv' twice"):
        read_window({"path": [*paths, "a.csv"]}, Roles(), name="w")
    with pytest.raises(UnreadableSourceError, match="several formats"):
        read_window({"path": [*paths, written("a.jsonl", '{"text": "a"}')]}, Roles(), name="w")


@pytest.mark.parametrize(("delimiter", "told"), [(";", "semicolons"), ("\t", "tabs")])
def test_another_delimiter_is_named(written, delimiter, told):
    with pytest.raises(MissingColumnError, match=f"separated by {told} .*save it with commas"):
        read_window(written("a.csv", f"text{delimiter}label\na{delimiter}x\n"), ROLES, name="w")


def test_an_empty_csv_is_said_to_be_empty(written):
    with pytest.raises(EmptyWindowError, match=r"'a.csv' is empty"):
        read_window(written("a.csv", ""), ROLES, name="w")


def test_control_characters_of_file_names_are_escaped(written):
    with pytest.raises(EmptyWindowError, match=r"'\\x1b\[31m.csv' is empty"):
        read_window(written("\x1b[31m.csv", ""), ROLES, name="w")


def test_a_reader_holds_no_bytes_of_python(written, monkeypatch):
    content = b"text,label\ngood,x\nbad,y\n"
    before = sys.getrefcount(content)
    owned = file_bytes.arrow_buffer(content)
    assert sys.getrefcount(content) == before
    assert owned.equals(pa.py_buffer(content))
    assert file_bytes.arrow_buffer(b"").size == 0
    # Threads of Arrow would free them after Python has ended, and abort the process.
    copied = []
    monkeypatch.setattr(files, "arrow_buffer", lambda read: copied.append(read) or file_bytes.arrow_buffer(read))
    memory = fsspec.filesystem("memory")
    with memory.open("/owned/a.csv", "wb") as file:
        file.write(content)
    for source in (written("a.csv.gz", gzip.compress(content)), "memory://owned/a.csv", written("a.csv", content)):
        assert rows(source) == [("good", "x"), ("bad", "y")]
    assert len(copied) == 2  # a local file is mapped, and so never Python's
