"""constraint_violations.json: the shape that AWS documents, one violation for each test that fails the gate."""

import json

import jsonschema
import pyarrow as pa
import pytest
from hostile_texts import HOSTILE
from whole_reports import hostile_report, sample, whole_report

import textdrift
from textdrift.reports.as_sagemaker import as_constraint_violations, as_sagemaker

# https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-interpreting-violations.html
SCHEMA = {
    "type": "object", "additionalProperties": False, "required": ["violations"],
    "properties": {"violations": {"type": "array", "items": {
        "type": "object", "additionalProperties": False,
        "required": ["feature_name", "constraint_check_type", "description"],
        "properties": {
            "feature_name": {"type": "string", "minLength": 1, "maxLength": 128},
            "constraint_check_type": {"enum": [
                "data_type_check", "completeness_check", "baseline_drift_check", "missing_column_check",
                "extra_column_check", "categorical_values_check",
            ]},
            "description": {"type": "string", "minLength": 1, "maxLength": 500},
        },
    }}},
}  # fmt: skip


def violations(report):
    written = as_sagemaker(report)
    assert written.isascii()
    document = json.loads(written)
    jsonschema.validate(document, SCHEMA)
    assert document == as_constraint_violations(report)
    return document["violations"]


def deciding(report):
    return [finding for finding in report["findings"] if finding["drifted"] and not finding.get("supporting")]


@pytest.mark.parametrize("name", ["ambiguous", "concept", "drift", "inconclusive", "meaning", "no_drift", "words"])
def test_there_is_a_violation_for_each_deciding_test_that_drifted(name):
    report = sample(name)
    found = violations(report)
    assert len(found) == len(deciding(report))
    for violation, finding in zip(found, deciding(report), strict=True):
        assert violation["description"].startswith(f"{finding['kind']}: ")
        assert f"({finding['test']}" in violation["description"]
    assert bool(found) == (report["verdict"] == "drift")


def test_the_feature_is_the_column_of_the_labels_predictions_or_texts():
    report = whole_report()
    report["settings"] |= {"roles": {"text": "review", "label": "stars", "prediction": "guess"}}
    features = {v["description"].partition(":")[0]: v["feature_name"] for v in violations(report)}
    assert features["lexical"] == features["semantic"] == "review"
    assert features["label"] == "stars"


def test_only_kinds_that_fail_the_gate_are_violations():
    report = whole_report() | {"gate": {"fail_on": ["label"], "challenger": None}}
    assert [v["description"].partition(":")[0] for v in violations(report)] == ["label"]


def test_a_challenger_that_does_worse_is_one_and_one_that_is_undecided_is_none():
    worse = {"verdict": "worse", "column": "candidate", "sentence": "The challenger does worse."}
    report = sample("no_drift") | {"gate": {"fail_on": ["concept"], "challenger": worse}}
    (violation,) = violations(report)
    assert (violation["feature_name"], violation["description"]) == ("candidate", "The challenger does worse.")
    report["gate"]["challenger"] = worse | {"verdict": "undecided"}
    assert violations(report) == []


def window(**columns):
    return pa.table({"text": [f"cup {i} of tea {i * 7 % 13}" for i in range(200)], **columns})


@pytest.mark.parametrize(
    ("then", "now", "check"),
    [
        ([0, 1] * 100, ["0", "1"] * 100, "data_type_check"),
        (["good", "bad"] * 100, ["good", "Bad"] * 100, "categorical_values_check"),
        (["good", "bad"] * 100, ["good", "bad", "odd", "bad"] * 50, "categorical_values_check"),
        (["good", "bad"] * 100, None, "missing_column_check"),
        (["good", "bad"] * 100, pa.nulls(200, pa.string()), "completeness_check"),
    ],
)
def test_what_the_schema_test_found_is_named_by_its_nature(then, now, check):
    current = window() if now is None else window(answer=now)
    report = textdrift.compare(window(answer=then), current, prediction="answer", tests={"quality": {}}).to_dict()
    found = [v for v in violations(report) if "(quality.schema)" in v["description"]]
    assert (check, "answer") in {(v["constraint_check_type"], v["feature_name"]) for v in found}, found


def test_missing_texts_are_a_matter_of_completeness():
    texts = [None if i % 4 == 0 else f"cup {i} of tea" for i in range(400)]
    whole = pa.table({"text": [f"pot {i} of tea" for i in range(400)]})
    report = textdrift.compare(whole, pa.table({"text": texts}), tests={"quality": {}}).to_dict()
    checks = {v["constraint_check_type"]: v["feature_name"] for v in violations(report)}
    assert checks["completeness_check"] == "text"


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_names_and_words_stay_inside_the_shape(text):
    violations(hostile_report(text))


def test_a_report_that_was_cut_by_hand_gives_what_it_still_holds():
    assert violations({}) == []
    assert violations({"findings": [{"drifted": True, "kind": "lexical"}, "late"]})[0]["feature_name"] == "text"


def test_it_is_a_format_like_the_others(tmp_path):
    report = textdrift.compare(window(), window(), tests={"lexical": {}})
    (path,) = report.write(tmp_path, ["sagemaker"])
    assert path.name == "constraint_violations.json"
    assert path.read_text("utf-8") == report.in_format("sagemaker") == report.to_sagemaker()
    assert json.loads(path.read_text("utf-8")) == {"violations": []}
