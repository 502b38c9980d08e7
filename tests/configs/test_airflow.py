"""The DAG: its date is that of the interval, exit codes mean what they should, in Airflow 2 and 3."""

import runpy
import sys
import types
from pathlib import Path

import pytest

DAG_FILE = Path(__file__).parents[2] / "configs" / "airflow" / "textdrift_dag.py"


class FailedError(Exception):
    pass


class SkippedError(Exception):
    pass


class Dag:
    def __init__(self, **given):
        self.given, self.tasks = given, {}

    def __enter__(self):
        Dag.open = self
        return self

    def __exit__(self, *error):
        Dag.open = None


class Operator:
    def __init__(self, *, task_id, **given):
        self.given, self.then = given, []
        Dag.open.tasks[task_id] = self

    def __rshift__(self, other):
        self.then.append(other)
        return other


class Interval:
    def __init__(self, cron, *, timezone):
        self.cron, self.timezone = cron, timezone


MODULES = {
    3: {
        "airflow.providers.standard.operators.python": {"PythonOperator": Operator},
        "airflow.sdk": {"DAG": Dag},
        "airflow.sdk.exceptions": {"AirflowException": FailedError, "AirflowSkipException": SkippedError},
    },
    2: {
        "airflow": {"DAG": Dag},
        "airflow.exceptions": {"AirflowException": FailedError, "AirflowSkipException": SkippedError},
        "airflow.operators.python": {"PythonOperator": Operator},
    },
}  # fmt: skip


@pytest.fixture(params=[2, 3])
def names(request, monkeypatch, fake_textdrift):
    """Return what the file of the DAG holds, with Airflow's names standing for Airflow."""
    modules = {"airflow.timetables.interval": {"CronDataIntervalTimetable": Interval}, **MODULES[request.param]}
    for path, held in modules.items():
        for end in range(1, path.count(".") + 2):
            name = ".".join(path.split(".")[:end])
            if name not in sys.modules or not hasattr(sys.modules[name], "stands_for_airflow"):
                module = types.ModuleType(name)
                module.stands_for_airflow = True
                module.__path__ = []
                monkeypatch.setitem(sys.modules, name, module)
        for name, value in held.items():
            setattr(sys.modules[path], name, value)
    monkeypatch.setenv("TEXTDRIFT_FOLDER", str(fake_textdrift.folder))
    monkeypatch.setenv("PATH", fake_textdrift.path)
    return runpy.run_path(str(DAG_FILE))


def test_days_are_caught_up_with_one_after_the_other(names):
    given = names["dag"].given
    assert given["catchup"] is True
    assert given["max_active_runs"] == 1
    assert (given["schedule"].cron, given["schedule"].timezone) == ("30 2 * * *", "UTC")
    assert given["start_date"].utcoffset().total_seconds() == 0


def test_the_window_is_that_of_the_intervals_start(names):
    judge, passed = names["dag"].tasks["judge"], names["dag"].tasks["passed"]
    assert judge.given["op_kwargs"] == {"date": "{{ data_interval_start | ds }}"}
    assert judge.then == [passed]
    assert passed.given["op_kwargs"] == {"code": "{{ ti.xcom_pull(task_ids='judge') }}"}
    assert passed.given["retries"] == 0


@pytest.mark.parametrize("code", [0, 1, 3])
def test_a_window_that_was_judged_is_a_success_whatever_came_out(names, code, monkeypatch, fake_textdrift):
    monkeypatch.setenv("FAKE_CODE", str(code))
    assert names["judge_window"]("2026-11-25") == code
    assert fake_textdrift.called() == ["run /etc/textdrift/nightly.yaml --date 2026-11-25"]


@pytest.mark.parametrize("code", [2, 137])
def test_a_window_that_was_not_judged_is_a_failure_that_is_tried_again(names, code, monkeypatch):
    monkeypatch.setenv("FAKE_CODE", str(code))
    with pytest.raises(FailedError, match=str(code)):
        names["judge_window"]("2026-11-25")
    assert names["dag"].tasks["judge"].given["retries"] > 0


def test_what_hangs_on_passed_is_kept_from_running_after_drift(names):
    names["let_pass"]("0")  # a template gives a string
    with pytest.raises(FailedError, match="failed its gate"):
        names["let_pass"]("1")
    with pytest.raises(SkippedError, match="too small"):
        names["let_pass"]("3")
