"""Errors are a map: the tree that is drawn is the tree that is there."""

from __future__ import annotations

import builtins
import inspect
import re

import pytest

from textdrift import errors


def drawn_tree():
    """Return name -> (parent, builtins beside it) as the docstring of the module draws them."""
    drawn, path = {}, []
    for line in inspect.getdoc(errors).splitlines():
        match = re.match(r"^( *)(?P<branch>[│├└─ ]*)(?P<name>\w+Error)\b(?: \((?P<builtin>\w+)\))?", line)
        if match is None:
            continue
        depth = len(match["branch"]) // 4
        path[depth:] = [match["name"]]
        drawn[match["name"]] = (path[depth - 1] if depth else "Exception", match["builtin"])
    return drawn


ERRORS = {
    name: value for name, value in vars(errors).items() if inspect.isclass(value) and issubclass(value, Exception)
}


def test_the_tree_of_the_docstring_is_the_tree_of_the_classes():
    drawn = drawn_tree()
    assert set(drawn) == set(ERRORS)
    for name, (parent, builtin) in drawn.items():
        bases = [base.__name__ for base in ERRORS[name].__bases__]
        assert bases[0] == parent
        if builtin is not None:
            assert bases == [parent, builtin]


@pytest.mark.parametrize("name", sorted(set(ERRORS) - {"TextdriftError"}))
def test_each_error_is_a_builtin_error_and_says_its_message(name):
    error = ERRORS[name]("what came, what was needed, what to do")
    assert isinstance(error, errors.TextdriftError)
    assert any(base.__module__ == builtins.__name__ and base is not Exception for base in type(error).__mro__[1:-3])
    assert str(error) == "what came, what was needed, what to do"
    assert inspect.getdoc(ERRORS[name])


@pytest.mark.parametrize("name", sorted(ERRORS))
def test_an_error_without_a_message_can_be_shown(name):
    assert str(ERRORS[name]()) == ""


def test_all_names_what_is_there():
    own = {n for n, v in vars(errors).items() if getattr(v, "__module__", None) == errors.__name__}
    assert set(errors.__all__) == {name for name in own if not name.startswith("_")}
    assert errors.__all__ == sorted(errors.__all__)


def test_the_nearest_name_is_offered_or_all_are_listed():
    assert errors.nearest_name("lable", ["text", "label"]) == "did you mean 'label'?"
    assert errors.nearest_name("TEXT", ["text", "label"]) == "did you mean 'text'?"
    assert errors.nearest_name("zzz", []) == "it has no columns at all"
    assert errors.nearest_name("zzz", [f"c{i}" for i in range(30)]).endswith("'c19', …")
