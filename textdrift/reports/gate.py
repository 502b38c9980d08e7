"""What the gate of a job decided, as every form of a report tells it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from textdrift.reports.tolerant_parts import names_of, table_of, text_of

__all__ = ["GateCase", "fails_gate", "gate_case", "gate_sentences", "gate_state"]

_ANY = "any"
_SAID = {"passed": "The gate passed", "failed": "The gate failed", "inconclusive": "The gate could not tell"}


@dataclass(frozen=True, slots=True)
class GateCase:
    """The challenger as a case of a test suite: ``failure``, ``skipped`` or ``passed``, and its sentence."""

    state: str
    sentence: str


def gate_state(report: Mapping[str, Any]) -> str | None:
    """Return ``passed``, ``failed`` or ``inconclusive``; ``None`` where no job judged.

    >>> gate_state({"gate": {"passed": True, "conclusive": False}}), gate_state({})
    ('inconclusive', None)
    """
    gate = table_of(report, "gate")
    if not gate:
        return None
    if gate.get("passed") is False:
        return "failed"
    return "passed" if gate.get("conclusive") is not False else "inconclusive"


def gate_sentences(report: Mapping[str, Any]) -> list[str]:
    """Return what the gate decided and why, a sentence each; empty where no job judged.

    >>> gate_sentences({"gate": {"passed": True, "conclusive": True, "fail_on": ["concept"], "reasons": []}})
    ['The gate passed. It fails on drift of these kinds: concept.']
    """
    state, gate = gate_state(report), table_of(report, "gate")
    if state is None:
        return []
    kinds, reasons = names_of(gate, "fail_on"), list(names_of(gate, "reasons"))
    fails_on = "any drift" if _ANY in kinds else f"drift of these kinds: {', '.join(kinds)}" if kinds else "no drift"
    challenger = text_of(table_of(gate, "challenger"), "sentence")
    more = [challenger] if challenger and challenger not in reasons else []
    return [f"{_SAID[state]}. It fails on {fails_on}.", *reasons, *more]


def fails_gate(report: Mapping[str, Any], kind: str) -> bool:
    """Whether drift of a kind fails the report: where a gate names kinds, those alone do.

    >>> fails_gate({"gate": {"fail_on": ["concept"]}}, "lexical"), fails_gate({}, "lexical")
    (False, True)
    """
    gate = table_of(report, "gate")
    kinds = names_of(gate, "fail_on")
    return not gate or _ANY in kinds or kind in kinds


def gate_case(report: Mapping[str, Any]) -> GateCase | None:
    """Return how the challenger did, for a report in JUnit; ``None`` where none was named."""
    challenger = table_of(report, "gate", "challenger")
    if not challenger:
        return None
    state = {"worse": "failure", "undecided": "skipped"}.get(text_of(challenger, "verdict"), "passed")
    return GateCase(state, text_of(challenger, "sentence"))
