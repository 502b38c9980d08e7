from __future__ import annotations

import pickle
from concurrent.futures import ThreadPoolExecutor

import polars as pl
import pytest

from textdrift.errors import TokenizerError
from textdrift.tokens.nltk_names import stemmer_named
from textdrift.tokens.stemming import Stemming


def test_a_function_is_asked_once_for_each_distinct_word() -> None:
    asked = []

    def first_letter(word: str) -> str:
        asked.append(word)
        return word[0]

    stemming = Stemming(first_letter)
    assert stemming.stems(pl.Series(["ab", "cd", "ab"])).to_list() == ["a", "c", "a"]
    assert stemming.stems(pl.Series(["cd", "ef"])).to_list() == ["c", "e"]
    assert asked == ["ab", "cd", "ef"]


def test_what_is_remembered_has_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("textdrift.tokens.stemming._MOST_REMEMBERED", 10)
    stemming = Stemming(str.upper)
    for start in range(0, 100, 10):
        words = pl.Series([f"w{k}" for k in range(start, start + 10)])
        assert stemming.stems(words).to_list() == words.str.to_uppercase().to_list()
    assert len(stemming._stem_of) <= 20


def test_a_word_whose_stem_would_be_empty_stays() -> None:
    assert Stemming("arabic").stems(pl.Series(["-", "كتاب"])).to_list() == ["-", "كتاب"]
    assert Stemming(lambda _: "").stems(pl.Series(["word", ""])).to_list() == ["word", ""]


def test_no_words_have_no_stems() -> None:
    assert Stemming("english").stems(pl.Series([], dtype=pl.String)).to_list() == []


@pytest.mark.parametrize(
    ("stem", "told"),
    [
        (lambda word: word[9], "failed for 'word': IndexError"),
        (lambda _: None, r"returned None \(NoneType\) for 'word'"),
        (lambda _: "\ud800", "no valid Unicode"),
    ],
)
def test_a_function_that_fails_is_named_with_the_word(stem, told: str) -> None:
    with pytest.raises(TokenizerError, match=rf"the stemmer <lambda> .*{told}|the stemmer <lambda> returned.*{told}"):
        Stemming(stem).stems(pl.Series(["word"]))


@pytest.mark.parametrize(("stemmer", "told"), [("englsh", "did you mean 'english'"), (3, r"the stemmer is 3 \(int\)")])
def test_an_unknown_stemmer_is_told_at_once(stemmer: object, told: str) -> None:
    with pytest.raises(TokenizerError, match=told):
        Stemming(stemmer)


def test_threads_do_not_mix_up_stemmers_that_keep_notes() -> None:
    words = [f"{word}{k}" for k in range(500) for word in ("والكتاب", "يكتبون", "المدرسة", "استخدام")]
    alone = [stemmer_named("isri")(word) for word in words]
    with ThreadPoolExecutor(4) as threads:
        found = list(threads.map(Stemming("isri").stems, [pl.Series(words)] * 8))
    assert all(stems.to_list() == alone for stems in found)


@pytest.mark.parametrize("stemmer", ["english", "arabic", "isri"])
def test_a_named_stemmer_goes_to_another_process(stemmer: str) -> None:
    stemming = pickle.loads(pickle.dumps(Stemming(stemmer)))
    assert stemming == Stemming(stemmer)
    assert stemming.stems(pl.Series(["x"])).to_list() == ["x"]
