"""``textdrift demo``."""

from __future__ import annotations

import sys
import textwrap
from pathlib import Path
from typing import Annotated

import typer

from textdrift.cli.compare import terminal_width

__all__ = ["demo"]


def demo(
    output: Annotated[Path, typer.Option(help="Folder for the sample windows and the report.")] = Path(
        "textdrift-demo"
    ),
) -> None:
    """Make two sample windows, compare them, and say what to read first; exits 0 although it finds drift."""
    from textdrift.demonstrating import run_demo

    shown = run_demo(output)
    sys.stdout.write(shown.report.to_terminal(width=terminal_width(), color=sys.stdout.isatty()) + "\n")
    sys.stdout.write("\n")
    for line in shown.what_to_read:
        sys.stdout.write(textwrap.fill(line, terminal_width(), subsequent_indent="   ", break_long_words=False) + "\n")
