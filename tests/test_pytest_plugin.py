"""The plugin writes pages of tests that failed, of no others, and is nothing without its option."""

import subprocess
import sys

import pytest

import textdrift.testing  # noqa: F401 - so that the runs inside a run do not load NumPy anew

pytest_plugins = ["pytester"]

TESTS = """
import pytest
import textdrift
from textdrift.testing import assert_no_drift

BEFORE = [f"parcel {i}: on time" for i in range(100)]
AFTER = [f"parcel {i}: nobody answers" for i in range(100)]
WORDS = {"lexical": {}}

@pytest.mark.parametrize("after", [BEFORE, AFTER], ids=["same", "../../other"])
def test_inputs(after):
    assert_no_drift(BEFORE, after, tests=WORDS)

def test_by_hand(textdrift_report):
    report = textdrift_report(textdrift.compare(BEFORE, AFTER, tests=WORDS))
    textdrift_report(report)
    assert report.verdict == "no_drift"

def test_by_hand_that_passes(textdrift_report):
    assert textdrift_report(textdrift.compare(BEFORE, AFTER, tests=WORDS)).verdict == "drift"

def test_wrapped():
    try:
        assert_no_drift(BEFORE, AFTER, tests=WORDS)
    except AssertionError as error:
        raise RuntimeError("inputs") from error

def test_grouped():
    errors = []
    for after in (AFTER, AFTER[::-1] + AFTER[:9]):
        try:
            assert_no_drift(BEFORE, after, tests=WORDS)
        except AssertionError as error:
            errors.append(error)
    raise ExceptionGroup("inputs", [ExceptionGroup("words", errors), ValueError("another")])

def test_of_something_else():
    assert 1 == 2

def test_of_no_report(textdrift_report):
    textdrift_report("a report")
"""


@pytest.fixture
def run(pytester, monkeypatch):
    # Where textdrift is installed its entry point has loaded the plugin already.
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    pytester.makepyfile(test_drift=TESTS)
    return lambda *options: pytester.runpytest_inprocess(
        "-p", "textdrift.pytest_plugin", "-p", "no:cacheprovider", *options
    )


def test_each_test_that_failed_with_a_report_has_one_page(run, pytester):
    result = run("--textdrift-reports", "pages")
    result.assert_outcomes(passed=2, failed=6)
    pages = sorted(path.name for path in (pytester.path / "pages").iterdir())
    grouped = [page for page in pages if "test_grouped" in page]
    assert [page.rpartition("-")[2] for page in grouped] == ["1.html", "2.html"]
    assert [page.rpartition("-")[0] for page in pages if page not in grouped] == [
        "test_drift.py-test_by_hand", "test_drift.py-test_inputs-..-..-other", "test_drift.py-test_wrapped",
    ]  # fmt: skip
    assert all("parcel" not in page for page in pages)
    page = next((pytester.path / "pages").glob("*test_by_hand*")).read_text("utf-8")
    assert page.startswith("<!doctype html>")
    result.stdout.fnmatch_lines(["*textdrift*", "report: *pages*test_drift.py-test_inputs*.html"])
    result.stdout.fnmatch_lines(["*textdrift_report takes a report of compare(); got a str"])


def test_without_the_option_nothing_is_written(run, pytester):
    before = {path.name for path in pytester.path.iterdir()}
    run("-k", "by_hand").assert_outcomes(passed=1, failed=1, deselected=6)
    assert {path.name for path in pytester.path.iterdir()} - before <= {"__pycache__"}


def test_a_folder_that_cannot_be_made_is_told_and_is_no_second_failure(run, pytester):
    (pytester.path / "taken").write_text("a file", encoding="utf-8")
    result = run("--textdrift-reports", "taken", "-k", "test_wrapped")
    result.assert_outcomes(failed=1, deselected=7)
    result.stdout.fnmatch_lines(["no report was written: *"])


def test_the_plugin_loads_nothing_heavy():
    program = (
        "import sys, textdrift.pytest_plugin; heavy = ('numpy', 'pyarrow', 'scipy', 'sklearn', 'torch', 'pandas');"
        "print([name for name in heavy if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
