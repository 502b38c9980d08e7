"""What a verdict means to the shell."""

from __future__ import annotations

__all__ = ["EXIT_CODES"]

EXIT_CODES = {"no_drift": 0, "drift": 1, "inconclusive": 3}
"""Verdict to exit code; 2 is kept for usage, configuration and data errors."""
