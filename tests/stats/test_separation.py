import numpy as np
import pytest

from textdrift.stats.cross_fitting import cross_fitted_probability, stratified_folds
from textdrift.stats.separation import separation


def test_separation_is_counting_by_its_definition():
    rng = np.random.default_rng(20)
    event = rng.random(60) < 0.4
    probability = np.round(rng.random(60), 1)  # ties
    found = separation(probability, event, np.arange(60))
    flagged = probability > event.mean()
    assert found.flagged_events == pytest.approx(flagged[event].mean())
    assert found.share == pytest.approx(flagged[event].mean() - flagged[~event].mean())
    pairs = [(p > q) + 0.5 * (p == q) for p in probability[event] for q in probability[~event]]
    assert found.area == pytest.approx(np.mean(pairs))


def test_the_error_of_a_share_is_agresti_and_coulls_inflated():
    event = np.arange(100) < 40
    probability = np.where(np.arange(100) % 4 == 0, 0.9, 0.1)
    found = separation(probability, event, np.arange(100))
    hits, alarms = (10 + 1) / (40 + 2), (15 + 1) / (60 + 2)
    expected = np.sqrt(1 + 2 / np.pi) * np.sqrt(hits * (1 - hits) / 42 + alarms * (1 - alarms) / 62)
    assert found.share_error == pytest.approx(expected)


def test_copies_of_a_row_in_one_unit_add_nothing_to_what_is_known():
    rng = np.random.default_rng(21)
    event = np.arange(80) < 40
    probability = rng.random(80)
    once = separation(probability, event, np.arange(80))
    copied = separation(np.repeat(probability, 5), np.repeat(event, 5), np.repeat(np.arange(80), 5))
    assert copied.share_error == pytest.approx(once.share_error)
    assert copied.area_error == pytest.approx(once.area_error)


@pytest.mark.parametrize(("d", "n_folds"), [(60, 5), (60, 2)])
def test_cross_fitted_hits_spread_as_the_inflated_errors_say(d, n_folds):
    rng = np.random.default_rng(22)
    event = np.arange(200) % 2 == 0
    found = []
    for _ in range(200):
        folds = stratified_folds(event + 0, n_folds, rng)
        guess = cross_fitted_probability(rng.normal(size=(200, d)) / np.sqrt(d), event, folds, inverse_penalty=0.3)
        found.append(separation(guess, event, np.arange(200)))
    share_spread, area_spread = np.std([f.share for f in found]), np.std([f.area for f in found])
    assert share_spread == pytest.approx(np.mean([f.share_error for f in found]), rel=0.2)
    assert area_spread == pytest.approx(np.mean([f.area_error for f in found]), rel=0.2)
