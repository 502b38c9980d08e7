from dataclasses import replace

import numpy as np
import pytest
from scipy import sparse

from textdrift.drift.concept.labelled import LabelledEmbeddings
from textdrift.drift.concept.pooled_texts import modelled_labels, pool
from textdrift.embeddings.embeddings import Embeddings
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


def test_scores_of_a_model_that_answers_alike_are_kept_though_other_texts_came():
    kept = 0
    for seed in range(20):
        rng = np.random.default_rng([6, seed])
        many = answered(900, rng)
        current = many.take(np.flatnonzero(many.embeddings.points[:, 0] > 0)[:300])
        texts = pool(answered(300, rng), current, n_folds=5, n_components=8, rng=rng)
        kept += texts.scores.shape[1] == 1
        assert texts.notes == () or texts.scores.shape == (600, 0)
    # At the level of 0.01 three or more of 20 have probability 0.001.
    assert kept >= 18


def test_scores_of_a_model_that_answers_otherwise_are_left_out_and_it_is_said():
    rng = np.random.default_rng(7)
    texts = pool(answered(300, rng), answered(300, rng, moved=1.0), n_folds=5, n_components=8, rng=rng)
    assert texts.scores.shape == (600, 0)
    assert len(texts.notes) == 1
    assert "same texts get other probabilities than before" in texts.notes[0]


def test_scores_of_one_window_alone_are_not_compared():
    rng = np.random.default_rng(8)
    few = pool(answered(300, rng), answered(12, rng), n_folds=5, n_components=8, rng=rng)
    assert few.scores.shape == (312, 0)
    assert "too few texts tell" in few.notes[0]


def test_words_of_one_window_alone_are_not_used():
    rng = np.random.default_rng(9)
    windows = answered(60, rng, words=True), without(answered(60, rng, words=True), "counts")
    texts = pool(*windows, n_folds=5, n_components=8, rng=rng)
    assert texts.presence is None
    assert texts.word_scores([1]).shape == (120, 0, 5)
