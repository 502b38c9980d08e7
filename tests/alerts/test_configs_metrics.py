import json
import re
import shutil
import subprocess
from pathlib import Path

import jsonschema
import pytest
import yaml

from textdrift.alerts.run_metrics import METRICS

CONFIGS = Path(__file__).parents[2] / "configs"
RULES = CONFIGS / "prometheus" / "textdrift.rules.yml"
DASHBOARD = CONFIGS / "grafana" / "textdrift.json"
NAMES = re.compile(r"textdrift_\w+")

needs_promtool = pytest.mark.skipif(
    shutil.which("promtool") is None, reason="promtool is not installed: apt-get install prometheus"
)

# The needed part of what Prometheus takes as a file of rules.
RULES_SCHEMA = {
    "type": "object", "additionalProperties": False, "required": ["groups"],
    "properties": {"groups": {"type": "array", "minItems": 1, "items": {
        "type": "object", "additionalProperties": False, "required": ["name", "rules"],
        "properties": {
            "name": {"type": "string"}, "interval": {"type": "string"},
            "rules": {"type": "array", "items": {
                "type": "object", "additionalProperties": False, "required": ["alert", "expr", "annotations", "labels"],
                "properties": {
                    "alert": {"type": "string", "pattern": "^[A-Z][A-Za-z]+$"},
                    "expr": {"type": "string"},
                    "for": {"type": "string", "pattern": r"^\d+[smhdw]$"},
                    "labels": {"type": "object", "additionalProperties": {"type": "string"}},
                    "annotations": {"type": "object", "required": ["summary", "description"],
                                    "additionalProperties": {"type": "string"}},
                },
            }},
        },
    }}},
}  # fmt: skip

_SOURCE = {
    "type": "object", "required": ["type", "uid"],
    "properties": {"type": {"const": "prometheus"}, "uid": {"const": "${datasource}"}},
}  # fmt: skip
# The needed part of what Grafana takes as a dashboard (schema version 39).
DASHBOARD_SCHEMA = {
    "type": "object",
    "required": ["title", "uid", "schemaVersion", "panels", "templating", "time", "annotations", "tags", "timezone"],
    "properties": {
        "uid": {"type": "string", "pattern": "^[A-Za-z0-9_-]{1,40}$"},
        "title": {"type": "string", "minLength": 1},
        "schemaVersion": {"type": "integer", "minimum": 36},
        "id": {"type": "null"},
        "time": {"type": "object", "required": ["from", "to"]},
        "annotations": {"type": "object", "required": ["list"]},
        "templating": {"type": "object", "required": ["list"], "properties": {"list": {"type": "array", "items": {
            "type": "object", "required": ["name", "type", "query"],
            "properties": {"type": {"enum": ["datasource", "query", "custom"]}},
        }}}},
        "panels": {"type": "array", "minItems": 1, "items": {
            "type": "object",
            "required": [
                "id", "type", "title", "description", "gridPos", "datasource", "targets", "fieldConfig", "options",
            ],
            "properties": {
                "id": {"type": "integer", "minimum": 1},
                "type": {"enum": ["stat", "timeseries", "state-timeline"]},
                "title": {"type": "string", "minLength": 1},
                "description": {"type": "string", "minLength": 1},
                "gridPos": {
                    "type": "object", "required": ["h", "w", "x", "y"],
                    "properties": {
                        "h": {"type": "integer", "minimum": 1}, "w": {"type": "integer", "minimum": 1, "maximum": 24},
                        "x": {"type": "integer", "minimum": 0, "maximum": 23}, "y": {"type": "integer", "minimum": 0},
                    },
                },
                "datasource": _SOURCE,
                "targets": {"type": "array", "minItems": 1, "items": {
                    "type": "object", "required": ["refId", "expr", "datasource", "legendFormat"],
                    "properties": {"refId": {"type": "string", "pattern": "^[A-Z]$"}, "datasource": _SOURCE},
                }},
                "fieldConfig": {"type": "object", "required": ["defaults", "overrides"], "properties": {
                    "defaults": {"type": "object", "properties": {"thresholds": {
                        "type": "object", "required": ["mode", "steps"],
                        "properties": {"mode": {"enum": ["absolute", "percentage"]}},
                    }}},
                    "overrides": {"type": "array"},
                }},
            },
        }},
    },
}  # fmt: skip


def rules():
    (group,) = yaml.safe_load(RULES.read_text(encoding="utf-8"))["groups"]
    return {rule["alert"]: rule for rule in group["rules"]}


def dashboard():
    return json.loads(DASHBOARD.read_text(encoding="utf-8"))


def queries():
    return [target["expr"] for panel in dashboard()["panels"] for target in panel["targets"]]


def test_every_metric_that_is_asked_for_is_exported():
    asked = {name for path in (RULES, DASHBOARD) for name in NAMES.findall(path.read_text(encoding="utf-8"))}
    assert asked <= set(METRICS)
    assert set(NAMES.findall(" ".join(queries()))) == set(METRICS)  # and every one is seen


def test_labels_that_are_asked_for_are_exported():
    for expression in [rule["expr"] for rule in rules().values()] + queries():
        for name, labels in re.findall(r"(textdrift_\w+)\{([^}]*(?:\$\{label\}[^}]*)?)\}", expression):
            asked = set(re.findall(r"(\w+)\s*[=!]", labels.replace("${label}", "job")))
            assert asked <= {"job", *METRICS[name].labels}
    for panel in dashboard()["panels"]:
        for target in panel["targets"]:
            named = set(re.findall(r"\{\{(\w+)\}\}", target["legendFormat"]))
            assert named <= {label for name in NAMES.findall(target["expr"]) for label in METRICS[name].labels}


def test_the_rules_have_the_shape_that_prometheus_takes():
    jsonschema.validate(yaml.safe_load(RULES.read_text(encoding="utf-8")), RULES_SCHEMA)
    assert rules()["TextdriftSilent"]["expr"] == "time() - textdrift_last_success_timestamp_seconds > 36 * 3600"
    assert rules()["TextdriftNeverSeen"]["expr"] == "absent(textdrift_last_success_timestamp_seconds)"


def test_the_dashboard_has_the_shape_that_grafana_takes():
    jsonschema.validate(dashboard(), DASHBOARD_SCHEMA)


def test_no_two_panels_of_the_dashboard_overlap():
    places = [
        (panel["gridPos"]["x"] + column, panel["gridPos"]["y"] + row)
        for panel in dashboard()["panels"]
        for column in range(panel["gridPos"]["w"])
        for row in range(panel["gridPos"]["h"])
    ]
    assert len(set(places)) == len(places)
    assert max(column for column, _ in places) <= 23
    assert len({panel["id"] for panel in dashboard()["panels"]}) == len(dashboard()["panels"])


def test_the_dashboard_asks_for_one_job_whatever_its_label_is_called():
    variables = {variable["name"]: variable for variable in dashboard()["templating"]["list"]}
    assert list(variables) == ["datasource", "label", "job"]
    assert variables["label"]["query"].split(",") == ["exported_job", "job"]
    assert all('{${label}="$job"}' in query for query in queries())


@needs_promtool
def test_promtool_takes_the_rules():
    done = subprocess.run(["promtool", "check", "rules", RULES], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{len(rules())} rules found" in done.stdout


@needs_promtool
def test_promtool_takes_every_query_of_the_dashboard(tmp_path):
    written = [
        {"record": f"dashboard:query:{place}", "expr": query.replace("${label}", "job").replace("$job", "inputs")}
        for place, query in enumerate(queries())
    ]
    path = tmp_path / "queries.yml"
    path.write_text(yaml.safe_dump({"groups": [{"name": "dashboard", "rules": written}]}), encoding="utf-8")
    done = subprocess.run(["promtool", "check", "rules", path], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def told_at(tmp_path, series, hour):
    """Let promtool say which alerts fire at an hour, of samples that come every hour."""
    every = set(rules())
    test = {
        "rule_files": [str(RULES)], "evaluation_interval": "30m",
        "tests": [{
            "interval": "1h", "input_series": [{"series": name, "values": values} for name, values in series.items()],
            "promql_expr_test": [{
                "expr": 'count by (alertname) (ALERTS{alertstate="firing"})', "eval_time": f"{hour}h",
                "exp_samples": [{"labels": '{alertname="none of these"}', "value": 1}],
            }],
        }],
    }  # fmt: skip
    path = tmp_path / "test.yml"
    path.write_text(yaml.safe_dump(test), encoding="utf-8")
    done = subprocess.run(["promtool", "test", "rules", path], capture_output=True, text=True, check=False)
    got = (done.stdout + done.stderr).rpartition("got:")[2]
    assert got, done.stdout + done.stderr
    return {name for name in every if f'alertname="{name}"' in got}


SUCCESS, RUN = 'textdrift_last_success_timestamp_seconds{job="a"}', 'textdrift_last_run_succeeded{job="a"}'
FIRING, SEVERITY = 'textdrift_alert_state{job="a",state="firing"}', 'textdrift_severity{job="a"}'


@needs_promtool
def test_silence_is_told_after_a_day_and_a_half(tmp_path):
    series = {SUCCESS: "0+0x60", RUN: "1+0x60"}
    assert told_at(tmp_path, series, 36) == set()
    assert told_at(tmp_path, series, 37) == {"TextdriftSilent"}


@needs_promtool
def test_a_job_that_was_never_seen_is_told(tmp_path):
    assert told_at(tmp_path, {'up{job="a"}': "1+0x10"}, 3) == {"TextdriftNeverSeen"}


@needs_promtool
def test_a_failed_run_is_told_and_one_that_succeeds_is_not(tmp_path):
    assert told_at(tmp_path, {SUCCESS: "0+0x60", RUN: "0+0x60"}, 5) == {"TextdriftFailed"}
    assert told_at(tmp_path, {SUCCESS: "0+0x60", RUN: "1+0x60"}, 5) == set()


@needs_promtool
@pytest.mark.parametrize(
    ("firing", "severity", "told"),
    [(1, 2, {"TextdriftFiring"}), (1, 3, {"TextdriftCritical"}), (0, 3, set()), (1, None, {"TextdriftFiring"})],
)
def test_a_firing_alert_is_told_by_how_bad_it_is(tmp_path, firing, severity, told):
    series = {SUCCESS: "0+3600x60", RUN: "1+0x60", FIRING: f"{firing}+0x60"}
    if severity is not None:
        series[SEVERITY] = f"{severity}+0x60"
    assert told_at(tmp_path, series, 5) == told
