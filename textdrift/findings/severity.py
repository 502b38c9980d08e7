"""How bad is it? Info, warning or critical, from the size of a finding, its kind, and what the change costs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import inf
from types import MappingProxyType
from typing import Any, Literal, get_args

from textdrift.findings.costing import judge_by_cost
from textdrift.findings.fault_processes import ONLY_FAULTS
from textdrift.findings.finding import Finding, magnitude
from textdrift.findings.priced_change import Cost

__all__ = ["SEVERITIES", "SEVERITY_FROM", "Ladder", "Severity", "report_severity", "severity_of"]

Severity = Literal["info", "warning", "critical"]

SEVERITIES: tuple[Severity, ...] = get_args(Severity)
"""From harmless to bad."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ladder:
    """From where on a kind of drift is a warning, and critical.

    Attributes
    ----------
    warning, critical:
        In units of the effect that matters (its ``material_from``); infinity where a kind never gets there on its own.
    least_share:
        A critical finding also touches at least this share of the rows; 0 where that says nothing.
    """

    warning: float
    critical: float
    least_share: float = 0.0


SEVERITY_FROM: Mapping[str, Ladder] = MappingProxyType(
    {
        # Texts that change are the world's business: what makes them bad stands in the other kinds, and in the cost.
        "lexical": Ladder(warning=3.0, critical=inf),
        "semantic": Ladder(warning=2.0, critical=inf),
        "features": Ladder(warning=2.0, critical=inf),
        "label": Ladder(warning=1.0, critical=inf),
        "encoder": Ladder(warning=1.0, critical=inf),
        "prediction": Ladder(warning=1.0, critical=4.0),
        "concept": Ladder(warning=1.0, critical=2.0),
        "performance": Ladder(warning=1.0, critical=2.0),
        "quality": Ladder(warning=2.0, critical=2.0, least_share=0.10),
    }
)
"""The defaults, by kind: words and meaning, labels and the encoder are never critical on their own."""

_OTHERWISE = Ladder(warning=1.0, critical=inf)
_HARMLESS = frozenset({"lexical", "features"})
_OF_THE_MODEL = frozenset({"label", "prediction", "concept", "performance"})
_UNSEEN_BY_ESTIMATES = frozenset({"concept", "performance"})


def severity_of(
    finding: Finding, *, cost: Cost | None = None, causes: Sequence[Mapping[str, Any]] = ()
) -> Severity | None:
    """Say how bad a finding is; ``None`` where it did not drift.

    The size in units of what matters is held against ``SEVERITY_FROM``. A fault of the data counts by the rows that it
    touches where ``causes``, those of the diagnosis, know them: one text that came a thousand times is one distinct
    text, and a thousand rows. A rise of accuracy is an info, and a fault that
    became rarer at most a warning. Then the cost speaks, unless it is an estimate that something speaks against:

    - surely above its limit, ``fail_above``: findings about labels and answers are critical;
    - surely above 0: they are at least warnings;
    - surely at or under its limit (0 where there is none): nothing is worse than a warning;
    - not surely above 0: words alone are an info.

    An estimate without labels cannot see what a label means, so it excuses neither ``concept`` nor ``performance``. At
    the same cost a larger effect is never less severe.

    Examples
    --------
    >>> from textdrift.drift.contract import DriftResult, Effect
    >>> def words_moved(value):
    ...     effect = Effect(name="largest_share_change", value=value, low=0.0, high=1.0, detectable=0.01)
    ...     result = DriftResult(test="lexical.token_frequency", kind="lexical", statistic=9.0, p_value=0.001,
    ...                          effects=(effect,), n_documents=(900, 900))
    ...     return Finding(result=result, supporting=False, adjusted_p_value=0.001, effect=effect, material_from=0.02,
    ...                    drifted=value >= 0.02, conclusive=True, sentence="")
    >>> [severity_of(words_moved(value)) for value in (0.01, 0.03, 0.08)]
    [None, 'info', 'warning']
    """
    if not finding.drifted:
        return None
    return SEVERITIES[_with_cost(_alone(finding, causes), finding, cost)]


def report_severity(
    findings: Iterable[Finding], *, cost: Cost | None = None, causes: Sequence[Mapping[str, Any]] = ()
) -> Severity | None:
    """Say how bad the whole report is: as bad as its worst finding; ``None`` where nothing drifted.

    Where something drifted and the cost is surely above its limit, the report is critical.
    """
    severities = (severity_of(finding, cost=cost, causes=causes) for finding in findings)
    ranks = [SEVERITIES.index(severity) for severity in severities if severity is not None]
    if not ranks:
        return None
    return "critical" if _is_above_limit(cost) else SEVERITIES[max(ranks)]


def _alone(finding: Finding, causes: Sequence[Mapping[str, Any]]) -> int:
    """Return the place among the severities that a finding has by its own size."""
    effect = finding.effect
    if effect.name == "accuracy_change" and effect.value > 0:
        return 0
    ladder = SEVERITY_FROM.get(finding.kind, _OTHERWISE)
    strength, touches = finding.strength, True
    if effect.name == "share_of_rows":
        size = max(magnitude(effect), _change_of_rows(finding, causes))
        strength = size / finding.material_from if finding.material_from else size
        touches = size >= ladder.least_share
    if strength >= ladder.critical and touches and not _became_rarer(finding):
        return 2
    return int(strength >= ladder.warning)


def _change_of_rows(finding: Finding, causes: Sequence[Mapping[str, Any]]) -> float:
    """Return by how much the share of rows with a fault of the finding changed; 0 where that is not known."""
    ways = {(row["cause"], row.get("direction")) for row in finding.result.table("causes")}
    changes = [0.0]
    for row in causes:
        now, before = row.get("rows_touched"), row.get("rows_touched_before")
        if (row["cause"], row.get("direction")) in ways and now is not None and before is not None:
            changes.append(before - now if row.get("direction") == "down" else now - before)
    return max(changes)


def _became_rarer(finding: Finding) -> bool:
    causes = finding.result.table("causes")
    return bool(causes) and all(row["cause"] in ONLY_FAULTS and row.get("direction") == "down" for row in causes)


def _with_cost(rank: int, finding: Finding, cost: Cost | None) -> int:
    if cost is None or (cost.leading.basis == "estimate" and cost.doubts):
        return rank
    if finding.kind in _OF_THE_MODEL and _is_above_limit(cost):
        return 2
    if finding.kind in _OF_THE_MODEL and cost.leading.change.low > 0:
        rank = max(rank, 1)
    excused = cost.leading.basis == "labels" or finding.kind not in _UNSEEN_BY_ESTIMATES
    limit = cost.table.fail_above
    if excused and judge_by_cost(cost, 0.0 if limit is None else limit):
        rank = min(rank, 1)
    if finding.kind in _HARMLESS and cost.leading.change.low <= 0:
        rank = 0
    return rank


def _is_above_limit(cost: Cost | None) -> bool:
    if cost is None or cost.table.fail_above is None:
        return False
    return judge_by_cost(cost, cost.table.fail_above) is False
