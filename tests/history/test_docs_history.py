"""The page on the history: its code runs as it stands, and its table names the tables."""

import re
import runpy
import sqlite3
from pathlib import Path

import judged_runs

from textdrift.history import connecting, open_history, tables
from textdrift.history.connecting import LOCK_SECONDS

PAGE = (Path(__file__).parents[2] / "docs" / "history.md").read_text(encoding="utf-8")


def blocks(language):
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE, flags=re.MULTILINE | re.DOTALL)


def test_the_python_of_the_page_runs_from_top_to_bottom(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert len(blocks("python")) == 3
    for i, block in enumerate(blocks("python")):
        (tmp_path / f"{i}.py").write_text(block, encoding="utf-8")
        runpy.run_path(str(tmp_path / f"{i}.py"))
    assert capsys.readouterr().out == "2026-11-25 drift lexical\n"
    with sqlite3.connect("copy.db") as copy:
        assert copy.execute("SELECT count(*) FROM textdrift_runs").fetchone() == (1,)
    copy.close()


def test_the_sql_of_the_page_runs_on_both_databases(url):
    (statement,) = blocks("sql")
    with open_history(url) as history:
        history.record(judged_runs.run())
        with connecting.reading(history._engine, history._address) as connection:
            (row,) = connection.exec_driver_sql(statement).all()
    assert (row.window, row.test, row.p_value) == ("2026-01-01", "lexical.terms", 0.2)


def test_the_table_of_the_page_names_every_table():
    told = set(re.findall(r"^\| `(textdrift_\w+)` \|", PAGE, flags=re.MULTILINE))
    assert told == {*tables.METADATA.tables, tables.VERSION_TABLE}


def test_the_waits_that_are_told_are_those_in_force():
    assert f"waited for {LOCK_SECONDS} seconds" in PAGE
    assert connecting._CONNECT_SECONDS == 10
