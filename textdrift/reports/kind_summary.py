"""What a reader wants to know first about each kind of drift: did it move, and which finding says so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

__all__ = ["STATES", "KindSummary", "kind_summaries"]

DEFAULT_ALPHA = 0.05

STATES: Mapping[str, str] = {
    "drift": "drift",
    "ambiguous": "cannot be told apart",
    "explained": "moved, but explained by another kind",
    "small": "moved, too little to matter",
    "unsure": "not enough rows to tell",
    "none": "no drift",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class KindSummary:
    """One kind of drift, the state it is in (a key of ``STATES``), and the finding that speaks for it."""

    kind: str
    state: str
    finding: Mapping[str, Any]

    @property
    def state_words(self) -> str:
        """The state as a person would say it."""
        return STATES[self.state]


def kind_summaries(report: Mapping[str, Any]) -> Sequence[KindSummary]:
    """Return one summary per kind that a deciding finding speaks of: the kinds that drifted first, strongest first.

    Supporting findings explain and never decide, so they speak for no kind here.
    """
    diagnosis = report["diagnosis"]
    by_kind: dict[str, list[Mapping[str, Any]]] = {}
    for finding in report["findings"]:
        if not finding.get("supporting", False):
            by_kind.setdefault(finding["kind"], []).append(finding)
    unclear = [kind for group in diagnosis["ambiguous"] for kind in group]
    alpha = report["settings"].get("alpha", DEFAULT_ALPHA)
    order = dict.fromkeys([*diagnosis["kinds"], *unclear, *by_kind])
    return [
        KindSummary(
            kind=kind,
            state="drift"
            if kind in diagnosis["kinds"]
            else "ambiguous"
            if kind in unclear
            else _quiet_state(speaker, alpha),
            finding=speaker,
        )
        for kind in order
        if kind in by_kind
        for speaker in [max(by_kind[kind], key=_strength)]
    ]


def _strength(finding: Mapping[str, Any]) -> tuple[bool, float, float]:
    """Rank findings of one kind: those that drifted, then by p-value, then by size in units of what matters."""
    effect = finding["effect"]
    ratio = abs(effect["value"] or 0.0) / effect["material_from"] if effect["material_from"] else 0.0
    return bool(finding["drifted"]), -_adjusted(finding), ratio


def _quiet_state(finding: Mapping[str, Any], alpha: float) -> str:
    """Tell apart the reasons why a kind is not named as drift."""
    if not finding["conclusive"]:
        return "unsure"
    if _adjusted(finding) > alpha:
        return "none"
    return "explained" if finding["material"] else "small"


def _adjusted(finding: Mapping[str, Any]) -> float:
    adjusted, own = finding["adjusted_p_value"], finding["p_value"]
    return float((1.0 if own is None else own) if adjusted is None else adjusted)
