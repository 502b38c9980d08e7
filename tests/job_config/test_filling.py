"""Values filled in: the environment, dates, and nothing that was filled in before."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from textdrift.errors import SettingsError
from textdrift.job_config.filling import filled, filled_text

DATE = dt.date(2026, 11, 25)


@given(st.text(st.characters(exclude_characters="{}$")))
def test_a_text_without_braces_and_dollars_stays_as_it_is(text):
    assert filled_text(text, {}, DATE) == text


@given(st.text())
def test_a_value_of_the_environment_is_never_filled_in_itself(value):
    if value:
        assert filled_text("a ${V} b", {"V": value}, DATE) == f"a {value} b"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{{ date }}", "2026-11-25"),
        ("{{date}}", "2026-11-25"),
        ("{{ date.strftime('%Y/%m') }}", "2026/11"),
        ("{{ (date - days(7)) }}", "2026-11-18"),
        ("{{ date + weeks(1) }}/{{ date.year }}", "2026-12-02/2026"),
        ("{{ date.replace(day=1) }}", "2026-11-01"),
        ("{{ date.isocalendar().week }}", "48"),
        ("{{ date - days(3 if date.weekday() == 0 else 1) }}", "2026-11-24"),
        ("$5 and {braces} and }}", "$5 and {braces} and }}"),
        ("$${A} ${A} ${B:-{{ date }}", "${A} a {{ date }"),
        ("${B:-}", ""),
        ("${{ date }}", "$2026-11-25"),
        ("{{ '{{ date }}' }}", None),
        ("{{ '{{' }}", "{{"),
    ],
)
def test_templates_and_variables_are_filled_in(text, expected):
    if expected is None:
        with pytest.raises(SettingsError):
            filled_text(text, {"A": "a"}, DATE)
    else:
        assert filled_text(text, {"A": "a"}, DATE) == expected


@pytest.mark.parametrize(
    "expression",
    [
        "''.__class__", "date.__class__.__mro__", "date.__init__.__globals__", "date.strftime.__self__",
        "''['__class__']", "days(3)", "date.isocalendar()",
        "date|attr('__class__')", "range(9)", "cycler", "lipsum()", "self", "10 ** 10 ** 10", "'a' * 10 ** 9",
        "'%999999999d' % 5", "[1]", "{'a': 1}", "date.today()", "dat", "days", "days(10", "date - 7",
        "date - days(99999999999)", "",
    ],
)  # fmt: skip
def test_nothing_but_date_arithmetic_is_computed(expression):
    with pytest.raises(SettingsError):
        filled_text(f"{{{{ {expression} }}}}", {}, DATE)


def test_statements_are_texts():
    assert filled_text("{% for i in range(9) %}{# note #}", {}, DATE) == "{% for i in range(9) %}{# note #}"


def test_a_variable_that_is_empty_needs_a_word():
    with pytest.raises(SettingsError, match="PW is set to nothing"):
        filled_text("${PW}", {"PW": ""}, None)
    assert filled_text("${PW:-}", {"PW": ""}, None) == ""


def test_without_a_date_templates_stay_and_are_looked_at():
    assert filled_text("{{ date }}", {}, None) == "{{ date }}"
    with pytest.raises(SettingsError, match="did you mean 'date'"):
        filled_text("{{ dat }}", {}, None)


def test_every_fault_is_told_with_its_place():
    with pytest.raises(SettingsError, match=r"a\.b\.1: .*NOPE.*; c: .*did you mean 'date'"):
        filled({"a": {"b": ["x", "${NOPE}"]}, "c": "{{ dat }}"}, {}, None)


def test_what_is_no_string_stays():
    table = {"a": 5, "b": [True, None, dt.date(2026, 1, 1)]}
    assert filled(table, {}, DATE) == table
