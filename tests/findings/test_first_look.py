"""The first step names what there is to open: rows, words, topics and values, and nothing that names a person."""

import pytest

from textdrift.drift.contract import DriftResult, Effect, Evidence
from textdrift.findings.diagnosing import Diagnosis
from textdrift.findings.finding import Finding
from textdrift.findings.first_look import open_first
from textdrift.findings.playbook import playbook_for, team_playbook_from
from textdrift.findings.processes import OF_KINDS


def finding(kind, table, *rows, n=(600, 596)):
    effect = Effect(name="share", value=0.2, low=0.1, high=0.3, detectable=0.01)
    result = DriftResult(
        test=f"{kind}.test", kind=kind, statistic=9.0, p_value=0.001, effects=(effect,), n_documents=n,
        evidence=(Evidence(name=table, rows=rows),),
    )  # fmt: skip
    return Finding(
        result=result, supporting=False, adjusted_p_value=0.001, effect=effect, material_from=0.05, drifted=True,
        conclusive=True, sentence="It moved.",
    )  # fmt: skip


def term(word, before=0.01, now=0.0570, *, kind="lexical", direction="up", **more):
    return {
        "term": word, "kind": kind, "direction": direction, "reference_share": before, "current_share": now,
        "p_value": 0.001, **more,
    }  # fmt: skip


def diagnosis(*kinds, terms=(), causes=(), segments=()):
    return Diagnosis(
        kinds=kinds, ambiguous=(), causes=tuple(causes), terms=tuple(terms), segments=tuple(segments), documents=()
    )  # fmt: skip


GATE = term("gate")


def test_words_name_how_many_texts_hold_them():
    said = open_first("lexical", None, diagnosis("lexical", terms=[GATE]), [finding("lexical", "terms", GATE)])
    assert said == "Open the 34 current texts with 'gate' (1.0 % before, 5.7 % now)."


def test_words_that_only_vanished_are_looked_for_in_the_reference():
    gone = term("gate", 0.057, 0.0, direction="down")
    said = open_first("lexical", None, diagnosis("lexical", terms=[gone]), [finding("lexical", "terms", gone)])
    assert said == "Open the 34 reference texts with 'gate' (5.7 % before, 0 % now)."


@pytest.mark.parametrize("word", ["ann@example.org", "5550123"])
def test_what_may_name_a_person_is_not_named(word):
    said = open_first("lexical", None, diagnosis("lexical", terms=[term(word), GATE]), [])
    assert said == "Open the current texts with 'gate' (1.0 % before, 5.7 % now)."
    value = {"value": word, "reference_share": 0.1, "current_share": 0.5}
    assert not open_first("label", None, diagnosis("label"), [finding("label", "categories", value)])


def test_topics_values_columns_and_relabelled_words_are_named():
    topic = {"words": ["a", "b", "c", "d"], "moved": True, "change": 0.1, "reference_share": 0.08, "current_share": 0.2}
    assert "texts of the topic 'a, b, c' (8.0 % before, 20 % now)" in open_first(
        "semantic", None, diagnosis(), [finding("semantic", "clusters", topic)]
    )
    values = [
        {"value": "good", "reference_share": 0.6, "current_share": 0.4},
        {"value": "bad", "reference_share": 0.4, "current_share": 0.6},
    ]
    assert open_first("label", None, diagnosis(), [finding("label", "categories", *values, n=(100, 100))]) == (
        "Begin with the 60 current labels 'bad' (40 % before, 60 % now)."
    )
    assert open_first("features", None, diagnosis(), [finding("features", "column", {"column": "amount"})]) == (
        "Begin with column 'amount'."
    )
    turned = term("fine", 0.1, 0.6, kind="concept", label="bad")
    assert open_first("concept", None, diagnosis(terms=[turned]), []) == (
        "Open the current texts with 'fine': 10 % of them before, 60 % now are labelled 'bad'."
    )


@pytest.mark.parametrize(
    ("n", "words"), [(501, "501 current rows that repeat an earlier one"), (1, "1 current row that repeats")]
)
def test_a_fault_names_its_rows(n, words):
    row = {"cause": "repeated", "direction": "up", "rows_touched": 0.5, "rows_touched_before": 0.013}
    said = open_first("quality", row | {"n_rows_touched": n}, diagnosis(), [])
    assert said.startswith(f"Open the {words}")
    assert said.endswith("(50 %, before 1.3 %).")


def test_the_first_step_begins_with_what_there_is_to_open():
    where = {"column": "airline", "value": "Delta", "kind": "lexical", "effect": 0.5}
    told = playbook_for(
        diagnosis("lexical", terms=[GATE], segments=[where]), "warning", [finding("lexical", "terms", GATE)]
    )
    assert told[0].process.first == (
        "Open the 34 current texts with 'gate' (1.0 % before, 5.7 % now). "
        f"{OF_KINDS['lexical'].first} Look first where airline is 'Delta'."
    )


def test_what_a_team_wrote_stands_before_it():
    team = team_playbook_from({"lexical": {"first": "Ask Ada."}})
    told = playbook_for(
        diagnosis("lexical", terms=[GATE]), "warning", [finding("lexical", "terms", GATE)], settings=team
    )
    assert told[0].process.first.startswith("Ask Ada. Open the 34 current texts with 'gate'")
