"""Process: what a team does about one thing that happened."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

__all__ = ["Action", "Process", "Role"]

Action = Literal["fix upstream", "retrain", "roll back", "label", "accept"]
Role = Literal["data engineer", "model owner", "product owner", "labelling lead"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Process:
    """What a team does about one thing that happened.

    Attributes
    ----------
    title:
        What happened, in a few words.
    first:
        What to check before anything else.
    decides:
        Who decides.
    steps:
        What to do, two to four steps.
    action:
        What it comes down to.
    """

    title: str
    first: str
    decides: Role
    steps: tuple[str, ...]
    action: Action
