"""Repaired texts are as they were written, and honest texts stay as they are."""

import html

import pyarrow as pa
import pytest

from textdrift.errors import SettingsError
from textdrift.windows.repairing import Cut, cut_alike, levelled, mended, unescaped
from textdrift.windows.simulating import sample_pair

WRITTEN = sample_pair(200, 1, seed=3).reference["text"].to_pylist()


def texts(*values):
    return pa.array(values, pa.large_string())


def test_escaped_texts_come_back_as_they_were():
    escaped = texts(*(f"<p>{html.escape(text)}&nbsp;</p>" for text in WRITTEN))
    assert unescaped(escaped).to_pylist() == [" ".join(text.split()) for text in WRITTEN]


@pytest.mark.parametrize(
    ("arrived", "written"),
    [
        ("&amp;lt;p&amp;gt;late&amp;nbsp;&amp;lt;/p&amp;gt;", "late"),
        ("&lt;3 tea", "<3 tea"),
        ("a<br/>b &quot;x&quot;", 'a b "x"'),
        ("<!-- header --> late", "late"),
        ("<a href='https://a.b/c'>here</a>", "here"),
        ("it&#39;s &#x27;late&#x27;", "it's 'late'"),
    ],
)
def test_markup_in_all_its_forms_is_taken_out(arrived, written):
    assert unescaped(texts(arrived)).to_pylist() == [written]


def test_texts_without_markup_are_not_touched():
    honest = texts("I <3 tea", "a & b", "two  spaces ", "a < b > c")
    assert unescaped(honest).equals(honest)


@pytest.mark.parametrize("text", ["café au lait", "don’t", "£5", "привет", "wait… now", "naïve “tea”"])
def test_mojibake_is_undone_once_and_twice_over(text):
    misread = text.encode().decode("latin-1")
    assert mended(texts(misread, misread.encode().decode("latin-1"))).to_pylist() == [text, text]


def test_a_lost_character_cannot_be_mended():
    assert mended(texts("caf\ufffd", "café")).to_pylist() == [None, "café"]


def test_honest_quotes_ligatures_and_entities_stay():
    honest = texts("“ﬁne”", "AT&amp;T", "ＯＫ")
    assert mended(honest).equals(honest)


def test_levelled_texts_differ_by_letters_and_digits_alone():
    assert levelled(texts("Don't STOP! (5 €)")).to_pylist() == ["dont stop 5 "]
    assert levelled(texts("Don't"), joined=False).to_pylist() == ["don t"]


def test_a_cut_splits_no_character_and_lengthens_no_text():
    whole = texts("naïve tea", "tea", "日本語の茶")
    for length in range(1, 12):
        by_bytes = cut_alike(whole, Cut(length, "bytes")).to_pylist()
        assert all(len(text.encode()) <= length for text in by_bytes)
        assert all(text.startswith(part) for text, part in zip(whole.to_pylist(), by_bytes, strict=True))
        assert all(len(text) <= length for text in cut_alike(whole, Cut(length)).to_pylist())


@pytest.mark.parametrize(("length", "unit"), [(0, "characters"), (5, "words")])
def test_a_limit_that_is_none_is_refused(length, unit):
    with pytest.raises(SettingsError):
        Cut(length, unit)
