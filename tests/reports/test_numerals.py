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


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (999.4, "999"), (999.5, "1,000"), (999.6, "1,000"), (-999.6, "−1,000"), (9999.5, "10,000"), (1000.4, "1,000"),
        (0.00009996, "0.0001"), (-0.00009996, "−0.0001"), (0.0000123, "1.23e-5"), (-0.0000123, "−1.23e-5"),
        (0.0, "0"), (-0.0, "0"), (99.96, "100"), (None, "–"),
    ],
)  # fmt: skip
def test_a_plain_number_at_the_edges_has_three_digits_and_no_power_of_ten_that_it_does_not_need(value, shown):
    assert numerals.plain(value) == shown


@given(st.floats(-1e9, 1e9))
def test_a_plain_number_keeps_its_sign_and_three_digits(value):
    number = float(numerals.plain(value).replace("−", "-").replace(",", ""))
    assert number == pytest.approx(value, rel=0.005)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf")])
@pytest.mark.parametrize("form", [numerals.plain, numerals.share, numerals.points, numerals.tenths])
def test_what_is_not_finite_is_a_dash(form, value):
    assert form(value) == "–"


def test_a_p_value_that_is_no_number_is_a_dash():
    assert {numerals.p_value(float("nan")), numerals.exact_p_value(float("nan"))} == {"–"}


@pytest.mark.parametrize(
    ("value", "shown"),
    [(0.00996, "1.0 %"), (0.0099, "0.99 %"), (-0.0, "0 %"), (-1.0, "−100 %"), (-0.0321, "−3.2 %"), (0.99996, "100 %")],
)
def test_shares_round_alike_on_both_sides_of_a_step(value, shown):
    assert numerals.share(value) == shown
