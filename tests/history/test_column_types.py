"""Any text and any moment goes through a column and comes back."""

import datetime as dt
import math

from hypothesis import given, settings
from hypothesis import strategies as st

from textdrift.history.column_types import ExactText, FiniteNumber, UtcMoment, packed, unpacked

ANY_TEXT = st.text(st.characters(codec=None) | st.sampled_from("\x00\x1a0aF\ud800\udfff"))


@given(ANY_TEXT)
@settings(deadline=None)
def test_a_text_comes_back_and_no_database_refuses_what_is_sent(text):
    column = ExactText()
    sent = column.process_bind_param(text, None)
    assert "\x00" not in sent
    sent.encode()
    assert column.process_result_value(sent, None) == text


@given(ANY_TEXT, ANY_TEXT)
@settings(deadline=None)
def test_different_texts_stay_different(one, other):
    column = ExactText()
    assert (column.process_bind_param(one, None) == column.process_bind_param(other, None)) == (one == other)


def test_an_ordinary_text_is_kept_as_it_is_for_those_who_read_the_tables():
    assert ExactText().process_bind_param("caf\u00e9 \U0001f600\n", None) == "caf\u00e9 \U0001f600\n"


@given(st.datetimes(dt.datetime(1970, 1, 1), dt.datetime(9000, 1, 1), timezones=st.timezones()))
@settings(deadline=None)
def test_a_moment_comes_back_in_utc(moment):
    column = UtcMoment()
    sent = column.process_bind_param(moment, None)
    for kept in (sent, sent.replace(tzinfo=None)):  # SQLite forgets the zone
        back = column.process_result_value(kept, None)
        assert back == moment.astimezone(dt.UTC)
        assert back.tzinfo == dt.UTC


@given(st.floats())
@settings(deadline=None)
def test_a_number_is_finite_or_null(number):
    sent = FiniteNumber().process_bind_param(number, None)
    assert sent == (number if math.isfinite(number) else None)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@given(JSON)
@settings(deadline=None)
def test_what_is_packed_comes_back(value):
    assert unpacked(packed(value, "it"), "it") == value
