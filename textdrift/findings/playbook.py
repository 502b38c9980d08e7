"""What to do now? The diagnosis mapped to documented processes, combined stories first, with the team's own words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from textdrift.findings.cause_sentences import MOST_OF_IT, explained_kinds, unjudged_kinds
from textdrift.findings.costing import judge_by_cost
from textdrift.findings.diagnosing import Diagnosis
from textdrift.findings.fault_processes import MISSING_VALUES, OF_CAUSES, OF_TIMES, ONLY_FAULTS, look_of_times
from textdrift.findings.finding import Finding
from textdrift.findings.first_look import open_first
from textdrift.findings.leading_segment import leading_segment, where_words
from textdrift.findings.phrases import percent
from textdrift.findings.priced_change import Cost
from textdrift.findings.process import Process
from textdrift.findings.processes import OF_KINDS, OF_STORIES
from textdrift.findings.said_of_rows import process_of_rows, said_of_rows
from textdrift.findings.severity import SEVERITIES, Severity, severity_of
from textdrift.findings.team_playbook import TeamEntry, TeamPlaybook, team_playbook_from

__all__ = ["Play", "TeamPlaybook", "playbook_for", "team_playbook_from"]

_SURELY = 0.001
"""A test that was not corrected for the others of the run asks for a model to be rolled back only from here on."""

_LIKELY = 0.05
"""And from here on where the accuracy fell and nothing else could have lowered it."""

_OTHER_REASONS = ("label", "quality", "encoder")
_LATER = "Only if it is still there after the repair. "
_IN_EACH_LANGUAGE = "Only if it is still there inside each language. "

_ALL = 0.995
_TEXTS = ("lexical", "semantic")
_WHAT_DRIFTED = {"lexical": "the words", "semantic": "the meaning"}
_HASTE = {"critical": "Do this today, and tell the product owner. ", "info": "There is no hurry. "}


_NOT_OF_TEXTS = (OF_STORIES["fault went away"], OF_STORIES["model changed"], OF_STORIES["concept or label"])
"""Stories whose first step is not to open some texts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Play:
    """One thing to do.

    Attributes
    ----------
    kind, cause:
        What it answers; ``cause`` is ``None`` where it answers a kind of drift.
    process:
        Title, what to check first, the steps and the action.
    decides:
        Who decides: a role, or whom the team names.
    owner, runbook:
        The team's; ``None`` where it named none.
    """

    kind: str
    cause: str | None
    process: Process
    decides: str
    owner: str | None = None
    runbook: str | None = None

    def described(self) -> dict[str, Any]:
        """Return plain values for the report."""
        return {
            "kind": self.kind,
            "cause": self.cause,
            "title": self.process.title,
            "first": self.process.first,
            "decides": self.decides,
            "steps": list(self.process.steps),
            "action": self.process.action,
            "owner": self.owner,
            "runbook": self.runbook,
        }


def playbook_for(
    diagnosis: Diagnosis,
    severity: Severity | None,
    findings: Sequence[Finding],
    *,
    cost: Cost | None = None,
    settings: TeamPlaybook | None = None,
    of_rows: bool = False,
) -> tuple[Play, ...]:
    """Return what to do, in the order in which to do it; nothing where nothing drifted.

    One play for each kind of drift, and for ``quality`` one for each cause: the most severe first, then the strongest.
    Some findings say more together:

    - A fault that explains at least half of the drift of the texts stands first: repair it and compare again. What it
      explains waits for that. So do all findings on labels or predictions that are written in another way than before.
    - Another encoder stands next: until it is settled, no change of meaning can be believed.
    - The predictions moved, the labels did not, and the texts did not or alike ones are surely answered otherwise: roll
      the model back. So too where the accuracy alone fell, and alike texts are likely answered otherwise.
    - Labels changed, and the data cannot tell whether their meaning or their shares did: have the same people label
      texts of both windows.
    - Words alone moved, and cost or accuracy show no harm: accept them.
    - The accuracy rose: check that it is true. A fault became rarer: ask whether it was repaired.

    Parameters
    ----------
    diagnosis, severity, findings, cost:
        Of the run.
    settings:
        The team's own owners, runbooks and steps; those of a cause go before those of ``quality``, and these before
        those of the whole playbook.
    of_rows:
        Whether the windows hold no text; what a team wrote is left as it is.

    Examples
    --------
    >>> words = Diagnosis(kinds=("lexical",), ambiguous=(), causes=(), terms=(), segments=(), documents=())
    >>> play, = playbook_for(words, "info", (), settings=team_playbook_from({"owner": "nlp"}))
    >>> play.process.action, play.decides, play.owner
    ('label', 'model owner', 'nlp')
    """
    if severity is None or not diagnosis.kinds:
        return ()
    plays: list[Play] = []
    waits = _waits(diagnosis)
    causes = _one_of_each(diagnosis.causes)
    for kind, cause, process in _ordered(diagnosis, findings, cost):
        ours = process_of_rows(process) if of_rows else process
        play = _of_the_team(kind, cause, ours, settings or TeamPlaybook())
        haste = waits.get(kind, "") if plays else _HASTE.get(severity, "")
        where = "" if cause is not None else _look_first_at(kind, diagnosis, findings)
        named = "" if process in _NOT_OF_TEXTS else open_first(kind, causes.get(cause or ""), diagnosis, findings)
        # What a team wrote stands first; ours begins with what there is to open.
        named = said_of_rows(named) if of_rows else named
        said = [named, play.process.first] if play.process.first == ours.first else [play.process.first, named]
        first = f"{haste}{' '.join(filter(None, said))}{where}"
        plays.append(replace(play, process=replace(play.process, first=first)))
    return tuple(plays)


def _waits(diagnosis: Diagnosis) -> dict[str, str]:
    """Return the kinds that are looked at only after something else, with the sentence that says so."""
    if "quality" not in diagnosis.kinds:
        return {}
    faults = [row for row in diagnosis.causes if not _is_gone(row)]
    explained = explained_kinds(faults, diagnosis.kinds)
    return dict.fromkeys(unjudged_kinds(faults), _LATER) | {
        kind: _IN_EACH_LANGUAGE if row["cause"] == "language" else _LATER for kind, row in explained.items()
    }


def _look_first_at(kind: str, diagnosis: Diagnosis, findings: Sequence[Finding]) -> str:
    segment = leading_segment(kind, diagnosis, findings)
    return "" if segment is None else f" Look first {where_words(segment)}."


def _ordered(
    diagnosis: Diagnosis, findings: Sequence[Finding], cost: Cost | None
) -> Iterator[tuple[str, str | None, Process]]:
    kinds, causes = diagnosis.kinds, _one_of_each(diagnosis.causes) if "quality" in diagnosis.kinds else {}
    blocking = [name for name in causes if name == "schema" and unjudged_kinds(diagnosis.causes)]
    most = [name for name, row in causes.items() if not _is_gone(row) and _explains_most(row, kinds)]
    first = list(dict.fromkeys([*blocking, *most]))
    told = set()
    for name in first:
        yield "quality", name, _of_cause(name, causes[name], kinds)
    if "encoder" in kinds:
        told.add("encoder")
        yield "encoder", None, OF_KINDS["encoder"]
    if _model_changed(kinds, findings):
        told.add("prediction")
        yield "prediction", None, OF_STORIES["model changed"]
    others: list[tuple[str, str | None]] = []
    for kind in kinds:
        if kind == "quality" and causes:
            others += [(kind, name) for name in causes if name not in first]
        elif kind not in told:
            others.append((kind, None))
    for kind, cause in sorted(others, key=lambda of: -_rank(of[0], of[1], findings, cost, diagnosis.causes)):
        process = _of_kind(kind, diagnosis, findings, cost) if cause is None else _of_cause(cause, causes[cause], kinds)
        yield kind, cause, process


def _rank(
    kind: str,
    cause: str | None,
    findings: Sequence[Finding],
    cost: Cost | None,
    causes: Sequence[Mapping[str, Any]],
) -> int:
    """Return how severe the worst finding is that speaks of a kind, or of a cause."""
    told = (
        severity_of(finding, cost=cost, causes=causes)
        for finding in findings
        if finding.kind == kind and (cause is None or cause in {row["cause"] for row in finding.result.table("causes")})
    )
    return max((SEVERITIES.index(severity) for severity in told if severity is not None), default=0)


def _one_of_each(causes: Sequence[Mapping[str, Any]]) -> dict[str, Mapping[str, Any]]:
    """Return the first row of each cause; one that became more common goes before one that became rarer."""
    rows: dict[str, Mapping[str, Any]] = {}
    for row in causes:
        if row["cause"] not in rows or (_is_gone(rows[row["cause"]]) and not _is_gone(row)):
            rows[row["cause"]] = row
    return rows


def _is_gone(row: Mapping[str, Any]) -> bool:
    """Whether a plain fault became rarer."""
    return row["cause"] in ONLY_FAULTS and row.get("direction") == "down"


def _explains_most(row: Mapping[str, Any], kinds: Sequence[str]) -> bool:
    return (row["share_explained"] or 0.0) >= MOST_OF_IT or bool(explained_kinds([row], kinds))


def _of_cause(name: str, row: Mapping[str, Any], kinds: Sequence[str]) -> Process:
    if _is_gone(row):
        return OF_STORIES["fault went away"]
    process = OF_TIMES.get(look_of_times(row) or "", OF_CAUSES.get(name, OF_KINDS["quality"]))
    process = MISSING_VALUES if row.get("column") else process
    if process.action != "fix upstream":
        return process
    again = "Compare again."
    if _explains_most(row, kinds):
        again = "Compare again before anything else."
        for part in row.get("explained") or ():
            if part["kind"] in kinds and part["share"] >= MOST_OF_IT:
                share = "all" if part["share"] >= _ALL else percent(part["share"])
                drift = f"{share} of the drift of {_WHAT_DRIFTED[part['kind']]}"
                again = f"Compare again before anything else: {drift} should be gone."
                break
    return replace(process, steps=(*process.steps, again))


def _of_kind(kind: str, diagnosis: Diagnosis, findings: Sequence[Finding], cost: Cost | None) -> Process:
    if any(kind in pair for pair in diagnosis.ambiguous):
        return OF_STORIES["concept or label"]
    if diagnosis.kinds == ("lexical",) and _shows_no_harm(findings, cost):
        return OF_STORIES["harmless words"]
    if kind == "performance" and all(f.effect.value > 0 for f in findings if f.kind == kind and f.drifted):
        return OF_STORIES["better model"]
    process = OF_KINDS[kind]
    return process if kind != "quality" else replace(process, steps=(*process.steps, "Compare again."))


def _model_changed(kinds: Sequence[str], findings: Sequence[Finding]) -> bool:
    """Tell a changed model from changed texts: the texts were looked at and stand still, or alike ones say so.

    Where labels moved too, texts of one label became more common, by less than the tests of texts may see; and then
    what an encoder keeps of them does not say all that the model reads.
    """
    if any(kind in kinds for kind in _OTHER_REASONS):
        return False
    of_alike_texts = [f.result for f in findings if f.result.test == "concept.prediction_given_text"]
    p_value = min((result.p_value for result in of_alike_texts if result.has_p_value), default=1.0)
    fell = any(f.kind == "performance" and f.drifted and f.effect.value < 0 for f in findings)
    if fell and p_value <= _LIKELY and not any(kind in kinds for kind in (*_TEXTS, "concept")):
        return True
    if "prediction" not in kinds:
        return False
    if p_value <= _SURELY:
        return True
    looked = any(f.kind in _TEXTS and not f.supporting and f.conclusive for f in findings)
    return looked and not any(kind in kinds for kind in _TEXTS)


def _shows_no_harm(findings: Sequence[Finding], cost: Cost | None) -> bool:
    """Whether a cost that can be trusted is not surely higher, or the accuracy was measured and stayed."""
    if cost is not None and not (cost.leading.basis == "estimate" and cost.doubts):
        limit = cost.table.fail_above
        return cost.leading.change.low <= 0 if limit is None else judge_by_cost(cost, limit) is True
    return any(f.kind == "performance" and not f.supporting and f.conclusive and not f.drifted for f in findings)


def _of_the_team(kind: str, cause: str | None, process: Process, settings: TeamPlaybook) -> Play:
    nothing = TeamEntry()
    entries = [settings.entries.get(name, nothing) for name in (cause, kind) if name is not None]
    first = next((entry.first for entry in entries if entry.first), process.first)
    steps = next((entry.steps for entry in entries if entry.steps), process.steps)
    return Play(
        kind=kind,
        cause=cause,
        process=replace(process, first=first, steps=steps),
        decides=next((entry.decides for entry in entries if entry.decides), process.decides),
        owner=next((e.owner for e in entries if e.owner), settings.owner),
        runbook=next((e.runbook for e in entries if e.runbook), settings.runbook),
    )
