"""The page on operations names every file that is ready to copy, every exit code, and rules that are there."""

import re
from pathlib import Path

import yaml

from textdrift.cli.exit_codes import EXIT_CODES
from textdrift.job_config import job_schema

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")


def test_every_folder_of_configs_is_told_of():
    told = set(re.findall(r"\.\./configs/(\w+)/", PAGE))
    assert {path.name for path in (ROOT / "configs").iterdir() if path.is_dir()} <= told


def test_every_link_leads_somewhere():
    for link in re.findall(r"\]\((?!https?:)([^)#]+)", PAGE):
        assert (ROOT / "docs" / link).exists(), link


def test_there_is_a_section_for_every_exit_code():
    told = {int(code) for code in re.findall(r"^### Exit code (\d)", PAGE, flags=re.MULTILINE)}
    assert told == {*EXIT_CODES.values(), 2}


def test_the_rules_that_are_named_are_those_of_the_file():
    text = (ROOT / "configs" / "prometheus" / "textdrift.rules.yml").read_text(encoding="utf-8")
    rules = {rule["alert"] for group in yaml.safe_load(text)["groups"] for rule in group["rules"]}
    assert set(re.findall(r"`(Textdrift\w+)`", PAGE)) <= rules


def test_keys_of_the_job_file_that_are_named_are_keys():
    named = {key.partition(".")[0] for key in re.findall(r"`([a-z_.]+): [^`]*`", PAGE)} - {
        "on"
    }  # `on` is one of a sink
    assert named <= set(job_schema()["properties"])
    assert {"labels", "retention"} <= named
