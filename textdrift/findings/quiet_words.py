"""That nothing changed, and what could have been missed, in words that a product owner need not look up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import isfinite
from types import MappingProxyType

from textdrift.findings.finding import Finding
from textdrift.findings.phrases import listed
from textdrift.findings.sight import Compared, Look, Sight, compared, looks_of, sights

__all__ = ["nothing_changed"]

_LOOKED_AT: Mapping[str, str] = MappingProxyType(
    {
        "lexical": "the words",
        "semantic": "the topics",
        "label": "the mix of categories",
        "prediction": "the answers",
        "concept": "what counts as which category",
        "performance": "how often the system is right",
        "quality": "damage to the data",
        "features": "other facts about the texts",
        "encoder": "the program that reads the texts",
    }
)
_COUNTED = MappingProxyType({"documents": "texts", "groups": "groups of texts", "rows": "rows"})
_NO_SHARE = ("std_shift", "spread_shift", "std_shift_in_segment", "js_excess")


def nothing_changed(findings: Sequence[Finding], whole: Compared | None, *, but: bool) -> str:
    """Say that nothing changed, between how many texts, and which changes could have been missed.

    Parameters
    ----------
    findings:
        Of the run; none of them drifted.
    whole:
        How much was compared; read from the findings where it is not given.
    but:
        Whether something follows that did change, and was not among the tests that decide.
    """
    what = "Nothing of what was tested changed in a way that matters" if but else "Nothing that matters changed"
    looks = looks_of(findings)
    whole = whole or compared(looks)
    if whole is None:
        return f"{what}."
    before, now = whole.sizes
    counted = _COUNTED.get(whole.counted, whole.counted)
    said = f"{what} between {before:,} earlier and {now:,} recent {counted}{whole.behind}."
    missed = [_missed(sight) for sight in sights(looks).values() if not sight.sure]
    return said if not missed else f"{said} Too few were compared to be sure of {listed(missed)}."


def _missed(sight: Sight) -> str:
    look = sight.weakest
    name = _LOOKED_AT.get(sight.kind, "something else")
    name = f"every kind of {name}" if sight.partly else name
    if look.reason or not isfinite(look.detectable):
        return f"{name}, which could not be looked at"
    return f"{name} ({_size(look)})"


def _size(look: Look) -> str:
    if look.effect in _NO_SHARE:
        return f"less than {look.ratio:.1f} times what matters may go unnoticed"
    return f"less than {100 * look.detectable:.1f} in 100 may go unnoticed"
