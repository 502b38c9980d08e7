"""What the page on the dashboard says is so."""

import re
import runpy
from pathlib import Path

import year_of_runs

from textdrift.cli.app import app
from textdrift.dashboard.page import PAGE_BYTES
from textdrift.dashboard.year import MOST_RUNS
from textdrift.history import open_history

PAGE = (Path(__file__).parents[2] / "docs" / "dashboard.md").read_text(encoding="utf-8")


def test_its_python_runs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with open_history("sqlite:///drift.db") as history:
        year_of_runs.filled(history, year_of_runs.year(3, missing=()))
    (tmp_path / "block.py").write_text(re.search(r"^```python\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)[1])
    assert "2026-01-03" in runpy.run_path(str(tmp_path / "block.py"))["page"]


def test_its_commands_are_commands_of_the_program():
    commands = {command.callback.__name__ for command in app.registered_commands}
    assert set(re.findall(r"^textdrift (\w+)", PAGE, re.MULTILINE)) == {"dashboard", "serve"} <= commands


def test_its_limits_are_those_in_force():
    assert f"at most {PAGE_BYTES // 1_000_000} MB" in PAGE
    assert f"more than {MOST_RUNS}\nruns" in PAGE
