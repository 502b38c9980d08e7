"""``textdrift diff``: what changed between two reports, and never a verdict as an exit code."""

import json

import pytest
from whole_reports import sample, whole_report

from textdrift.cli.app import main
from textdrift.reports.digest import report_digest


@pytest.fixture
def reports(tmp_path):
    paths = []
    for name in ("no_drift", "drift"):
        paths.append(tmp_path / f"{name}.json")
        paths[-1].write_text(json.dumps(sample(name)), encoding="utf-8")
    return [str(path) for path in paths]


def test_a_difference_is_no_failure(reports, capsys):
    assert main(["diff", *reports]) == 0
    out = capsys.readouterr().out
    assert out.startswith("NO DRIFT → DRIFT")
    for part in ("+ words (lexical)", "The tests", "The words", "The segments", "The causes", "The windows"):
        assert part in out, part


def test_a_report_and_itself_say_the_same(reports, capsys):
    assert main(["diff", reports[0], reports[0]]) == 0
    assert "The two reports say the same, apart from the times." in capsys.readouterr().out


def test_json_holds_all_differences(reports, capsys):
    assert main(["diff", *reports, "--format", "json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["verdict"] == {"before": "no_drift", "after": "drift"}
    assert {"kinds", "findings", "terms", "segments", "causes", "settings", "versions", "same"} <= set(told)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (None, "no report"),
        ('{"schema": "textdrift.report/1"', "the file ends too early"),
        ('{"schema": "textdrift.report/9"}', "or a later one"),
        ("text\nhello\n", "no JSON report"),
    ],
)
def test_what_is_no_report_exits_2_on_either_side(reports, tmp_path, capsys, text, told):
    other = tmp_path / "other.json"
    if text is not None:
        other.write_text(text, encoding="utf-8")
    for pair in ([reports[0], str(other)], [str(other), reports[0]]):
        assert main(["diff", *pair]) == 2
        captured = capsys.readouterr()
        assert told in captured.err
        assert len(captured.err.splitlines()) == 1
        assert captured.out == ""


def test_usage_errors_exit_2(reports, capsys):
    assert main(["diff", reports[0]]) == 2
    assert main(["diff", *reports, "--format", "html"]) == 2
    assert "--format can be json" in capsys.readouterr().err


def test_a_hostile_word_cannot_act_on_the_terminal(reports, tmp_path, capsys):
    report = whole_report()
    report["diagnosis"]["terms"][0]["term"] = "\x1b[31mred\u202e"
    path = tmp_path / "hostile.json"
    path.write_text(json.dumps(report), encoding="utf-8")
    assert main(["diff", reports[0], str(path)]) == 0
    out = capsys.readouterr().out
    assert "\x1b" not in out
    assert "\\x1b[31mred\\u202e" in out


@pytest.mark.parametrize("command", ["diff", "explain"])
def test_a_report_that_was_edited_is_warned_of_on_stderr(tmp_path, capsys, command):
    report = whole_report()
    path = tmp_path / "report.json"
    for digest, n_warned in ((report_digest(report), 0), ("sha256:0", 1), (None, 0)):
        path.write_text(json.dumps(report | {"digest": digest}), encoding="utf-8")
        other = tmp_path / "other.json"
        other.write_text(json.dumps(report | {"digest": report_digest(report)}), encoding="utf-8")
        assert main([command, str(path), "lexical" if command == "explain" else str(other)]) == 0
        warned = capsys.readouterr().err.splitlines()
        assert len(warned) == n_warned
        assert all("report.json' was changed since it was written" in line for line in warned)
