from __future__ import annotations

import polars as pl
import pytest
import regex
from hypothesis import given, settings
from hypothesis import strategies as st

from textdrift.tokens.characters import CHARACTER, bigrams_of_spaceless_runs
from textdrift.tokens.placed_tokens import extracted

# Pieces that belong together, each once: put side by side they meet in every way but no piece is broken.
PIECES = st.sampled_from(
    [
        *"aZé1#.ßжעبあ漢กง한",
        "e\u0301\u0323",
        "\u1112\u1161\u11ab",
        "👍",
        "👍🏽",
        "❤️",
        "👨\u200d👩\u200d👧",
        "🏳️\u200d🌈",
        "🇩🇪",
        "1️⃣",
        "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
        "कि",
        "क्ष",
        "न्\u200dया",
        "র্ক",
        "กำ",
        "ที่",
        "ខ្មែ",
        "\u0600١",
        "\u200b",
        "\x00",
    ]
)


@settings(max_examples=40, deadline=None)
@given(st.lists(PIECES))
def test_characters_are_the_grapheme_clusters_of_another_implementation(pieces: list[str]) -> None:
    text = "".join(pieces)
    assert extracted(pl.Series([text]), CHARACTER).tokens.to_list() == regex.findall(r"\X", text)


@settings(max_examples=40, deadline=None)
@given(st.text(alphabet=st.characters(exclude_categories=["Cs"])))
def test_characters_hold_the_whole_text_but_white_space(text: str) -> None:
    characters = extracted(pl.Series([text]), CHARACTER).tokens.to_list()
    assert "".join(characters) == regex.sub(r"\s", "", text)


@settings(max_examples=40, deadline=None)
@given(st.text(alphabet=st.characters(exclude_categories=["Cs", "Cn"])))
def test_a_mark_stays_with_its_letter(text: str) -> None:
    characters = extracted(pl.Series([text]), CHARACTER).tokens.to_list()
    inside = [c for c in characters if regex.match(r"\p{M}", c)]
    # Marks that begin a character stand at the start, behind white space or behind a control.
    assert len(inside) <= len(regex.findall(r"(?:^|[\s\p{C}\p{Zl}\p{Zp}])\p{M}", text))


@pytest.mark.parametrize(
    ("token", "terms"),
    [
        ("我喜欢这家店", ["我喜", "喜欢", "欢这", "这家", "家店"]),
        ("手机", ["手机"]),
        ("好", ["好"]),
        ("iphone手机很好", ["iphone", "手机", "机很", "很好"]),
        ("2024年", ["2024", "年"]),
        ("東京タワーで", ["東京", "タワー", "で"]),
        ("返金を要求フィッシング詐欺", ["返金", "を", "要求", "フィッシング", "詐欺"]),
        ("人々の時々刻々", ["人々", "の", "時々", "々刻", "刻々"]),
        ("二〇二四年", ["二〇", "〇二", "二四", "四年"]),
        ("三ヶ月間ヶ", ["三ヶ", "ヶ月", "月間", "ヶ"]),
        ("すごーいゲーム", ["すご", "ごー", "ーい", "ゲーム"]),
        ("らーめん屋", ["らー", "ーめ", "めん", "屋"]),
        ("ーい", ["ー", "い"]),
        ("ジョン・スミスさん", ["ジョン", "・", "スミス", "さん"]),
        ("がか\u3099く", ["がか\u3099く"]),
        ("がか\u3099くせ", ["がか\u3099", "か\u3099く", "くせ"]),
        ("ﾊﾟﾝ屋", ["ﾊﾟﾝ", "屋"]),
        ("ｽﾏﾎが", ["ｽﾏﾎ", "が"]),
        ("カ\u3099ス\u3099漏れ", ["カ\u3099ス\u3099", "漏", "れ"]),
        ("ที่นี่ดี", ["ที่นี่", "นี่ดี"]),
        ("กำลัง", ["กำลั", "ลัง"]),
        ("ພາສາ", ["ພາ", "າສ", "ສາ"]),
        ("ភាសាខ្មែរ", ["ភាសា", "សាខ្មែ", "ខ្មែរ"]),
        ("မြန်မာ", ["မြန်", "န်မာ"]),
        ("手机ไทยดี", ["手机", "ไท", "ทย", "ยดี"]),
        ("葛\U000e0100城市", ["葛\U000e0100城", "城市"]),
        ("한국어는", ["한국어는"]),
        ("。。。。", ["。。。。"]),
        ("!!!", ["!!!"]),
    ],
)
def test_runs_without_spaces_become_pairs_of_whole_characters(token: str, terms: list[str]) -> None:
    assert bigrams_of_spaceless_runs(pl.Series([token])).listed().to_pylist() == [terms]


def test_no_term_crosses_the_border_between_two_scripts_of_japan() -> None:
    written = "お客様センターへの問い合わせはスマートフォンからでも可能です"
    (terms,) = bigrams_of_spaceless_runs(pl.Series([written])).listed().to_pylist()
    scripts = [r"[\p{Han}ー]+", r"[\p{Hiragana}ー]+", r"[\p{Katakana}ー]+"]
    assert all(any(regex.fullmatch(script, term) for script in scripts) for term in terms)
    assert {"お", "客様", "センター", "への", "スマートフォン", "可能", "です"} <= set(terms)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.text(alphabet=st.sampled_from("ab1_我你々〇ヶたーﾞタกิ่ล\u0301ക്လ"), max_size=12), max_size=5))
def test_cutting_loses_no_character_and_adds_none(tokens: list[str]) -> None:
    lists = bigrams_of_spaceless_runs(pl.Series(tokens, dtype=pl.String)).listed().to_pylist()
    for token, terms in zip(tokens, lists, strict=True):
        assert all(term in token for term in terms)
        assert set("".join(terms)) == set(token)
