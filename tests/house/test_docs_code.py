"""The Python of the pages on words, labels and reports runs as it stands."""

import re
import runpy
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[2] / "docs"
PAGES = [
    DOCS / f"{name}.md" for name in ("lexical_drift", "concept_drift", "reports", "pipeline_and_segments", "columns")
]


def blocks(language):
    texts = [page.read_text(encoding="utf-8") for page in PAGES]
    pattern = rf"^```{language}\n(.*?)^```$"
    return [block for text in texts for block in re.findall(pattern, text, flags=re.MULTILINE | re.DOTALL)]


@pytest.mark.parametrize("block", blocks("python"))
def test_a_block_of_a_page_runs_and_ends_in_a_report(block, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "block.py").write_text(block, encoding="utf-8")
    names = runpy.run_path(str(tmp_path / "block.py"))
    assert names["report"].verdict in {"drift", "no_drift", "inconclusive"}


def test_the_commands_of_the_pages_are_commands_of_the_program():
    from textdrift.cli.app import app

    commands = {command.callback.__name__ for command in app.registered_commands}
    used = {line.split()[1] for block in blocks("sh") for line in block.splitlines()}
    assert used <= commands
    assert {"profile", "labels"} <= used
