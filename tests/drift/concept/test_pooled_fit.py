import numpy as np
import pytest

from textdrift.drift.concept.labelled import LabelledEmbeddings
from textdrift.drift.concept.pooled_fit import fit_pooled, modelled_labels, pool
from textdrift.embeddings.embeddings import Embeddings


def window(counts, seed=0, scores=None):
    """A window with so many texts of each label; the points know nothing."""
    codes = np.repeat(np.arange(len(counts)), counts)
    points = np.random.default_rng(seed).normal(size=(len(codes), 3))
    names = tuple("abcdefgh"[: len(counts)])
    return LabelledEmbeddings(Embeddings(points, "toy"), np.eye(len(counts))[codes], names, scores=scores)


def test_of_two_labels_one_is_modelled():
    assert modelled_labels(window([30, 30]), window([30, 30]), 5) == ([1], ())


def test_of_three_labels_all_are_modelled():
    assert modelled_labels(window([30, 30, 9]), window([30, 30, 5]), 5) == ([0, 1, 2], ())


def test_a_rare_label_counts_as_the_rest_and_is_named():
    columns, notes = modelled_labels(window([30, 30, 30]), window([30, 30, 4]), 5)
    assert columns == [0, 1]
    assert len(notes) == 1
    assert notes[0].endswith("count as the rest: c")


@pytest.mark.parametrize(
    ("reference", "current", "said"),
    [
        ([30, 30], [10, 9], "only 60 and 19 texts"),
        ([60, 0], [60, 0], "no label stands on 5"),
        ([60, 4], [60, 60], "no label stands on 5"),
        ([60, 0], [0, 60], "no label stands on 5"),
    ],
)
def test_windows_that_cannot_tell_a_label_give_none_and_say_why(reference, current, said):
    columns, notes = modelled_labels(window(reference), window(current), 5)
    assert columns == []
    assert said in notes[0]


def test_the_pile_holds_the_reference_first_and_spreads_windows_and_labels_over_folds():
    reference, current = window([20, 30]), window([40, 10], seed=1)
    texts = pool(reference, current, n_folds=5, n_components=128, rng=np.random.default_rng(0))
    assert texts.is_current.tolist() == [False] * 50 + [True] * 50
    for side in (False, True):
        for code in (0, 1):
            members = texts.folds[(texts.is_current == side) & (texts.codes == code)]
            assert np.ptp(np.bincount(members, minlength=5)) <= 1


def test_scores_sharpen_the_guess_of_the_label_and_leave_that_of_the_window():
    noise = np.random.default_rng(2).normal(size=(60, 1))
    labels = np.repeat([0.0, 1.0], 30)[:, None]
    plain = [window([30, 30], seed) for seed in (0, 1)]
    helped = [window([30, 30], seed, scores=labels + 0.3 * noise) for seed in (0, 1)]
    fits = []
    for pair in (plain, helped):
        texts = pool(*pair, n_folds=5, n_components=8, rng=np.random.default_rng(0))
        fits.append(fit_pooled(texts, [1], ("a", "b")))
    assert np.abs(fits[1].label_residual).mean() < 0.5 * np.abs(fits[0].label_residual).mean()
    assert np.array_equal(fits[0].window_probability, fits[1].window_probability)


def test_overlap_is_near_one_for_alike_windows_and_near_zero_for_windows_apart():
    reference = window([100, 100])
    alike = fit_pooled(
        pool(reference, window([100, 100], 1), n_folds=5, n_components=8, rng=np.random.default_rng(0)), [1], ("a", "b")
    )
    points = reference.embeddings.points + 20
    far = LabelledEmbeddings(Embeddings(points, "toy"), reference.shares, reference.label_names)
    apart = fit_pooled(pool(reference, far, n_folds=5, n_components=8, rng=np.random.default_rng(0)), [1], ("a", "b"))
    assert 0.9 < alike.overlap <= 1.01
    assert apart.overlap < 0.1


def test_the_plain_sum_is_as_wide_as_the_inflation_says():
    # Ridge smoothers in place of the logistic ones: noise enters both guesses, and the sum of products is wider.
    rng = np.random.default_rng(3)
    n = 300
    points = rng.normal(size=(n, 60))
    shares = np.eye(2)[np.arange(n // 2) % 2]
    windows = [LabelledEmbeddings(Embeddings(part, "toy"), shares, ("a", "b")) for part in np.split(points, 2)]
    texts = pool(*windows, n_folds=5, n_components=60, rng=rng)
    said = fit_pooled(texts, [1], ("a", "b")).inflation[0]
    squares = []
    for _ in range(400):
        noise, other = rng.normal(size=(2, n))
        left, right = noise.copy(), other.copy()
        for fold in range(5):
            inside = texts.folds == fold
            learned = texts.points[~inside]
            solve = texts.points[inside] @ np.linalg.inv(learned.T @ learned + 0.4 * np.eye(60)) @ learned.T
            left[inside] -= solve @ noise[~inside]
            right[inside] -= solve @ other[~inside]
        squares.append((left * right).sum() ** 2 / ((left * right) ** 2).sum())
    assert said > 1.2
    assert np.mean(squares) == pytest.approx(said, abs=4 * np.std(squares) / np.sqrt(400))
