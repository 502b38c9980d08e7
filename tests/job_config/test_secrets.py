"""Secrets: what came from the environment and passwords of URLs are used, and never shown."""

import datetime as dt
import traceback

import pytest
from hypothesis import given
from hypothesis import strategies as st

from textdrift.errors import MissingSourceError, SettingsError, UnreadableSourceError
from textdrift.job_config import read_job
from textdrift.job_config.secrets import Secrets, secrets_of_url

LITERAL, FROM_ENVIRONMENT, TOKEN = "pw-in-the-file", "hunter2/&?", "xoxb-123456"

JOB = f"""\
name: a
reference: {{sql: "postgresql://ann:{LITERAL}@db/r", query: select 1}}
current: {{sql: "postgresql://ann:${{PW}}@db/c", query: select 1}}
history: "postgresql://ann:${{PW}}@db/h"
alerts: [{{url: "slack://{TOKEN}/T0AAAA/#drift"}}, {{url: "https://hooks.example.org/s/B0123456789?token={TOKEN}"}}]
metrics: {{push: "https://ann:{LITERAL}@push.example.org"}}
labels: {{path: "s3://${{PW}}/x", join: id}}
"""
SHOWN = (LITERAL, FROM_ENVIRONMENT, TOKEN, "T0AAAA", "B0123456789")


@pytest.fixture
def write(tmp_path, monkeypatch):
    monkeypatch.setenv("PW", FROM_ENVIRONMENT)

    def written(text):
        path = tmp_path / "job.yaml"
        path.write_text(text, encoding="utf-8")
        return path

    return written


def assert_hidden(text):
    assert [secret for secret in SHOWN if secret in text] == []


def test_secrets_are_used_and_not_shown(write):
    job = read_job(write(JOB))
    assert job.history == f"postgresql://ann:{FROM_ENVIRONMENT}@db/h"
    assert job.current["sql"].endswith(f"{FROM_ENVIRONMENT}@db/c")
    filled = job.at(dt.date(2026, 1, 1))
    for shown in (job, filled, job.alerts[0], job.alerts[1], job.metrics, job.labels, job.current, job.reference):
        assert_hidden(repr(shown))
    for table in (job, filled, job.alerts[0], job.metrics, job.labels):
        assert_hidden(str(table))
        assert_hidden(str(table.model_dump()))
        assert_hidden(table.model_dump_json())


def test_hidden_replaces_every_secret_however_it_is_written(write):
    job = read_job(write(JOB))
    told = f"{FROM_ENVIRONMENT} {FROM_ENVIRONMENT!r} hunter2%2F%26%3F {LITERAL} slack://{TOKEN}/T0AAAA/#drift"
    assert job.hidden(told) == "*** '***' *** *** slack://***/***/***"


@pytest.mark.parametrize(
    "slip",
    [
        "seed: 'x${PW}'", "histroy: 'postgresql://ann:${PW}@db/h'", f"seed: 'x://ann:{LITERAL}@h'", "gate: '${PW}'",
        "report: {folder: '${PW}{{ dat }}'}", "cost: {matrix: '${PW}'}", "playbook: {'o': '${PW}'}",
        "columns: {segments: '${PW}'}", "encoder: {model: hashing, dimension: '${PW}'}", "slow_drift: '${PW}'",
        "gate: {fail_on: ['${PW}']}", "report: {formats: ['${PW}']}", f"report: {{folder: 'x://a:{LITERAL}@h/${{'}}",
    ],
)  # fmt: skip
def test_errors_hold_no_secret(write, slip):
    key = slip.partition(":")[0]
    kept = "".join(line + "\n" for line in JOB.splitlines() if not line.startswith(key + ":"))
    with pytest.raises(SettingsError) as caught:
        read_job(write(kept + slip))
    assert_hidden(str(caught.value))
    assert_hidden("".join(traceback.format_exception(caught.value)))


def test_a_broken_file_is_quoted_without_its_passwords(write):
    with pytest.raises(UnreadableSourceError) as caught:
        read_job(write(f'history: "postgresql://ann:{LITERAL}@db/h" broken: ['))
    assert_hidden("".join(traceback.format_exception(caught.value)))


def test_errors_of_a_run_hide_what_the_job_hides(write):
    job = read_job(write(JOB))
    with pytest.raises(MissingSourceError) as caught, job.hiding():
        raise MissingSourceError(f"there is no {FROM_ENVIRONMENT}/x.csv")
    assert str(caught.value) == "there is no ***/x.csv"


@pytest.mark.parametrize(
    ("url", "password"),
    [
        ("postgresql://ann:p?w#x@h/d", "p?w#x"), ("postgresql://ann:p%2Fw@h/d", "p/w"), ("https://:t0ken@h/x", "t0ken"),
        ("json://h/x?+Authorization=k3y", "k3y"), ("mailto://ann:p/w@h?to=x@y.org", "p/w"),
    ],
)  # fmt: skip
def test_passwords_are_found_however_they_are_written(url, password):
    assert password in secrets_of_url(url)


def test_a_short_value_hides_itself_and_not_every_digit():
    assert Secrets(("5", "ab")).hidden("5 of 15, ab and abc, x=5") == "*** of 15, *** and abc, x=***"


def test_a_secret_that_begins_another_leaves_nothing_of_it():
    assert Secrets(("abcd", "abcdef")).hidden("abcdef") == "***"


@given(st.text(st.characters(exclude_characters="*\0"), min_size=4), st.text(), st.text())
def test_a_secret_of_four_signs_is_gone_from_any_text(password, before, after):
    shown = Secrets((password,)).hidden(before + password + after)
    assert all(password not in part for part in shown.split("***"))
