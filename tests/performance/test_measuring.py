import json

import numpy as np
import pytest
from sklearn import metrics

from textdrift.errors import SettingsError, WindowError
from textdrift.performance.measuring import measure
from textdrift.performance.scored_rows import ScoredRows
from textdrift.stats.contingency import share_difference_interval, wilson_intervals

NAMES = ("bad", "fair", "good")


def window(labels, predictions, *, names=NAMES, probabilities=None, documents=None):
    n = len(labels)
    return ScoredRows(
        label_names=names,
        labels=np.asarray(labels),
        predictions=np.asarray(predictions),
        probabilities=probabilities,
        documents=np.arange(n) if documents is None else np.asarray(documents),
        rows=np.arange(n),
    )


def draw(n, rng, *, k=3, temper=1.0):
    logits = rng.normal(size=(n, k)) * 1.5
    labels = (logits + rng.gumbel(size=(n, k))).argmax(axis=1)
    said = np.exp(temper * logits)
    said /= said.sum(axis=1, keepdims=True)
    return window(labels, said.argmax(axis=1), names=NAMES[:k], probabilities=said)


def twice(rows):
    """Every row again, as a copy of its document."""
    order = np.repeat(np.arange(len(rows)), 2)
    return rows.where(order)


def finite_or_none(value):
    if isinstance(value, dict):
        return all(finite_or_none(v) for v in value.values())
    if isinstance(value, (list, tuple)):
        return all(finite_or_none(v) for v in value)
    return not isinstance(value, float) or np.isfinite(value)


@pytest.mark.parametrize("k", [2, 3])
def test_figures_are_those_of_scikit_learn(k):
    rng = np.random.default_rng(0)
    windows = draw(400, rng, k=k), draw(250, rng, k=k, temper=2.0)
    measured = measure(*windows)
    for side, rows in zip(("reference", "current"), windows, strict=True):

        def ours(metric, label=None, side=side):
            return getattr(measured.row(metric, label), side).value

        y, predicted = rows.labels, rows.predictions
        assert ours("accuracy") == pytest.approx(metrics.accuracy_score(y, predicted))
        assert ours("macro_f1") == pytest.approx(metrics.f1_score(y, predicted, average="macro"))
        precision, recall, f1, support = metrics.precision_recall_fscore_support(y, predicted)
        for c, name in enumerate(rows.label_names):
            assert ours("precision", name) == pytest.approx(precision[c])
            assert ours("recall", name) == pytest.approx(recall[c])
            assert ours("f1", name) == pytest.approx(f1[c])
            assert ours("support", name) == pytest.approx(support[c] / len(y))
        assert ours("log_loss") == pytest.approx(metrics.log_loss(y, rows.probabilities))
        event = rows.probabilities[:, 1] if k == 2 else rows.probabilities
        assert ours("brier_score") == pytest.approx(metrics.brier_score_loss(y, event))
        n_recall = measured.row("recall", "bad").n_documents[side == "current"]
        assert n_recall == support[0]


def test_the_confusion_is_the_share_of_documents_of_each_pair():
    rows = window([0, 0, 1, 2], [0, 1, 1, 2], documents=[5, 5, 6, 7])
    reference, current = measure(rows, window([0], [2])).confusion
    np.testing.assert_allclose(reference * 3, [[0.5, 0.5, 0], [0, 1, 0], [0, 0, 1]])
    assert current[0, 2] == 1.0
    assert current.sum() == 1.0


def test_one_row_a_document_gives_wilson_and_newcombe():
    rng = np.random.default_rng(1)
    reference, current = draw(80, rng), draw(70, rng)
    row = measure(reference, current).row("accuracy")
    hits = [int((rows.labels == rows.predictions).sum()) for rows in (reference, current)]
    low, high = wilson_intervals(hits[0] / 80, 80)
    assert (row.reference.low, row.reference.high) == pytest.approx((float(low), float(high)))
    assert (row.change.low, row.change.high) == pytest.approx(share_difference_interval(hits[0], 80, hits[1], 70))


def test_copies_of_a_text_count_once():
    rng = np.random.default_rng(2)
    reference, current = draw(60, rng), draw(50, rng)
    once, again = measure(reference, current).described(), measure(twice(reference), twice(current)).described()
    assert once["n_reference"] == again["n_reference"] == 60
    for row, copy in zip(once["rows"], again["rows"], strict=True):
        for side in ("reference", "current", "change"):
            assert list(copy[side].values()) == pytest.approx(list(row[side].values()))


def test_twenty_right_of_twenty_are_not_certain():
    labels = np.arange(20) % 2
    certain = np.eye(2)[labels]
    rows = window(labels, labels, names=NAMES[:2], probabilities=certain)
    measured = measure(rows, rows)
    assert measured.row("accuracy").reference.low == pytest.approx(0.839, abs=0.001)
    for row in measured.rows:
        for figure in (row.reference, row.current, row.change):
            assert figure.high - figure.low > 0.05
    assert measured.row("recall", "bad").reference.low == pytest.approx(0.722, abs=0.001)
    assert measured.row("macro_f1").reference.low < 0.85
    assert measured.row("log_loss").reference.high > 0.5
    assert measured.row("brier_score").reference.high > 0.02
    assert measured.row("calibration_error").reference.high == pytest.approx(0.161, abs=0.001)


def test_a_class_of_two_documents_does_not_make_the_macro_f1_certain():
    labels = np.repeat([0, 1], [1000, 2])
    predictions = labels.copy()
    rows = window(labels, predictions, names=NAMES[:2])
    figure = measure(rows, rows).row("macro_f1").reference
    assert figure.value == 1.0
    assert figure.low < 0.75


def test_the_error_of_the_macro_f1_is_that_of_the_jackknife():
    rng = np.random.default_rng(3)
    rows = twice(draw(150, rng)).where(np.arange(300) != 7)
    relabelled = np.where(rng.random(len(rows)) < 0.2, 0, rows.labels)
    rows = window(relabelled, rows.predictions, documents=rows.documents)
    figure = measure(rows, rows).row("macro_f1").reference
    left_out = []
    for document in np.unique(rows.documents):
        kept = rows.where(rows.documents != document)
        left_out.append(metrics.f1_score(kept.labels, kept.predictions, average="macro", sample_weight=kept.weights))
    n = len(left_out)
    error = np.sqrt((n - 1) / n * ((np.array(left_out) - np.mean(left_out)) ** 2).sum())
    assert (figure.high - figure.low) / (2 * 1.96) == pytest.approx(error, rel=0.06)


def test_a_class_absent_from_one_window_has_no_figure_there_and_a_reason():
    reference, current = window([0, 0, 1, 1, 2], [0, 0, 1, 1, 2]), window([0, 0, 1, 1], [0, 1, 1, 2])
    measured = measure(reference, current)
    recall = measured.row("recall", "good")
    assert recall.current.value is recall.change.value is None
    assert recall.reference.value == 1.0
    assert recall.reason == "no document of the current window carries this label"
    assert measured.row("f1", "good").current.value is None
    assert measured.row("precision", "good").current.value == 0.0
    assert measured.row("support", "good").current.value == 0.0
    # Over the two classes that both windows hold, so that the change is one of the model.
    assert measured.row("macro_f1").reference.value == 1.0
    assert measured.row("macro_f1").current.value == pytest.approx((2 / 3 + 1 / 2) / 2)


def test_a_class_never_predicted_has_no_precision():
    row = measure(window([0, 1], [0, 0]), window([0, 1], [0, 1])).row("precision", "fair")
    assert row.reference.value is None
    assert row.reason == "the model predicts this label for no document of the reference window"


def test_windows_of_one_other_label_each_have_no_macro_f1():
    measured = measure(window([0] * 12, [0] * 12), window([1] * 12, [1] * 12))
    assert measured.row("macro_f1").reason == "no label is carried by documents of both windows"
    assert measured.row("accuracy").change.value == 0.0
    assert "Every reference document that could be used carries the label 'bad'." in measured.notes
    assert finite_or_none(measured.described())


def test_notes_tell_how_many_rows_lacked_a_label_or_a_prediction():
    labels = np.where(np.arange(100) < 90, -1, np.arange(100) % 2)
    predictions = np.where(np.arange(100) == 99, -1, np.arange(100) % 2)
    measured = measure(window(labels, predictions), window([0, 1], [0, 1]))
    assert measured.n_documents == (9, 2)
    assert measured.notes == (
        "Of 100 reference rows 90 lack a label and 1 lacks a prediction; its figures stand on 9 documents.",
    )


@pytest.mark.parametrize("n", [0, 1, 2, 12])
def test_tiny_windows_give_plain_json(n):
    rng = np.random.default_rng(4)
    few = draw(12, rng).where(np.arange(12) < n)
    for windows in ((few, draw(12, rng)), (draw(12, rng), few), (few, few)):
        described = measure(*windows).described()
        assert finite_or_none(described)
        json.dumps(described, allow_nan=False)
        if n == 0:
            missing = [row for row in described["rows"] if row["change"]["value"] is None]
            assert len(missing) == len(described["rows"])
            assert all(row["reason"] for row in missing)


def test_probabilities_of_one_window_are_measured_there_alone():
    rng = np.random.default_rng(5)
    reference, current = draw(50, rng), draw(50, rng)
    current = window(current.labels, current.predictions)
    row = measure(reference, current).row("brier_score")
    assert row.reference.value is not None
    assert row.current.value is None
    assert row.reason == "no labelled and predicted document of the current window has probabilities"
    assert not [r for r in measure(current, current).rows if r.metric == "brier_score"]


def test_rows_without_probabilities_are_told_and_left_out():
    rng = np.random.default_rng(6)
    rows = draw(40, rng)
    holes = np.where(np.arange(40)[:, None] < 5, np.nan, rows.probabilities)
    measured = measure(window(rows.labels, rows.predictions, probabilities=holes), rows)
    assert measured.row("log_loss").n_documents == (35, 40)
    assert measured.notes[0].startswith("5 of 40 reference rows with a label and a prediction lack probabilities")


def test_a_probability_of_zero_for_the_truth_is_finite_and_told():
    rows = window([0, 1], [0, 0], names=NAMES[:2], probabilities=np.array([[1.0, 0], [1, 0]]))
    measured = measure(rows, rows)
    assert measured.row("log_loss").reference.value == pytest.approx(-np.log(1e-15) / 2)
    assert "1 reference rows" in measured.notes[0]


def test_windows_of_other_labels_and_levels_outside_are_refused():
    rows = window([0, 1], [0, 1])
    with pytest.raises(WindowError, match="build both with the labels of both windows"):
        measure(rows, window([0, 1], [0, 1], names=NAMES[:2]))
    with pytest.raises(SettingsError, match="level"):
        measure(rows, rows, level=5)
    with pytest.raises(SettingsError, match="no figure"):
        measure(rows, rows).row("auc")


def test_a_smaller_level_gives_wider_intervals():
    rng = np.random.default_rng(7)
    windows = draw(80, rng), draw(80, rng)
    for narrow, wide in zip(measure(*windows, level=0.2).rows, measure(*windows, level=0.01).rows, strict=True):
        assert wide.change.high - wide.change.low > narrow.change.high - narrow.change.low


def test_many_classes_cost_no_table_of_documents_times_classes():
    rng = np.random.default_rng(8)
    n, k = 20_000, 500
    labels = rng.integers(0, k, n)
    predictions = np.where(rng.random(n) < 0.7, labels, rng.integers(0, k, n))
    rows = window(labels, predictions, names=tuple(f"{c:03}" for c in range(k)))
    assert measure(rows, rows).row("accuracy").reference.value == pytest.approx(np.mean(labels == predictions))
