"""Labels asked for by a job whose labels come late: they are asked for, priced, and wake the pager where it is dear."""

import datetime as dt
import json

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from textdrift.cli.app import main
from textdrift.errors import SettingsError
from textdrift.job import answer_job, run_job
from textdrift.job_config import read_job
from textdrift.label_answers import cost_from_labels
from textdrift.stories.listening_team import ListeningTeam

DAY = dt.date(2026, 11, 12)
JOB = """
name: model
reference: past.parquet
current: "{{{{ date }}}}.parquet"
columns:
  {{text: null, id: id, label: label, prediction: prediction, probabilities: {{fraud: p, fine: q}}, features: [amount]}}
tests: {{columns: {{}}, quality: {{}}}}
cost: {{matrix: {{fraud: {{fine: 40.0}}}}, currency: EUR, fail_above: {limit}}}
labels_to_ask: 120
labels: {{path: "labels-{{{{ date }}}}.parquet", join: id, wait_days: 3}}
history: sqlite:///drift.db
report: {{folder: reports, formats: [json]}}
alerts:
  - {{url: "json://{address}/team"}}
  - {{url: "json://{address}/pager", severity: critical}}
"""


def payments(seed, n=400, missed=0):
    rng = np.random.default_rng(seed)
    is_fraud = rng.random(n) < 0.1
    sure = np.where(is_fraud, 0.97, 0.01)
    is_fraud[rng.permutation(np.flatnonzero(~is_fraud))[:missed]] = True
    return pa.table(
        {
            "id": np.arange(n),
            "amount": rng.lognormal(3, 1, n),
            "label": np.where(is_fraud, "fraud", "fine"),
            "prediction": np.where(sure > 0.5, "fraud", "fine"),
            "p": sure,
            "q": 1 - sure,
        }
    )


@pytest.fixture
def night(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with ListeningTeam("") as team:

        def judged(limit=1000, missed=80):
            pq.write_table(payments(0, 600), "past.parquet")
            truth = payments(1, missed=missed)
            pq.write_table(truth.drop_columns(["label"]), f"{DAY}.parquet")
            (tmp_path / "job.yaml").write_text(JOB.format(limit=limit, address=team.address), encoding="utf-8")
            config = read_job(tmp_path / "job.yaml")
            result = run_job(config, date=DAY)
            asked = [row["row"] for row in result.document["labels_to_ask"]["rows"]]
            return config, result, {row: truth["label"][row].as_py() for row in asked}, team

        yield judged


def test_a_job_whose_labels_come_late_asks_for_labels_and_misses_no_column(night):
    _, result, answers, _ = night()
    assert len(answers) == 120
    assert result.document["verdict"] != "drift"
    assert result.document["cost"]["basis"] == "estimate"
    assert not any(finding["drifted"] for finding in result.document["findings"] if finding["test"] == "quality.schema")


def test_answers_that_are_surely_dear_wake_the_pager_once(night):
    config, _, answers, team = night()
    assert team.heard("pager") == []
    answered = answer_job(config, answers, date=DAY)
    assert answered.severity == "critical"
    assert answered.cost.now.low <= 80 * 40 <= answered.cost.now.high
    assert answered.cost.change.low > 1000
    (paged,) = team.heard("pager")
    assert (paged["severity"], paged["cost"]["basis"]) == ("critical", "answers")
    assert paged["cost"]["low"] == pytest.approx(answered.cost.change.low)
    assert answer_job(config, answers, date=DAY).troubles == ()
    assert len(team.heard("pager")) == 1


def test_answers_that_cost_little_wake_nobody_and_a_window_that_was_not_judged_is_refused(night):
    config, result, answers, team = night(limit=50_000)
    assert answer_job(config, answers, date=DAY).severity == result.document["severity"]
    assert team.heard("pager") == team.heard("team") == []
    with pytest.raises(SettingsError, match="judged no window 2026-11-13"):
        answer_job(config, answers, date=DAY + dt.timedelta(days=1))


@pytest.mark.parametrize(("limit", "code"), [(1000, 1), (50_000, 0), (2500, 3)])
def test_the_command_says_what_the_answers_cost_and_whether_that_is_too_much(night, tmp_path, capsys, limit, code):
    config, _, answers, team = night(limit=limit)
    lines = ["row,label", *(f"{row},{label}" for row, label in answers.items())]
    (tmp_path / "answers.csv").write_text("\n".join(lines), encoding="utf-8")
    told = ["answer", "job.yaml", "answers.csv", "--date", DAY.isoformat()]
    assert main(told) == code
    priced = answer_job(config, answers, date=DAY).cost
    assert capsys.readouterr().out.startswith(priced.sentence)
    assert len(team.heard("pager")) == (code == 1)


def test_a_report_that_was_made_with_prices_says_what_its_answers_cost(night, tmp_path, capsys):
    _, _, answers, _ = night()
    (report,) = tmp_path.glob("reports/*/report.json")
    lines = ["row,label", *(f"{row},{label}" for row, label in answers.items())]
    (tmp_path / "answers.csv").write_text("\n".join(lines), encoding="utf-8")
    main(["labels", str(report), "answers.csv"])
    assert cost_from_labels(report, answers).sentence in capsys.readouterr().out
    main(["labels", str(report), "answers.csv", "--format", "json"])
    priced = json.loads(capsys.readouterr().out)["cost"]
    assert priced["now"]["low"] == cost_from_labels(report, answers).now.low


def test_answers_to_a_report_without_prices_need_some(night):
    _, result, answers, _ = night()
    document = result.document | {"settings": result.document["settings"] | {"arguments": {"cost": None}}}
    with pytest.raises(SettingsError, match="made without prices; give cost="):
        cost_from_labels(document, answers)
