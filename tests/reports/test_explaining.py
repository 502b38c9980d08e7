import pytest
from hostile_texts import HOSTILE
from whole_reports import hostile_report, large_report, sample, whole_report

from textdrift.errors import SettingsError
from textdrift.reports.explaining import explain, explainable_names
from textdrift.reports.visible_text import visible
from textdrift.reports.wording import CAUSES, KINDS


def sentences(report, name, what=None):
    return [s for part in explain(report, name) if what in {None, part["as"]} for s in part["sentences"]]


def said(report, name, what=None):
    return "\n".join(sentences(report, name, what))


def test_a_word_is_told_from_every_table_that_names_it():
    told = said(whole_report(), "strike", "word")
    for part in (
        "Of the documents 0 % before", "24.1 % now", "bits of the difference between the word counts",
        "It is used more together with 'depot'", "Where 'channel' is 'chat' it is the word that moved most",
        "Documents to look at that hold it: current rows",
    ):  # fmt: skip
        assert part in told, part


def test_every_row_that_holds_a_word_is_told_in_a_sentence_or_counted_in_one():
    report = whole_report()
    for finding in report["findings"]:
        for evidence in finding["evidence"]:
            if evidence["name"] in {"documents", "terms"}:
                continue
            for row in evidence["rows"]:
                words = row.get("words") or [row.get("term")]
                for word in (each["term"] if isinstance(each, dict) else each for each in words):
                    if word:
                        assert sentences(report, word, "word"), (evidence["name"], word)


def test_a_word_counted_in_another_unit_says_so():
    told = said(whole_report(), "😡", "word")
    assert "counted among the emoji" in told


def test_a_word_whose_texts_changed_label_says_from_what_to_what():
    told = said(sample("concept"), "sparkly")
    assert "Of the texts with 'sparkly' 31.1 % before and 61.3 % now carry" in told
    assert "The same texts with 'sparkly' carry the label" in told
    assert "often (" in told


def test_a_table_that_nobody_knows_is_told_by_its_columns():
    report = sample("drift")
    report["findings"][0]["evidence"].append({"name": "new_table", "rows": [{"term": "ghost", "score": 0.25}]})
    assert "The table 'new_table' of the test 'lexical.vocabulary' has: term 'ghost', score 0.25." in said(
        report, "ghost"
    )


@pytest.mark.parametrize("name", ["channel=chat", "channel = chat", "chat", "CHANNEL=Chat"])
def test_a_segment_is_found_by_column_and_value_or_value_alone(name):
    told = said(whole_report(), name, "segment")
    assert "Where 'channel' is 'chat' the words moved by 41.0 points, most the word 'strike'; p = 0.001" in told
    assert "120 texts before, 231 now" in told
    assert "Where 'region' is 'north' within 'channel' 'chat'" in told


def test_a_value_with_an_equals_sign_is_found():
    report = whole_report()
    report["diagnosis"]["segments"][0] |= {"column": "a=b", "value": "c=d"}
    assert "Where 'a=b' is 'c=d' the words moved" in said(report, "a=b=c=d")


def test_a_segment_that_was_not_judged_says_why():
    assert said(whole_report(), "region=west") == (
        "Where 'region' is 'west' nothing was judged; 4 texts before, 11 now: fewer than 30 texts."
    )


def test_a_segment_tells_how_well_the_model_does_there():
    told = said(sample("concept"), "region=islands")
    assert "the model is right for 88.1 % before and 70.2 % now, a change of −17.9 points (−29.0 to −6.8)" in told


def test_a_label_tells_its_shares_its_accuracy_and_how_it_was_relabelled():
    told = said(sample("concept"), "complaint")
    assert "Of the labels 43.2 % before and 48.6 % now are 'complaint'." in told
    assert "'recall' of it is 0.91 before and 0.719 now" in told
    assert "For the same texts the label says 'complaint' 5.5 points more often" in told


def test_a_topic_is_a_segment_named_by_its_words():
    assert "Where 'topic' is 'depot, strike, waits'" in said(whole_report(), "topic=depot, strike, waits")


def test_a_cause_tells_its_rows_what_goes_with_it_and_what_to_do():
    told = said(whole_report(), "escaped")
    for part in (
        "'escaped' (escaped markup) is number 1 of 2 causes.", "Of the current rows 7.0 % hold escaped markup",
        "It touches 7.0 % of the current rows.",
        "Of the drift of the words 93.0 % (87.0 % to 97.0 %) goes with the cause 'escaped' when its rows are repaired.",
        "What to do: Texts arrive escaped.", "Owner: team-ingest.",
    ):  # fmt: skip
        assert part in told, part


def test_a_cause_names_the_test_that_found_it():
    report = sample("drift")
    report["findings"][2]["evidence"].append({"name": "causes", "rows": [{"cause": "escaped"}]})
    assert "The test 'quality.markup':" in said(report, "escaped", "cause")


@pytest.mark.parametrize("cause", sorted(set(CAUSES) - {"encoder"}))
def test_a_cause_that_the_report_does_not_name_is_no_typo(cause):
    assert "The report does not name" in said(sample("no_drift"), cause, "cause")


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_can_be_asked_for(kind):
    report = sample("concept")
    told = sentences(report, kind, "kind")
    ran = [finding for finding in report["findings"] if finding["kind"] == kind]
    assert len([s for s in told if s.startswith("The test ")]) == len(ran)
    if not ran:
        assert told[0].startswith("No test of the")


def test_a_kind_says_whether_it_drifted_and_which_others_it_cannot_be_told_from():
    assert said(sample("concept"), "concept").startswith(
        "The label for the same text drifted: the strongest of 2 kinds"
    )
    assert "cannot tell it apart" in said(sample("ambiguous"), "concept") + said(sample("ambiguous"), "label")
    assert "not among the kinds that drifted" in said(sample("no_drift"), "label")


def test_a_name_of_several_things_is_told_as_each():
    report = whole_report()
    report["diagnosis"]["terms"][0]["term"] = "quality"
    assert [part["as"] for part in explain(report, "quality")] == ["kind", "word"]


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("strke", "did you mean 'strike'"),
        ("channel=chta", "'channel=chat'"),
        ("lexcial", "'lexical'"),
        ("esaped", "'escaped'"),
    ],
)
def test_an_unknown_name_offers_the_nearest(name, told):
    with pytest.raises(SettingsError, match="the report says nothing of") as error:
        explain(whole_report(), name)
    assert told in str(error.value)


@pytest.mark.parametrize("name", ["", " ", "zzzzzzzz", "=", "a=b", "x" * 100_000])
def test_a_name_like_nothing_is_an_error_that_says_what_there_is(name):
    for report in (whole_report(), {}):
        with pytest.raises(SettingsError, match=r"names|did you mean"):
            explain(report, name)


def test_every_name_that_is_offered_can_be_explained():
    for report in (whole_report(), *map(sample, ("concept", "drift", "meaning", "hostile", "inconclusive"))):
        names = explainable_names(report)
        assert len(names) > 2
        for name in names:
            assert all(part["sentences"] for part in explain(report, name)), name


@pytest.mark.parametrize("text", HOSTILE)
def test_no_text_acts_in_a_sentence(text):
    report = hostile_report(text)
    for name in dict.fromkeys([text[:200], "lexical", "concept", "escaped", *explainable_names(report)[:12]]):
        try:
            told = sentences(report, name)
        except SettingsError as error:
            told = [str(error)]
        assert told == [visible(sentence) for sentence in told]
        assert all(len(sentence) < 6000 for sentence in told)


def test_a_large_report_is_explained_in_few_sentences():
    report = large_report()
    assert len(sentences(report, "word7")) < 10
    assert len(sentences(report, "lexical")) < 40


def test_an_interval_whose_ends_read_the_same_is_left_out():
    report = whole_report()
    effect = report["findings"][0]["effect"]
    effect.update(value=0.147, low=0.147, high=0.14701)
    told = said(report, report["findings"][0]["kind"])
    assert "14.7" in told
    assert "14.7 to 14.7" not in told
    effect.update(low=0.141)
    assert "14.1 to 14.7" in said(report, report["findings"][0]["kind"])


@pytest.mark.parametrize("name", ["city=None", "city=", "city = null"])
def test_a_row_without_a_value_is_no_segment_and_the_message_says_so(name):
    rows = [
        {"column": "city", "value": value, "kind": "lexical", "effect": 0.4, "p_value": 1e-4}
        for value in (None, "Rome")
    ]
    with pytest.raises(
        SettingsError, match=r"a row without a value of 'city' is no segment; did you mean 'city=Rome'\?"
    ):
        explain({"diagnosis": {"segments": rows}}, name)
    with pytest.raises(SettingsError, match="no segment; it names no "):
        explain({"diagnosis": {"segments": rows[:1]}}, name)
    rows[1]["value"] = "None"
    assert said({"diagnosis": {"segments": rows}}, "city=None").count("Where 'city' is 'None'") == 1


def of_columns():
    amount = [
        {"name": "column", "rows": [{"column": "amount", "type": "numeric"}]},
        {"name": "quantiles", "rows": [{"name": "median", "reference": 1.0, "current": 2.5}]},
        {"name": "missing", "rows": [{"name": "share_missing", "reference": 0.0, "current": 0.25}]},
    ]
    shares = [{"value": "Rome", "reference_share": 0.5, "current_share": 0.7}]
    city = [{"name": "column", "rows": [{"column": "city", "type": "categorical"}]}]
    pairs = [{"first": "amount", "second": "city = Rome", "reference": 0.1, "current": -0.4, "change": -0.5}]
    made = [
        ("columns.numeric", amount),
        ("columns.categorical", [*city, {"name": "categories", "rows": shares}]),
        ("columns.joint", [{"name": "pairs", "rows": pairs}]),
    ]
    return {"findings": [{"test": test, "kind": "features", "evidence": tables} for test, tables in made]}


def test_a_column_of_features_is_told_with_its_values_and_what_it_goes_along_with():
    told = said(of_columns(), "amount", "column")
    for part in (
        "Its median is 1 before and 2.5 now.", "Of its values 0 % before and 25.0 % now are missing.",
        "The correlation of 'amount' and 'city = Rome' is 0.1 before and −0.4 now.",
    ):  # fmt: skip
        assert part in told, part
    assert "Its values, those that moved most first: 'Rome' 50.0 % before and 70.0 % now." in said(of_columns(), "city")


@pytest.mark.parametrize("name", ["Rome", "city=Rome", "rome"])
def test_a_value_of_a_feature_is_told(name):
    assert said(of_columns(), name) == "Of the values of 'city' 50.0 % before and 70.0 % now are 'Rome'."


def test_a_slip_in_the_name_of_a_column_is_offered_the_right_one():
    with pytest.raises(SettingsError, match="did you mean 'amount'"):
        explain(of_columns(), "amuont")
