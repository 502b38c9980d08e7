"""Answers to a plan of labels, as people write them, into the codes of its classes."""

from __future__ import annotations

import math
import operator
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from textdrift.errors import SettingsError, nearest_name
from textdrift.performance.label_plan import LabelPlan

__all__ = ["answers_in_order"]

_SHOWN = 5


def answers_in_order(
    plan: LabelPlan, answers: Mapping[Any, Any], *, new_labels: Sequence[str] | None = ()
) -> tuple[NDArray[np.int64], tuple[str, ...]]:
    """Return the codes of the answers up to the first that is missing, and what must be said of the others.

    Parameters
    ----------
    plan:
        The documents, in the order in which they were asked for.
    answers:
        Document position to label, in any spelling that is clear, or to code.
    new_labels:
        Labels that neither window has and that answers may be. They get the codes after those of the plan, which no
        judgement has: such an answer contradicts it. ``None`` where an answer can be no such label.

    Returns
    -------
    Codes, shape (answers used,), and sentences: what was respelt, what is new, what must wait, what was not asked for.

    Raises
    ------
    SettingsError
        When an answer is neither a class of the plan nor a new label, a new label is none, or a key is no position.
    """
    given = {_position(key): answer for key, answer in answers.items() if not _is_missing(answer)}
    if len(given) < sum(not _is_missing(answer) for answer in answers.values()):
        raise SettingsError("a document is answered twice, once as a number and once as text: give each document once")
    reader = _AnswerReader(plan, None if new_labels is None else _checked_new(plan, new_labels))
    asked = plan.positions.tolist()
    codes = {row: reader.code(row, given[row]) for row in asked if row in given}
    n_used = next((i for i, row in enumerate(asked) if row not in codes), len(asked))
    notes = []
    if reader.respelt:
        pairs = ", ".join(f"{wrote!r} as {name!r}" for wrote, name in sorted(reader.respelt.items())[:_SHOWN])
        notes.append(f"answers in another spelling were read as labels of the plan: {pairs}")
    notes += reader.told_new([codes[row] for row in asked[:n_used]])
    waiting = len(codes) - n_used
    if waiting:
        notes.append(
            f"document {asked[n_used]} is next and has no answer; {waiting:,} {'answers' if waiting > 1 else 'answer'} "
            "after it must wait, since only the order makes the estimate fair"
        )
    others = sorted(set(given) - set(asked))
    if others:
        listed = ", ".join(map(str, others[:_SHOWN])) + (", …" if len(others) > _SHOWN else "")
        notes.append(f"answers of documents that were not asked for are not used ({len(others):,}: {listed})")
    return np.array([codes[row] for row in asked[:n_used]], dtype=np.int64), tuple(notes)


def _checked_new(plan: LabelPlan, new_labels: Sequence[str]) -> tuple[str, ...]:
    """Return the new labels, none of them another spelling of a label that is there."""
    if isinstance(new_labels, str) or not all(isinstance(name, str) and name.strip() for name in new_labels):
        raise SettingsError(f"new labels are a list of names, such as ['sarcastic']; got {new_labels!r}")
    if new_labels and not plan.label_names:
        raise SettingsError(
            "this plan has no label names, and its answers are codes: a class that is new is any code above its "
            "classes; leave the new labels out"
        )
    taken = {_folded(str(name)): str(name) for name in plan.label_names}
    for name in new_labels:
        if _folded(name) in taken:
            raise SettingsError(
                f"the new label {name!r} is there already, as {taken[_folded(name)]!r}; name only labels that neither "
                "window has, each once"
            )
        taken[_folded(name)] = name
    return tuple(new_labels)


class _AnswerReader:
    """Reads an answer as a code; remembers what was spelt in another way."""

    __slots__ = ("can_be_new", "codes", "folded", "has_number_names", "n_known", "names", "respelt")

    def __init__(self, plan: LabelPlan, new_labels: tuple[str, ...] | None) -> None:
        self.can_be_new = new_labels is not None
        self.names = [str(name) for name in (*plan.label_names, *(new_labels or ()))]
        self.n_known = len(plan.label_names)
        self.codes = {name: code for code, name in enumerate(self.names)}
        self.has_number_names = any(name.strip().lstrip("+-").isdigit() for name in self.names)
        self.respelt: dict[str, str] = {}
        self.folded: dict[str, list[str]] = {}
        for name in self.names:
            self.folded.setdefault(_folded(name), []).append(name)

    def code(self, row: int, answer: Any) -> int:
        """Return the code of one answer."""
        text = str(answer)
        if text in self.codes:
            return self.codes[text]
        number = _whole_number(answer)
        # 1 may be the label "1" and not the second class: then codes are not told apart from labels.
        if number is not None and not self.has_number_names and (not self.names or 0 <= number < self.n_known):
            if number < 0:
                raise SettingsError(
                    f"the answer of document {row} is {answer!r}; a code is 0 or more, None is no answer"
                )
            return number
        alike = self.folded.get(_folded(text if number is None else str(number)), [])
        if len(alike) == 1:
            self.respelt[text] = alike[0]
            return self.codes[alike[0]]
        if not self.names:
            raise SettingsError(
                f"the answer of document {row} is {answer!r}, and this plan has no label names: answer with codes, "
                "or plan with label_names"
            )
        hint = f"it could be any of {alike}" if alike else nearest_name(text, self.names)
        advice = (
            f"If it is a class that neither window has, name it as new: new_labels=[{text!r}], or --new-label with its "
            "name"
            if self.can_be_new
            else "A class that neither window has has no price: correct the answer, or see what it does to the error "
            "rate by estimate_from_labels"
        )
        raise SettingsError(
            f"the answer of document {row} is {answer!r}, which is no label of this plan; {hint}. {advice}"
        )

    def told_new(self, codes: list[int]) -> list[str]:
        """Return a sentence for each new label that answers are."""
        counted = Counter(code for code in codes if self.n_known and code >= self.n_known)
        return [
            f"{n:,} {'answers are' if n > 1 else 'answer is'} a label that the windows do not have: "
            f"{self.names[code]!r}; it contradicts every judgement and counts as wrong"
            for code, n in sorted(counted.items())
        ]


def _position(key: Any) -> int:
    number = _whole_number(key)
    if number is None and isinstance(key, str) and key.strip().isdecimal():
        number = int(key)
    if number is None:
        raise SettingsError(f"answers must be keyed by document position; got {key!r}: use the position in the plan")
    return number


def _whole_number(value: Any) -> int | None:
    if isinstance(value, bool | np.bool_):
        return None
    if isinstance(value, float | np.floating):
        return int(value) if float(value).is_integer() else None
    try:
        return operator.index(value)
    except TypeError:
        return None


def _is_missing(answer: Any) -> bool:
    return answer is None or (isinstance(answer, float | np.floating) and math.isnan(answer))


def _folded(text: str) -> str:
    return " ".join(text.split()).casefold()
