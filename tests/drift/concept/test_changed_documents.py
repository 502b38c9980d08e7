import numpy as np
import pytest

from textdrift.drift.concept.changed_documents import changed_documents, label_shares, reference_guess
from textdrift.drift.concept.labelled import LabelledEmbeddings
from textdrift.drift.concept.pooled_fit import PooledFit
from textdrift.drift.concept.pooled_texts import pool
from textdrift.embeddings.embeddings import Embeddings

NAMES = ("bad", "good")


def drawn(rng, n=2000, *, crossed=0.0, topic=None):
    topics = rng.integers(6, size=2 * n)
    f = rng.beta(0.5, 0.5, 2 * n).clip(0.02, 0.98)
    y = rng.random(2 * n) < f
    hit = (np.arange(2 * n) >= n) & (rng.random(2 * n) < crossed)
    if topic is not None:
        hit &= topics == topic
    y ^= hit
    fit = PooledFit(
        ("good",), y[:, None].astype(float), f[:, None], f[:, None], np.repeat([0.0, 1.0], n), np.full(2 * n, 0.5),
        f[:, None], np.ones(1),
    )  # fmt: skip
    return fit, f[:, None], topics, hit[n:]


def test_texts_that_were_relabelled_are_listed_first():
    rng = np.random.default_rng(0)
    fit, guess, _, hit = drawn(rng, crossed=0.2)
    rows = changed_documents(fit, guess, NAMES, n_documents=20)
    assert len(rows) == 20
    assert np.mean([hit[row["document"]] for row in rows]) >= 0.7
    assert [row["score"] for row in rows] == sorted((row["score"] for row in rows), reverse=True)


def test_scores_are_probabilities_that_hold_on_the_careful_side():
    rng = np.random.default_rng(1)
    said, true = [], []
    for _ in range(10):
        fit, guess, topics, hit = drawn(rng, crossed=0.1)
        for row in changed_documents(fit, guess, NAMES, topics=topics, n_documents=5000):
            said.append(row["score"])
            true.append(hit[row["document"]])
    assert len(said) > 200
    assert np.mean(said) - 0.05 <= np.mean(true) <= np.mean(said) + 0.15


def test_topics_lead_to_the_texts_that_changed():
    rng = np.random.default_rng(2)
    with_topics, without = [], []
    for _ in range(5):
        fit, guess, topics, hit = drawn(rng, crossed=0.4, topic=2)
        with_topics += [hit[r["document"]] for r in changed_documents(fit, guess, NAMES, topics=topics)]
        without += [hit[r["document"]] for r in changed_documents(fit, guess, NAMES)]
    assert np.mean(with_topics) > 0.9
    assert np.mean(without) < np.mean(with_topics) - 0.05


def test_odd_labels_that_were_as_odd_before_are_hardly_listed():
    rng = np.random.default_rng(3)
    listed = sum(len(changed_documents(*drawn(rng)[:2], NAMES, n_documents=5000)) for _ in range(10))
    assert listed <= 50  # of 20,000 current texts


def test_rows_say_what_was_expected_and_how_likely_the_label_was():
    fit, guess, _, _ = drawn(np.random.default_rng(4), crossed=0.2)
    for row in changed_documents(fit, guess, NAMES, documents=np.arange(2000) + 100):
        place = 2000 + row["document"] - 100
        label = NAMES[int(fit.label[place, 0])]
        probability = guess[place, 0] if label == "good" else 1 - guess[place, 0]
        assert (row["window"], row["label"]) == ("current", label)
        assert row["expected_label"] != label
        assert row["probability"] == pytest.approx(probability)
        assert row["expected_probability"] == pytest.approx(1 - probability)


def test_labels_that_are_not_modelled_are_one_column_of_the_rest():
    fit, guess, _, _ = drawn(np.random.default_rng(5), 30)
    names, shares, guesses = label_shares(fit, guess, ("bad", "good", "odd"))
    assert names == ("good", None)
    np.testing.assert_allclose(shares.sum(axis=1), 1)
    np.testing.assert_allclose(guesses.sum(axis=1), 1)
    assert label_shares(fit, guess, NAMES)[0] == ("good", "bad")


def test_the_reference_guess_knows_no_current_label():
    rng = np.random.default_rng(6)
    points = rng.normal(size=(400, 3))
    codes = (points[:, 0] > 0).astype(int)

    def guess(current):
        windows = [
            LabelledEmbeddings(Embeddings(points[rows], "toy"), np.eye(2)[labels], NAMES)
            for rows, labels in ((slice(200), codes[:200]), (slice(200, 400), current))
        ]
        texts = pool(*windows, n_folds=5, n_components=3, rng=np.random.default_rng(0))
        return texts, reference_guess(texts, [1])

    texts, plain = guess(codes[200:])
    assert plain.shape == (400, 1)
    assert ((plain[:, 0] > 0.5) == (codes > 0)).mean() > 0.95
    # Other labels of the current window deal other folds, and change nothing else.
    _, turned = guess(1 - codes[200:])
    assert np.abs(turned - plain)[200:].mean() < 0.05
    assert texts.is_current.sum() == 200


def test_nothing_is_listed_where_a_window_lacks_a_label():
    fit, guess, _, _ = drawn(np.random.default_rng(7), 50)
    fit.label[:50] = 1.0
    assert changed_documents(fit, guess, NAMES) == ()
