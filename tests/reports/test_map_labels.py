import itertools

import numpy as np
import pytest

from textdrift.reports.map_labels import MOST_LABELS, apart

WIDTH, HEIGHT = 640, 340


def overlapping(labels):
    """Pairs of labels whose boxes, as wide as their digits at the larger of both letter sizes, cover each other."""
    return [
        (one, other)
        for one, other in itertools.combinations(labels, 2)
        if abs(one[1] - other[1]) < 17 * (len(str(one[0])) + len(str(other[0]))) / 2 and abs(one[2] - other[2]) < 22
    ]


@pytest.mark.parametrize("seed", range(20))
def test_no_number_covers_another_wherever_the_topics_lie(seed):
    rng = np.random.default_rng(seed)
    spread = (5.0, 40.0, 120.0)[seed % 3]
    places = np.clip(rng.normal((WIDTH / 2, HEIGHT / 2), spread, size=(20, 2)), 14, (WIDTH - 14, HEIGHT - 14))
    labels = [(i + 1, int(x), int(y)) for i, (x, y) in enumerate(places)]
    assert overlapping(labels) or spread > 100.0
    moved = apart(labels, WIDTH, HEIGHT)
    assert [number for number, _, _ in moved] == list(range(1, 21))
    assert overlapping(moved) == []
    assert all(0 < x < WIDTH and 0 < y < HEIGHT for _, x, y in moved)


def test_numbers_that_cover_none_stay_where_they_are():
    labels = [(1, 100, 100), (2, 200, 100), (12, 320, 200)]
    assert apart(labels, WIDTH, HEIGHT) == labels
    assert apart([], WIDTH, HEIGHT) == []


def test_two_numbers_move_as_little_as_they_must():
    (_, x, y), (_, other_x, other_y) = apart([(1, 100, 100), (2, 104, 100)], WIDTH, HEIGHT)
    assert (y, other_y) == (100, 100)
    assert 20 <= other_x - x <= 24


def test_a_number_at_the_edge_stays_on_the_map():
    for number, x, y in apart([(1, 0, 0), (2, 0, 0), (3, WIDTH, HEIGHT), (4, WIDTH, HEIGHT)], WIDTH, HEIGHT):
        assert 10 <= x <= WIDTH - 10, number
        assert 10 <= y <= HEIGHT - 10, number


def test_thousands_of_topics_have_only_the_first_numbers():
    labels = [(i, 320, 170) for i in range(5000)]
    assert [number for number, _, _ in apart(labels, WIDTH, HEIGHT)] == list(range(MOST_LABELS))
