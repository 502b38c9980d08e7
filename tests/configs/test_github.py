"""The workflow of the gate: the shape that GitHub takes, rights for reading alone, and the gate's own exit code."""

import re
import subprocess
from pathlib import Path

import jsonschema
import pytest
import yaml

WORKFLOW = Path(__file__).parents[2] / "configs" / "github" / "drift-gate.yml"

_STEP = {
    "type": "object", "additionalProperties": False,
    "properties": {
        "name": {"type": "string"}, "id": {"type": "string", "pattern": "^[A-Za-z_][A-Za-z0-9_-]*$"},
        "uses": {"type": "string", "pattern": r"^[\w-]+/[\w.-]+@(v\d+|[0-9a-f]{40})$"}, "run": {"type": "string"},
        "if": {"type": "string"}, "env": {"type": "object", "additionalProperties": {"type": "string"}},
        "with": {"type": "object", "additionalProperties": {"type": ["string", "boolean", "integer"]}},
    },
    "oneOf": [{"required": ["uses"]}, {"required": ["run"]}],
}  # fmt: skip
# The part of GitHub's workflow syntax that we use.
SCHEMA = {
    "type": "object", "additionalProperties": False, "required": ["name", "on", "permissions", "jobs"],
    "properties": {
        "name": {"type": "string"},
        "on": {"type": "object", "additionalProperties": False, "properties": {
            "pull_request": {"type": "object", "properties": {"paths": {"type": "array", "items": {"type": "string"}}}},
            "workflow_dispatch": {"type": "null"},
        }},
        "permissions": {"const": {"contents": "read"}},
        "concurrency": {"type": "object", "required": ["group", "cancel-in-progress"]},
        "jobs": {"type": "object", "additionalProperties": {
            "type": "object", "additionalProperties": False, "required": ["runs-on", "steps"],
            "properties": {
                "runs-on": {"type": "string"}, "timeout-minutes": {"type": "integer"},
                "steps": {"type": "array", "minItems": 1, "items": _STEP},
            },
        }},
    },
}  # fmt: skip


def workflow():
    text = WORKFLOW.read_text(encoding="utf-8")
    return yaml.safe_load(re.sub(r"^on:", '"on":', text, flags=re.MULTILINE))  # YAML 1.1 reads on as true


def steps():
    return {step.get("name", step.get("uses")): step for step in workflow()["jobs"]["gate"]["steps"]}


def test_the_workflow_has_the_shape_that_github_takes():
    jsonschema.validate(workflow(), SCHEMA)


def test_the_report_is_kept_whatever_came_out():
    keep = steps()["Keep the report"]
    assert keep["if"] == "${{ !cancelled() }}"
    assert f"--output {keep['with']['path'].rstrip('/')} " in steps()["Gate"]["run"]


@pytest.mark.parametrize(("code", "told"), [(0, ""), (1, "::error::"), (2, "::error::"), (3, "::warning::")])
def test_the_step_ends_as_the_gate_does_and_says_so(code, told, fake_textdrift):
    outputs = fake_textdrift.folder / "outputs"
    environment = fake_textdrift.environment(code, GITHUB_OUTPUT=str(outputs), GITHUB_STEP_SUMMARY="summary.md")
    done = subprocess.run(
        ["bash", "-e", "-c", steps()["Gate"]["run"]], env=environment, capture_output=True, text=True, check=False
    )  # GitHub runs it with -e
    assert done.returncode == code
    assert done.stdout.startswith(told)
    assert bool(done.stdout) == bool(told)
    assert outputs.read_text() == f"exit-code={code}\n"
    assert fake_textdrift.called() == ["gate configs/gate.yaml --output drift-gate --summary summary.md"]


def test_the_version_that_is_installed_is_the_newest():
    from textdrift import __version__

    assert f"textdrift[offline]=={__version__}" in steps()["Install"]["run"]
