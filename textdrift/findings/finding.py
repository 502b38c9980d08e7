"""Finding: one test's result, and what it means for this run."""

from __future__ import annotations

from dataclasses import dataclass

from textdrift.drift.contract import DriftResult, Effect

__all__ = ["MINIMUM_DOCUMENTS", "Finding", "is_material", "magnitude"]


MINIMUM_DOCUMENTS = 20
"""Below this many documents in either window nothing is called drift, whatever the p-value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A result that has been judged beside all other results of its run.

    Attributes
    ----------
    result:
        What the test measured.
    supporting:
        The test explains and never decides.
    adjusted_p_value:
        Corrected for every test of the run; ``None`` for a supporting finding.
    effect:
        The size it is judged by: of several, the one that exceeds its threshold most.
    material_from:
        The size from which the effect matters to the user; ``None`` where nobody set one.
    drifted:
        Significant for the whole run, and material.
    conclusive:
        The windows would have shown an effect of twice its material size with power 0.8, or did show one.
    sentence:
        The finding in words.
    """

    result: DriftResult
    supporting: bool
    adjusted_p_value: float | None
    effect: Effect
    material_from: float | None
    drifted: bool
    conclusive: bool
    sentence: str

    @property
    def kind(self) -> str:
        """The kind of drift it speaks of."""
        return self.result.kind

    @property
    def material(self) -> bool:
        """Whether the effect is large enough to matter, significant or not."""
        return is_material(self.effect, self.material_from)

    @property
    def strength(self) -> float:
        """The effect in units of what matters."""
        return magnitude(self.effect) / self.material_from if self.material_from else magnitude(self.effect)


_TWO_SIDED = ("accuracy_change",)


def magnitude(effect: Effect) -> float:
    """Return how far an effect is from nothing.

    Where an estimate is corrected for chance it can fall below zero, and then it is nothing; only a change of accuracy
    counts both ways.
    """
    return abs(effect.value) if effect.name in _TWO_SIDED else max(0.0, effect.value)


def is_material(effect: Effect, material_from: float | None) -> bool:
    """Return whether an effect is large enough to matter."""
    return material_from is not None and magnitude(effect) >= material_from
