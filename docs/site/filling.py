"""Pages filled in from the code, with the navigation that hangs on them."""
# ruff: noqa: INP001 - read by docs/conf.py, no package

from __future__ import annotations

import fnmatch
import re
from pathlib import Path

from catalogue import told_catalogue, told_test
from commands import told_commands
from job_keys import told_job_keys

__all__ = ["NAVIGATION", "filled", "has_marks"]

ROOT = Path(__file__).parents[2]

# What stands under a page in the side bar: captions, and pages in their order. A star takes the pages that are left.
NAVIGATION: dict[str, dict[str, tuple[str, ...]]] = {
    "index": {
        "Begin": ("why", "five_minutes", "how_to/index", "stories", "notebooks"),
        "Understand": ("tests/index", "statistics", "how_it_decides", "a_year_of_windows"),
        "In depth": ("lexical_drift", "embedding_drift", "columns", "concept_drift", "pipeline_and_segments"),
        "Reports": ("reports", "severity_and_playbook", "evidence"),
        "Operations": ("operations", "alerts", "history", "dashboard", "live_streams", "security"),
        "Reference": ("configuration", "commands", "api", "changelog"),
        "Compared with others": ("comparison", "licence_of_alibi_detect", "migrating_from_*", "interoperability"),
        "Take part": ("contributing",),
        "More": ("*",),
    },
    "how_to/index": {"": ("compare_two_windows", "read_a_report", "run_every_night", "*")},
    "tests/index": {"": ("lexical", "embedding", "columns", "concept", "quality")},
}

# Files beside docs/ that are pages of the site.
PAGES = {"README.md": "index.md", "SECURITY.md": "security.md", "CHANGELOG.md": "changelog.md"}

_FILLED = re.compile(r"^<!-- filled: (?P<what>\w+)(?: (?P<name>\S+))?(?P<members> members)? -->$", flags=re.MULTILINE)
_BESIDE = re.compile(rf"(?<=\]\()(?:\.\./)+(?P<path>{'|'.join(re.escape(path) for path in PAGES)})(?=[)#])")
_TITLE = re.compile(r"\A# .*\n")


def filled(markdown: str, page: str) -> str:
    """Return the Markdown of a page with its marks filled in, and what hangs on it in the side bar.

    >>> filled("See [the readme](../README.md).", "why")
    'See [the readme](index.md).'
    """
    whole = _FILLED.sub(_told, markdown)
    whole = _BESIDE.sub(lambda match: "../" * page.count("/") + PAGES[match["path"]], whole)
    return whole + "".join(_branch(page, caption, pages) for caption, pages in NAVIGATION.get(page, {}).items())


def has_marks(markdown: str) -> bool:
    """Say whether a page is filled in from the code."""
    return _FILLED.search(markdown) is not None


def _told(match: re.Match[str]) -> str:
    """Return what a mark `<!-- filled: WHAT NAME -->` stands for."""
    what, name = match["what"], match["name"]
    if what == "python":
        return _told_python(name, members=bool(match["members"]))
    if what == "test":
        return told_test(name)
    if what == "file":
        return _TITLE.sub("", (ROOT / name).read_text(encoding="utf-8"))
    return {"catalogue": told_catalogue, "commands": told_commands, "job_keys": told_job_keys}[what]()


def _told_python(name: str, *, members: bool) -> str:
    last = name.rpartition(".")[2]
    kind = "class" if last[0].isupper() else "module" if last == "errors" else "function"
    shown = "\n   :members:" if members else ""
    if members and kind == "class":
        shown += "\n   :inherited-members:"  # what a report can be made into is told by a class of its own
    return f"```{{eval-rst}}\n.. auto{kind}:: {name}{shown}\n```"


def _branch(page: str, caption: str, under: tuple[str, ...]) -> str:
    folder = (ROOT / "docs" / page).parent
    there = [path.stem for path in sorted(folder.glob("*.md")) if path.stem != Path(page).name]
    named = [name for names in NAVIGATION[page].values() for name in names if name != "*"]
    left = [stem for stem in there if not any(fnmatch.fnmatch(stem, name) for name in named)]
    pages: list[str] = []
    for name in under:
        if name == "*":
            pages += left
        elif "*" in name:
            pages += fnmatch.filter(there, name)
        elif (folder / f"{name}.md").is_file():
            pages.append(name)
    if not pages:
        return ""
    title = [f":caption: {caption}"] if caption else []
    return "\n".join(["", "", "```{toctree}", ":hidden:", *title, "", *pages, "```", ""])
