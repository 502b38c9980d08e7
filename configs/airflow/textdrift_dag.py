"""A nightly textdrift job in Airflow 2.10 or 3: one DAG run judges the window of its own date.

Copy this file into the folder of DAGs, and set TEXTDRIFT_JOB and TEXTDRIFT_FOLDER. `textdrift` must be on the PATH of
the workers, in an environment of its own for preference, so that its packages do not meet Airflow's.

- ``judge`` ends well when the window was judged, whatever the verdict: 0, 1 and 3. On 2 (data late, a server gone) it
  fails and is tried again, half an hour apart. The job's own alerts tell people; Airflow tells of failures.
- ``passed`` fails where the window failed its gate, and is skipped where it was inconclusive. Hang on it what must not
  happen after drift, such as publishing a model: ``passed >> publish``.

Days that were missed are caught up with, one after the other, oldest first. A window that was judged before is not
judged again, so clearing a task does no harm. For a long past run `textdrift backfill JOB --from DATE --to DATE` first:
it sends no messages, and leaves nothing for Airflow to judge.
"""

from __future__ import annotations

import datetime as dt
import os
import subprocess

from airflow.timetables.interval import CronDataIntervalTimetable

try:  # Airflow 3
    from airflow.providers.standard.operators.python import PythonOperator
    from airflow.sdk import DAG
    from airflow.sdk.exceptions import AirflowException, AirflowSkipException
except ImportError:  # Airflow 2
    from airflow import DAG
    from airflow.exceptions import AirflowException, AirflowSkipException
    from airflow.operators.python import PythonOperator

JOB = os.environ.get("TEXTDRIFT_JOB", "/etc/textdrift/nightly.yaml")
FOLDER = os.environ.get("TEXTDRIFT_FOLDER", "/var/lib/textdrift")
JUDGED = {0: "passed", 1: "failed", 3: "inconclusive"}


def judge_window(date: str) -> int:
    """Judge the window of a date and return the exit code; raise where it was not judged."""
    command = ["textdrift", "run", JOB, "--date", date]
    code = subprocess.run(command, cwd=FOLDER, check=False).returncode  # noqa: S603 - our own command
    if code not in JUDGED:
        raise AirflowException(f"textdrift ended with {code}; its last lines above say why")
    return code


def let_pass(code: int) -> None:
    """Fail where the window failed its gate, skip where it could not tell."""
    if JUDGED[int(code)] == "failed":
        raise AirflowException("the window failed its gate; the report says what drifted")
    if JUDGED[int(code)] == "inconclusive":
        raise AirflowSkipException("the window was too small to tell")


with DAG(
    dag_id="textdrift",
    description="Did the texts drift?",
    # The interval of a day ends on the next day at 02:30 UTC, when its file is whole. Said in full, since Airflow 3
    # takes a plain cron string for moments instead of intervals, and the date would be that of the run.
    schedule=CronDataIntervalTimetable("30 2 * * *", timezone="UTC"),
    start_date=dt.datetime(2026, 1, 1, tzinfo=dt.timezone.utc),  # noqa: UP017 - Airflow 2 runs on older Pythons too
    catchup=True,
    max_active_runs=1,
    tags=["drift"],
) as dag:
    judge = PythonOperator(
        task_id="judge",
        python_callable=judge_window,
        op_kwargs={"date": "{{ data_interval_start | ds }}"},
        retries=4,
        retry_delay=dt.timedelta(minutes=30),
        execution_timeout=dt.timedelta(hours=4),
    )
    passed = PythonOperator(
        task_id="passed",
        python_callable=let_pass,
        op_kwargs={"code": "{{ ti.xcom_pull(task_ids='judge') }}"},
        retries=0,
    )
    judge >> passed
