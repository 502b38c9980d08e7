from __future__ import annotations

import json

import numpy as np
import pytest
from scipy import sparse

from textdrift.drift.lexical.stories import stories_table
from textdrift.errors import TokenizerError
from textdrift.tokens.token_counts import BinnedCounts, TokenCounts


def with_words(documents: list[str], holders: dict[str, np.ndarray]) -> list[str]:
    added = list(documents)
    for words, rows in holders.items():
        for row in rows:
            added[row] += f" {words}"
    return added


def table(windows, rising: list[str], falling: tuple[str, ...] = ()):
    reference, current = windows
    moved = np.array([reference.terms.index(word) for word in [*rising, *falling]], dtype=np.intp)
    rises = np.array([True] * len(rising) + [False] * len(falling), dtype=bool)
    return stories_table(reference, current, moved=moved, rises=rises).rows


def test_two_bursts_and_a_lone_word_are_told_apart(draw, counted) -> None:
    recovered = 0
    for seed in range(20):
        rng = np.random.default_rng(seed)
        rows = rng.permutation(400)
        current = with_words(
            draw(400, rng),
            {"storm snow wind ice": rows[:20], "refund voucher claim form": rows[20:40], "alone": rows[40:60]},
        )
        words = ["storm", "refund", "alone", "snow", "voucher", "wind", "claim", "ice", "form"]
        found = table(counted(draw(400, rng), current), words)
        recovered += [row["words"] for row in found] in (
            [["storm", "snow", "wind", "ice"], ["refund", "voucher", "claim", "form"]],
            [["refund", "voucher", "claim", "form"], ["storm", "snow", "wind", "ice"]],
        )
    assert recovered >= 18


def test_words_that_only_two_of_three_times_come_together_are_one_story(draw, counted) -> None:
    recovered = 0
    words = ["storm", "snow", "wind", "ice"]
    for seed in range(20):
        rng = np.random.default_rng(seed)
        burst = rng.permutation(400)[:30]
        current = with_words(draw(400, rng), {word: burst[rng.random(30) < 0.67] for word in words})
        found = table(counted(draw(400, rng), current), words)
        recovered += [row["words"] for row in found] == [words]
    assert recovered >= 18


def test_a_rare_word_inside_a_common_one_is_of_its_story(draw, counted) -> None:
    rng = np.random.default_rng(0)
    current = with_words(draw(400, rng), {"storm": np.arange(100), "hailstones": np.arange(12)})
    found = table(counted(draw(400, rng), current), ["storm", "hailstones"])
    assert [row["words"] for row in found] == [["storm", "hailstones"]]


def test_a_chain_of_neighbours_does_not_glue_its_ends_together(draw, counted) -> None:
    # Each word shares seven tenths of its documents with the next one, and none with the fourth after it.
    rng = np.random.default_rng(1)
    chain = {f"link{i}": np.arange(12 * i, 12 * i + 40) for i in range(12)}
    found = table(counted(draw(400, rng), with_words(draw(400, rng), chain)), list(chain))
    places = [sorted(int(word.removeprefix("link")) for word in row["words"]) for row in found]
    assert len(places) >= 3
    assert all(words[-1] - words[0] <= 3 for words in places)


@pytest.mark.parametrize("most_frequent", [30, 300])
def test_random_words_are_not_glued(draw, counted, most_frequent: int) -> None:
    glued = 0
    for seed in range(30):
        rng = np.random.default_rng(seed)
        windows = counted(draw(300, rng), draw(300, rng))
        frequent = np.argsort(-np.asarray(windows[1].counts.sum(axis=0)).ravel(), kind="stable")
        words = [windows[1].terms[term] for term in rng.permutation(frequent[:most_frequent])[:30]]
        glued += bool(table(windows, words))
    assert glued <= 4  # 1.5 expected at most: binomial(30, 0.05), P(X > 4) < 0.016


def window(holders: dict[str, list[int]], n_documents: int) -> TokenCounts:
    """Documents of six words that all hold, and of others that some do."""
    terms = tuple(sorted({"ice", "snow", "storm", "wind", *(f"z{i}" for i in range(6))}))
    counts = np.zeros((n_documents, len(terms)), dtype=np.int32)
    counts[:, 4:] = 1
    for term, documents in holders.items():
        counts[documents, terms.index(term)] = 2
    return TokenCounts(sparse.csr_matrix(counts), terms)


def test_a_row_tells_who_tells_the_story() -> None:
    before = window({"snow": [4], "ice": [4]}, 30)
    after = window({"storm": [3, 5, 6, 7, 8, 9], "snow": [2, 3, 5, 6, 7, 9, 10], "ice": [8, 20]}, 60)
    (row,) = table((before, after), ["storm", "snow"])
    assert row == {
        "story": 1,
        "direction": "up",
        "words": ["storm", "snow"],
        "reference_documents": 0,
        "current_documents": 5,
        "reference_share": 0.0,
        "current_share": 5 / 60,
        "window": "current",
        "documents": [3, 5, 6, 7, 9],
    }
    json.dumps(row)


def test_documents_with_most_words_come_first_and_half_the_words_are_enough() -> None:
    told = list(range(10, 22))
    after = window(
        {"ice": [*told, 0, 1, 2], "snow": [*told, 2], "storm": told, "wind": [d for d in told if d not in (11, 12)]}, 60
    )
    (row,) = table((window({}, 50), after), ["ice", "snow", "storm", "wind"])
    assert row["current_documents"] == 13
    assert row["documents"] == [10, 13, 14, 15, 16]


def test_words_that_rose_and_words_that_fell_are_never_one_story(draw, counted) -> None:
    rng = np.random.default_rng(2)
    rows = np.arange(30)
    before = with_words(draw(300, rng), {"old tune song": rows})
    after = with_words(draw(300, rng), {"new beat sound": rows[:25]})
    found = table(counted(before, after), ["new", "beat", "sound"], ["old", "tune", "song"])
    assert [(row["direction"], row["window"], row["words"]) for row in found] == [
        ("down", "reference", ["old", "tune", "song"]),
        ("up", "current", ["new", "beat", "sound"]),
    ]
    assert [row["story"] for row in found] == [1, 2]


def test_at_most_twenty_stories_of_the_first_hundred_words_are_listed() -> None:
    after = np.kron(np.eye(60, dtype=np.int32), np.ones((6, 2), dtype=np.int32))
    terms = tuple(f"w{i:03}" for i in range(120))
    current = TokenCounts(sparse.csr_matrix(after), terms)
    reference = TokenCounts(sparse.csr_matrix((400, 120), dtype=np.int32), terms)
    found = table((reference, current), list(terms[::-1]))
    assert len(found) == 20
    assert found[0]["words"] == ["w119", "w118"]
    assert all(word >= "w020" for row in found for word in row["words"])


def test_the_same_windows_give_the_same_stories(draw, counted) -> None:
    rng = np.random.default_rng(3)
    windows = counted(draw(200, rng), with_words(draw(200, rng), {"a1 b1 c1": np.arange(15)}))
    assert table(windows, ["a1", "b1", "c1"]) == table(windows, ["a1", "b1", "c1"])


def test_bins_tell_no_stories() -> None:
    counts = sparse.csr_matrix(np.full((4, 2), 9))
    bins = BinnedCounts(counts, counts, np.full(4, 10), ("a", "b"))
    assert table((bins, bins), ["a", "b"]) == ()


@pytest.mark.parametrize("words", [[], ["a"], ["a", "b"]])
def test_nothing_that_moved_together_is_no_story(counted, words: list[str]) -> None:
    assert table(counted(["x", "y"], ["a", "b"]), words) == ()
    assert table(counted(["x", "y"], ["a", "b"]), [], words) == ()


def test_two_vocabularies_are_refused(counted) -> None:
    reference, _ = counted(["a"], ["b"])
    _, current = counted(["c"], ["d e"])
    with pytest.raises(TokenizerError, match="two vocabularies"):
        stories_table(reference, current, moved=np.array([0]), rises=np.array([True]))
