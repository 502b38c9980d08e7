from __future__ import annotations

import json

import numpy as np
import pytest
from scipy import sparse

from textdrift.drift.contract import DriftResult, DriftTest
from textdrift.drift.lexical.label_words import LabelWords
from textdrift.drift.lexical.leaning import LabelledCounts
from textdrift.drift.lexical.leaning_halves import Half, learned_halves
from textdrift.errors import TokenizerError, WindowError
from textdrift.tokens.token_counts import TokenCounts

LABELS = ("negative", "positive")
N_COMMON, N_TELLING = 400, 5
TERMS = (
    *(f"{stem}{i:02}" for stem in ("bad", "good") for i in range(N_TELLING)),
    *(f"w{i:03}" for i in range(N_COMMON)),
)


def window(
    n: int, rng: np.random.Generator, *, bad: float = 0.5, good: float = 0.5, flipped: float = 0.0,
    labelled: float = 1.0,
) -> LabelledCounts:  # fmt: skip
    """Documents of common words; each has a mood, and with these chances says one or two words of it."""
    mood = rng.integers(0, 2, size=n)
    lengths = rng.integers(5, 25, size=n)
    weights = 1 / np.arange(1, N_COMMON + 1)
    common = 2 * N_TELLING + rng.choice(N_COMMON, size=lengths.sum(), p=weights / weights.sum())
    says = np.where(rng.random(n) < np.array([bad, good])[mood], rng.integers(1, 3, size=n), 0)
    own = mood * N_TELLING + rng.integers(0, N_TELLING, size=n)
    counts = sparse.csr_matrix(
        (
            np.concatenate([np.ones(lengths.sum()), says]).astype(np.int32),
            (np.concatenate([np.repeat(np.arange(n), lengths), np.arange(n)]), np.concatenate([common, own])),
        ),
        shape=(n, len(TERMS)),
    )
    counts.eliminate_zeros()
    label = np.where(rng.random(n) < flipped, 0, mood)
    shares = np.eye(2)[label] * (rng.random(n) < labelled)[:, None]
    return LabelledCounts(TokenCounts(counts, TERMS), shares, LABELS)


def compare(
    reference: LabelledCounts, current: LabelledCounts, *, seed: int = 0, n_permutations: int = 199
) -> DriftResult:
    return LabelWords(n_permutations=n_permutations).compare(reference, current, rng=np.random.default_rng(seed))


def test_it_keeps_the_contract() -> None:
    assert isinstance(LabelWords(), DriftTest)


def test_identical_windows_do_not_drift() -> None:
    same = window(200, np.random.default_rng(0))
    result = compare(same, same)
    assert result.p_value == 1.0
    assert result.effects[0].value == 0.0
    assert result.effects[0].low == 0.0 < result.effects[0].high < 0.05
    assert all(row["low"] < 0 < row["high"] for row in result.table("label_words"))


def test_words_of_one_label_that_become_more_frequent_are_found_and_named() -> None:
    rng = np.random.default_rng(1)
    result = compare(window(600, rng), window(500, rng, bad=0.9))
    row = result.table("label_words")[0]
    assert result.p_value <= 0.02
    assert row["label"] == "negative"
    assert row["p_value"] == result.p_value
    assert 0 < row["low"] < row["current_share"] - row["reference_share"] < row["high"]
    # 20 of 100 documents more hold 1.5 words of 15 or so.
    assert result.effects[0].value == row["current_share"] - row["reference_share"]
    assert 0.008 < result.effects[0].value < 0.03
    assert all(word["term"].startswith("bad") for word in row["words"][:5])
    assert 5 <= len(row["words"]) <= 10
    assert (result.test, result.kind, result.n_documents) == ("lexical.label_words", "lexical", (600, 500))
    json.dumps(result.table("label_words"))


def test_words_that_become_rarer_give_a_positive_size_with_its_interval() -> None:
    rng = np.random.default_rng(2)
    result = compare(window(600, rng), window(500, rng, good=0.05))
    effect, row = result.effects[0], result.table("label_words")[0]
    assert row["label"] == "positive"
    assert row["high"] < 0
    assert (effect.value, effect.low, effect.high) == pytest.approx(
        (row["reference_share"] - row["current_share"], -row["high"], -row["low"])
    )


def test_an_unlabelled_current_window_is_judged_by_what_the_reference_teaches() -> None:
    rng = np.random.default_rng(3)
    result = compare(window(600, rng), window(500, rng, bad=0.9, labelled=0.0))
    assert result.p_value <= 0.02
    assert result.table("label_words")[0]["label"] == "negative"
    assert result.sizes["labelled_current"] == 0
    assert result.notes == (
        "No current document has a label; which words lean on one was learned from the reference window alone.",
    )
    turned = compare(window(600, rng, labelled=0.0), window(500, rng, bad=0.9))
    assert turned.p_value <= 0.02
    assert "No reference document has a label" in turned.notes[0]


def test_labels_that_move_alone_are_no_drift_of_words() -> None:
    rng = np.random.default_rng(4)
    result = compare(window(600, rng), window(500, rng, flipped=0.6))
    assert result.p_value > 0.05
    assert result.effects[0].value == 0.0


@pytest.mark.parametrize("labelled", [1.0, 0.0])
def test_the_parts_of_the_words_add_up_to_the_change(labelled: float) -> None:
    from textdrift.drift.lexical.label_words import _changes

    rng = np.random.default_rng(5)
    sides = window(300, rng), window(250, rng, bad=0.7, labelled=labelled)
    changes = _changes(sides, tuple(learned_halves(sides, rng)))
    assert changes.parts.sum(axis=0) == pytest.approx(changes.change, abs=1e-12)
    assert (changes.change != 0).all()


def test_the_words_of_a_half_are_counted_as_by_hand() -> None:
    rng = np.random.default_rng(6)
    sides = window(120, rng), window(81, rng, labelled=0.0)
    first, second = learned_halves(sides, rng)
    assert sorted([*first.tested[0], *second.tested[0]]) == list(range(120))
    assert first.tested[1].tolist() == second.tested[1].tolist() == list(range(81))
    counts = sides[0].counts.counts.toarray()[first.tested[0]]
    for label in (0, 1):
        terms = np.flatnonzero(first.leaning[:, label])
        assert first.leaned[:60, label] == pytest.approx(counts[:, terms].sum(axis=1))
    assert first.said[:60] == pytest.approx(counts.sum(axis=1))


def test_the_statistic_has_mean_one_over_random_splits() -> None:
    # Var(D) is exact, so the mean of D² / Var(D) is one.
    rng = np.random.default_rng(7)
    half = next(learned_halves((window(120, rng), window(80, rng)), rng))
    permuted = half.statistics(3999, rng)[:, 1:]
    assert permuted.mean(axis=1) == pytest.approx(1.0, abs=4 * permuted.std() / np.sqrt(3999))


def test_the_observed_statistic_is_that_of_the_windows() -> None:
    rng = np.random.default_rng(8)
    half = next(learned_halves((window(120, rng), window(80, rng, bad=0.8)), rng))
    n = len(half.tested[0])
    share = half.leaned.sum(axis=0) / half.said.sum()
    by_hand = half.leaned[:n].sum(axis=0) - half.said[:n].sum() * share
    assert half.statistics(9, rng)[:, 0] == pytest.approx(by_hand**2 / half.null_variance)


def test_blocks_of_splits_do_not_show(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(9)
    windows = window(100, rng), window(90, rng)
    whole = compare(*windows)
    monkeypatch.setattr("textdrift.drift.lexical.leaning_halves._COLUMNS", 7)
    assert compare(*windows).p_value == whole.p_value


def test_equal_shares_of_all_documents_do_not_speak_by_rounding() -> None:
    # One word of 49 leans, in every document: residuals are rounding, and rounding has a variance too.
    said = np.tile([49.0, 98.0, 147.0, 49.0], 10)
    half = Half(np.ones((1, 1), dtype=bool), (np.arange(25), np.arange(15)), said[:, None] // 49, said)
    assert (half.leaned - said[:, None] * (half.leaned.sum() / said.sum())).any()
    assert not half.statistics(99, np.random.default_rng(0)).any()


def relabelled(side: LabelledCounts, shares: np.ndarray, names: tuple[str, ...]) -> LabelledCounts:
    return LabelledCounts(side.counts, shares, names)


def test_a_label_of_one_window_only_is_left_out_and_told() -> None:
    rng = np.random.default_rng(10)
    names = ("angry", *LABELS)
    reference, current = window(300, rng), window(250, rng)
    three = np.column_stack([np.zeros(250), current.shares])
    three[:50] = [1, 0, 0]
    result = compare(
        relabelled(reference, np.column_stack([np.zeros(300), reference.shares]), names),
        relabelled(current, three, names),
    )
    assert {row["label"] for row in result.table("label_words")} == set(LABELS)
    (note,) = result.notes
    assert note.startswith("The label 'angry' occurs in the current window only, where words that lean on it cannot be")


@pytest.mark.parametrize(
    ("reference_shares", "current_shares", "reason"),
    [
        ([[0, 0]], [[0, 0]], "No document of the windows has a label that could be compared: p = 1."),
        ([[1, 0]], [[0, 1]], "No document of the windows has a label that could be compared: p = 1."),
        ([[1, 0]], [[1, 0]], "There is one label to compare, 'negative', and it takes two"),
        ([[1, 0]], [[0, 0]], "There is one label to compare, 'negative', and it takes two"),
    ],
)
def test_without_two_labels_to_compare_p_is_1_and_the_note_says_why(reference_shares, current_shares, reason) -> None:
    rng = np.random.default_rng(11)
    sides = [
        relabelled(window(50, rng), np.tile(np.array(shares, dtype=float), (50, 1)), LABELS)
        for shares in (reference_shares, current_shares)
    ]
    result = compare(*sides)
    assert result.p_value == 1.0
    assert result.notes[-1].startswith(reason)
    assert result.effects[0].detectable == np.inf
    assert result.table("label_words") == ()


def test_labels_that_no_word_leans_on_give_p_1_and_say_so() -> None:
    rng = np.random.default_rng(12)
    result = compare(window(8, rng), window(8, rng))
    assert result.p_value == 1.0
    assert result.notes == ("No word leans clearly on a label: p = 1.",)


def test_one_label_without_words_of_its_own_is_told_and_the_others_are_judged() -> None:
    rng = np.random.default_rng(13)
    reference, current = window(600, rng, good=0.0), window(500, rng, bad=0.95, good=0.0)
    result = compare(reference, current)
    assert result.p_value <= 0.02
    assert result.table("label_words")[0]["label"] == "negative"


@pytest.mark.parametrize(("n", "m"), [(3, 50), (50, 0), (1, 1)])
def test_windows_too_small_to_halve_give_p_1_and_say_so(n: int, m: int) -> None:
    rng = np.random.default_rng(14)
    reference, current = window(50, rng).taken(np.arange(n)), window(50, rng).taken(np.arange(m))
    result = compare(reference, current)
    assert result.p_value == 1.0
    assert len(result.notes) >= 1
    assert result.n_documents == (n, m)


def test_the_same_generator_gives_the_same_result() -> None:
    rng = np.random.default_rng(15)
    windows = window(90, rng), window(80, rng)
    assert compare(*windows, seed=3) == compare(*windows, seed=3)


def test_other_labels_and_other_vocabularies_are_refused() -> None:
    rng = np.random.default_rng(16)
    side = window(10, rng)
    with pytest.raises(WindowError, match="give both one tuple of the labels of both"):
        compare(side, relabelled(side, side.shares, ("neg", "pos")))
    other = LabelledCounts(TokenCounts(side.counts.counts[:, :5], side.counts.terms[:5]), side.shares, LABELS)
    with pytest.raises(TokenizerError, match="two vocabularies"):
        compare(side, other)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("n", "m", "telling", "flipped", "labelled"),
    [
        (300, 250, 0.5, 0.0, 1.0),
        (400, 100, 0.5, 0.6, 1.0),  # labels move, words do not
        (400, 300, 0.5, 0.0, 0.0),  # the current window has no labels
        (400, 300, 0.5, 0.6, 0.4),
    ],
)
def test_it_holds_its_level(n: int, m: int, telling: float, flipped: float, labelled: float) -> None:
    rng = np.random.default_rng(17)
    alarms = 0
    for seed in range(200):
        reference = window(n, rng, bad=telling, good=telling)
        current = window(m, rng, bad=telling, good=telling, flipped=flipped, labelled=labelled)
        alarms += compare(reference, current, seed=seed, n_permutations=99).p_value <= 0.05
    assert alarms <= 18  # binomial(200, 0.05): P(X > 18) < 0.006


@pytest.mark.slow
def test_labels_thrown_by_a_coin_that_knows_the_window_do_not_make_words_lean_on_it() -> None:
    # Learned and tested on the same documents, this alarms in seven of ten pairs.
    rng = np.random.default_rng(18)
    alarms = 0
    for seed in range(200):
        sides = []
        for n, share in ((1000, 0.2), (500, 0.8)):
            side = window(n, rng)
            sides.append(relabelled(side, np.eye(2)[(rng.random(n) < share).astype(int)], LABELS))
        alarms += compare(*sides, seed=seed, n_permutations=99).p_value <= 0.05
    assert alarms <= 18  # binomial(200, 0.05): P(X > 18) < 0.006


@pytest.mark.slow
def test_the_detectable_change_is_detected_four_times_in_five() -> None:
    rng = np.random.default_rng(19)
    found, covered = [], []
    for seed in range(120):
        reference = window(500, rng)
        detectable = compare(reference, window(400, rng), seed=seed, n_permutations=99).effects[0].detectable
        # A share of 15.5 words or so: half the documents are bad, and a bad one that says so says 1.5 words.
        extra = detectable * 14.75 / 0.75 / (1 - detectable)
        result = compare(reference, window(400, rng, bad=0.5 + extra), seed=seed, n_permutations=199)
        found.append(result.p_value <= 0.05)
        row = next(row for row in result.table("label_words") if row["label"] == "positive")
        # The positive words did not change, but for the longer documents.
        covered.append(row["low"] <= 0.001 and row["high"] >= -0.001)
    assert 0.65 < np.mean(found) < 0.95
    assert np.mean(covered) >= 0.9
