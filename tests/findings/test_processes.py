"""Every kind of drift and every fault has a process that a person can follow."""

from typing import get_args

import numpy as np
import pytest

from textdrift.drift.quality.late import Late, Times
from textdrift.findings.fault_processes import OF_CAUSES, OF_TIMES, look_of_times
from textdrift.findings.process import Action, Role
from textdrift.findings.processes import OF_KINDS, OF_STORIES
from textdrift.reports.wording import CAUSES, KINDS

ALL = [*OF_KINDS.items(), *OF_CAUSES.items(), *OF_TIMES.items(), *OF_STORIES.items()]


def test_every_kind_and_every_cause_has_one():
    assert set(OF_KINDS) == set(KINDS)
    assert set(OF_CAUSES) == set(CAUSES)


@pytest.mark.parametrize(("name", "process"), ALL, ids=[name for name, _ in ALL])
def test_a_process_says_what_first_who_and_how(name, process):
    assert process.decides in get_args(Role)
    assert process.action in get_args(Action)
    assert 2 <= len(process.steps) <= 4
    assert len(set(process.steps)) == len(process.steps)
    for sentence in (process.first, *process.steps):
        assert sentence[0].isupper()
        assert sentence[-1] in ".?"
        assert 20 <= len(sentence) <= 160
        assert sentence.isascii()
        assert "  " not in sentence
    assert process.title[0].isupper()
    assert not process.title.endswith(".")


def test_titles_tell_processes_apart():
    titles = [process.title for process in {id(process): process for _, process in ALL}.values()]
    assert len(set(titles)) == len(titles)


DAY = 86_400.0
BEFORE = np.sort(np.random.default_rng(0).uniform(0, 400 * DAY, 2000))
NOW = np.sort(np.random.default_rng(1).uniform(400 * DAY, 800 * DAY, 2000))


@pytest.mark.parametrize(
    ("current", "look"),
    [
        (Times(NOW[:1800], 200), "no time"),
        (Times(NOW[(NOW < 550 * DAY) | (NOW > 650 * DAY)], 0), "gap"),
        (Times(np.r_[NOW, NOW[-40:] + 900 * DAY], 0), "far"),
        (Times(np.sort(np.r_[NOW, np.full(200, NOW[7])]), 0), "one time"),
        (Times(np.sort(np.r_[BEFORE[::10], NOW]), 0), None),
    ],
)
def test_the_test_of_times_speaks_as_the_processes_expect(current, look):
    causes = Late().compare(Times(BEFORE, 0), current, rng=np.random.default_rng(0)).table("causes")
    assert look_of_times(causes[0]) == look, causes


def test_only_the_times_of_rows_are_looked_at():
    assert look_of_times({"cause": "schema", "sentence": "No row came for 3 days."}) is None
    assert set(OF_TIMES) >= {look_of_times({"cause": "late", "sentence": "Rows without a time rose."})}
