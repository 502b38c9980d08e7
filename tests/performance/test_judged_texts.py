import numpy as np
import pytest

from textdrift.errors import WindowError
from textdrift.performance.judged_texts import JudgedTexts
from textdrift.performance.scored_rows import ScoredRows


def rows_of(labels, predictions, documents, probabilities=None):
    return ScoredRows(
        label_names=("bad", "good"),
        labels=np.array(labels),
        predictions=np.array(predictions),
        probabilities=probabilities,
        documents=np.array(documents),
        rows=np.arange(len(labels)),
    )


def test_copies_are_one_text_with_the_share_of_right_ones():
    rows = rows_of([0, 0, 0, 1, -1, 1], [0, 0, 1, 1, 1, -1], [3, 3, 3, 1, 0, 2])
    texts = JudgedTexts.from_rows(np.arange(8.0).reshape(4, 2), rows)
    assert texts.right.tolist() == pytest.approx([1.0, 2 / 3])
    assert texts.points.tolist() == [[2.0, 3.0], [6.0, 7.0]]
    assert texts.scores.shape == (2, 0)


def test_confidence_is_the_mean_of_the_largest_probabilities_of_the_copies():
    said = np.array([[0.9, 0.1], [0.3, 0.7], [0.5, 0.5]])
    rows = rows_of([0, 0, 1], [0, 1, 0], [0, 0, 1], said)
    texts = JudgedTexts.from_rows(np.eye(2), rows, with_confidence=True)
    assert texts.scores.ravel().tolist() == pytest.approx([0.8, 0.5])


def test_a_window_without_labels_is_empty():
    texts = JudgedTexts.from_rows(np.eye(2), rows_of([-1, -1], [0, 1], [0, 1]))
    assert len(texts) == 0
    assert texts.accuracy == 0.0


def test_a_document_without_a_vector_is_refused():
    with pytest.raises(WindowError, match="need a vector each"):
        JudgedTexts.from_rows(np.eye(2), rows_of([0], [0], [2]))


@pytest.mark.parametrize(
    ("points", "right", "scores"),
    [
        (np.eye(2), np.ones(3), np.empty((0, 0))),
        (np.ones(2), np.ones(2), np.empty((0, 0))),
        (np.eye(2), np.ones(2), np.ones(2)),
        (np.eye(2), np.array([0.5, 1.5]), np.empty((0, 0))),
        (np.eye(2), np.array([0.5, np.nan]), np.empty((0, 0))),
        (np.full((2, 2), np.nan), np.ones(2), np.empty((0, 0))),
        (np.eye(2), np.ones(2), np.array([[1.0], [np.inf]])),
    ],
)
def test_rows_that_do_not_belong_together_are_refused(points, right, scores):
    with pytest.raises(WindowError):
        JudgedTexts(points, right, scores)
