"""Texts in, texts out as they would be without one fault of the pipeline, or with the fault in both windows alike."""

from __future__ import annotations

import html
from dataclasses import dataclass

import numpy as np
import polars as pl
import pyarrow as pa
from numpy.typing import NDArray

from textdrift.errors import SettingsError
from textdrift.windows.auditing import TAG, markup_of, mojibake_of

__all__ = ["Cut", "cut_alike", "levelled", "mended", "unescaped"]

_TAGS = rf"{TAG}|<!--(?s:.*?)-->|(?i:<!doctype[^<>]*>)"
_MOST_ESCAPES = 3  # "&amp;lt;p&amp;gt;" was escaped twice
_MARKS = r"[^\w\s]"


@dataclass(frozen=True, slots=True)
class Cut:
    """The limit at which texts were cut: a length, in ``characters`` or in ``bytes`` of UTF-8."""

    length: int
    unit: str = "characters"

    def __post_init__(self) -> None:
        """Refuse a limit that leaves nothing, and an unknown unit."""
        if self.length < 1:
            raise SettingsError(f"a text cannot be cut at {self.length} {self.unit}: give a length of 1 or more")
        if self.unit not in ("characters", "bytes"):
            raise SettingsError(
                f"texts are cut by 'characters' or by 'bytes', not by {self.unit!r}: choose one of them"
            )


def unescaped(texts: pa.Array) -> pa.Array:
    """Return texts without HTML tags and with the characters that their entities stand for.

    A tag becomes a space, a no-break space too. Texts without markup are returned as they are. What was escaped twice
    is unescaped twice.

    Parameters
    ----------
    texts:
        Shape (n,), ``large_string``, no nulls.

    Examples
    --------
    >>> texts = pa.array(["<p>Tea &amp; milk</p>", "I <3 tea"], pa.large_string())
    >>> unescaped(texts).to_pylist()
    ['Tea & milk', 'I <3 tea']
    """
    marked = markup_of(texts)
    held = pl.Series(values=texts.filter(pa.array(marked)), dtype=pl.String)
    for _ in range(_MOST_ESCAPES):
        held = pl.Series(values=[html.unescape(text) for text in held.to_list()], dtype=pl.String)
        held = held.str.replace_all(_TAGS, " ")
        if not markup_of(held.to_arrow()).any():
            break
    held = held.str.replace_all("\u00a0", " ").str.replace_all(r" {2,}", " ").str.strip_chars()
    return _put(texts, marked, held)


def mended(texts: pa.Array) -> pa.Array:
    """Return texts whose mojibake is undone (ftfy, Speer 2019); a null stands for one that cannot be mended.

    Texts without mojibake are returned as they are. Lost characters (U+FFFD) cannot be brought back.

    Parameters
    ----------
    texts:
        Shape (n,), ``large_string``, no nulls.

    Examples
    --------
    >>> mended(pa.array(["cafÃ©", "tea", "caf\ufffd"], pa.large_string())).to_pylist()
    ['café', 'tea', None]
    """
    from ftfy import TextFixerConfig, fix_text

    marked = mojibake_of(texts)
    # What ftfy can do beside, such as other quotes or ligatures, would change what a person wrote.
    settings = TextFixerConfig(
        unescape_html=False, uncurl_quotes=False, fix_latin_ligatures=False, fix_character_width=False,
        normalization=None, explain=False,
    )  # fmt: skip
    fixed = [fix_text(text, settings) for text in texts.filter(pa.array(marked)).to_pylist()]
    still = mojibake_of(pa.array(fixed, pa.large_string()))
    held = [None if broken else text for text, broken in zip(fixed, still, strict=True)]
    return _put(texts, marked, pl.Series(values=held, dtype=pl.String))


def levelled(texts: pa.Array, *, joined: bool = True) -> pa.Array:
    """Return texts in lower case and without any mark but letters, digits, spaces and underscores.

    Parameters
    ----------
    texts:
        Shape (n,), ``large_string``, no nulls.
    joined:
        Close the gap that a mark leaves ("dont"), or leave a space there ("don t").

    Examples
    --------
    >>> levelled(pa.array(["Don't!"], pa.large_string())).to_pylist()
    ['dont']
    """
    held = pl.Series(values=texts, dtype=pl.String).str.to_lowercase()
    return _as_texts(held.str.replace_all(_MARKS, "" if joined else " "))


def cut_alike(texts: pa.Array, cut: Cut) -> pa.Array:
    """Return texts cut at a limit; no character is split, and shorter texts stay as they are.

    Parameters
    ----------
    texts:
        Shape (n,), ``large_string``, no nulls.
    cut:
        Where.

    Examples
    --------
    >>> texts = pa.array(["café au lait", "tea"], pa.large_string())
    >>> cut_alike(texts, Cut(4)).to_pylist(), cut_alike(texts, Cut(4, "bytes")).to_pylist()
    (['café', 'tea'], ['caf', 'tea'])
    """
    held = pl.Series(values=texts, dtype=pl.String)
    if cut.unit == "characters":
        return _as_texts(held.str.slice(0, cut.length))
    longer = np.asarray((held.str.len_bytes() > cut.length).to_numpy(), dtype=bool)
    shorter = [
        text.encode()[: cut.length].decode("utf-8", "ignore") for text in texts.filter(pa.array(longer)).to_pylist()
    ]
    return _put(texts, longer, pl.Series(values=shorter, dtype=pl.String))


def _put(texts: pa.Array, places: NDArray[np.bool_], values: pl.Series) -> pa.Array:
    """Return the texts with others in some places."""
    if not places.any():
        return texts
    whole = pl.Series(values=texts, dtype=pl.String)
    return _as_texts(whole.scatter(np.flatnonzero(places), values))


def _as_texts(texts: pl.Series) -> pa.Array:
    return texts.to_arrow(compat_level=pl.CompatLevel.oldest()).cast(pa.large_string())
