import numpy as np
import pytest

from textdrift.drift.concept.changed_documents import reference_guess
from textdrift.drift.concept.label_shift import LabelShift
from textdrift.drift.concept.label_stories import stories_given_text, stories_within_labels
from textdrift.drift.concept.labelled import LabelledEmbeddings
from textdrift.drift.concept.pooled_texts import pool
from textdrift.embeddings.embeddings import Embeddings


def window(counts, rng, *, gap=2.0, relabelled=0.0):
    """Texts drawn label by label, so that only the counts differ between windows; a share of `bad` may turn `good`."""
    codes = np.repeat(np.arange(len(counts)), counts)
    points = rng.normal(size=(len(codes), 4))
    points[np.arange(len(codes)), codes] += gap
    codes = np.where((codes == 0) & (rng.random(len(codes)) < relabelled), 1, codes)
    names = ("bad", "good", "odd")[: len(counts)]
    return LabelledEmbeddings(Embeddings(points, "toy"), np.eye(len(counts))[codes], names)


def sizes(result, table="sizes"):
    return {row["name"]: row["value"] for row in result.table(table)}


def test_the_test_holds_the_texts_against_both_stories():
    rng = np.random.default_rng(0)
    windows = window([60, 50, 40], rng), window([40, 60, 50], rng)
    result = LabelShift(n_folds=2, n_components=4).compare(*windows, rng=np.random.default_rng(1))
    texts = pool(*windows, n_folds=2, n_components=4, rng=np.random.default_rng(1))
    guess = reference_guess(texts, [0, 1, 2])
    for stories_of, table in ((stories_within_labels, "sizes"), (stories_given_text, "sizes_given_text")):
        stories, found = stories_of(guess, texts.shares, texts.is_current), sizes(result, table)
        assert found["way"] == pytest.approx(stories.way)
        assert found["p_stories"] == pytest.approx(stories.p_value)
        assert found["p_crossed"] == pytest.approx(stories.p_crossed)
        assert (found["way_error_shifted"], found["way_error_relabelled"]) == pytest.approx(stories.way_errors)
        assert found["log_likelihood_ratio"] == pytest.approx(stories.log_likelihood_ratio)
    assert result.p_value == pytest.approx(min(1, 2 * min(sizes(result)["p_stories"], sizes(result)["p_crossed"])))
    assert result.effects[0].value == sizes(result)["way"]


def test_a_moved_share_of_labels_holds_the_story():
    # 40 draws, two parts by Bonferroni at 0.05: 7 or more alarms have probability 0.003.
    rng = np.random.default_rng(2)
    alarms = 0
    for _ in range(40):
        result = LabelShift().compare(window([150, 150], rng), window([220, 80], rng), rng=rng)
        alarms += result.p_value <= 0.05
    assert alarms <= 6


def test_a_moved_share_of_labels_stands_at_the_first_story():
    rng = np.random.default_rng(3)
    result = LabelShift().compare(window([1000, 1000], rng), window([1300, 700], rng), rng=rng)
    for table in ("sizes", "sizes_given_text"):
        found = sizes(result, table)
        assert found["way"] == pytest.approx(0, abs=3 * found["way_error_shifted"])
        assert found["log_likelihood_ratio"] > 5


def test_relabelled_texts_stand_at_the_second_story():
    rng = np.random.default_rng(4)
    result = LabelShift().compare(window([1000, 1000], rng), window([1000, 1000], rng, relabelled=0.3), rng=rng)
    assert result.p_value < 0.001
    for table in ("sizes", "sizes_given_text"):
        found = sizes(result, table)
        assert found["way"] == pytest.approx(1, abs=3 * found["way_error_relabelled"])
        assert found["log_likelihood_ratio"] < -5


def test_labels_are_listed_by_what_they_gained():
    rng = np.random.default_rng(5)
    result = LabelShift().compare(window([100, 100, 100], rng), window([100, 105, 40], rng), rng=rng)
    rows = result.table("labels")
    assert [row["label"] for row in rows] == ["good", "bad", "odd"]
    assert sum(row["change"] for row in rows) == pytest.approx(0)
    assert rows[0]["change"] == pytest.approx(105 / 245 - 1 / 3)


def test_labels_too_rare_to_be_guessed_count_as_the_rest_where_there_are_enough_of_them():
    rng = np.random.default_rng(8)
    enough = LabelShift().compare(window([100, 3], rng), window([90, 6], rng), rng=rng)
    assert enough.p_value == 1
    few = LabelShift().compare(window([100, 80, 3], rng), window([90, 90, 3], rng), rng=rng)
    assert [row["label"] for row in few.table("labels")] == ["good", "bad"]


def test_same_seed_same_result():
    rng = np.random.default_rng(6)
    reference, current = window([60, 60], rng), window([60, 60], rng)
    one, two = (LabelShift().compare(reference, current, rng=np.random.default_rng(0)) for _ in range(2))
    assert one == two


@pytest.mark.parametrize("counts", [[15, 3], [60, 0]])
def test_windows_too_small_to_tell_are_said_not_raised(counts):
    rng = np.random.default_rng(7)
    result = LabelShift().compare(window(counts, rng), window(counts, rng), rng=rng)
    assert result.p_value == 1
    assert result.effects[0].detectable == np.inf
    assert result.table("sizes") == ()
    assert "not tested" in result.notes[-1]


def test_points_that_are_all_alike_break_nothing():
    same = LabelledEmbeddings(Embeddings(np.ones((40, 3)), "toy"), np.eye(2)[np.arange(40) % 2], ("bad", "good"))
    assert LabelShift().compare(same, same, rng=np.random.default_rng(0)).p_value > 0.05
