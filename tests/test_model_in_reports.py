"""compare() on a monitored model: how it does, what that costs, which labels to ask for."""

import json
import subprocess
import sys

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

import textdrift
from textdrift.embeddings.hashing_encoder import HashingEncoder
from textdrift.errors import SettingsError
from textdrift.job_config import read_job
from textdrift.reports.schema import report_schema
from textdrift.windows.simulating import Dose, sample_pair

ROLES = {
    "label": "label",
    "prediction": "prediction",
    "probabilities": {"negative": "p_negative", "neutral": "p_neutral", "positive": "p_positive"},
    "encoder": HashingEncoder(),
}
MATRIX = {"negative": {"positive": 5.0, "neutral": 1.0}}


@pytest.fixture(autouse=True)
def _own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("TEXTDRIFT_CACHE", str(tmp_path / "cache"))


@pytest.fixture(scope="module")
def sarcastic():
    return sample_pair(600, 600, dose=Dose(sarcasm=0.12), seed=3)


@pytest.fixture(scope="module")
def null():
    return sample_pair(600, 600, seed=4)


def compared(pair, **changes):
    return textdrift.compare(pair.reference, pair.current, **{**ROLES, "tests": {"columns": {}}, **changes})


def with_labels(table, labels):
    return table.set_column(table.column_names.index("label"), "label", pa.array(labels, pa.string()))


def right_share(table):
    return np.mean(np.array(table["label"].to_pylist()) == np.array(table["prediction"].to_pylist()))


def test_accuracy_is_measured_estimated_and_split(sarcastic):
    performance = compared(sarcastic, tests={"columns": {}, "concept": {}}).to_dict()["performance"]
    assert compared(sarcastic).to_dict()["performance"]["split"] is None, "nothing else needs vectors: none are made"
    accuracy = next(row for row in performance["measured"]["rows"] if row["metric"] == "accuracy")
    # Copies of a text count once, so the share over rows is near, not equal.
    assert accuracy["current"]["value"] == pytest.approx(right_share(sarcastic.current), abs=0.03)
    assert accuracy["change"]["high"] < 0
    split = performance["split"]
    assert sum(part["points"] for part in split["parts"]) == pytest.approx(split["change"], abs=1e-3)
    changed = {part["name"]: part["points"] for part in split["parts"]}
    assert min(changed, key=changed.get) == "changed_meaning", "sarcasm is no harder text"


def honest(table, seed, *, ironic=0.0):
    """Labels drawn from the model's own probabilities; a share of the positive ones means the contrary."""
    rng = np.random.default_rng(seed)
    chances = np.column_stack([table[f"p_{name}"].to_numpy() for name in ("negative", "neutral", "positive")])
    codes = (chances.cumsum(axis=1) < rng.random((len(chances), 1))).sum(axis=1)
    codes = np.where((codes == 2) & (rng.random(len(codes)) < ironic), 0, codes)
    names = np.array(["negative", "neutral", "positive"])
    table = table.set_column(
        table.column_names.index("prediction"), "prediction", pa.array(names[chances.argmax(axis=1)])
    )
    return with_labels(table, names[codes].tolist())


def test_an_estimate_is_right_where_meaning_stayed_and_refuted_by_labels_where_it_changed(null):
    reference = honest(null.reference, 0)
    for ironic, contradicted in ((0.0, False), (0.5, True)):
        current = honest(null.current, 1, ironic=ironic)
        report = textdrift.compare(reference, current, **ROLES, tests={"columns": {}})
        estimated = report.to_dict()["performance"]["estimated"]
        assert ("contradicted" in estimated["flags"]) == contradicted
        covers = estimated["accuracy"]["low"] <= right_share(current) <= estimated["accuracy"]["high"]
        assert covers != contradicted


def test_without_predictions_nothing_is_said_of_a_model(null):
    report = compared(null, prediction=None, probabilities=None)
    assert report.performance is None
    assert report.to_dict()["performance"] is None
    assert "performance" not in report.to_dict()["seconds"]


def test_probabilities_alone_predict_their_likeliest_class(null):
    with_column = compared(null).to_dict()["performance"]["measured"]
    without = compared(null, prediction=None).to_dict()["performance"]["measured"]
    assert without["rows"][0] == with_column["rows"][0]


def test_late_labels_leave_an_estimate_and_no_measurement(null):
    current = honest(null.current, 1)
    late = with_labels(current, [None] * current.num_rows)
    report = textdrift.compare(honest(null.reference, 0), late, **ROLES, tests={"columns": {}})
    performance = report.to_dict()["performance"]
    assert performance["measured"] is None
    assert performance["split"] is None
    accuracy = performance["estimated"]["accuracy"]
    assert accuracy["low"] <= right_share(current) <= accuracy["high"]
    assert performance["estimated"]["on_labelled"] is None
    assert "performance" not in report.diagnosis.kinds


def test_a_price_makes_money_of_errors_and_harmless_drift_covers_nothing(sarcastic, null):
    cost = {"matrix": MATRIX, "volume": 10_000, "currency": "EUR"}
    harmful, harmless = (compared(pair, cost=cost).to_dict()["cost"] for pair in (sarcastic, null))
    assert harmful["change"]["low"] > 0
    assert "EUR" in harmful["sentence"]
    assert harmless["change"]["low"] < 0 < harmless["change"]["high"]


def test_the_limit_of_a_price_decides_before_the_verdict_does(sarcastic, null):
    dear, cheap = ({"matrix": MATRIX, "volume": 10_000, "fail_above": limit} for limit in (1e6, -1e6))
    passed_by_cost = compared(sarcastic, cost=dear)
    assert passed_by_cost.verdict == "drift"
    assert passed_by_cost.passed
    assert passed_by_cost.to_dict()["passed"] is True
    failed_by_cost = compared(null, cost=cheap)
    assert failed_by_cost.verdict != "drift"
    assert not failed_by_cost.passed


def test_a_limit_inside_the_interval_leaves_it_to_the_verdict(sarcastic):
    priced = compared(sarcastic, cost={"matrix": MATRIX, "volume": 10_000})
    limit = priced.to_dict()["cost"]["change"]["value"]
    assert not compared(sarcastic, cost={"matrix": MATRIX, "volume": 10_000, "fail_above": limit}).passed


@pytest.mark.parametrize(
    ("cost", "said"),
    [
        ({"matrix": MATRIX, "currencey": "EUR"}, "currency"),
        ({"matrix": {"negatve": {"positive": 5.0}}}, "negative"),
        ({"matrix": {}}, "matrix"),
        ({"matrix": MATRIX, "volume": -3}, "volume"),
        ("EUR 5", "table"),
    ],
)
def test_a_slip_in_the_price_is_named(null, cost, said):
    with pytest.raises(SettingsError, match=said):
        compared(null, cost=cost)


def test_what_needs_labels_or_predictions_says_so(null):
    with pytest.raises(SettingsError, match="cost needs a label"):
        compared(null, cost={"matrix": MATRIX}, prediction=None, probabilities=None)
    with pytest.raises(SettingsError, match="labels_to_ask needs a label column"):
        compared(null, labels_to_ask=5, label=None)
    with pytest.raises(SettingsError, match="labels_to_ask must be a whole number"):
        compared(null, labels_to_ask=-1)


@pytest.mark.parametrize("predicts", [True, False])
def test_answers_to_the_labels_asked_for_give_an_interval_that_covers_the_truth(sarcastic, predicts):
    truth = sarcastic.current["label"].to_pylist()
    late = with_labels(sarcastic.current, [None] * len(truth))
    roles = ROLES if predicts else {**ROLES, "prediction": None, "probabilities": None}
    report = textdrift.compare(sarcastic.reference, late, **roles, tests={"columns": {}}, labels_to_ask=250, seed=1)
    asked = report.to_dict()["labels_to_ask"]
    assert asked["judge"] == ("model" if predicts else "reference labels")
    rows = [row["row"] for row in asked["rows"]]
    assert len(set(rows)) == 250
    estimate = textdrift.estimate_from_labels(report, {row: truth[row] for row in rows})
    rate, low, high = estimate.error_rate
    assert low <= rate <= high
    if predicts:
        assert low <= 1 - right_share(sarcastic.current) <= high
        assert estimate.difference[0] > 0, "sarcasm makes more errors than the probabilities foretell"


def test_the_report_file_and_a_csv_of_answers_are_enough(sarcastic, tmp_path):
    truth = sarcastic.current["label"].to_pylist()
    late = with_labels(sarcastic.current, [None] * len(truth))
    report = textdrift.compare(sarcastic.reference, late, **ROLES, tests={"columns": {}}, labels_to_ask=40)
    path = tmp_path / "report.json"
    report.to_json(path)
    rows = [row["row"] for row in report.to_dict()["labels_to_ask"]["rows"]]
    lines = ["row,label", *(f"{row},{truth[row] if i < 30 else ''}" for i, row in enumerate(rows))]
    (tmp_path / "answers.csv").write_text("\n".join(lines), encoding="utf-8")
    from_file = textdrift.estimate_from_labels(path, tmp_path / "answers.csv")
    in_memory = textdrift.estimate_from_labels(report, {row: truth[row] for row in rows[:30]})
    assert from_file.error_rate == pytest.approx(in_memory.error_rate)
    with pytest.raises(SettingsError, match="did not ask about"):
        textdrift.estimate_from_labels(path, {max(rows) + 10_000: "negative"})
    with pytest.raises(SettingsError, match="row number"):
        textdrift.estimate_from_labels(path, {"first": "negative"})
    (tmp_path / "answers.csv").write_text("row,lable\n1,negative", encoding="utf-8")
    with pytest.raises(SettingsError, match="no column 'label'"):
        textdrift.estimate_from_labels(path, tmp_path / "answers.csv")


def test_a_report_that_asked_for_nothing_says_how_to_ask(null):
    with pytest.raises(SettingsError, match="labels_to_ask=100"):
        textdrift.estimate_from_labels(compared(null), {})


def test_too_few_labels_of_the_reference_are_a_reason_and_no_error(null):
    reference = with_labels(null.reference, ["negative"] * 15 + [None] * (null.reference.num_rows - 15))
    report = textdrift.compare(reference, null.current, **ROLES, tests={"columns": {}}, labels_to_ask=5)
    asked = report.to_dict()["labels_to_ask"]
    assert asked["rows"] == []
    assert "20 documents of it with at least 2 labels are needed, and 15 have 1" in asked["reason"]


def test_the_same_seed_asks_for_the_same_labels_and_a_longer_list_begins_with_them(null):
    late = with_labels(null.current, [None] * null.current.num_rows)

    def rows(n):
        report = textdrift.compare(null.reference, late, **ROLES, tests={"columns": {}}, labels_to_ask=n)
        return [row["row"] for row in report.to_dict()["labels_to_ask"]["rows"]]

    assert rows(30)[:10] == rows(10)


def test_a_report_with_everything_follows_the_schema(sarcastic):
    import jsonschema

    report = compared(sarcastic, cost={"matrix": MATRIX, "fail_above": 10}, labels_to_ask=5, segments=["channel"])
    jsonschema.validate(json.loads(report.to_json()), report_schema())


def test_a_changed_model_is_told_from_changed_texts(null):
    rng = np.random.default_rng(0)
    broken = null.current.to_pandas()
    hit = rng.random(len(broken)) < 0.4
    broken.loc[hit, "prediction"] = "positive"
    broken.loc[hit, ["p_negative", "p_neutral", "p_positive"]] = [0.05, 0.05, 0.9]
    report = textdrift.compare(null.reference, broken, **ROLES, tests={"concept": {}, "columns": {}})
    by_test = {finding.result.test: finding for finding in report.findings}
    assert {"prediction", "performance"} <= set(report.diagnosis.kinds)
    assert "concept" not in report.diagnosis.kinds
    assert by_test["concept.prediction_given_text"].result.p_value < 0.001
    same = textdrift.compare(null.reference, null.current, **ROLES, tests={"concept": {}, "columns": {}})
    by_test = {finding.result.test: finding for finding in same.findings}
    assert by_test["concept.prediction_given_text"].result.p_value > 0.01


def test_job_file_and_command_line_take_the_price_and_the_labels(null, tmp_path):
    import pyarrow.parquet as pq

    for name in ("reference", "current"):
        pq.write_table(getattr(null, name), tmp_path / f"{name}.parquet")
    job = tmp_path / "job.yaml"
    job.write_text(
        f"""
        name: priced
        reference: {tmp_path}/reference.parquet
        current: {tmp_path}/current.parquet
        columns: {{label: label, prediction: prediction}}
        tests: {{columns: {{}}}}
        cost: {{matrix: {{negative: {{positive: 5}}}}, currency: EUR, fail_above: 1000000}}
        labels_to_ask: 3
        """,
        encoding="utf-8",
    )
    config = read_job(job)
    assert config.cost == {"matrix": {"negative": {"positive": 5}}, "currency": "EUR", "fail_above": 1000000}
    assert config.labels_to_ask == 3
    job.write_text(job.read_text(encoding="utf-8").replace("currency", "curency"), encoding="utf-8")
    with pytest.raises(SettingsError, match="currency"):
        read_job(job)
    command = [
        sys.executable, "-m", "textdrift", "compare", f"{tmp_path}/reference.parquet", f"{tmp_path}/current.parquet",
        "--label", "label", "--prediction", "prediction", "--tests", "columns", "--format", "json",
        "--cost", "{matrix: {negative: {positive: 5}}, fail_above: -100000}",
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1, "surely more than the limit: the gate fails whatever the verdict"
    assert json.loads(done.stdout)["cost"]["fail_above"] == -100000
    done = subprocess.run([*command[:-1], "matrix"], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "there is no file 'matrix'" in done.stderr


def test_labels_in_other_spellings_and_types_are_one_label_or_a_clear_error(null):
    frame = null.current.to_pandas()
    numbers = {"negative": 0, "neutral": 1, "positive": 2}
    reference = null.reference.to_pandas()
    for table in (reference, frame):
        table["label"] = table["label"].map(numbers)
        table["prediction"] = table["prediction"].map(numbers).astype(float)
    report = textdrift.compare(
        reference, frame, label="label", prediction="prediction", encoder=HashingEncoder(), tests={"columns": {}},
        probabilities={0: "p_negative", 1: "p_neutral", 2: "p_positive"},
    )  # fmt: skip
    accuracy = report.to_dict()["performance"]["measured"]["rows"][0]
    assert accuracy["current"]["value"] == pytest.approx(right_share(null.current), abs=0.03)
    assert pd.api.types.is_float_dtype(frame["prediction"])


def test_labels_that_no_prediction_names_are_told_in_a_note(null):
    shouting = null.current.to_pandas()
    shouting["prediction"] = shouting["prediction"].str.upper()
    reference = null.reference.to_pandas()
    reference["prediction"] = reference["prediction"].str.upper()
    report = textdrift.compare(
        reference, shouting, label="label", prediction="prediction", encoder=HashingEncoder(), tests={"columns": {}}
    )
    notes = " ".join(report.to_dict()["notes"])
    assert "No prediction is the name of a label" in notes
    assert "one word in two spellings" in notes


def test_a_price_that_cannot_be_told_is_said_not_lost(null):
    late = with_labels(null.current, [None] * null.current.num_rows)
    report = textdrift.compare(
        null.reference, late, label="label", prediction="prediction", encoder=HashingEncoder(), tests={"columns": {}},
        cost={"matrix": MATRIX, "fail_above": 1},
    )  # fmt: skip
    assert report.cost is None
    assert any("a limit on it was not judged" in note for note in report.to_dict()["notes"])


def test_answers_may_be_a_series_and_edited_reports_are_refused(sarcastic):
    truth = sarcastic.current["label"].to_pylist()
    late = with_labels(sarcastic.current, [None] * len(truth))
    report = textdrift.compare(sarcastic.reference, late, **ROLES, tests={"columns": {}}, labels_to_ask=20)
    document = report.to_dict()
    rows = [row["row"] for row in document["labels_to_ask"]["rows"]]
    series = pd.Series([truth[row] for row in rows], index=rows)
    assert textdrift.estimate_from_labels(report, series).n_answered == 20
    with pytest.raises(SettingsError, match="answers are labels such as"):
        textdrift.estimate_from_labels(report, dict.fromkeys(rows, 1))
    with pytest.raises(SettingsError, match="got list"):
        textdrift.estimate_from_labels(report, [(1, "negative")])
    with pytest.raises(SettingsError, match="level must be a number"):
        textdrift.estimate_from_labels(report, series, level="x")
    for place, value in (("guessed_errors", -1e9), ("n_documents", None), ("largest_step_up", float("inf"))):
        edited = json.loads(json.dumps(document))
        edited["labels_to_ask"]["window"][place] = value
        with pytest.raises(SettingsError):
            textdrift.estimate_from_labels(edited, series)
    edited = json.loads(json.dumps(document))
    del edited["labels_to_ask"]["rows"][3]["position"]
    with pytest.raises(SettingsError, match="were changed"):
        textdrift.estimate_from_labels(edited, series)
