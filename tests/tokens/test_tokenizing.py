from __future__ import annotations

import unicodedata

import pyarrow as pa
import pytest
import regex
from hypothesis import example, given, settings
from hypothesis import strategies as st
from nltk.tokenize import wordpunct_tokenize
from sklearn.feature_extraction.text import CountVectorizer

from textdrift.errors import TokenizerError
from textdrift.tokens.tokenizing import WordTokenizer, tokenizer_named, tokenizer_names

AWKWARD = [
    "",
    "   \t\n",
    "!!!",
    "It's GREAT, isn't it?!",
    "Straße İstanbul ΟΔΟΣ ﬁsh",
    "naïve café e\u0301le\u0301ve",
    "我喜欢这家店。",
    "हिन्दी में शिकायत",
    "👍🏽👍 10/10 :-) <b>&amp;</b>",
    "a_b __init__ 3.14 1,000",
    "zero\u200bwidth\u00a0space",
]


WORDPUNCT = regex.compile(r"\w+|[^\w\s]+")


def texts(values: list[str | None]) -> pa.Array:
    return pa.array(values, pa.large_string())


def test_the_default_gives_the_tokens_of_nltk_wordpunct() -> None:
    ours = WordTokenizer().tokens(texts(AWKWARD)).to_pylist()
    assert ours == [wordpunct_tokenize(text.lower()) for text in AWKWARD]


@given(
    st.lists(st.text(alphabet=st.characters(codec="utf-8", max_codepoint=0x2FFF, categories=["L", "Nd", "P", "Zs"])))
)
def test_the_default_gives_the_tokens_of_nltk_wordpunct_on_letters_and_punctuation(values: list[str]) -> None:
    assert WordTokenizer().tokens(texts(values)).to_pylist() == [wordpunct_tokenize(text.lower()) for text in values]


# Where Rust and Python might part: final sigmas, capitals that grow when lowered, marks, joiners, separators, emoji.
TRICKY = (
    "ΣσςaΑİIıẞßǅŉΐᾈªº²½Ⅷⓐ_‿.'’:🇩👨👍🏽㊙手한ไकी"
    "\u00ad\u0301\u0307\u0345\u093f\u0e34\u200b\u200c\u200d\u1c80 \x1c\x85\u2028"
)
# Characters that this Python knows.
ANY_TEXT = st.text(alphabet=st.one_of(st.sampled_from(TRICKY), st.characters(exclude_categories=["Cs", "Cn"])))


@settings(max_examples=200, deadline=None)
@given(st.lists(ANY_TEXT))
@example(["ΟΔΟΣ ΟΔΟΣ. ΑΣ\u0301 Σ ΣΑ", "İI\u0307", "👨\u200d👩", "می\u200cخواهم", "a\x1cb\x85c"])
def test_the_default_gives_the_tokens_of_nltk_wordpunct_on_any_text(values: list[str]) -> None:
    assert WordTokenizer().tokens(texts(values)).to_pylist() == [wordpunct_tokenize(text.lower()) for text in values]


def test_rust_and_nltk_part_only_over_characters_that_one_does_not_know() -> None:
    assigned = [c for c in map(chr, range(0x110000)) if unicodedata.category(c) not in {"Cs", "Cn"}]
    lists = WordTokenizer().tokens(texts([f"a{c}a" for c in assigned])).to_pylist()
    parted = [c for c, tokens in zip(assigned, lists, strict=True) if tokens != WORDPUNCT.findall(f"a{c}a".lower())]
    assert parted == []


@pytest.mark.parametrize(
    ("text", "ours", "of_scikit_learn"),
    [
        ("हिन्दी", ["हिन्दी"], ["ह", "ि", "न", "्", "द", "ी"]),
        ("ไม่ดี", ["ไม่ดี"], ["ไม", "่", "ด", "ี"]),
        ("cafe\u0301s", ["cafe\u0301s"], ["cafe", "\u0301", "s"]),
        ("می\u200cخواهم", ["می\u200cخواهم"], ["می", "\u200c", "خواهم"]),
        ("m² ½", ["m", "²", "½"], ["m²", "½"]),
        ("a\x1cb", ["a", "\x1c", "b"], ["a", "b"]),
        ("Naïve Ünal's 3rd", ["naïve", "ünal", "'", "s", "3rd"], ["naïve", "ünal", "'", "s", "3rd"]),
    ],
)
def test_scikit_learn_cuts_words_at_marks_with_the_same_pattern(
    text: str, ours: list[str], of_scikit_learn: list[str]
) -> None:
    assert WordTokenizer().tokens(texts([text])).to_pylist() == [ours]
    assert CountVectorizer(token_pattern=WORDPUNCT.pattern).build_analyzer()(text) == of_scikit_learn


@pytest.mark.parametrize("name", tokenizer_names())
def test_every_named_tokenizer_works_without_downloads_and_folds_case(name: str) -> None:
    upper, lower = tokenizer_named(name).tokens(texts(["A NICE DAY", "a nice day"])).to_pylist()
    assert upper == lower == ["a", "nice", "day"]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("words", ["@", "you", "don", "'", "t", ":-)"]),
        ("tweet", ["@you", "don't", ":-)"]),
        ("treebank", ["@", "you", "do", "n't", ":", "-", ")"]),
    ],
)
def test_tokenizers_differ_where_their_makers_meant_them_to(name: str, expected: list[str]) -> None:
    assert tokenizer_named(name).tokens(texts(["@you don't :-)"])).to_pylist() == [expected]


@pytest.mark.parametrize("split", [lambda text: [text[9]], lambda first, second: [first, second], lambda _: ["\ud800"]])
def test_a_function_that_fails_is_named_with_its_document(split) -> None:
    with pytest.raises(TokenizerError, match=r"the tokenizer <lambda> .* document 0") as caught:
        tokenizer_named(split).tokens(texts(["a"]))
    assert caught.value.__cause__ is not None
