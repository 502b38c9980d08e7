""" "At least x % of the documents differ": a bound that is one, near 0 without drift, near the truth with it."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from textdrift.drift.embedding.domain_classifier import DomainClassifier
from textdrift.embeddings import Embeddings
from textdrift.errors import EmbeddingsError, SettingsError


def cloud(rng, n, d=16, shift=0.0):
    points = rng.normal(size=(n, d))
    points[:, 0] += shift
    return Embeddings(points, encoder="test")


def mixture(rng, n, share, d=16, shift=3.0):
    points = rng.normal(size=(n, d))
    points[: round(share * n), 0] += shift
    return Embeddings(rng.permutation(points), encoder="test")


def share(result):
    (effect,) = result.effects
    assert effect.name == "share_changed"
    return effect


@pytest.mark.parametrize("planted", [0.05, 0.2, 0.5])
def test_the_bound_stays_below_the_share_that_was_replaced(planted):
    rng = np.random.default_rng(0)
    bounds = [
        share(DomainClassifier().compare(cloud(rng, 200), mixture(rng, 200, planted), rng=rng)).low for _ in range(60)
    ]
    assert np.mean(np.array(bounds) > planted) <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / 60)


@pytest.mark.parametrize(("n", "m", "d"), [(150, 150, 40), (400, 100, 8), (100, 100, 1), (60, 90, 100)])
def test_without_drift_the_bound_is_seldom_above_zero(n, m, d):
    rng = np.random.default_rng(1)
    bounds = [share(DomainClassifier().compare(cloud(rng, n, d), cloud(rng, m, d), rng=rng)).low for _ in range(120)]
    assert np.mean(np.array(bounds) > 0) <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / 120)


def test_clouds_that_nobody_confuses_differ_almost_wholly():
    rng = np.random.default_rng(2)
    result = DomainClassifier().compare(cloud(rng, 400), cloud(rng, 300, shift=12), rng=rng)
    effect = share(result)
    assert effect.value > 0.99
    assert effect.low > 0.96
    assert effect.high == 1.0
    assert result.sizes["auc"] > 0.999
    assert result.sizes["auc_low"] > 0.97


def test_a_planted_half_is_told_almost_wholly():
    rng = np.random.default_rng(3)
    effect = share(DomainClassifier().compare(cloud(rng, 800), mixture(rng, 800, 0.5, shift=6.0), rng=rng))
    assert effect.value == pytest.approx(0.5, abs=0.1)
    assert 0.35 < effect.low <= 0.5


def test_the_detectable_share_shows_with_power_four_fifths():
    rng = np.random.default_rng(4)
    n = 300
    detectable = share(DomainClassifier().compare(cloud(rng, n), cloud(rng, n), rng=rng)).detectable
    found = [
        share(DomainClassifier().compare(cloud(rng, n), mixture(rng, n, detectable, shift=12.0), rng=rng)).low > 0
        for _ in range(40)
    ]
    assert np.mean(found) >= 0.8 - 3 * np.sqrt(0.8 * 0.2 / 40)


def test_it_claims_no_p_value():
    rng = np.random.default_rng(5)
    result = DomainClassifier().compare(cloud(rng, 50), cloud(rng, 50, shift=9), rng=rng)
    assert (result.has_p_value, result.p_value) == (False, 1.0)


def test_authors_who_write_alike_are_no_drift():
    rng = np.random.default_rng(6)

    def window():
        authors = np.repeat(np.arange(30), 8)
        style = rng.normal(size=(30, 60))[authors]
        return Embeddings(style + 0.05 * rng.normal(size=style.shape), "e", groups=authors)

    results = [DomainClassifier().compare(window(), window(), rng=rng) for _ in range(80)]
    assert np.mean([share(result).low > 0 for result in results]) <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / 80)
    assert results[0].n_documents == (30, 30)
    alone = [Embeddings(window().points, "e") for _ in range(2)]
    assert share(DomainClassifier().compare(*alone, rng=rng)).low > 0.5  # what it says of rows taken as independent


def test_the_surest_documents_are_those_that_were_planted():
    rng = np.random.default_rng(7)
    points = rng.normal(size=(300, 8))
    points[280:] += 6
    result = DomainClassifier().compare(cloud(rng, 200, d=8), Embeddings(points, "test"), rng=rng)
    current = [row for row in result.table("documents") if row["window"] == "current"]
    assert {row["document"] for row in current} == set(range(280, 300))
    assert all(0.5 < row["score"] <= 1 for row in current)
    assert len([row for row in result.table("documents") if row["window"] == "reference"]) == 20


def test_large_windows_are_sampled_and_rows_are_those_of_the_window():
    rng = np.random.default_rng(8)
    points = rng.normal(size=(500, 8))
    points[450:] += 8
    result = DomainClassifier(max_documents=200).compare(cloud(rng, 300, d=8), Embeddings(points, "test"), rng=rng)
    assert result.n_documents == (200, 200)
    assert "random sample of 200 of 300 reference and 200 of 500 current" in result.notes[-1]
    rows = [row["document"] for row in result.table("documents") if row["window"] == "current"]
    assert min(rows[:10]) >= 450


def test_the_same_state_gives_the_same_answer_whatever_the_scale():
    reference, current = cloud(np.random.default_rng(9), 80), cloud(np.random.default_rng(10), 60, shift=1)
    results = [DomainClassifier().compare(reference, current, rng=np.random.default_rng(11)) for _ in range(2)]
    assert results[0] == results[1]
    scaled = [Embeddings(window.points * 1024, "test") for window in (reference, current)]
    larger = DomainClassifier().compare(*scaled, rng=np.random.default_rng(11))
    assert larger.statistic == results[0].statistic


@pytest.mark.parametrize(("n", "m"), [(1, 500), (9, 40), (40, 9)])
def test_too_few_documents_measure_nothing(n, m):
    rng = np.random.default_rng(12)
    result = DomainClassifier().compare(cloud(rng, n), cloud(rng, m, shift=9), rng=rng)
    effect = share(result)
    assert (effect.value, effect.low, effect.high, effect.detectable) == (0.0, 0.0, 1.0, np.inf)
    assert f"it got {n} and {m}" in result.notes[0]


def test_one_point_for_all_documents_is_nothing_to_tell_apart():
    here = Embeddings(np.ones((30, 4)), "e")
    result = DomainClassifier().compare(here, here, rng=np.random.default_rng(0))
    assert share(result).low == 0.0
    assert "coincide" in result.notes[0]


@given(
    n=st.integers(10, 40), m=st.integers(10, 40), d=st.integers(1, 5), values=st.integers(1, 3), seed=st.integers(0, 99)
)
@settings(max_examples=30, deadline=None)
def test_whatever_the_points_the_sizes_keep_their_ranges(n, m, d, values, seed):
    rng = np.random.default_rng(seed)
    windows = [Embeddings(rng.integers(0, values, size=(k, d)), "e") for k in (n, m)]
    result = DomainClassifier().compare(*windows, rng=rng)
    effect = share(result)
    assert 0 <= effect.low <= effect.value <= effect.high == 1
    if result.sizes:
        assert 0 <= result.sizes["auc_low"] <= result.sizes["auc"] <= result.sizes["auc_high"] <= 1
    assert all(0 <= row["score"] <= 1 for row in result.table("documents"))


def test_points_of_two_encoders_are_refused():
    with pytest.raises(EmbeddingsError, match="two encoders"):
        DomainClassifier().compare(Embeddings(np.eye(3), "a"), Embeddings(np.eye(3), "b"), rng=np.random.default_rng(0))


@pytest.mark.parametrize("field", [{"n_folds": 1}, {"n_components": 0}, {"max_documents": 3}, {"level": 0.0}])
def test_bad_settings_are_refused(field):
    with pytest.raises(SettingsError):
        DomainClassifier(**field)
