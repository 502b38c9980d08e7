"""False alarms of Alibi Detect's detectors behind our contract, and of the share that is said to differ."""

import os

import numpy as np
import pytest

from textdrift.drift.embedding.alibi_detectors import ALIBI_DETECTORS
from textdrift.drift.embedding.domain_classifier import DomainClassifier
from textdrift.embeddings import Embeddings

REPEATS = 60 if os.environ.get("TEXTDRIFT_CALIBRATION") == "small" else 150


def encoded(rng, n, d=96):
    """Draw unit vectors like a sentence encoder's: twenty topics around a common direction, most variance in few."""
    topics = np.random.default_rng(99).normal(size=(20, d)) + 1.5
    points = topics[rng.integers(0, 20, n)] + rng.normal(size=(n, d)) * 4 / np.sqrt(1 + np.arange(d))
    return Embeddings(points / np.linalg.norm(points, axis=1, keepdims=True), "made up")


def at_most_five_percent(alarms):
    return np.mean(alarms) <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / len(alarms))


@pytest.mark.slow
@pytest.mark.parametrize(("n", "m"), [(200, 200), (60, 240), (240, 100)])
@pytest.mark.parametrize("name", list(ALIBI_DETECTORS))
def test_windows_of_one_law_alarm_in_five_percent(name, n, m):
    detector = ALIBI_DETECTORS[name]
    settings = {"n_permutations": 99} if "n_permutations" in detector.__dataclass_fields__ else {}
    rng = np.random.default_rng(1)
    alarms = [
        detector(device="cpu", **settings).compare(encoded(rng, n), encoded(rng, m), rng=rng).p_value <= 0.05
        for _ in range(REPEATS)
    ]
    assert at_most_five_percent(alarms)


@pytest.mark.slow
@pytest.mark.parametrize(("n", "m", "n_folds"), [(300, 300, 5), (100, 400, 5), (300, 300, 2)])
def test_windows_of_one_law_are_seldom_said_to_differ(n, m, n_folds):
    rng = np.random.default_rng(2)
    test = DomainClassifier(n_folds=n_folds)
    alarms = [test.compare(encoded(rng, n), encoded(rng, m), rng=rng).effects[0].low > 0 for _ in range(REPEATS)]
    assert at_most_five_percent(alarms)
