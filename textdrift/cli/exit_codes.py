"""What a verdict means to the shell."""

from __future__ import annotations

__all__ = ["EXIT_CODES", "Ended", "Finished"]

EXIT_CODES = {"no_drift": 0, "drift": 1, "inconclusive": 3}
"""Verdict to exit code; 2 is kept for usage, configuration and data errors."""


class Ended(Exception):  # noqa: N818 - it is no error: a command came to its end
    """A command ends with an exit code.

    Not ``typer.Exit``: typer also exits 1 by itself, for a broken pipe, and 1 must mean drift alone.
    """

    def __init__(self, exit_code: int) -> None:
        """Take 0 passed, 1 failed, 2 error, 3 inconclusive."""
        super().__init__(exit_code)
        self.exit_code = exit_code


class Finished(Ended):
    """A command came to a verdict."""

    def __init__(self, verdict: str, *, passed: bool | None = None) -> None:
        """Take the verdict, and whether the gate passed where something else than the verdict may decide that.

        Drift that a gate lets pass exits 0, and a gate that fails exits 1 whatever the verdict; inconclusive windows
        that it lets pass stay inconclusive.
        """
        super().__init__(EXIT_CODES[verdict])
        if passed is not None and not passed:
            self.exit_code = EXIT_CODES["drift"]
        elif passed and verdict == "drift":
            self.exit_code = EXIT_CODES["no_drift"]
