import datetime as dt

import pytest
import year_of_runs

from textdrift.history import open_history


@pytest.fixture
def history(tmp_path):
    """Ten weeks of runs, with a failure; open for writing."""
    with open_history(f"sqlite:///{tmp_path}/drift.db") as opened:
        year_of_runs.filled(opened, year_of_runs.year(70, missing=(30, 31)))
        failed_at = dt.datetime(2026, 2, 1, 2, tzinfo=dt.UTC)
        opened.record_failure("sentiment-inputs", "2026-01-31", failed_at, "there is no file data/2026-01-31.parquet")
        yield opened


@pytest.fixture
def empty(tmp_path):
    with open_history(f"sqlite:///{tmp_path}/empty.db") as opened:
        yield opened
