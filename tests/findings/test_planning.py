"""Which tests run, at which level, with how many permutations."""

import numpy as np
import pytest
from scipy import stats

from textdrift.drift.quality.share_change import ShareChange
from textdrift.errors import MissingExtraError, SettingsError
from textdrift.findings.planning import plan_tests
from textdrift.windows.window import Roles

EVERYTHING = Roles(text="t", label="y", prediction="p")


def test_every_role_brings_its_tests():
    names = lambda roles: {p.entry.name for p in plan_tests(roles, None, 0.05).tests}
    assert "concept.label_given_text" not in names(Roles(text="t"))
    assert names(Roles(text=None, label="y")) == {"columns.categorical", "quality.schema"}
    assert {"columns.accuracy", "concept.label_given_text", "embedding.alibi_mmd"} <= names(EVERYTHING)


@pytest.mark.parametrize("alpha", [0.05, 0.001])
def test_permutations_can_reach_the_level_that_each_test_must_meet(alpha):
    plan = plan_tests(EVERYTHING, None, alpha)
    deciding = [p for p in plan.tests if p.entry.decides]
    n_kinds = len({p.entry.kind for p in deciding})
    assert n_kinds == 7
    assert sum(planned.test.level for planned in deciding) == pytest.approx(alpha)
    for planned in deciding:
        share = planned.entry.weight / sum(p.entry.weight for p in deciding if p.entry.kind == planned.entry.kind)
        assert planned.test.level == pytest.approx(alpha * share / n_kinds)
        if hasattr(planned.test, "n_permutations"):
            assert 1 / (planned.test.n_permutations + 1) <= planned.test.level


def test_common_faults_keep_their_share_beside_rare_ones():
    plan = plan_tests(Roles(text="t", label="y", prediction="p", time="s"), {"quality": {}}, 0.05)
    level = {planned.entry.name: planned.test.level for planned in plan.tests}
    common = ("missing", "copies", "length", "markup", "encoding", "casing")
    assert [level[f"quality.{name}"] for name in common] == pytest.approx([0.05 / 6.7] * 6)
    assert level["quality.template"] == level["quality.loop"] == pytest.approx(0.005 / 6.7)


def test_two_per_cent_of_missing_texts_show_as_often_as_with_six_tests():
    (planned,) = (
        p for p in plan_tests(Roles(text="t"), {"quality": {}}, 0.05).tests if p.entry.name == "quality.missing"
    )
    shown = np.array([ShareChange(0, 500, k, 500).two_sided_p <= planned.test.level for k in range(60)])
    power = lambda level_shows: stats.binom.pmf(np.arange(60), 500, 0.02)[level_shows].sum()
    assert power(shown) == pytest.approx(0.78, abs=0.01)
    at_ten_equal_shares = np.array([ShareChange(0, 500, k, 500).two_sided_p <= 0.005 for k in range(60)])
    assert power(at_ten_equal_shares) == pytest.approx(0.67, abs=0.01)


def test_a_table_runs_only_the_families_it_names_with_their_options():
    plan = plan_tests(EVERYTHING, {"lexical": {"min_documents": 9, "tokenizer": "tweet"}, "quality": None}, 0.05)
    assert {p.entry.family for p in plan.tests} == {"lexical", "quality"}
    assert next(p.test for p in plan.tests if p.entry.name == "lexical.token_frequency").min_documents == 9
    assert plan.tokenization.tokenizer == "tweet"


@pytest.mark.parametrize(
    ("tests", "error", "message"),
    [
        ({"lexicla": {}}, SettingsError, "did you mean 'lexical'"),
        ({"lexical": {"min_document": 3}}, SettingsError, "did you mean 'min_documents'"),
        ({"lexical": {"min_documents": 2.5}}, SettingsError, "whole number"),
        ({"lexical": {"min_documents": 0}}, SettingsError, "at least 1"),
        ({"lexical": {"level": 0.5}}, SettingsError, "no option 'level'"),
        ({"embedding": {"engine": "natve"}}, SettingsError, "did you mean 'native'"),
        ({"embedding": {"detectors": "alibi_lsdd"}}, SettingsError, r"a list of names; got 'alibi_lsdd'; write \["),
        ({"embedding": {"detectors": [["a"]]}}, SettingsError, r"has no \['a'\]"),
        ({"embedding": {"detectors": {"alibi_lsdd": {}}}}, SettingsError, "a list of names"),
        ({"embedding": {"engine": ""}}, SettingsError, "engine is one of"),
        ({"embedding": {"max_documents": 1}}, SettingsError, "None or at least 2"),
        ({"embedding": {"material_from": {"spred_shift": 1}}}, SettingsError, "did you mean 'spread_shift'"),
        ({"embedding": {"material_from": {"encoder_changed": 2}}}, SettingsError, "has no effect 'encoder_changed'"),
        ({"embedding": {"detectors": ["alibi_lsd"]}}, SettingsError, "has no 'alibi_lsd'"),
        ({"quality": {"material_from": -1}}, SettingsError, "at least 0"),
        ({"quality": {"material_from": "much"}}, SettingsError, "needs a number"),
    ],
)
def test_what_cannot_be_used_is_refused_by_name(tests, error, message):
    with pytest.raises(error, match=message):
        plan_tests(EVERYTHING, tests, 0.05)


def test_a_family_without_its_role_is_refused():
    with pytest.raises(SettingsError, match="needs a text and a label"):
        plan_tests(Roles(text="t"), {"concept": {}}, 0.05)


def looks_at_embeddings(engine, n_documents, monkeypatch, *, alibi=True):
    monkeypatch.setattr("textdrift.findings.family_options.alibi_is_there", lambda: alibi)
    plan = plan_tests(EVERYTHING, {"embedding": {"engine": engine}}, 0.05, n_documents=n_documents)
    return {p.entry.name.partition(".")[2] for p in plan.tests if p.entry.decides}


def test_the_engine_is_chosen_by_size_and_a_forced_one_is_never_swapped(monkeypatch):
    expected = {
        ("auto", 2000): {"alibi_mmd", "mean_embedding"},
        ("auto", 2001): {"mean_embedding"},
        ("alibi", 2000): {"alibi_mmd"},
        ("alibi", 10**6): {"alibi_mmd"},
        ("native", 2000): {"mmd", "mean_embedding"},
        ("native", 10**6): {"mmd", "mean_embedding"},
    }
    for (engine, n_documents), tests in expected.items():
        assert looks_at_embeddings(engine, n_documents, monkeypatch) == tests


def test_without_alibi_detect_auto_means_ours_and_asking_for_it_is_an_error(monkeypatch):
    assert looks_at_embeddings("auto", 500, monkeypatch, alibi=False) == {"mmd", "mean_embedding"}
    with pytest.raises(MissingExtraError, match="engine asks for Alibi Detect"):
        looks_at_embeddings("alibi", 500, monkeypatch, alibi=False)


def test_embeddings_may_stand_in_for_texts():
    plan = plan_tests(Roles(text=None, embeddings="v"), None, 0.05)
    assert {p.entry.family for p in plan.tests} == {"embedding"}
    with pytest.raises(SettingsError, match="family 'embedding' needs a text or embeddings"):
        plan_tests(Roles(text=None, label="y"), {"embedding": {}}, 0.05)


def test_a_number_of_documents_may_be_none_or_of_numpy():
    for given, kept in ((None, None), (np.int64(50), 50)):
        plan = plan_tests(EVERYTHING, {"embedding": {"engine": "native", "max_documents": given}}, 0.05)
        assert {p.test.max_documents for p in plan.tests if p.entry.decides} == {kept}


def test_the_encoder_is_looked_at_wherever_a_canary_is_kept():
    plan = plan_tests(EVERYTHING, {"lexical": {}}, 0.05, with_canary=True)
    assert "embedding.encoder_canary" in {p.entry.name for p in plan.tests}
    assert "embedding.encoder_canary" not in {p.entry.name for p in plan_tests(EVERYTHING, None, 0.05).tests}
