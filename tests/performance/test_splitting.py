import json

import numpy as np
import pytest

from textdrift.errors import WindowError
from textdrift.performance.judged_texts import JudgedTexts
from textdrift.performance.splitting import _Guesses, _shared_accuracies, split_accuracy_change

PARTS = ["harder_texts", "changed_meaning", "unfamiliar_texts"]


def chance(points):
    """P(right | text): the further along the first axis, the harder."""
    return 1 / (1 + np.exp(1.2 * points[:, 0] - 1.5))


def draw(n, rng, *, moved=0.0, kept=1.0, new=0.0):
    """Texts moved along the first axis, `kept` of the right ones still right, a share `new` of a kind of their own."""
    points = rng.normal(size=(n, 5)) + moved * np.eye(5)[0]
    probability = kept * chance(points)
    strange = rng.random(n) < new
    points[strange, 3] += 6.0
    probability[strange] = 0.4
    return JudgedTexts(points, (rng.random(n) < probability).astype(float))


def toy_guesses(n, m, rng):
    window = rng.uniform(0.2, 0.8, n + m)
    odds = window / (1 - window) * m / n
    return _Guesses(window=window, drawn_window=odds / (1 + odds), right=rng.random(n + m), inflation=1.0)


def points_of(split):
    return [part.points for part in split.parts]


def test_the_parts_sum_exactly_to_the_change():
    rng = np.random.default_rng(0)
    split = split_accuracy_change(draw(300, rng), draw(150, rng, moved=0.5, kept=0.8), rng=rng)
    assert [part.name for part in split.parts] == PARTS
    assert sum(points_of(split)) == pytest.approx(split.change, abs=1e-9)
    assert split.change == pytest.approx(100 * (split.current_accuracy - split.reference_accuracy))
    steps = [split.reference_accuracy, *split.shared_accuracy, split.current_accuracy]
    np.testing.assert_allclose(100 * np.diff(steps), points_of(split))


def test_the_middle_step_is_the_overlap_weighted_covariance_written_out():
    rng = np.random.default_rng(1)
    guesses = toy_guesses(30, 30, rng)
    right = (rng.random(60) < 0.7).astype(float)
    w = np.repeat([0.0, 1.0], 30)
    shared, _ = _shared_accuracies(guesses, right, w > 0)
    v = w - guesses.window
    expected = sum((right[i] - guesses.right[i]) * v[i] for i in range(60)) / sum(v[i] ** 2 for i in range(60))
    assert shared[1] - shared[0] == pytest.approx(expected)


def test_the_accuracies_on_shared_texts_are_the_augmented_means_written_out():
    rng = np.random.default_rng(2)
    n, m = 40, 20
    guesses = toy_guesses(n, m, rng)
    right, w = rng.random(60), np.repeat([0, 1], [n, m])
    shared, _ = _shared_accuracies(guesses, right, w > 0)
    g, h, guess = guesses.window, guesses.drawn_window, guesses.right
    case = [0.5 / n if i < n else 0.5 / m for i in range(60)]
    v = [w[i] - g[i] for i in range(60)]
    moved = sum(case[i] * v[i] * (right[i] - guess[i]) for i in range(60)) / sum(
        case[i] * v[i] * (w[i] - h[i]) for i in range(60)
    )
    before = after = weight = 0.0
    for i in range(60):
        old, now = guess[i] - h[i] * moved, guess[i] + (1 - h[i]) * moved
        before += case[i] * (v[i] ** 2 * old + (1 - w[i]) * g[i] * (right[i] - old))
        after += case[i] * (v[i] ** 2 * now + w[i] * (1 - g[i]) * (right[i] - now))
        weight += case[i] * v[i] ** 2
    assert shared.tolist() == pytest.approx([before / weight, after / weight])


def test_told_backwards_the_parts_change_sign_and_order():
    rng = np.random.default_rng(3)
    there = toy_guesses(50, 30, rng)
    right, is_current = rng.random(80), np.repeat([False, True], [50, 30])
    back = _Guesses(window=1 - there.window, drawn_window=1 - there.drawn_window, right=there.right, inflation=1.0)
    shared, influence = _shared_accuracies(there, right, is_current)
    mirrored, mirrored_influence = _shared_accuracies(back, right, ~is_current)
    np.testing.assert_allclose(mirrored, shared[::-1])
    np.testing.assert_allclose(mirrored_influence, -influence[:, ::-1], atol=1e-12)


@pytest.mark.parametrize("moved", [0.0, -0.1])
@pytest.mark.parametrize("wrong", ["right", "window"])
def test_an_error_of_one_guess_is_forgiven_where_the_other_is_right(wrong, moved):
    rng = np.random.default_rng(4)
    n = 200_000
    points = rng.normal(size=(n, 1))
    logit = points[:, 0]
    g = 1 / (1 + np.exp(-logit))
    is_current = rng.random(n) < g
    right = (rng.random(n) < chance(points) + moved * is_current).astype(float)
    # The guess of the window may be off by a third of its logit; that of being right may know nothing at all.
    window = 1 / (1 + np.exp(-0.67 * logit)) if wrong == "window" else g
    guess = np.full(n, 0.5) if wrong == "right" else chance(points) + moved * g
    shared, _ = _shared_accuracies(
        _Guesses(window=window, drawn_window=window, right=guess, inflation=1.0), right, is_current
    )
    weight = g * (1 - g)
    assert shared[0] == pytest.approx(weight @ chance(points) / weight.sum(), abs=0.006)
    assert shared[1] - shared[0] == pytest.approx(moved, abs=0.006)


@pytest.mark.parametrize("size", [(1500, 1000), (2500, 400)])
@pytest.mark.parametrize(
    ("change", "named"),
    [({"moved": 0.8}, {0, 2}), ({"kept": 0.8}, {1}), ({"new": 0.25}, {2}), ({"moved": 0.8, "kept": 0.8}, {0, 1, 2})],
)
def test_each_cause_moves_its_own_part(size, change, named):
    rng = np.random.default_rng(5)
    split = split_accuracy_change(draw(size[0], rng), draw(size[1], rng, **change), rng=rng)
    for position, part in enumerate(split.parts):
        if position in named:
            assert part.high < 0
        else:
            assert abs(part.points) < 3 * part.error


def test_the_size_of_a_window_does_not_move_what_is_asked():
    rng = np.random.default_rng(6)
    even = split_accuracy_change(draw(3000, rng), draw(3000, rng, moved=1.0), rng=rng)
    uneven = split_accuracy_change(draw(12_000, rng), draw(600, rng, moved=1.0), rng=rng)
    # Half of what is harder lies before the shared texts, half behind them.
    for split in (even, uneven):
        assert split.parts[0].points == pytest.approx(split.parts[2].points, abs=5)
    assert even.overlap == pytest.approx(uneven.overlap, abs=0.05)


def test_all_right_in_small_windows_is_not_certain():
    rng = np.random.default_rng(7)
    window = JudgedTexts(rng.normal(size=(25, 4)), np.ones(25))
    split = split_accuracy_change(window, window, rng=rng)
    assert points_of(split) == pytest.approx([0, 0, 0], abs=1e-9)
    assert all(part.high - part.low > 10 for part in split.parts)


def test_a_score_that_foretells_right_answers_narrows_the_intervals():
    rng = np.random.default_rng(8)
    points, hidden = rng.normal(size=(2, 1000, 3)), rng.normal(size=(2, 1000))
    right = (rng.random((2, 1000)) < 1 / (1 + np.exp(-1 - 3 * hidden))).astype(float)
    plain = split_accuracy_change(*(JudgedTexts(points[i], right[i]) for i in (0, 1)), rng=np.random.default_rng(0))
    told = split_accuracy_change(
        *(JudgedTexts(points[i], right[i], hidden[i][:, None]) for i in (0, 1)), rng=np.random.default_rng(0)
    )
    assert told.parts[1].error < 0.85 * plain.parts[1].error


def test_the_same_seed_gives_the_same_parts():
    windows = draw(100, np.random.default_rng(9)), draw(80, np.random.default_rng(10))
    first, second = (points_of(split_accuracy_change(*windows, rng=np.random.default_rng(1))) for _ in range(2))
    assert first == second


@pytest.mark.parametrize("size", [0, 1, 19])
def test_too_few_texts_give_a_reason(size):
    rng = np.random.default_rng(11)
    few = JudgedTexts(np.empty((size, 5)), np.ones(size))
    for windows in ((few, draw(50, rng)), (draw(50, rng), few)):
        split = split_accuracy_change(*windows, rng=rng)
        assert split.parts == ()
        assert "needs 20 in each window" in split.reason
        described = split.described()
        json.dumps(described, allow_nan=False)
        assert (described["change"] is None) == (size == 0)


def test_windows_that_hardly_overlap_give_a_reason():
    rng = np.random.default_rng(12)
    far = JudgedTexts(rng.normal(size=(300, 5)) + 9.0, np.ones(300))
    split = split_accuracy_change(draw(300, rng), far, rng=rng)
    assert split.parts == ()
    assert split.overlap < 0.1
    assert "hardly overlap" in split.reason


def test_the_split_is_described_in_plain_values():
    rng = np.random.default_rng(13)
    described = split_accuracy_change(draw(60, rng), draw(60, rng), rng=rng).described()
    json.dumps(described, allow_nan=False)
    assert [part["name"] for part in described["parts"]] == PARTS
    assert described["reason"] is None


def test_windows_of_other_widths_are_refused():
    rng = np.random.default_rng(14)
    with pytest.raises(WindowError, match="give both the same"):
        split_accuracy_change(draw(30, rng), JudgedTexts(rng.normal(size=(30, 4)), np.ones(30)), rng=rng)


def test_texts_that_are_all_alike_are_split_too():
    same = JudgedTexts(np.ones((40, 3)), (np.arange(40) % 4 > 0).astype(float))
    worse = JudgedTexts(np.ones((40, 3)), (np.arange(40) % 4 > 1).astype(float))
    split = split_accuracy_change(same, worse, rng=np.random.default_rng(15))
    assert points_of(split) == pytest.approx([0, -25, 0], abs=1.5)
