"""One thing that was looked at, and how it is told."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from textdrift.cli.printing import print_message

if TYPE_CHECKING:
    from textdrift.job_config import JobConfig

__all__ = ["Check", "print_check"]


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at.

    Attributes
    ----------
    name:
        What was looked at.
    state:
        ``fault`` where a run would fail on it, ``note`` where one should know of it.
    told:
        What was found.
    """

    name: str
    state: Literal["ok", "note", "fault"]
    told: str


def print_check(check: Check, config: JobConfig | None) -> None:
    """Print a check as one line to stdout, without the secrets of the job."""
    line = " ".join(f"{check.state:<5}  {check.name:<9}  {check.told}".split("\n"))
    print_message(line if config is None else config.hidden(line), to_stdout=True)
