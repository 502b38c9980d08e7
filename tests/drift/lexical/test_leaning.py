from __future__ import annotations

import numpy as np
import pytest
from nltk.probability import ConditionalFreqDist
from scipy import sparse

from textdrift.drift.lexical.leaning import LabelledCounts, leaning_words, words_by_label
from textdrift.errors import WindowError
from textdrift.tokens.token_counts import TokenCounts

LABELS = ("negative", "positive")


def labelled(documents: list[str], labels: list[str | None], terms: tuple[str, ...]) -> LabelledCounts:
    counts = np.array([[text.split().count(term) for term in terms] for text in documents], dtype=np.int32)
    shares = np.array([[label == name for name in LABELS] for label in labels], dtype=float)
    return LabelledCounts(TokenCounts(sparse.csr_matrix(counts), terms), shares, LABELS)


def test_documents_are_counted_by_label_as_nltk_counts_them_one_by_one() -> None:
    rng = np.random.default_rng(0)
    terms = tuple("abcdef")
    documents = [" ".join(rng.choice(terms, size=5)) for _ in range(40)]
    labels = [LABELS[i] if i < 2 else None for i in rng.integers(0, 3, size=40)]
    one_by_one = ConditionalFreqDist(
        (label, term)
        for text, label in zip(documents, labels, strict=True)
        for term in set(text.split())
        if label is not None
    )
    assert words_by_label(labelled(documents, labels, terms)) == one_by_one


def test_a_document_whose_copies_disagree_counts_in_parts() -> None:
    counts = TokenCounts(sparse.csr_matrix([[2, 0], [1, 1]]), ("a", "b"))
    by_label = words_by_label(LabelledCounts(counts, np.array([[0.25, 0.75], [1.0, 0.0]]), LABELS))
    assert by_label["negative"]["a"] == 1.25
    assert by_label["positive"]["a"] == 0.75
    assert by_label["positive"]["b"] == 0


def test_a_word_leans_on_the_label_whose_documents_hold_it() -> None:
    terms = ("!!", "awful", "film", "lovely", "rare")
    documents = ["awful film !!"] * 30 + ["lovely film"] * 30 + ["lovely rare"] * 4
    labels = ["negative"] * 30 + ["positive"] * 34
    leaning = leaning_words([labelled(documents, labels, terms)])
    assert {(terms[term], LABELS[label]) for term, label in np.argwhere(leaning)} == {
        ("awful", "negative"),
        ("lovely", "positive"),
    }


def test_a_word_leans_on_one_of_three_labels_at_most() -> None:
    label = np.repeat([0, 1, 2], [40, 40, 40])
    held = np.where(label < 2, np.arange(120) % 40 < np.array([36, 30, 0])[label], False)
    counts = TokenCounts(sparse.csr_matrix(held[:, None].astype(np.int32)), ("word",))
    leaning = leaning_words([LabelledCounts(counts, np.eye(3)[label], ("a", "b", "c"))])
    assert leaning.tolist() == [[True, False, False]]


def test_a_word_of_one_window_does_not_lean_on_the_label_of_that_window() -> None:
    # "new" stands in half of the current documents of either label; most current documents are negative.
    def window(n_negative: int, n_positive: int, *, new: bool) -> LabelledCounts:
        label = np.repeat([0, 1], [n_negative, n_positive])
        held = (np.arange(len(label)) % 2 == 0) & new
        counts = TokenCounts(sparse.csr_matrix(np.column_stack([held, ~held]).astype(np.int32)), ("new", "old"))
        return LabelledCounts(counts, np.eye(2)[label], LABELS)

    reference, current = window(20, 80, new=False), window(80, 20, new=True)
    assert not leaning_words([reference, current]).any()
    together = LabelledCounts(
        TokenCounts(sparse.vstack([reference.counts.counts, current.counts.counts], format="csr"), ("new", "old")),
        np.vstack([reference.shares, current.shares]),
        LABELS,
    )
    assert leaning_words([together]).any()


def test_a_window_without_labels_teaches_nothing() -> None:
    terms = ("awful", "lovely")
    window = labelled(["awful"] * 20 + ["lovely"] * 20, ["negative"] * 20 + ["positive"] * 20, terms)
    unlabelled = labelled(["awful lovely"] * 30, [None] * 30, terms)
    assert leaning_words([window, unlabelled]).tolist() == leaning_words([window]).tolist()
    assert not leaning_words([unlabelled]).any()


def test_windows_without_terms_or_labels_have_no_leaning_words() -> None:
    counts = TokenCounts(sparse.csr_matrix((3, 0), dtype=np.int32), ())
    assert leaning_words([LabelledCounts(counts, np.zeros((3, 2)), LABELS)]).shape == (0, 2)
    counts = TokenCounts(sparse.csr_matrix((3, 1), dtype=np.int32), ("a",))
    assert leaning_words([LabelledCounts(counts, np.zeros((3, 0)), ())]).shape == (1, 0)


@pytest.mark.parametrize(
    ("shares", "names", "message"),
    [
        (np.eye(3), LABELS, r"shape \(documents, labels\) = \(2, 2\); got \(3, 3\)"),
        (np.eye(2), ("a", "a"), "distinct"),
        (np.array([[np.nan, np.nan], [0.0, 1.0]]), LABELS, "a row of zeros"),
        (np.array([[-0.5, 0.5], [0.0, 1.0]]), LABELS, "not negative"),
        (np.array([[1.0, 1.0], [0.0, 1.0]]), LABELS, "sum to at most 1"),
    ],
)
def test_shares_that_do_not_belong_are_refused(shares, names, message: str) -> None:
    with pytest.raises(WindowError, match=message):
        LabelledCounts(TokenCounts(sparse.csr_matrix((2, 1), dtype=np.int32), ("a",)), shares, names)


def test_documents_and_labels_can_be_chosen() -> None:
    window = labelled(["a", "b", "a b"], ["negative", "positive", None], ("a", "b"))
    assert window.n_labelled == 2
    assert window.of_labels(np.array([1])).n_labelled == 1
    assert window.taken(np.array([2, 1])).shares.tolist() == [[0, 0], [0, 1]]
    assert len(window.taken(np.array([2, 1]))) == 2
