"""The gate: which drift fails it, what the cost and a challenger change, and what it cannot tell."""

import numpy as np
import pytest

from textdrift.errors import SettingsError
from textdrift.findings.gating import judge_gate
from textdrift.performance.challenging import challenge


def challenged(n_lost, n):
    labels = np.zeros(n, dtype=int)
    challenger = labels.copy()
    challenger[:n_lost] = 1
    return challenge(labels, labels, challenger, np.arange(n))


@pytest.mark.parametrize(
    ("verdict", "kinds", "fail_on", "code"),
    [
        ("drift", ["lexical"], ["any"], 1),
        ("drift", ["lexical"], ["concept", "quality"], 0),
        ("drift", ["lexical", "quality"], ["concept", "quality"], 1),
        ("no_drift", [], ["any"], 0),
        ("inconclusive", [], ["any"], 3),
    ],
)
def test_it_fails_on_the_kinds_it_was_told(verdict, kinds, fail_on, code):
    assert judge_gate(verdict, kinds, fail_on=fail_on).exit_code == code


def test_inconclusive_windows_pass_only_where_the_gate_says_so():
    assert judge_gate("inconclusive", [], inconclusive_passes=True).exit_code == 0


@pytest.mark.parametrize(("by_cost", "code"), [(True, 0), (False, 1), (None, 1)])
def test_a_limit_of_the_cost_stands_for_the_kinds(by_cost, code):
    assert judge_gate("drift", ["lexical"], passed_by_cost=by_cost).exit_code == code


def test_a_worse_challenger_fails_and_says_by_how_much():
    gate = judge_gate("no_drift", [], challenge=challenged(40, 200))
    assert gate.exit_code == 1
    assert gate.reasons[0].startswith("The challenger is worse: accuracy 80.0 % against 100 % of the champion")


def test_a_challenger_of_whom_too_little_is_known_is_inconclusive():
    gate = judge_gate("no_drift", [], challenge=challenged(0, 20))
    assert (gate.exit_code, gate.passed, gate.conclusive) == (3, True, False)


def test_an_unknown_kind_names_the_nearest():
    with pytest.raises(SettingsError, match="did you mean 'concept'"):
        judge_gate("drift", [], fail_on=["concpt"])
