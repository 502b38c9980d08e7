import numpy as np
import pytest
from scipy import sparse

from textdrift.stats.word_scores import cross_fitted_word_scores


def drawn(seed=0, n=60, v=8, n_folds=4):
    """Texts with counts of 0 to 3, an event for some, and folds of uneven size."""
    rng = np.random.default_rng(seed)
    counts = rng.integers(0, 4, (n, v)) * (rng.random((n, v)) < 0.4)
    return counts, rng.random(n) < 0.4, rng.integers(0, n_folds, n)


def naive_bayes_written_out(counts, event, folds, *, teaches=None, smoothing=1.0):
    """One text, one judged fold, one word at a time."""
    n, v = counts.shape
    teaches = np.ones(n, dtype=bool) if teaches is None else teaches
    scores = np.zeros((n, folds.max() + 1))
    for i in range(n):
        for judged in range(folds.max() + 1):
            learned = [t for t in range(n) if folds[t] not in (folds[i], judged) and teaches[t]]
            with_event, without = ([t for t in learned if event[t] == value] for value in (True, False))
            words = [j for j in range(v) if counts[i, j] > 0]
            for j in words:
                speaks = sum(counts[t, j] > 0 for t in with_event)
                silent = sum(counts[t, j] > 0 for t in without)
                scores[i, judged] += np.log((speaks + smoothing) / (len(with_event) + 2 * smoothing))
                scores[i, judged] -= np.log((silent + smoothing) / (len(without) + 2 * smoothing))
            scores[i, judged] /= max(1, len(words)) ** 0.5
    return scores


@pytest.mark.parametrize("smoothing", [1.0, 0.3])
def test_scores_are_naive_bayes_written_out(smoothing):
    counts, event, folds = drawn()
    ours = cross_fitted_word_scores(sparse.csr_matrix(counts), event, folds, smoothing=smoothing)
    theirs = naive_bayes_written_out(counts, event, folds, smoothing=smoothing)
    assert ours.shape == (60, 4)
    np.testing.assert_allclose(ours, theirs, rtol=1e-12, atol=1e-12)


def test_only_texts_that_teach_are_learned_from():
    counts, event, folds = drawn(1)
    teaches = np.arange(60) < 35
    words = sparse.csr_matrix(counts)
    ours = cross_fitted_word_scores(words, event, folds, fitted_on=teaches)
    np.testing.assert_allclose(ours, naive_bayes_written_out(counts, event, folds, teaches=teaches), atol=1e-12)
    turned = np.where(teaches, event, ~event)
    assert np.array_equal(ours, cross_fitted_word_scores(words, turned, folds, fitted_on=teaches))


def test_no_score_hears_of_the_labels_of_its_own_fold_or_of_the_fold_it_is_for():
    counts, event, folds = drawn(2)
    words = sparse.csr_matrix(counts)
    before = cross_fitted_word_scores(words, event, folds)
    for fold in range(4):
        after = cross_fitted_word_scores(words, np.where(folds == fold, ~event, event), folds)
        own = folds == fold
        assert np.array_equal(before[own], after[own])
        assert np.array_equal(before[:, fold], after[:, fold])
        others = np.delete(np.arange(4), fold)
        assert (np.abs(before - after)[np.ix_(~own, others)].max(axis=1) > 0).mean() > 0.5


def test_a_word_said_twice_counts_once():
    counts, event, folds = drawn(3)
    once = cross_fitted_word_scores(sparse.csr_matrix((counts > 0).astype(float)), event, folds)
    assert np.array_equal(once, cross_fitted_word_scores(sparse.csr_matrix(counts), event, folds))
    stored_zeros = sparse.csr_matrix(counts + 1)
    stored_zeros.data -= 1
    assert stored_zeros.nnz == counts.size
    np.testing.assert_allclose(cross_fitted_word_scores(stored_zeros, event, folds), once, atol=1e-12)


def test_the_words_given_are_left_as_they_were():
    counts, event, folds = drawn(4)
    words = sparse.csr_matrix(counts)
    cross_fitted_word_scores(words, event, folds)
    assert np.array_equal(words.toarray(), counts)


def test_a_text_without_words_says_nothing():
    counts, event, folds = drawn(5)
    counts[[0, 7]] = 0
    scores = cross_fitted_word_scores(sparse.csr_matrix(counts), event, folds)
    assert np.array_equal(scores[[0, 7]], np.zeros((2, 4)))
    assert np.isfinite(scores).all()


def test_an_empty_vocabulary_says_nothing():
    _, event, folds = drawn(6)
    assert np.array_equal(cross_fitted_word_scores(sparse.csr_matrix((60, 0)), event, folds), np.zeros((60, 4)))


def test_folds_whose_texts_all_teach_one_kind_still_give_a_score():
    counts, _, folds = drawn(7)
    scores = cross_fitted_word_scores(sparse.csr_matrix(counts), np.ones(60, dtype=bool), folds)
    assert np.isfinite(scores).all()


def test_copies_of_a_word_do_not_outweigh_the_length_of_the_text():
    # Ten words that say the same say root ten times as much as one, not ten times.
    event = np.arange(200) % 2 == 0
    one = sparse.csr_matrix(event[:, None].astype(float))
    ten = sparse.csr_matrix(np.tile(event[:, None].astype(float), (1, 10)))
    folds = np.arange(200) // 2 % 4
    single, tenfold = (cross_fitted_word_scores(words, event, folds) for words in (one, ten))
    np.testing.assert_allclose(tenfold[event], np.sqrt(10) * single[event])
