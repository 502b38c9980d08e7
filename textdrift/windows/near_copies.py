"""Which texts are near-copies: equal but for numbers, links and names, or but for a few words."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
import xxhash
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from textdrift.windows.min_hashing import Pairs, Sets, jaccard, similar_pairs

__all__ = ["near_copy_clusters"]

_BATCH = 50_000
_MOST_THREADS = 4

# What is left out of a comparison: it differs from copy to copy of one template.
_LINK_OR_HANDLE = r"(?:https?://|www\.)\S+|@\w+"
_NUMBER = r"[a-z]*\p{Nd}[a-z\p{Nd}]*"
# A word, an emoticon (it can turn a text around), or a sign such as an emoji; not punctuation.
_WORD = r"\w+(?:['’]\w+)*|[:;=]['-]?(?:[()/|]|[dp]\b)|\p{So}"

_FEWEST_WITHOUT_NUMBERS = 4  # "5 stars" and "1 star" differ by nothing but a number, and are no copies
_FEWEST_COMPARED, _FEW = 5, 8
_SIMILAR_FEW, _SIMILAR = 0.8, 0.7
_SIMILAR_TO_CENTRE = 0.5
_MOST_ROUNDS = 20


def near_copy_clusters(texts: pa.Array) -> NDArray[np.int64]:
    """Return the cluster of each text, shape (n_texts,): texts of one cluster are copies or near-copies of each other.

    Two texts are near-copies when they are equal after normalisation (NFKC, lower case, without links, @names,
    punctuation and, where four other words are left, numbers), or when the sets of their words overlap, in whatever
    order: a Jaccard similarity of 0.7, or of 0.8 where one of them has fewer than eight different words. Texts of fewer
    than five are compared by normalisation alone, and so are texts in a script that puts no spaces between words.

    Near-copies of near-copies belong together as long as they resemble the middle of their cluster, the text with most
    near-copies: a similarity of 0.5. That bounds the chains.

    The clusters depend on the set of texts alone, not on their order, so they do not know which window a text came
    from. Cost: linear in the length of the texts; see ``similar_pairs``.

    Parameters
    ----------
    texts:
        Strings without nulls, such as the distinct texts of both windows, one after the other.

    Examples
    --------
    >>> texts = pa.array(["Order 7 is late!", "ORDER 12 is late", "thanks", "Thanks!!", "your order is here"])
    >>> near_copy_clusters(texts).tolist()
    [1, 0, 2, 2, 3]
    >>> texts = pa.array(["we are sorry, order 7 is late http://a.b/7", "We are sorry: order 12 is late.", "no"])
    >>> near_copy_clusters(texts).tolist()
    [1, 1, 0]
    """
    starts = range(0, max(1, len(texts)), _BATCH)
    with ThreadPoolExecutor(min(_MOST_THREADS, os.cpu_count() or 1)) as threads:
        keys = pl.concat(list(threads.map(lambda start: _keys(texts[start : start + _BATCH]), starts)))
    distinct = keys.unique().sort()
    key_of_text = _places(keys, distinct)
    n_words = distinct.str.split(" ").list.n_unique().to_numpy()
    compared = np.flatnonzero(n_words >= _FEWEST_COMPARED)
    cluster_of_key = np.arange(len(distinct))
    cluster_of_key[compared] = compared[_clusters(_word_sets(distinct.gather(compared)))]
    _, cluster = np.unique(cluster_of_key[key_of_text], return_inverse=True)
    return np.asarray(cluster, dtype=np.int64)


def _keys(texts: pa.Array) -> pl.Series:
    """Return the texts without what differs between copies."""
    folded = pl.Series("text", texts, dtype=pl.String).str.normalize("NFKC").str.to_lowercase()
    bare = folded.str.replace_all(_LINK_OR_HANDLE, " ")
    with_numbers = bare.str.extract_all(_WORD)
    without = bare.str.replace_all(_NUMBER, " ").str.extract_all(_WORD)
    frame = pl.DataFrame(
        {
            "enough": without.list.len() >= _FEWEST_WITHOUT_NUMBERS,
            "without": without.list.join(" "),
            "with_numbers": with_numbers.list.join(" "),
            "folded": folded.str.replace_all(r"\s+", " ").str.strip_chars(),
        }
    )
    key = pl.when("enough").then("without").when(pl.col("with_numbers") != "").then("with_numbers").otherwise("folded")
    return frame.select(key.alias("key"))["key"]


def _places(keys: pl.Series, distinct: pl.Series) -> NDArray[np.int64]:
    """Return where each key stands among the distinct ones."""
    found = pc.index_in(keys.to_arrow(), value_set=distinct.to_arrow())
    return np.asarray(found.to_numpy(zero_copy_only=False), dtype=np.int64)


def _word_sets(keys: pl.Series) -> Sets:
    """Return the different words of each key, hashed; batches keep the strings in memory few."""
    items, sizes = [np.zeros(0, dtype=np.uint32)], [np.zeros(0, dtype=np.int64)]
    for start in range(0, len(keys), _BATCH):
        words = keys[start : start + _BATCH].str.split(" ")
        n_words = words.list.len().to_numpy()
        encoded = pc.dictionary_encode(words.explode(empty_as_null=True).to_arrow())
        hashes = np.array(
            [xxhash.xxh32_intdigest(word.encode()) for word in encoded.dictionary.to_pylist()], dtype=np.uint64
        )
        text = np.repeat(np.arange(len(words), dtype=np.uint64), n_words)
        held = np.unique((text << np.uint64(32)) | hashes[encoded.indices.to_numpy(zero_copy_only=False)])
        items.append((held & np.uint64(0xFFFFFFFF)).astype(np.uint32))
        sizes.append(np.bincount((held >> np.uint64(32)).astype(np.int64), minlength=len(words)))
    return Sets(np.concatenate(items), np.concatenate([[0], np.cumsum(np.concatenate(sizes))]))


def _clusters(sets: Sets) -> NDArray[np.int64]:
    """Return the number of the set in the middle of each set's cluster, its own where it is alone."""
    centre_of = np.arange(len(sets))
    if len(sets) == 0:
        return centre_of
    pairs = similar_pairs(sets)
    few = sets.sizes[pairs].min(axis=1) < _FEW
    pairs = pairs[jaccard(sets, pairs) >= np.where(few, _SIMILAR_FEW, _SIMILAR)]
    for _ in range(_MOST_ROUNDS):
        if not len(pairs):
            break
        members, centres = _components(pairs, len(sets))
        near = jaccard(sets, np.column_stack([members, centres])) >= _SIMILAR_TO_CENTRE
        centre_of[members[near]] = centres[near]
        left = np.zeros(len(sets), dtype=bool)
        left[members[~near]] = True
        pairs = pairs[left[pairs].all(axis=1)]
    return centre_of


def _components(pairs: Pairs, n_sets: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the sets that some pair holds, and for each the set of its component that most pairs hold."""
    edges = coo_array((np.ones(len(pairs), dtype=bool), (pairs[:, 0], pairs[:, 1])), shape=(n_sets, n_sets))
    component = connected_components(edges, directed=False)[1]
    degree = np.bincount(pairs.ravel(), minlength=n_sets)
    members = np.flatnonzero(degree)
    order = members[np.lexsort((members, -degree[members], component[members]))]
    _, first = np.unique(component[order], return_index=True)
    centre_of_component = np.zeros(component.max() + 1, dtype=np.int64)
    centre_of_component[component[order[first]]] = order[first]
    return members, centre_of_component[component[members]]
