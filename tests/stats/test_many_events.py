import numpy as np
import pytest
from scipy.special import expit

from textdrift.stats.many_events import fit_events


def drawn(rng, n=300, d=8, k=9):
    """Texts of k labels of unlike frequency, a feature of each label's own, and scales that differ a hundredfold."""
    features = rng.normal(size=(n, d)) * np.geomspace(3, 0.03, d) + 1
    codes = ((features - 1) @ rng.normal(size=(d, k)) + 2 * rng.gumbel(size=(n, k)) - np.arange(k) / 4).argmax(axis=1)
    events = codes[:, None] == np.arange(k)
    return features, events, rng.normal(size=(n, 1, k)) + events[:, None, :]


@pytest.mark.parametrize("penalty", [0.3, 3.0, 100.0])
def test_each_model_is_the_ridge_optimum_of_its_event(penalty):
    features, events, own = drawn(np.random.default_rng(0))
    models = fit_events(features, events, own_features=own, inverse_penalty=penalty)
    p, slopes = models.probability(features, own), models.directions @ models.slopes
    # The slopes of sum(log loss) + |w|^2 / (2 C) vanish; the constant is free.
    assert np.abs(features.T @ (p - events) + slopes / penalty).max() < 0.02
    assert np.abs((own[:, 0] * (p - events)).sum(axis=0) + models.own_slopes[0] / penalty).max() < 0.02
    assert np.abs((p - events).sum(axis=0)).max() < 0.02


def test_the_models_are_those_of_one_logistic_regression_after_the_other():
    from sklearn.linear_model import LogisticRegression

    rng = np.random.default_rng(1)
    features, events, own = drawn(rng)
    ours = fit_events(features, events, own_features=own, inverse_penalty=2.0).probability(features, own)
    for c in range(events.shape[1]):
        design = np.hstack([features, own[:, :, c]])
        model = LogisticRegression(C=2.0, solver="newton-cholesky", tol=1e-10).fit(design, events[:, c])
        np.testing.assert_allclose(ours[:, c], model.predict_proba(design)[:, 1], atol=2e-3)


def test_an_event_does_not_hear_of_the_others():
    features, events, own = drawn(np.random.default_rng(2))
    together = fit_events(features, events, own_features=own, inverse_penalty=1.0).probability(features, own)
    alone = fit_events(features, events[:, 3:4], own_features=own[:, :, 3:4], inverse_penalty=1.0)
    np.testing.assert_allclose(together[:, 3:4], alone.probability(features, own[:, :, 3:4]), atol=1e-9)


def test_more_features_than_rows_and_features_all_alike_break_nothing():
    rng = np.random.default_rng(3)
    codes = np.arange(40) % 8
    none = np.empty((40, 0, 8))
    for features in (rng.normal(size=(40, 90)), np.ones((40, 3))):
        models = fit_events(features, codes[:, None] == np.arange(8), own_features=none, inverse_penalty=1.0)
        assert np.isfinite(models.probability(features, none)).all()
    np.testing.assert_allclose(models.probability(features, none), 1 / 8, atol=1e-6)


def test_an_event_that_never_is_or_always_is_gets_a_guess_near_that():
    features = np.random.default_rng(4).normal(size=(60, 3))
    events, none = np.repeat([[False, True]], 60, axis=0), np.empty((60, 0, 2))
    p = fit_events(features, events, own_features=none, inverse_penalty=1.0).probability(features, none)
    assert (p[:, 0] < 0.02).all()
    assert (p[:, 1] > 0.98).all()


def test_events_told_apart_by_far_do_not_run_away():
    x = np.concatenate([np.linspace(-50, -40, 30), np.linspace(40, 50, 30)])[:, None]
    events, none = np.column_stack([x[:, 0] > 0, x[:, 0] < 45]), np.empty((60, 0, 2))
    models = fit_events(x, events, own_features=none, inverse_penalty=1e4)
    slope = float((models.directions @ models.slopes)[0, 0])
    score = slope * (x[:, 0] - models.centre[0]) + models.constants[0]
    assert np.isfinite(slope)
    assert abs((x[:, 0] * (expit(score) - events[:, 0])).sum() + slope / 1e4) < 0.2
    assert (models.probability(x, none)[:, 0] > 0.9).tolist() == events[:, 0].tolist()
