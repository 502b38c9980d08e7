"""What to do now, as lines for a terminal: the first check, the steps, who decides, and the page of the team."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rich.console import ConsoleRenderable, Group
from rich.text import Text

from textdrift.reports.terminal_parts import cut, line, said
from textdrift.reports.visible_text import clipped, visible

__all__ = ["PLAYS_SHOWN", "playbook_shown"]

PLAYS_SHOWN = 3
_LONGEST, _LONGEST_STEP = 200, 700


def playbook_shown(plays: Sequence[Mapping[str, Any]]) -> ConsoleRenderable:
    """Return the plays of the key ``playbook``, first things first."""
    lines = (part for number, play in enumerate(plays[:PLAYS_SHOWN], start=1) for part in _play(number, play))
    return cut(Group(*lines), plays, PLAYS_SHOWN)


def _play(number: int, play: Mapping[str, Any]) -> Iterator[ConsoleRenderable]:
    yield Text.assemble(
        (f"{number}. {clipped(visible(play['title']), _LONGEST)}", "bold"),
        (f" ({visible(play['action'])})", "dim"),
        overflow="fold",
    )
    yield line("First", clipped(visible(play["first"]), _LONGEST_STEP))
    yield from (said(f"- {step}") for step in play["steps"])
    yield line("Decides", _people(play))
    if play.get("runbook"):
        yield line("Runbook", clipped(visible(play["runbook"]), _LONGEST_STEP))


def _people(play: Mapping[str, Any]) -> str:
    decides = clipped(visible(play["decides"]), _LONGEST)
    owner = play.get("owner")
    return f"{decides}; owner: {clipped(visible(owner), _LONGEST)}" if owner else decides
