"""``textdrift demo``."""

from __future__ import annotations

import sys
import textwrap
from pathlib import Path
from typing import Annotated

import typer

from textdrift.cli.compare import refuse_empty, terminal_width
from textdrift.cli.printing import print_message, print_text

__all__ = ["demo"]


def demo(
    output: Annotated[str, typer.Option(help="Folder for the sample windows and the report.")] = "textdrift-demo",
) -> None:
    """Make two sample windows, compare them, and say what to read first; exits 0 although it finds drift."""
    refuse_empty({"output": output})

    from textdrift.demonstrating import run_demo

    shown = run_demo(Path(output))
    print_text(shown.report.to_terminal(width=terminal_width(), color=sys.stdout.isatty()) + "\n")
    for line in shown.what_to_read:
        filled = textwrap.fill(line, terminal_width(), subsequent_indent="   ", break_long_words=False)
        print_message(filled, to_stdout=True)
