from __future__ import annotations

import pickle
import time
import unicodedata
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from textdrift.errors import TokenizerError
from textdrift.tokens.term_rules import TermRules


def terms(tokens: list[str], **rules) -> list[list[str]]:
    found = TermRules(**rules).terms_of(pa.array(tokens, pa.large_string()))
    assert found.type == pa.large_list(pa.large_string())
    return found.to_pylist()


@settings(max_examples=40, deadline=None)
@given(st.lists(st.text(alphabet=st.characters(codec="ascii"))))
def test_by_default_an_ascii_token_is_its_own_term(tokens: list[str]) -> None:
    assert TermRules().is_identity_for_ascii
    assert terms(tokens) == [[token] for token in tokens]


@settings(max_examples=40, deadline=None)
@given(st.lists(st.text(alphabet=st.sampled_from("abé1漢字かなกิ่हि한İ\u0301\u0307"), min_size=1), max_size=20))
def test_what_a_token_becomes_does_not_depend_on_its_neighbours(tokens: list[str]) -> None:
    rules = {"stop_words": ["a", "漢字"], "stemmer": "english"}
    assert terms(tokens, **rules) == [terms([token], **rules)[0] for token in tokens]


@settings(max_examples=40, deadline=None)
@given(st.text(alphabet=st.characters(exclude_categories=["Cs", "Cn"])))
def test_canonically_equivalent_tokens_are_one_term(token: str) -> None:
    forms = [unicodedata.normalize(form, token) for form in ("NFC", "NFD")]
    first, second, third = terms([token, *forms])
    assert first == second == third


@pytest.mark.parametrize(
    ("token", "expected"),
    [
        ("cafe\u0301", ["café"]),
        ("हिन्दी", ["हिन्दी"]),
        ("مَرْحَبًا", ["مَرْحَبًا"]),
        ("שָׁלוֹם", [unicodedata.normalize("NFC", "שָׁלוֹם")]),
        ("한국어", ["한국어"]),
        ("\u1112\u1161\u11ab\u1100\u116e\u11a8", ["한국"]),
        ("ภาษาไทย", ["ภา", "าษ", "ษา", "าไ", "ไท", "ทย"]),
        ("東京タワー", ["東京", "タワー"]),
        ("i\u0307zmir", ["izmir"]),
        ("👨\u200d👩\u200d👧", ["👨\u200d👩\u200d👧"]),
        ("🇩🇪🇫🇷", ["🇩🇪🇫🇷"]),
        ("ﬁsh", ["ﬁsh"]),
        ("", [""]),
    ],
)
def test_terms_of_many_scripts(token: str, expected: list[str]) -> None:
    assert terms([token]) == [expected]
    assert terms(["plain", token, "word"]) == [["plain"], expected, ["word"]]


def test_without_a_normal_form_spellings_stay_apart_and_runs_are_cut_all_the_same() -> None:
    assert terms(["é", "e\u0301", "我喜欢"], normalization="none") == [["é"], ["e\u0301"], ["我喜", "喜欢"]]


def test_stop_words_are_dropped_whatever_their_case_and_spelling() -> None:
    tokens = ["the", "THE", "e\u0301te\u0301", "İl".lower(), "们", "other"]
    assert terms(tokens, stop_words=["The", "ÉTÉ", "IL", "们"]) == [[], [], [], [], [], ["other"]]
    assert terms(tokens[:2], stop_words=[]) == [["the"], ["THE"]]


def test_a_stop_word_may_be_one_of_the_pairs_of_a_run() -> None:
    assert terms(["我们喜欢"], stop_words=["我们"]) == [["们喜", "喜欢"]]


def test_stop_words_may_come_from_an_iterator() -> None:
    rules = TermRules(stop_words=(word for word in ("the", "a")))
    assert rules.stop_words == ("the", "a")
    assert rules == TermRules(stop_words=["the", "a"])
    assert rules.terms_of(pa.array(["the", "film"])).to_pylist() == [[], ["film"]]


def test_stop_words_come_before_stems() -> None:
    assert terms(["does", "doe", "running"], stop_words=["does"], stemmer="english") == [[], ["doe"], ["run"]]


def test_stop_words_are_read_from_a_file(tmp_path: Path) -> None:
    path = tmp_path / "stop.txt"
    path.write_text("# short\nund\noder\n", encoding="utf-8")
    assert terms(["und", "auch"], stop_words=path) == terms(["und", "auch"], stop_words=str(path)) == [[], ["auch"]]


@pytest.mark.parametrize("normalization", ["NFC", "NFD", "NFKD"])
def test_a_stemmer_sees_composed_letters_whatever_the_normal_form(normalization: str) -> None:
    plain = terms(["répétées"], stemmer="french")
    assert plain == [["répet"]]
    decomposed = terms(["répétées"], stemmer="french", normalization=normalization)
    assert [unicodedata.normalize("NFC", term) for term in decomposed[0]] == plain[0]
    assert decomposed == [[unicodedata.normalize(normalization, "répet")]]


def test_a_stemmer_of_your_own_is_used_and_an_empty_stem_drops_nothing() -> None:
    assert terms(["late", "-"], stemmer=lambda word: word.strip("-")[:2]) == [["la"], ["-"]]


def test_a_stemmer_that_fails_is_told_with_its_word() -> None:
    with pytest.raises(TokenizerError, match=r"returned 4 .* for 'late'"):
        terms(["late"], stemmer=len)


@pytest.mark.parametrize(
    ("rules", "told"),
    [
        ({"normalization": "nfc"}, r"no normal form 'nfc'; did you mean 'NFC'\? Known are NFC, NFKC, NFD, NFKD, none"),
        ({"stemmer": "germna"}, "did you mean 'german'"),
        ({"stop_words": "nowhere/words.txt"}, "cannot be read"),
        ({"stop_words": ["a", None]}, "holds None"),
        ({"stop_words": ["bad\ud800"]}, "no valid Unicode"),
    ],
)
def test_what_does_not_exist_is_told_when_the_rules_are_made(rules: dict, told: str) -> None:
    with pytest.raises(TokenizerError, match=told):
        TermRules(**rules)


@pytest.mark.parametrize("rules", [{"stemmer": "english"}, {"stop_words": ["a"]}])
def test_rules_that_touch_ascii_say_so(rules: dict) -> None:
    assert not TermRules(**rules).is_identity_for_ascii
    assert TermRules(normalization="none").is_identity_for_ascii


def test_rules_are_values() -> None:
    rules = TermRules("NFKC", "english", ("a", "the"))
    assert rules == TermRules("NFKC", "english", ("a", "the")) != TermRules()
    assert hash(rules) == hash(TermRules("NFKC", "english", ("a", "the")))
    assert pickle.loads(pickle.dumps(rules)) == rules
    assert "_stemming" not in repr(rules)


def test_slices_and_strings_of_small_offsets_are_taken() -> None:
    tokens = pa.array(["zero", "a", "é", "的"], pa.string()).slice(1)
    assert TermRules().terms_of(tokens).to_pylist() == [["a"], ["é"], ["的"]]
    assert TermRules().terms_of(tokens.slice(0, 1)).to_pylist() == [["a"]]
    assert TermRules().terms_of(tokens.slice(0, 0)).to_pylist() == []


def test_a_token_of_a_megabyte_is_cut_in_time() -> None:
    (found,) = terms(["手" * 330_000])
    assert found == ["手手"] * 329_999


@pytest.mark.speed
def test_ascii_tokens_take_milliseconds() -> None:
    rng = np.random.default_rng(0)
    letters = rng.integers(97, 123, size=(100_000, 8), dtype=np.uint8)
    tokens = pa.array([row.tobytes().decode() for row in letters], pa.large_string())
    rules = TermRules()
    started = time.perf_counter()
    rules.terms_of(tokens)
    assert time.perf_counter() - started < 0.02
