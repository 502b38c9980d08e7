"""``textdrift explain``: everything that a report says of a name, or the nearest names."""

import json

import pytest
from whole_reports import whole_report

from textdrift.cli.app import main


@pytest.fixture
def report(tmp_path):
    path = tmp_path / "report.json"
    path.write_text(json.dumps(whole_report()), encoding="utf-8")
    return str(path)


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("strike", "'strike' as a word:"),
        ("channel=chat", "'channel=chat' as a segment or class:"),
        ("chat", "Where 'channel' is 'chat'"),
        ("escaped", "'escaped' as a cause:"),
        ("lexical", "'lexical' as a kind of drift:"),
    ],
)
def test_a_name_is_explained_in_sentences_and_exits_0(report, capsys, name, told):
    assert main(["explain", report, name]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert told in " ".join(lines)
    assert all(line.startswith(("'", "  - ", "    ")) and len(line) <= 120 for line in lines)


def test_an_unknown_name_exits_2_with_the_nearest(report, capsys):
    assert main(["explain", report, "strkie"]) == 2
    captured = capsys.readouterr()
    assert "did you mean 'strike'" in captured.err
    assert len(captured.err.splitlines()) == 1
    assert captured.out == ""


def test_json_holds_the_same_sentences(report, capsys):
    assert main(["explain", report, "strike", "--format", "json"]) == 0
    (part,) = json.loads(capsys.readouterr().out)
    assert part["as"] == "word"
    assert len(part["sentences"]) > 4
    assert main(["explain", report, "strike", "--format", "html"]) == 2


def test_what_is_no_report_exits_2(tmp_path, capsys):
    (tmp_path / "text.json").write_text("{", encoding="utf-8")
    assert main(["explain", str(tmp_path / "text.json"), "strike"]) == 2
    assert "no JSON report" in capsys.readouterr().err


def test_the_help_names_the_new_commands(capsys):
    assert main(["--help"]) == 0
    out = capsys.readouterr().out
    assert all(name in out for name in ("explain", "diff", "verify"))
