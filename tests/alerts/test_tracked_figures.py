"""Figures by flat names: those of the script in configs, each once, of characters that trackers take."""

import re
import runpy
from pathlib import Path

import pytest
from whole_reports import sample, whole_report

import textdrift
from textdrift.alerts.tracked_figures import report_values, tracked_figures, tracked_tags
from textdrift.errors import SettingsError

SCRIPT = runpy.run_path(str(Path(__file__).parents[2] / "configs" / "mlflow" / "log_report.py"))
SAMPLES = ["ambiguous", "concept", "drift", "hostile", "inconclusive", "meaning", "no_drift", "words"]


def report(name="words"):
    made = whole_report() if name == "words" else sample(name)
    made["findings"] = [*made["findings"], of_feature("amount", 0.01), of_feature("country", 0.6)]
    return {"passed": made["verdict"] != "drift", "digest": "sha256:0a1b", **made}


def of_feature(column, p_value):
    return {
        "test": "columns.numeric", "kind": "features", "drifted": False, "supporting": False, "p_value": p_value,
        "adjusted_p_value": p_value, "effect": {"name": "ks", "value": 0.02, "material_from": 0.1},
        "evidence": [{"name": "column", "rows": [{"column": column, "type": "numeric"}]}],
    }  # fmt: skip


@pytest.mark.parametrize("name", SAMPLES)
def test_names_and_figures_are_those_of_the_script_for_mlflow(name):
    document = report(name)
    expected = {f"textdrift/{key}": value for key, value in SCRIPT["metrics_of"](document).items()}
    assert tracked_figures(document, prefix="textdrift/") == pytest.approx(expected)


@pytest.mark.parametrize("name", SAMPLES)
def test_no_name_is_the_folder_of_another(name):
    names = list(tracked_figures(report(name), prefix="textdrift/"))
    assert all(re.fullmatch(r"[/\w.\-]{1,250}", metric) and ".." not in metric for metric in names)
    assert not any(other.startswith(f"{metric}/") for metric in names for other in names)


def test_each_column_of_features_has_figures_of_its_own():
    figures = tracked_figures(report())
    assert figures["p_value/columns.numeric.amount"] == 0.01
    assert figures["p_value/columns.numeric.country"] == 0.6


def test_tags_are_those_of_the_script():
    expected = {k.removeprefix("textdrift."): v for k, v in SCRIPT["tags_of"](report()).items() if "mlflow" not in k}
    tags = tracked_tags(report())
    assert {name: tags[name] for name in expected} == expected
    assert set(tags) == set(expected) | {"summary"}


def test_a_report_and_its_dict_are_told_from_anything_else():
    made = textdrift.compare(["a b"] * 3, ["a c"] * 3, tests={"lexical": {}})
    assert report_values(made)["verdict"] == made.verdict
    assert report_values(made.to_dict())["verdict"] == made.verdict
    for other in ("report.json", {"passed": True}, None):
        with pytest.raises(SettingsError, match="a report was needed"):
            report_values(other)
