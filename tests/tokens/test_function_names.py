from __future__ import annotations

import functools
import re
import subprocess
import sys

import pytest

from textdrift.tokens.function_names import function_in_words


def split_at(mark):
    return lambda text: text.split(mark)


def with_default(text, mark=","):
    return text.split(mark)


def test_two_functions_of_one_name_are_told_apart_and_one_written_twice_is_not() -> None:
    first, second = (lambda text: text.split()), (lambda text: text.split("x"))
    again = lambda text: text.split()
    assert re.fullmatch(r"function <lambda> #[0-9a-f]{8}", function_in_words(first))
    assert function_in_words(first) != function_in_words(second)
    assert function_in_words(first) == function_in_words(again)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (split_at(","), split_at(";")),
        (split_at({1: [re.compile("a")]}), split_at({1: [re.compile("b")]})),
        (split_at(lambda: 1), split_at(lambda: 2)),
        (functools.partial(with_default, mark=","), functools.partial(with_default, mark=";")),
        (functools.lru_cache(lambda text: [text]), functools.lru_cache(lambda text: [text, "b"])),
        (lambda text, n=1: [text] * n, lambda text, n=2: [text] * n),
        (lambda text: [part for part in text if part in {"a", "b"}], lambda text: [p for p in text if p in {"a", "c"}]),
        (lambda text: text.upper(), lambda text: text.lower()),
        (lambda text: [text, 1], lambda text: [text, True]),
    ],
)
def test_what_is_bound_to_a_function_is_part_of_it(first, second) -> None:
    assert function_in_words(first) != function_in_words(second)


def test_what_is_not_written_in_python_has_its_name_alone() -> None:
    class Splitter:
        def __call__(self, text: str) -> list[str]:
            return [text]

    assert function_in_words(str.split) == "function split"
    assert function_in_words(functools.partial(str.split, sep=",")).startswith("function split #")
    told = function_in_words(Splitter())
    assert "Splitter" in told
    assert " at 0x" not in told


def test_a_function_that_holds_itself_is_told() -> None:
    held: list = []

    def pieces(text: str) -> list[str]:
        return pieces(text[1:]) if held else [text]

    held.append(held)
    assert function_in_words(pieces).startswith("function pieces #")


CODE = """
from textdrift.tokens.function_names import function_in_words
def outer(text):
    return [(lambda part: part)(part) for part in text.split() if part in {"a", "b", "c", "d"}]
for _ in range(200):
    outer("a b c")
print(function_in_words(outer))
"""


def test_the_digest_is_the_same_in_every_process() -> None:
    runs = [
        subprocess.run(
            [sys.executable, "-c", CODE], capture_output=True, text=True, check=True, env={"PYTHONHASHSEED": s}
        )
        for s in ("1", "2")
    ]
    assert runs[0].stdout == runs[1].stdout
    assert re.fullmatch(r"function outer #[0-9a-f]{8}\n", runs[0].stdout)
