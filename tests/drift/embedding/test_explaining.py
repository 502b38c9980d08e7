import os

import numpy as np
import pyarrow as pa
import pytest
from scipy import stats

from textdrift.drift.embedding.clouds import clouds_of
from textdrift.drift.embedding.directions import leading_axes
from textdrift.drift.embedding.explaining import explain
from textdrift.embeddings import Embeddings
from textdrift.errors import EmbeddingsError
from textdrift.tokens.counting import count_tokens

TOPICS = ["parcel", "coffee", "invoice", "garden", "train", "museum", "bicycle", "kitchen"]
CENTRES = 3.0 * np.eye(len(TOPICS) + 1, 24)


def texts_and_points(topics, rng):
    """Texts of a few words, one of which names the topic, and points around the centre of their topic."""
    names = [*TOPICS, "volcano"]
    texts = [f"the {names[topic]} number {i} was as one expects" for i, topic in enumerate(topics)]
    points = CENTRES[topics] + 0.5 * rng.normal(size=(len(topics), CENTRES.shape[1]))
    return pa.array(texts, pa.large_string()), points


def planted(rng, n=400, m=400, n_new=60):
    """Two windows over the same topics, and a new topic in the current one."""
    old = rng.integers(len(TOPICS), size=n)
    new = np.concatenate([rng.integers(len(TOPICS), size=m - n_new), np.full(n_new, len(TOPICS))])
    (old_texts, before), (new_texts, after) = texts_and_points(old, rng), texts_and_points(new, rng)
    return Embeddings(before, "e"), Embeddings(after, "e"), count_tokens(old_texts, new_texts)


def values(evidence):
    return {row["name"]: row["value"] for row in evidence.rows}


def moved_somewhere(reference, current, rng):
    return any(row["moved"] for row in explain(reference, current, rng=rng)[0].rows)


@pytest.mark.parametrize("seed", range(5))
def test_a_new_topic_comes_first_with_its_word(seed):
    rng = np.random.default_rng(seed)
    reference, current, counts = planted(rng)
    first, *others = explain(reference, current, counts=counts, rng=rng)[0].rows
    assert first["cluster"] == 1
    assert first["moved"]
    assert first["words"][0] == "volcano"
    assert (first["reference_share"], first["current_share"]) == pytest.approx((0.0, 0.15), abs=0.01)
    assert first["low"] < 0.15 < first["high"]
    assert first["change"] == first["current_share"] - first["reference_share"]
    assert first["part"] > 0.6
    assert first["window"] == "current"
    assert len(first["documents"]) == 3
    assert all(row >= 340 for row in first["documents"])
    assert [row["part"] for row in others] == sorted((row["part"] for row in others), reverse=True)


def test_a_topic_that_vanished_is_shown_by_reference_documents():
    rng = np.random.default_rng(1)
    current, reference, (late, early) = planted(rng)
    first = explain(reference, current, counts=(early, late), rng=rng)[0].rows[0]
    assert first["moved"]
    assert first["change"] < -0.1
    assert first["window"] == "reference"
    assert all(row >= 340 for row in first["documents"])


@pytest.mark.parametrize(("n", "m"), [(400, 400), (60, 500), (9, 7), (1, 1), (2, 40)])
def test_the_parts_make_up_the_whole(n, m):
    rng = np.random.default_rng(2)
    clusters = explain(
        Embeddings(rng.normal(size=(n, 6)) + 7, "e"), Embeddings(rng.normal(size=(m, 6)) + 7.2, "e"), rng=rng
    )[0]
    assert sum(row["part"] for row in clusters.rows) == pytest.approx(1.0, abs=1e-6)
    for share in ("reference_share", "current_share"):
        assert sum(row[share] for row in clusters.rows) == pytest.approx(1.0, abs=1e-9)
    assert [row["cluster"] for row in clusters.rows] == list(range(1, len(clusters.rows) + 1))


def test_a_part_is_what_its_documents_add_to_the_squared_distance():
    rng = np.random.default_rng(3)
    reference, current, _ = planted(rng)
    clusters, _, picture = explain(reference, current, rng=rng)
    shown = {row["document"]: row["cluster"] for row in picture.rows if row["window"] == "current"}
    # Moving the documents of one topic by their own amounts is all there is: every part is near what the share says.
    difference = current.points.mean(axis=0) - reference.points.mean(axis=0)
    new = len(TOPICS)
    expected = 0.15 * (CENTRES[new] - (current.points.mean(axis=0) + reference.points.mean(axis=0)) / 2) @ difference
    assert clusters.rows[0]["part"] == pytest.approx(expected / (difference @ difference), abs=0.05)
    assert {cluster for document, cluster in shown.items() if document >= 340} == {1}


def test_words_are_left_out_without_counts():
    rng = np.random.default_rng(4)
    reference, current, _ = planted(rng)
    assert all("words" not in row for row in explain(reference, current, rng=rng)[0].rows)


def test_words_that_stand_everywhere_mark_no_topic():
    rng = np.random.default_rng(5)
    reference, current, counts = planted(rng)
    words = [word for row in explain(reference, current, counts=counts, rng=rng)[0].rows for word in row["words"]]
    assert set(words) & set(TOPICS)
    assert not set(words) & {"the", "number", "was", "one", "expects"}


def test_the_same_state_gives_the_same_tables():
    reference, current, counts = planted(np.random.default_rng(6), n=600, m=500)
    one, two = (explain(reference, current, counts=counts, rng=np.random.default_rng(7)) for _ in range(2))
    assert one == two


def test_the_map_holds_some_documents_of_each_window():
    reference, current, _ = planted(np.random.default_rng(8), n=900, m=120, n_new=20)
    rows = explain(reference, current, rng=np.random.default_rng(8))[2].rows
    for window, n_shown, n_rows in (("reference", 250, 900), ("current", 120, 120)):
        documents = [row["document"] for row in rows if row["window"] == window]
        assert len(set(documents)) == len(documents) == n_shown
        assert 0 <= min(documents) <= max(documents) < n_rows
    for axis in ("x", "y"):
        coordinates = np.array([row[axis] for row in rows])
        assert np.abs(coordinates).max() == 1.0
        assert (coordinates == coordinates.round(3)).all()


def test_the_new_topic_lies_to_the_right():
    reference, current, _ = planted(np.random.default_rng(9))
    rows = explain(reference, current, rng=np.random.default_rng(9))[2].rows
    new = [row["x"] for row in rows if row["window"] == "current" and row["document"] >= 340]
    rest = [row["x"] for row in rows if row["cluster"] != 1]
    assert min(new) > np.quantile(rest, 0.95)


def test_a_map_of_one_source_shows_no_shift():
    """Measured along a difference that their own points had a part in, the windows would lie a deviation apart."""
    apart = []
    for seed in range(30):
        rng = np.random.default_rng(seed)
        points = rng.normal(size=(400, 60))
        rows = explain(Embeddings(points[:200], "e"), Embeddings(points[200:], "e"), rng=rng)[2].rows
        x = {w: [row["x"] for row in rows if row["window"] == w] for w in ("reference", "current")}
        apart.append((np.mean(x["current"]) - np.mean(x["reference"])) / np.std(x["reference"]))
    assert abs(np.mean(apart)) < 4 * np.std(apart) / np.sqrt(30)
    assert abs(np.mean(apart)) < 0.3


def test_points_that_are_all_one_give_zeros():
    same = np.full((30, 4), 0.3)
    clusters, directions, picture = explain(
        Embeddings(same[:10], "e"), Embeddings(same[10:], "e"), rng=np.random.default_rng(0)
    )
    assert [(row["part"], row["moved"], row["p_value"]) for row in clusters.rows] == [(0.0, False, 1.0)]
    assert {(row["x"], row["y"]) for row in picture.rows} == {(0.0, 0.0)}
    assert values(directions)["share_on_32_axes"] == 0.0


def test_windows_with_equal_means_still_have_a_map():
    points = np.random.default_rng(0).normal(size=(40, 5))
    clusters, _, picture = explain(Embeddings(points, "e"), Embeddings(points, "e"), rng=np.random.default_rng(0))
    assert all(row["part"] == 0.0 for row in clusters.rows)
    assert len({row["x"] for row in picture.rows}) > 30


@pytest.mark.parametrize(
    ("shift", "factor", "pattern"),
    [
        ([9.0] + 63 * [0.0], 1.0, "one direction"),
        (4 * [3.0] + 60 * [0.0], 1.0, "few directions"),
        (64 * [0.6], 1.0, "many weak directions"),
        (64 * [0.0], 1.5, "spread"),
    ],
)
def test_how_the_mean_moved_is_named(shift, factor, pattern):
    rng = np.random.default_rng(10)
    # Axes of falling length, so that the leading ones are the first coordinates.
    scales = np.concatenate([np.linspace(12, 8, 8), np.full(56, 2.0)])
    reference = rng.normal(size=(3000, 64)) * scales
    current = rng.normal(size=(3000, 64)) * scales * factor + np.array(shift)
    directions = values(explain(Embeddings(reference, "e"), Embeddings(current, "e"), rng=rng)[1])
    assert directions["pattern"] == pattern
    assert directions["variance_ratio"] == pytest.approx(factor**2, rel=0.05)
    assert 0 <= directions["share_on_1_axis"] <= directions["share_on_8_axes"] <= directions["share_on_32_axes"] <= 1


@pytest.mark.parametrize("n_rows", [20, 200])
def test_the_axes_are_those_of_a_singular_value_decomposition(n_rows):
    rng = np.random.default_rng(11)
    points = (rng.normal(size=(n_rows, 50)) * np.linspace(5, 1, 50)).astype(np.float32)
    clouds = clouds_of(Embeddings(points[:9], "e"), Embeddings(points[9:], "e"))
    axes = leading_axes(clouds, 4, rng)
    centred = np.vstack([side - side.mean(axis=0) for side in np.split(points.astype(float), [9])])
    expected = np.linalg.svd(centred, full_matrices=False)[2][:4]
    assert np.abs((axes * expected).sum(axis=1)) == pytest.approx(np.ones(4), abs=1e-6)
    assert np.linalg.norm(axes, axis=1) == pytest.approx(np.ones(4))
    without = leading_axes(clouds, 1, rng, without=expected[0])
    assert abs(without[0] @ expected[1]) == pytest.approx(1.0, abs=1e-6)


def test_counts_of_other_documents_are_refused():
    rng = np.random.default_rng(12)
    reference, current, counts = planted(rng)
    with pytest.raises(EmbeddingsError, match=r"one row for each of the 400 \+ 400 points"):
        explain(reference, Embeddings(current.points, "e"), counts=(counts[0], count_tokens(*one_text())[1]), rng=rng)
    with pytest.raises(EmbeddingsError, match="two vocabularies"):
        explain(
            Embeddings(np.eye(3)[:1], "e"),
            Embeddings(np.eye(3)[:1], "e"),
            counts=(count_tokens(*one_text("a tree"))[0], count_tokens(*one_text("a house"))[1]),
            rng=rng,
        )


def one_text(text="a tree"):
    return pa.array([text], pa.large_string()), pa.array([text], pa.large_string())


def test_points_of_two_encoders_are_refused():
    with pytest.raises(EmbeddingsError, match="two encoders"):
        explain(Embeddings(np.eye(3), "a"), Embeddings(np.eye(3), "b"), rng=np.random.default_rng(0))


def test_a_topic_of_one_busy_author_is_no_drift():
    rng = np.random.default_rng(13)
    old, new = (rng.integers(len(TOPICS), size=300) for _ in range(2))
    new[:40] = 0
    (_, before), (_, after) = texts_and_points(old, rng), texts_and_points(new, rng)
    assert moved_somewhere(Embeddings(before, "e"), Embeddings(after, "e"), rng)
    busy = np.concatenate([np.zeros(40, dtype=int), np.arange(1, 261)])
    grouped = Embeddings(before, "e", groups=np.arange(1000, 1300)), Embeddings(after, "e", groups=busy)
    assert not moved_somewhere(*grouped, rng)


def test_groups_of_one_row_change_little():
    reference, current, _ = planted(np.random.default_rng(14))
    alone = explain(reference, current, rng=np.random.default_rng(0))[0].rows
    groups = np.arange(400)
    grouped = [Embeddings(e.points, "e", groups=np.where(groups == 1, 0, groups)) for e in (reference, current)]
    rows = explain(*grouped, rng=np.random.default_rng(0))[0].rows
    for one, other in zip(alone, rows, strict=True):
        assert (one["low"], one["high"]) == pytest.approx((other["low"], other["high"]), abs=0.02)
        assert one["moved"] == other["moved"]


@pytest.mark.slow
@pytest.mark.parametrize("grouped", [False, True])
def test_topics_of_one_source_are_marked_no_more_often_than_promised(grouped):
    n_runs = 150 if os.environ.get("TEXTDRIFT_CALIBRATION") == "small" else 1000
    alarms = sum(moved_by_chance(np.random.default_rng([seed, grouped]), grouped=grouped) for seed in range(n_runs))
    # At most 5 % of the runs: more alarms than this come by chance once in ten thousand tries.
    assert alarms <= stats.binom.isf(1e-4, n_runs, 0.05)


def moved_by_chance(rng, *, grouped, n_rows=400):
    """Windows of one source; with groups, most texts of a group are of one topic and a group is in one window."""
    topics = rng.integers(len(TOPICS), size=n_rows)
    groups = np.arange(n_rows)
    if grouped:
        groups = rng.integers(n_rows // 5, size=n_rows)
        favourite = rng.integers(len(TOPICS), size=n_rows // 5)
        topics = np.where(rng.random(n_rows) < 0.7, favourite[groups], topics)
    in_reference = (rng.random(n_rows) < 0.5)[groups]
    _, points = texts_and_points(topics, rng)
    return moved_somewhere(
        Embeddings(points[in_reference], "e", groups=groups[in_reference] if grouped else None),
        Embeddings(points[~in_reference], "e", groups=groups[~in_reference] if grouped else None),
        rng,
    )
