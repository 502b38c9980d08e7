"""The report in one paragraph for a person who owns the product: what changed, how sure, at what cost, what is next."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from typing import Any

from textdrift.findings.cause_sentences import unjudged_kinds
from textdrift.findings.changes_in_words import what_changed
from textdrift.findings.costing import judge_by_cost
from textdrift.findings.diagnosing import Diagnosis
from textdrift.findings.finding import Finding
from textdrift.findings.gating import Gate
from textdrift.findings.playbook import Play
from textdrift.findings.priced_change import Cost, rounded
from textdrift.findings.quiet_words import nothing_changed
from textdrift.findings.severity import Severity
from textdrift.findings.sight import Compared
from textdrift.performance.assessing import Performance
from textdrift.performance.performance_row import Figure

__all__ = ["business_summary"]

_UNTIL_NAMES_AGREE = (
    "How often the system is right, and what that costs, cannot be judged until these names are the same as before."
)
_NEXT = {
    "fix upstream": "{who} has the data repaired where they come from, and the comparison is run again",
    "retrain": "{who} has the system adjusted with recent examples",
    "roll back": "{who} goes back to what was in use before, and looks for the difference",
    "label": "{who} has people go through recent texts, to see whether the answers are still right",
    "accept": "{who} accepts the change, or says why not",
}
_NEXT_OF_CAUSES = {
    "language": "{who} finds out whether these are new customers or texts from a wrong source, and only then has "
    "people go through them",
}
_PRESSING = {"critical": "This needs attention today.", "info": "There is no hurry."}

_LABELS_ALONE = "This looks only at the right answers that came later; the texts themselves were judged before."
_FELL_UNSEEN = "But the system is right less often than before, and that was not among the tests that decide."
_AFTER_UNSEEN = (
    "Next, look where the wrong answers became more, and put how often the system is right among the tests that decide."
)
_AFTER_FEW_TEXTS = "Next, see whether the texts were read from the right column: it holds only a few different ones."
_AFTER_CHALLENGE = {
    "worse": "Next, keep the system in use, and find out where the candidate errs.",
    "undecided": "Next, have more recent texts labelled, since too few say whether the candidate is as good.",
}
_LEAST_TOLD = 0.01

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
    diagnosis: Diagnosis | None = None,
    gate: Gate | None = None,
    whole: Compared | None = None,
    labels_alone: bool = False,
    few_texts: bool = False,
) -> str:
    """Say in one paragraph, without a technical word, what happened and what comes next.

    Nothing of the texts stands in it; of the data only the segment that changed most. What a fault of the data explains
    is told with the fault, which then stands first, and not as a fact about people. Money is given as a range of 19 in
    20; without a price the share of right answers is told instead, and where that is unknown too, it says so.

    Parameters
    ----------
    verdict, findings, passed, severity, performance, cost:
        Of the run.
    plays:
        What to do; the first one is told.
    diagnosis:
        Of the run: what the causes explain, and where things changed most.
    gate:
        Of the job that judged; what it decided stands for ``passed``, and a challenger for what comes next.
    whole:
        How much was compared, where more is known of it than the findings say.
    labels_alone:
        Whether labels that came later are all that was judged; the inputs were judged before, and that is said.
    few_texts:
        Whether each window repeats a few texts over and over, so that they may be none.

    Examples
    --------
    >>> business_summary("no_drift", (), passed=True, severity=None)
    'Nothing that matters changed. What it costs is not known: neither prices nor checked answers were given. The \
check was passed. Nothing needs to be done.'
    """
    unseen = verdict != "drift" and _fell_unseen(findings, performance)
    causes = _causes(findings, diagnosis)
    if verdict == "drift":
        sentences = [what_changed(findings, causes, diagnosis, cost=cost)]
    elif verdict == "no_drift":
        sentences = [nothing_changed(findings, whole, but=unseen)]
    else:
        sentences = ["Whether anything changed cannot be told: these texts are too few, or cannot be compared."]
    sentences = [_LABELS_ALONE, *sentences] if labels_alone else sentences
    sentences += [_FELL_UNSEEN] if unseen else []
    names_differ = verdict == "drift" and bool(unjudged_kinds(causes))
    sentences.append(_UNTIL_NAMES_AGREE if names_differ else _what_it_costs(performance, cost))
    sentences.append(_what_was_decided(verdict, cost, gate, passed=passed))
    if unseen:
        return " ".join([*sentences, _AFTER_UNSEEN])
    after = _AFTER_CHALLENGE.get(gate.challenge.verdict) if gate is not None and gate.challenge is not None else None
    if few_texts and verdict == "inconclusive":
        after = after or _AFTER_FEW_TEXTS
    return " ".join([*sentences, after or _what_is_next(verdict, plays, severity, cost, passed=passed)])


def _fell_unseen(findings: Iterable[Finding], performance: Performance | None) -> bool:
    """Whether labels show that answers are right less often, and no test that decides looked at it."""
    measured = performance.measured if performance is not None else None
    if measured is None or any(f.kind == "performance" and not f.supporting for f in findings):
        return False
    high = measured.row("accuracy").change.high
    return high is not None and high < 0


def _causes(findings: Iterable[Finding], diagnosis: Diagnosis | None) -> list[Mapping[str, Any]]:
    if diagnosis is not None and diagnosis.causes:
        return list(diagnosis.causes)
    return list(chain.from_iterable(f.result.table("causes") for f in findings if f.drifted))


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
    how_many = f"about {_of_100(near)} to {_of_100(far)}" if near >= _LEAST_TOLD else f"up to {_of_100(far)}"
    return f"{said}: very likely {way}, by {how_many} in 100."


def _of_100(share: float) -> str:
    """Write a share as a number out of 100, with a digit where a whole number would hide it."""
    number = f"{100 * share:.0f}"
    return number if number not in {"0", "100"} or share in {0.0, 1.0} else f"{100 * share:.1f}"


def _what_was_decided(verdict: str, cost: Cost | None, gate: Gate | None, *, passed: bool) -> str:
    challenge = None if gate is None else gate.challenge
    if challenge is not None and challenge.verdict == "worse":
        return "The check was not passed: the candidate is right less often than the system in use."
    if gate is not None and gate.passed and not gate.conclusive:
        return "The check could not tell."
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
        next_step = _NEXT_OF_CAUSES.get(plays[0].cause or "", _NEXT[plays[0].process.action])
        said = f"Next, {next_step.format(who=who)}."
        return " ".join(filter(None, [said, _PRESSING.get(severity or "")]))
    if verdict == "inconclusive":
        return "Next, compare a longer time with more texts."
    if not passed and cost is None:
        return "Next, look at what the check names as its reasons."
    if not passed:
        return "Next, find out why the cost rose although the texts did not change."
    if cost is not None and cost.leading.change.low > 0:
        return "Nothing needs to be done now; see whether the cost stays."
    return "Nothing needs to be done."
