import numpy as np
import pytest

from textdrift.drift.concept.covariances import covariance_p_values
from textdrift.drift.concept.label_given_text import LabelGivenText
from textdrift.drift.concept.labelled import LabelledEmbeddings
from textdrift.drift.concept.pooled_fit import PooledFit
from textdrift.drift.concept.ratings import rating_fit, rating_variance, ratings_of
from textdrift.drift.concept.relabelled_shares import net_relabelled
from textdrift.embeddings.embeddings import Embeddings

STARS = ("1", "2", "3", "4", "5")


def window(n, rng, *, fewer=0.0, names=STARS):
    """Texts rated by their first coordinate and some noise; a share of them gets one star fewer."""
    points = rng.normal(size=(n, 6))
    stars = np.clip(np.round(2.2 + 1.1 * points[:, 0] + 0.5 * rng.normal(size=n)), 0, 4).astype(int)
    stars = np.maximum(0, stars - (rng.random(n) < fewer))
    return LabelledEmbeddings(Embeddings(points, "toy"), np.eye(5)[stars], names)


def small_fit(label, probability):
    n, k = label.shape
    return PooledFit(
        label_names=STARS[:k],
        label=label,
        label_probability=probability,
        score=np.zeros((n, k)),
        is_current=np.repeat([0.0, 1.0], n // 2),
        window_probability=np.full(n, 0.5),
        points=np.zeros((n, 1)),
        inflation=np.linspace(1.0, 1.2, k),
    )


@pytest.mark.parametrize(
    ("names", "numbers"),
    [
        (("1", "2", "3", "4", "5"), [1, 2, 3, 4, 5]),
        (("1.0", "2.0", "3.5"), [1, 2, 3.5]),
        (("-1", "0", "1"), [-1, 0, 1]),
        (("1", "10", "2"), [1, 10, 2]),
        (("True", "False", "maybe"), None),
        (("bad", "good", "odd"), None),
        (("1", "2", "many"), None),
        (("0", "1"), None),
        (("False", "True"), None),
        (("1", "2", "nan"), None),
        (("1", "2", "inf"), None),
        ((), None),
    ],
)
def test_only_three_or_more_numbers_are_ratings(names, numbers):
    found = ratings_of(names)
    assert (found is None) if numbers is None else found.tolist() == numbers


def test_the_rating_is_the_mean_of_the_stars_brought_to_one_written_out():
    label = np.array([[1.0, 0, 0], [0, 0.25, 0.75], [0, 1, 0], [0.5, 0.5, 0]])
    probability = np.array([[0.6, 0.2, 0.1], [0.2, 0.5, 0.5], [0.1, 0.1, 0.1], [0.3, 0.3, 0.4]])
    fit = rating_fit(small_fit(label, probability), np.array([1.0, 2.0, 5.0]))
    assert fit.label_names == ("rating",)
    np.testing.assert_allclose(fit.label[:, 0], [0, (0.25 * 1 + 0.75 * 4) / 4, 0.25, 0.125])
    guesses = [sum(p / sum(row) * h for p, h in zip(row, (0, 0.25, 1), strict=True)) for row in probability]
    np.testing.assert_allclose(fit.label_probability[:, 0], guesses)
    assert fit.inflation.tolist() == [1.2]


def test_a_text_whose_label_is_not_modelled_is_taken_as_guessed():
    label = np.array([[0.0, 0, 0], [0.5, 0, 0], [0, 1, 0], [0, 0, 1]])
    fit = rating_fit(small_fit(label, np.full((4, 3), 1 / 3)), np.array([1.0, 2.0, 3.0]))
    np.testing.assert_allclose(fit.label_residual[:, 0], [0, 0, 0, 0.5], atol=1e-12)


def test_the_order_of_the_names_is_that_of_the_numbers_not_of_the_alphabet():
    label = np.eye(3)[[0, 1, 2, 0]]
    fit = rating_fit(small_fit(label, np.full((4, 3), 1 / 3)), ratings_of(("1", "10", "2")))
    np.testing.assert_allclose(fit.label[:, 0], [0, 1, 1 / 9, 0])


def test_copies_that_disagree_spread_by_their_stars():
    label = np.array([[1.0, 0, 0], [0.5, 0, 0.5], [0.5, 0.5, 0], [0, 0, 0]])
    fit = small_fit(label, np.full((4, 3), 1 / 3))
    np.testing.assert_allclose(rating_variance(fit, np.array([1.0, 2.0, 5.0])), [[0], [1 / 4], [1 / 64], [0]])


def test_one_star_fewer_is_seen_by_the_rating_where_single_labels_hardly_see_it():
    rng = np.random.default_rng(0)
    n = 1000
    by_labels, by_rating = [], []
    for _ in range(60):
        middle = rng.uniform(-0.5, 4.5, n)
        probability = np.exp(-0.8 * (np.arange(5) - middle[:, None]) ** 2)
        probability /= probability.sum(axis=1, keepdims=True)
        codes = (np.log(probability) + rng.gumbel(size=(n, 5))).argmax(axis=1)
        fewer = (np.arange(n) >= n // 2) & (rng.random(n) < 0.15)
        fit = small_fit(np.eye(5)[np.maximum(0, codes - fewer)], probability)
        stars, topics = np.arange(5.0), np.zeros(n, dtype=int)
        by_labels.append(5 * covariance_p_values(fit, topics)[:, 0].min())
        among = rating_variance(fit, stars)
        by_rating.append(covariance_p_values(rating_fit(fit, stars), topics, among_copies=among)[0, 0])
    assert np.mean(np.array(by_labels) <= 0.05) < 0.35
    assert np.mean(np.array(by_rating) <= 0.05) > 0.5


def test_the_rating_joins_the_verdict():
    # The same windows once with names that are numbers, once with names that are none: the rating alone decides.
    found = []
    for seed in range(4):
        for names in (STARS, ("a", "b", "c", "d", "e")):
            rng = np.random.default_rng(seed)
            reference, current = (window(500, rng, fewer=share, names=names) for share in (0.0, 0.3))
            result = LabelGivenText().compare(reference, current, rng=rng)
            found.append(result.p_value)
            assert len(result.table("rating")) == (names is STARS)
    with_rating, without = np.array(found).reshape(4, 2).T
    # One more hypothesis costs a fifth at most.
    assert (with_rating <= 1.2 * without + 1e-12).all()
    assert np.median(with_rating) < 0.5 * np.median(without)


def test_the_interval_of_the_change_covers_what_was_planted():
    rng = np.random.default_rng(1)
    held, changes = [], []
    # Nobody falls below one star, so less than 0.3 of a star is lost; the truth is counted on many texts.
    codes = window(400_000, rng).shares.argmax(axis=1)
    truth = -0.3 * (codes > 0).mean()
    for _ in range(25):
        windows = window(300, rng), window(300, rng, fewer=0.3)
        row = LabelGivenText().compare(*windows, rng=rng).table("rating")[0]
        held.append(row["low"] <= truth <= row["high"])
        changes.append(row["change"])
    # 25 draws at 0.95: 20 or fewer have probability 0.007.
    assert np.sum(held) >= 21
    assert np.mean(changes) == pytest.approx(truth, abs=3 * np.std(changes) / 5)
    assert truth < -0.25


def test_stars_that_fell_and_rose_alike_leave_the_rating_where_it_was():
    rng = np.random.default_rng(2)
    n = 3000
    probability = rng.dirichlet(np.full(5, 0.5), 2 * n)
    codes = (np.log(probability) + rng.gumbel(size=probability.shape)).argmax(axis=1)
    step = np.where(np.arange(2 * n) >= n, rng.choice([-1, 0, 1], 2 * n), 0)
    inside = (codes > 0) & (codes < 4)
    fit = small_fit(np.eye(5)[np.where(inside, codes + step, codes)], probability)
    change, error = net_relabelled(rating_fit(fit, np.arange(1.0, 6.0)))
    assert abs(change[0]) < 4 * error[0]


def test_a_rating_of_the_same_law_keeps_to_the_level():
    rng = np.random.default_rng(3)
    p = []
    for _ in range(300):
        probability = rng.dirichlet(np.full(4, 0.6), 400)
        codes = (np.log(probability) + rng.gumbel(size=probability.shape)).argmax(axis=1)
        fit, stars = small_fit(np.eye(4)[codes], probability), np.arange(4.0)
        among = rating_variance(fit, stars)
        p.append(covariance_p_values(rating_fit(fit, stars), np.arange(400) % 4, among_copies=among)[0])
    # 300 draws at 0.05: 27 or more have probability 0.002. The inflation of the average is a tenth too cautious.
    assert (np.array(p) <= 0.05).sum(axis=0).max() <= 26
