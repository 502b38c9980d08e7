"""A team's history: the page of a PostgreSQL history is that of an SQLite one."""

import datetime as dt
import re

import postgresql
import pytest
import year_of_runs

from textdrift.dashboard import dashboard_page
from textdrift.history import open_history


@pytest.fixture(scope="module")
def server():
    """A PostgreSQL server that is ours alone."""
    if reason := postgresql.missing():
        pytest.skip(reason)
    with postgresql.PostgresqlServer() as running:
        yield running


def test_both_databases_give_the_same_page(server, tmp_path):
    pages = []
    for url in (f"sqlite:///{tmp_path}/drift.db", server.new_database()):
        with open_history(url) as history:
            year_of_runs.filled(history, year_of_runs.year(40, missing=(9,)))
        with open_history(url, read_only=True) as history:
            now = dt.datetime(2026, 3, 1, tzinfo=dt.UTC)
            pages.append(dashboard_page(history, "sentiment-inputs", now=now))
    assert pages[0] == pages[1]
    assert len(re.findall("<tr data-run=", pages[0])) > 40
