import numpy as np
import pytest

from textdrift.performance.calibration_error import brier_score, calibration_error, log_loss, with_probabilities
from textdrift.performance.scored_rows import ScoredRows


def binary(said, labels, documents=None):
    n = len(said)
    return ScoredRows(
        label_names=("bad", "good"),
        labels=np.asarray(labels),
        predictions=(np.asarray(said) > 0.5).astype(int),
        probabilities=np.column_stack([1 - np.asarray(said), said]),
        documents=np.arange(n) if documents is None else documents,
        rows=np.arange(n),
    )


def draw(n, rng, *, too_sure=0.0):
    said = rng.uniform(0.5 + too_sure, 1.0, n)
    return binary(said, (rng.random(n) < said - too_sure).astype(int))


def test_the_error_is_that_of_the_bins_written_out():
    rng = np.random.default_rng(0)
    said = np.sort(rng.uniform(0.5, 1.0, 60))
    labels = (rng.random(60) < said**2).astype(int)
    # Six bins of ten; in each (mean gap)^2 less the variance of a mean gap.
    square = 0.0
    for start in range(0, 60, 10):
        gaps = labels[start : start + 10] - said[start : start + 10]
        square += (gaps.mean() ** 2 - gaps.var(ddof=1) / 10) / 6
    assert square > 0
    order = rng.permutation(60)
    assert calibration_error(binary(said[order], labels[order]), confidence=0.95)[0] == pytest.approx(np.sqrt(square))


@pytest.mark.parametrize("n", [50, 400])
def test_chance_alone_makes_no_calibration_error_on_average(n):
    rng = np.random.default_rng(1)
    # The value is a root held at 0, so look at its square against what plain bins would show.
    values = np.array([calibration_error(draw(n, rng), confidence=0.95)[0] for _ in range(200)])
    bins = min(15, n // 10)
    plain = np.mean(0.19) * bins / n
    assert np.mean(values**2) < 0.35 * plain
    assert np.mean(values == 0) > 0.3


def test_a_model_too_sure_by_a_tenth_errs_by_a_tenth():
    rng = np.random.default_rng(2)
    values = [calibration_error(draw(2000, rng, too_sure=0.1), confidence=0.95) for _ in range(20)]
    assert np.mean([value for value, _, _ in values]) == pytest.approx(0.1, abs=0.005)
    assert sum(low <= 0.1 <= high for _, low, high in values) >= 17


def test_equal_confidences_share_a_bin():
    rng = np.random.default_rng(3)
    said = np.full(300, 0.8)
    labels = (np.arange(300) < 180).astype(int)
    order = rng.permutation(300)
    gap = labels - said
    value, _, _ = calibration_error(binary(said[order], labels[order]), confidence=0.95)
    assert value == pytest.approx(np.sqrt(gap.mean() ** 2 - gap.var(ddof=1) / 300))


def test_copies_count_once():
    rng = np.random.default_rng(4)
    rows = draw(120, rng)
    copied = rows.where(np.repeat(np.arange(120), 3))
    for figure in (brier_score, log_loss, calibration_error):
        assert figure(copied, confidence=0.95) == pytest.approx(figure(rows, confidence=0.95))


def test_of_two_classes_the_brier_score_is_halved():
    rows = binary(np.array([0.9, 0.2]), np.array([1, 1]))
    assert brier_score(rows, confidence=0.95)[0] == pytest.approx((0.1**2 + 0.8**2) / 2)


def test_a_model_that_never_knows_has_a_certain_loss():
    rows = binary(np.full(30, 0.5), np.arange(30) % 2)
    assert log_loss(rows, confidence=0.95) == pytest.approx((np.log(2),) * 3)


def test_rows_of_zeros_or_nan_have_no_probabilities():
    rows = binary(np.array([0.9, 0.2, 0.3]), np.array([1, 1, 0]))
    rows.probabilities[1] = 0.0
    rows.probabilities[2] = np.nan
    assert with_probabilities(rows).tolist() == [True, False, False]
