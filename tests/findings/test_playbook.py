"""The playbook: one play for each kind and cause, stories first, and the team's words instead of ours."""

from dataclasses import replace

import pytest

from textdrift.drift.contract import DriftResult, Effect, Evidence
from textdrift.findings.cost_table import CostTable
from textdrift.findings.diagnosing import Diagnosis
from textdrift.findings.fault_processes import OF_CAUSES, OF_TIMES
from textdrift.findings.finding import Finding
from textdrift.findings.playbook import playbook_for, team_playbook_from
from textdrift.findings.priced_change import Cost, PricedChange
from textdrift.findings.processes import OF_KINDS, OF_STORIES
from textdrift.stats.valued_shares import MeanInterval


def finding(
    kind, times=1.0, *, drifted=True, conclusive=True, supporting=False, test=None, p_value=0.001, value=None, causes=()
):
    name = "accuracy_change" if kind == "performance" else "share"
    value = times * 0.05 if value is None else value
    effect = Effect(name=name, value=value, low=value, high=value, detectable=0.001)
    rows = tuple({"cause": cause, "direction": "up"} for cause in causes)
    result = DriftResult(
        test=test or f"{kind}.test", kind=kind, statistic=9.0, p_value=p_value, effects=(effect,),
        n_documents=(500, 500), evidence=(Evidence(name="causes", rows=rows),),
    )  # fmt: skip
    return Finding(
        result=result, supporting=supporting, adjusted_p_value=p_value, effect=effect, material_from=0.05,
        drifted=drifted, conclusive=conclusive, sentence="It moved.",
    )  # fmt: skip


def cause(name, explained=None, *, direction="up", sentence=""):
    parts = [] if explained is None else [{"kind": "lexical", "share": explained, "low": 0.0, "high": 1.0}]
    return {
        "cause": name, "kind": "quality", "share_explained": explained, "share_of_rows": 0.1, "direction": direction,
        "explained": parts, "sentence": sentence,
    }  # fmt: skip


def diagnosis(*kinds, causes=(), ambiguous=(), segments=()):
    return Diagnosis(
        kinds=kinds, ambiguous=ambiguous, causes=tuple(causes), terms=(), segments=tuple(segments), documents=()
    )  # fmt: skip


def cost(low, high, *, fail_above=None, doubts=()):
    interval = MeanInterval((low + high) / 2, low, high)
    priced = PricedChange(
        basis="estimate" if doubts else "labels", reference=interval, current=interval, change=interval,
        at_same_labels=None, cells=(), n_documents=(500, 500),
    )  # fmt: skip
    table = CostTable(matrix={"bad": {"good": 5.0}}, volume=1000, fail_above=fail_above)
    measured, estimated = (None, priced) if doubts else (priced, None)
    return Cost(table=table, measured=measured, estimated=estimated, doubts=doubts, notes=())


def plays(*kinds, severity="warning", findings=(), **more):
    described = {key: more.pop(key) for key in ("causes", "ambiguous", "segments") if key in more}
    return playbook_for(diagnosis(*kinds, **described), severity, findings, **more)


def titles(*kinds, **more):
    return [play.process.title for play in plays(*kinds, **more)]


@pytest.mark.parametrize("kind", OF_KINDS)
def test_each_kind_has_its_play(kind):
    drop = -1.0 if kind == "performance" else 1.0
    (play,) = plays(kind, findings=[finding(kind, drop)])
    assert (play.kind, play.cause) == (kind, None)
    assert play.process.title == OF_KINDS[kind].title
    assert 2 <= len(play.process.steps) <= 5


@pytest.mark.parametrize("name", OF_CAUSES)
@pytest.mark.parametrize("explained", [None, 0.02, 0.93])
def test_each_cause_has_its_play(name, explained):
    (play,) = plays("quality", causes=[cause(name, explained)])
    assert (play.kind, play.cause) == ("quality", name)
    assert play.process.title == OF_CAUSES[name].title
    assert play.process.steps[: len(OF_CAUSES[name].steps)] == OF_CAUSES[name].steps
    assert 2 <= len(play.process.steps) <= 5
    assert play.process.action == {"encoder": "roll back", "language": "label"}.get(name, "fix upstream")
    assert any("Compare again" in step for step in play.process.steps)


def test_described_is_what_the_report_promises():
    (play,) = plays("quality", causes=[cause("escaped")])
    assert list(play.described()) == [
        "kind", "cause", "title", "first", "decides", "steps", "action", "owner", "runbook",
    ]  # fmt: skip


def test_nothing_is_to_be_done_where_nothing_drifted():
    assert plays(severity=None) == plays("lexical", severity=None) == plays(severity="warning") == ()


def test_a_fault_that_explains_most_stands_first_and_says_to_compare_again():
    found = [finding("concept", 9), finding("lexical", 9), finding("quality", 1.2, causes=["escaped", "repeated"])]
    told = plays(
        "concept", "lexical", "quality", severity="critical", findings=found,
        causes=[cause("repeated", 0.03), cause("escaped", 0.93)],
    )  # fmt: skip
    assert [play.cause or play.kind for play in told] == ["escaped", "concept", "lexical", "repeated"]
    assert told[0].process.steps[-1] == (
        "Compare again before anything else: 93 % of the drift of the words should be gone."
    )
    assert told[-1].process.steps[-1] == "Compare again."


@pytest.mark.parametrize(
    ("kinds", "share", "step"),
    [
        (["lexical"], 0.93, "Compare again before anything else: 93 % of the drift of the words should be gone."),
        (["lexical"], 0.999, "Compare again before anything else: all of the drift of the words should be gone."),
        ([], 0.93, "Compare again before anything else."),  # the words did not drift
        (["lexical"], 0.3, "Compare again."),
    ],
)
def test_the_last_step_says_what_should_be_gone(kinds, share, step):
    told = plays("quality", *kinds, causes=[cause("escaped", share)])
    assert next(play for play in told if play.cause).process.steps[-1] == step


def test_the_most_severe_goes_first_and_then_the_strongest():
    found = [finding("lexical", 9), finding("semantic", 5), finding("label"), finding("performance", -2)]
    told = plays("lexical", "semantic", "label", "performance", severity="critical", findings=found)
    assert [play.kind for play in told] == ["performance", "lexical", "semantic", "label"]


def test_a_cause_is_as_severe_as_the_test_that_found_it():
    found = [
        finding("quality", 1.2, causes=["escaped"]), finding("quality", 9, causes=["missing"]), finding("semantic", 5),
    ]  # fmt: skip
    told = plays("quality", "semantic", findings=found, causes=[cause("escaped", 0.1), cause("missing")])
    assert [play.cause or play.kind for play in told] == ["missing", "semantic", "escaped"]


def test_another_encoder_goes_before_what_cannot_be_told_without_it():
    found = [finding("semantic", 9), finding("concept", 9), finding("encoder")]
    assert titles("concept", "semantic", "encoder", findings=found)[0] == OF_KINDS["encoder"].title


TEXTS_STAND = [finding("semantic", drifted=False), finding("lexical", drifted=False)]
ALIKE_TEXTS = finding("prediction", drifted=False, supporting=True, test="concept.prediction_given_text", p_value=0.001)
NEARLY = replace(ALIKE_TEXTS.result, p_value=0.03)  # one run in thirty without a changed model


@pytest.mark.parametrize(
    ("kinds", "findings", "rolls_back"),
    [
        (["prediction"], TEXTS_STAND, True),
        (["label", "prediction"], TEXTS_STAND, False),  # texts of one label became more common, too little to be seen
        (["prediction"], [], False),  # nobody looked at the texts
        (["prediction"], [finding("semantic", drifted=False, conclusive=False)], False),
        (["prediction"], [finding("semantic", drifted=False, supporting=True)], False),
        (["prediction", "semantic"], [finding("semantic")], False),
        (["prediction", "lexical"], [finding("lexical")], False),
        (["prediction", "quality"], TEXTS_STAND, False),
        (["prediction", "label", "lexical"], [ALIKE_TEXTS], False),
        (["prediction", "quality", "lexical"], [ALIKE_TEXTS], False),
        (["prediction", "encoder"], TEXTS_STAND, False),
        (["prediction", "semantic"], [finding("semantic"), ALIKE_TEXTS], True),
        (["prediction", "semantic"], [finding("semantic"), replace(ALIKE_TEXTS, result=NEARLY)], False),
        (["semantic"], [finding("semantic"), ALIKE_TEXTS], False),  # the answers did not move
    ],
)
def test_answers_that_moved_over_texts_that_did_not_are_rolled_back(kinds, findings, rolls_back):
    told = plays(*kinds, findings=findings)
    assert (OF_STORIES["model changed"].title in [play.process.title for play in told]) == rolls_back
    if rolls_back:
        assert (told[0].process.action, told[0].kind) == ("roll back", "prediction")
        assert len([play for play in told if play.kind == "prediction"]) == 1


def test_concept_is_labelled_and_trained_anew_and_a_label_shift_calibrated():
    (concept,) = plays("concept", findings=[finding("concept")])
    assert concept.process.action == "retrain"
    assert any("labelled" in step for step in concept.process.steps)
    (label,) = plays("label", findings=[finding("label")])
    assert any("calibrate" in step for step in label.process.steps)


@pytest.mark.parametrize("pair", [("concept", "label"), ("label", "concept")])
def test_what_the_data_cannot_tell_people_are_asked(pair):
    (play,) = plays(pair[0], ambiguous=(pair,), findings=[finding(pair[0])])
    assert (play.kind, play.process.action, play.decides) == (pair[0], "label", "labelling lead")
    assert play.process.title == OF_STORIES["concept or label"].title


ACCURACY_STANDS = finding("performance", -0.1, drifted=False)


@pytest.mark.parametrize(
    ("kinds", "findings", "price", "accepts"),
    [
        (["lexical"], [], None, False),
        (["lexical"], [], cost(-5, 5), True),
        (["lexical"], [], cost(1, 5), False),
        (["lexical"], [], cost(-5, 5, doubts=("a guess",)), False),
        (["lexical"], [], cost(1, 5, fail_above=100), True),
        (["lexical"], [], cost(-5, 500, fail_above=100), False),
        (["lexical"], [ACCURACY_STANDS], None, True),
        (["lexical"], [finding("performance", -0.1, drifted=False, conclusive=False)], None, False),
        (["lexical", "semantic"], [], cost(-5, 5), False),
    ],
)
def test_words_alone_are_accepted_where_no_harm_is_shown(kinds, findings, price, accepts):
    told = plays(*kinds, findings=[*(finding(kind) for kind in kinds), *findings], cost=price)
    assert ("accept" in [play.process.action for play in told]) == accepts


def test_a_rise_of_accuracy_is_checked_and_not_mended():
    (play,) = plays("performance", findings=[finding("performance", 3)])
    assert play.process == OF_STORIES["better model"] or play.process.title == OF_STORIES["better model"].title
    assert play.process.action == "accept"


def test_a_fault_that_became_rarer_is_asked_about_and_a_language_that_did_is_looked_for():
    gone = cause("escaped", 0.9, direction="down")
    assert titles("quality", causes=[gone]) == [OF_STORIES["fault went away"].title]
    assert titles("quality", causes=[gone, cause("escaped")]) == [OF_CAUSES["escaped"].title]
    for name in ("language", "recased"):
        assert titles("quality", causes=[cause(name, direction="down")]) == [OF_CAUSES[name].title]


def test_a_cause_named_twice_has_one_play():
    assert titles("quality", causes=[cause("leak"), cause("leak", 0.2)]) == [OF_CAUSES["leak"].title]


@pytest.mark.parametrize(
    ("severity", "opening"), [("critical", "Do this today"), ("warning", "Read"), ("info", "There is no hurry")]
)
def test_only_the_first_play_says_how_pressing_it_is(severity, opening):
    told = plays("lexical", "semantic", severity=severity)
    assert told[0].process.first.startswith(opening)
    assert told[1].process.first == OF_KINDS["semantic"].first


TEAM = team_playbook_from({
    "owner": "nlp",
    "runbook": "https://wiki.example.org/drift",
    "quality": {"owner": "ingest", "decides": "Ada", "steps": ["Call the sender."]},
    "escaped": {"runbook": "https://wiki.example.org/escaped", "first": "Look at the app."},
    "encoder": {"owner": "platform"},
})  # fmt: skip


def test_what_a_team_says_of_a_cause_goes_before_its_kind_and_that_before_all():
    words, escaped, missing = plays(
        "lexical", "quality", findings=[finding("lexical", 9)], causes=[cause("escaped"), cause("missing")],
        settings=TEAM,
    )  # fmt: skip
    assert (words.owner, words.runbook, words.decides) == ("nlp", "https://wiki.example.org/drift", "model owner")
    assert (escaped.owner, escaped.runbook) == ("ingest", "https://wiki.example.org/escaped")
    assert (escaped.decides, escaped.process.first) == ("Ada", "Look at the app.")
    assert escaped.process.steps == missing.process.steps == ("Call the sender.",)
    assert (missing.owner, missing.runbook) == ("ingest", "https://wiki.example.org/drift")
    assert missing.process.first == OF_CAUSES["missing"].first


def test_without_settings_nobody_owns_it():
    (play,) = plays("semantic")
    assert (play.owner, play.runbook) == (None, None)


@pytest.mark.parametrize(
    ("name", "opening"),
    [
        ("escaped", "Only if it is still there after the repair. "),
        ("language", "Only if it is still there inside each language. "),
    ],
)
def test_what_a_fault_explains_waits_for_the_repair(name, opening):
    found = [finding("lexical", 9), finding("label", 5), finding("quality", causes=[name])]
    told = plays("lexical", "label", "quality", findings=found, causes=[cause(name, 0.93)])
    assert [play.cause or play.kind for play in told] == [name, "lexical", "label"]
    assert told[1].process.first == opening + OF_KINDS["lexical"].first
    assert told[2].process.first == OF_KINDS["label"].first


def test_what_a_fault_hardly_explains_does_not_wait():
    for fault in (cause("escaped", 0.3), cause("escaped", 0.93, direction="down")):
        told = plays("lexical", "quality", findings=[finding("lexical", 9)], causes=[fault])
        assert next(play for play in told if play.kind == "lexical").process.first == OF_KINDS["lexical"].first


def test_a_meaning_that_alone_is_explained_is_repaired_first_too():
    fault = cause("escaped") | {"share_explained": 0.2, "explained": [{"kind": "semantic", "share": 0.8}]}
    told = plays("semantic", "quality", findings=[finding("semantic", 9)], causes=[fault])
    assert [play.cause or play.kind for play in told] == ["escaped", "semantic"]
    assert told[0].process.steps[-1].startswith("Compare again before anything else: 80 % of the drift of the meaning")


def test_names_are_made_to_agree_before_anything_is_trained():
    renamed = cause("schema", sentence="Column 'label' (the label) spells 'neg' as 'NEG' in 40.0 % of the rows.")
    found = [finding("performance", -9), finding("label", 9), finding("lexical", 9), finding("quality")]
    told = plays("performance", "label", "lexical", "quality", severity="critical", findings=found, causes=[renamed])
    assert (told[0].cause, told[0].process.action) == ("schema", "fix upstream")
    waiting = {
        play.kind for play in told if play.process.first.startswith("Only if it is still there after the repair")
    }
    assert waiting == {"performance", "label"}
    new = cause("schema", sentence="Column 'label' (the label) holds 'spam' in 40.0 % of the rows, a new value.")
    assert plays("performance", "label", "quality", findings=found, causes=[new])[0].kind == "performance"


DE = {"column": "country", "value": "DE", "kind": "lexical", "effect": 0.4}


def test_the_first_check_begins_in_the_strongest_segment_of_its_kind():
    words, meaning = plays(
        "lexical", "semantic", findings=[finding("lexical", 9)], segments=[DE, {**DE, "value": "Peru", "effect": 0.2}]
    )  # fmt: skip
    assert words.process.first == f"{OF_KINDS['lexical'].first} Look first where country is 'DE'."
    assert meaning.process.first == OF_KINDS["semantic"].first


LIKELY = replace(ALIKE_TEXTS, result=NEARLY)
FELL = finding("performance", -2)


@pytest.mark.parametrize(
    ("kinds", "findings", "rolls_back"),
    [
        (["performance"], [FELL, LIKELY], True),
        (["performance", "prediction"], [FELL, LIKELY], True),
        (["performance"], [finding("performance", 2), LIKELY], False),  # a better model
        (["performance"], [FELL, replace(ALIKE_TEXTS, result=replace(NEARLY, p_value=0.06))], False),
        (["performance"], [FELL], False),
        *((["performance", kind], [FELL, LIKELY], False) for kind in ("lexical", "semantic", "label", "concept")),
        *((["performance", kind], [FELL, LIKELY], False) for kind in ("quality", "encoder")),
    ],
)
def test_answers_to_alike_texts_that_changed_where_only_the_accuracy_fell_are_rolled_back(kinds, findings, rolls_back):
    told = plays(*kinds, findings=findings)
    assert ("roll back" in [play.process.action for play in told if play.kind != "encoder"]) == rolls_back
    if rolls_back:
        assert told[0].process.title == OF_STORIES["model changed"].title
        assert [play.process.action for play in told if play.kind == "performance"] == ["retrain"]


@pytest.mark.parametrize(
    ("sentence", "look"),
    [
        ("Rows without a time rose from 0 % to 9.0 %.", "no time"),
        ("No row came for 3 days, 12.0 % of the time covered.", "gap"),
        ("2.0 % of the rows lie 30 days after all others.", "far"),
        ("2.0 % of the rows lie 30 days before all others. 80 % of the drift is gone.", "far"),
        ("9.0 % of the rows have one and the same time.", "one time"),
    ],
)
def test_what_is_wrong_with_the_times_has_its_own_play(sentence, look):
    (play,) = plays("quality", causes=[cause("late", sentence=sentence)])
    assert (play.cause, play.process.title) == ("late", OF_TIMES[look].title)


def test_rows_that_came_late_keep_the_play_of_late_rows():
    said = "9.9 % of the rows are older than the end of the reference, and the others begin after it."
    assert titles("quality", causes=[cause("late", sentence=said)]) == [OF_CAUSES["late"].title]


def test_a_feed_of_another_language_is_checked_before_it_is_trained_on():
    (play,) = plays("quality", causes=[cause("language")])
    assert (play.process.action, play.decides) == ("label", "product owner")
    assert "a feed that does not belong here" in play.process.first
