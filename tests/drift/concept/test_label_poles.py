import pytest

from textdrift.drift.concept.label_poles import label_poles


@pytest.mark.parametrize(
    ("names", "negative", "positive"),
    [
        (("negative", "positive"), [0], [1]),
        ((" NEG", "Pos "), [0], [1]),
        (("negative", "neutral", "positive", "very_positive"), [0], [2, 3]),
        (("positive", None, "negative"), [2], [0]),
        (("1", "2", "3", "4", "5"), [0, 1], [3, 4]),
        (("0", "1"), [0], [1]),
        (("-1", "0", "1"), [0], [2]),
    ],
)
def test_known_labels_have_poles(names, negative, positive):
    sides = label_poles(names)
    assert [side.tolist() for side in sides] == [negative, positive]


@pytest.mark.parametrize(
    "names", [("politics", "sports"), ("negative", "other"), ("neutral", "positive"), ("1001", "2002"), (None,), ("3",)]
)
def test_other_labels_have_none(names):
    assert label_poles(names) is None
