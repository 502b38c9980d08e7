import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from textdrift.reports import wording

ANY_TEXT = st.text(st.characters(codec=None, exclude_categories=()))


@given(ANY_TEXT)
def test_a_visible_text_holds_nothing_that_acts(text):
    shown = wording.visible(text)
    shown.encode("utf-8")
    assert not [c for c in shown if unicodedata.category(c) in {"Cc", "Cs", "Zl", "Zp"}]
    assert not set(shown) & set("\u200b\ufeff\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\U000e0041")
    assert wording.visible(shown) == shown


@pytest.mark.parametrize(
    "text", ["naïve café", "תודה רבה", "شكرا", "می\u200cخواهم", "नमस्ते", "日本語", "👩\u200d👩\u200d👧", "e\u0301"]
)
def test_ordinary_writing_stays_as_it_is(text):
    assert wording.visible(text) == text


@given(st.floats(0, 1))
def test_a_share_is_shown_within_its_rounding(share):
    shown = wording.share(share)
    number = float(shown.removesuffix(" %"))
    assert abs(number - 100 * share) <= max(0.05, 0.05 * 100 * share) + 1e-9


@given(st.floats(min_value=1e-300, max_value=1))
def test_a_p_value_keeps_two_digits(p):
    assert float(wording.exact_p_value(p)) == pytest.approx(p, rel=0.05)


@pytest.mark.parametrize(
    ("value", "shown"),
    [(0.00001, "0.001 %"), (0.9999, "100 %"), (0.01, "1.0 %"), (0.5, "50.0 %"), (1e-9, "0.0000001 %")],
)
def test_shares_at_the_edges(value, shown):
    assert wording.share(value) == shown
