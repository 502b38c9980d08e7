from __future__ import annotations

import unicodedata

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from textdrift.tokens.normalizing import NORMAL_FORMS, normalized

# Characters of the version of Unicode that this Python knows; the dot above is tested apart.
KNOWN = st.text(alphabet=st.characters(exclude_categories=["Cs", "Cn"], exclude_characters="\u0307"))
FORMS = [form for form in NORMAL_FORMS if form != "none"]


def one(string: str, form: str) -> str:
    return normalized(pl.Series([string], dtype=pl.String), form).item()


@settings(max_examples=40, deadline=None)
@given(st.lists(KNOWN))
def test_canonical_forms_are_those_of_unicodedata(strings: list[str]) -> None:
    for form in ("NFC", "NFD"):
        expected = [unicodedata.normalize(form, string.replace("İ", "J")) for string in strings]
        given_ = pl.Series([string.replace("İ", "J") for string in strings], dtype=pl.String)
        assert normalized(given_, form).to_list() == expected


@pytest.mark.parametrize("form", FORMS)
@settings(max_examples=40, deadline=None)
@given(
    string=st.text(
        alphabet=st.one_of(st.characters(exclude_categories=["Cs", "Cn"]), st.sampled_from("iİI\u0307\u0323\u0301é"))
    )
)
def test_canonically_equivalent_strings_become_one_and_stay_so(form: str, string: str) -> None:
    once = one(string, form)
    assert one(unicodedata.normalize("NFD", string), form) == once
    assert one(unicodedata.normalize("NFC", string), form) == once
    if form in {"NFC", "NFD"}:
        assert one(once, form) == once


@pytest.mark.parametrize(
    ("form", "string", "expected"),
    [
        ("NFC", "e\u0301te\u0301", "été"),
        ("NFD", "été", "e\u0301te\u0301"),
        ("NFC", "\u1112\u1161\u11ab\u1100\u1173\u11af", "한글"),
        ("NFC", "ｆｕｌｌ ﬁsh x²", "ｆｕｌｌ ﬁsh x²"),
        ("NFKC", "ｆｕｌｌ ﬁsh x²", "full fish x2"),
        ("NFKD", "ﬁancé", "fiance\u0301"),
        ("none", "e\u0301", "e\u0301"),
        ("none", "i\u0307", "i\u0307"),
    ],
)
def test_each_form_does_what_its_name_says(form: str, string: str, expected: str) -> None:
    assert one(string, form) == expected


@pytest.mark.parametrize("form", FORMS)
def test_the_dotted_capital_of_turkish_is_an_i_once_lowered(form: str) -> None:
    assert one("İSTANBUL".lower(), form) == one("I\u0307STANBUL".lower(), form) == "istanbul"
    # A capital that was not lowered, and the dotless i, are other letters.
    assert one("İ", "NFC") == "İ"
    assert one("ısparta", form) == "ısparta"


def test_compatible_forms_bring_out_no_capitals_where_there_were_none() -> None:
    bold = "𝐇𝐞𝐥𝐥𝐨"
    assert one(bold.lower(), "NFKC") == "hello"
    assert one("™", "NFKD") == "tm"
    assert one("Ｆull ™", "NFKC") == "Full TM"


def test_strings_keep_their_places() -> None:
    strings = pl.Series(["a", "e\u0301", "", "b", "o\u0308"])
    assert normalized(strings, "NFC").to_list() == ["a", "é", "", "b", "ö"]
