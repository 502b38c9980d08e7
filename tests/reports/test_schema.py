import copy
import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from textdrift.reports.kind_summary import STATES
from textdrift.reports.schema import report_schema
from textdrift.reports.wording import CAUSES, KINDS, VERDICTS

SAMPLES = Path(__file__).parent / "samples"
VALIDATOR = Draft202012Validator(report_schema())


def sample(name="drift"):
    return json.loads((SAMPLES / f"{name}.json").read_text("utf-8"))


def test_the_schema_is_a_schema():
    Draft202012Validator.check_schema(report_schema())


@pytest.mark.parametrize("name", sorted(path.stem for path in SAMPLES.glob("*.json")))
def test_whole_reports_are_valid(name):
    assert not [error.message for error in VALIDATOR.iter_errors(sample(name))]


def objects(schema, value, path=()):
    """Every object of a report that the schema describes, with the keys it requires."""
    if "$ref" in schema:
        schema = report_schema()["$defs"][schema["$ref"].removeprefix("#/$defs/")]
    for option in schema.get("anyOf", ()):
        yield from objects(option, value, path)
    if isinstance(value, dict):
        for key in schema.get("required", ()):
            yield path, key
        for key, part in schema.get("properties", {}).items():
            if key in value:
                yield from objects(part, value[key], (*path, key))
    elif isinstance(value, list) and value and "items" in schema:
        yield from objects(schema["items"], value[0], (*path, 0))


REQUIRED = list(dict.fromkeys(objects(report_schema(), sample())))


def test_the_sample_reaches_every_required_key():
    assert len(REQUIRED) > 60
    assert {path[-1] for path, _ in REQUIRED if path} >= {"effect", "detectable", "diagnosis", "current"}


@pytest.mark.parametrize(("path", "key"), REQUIRED, ids=str)
def test_a_missing_key_is_refused_and_a_new_one_is_not(path, key):
    report = sample()
    place = report
    for step in path:
        place = place[step]
    place["a key of a later version"] = 1
    assert VALIDATOR.is_valid(report)
    del place[key]
    assert not VALIDATOR.is_valid(report)


def changed(path, value):
    report = copy.deepcopy(sample())
    *steps, last = path
    place = report
    for step in steps:
        place = place[step]
    place[last] = value
    return report


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("schema",), "textdrift.report/2"),
        (("verdict",), "fail"),
        (("verdict",), "no_drift"),  # although a kind drifted
        (("diagnosis", "kinds"), []),  # although the verdict is drift
        (("diagnosis", "kinds"), ["lexical", "lexical"]),
        (("diagnosis", "kinds"), ["vibes"]),
        (("diagnosis", "ambiguous"), [["label"]]),
        (("diagnosis", "causes", 0, "cause"), "gremlins"),
        (("diagnosis", "causes", 0, "share_explained"), 1.2),
        (("diagnosis", "terms", 0, "direction"), "sideways"),
        (("diagnosis", "terms", 0, "p_value"), 0),
        (("diagnosis", "terms", 0, "current_share"), -0.1),
        (("diagnosis", "documents", 0, "row"), -1),
        (("diagnosis", "documents", 0, "window"), "train"),
        (("findings", 0, "p_value"), 0.0),
        (("findings", 0, "p_value"), 1.01),
        (("findings", 0, "adjusted_p_value"), 0.0),
        (("findings", 0, "supporting"), True),  # a supporting finding has no adjusted p-value
        (("findings", 0, "drifted"), "yes"),
        (("findings", 0, "test"), "vocabulary"),
        (("findings", 0, "n_documents"), [10]),
        (("findings", 0, "effect", "material_from"), -0.1),
        (("findings", 0, "detectable", "power"), 80),
        (("reference", "rows"), 10.5),
        (("seconds", "lexical.vocabulary"), -1),
        (("seed",), None),
    ],
)
def test_a_wrong_value_is_refused(path, value):
    assert not VALIDATOR.is_valid(changed(path, value))


def test_every_name_of_the_schema_has_words():
    definitions = report_schema()["$defs"]
    assert set(definitions["kind"]["enum"]) == set(KINDS)
    assert set(definitions["cause"]["properties"]["cause"]["enum"]) == set(CAUSES)
    assert set(report_schema()["properties"]["verdict"]["enum"]) == set(VERDICTS)
    assert all(STATES.values())


@pytest.mark.parametrize(("table", "row"), [("clusters", "topic"), ("directions", "named_value"), ("map", "map_point")])
def test_the_tables_of_meaning_are_as_the_schema_says(table, row):
    schema = report_schema()
    validator = Draft202012Validator({"$ref": f"#/$defs/{row}", "$defs": schema["$defs"]})
    finding = next(f for f in sample("meaning")["findings"] if f["kind"] == "semantic")
    rows = next(e["rows"] for e in finding["evidence"] if e["name"] == table)
    assert rows
    assert all(validator.is_valid(one) for one in rows)
    for key in schema["$defs"][row]["required"]:
        assert not validator.is_valid({k: v for k, v in rows[0].items() if k != key})


@pytest.mark.parametrize(
    ("table", "row"),
    [
        ("stories", "story"),
        ("word_shift", "shifted_word"),
        ("sentiment_shift", "shifted_word"),
        ("sentiment_means", "named_value"),
        ("blind_words", "blind_word"),
        ("label_words", "label_words"),
    ],
)
def test_the_tables_of_words_are_as_the_schema_says(table, row):
    schema = report_schema()
    validator = Draft202012Validator({"$ref": f"#/$defs/{row}", "$defs": schema["$defs"]})
    rows = next(e["rows"] for f in sample("words")["findings"] for e in f["evidence"] if e["name"] == table)
    assert rows
    assert not [error.message for one in rows for error in validator.iter_errors(one)]
    for key in schema["$defs"][row]["required"]:
        assert not validator.is_valid({k: v for k, v in rows[0].items() if k != key})


@pytest.mark.parametrize(
    ("part", "key", "value"),
    [
        ("terms", "current_low", 1.5),
        ("terms", "log_odds", "much"),
        ("terms", "unit", ""),
        ("documents", "kind", "vibes"),
        ("documents", "words", "late"),
    ],
)
def test_what_words_and_documents_may_say_more_is_checked_and_not_required(part, key, value):
    report = sample("words")
    rows = report["diagnosis"][part]
    rows[0].pop(key, None)
    assert VALIDATOR.is_valid(report)
    rows[0][key] = value
    assert not VALIDATOR.is_valid(report)


@pytest.mark.parametrize(
    ("table", "row"),
    [
        ("relabelled", "relabelled"),
        ("terms", "relabelled_word"),
        ("concept_topics", "concept_topic"),
        ("reversal", "reversal"),
    ],
)
def test_the_tables_of_concept_are_as_the_schema_says(table, row):
    schema = report_schema()
    validator = Draft202012Validator({"$ref": f"#/$defs/{row}", "$defs": schema["$defs"]})
    finding = next(f for f in sample("concept")["findings"] if f["test"] == "concept.label_given_text")
    rows = next(e["rows"] for e in finding["evidence"] if e["name"] == table)
    assert rows
    assert not [error.message for one in rows for error in validator.iter_errors(one)]
    for key in schema["$defs"][row]["required"]:
        assert not validator.is_valid({k: v for k, v in rows[0].items() if k != key})


@pytest.mark.parametrize("key", ["performance", "cost", "labels_to_ask", "passed"])
def test_what_the_report_says_of_the_model_may_be_missing(key):
    report = sample("concept")
    if key != "passed":
        assert VALIDATOR.is_valid(report | {key: None})
    assert not VALIDATOR.is_valid(report | {key: "much"})
    del report[key]
    assert VALIDATOR.is_valid(report)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("performance", "measured", "rows", 0, "metric"), ""),
        (("performance", "measured", "rows", 0, "change"), {"value": 1}),
        (("performance", "measured", "confusion", "reference"), [[1.5]]),
        (("performance", "estimated", "flags"), "contradicted"),
        (("performance", "split", "parts", 0, "points"), None),
        (("performance", "by_segment", 0, "column"), 3),
        (("cost", "basis"), "hope"),
        (("cost", "volume"), 0),
        (("cost", "measured", "cells", 0, "prediction"), None),
        (("labels_to_ask", "judge"), "nobody"),
        (("labels_to_ask", "rows", 0, "row"), -1),
        (("labels_to_ask", "rows", 0, "guess"), 1.2),
        (("diagnosis", "documents", 0, "expected_label"), 1),
    ],
)
def test_a_wrong_value_of_the_model_is_refused(path, value):
    report = sample("concept")
    *steps, last = path
    place = report
    for step in steps:
        place = place[step]
    assert VALIDATOR.is_valid(report)
    place[last] = value
    assert not VALIDATOR.is_valid(report)
