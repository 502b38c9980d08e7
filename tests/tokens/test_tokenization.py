from __future__ import annotations

import pytest

from textdrift.errors import TokenizerError
from textdrift.tokens.tokenization import Tokenization, unit_in_words, unit_names


def test_settings_are_told_as_plain_values() -> None:
    told = Tokenization(tokenizer=str.split, stop_words=["the", "a"], stemmer="german").described()
    assert told == {
        "unit": "words", "tokenizer": "function split", "stemmer": "german", "stop_words": ["a", "the"],
        "normalization": "NFC",
    }  # fmt: skip


def test_every_unit_has_a_name_for_people() -> None:
    assert unit_in_words("words") == "words"
    assert all(unit_in_words(unit) for unit in unit_names())
    assert len({unit_in_words(unit) for unit in unit_names()}) == len(unit_names())


def test_what_is_misspelt_is_told_where_it_is_given() -> None:
    with pytest.raises(TokenizerError, match=r"there is no unit 'hashtag'; did you mean 'hashtags'\?"):
        Tokenization(unit="hashtag")
    with pytest.raises(TokenizerError, match="there is no tokenizer 'twet'"):
        Tokenization(tokenizer="twet")
    with pytest.raises(TokenizerError, match="englsh"):
        Tokenization(stemmer="englsh")
