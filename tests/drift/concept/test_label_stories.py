import os

import numpy as np
import pytest

from textdrift.drift.concept.label_stories import label_flows, stories_given_text, stories_within_labels

N_PAIRS = 60 if os.environ.get("TEXTDRIFT_CALIBRATION") == "small" else 300


def guesses(x, strength, prior):
    """P(label | x) of texts drawn label by label, x normal around `strength` for the second label."""
    odds = np.exp(strength * x - strength**2 / 2) * prior / (1 - prior)
    return np.column_stack([1 / (1 + odds), odds / (1 + odds)])


def pair(rng, *, n=(1500, 1000), prior=0.5, later=0.5, relabelled=0.0, strength=1.5, topic=0.0):
    """Two windows; later P(label = 1) may move, a share of the 0s may be relabelled, and texts be weighed by x."""
    codes = np.concatenate([rng.random(n[0]) < prior, rng.random(4 * n[1]) < later]).astype(int)
    x = rng.normal(size=len(codes)) + strength * codes
    weights = np.exp(topic * x[n[0] :])
    drawn = rng.choice(4 * n[1], n[1], replace=False, p=weights / weights.sum())
    codes, x = (np.concatenate([a[: n[0]], a[n[0] :][drawn]]) for a in (codes, x))
    is_current = np.arange(len(codes)) >= n[0]
    codes = np.where(is_current & (codes == 0) & (rng.random(len(codes)) < relabelled), 1, codes)
    return guesses(x, strength, prior), np.eye(2)[codes], is_current


def test_the_flows_turn_the_old_shares_into_the_new_ones():
    rng = np.random.default_rng(0)
    for k in (2, 3, 6):
        before, after = rng.dirichlet(np.ones(k)), rng.dirichlet(np.ones(k))
        flows = label_flows(before, after)
        assert before @ flows == pytest.approx(after)
        assert flows.sum(axis=1) == pytest.approx(1)
        # No label both gives and takes: so few texts change that no fewer could.
        assert 1 - before @ np.diag(flows) == pytest.approx(np.abs(after - before).sum() / 2)


def test_within_labels_the_stories_are_the_formula_written_out():
    rng = np.random.default_rng(1)
    guess = rng.dirichlet(np.ones(3), 60)
    guess = np.clip(guess, 0.02, 1) / np.clip(guess, 0.02, 1).sum(axis=1, keepdims=True)
    codes, is_current = np.array([rng.choice(3, p=row) for row in guess]), np.arange(60) >= 35
    ours = stories_within_labels(guess, np.eye(3)[codes], is_current)
    before, after = (np.bincount(codes[side], minlength=3) / side.sum() for side in (~is_current, is_current))
    flows = label_flows(before, after)

    def ratio(i, y):
        return np.log(after[y] / before[y]) - np.log(sum(guess[i, o] * flows[o, y] for o in range(3)) / guess[i, y])

    old, new = np.flatnonzero(~is_current), np.flatnonzero(is_current)
    shown = np.mean([ratio(i, codes[i]) for i in new])
    shifted = sum(after[y] * np.mean([ratio(i, y) for i in old if codes[i] == y]) for y in range(3))
    relabelled = sum(
        after[y] * np.average([ratio(i, y) for i in old], weights=[flows[codes[i], y] for i in old]) for y in range(3)
    )
    variance = sum(
        after[y] ** 2 * np.var([ratio(i, y) for i in side if codes[i] == y]) / sum(codes[side] == y)
        for y in range(3)
        for side in (old, new)
    )
    assert (ours.shown, ours.shifted, ours.relabelled) == pytest.approx((shown, shifted, relabelled))
    assert ours.shifted_error == pytest.approx(np.sqrt(variance))
    assert ours.way == pytest.approx((shifted - shown) / (shifted - relabelled))


@pytest.mark.parametrize("stories_of", [stories_within_labels, stories_given_text])
def test_a_moved_share_stands_at_zero_and_relabelled_texts_at_one(stories_of):
    rng = np.random.default_rng(2)
    shifted = [stories_of(*pair(rng, later=0.6)) for _ in range(40)]
    relabelled = [stories_of(*pair(rng, relabelled=0.2)) for _ in range(40)]
    # The mean of 40 has an error of about 0.2 / sqrt(40) = 0.03.
    assert np.mean([s.way for s in shifted]) == pytest.approx(0, abs=0.12)
    assert np.mean([s.way for s in relabelled]) == pytest.approx(1, abs=0.15)
    assert np.mean([s.log_likelihood_ratio > 0 for s in shifted]) >= 0.9
    assert np.mean([s.log_likelihood_ratio > 0 for s in relabelled]) <= 0.1


def test_swapped_labels_are_seen_beside_a_moved_share():
    rng = np.random.default_rng(3)
    guess, member, is_current = pair(rng, later=0.6)
    swapped = is_current & (rng.random(len(member)) < 0.15)
    member = np.where(swapped[:, None], member[:, ::-1], member)
    assert stories_within_labels(guess, member, is_current).p_crossed < 0.001
    assert stories_given_text(guess, member, is_current).p_crossed < 0.001


def test_given_the_text_a_moved_share_is_known_though_topics_moved_too():
    rng = np.random.default_rng(4)
    stories = [stories_given_text(*pair(rng, later=0.6, topic=0.7)) for _ in range(40)]
    assert np.mean([s.way for s in stories]) == pytest.approx(0, abs=0.12)
    assert np.mean([s.p_value <= 0.05 for s in stories]) <= 0.15
    # Within labels the texts did move, and that is no relabelling.
    within = [stories_within_labels(*pair(rng, later=0.6, topic=0.7)) for _ in range(10)]
    assert np.mean([s.p_value <= 0.01 for s in within]) >= 0.9


def test_a_guess_that_knows_nothing_tells_nothing():
    rng = np.random.default_rng(5)
    guess, member, is_current = pair(rng, later=0.6, strength=0.05)
    stories = stories_within_labels(guess, member, is_current)
    assert abs(stories.way - 0.5) < 2 * min(stories.way_errors)
    assert min(stories.way_errors) > 1


def many_labels(rng, *, relabelled, k=8, n=1500):
    """Two windows of k labels; four became more common, at the cost of the others or by texts that changed label."""
    centres = 1.2 * np.random.default_rng(12).normal(size=(k, 6))
    later = np.ones(k) if relabelled else np.repeat([0.7, 1.3], k // 2)
    codes = np.concatenate([rng.choice(k, n), rng.choice(k, n, p=later / later.sum())])
    x = centres[codes] + rng.normal(size=(2 * n, 6))
    logs = x @ centres.T - (centres**2).sum(axis=1) / 2
    is_current = np.arange(2 * n) >= n
    turned = is_current & (codes < k // 2) & (rng.random(2 * n) < 0.3 * relabelled)
    codes = np.where(turned, rng.integers(k // 2, k, 2 * n), codes)
    return logs, np.eye(k)[codes], is_current


@pytest.mark.parametrize("relabelled", [False, True])
def test_of_many_labels_guesses_off_scale_are_brought_to_it(relabelled):
    logs, member, is_current = many_labels(np.random.default_rng(13), relabelled=relabelled)
    ways = []
    for score in (logs, 0.5 * logs + np.linspace(-1, 1, 8)):
        guess = np.exp(score) / np.exp(score).sum(axis=1, keepdims=True)
        stories = stories_given_text(guess, member, is_current)
        assert (stories.log_likelihood_ratio > 0) == (not relabelled)
        assert stories.way == pytest.approx(float(relabelled), abs=3 * max(stories.way_errors))
        ways.append(stories.way)
    assert ways[0] == pytest.approx(ways[1], abs=0.1)


def test_shares_that_did_not_move_leave_nothing_to_tell():
    guess = np.tile([[0.3, 0.7], [0.6, 0.4]], (20, 1))
    member = np.tile(np.eye(2), (20, 1))
    stories = stories_within_labels(guess, member, np.arange(40) >= 20)
    assert stories.way == 0
    assert stories.way_errors == (np.inf, np.inf)
    assert stories.p_value == 1


def test_texts_whose_label_is_not_looked_at_play_no_part():
    rng = np.random.default_rng(6)
    guess, member, is_current = pair(rng, later=0.6)
    more = np.concatenate([guess, rng.dirichlet(np.ones(2), 50)])
    beside = np.concatenate([member, np.zeros((50, 2))])
    sides = np.concatenate([is_current, np.ones(50, dtype=bool)])
    for stories_of in (stories_within_labels, stories_given_text):
        assert stories_of(more, beside, sides).way == pytest.approx(stories_of(guess, member, is_current).way)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("stories_of", "topic"), [(stories_within_labels, 0.0), (stories_given_text, 0.0), (stories_given_text, 0.7)]
)
def test_both_p_values_keep_their_level_under_a_label_shift(stories_of, topic):
    rng = np.random.default_rng(7)
    drawn = [stories_of(*pair(rng, later=0.6, topic=topic)) for _ in range(N_PAIRS)]
    # Three standard errors of a share of 0.05, and a hundredth for the normal law that stands in for the true one.
    most = 0.06 + 3 * np.sqrt(0.05 * 0.95 / N_PAIRS)
    assert np.mean([s.p_value <= 0.05 for s in drawn]) <= most
    assert np.mean([s.p_crossed <= 0.05 for s in drawn]) <= most
