"""The shape that Evidently 0.7 gives its results in, told here in our own words, and checked on every sample."""

import json

import jsonschema
import pytest
from whole_reports import sample, whole_report

from textdrift.reports.as_evidently import as_evidently, evidently_values

CONFIG = {
    "type": "object",
    "required": ["type"],
    "properties": {"type": {"pattern": "^evidently:metric_v2:(ValueDrift|DriftedColumnsCount)$"}},
}
# What a program that reads Evidently's dict may ask for; its own results pass too.
SHAPE = {
    "type": "object",
    "required": ["metrics", "tests"],
    "properties": {
        "metrics": {
            "minItems": 1,
            "items": {
                "required": ["id", "metric_name", "config", "value"],
                "properties": {
                    "id": {"pattern": "^[0-9a-f]{32}$"},
                    "metric_name": {"pattern": r"^(ValueDrift|DriftedColumnsCount)\(.*=.*\)$"},
                    "config": CONFIG,
                },
                "allOf": [
                    {
                        "if": {"properties": {"metric_name": {"pattern": "^ValueDrift"}}},
                        "then": {
                            "properties": {
                                "value": {"type": "number"},
                                "config": {
                                    "required": ["column", "method", "threshold"],
                                    "properties": {"threshold": {"type": "number"}},
                                },
                            }
                        },
                        "else": {
                            "properties": {
                                "value": {"required": ["count", "share"]},
                                "config": {"required": ["drift_share"]},
                            }
                        },
                    }
                ],
            },
        },
        "tests": {
            "items": {
                "required": ["id", "name", "description", "metric_config", "test_config", "status", "bound_test"],
                "properties": {
                    "metric_config": {"required": ["metric_id", "params"], "properties": {"params": CONFIG}},
                    "status": {"enum": ["SUCCESS", "WARNING", "FAIL", "ERROR", "SKIPPED"]},
                    "bound_test": {
                        "required": ["type", "test", "metric_fingerprint"],
                        "properties": {
                            "test": {"required": ["type", "is_critical"]},
                            "type": {"pattern": "^evidently:bound_test:"},
                        },
                    },
                },
            }
        },
    },
}
SAMPLES = ["ambiguous", "concept", "drift", "hostile", "inconclusive", "meaning", "no_drift", "words"]


def report(name="words"):
    made = whole_report() if name == "words" else sample(name)
    return {**made, "passed": made["verdict"] != "drift"}


@pytest.mark.parametrize("name", SAMPLES)
def test_every_report_has_the_shape(name):
    values = json.loads(as_evidently(report(name)))
    jsonschema.validate(values, SHAPE)
    ids = [metric["id"] for metric in values["metrics"]]
    assert len(set(ids)) == len(ids)
    assert {test["metric_config"]["metric_id"] for test in values["tests"]} == set(ids)


@pytest.mark.parametrize("name", SAMPLES)
def test_the_status_is_the_decision_of_the_report(name):
    document = report(name)
    count, *tests = evidently_values(document)["tests"]
    deciding = [finding for finding in document["findings"] if not finding.get("supporting")]
    assert sum(test["status"] == "FAIL" for test in tests) == sum(finding["drifted"] for finding in deciding)
    assert (count["status"] == "FAIL") is (document["verdict"] == "drift")


def test_values_are_the_adjusted_p_values_of_the_report():
    document = report()
    told = {m["config"]["method"]: m["value"] for m in evidently_values(document)["metrics"][1:]}
    words = next(f for f in document["findings"] if f["test"] == "lexical.token_frequency")
    assert told["textdrift lexical.token_frequency p_value"] == words["adjusted_p_value"]
    assert "textdrift lexical.token_frequency emoji p_value" in told


def test_the_share_of_columns_counts_each_column_once():
    document = report()
    count = evidently_values(document)["metrics"][0]["value"]
    assert count == {"count": 2.0, "share": 1.0}  # the texts and the labels


def test_what_a_gate_ignores_is_not_critical():
    document = {**report(), "gate": {"fail_on": ["label"]}}
    tests = evidently_values(document)["tests"][1:]
    critical = {test["metric_config"]["params"]["method"].split()[1]: test for test in tests}
    assert critical["columns.categorical"]["bound_test"]["test"]["is_critical"] is True
    assert critical["lexical.token_frequency"]["bound_test"]["test"]["is_critical"] is False


def test_an_inconclusive_test_is_a_warning():
    tests = evidently_values(report("inconclusive"))["tests"]
    assert tests[0]["status"] == "WARNING"
    assert {test["status"] for test in tests} == {"WARNING"} | ({"SUCCESS"} & {test["status"] for test in tests})


def test_what_is_of_no_column_is_not_counted_as_one():
    def finding(test, *columns):
        evidence = [{"name": "column", "rows": [{"column": column}]} for column in columns]
        return {"test": test, "kind": "features", "drifted": True, "adjusted_p_value": 0.001, "evidence": evidence}

    findings = [finding("columns.numeric", "amount"), finding("columns.numeric", "text"), finding("columns.joint")]
    values = evidently_values({"findings": findings, "settings": {"roles": {"features": ["amount", "text"]}}})
    assert values["metrics"][0]["value"] == {"count": 2.0, "share": 1.0}
    assert values["tests"][-1]["name"] == "Value Drift for column (columns.joint)"
