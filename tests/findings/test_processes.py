"""Every kind of drift and every fault has a process that a person can follow."""

from typing import get_args

import pytest

from textdrift.findings.fault_processes import OF_CAUSES
from textdrift.findings.process import Action, Role
from textdrift.findings.processes import OF_KINDS, OF_STORIES
from textdrift.reports.wording import CAUSES, KINDS

ALL = [*OF_KINDS.items(), *OF_CAUSES.items(), *OF_STORIES.items()]


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
