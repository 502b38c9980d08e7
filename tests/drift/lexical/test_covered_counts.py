from __future__ import annotations

import numpy as np
import pytest

from textdrift.drift.lexical.covered_counts import CoveredCounts, blind_words, check_one_model
from textdrift.errors import TokenizerError


def covered(windows, *, unknown=(), split=(), n_pieces=None):
    terms = windows[0].terms
    marks = [np.array([term in words for term in terms], dtype=bool) for words in (unknown, split)]
    return [CoveredCounts(side, *marks, n_pieces) for side in windows]


def test_words_that_add_most_come_first_and_those_against_the_change_not_at_all(counted) -> None:
    reference = ["late xqz", "late", "late zub", "late"]
    current = ["xqz xqz xqz", "qrk late", "late xqz", "zub", "brvk brvk", "brvk"]
    windows = counted(reference, current)
    sides = covered(windows, unknown={"xqz", "qrk", "zub"}, split={"brvk"}, n_pieces=np.arange(len(windows[0].terms)))
    rows = blind_words(*sides)
    assert [(row["term"], row["state"]) for row in rows] == [("brvk", "split"), ("xqz", "unknown"), ("qrk", "unknown")]
    assert rows[1] == {
        "term": "xqz", "state": "unknown", "pieces": 3, "reference_share": 0.25, "current_share": 2 / 6,
    }  # fmt: skip


def test_unknown_and_split_words_each_go_their_own_way(counted) -> None:
    # Unknown words take the place of split ones: the share of blind words stays, and both are told.
    sides = covered(counted(["late brvk"] * 4, ["late xqz"] * 4), unknown={"xqz"}, split={"brvk"})
    assert {(row["term"], row["current_share"]) for row in blind_words(*sides)} == {("xqz", 1.0), ("brvk", 0.0)}


def test_a_term_that_is_both_counts_as_unknown(counted) -> None:
    sides = covered(counted(["late"], ["late xqz"]), unknown={"xqz"}, split={"xqz"})
    assert [row["state"] for row in blind_words(*sides)] == ["unknown"]
    assert blind_words(*sides)[0]["pieces"] is None


def test_at_most_fifty_words_are_listed_ties_by_the_word(counted) -> None:
    words = [f"xq{i:03}" for i in range(80)]
    rows = blind_words(*covered(counted(["late"], [" ".join(words)]), unknown=set(words)))
    assert [row["term"] for row in rows] == words[:50]


def test_equal_windows_and_punctuation_list_nothing(counted) -> None:
    assert blind_words(*covered(counted(["xqz late"], ["xqz late"]), unknown={"xqz"})) == ()
    assert blind_words(*covered(counted(["late"], ["late !!!"]), unknown={"!!!"})) == ()


def test_marks_that_are_not_one_a_term_are_refused(counted) -> None:
    side = counted(["late"], ["late flight"])[0]
    with pytest.raises(TokenizerError, match=r"split has the shape \(3,\), but 2 terms were counted"):
        CoveredCounts(side, np.zeros(2, dtype=bool), np.zeros(3, dtype=bool))
    with pytest.raises(TokenizerError, match="n_pieces has the shape"):
        CoveredCounts(side, np.zeros(2, dtype=bool), np.zeros(2, dtype=bool), np.zeros(1, dtype=np.int64))


def test_windows_read_by_two_models_are_refused(counted) -> None:
    windows = counted(["late"], ["late flight"])
    one, other = covered(windows, unknown={"late"}), covered(windows, split={"late"})
    with pytest.raises(TokenizerError, match="the term 'late' is marked otherwise"):
        check_one_model(one[0], other[1])
    alone = covered(counted(["late"], ["soon"]))
    with pytest.raises(TokenizerError, match="two vocabularies"):
        check_one_model(one[0], alone[1])
