"""The JSON Schema: shipped as it is made, and of one mind with the reader."""

import json
from pathlib import Path

import jsonschema
import pytest

from textdrift.job_config import JobConfig, job_schema
from textdrift.job_config.schema import made_schema
from textdrift.job_config.yaml_table import table_of

CONFIGS = Path(__file__).parents[2] / "configs"
START = {"name": "a", "reference": "r.csv", "current": "c.csv"}


def valid(table):
    return jsonschema.Draft202012Validator(job_schema()).is_valid(table)


def test_the_shipped_schema_is_the_one_that_is_made():
    assert job_schema() == json.loads(json.dumps(made_schema()))


def test_it_is_a_schema():
    jsonschema.Draft202012Validator.check_schema(job_schema())


def test_every_key_is_told_in_words():
    tables = [job_schema(), *job_schema()["$defs"].values()]
    untold = [key for table in tables for key, part in table["properties"].items() if not part.get("description")]
    assert untold == []


@pytest.mark.parametrize("name", ["smoke", "nightly", "gate", "stream"])
def test_shipped_job_files_are_valid(name):
    jsonschema.validate(table_of(CONFIGS / f"{name}.yaml"), job_schema())


@pytest.mark.parametrize(
    "more",
    [
        {"budget": {"false_alarms_per_year": 2, "windows_per_year": 365}}, {"slow_drift": {}}, {"slow_drift": None},
        {"gate": {"fail_on": "any"}}, {"gate": {"fail_on": ["concept"]}}, {"seed": "${SEED}"}, {"columns": None},
        {"text": "body", "label": "y"}, {"alerts": [{"url": "json://h", "on": ["error"], "timeout": "${T:-5}"}]},
        {"reference": {"policy": "trailing", "windows": 3}}, {"reference": {"policy": "fixed", "path": "r.csv"}},
        {"reference": {"policy": "growing", "since": "{{ date - days(30) }}"}}, {"reference": {"path": "r.csv"}},
        {"labels": {"path": "l.csv", "join": "id"}}, {"encoder": "hashing"}, {"schema": "textdrift.job/1"},
    ],
)  # fmt: skip
def test_what_the_reader_takes_the_schema_takes(more):
    assert valid(START | more)


@pytest.mark.parametrize(
    "more",
    [
        {"bugdet": {}}, {"alerts": [{"ur": "x"}]}, {"gate": {"fail_on": ["concpt"]}}, {"seed": -1}, {"seed": "x"},
        {"alerts": [{"url": "json://h", "on": ["fireing"]}]}, {"retention": {"days": 0}}, {"slow_drift": {"x": 1}},
        {"columns": {"txt": "a"}}, {"history": 5},
    ],
)  # fmt: skip
def test_what_the_reader_refuses_the_schema_refuses(more):
    assert not valid(START | more)


def test_every_key_of_a_job_is_in_the_schema():
    assert {field.alias or name for name, field in JobConfig.model_fields.items()} <= set(job_schema()["properties"])
