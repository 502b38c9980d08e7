import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from textdrift.stats.cross_fitting import (
    cross_fitted_mean,
    cross_fitted_probabilities,
    cross_fitted_probability,
    principal_components,
    standardised_logit,
    stratified_folds,
)


@given(strata=st.lists(st.integers(0, 4), min_size=1, max_size=60), n_folds=st.integers(2, 7))
@settings(max_examples=50, deadline=None)
def test_each_stratum_is_spread_evenly(strata, n_folds):
    strata = np.array(strata)
    folds = stratified_folds(strata, n_folds, np.random.default_rng(0))
    for stratum in np.unique(strata):
        counts = np.bincount(folds[strata == stratum], minlength=n_folds)
        assert counts.sum() == (strata == stratum).sum()
        assert counts.max() - counts.min() <= 1


def test_same_seed_same_folds():
    strata = np.repeat([0, 1], 30)
    one, two = (stratified_folds(strata, 5, np.random.default_rng(3)) for _ in range(2))
    assert np.array_equal(one, two)
    assert not np.array_equal(one, stratified_folds(strata, 5, np.random.default_rng(4)))


def test_no_row_is_guessed_by_a_model_that_saw_it():
    rng = np.random.default_rng(0)
    features = rng.normal(size=(60, 3))
    event = rng.random(60) < 0.5
    folds = stratified_folds(event.astype(int), 3, rng)
    before = cross_fitted_probability(features, event, folds, inverse_penalty=1.0)
    for row in range(0, 60, 7):
        turned = event.copy()
        turned[row] = ~turned[row]
        after = cross_fitted_probability(features, turned, folds, inverse_penalty=1.0)
        same_fold = folds == folds[row]
        assert np.array_equal(before[same_fold], after[same_fold])
        assert not np.allclose(before[~same_fold], after[~same_fold])


def test_the_guess_is_the_ridge_optimum():
    # The gradient of sum(log loss) + |w|^2 / (2 C) vanishes; the coefficients follow from the logits of one fold.
    rng = np.random.default_rng(1)
    features = rng.normal(size=(20, 2))
    event = np.arange(20) % 2 == 0
    folds = np.repeat([0, 1], 10)
    c = 0.5
    guess = cross_fitted_probability(features, event, folds, inverse_penalty=c)
    scored, learned = folds == 0, folds == 1
    design = np.column_stack([np.ones(10), features[scored]])
    coefficients = np.linalg.lstsq(design, np.log(guess[scored] / (1 - guess[scored])), rcond=None)[0]
    p = 1 / (1 + np.exp(-(np.column_stack([np.ones(10), features[learned]]) @ coefficients)))
    gradient = features[learned].T @ (p - event[learned]) + coefficients[1:] / c
    assert np.abs(gradient).max() < 0.01
    assert abs((p - event[learned]).sum()) < 0.01


def test_rows_outside_fitted_on_teach_nothing():
    rng = np.random.default_rng(2)
    features = rng.normal(size=(80, 2))
    event = rng.random(80) < 0.5
    teaches = np.arange(80) < 50
    folds = stratified_folds(event + 2 * teaches, 4, rng)
    before = cross_fitted_probability(features, event, folds, inverse_penalty=1.0, fitted_on=teaches)
    event[~teaches] = ~event[~teaches]
    after = cross_fitted_probability(features, event, folds, inverse_penalty=1.0, fitted_on=teaches)
    assert np.array_equal(before, after)


def test_guesses_are_calibrated_where_the_model_is_right():
    rng = np.random.default_rng(3)
    features = rng.normal(size=(4000, 2))
    true = 1 / (1 + np.exp(-features[:, 0]))
    event = rng.random(4000) < true
    guess = cross_fitted_probability(features, event, stratified_folds(event + 0, 5, rng), inverse_penalty=10.0)
    assert np.abs(guess - true).mean() < 0.02


def test_the_score_has_no_mean_and_unit_spread():
    score = standardised_logit(np.random.default_rng(0).random(500))
    assert score.mean() == pytest.approx(0, abs=1e-12)
    assert score.std() == pytest.approx(1)


def test_a_guess_that_knows_nothing_scores_zero():
    assert np.array_equal(standardised_logit(np.full(7, 0.3)), np.zeros(7))
    assert np.isfinite(standardised_logit(np.array([0.0, 1.0, 0.5]))).all()


@pytest.mark.parametrize("shape", [(20, 6), (6, 20), (12, 12)])
def test_components_are_those_of_the_singular_value_decomposition(shape):
    points = np.random.default_rng(0).normal(size=shape)
    ours = principal_components(points, 4)
    u, s, _ = np.linalg.svd(points - points.mean(axis=0), full_matrices=False)
    theirs = u[:, :4] * s[:4]
    assert ours.shape == (shape[0], 4)
    np.testing.assert_allclose(np.abs(ours), np.abs(theirs), atol=1e-8)


def test_all_components_keep_all_distances():
    points = np.random.default_rng(1).normal(size=(30, 5))
    ours = principal_components(points, 128)
    assert ours.shape == (30, 5)
    np.testing.assert_allclose(ours @ ours.T, (points - points.mean(0)) @ (points - points.mean(0)).T, atol=1e-9)


def test_never_more_components_than_rows_less_one():
    assert principal_components(np.random.default_rng(2).normal(size=(4, 50)), 128).shape == (4, 3)


def test_features_of_a_fold_are_those_learned_without_it():
    rng = np.random.default_rng(30)
    features, event = rng.normal(size=(60, 2)), rng.random(60) < 0.5
    folds = stratified_folds(event + 0, 3, rng)
    more = 5 + 3 * rng.normal(size=(60, 2, 3))
    ours = cross_fitted_probability(features, event, folds, inverse_penalty=0.7, features_by_fold=more)
    for fold in range(3):
        taught = folds != fold
        column = (more[:, :, fold] - more[taught][:, :, fold].mean(axis=0)) / more[taught][:, :, fold].std(axis=0)
        theirs = cross_fitted_probability(np.hstack([features, column]), event, folds, inverse_penalty=0.7)
        np.testing.assert_allclose(ours[~taught], theirs[~taught], rtol=1e-9)


def test_a_feature_of_one_fold_moves_no_guess_of_another():
    rng = np.random.default_rng(31)
    features, event = rng.normal(size=(60, 2)), rng.random(60) < 0.5
    folds = stratified_folds(event + 0, 3, rng)
    more = rng.normal(size=(60, 1, 3))
    before = cross_fitted_probability(features, event, folds, inverse_penalty=1.0, features_by_fold=more)
    more[:, :, 2] = event[:, None]
    after = cross_fitted_probability(features, event, folds, inverse_penalty=1.0, features_by_fold=more)
    assert np.array_equal(before[folds != 2], after[folds != 2])
    assert np.abs(after - event)[folds == 2].max() < np.abs(before - event)[folds == 2].max()


def test_features_by_fold_may_be_none_or_constant():
    rng = np.random.default_rng(32)
    features, event = rng.normal(size=(40, 2)), rng.random(40) < 0.5
    folds = stratified_folds(event + 0, 2, rng)
    plain = cross_fitted_probability(features, event, folds, inverse_penalty=1.0)
    for more in (np.empty((40, 0, 2)), np.full((40, 1, 2), 3.0)):
        same = cross_fitted_probability(features, event, folds, inverse_penalty=1.0, features_by_fold=more)
        np.testing.assert_allclose(same, plain, rtol=1e-9)


@pytest.mark.parametrize("teaches", [None, np.arange(240) < 160])
def test_many_events_get_the_guesses_that_each_gets_alone(teaches):
    rng = np.random.default_rng(36)
    features, codes = rng.normal(size=(240, 6)), rng.integers(7, size=240)
    events, folds = codes[:, None] == np.arange(7), stratified_folds(codes, 4, rng)
    words = 4 + 3 * rng.normal(size=(240, 7, 4)) + events[:, :, None]
    for own in (words, words[:, :0]):
        ours = cross_fitted_probabilities(
            features, events, folds, inverse_penalty=0.7, fitted_on=teaches, own_by_fold=own
        )
        theirs = [
            cross_fitted_probability(
                features, event, folds, inverse_penalty=0.7, fitted_on=teaches, features_by_fold=own[:, c : c + 1]
            )
            for c, event in enumerate(events.T)
        ]
        # Each alone stops at a mean slope of 0.001, so that its own guess is right to some thousandths only.
        np.testing.assert_allclose(ours, np.column_stack(theirs), atol=0.01)


def test_the_mean_is_ridge_regression_on_the_other_folds():
    from sklearn.linear_model import Ridge

    rng = np.random.default_rng(33)
    features, values = rng.normal(size=(50, 4)) + 2, rng.normal(size=(50, 2))
    folds = rng.integers(0, 3, 50)
    ours = cross_fitted_mean(features, values, folds, penalty=1.7)
    for fold in range(3):
        inside = folds == fold
        theirs = Ridge(alpha=1.7, solver="cholesky").fit(features[~inside], values[~inside]).predict(features[inside])
        np.testing.assert_allclose(ours[inside], theirs, rtol=1e-9)


def test_no_mean_is_guessed_from_the_values_of_its_own_fold():
    rng = np.random.default_rng(34)
    features, values = rng.normal(size=(40, 3)), rng.normal(size=(40, 1))
    folds = np.arange(40) % 4
    before = cross_fitted_mean(features, values, folds, penalty=1.0)
    after = cross_fitted_mean(features, np.where((folds == 1)[:, None], 9.0, values), folds, penalty=1.0)
    assert np.array_equal(before[folds == 1], after[folds == 1])
    assert not np.allclose(before[folds != 1], after[folds != 1])


def test_a_large_penalty_leaves_the_mean_of_the_other_folds():
    rng = np.random.default_rng(35)
    values = rng.normal(size=(30, 1)) + 7
    folds = np.arange(30) % 3
    guess = cross_fitted_mean(rng.normal(size=(30, 2)), values, folds, penalty=1e12)
    for fold in range(3):
        np.testing.assert_allclose(guess[folds == fold], values[folds != fold].mean(), rtol=1e-6)
