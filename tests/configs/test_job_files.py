"""Every job file in configs/, the one inside the Kubernetes manifest too, is one to the reader and to the schema."""

import datetime as dt
import re
from pathlib import Path

import jsonschema
import pytest
import yaml

from textdrift.job.references import reference_source
from textdrift.job.windows import JobWindow
from textdrift.job_config import job_schema, read_job
from textdrift.job_config.yaml_table import table_of

CONFIGS = Path(__file__).parents[2] / "configs"


def is_job(path):
    return {"name", "reference"} <= set(yaml.safe_load(path.read_text(encoding="utf-8")))


def job_texts():
    texts = {
        str(path.relative_to(CONFIGS)): path.read_text(encoding="utf-8") for path in sorted(CONFIGS.glob("*.yaml"))
    }
    for path in sorted([*CONFIGS.glob("*/job.yaml"), *CONFIGS.glob("stories/*.yaml")]):
        texts[str(path.relative_to(CONFIGS))] = path.read_text(encoding="utf-8")
    manifest = (CONFIGS / "kubernetes" / "cronjob.yaml").read_text(encoding="utf-8")
    for document in yaml.safe_load_all(manifest):
        for name, text in (document.get("data") or {}).items():
            texts[f"kubernetes/cronjob.yaml {name}"] = text
    return texts


@pytest.fixture(autouse=True)
def _secrets(monkeypatch):
    monkeypatch.setenv("DRIFT_PASSWORD", "hush")


@pytest.mark.parametrize("text", job_texts().values(), ids=job_texts())
def test_a_job_file_is_read_and_keeps_to_the_schema(text, tmp_path):
    (tmp_path / "job.yaml").write_text(text, encoding="utf-8")
    job = read_job(tmp_path / "job.yaml")
    jsonschema.validate(table_of(tmp_path / "job.yaml"), job_schema())
    assert "hush" not in repr(job)


KEY = re.compile(rf"^# ((?:{'|'.join(job_schema()['properties'])}): .*)$", flags=re.MULTILINE)


@pytest.mark.parametrize("name", ["nightly.yaml", "sagemaker/job.yaml"])
def test_a_key_that_is_commented_out_can_be_put_in(name, tmp_path):
    text = (CONFIGS / name).read_text(encoding="utf-8")
    assert KEY.findall(text)
    (tmp_path / "job.yaml").write_text(KEY.sub(r"\1", text), encoding="utf-8")
    read_job(tmp_path / "job.yaml")


def test_every_yaml_that_looks_like_a_job_is_among_them():
    found = {
        str(path.relative_to(CONFIGS))
        for path in CONFIGS.rglob("*.yaml")
        if path.name != "cronjob.yaml" and is_job(path)
    }
    assert found <= set(job_texts())
    assert {"nightly.yaml", "gate.yaml", "smoke.yaml", "sagemaker/job.yaml", "vertex/job.yaml"} <= found


def test_the_weekly_and_the_hourly_job_of_the_documentation_are_read(tmp_path, monkeypatch):
    monkeypatch.setenv("HOUR", "2026-11-26T10")
    page = (CONFIGS.parent / "docs" / "operations.md").read_text(encoding="utf-8")
    jobs = {}
    for text in re.findall(r"^```yaml\n(name: .*?)^```$", page, flags=re.MULTILINE | re.DOTALL):
        (tmp_path / "job.yaml").write_text(text, encoding="utf-8")
        job = read_job(tmp_path / "job.yaml")
        jobs[job.name] = job
    weekly, hourly = jobs["inputs-by-week"], jobs["inputs-by-hour"]
    monkeypatch.chdir(tmp_path)
    (tmp_path / "data").mkdir()
    for i in range(21):
        (tmp_path / f"data/{dt.date(2026, 11, 2) + dt.timedelta(days=i)}.parquet").touch()
    sunday = dt.date(2026, 11, 22)
    reference = reference_source(JobWindow(str(sunday), sunday, weekly.at(sunday)))
    assert reference["path"] == [f"data/{dt.date(2026, 11, 2) + dt.timedelta(days=i)}.parquet" for i in range(14)]
    assert weekly.at(sunday).current["path"][::6] == ["data/2026-11-16.parquet", "data/2026-11-22.parquet"]
    assert [job.budget.windows_per_year for job in (weekly, hourly)] == [52, 24 * 365]
    assert (hourly.is_dated, str(hourly.current["path"])) == (False, "data/2026-11-26T10.parquet")
