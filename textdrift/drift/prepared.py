"""Prepared: what one test is given."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

from textdrift.drift.contract import Evidence
from textdrift.drift.doubt import Doubt

__all__ = ["Prepared"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """What one test is given: two representations, and which documents their rows are.

    ``evidence`` is what a reader may see of both, whatever the test finds.

    ``doubt`` is why silence of the test is no answer.

    Without representations there is nothing to compare, and ``reason`` may say why.
    """

    reference: Any
    current: Any
    documents: tuple[NDArray[Any], NDArray[Any]]
    notes: tuple[str, ...] = ()
    reason: str = ""
    evidence: tuple[Evidence, ...] = ()
    doubt: Doubt | None = None
