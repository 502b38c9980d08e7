"""Severity: from size, kind and cost; never without drift, and never less for a larger effect."""

import itertools

import numpy as np
import pytest

from textdrift.drift.contract import DriftResult, Effect, Evidence
from textdrift.findings.cost_table import CostTable
from textdrift.findings.deciding import MATERIAL_FROM
from textdrift.findings.finding import Finding, is_material
from textdrift.findings.priced_change import Cost, PricedChange
from textdrift.findings.severity import SEVERITIES, SEVERITY_FROM, report_severity, severity_of
from textdrift.reports.wording import KINDS
from textdrift.stats.valued_shares import MeanInterval

EFFECTS = {
    "lexical": ("largest_share_change", 0.02), "semantic": ("std_shift", 0.05), "label": ("total_variation", 0.05),
    "prediction": ("total_variation", 0.05), "concept": ("share_relabelled", 0.03),
    "performance": ("accuracy_change", 0.03), "quality": ("share_of_rows", 0.01), "features": ("std_shift", 0.05),
    "encoder": ("encoder_changed", 1.0),
}  # fmt: skip


def finding(kind, value, *, name=None, material_from=None, cause="escaped", direction="up", drifted=None):
    usual, least = EFFECTS[kind]
    effect = Effect(name=name or usual, value=value, low=value, high=value, detectable=0.001)
    least = least if material_from is None else material_from
    causes = Evidence(name="causes", rows=({"cause": cause, "direction": direction},))
    result = DriftResult(
        test=f"{kind}.test", kind=kind, statistic=9.0, p_value=0.001, effects=(effect,), n_documents=(500, 500),
        evidence=(causes,) if kind == "quality" else (),
    )  # fmt: skip
    return Finding(
        result=result, supporting=False, adjusted_p_value=0.001, effect=effect, material_from=least,
        drifted=is_material(effect, least) if drifted is None else drifted, conclusive=True, sentence="It moved.",
    )  # fmt: skip


def cost(low, high, *, fail_above=None, basis="labels", doubts=()):
    interval = MeanInterval((low + high) / 2, low, high)
    priced = PricedChange(
        basis=basis, reference=interval, current=interval, change=interval, at_same_labels=None, cells=(),
        n_documents=(500, 500),
    )  # fmt: skip
    table = CostTable(matrix={"bad": {"good": 5.0}}, volume=1000, currency="EUR", fail_above=fail_above)
    measured, estimated = (priced, None) if basis == "labels" else (None, priced)
    return Cost(table=table, measured=measured, estimated=estimated, doubts=doubts, notes=())


DEAR = cost(200, 900, fail_above=100)
CHEAP = cost(-20, 50, fail_above=100)
OPEN = cost(-20, 500, fail_above=100)
COSTS = [
    None, DEAR, CHEAP, OPEN, cost(-5, 5), cost(10, 20), cost(-20, -5), cost(10, 20, basis="estimate"),
    cost(200, 900, fail_above=100, basis="estimate", doubts=("it is a guess",)),
    cost(-20, 50, fail_above=100, basis="estimate"),
]  # fmt: skip


def test_every_kind_has_a_ladder():
    assert set(SEVERITY_FROM) == set(KINDS) == set(EFFECTS)


@pytest.mark.parametrize(
    ("kind", "times", "severity"),
    [
        ("lexical", 1, "info"), ("lexical", 2.9, "info"), ("lexical", 3, "warning"), ("lexical", 50, "warning"),
        ("semantic", 1.9, "info"), ("semantic", 2, "warning"), ("semantic", 50, "warning"),
        ("features", 1, "info"), ("features", 2, "warning"),
        ("label", 1, "warning"), ("label", 19, "warning"),
        ("prediction", 1, "warning"), ("prediction", 3.9, "warning"), ("prediction", 4, "critical"),
        ("concept", 1, "warning"), ("concept", 1.9, "warning"), ("concept", 2, "critical"),
        ("performance", -1, "warning"), ("performance", -1.9, "warning"), ("performance", -2, "critical"),
        ("performance", 9, "info"),
        ("quality", 1, "info"), ("quality", 2, "warning"), ("quality", 9.9, "warning"), ("quality", 10, "critical"),
        ("encoder", 1, "warning"),
    ],
)  # fmt: skip
def test_the_table_of_defaults_is_in_force(kind, times, severity):
    assert severity_of(finding(kind, times * EFFECTS[kind][1])) == severity


def test_a_fault_that_needs_much_to_matter_needs_more_to_be_critical():
    """Topics alone move capitals and marks by a tenth of the rows; the same share of missing texts is an outage."""
    assert severity_of(finding("quality", 0.12, material_from=0.10)) == "info"
    assert severity_of(finding("quality", 0.20, material_from=0.10)) == "critical"
    assert MATERIAL_FROM["quality.casing", "share_of_rows"] == 0.10


@pytest.mark.parametrize(
    ("now", "direction", "severity"),
    [(0.5, "up", "critical"), (0.005, "up", "info"), (None, "up", "info"), (0.5, "down", "info")],
)
def test_a_storm_of_copies_does_not_hide_how_many_rows_a_fault_touches(now, direction, severity):
    """One text that came a thousand times is one of the distinct texts that the test compared."""
    row = {"cause": "escaped", "direction": direction, "rows_touched": now, "rows_touched_before": 0.001}
    found = finding("quality", 0.012, direction="up")
    assert severity_of(found, causes=[row]) == report_severity([found], causes=[row]) == severity
    assert severity_of(found) == "info"


def test_a_fault_that_became_rarer_is_at_most_a_warning():
    assert severity_of(finding("quality", 0.5, direction="down")) == "warning"
    for cause in ("language", "recased"):  # a language that is rarer may be lost, and rarer capitals are stripped
        assert severity_of(finding("quality", 0.5, cause=cause, direction="down")) == "critical"


def test_without_drift_there_is_no_severity_whatever_the_cost():
    quiet = [finding(kind, 0.9 * least, drifted=False) for kind, (_, least) in EFFECTS.items()]
    quiet += [finding(kind, 9 * least, drifted=False) for kind, (_, least) in EFFECTS.items()]
    for price in COSTS:
        assert {severity_of(one, cost=price) for one in quiet} == {None}
        assert report_severity(quiet, cost=price) is None
    assert report_severity([]) is None


@pytest.mark.parametrize("kind", EFFECTS)
@pytest.mark.parametrize("direction", ["up", "down"])
@pytest.mark.parametrize("price", COSTS, ids=range(len(COSTS)))
def test_a_larger_effect_is_never_less_severe(kind, direction, price):
    rng = np.random.default_rng(7)
    sizes = np.sort(np.concatenate([rng.uniform(0, 1, 60), rng.uniform(0, 0.2, 60)]))
    for sign in (1, -1) if kind == "performance" else (1,):
        told = [severity_of(finding(kind, sign * size, direction=direction), cost=price) for size in sizes]
        ranks = [-1 if severity is None else SEVERITIES.index(severity) for severity in told]
        assert ranks == sorted(ranks)
        assert kind == "encoder" or max(ranks) >= 0


@pytest.mark.parametrize("low", range(-300, 1500, 100))
def test_a_higher_cost_is_never_less_severe(low):
    for kind, (_, least) in EFFECTS.items():
        for times, limit in itertools.product((1, 2, 5), (None, 100)):
            one = finding(kind, -times * least if kind == "performance" else times * least)
            here, more = (
                severity_of(one, cost=cost(start, start + 100, fail_above=limit)) for start in (low, low + 100)
            )
            assert SEVERITIES.index(here) <= SEVERITIES.index(more)


def test_a_cost_surely_above_its_limit_is_critical():
    assert severity_of(finding("label", 0.05), cost=DEAR) == "critical"
    assert severity_of(finding("performance", 0.05), cost=DEAR) == "critical", "right more often, and yet dearer"
    assert severity_of(finding("lexical", 0.03), cost=DEAR) == "info", "the words did not do it"
    assert report_severity([finding("lexical", 0.03)], cost=DEAR) == "critical", "but the report is"


@pytest.mark.parametrize("kind", ["prediction", "concept", "performance", "quality"])
def test_a_cost_surely_under_its_limit_leaves_nothing_critical(kind):
    worst = finding(kind, -0.9 if kind == "performance" else 0.9)
    assert severity_of(worst) == "critical"
    assert severity_of(worst, cost=CHEAP) == report_severity([worst], cost=CHEAP) == "warning"
    assert severity_of(worst, cost=OPEN) == "critical"


def test_words_alone_whose_cost_may_be_nothing_are_an_info():
    words = finding("lexical", 0.3)
    assert [severity_of(words, cost=price) for price in (None, cost(-5, 5), cost(5, 10))] == [
        "warning", "info", "warning",
    ]  # fmt: skip


def test_an_estimate_in_doubt_says_nothing():
    doubted = cost(-20, 50, fail_above=100, basis="estimate", doubts=("it is a guess",))
    for kind, (_, least) in EFFECTS.items():
        one = finding(kind, 9 * least)
        assert severity_of(one, cost=doubted) == severity_of(one)


def test_an_estimate_excuses_nothing_that_it_cannot_see():
    under = cost(-20, 50, fail_above=100, basis="estimate")
    assert severity_of(finding("concept", 0.9), cost=under) == "critical"
    assert severity_of(finding("performance", -0.9), cost=under) == "critical"
    assert severity_of(finding("prediction", 0.9), cost=under) == "warning"


def test_a_report_is_as_bad_as_its_worst_finding():
    told = [finding("lexical", 0.03), finding("quality", 0.05), finding("concept", 0.2, drifted=False)]
    assert report_severity(told) == "warning"


def test_one_more_finding_never_makes_a_report_less_severe():
    rng = np.random.default_rng(11)
    for _ in range(300):
        price = COSTS[rng.integers(len(COSTS))]
        told = []
        ranks = []
        for kind in rng.permutation(list(EFFECTS))[:4]:
            size = EFFECTS[kind][1] * rng.exponential(3)
            told.append(finding(str(kind), -size if kind == "performance" else size))
            severity = report_severity(told, cost=price)
            ranks.append(-1 if severity is None else SEVERITIES.index(severity))
        assert ranks == sorted(ranks)
