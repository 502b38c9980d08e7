"""A language is told where a text is long and clear enough, and nothing is said otherwise."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from textdrift.windows.languages import Spoken, spoken_in
from textdrift.windows.simulating import sample_pair


def spoken(texts: list[str]) -> Spoken:
    return spoken_in(pa.array(texts, pa.large_string()), np.arange(len(texts)))


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("The kettle broke on the second day and nobody answers", "en"),
        ("THE KETTLE BROKE ON THE SECOND DAY AND NOBODY ANSWERS", "en"),
        ("Der Wasserkocher ging am zweiten Tag kaputt und niemand antwortet", "de"),
        ("La tetera se rompió el segundo día y nadie contesta", "es"),
        ("La bouilloire est tombée en panne et personne ne répond", "fr"),
        ("Il bollitore si è rotto il secondo giorno e nessuno risponde", "it"),
        ("Чайник сломался на второй день, и никто не отвечает", "ru"),
        ("وصلت الغلاية مكسورة ولا أحد يجيب على الرسائل", "ar"),
        ("やかんは二日目に壊れてしまい誰も返事をしてくれません", "ja"),
    ],
)
def test_a_clear_text_has_its_language(text, language):
    assert spoken([text]).language.tolist() == [language]


@pytest.mark.parametrize(
    "text", ["ok", "thanks a lot", "😀 😀 😀", "12345 67890 12345", "https://a.example/das-ist-ein-test", ""]
)
def test_a_short_text_has_no_language_and_no_vote(text):
    found = spoken([text])
    assert (found.language.tolist(), found.script.tolist(), found.votes.tolist()) == ([""], [""], [False])


@pytest.mark.parametrize(
    ("text", "script"),
    [
        ("привет", "Cyrillic"), ("γειά σου", "Greek"), ("שלום לך", "Hebrew"), ("नमस्ते दोस्त", "Devanagari"),
        ("สวัสดีครับ", "Thai"), ("안녕하세요", "Hangul"), ("お元気ですか", "Chinese or Japanese"),
        ("ᏣᎳᎩ ᎦᏬᏂᎯᏍᏗ", "another script"),
    ],
)  # fmt: skip
def test_a_script_is_told_from_few_letters(text, script):
    assert spoken([text]).script.tolist() == [script]


def test_links_names_tags_and_markup_do_not_vote():
    texts = ["@das_ist_der_kunde #vielenDank der https://ein.example/langer/weg <br> &nbsp;"]
    assert not spoken(texts).votes.any()


def test_letters_of_mathematics_are_latin():
    text = "".join(chr(0x1D41A + ord(c) - ord("a")) if c.isalpha() else c for c in "the kettle broke on the second day")
    assert spoken([text]).language.tolist() == ["en"]


def test_nearly_all_clear_sample_texts_are_english():
    found = spoken(sample_pair(1500, 1, seed=1).reference["text"].to_pylist())
    assert np.mean(found.votes) > 0.9
    assert np.mean(found.language[found.votes] == "en") > 0.995


def test_no_texts_have_no_languages():
    assert len(spoken([])) == 0


def test_only_the_beginning_of_a_text_of_megabytes_is_read():
    texts = pa.array(["The parcel was late and nobody answered. " + "&amp;" * 400_000, "&amp;" * 400_000])
    spoken = spoken_in(texts, np.arange(2))
    assert spoken.language.tolist() == ["en", ""]
