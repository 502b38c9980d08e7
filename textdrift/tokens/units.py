"""What can be counted besides words: characters, emoji, hashtags, links, the shapes of words, lengths, and more."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import numpy as np
import polars as pl
import pyarrow as pa

from textdrift.tokens.characters import CHARACTER, SPACELESS_LETTER
from textdrift.tokens.known_names import unknown_name
from textdrift.tokens.normalizing import changed_where, normalized
from textdrift.tokens.placed_tokens import PlacedTokens, extracted

__all__ = ["UNITS", "Unit", "unit_named"]


@dataclass(frozen=True, slots=True)
class Unit:
    """One thing that can be counted in texts; a ``Tokenizer``.

    Attributes
    ----------
    name:
        What it is called in an argument.
    singular, plural:
        What one and many of it are called in a report.
    found_in:
        From texts without nulls, in normal form C, to what they hold of it, as written there.
    """

    name: str
    singular: str
    plural: str
    found_in: Callable[[pl.Series], PlacedTokens]

    def tokens(self, texts: pa.Array) -> pa.Array:
        """Return what each text holds of the unit, ``large_list<large_string>``; a null text holds nothing.

        Texts are brought to normal form C first, so canonically equivalent ones hold the same. Cost: linear in the
        length of the texts.

        >>> UNITS["emoji"].tokens(pa.array(["So happy 😀👍🏽", None], pa.large_string())).to_pylist()
        [['😀', '👍🏽'], []]
        """
        column = pl.Series(values=texts, dtype=pl.String)
        rows = np.flatnonzero(column.is_not_null().to_numpy())
        found = self.found_in(normalized(column.gather(rows), "NFC"))
        return PlacedTokens(found.tokens, rows[found.rows], len(column)).listed()


def unit_named(name: str) -> Unit:
    """Return the unit of that name.

    Raises
    ------
    TokenizerError
        There is none.

    Examples
    --------
    >>> unit_named("hashtags").plural
    'hashtags'
    >>> unit_named("hashtag")
    Traceback (most recent call last):
    ...
    textdrift.errors.TokenizerError: there is no unit 'hashtag'; did you mean 'hashtags'? Known are characters, \
character_trigrams, emoji, hashtags, handles, links, casing, punctuation, length
    """
    try:
        return UNITS[name]
    except (KeyError, TypeError):
        raise unknown_name("unit", name, tuple(UNITS)) from None


def _characters(texts: pl.Series) -> PlacedTokens:
    """Return what a reader sees as one character, as written: a capital is another character than its small letter."""
    return extracted(texts, CHARACTER)


def _character_trigrams(texts: pl.Series) -> PlacedTokens:
    """Return each three neighbouring characters of the words of the lower-cased text."""
    words = extracted(_lowered(texts), r"\w+")
    characters = extracted(words.tokens, CHARACTER)
    trigrams = characters.neighbours_joined(3)
    return PlacedTokens(trigrams.tokens, words.rows[trigrams.rows], words.n_rows)


# Emoji sequences (Unicode Technical Standard #51). What is text unless a selector says otherwise counts without one
# among the miscellaneous symbols and the pictographs proper, where people mean the emoji; the sign of a trade mark
# does not.
_SELECTOR, _TEXT_SELECTOR = "\ufe0f", "\ufe0e"
_PICTOGRAPH: Final = (
    r"[[[\p{Emoji_Presentation}--\p{Emoji_Modifier}][\p{Emoji}&&[\x{2600}-\x{27BF}\x{1F000}-\x{1F2FF}]]"
    r"[\p{Extended_Pictographic}&&[\x{1F300}-\x{1FAFF}]]]--\p{RI}]"
)
_TEXT_BY_DEFAULT: Final = r"[[\p{Emoji}&&\p{Extended_Pictographic}]--\p{Emoji_Presentation}]"
_ONE_EMOJI: Final = (
    rf"(?:\p{{RI}}\p{{RI}}|{_PICTOGRAPH}\x{{FE0F}}?\p{{Emoji_Modifier}}?[\x{{E0020}}-\x{{E007F}}]*"
    rf"|{_TEXT_BY_DEFAULT}(?:\x{{FE0F}}\p{{Emoji_Modifier}}?|\p{{Emoji_Modifier}})"
    r"|\p{Emoji_Modifier}|[0-9#*]\x{FE0F}?\x{20E3})"
)
_EMOJI: Final = rf"{_ONE_EMOJI}(?:\x{{200D}}(?:{_ONE_EMOJI}|{_TEXT_BY_DEFAULT}))*"


def _emoji(texts: pl.Series) -> PlacedTokens:
    """Return emoji, whole sequences, with the selectors that a full spelling has: programs leave them out at will."""
    as_text = texts.str.contains(_TEXT_SELECTOR, literal=True)
    if as_text.any():
        texts = changed_where(texts, as_text, texts.filter(as_text).str.replace_all(f".{_TEXT_SELECTOR}", " "))
    found = extracted(texts, _EMOJI)
    spelt = found.tokens.str.replace_all(_SELECTOR, "", literal=True)
    spelt = spelt.str.replace_all(rf"({_TEXT_BY_DEFAULT})", "${1}" + _SELECTOR)
    spelt = spelt.str.replace_all(rf"{_SELECTOR}(\p{{Emoji_Modifier}})", "${1}")
    spelt = spelt.str.replace_all(r"([0-9#*])(\x{20E3})", "${1}" + _SELECTOR + "${2}")
    return PlacedTokens(spelt, found.rows, found.n_rows)


# Scripts without spaces set a tag or a name right behind a word.
_BEFORE_TAG: Final = rf"(?:^|[^\w&/=#＃]|{SPACELESS_LETTER})"
_TAG: Final = r"[#＃][\w--\p{L}]*\p{L}\w*"
_HANDLE: Final = rf"(?:^|[^\w@＠/=&%#$*~+]|{SPACELESS_LETTER})[@＠](?:[\p{{Latin}}\p{{M}}0-9_]+|\w+)"


def _hashtags(texts: pl.Series) -> PlacedTokens:
    """Return '#' and the word behind it, lower-cased, if the word holds a letter and no other word ends at the '#'.

    So neither the end of a link nor a character reference of HTML is one; several tags may be written together.
    """
    chains = extracted(_lowered(texts), rf"{_BEFORE_TAG}(?:{_TAG})+")
    tags = extracted(chains.tokens, _TAG)
    return PlacedTokens(tags.tokens.str.replace("＃", "#", literal=True), chains.rows[tags.rows], chains.n_rows)


def _handles(texts: pl.Series) -> PlacedTokens:
    """Return '@' and the name behind it, lower-cased, where no word ends at the '@', as it does in e-mail addresses.

    A name in Latin letters ends where another script begins; '@name@server' counts as '@name'.
    """
    found = extracted(_lowered(texts), _HANDLE)
    return PlacedTokens(found.tokens.str.replace("^.*?[@＠]", "@"), found.rows, found.n_rows)


_LABEL: Final = rf"[[\w\-]--{SPACELESS_LETTER}]+"
_USER: Final = r"(?:[\w.~!$&'*+;=:%\-]*@)?"
_LINK: Final = (
    rf"https?://{_USER}(?:\[[0-9a-f:.]+\]|{_LABEL}(?:\.{_LABEL})*|[\w\-]+(?:\.[\w\-]+)*)"
    rf"|(?-u:\b)www\.{_LABEL}(?:\.{_LABEL})+"
)


def _links(texts: pl.Series) -> PlacedTokens:
    """Return the host of each http or https link and of each bare 'www.' address, lower-cased, without 'www.'.

    A link inside the path of another one, as archives write them, counts too.
    """
    found = extracted(_lowered(texts), _LINK)
    hosts = found.tokens.str.replace(rf"^https?://{_USER}", "").str.replace(r"^www\.([^.]+\.)", "${1}")
    return PlacedTokens(hosts, found.rows, found.n_rows)


def _casing(texts: pl.Series) -> PlacedTokens:
    """Return the shape of each word of two letters or more: UPPER, Title, lower or miXed; none without case."""
    words = extracted(texts, r"\p{L}\p{M}*\p{L}[\p{L}\p{M}]*")
    word = pl.col("word")
    shapes = pl.DataFrame({"word": words.tokens}).select(
        shape=pl.when(word.str.contains(r"^[^\p{Lu}\p{Lt}]+$"))
        .then(pl.when(word.str.contains(r"\p{Ll}")).then(pl.lit("lower")))
        .when(word.str.contains(r"^[^\p{Ll}\p{Lt}]+$"))
        .then(pl.lit("UPPER"))
        .when(word.str.contains(r"^[\p{Lu}\p{Lt}][^\p{Lu}\p{Lt}]+$"))
        .then(pl.lit("Title"))
        .otherwise(pl.lit("miXed"))
    )["shape"]
    return PlacedTokens(shapes, words.rows, words.n_rows).where(shapes.is_not_null())


def _punctuation(texts: pl.Series) -> PlacedTokens:
    """Return runs of punctuation, the signs of ASCII among it, as they stand."""
    return extracted(texts, r"[\p{P}[:punct:]]+")


# A text of 2^40 words is longer than any memory.
_LENGTHS: Final = ("no words", "1 word", *(f"{2**k}-{2 ** (k + 1) - 1} words" for k in range(1, 40)))


def _lengths(texts: pl.Series) -> PlacedTokens:
    """Return the range in which the number of words of each text lies: 0, 1, 2-3, 4-7, and so on by doubling."""
    doublings = np.frexp(texts.str.count_matches(r"\w+").to_numpy().astype(np.float64))[1]
    ranges = pl.Series(_LENGTHS, dtype=pl.String).gather(doublings)
    return PlacedTokens(ranges, np.arange(len(texts), dtype=np.int64), len(texts))


def _lowered(texts: pl.Series) -> pl.Series:
    return normalized(texts.str.to_lowercase(), "NFC")


UNITS: Final[Mapping[str, Unit]] = MappingProxyType(
    {
        unit.name: unit
        for unit in (
            Unit("characters", "character", "characters", _characters),
            Unit("character_trigrams", "run of three letters", "runs of three letters", _character_trigrams),
            Unit("emoji", "emoji", "emoji", _emoji),
            Unit("hashtags", "hashtag", "hashtags", _hashtags),
            Unit("handles", "@name", "@names", _handles),
            Unit("links", "linked site", "linked sites", _links),
            Unit("casing", "upper or lower case", "upper and lower case", _casing),
            Unit("punctuation", "punctuation mark", "punctuation marks", _punctuation),
            Unit("length", "length of texts", "lengths of texts", _lengths),
        )
    }
)
