"""What README promises is there: its two commands, its files, its names."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(language):
    return re.findall(rf"^```{language}\n(.*?)^```$", README, flags=re.MULTILINE | re.DOTALL)


def shown_by_ci(which):
    command = ["bash", str(ROOT / ".ci" / "run"), "--show", which]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


@pytest.mark.parametrize(("place", "which"), [(0, "first"), (1, "second")])
def test_ci_takes_both_commands_from_the_readme(place, which):
    command = blocks("sh")[place]
    assert shown_by_ci(which) == command
    assert command.count("\n") == 1, "one line each"


def test_first_command_sets_everything_up_and_runs_the_demo():
    command = blocks("sh")[0]
    assert command.startswith("python3 -m venv .venv && ")
    assert "-c constraints.txt" in command
    assert "[offline]" in command
    assert command.rstrip().endswith("textdrift demo")


def test_second_command_sets_everything_up_and_passes_the_tests():
    command = blocks("sh")[1]
    assert command.startswith("python3 -m venv .venv && ")
    assert '-c constraints.txt -e ".[dev]"' in command
    assert command.rstrip().endswith("-m pytest")


def test_the_five_words_of_development_are_told():
    assert ["pytest", "ruff check", "ruff format", "mypy", "lint-imports"] in [b.splitlines() for b in blocks("sh")]


def test_every_relative_link_and_named_file_exists():
    links = re.findall(r"\]\((?!https?:)([^)#]+)\)", README)
    named = re.findall(r"`((?:configs|notebooks|docs|textdrift|\.ci)/[\w./]+|\w+\.(?:toml|txt))`", README)
    for path in (*links, *named):
        assert (ROOT / path).exists(), path
    for page in (ROOT / "docs").glob("*.md"):
        for link in re.findall(r"\]\((?!https?:)([^)#]+)\)", page.read_text(encoding="utf-8")):
            assert (page.parent / link).exists(), f"{page.name}: {link}"


def test_python_example_calls_compare_with_its_own_arguments():
    import ast
    import inspect

    from textdrift.comparing import compare

    examples = blocks("python")
    assert examples
    calls = [node for example in examples for node in ast.walk(ast.parse(example)) if isinstance(node, ast.Call)]
    keywords = {k.arg for call in calls for k in call.keywords if getattr(call.func, "attr", "") == "compare"}
    assert keywords
    assert keywords <= set(inspect.signature(compare).parameters)


def test_kinds_and_exit_codes_are_those_of_the_program():
    from textdrift.cli.exit_codes import EXIT_CODES
    from textdrift.drift.catalog import CATALOG

    rows = re.findall(r"^\| `?(\w+)`? \| ", README, flags=re.MULTILINE)
    assert {entry.kind for entry in CATALOG} <= set(rows)
    assert {str(code) for code in EXIT_CODES.values()} <= set(rows)


def test_alibi_detects_licence_comes_first_in_its_section():
    section = README.split("## Alibi Detect\n", 1)[1].strip()
    assert section.startswith("**Alibi Detect is licensed under the Business Source License 1.1")


def test_constraints_hold_versions_and_no_addresses():
    lines = [
        line
        for line in (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
        if line and not line.startswith("#")
    ]
    assert len(lines) > 50
    assert all(re.fullmatch(r"[A-Za-z0-9._-]+==[\w.!]+", line) for line in lines)
    assert "torch==2.13.0" in lines


def test_changelog_names_the_version_or_the_unreleased():
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert re.search(r"^## \[(Unreleased|\d+\.\d+\.\d+)\]", changelog, flags=re.MULTILINE)
