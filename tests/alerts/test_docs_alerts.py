"""The page on alerts: its code runs as it stands and prints what stands below it, and its tables name what there is."""

import re
import runpy
from pathlib import Path

import yaml

from textdrift.alerts.message import KEYS
from textdrift.alerts.run_metrics import METRICS

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "alerts.md").read_text(encoding="utf-8")


def blocks(language):
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE, flags=re.MULTILINE | re.DOTALL)


def test_the_python_of_the_page_runs_and_prints_what_stands_below_it(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    for place, block in enumerate(blocks("python")):
        (tmp_path / f"{place}.py").write_text(block, encoding="utf-8")
        runpy.run_path(str(tmp_path / f"{place}.py"))
    printed = "".join(line.rstrip() + "\n" for line in capsys.readouterr().out.splitlines())
    assert printed == "".join(blocks("text"))


def test_the_table_of_a_message_names_its_keys():
    table = PAGE.partition("## What a message holds")[2].partition("What is not known")[0]
    named = [
        key for row in re.findall(r"^\| (`.*?) \|", table, flags=re.MULTILINE) for key in re.findall(r"`(\w+)`", row)
    ]
    assert sorted(named) == sorted(KEYS)


def test_the_table_of_metrics_names_them_with_their_labels():
    told = {}
    for names, labels in re.findall(r"^\| (`textdrift_.*?) \| (.*?) ?\|", PAGE, flags=re.MULTILINE):
        told |= {name: tuple(re.findall(r"`(\w+)`", labels)) for name in re.findall(r"`(\w+)`", names)}
    assert told == {name: metric.labels for name, metric in METRICS.items()}


def test_the_rules_that_are_named_are_those_of_the_file():
    (group,) = yaml.safe_load((ROOT / "configs/prometheus/textdrift.rules.yml").read_text(encoding="utf-8"))["groups"]
    assert set(re.findall(r"`(Textdrift\w+)`", PAGE)) == {rule["alert"] for rule in group["rules"]}


def test_the_job_file_of_the_page_is_one(monkeypatch, tmp_path):
    from textdrift.job_config import read_job

    monkeypatch.setenv("SLACK_TOKENS", "T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ")
    (block,) = blocks("yaml")
    rest = """
name: inputs
reference: {path: a.parquet}
current: {path: b.parquet}
columns: {text: text}
history: sqlite:///drift.db
"""
    (tmp_path / "job.yaml").write_text(rest + block, encoding="utf-8")
    job = read_job(tmp_path / "job.yaml")
    assert job.alert_policy.drifted == 2
    assert job.alerts[0].on == ["firing", "resolved", "error"]
