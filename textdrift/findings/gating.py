"""The gate: what of a report lets a job, or a model, pass; and why not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from textdrift.errors import SettingsError, nearest_name
from textdrift.performance.challenging import Challenge

__all__ = ["ANY", "KINDS", "Gate", "check_fail_on", "judge_gate"]

ANY = "any"
"""Stands for every kind of drift."""

KINDS = (
    "lexical", "semantic", "label", "prediction", "concept", "performance", "quality", "features", "encoder",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """What a gate decided.

    Attributes
    ----------
    passed:
        False where a kind of drift that it fails on was found, the cost is surely too high, or the challenger is worse.
    conclusive:
        False where the windows, or the labels of the challenger, are too few to tell; a gate that did not pass is
        always conclusive.
    fail_on:
        Kinds of drift that it fails on; ``("any",)`` for all.
    reasons:
        A sentence each: why it did not pass, or could not tell.
    challenge:
        Champion against challenger; ``None`` where no challenger was named.
    """

    passed: bool
    conclusive: bool
    fail_on: tuple[str, ...]
    reasons: tuple[str, ...]
    challenge: Challenge | None = None

    @property
    def exit_code(self) -> int:
        """0 passed, 1 failed, 3 inconclusive."""
        return 1 if not self.passed else 0 if self.conclusive else 3

    def described(self) -> dict[str, Any]:
        """Return plain values, as JSON holds them."""
        return {
            "passed": self.passed,
            "conclusive": self.conclusive,
            "exit_code": self.exit_code,
            "fail_on": list(self.fail_on),
            "reasons": list(self.reasons),
            "challenger": None if self.challenge is None else self.challenge.described(),
        }


def check_fail_on(fail_on: Sequence[str]) -> tuple[str, ...]:
    """Return the kinds that a gate fails on.

    Raises
    ------
    SettingsError
        For a kind that does not exist.

    Examples
    --------
    >>> check_fail_on(["concept", "quality"])
    ('concept', 'quality')
    """
    for kind in fail_on:
        if kind not in (*KINDS, ANY):
            raise SettingsError(f"gate.fail_on: no kind of drift {kind!r}; {nearest_name(kind, (*KINDS, ANY))}")
    return tuple(dict.fromkeys(fail_on))


def judge_gate(
    verdict: str,
    kinds: Sequence[str],
    *,
    fail_on: Sequence[str] = (ANY,),
    passed_by_cost: bool | None = None,
    cost_sentence: str = "",
    challenge: Challenge | None = None,
    inconclusive_passes: bool = False,
    slow_drift: str = "",
) -> Gate:
    """Decide whether a report lets pass.

    Parameters
    ----------
    verdict, kinds:
        Of the report.
    fail_on:
        Kinds of drift that must not have been found.
    passed_by_cost:
        What a limit of the cost says, where there is one and the data know; it then stands for the kinds of drift.
    cost_sentence:
        What the change costs, for the reasons.
    challenge:
        Champion against challenger; one that is worse fails, one of which too little is known is inconclusive.
    inconclusive_passes:
        Whether windows too small to tell let pass.
    slow_drift:
        What the slow-drift detector says where it alarms: drift of words and meaning.

    Examples
    --------
    >>> gate = judge_gate("drift", ["lexical"], fail_on=["concept"])
    >>> gate.passed, gate.exit_code
    (True, 0)
    >>> judge_gate("drift", ["concept", "lexical"], fail_on=["concept"]).reasons
    ('Concept drift was found.',)
    """
    chosen = check_fail_on(fail_on)
    found = [kind for kind in kinds if ANY in chosen or kind in chosen]
    failures, doubts = [], []
    if passed_by_cost is False:
        failures.append(f"The cost is above its limit. {cost_sentence}".rstrip())
    elif passed_by_cost is None:
        failures += [f"{kind.capitalize()} drift was found." for kind in found]
    if slow_drift and any(kind in chosen for kind in (ANY, "lexical", "semantic")):
        failures.append(slow_drift)
    if challenge is not None and challenge.verdict == "worse":
        failures.append(challenge.sentence)
    if challenge is not None and challenge.verdict == "undecided":
        doubts.append(challenge.sentence)
    if verdict == "inconclusive" and passed_by_cost is None:
        doubts.append("The windows are too small to see a change that matters.")
    return Gate(
        passed=not failures,
        conclusive=bool(failures) or not doubts or inconclusive_passes,
        fail_on=chosen,
        reasons=tuple(failures or doubts),
        challenge=challenge,
    )
