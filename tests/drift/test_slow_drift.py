"""The slow-drift detector: it finds what grows, restarts with a new pool, and is off where it has no right to run."""

import datetime as dt
import json
from dataclasses import replace

import numpy as np
import pytest

from textdrift.drift.slow_drift import SlowDriftState, step_slow_drift
from textdrift.drift.weekday_pattern import WindowTrace
from textdrift.embeddings.features import Basis, FeatureSums
from textdrift.errors import SettingsError
from textdrift.profiles import BinnedUnits, Profile, Span

DIMENSIONS, BINS = 4, 256
BASIS = Basis.fit(np.random.default_rng(42).normal(size=(500, DIMENSIONS)))
EARNED = tuple(np.linspace(0.05, 1.0, 8))


def window(rng, name, *, n=60, shift=0.0, units=None, span=None, encoder="e"):
    """Return a window of Gaussian points in random bins."""
    sums = FeatureSums(BASIS, BINS)
    sums.add(rng.normal(size=(n, DIMENSIONS)) + shift, rng.integers(0, BINS, size=n))
    hashes = np.unique(rng.integers(0, 2**62, size=n) if units is None else units).astype(np.uint64)
    return Profile(
        name=name, n_rows=n, sums=sums, encoder=encoder, units=BinnedUnits("groups", np.sort(hashes)), span=span
    )


def run(rng, windows, state=None, pool=None, threshold=100.0, first_stretch=8):
    """Step through windows and return the steps."""
    state, steps = state or SlowDriftState(), []
    for current in windows:
        step = step_slow_drift(
            state, pool, current, threshold=threshold, rng=rng, n_permutations=199, first_stretch=first_stretch
        )
        state, pool = step.state, step.pool
        steps.append(step)
    return steps


def test_a_drift_that_no_single_window_shows_is_found():
    rng = np.random.default_rng(1)
    quiet = [window(rng, f"quiet {i}") for i in range(30)]
    drifted = [window(rng, f"drifted {i}", shift=0.22) for i in range(40)]
    steps = run(rng, [*quiet, *drifted], state=SlowDriftState(first_p_values=EARNED))
    alarms = [step.state.last_window for step in steps if step.alarm]
    assert alarms
    assert all(name.startswith("drifted") for name in alarms)
    assert np.median([step.p_values["both"] for step in steps[30:] if step.p_values]) > 0.01


def test_after_an_alarm_the_pool_begins_with_the_window_after_it():
    rng = np.random.default_rng(2)
    quiet, moved = (
        [window(rng, f"quiet {i}") for i in range(10)],
        [window(rng, f"moved {i}", shift=2) for i in range(5)],
    )
    steps = run(rng, [*quiet, *moved], state=SlowDriftState(first_p_values=EARNED))
    at = next(i for i, step in enumerate(steps) if step.alarm)
    assert steps[at].pool is None
    assert (steps[at].state.M, steps[at].state.units_in_pool) == (0.0, 0)
    assert steps[at].M >= 100.0
    assert steps[at].state.alarms == (f"moved {at - 10}",)
    assert (steps[at + 1].p_values, steps[at + 1].pool.name) == ({}, f"moved {at - 9}")
    # All windows of the new pool are of one law: no second alarm.
    assert sum(step.alarm for step in steps) == 1


def test_in_the_first_stretch_nothing_can_alarm():
    rng = np.random.default_rng(3)
    steps = run(rng, [window(rng, "a"), *(window(rng, f"b{i}", shift=3) for i in range(8))])
    assert [step.M for step in steps] == [0.0] * 9
    assert not any(step.alarm for step in steps)


def test_a_quiet_first_stretch_earns_the_detector():
    rng = np.random.default_rng(40)
    steps = run(rng, [window(rng, f"w{i}") for i in range(12)])
    assert steps[8].state.off == ""
    assert "look exchangeable" in steps[8].notes[0]
    assert pytest.approx(steps[9].e_value) == steps[9].M
    assert pytest.approx((steps[9].M + 1) * steps[10].e_value) == steps[10].M


def test_a_weekday_pattern_turns_the_detector_off_after_the_first_stretch():
    rng = np.random.default_rng(5)
    days = [window(rng, f"d{i}", shift=0.4 * (i % 7 >= 5)) for i in range(31)]
    steps = run(rng, days, first_stretch=28)
    assert "differ from each other more than" in steps[-1].state.off
    assert steps[28].pool is None
    assert "is off" in steps[-1].notes[0]
    assert not any(step.alarm for step in steps)


def test_weekends_that_no_night_shows_turn_the_detector_off():
    rng = np.random.default_rng(51)
    first = dt.date(2026, 3, 1)
    days = [first + dt.timedelta(days=i) for i in range(29)]
    windows = [window(rng, f"{day}", n=250, shift=0.1 * (day.weekday() >= 5)) for day in days]
    steps = run(rng, windows, first_stretch=28)
    assert "weekdays differ in the first 28 windows" in steps[-1].state.off
    assert len(steps[-2].state.first_traces) == 27
    assert steps[-1].state.first_traces == ()


def test_a_pattern_that_passes_the_first_stretch_is_refused_after_its_first_alarms():
    rng = np.random.default_rng(14)
    days = (window(rng, f"d{i}", shift=0.35 * (i % 7 >= 5)) for i in range(150))
    state = run(rng, days, state=SlowDriftState(first_p_values=EARNED))[-1].state
    assert 1 <= len(state.alarms) <= 3
    assert f"since {state.alarms[-1]} differ" in state.off


def test_after_an_alarm_it_runs_on_while_it_is_judged_anew():
    rng = np.random.default_rng(16)
    days = [window(rng, f"d{i}", shift=3.0 * (i // 10)) for i in range(30)]
    earned = SlowDriftState(first_p_values=EARNED + EARNED + EARNED + EARNED)
    state = run(rng, days, state=earned, first_stretch=28)[-1].state
    assert len(state.alarms) == 2
    assert state.off == ""


def test_authors_who_live_in_several_windows_turn_it_off():
    rng = np.random.default_rng(6)
    authors = np.arange(1, 200) * 10_000
    steps = run(rng, [window(rng, f"w{i}", units=rng.choice(authors, 60, replace=False)) for i in range(8)])
    assert "of the groups of a window live in earlier windows" in steps[-1].state.off


def test_windows_that_share_few_authors_run_on():
    rng = np.random.default_rng(7)
    authors = np.arange(1, 20_000) * 10_000
    steps = run(rng, [window(rng, f"w{i}", units=rng.choice(authors, 60, replace=False)) for i in range(8)])
    assert steps[-1].state.off == ""
    assert steps[-1].state.shared[1] >= 400


def test_windows_that_overlap_in_time_turn_it_off_and_neighbours_do_not():
    rng = np.random.default_rng(8)
    weeks = [Span(f"2026-03-{day:02}", f"2026-03-{day + 7:02}") for day in range(1, 5)]
    nights = [Span(f"2026-03-{day:02}", f"2026-03-{day + 1:02}") for day in range(1, 5)]
    rolling = run(rng, [window(rng, f"w{i}", span=span) for i, span in enumerate(weeks)])
    apart = run(rng, [window(rng, f"w{i}", span=span) for i, span in enumerate(nights)])
    assert "windows overlap" in rolling[-1].state.off
    assert apart[-1].state.off == ""


def test_a_window_seen_before_or_dated_earlier_changes_nothing():
    rng = np.random.default_rng(9)
    first, second = (window(rng, f"2026-11-{day}") for day in (24, 25))
    step = run(rng, [first, second])[-1]
    for again in (second, first):
        repeated = step_slow_drift(step.state, step.pool, again, threshold=100.0, rng=rng)
        assert repeated.state == step.state
        assert repeated.pool is step.pool
        assert "took no step" in repeated.notes[0]


def test_a_window_that_is_too_small_is_pooled_and_not_tested():
    rng = np.random.default_rng(10)
    steps = run(rng, [window(rng, "a"), window(rng, "b", n=19)])
    assert steps[-1].p_values == {}
    assert steps[-1].state.units_in_pool == 79
    assert "at least 20" in steps[-1].notes[0]


def test_another_encoder_begins_a_new_pool_and_keeps_the_evidence():
    rng = np.random.default_rng(11)
    begun = run(rng, [window(rng, f"w{i}") for i in range(12)])[-1]
    step = step_slow_drift(begun.state, begun.pool, window(rng, "x", encoder="new"), threshold=1e9, rng=rng)
    assert (step.state.M, step.state.units_in_pool) == (begun.state.M, 60)
    assert "begins anew" in step.notes[0]


def test_a_state_comes_back_from_json_as_it_was():
    state = SlowDriftState(
        bets=(1.5, 2.5), windows=9, last_window="w", alarms=("a",), first_p_values=(0.5, 0.1), shared=(1, 40),
        first_traces=(WindowTrace(window="w", n=3, meaning=(0.5, -1.25), words=(1, -2)),),
    )  # fmt: skip
    stored = json.loads(json.dumps(state.to_dict()))
    assert stored["M"] == 2.0
    assert SlowDriftState.from_dict(stored) == state
    with pytest.raises(SettingsError, match="did you mean 'alarms'"):
        SlowDriftState.from_dict({"alarm": []})


def test_settings_that_make_no_detector_are_refused():
    rng = np.random.default_rng(12)
    for settings, told in (({"threshold": 1.0}, "above 1"), ({"threshold": 9.0, "first_stretch": 3}, "at least 8")):
        with pytest.raises(SettingsError, match=told):
            step_slow_drift(SlowDriftState(), None, window(rng, "a"), rng=rng, **settings)
    with pytest.raises(SettingsError, match="needs a name"):
        step_slow_drift(SlowDriftState(), None, window(rng, ""), threshold=9.0, rng=rng)


def test_the_same_seed_gives_the_same_step():
    begun = run(np.random.default_rng(13), [window(np.random.default_rng(i), f"w{i}") for i in range(5)])[-1]
    current = window(np.random.default_rng(99), "next")
    steps = [
        step_slow_drift(begun.state, begun.pool, current, threshold=99.0, rng=np.random.default_rng(1))
        for _ in range(2)
    ]
    assert replace(steps[0], pool=None) == replace(steps[1], pool=None)
