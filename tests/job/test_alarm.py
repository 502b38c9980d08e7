"""Inputs and late labels make one story: told when it begins, told when both are quiet."""

import datetime as dt

import pytest

from textdrift.alerts import AlertPolicy, Observation
from textdrift.errors import SettingsError
from textdrift.job.alarm import JobAlarm

NIGHT = dt.datetime(2026, 11, 1, 6, tzinfo=dt.UTC)
NOW_AND_THEN = AlertPolicy(drifted=2, of=3)


def endings(nights):
    """Return what each end of a story says it came to, of (track, day, drifted) in turn; ``None`` is a snooze."""
    alarm, found = JobAlarm(), []
    for at, night in enumerate(nights):
        if night is None:
            alarm = alarm.snooze(NIGHT + dt.timedelta(days=7))
            continue
        track, day, drifted = night
        seen = Observation(window=f"2026-11-{day:02}", at=NIGHT + dt.timedelta(days=at), drifted=drifted,
                           kinds=("semantic", "lexical")[day % 2 :] if drifted else ())  # fmt: skip
        alarm, events = alarm.moved(seen, AlertPolicy(), track)
        alarm = JobAlarm.from_dict(alarm.to_dict())
        found += [event.course for event in events if event.state == "resolved"]
    return found


def moved(alarm, track, day, drifted, *, at=None, error=None, policy=None):
    """Return the next alarm, after a look through JSON's plain values, and the keys of what is told."""
    window = f"2026-11-{day:02}"
    seen = Observation(window=window, at=at or NIGHT + dt.timedelta(days=day), drifted=drifted, error=error)
    after, events = alarm.moved(seen, policy or AlertPolicy(), track)
    return JobAlarm.from_dict(after.to_dict()), [event.dedup_key for event in events]


def told(nights, policy=None):
    """Return what is told of (track, day, drifted) in turn, and the last alarm."""
    alarm, keys = JobAlarm(), []
    for track, day, drifted in nights:
        alarm, more = moved(alarm, track, day, drifted, policy=policy)
        keys += [key for key in more if key not in keys]  # a story that goes on is offered to sinks for graver drift
    return keys, alarm


def test_drift_that_labels_alone_show_fires_and_quiet_inputs_do_not_end_it():
    nights = [("inputs", 11, False), ("labelled", 6, True), ("inputs", 12, False), ("labelled", 7, True)]
    keys, alarm = told(nights)
    assert keys == ["2026-11-06/labelled/firing"]
    assert (alarm.status, alarm.story) == ("firing", "2026-11-06/labelled")
    keys, alarm = told([*nights, ("inputs", 13, False), ("labelled", 8, False)])
    assert keys == ["2026-11-06/labelled/firing", "2026-11-06/labelled/resolved"]
    assert alarm.story is None


@pytest.mark.parametrize("first", ["inputs", "labelled"])
def test_both_stages_make_one_story_under_the_key_it_began_with(first):
    second = "labelled" if first == "inputs" else "inputs"
    keys, alarm = told([(first, 3, True), (second, 3, True), (first, 4, False), (second, 4, False)])
    story = "2026-11-03" if first == "inputs" else "2026-11-03/labelled"
    assert keys == [f"{story}/firing", f"{story}/resolved"]
    assert alarm.status == "resolved"


def test_a_stage_that_drifts_again_while_the_other_still_does_begins_no_new_story():
    keys, _ = told([("inputs", 3, True), ("labelled", 1, True), ("inputs", 4, False), ("inputs", 5, True),
                    ("labelled", 2, False), ("inputs", 6, False)])  # fmt: skip
    assert keys == ["2026-11-03/firing", "2026-11-03/resolved"]


def test_a_window_that_fired_by_its_inputs_may_fire_again_by_its_labels():
    keys, _ = told([("inputs", 3, True), ("inputs", 4, False), ("labelled", 3, True)])
    assert keys == ["2026-11-03/firing", "2026-11-03/resolved", "2026-11-03/labelled/firing"]


def test_windows_are_counted_stage_by_stage():
    keys, _ = told([("inputs", 3, True), ("labelled", 3, True)], NOW_AND_THEN)
    assert keys == ["2026-11-03/warning", "2026-11-03/labelled/warning"]
    keys, _ = told([("labelled", 3, True), ("inputs", 8, False), ("inputs", 9, False), ("labelled", 4, True)],
                   NOW_AND_THEN)  # fmt: skip
    assert keys[-1] == "2026-11-03/labelled/firing"


def test_labels_of_an_older_window_that_come_later_move_nothing():
    keys, alarm = told([("labelled", 5, False), ("labelled", 4, True)])
    assert (keys, alarm.status) == ([], "ok")


def test_an_acknowledged_story_stays_quiet_until_both_stages_are():
    _, alarm = told([("labelled", 3, True)])
    alarm = alarm.acknowledge("ann", NIGHT)
    assert alarm.acknowledged["by"] == "ann"
    alarm, keys = moved(alarm, "inputs", 8, True)
    assert keys == []
    alarm, first = moved(alarm, "labelled", 4, False)
    alarm, second = moved(alarm, "inputs", 9, False)
    assert (first, second) == ([], ["2026-11-03/labelled/resolved"])
    with pytest.raises(SettingsError, match="nothing to acknowledge"):
        alarm.acknowledge("ann", NIGHT)


def test_a_snooze_holds_back_both_stages():
    alarm = JobAlarm().snooze(NIGHT + dt.timedelta(days=6))
    for track in ("inputs", "labelled"):
        alarm, keys = moved(alarm, track, 3, True)
        assert keys == []
    alarm, keys = moved(alarm, "inputs", 7, True)
    assert keys == ["2026-11-03/firing"]


def test_labels_that_fail_are_told_once_and_good_inputs_are_no_recovery():
    alarm, keys = moved(JobAlarm(), "labels", 3, None, error="two labels")
    assert keys == ["2026-11-03/labels/failed/error"]
    for track, day, drifted, error in (("inputs", 4, False, None), ("labels", 4, None, "two labels")):
        alarm, keys = moved(alarm, track, day, drifted, error=error)
        assert keys == []
    alarm, keys = moved(alarm, "labels", 5, None)
    assert keys == ["2026-11-03/labels/failed/recovered"]


def test_a_failure_is_told_although_the_clock_has_gone_back():
    alarm, _ = moved(JobAlarm(), "inputs", 3, False)
    alarm, keys = moved(alarm, "inputs", 4, None, at=NIGHT - dt.timedelta(days=300), error="no file")
    assert keys == ["2026-11-04/failed/error"]
    _, keys = moved(alarm, "inputs", 4, True, at=NIGHT - dt.timedelta(days=299))
    assert keys == ["2026-11-04/failed/recovered", "2026-11-04/firing"]


def test_a_new_job_is_ok_and_readers_find_the_state_at_the_top():
    assert JobAlarm.from_dict({}).to_dict() == JobAlarm.from_dict(None).to_dict() == JobAlarm().to_dict()
    _, alarm = told([("labelled", 3, True)])
    seen = alarm.acknowledge("ann", NIGHT).to_dict()
    assert (seen["status"], seen["story"], seen["acknowledged"]["by"]) == ("firing", "2026-11-03/labelled", "ann")


def test_the_end_of_a_story_says_how_long_it_lasted_and_what_it_was():
    nights = [("inputs", 3, True), ("inputs", 4, True), ("inputs", 5, False)]
    (course,) = endings(nights)
    assert (course.first, course.last, course.n_windows) == ("2026-11-03", "2026-11-04", 2)
    assert course.kinds == ("lexical", "semantic")
    again = [("inputs", 8, True), ("inputs", 9, False)]
    assert [(each.first, each.n_windows) for each in endings(nights + again)] == [("2026-11-03", 2), ("2026-11-08", 1)]


def test_windows_that_drift_by_their_labels_are_counted_apart_in_one_story():
    (course,) = endings([("inputs", 8, True), ("labelled", 4, True), ("inputs", 9, True), ("inputs", 10, False),
                         ("labelled", 5, False)])  # fmt: skip
    assert (course.first, course.last, course.n_windows, course.n_labelled) == ("2026-11-08", "2026-11-09", 2, 1)


def test_an_end_that_fell_into_a_snooze_is_told_of_its_own_story():
    nights = [("inputs", 1, True), None, ("inputs", 2, False), ("inputs", 3, True), ("inputs", 4, False),
              ("inputs", 5, True), ("inputs", 6, True), ("inputs", 7, True), ("inputs", 8, False)]  # fmt: skip
    assert [(each.first, each.last, each.n_windows) for each in endings(nights)] == [
        ("2026-11-01", "2026-11-01", 1), ("2026-11-05", "2026-11-07", 3)
    ]  # fmt: skip
