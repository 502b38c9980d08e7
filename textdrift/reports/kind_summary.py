"""What a reader wants to know first about each kind of drift: did it move, and which finding says so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from textdrift.reports.lexical import unit_of, unit_words
from textdrift.reports.wording import effect_words, kind_words

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
    """One kind of drift, the state it is in (a key of ``STATES``), and the finding that speaks for it.

    What was counted besides words, such as hashtags, is a summary of its own: its ``unit`` says so.
    """

    kind: str
    state: str
    finding: Mapping[str, Any]
    unit: str = "words"

    @property
    def words(self) -> str:
        """What the summary is about, in everyday words."""
        return kind_words(self.kind) if self.unit == "words" else unit_words(self.unit)

    @property
    def effect_words(self) -> str:
        """What its effect measures, in everyday words."""
        name = self.finding["effect"]["name"]
        if self.unit != "words" and name == "largest_share_change":
            return "largest change of one share"
        return effect_words(name)

    @property
    def state_words(self) -> str:
        """The state as a person would say it."""
        return STATES[self.state]


def kind_summaries(report: Mapping[str, Any]) -> Sequence[KindSummary]:
    """Return one summary per kind that a deciding finding speaks of: the kinds that drifted first, strongest first.

    Each unit that was counted besides words has a summary too. Supporting findings explain and never decide, so they
    speak for no kind here.
    """
    diagnosis = report["diagnosis"]
    by_kind: dict[str, dict[str, list[Mapping[str, Any]]]] = {}
    for finding in report["findings"]:
        if not finding.get("supporting", False):
            by_kind.setdefault(finding["kind"], {}).setdefault(unit_of(finding), []).append(finding)
    unclear = [kind for group in diagnosis["ambiguous"] for kind in group]
    alpha = report["settings"].get("alpha", DEFAULT_ALPHA)
    summaries = []
    for kind in dict.fromkeys([*diagnosis["kinds"], *unclear, *by_kind]):
        for unit, speaker in _speakers(by_kind.get(kind, {})):
            if kind in diagnosis["kinds"] and (len(by_kind[kind]) == 1 or speaker["drifted"]):
                state = "drift"
            else:
                state = "ambiguous" if kind in unclear else _quiet_state(speaker, alpha)
            summaries.append(KindSummary(kind=kind, state=state, finding=speaker, unit=unit))
    # Of a kind that drifted some units may not have.
    return sorted(summaries, key=lambda summary: summary.state != "drift" and summary.kind in diagnosis["kinds"])


def _speakers(by_unit: Mapping[str, Sequence[Mapping[str, Any]]]) -> Sequence[tuple[str, Mapping[str, Any]]]:
    """Return the strongest finding of each unit, words first."""
    units = sorted(by_unit, key=lambda unit: unit != "words")
    return [(unit, max(by_unit[unit], key=_strength)) for unit in units]


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
