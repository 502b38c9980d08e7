"""`textdrift gate`: the same judgement for promotion, its reasons, and what other programs read of it."""

import json
from xml.etree import ElementTree as ET

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

DRIFTED, QUIET = "2026-11-13", "2026-11-10"


def test_a_gate_that_fails_says_why_and_exits_1(nightly):
    code, out, err = nightly("gate", "--date", DRIFTED)
    assert code == 1
    assert out[0].startswith("gate failed: Drift in the words.")
    assert out[1:] == ["- Lexical drift was found."]
    assert err == [f"wrote reports/{DRIFTED}/gate/report.{ending}" for ending in ("junit.xml", "md", "json")]


def test_a_gate_that_passes_exits_0(nightly):
    code, out, _ = nightly("gate", "--date", QUIET)
    assert (code, len(out)) == (0, 1)
    assert out[0].startswith("gate passed: No drift")


def test_drift_of_a_kind_that_the_gate_lets_pass_exits_0(nightly):
    nightly.job("gate: {fail_on: [concept, quality]}\n")
    code, out, _ = nightly("gate", "--date", DRIFTED)
    assert code == 0
    assert out[0].startswith("gate passed: Drift in the words.")


@pytest.mark.parametrize(("inconclusive", "expected", "said"), [("fail", 3, "inconclusive"), ("pass", 0, "passed")])
def test_windows_too_small_exit_3_unless_the_gate_lets_them_pass(nightly, inconclusive, expected, said):
    nightly.job(f"gate: {{inconclusive: {inconclusive}}}\n")
    pq.write_table(pq.read_table(f"{QUIET}.parquet").slice(0, 8), f"{QUIET}.parquet")
    code, out, _ = nightly("gate", "--date", QUIET)
    assert code == expected
    assert out[0].startswith(f"gate {said}: ")
    assert any("too small to see a change that matters" in line for line in out)


def test_nothing_is_remembered_and_nobody_told(nightly):
    nightly("gate", "--date", DRIFTED)
    assert not (nightly.folder / "drift.db").exists()
    assert nightly.told() == []


def test_junit_fails_where_the_gate_does(nightly):
    nightly("gate", "--date", DRIFTED, "--output", "gate")
    assert failures(nightly.folder / "gate/report.junit.xml")
    nightly("gate", "--date", QUIET, "--output", "gate")
    assert not failures(nightly.folder / "gate/report.junit.xml")


def failures(path):
    return ET.fromstring(path.read_text(encoding="utf-8")).findall(".//failure")  # noqa: S314 - our own file


def test_the_summary_is_appended_to_what_other_steps_wrote(nightly):
    (nightly.folder / "summary.md").write_text("# Another step\n", encoding="utf-8")
    for date in (DRIFTED, QUIET):
        _, _, err = nightly("gate", "--date", date, "--summary", "summary.md")
        assert "appended to summary.md" in err
    text = (nightly.folder / "summary.md").read_text(encoding="utf-8")
    assert text.startswith("# Another step\n## Drift")
    assert text.count("**Gate.**") >= 2
    assert text.index("## Drift") < text.index("## No drift")


def test_a_summary_that_cannot_be_written_is_told_before_anything_is_judged(nightly):
    code, out, err = nightly("gate", "--date", DRIFTED, "--summary", "no-such-folder/summary.md")
    assert (code, out) == (2, [])
    (line,) = err
    assert line.startswith("textdrift: error: --summary: 'no-such-folder/summary.md' cannot be appended to (No such")
    assert line.endswith("; name another file")


def test_a_window_that_is_missing_exits_2(nightly):
    code, out, err = nightly("gate", "--date", "2026-11-12")
    assert (code, out, len(err)) == (2, [], 1)
    assert err[0].startswith("textdrift: error: window '2026-11-12.parquet': there is no file")


@pytest.mark.parametrize(("flipped", "expected", "said"), [(0, 0, "passed"), (120, 1, "failed")])
def test_a_challenger_stands_against_the_champion_in_the_same_window(nightly, flipped, expected, said):
    rows = pq.read_table(f"{QUIET}.parquet")
    labels = rows.column("label").to_pylist()
    others = {label: next(other for other in sorted(set(labels)) if other != label) for label in set(labels)}
    candidate = [others[label] if i < flipped else label for i, label in enumerate(labels)]
    pq.write_table(rows.append_column("candidate", pa.array(candidate)), f"{QUIET}.parquet")
    nightly.job("gate: {challenger: candidate, margin: 0.1}\n",
                columns="text: text, id: id, label: label, prediction: prediction")  # fmt: skip
    code, out, _ = nightly("gate", "--date", QUIET)
    assert code == expected, out
    assert out[0].startswith(f"gate {said}: ")
    assert any("candidate" in line or "challenger" in line for line in out[1:]), out


def test_a_challenger_that_is_no_column_is_told(nightly):
    nightly.job("gate: {challenger: candidat}\n", columns="text: text, id: id, label: label, prediction: prediction")
    code, out, err = nightly("gate", "--date", QUIET)
    assert (code, out, len(err)) == (2, [], 1)
    assert "'candidat'" in err[0]


def test_late_labels_are_joined_where_they_are_there(nightly):
    nightly.job("labels: {path: 'labels-{{ date }}.parquet', join: id}\n",
                columns="text: text, id: id, label: label, prediction: prediction")  # fmt: skip
    job = (nightly.folder / "job.yaml").read_text(encoding="utf-8")
    (nightly.folder / "job.yaml").write_text(job.replace("lexical: {}", "columns: {}"), encoding="utf-8")
    rows = pq.read_table(f"{QUIET}.parquet")
    pq.write_table(rows.drop_columns(["label"]), f"{QUIET}.parquet")
    nightly("gate", "--date", QUIET)
    report = gate_report(nightly)
    assert "No labels had come: the inputs alone are judged." in report["notes"]
    assert report["budget"]["alpha"] == pytest.approx(1 / 365, rel=1e-4)
    pq.write_table(rows.select(["id", "label"]).slice(0, 150), f"labels-{QUIET}.parquet")
    assert nightly("gate", "--date", QUIET)[0] in {0, 3}
    report = gate_report(nightly)
    assert "Labels had come for 150 of 200 rows, and were joined." in report["notes"]
    assert report["budget"]["alpha"] == pytest.approx(2 / 365, rel=1e-4)  # one judgement, where a run makes two
    assert report["performance"] is not None


def gate_report(nightly):
    return json.loads((nightly.folder / f"reports/{QUIET}/gate/report.json").read_text(encoding="utf-8"))


def test_a_challenger_waits_for_late_labels_too(nightly):
    nightly.job("labels: {path: 'labels-{{ date }}.parquet', join: id}\ngate: {challenger: candidate}\n",
                columns="text: text, id: id, label: label, prediction: prediction")  # fmt: skip
    rows = pq.read_table(f"{QUIET}.parquet").drop_columns(["label"])
    pq.write_table(rows.append_column("candidate", rows.column("prediction")), f"{QUIET}.parquet")
    code, out, _ = nightly("run", "--date", QUIET)
    assert code in {0, 3}, out
