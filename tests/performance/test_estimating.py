"""Accuracy without labels: right where texts alone moved, honest where it cannot be, and never without its limits."""

import json

import numpy as np
import pytest
from scipy.special import expit, softmax

from textdrift.errors import WindowError
from textdrift.performance.estimating import estimate_accuracy
from textdrift.performance.scored_rows import ScoredRows

NAMES = ("negative", "positive")


def rows(labels, predictions, probabilities, *, documents=None, names=NAMES):
    n = len(labels)
    return ScoredRows(
        label_names=names,
        labels=np.asarray(labels),
        predictions=np.asarray(predictions),
        probabilities=probabilities,
        documents=np.arange(n) if documents is None else documents,
        rows=np.arange(n),
    )


def drawn(rng, n, *, moved=0.0, spread=2.0, temperature=2.0, threshold=0.5, flipped=0.0):
    """Draw a window: the label follows the score, the model knows the score and boasts."""
    score = spread * rng.normal(size=n) + moved
    labels = (rng.random(n) < expit(score)).astype(int)
    labels = np.where(rng.random(n) < flipped, 1 - labels, labels)
    said = expit(temperature * score)
    return rows(labels, (said > threshold).astype(int), np.column_stack([1 - said, said]))


def accuracy(window):
    return float((window.labels == window.predictions).mean())


def without_labels(window):
    return rows(np.full(len(window), -1), window.predictions, window.probabilities, documents=window.documents)


def estimated(reference, current, *, std_shift=0.0, seed=1):
    return estimate_accuracy(reference, current, std_shift=std_shift, rng=np.random.default_rng(seed))


@pytest.mark.parametrize("spread", [2.0, 0.7, 4.0])
def test_a_boasting_model_is_seen_through_where_texts_become_harder_or_easier(spread):
    rng = np.random.default_rng(1)
    reference, current = drawn(rng, 2000), drawn(rng, 4000, spread=spread)
    found = estimated(reference, without_labels(current))
    assert found.accuracy.value == pytest.approx(accuracy(current), abs=0.025)
    assert found.accuracy.low <= accuracy(current) <= found.accuracy.high
    assert current.probabilities.max(axis=1).mean() > accuracy(current) + 0.04  # what the model believes of itself


def test_thresholded_confidence_is_the_share_above_the_threshold_that_the_reference_sets():
    rng = np.random.default_rng(24)
    reference, current = drawn(rng, 3000), drawn(rng, 3000, spread=2.5)
    found = estimated(reference, without_labels(current))
    # Of two classes and one temperature entropy falls as confidence rises: no calibration is needed to rank.
    threshold = np.quantile(reference.probabilities.max(axis=1), 1 - accuracy(reference))
    assert found.second_accuracy == pytest.approx((current.probabilities.max(axis=1) >= threshold).mean(), abs=0.015)
    assert found.second_accuracy == pytest.approx(accuracy(current), abs=0.04)


def test_a_moved_threshold_is_handled():
    rng = np.random.default_rng(2)
    reference, current = drawn(rng, 3000), drawn(rng, 3000, threshold=0.97)
    assert accuracy(current) < accuracy(reference) - 0.03
    found = estimated(reference, without_labels(current))
    assert found.accuracy.value == pytest.approx(accuracy(current), abs=0.02)
    assert found.second_accuracy == pytest.approx(accuracy(current), abs=0.04)


def test_without_predictions_the_most_probable_class_is_taken_and_a_note_says_so():
    rng = np.random.default_rng(3)
    reference, current = drawn(rng, 500), drawn(rng, 500)
    bare = rows(current.labels, np.full(500, -1), current.probabilities)
    found, given = estimated(reference, bare), estimated(reference, current)
    assert found.accuracy == given.accuracy
    assert any("most probable class was taken" in note for note in found.notes)


def test_expected_confusion_and_recall_are_those_of_the_labels():
    rng = np.random.default_rng(4)
    reference, current = drawn(rng, 4000, temperature=0.5), drawn(rng, 4000, moved=1.0, temperature=0.5)
    found = estimated(reference, without_labels(current)).confusion
    counted = np.zeros((2, 2))
    np.add.at(counted, (current.labels, current.predictions), 1 / 4000)
    assert found.shares == pytest.approx(counted, abs=0.02)
    for c, row in enumerate(found.by_class()):
        recall, precision = counted[c, c] / counted[c].sum(), counted[c, c] / counted[:, c].sum()
        assert row["recall"]["low"] <= recall <= row["recall"]["high"]
        assert row["precision"]["low"] <= precision <= row["precision"]["high"]
        assert row["f1"] == pytest.approx(2 * recall * precision / (recall + precision), abs=0.03)


def test_three_classes_and_one_that_the_model_does_not_know():
    rng = np.random.default_rng(5)

    def window(n):
        score = 2 * rng.normal(size=(n, 3))
        labels = (rng.random(n)[:, None] > softmax(score, axis=1).cumsum(axis=1)).sum(axis=1).clip(0, 2)
        labels = np.where(rng.random(n) < 0.1, 3, labels)
        said = np.column_stack([softmax(2 * score, axis=1), np.zeros(n)])
        return rows(labels, said.argmax(axis=1), said, names=("a", "b", "c", "new"))

    reference, current = window(2000), window(2000)
    found = estimated(reference, without_labels_of(current))
    assert found.accuracy.value == pytest.approx(accuracy(current), abs=0.03)
    by_class = {row["label"]: row for row in found.confusion.by_class()}
    assert by_class["new"]["share"] == pytest.approx(0.1, abs=0.02)
    assert by_class["new"]["recall"]["value"] == 0.0
    assert by_class["new"]["precision"] is None


def without_labels_of(window):
    return ScoredRows(
        label_names=window.label_names,
        labels=np.full(len(window), -1),
        predictions=window.predictions,
        probabilities=window.probabilities,
        documents=window.documents,
        rows=window.rows,
    )


def test_it_says_first_that_it_cannot_see_concept_drift_and_indeed_does_not():
    rng = np.random.default_rng(6)
    reference, current = drawn(rng, 2000), drawn(rng, 2000, flipped=0.2)
    found = estimated(reference, without_labels(current))
    assert found.accuracy.value > accuracy(current) + 0.08
    assert "cannot see concept drift" in found.notes[0]


def test_labels_of_the_current_window_refute_an_estimate_that_concept_drift_made_wrong():
    rng = np.random.default_rng(7)
    reference, current = drawn(rng, 2000), drawn(rng, 2000, flipped=0.2)
    some = rows(np.where(np.arange(2000) < 400, current.labels, -1), current.predictions, current.probabilities)
    found = estimated(reference, some)
    assert found.on_labelled.n_documents == 400
    assert found.on_labelled.measured == accuracy(current.where(np.arange(2000) < 400))
    assert found.on_labelled.contradicted
    assert "contradicted" in found.flags
    assert "concept drift" in found.on_labelled.sentence
    assert "Do not rely on it" in found.sentence


def test_labels_agree_with_the_estimate_where_only_texts_moved():
    rng = np.random.default_rng(8)
    found = estimated(drawn(rng, 2000), drawn(rng, 400, spread=1.0))
    assert not found.on_labelled.contradicted
    assert "agrees with the labels" in found.on_labelled.sentence


def test_labels_of_the_current_window_are_never_used_for_the_estimate():
    rng = np.random.default_rng(9)
    reference, current = drawn(rng, 500), drawn(rng, 500, flipped=0.3)
    assert estimated(reference, current).accuracy == estimated(reference, without_labels(current)).accuracy


@pytest.mark.parametrize("n_labelled", [0, 19])
def test_without_labels_in_the_reference_it_is_the_mean_confidence_and_says_so(n_labelled):
    rng = np.random.default_rng(10)
    reference, current = drawn(rng, 300), drawn(rng, 300)
    few = rows(np.where(np.arange(300) < n_labelled, reference.labels, -1), reference.predictions,
               reference.probabilities)  # fmt: skip
    found = estimated(few, current)
    assert found.accuracy.value == pytest.approx(current.probabilities.max(axis=1).mean(), abs=1e-5)
    assert (found.accuracy.low, found.accuracy.high) == (0.0, 1.0)
    assert "uncalibrated" in found.flags
    assert found.second_accuracy is None
    assert "not an estimate of the accuracy" in found.sentence
    assert any("mean confidence" in note for note in found.notes)


def test_one_label_in_the_reference_cannot_correct_probabilities():
    rng = np.random.default_rng(11)
    reference, current = drawn(rng, 300), drawn(rng, 300)
    found = estimated(rows(np.ones(300, dtype=int), reference.predictions, reference.probabilities), current)
    assert "uncalibrated" in found.flags
    assert any("'positive'" in note for note in found.notes)


def test_a_reference_without_probabilities_is_said_to_have_none():
    rng = np.random.default_rng(12)
    reference, current = drawn(rng, 300), drawn(rng, 300)
    found = estimated(rows(reference.labels, reference.predictions, None), current)
    assert "uncalibrated" in found.flags


def test_a_current_window_without_probabilities_is_an_error_that_says_what_to_do():
    rng = np.random.default_rng(13)
    reference, current = drawn(rng, 300), drawn(rng, 300)
    with pytest.raises(WindowError, match="probabilities="):
        estimated(reference, rows(current.labels, current.predictions, None))


def test_classes_in_another_order_are_an_error():
    rng = np.random.default_rng(14)
    reference, current = drawn(rng, 300), drawn(rng, 300)
    turned = rows(1 - current.labels, 1 - current.predictions, current.probabilities[:, ::-1], names=NAMES[::-1])
    with pytest.raises(WindowError, match="differently"):
        estimated(reference, turned)


def test_rows_without_a_prediction_or_probabilities_are_left_out_with_a_note():
    rng = np.random.default_rng(15)
    reference, current = drawn(rng, 300), drawn(rng, 300)
    probabilities = current.probabilities.copy()
    probabilities[:3] = np.nan
    probabilities[3] = 0.0
    predictions = current.predictions.copy()
    predictions[4:6] = -1
    found = estimated(reference, rows(current.labels, predictions, probabilities))
    assert found.confusion.n_documents == 294
    assert any(note.startswith("6 of 300 rows of the current window") for note in found.notes)


def test_certain_probabilities_are_survived():
    rng = np.random.default_rng(16)

    def window(n):
        labels = rng.integers(0, 2, n)
        predictions = np.where(rng.random(n) < 0.8, labels, 1 - labels)
        return rows(labels, predictions, np.column_stack([1.0 - predictions, predictions]).astype(float))

    found = estimated(window(1000), window(1000))
    assert found.accuracy.value == pytest.approx(0.8, abs=0.04)


def test_a_perfect_model_is_not_certain():
    rng = np.random.default_rng(17)
    labels = rng.integers(0, 2, 200)
    said = np.column_stack([1.0 - labels, labels]).astype(float)
    accuracy_found = estimated(rows(labels, labels, said), rows(labels, labels, said)).accuracy
    assert 0.9 < accuracy_found.low < accuracy_found.value < 1.0


def test_copies_of_a_document_count_once():
    rng = np.random.default_rng(18)
    reference, current = drawn(rng, 300), drawn(rng, 300)
    copies = np.repeat(np.arange(300), np.where(np.arange(300) < 20, 15, 1))
    many = rows(*(a[copies] for a in (current.labels, current.predictions, current.probabilities)), documents=copies)
    once, often = estimated(reference, current).accuracy, estimated(reference, many).accuracy
    assert (often.value, often.low, often.high) == pytest.approx((once.value, once.low, once.high))


def test_predictions_of_another_model_are_noticed():
    rng = np.random.default_rng(19)
    reference = drawn(rng, 1000)
    shuffled = rows(reference.labels, reference.labels, reference.probabilities)  # always right, whatever was said
    assert "misfit" in estimated(shuffled, drawn(rng, 1000)).flags


def shy(rng, n, *, easy=0.5):
    """Draw a window of a model that is surest where it errs most: no scales and biases of its log odds say so."""
    is_easy = rng.random(n) < easy
    labels = rng.integers(0, 2, n)
    predictions = np.where(rng.random(n) < np.where(is_easy, 0.92, 0.7), labels, 1 - labels)
    said = np.where(is_easy, 0.55, 0.8) + 0.01 * rng.normal(size=n)
    return rows(labels, predictions, np.where(predictions == 1, [1 - said, said], [said, 1 - said]).T)


def test_where_the_probabilities_miss_the_references_accuracy_the_estimate_is_brought_to_it():
    rng = np.random.default_rng(22)
    covered, away = [], []
    for _ in range(40):
        reference, current = shy(rng, 1000), shy(rng, 1000)
        found = estimated(reference, without_labels(current))
        covered.append(found.accuracy.low <= accuracy(current) <= found.accuracy.high)
        away.append(found.accuracy.value - accuracy(current))
        assert "misfit" in found.flags  # it is told nevertheless: for other texts nothing follows
    assert np.mean(covered) >= 0.9
    assert abs(np.mean(away)) < 0.015  # the probabilities alone miss it by 0.17


def test_a_large_shift_of_the_texts_is_outside_support_and_an_unknown_one_is_told():
    rng = np.random.default_rng(20)
    reference, current = drawn(rng, 500), drawn(rng, 500)
    assert "outside_support" not in estimated(reference, current, std_shift=0.149).flags
    assert "outside_support" in estimated(reference, current, std_shift=0.15).flags
    assert any("not known" in note for note in estimated(reference, current, std_shift=None).notes)


def test_the_two_estimates_seldom_disagree_by_chance_and_do_where_the_scores_pile_up():
    rng = np.random.default_rng(21)
    by_chance = ["disagree" in estimated(drawn(rng, 100), drawn(rng, 300)).flags for _ in range(40)]
    assert np.mean(by_chance) <= 0.1
    assert "disagree" in estimated(drawn(rng, 2000, spread=2.0), drawn(rng, 2000, spread=0.3)).flags


def test_the_description_is_plain_json_and_of_stable_keys():
    rng = np.random.default_rng(22)
    for reference in (drawn(rng, 300), without_labels(drawn(rng, 300))):
        described = estimated(reference, drawn(rng, 300)).described()
        assert json.loads(json.dumps(described, allow_nan=False)) == described
        assert set(described) == {
            "accuracy", "second_accuracy", "reference_accuracy", "n_documents", "macro_f1", "by_class", "confusion",
            "on_labelled", "flags", "sentence", "notes",
        }  # fmt: skip


def test_one_seed_gives_one_answer():
    rng = np.random.default_rng(23)
    reference, current = drawn(rng, 300), drawn(rng, 300)
    assert estimated(reference, current).described() == estimated(reference, current).described()
