import datetime as dt
import json
from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from textdrift.alerts import AlertPolicy, AlertState, Observation, acknowledge, snooze, step
from textdrift.errors import SettingsError

FIRST = dt.date(2026, 11, 1)
PLAIN = AlertPolicy()


def at(day, hour=6):
    return dt.datetime.combine(FIRST + dt.timedelta(day), dt.time(hour), tzinfo=dt.UTC)


def seen(day, what, window=None, hour=6):
    """One observation: drift (D), none (o), too small to tell (?), or a failure (E)."""
    drifted = {"D": True, "o": False}.get(what)
    error = "no such file" if what == "E" else None
    name = window or (FIRST + dt.timedelta(day)).isoformat()
    return Observation(window=name, at=at(day, hour), drifted=drifted, error=error)


def told(days, policy=PLAIN, state=None):
    """Return what is told on each day of a row of them, and the state after it."""
    state, all_told = state or AlertState(), []
    for day, what in enumerate(days):
        state, events = step(state, seen(day, what), policy)
        all_told.append([event.state for event in events])
    return all_told, state


def keys(days, policy=PLAIN):
    state, events = AlertState(), []
    for day, what in enumerate(days):
        state, more = step(state, seen(day, what), policy)
        events += more
    return [event.dedup_key for event in events]


def test_the_first_drifted_window_fires_and_the_first_without_drift_resolves():
    assert told("oDDDo")[0] == [[], ["firing"], [], [], ["resolved"]]


def test_a_story_bears_the_name_of_its_first_drifted_window():
    assert keys("oDDoDo") == [
        "2026-11-02/firing", "2026-11-02/resolved", "2026-11-05/firing", "2026-11-05/resolved",
    ]  # fmt: skip


def test_statuses_follow_each_other():
    statuses, state = [], AlertState()
    for day, what in enumerate("oDoo"):
        state, _ = step(state, seen(day, what), PLAIN)
        statuses.append(state.status)
    assert statuses == ["ok", "firing", "resolved", "ok"]


def test_n_of_m_windows_warn_first_and_then_fire():
    policy = AlertPolicy(drifted=2, of=3)
    assert told("DoD", policy)[0] == [["warning"], [], ["firing"]]
    assert told("DooD", policy)[0] == [["warning"], [], [], []]  # it never was all quiet
    assert told("DoooD", policy)[0] == [["warning"], [], [], [], ["warning"]]
    assert keys("DoD", policy) == ["2026-11-01/warning", "2026-11-01/firing"]


def test_a_warning_that_passes_is_told_of_no_more():
    all_told, state = told("Doo", AlertPolicy(drifted=2, of=2))
    assert all_told == [["warning"], [], []]
    assert (state.status, state.story) == ("ok", None)


def test_windows_of_a_story_that_ended_do_not_count_for_the_next():
    assert told("DDoD", AlertPolicy(drifted=2, of=3))[0] == [["warning"], ["firing"], ["resolved"], ["warning"]]


def test_an_alarm_ends_after_so_many_quiet_windows_in_a_row():
    assert told("DoDoo", AlertPolicy(resolve_after=2))[0] == [["firing"], [], [], [], ["resolved"]]


def test_a_window_too_small_to_tell_neither_begins_nor_ends_an_alarm():
    assert told("?D?o")[0] == [[], ["firing"], [], ["resolved"]]
    assert told("Do?o", AlertPolicy(resolve_after=2))[0] == [["firing"], [], [], ["resolved"]]


def test_within_a_cool_down_no_alarm_is_told_but_the_state_moves():
    policy = AlertPolicy(cool_down=dt.timedelta(days=3))
    all_told, state = told("DoDoo", policy)
    assert all_told == [["firing"], ["resolved"], [], [], []]
    assert told("DoD", policy)[1].status == "firing"
    assert told("DoDo", policy)[1].status == "resolved"
    assert state.resolved_at == at(1)  # the story that nobody heard of does not make the pause longer


def test_an_alarm_that_outlasts_the_cool_down_is_told_once():
    policy = AlertPolicy(cool_down=dt.timedelta(days=3))
    assert told("DoDDDDo", policy)[0] == [["firing"], ["resolved"], [], [], ["firing"], [], ["resolved"]]


def test_an_acknowledged_story_tells_only_its_end():
    _, state = told("D")
    state = acknowledge(state, "ann", at(0, 8))
    assert state.acknowledged == {"by": "ann", "at": "2026-11-01T08:00:00+00:00"}
    assert acknowledge(state, "bob", at(0, 9)) is state
    state, events = step(state, seen(1, "D"), PLAIN)
    assert not events
    state, events = step(state, seen(2, "o"), PLAIN)
    assert [event.state for event in events] == ["resolved"]
    assert state.acknowledged is None


def test_a_warning_that_is_acknowledged_never_fires_nor_resolves():
    policy = AlertPolicy(drifted=2, of=2)
    _, state = told("D", policy)
    state = acknowledge(state, "ann", at(0, 8))
    for day in (1, 2):
        state, events = step(state, seen(day, "D"), policy)
        assert not events
    assert state.status == "firing"
    state, events = step(state, seen(3, "o"), policy)
    assert (state.status, events) == ("resolved", ())


def test_nothing_can_be_acknowledged_where_nothing_is_the_matter():
    with pytest.raises(SettingsError, match="nothing to acknowledge: the alert is ok"):
        acknowledge(AlertState(), "ann", at(0))
    with pytest.raises(SettingsError, match="needs the name"):
        acknowledge(told("D")[1], " ", at(0))


def test_after_a_snooze_what_is_still_true_is_told_once():
    state = snooze(AlertState(), at(3))
    assert told("DDDDDo", state=state)[0] == [[], [], [], ["firing"], [], ["resolved"]]


def test_what_began_and_ended_in_a_snooze_is_never_told():
    assert told("Dooo", state=snooze(AlertState(), at(3)))[0] == [[], [], [], []]


def test_an_end_that_fell_into_a_snooze_is_told_after_it():
    state, events = step(AlertState(), seen(0, "D"), PLAIN)
    state = snooze(state, at(4))
    for day, what in ((1, "o"), (2, "D")):
        state, events = step(state, seen(day, what), PLAIN)
        assert not events
    state, events = step(state, seen(4, "D"), PLAIN)
    assert [event.dedup_key for event in events] == ["2026-11-01/resolved", "2026-11-03/firing"]
    assert state.snoozed_until is None


def test_a_snooze_can_be_ended():
    state = snooze(snooze(AlertState(), at(9)), None)
    assert told("D", state=state)[0] == [["firing"]]


def test_a_run_of_failures_is_told_once_and_so_is_its_end():
    assert told("oEEEooEo")[0] == [[], ["error"], [], [], ["recovered"], [], ["error"], ["recovered"]]


def test_failures_are_another_story_than_drift():
    assert told("DEDo")[0] == [["firing"], ["error"], ["recovered"], ["resolved"]]
    assert told("DEo")[0] == [["firing"], ["error"], ["recovered", "resolved"]]


def test_a_window_that_failed_can_be_judged_later():
    state, events = AlertState(), []
    for observation in (seen(0, "E"), seen(0, "D", hour=7)):
        state, more = step(state, observation, PLAIN)
        events += more
    assert [event.dedup_key for event in events] == [
        "2026-11-01/failed/error", "2026-11-01/failed/recovered", "2026-11-01/firing",
    ]  # fmt: skip


def test_windows_that_fail_without_a_date_have_keys_of_their_own():
    state, events = AlertState(), []
    for day, (what, window) in enumerate((("E", "current"), ("o", "xxh3:1"), ("E", "current"), ("o", "xxh3:2"))):
        state, more = step(state, seen(day, what, window), PLAIN)
        events += more
    assert len({event.dedup_key for event in events}) == len(events) == 4


def test_a_failure_in_a_snooze_is_told_after_it_where_it_goes_on():
    assert told("EEEE", state=snooze(AlertState(), at(2)))[0] == [[], [], ["error"], []]
    assert told("Eoo", state=snooze(AlertState(), at(2)))[0] == [[], [], []]


def test_a_window_seen_before_or_older_moves_nothing():
    _, state = told("oD")
    for observation in (seen(1, "o", hour=9), seen(0, "D", hour=9), seen(0, "E", hour=9), seen(1, "E")):
        assert step(state, observation, PLAIN) == (state, ())
    state, _ = step(state, seen(2, "D", "xxh3:1"), PLAIN)
    assert step(state, seen(3, "o", "xxh3:1"), PLAIN) == (state, ())


def test_a_later_failure_of_the_last_window_is_told():
    _, state = told("oo")
    _, events = step(state, seen(1, "E", hour=9), PLAIN)
    assert [event.state for event in events] == ["error"]


def test_windows_of_a_stream_follow_each_other_within_a_day():
    state, fired = AlertState(), []
    for hour, what in ((1, "D"), (2, "o"), (3, "D")):
        state, events = step(state, seen(0, what, f"2026-11-01T0{hour}:00:00Z", hour), PLAIN)
        fired += [event.state for event in events]
    assert fired == ["firing", "resolved", "firing"]


@pytest.mark.parametrize(
    ("policy", "told_of"),
    [
        ({"drifted": 3, "of": 2}, "3 of the last 2 windows"),
        ({"drifted": 0}, "drifted must be a whole number"),
        ({"resolve_after": True}, "resolve_after must be a whole number"),
        ({"cool_down": dt.timedelta(-1)}, "cool_down must be a timedelta"),
    ],
)
def test_a_policy_that_cannot_be_is_refused(policy, told_of):
    with pytest.raises(SettingsError, match=told_of):
        AlertPolicy(**policy)


def test_a_moment_without_a_time_zone_is_refused():
    with pytest.raises(SettingsError, match="with a time zone"):
        Observation(window="2026-11-01", at=dt.datetime(2026, 11, 1))
    with pytest.raises(SettingsError, match="needs a name"):
        Observation(window="", at=at(0))


def test_a_later_key_of_a_stored_state_is_passed_over_and_damage_is_told():
    _, state = told("DE")
    assert AlertState.from_dict({**state.to_dict(), "colour": "red"}) == state
    assert AlertState.from_dict({}) == AlertState()
    for damaged in ({"status": "burning"}, {"last_at": "yesterday"}, {"failure": {"window": "w"}}, {"owed": [1]}, "ok"):
        with pytest.raises(SettingsError, match="stored state of an alert cannot be read"):
            AlertState.from_dict(damaged)


policies = st.builds(
    lambda of, drifted, resolve_after, cool_down: AlertPolicy(
        drifted=min(drifted, of), of=of, resolve_after=resolve_after, cool_down=dt.timedelta(days=cool_down)
    ),
    st.integers(1, 4), st.integers(1, 4), st.integers(1, 3), st.sampled_from([0, 0, 2, 5]),
)  # fmt: skip
# A day's window is what it is, or one of earlier days comes again; meanwhile people acknowledge and snooze.
days = st.lists(
    st.tuples(
        st.sampled_from("DDDooo?EE"),
        st.sampled_from(["dated", "dated", "dated", "again", "fingerprint"]),
        st.sampled_from([None, None, None, None, "acknowledge", "snooze", "wake"]),
    ),
    max_size=40,
)


def lived(days, policy, through_json=False):
    """Return the state after a life, the events in their order, and every observation with the state it met."""
    state, events, met = AlertState(), [], []
    for day, (what, kind, act) in enumerate(days):
        if act == "acknowledge" and state.story is not None:
            state = acknowledge(state, "ann", at(day, 5))
        elif act == "snooze":
            state = snooze(state, at(day + 3))
        elif act == "wake":
            state = snooze(state, None)
        observation = seen(day, what, {"fingerprint": f"xxh3:{day}"}.get(kind))
        if kind == "again" and met:
            observation = replace(observation, window=met[day // 2 % len(met)][0].window)
        if through_json:
            state = AlertState.from_dict(json.loads(json.dumps(state.to_dict())))
        met.append((observation, state))
        state, more = step(state, observation, policy)
        events += more
    return state, events, met


@settings(max_examples=200, deadline=None)
@given(days, policies)
def test_each_story_is_told_of_once_in_each_state_whatever_comes(days, policy):
    _, events, _ = lived(days, policy)
    assert max(Counter(event.dedup_key for event in events).values(), default=1) == 1
    told_of = [(event.dedup_key.rpartition("/")[0], event.state) for event in events]
    assert len(set(told_of)) == len(told_of)
    for place, (story, state) in enumerate(told_of):
        if state in {"resolved", "recovered"}:
            begun = {"resolved": "firing", "recovered": "error"}[state]
            assert (story, begun) in told_of[:place]
    # Stories of one kind do not overlap: one ends before the next is told of.
    for begun, ended in (("firing", "resolved"), ("error", "recovered")):
        order = [state for _, state in told_of if state in {begun, ended}]
        assert order == [begun, ended] * (len(order) // 2) + [begun] * (len(order) % 2)


@settings(max_examples=200, deadline=None)
@given(days, policies)
def test_the_same_windows_once_more_move_nothing(days, policy):
    state, _, met = lived(days, policy)
    judged = [observation for observation, _ in met if observation.error is None]
    for observation in judged:
        assert step(state, observation, policy) == (state, ())


@settings(max_examples=200, deadline=None)
@given(days, policies)
def test_the_same_observations_once_more_tell_nothing(days, policy):
    state, events, met = lived([(what, kind, None) for what, kind, _ in days], policy)
    again = []
    for observation, _ in met:
        state, more = step(state, observation, policy)
        again += more
    assert not again
    assert len(events) == len(set(events))


@settings(max_examples=60, deadline=None)
@given(days, policies)
def test_a_state_that_was_written_and_read_goes_on_as_if_it_had_not_been(days, policy):
    assert lived(days, policy, through_json=True)[:2] == lived(days, policy)[:2]


@settings(max_examples=60, deadline=None)
@given(days, policies)
def test_nothing_is_told_in_a_snooze(days, policy):
    state = snooze(AlertState(), at(len(days) + 1))
    for day, (what, _, _) in enumerate(days):
        state, events = step(state, seen(day, what), policy)
        assert not events
    state, events = step(state, seen(len(days) + 1, "o"), replace(policy, resolve_after=1))
    assert not [event for event in events if event.state in {"resolved", "recovered"}]  # nothing had been told


@settings(max_examples=60, deadline=None)
@given(st.text("Do", max_size=30), policies)
def test_without_pauses_the_machine_agrees_with_a_plain_count(days, policy):
    policy = replace(policy, cool_down=dt.timedelta(0))
    expected, counted, is_firing, was_warned, quiet = [], [], False, False, 0
    for what in days:
        counted, quiet = [*counted, what == "D"][-policy.of :], 0 if what == "D" else quiet + 1
        now = []
        if is_firing and quiet >= policy.resolve_after:
            now, is_firing, was_warned, counted = ["resolved"], False, False, []
        elif not is_firing and sum(counted) >= policy.drifted:
            now, is_firing = ["firing"], True
        elif not is_firing and sum(counted) and not was_warned:
            now, was_warned = ["warning"], True
        elif not is_firing and not sum(counted):
            was_warned = False
        expected.append(now)
    assert told(days, policy)[0] == expected
