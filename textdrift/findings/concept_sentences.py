"""What the tests of concept drift found, each in a sentence."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import isfinite

from textdrift.drift.contract import DriftResult, Effect
from textdrift.findings.phrases import DOUBTFUL, SHOWN_WORDS, listed, quoted

__all__ = ["CONCEPT_SENTENCES"]


def _relabelled_texts(result: DriftResult, effect: Effect, drifted: bool) -> str:
    if not drifted:
        return "The same texts carry the same labels as before, or nearly so, as far as these documents show."
    words = [quoted(row["term"]) for row in result.table("terms")[:SHOWN_WORDS]]
    where = f", most clearly those with {listed(words)}" if words else ""
    changed = _of_hundred(effect.value)
    span = f" ({_of_hundred(effect.low)} to {_of_hundred(effect.high)})" if isfinite(effect.high) else ""
    return (
        f"The same text now means another label: of 100 comparable texts, about {changed} changed label{span}"
        f"{_mostly(result, effect)}{where}."
    )


def _mostly(result: DriftResult, effect: Effect) -> str:
    """Say between which labels most of the changes went, or that many cancel; empty where the net change is unclear."""
    rows = result.table("relabelled")
    gained = max((row for row in rows if row["net_low"] > 0), key=lambda row: float(row["net"]), default=None)
    lost = min((row for row in rows if row["net_high"] < 0), key=lambda row: float(row["net"]), default=None)
    largest = max((abs(float(row["net"])) for row in (gained, lost) if row is not None), default=0.0)
    if largest == 0.0:
        return ", in both directions" if rows and effect.low > 0 else ""
    how = "mostly" if largest >= abs(effect.value) / 2 else "more of them"
    source = f" from {quoted(lost['label'])}" if lost is not None else ""
    aim = f" to {quoted(gained['label'])}" if gained is not None else ""
    return f", {how}{source}{aim}" if aim or how == "mostly" else f", {how} away{source}"


def _of_hundred(share: float) -> str:
    """Write how many of 100 texts a share is, without a sign.

    >>> _of_hundred(0.133), _of_hundred(0.004), _of_hundred(1.3)
    ('13', 'under 1', '100')
    """
    number = 100 * min(1.0, abs(share))
    return "under 1" if 0 < number < 0.5 else f"{number:.0f}"  # noqa: PLR2004 - what rounds to 0


def _answers_to_alike_texts(result: DriftResult, effect: Effect, _drifted: bool) -> str:
    if result.p_value > DOUBTFUL:
        return f"The model answers the same texts as before, or nearly so (p = {result.p_value:.2g})."
    return (
        f"The model answers the same texts otherwise than before: of 100 comparable texts, about "
        f"{_of_hundred(effect.value)} got another prediction (p = {result.p_value:.2g})."
    )


def _texts_within_labels(result: DriftResult, _effect: Effect, _drifted: bool) -> str:
    verb = "moved" if result.p_value <= DOUBTFUL else "stayed"
    return f"Within each label the texts {verb} (p = {result.p_value:.2g})."


def _moved_label_shares(result: DriftResult, _effect: Effect, _drifted: bool) -> str:
    stands = "does not explain" if result.p_value <= DOUBTFUL else "could explain"
    return f"A change in how often each label occurs {stands} the labels seen (p = {result.p_value:.2g})."


CONCEPT_SENTENCES: Mapping[str, Callable[[DriftResult, Effect, bool], str]] = {
    "concept.label_given_text": _relabelled_texts,
    "concept.text_given_label": _texts_within_labels,
    "concept.label_shift": _moved_label_shares,
    "concept.prediction_given_text": _answers_to_alike_texts,
}
"""By the name of the test; each takes the result, its effect, and whether it drifted."""
