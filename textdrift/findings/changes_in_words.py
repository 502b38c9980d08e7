"""What changed, how sure it is and where, in words that a product owner need not look up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from textdrift.findings.cause_sentences import explained_kinds, unjudged_kinds
from textdrift.findings.diagnosing import Diagnosis
from textdrift.findings.fault_processes import ONLY_FAULTS, look_of_times
from textdrift.findings.finding import Finding
from textdrift.findings.leading_segment import leading_segment, where_words
from textdrift.findings.phrases import listed
from textdrift.findings.priced_change import Cost, rounded
from textdrift.findings.severity import SEVERITIES, severity_of

__all__ = ["what_changed"]

_CHANGED = {
    "lexical": "people use other words",
    "semantic": "the texts are about other things",
    "label": "the mix of categories changed",
    "prediction": "the answers changed",
    "concept": "what used to be one category now counts as another",
    "performance": "the system is wrong more often",
    "quality": "texts arrive damaged or from the wrong place",
    "features": "other columns of the data changed",
    "encoder": "the program that reads the texts was exchanged",
}
_FAULTS = {
    "missing": "some rows come without a text",
    "repeated": "texts arrive more than once",
    "truncated": "texts arrive cut short",
    "recased": "texts arrive without capitals or punctuation",
    "mojibake": "texts arrive garbled",
    "escaped": "texts arrive with web code in them",
    "placeholder": "some rows hold a filler such as N/A where a text should be",
    "language": "the mix of languages changed",
    "schema": "the data come in another form",
    "template": "many texts are made from one pattern",
    "late": "data came late or twice",
    "leak": "texts give their own answers away",
    "loop": "answers of the system come back as if people had given them",
}
_TIMES = {
    "no time": "the time is missing in some rows",
    "gap": "no rows came for a while",
    "far": "some rows have a time far from all others",
    "one time": "many rows have one and the same time",
}
_NAMES_DIFFER = "the names of the categories are written in another way"
_EXPLAINED = {"lexical": "the other words", "semantic": "the other topics"}
_BY_ITSELF = 0.9
_RARER = "a fault in the data became rarer"
_VALUES_MISSING = "values of a column are missing that used to be there"
_RIGHT_MORE_OFTEN = "the system is right more often"
_MOST_NAMED = 3
_FEWEST, _MOST = 2, 1000


def what_changed(
    findings: Sequence[Finding],
    causes: Sequence[Mapping[str, Any]],
    diagnosis: Diagnosis | None,
    *,
    cost: Cost | None,
) -> str:
    """Name the changes, the most severe first, and say how sure the least sure of them is.

    A fault that explains other words or topics stands first and speaks for them.

    Parameters
    ----------
    findings, diagnosis, cost:
        Of the run; at least one finding drifted.
    causes:
        Its causes, with what they explain where that is known.
    """
    worst: dict[str, tuple[int, float, str]] = {}
    chance: dict[str, float] = {}
    for finding in findings:
        severity = severity_of(finding, cost=cost, causes=causes)
        if severity is not None:
            weight = (SEVERITIES.index(severity), finding.strength, _in_words(finding))
            worst[finding.kind] = max(worst.get(finding.kind, weight), weight)
            p_value = finding.adjusted_p_value if finding.result.has_p_value else None
            chance[finding.kind] = min(chance.get(finding.kind, 1.0), 0.0 if p_value is None else p_value)
    # A fault speaks for the kinds that follow from it; where it does, or where names differ, it stands first.
    told_otherwise = {}
    explained: dict[str, Mapping[str, Any]] = {}
    unjudged: frozenset[str] = frozenset()
    if "quality" in worst:
        explained, unjudged = explained_kinds(causes, worst), unjudged_kinds(causes)
        if explained or unjudged:
            told_otherwise["quality"] = _with_what_it_explains(explained, names_differ=bool(unjudged))
    ranked = sorted(worst, key=lambda kind: (kind in told_otherwise, worst[kind]), reverse=True)
    ranked = [kind for kind in ranked if kind not in explained and kind not in unjudged]
    named = ranked[:_MOST_NAMED]
    others = ", among other things" if len(ranked) > len(named) else ""
    changes = [
        told_otherwise.get(kind, worst[kind][-1]) + _where(kind, explained, diagnosis, findings) for kind in named
    ]
    # What else changed must not read as if the fault explained it.
    said = "; besides, ".join(filter(None, [changes[0], listed(changes[1:])])) if told_otherwise else listed(changes)
    return f"Compared with before, {said}{others}. {_how_sure([chance[kind] for kind in named])}"


def _with_what_it_explains(explained: Mapping[str, Mapping[str, Any]], *, names_differ: bool) -> str:
    """Name the faults that explain other words or topics, each with what it explains."""
    phrases = [_NAMES_DIFFER] if names_differ else []
    for row in {row["cause"]: row for row in explained.values()}.values():
        kinds = [kind for kind in _EXPLAINED if kind in explained and explained[kind]["cause"] == row["cause"]]
        shares = {part["kind"]: part["share"] for part in row.get("explained") or ()}
        least = min(shares.get(kind, row.get("share_explained") or 0.0) for kind in kinds)
        how = "explains" if least >= _BY_ITSELF else "explains most of"
        phrases.append(f"{_fault(row)}, which by itself {how} {listed([_EXPLAINED[kind] for kind in kinds])}")
    return "; also, ".join(phrases)


def _where(kind: str, explained: Mapping[str, Any], diagnosis: Diagnosis | None, findings: Sequence[Finding]) -> str:
    """Say where a kind changed most, if the strongest segment of all speaks of it, or of what it explains."""
    if diagnosis is None or not diagnosis.segments:
        return ""
    segment = diagnosis.segments[0]
    if segment.get("kind") != kind and not (kind == "quality" and segment.get("kind") in explained):
        return ""
    if leading_segment(segment["kind"], diagnosis, findings) is None:
        return ""
    # The name of a topic is made of words of the texts.
    return " (mostly in one topic)" if segment["column"] == "topic" else f" (mostly {where_words(segment)})"


def _in_words(finding: Finding) -> str:
    """Say what one finding found; a fault of the data by its cause."""
    if finding.kind == "performance" and finding.effect.value > 0:
        return _RIGHT_MORE_OFTEN
    causes = finding.result.table("causes")
    if causes and causes[0]["cause"] in _FAULTS:
        return _fault(causes[0])
    return _CHANGED.get(finding.kind, "something else changed")


def _fault(row: Mapping[str, Any]) -> str:
    """Say what is wrong with the data."""
    if row.get("direction") == "down" and row["cause"] in ONLY_FAULTS:
        return _RARER
    if row.get("column"):
        return _VALUES_MISSING
    return _TIMES.get(look_of_times(row) or "", _FAULTS.get(row["cause"], _CHANGED["quality"]))


def _how_sure(chances: Sequence[float]) -> str:
    """Turn the largest of some adjusted p-values into how often such a thing would come up if nothing had changed."""
    largest = max(chances)
    if largest == 0.0:
        return "This is a fact, not a guess."
    once_in = min(_MOST, int(1 / largest * (1 + 1e-9)))
    if once_in < _FEWEST:
        return "This may well be chance."
    sure = "almost certain" if once_in >= _MOST else "very likely real" if once_in >= _MOST / 10 else "likely real"
    each = "This is" if len(chances) == 1 else "Each of these is"
    often = f"at most about once in {rounded(once_in):,.0f} checks"
    return f"{each} {sure}: if nothing had changed, an alarm like it would come up {often}."
