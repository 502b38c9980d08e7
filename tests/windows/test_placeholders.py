"""A placeholder is told from an honest short text, in several languages and whatever is put around it."""

from __future__ import annotations

import pyarrow as pa
import pytest

from textdrift.windows.placeholders import PLACEHOLDER_FORMS, UNFILLED_SLOT, placeholder_forms
from textdrift.windows.simulating import sample_pair


def form_of(text: str) -> int:
    (form,) = placeholder_forms(pa.array([text], pa.large_string())).tolist()
    return form


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("N/A", 0), ("null", 0), ("None", 0), ("NaN", 0), ("-", 0), ("undefined", 0), ("(none)", 0), ("n.a.", 0),
        ("<NA>", 0), ("k.A.", 0), ("Keine Angabe", 0), ("sin comentarios", 0), ("não se aplica", 0), ("无", 0),
        ("なし", 0), ("нет данных", 0),
        ("[deleted]", 1), ("[removed]", 1), ("This message was deleted.", 1), ("<Media omitted>", 1),
        ("test", 2), ("TEST 42", 2), ("testing-3", 2), ("asdf", 2), ("This is a test.", 2), ("тест", 2), ("测试", 2),
        ("TODO", 3), ("Lorem ipsum dolor sit amet", 3), ("Your text here", 3), ("tbd", 3),
        ("#REF!", 4), ("#N/A", 4), ("#WERT!", 4), ("[object Object]", 4), ("{}", 4), ('""', 4),
        ("????", 5), ("xxxx", 5), ("000", 5), ("*****", 5), ("======", 5),
    ],
)  # fmt: skip
def test_a_text_that_stands_for_none_is_known_by_its_form(text, form):
    assert PLACEHOLDER_FORMS[form_of(f"  {text}\n")] == PLACEHOLDER_FORMS[form]


@pytest.mark.parametrize(
    "text",
    [
        "Dear {{name}}, your order is late", "Hello ${user.first_name}!", "Hi {0}, thanks", "Hi {name}",
        "Your order %(order_id)s is late", "%s has left", "Dear %s, hello", "Hi <%= name %>", "Hi [[first_name]]",
        "%%FIRSTNAME%% come back", "Value: [object Undefined] today", "{{ name | upper }} writes",
    ],
)  # fmt: skip
def test_a_slot_that_was_not_filled_is_found_inside_a_text(text):
    assert form_of(text) == UNFILLED_SLOT


@pytest.mark.parametrize(
    "text",
    [
        "no", "yes", "ok", "good", "nothing", "None of it works", "test of patience", "The test was fine", "!!!", "...",
        "😀😀😀", "❤", "k", "lol", "hmm", "aah", "5", "100 %", "50%s off", "see {link}", "{url} is down",
        "null and void", "<3", ":)", "Nan made tea", "ok?", "what??", "I deleted it", "[VIDEO] new tea",
        "na na na", "?",
    ],
)  # fmt: skip
def test_an_honest_short_text_is_no_placeholder(text):
    assert form_of(text) == -1


def test_no_sample_text_is_a_placeholder():
    texts = sample_pair(2000, 1, seed=1).reference["text"].combine_chunks()
    assert (placeholder_forms(texts) == -1).all()


def test_no_texts_have_no_forms():
    assert placeholder_forms(pa.array([], pa.large_string())).tolist() == []
