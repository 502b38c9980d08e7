"""The arguments of compare(): what means the same is read alike, whatever holds it."""

import numpy as np
import pytest

from textdrift.compare_arguments import check_numbers, column_names
from textdrift.errors import SettingsError

NAMES = ["plan", "city", "amount"]


@pytest.mark.parametrize("kind", [set, frozenset])
def test_names_of_a_set_come_in_one_order_and_those_of_a_list_in_their_own(kind):
    assert column_names("features", kind(NAMES)) == ("amount", "city", "plan")
    assert column_names("features", NAMES) == tuple(NAMES)
    with pytest.raises(SettingsError, match="one of them is 5"):
        column_names("features", {5})


@pytest.mark.parametrize("number", [0.05, np.float64(0.05), np.float32(0.05), np.float16(0.05)])
def test_a_float_of_numpy_is_the_alpha_that_was_meant(number):
    alpha = check_numbers(alpha=number, seed=np.int64(3), examples=0)
    assert type(alpha) is float
    assert alpha == 0.05


@pytest.mark.parametrize("number", [0, 1, True, np.float32(2), float("nan"), np.float64("nan"), "0.05", None])
def test_what_is_no_share_is_no_alpha(number):
    with pytest.raises(SettingsError, match="alpha must lie between 0 and 1"):
        check_numbers(alpha=number, seed=0, examples=0)
