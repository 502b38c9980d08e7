"""Databases: a query is sent as it is, changes nothing, and no error shows a password."""

from __future__ import annotations

import sqlite3
import traceback

import pytest
import sqlalchemy

from textdrift.errors import (
    ColumnTypeError,
    MissingColumnError,
    MissingExtraError,
    MissingSourceError,
    SettingsError,
    TextdriftError,
    UnreadableSourceError,
)
from textdrift.windows import databases
from textdrift.windows.reading import read_table, read_window
from textdrift.windows.window import Roles

ROLES = Roles(text="text", label="label")


@pytest.fixture
def shop(tmp_path, monkeypatch):
    """Make a database in the working directory and return its URL."""
    monkeypatch.chdir(tmp_path)
    connection = sqlite3.connect("shop.db")
    connection.execute("create table reviews (text, label, stars)")
    rows = [(f"review {i}", "neg" if i % 3 else "pos", i % 5) for i in range(10)]
    connection.executemany("insert into reviews values (?, ?, ?)", rows)
    connection.commit()
    connection.close()
    return "sqlite:///shop.db"


def test_a_query_gives_its_rows_in_its_order(shop):
    window = read_window(shop, ROLES, name="w", query="select label, text from reviews where stars > 2 order by text")
    assert window.texts.to_pylist() == ["review 3", "review 4", "review 8", "review 9"]
    assert window.column("label").to_pylist() == ["pos", "neg", "neg", "pos"]


def test_rows_are_the_same_in_batches(shop, monkeypatch):
    whole = read_table(shop, query="select * from reviews")
    monkeypatch.setattr(databases, "_BATCH_ROWS", 3)
    assert read_table(shop, query="select * from reviews").to_pydict() == whole.to_pydict()


def test_types_are_united_across_batches_or_named(shop, monkeypatch):
    monkeypatch.setattr(databases, "_BATCH_ROWS", 2)
    query = "select text, case when stars = 4 then 0.5 when stars = 3 then null else stars end as n from reviews"
    assert read_table(shop, query=query).column("n").to_pylist()[:5] == [0.0, 1.0, 2.0, None, 0.5]
    query = "select text, case when stars = 4 then 'four' else stars end as label from reviews"
    with pytest.raises(ColumnTypeError, match=r"row 5 .*int, the rows before it str"):
        read_window(shop, ROLES, name="w", query=query)
    query = "select text, case when stars < 2 then 'few' else 7 end as label from reviews limit 4"
    with pytest.raises(ColumnTypeError, match=r"several types in one column: .*label.*; cast it in the query"):
        read_window(shop, ROLES, name="w", query=query)


def test_a_colon_in_a_query_is_no_parameter(shop):
    query = "select text, ':neg at 12:30 :' as label from reviews limit 1"
    assert read_window(shop, ROLES, name="w", query=query).column("label").to_pylist() == [":neg at 12:30 :"]


def test_an_empty_result_still_has_its_columns(shop):
    with pytest.raises(MissingColumnError, match="did you mean 'text'"):
        read_window(shop, Roles(text="txt"), name="w", query="select * from reviews where stars > 9")


def test_two_selected_columns_of_one_name_are_an_error(shop):
    with pytest.raises(UnreadableSourceError, match="2 columns named 'text'"):
        read_window(shop, Roles(), name="w", query="select a.text, b.text from reviews a, reviews b")


def test_what_is_not_there_is_missing(shop):
    with pytest.raises(MissingSourceError, match="no such table: orders"):
        read_window(shop, Roles(), name="w", query="select * from orders")
    with pytest.raises(MissingSourceError, match=r"no database file 'shp.db'"):
        read_window("sqlite:///shp.db", Roles(), name="w", query="select 1")
    with pytest.raises(MissingSourceError, match=r"no database file 'shp.db'"):
        read_window({"sql": "sqlite:///shp.db", "query": "select 1"}, Roles(), name="w")


def test_no_database_is_made_where_there_is_none(shop, tmp_path):
    with pytest.raises(MissingSourceError):
        read_window("sqlite:///shp.db", Roles(), name="w", query="select 1")
    assert [path.name for path in tmp_path.iterdir()] == ["shop.db"]


def test_a_query_that_cannot_be_run_says_what_the_database_says(shop, tmp_path):
    with pytest.raises(UnreadableSourceError, match=r"the query on 'sqlite:///shop.db' failed: .*syntax error"):
        read_window(shop, Roles(), name="w", query="selct * from reviews")
    (tmp_path / "broken.db").write_bytes(b"this is no database, " * 100)
    with pytest.raises(UnreadableSourceError, match="file is not a database"):
        read_window("sqlite:///broken.db", Roles(), name="w", query="select * from reviews")


def test_a_statement_that_returns_no_rows_is_refused_and_changes_nothing(shop):
    with pytest.raises(SettingsError, match="returned no table; give a SELECT"):
        read_window(shop, Roles(), name="w", query="delete from reviews")
    assert read_table(shop, query="select * from reviews").num_rows == 10


def test_a_url_of_no_database_is_refused():
    for url in ("nonsense://user:secret@host/x", "://user:secret@host", "post gres://user:secret@host"):
        with pytest.raises(SettingsError, match="no database URL") as caught:
            read_window(url, Roles(), name="w", query="select 1")
        assert "secret" not in "".join(traceback.format_exception(caught.value))


def test_a_missing_driver_is_named(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "psycopg2", None)
    with pytest.raises(MissingExtraError, match=r"driver that is not installed .*psycopg2"):
        read_window("postgresql+psycopg2://user:secret@host/x", Roles(), name="w", query="select 1")


@pytest.mark.parametrize("query", ["select * from missing", "selct", "select 'a' as text, 1 as text"])
def test_no_error_shows_a_token_of_the_address(tmp_path, query):
    (tmp_path / "a.db").touch()
    url = f"sqlite:///file:{tmp_path}/a.db?uri=true&api_key=hunter2"
    with pytest.raises(TextdriftError) as caught:
        read_window(url, Roles(), name="w", query=query)
    # The lines of code that a traceback shows are not looked at, only what the errors say.
    assert "hunter2" not in str(caught.value)
    assert caught.value.__suppress_context__ or caught.value.__context__ is None


def test_a_password_that_a_driver_repeats_is_struck_out():
    address = sqlalchemy.make_url("postgresql://ada:hunter2@host/shop?sslmode=require&token=t0ken")
    told = databases._without_secrets("no login for ada:hunter2 with t0ken, require ssl", address)
    assert told == "no login for ada:*** with ***, require ssl"
