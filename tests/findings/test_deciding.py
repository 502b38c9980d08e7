"""From results to findings: the promise of alpha, materiality, and knowing when nothing can be said."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from textdrift.drift.contract import DriftResult, Effect, Evidence
from textdrift.drift.doubt import Doubt, doubted
from textdrift.errors import SettingsError
from textdrift.findings.deciding import MATERIAL_FROM, decide, drifted_kinds, verdict_of
from textdrift.findings.planning import plan_tests
from textdrift.windows.window import Roles

LABEL, LEXICAL, SEMANTIC, MISSING, COPIES, TEMPLATE, LOOP = (
    ("columns.categorical", "label", "total_variation"),
    ("lexical.token_frequency", "lexical", "largest_share_change"),
    ("embedding.alibi_mmd", "semantic", "std_shift"),
    ("quality.missing", "quality", "share_of_rows"),
    ("quality.copies", "quality", "share_of_rows"),
    ("quality.template", "quality", "share_of_rows"),
    ("quality.loop", "quality", "share_of_rows"),
)


def result(what, p, value, *, detectable=0.0, n=1000):
    test, kind, name = what
    effect = Effect(name=name, value=value, low=value, high=value, detectable=detectable)
    return DriftResult(test=test, kind=kind, statistic=1.0, p_value=p, effects=(effect,), n_documents=(n, n))


def deciding(*results):
    return [(r, False) for r in results]


def test_a_significant_material_effect_is_drift():
    (finding,) = decide(deciding(result(LABEL, 0.001, 0.2)), alpha=0.05)
    assert finding.drifted
    assert finding.adjusted_p_value == pytest.approx(0.001)


def test_a_significant_effect_too_small_to_matter_is_not_drift():
    (finding,) = decide(deciding(result(LABEL, 1e-9, 0.01)), alpha=0.05)
    assert not finding.drifted
    assert not finding.material


def test_a_large_effect_that_chance_explains_is_not_drift():
    (finding,) = decide(deciding(result(LABEL, 0.2, 0.3)), alpha=0.05)
    assert finding.material
    assert not finding.drifted


def test_holm_over_kinds_times_tests_within_a_kind():
    findings = decide(
        deciding(
            result(LABEL, 0.01, 0.2), result(MISSING, 0.004, 0.1), result(COPIES, 0.5, 0.0), result(SEMANTIC, 0.9, 0)
        ),
        alpha=0.05,
    )
    # combined: label .01, quality 2 x .004 = .008, semantic .9; Holm: quality x3 = .024, label x2 = .02 -> .024
    assert [round(f.adjusted_p_value, 6) for f in findings] == [0.024, 0.024, 1.0, 0.9]
    assert drifted_kinds(findings) == ("quality", "label")


@given(
    st.lists(
        st.tuples(st.sampled_from([LABEL, LEXICAL, SEMANTIC, MISSING, COPIES, TEMPLATE]), st.floats(1e-6, 1.0)),
        min_size=1,
        max_size=8,
    )
)
def test_an_adjusted_p_value_is_never_smaller_than_the_raw_one_nor_above_one(rows):
    for finding in decide(deciding(*(result(what, p, 0.5) for what, p in rows)), alpha=0.05):
        assert finding.result.p_value <= finding.adjusted_p_value <= 1.0


@pytest.mark.parametrize("correlated", [False, True])
def test_false_alarms_of_the_whole_report_stay_at_alpha(correlated):
    rng = np.random.default_rng(0)
    kinds = [LABEL, LEXICAL, SEMANTIC, MISSING, COPIES, TEMPLATE, LOOP]
    alarms, repeats = 0, 4000
    for _ in range(repeats):
        p = np.repeat(rng.random(), len(kinds)) if correlated else rng.random(len(kinds))
        findings = decide(deciding(*(result(k, max(v, 1e-9), 1.0) for k, v in zip(kinds, p, strict=True))), alpha=0.05)
        alarms += bool(drifted_kinds(findings))
    assert alarms / repeats <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / repeats)
    assert alarms > 0


def test_eight_documents_are_never_called_drift():
    findings = decide(deciding(result(SEMANTIC, 0.001, 1.0, detectable=0.9, n=8)), alpha=0.05)
    assert drifted_kinds(findings) == ()
    assert verdict_of((), findings) == "inconclusive"


def test_silence_is_trusted_only_where_twice_a_material_effect_would_have_shown():
    seen = decide(deciding(result(SEMANTIC, 0.8, 0.0, detectable=0.099)), alpha=0.05)
    unseen = decide(deciding(result(SEMANTIC, 0.8, 0.0, detectable=0.101)), alpha=0.05)
    assert (verdict_of((), seen), verdict_of((), unseen)) == ("no_drift", "inconclusive")


def test_without_a_semantic_test_every_kind_must_have_a_test_that_could_have_seen():
    label, missing, copies = (
        result(LABEL, 0.8, 0.0, detectable=0.05),
        result(MISSING, 0.8, 0.0, detectable=1.0),
        result(COPIES, 0.8, 0.0, detectable=0.01),
    )
    verdict = lambda *results: verdict_of((), decide(deciding(*results), alpha=0.05))
    assert verdict(label, missing, copies) == "no_drift"
    assert verdict(label, missing) == "inconclusive"


def test_less_than_chance_is_nothing_and_a_fall_of_accuracy_is_something():
    shift = decide(deciding(result(SEMANTIC, 1e-6, -0.2)), alpha=0.05)[0]
    accuracy = decide(deciding(result(("columns.accuracy", "performance", "accuracy_change"), 1e-6, -0.2)), alpha=0.05)[
        0
    ]
    assert not shift.material
    assert accuracy.material


def test_a_supporting_result_neither_decides_nor_costs_alpha():
    alone = decide(deciding(result(LABEL, 0.03, 0.2)), alpha=0.05)
    beside = decide([(result(LABEL, 0.03, 0.2), False), (result(SEMANTIC, 1e-6, 1.0), True)], alpha=0.05)
    assert alone[0].adjusted_p_value == beside[0].adjusted_p_value
    assert beside[1].adjusted_p_value is None
    assert not beside[1].drifted


def test_kinds_are_ordered_by_how_far_they_exceed_what_matters():
    findings = decide(deciding(result(LABEL, 1e-6, 0.1), result(LEXICAL, 1e-6, 0.2)), alpha=0.05)
    assert drifted_kinds(findings) == ("lexical", "label")


def test_the_user_may_move_the_bar():
    findings = decide(
        deciding(result(LABEL, 1e-6, 0.1)), alpha=0.05, material_from={("columns", "total_variation"): 0.15}
    )
    assert not findings[0].drifted
    assert findings[0].material_from == 0.15


def test_an_unknown_effect_names_the_nearest():
    with pytest.raises(SettingsError, match="total_variation"):
        decide(deciding(result(LABEL, 0.5, 0.1)), alpha=0.05, material_from={("columns", "total_variance"): 0.1})


def test_the_promised_thresholds():
    promised = {
        "largest_share_change": 0.02,
        "std_shift": 0.05,
        "total_variation": 0.05,
        "accuracy_change": 0.03,
        "share_relabelled": 0.03,
    }
    of_features = {"columns.joint", "columns.categorical.features"}
    for (test, name), value in MATERIAL_FROM.items():
        assert test in of_features or promised.get(name, value) == value
    assert MATERIAL_FROM["columns.numeric", "kolmogorov_smirnov"] == 0.10
    assert MATERIAL_FROM["columns.categorical.features", "total_variation"] == 0.10
    assert MATERIAL_FROM["quality.markup", "share_of_rows"] == 0.03
    assert MATERIAL_FROM["quality.casing", "share_of_rows"] == 0.10
    assert MATERIAL_FROM["quality.missing", "share_of_rows"] == 0.01


def test_a_p_value_of_zero_is_refused_at_the_source():
    with pytest.raises(ValueError, match=r"lies in \(0, 1\]"):
        result(LABEL, 0.0, 0.1)


def test_a_fact_is_judged_by_its_size_and_takes_nothing_from_the_tests():
    fact = DriftResult(
        test="quality.schema",
        kind="quality",
        statistic=0.2,
        p_value=1.0,
        has_p_value=False,
        effects=(Effect(name="share_of_rows", value=0.2, low=0.2, high=0.2, detectable=0.0),),
        n_documents=(1000, 1000),
    )
    stated, tested = decide(deciding(fact, result(SEMANTIC, 0.04, 0.2)), alpha=0.05)
    assert stated.drifted
    assert stated.adjusted_p_value is None
    assert tested.adjusted_p_value == pytest.approx(0.04)


def test_a_rare_fault_spends_a_tenth_of_what_a_common_one_may():
    missing, template = decide(deciding(result(MISSING, 0.04, 0.1), result(TEMPLATE, 0.004, 0.1)), alpha=0.05)
    assert missing.adjusted_p_value == pytest.approx(0.04 * 1.1)
    assert template.adjusted_p_value == pytest.approx(max(0.004 * 11, 0.04 * 1.1))
    assert missing.drifted


@given(st.lists(st.floats(1e-6, 1.0), min_size=4, max_size=4), st.floats(0.001, 0.2))
def test_a_material_finding_drifted_exactly_where_its_adjusted_p_value_is_at_or_under_alpha(p, alpha):
    rows = zip((MISSING, TEMPLATE, LABEL, SEMANTIC), p, strict=True)
    findings = decide(deciding(*(result(what, value, 0.5) for what, value in rows)), alpha=alpha)
    assert all(f.drifted == (f.adjusted_p_value <= alpha) for f in findings)
    combined = [min(1.0, p[0] * 1.1, p[1] * 11), p[2], p[3]]
    rejected = min(1.0, 3 * min(combined)) <= alpha
    assert bool(drifted_kinds(findings)) == rejected


def test_a_test_that_cannot_speak_today_keeps_its_share():
    silent = DriftResult(
        test="quality.loop",
        kind="quality",
        statistic=0.0,
        p_value=1.0,
        has_p_value=False,
        effects=(Effect(name="share_of_rows", value=0.0, low=0.0, high=1.0, detectable=1.0),),
        n_documents=(1000, 1000),
    )
    findings = decide([(result(MISSING, 0.04, 0.1), False), (silent, True)], alpha=0.05)
    assert findings[0].adjusted_p_value == pytest.approx(0.04 * 1.1)
    assert findings[1].adjusted_p_value is None


def test_every_test_is_heard_at_the_level_that_it_was_planned_for():
    plan = plan_tests(Roles(text="t", label="y", prediction="p", time="s"), None, 0.05)
    tests = [planned for planned in plan.tests if planned.entry.decides]
    for heard in tests:
        results = [
            result((p.entry.name, p.entry.kind, "size"), p.test.level if p is heard else 1.0, 0.0) for p in tests
        ]
        place = tests.index(heard)
        assert decide(deciding(*results), alpha=0.05)[place].adjusted_p_value == pytest.approx(0.05)


def of_column(name, doubt=None, *, p=0.8, value=0.0):
    row = result(("columns.categorical", "features", "total_variation"), p, value)
    named = Evidence(name="column", rows=({"column": name, "type": "categorical"},))
    return doubted(dataclasses.replace(row, evidence=(named,)), doubt)


UNREAD = Doubt("spelled_numbers", "column 'amount' spells numbers in a way that is not read.")


@pytest.mark.parametrize("others", [(), (result(SEMANTIC, 0.9, 0.0),), (result(LEXICAL, 0.9, 0.0),)])
def test_a_column_that_could_not_be_read_leaves_the_verdict_open_in_every_run(others):
    findings = decide(deciding(*others, of_column("city"), of_column("amount", UNREAD)), alpha=0.05)
    assert verdict_of((), findings) == "inconclusive"
    assert findings[-1].sentence == "Not tested: column 'amount' spells numbers in a way that is not read."
    without = decide(deciding(*others, of_column("city"), of_column("id", Doubt("distinct", "Ids."))), alpha=0.05)
    assert verdict_of((), without) == "no_drift"
    assert not without[-1].conclusive


def test_drift_is_drift_whatever_could_not_be_read():
    (finding,) = decide(deciding(of_column("amount", UNREAD, p=1e-6, value=0.4)), alpha=0.05)
    assert finding.drifted
    assert finding.conclusive
    assert finding.result.notes == ("Column 'amount' spells numbers in a way that is not read.",)
    assert not finding.sentence.startswith("Not tested")
