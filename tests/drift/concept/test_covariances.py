from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from textdrift.drift.concept.covariances import covariance_p_values
from textdrift.drift.concept.pooled_fit import PooledFit

NAMES = ("bad", "fair", "good")


def small_fit(k=2, n=24, seed=0, inflation=1.21):
    rng = np.random.default_rng(seed)
    return PooledFit(
        label_names=NAMES[:k],
        label=rng.random((n, k)).round(1),
        label_probability=rng.uniform(0.02, 0.98, (n, k)),
        score=rng.normal(size=(n, k)),
        is_current=np.repeat([0.0, 1.0], n // 2),
        window_probability=rng.uniform(0.2, 0.8, n),
        points=rng.normal(size=(n, 2)),
        inflation=np.full(k, inflation),
    )


def known_law(n, rng, *, relabelled=0.0, surer=1.0, k=1):
    """Guesses that are the law itself: labels of the current window are flipped, or drawn from surer odds."""
    probability = rng.beta(1.2, 1.2, n)
    is_current = np.repeat([0.0, 1.0], n // 2)
    odds = np.log(probability / (1 - probability)) * np.where(is_current > 0, surer, 1.0)
    label = rng.random(n) < 1 / (1 + np.exp(-odds))
    label ^= (is_current > 0) & (rng.random(n) < relabelled)
    return PooledFit(
        label_names=NAMES[:k],
        label=label[:, None].astype(float),
        label_probability=probability[:, None],
        score=np.zeros((n, 1)),
        is_current=is_current,
        window_probability=np.full(n, 0.5),
        points=np.zeros((n, 1)),
        inflation=np.ones(1),
    )


@pytest.mark.parametrize("k", [1, 2, 3])
def test_p_values_are_those_of_the_weighted_covariances_written_out(k):
    fit = small_fit(k=k)
    topics = np.arange(24) % 3
    ours = covariance_p_values(fit, topics)
    assert ours.shape == (k, 3)
    reference = range(12)
    for c in range(k):
        f = fit.label_probability[:, c]
        residual = [fit.label[i, c] - f[i] for i in range(24)]
        v = [fit.is_current[i] - fit.window_probability[i] for i in range(24)]
        # 12 reference texts are one bin: their mean square, and five texts of the variance that all guesses foretell.
        foretold = sum(f[i] * (1 - f[i]) for i in range(24)) / 24
        among = [fit.label[i, c] * (1 - fit.label[i, c]) for i in range(24)]
        variance = (sum(residual[i] ** 2 + among[i] for i in reference) + 5 * foretold) / (12 + 5)
        held = [min(0.9, max(0.1, p)) for p in f]
        crossing = [(p - 1 / max(2, k)) / (p * (1 - p)) for p in held]
        size = (sum(h**2 for h in crossing) / 24) ** 0.5
        crossing = [h / size for h in crossing]

        def p_values(h, residual=residual, v=v, variance=variance, inflation=1.0):
            terms = [residual[i] * v[i] * h[i] for i in range(24)]
            z = sum(terms) / (variance * inflation * sum((v[i] * h[i]) ** 2 for i in range(24))) ** 0.5
            n_that_count = sum(t**2 for t in terms) ** 2 / sum(t**4 for t in terms)
            return 2 * stats.t.sf(abs(z), n_that_count), stats.t.cdf(z, n_that_count)

        topic = [(topics == t).astype(float) for t in range(3)]
        in_topics = [p_values(t)[0] for t in topic] + [p_values(t * crossing)[1] for t in topic]
        expected = [p_values(np.ones(24), inflation=1.21)[0], p_values(crossing)[1], min(1, 6 * min(in_topics))]
        np.testing.assert_allclose(ours[c], expected, rtol=1e-9)


def test_inflation_widens_the_average_alone():
    topics = np.arange(24) % 3
    plain, wide = (covariance_p_values(small_fit(inflation=i), topics) for i in (1.0, 2.0))
    assert (wide[:, 0] > plain[:, 0]).all()
    assert np.array_equal(wide[:, 1:], plain[:, 1:])


def test_texts_that_changed_sides_are_found_and_labels_that_became_surer_are_not():
    rng = np.random.default_rng(1)
    topics = np.zeros(6000, dtype=int)
    relabelled = covariance_p_values(known_law(6000, rng, relabelled=0.15), topics)[0, 1]
    surer = covariance_p_values(known_law(6000, rng, surer=3.0), topics)[0, 1]
    assert relabelled < 1e-6
    assert surer > 0.999


def test_p_values_of_a_right_guess_are_uniform():
    rng = np.random.default_rng(2)
    topics = np.arange(400) % 4
    found = np.array([covariance_p_values(known_law(400, rng), topics)[0] for _ in range(600)])
    for column in range(2):
        assert stats.kstest(found[:, column], "uniform").pvalue > 0.001
    # 600 draws at 0.05: 47 or more have probability 0.002.
    assert (found <= 0.05).sum(axis=0).max() <= 46


def test_the_current_windows_own_spread_does_not_hide_what_it_shows():
    # Three in ten labels flipped: the residuals of the current texts are much larger than those of the reference.
    rng = np.random.default_rng(3)
    fit = known_law(2000, rng, relabelled=0.3)
    weight = fit.window_residual * fit.crossing[:, 0]
    residual = fit.label_residual[:, 0]
    own = (residual * weight).sum() / np.sqrt((residual**2 * weight**2).sum())
    ours = stats.norm.isf(max(covariance_p_values(fit, np.zeros(2000, dtype=int))[0, 1], 1e-300))
    assert ours > 1.15 * -own


@pytest.mark.parametrize("copies", [(1, 1), (6, 1), (1, 6)])
def test_copies_of_one_window_alone_alarm_no_more_than_others(copies):
    # Six copies of each reference text: the share of a label hardly varies there, and the current labels as ever.
    rng = np.random.default_rng(5)
    found = []
    for _ in range(400):
        fit = known_law(300, rng)
        n_copies = np.where(fit.is_current > 0, copies[1], copies[0])
        label = (rng.binomial(n_copies, fit.label_probability[:, 0]) / n_copies)[:, None]
        found.append(covariance_p_values(replace(fit, label=label), np.arange(300) % 3)[0])
    # 400 draws at 0.05: 34 or more have probability 0.002. Without what copies differ by, it was 60.
    assert (np.array(found) <= 0.05).sum(axis=0).max() <= 33


def test_a_topic_of_few_texts_is_judged_by_student():
    # One text of a topic of its own can be no evidence, however far off: Student's t with one degree of freedom.
    rng = np.random.default_rng(4)
    fit = known_law(400, rng)
    fit.label_probability[7] = 0.001
    fit.label[7] = 1.0
    topics = (np.arange(400) == 7).astype(int)
    p = covariance_p_values(fit, topics)[0, 2]
    assert p > 0.05


def test_guesses_without_a_residual_give_no_evidence():
    fit = small_fit()
    flat = PooledFit(
        label_names=NAMES[:1],
        label=np.ones((24, 1)),
        label_probability=np.ones((24, 1)),
        score=np.zeros((24, 1)),
        is_current=fit.is_current,
        window_probability=fit.window_probability,
        points=fit.points,
        inflation=np.ones(1),
    )
    np.testing.assert_allclose(covariance_p_values(flat, np.zeros(24, dtype=int)), [[1.0, 0.5, 1.0]])
