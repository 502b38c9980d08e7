import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from textdrift.reports.visible_text import visible

ANY_TEXT = st.text(st.characters(codec=None, exclude_categories=()))


@given(ANY_TEXT)
def test_a_visible_text_holds_nothing_that_acts(text):
    shown = visible(text)
    shown.encode("utf-8")
    assert not [c for c in shown if unicodedata.category(c) in {"Cc", "Cs", "Zl", "Zp"}]
    assert not set(shown) & set("\u200b\ufeff\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\U000e0041")
    assert visible(shown) == shown


@pytest.mark.parametrize(
    "text", ["naïve café", "תודה רבה", "شكرا", "می\u200cخواهم", "नमस्ते", "日本語", "👩\u200d👩\u200d👧", "e\u0301"]
)
def test_ordinary_writing_stays_as_it_is(text):
    assert visible(text) == text
