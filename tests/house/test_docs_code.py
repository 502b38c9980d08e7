"""The Python of the page on words runs as it stands."""

import re
import runpy
from pathlib import Path

import pytest

PAGE = Path(__file__).parents[2] / "docs" / "lexical_drift.md"
BLOCKS = re.findall(r"^```python\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("block", BLOCKS)
def test_a_block_of_the_page_runs_and_ends_in_a_report(block, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "block.py").write_text(block, encoding="utf-8")
    names = runpy.run_path(str(tmp_path / "block.py"))
    assert names["report"].verdict in {"drift", "no_drift", "inconclusive"}


def test_the_commands_of_the_page_are_commands_of_the_program():
    from textdrift.cli.app import app

    commands = {command.callback.__name__ for command in app.registered_commands}
    shell = re.findall(r"^```sh\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    used = {line.split()[1] for block in shell for line in block.splitlines()}
    assert used <= commands
    assert "profile" in used
