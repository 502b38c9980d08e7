"""The report in one paragraph for a person who owns the product: what changed, how sure, at what cost, what is next."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from textdrift.findings.costing import judge_by_cost
from textdrift.findings.fault_processes import ONLY_FAULTS
from textdrift.findings.finding import Finding
from textdrift.findings.phrases import listed
from textdrift.findings.playbook import Play
from textdrift.findings.priced_change import Cost, rounded
from textdrift.findings.severity import SEVERITIES, Severity, severity_of
from textdrift.performance.assessing import Performance
from textdrift.performance.performance_row import Figure

__all__ = ["business_summary"]

_CHANGED = {
    "lexical": "people use other words",
    "semantic": "they write about other things",
    "label": "the mix of categories changed",
    "prediction": "the answers changed",
    "concept": "what used to be one category now counts as another",
    "performance": "the system is wrong more often",
    "quality": "texts arrive damaged or from the wrong place",
    "features": "other facts about the texts changed",
    "encoder": "the program that reads the texts was exchanged",
}
_FAULTS = {
    "missing": "some texts are missing",
    "repeated": "texts arrive more than once",
    "truncated": "texts arrive cut short",
    "recased": "texts arrive without capitals or punctuation",
    "mojibake": "texts arrive garbled",
    "escaped": "texts arrive with web code in them",
    "placeholder": "stand-ins arrive instead of texts",
    "language": "the mix of languages changed",
    "schema": "the data come in another form",
    "template": "many texts are made from one pattern",
    "late": "data came late or twice",
    "leak": "texts give their own answers away",
    "loop": "answers of the system come back as if people had given them",
}
_RARER = "a fault in the data became rarer"
_RIGHT_MORE_OFTEN = "the system is right more often"
_MOST_NAMED = 3

_NEXT = {
    "fix upstream": "{who} has the data repaired where they come from, and the comparison is run again",
    "retrain": "{who} has the system adjusted with recent examples",
    "roll back": "{who} goes back to what was in use before, and looks for the difference",
    "label": "{who} has people go through recent texts, to see whether the answers are still right",
    "accept": "{who} accepts the change, or says why not",
}
_PRESSING = {"critical": "This needs attention today.", "info": "There is no hurry."}

_FEWEST, _MOST = 2, 1000
_LONGEST_NAME = 60


def business_summary(
    verdict: str,
    findings: Sequence[Finding],
    *,
    passed: bool,
    severity: Severity | None,
    plays: Sequence[Play] = (),
    performance: Performance | None = None,
    cost: Cost | None = None,
) -> str:
    """Say in one paragraph, without a technical word, what happened and what comes next.

    Nothing of the texts or the names of their classes stands in it. Money is given as a range of 19 in 20; without a
    price the share of right answers is told instead, and where that is unknown too, it says so.

    Parameters
    ----------
    verdict, findings, passed, severity, performance, cost:
        Of the run.
    plays:
        What to do; the first one is told.

    Examples
    --------
    >>> business_summary("no_drift", (), passed=True, severity=None)
    'Nothing that matters changed. What it costs is not known: neither prices nor checked answers were given. The \
check was passed. Nothing needs to be done.'
    """
    if verdict == "drift":
        sentences = [_what_changed(findings, cost)]
    elif verdict == "no_drift":
        sentences = [_nothing_changed(findings)]
    else:
        sentences = ["Whether anything changed cannot be told: these texts are too few, or cannot be compared."]
    sentences += [_what_it_costs(performance, cost), _what_was_decided(verdict, cost, passed=passed)]
    return " ".join([*filter(None, sentences), _what_is_next(verdict, plays, severity, cost, passed=passed)])


def _what_changed(findings: Sequence[Finding], cost: Cost | None) -> str:
    """Name the changes, the most severe first, and say how sure the least sure of them is."""
    worst: dict[str, tuple[int, float, str]] = {}
    chance: dict[str, float] = {}
    for finding in findings:
        severity = severity_of(finding, cost=cost)
        if severity is not None:
            weight = (SEVERITIES.index(severity), finding.strength, _in_words(finding))
            worst[finding.kind] = max(worst.get(finding.kind, weight), weight)
            p_value = finding.adjusted_p_value if finding.result.has_p_value else None
            chance[finding.kind] = min(chance.get(finding.kind, 1.0), 0.0 if p_value is None else p_value)
    ranked = sorted(worst, key=lambda kind: worst[kind], reverse=True)
    named = ranked[:_MOST_NAMED]
    others = ", among other things" if len(ranked) > len(named) else ""
    changes = listed([worst[kind][-1] for kind in named])
    return f"Compared with before, {changes}{others}. {_how_sure([chance[kind] for kind in named])}"


def _in_words(finding: Finding) -> str:
    """Say what one finding found; a fault of the data by its cause."""
    if finding.kind == "performance" and finding.effect.value > 0:
        return _RIGHT_MORE_OFTEN
    causes = finding.result.table("causes")
    if causes and causes[0]["cause"] in _FAULTS:
        gone = causes[0].get("direction") == "down" and causes[0]["cause"] in ONLY_FAULTS
        return _RARER if gone else _FAULTS[causes[0]["cause"]]
    return _CHANGED.get(finding.kind, "something else changed")


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
    return f"{each} {sure}: if nothing had changed, an alarm like it would come up at most once in {once_in:,} checks."


def _nothing_changed(findings: Iterable[Finding]) -> str:
    sizes = [f.result.n_documents for f in findings if not f.supporting and min(f.result.n_documents) > 0]
    if not sizes:
        return "Nothing that matters changed."
    before, now = (min(sides[side] for sides in sizes) for side in (0, 1))
    return f"Nothing that matters changed between {before:,} earlier and {now:,} recent texts."


def _what_it_costs(performance: Performance | None, cost: Cost | None) -> str:
    if cost is not None:
        return _in_money(cost)
    measured = performance.measured if performance is not None else None
    if measured is not None:
        row = measured.row("accuracy")
        return _in_right_answers(row.reference, row.current, row.change)
    estimated = performance.estimated if performance is not None else None
    if estimated is not None and estimated.calibrated and estimated.reference_accuracy is not None:
        before, now = _of_100(estimated.reference_accuracy), _of_100(estimated.accuracy.value)
        doubt = ", but this guess is in doubt" if estimated.flags else ""
        return f"By its own account about {now} of 100 answers of the system are right, before {before}{doubt}."
    return "What it costs is not known: neither prices nor checked answers were given."


def _in_money(cost: Cost) -> str:
    change, currency = cost.leading.change, cost.table.currency[:_LONGEST_NAME]
    per = f"for every {cost.table.volume or 0:,.0f} texts"

    def money(value: float) -> str:
        return f"{currency} {rounded(abs(value)):,.12g}".strip()

    if change.low <= 0 <= change.high:
        said = (
            f"Harm in money is not shown: {per} it lies between {money(change.low)} less and {money(change.high)} more"
        )
    else:
        near, far = sorted((abs(change.low), abs(change.high)))
        how = (
            f"costs about {money(near)} to {money(far)} more"
            if change.low > 0
            else f"saves about {money(near)} to {money(far)}"
        )
        said = f"It {how} {per}"
    if cost.leading.basis == "labels":
        return f"{said}."
    doubt = "; do not rely on it" if cost.doubts else ""
    return f"{said} (estimated, since recent answers were not checked{doubt})."


def _in_right_answers(before: Figure, now: Figure, change: Figure) -> str:
    if before.value is None or now.value is None:
        return "How often the system is right could not be measured."
    said = f"Of 100 answers of the system about {_of_100(now.value)} are right, before {_of_100(before.value)}"
    if change.low is None or change.high is None:
        return f"{said}."
    if change.low <= 0 <= change.high:
        return f"{said}, a difference that may be chance."
    near, far = sorted((abs(change.low), abs(change.high)))
    way = "fewer" if change.high < 0 else "more"
    return f"{said}: surely {way}, by {_of_100(near)} to {_of_100(far)} in 100."


def _of_100(share: float) -> str:
    """Write a share as a number out of 100, with a digit where a whole number would hide it."""
    number = f"{100 * share:.0f}"
    return number if number not in {"0", "100"} or share in {0.0, 1.0} else f"{100 * share:.1f}"


def _what_was_decided(verdict: str, cost: Cost | None, *, passed: bool) -> str:
    limit = None if cost is None else cost.table.fail_above
    by_cost = None if cost is None or limit is None else judge_by_cost(cost, limit)
    if by_cost is not None:
        how = "passed: the cost stays at or under" if passed else "not passed: the cost is surely above"
        return f"The check was {how} the agreed limit."
    if verdict == "inconclusive":
        return "The check decided nothing."
    return "The check was passed." if passed else "The check was not passed."


def _what_is_next(
    verdict: str, plays: Sequence[Play], severity: Severity | None, cost: Cost | None, *, passed: bool
) -> str:
    if plays:
        who = plays[0].decides[:_LONGEST_NAME]
        who = who if who[:1].isupper() or who.startswith("the ") else f"the {who}"
        said = f"Next, {_NEXT[plays[0].process.action].format(who=who)}."
        return " ".join(filter(None, [said, _PRESSING.get(severity or "")]))
    if verdict == "inconclusive":
        return "Next, compare a longer time with more texts."
    if not passed:
        return "Next, find out why the cost rose although the texts did not change."
    if cost is not None and cost.leading.change.low > 0:
        return "Nothing needs to be done now; see whether the cost stays."
    return "Nothing needs to be done."
