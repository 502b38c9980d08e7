"""Pages that people wrote, and job files to copy, tell of every command, flag of weight and key; links hold."""

import re
from pathlib import Path

import pytest

from textdrift.job_config import job_schema

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", ROOT / "SECURITY.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]
TEXTS = {page: page.read_text(encoding="utf-8") for page in PAGES}
JOBS = [path.read_text(encoding="utf-8") for path in sorted((ROOT / "configs").glob("*.yaml"))]
WRITTEN = "\n".join([*TEXTS.values(), *JOBS])


def test_every_command_is_told_of():
    from textdrift.cli.app import app

    commands = [command.callback.__name__ for command in app.registered_commands]
    assert [name for name in commands if f"textdrift {name}" not in WRITTEN] == []


def test_the_page_of_commands_lists_each_with_its_first_line_before_it_is_filled_in():
    from textdrift.cli.app import app

    commands = [command.callback for command in app.registered_commands]
    told = [(command.__name__, command.__doc__.splitlines()[0]) for command in commands]
    listed = re.findall(r"^\| `(\w+)` \| (.+) \|$", TEXTS[ROOT / "docs" / "commands.md"], flags=re.MULTILINE)
    assert sorted(listed) == sorted(told)


def keys():
    schema = job_schema()
    tables = [schema, *schema["$defs"].values()]
    return sorted({key for table in tables for key in table.get("properties", {})})


def test_every_key_of_a_job_file_is_told_of():
    assert [key for key in keys() if not re.search(rf"\b{key}\b", WRITTEN)] == []


def test_every_argument_of_compare_is_told_of():
    import inspect

    from textdrift.comparing import compare

    assert [name for name in inspect.signature(compare).parameters if not re.search(rf"\b{name}\b", WRITTEN)] == []


_CODE = re.compile(r"^```.*?^```$", flags=re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\]\((?!https?:|mailto:)([^)\s#]*)(?:#([^)\s]+))?\)")


def anchor(heading):
    """Return the anchor that GitHub, and the site, give a heading."""
    kept = re.sub(r"[^\w\- ]", "", heading.strip().lower())
    return kept.replace(" ", "-")


def anchors(page):
    headings = re.findall(r"^#{1,6} (.+)$", _CODE.sub("", TEXTS[page]), flags=re.MULTILINE)
    return {anchor(heading) for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_to_files_and_headings_that_are_there(page):
    broken = []
    for path, heading in _LINK.findall(_CODE.sub("", TEXTS[page])):
        target = (page.parent / path).resolve() if path else page
        if not target.exists() or (heading and target in TEXTS and heading not in anchors(target)):
            broken.append(f"{path}#{heading}")
    assert broken == []


def test_the_names_of_anchors_are_those_of_github():
    assert anchor("Alibi Detect, and ours") == "alibi-detect-and-ours"
    assert anchor("`lexical.token_frequency`") == "lexicaltoken_frequency"


def test_every_page_hangs_on_the_navigation_and_speaks_for_itself():
    for page, text in TEXTS.items():
        assert text.startswith("# "), page.name
        assert len(re.findall(r"^# ", _CODE.sub("", text), flags=re.MULTILINE)) == 1, page.name
