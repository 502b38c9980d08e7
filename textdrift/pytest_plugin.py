"""The plugin for pytest: pages of the comparisons in tests that failed, and a fixture that hands reports to it.

It comes with textdrift by the entry point ``pytest11``, loads nothing heavy, and does nothing without its option.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any

import pytest

from textdrift.errors import DriftAssertionError, SettingsError

__all__ = ["pytest_addoption", "pytest_runtest_makereport", "textdrift_report"]

_OPTION = "textdrift_reports"
_REPORTS: pytest.StashKey[list[Any]] = pytest.StashKey()
_LONGEST_NAME = 100


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add ``--textdrift-reports DIR``."""
    group = parser.getgroup("textdrift", "drift of texts")
    group.addoption(
        "--textdrift-reports",
        dest=_OPTION,
        metavar="DIR",
        default=None,
        help="write the page of each textdrift report of a test that failed into this folder",
    )


@pytest.fixture
def textdrift_report(request: pytest.FixtureRequest) -> Callable[[Any], Any]:
    """Take a report of ``textdrift.compare`` and give it back; its page is written where the test fails.

    Reports of ``textdrift.testing.assert_no_drift`` that fails need no fixture::

        def test_model_inputs(textdrift_report):
            report = textdrift_report(textdrift.compare(reference, current))
            assert "concept" not in report.diagnosis.kinds
    """

    def keep(report: Any) -> Any:
        if not hasattr(report, "to_html"):
            raise SettingsError(f"textdrift_report takes a report of compare(); got a {type(report).__name__}")
        request.node.stash.setdefault(_REPORTS, []).append(report)
        return report

    return keep


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[Any]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Write the pages of a test that failed, and say where they are."""
    result = yield
    folder = item.config.getoption(_OPTION)
    if folder is None or not result.failed or call.excinfo is None:
        return result
    reports = [*item.stash.get(_REPORTS, []), *_reports_of(call.excinfo.value)]
    distinct = list({id(report): report for report in reports}.values())
    if distinct:
        where = Path(item.config.invocation_params.dir, folder)
        result.sections.append(("textdrift", "\n".join(_written(distinct, where, _file_name(item.nodeid)))))
    return result


def _reports_of(error: BaseException | None) -> list[Any]:
    """Return the reports of an error, of those that it groups, and of those that led to them."""
    found: list[Any] = []
    seen: set[int] = set()
    waiting = [error]
    while waiting:
        error = waiting.pop()
        if error is None or id(error) in seen:
            continue
        seen.add(id(error))
        if isinstance(error, DriftAssertionError) and error.report is not None:
            found.append(error.report)
        waiting.append(error.__cause__ or error.__context__)
        if isinstance(error, BaseExceptionGroup):
            waiting += reversed(error.exceptions)
    return found


def _file_name(node: str) -> str:
    """Return a name for the files of a test: what can be read of its own, and a hash that tells it from others.

    >>> _file_name("tests/test_inputs.py::test_words[a/b]")
    'tests-test_inputs.py-test_words-a-b-d25417'
    """
    readable = re.sub(r"[^\w.]+", "-", node).strip("-")[-_LONGEST_NAME:]
    return f"{readable}-{hashlib.sha256(node.encode()).hexdigest()[:6]}"


def _written(reports: list[Any], folder: Path, name: str) -> list[str]:
    """Write the pages, and return a line for each; a folder that cannot be written is no second failure."""
    lines = []
    for number, report in enumerate(reports, start=1):
        path = folder / f"{name}{'' if len(reports) == 1 else f'-{number}'}.html"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            report.to_html(path)
            lines.append(f"report: {path}")
        except (OSError, SettingsError) as error:
            lines.append(f"no report was written: {error}")
    return lines
