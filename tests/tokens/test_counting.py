from __future__ import annotations

from collections import Counter
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pytest
from nltk.tokenize import wordpunct_tokenize

from textdrift.errors import TokenizerError
from textdrift.tokens.counting import count_tokens
from textdrift.tokens.tokenization import Tokenization, unit_names

# Neither letters that have two spellings nor scripts without spaces: there, terms are not tokens.
AWKWARD = [
    "",
    "   \t\n",
    "!!!",
    "It's GREAT, isn't it?!",
    "Straße ΟΔΟΣ ﬁsh",
    "naïve café élève",
    "हिन्दी में शिकायत",
    "שלום עולם, مرحبا بالعالم",
    "👍🏽👍 10/10 :-) <b>&amp;</b>",
    "a_b __init__ 3.14 1,000",
    "zero\u200bwidth\u00a0space\x00\x07 end",
]


def texts(values: list[str | None]) -> pa.Array:
    return pa.array(values, pa.large_string())


def row_of(side, row: int) -> dict[str, int]:
    stored = side.counts[[row]].tocoo()
    return {side.terms[j]: c for j, c in zip(stored.col, stored.data, strict=True)}


def test_an_unknown_tokenizer_names_its_nearest_neighbour_and_the_list() -> None:
    with pytest.raises(TokenizerError, match=r"'twet'; did you mean 'tweet'\? Known are words, wordpunct, tweet"):
        count_tokens(texts(["a"]), texts(["b"]), "twet")


def test_a_function_sees_the_text_as_written() -> None:
    reference, _ = count_tokens(texts(["A b"]), texts(["b"]), str.split)
    assert reference.terms == ("A", "b")


@pytest.mark.parametrize(
    ("returned", "described"), [("a b", r"'a b' \(str\)"), (["a", 3], r"holds 3 \(int\)"), (None, "NoneType")]
)
def test_a_function_that_returns_no_list_of_strings_is_told_the_document(returned: object, described: str) -> None:
    def broken(text: str) -> object:
        return returned if text == "second" else [text]

    with pytest.raises(TokenizerError, match=rf"broken returned .*{described}.* for document 1 \('second'\)"):
        count_tokens(texts(["first", "second"]), texts(["third"]), broken)


def test_counts_are_those_of_a_plain_loop() -> None:
    reference, current = count_tokens(texts(AWKWARD[:6]), texts([*AWKWARD[6:], "Great great GREAT"]))
    for side, values in ((reference, AWKWARD[:6]), (current, [*AWKWARD[6:], "Great great GREAT"])):
        for row, text in enumerate(values):
            counted = Counter(wordpunct_tokenize(text.lower()))
            stored = side.counts[[row]].tocoo()
            assert {side.terms[j]: c for j, c in zip(stored.col, stored.data, strict=True)} == counted


def test_the_vocabulary_is_sorted_shared_and_holds_nothing_that_does_not_occur() -> None:
    reference, current = count_tokens(texts(["b a", "z"]), texts(["é c"]))
    assert reference.terms is current.terms
    assert reference.terms == tuple(sorted(reference.terms)) == ("a", "b", "c", "z", "é")
    assert (reference.counts.sum(axis=0) + current.counts.sum(axis=0)).min() == 1


def test_the_matrix_is_canonical_int32() -> None:
    for side in count_tokens(texts(["b a b a", "c"]), texts(["c a"])):
        assert side.counts.dtype == np.int32
        assert side.counts.has_canonical_format
        assert side.counts.data.min() > 0


def test_texts_without_a_token_and_nulls_are_empty_rows() -> None:
    reference, current = count_tokens(texts(["", None, " "]), texts(["\n"]))
    assert reference.counts.shape == (3, 0)
    assert current.counts.shape == (1, 0)
    assert reference.terms == ()


def test_windows_of_no_rows_have_no_rows() -> None:
    reference, current = count_tokens(texts([]), texts(["a"]))
    assert (len(reference), len(current)) == (0, 1)


def test_batches_do_not_show(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(0)
    values = [" ".join(f"w{k}" for k in rng.integers(0, 50, size=5)) for _ in range(101)]
    whole = count_tokens(texts(values[:60]), texts(values[60:]))
    monkeypatch.setattr("textdrift.tokens.counting._BATCH", 7)
    parts = count_tokens(texts(values[:60]), texts(values[60:]))
    assert whole[0].terms == parts[0].terms
    assert all((a.counts != b.counts).nnz == 0 for a, b in zip(whole, parts, strict=True))


def test_terms_of_two_spellings_are_one_and_scripts_without_spaces_are_cut() -> None:
    reference, current = count_tokens(texts(["café", "手机很好"]), texts(["cafe\u0301", "很好用"]))
    assert reference.terms == ("café", "好用", "很好", "手机", "机很")
    assert row_of(current, 0) == {"café": 1}
    assert row_of(current, 1) == {"很好": 1, "好用": 1}
    assert row_of(reference, 1) == {"手机": 1, "机很": 1, "很好": 1}


def test_stop_words_go_and_stems_meet() -> None:
    tokenization = Tokenization(stemmer="english", stop_words=["the", "was"])
    reference, _ = count_tokens(texts(["The flights was late", "the"]), texts(["flight"]), tokenization)
    assert reference.terms == ("flight", "late")
    assert reference.counts.toarray().tolist() == [[1, 1], [0, 0]]


@pytest.mark.parametrize(("unit", "n"), [("bigrams", 2), ("trigrams", 3)])
def test_runs_of_words_are_those_of_a_plain_loop(unit: str, n: int) -> None:
    values = [text for text in AWKWARD if text] + ["one two three one two three", "one", "two two two two"]
    reference, _ = count_tokens(texts(values), texts([]), Tokenization(unit=unit))
    for row, text in enumerate(values):
        words = wordpunct_tokenize(text.lower())
        runs = Counter(" ".join(words[i : i + n]) for i in range(len(words) - n + 1))
        assert row_of(reference, row) == runs


def test_a_stop_word_does_not_stand_between_two_words() -> None:
    reference, _ = count_tokens(texts(["not the best"]), texts([]), Tokenization("bigrams", stop_words=["the"]))
    assert reference.terms == ("not best",)


def test_collocations_are_pairs_of_words_that_keep_company_in_both_windows_together() -> None:
    rng = np.random.default_rng(0)
    words = [f"w{i}" for i in range(30)]
    values = [" ".join(rng.choice(words, size=12)) + (" , new york !" if i % 4 == 0 else "") for i in range(200)]
    reference, current = count_tokens(texts(values[:90]), texts(values[90:]), Tokenization("collocations"))
    assert "new york" in reference.terms
    assert ", new" not in reference.terms
    assert reference.terms == tuple(sorted(reference.terms)) == current.terms
    held = reference.holders.sum() + current.holders.sum()
    assert held >= 50
    swapped, _ = count_tokens(texts(values[90:]), texts(values[:90]), Tokenization("collocations"))
    assert swapped.terms == reference.terms


@pytest.mark.parametrize("unit", unit_names())
def test_every_unit_counts_windows_of_nothing(unit: str) -> None:
    reference, current = count_tokens(texts(["", None]), texts([]), Tokenization(unit=unit))
    assert (len(reference), len(current)) == (2, 0)
    assert reference.terms in {(), ("no words",)}


def test_runs_never_cross_from_one_text_to_the_next() -> None:
    values = ["a b", "c d", "", "e"]
    reference, _ = count_tokens(texts(values), texts([]), Tokenization("bigrams"))
    assert reference.terms == tuple(" ".join(pair) for text in values for pair in pairwise(text.split()))


def test_settings_with_two_functions_of_one_name_are_told_apart() -> None:
    first, second = (Tokenization(tokenizer=f) for f in (lambda text: text.split(), lambda text: [text]))
    assert first.described()["tokenizer"].startswith("function <lambda> #")
    assert first.described() != second.described()


def test_stop_words_from_an_iterator_are_kept() -> None:
    tokenization = Tokenization(stop_words=(word for word in ("the", "a")))
    assert tokenization.described()["stop_words"] == ["a", "the"]
    for _ in range(2):
        reference, _ = count_tokens(texts(["the film"]), texts(["a film"]), tokenization)
        assert reference.terms == ("film",)
    assert Tokenization(stop_words={"b", "a"}) == Tokenization(stop_words=["a", "b"])
