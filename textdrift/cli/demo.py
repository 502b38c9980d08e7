"""``textdrift demo [STORY]``."""

from __future__ import annotations

import sys
import textwrap
from pathlib import Path
from typing import Annotated, Optional

import typer

from textdrift.cli.compare import refuse_empty, terminal_width
from textdrift.cli.printing import print_message, print_text
from textdrift.errors import SettingsError, nearest_name

__all__ = ["demo"]

_Name = Optional[str]  # noqa: UP045 - typer reads the annotation
_FOLDER = "textdrift-demo"


def demo(
    story: Annotated[_Name, typer.Argument(help="A story to run: iris, sentiment or fraud.")] = None,
    output: Annotated[
        _Name, typer.Option(help=f"Folder for what is written; {_FOLDER}, or {_FOLDER}-STORY, without.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Same seed: same data, same findings.", min=0)] = 0,
) -> None:
    """Make two sample windows and compare them, or run a story; exits 0 although it finds drift.

    Without STORY: two windows, one comparison, and what to read first. A story takes a model in production through
    quiet days, drift, its alarm and its end, and is told chapter by chapter.
    """
    refuse_empty({"output": output})
    if story is not None:
        _tell(story, output, seed)
        return

    from textdrift.demonstrating import run_demo

    shown = run_demo(Path(output or _FOLDER), seed=seed)
    print_text(shown.report.to_terminal(width=terminal_width(), color=sys.stdout.isatty()) + "\n")
    for line in shown.what_to_read:
        _print(line)


def _tell(name: str, output: str | None, seed: int) -> None:
    from textdrift.stories import STORIES

    if name not in STORIES:
        raise SettingsError(f"there is no story {name!r}; {nearest_name(name, STORIES)}")
    folder = Path(output or f"{_FOLDER}-{name}")
    _print(f"{STORIES[name].title} (seed {seed})")
    STORIES[name].run(folder, seed, _print)
    _print(f"Data, job files and reports lie in {folder}/")


def _print(line: str) -> None:
    indent = line[: len(line) - len(line.lstrip())] or "   "
    filled = textwrap.fill(line, terminal_width(), subsequent_indent=indent, break_long_words=False)
    print_message(filled, to_stdout=True)
    sys.stdout.flush()
