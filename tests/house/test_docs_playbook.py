"""The page on severity and the playbook tells the tables that are in force, and its Python runs."""

import re
import runpy
from math import inf
from pathlib import Path

import pytest

from textdrift.findings.fault_processes import OF_CAUSES
from textdrift.findings.processes import OF_KINDS, OF_STORIES
from textdrift.findings.severity import SEVERITY_FROM

PAGE = (Path(__file__).parents[2] / "docs" / "severity_and_playbook.md").read_text(encoding="utf-8")
ROWS = [[cell.strip() for cell in line.strip("|").split("|")] for line in PAGE.splitlines() if line.startswith("| ")]


def times(number):
    return "never" if number == inf else f"{number:g}"


@pytest.mark.parametrize("kind", SEVERITY_FROM)
def test_the_table_of_severities_is_the_one_in_force(kind):
    ladder = SEVERITY_FROM[kind]
    share = f", and {ladder.least_share:.0%} of the rows".replace("%", " %") if ladder.least_share else ""
    assert [kind, times(ladder.warning), times(ladder.critical) + share] in ROWS


@pytest.mark.parametrize(
    ("name", "process"), [*OF_KINDS.items(), *OF_CAUSES.items(), *((None, process) for process in OF_STORIES.values())]
)
def test_every_process_stands_in_a_table(name, process):
    told = [process.title, process.decides, process.action]
    assert any(row[1:] == told and name in {row[0], None} for row in ROWS)


def test_the_python_of_the_page_runs_and_the_playbook_is_the_one_given(tmp_path):
    (block,) = re.findall(r"^```python\n(.*?)^```$", PAGE, flags=re.MULTILINE | re.DOTALL)
    (tmp_path / "block.py").write_text(block, encoding="utf-8")
    plays = {play.cause or play.kind: play for play in runpy.run_path(str(tmp_path / "block.py"))["report"].playbook}
    assert plays["escaped"].process.steps == ("Call the team of the app.", "Load again.")
    assert (plays["escaped"].owner, plays["lexical"].owner) == ("team-ingest", "team-nlp")
