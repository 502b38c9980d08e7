from __future__ import annotations

import itertools
import math
import time

import numpy as np
import pytest
from scipy.optimize import brentq

from textdrift.stats import sequential
from textdrift.stats.sequential import betting_sequence

LEVEL = 0.05


def wealth(candidate, values, floors, ceilings, *, sign, level, scales, first_guess):
    """The mean wealth of the gamblers against one candidate, written as the formula says, one value at a time."""
    mean_weight, mean_sum, squares = 1.0, first_guess[0], 8 * first_guess[1]
    information, purse = 0.0, [1.0] * 5
    for seen, (value, floor, ceiling, scale) in enumerate(zip(values, floors, ceilings, scales, strict=True)):
        variance, information = squares / (8 + seen), information + 1 / scale**2
        for i, goal in enumerate((16, 64, 256, 1024, 4096)):
            stake = math.sqrt(2 * math.log(2 / level) / (variance * max(goal, information))) / scale**2
            cost = candidate - floor if sign > 0 else ceiling - candidate
            purse[i] *= 1 + sign * min(stake, 0.9 / max(cost, 1e-12)) * (value - candidate)
        mean_weight, mean_sum = mean_weight + 1 / scale**2, mean_sum + value / scale**2
        squares += ((value - mean_sum / mean_weight) / scale) ** 2
    return sum(purse) / 5


def uneven(rng, n):
    scales = rng.uniform(0.4, 1.2, n)
    floors, ceilings = 0.35 - 0.9 * scales, 0.35 + 1.6 * scales
    hits = rng.random(n) < 0.36  # 0.36 of the way from floor to ceiling is a mean of 0.35
    return np.where(hits, ceilings, floors), floors, ceilings, scales


def test_the_interval_is_that_of_the_formula_solved_for_each_end() -> None:
    rng = np.random.default_rng(0)
    values, floors, ceilings, scales = uneven(rng, 150)
    guess = (0.4, 0.5)
    sequence = betting_sequence(values, floors, ceilings, level=LEVEL, scales=scales, first_guess=guess)
    ends = {+1: [], -1: []}
    for t, sign in itertools.product(range(150), ends):
        seen = (part[: t + 1] for part in (values, floors, ceilings))
        given = {"sign": sign, "level": LEVEL, "scales": scales[: t + 1], "first_guess": guess}
        rows = list(seen)

        def rich(candidate, rows=rows, given=given):
            return math.log(wealth(candidate, *rows, **given)) - math.log(2 / LEVEL)

        out = 1e-9 if sign > 0 else 1 - 1e-9
        other = 1 - out
        ends[sign].append(brentq(rich, out, other, xtol=1e-7) if rich(out) > 0 else round(out))
    low, high = np.maximum.accumulate(ends[+1]), np.minimum.accumulate(ends[-1])
    # The grid gives away less than a cell, and only outwards.
    assert (sequence.low <= low + 1e-6).all()
    assert (sequence.low >= low - 0.0006).all()
    assert (sequence.high >= high - 1e-6).all()
    assert (sequence.high <= high + 0.0006).all()


@pytest.mark.parametrize("mean", [0.1, 0.5, 0.8])
def test_the_wealth_against_the_true_mean_is_a_fair_game(mean) -> None:
    # Over all 2^8 sequences of coins, the mean wealth is 1 and the interval misses with probability at most the level.
    level, expected, missed = 0.3, np.zeros(2), 0.0
    ones = np.ones(8)
    for coins in itertools.product((0.0, 1.0), repeat=8):
        chance = mean ** sum(coins) * (1 - mean) ** (8 - sum(coins))
        for side, sign in enumerate((1, -1)):
            expected[side] += chance * wealth(
                mean, coins, 0 * ones, ones, sign=sign, level=level, scales=ones, first_guess=(0.5, 0.25)
            )
        sequence = betting_sequence(coins, 0.0, 1.0, level=level)
        missed += chance * (not sequence.low[-1] <= mean <= sequence.high[-1])
    assert expected == pytest.approx([1.0, 1.0], abs=1e-9)
    assert missed <= level


def hoeffding_width(n_values, level):
    """Predictable plug-in Hoeffding (Waudby-Smith and Ramdas 2024, proposition 1), half the width after each value."""
    t = np.arange(1, n_values + 1)
    bets = np.minimum(1.0, np.sqrt(8 * math.log(2 / level) / (t * np.log(t + 1))))
    return (math.log(2 / level) + np.cumsum(bets**2 / 8)) / np.cumsum(bets)


def empirical_bernstein(values, level):
    """Predictable plug-in empirical Bernstein (the same paper, theorem 2): centre and half the width."""
    t = np.arange(1, len(values) + 1)
    means = (0.5 + np.cumsum(values)) / (t + 1)
    variances = (0.25 + np.cumsum((values - means) ** 2)) / (t + 1)
    before = np.append(0.25, variances[:-1])
    bets = np.minimum(0.5, np.sqrt(2 * math.log(2 / level) / (before * t * np.log(1 + t))))
    surprise = 4 * (values - np.append(0.5, means[:-1])) ** 2
    half = (math.log(2 / level) + np.cumsum(surprise * (-np.log(1 - bets) - bets) / 4)) / np.cumsum(bets)
    return np.cumsum(bets * values) / np.cumsum(bets), half


@pytest.mark.parametrize(("mean", "at_most"), [(0.5, 0.9), (0.1, 0.9), (0.02, 0.95)])
def test_betting_is_narrower_than_hoeffding_and_empirical_bernstein(mean, at_most) -> None:
    rng = np.random.default_rng(1)
    mine, theirs, hoeffding = [], [], hoeffding_width(1000, LEVEL)
    for _ in range(10):
        values = (rng.random(1000) < mean).astype(float)
        sequence = betting_sequence(values, 0.0, 1.0, level=LEVEL)
        centre, half = empirical_bernstein(values, LEVEL)
        low, high = np.maximum.accumulate(centre - half), np.minimum.accumulate(centre + half)
        mine.append(sequence.high - sequence.low)
        theirs.append(np.minimum(1, high) - np.maximum(0, low))
        # They speak of the same mean: the intervals meet.
        assert (np.maximum(low, sequence.low) <= np.minimum(high, sequence.high)).all()
    for t in (99, 299, 999):
        assert np.mean(mine, axis=0)[t] < at_most * np.mean(theirs, axis=0)[t]
        assert np.mean(mine, axis=0)[t] < 2 * hoeffding[t]


def test_it_costs_less_than_twice_an_interval_for_one_look() -> None:
    rng = np.random.default_rng(2)
    sequence = betting_sequence(rng.random(4000) < 0.3, 0.0, 1.0, level=LEVEL)
    for t in (100, 400, 1600, 4000):
        one_look = 2 * 1.96 * math.sqrt(0.21 / t)
        assert one_look < sequence.high[t - 1] - sequence.low[t - 1] < 1.7 * one_look


def test_intervals_lie_in_each_other_and_hold_the_estimate() -> None:
    rng = np.random.default_rng(3)
    values, floors, ceilings, scales = uneven(rng, 700)
    sequence = betting_sequence(values, floors, ceilings, level=LEVEL, scales=scales)
    assert (np.diff(sequence.low) >= 0).all()
    assert (np.diff(sequence.high) <= 0).all()
    assert ((sequence.low <= sequence.estimates) & (sequence.estimates <= sequence.high)).all()
    assert len(sequence) == 700


def test_the_start_does_not_depend_on_what_comes_after() -> None:
    rng = np.random.default_rng(4)
    values, floors, ceilings, scales = uneven(rng, 300)
    whole = betting_sequence(values, floors, ceilings, level=LEVEL, scales=scales)
    start = betting_sequence(values[:137], floors[:137], ceilings[:137], level=LEVEL, scales=scales[:137])
    for name in ("low", "high", "estimates", "variances"):
        assert getattr(whole, name)[:137] == pytest.approx(getattr(start, name), abs=1e-12)


def test_blocks_are_no_part_of_the_result(monkeypatch) -> None:
    rng = np.random.default_rng(5)
    values, floors, ceilings, scales = uneven(rng, 300)
    whole = betting_sequence(values, floors, ceilings, level=LEVEL, scales=scales)
    monkeypatch.setattr(sequential, "_BLOCK", 7)
    again = betting_sequence(values, floors, ceilings, level=LEVEL, scales=scales)
    assert whole.low.tolist() == again.low.tolist()
    assert whole.high.tolist() == again.high.tolist()


def test_mirrored_values_give_a_mirrored_interval() -> None:
    coins = (np.random.default_rng(6).random(400) < 0.2).astype(float)
    one = betting_sequence(coins, 0.0, 1.0, level=LEVEL)
    other = betting_sequence(1 - coins, 0.0, 1.0, level=LEVEL)
    assert one.low == pytest.approx(1 - other.high, abs=1e-9)
    assert one.high == pytest.approx(1 - other.low, abs=1e-9)


def test_no_value_and_constant_values_are_no_division_by_zero() -> None:
    assert len(betting_sequence([], 0.0, 1.0, level=LEVEL)) == 0
    ones = betting_sequence(np.ones(500), 0.0, 1.0, level=LEVEL)
    assert ones.high.tolist() == [1.0] * 500
    assert ones.low[-1] > 0.98
    point = betting_sequence(np.full(50, 0.3), 0.3, 0.3, level=LEVEL)
    assert 0.2 < point.low[-1] < 0.3 < point.high[-1] < 0.4
    assert point.estimates[-1] == pytest.approx(0.3)


def test_values_that_break_the_promise_leave_an_interval_that_is_none_empty() -> None:
    # The mean jumps from 0 to 1: all candidates are refuted, and the interval that was stays.
    sequence = betting_sequence(np.repeat([0.0, 1.0], 400), 0.0, 1.0, level=LEVEL)
    assert (sequence.low < sequence.high).all()
    assert sequence.high[-1] < 0.05


@pytest.mark.speed
def test_five_thousand_values_take_a_second() -> None:
    coins = np.random.default_rng(7).random(5000) < 0.4
    start = time.perf_counter()
    betting_sequence(coins, 0.0, 1.0, level=LEVEL)
    assert time.perf_counter() - start < 1.5


@pytest.mark.parametrize("mean", [0.5, 0.03])
def test_the_mean_is_hardly_ever_missed_at_any_time(mean) -> None:
    rng = np.random.default_rng(8)
    missed = 0
    for _ in range(100):
        sequence = betting_sequence(rng.random(300) < mean, 0.0, 1.0, level=0.2)
        missed += not sequence.low[-1] <= mean <= sequence.high[-1]
    assert missed / 100 <= 0.2 + 3 * math.sqrt(0.2 * 0.8 / 100)
    assert missed > 0  # else the bets would be too shy
