"""The calibration: its derivatives, its limits, and what it does with few labels and odd probabilities."""

import numpy as np
import pytest
from scipy.special import expit, log_softmax
from sklearn.linear_model import LogisticRegression

from textdrift.performance import calibrating_probabilities
from textdrift.performance.calibrating_probabilities import Calibration, _derivatives, _scores, fit_calibration

KNOWN = np.zeros(2, dtype=bool)


def two_classes(p):
    return np.column_stack([1 - p, p])


def drawn(rng, n, *, temperature):
    score = 2 * rng.normal(size=n)
    said = two_classes(expit(temperature * score))
    return said, (rng.random(n) < expit(score)).astype(int), score


def test_derivatives_are_those_of_the_likelihood():
    rng = np.random.default_rng(0)
    n, k = 60, 3
    logs = np.log(rng.dirichlet(np.ones(k), n))
    labels, predictions, weights = rng.integers(0, k, n), rng.integers(0, k, n), rng.uniform(0.2, 1, n)
    offset, at = rng.normal(size=k), rng.normal(size=2 * k + 1)

    def loss(parameters):
        return -weights @ log_softmax(_scores(parameters, logs, predictions, offset), axis=1)[np.arange(n), labels]

    def gradient(parameters):
        return _derivatives(parameters, logs, predictions, offset, labels, weights)[0]

    steps = 1e-5 * np.eye(2 * k + 1)
    assert gradient(at) == pytest.approx(np.array([(loss(at + h) - loss(at - h)) / 2e-5 for h in steps]), abs=1e-5)
    hessian = _derivatives(at, logs, predictions, offset, labels, weights)[1]
    assert hessian == pytest.approx(np.array([(gradient(at + h) - gradient(at - h)) / 2e-5 for h in steps]), abs=1e-5)


def test_the_slope_is_that_of_the_calibrated_probabilities():
    rng = np.random.default_rng(1)
    k, said, weights = 3, rng.dirichlet(np.ones(3), 40), rng.uniform(0.3, 1, 40)
    at = rng.normal(size=2 * k + 1)

    def summed(parameters):
        calibration = Calibration(
            n_documents=40.0,
            parameters=parameters,
            covariance=np.eye(7),
            unknown=np.zeros(k, dtype=bool),
            offset=np.zeros(k),
        )
        return weights @ calibration.probabilities(said, np.full(40, 1)), calibration

    _, calibration = summed(at)
    expected = [(summed(at + h)[0] - summed(at - h)[0]) / 2e-5 for h in 1e-5 * np.eye(2 * k + 1)]
    assert pytest.approx(np.array(expected), abs=1e-6) == calibration.slope(said, 1, weights).T


def test_two_classes_without_prior_are_logistic_regression_on_both_log_probabilities(monkeypatch):
    for name in ("_COMMON_SCALE_SPREAD", "_OWN_SCALE_SPREAD", "_BIAS_SPREAD"):
        monkeypatch.setattr(calibrating_probabilities, name, 1e4)
    said, labels, _ = drawn(np.random.default_rng(2), 500, temperature=2.0)
    found = fit_calibration(said, said.argmax(axis=1), labels, np.ones(500), unknown=KNOWN)
    features = np.log(said)
    oracle = LogisticRegression(C=1e8, tol=1e-10, max_iter=10_000).fit(features, labels)
    assert found.probabilities(said, said.argmax(axis=1)) == pytest.approx(oracle.predict_proba(features), abs=1e-3)


@pytest.mark.parametrize("temperature", [0.4, 3.0])
def test_a_wrong_temperature_is_mended(temperature):
    rng = np.random.default_rng(3)
    said, labels, _ = drawn(rng, 2000, temperature=temperature)
    calibration = fit_calibration(said, said.argmax(axis=1), labels, np.ones(2000), unknown=KNOWN)
    fresh, _, score = drawn(rng, 2000, temperature=temperature)
    mended = calibration.probabilities(fresh, fresh.argmax(axis=1))[:, 1]
    assert np.abs(mended - expit(score)).mean() < 0.02 < np.abs(fresh[:, 1] - expit(score)).mean()


def test_few_labels_move_the_probabilities_little():
    said, labels = two_classes(np.array([0.9, 0.8, 0.3])), np.array([1, 0, 0])
    calibration = fit_calibration(said, said.argmax(axis=1), labels, np.ones(3), unknown=KNOWN)
    assert 0.7 < calibration.probabilities(np.array([[0.1, 0.9]]), np.array([1]))[0, 1] < 0.95


def test_copies_of_a_document_count_once():
    said, labels, _ = drawn(np.random.default_rng(4), 100, temperature=2.0)
    once = fit_calibration(said, said.argmax(axis=1), labels, np.ones(100), unknown=KNOWN)
    twice = np.repeat(said, 2, axis=0)
    copies = fit_calibration(twice, twice.argmax(axis=1), np.repeat(labels, 2), np.full(200, 0.5), unknown=KNOWN)
    assert copies.parameters == pytest.approx(once.parameters)
    assert copies.covariance == pytest.approx(once.covariance)


def test_certain_probabilities_become_the_share_that_is_right():
    rng = np.random.default_rng(5)
    labels = rng.integers(0, 2, 4000)
    predictions = np.where(rng.random(4000) < 0.8, labels, 1 - labels)
    said = two_classes(predictions.astype(float))
    calibration = fit_calibration(said, predictions, labels, np.ones(4000), unknown=KNOWN)
    assert calibration.probabilities(np.array([[0.0, 1.0]]), np.array([1]))[0, 1] == pytest.approx(0.8, abs=0.03)


def test_a_class_that_the_model_does_not_know_keeps_its_share():
    rng = np.random.default_rng(6)
    said, labels, _ = drawn(rng, 3000, temperature=1.0)
    labels = np.where(rng.random(3000) < 0.1, 2, labels)
    said = np.column_stack([said, np.zeros(3000)])
    calibration = fit_calibration(
        said, said.argmax(axis=1), labels, np.ones(3000), unknown=np.array([False, False, True])
    )
    q = calibration.probabilities(said, said.argmax(axis=1))
    assert q[:, 2].mean() == pytest.approx(0.1, abs=0.02)
    assert q.sum(axis=1) == pytest.approx(1.0)
