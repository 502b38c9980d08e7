from dataclasses import replace

import numpy as np
import pytest
from scipy import sparse

from textdrift.drift.concept.labelled import LabelledEmbeddings
from textdrift.drift.concept.pooled_fit import PooledFit, fit_pooled, guess_labels
from textdrift.drift.concept.pooled_texts import pool
from textdrift.embeddings.embeddings import Embeddings
from textdrift.stats.bends import bends
from textdrift.stats.cross_fitting import cross_fitted_probability
from textdrift.stats.word_scores import cross_fitted_word_scores
from textdrift.tokens.token_counts import TokenCounts


def window(counts, seed=0, scores=None):
    """A window with so many texts of each label; the points know nothing."""
    codes = np.repeat(np.arange(len(counts)), counts)
    points = np.random.default_rng(seed).normal(size=(len(codes), 3))
    names = tuple("abcdefgh"[: len(counts)])
    return LabelledEmbeddings(Embeddings(points, "toy"), np.eye(len(counts))[codes], names, scores=scores)


def answered(n, rng, *, moved=0.0, words=False):
    """Texts whose label hangs on x_0 and on a thing that the model's score knows and the points do not."""
    points = rng.normal(size=(n, 4))
    known = rng.normal(size=n)
    label = (points[:, 0] + 2 * known + 0.3 * rng.normal(size=n) > 0).astype(int)
    counts = None
    if words:
        held = (known[:, None] > np.linspace(-1.5, 1.5, 12)).astype(np.int32)
        counts = TokenCounts(sparse.csr_matrix(2 * held), tuple(f"over{i:02d}" for i in range(12)))
    shares = np.eye(2)[label]
    return LabelledEmbeddings(Embeddings(points, "toy"), shares, ("a", "b"), counts, (known + moved)[:, None])


def without(window, *columns):
    return replace(window, **dict.fromkeys(columns))


def fitted(windows, seed=0):
    texts = pool(*windows, n_folds=5, n_components=8, rng=np.random.default_rng(seed))
    return texts, fit_pooled(texts, [1], ("a", "b"))


def test_scores_and_words_sharpen_the_guess_of_the_label():
    rng = np.random.default_rng(14)
    windows = [answered(400, rng, words=True) for _ in range(2)]
    errors = {
        left: np.abs(fitted([without(w, *left) for w in windows])[1].label_residual).mean()
        for left in [(), ("counts",), ("scores",), ("counts", "scores")]
    }
    assert errors["counts",] < 0.5 * errors["counts", "scores"]
    assert errors["scores",] < 0.7 * errors["counts", "scores"]
    assert errors[()] < 1.05 * min(errors["counts",], errors["scores",])


def test_the_guess_of_the_window_sees_what_the_guess_of_the_label_sees():
    # Texts were chosen by what only the words know; without them both guesses are wrong, and labels seem to change.
    rng = np.random.default_rng(3)
    many, reference = (without(answered(n, rng, words=True), "scores") for n in (3000, 1000))
    n_words = np.asarray((many.counts.counts > 0).sum(axis=1)).ravel()
    current = many.take(np.flatnonzero(rng.random(3000) < 1 / (1 + np.exp(3 - 0.5 * n_words)))[:1000])
    _, fit = fitted([reference, current])
    blind = fitted([without(w, "counts") for w in (reference, current)])[1]
    terms = [f.label_residual[:, 0] * f.window_residual for f in (fit, blind)]
    z = [t.sum() / np.sqrt((t**2).sum()) for t in terms]
    assert abs(z[0]) < 4 < abs(z[1])
    assert fit.overlap < blind.overlap - 0.05


def test_both_guesses_are_those_of_the_features_written_out():
    rng = np.random.default_rng(4)
    texts, fit = fitted([answered(120, rng, words=True) for _ in range(2)])
    features = np.hstack([texts.points, bends(texts.points[:, :32]), texts.scores])
    words = cross_fitted_word_scores(texts.presence, texts.codes == 1, texts.folds)[:, None, :]
    ours = {"features_by_fold": words}
    label = cross_fitted_probability(features, texts.codes == 1, texts.folds, inverse_penalty=1.0, **ours)
    window = cross_fitted_probability(features, texts.is_current, texts.folds, inverse_penalty=3.0, **ours)
    assert np.array_equal(fit.label_probability[:, 0], label)
    assert np.array_equal(fit.window_probability, np.clip(window, 0.01, 0.99))


@pytest.mark.parametrize("words", [True, False])
def test_many_labels_are_guessed_as_each_would_be_alone(words):
    rng = np.random.default_rng(15)
    windows = [without(answered(350, rng, words=words), "scores") for _ in range(2)]
    names = tuple("abcdefg")
    windows = [
        replace(w, label_names=names, shares=np.eye(7)[(w.embeddings.points[:, 0] * 2 + w.codes).astype(int) % 7])
        for w in windows
    ]
    texts = pool(*windows, n_folds=5, n_components=8, rng=rng)
    together = guess_labels(texts, list(range(7)))
    alone = np.hstack([guess_labels(texts, [column]) for column in range(7)])
    np.testing.assert_allclose(together, alone, atol=0.01)
    fit = fit_pooled(texts, list(range(7)), names)
    assert np.array_equal(fit.label_probability, together)


def test_a_guess_from_the_reference_hears_nothing_of_current_labels():
    rng = np.random.default_rng(5)
    reference, current = answered(100, rng, words=True), answered(100, rng, words=True)
    texts, _ = fitted([reference, current])
    turned = replace(texts, codes=np.where(texts.is_current, 1 - texts.codes, texts.codes))
    one, two = (guess_labels(t, [1], fitted_on=~texts.is_current) for t in (texts, turned))
    assert np.array_equal(one, two)
    assert not np.array_equal(one, guess_labels(texts, [1]))


def fit_of(label, guess, is_current):
    n = len(label)
    return PooledFit(
        label_names=("b",),
        label=np.asarray(label, dtype=float)[:, None],
        label_probability=np.asarray(guess)[:, None],
        score=np.zeros((n, 1)),
        is_current=np.asarray(is_current, dtype=float),
        window_probability=np.full(n, 0.5),
        points=np.zeros((n, 1)),
        inflation=np.ones(1),
    )


def test_the_variance_is_that_of_reference_texts_of_alike_guesses_written_out():
    rng = np.random.default_rng(10)
    guess = rng.permutation(np.linspace(0.02, 0.98, 330))
    is_current = np.arange(330) >= 220
    label = (rng.random(330) < guess).astype(float)
    label[::7] = 0.5
    ours = fit_of(label, guess, is_current).label_variance()[:, 0]
    # 220 reference texts make four bins of 55: fifty or more in each.
    order = np.sort(guess[~is_current])
    edges = [np.quantile(order, q) for q in (0.25, 0.5, 0.75)]
    for i in range(330):
        alike = [j for j in range(330) if sum(guess[j] > e for e in edges) == sum(guess[i] > e for e in edges)]
        before = [j for j in alike if not is_current[j]]
        squares = sum((label[j] - guess[j]) ** 2 + label[j] * (1 - label[j]) for j in before)
        foretold = np.mean([guess[j] * (1 - guess[j]) for j in alike])
        assert 50 <= len(before) <= 60
        assert ours[i] == pytest.approx((squares + 5 * foretold) / (len(before) + 5))


def test_the_variance_does_not_grow_with_what_changed():
    rng = np.random.default_rng(11)
    guess, is_current = rng.random(400), np.arange(400) % 2 == 1
    label = rng.random(400) < guess
    before = fit_of(label, guess, is_current).label_variance()
    assert np.array_equal(before, fit_of(np.where(is_current, ~label, label), guess, is_current).label_variance())
    assert not np.array_equal(before, fit_of(np.where(is_current, label, ~label), guess, is_current).label_variance())


def test_the_variance_of_a_right_guess_is_that_of_its_law_and_of_a_sure_one_never_nothing():
    rng = np.random.default_rng(12)
    guess = rng.random(20_000)
    is_current = np.arange(20_000) % 2 == 1
    ours = fit_of(rng.random(20_000) < guess, guess, is_current).label_variance()[:, 0]
    assert np.abs(ours - guess * (1 - guess)).max() < 0.06
    sure = fit_of(np.zeros(100), np.full(100, 0.02), np.arange(100) % 2).label_variance()
    assert (sure > 0.02 * 0.98 * 5 / 55).all()


def test_copies_of_the_reference_do_not_shrink_the_variance_of_a_single_label():
    rng = np.random.default_rng(13)
    guess = rng.random(20_000)
    is_current = np.arange(20_000) % 2 == 1
    copies = rng.binomial(5, guess) / 5
    ours = fit_of(copies, guess, is_current).label_variance()[:, 0]
    assert ours.mean() == pytest.approx(1 / 6, rel=0.03)
    told = fit_of(copies, guess, is_current).label_variance(np.zeros((20_000, 1)))[:, 0]
    assert told.mean() == pytest.approx(1 / 30, rel=0.05)


def test_the_crossing_weight_is_that_of_labels_drawn_anew_written_out():
    guess = np.array([[0.05, 0.2], [0.5, 0.5], [0.95, 0.7], [0.3, 1 / 3]])
    for k in (1, 2):
        f = guess[:, :k]
        fit = replace(fit_of(np.zeros(4), guess[:, 0], [0, 0, 1, 1]), label_probability=f)
        held = np.clip(f, 0.1, 0.9)
        weight = (held - 0.5) / (held * (1 - held))
        np.testing.assert_allclose(fit.crossing, weight / np.sqrt((weight**2).mean(axis=0)))
    three = np.column_stack([np.array([1 / 3, 0.8, 0.1])] * 3)
    fit = replace(fit_of(np.zeros(3), three[:, 0], [0, 1, 1]), label_probability=three)
    assert fit.crossing[0] == pytest.approx(np.zeros(3), abs=1e-12)
    assert (fit.crossing[1] > 0).all()
    assert (fit.crossing[2] < 0).all()


def test_guesses_all_alike_have_a_crossing_weight_that_breaks_nothing():
    fit = fit_of(np.arange(40) % 2, np.full(40, 0.5), np.arange(40) % 2)
    assert np.array_equal(fit.crossing, np.zeros((40, 1)))


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
