"""What a reader wants to know first about each kind of drift: did it move, and which finding says so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from textdrift.findings.sight import Look, looks_in, sights
from textdrift.findings.wording import NOT_TESTED
from textdrift.reports.lexical import unit_of, unit_words
from textdrift.reports.wording import cause_words, effect_words, is_told, kind_words

__all__ = ["STATES", "KindSummary", "counted_in", "kind_summaries", "too_few_to_tell"]

DEFAULT_ALPHA = 0.05

# Test of the pipeline to the cause that it looks for.
_FAULTS: Mapping[str, str] = {
    "quality.missing": "missing", "quality.copies": "repeated", "quality.length": "truncated",
    "quality.markup": "escaped", "quality.encoding": "mojibake", "quality.casing": "recased",
    "quality.placeholder": "placeholder", "quality.language": "language", "quality.schema": "schema",
    "quality.template": "template", "quality.late": "late", "quality.leakage": "leak", "quality.giveaways": "leak",
    "quality.loop": "loop",
}  # fmt: skip

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

    What was counted besides words, such as hashtags, is a summary of its own: its ``unit`` says so. ``counted`` is what
    its shares are shares of, ``look`` the test of the kind that saw least, and ``sure`` whether twice the size that
    matters would have shown. Where too few rows leave the kind open, that test is the one that speaks.
    """

    kind: str
    state: str
    finding: Mapping[str, Any]
    unit: str = "words"
    counted: str = "rows"
    look: Look | None = None
    sure: bool = True

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
        return effect_words(name, self.counted)

    @property
    def is_told(self) -> bool:
        """Whether there is a size to tell."""
        return not self.reason and is_told(self.finding["effect"])

    @property
    def reason(self) -> str:
        """Why there was nothing to compare, without a full stop; empty where there was."""
        sentence = str(self.finding.get("sentence", ""))
        return sentence.removeprefix(NOT_TESTED).removesuffix(".") if sentence.startswith(NOT_TESTED) else ""

    @property
    def look_words(self) -> str:
        """What the test that saw least looks at, in brackets, where the words for its kind do not say so."""
        look = self.look
        if look is None:
            return ""
        if look.test in _FAULTS:
            return f" ({cause_words(_FAULTS[look.test])})"
        own = self.finding["effect"]["name"]
        return "" if look.effect == own else f" ({effect_words(look.effect, self.counted)})"

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
        for unit, strongest in _speakers(by_kind.get(kind, {})):
            looks = {look: finding for finding in by_kind[kind][unit] for look in looks_in([finding])}
            sight = sights(looks).get(kind)
            sure = sight is None or sight.sure
            if kind in diagnosis["kinds"] and (len(by_kind[kind]) == 1 or strongest["drifted"]):
                state = "drift"
            else:
                state = "ambiguous" if kind in unclear else _quiet_state(strongest, alpha, sure=sure)
            # A sentence, its size and what would have shown are of one test, and a silence is as sure as the least.
            is_open = state == "unsure" and not sure
            speaker = looks[sight.weakest] if is_open and sight is not None else strongest
            summaries.append(
                KindSummary(
                    kind=kind,
                    state=state,
                    finding=speaker,
                    unit=unit,
                    counted=counted_in(report, speaker),
                    look=None if sight is None else sight.weakest,
                    sure=sure,
                )
            )
    # Of a kind that drifted some units may not have.
    return sorted(summaries, key=lambda summary: summary.state != "drift" and summary.kind in diagnosis["kinds"])


def _speakers(by_unit: Mapping[str, Sequence[Mapping[str, Any]]]) -> Sequence[tuple[str, Mapping[str, Any]]]:
    """Return the strongest finding of each unit, words first."""
    units = sorted(by_unit, key=lambda unit: unit != "words")
    return [(unit, max(by_unit[unit], key=_strength)) for unit in units]


def _strength(finding: Mapping[str, Any]) -> tuple[bool, bool, float, float]:
    """Rank findings of one kind: those that drifted, then by p-value, then by size in units of what matters.

    What was looked for inside segments speaks of a kind only where it drifted, or nothing else does.
    """
    effect = finding["effect"]
    ratio = abs(effect["value"] or 0.0) / effect["material_from"] if effect["material_from"] else 0.0
    is_whole = bool(finding["drifted"]) or not str(finding.get("test")).endswith(".segments")
    return bool(finding["drifted"]), is_whole, -_adjusted(finding), ratio


def _quiet_state(finding: Mapping[str, Any], alpha: float, *, sure: bool) -> str:
    """Tell apart the reasons why a kind is not named as drift."""
    if not finding["conclusive"]:
        return "unsure"
    if _adjusted(finding) > alpha:
        return "none" if sure else "unsure"
    return "explained" if finding["material"] else "small"


def _adjusted(finding: Mapping[str, Any]) -> float:
    adjusted, own = finding["adjusted_p_value"], finding["p_value"]
    return float((1.0 if own is None else own) if adjusted is None else adjusted)


def too_few_to_tell(summaries: Sequence[KindSummary]) -> list[KindSummary]:
    """Return the kinds of which some change that matters could have been missed: a silence about them means nothing."""
    return [s for s in summaries if not s.sure and s.state not in ("drift", "ambiguous")]


def counted_in(report: Mapping[str, Any], finding: Mapping[str, Any]) -> str:
    """Return what the shares of a finding are shares of: ``rows``, ``distinct texts``, or ``texts compared``.

    Of a window with many copies the shares of its rows are others than those of its distinct texts. A test that left
    out rows for another reason, such as a label that is not there, compared fewer.

    Examples
    --------
    >>> window = {"rows": 90, "rows_used": 90, "documents": 40}
    >>> report = {"reference": window, "current": window}
    >>> counted_in(report, {"n_documents": [40, 40]}), counted_in(report, {"n_documents": [90, 90]})
    ('distinct texts', 'rows')
    """
    sizes = finding.get("n_documents")
    windows = [report.get(role) for role in ("reference", "current")]
    sides = [window for window in windows if isinstance(window, Mapping)]
    if not isinstance(sizes, (list, tuple)) or len(sides) != len(windows):
        return "rows"
    if any([side.get(name) for side in sides] == list(sizes) for name in ("rows_used", "rows")):
        return "rows"
    has_copies = any(side.get("documents") != side.get("rows_used") for side in sides)
    return "distinct texts" if has_copies else "texts compared"
