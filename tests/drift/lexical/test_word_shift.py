from __future__ import annotations

import json
import math

import numpy as np
import pytest
from scipy import sparse

from textdrift.drift.lexical.word_shift import label_scores, sentiment_shift, term_scores, word_shift
from textdrift.errors import SettingsError, TokenizerError
from textdrift.stats.divergences import jensen_shannon
from textdrift.tokens.token_counts import BinnedCounts, TokenCounts

TERMS = ("bad", "good", "late", "lost", "plane")
SCORES = np.array([2.5, 7.5, 3.0, 2.8, 5.2])


def window(*counts: int, terms: tuple[str, ...] = TERMS) -> TokenCounts:
    return TokenCounts(sparse.csr_matrix([counts], dtype=np.int32), terms)


BEFORE, AFTER = window(2, 6, 2, 0, 10), window(4, 2, 8, 1, 9)


def test_the_divergence_is_told_word_by_word() -> None:
    rows = word_shift(BEFORE, AFTER).rows
    # Shares of the divergence by shifterator 0.3.0: late 0.373, good 0.366, lost 0.163, plane 0.050, bad 0.047.
    assert [(row["term"], row["direction"], round(row["part"] / 0.12806540460746071, 3)) for row in rows] == [
        ("late", "up", 0.373),
        ("good", "down", 0.366),
        ("lost", "up", 0.163),
        ("plane", "down", 0.05),
        ("bad", "up", 0.047),
    ]
    assert (rows[0]["reference_share"], rows[0]["current_share"]) == pytest.approx((2 / 20, 8 / 24))
    json.dumps(rows)


def test_parts_add_up_to_the_divergence_with_a_row_for_the_rest(draw, counted) -> None:
    rng = np.random.default_rng(0)
    reference, current = counted(draw(200, rng), draw(150, rng))
    p, q = (np.asarray(side.counts.sum(axis=0)).ravel() / side.counts.sum() for side in (reference, current))
    rows = word_shift(reference, current).rows
    assert len(rows) == 51
    assert math.fsum(row["part"] for row in rows) == pytest.approx(jensen_shannon(p, q), abs=1e-12)
    assert [row["part"] for row in rows[:50]] == sorted((row["part"] for row in rows[:50]), reverse=True)
    assert rows[50]["term"] is None
    assert rows[50]["n_terms"] == np.count_nonzero(p != q) - 50
    assert rows[50].keys() == rows[0].keys()


def test_punctuation_carries_nothing() -> None:
    terms = ("!!", "a", "b")
    before, after = window(90, 1, 2, terms=terms), window(0, 2, 1, terms=terms)
    rows = word_shift(before, after).rows
    assert {row["term"] for row in rows} == {"a", "b"}
    assert sum(row["part"] for row in rows) == pytest.approx(jensen_shannon(np.array([1, 2]) / 3, np.array([2, 1]) / 3))


def test_bins_give_the_shift_of_their_documents(draw, counted) -> None:
    rng = np.random.default_rng(1)
    windows = counted(draw(40, rng), draw(40, rng))
    half = np.repeat([0, 1], 20)
    members = sparse.csr_matrix((np.ones(40, dtype=np.int64), (half, np.arange(40))), shape=(2, 40))
    bins = [BinnedCounts(members @ w.counts, members @ w.holders, np.array([20, 20]), w.terms) for w in windows]
    assert word_shift(*bins) == word_shift(*windows)


def test_like_windows_and_windows_without_words_have_no_shift() -> None:
    assert word_shift(BEFORE, BEFORE).rows == ()
    assert word_shift(BEFORE, window(0, 0, 0, 0, 0)).rows == ()
    shift = sentiment_shift(BEFORE, window(0, 0, 0, 0, 0), SCORES)
    assert (shift.change, shift.reference_coverage, shift.current_coverage, shift.table.rows) == (0.0, 1.0, 0.0, ())


def test_the_mean_sentiment_is_told_word_by_word() -> None:
    shift = sentiment_shift(BEFORE, AFTER, SCORES)
    # By hand: the mean falls from 108 / 20 = 5.4 to 98.6 / 24; "late" carries (8/24 - 2/20) (3 - 5.4) = -0.56.
    assert (shift.reference_mean, shift.current_mean) == pytest.approx((5.4, 98.6 / 24), abs=1e-12)
    found = [(row["term"], row["type"], row["direction"], round(row["part"], 4)) for row in shift.table.rows]
    assert found == [
        ("late", "-up", "up", -0.56),
        ("good", "+down", "down", -0.455),
        ("bad", "-up", "up", -0.1933),
        ("lost", "-up", "up", -0.1083),
        ("plane", "-down", "down", 0.025),
    ]
    assert math.fsum(row["part"] for row in shift.table.rows) == pytest.approx(shift.change, abs=1e-12)
    json.dumps(shift.table.rows)


def test_a_word_that_is_read_otherwise_carries_its_change_of_score() -> None:
    scores = np.array([3.0, 7.0, 2.0, 2.8, 5.2])
    shift = sentiment_shift(BEFORE, AFTER, SCORES, current_scores=scores)
    parts = {row["term"]: row["part"] for row in shift.table.rows}
    # (8/24 - 2/20) ((3 + 2)/2 - 5.4) + (2 - 3) (2/20 + 8/24) / 2
    assert parts["late"] == pytest.approx(7 / 30 * -2.9 - 13 / 60, abs=1e-12)
    assert sum(parts.values()) == pytest.approx(shift.change, abs=1e-12)
    assert shift.table.rows[0]["current_score"] == 2.0


def test_parts_of_many_words_add_up_to_the_change(draw, counted) -> None:
    rng = np.random.default_rng(2)
    reference, current = counted(draw(200, rng), draw(150, rng))
    scores = rng.normal(size=len(reference.terms))
    scores[::7] = np.nan
    shift = sentiment_shift(reference, current, scores)
    assert len(shift.table.rows) == 51
    assert math.fsum(row["part"] for row in shift.table.rows) == pytest.approx(shift.change, abs=1e-12)
    assert 0.5 < shift.reference_coverage < 1.0


def test_words_without_a_score_are_left_out_and_the_coverage_says_so() -> None:
    scores = SCORES.copy()
    scores[3:] = np.nan
    shift = sentiment_shift(BEFORE, AFTER, scores)
    assert (shift.reference_coverage, shift.current_coverage) == pytest.approx((10 / 20, 14 / 24))
    assert shift.reference_mean == pytest.approx((2 * 2.5 + 6 * 7.5 + 2 * 3) / 10)
    assert {row["term"] for row in shift.table.rows} == {"bad", "good", "late"}


def test_not_one_score_a_term_and_two_vocabularies_are_refused() -> None:
    with pytest.raises(SettingsError, match=r"scores came in shape \(2,\), and one score for each of the 5 terms"):
        sentiment_shift(BEFORE, AFTER, np.ones(2))
    with pytest.raises(TokenizerError, match="two vocabularies"):
        word_shift(BEFORE, window(1, 2, terms=("a", "b")))


@pytest.mark.parametrize(
    ("names", "mapping", "expected"),
    [
        (("NEG", "Pos"), None, [-1, 1]),
        (("negative", "neutral", "positive"), None, [-1, 0, 1]),
        (("-1", "0", "2.5"), None, [-1, 0, 2.5]),
        (("bad", "good"), {"bad": -3, "good": 1, "so-so": 0}, [-3, 1]),
        (("1", "2"), {"1": 5.0, "2": 1.0}, [5, 1]),
        (("joy", "sadness"), None, None),
        (("positive", "sarcastic"), None, None),
        (("1", "positive"), None, None),
        (("nan", "1"), None, None),
        (("positive",), None, None),
        (("pos", "positive"), None, None),
        ((), None, None),
    ],
)
def test_labels_have_scores_where_their_names_say_so(names, mapping, expected) -> None:
    scores = label_scores(names, mapping)
    assert (None if scores is None else scores.tolist()) == expected


def test_a_mapping_without_a_label_or_with_no_number_is_refused() -> None:
    with pytest.raises(SettingsError, match="name 'bad' and not 'good'"):
        label_scores(["bad", "good"], {"bad": 1.0})
    with pytest.raises(SettingsError, match="finite numbers were needed"):
        label_scores(["bad", "good"], {"bad": 1.0, "good": float("inf")})


def test_a_term_scores_as_the_documents_that_hold_it_shrunken_to_their_mean() -> None:
    counts = TokenCounts(sparse.csr_matrix([[5, 0, 1, 0], [0, 1, 1, 0], [1, 0, 1, 0], [0, 0, 1, 2]]), tuple("abcd"))
    shares = np.array([[1.0, 0.0], [0.0, 1.0], [0.5, 0.5], [0.0, 0.0]])
    mean = (-1 + 1 + 0) / 3
    expected = [(-1 + 0 + 2 * mean) / 4, (1 + 2 * mean) / 3, mean, np.nan]
    scores = term_scores(counts, shares, np.array([-1.0, 1.0]), prior=2.0)
    assert scores == pytest.approx(expected, nan_ok=True)


def test_without_a_labelled_document_no_term_has_a_score() -> None:
    counts = TokenCounts(sparse.csr_matrix([[1, 2]]), ("a", "b"))
    assert np.isnan(term_scores(counts, np.zeros((1, 2)), np.array([-1.0, 1.0]))).all()


def test_scores_learned_from_labels_find_the_words_that_carry_a_planted_change(draw, counted) -> None:
    rng = np.random.default_rng(3)
    label = rng.integers(0, 2, size=400)
    before = [f"{text} {('awful', 'lovely')[y]}" for text, y in zip(draw(400, rng), label, strict=True)]
    after = [f"{text} {'awful' if rng.random() < 0.8 else 'lovely'}" for text in draw(400, rng)]
    reference, current = counted(before, after)
    scores = term_scores(reference, np.eye(2)[label], np.array([-1.0, 1.0]))
    shift = sentiment_shift(reference, current, scores)
    assert shift.change < 0
    assert [(row["term"], row["type"]) for row in shift.table.rows[:2]] in (
        [("awful", "-up"), ("lovely", "+down")],
        [("lovely", "+down"), ("awful", "-up")],
    )
