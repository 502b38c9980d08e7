"""What a person calls one character, and runs of the scripts that put no space between words."""

from __future__ import annotations

from typing import Final

import numpy as np
import polars as pl

from textdrift.tokens.placed_tokens import PlacedTokens, extracted

__all__ = ["CHARACTER", "SPACELESS_LETTER", "bigrams_of_spaceless_runs"]

# Extended grapheme clusters (Unicode Standard Annex #29) without white space, and no mark leaves its letter (the annex
# lets some of Myanmar's go); a mark after white space stands alone. The regular expressions of Rust know all that rules
# GB6 to GB13 need but for the linkers of GB9c, which tie two letters into one conjunct: they are listed, those of
# Unicode 16 that living scripts use.
_LINKER: Final = (
    r"[\x{94D}\x{9CD}\x{ACD}\x{B4D}\x{C4D}\x{D4D}\x{1039}\x{17D2}\x{1A60}\x{1B44}\x{1BAB}\x{A9C0}\x{AAF6}\x{11133}]"
)
_LINKED: Final = (
    r"[[\p{Devanagari}\p{Bengali}\p{Gujarati}\p{Oriya}\p{Telugu}\p{Malayalam}\p{Myanmar}\p{Khmer}\p{Tai_Tham}"
    r"\p{Balinese}\p{Sundanese}\p{Javanese}\p{Meetei_Mayek}\p{Chakma}]&&\p{Lo}]"
)
_EXTEND: Final = r"[\p{gcb=Extend}\p{gcb=ZWJ}]*"
_CONJUNCT: Final = rf"{_LINKED}(?:{_EXTEND}{_LINKER}{_EXTEND}{_LINKED})+"
_HANGUL: Final = r"\p{gcb=L}*(?:\p{gcb=V}+|\p{gcb=LV}\p{gcb=V}*|\p{gcb=LVT})\p{gcb=T}*|\p{gcb=L}+|\p{gcb=T}+"
_FLAG: Final = r"\p{gcb=RI}\p{gcb=RI}"
_EMOJI: Final = r"\p{Extended_Pictographic}(?:\p{gcb=Extend}*\p{gcb=ZWJ}\p{Extended_Pictographic})*"
CHARACTER: Final = (
    rf"\p{{gcb=Prepend}}*(?:{_HANGUL}|{_FLAG}|{_EMOJI}|{_CONJUNCT}|[^\p{{gcb=Control}}\s])"
    rf"[\p{{gcb=Extend}}\p{{gcb=ZWJ}}\p{{gcb=SpacingMark}}\p{{M}}]*|[\p{{gcb=Control}}--\s]"
)

# Script extensions bring in the marks that several scripts share, such as that of long vowels, and letters keep out the
# punctuation that they bring in too. The zero of ideographs is a number to Unicode and counts as one of them here.
_HAN: Final = r"[[\p{scx=Han}&&\p{L}]〇]"
_KATAKANA: Final = r"[\p{scx=Katakana}&&\p{L}]"
_HIRAGANA: Final = r"[\p{scx=Hiragana}&&\p{L}]"
_OTHERS: Final = tuple(rf"[\p{{{script}}}&&\p{{L}}]" for script in ("Thai", "Lao", "Khmer", "Myanmar"))
_SPACELESS: Final = rf"[{_HAN}{_KATAKANA}{_HIRAGANA}{''.join(_OTHERS)}]"
SPACELESS_LETTER: Final = rf"[{_SPACELESS}--〇]"
_MARKS: Final = r"[\p{M}\p{Join_Control}]*"
# A mark that the kana share goes with the kana before it, and with Katakana where there are none. Small ke and ka
# between two ideographs (三ヶ月) are short for one.
_RUNS: Final = "|".join(
    [
        rf"(?:{_HAN}{_MARKS})+(?:[ヶヵ](?:{_HAN}{_MARKS})+)*",
        *(rf"(?:{letter}{_MARKS})+" for letter in (_KATAKANA, _HIRAGANA, *_OTHERS)),
        rf"[^{_SPACELESS}]+",
    ]
)
_LONGEST_WHOLE = 2
_LONGEST_WHOLE_HIRAGANA = 3


def bigrams_of_spaceless_runs(tokens: pl.Series) -> PlacedTokens:
    """Return the terms of tokens that hold letters of a script without spaces.

    Between two spaces or stops such a script writes a phrase, and hardly any phrase is written twice. A run of one
    script (Han, Hiragana, Katakana, Thai, Lao, Khmer, Myanmar) of more than two characters becomes its overlapping
    pairs of characters, which find words about as well as a dictionary does (Nie, Gao, Zhang and Zhou 2000) and need
    none. In Japanese the border between two scripts is mostly one between words: a run of Katakana, a loan word as a
    rule, stays whole however long, and one of Hiragana up to three characters, as most particles and endings are. What
    stands between such runs stays whole. Linear in the length of the tokens.

    >>> bigrams_of_spaceless_runs(pl.Series(["iphone手机", "我喜欢", "東京タワーを見た"])).listed().to_pylist()
    [['iphone', '手机'], ['我喜', '喜欢'], ['東京', 'タワー', 'を', '見', 'た']]
    """
    runs = extracted(tokens, _RUNS)
    cuttable = runs.tokens.str.contains(rf"^[{_SPACELESS}--{_KATAKANA}]")
    hiragana = runs.tokens.str.contains("^" + _HIRAGANA).to_numpy()
    characters = extracted(runs.tokens.set(~cuttable, ""), CHARACTER)
    lengths = np.bincount(characters.rows, minlength=characters.n_rows)
    is_whole = lengths <= np.where(hiragana, _LONGEST_WHOLE_HIRAGANA, _LONGEST_WHOLE)
    pairs = characters.neighbours_joined(2)
    pairs = pairs.where(pl.Series(~is_whole[pairs.rows]))
    whole = np.flatnonzero(is_whole)
    order = np.argsort(np.concatenate([whole, pairs.rows]), kind="stable")
    terms = pl.concat([runs.tokens.gather(whole), pairs.tokens]).gather(order)
    return PlacedTokens(terms, runs.rows[np.concatenate([whole, pairs.rows])[order]], len(tokens))
