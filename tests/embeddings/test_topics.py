import numpy as np
import pytest

from textdrift.embeddings.topics import _MOST_FITTED, topics_of
from textdrift.errors import EmbeddingsError


def heaps(n_heaps, n_rows, *, rng, d=8, apart=20.0):
    heap = rng.integers(n_heaps, size=n_rows)
    centres = apart * np.eye(n_heaps, d)
    return (centres[heap] + rng.normal(size=(n_rows, d))).astype(np.float32), heap


def same_partition(first, second):
    pairs = set(zip(first.tolist(), second.tolist(), strict=True))
    return len(pairs) == len(set(first.tolist())) == len(set(second.tolist()))


def test_heaps_that_lie_apart_are_the_topics():
    rng = np.random.default_rng(0)
    points, heap = heaps(5, 400, rng=rng)
    topics = topics_of(points, 5, rng)
    assert same_partition(topics.of_row, heap)
    for topic in range(5):
        mean = points[topics.of_row == topic].mean(axis=0)
        assert topics.centres[topic] == pytest.approx(mean, abs=1e-3)


def test_every_row_has_the_nearest_centre():
    rng = np.random.default_rng(1)
    points = rng.normal(size=(300, 6)).astype(np.float32) + 100
    topics = topics_of(points, 7, rng)
    squares = ((points[:, None].astype(float) - topics.centres[None].astype(float)) ** 2).sum(axis=2)
    assert topics.squared_distances == pytest.approx(squares.min(axis=1), abs=1e-2)
    chosen = squares[np.arange(300), topics.of_row]
    assert (chosen <= squares.min(axis=1) + 1e-2).all()


def test_the_fit_is_as_good_as_scikit_learns_best_of_ten():
    from sklearn.cluster import KMeans

    rng = np.random.default_rng(2)
    points, _ = heaps(6, 500, rng=rng, apart=3.0)
    best = KMeans(6, n_init=10, random_state=0).fit(points).inertia_
    assert topics_of(points, 6, rng).squared_distances.sum() <= 1.1 * best


def test_the_same_state_gives_the_same_topics():
    points, _ = heaps(4, 300, rng=np.random.default_rng(3), apart=2.0)
    one, two = (topics_of(points, 9, np.random.default_rng(4)) for _ in range(2))
    assert (one.of_row == two.of_row).all()
    assert (one.centres == two.centres).all()


def test_more_rows_than_are_fitted_are_all_assigned():
    rng = np.random.default_rng(5)
    points, heap = heaps(3, _MOST_FITTED + 5_000, rng=rng, d=4)
    assert same_partition(topics_of(points, 3, rng).of_row, heap)


@pytest.mark.parametrize(("n_rows", "n_topics"), [(1, 1), (1, 8), (3, 8), (2, 2)])
def test_few_rows_give_few_topics(n_rows, n_topics):
    rng = np.random.default_rng(6)
    topics = topics_of(rng.normal(size=(n_rows, 3)), n_topics, rng)
    assert 1 <= len(topics) <= min(n_rows, n_topics)
    assert topics.sizes.min() >= 1
    assert topics.sizes.sum() == n_rows


def test_points_that_are_all_one_are_one_topic():
    topics = topics_of(np.full((40, 3), 0.1, dtype=np.float32), 8, np.random.default_rng(7))
    assert len(topics) == 1
    assert topics.of_row.tolist() == [0] * 40
    assert topics.squared_distances.max() < 1e-9


def test_no_topic_is_empty_where_there_are_fewer_distinct_points():
    points = np.repeat(np.eye(3), 20, axis=0)
    topics = topics_of(points, 8, np.random.default_rng(8))
    assert topics.sizes.tolist() == [20, 20, 20]


def test_the_nearest_rows_of_a_topic_come_first():
    points = np.array([[0.0], [1.0], [5.0], [0.2], [100.0]])
    topics = topics_of(points, 2, np.random.default_rng(9))
    topic = int(topics.of_row[0])
    assert topics.centres[topic] == pytest.approx([1.55])
    assert topics.nearest(topic, np.arange(5), 2).tolist() == [1, 3]
    assert topics.nearest(topic, np.array([0, 4]), 2).tolist() == [0]


@pytest.mark.parametrize(("shape", "n_topics"), [((0, 3), 2), ((4,), 2), ((4, 3), 0)])
def test_what_cannot_be_clustered_is_refused(shape, n_topics):
    with pytest.raises(EmbeddingsError, match="topics need"):
        topics_of(np.zeros(shape), n_topics, np.random.default_rng(0))
