"""The audit counts what a person would count, and takes no honest text for a broken one."""

from __future__ import annotations

import pyarrow as pa
import pytest

from textdrift.errors import MissingColumnError
from textdrift.windows.auditing import Audit, audit
from textdrift.windows.duplicates import distinct_documents
from textdrift.windows.window import Roles, Window


def audited(texts: list[str | None]) -> Audit:
    window = Window(pa.table({"text": pa.array(texts, pa.large_string())}), Roles(), "window")
    return audit(window, distinct_documents(window))


def as_windows_1252(text: str) -> str:
    undefined = (0x81, 0x8D, 0x8F, 0x90, 0x9D)
    return "".join(chr(b) if b in undefined else bytes([b]).decode("cp1252") for b in text.encode())


def as_latin_1(text: str) -> str:
    return text.encode().decode("latin-1")


WRITTEN = [
    "café", "don’t", "£5", "voilà la", "Österreich", "HÔTEL", "Übung", "Maß", "naïve", "“quoted”", "5 €", "łódź",
    "zażółć", "orașe",
    "привет", "γειά", "שלום", "مرحبا", "こんにちは", "नमस्ते", "😀", "wait…", "NÃO", "señor", "a\u00a0b",
]  # fmt: skip


@pytest.mark.parametrize("misread", [as_windows_1252, as_latin_1])
@pytest.mark.parametrize("text", WRITTEN)
def test_text_decoded_with_the_wrong_character_set_is_found_once_and_twice_over(text, misread):
    once = misread(text)
    assert audited([once]).is_mojibake.tolist() == [True]
    assert audited([misread(once)]).is_mojibake.tolist() == [True]


@pytest.mark.parametrize("text", WRITTEN)
def test_text_decoded_rightly_is_not(text):
    assert audited([text]).is_mojibake.tolist() == [False]


@pytest.mark.parametrize(
    "text",
    [
        "SÃO PAULO", "NÃO", "AMANHÃ…", "AMANHÃ” disse", "«CAFÉ»", "viel Spaß…", "„Spaß“", "CAFÉ® und CAFÉ™",
        "voilà\u00a0»", "manhã\u00a0»", "voilà…»", "PÅ…", "ÅRHUS", "¿Ñandú?", "ÜBER", "È…", "«\u00a0À\u00a0»", "×2 ÷3",
        "Â",
    ],
)  # fmt: skip
def test_accents_and_typography_are_no_mojibake(text):
    assert audited([text]).is_mojibake.tolist() == [False]


def test_a_replacement_character_is_mojibake():
    assert audited(["caf\ufffd", "\ufeffcafé"]).is_mojibake.tolist() == [True, False]


@pytest.mark.parametrize(
    "text",
    ["<p>a</p>", "</div>", "a<br/>b", "a <BR > b", "<a href='x'>y", '<img src="x" alt="y">', "<!-- x -->", "a &amp; b",
     "a&nbsp;b", "it&#39;s", "it&#x27;s", "&quot;a&quot;", "caf&eacute;", "&AMP;"],
)  # fmt: skip
def test_tags_and_entities_are_markup(text):
    assert audited([text]).has_markup.tolist() == [True]


@pytest.mark.parametrize(
    "text", ["<3", "<user>", "a < b > c", "i <b and c> d", "AT&T;", "Q&A; R&B", "<-", "&foo;", "a & b", "<URL>"]
)
def test_hearts_placeholders_and_comparisons_are_no_markup(text):
    assert audited([text]).has_markup.tolist() == [False]


def test_rows_are_counted_once_each():
    found = audited(["a", None, "", " \t", "a", "b", "a"])
    assert (found.n_rows, found.n_null, found.n_empty, found.n_missing) == (7, 1, 2, 3)
    assert (found.n_usable, found.n_copies, len(found.documents)) == (4, 2, 2)


def test_marks_speak_of_distinct_texts_and_lengths_of_code_points_and_bytes():
    found = audited(["Ünder!", "plain", "Ünder!", "😀"])
    assert found.has_capital.tolist() == [True, False, False]
    assert found.has_punctuation.tolist() == [True, False, False]
    assert found.n_characters.tolist() == [6, 5, 1]
    assert found.n_bytes.tolist() == [7, 5, 4]


def test_whom_a_text_speaks_to_decides_nothing_about_its_capitals():
    assert audited(["@TeaHouse hello", "#TeaTime hello", "https://Tea.example/Cup hello"]).has_capital.sum() == 0
    assert audited(["@teahouse Hello"]).has_capital.sum() == 1


def test_a_window_without_a_single_text_has_no_documents():
    found = audited([None, " "])
    assert (found.n_missing, len(found.documents), found.is_mojibake.shape) == (2, 0, (0,))


def test_a_window_without_a_text_column_is_refused_with_a_remedy():
    window = Window(pa.table({"x": [1.0]}), Roles(text=None), "numbers")
    with pytest.raises(MissingColumnError, match="name the column with text="):
        audit(window, distinct_documents(window))
