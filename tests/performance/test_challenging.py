"""Champion against challenger: the exact test, its level, its power, and what is not known."""

from math import comb

import numpy as np
import pytest

from textdrift.errors import SettingsError
from textdrift.performance.challenging import challenge


def outcomes(rng, n, champion_right, lost, won):
    """Return labels and predictions: of those right before, a share lost; of those wrong before, a share won."""
    right = rng.random(n) < champion_right
    after = np.where(right, rng.random(n) >= lost, rng.random(n) < won)
    labels = rng.integers(0, 3, n)
    wrong = (labels + rng.integers(1, 3, n)) % 3
    return labels, np.where(right, labels, wrong), np.where(after, labels, wrong)


def test_p_values_are_those_of_mcnemars_exact_test():
    labels = np.zeros(50, dtype=int)
    champion, challenger = labels.copy(), labels.copy()
    champion[:3] = 1
    challenger[3:14] = 1
    found = challenge(labels, champion, challenger, np.arange(50))
    assert (found.lost, found.won) == (11, 3)
    assert found.p_worse == pytest.approx(sum(comb(14, k) for k in range(11, 15)) / 2**14)
    assert found.p_better == pytest.approx(sum(comb(14, k) for k in range(3, 15)) / 2**14)
    assert found.change.mean == pytest.approx(-8 / 50)
    assert (found.champion, found.challenger) == (47 / 50, 39 / 50)


def test_an_equally_good_challenger_is_called_worse_as_rarely_as_promised():
    rng = np.random.default_rng(0)
    worse = sum(challenge(*outcomes(rng, 300, 0.8, 0.1, 0.4), np.arange(300)).verdict == "worse" for _ in range(600))
    assert worse / 600 <= 0.05 + 2.5 * np.sqrt(0.05 * 0.95 / 600)


def test_the_interval_covers_the_true_change():
    rng = np.random.default_rng(1)
    truth = -0.8 * 0.1 + 0.2 * 0.2
    covered = 0
    for _ in range(400):
        change = challenge(*outcomes(rng, 400, 0.8, 0.1, 0.2), np.arange(400)).change
        covered += change.low <= truth <= change.high
    assert covered / 400 >= 0.94


def test_a_loss_of_six_points_in_a_thousand_labels_is_found():
    rng = np.random.default_rng(2)
    found = [challenge(*outcomes(rng, 1000, 0.8, 0.1, 0.1), np.arange(1000)).verdict for _ in range(60)]
    assert found.count("worse") >= 57


def test_as_good_needs_labels_enough_to_rule_out_the_margin():
    rng = np.random.default_rng(3)
    few, many = (
        [challenge(*outcomes(rng, n, 0.8, 0.01, 0.04), np.arange(n)).verdict for _ in range(40)] for n in (60, 4000)
    )
    assert few.count("as_good") <= 2
    assert many.count("as_good") + many.count("better") >= 38


def test_copies_of_one_document_count_once():
    labels = np.zeros(130, dtype=int)
    champion, challenger = labels.copy(), labels.copy()
    challenger[:30] = 1
    documents = np.concatenate([np.zeros(30, dtype=int), np.arange(1, 101)])
    found = challenge(labels, champion, challenger, documents)
    assert (found.lost, found.n_labelled) == (1, 101)
    assert found.verdict != "worse"


def test_without_labels_it_says_so_and_counts_the_disagreement():
    labels = np.full(40, -1)
    found = challenge(labels, np.zeros(40, dtype=int), np.repeat([0, 1], 20), np.arange(40))
    assert (found.verdict, found.change, found.disagree) == ("undecided", None, 0.5)
    assert "No row has a label" in found.sentence


def test_rows_without_one_of_the_predictions_are_left_out():
    labels = np.zeros(10, dtype=int)
    challenger = np.array([-1] * 4 + [0] * 6)
    assert challenge(labels, labels, challenger, np.arange(10)).n_labelled == 6


@pytest.mark.parametrize(("name", "value"), [("alpha", 0.0), ("margin", 1.0)])
def test_a_level_or_margin_that_is_no_share_is_refused(name, value):
    nothing = np.zeros(3, dtype=int)
    with pytest.raises(SettingsError, match=name):
        challenge(nothing, nothing, nothing, np.arange(3), **{name: value})


def test_unequal_lengths_are_refused():
    with pytest.raises(SettingsError, match=r"one length; they have \[2, 3\]"):
        challenge(np.zeros(3, int), np.zeros(3, int), np.zeros(2, int), np.arange(3))
