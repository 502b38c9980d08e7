import numpy as np
import pytest
from scipy import stats

from textdrift.drift.concept.answers_to_texts import answers_moved_p_value
from textdrift.stats.cross_fitting import cross_fitted_mean, cross_fitted_probability


def drawn(n, rng, *, moved=0.0, q=2):
    """Texts of both windows, chosen by x_0 where `moved`; answers are functions of the text and a little noise."""
    points = rng.normal(size=(n, 5))
    is_current = rng.random(n) < 1 / (1 + np.exp(-moved * points[:, 0]))
    answers = points[:, :q] + 0.3 * points[:, 1:2] ** 2 + 0.3 * rng.normal(size=(n, q))
    return points, answers, is_current, rng.integers(0, 5, n)


def test_the_p_value_is_that_of_the_covariances_written_out():
    rng = np.random.default_rng(0)
    points, answers, is_current, folds = drawn(120, rng)
    g = np.clip(cross_fitted_probability(points, is_current, folds, inverse_penalty=3.0), 0.01, 0.99)
    m = cross_fitted_mean(points, answers, folds, penalty=1.0)
    p = []
    for c in range(2):
        weight = (m[:, c] - m[:, c].mean()) / m[:, c].std()
        for h in (np.ones(120), weight):
            terms = [(answers[i, c] - m[i, c]) * (is_current[i] - g[i]) * h[i] for i in range(120)]
            p.append(2 * stats.norm.sf(abs(sum(terms)) / sum(t**2 for t in terms) ** 0.5))
    ours = answers_moved_p_value(points, answers, is_current, folds)
    assert ours == pytest.approx(min(1, 4 * min(p)), rel=1e-9)


@pytest.mark.parametrize("moved", [0.0, 1.0])
def test_other_texts_answered_alike_are_no_other_model(moved):
    rng = np.random.default_rng(1)
    p = [answers_moved_p_value(*drawn(300, rng, moved=moved)) for _ in range(100)]
    # 100 draws at 0.05: 13 or more have probability 0.002.
    assert np.sum(np.array(p) <= 0.05) <= 12


@pytest.mark.parametrize("change", ["shifted", "sharper", "turned", "one of two"])
def test_a_model_that_answers_otherwise_is_noticed(change):
    rng = np.random.default_rng(2)
    points, answers, is_current, folds = drawn(800, rng, moved=1.0)
    other = {
        "shifted": answers + 0.3,
        "sharper": 1.5 * answers,
        "turned": -answers,
        "one of two": answers + np.array([0.0, 0.3]),
    }[change]
    answers = np.where(is_current[:, None], other, answers)
    assert answers_moved_p_value(points, answers, is_current, folds) < 1e-4


def test_answers_that_never_differ_show_nothing():
    rng = np.random.default_rng(3)
    points, _, is_current, folds = drawn(100, rng)
    assert answers_moved_p_value(points, np.full((100, 1), 2.0), is_current, folds) == 1.0
