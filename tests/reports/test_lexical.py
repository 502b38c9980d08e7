import json
import math
from pathlib import Path

import pytest

from textdrift.reports.bars import change_bar, longest_change, longest_part, part_bar
from textdrift.reports.lexical import SHIFTS, UNITS, lexical_of, shift_words, term_groups, unit_of
from textdrift.tokens.tokenization import unit_names

SAMPLES = Path(__file__).parent / "samples"


def sample(name="words"):
    return json.loads((SAMPLES / f"{name}.json").read_text("utf-8"))


def finding(report, test, unit="words"):
    return next(f for f in report["findings"] if f["test"] == test and unit_of(f) == unit)


def table(found, name):
    return next(evidence for evidence in found["evidence"] if evidence["name"] == name)


def test_the_tables_of_a_report_are_found():
    lexical = lexical_of(sample())
    assert lexical.stories[0]["words"][:2] == ["depot", "strike"]
    assert lexical.word_shift[-1]["term"] is None
    assert lexical.sentiment_means["current_mean"] < lexical.sentiment_means["reference_mean"]
    assert lexical.vocabulary["forecast_new_types"] > 0
    assert [marked.reader for marked in lexical.blind] == ["encoder"]
    assert len(lexical.leaning) == 1


@pytest.mark.parametrize("name", ["drift", "hostile", "inconclusive", "meaning", "no_drift"])
def test_a_report_without_these_tables_gives_nothing_to_show(name):
    lexical = lexical_of(sample(name))
    assert not any((lexical.stories, lexical.word_shift, lexical.sentiment_shift, lexical.blind, lexical.leaning))
    assert not lexical.vocabulary
    assert not lexical.drawn


@pytest.mark.parametrize(
    ("test", "name", "column", "value"),
    [
        ("token_frequency", "stories", "words", "late"),
        ("token_frequency", "word_shift", "part", None),
        ("token_frequency", "sentiment_shift", "direction", 1),
        ("model_coverage", "blind_words", "current_share", "much"),
        ("label_words", "label_words", "words", None),
    ],
)
def test_a_table_whose_rows_are_something_else_is_left_to_the_numbers(test, name, column, value):
    report = sample()
    shown = table(finding(report, f"lexical.{test}"), name)
    assert lexical_of(report).draws(shown)
    shown["rows"][1][column] = value
    assert not lexical_of(report).draws(shown)


def test_parts_of_sentiment_without_its_means_are_left_to_the_numbers():
    report = sample()
    frequency = finding(report, "lexical.token_frequency")
    shown = table(frequency, "sentiment_shift")
    frequency["evidence"] = [e for e in frequency["evidence"] if e["name"] != "sentiment_means"]
    lexical = lexical_of(report)
    assert not lexical.sentiment_shift
    assert not lexical.draws(shown)


def test_tables_of_another_unit_speak_for_no_words():
    report = sample()
    tags = finding(report, "lexical.token_frequency", "hashtags")
    tags["evidence"].append({"name": "stories", "rows": lexical_of(report).stories})
    words = finding(report, "lexical.token_frequency")
    words["evidence"] = [e for e in words["evidence"] if e["name"] != "stories"]
    assert not lexical_of(report).stories


def test_terms_are_grouped_by_kind_and_unit_words_first():
    groups = [(group.kind, group.unit) for group in term_groups(sample())]
    assert groups == [("lexical", "words"), ("lexical", "emoji"), ("lexical", "hashtags")]
    assert [(g.kind, g.unit) for g in term_groups(sample("drift"))] == [("lexical", "words"), ("concept", "words")]


def test_units_that_the_diagnosis_has_no_room_for_are_taken_from_their_findings():
    report = sample()
    of_tags = table(finding(report, "lexical.token_frequency", "hashtags"), "terms")["rows"]
    report["diagnosis"]["terms"] = [t for t in report["diagnosis"]["terms"] if "unit" not in t]
    assert next(g.terms for g in term_groups(report) if g.unit == "hashtags") == of_tags
    finding(report, "lexical.token_frequency", "hashtags")["drifted"] = False
    assert "hashtags" not in {group.unit for group in term_groups(report)}


def test_every_unit_and_every_type_of_shift_has_words():
    assert {"words", *UNITS} == set(unit_names())
    assert {sign + way for sign in "+-" for way in ("up", "down")} == set(SHIFTS)
    assert shift_words("+sideways") == "+sideways"
    assert unit_of({}) == "words"


def test_the_interval_of_a_change_is_that_of_newcombe():
    # Newcombe (1998), table II, row a: 56/70 and 48/80, whose Wilson intervals are (0.6917, 0.8769) and
    # (0.4904, 0.7004), give 0.0524 to 0.3339 by method 10.
    term = {
        "reference_share": 48 / 80, "reference_low": wilson(48, 80, -1), "reference_high": wilson(48, 80, 1),
        "current_share": 56 / 70, "current_low": wilson(56, 70, -1), "current_high": wilson(56, 70, 1),
    }  # fmt: skip
    bar = change_bar(term, 1.0)
    assert (bar.start, bar.width) == (50.0, 10.0)
    assert bar.low == pytest.approx(50 + 50 * 0.0524, abs=0.06)
    assert bar.high == pytest.approx(50 + 50 * 0.3339, abs=0.06)
    assert longest_change([term]) == pytest.approx(0.3339, abs=0.0001)


def wilson(k, n, side):
    z, p = 1.959964, k / n
    return (p + z * z / 2 / n + side * z * math.sqrt(p * (1 - p) / n + z * z / 4 / n / n)) / (1 + z * z / n)


def test_bars_stay_in_their_cell():
    for part in (-9.0, -0.1, 0.0, 0.1, 9.0):
        bar = part_bar(part, 1.0)
        assert bar.start >= 0.0
        assert bar.start + bar.width <= 100.0
        assert (bar.start < 50.0) == (part < 0.0)
    assert longest_part([{"term": None, "part": 3.0}]) == 1.0
    assert longest_change([]) == 1.0
