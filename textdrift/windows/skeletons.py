"""Skeletons: texts that share their fixed words and differ in what fills the slots between them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

__all__ = ["skeleton_clusters"]

Numbers = NDArray[np.int64]

_SLOT = r"(?:https?://|www\.)\S+|@\w+|\S+@\S+|[\"“”„«»][^\"“”„«»]{1,80}[\"“”„«»]|\w*\p{Nd}\w*"
_WORD = r"\w+(?:['’]\w+)*"

_FEWEST_FIXED = 5
_SHARE_FIXED = 0.5
_SHARED_BY = 0.5
_MOST_ROUNDS = 4


@dataclass(frozen=True, slots=True)
class _Pairs:
    """The places where two frequent words follow each other, in order of texts.

    Each has shape (n_places,): the text, the number of the pair of words, and where its first word stands among the
    words of all texts. ``n_texts_with`` counts the texts of each pair, ``text_of_word`` has the text of every word.
    """

    text: Numbers
    pair: Numbers
    word: Numbers
    n_texts_with: Numbers
    text_of_word: Numbers


def skeleton_clusters(texts: pa.Array, *, fewest: int) -> Numbers:
    """Return the skeleton that each text belongs to, shape (n_texts,), any number of its own; -1 for none.

    The texts of a skeleton share fixed words: pairs of words that follow each other in at least half of them. At least
    five words of each text are fixed, and at least half of all its words; the rest fills slots. Numbers, links, @names,
    addresses and what stands in quotes are left out beforehand. Each text tries its most widespread pair of words as
    the name of its skeleton, then the second, up to four. So a template whose slots hold more words than it has itself
    escapes, and so does one in a script that puts no spaces between words.

    The idea is that of log parsers (Vaarandi 2003): what is frequent is the template, what is rare fills it. The result
    depends on the set of texts alone, not on their order. Cost: linear in the number of words, and a sort of them.

    Parameters
    ----------
    texts:
        Strings without nulls; near-copies should be one text here, or they are a skeleton of their own.
    fewest:
        Texts of a skeleton.

    Examples
    --------
    >>> names, things = ("Ann", "Bo", "Cy"), ("red mugs", "green tea", "a spoon")
    >>> texts = [f"Dear {name}, your {thing} will be with you soon" for name, thing in zip(names, things)]
    >>> skeleton_clusters(pa.array([*texts, "my red mugs will be late"]), fewest=3).tolist() == [0, 0, 0, -1]
    True
    """
    skeleton = np.full(len(texts), -1, dtype=np.int64)
    pairs = _frequent_pairs(texts, fewest)
    tried, place = _by_spread(pairs)
    for attempt in range(_MOST_ROUNDS):
        now = (place == attempt) & (skeleton[tried // max(len(pairs.n_texts_with), 1)] < 0)
        if not (place >= attempt).any():
            break
        name = np.full(len(texts), -1, dtype=np.int64)
        text, pair = np.divmod(tried[now], len(pairs.n_texts_with))
        name[text] = pair
        members = _members(pairs, name, fewest)
        skeleton[members] = name[members] + attempt * len(pairs.n_texts_with)
    found = skeleton >= 0
    _, skeleton[found] = np.unique(skeleton[found], return_inverse=True)
    return skeleton


def _frequent_pairs(texts: pa.Array, fewest: int) -> _Pairs:
    words = (
        pl.Series("text", texts, dtype=pl.String)
        .str.normalize("NFKC")
        .str.to_lowercase()
        .str.replace_all(_SLOT, " ")
        .str.extract_all(_WORD)
    )
    n_words = words.list.len().to_numpy().astype(np.int64)
    text_of_word = np.repeat(np.arange(len(texts)), n_words)
    encoded = pc.dictionary_encode(words.explode().drop_nulls().to_arrow())
    code = np.asarray(encoded.indices.to_numpy(zero_copy_only=False), dtype=np.int64)
    word = np.flatnonzero(text_of_word[:-1] == text_of_word[1:])
    # Numbers of words depend on the order of the texts; those of pairs must not where spread is equal.
    rank = np.asarray(pc.rank(encoded.dictionary).to_numpy(zero_copy_only=False), dtype=np.int64)[code]
    both = rank[word] * (len(encoded.dictionary) + 1) + rank[word + 1]
    _, pair = np.unique(both, return_inverse=True)
    text = text_of_word[word]
    n_pairs = int(pair.max(initial=-1)) + 1
    n_texts_with = np.bincount(np.unique(text * n_pairs + pair) % max(n_pairs, 1), minlength=n_pairs)
    kept = n_texts_with[pair] >= fewest
    frequent, pair = np.unique(pair[kept], return_inverse=True)
    return _Pairs(text[kept], pair, word[kept], n_texts_with[frequent], text_of_word)


def _by_spread(pairs: _Pairs) -> tuple[Numbers, Numbers]:
    """Return text * n_pairs + pair of each text's pairs, and the place of each among them, most widespread first."""
    n_pairs = max(len(pairs.n_texts_with), 1)
    held = np.unique(pairs.text * n_pairs + pairs.pair)
    text, pair = np.divmod(held, n_pairs)
    order = np.lexsort((pair, -pairs.n_texts_with[pair], text)) if held.size else np.zeros(0, dtype=np.int64)
    held, text = held[order], text[order]
    return held, np.arange(len(held)) - np.searchsorted(text, text)


def _members(pairs: _Pairs, name: Numbers, fewest: int) -> NDArray[np.bool_]:
    """Return which of the texts that share a name are made of one skeleton, shape (n_texts,)."""
    n_pairs = len(pairs.n_texts_with)
    n_named = np.bincount(name[name >= 0], minlength=n_pairs)
    candidate = name[pairs.text] >= 0
    text, pair, word = pairs.text[candidate], pairs.pair[candidate], pairs.word[candidate]
    # A pair is fixed in the skeleton of that name when at least half of its texts, and not too few, hold it.
    within = name[text] * n_pairs + pair
    kind, number = np.unique(within, return_inverse=True)
    n_with = np.bincount(np.unique(number * len(name) + text) // len(name), minlength=len(kind))
    fixed = n_with >= np.maximum(_SHARED_BY * n_named[kind // n_pairs], fewest)
    is_fixed = np.zeros(len(pairs.text_of_word), dtype=bool)
    first = word[fixed[number]]
    is_fixed[first], is_fixed[first + 1] = True, True
    n_fixed, n_words = (
        np.bincount(pairs.text_of_word, counted, minlength=len(name)) for counted in (is_fixed, np.ones(is_fixed.size))
    )
    members = (name >= 0) & (n_fixed >= _FEWEST_FIXED) & (n_fixed >= _SHARE_FIXED * n_words)
    n_left = np.bincount(name[members], minlength=n_pairs)
    return np.asarray(members & (n_left[name] >= fewest) if n_pairs else members)
