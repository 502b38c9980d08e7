import json

import pytest
from whole_reports import sample

from textdrift.errors import MissingSourceError, UnreadableSourceError
from textdrift.reports.drift_report import SCHEMA
from textdrift.reports.reading_reports import read_report


@pytest.fixture
def path(tmp_path):
    return tmp_path / "report.json"


def test_a_report_is_read_as_it_was_written_with_a_mark_of_the_encoding_too(path):
    report = sample("drift")
    assert report["schema"] == SCHEMA
    for encoding in ("utf-8", "utf-8-sig"):
        path.write_text(json.dumps(report, ensure_ascii=False), encoding=encoding)
        assert read_report(path) == report


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "no JSON report: Expecting value at line 1, column 1; the file ends too early"),
        ('{"schema": "textdrift.rep', "no JSON report"),
        ('{"schema": "textdrift.report/1",\n "verdict"', "at line 2, column 11; the file ends too early"),
        ("[]", "no textdrift report: it has no 'schema'"),
        ("3", "no textdrift report"),
        ("{}", "no textdrift report"),
        ('{"schema": 3}', "no textdrift report"),
        ('{"schema": "draft-07"}', "its schema is 'draft-07'"),
        ('{"schema": "textdrift.report/2"}', "read it with the textdrift that wrote it, or a later one"),
        ('{"schema": "textdrift.report/1"}', "damaged report: it has no 'verdict'"),
        ('{"schema": "textdrift.report/1", "verdict": 3}', "damaged report: its 'verdict' is no text"),
        ('{"seed": NaN}', "it holds NaN"),
        ('{"seed": 1e999}', "too large for any program"),
        ('{"seed": ' + "9" * 5000 + "}", "a number of 5000 digits"),
        ('{"seed": 1, "seed": 2}', "the key 'seed' stands twice"),
        ("[" * 100_000, "nested too deeply"),
        ("[" * 90 + "]" * 90, "nested too deeply"),
    ],
)
def test_what_is_no_report_says_why(path, text, told):
    path.write_text(text, encoding="utf-8")
    with pytest.raises(UnreadableSourceError) as error:
        read_report(path)
    assert told in str(error.value)
    assert "report.json" in str(error.value)
    assert len(str(error.value)) < 500


def test_bytes_of_another_encoding_are_named(path):
    path.write_bytes(b'{"schema": "\xff"}')
    with pytest.raises(UnreadableSourceError, match="byte 13 is not UTF-8"):
        read_report(path)


@pytest.mark.parametrize("name", ["none.json", ".", "zero\0byte.json"])
def test_a_file_that_is_not_there_is_named(tmp_path, name):
    with pytest.raises(MissingSourceError, match="no report"):
        read_report(tmp_path / name)


def test_a_report_cut_anywhere_is_an_error_and_no_half_report(path):
    text = json.dumps(sample("no_drift"))
    for end in range(0, len(text) - 1, 7):
        path.write_text(text[:end], encoding="utf-8")
        with pytest.raises(UnreadableSourceError):
            read_report(path)
