"""The line of the alert after a run: where it stands, who was told, and who was not and why."""

import datetime as dt

import pytest

from textdrift.alerts import Observation
from textdrift.job.alarm import JobAlarm
from textdrift.job.alert_line import alert_line
from textdrift.job.outbox import Delivery, outgoing
from textdrift.job_config import JobConfig

NIGHT = dt.datetime(2026, 11, 20, 6, tzinfo=dt.UTC)
SINK, SLACK = "1 json://localhost:8099", "2 slack"
ALERTS = [{"url": "json://ann:hunter2@localhost:8099/drift?key=s3cret"}, {"url": "slack://xoxb-s3cret/T0/#drift"}]


def config(alerts=ALERTS, **more):
    return JobConfig(name="inputs", reference="r", current="c", history="sqlite:///x.db", alerts=alerts, **more)


def line(job, days, *, state=None, delivery=None, arrives=True, severity=None):
    """Return the line after nights that drifted or not, where all of the last night's messages arrive, or none."""
    for day, drifted in enumerate(days):
        seen = Observation(window=f"2026-11-{20 + day}", at=NIGHT + dt.timedelta(days=day), drifted=drifted,
                           severity=severity, kinds=("lexical",))  # fmt: skip
        going_out = outgoing(job, state, seen, run="run", report={}, link=None)
        state = going_out.state
    told = tuple((message.state, message.sink) for message in going_out.messages)
    delivery = delivery or (Delivery(arrived=told) if arrives else Delivery(waiting=told))
    said = alert_line(job, JobAlarm.from_dict(state), delivery, NIGHT + dt.timedelta(days=len(days) - 1))
    assert "s3cret" not in said
    assert "hunter2" not in said
    return said


def test_an_alarm_says_since_when_and_who_was_told_on_each_night_of_it():
    one = config(ALERTS[:1])
    assert line(one, [True]) == "alert: firing since 2026-11-20, told json://localhost:8099 (1 of 1)"
    assert line(one, [False, True, True]) == "alert: firing since 2026-11-21, told json://localhost:8099 (1 of 1)"
    assert line(config(), [True, False]) == "alert: resolved, told json://localhost:8099, slack (2 of 2)"
    assert line(one, [True, False, False]) == "alert: ok"


def test_who_was_not_told_is_named_with_the_reason():
    assert line(config(), [True], arrives=False) == (
        "alert: firing since 2026-11-20, will be retried at the next run: json://localhost:8099, slack"
    )
    half = Delivery(arrived=(("firing", SINK),), waiting=(("firing", SLACK),))
    assert line(config(), [True], delivery=half) == (
        "alert: firing since 2026-11-20, told json://localhost:8099 (1 of 2), will be retried at the next run: slack"
    )
    snoozed = JobAlarm().snooze(NIGHT + dt.timedelta(days=3)).to_dict()
    assert line(config(), [True], state=snoozed) == (
        "alert: firing since 2026-11-20, not told: snoozed until 2026-11-23 06:00 UTC"
    )
    grave = config([ALERTS[0] | {"severity": "critical"}])
    assert line(grave, [True], severity="info").endswith(", not told: no sink asks for so little severity")
    assert line(config([]), [True]).endswith(", not told: the job names no alerts")
    cool = config(alert_policy={"cool_down_hours": 96})
    assert line(cool, [True, False, True]).endswith(", not told: the cool-down after the last alarm is not over")
    slow = config(alert_policy={"drifted": 2, "of": 3})
    assert line(slow, [True]) == "alert: warning since 2026-11-20, not told: no sink asks for warning"


def test_sinks_of_one_name_are_told_apart_and_quiet_jobs_without_sinks_say_nothing():
    assert line(config([ALERTS[0], ALERTS[0]]), [True]).endswith(
        "told json://localhost:8099 (number 1), json://localhost:8099 (number 2) (2 of 2)"
    )
    assert line(config([]), [False]) == ""


def test_an_acknowledged_alarm_names_who_has_it():
    state = outgoing(config(), None, Observation(window="2026-11-20", at=NIGHT, drifted=True), run="r", report={},
                     link=None).state  # fmt: skip
    alarm = JobAlarm.from_dict(state).acknowledge("ann", NIGHT)
    assert alert_line(config(), alarm, Delivery(), NIGHT).startswith(
        "alert: firing since 2026-11-20, acknowledged by ann, told json://localhost:8099"
    )


@pytest.mark.parametrize("track", ["labelled"])
def test_drift_that_labels_alone_show_is_told_as_that(track):
    alarm, _ = JobAlarm().moved(Observation(window="2026-11-20", at=NIGHT, drifted=True), policy(), track)
    assert alert_line(config(), alarm, Delivery(), NIGHT).startswith("alert: firing since 2026-11-20 by its labels")


def policy():
    from textdrift.alerts import AlertPolicy

    return AlertPolicy()
