from dataclasses import replace

import numpy as np
import pytest

from textdrift.drift.concept.pooled_fit import PooledFit
from textdrift.drift.concept.relabelled_shares import net_relabelled, relabelled_ways, share_relabelled

NAMES = ("bad", "good", "odd")


def small_fit(k=1, n=20, seed=0):
    rng = np.random.default_rng(seed)
    return PooledFit(
        label_names=NAMES[:k],
        label=rng.random((n, k)).round(1),
        label_probability=rng.uniform(0.1, 0.9, (n, k)),
        score=rng.normal(size=(n, k)),
        is_current=np.repeat([0.0, 1.0], n // 2),
        window_probability=rng.uniform(0.2, 0.8, n),
        points=rng.normal(size=(n, 2)),
        inflation=np.full(k, 1.21),
    )


def pooled_law(n, rng, *, gained=0.0, lost=0.0, current=0.5, overlap=True):
    """Labels of a known law, of which the current window relabelled known shares; the guess is the pooled law."""
    probability = rng.beta(0.7, 0.7, n)
    g = np.clip(current * (1 + 0.5 * (probability - 0.5) if overlap else 1), 0.05, 0.95)
    is_current = rng.random(n) < g
    label = rng.random(n) < probability
    moved = np.where(label, rng.random(n) < lost, rng.random(n) < gained) & is_current
    pooled = probability + g * (gained * (1 - probability) - lost * probability)
    return PooledFit(
        label_names=("good",),
        label=(label ^ moved)[:, None].astype(float),
        label_probability=pooled[:, None],
        score=np.zeros((n, 1)),
        is_current=is_current.astype(float),
        window_probability=g,
        points=np.zeros((n, 1)),
        inflation=np.ones(1),
    )


def many_labels(n, rng, *, relabelled, k=3):
    """As many texts of each label; a share of the current texts gets one of the other labels at random."""
    probability = rng.dirichlet(np.full(k, 0.4), n)
    is_current = np.arange(n) % 2 == 1
    code = (np.log(probability) + rng.gumbel(size=(n, k))).argmax(axis=1)
    other = (code + rng.integers(1, k, n)) % k
    code = np.where(is_current & (rng.random(n) < relabelled), other, code)
    pooled = probability + 0.5 * relabelled * ((1 - probability) / (k - 1) - probability)
    return PooledFit(
        label_names=NAMES[:k],
        label=np.eye(k)[code],
        label_probability=pooled,
        score=np.zeros((n, k)),
        is_current=is_current.astype(float),
        window_probability=np.full(n, 0.5),
        points=np.zeros((n, 1)),
        inflation=np.ones(k),
    )


def test_the_net_share_is_the_ratio_written_out():
    fit = small_fit()
    v = fit.is_current - fit.window_probability
    r = (fit.label - fit.label_probability)[:, 0]
    net, error = net_relabelled(fit)
    assert net[0] == pytest.approx(sum(r * v) / sum(v * v))
    assert error[0] == pytest.approx(1.1 * np.sqrt(sum((r * v) ** 2)) / sum(v * v))


def test_the_share_relabelled_is_the_regression_written_out():
    seen = set()
    for seed in range(40):
        fit = small_fit(n=40, seed=seed)
        y, f, v = fit.label[:, 0], fit.label_probability[:, 0], fit.is_current - fit.window_probability
        plain = np.array([[1 - fi, fi] for fi in f])
        f = plain @ np.linalg.solve(plain.T @ plain, plain.T @ y)
        # What both would be if texts of both labels changed alike: one regression of one column.
        column = np.array([vi * (1 - fi) - vi * fi for fi, vi in zip(f, v, strict=True)])
        alike = np.full(2, max(0.0, column @ (y - f) / (column @ column)))
        # The ridge is two more rows of data, as sure as "within 0.2" is beside one label.
        pull = np.sqrt(np.mean((y - f) ** 2)) / 0.2
        design = np.array([[vi * (1 - fi), -vi * fi] for fi, vi in zip(f, v, strict=True)] + [[pull, 0], [0, pull]])
        target = np.concatenate([y - f, pull * alike])
        gram = np.linalg.inv(design.T @ design)
        free = gram @ (design.T @ target)
        # With two coefficients the bounds leave four cases: both free, either at zero, both at zero.
        alone = [max(0.0, column @ target / (column @ column)) for column in design.T]
        cases = [np.zeros(2), np.array([alone[0], 0]), np.array([0, alone[1]])] + ([free] if (free >= 0).all() else [])
        beta = min(cases, key=lambda b: ((target - design @ b) ** 2).sum())
        seen.add(tuple(beta > 0))
        contrast = np.array([1 - f.mean(), f.mean()])
        texts = design[:-2]
        sandwich = gram @ (texts.T * (y - f - texts @ free) ** 2) @ texts @ gram
        pulled = (0.2 * pull**2) ** 2 * gram @ gram
        # Half of the texts are current: the pooled f has moved half of the way from the f before.
        grown = 1 + 0.5 * beta.sum()
        (gained, lost), before = beta / grown, grown * f.mean() - 0.5 * beta[0]
        share, error = share_relabelled(fit)
        assert share == pytest.approx(gained * (1 - before) + lost * before, rel=1e-9, abs=1e-9)
        assert error == pytest.approx(np.sqrt(contrast @ (sandwich + pulled) @ contrast) / grown)
    assert len(seen) >= 3


def test_two_labels_against_each_other_count_each_text_once():
    one = small_fit()
    both = replace(
        one,
        label_names=NAMES[:2],
        label=np.hstack([1 - one.label, one.label]),
        label_probability=np.hstack([1 - one.label_probability, one.label_probability]),
        score=np.hstack([-one.score, one.score]),
        inflation=np.ones(2),
    )
    np.testing.assert_allclose(share_relabelled(both), share_relabelled(one), rtol=1e-6)


@pytest.mark.parametrize("current", [0.5, 0.2, 0.7])
@pytest.mark.parametrize(("gained", "lost"), [(0.1, 0.1), (0.05, 0.15), (0.3, 0.3)])
def test_the_share_is_that_planted_though_the_pooled_guess_has_moved_already(gained, lost, current):
    rng = np.random.default_rng([int(100 * gained), int(100 * lost), int(10 * current)])
    found = np.array(
        [share_relabelled(pooled_law(4000, rng, gained=gained, lost=lost, current=current)) for _ in range(40)]
    )
    planted = (gained + lost) / 2
    # Three standard errors of 40 draws, and a little for windows whose texts are not quite alike.
    assert found[:, 0].mean() == pytest.approx(planted, abs=3 * found[:, 0].std() / np.sqrt(40) + 0.02 * planted)
    assert 0.6 <= found[:, 0].std() / found[:, 1].mean() <= 1.2


@pytest.mark.parametrize("current", [0.5, 0.7])
@pytest.mark.parametrize(("gained", "lost"), [(0.2, 0.0), (0.0, 0.2)])
def test_a_change_one_way_is_told_in_full(gained, lost, current):
    rng = np.random.default_rng([int(100 * gained), int(10 * current)])
    found = np.array(
        [share_relabelled(pooled_law(20_000, rng, gained=gained, lost=lost, current=current)) for _ in range(30)]
    )
    # The share of the other way cannot fall below nothing, which adds a little: two in a thousand here.
    assert found[:, 0].mean() == pytest.approx(0.102, abs=3 * found[:, 0].std() / np.sqrt(30))


def test_without_the_way_back_to_the_old_guess_a_large_share_would_be_told_too_large():
    fit = pooled_law(40_000, np.random.default_rng(0), gained=0.3, lost=0.3)
    share = share_relabelled(fit)[0]
    (gained, lost), _ = relabelled_ways(fit, 0)
    assert share == pytest.approx(0.3, abs=0.02)
    assert share * (1 + 0.5 * (gained + lost)) > 0.37


def test_where_nothing_changed_the_share_is_about_nothing():
    rng = np.random.default_rng(1)
    found = np.array([share_relabelled(pooled_law(4000, rng)) for _ in range(40)])
    assert np.median(found[:, 0]) < 0.01
    assert (found[:, 0] - 1.96 * found[:, 1] <= 0).mean() >= 0.9


@pytest.mark.parametrize("k", [2, 3])
@pytest.mark.parametrize("relabelled", [0.0, 0.10, 0.25])
def test_of_several_labels_each_text_counts_once(k, relabelled):
    rng = np.random.default_rng([k, int(100 * relabelled)])
    found = np.array([share_relabelled(many_labels(4000, rng, relabelled=relabelled, k=k)) for _ in range(30)])
    near = 3 * found[:, 0].std() / np.sqrt(30) + 0.03 * relabelled
    assert found[:, 0].mean() == pytest.approx(relabelled, abs=near if relabelled else 0.015)


def test_who_gained_and_who_lost_is_that_planted_with_honest_errors():
    rng = np.random.default_rng(2)
    ways = [relabelled_ways(pooled_law(4000, rng, gained=0.05, lost=0.15), 0) for _ in range(150)]
    values = np.array([w for w, _ in ways])
    errors = np.array([np.sqrt(np.diag(c)) for _, c in ways])
    assert values.mean(axis=0) == pytest.approx([0.05, 0.15], abs=3 * values.std(axis=0).max() / np.sqrt(150) + 0.004)
    np.testing.assert_allclose(values.std(axis=0), errors.mean(axis=0), rtol=0.2)
    within = np.mean(np.abs(values - [0.05, 0.15]) <= 1.96 * errors, axis=0)
    assert (within >= 0.89).all()
    together = np.mean([c[0, 1] for _, c in ways])
    assert together == pytest.approx(np.cov(values.T)[0, 1], abs=0.35 * errors.mean() ** 2)


def test_who_gained_may_be_told_below_nothing_while_the_share_may_not():
    # Labels that became surer: fewer odd ones than before.
    rng = np.random.default_rng(3)
    n = 6000
    probability = rng.beta(1, 1, n)
    is_current = np.arange(n) % 2 == 1
    sharp = np.where(is_current, np.clip(1.4 * (probability - 0.5) + 0.5, 0, 1), probability)
    fit = replace(
        pooled_law(n, rng),
        label=(rng.random(n) < sharp)[:, None].astype(float),
        label_probability=((sharp + probability) / 2)[:, None],
        is_current=is_current.astype(float),
        window_probability=np.full(n, 0.5),
    )
    (gained, lost), _ = relabelled_ways(fit, 0)
    assert max(gained, lost) < 0
    assert share_relabelled(fit)[0] < 0.01


def test_the_mirror_of_a_label_gains_what_it_lost():
    fit = pooled_law(3000, np.random.default_rng(4), gained=0.05, lost=0.2)
    mirror = replace(fit, label=1 - fit.label, label_probability=1 - fit.label_probability)
    ways, covariance = relabelled_ways(fit, 0)
    turned, turned_covariance = relabelled_ways(mirror, 0)
    np.testing.assert_allclose(turned, ways[::-1], rtol=1e-9)
    np.testing.assert_allclose(turned_covariance, covariance[::-1, ::-1], rtol=1e-9)


def test_the_covariance_of_the_ways_is_the_delta_method_written_out():
    fit = pooled_law(500, np.random.default_rng(5), gained=0.1, lost=0.3)
    y, f, v = fit.label[:, 0], fit.label_probability[:, 0], fit.window_residual
    plain = np.column_stack([1 - f, f])
    f = plain @ np.linalg.solve(plain.T @ plain, plain.T @ y)
    design = np.column_stack([v * (1 - f), -v * f])
    precision = np.mean((y - f) ** 2) / 0.5**2
    inverse = np.linalg.inv(design.T @ design + precision * np.eye(2))
    pooled = inverse @ design.T @ (y - f)
    meat = sum(np.outer(d, d) * e**2 for d, e in zip(design, y - f - design @ pooled, strict=True))
    sandwich = inverse @ (meat + (0.5 * precision) ** 2 * np.eye(2)) @ inverse
    share = fit.is_current.mean()

    def before(c):
        return c / (1 + share * c.sum())

    step = 1e-6
    slopes = np.column_stack([(before(pooled + step * e) - before(pooled - step * e)) / (2 * step) for e in np.eye(2)])
    ways, covariance = relabelled_ways(fit, 0)
    np.testing.assert_allclose(ways, before(pooled), rtol=1e-9)
    np.testing.assert_allclose(covariance, slopes @ sandwich @ slopes.T, rtol=1e-6)


def middle_label(n, rng, *, relabelled=0.0):
    """Three labels of which no text shows the middle one: its guess is the same for all, or nearly."""
    clear = rng.beta(0.5, 0.5, n)
    middle = 0.34 + 0.01 * rng.normal(size=n)
    probability = np.column_stack([(1 - middle) * clear, middle, (1 - middle) * (1 - clear)])
    is_current = np.arange(n) % 2 == 1
    code = (np.log(np.maximum(probability, 1e-9)) + rng.gumbel(size=(n, 3))).argmax(axis=1)
    code = np.where(is_current & (rng.random(n) < relabelled), (code + rng.integers(1, 3, n)) % 3, code)
    return replace(
        small_fit(k=3, n=n),
        label=np.eye(3)[code],
        label_probability=probability + 0.5 * relabelled * ((1 - probability) / 2 - probability),
        is_current=is_current.astype(float),
        window_probability=np.full(n, 0.5),
    )


@pytest.mark.parametrize("relabelled", [0.0, 0.1, 0.2])
def test_a_label_that_no_text_shows_does_not_spoil_the_share(relabelled):
    # Without the ridge the mean share was 0.13, 0.19 and 0.27.
    rng = np.random.default_rng([7, int(100 * relabelled)])
    found = np.array([share_relabelled(middle_label(2000, rng, relabelled=relabelled)) for _ in range(30)])
    assert found[:, 0].mean() == pytest.approx(relabelled, abs=0.04)
    # Of the middle label little is known, and the error says so.
    assert (np.abs(found[:, 0] - relabelled) <= 1.96 * found[:, 1]).mean() >= 0.95
    assert found[:, 1].mean() > 0.03


def test_of_a_label_that_no_text_shows_who_gained_and_who_lost_is_told_as_unknown():
    rng = np.random.default_rng(8)
    held = []
    for _ in range(40):
        ways, covariance = relabelled_ways(middle_label(2000, rng, relabelled=0.2), 1)
        errors = np.sqrt(np.diag(covariance))
        held.append(np.abs(ways - [0.1, 0.2]) <= 1.96 * errors)
        assert np.abs(ways).max() < 1
        assert errors.max() > 0.15
    assert np.mean(held) >= 0.9
