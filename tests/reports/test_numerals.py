import pytest
from hypothesis import given
from hypothesis import strategies as st

from textdrift.reports import numerals


@given(st.floats(0, 1))
def test_a_share_is_shown_within_its_rounding(share):
    shown = numerals.share(share)
    number = float(shown.removesuffix(" %"))
    assert abs(number - 100 * share) <= max(0.05, 0.05 * 100 * share) + 1e-9


@given(st.floats(min_value=1e-300, max_value=1))
def test_a_p_value_keeps_two_digits(p):
    assert float(numerals.exact_p_value(p)) == pytest.approx(p, rel=0.05)


@pytest.mark.parametrize(
    ("value", "shown"),
    [(0.00001, "0.001 %"), (0.9999, "100 %"), (0.01, "1.0 %"), (0.5, "50.0 %"), (1e-9, "0.0000001 %")],
)
def test_shares_at_the_edges(value, shown):
    assert numerals.share(value) == shown
