import numpy as np
import pytest

from textdrift.drift.concept.labelled import LabelledEmbeddings
from textdrift.drift.concept.text_given_label import TextGivenLabel, within_label_statistics
from textdrift.embeddings.embeddings import Embeddings

RIDGES = (0.01, 0.1, 1.0, 10.0)


def window(counts, rng, *, moved=0.0, d=5):
    codes = np.repeat(np.arange(len(counts)), counts)
    points = rng.normal(size=(len(codes), d))
    points[:, 0] += 2 * codes
    points[:, 1] += moved
    names = ("bad", "good", "odd")[: len(counts)]
    return LabelledEmbeddings(Embeddings(points, "toy"), np.eye(len(counts))[codes], names)


def test_the_statistic_is_the_whitened_shift_written_out():
    rng = np.random.default_rng(0)
    points, codes, is_current = rng.normal(size=(20, 3)), np.arange(20) % 2, np.arange(20) >= 9
    ours = within_label_statistics(points, codes, is_current, 9, rng)
    assert ours.shape == (4, 10)
    within = np.array([x - points[codes == c].mean(axis=0) for x, c in zip(points, codes, strict=True)])
    covariance = within.T @ within / 20
    for row, ridge in enumerate(RIDGES):
        inverse = np.linalg.inv(covariance + ridge * np.trace(covariance) / 3 * np.eye(3))
        total = 0.0
        for c in (0, 1):
            before, after = points[(codes == c) & ~is_current], points[(codes == c) & is_current]
            shift = after.mean(axis=0) - before.mean(axis=0)
            total += len(before) * len(after) / (len(before) + len(after)) * shift @ inverse @ shift
        assert ours[row, 0] == pytest.approx(total, rel=1e-4)


def test_the_observed_statistic_does_not_know_the_order_of_the_rows():
    rng = np.random.default_rng(1)
    points, codes, is_current = rng.normal(size=(30, 3)), np.arange(30) % 3, np.arange(30) >= 15
    order = rng.permutation(30)
    one = within_label_statistics(points, codes, is_current, 0, rng)
    two = within_label_statistics(points[order], codes[order], is_current[order], 0, rng)
    np.testing.assert_allclose(one, two, rtol=1e-4)


def test_a_moved_share_of_labels_is_no_shift_within_labels():
    # 60 exact tests at 0.05: 9 or more have probability 0.003.
    rng = np.random.default_rng(2)
    test = TextGivenLabel(n_permutations=99)
    alarms = sum(test.compare(window([60, 20], rng), window([20, 60], rng), rng=rng).p_value <= 0.05 for _ in range(60))
    assert alarms <= 8


def test_texts_that_moved_within_labels_are_found_and_measured():
    rng = np.random.default_rng(3)
    result = TextGivenLabel().compare(window([200, 200], rng), window([300, 100], rng, moved=0.5), rng=rng)
    size = result.effects[0]
    assert result.p_value == pytest.approx(1 / 500)
    assert size.low < 0.5 / np.sqrt(5.06) < size.high
    assert size.detectable < 0.25


def test_the_size_is_centred_on_zero_where_nothing_moved():
    rng = np.random.default_rng(4)
    sizes = [
        TextGivenLabel(n_permutations=1).compare(window([80, 80], rng), window([80, 80], rng), rng=rng).effects[0]
        for _ in range(60)
    ]
    squares = np.array([np.sign(size.value) * size.value**2 for size in sizes])
    assert abs(squares.mean()) < 4 * squares.std() / np.sqrt(60)
    assert np.mean([size.low <= 0 <= size.high for size in sizes]) >= 0.85


def test_a_shift_of_the_detectable_size_is_found_four_times_in_five():
    rng = np.random.default_rng(5)
    test = TextGivenLabel(n_permutations=199)
    probe = test.compare(window([150, 150], rng, d=20), window([150, 150], rng, d=20), rng=rng)
    moved = probe.effects[0].detectable * np.sqrt(20)
    found = [
        test.compare(window([150, 150], rng, d=20), window([150, 150], rng, d=20, moved=moved), rng=rng).p_value <= 0.05
        for _ in range(40)
    ]
    # 40 draws at 0.8: under 25 has probability 0.003.
    assert sum(found) >= 25


def test_same_seed_same_result():
    rng = np.random.default_rng(6)
    reference, current = window([40, 40], rng), window([40, 40], rng)
    one, two = (TextGivenLabel().compare(reference, current, rng=np.random.default_rng(0)) for _ in range(2))
    assert one == two


def test_rare_labels_are_left_out_and_named():
    rng = np.random.default_rng(7)
    result = TextGivenLabel(n_permutations=99).compare(window([50, 50, 3], rng), window([50, 50, 9], rng), rng=rng)
    assert result.n_documents == (100, 100)
    assert result.notes[0].endswith("were left out: odd")


def test_no_label_in_both_windows_is_said_not_raised():
    rng = np.random.default_rng(8)
    result = TextGivenLabel().compare(window([30, 0], rng), window([0, 30], rng), rng=rng)
    assert result.p_value == 1
    assert result.effects[0].detectable == np.inf
    assert "not compared" in result.notes[-1]


def test_points_that_are_all_alike_break_nothing():
    same = LabelledEmbeddings(Embeddings(np.ones((40, 3)), "toy"), np.eye(2)[np.arange(40) % 2], ("bad", "good"))
    assert TextGivenLabel(n_permutations=99).compare(same, same, rng=np.random.default_rng(0)).p_value == 1
