from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from textdrift.drift.lexical.share_changes import share_change
from textdrift.drift.lexical.terms import log_share_without, moved_terms, term_tests
from textdrift.errors import TokenizerError
from textdrift.tokens.words import is_word


def planted(documents: list[str], word: str, share: float, rng: np.random.Generator) -> list[str]:
    return [f"{text} {word}" if rng.random() < share else text for text in documents]


def test_p_values_are_fisher_mid_p_values_of_the_two_by_two_table(draw, counted) -> None:
    rng = np.random.default_rng(0)
    tests = term_tests(*counted(draw(60, rng), draw(40, rng)))
    for term in range(0, len(tests.terms), 50):
        k, held = tests.reference_documents[term], tests.reference_documents[term] + tests.current_documents[term]
        null = stats.hypergeom(100, held, 60)
        lower, upper = null.cdf(k) - 0.5 * null.pmf(k), null.sf(k) + 0.5 * null.pmf(k)
        assert tests.p_values[term] == pytest.approx(min(1.0, 2 * min(lower, upper)), rel=1e-9)


def test_presence_counts_not_occurrences(counted) -> None:
    tests = term_tests(*counted(["very very very good"], ["very good good"]))
    assert tests.reference_documents.tolist() == tests.current_documents.tolist() == [1, 1]


def test_a_term_that_could_never_be_significant_costs_the_others_nothing(counted) -> None:
    reference = [f"rare{i}" for i in range(200)]
    current = [f"seldom{i} late" for i in range(200)]
    tests = term_tests(*counted(reference, current))
    assert tests.n_tested == 1
    assert tests.bonferroni[tests.terms.index("late")] == tests.p_values[tests.terms.index("late")] < 1e-100
    assert tests.bonferroni[tests.terms.index("rare0")] == 1.0


def test_the_planted_words_come_first(draw, counted) -> None:
    rng = np.random.default_rng(1)
    reference, current = draw(500, rng), draw(500, rng)
    current = planted(planted(current, "#recall", 0.05, rng), "refund", 0.10, rng)
    rows = moved_terms(*counted(planted(reference, "gone", 0.08, rng), current))
    assert [(row["term"], row["direction"]) for row in rows[:3]] == [
        ("refund", "up"),
        ("gone", "down"),
        ("recall", "up"),
    ]
    first = rows[0]
    assert first["current_documents"] / 500 == first["current_share"]
    assert first["p_value"] < 1e-8


def test_punctuation_is_not_listed_and_emoji_are(counted) -> None:
    reference = [f"fine {i}" for i in range(50)]
    current = [f"fine {i} !! … \N{POUTING FACE}" for i in range(50)]
    assert [row["term"] for row in moved_terms(*counted(reference, current))] == ["\N{POUTING FACE}"]
    assert not is_word("!!")
    assert not is_word("—")


def test_ties_are_broken_by_the_term(counted) -> None:
    rows = moved_terms(*counted([f"x{i}" for i in range(50)], [f"x{i} zebra apple mango" for i in range(50)]))
    assert [row["term"] for row in rows] == ["apple", "mango", "zebra"]


def test_at_most_a_hundred_rows_are_listed(counted) -> None:
    many = " ".join(f"word{i}" for i in range(150))
    assert len(moved_terms(*counted([f"x{i}" for i in range(60)], [f"x{i} {many}" for i in range(60)]))) == 100


def test_identical_windows_have_no_moved_terms(draw, counted) -> None:
    documents = draw(200, np.random.default_rng(2))
    assert moved_terms(*counted(documents, documents)) == ()
    change = share_change(*counted(documents, documents))
    assert (change.value, change.low, change.p_value, change.term) == (0.0, 0.0, 1.0, "")
    assert 0 < change.high < 0.3


@pytest.mark.parametrize("falls", [False, True])
def test_the_share_change_is_that_of_the_planted_word_and_lies_in_its_interval(draw, counted, falls: bool) -> None:
    rng = np.random.default_rng(3)
    before, after = draw(400, rng), planted(draw(300, rng), "zz", 0.3, rng)
    windows = counted(after, before) if falls else counted(before, after)
    change = share_change(*windows)
    assert change.term == "zz"
    assert change.low < 0.3 < change.high
    assert change.low < change.value < change.high
    assert change.value == pytest.approx(0.3, abs=0.08)
    assert change.p_value < 1e-9


def test_windows_without_words_have_no_change(counted) -> None:
    change = share_change(*counted(["", "!!"], ["...", ""]))
    assert (change.value, change.p_value) == (0.0, 1.0)
    assert moved_terms(*counted([""], [""])) == ()


def test_two_vocabularies_are_refused(counted) -> None:
    reference, _ = counted(["a"], ["b"])
    _, current = counted(["c"], ["d e"])
    with pytest.raises(TokenizerError, match=r"two vocabularies \(2 and 3 terms\)"):
        term_tests(reference, current)


def test_the_probability_of_drawing_no_holder_is_hypergeometric() -> None:
    held = np.array([0, 1, 5, 30, 61, 100])
    expected = stats.hypergeom(100, held, 40).pmf(0)
    assert np.exp(log_share_without(held, 40, 100)) == pytest.approx(expected, rel=1e-9, abs=1e-300)


@pytest.mark.slow
def test_few_pairs_of_like_windows_name_a_word(draw, counted) -> None:
    rng = np.random.default_rng(4)
    named = sum(bool(moved_terms(*counted(draw(300, rng), draw(200, rng)))) for _ in range(150))
    assert named <= 15  # 5 % expected at most; P(X > 15) < 0.006
