import numpy as np
import pytest
from scipy import sparse

from textdrift.drift.concept.labelled import LabelledEmbeddings, check_comparable
from textdrift.embeddings.embeddings import Embeddings
from textdrift.errors import EmbeddingsError, WindowError
from textdrift.tokens.token_counts import TokenCounts

NAMES = ("bad", "good", "odd")


def points(n, d=2, encoder="toy"):
    return Embeddings(np.arange(n * d, dtype=float).reshape(n, d), encoder)


def test_copies_of_a_text_are_one_row_with_the_share_of_each_label():
    labels = np.array(["good", "bad", "good", "odd"], dtype=object)
    window = LabelledEmbeddings.from_rows(points(2), np.array([0, 0, 0, 1]), labels, NAMES)
    np.testing.assert_allclose(window.shares, [[1 / 3, 2 / 3, 0], [0, 0, 1]])
    assert window.labels.tolist() == ["good", "odd"]


def test_equal_shares_go_to_the_first_name_whatever_the_order_of_the_copies():
    for order in (["odd", "good"], ["good", "odd"]):
        window = LabelledEmbeddings.from_rows(points(1), np.zeros(2, int), np.array(order, dtype=object), NAMES)
        assert window.labels.tolist() == ["good"]


def test_texts_without_a_label_are_left_out_with_their_words_and_scores():
    counts = TokenCounts(sparse.csr_matrix(np.array([[1, 0], [0, 2], [3, 0]], dtype=np.int32)), ("a", "b"))
    labels = np.array([None, "good", "unknown", "bad"], dtype=object)
    window = LabelledEmbeddings.from_rows(
        points(3), np.array([0, 1, 0, 2]), labels, NAMES, counts=counts, scores=np.array([[0.0], [1.0], [2.0]])
    )
    assert len(window) == 2
    assert window.embeddings.points.tolist() == [[2, 3], [4, 5]]
    assert window.counts.counts.toarray().tolist() == [[0, 2], [3, 0]]
    assert window.scores.tolist() == [[1], [2]]


def test_take_keeps_rows_together():
    counts = TokenCounts(sparse.csr_matrix(np.eye(3, dtype=np.int32)), ("a", "b", "c"))
    window = LabelledEmbeddings(points(3), np.eye(3), NAMES, counts, np.arange(3.0)[:, None])
    taken = window.take(np.array([2, 0]))
    assert taken.labels.tolist() == ["odd", "bad"]
    assert taken.counts.counts.toarray().tolist() == [[0, 0, 1], [1, 0, 0]]
    assert taken.scores.tolist() == [[2], [0]]


def test_no_label_at_all_is_refused_with_the_names():
    with pytest.raises(WindowError, match=r"no text carries one of the labels.*'bad'"):
        LabelledEmbeddings.from_rows(points(1), np.array([0]), np.array([None], dtype=object), NAMES)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"shares": np.eye(3)[:2]}, "one row per embedded text"),
        ({"label_names": ("good", "bad", "odd")}, "sorted and distinct"),
        ({"shares": np.full((3, 3), 0.5)}, "sum to 1"),
        ({"counts": TokenCounts(sparse.csr_matrix((2, 1)), ("a",))}, "one row per embedded text: 3; got 2"),
        ({"scores": np.array([[0.0], [-np.inf], [0.0]])}, "clip log-probabilities"),
        ({"scores": np.zeros(3)}, r"shape \(3, q\)"),
    ],
)
def test_rows_that_do_not_belong_together_are_refused(change, said):
    given = {"embeddings": points(3), "shares": np.eye(3), "label_names": NAMES} | change
    with pytest.raises(WindowError, match=said):
        LabelledEmbeddings(**given)


def test_windows_of_other_encoders_or_labels_are_refused():
    window = LabelledEmbeddings(points(3), np.eye(3), NAMES)
    check_comparable(window, window)
    with pytest.raises(EmbeddingsError, match="encode both with one encoder"):
        check_comparable(window, LabelledEmbeddings(points(3, encoder="other"), np.eye(3), NAMES))
    with pytest.raises(EmbeddingsError, match="by 'toy' in 4; encode"):
        check_comparable(window, LabelledEmbeddings(points(3, d=4), np.eye(3), NAMES))
    with pytest.raises(WindowError, match="both windows hold"):
        check_comparable(window, LabelledEmbeddings(points(3), np.eye(3), ("bad", "good", "x")))
    with pytest.raises(WindowError, match="0 scores a text, the current window 1"):
        check_comparable(window, LabelledEmbeddings(points(3), np.eye(3), NAMES, None, np.zeros((3, 1))))
    words = [TokenCounts(sparse.csr_matrix((3, 1)), (term,)) for term in "ab"]
    with pytest.raises(WindowError, match="one vocabulary"):
        check_comparable(*(LabelledEmbeddings(points(3), np.eye(3), NAMES, counts) for counts in words))


def test_copies_are_counted_label_by_label_whatever_lies_between_them():
    labels = np.array(["bad", None, "good", "good", "unknown", "bad", "bad"], dtype=object)
    window = LabelledEmbeddings.from_rows(points(2), np.array([1, 0, 1, 0, 1, -1, 1]), labels, NAMES)
    np.testing.assert_allclose(window.shares, [[0, 1, 0], [2 / 3, 1 / 3, 0]])
    assert window.labels.tolist() == ["good", "bad"]


def test_whole_numbers_become_shares_and_the_given_array_is_left_alone():
    shares = np.eye(3, dtype=np.int64)
    window = LabelledEmbeddings(points(3), shares, NAMES)
    assert window.shares.dtype == np.float64
    assert shares.dtype == np.int64
    assert len(window) == 3
