"""What a verdict means to the shell."""

from __future__ import annotations

__all__ = ["EXIT_CODES", "Finished"]

EXIT_CODES = {"no_drift": 0, "drift": 1, "inconclusive": 3}
"""Verdict to exit code; 2 is kept for usage, configuration and data errors."""


class Finished(Exception):  # noqa: N818 - it is no error: a command came to its verdict
    """A command came to a verdict.

    Not ``typer.Exit``: typer also exits 1 by itself, for a broken pipe, and 1 must mean drift alone.
    """

    def __init__(self, verdict: str) -> None:
        super().__init__(verdict)
        self.exit_code = EXIT_CODES[verdict]
