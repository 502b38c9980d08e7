from __future__ import annotations

import dataclasses

import pyarrow as pa
import pytest
import regex
from hypothesis import given, settings
from hypothesis import strategies as st

from textdrift.errors import TokenizerError
from textdrift.tokens.units import UNITS, unit_named

RAINBOW, FAMILY, SHRUG = "🏳️\u200d🌈", "👨\u200d👩\u200d👧\u200d👦", "🤷🏽\u200d♀️"
SCOTLAND = "🏴\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f"


def found(unit: str, *texts: str | None) -> list[list[str]]:
    lists = UNITS[unit].tokens(pa.array(texts, pa.large_string()))
    assert lists.type == pa.large_list(pa.large_string())
    return lists.to_pylist()


def only(unit: str, text: str) -> list[str]:
    return found(unit, text)[0]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Ab 1!", ["A", "b", "1", "!"]),
        ("e\u0301 é", ["é", "é"]),
        (f"{FAMILY}{RAINBOW}👍🏽1️⃣", [FAMILY, RAINBOW, "👍🏽", "1️⃣"]),
        ("🇩🇪🇫🇷🇩", ["🇩🇪", "🇫🇷", "🇩"]),
        ("नमस्ते", ["न", "म", "स्ते"]),
        ("שָׁל", ["שָׁ", "ל"]),
        ("กำที่", ["กำ", "ที่"]),
        ("한\u1112\u1161\u11ab", ["한", "한"]),
        ("a\x00\u200bb\u2028\t", ["a", "\x00", "\u200b", "b"]),
    ],
)
def test_characters_are_what_a_reader_sees(text: str, expected: list[str]) -> None:
    assert only("characters", text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Hello, go WE", ["hel", "ell", "llo"]),
        ("cafe\u0301s", ["caf", "afé", "fés"]),
        ("İzmir", ["izm", "zmi", "mir"]),
        ("हिन्दी", []),
        ("नमस्ते", ["नमस्ते"]),
        ("مرحبا", ["مرح", "رحب", "حبا"]),
        ("東京駅前", ["東京駅", "京駅前"]),
    ],
)
def test_trigrams_stay_inside_words(text: str, expected: list[str]) -> None:
    assert only("character_trigrams", text) == expected


@settings(max_examples=40, deadline=None)
@given(st.text(alphabet="abC .'"))
def test_trigrams_are_those_of_a_plain_loop(text: str) -> None:
    words = regex.findall(r"\w+", text.lower())
    assert only("character_trigrams", text) == [word[i : i + 3] for word in words for i in range(len(word) - 2)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"a{FAMILY}{RAINBOW}b{SHRUG}", [FAMILY, RAINBOW, SHRUG]),
        ("👍👍🏽✌🏽", ["👍", "👍🏽", "✌🏽"]),
        ("🇩🇪🇫🇷 🇩", ["🇩🇪", "🇫🇷"]),
        (f"{SCOTLAND}1️⃣#️⃣", [SCOTLAND, "1️⃣", "#️⃣"]),
        ("12 # * a ★ → 漢", []),
        ("© ™ ↔ ‼", []),
        ("©️ ↔️", ["©️", "↔️"]),
        ("❤ ❤️ ☺", ["❤️", "❤️", "☺️"]),
        ("❤\ufe0e ☺\ufe0e 👍\ufe0e", []),
        ("🏳\u200d🌈 🕵🏽\u200d♂ 🕵️\u200d♂️ 1\u20e3", [RAINBOW, "🕵🏽\u200d♂️", "🕵️\u200d♂️", "1️⃣"]),
        ("🙂\u200d↔️🙂\u200d↔", ["🙂\u200d↔️", "🙂\u200d↔️"]),
    ],
)
def test_emoji_are_whole_and_spelt_in_one_way(text: str, expected: list[str]) -> None:
    assert only("emoji", text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("#Win, (#win) ＃WIN", ["#win", "#win", "#win"]),
        ("#a#b #c_d #1st #2024 # ## #_", ["#a", "#b", "#c_d", "#1st"]),
        ("C# F#a &#39; &#x27; http://x.org/#top http://x.org/p#top", []),
        (
            "#नमस्ते #مرحبا_بك #שלום #한국어 #cafe\u0301 #İzmir",
            ["#नमस्ते", "#مرحبا_بك", "#שלום", "#한국어", "#café", "#izmir"],
        ),
        ("今日は#東京タワー。", ["#東京タワー"]),
        ("#می\u200cخواهم", ["#می\u200cخواهم"]),
    ],
)
def test_hashtags_of_any_script_are_found_where_tags_stand(text: str, expected: list[str]) -> None:
    assert only("hashtags", text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('@Anna and .@POTUS, (@b_c) "@q" ＠x', ["@anna", "@potus", "@b_c", "@q", "@x"]),
        ("me@example.org first.last+tag@x.org mailto:a@b.c", []),
        ("@user@host.social https://example.org/@name/1 @@z @", ["@user"]),
        ("@tanakaさん 谢谢@lee @田中 @josé", ["@tanaka", "@lee", "@田中", "@josé"]),
        ("@you's @a @b", ["@you", "@a", "@b"]),
    ],
)
def test_handles_are_found_and_addresses_are_not(text: str, expected: list[str]) -> None:
    assert only("handles", text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("http://www.Example.com/a?b=1 HTTPS://t.co:80/x", ["example.com", "t.co"]),
        ("see www.foo.org. or (http://b.de), www.a.co.uk/x", ["foo.org", "b.de", "a.co.uk"]),
        ("https://user:pass@host.org/@me", ["host.org"]),
        ("awww.cute www. www... http:// httpx://a.b example.com", []),
        ("http://t.co/ahttp://b.de http://www.com", ["t.co", "b.de", "www.com"]),
        (
            "见http://a.com好 http://münchen.de/ http://[::1]:80/ http://localhost:8",
            ["a.com", "münchen.de", "[::1]", "localhost"],
        ),
        ("http://中国.cn", ["中国.cn"]),
    ],
)
def test_links_are_counted_by_their_hosts(text: str, expected: list[str]) -> None:
    assert only("links", text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("HELLO Hello hello hELLO iPhone McDonald", ["UPPER", "Title", "lower", "miXed", "miXed", "miXed"]),
        ("I a x2 DON'T don't", ["UPPER", "lower"]),
        (
            "ÉTÉ E\u0301te\u0301 été ΟΔΟΣ Привет İZMİR ıı",
            ["UPPER", "Title", "lower", "UPPER", "Title", "UPPER", "lower"],
        ),
        ("你好 שלום مرحبا नमस्ते 한국어 ไทย 12", []),
        ("iPhone手机 ǅungla", ["miXed", "Title"]),
    ],
)
def test_words_have_shapes_where_their_script_has_case(text: str, expected: list[str]) -> None:
    assert only("casing", text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('Wow!!! … ?! "x"', ["!!!", "…", "?!", '"', '"']),
        ("好。」 ¿qué? a_b :-) <3 x^2 ~", ["。」", "¿", "?", "_", ":-)", "<", "^", "~"]),
        ("שלום־עולם ؟ । 👍 € é", ["־", "؟", "।"]),
    ],
)
def test_punctuation_is_counted_in_runs_as_it_stands(text: str, expected: list[str]) -> None:
    assert only("punctuation", text) == expected


def test_lengths_are_ranges_that_double() -> None:
    texts = ["", "!!!", "a", "a b", "a b c", "a b c d", " ".join("x" * 7), " ".join("x" * 8), "y " * 1000]
    assert found("length", *texts) == [
        ["no words"],
        ["no words"],
        ["1 word"],
        ["2-3 words"],
        ["2-3 words"],
        ["4-7 words"],
        ["4-7 words"],
        ["8-15 words"],
        ["512-1023 words"],
    ]


@pytest.mark.parametrize("unit", UNITS)
def test_a_null_holds_nothing_and_keeps_its_row(unit: str) -> None:
    text = "Hello 👍 #Tag @you http://x.org !!!"
    alone = only(unit, text)
    assert alone
    assert found(unit, None, text, None, "", text) == [[], alone, [], only(unit, ""), alone]
    assert found(unit) == []
    assert found(unit, None) == [[]]


@pytest.mark.parametrize("unit", UNITS)
@settings(max_examples=40, deadline=None)
@given(texts=st.lists(st.text(alphabet=st.characters(exclude_categories=["Cs"])), max_size=4))
def test_any_text_is_taken_and_rows_do_not_mix(unit: str, texts: list[str]) -> None:
    together = found(unit, *texts)
    assert together == [only(unit, text) for text in texts]
    assert all(token for tokens in together for token in tokens)


@pytest.mark.parametrize("unit", UNITS)
@pytest.mark.parametrize(
    "piece",
    [
        "word ",
        "!",
        "a",
        FAMILY,
        "🇩",
        "#",
        "#a",
        "@a",
        "手",
        "www.",
        "http://",
        "\u0301",
        "क्ष",
        "\u200d",
        "\x00",
        "שלום ",
        "❤\ufe0e",
    ],
)
def test_a_text_of_a_megabyte_is_taken(unit: str, piece: str) -> None:
    text = piece * (1_000_000 // len(piece.encode()))
    assert len(only(unit, text)) <= len(text)


@pytest.mark.parametrize("unit", ["characters", "character_trigrams", "hashtags", "handles"])
def test_canonically_equivalent_texts_hold_the_same(unit: str) -> None:
    assert only(unit, "#Café @josé résumés") == only(unit, "#Cafe\u0301 @jose\u0301 re\u0301sume\u0301s") != []


def test_units_have_names_for_people() -> None:
    assert all(name == unit.name == unit_named(name).name for name, unit in UNITS.items())
    assert all(unit.singular and unit.plural for unit in UNITS.values())
    with pytest.raises(dataclasses.FrozenInstanceError):
        UNITS["emoji"].name = "smiley"


@pytest.mark.parametrize("name", ["emojis", 3, None, ["emoji"]])
def test_an_unknown_unit_is_told_with_all_units(name: object) -> None:
    with pytest.raises(TokenizerError, match=r"there is no unit .* Known are characters, character_trigrams, emoji,"):
        unit_named(name)
