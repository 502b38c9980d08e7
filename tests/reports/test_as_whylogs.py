"""The shape of whylogs' drift scores, told here in our own words, and checked on every sample."""

import json

import jsonschema
import pytest
from whole_reports import sample, whole_report

from textdrift.reports.as_whylogs import as_whylogs, whylogs_values

RANGE = {"type": "array", "items": {"type": "number"}, "minItems": 2, "maxItems": 2}
# What a program that reads the scores of whylogs may ask for; its own results pass too.
SHAPE = {
    "type": "object",
    "additionalProperties": {
        "type": "object",
        "required": ["algorithm", "pvalue", "statistic", "thresholds", "drift_category"],
        "properties": {
            "algorithm": {"type": "string"},
            "pvalue": {"type": ["number", "null"], "minimum": 0, "maximum": 1},
            "statistic": {"type": ["number", "null"]},
            "thresholds": {
                "required": ["NO_DRIFT", "DRIFT"],
                "properties": {"NO_DRIFT": RANGE, "DRIFT": RANGE, "POSSIBLE_DRIFT": RANGE},
            },
            "drift_category": {"enum": ["NO_DRIFT", "POSSIBLE_DRIFT", "DRIFT"]},
        },
    },
}


@pytest.mark.parametrize("name", ["concept", "drift", "hostile", "inconclusive", "meaning", "no_drift", "words"])
def test_every_report_has_the_shape(name):
    jsonschema.validate(json.loads(as_whylogs(whole_report() if name == "words" else sample(name))), SHAPE)


def test_a_column_is_as_bad_as_its_worst_test():
    scores = whylogs_values(whole_report())
    assert {column: score["drift_category"] for column, score in scores.items()} == {"text": "DRIFT", "label": "DRIFT"}
    assert scores["label"]["algorithm"] == "textdrift.columns.categorical"


def test_a_column_that_could_not_be_judged_is_possible_drift():
    categories = {score["drift_category"] for score in whylogs_values(sample("inconclusive")).values()}
    assert "POSSIBLE_DRIFT" in categories
    assert "DRIFT" not in categories


def test_columns_of_features_stand_under_their_own_names():
    column = {"name": "column", "rows": [{"column": "amount", "type": "numeric"}]}
    finding = {"test": "columns.numeric", "kind": "features", "drifted": False, "conclusive": True, "statistic": 0.02,
               "adjusted_p_value": 0.6, "evidence": [column]}  # fmt: skip
    assert whylogs_values({"findings": [finding]})["amount"]["drift_category"] == "NO_DRIFT"


def of_features(test, *evidence, kind="features", drifted=True):
    return {"test": test, "kind": kind, "drifted": drifted, "conclusive": True, "statistic": 0.5,
            "adjusted_p_value": 0.001, "evidence": list(evidence)}  # fmt: skip


def test_without_a_text_no_column_is_named_that_the_data_do_not_have():
    missing = of_features(
        "quality.missing_values", {"name": "causes", "rows": [{"cause": "missing", "column": "amount"}]}, kind="quality"
    )
    schema = of_features("quality.schema", kind="quality")
    report = {"findings": [missing, schema], "settings": {"roles": {"features": ["amount"]}}}
    assert list(whylogs_values(report)) == ["amount", "(quality.schema)"]


def test_a_feature_called_features_swallows_no_other_test():
    names = ["features", "text", "(columns.joint)"]
    columns = [of_features("columns.numeric", {"name": "column", "rows": [{"column": name}]}) for name in names]
    report = {
        "findings": [*columns, of_features("columns.joint"), of_features("columns.unseen")],
        "settings": {"roles": {"features": names}},
    }
    assert list(whylogs_values(report)) == [*names, "((columns.joint))", "(columns.unseen)"]
