"""Encoding: texts to ``Embeddings``, each distinct text once."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from textdrift.embeddings.asking import (
    ask,
    ask_batch_sizes,
    ask_identity,
    ask_text,
    ask_truncation,
    ask_vectors,
    one_line,
)
from textdrift.embeddings.cache_writer import CacheWriter
from textdrift.embeddings.embeddings import Embeddings
from textdrift.embeddings.encoder import Encoder
from textdrift.embeddings.fingerprint_memory import FingerprintMemory
from textdrift.embeddings.truncation import Truncation
from textdrift.embeddings.vector_cache import CachedVectors, VectorCache, text_keys
from textdrift.errors import EncoderError

__all__ = ["encode_texts", "texts_cut"]

_LONG_WORK = 200
# Numbers below 6e-5 lose digits in float16: a vector with none above this is no longer the encoder's.
_SMALLEST_IN_FLOAT16 = 1e-4


def encode_texts(
    texts: pa.Array | Sequence[str], encoder: Encoder, *, cache: VectorCache | None, progress: bool | None = None
) -> Embeddings:
    """Return one vector per text, computing only what the cache does not hold.

    Each distinct text is encoded once, shortest first, so that the vectors do not depend on the order of the rows.
    All vectors are rounded to ``float16``, the precision of the cache, whether or not one is used: a second run gives
    the same numbers as the first. Each batch goes to the disk as soon as it is computed. Where all texts are cached,
    the encoder is not called and no model is loaded: the fingerprint of its files is remembered.

    Parameters
    ----------
    texts:
        At least one, none of them null.
    encoder:
        See ``resolve_encoder``.
    cache:
        ``None`` to compute every vector.
    progress:
        A bar on stderr, when that is a terminal: ``None`` for long work only (more than 200 texts to encode), or
        ``True``, or ``False``.

    Raises
    ------
    EncoderError
        When a text is null, or the encoder fails, says something else of itself than ``Encoder`` asks for, or returns
        another number of vectors, another length, values that are not finite or beyond ``float16`` (65,504), or a
        vector with no value above 1e-4 that is not zero, which ``float16`` would round away.

    Examples
    --------
    >>> from textdrift.embeddings.hashing_encoder import HashingEncoder
    >>> embeddings = encode_texts(["good soup", "late flight", "good soup"], HashingEncoder(), cache=None)
    >>> embeddings.points.shape, bool((embeddings.points[0] == embeddings.points[2]).all())
    ((3, 64), True)
    """
    distinct, text_of_row = _distinct(texts)
    if not distinct:
        raise EncoderError("there are no texts to encode; a window needs at least one")
    name, precision = ask_text(encoder, "name"), ask_text(encoder, "precision")
    keys = text_keys(distinct) if cache is not None else []
    remembered = _remembered(encoder, cache)
    fingerprint = remembered or _own_fingerprint(encoder, cache)
    known = cache.get(f"{fingerprint}/{precision}", keys) if cache is not None else None
    if cache is not None and known is not None and remembered and not known.found.all():
        # The model is needed, and says for sure who it is: the memory may be wrong, or the files have just changed.
        fingerprint = _own_fingerprint(encoder, cache)
        known = known if fingerprint == remembered else cache.get(f"{fingerprint}/{precision}", keys)
    missing = np.arange(len(distinct)) if known is None else np.flatnonzero(~known.found)
    if known is not None and not len(missing):
        vectors = known.vectors
    else:
        writer = CacheWriter(cache, f"{fingerprint}/{precision}")
        vectors = _encode_missing(distinct, encoder, missing, known, writer, keys, progress)
    return Embeddings(vectors[text_of_row], encoder=f"{name}@{fingerprint[:12]}")


def texts_cut(
    texts: pa.Array | Sequence[str], encoder: Encoder, *, cache: VectorCache | None = None
) -> Truncation | None:
    """Return which texts are longer than the encoder reads, from the cache where it knows.

    Parameters
    ----------
    texts:
        As for ``encode_texts``.
    encoder:
        See ``resolve_encoder``; one with a method ``truncation(texts) -> Truncation | None`` knows.
    cache:
        The cache that ``encode_texts`` was given: it remembers which texts were cut, and no model is loaded.

    Returns
    -------
    Truncation | None
        One row per text; ``None`` where the encoder does not know its own limit, or has none.

    Examples
    --------
    >>> from textdrift.embeddings.hashing_encoder import HashingEncoder
    >>> texts_cut(["good soup"], HashingEncoder()) is None
    True
    """
    if ask(encoder, "truncation") is None:
        return None
    distinct, text_of_row = _distinct(texts)
    known = None
    if cache is not None:
        fingerprint = _remembered(encoder, cache) or _own_fingerprint(encoder, cache)
        known = cache.truncation(f"{fingerprint}/{ask_text(encoder, 'precision')}", text_keys(distinct))
    known = known if known is not None else ask_truncation(encoder, distinct)
    return None if known is None else Truncation(known.cut[text_of_row], known.max_tokens)


def _remembered(encoder: Encoder, cache: VectorCache | None) -> str | None:
    """Return the fingerprint that is remembered beside the cache for the files of the encoder."""
    identity = ask_identity(encoder) if cache is not None else None
    return None if cache is None or identity is None else FingerprintMemory(cache.path.parent).recall(identity)


def _own_fingerprint(encoder: Encoder, cache: VectorCache | None) -> str:
    """Return the fingerprint that the encoder itself says, which may load a model, and remember it."""
    before = ask_identity(encoder) if cache is not None else None
    fingerprint = ask_text(encoder, "fingerprint")
    # Files that change while they are loaded are not what the fingerprint is of.
    if cache is not None and before is not None and ask_identity(encoder) == before:
        FingerprintMemory(cache.path.parent).keep(before, fingerprint)
    return fingerprint


def _encode_missing(
    distinct: list[str],
    encoder: Encoder,
    missing: NDArray[Any],
    known: CachedVectors | None,
    writer: CacheWriter,
    keys: list[bytes],
    progress: bool | None,
) -> NDArray[Any]:
    """Return the vectors of all distinct texts, computing those that are missing."""
    # By length, so that a batch pads little; then by text, so that batches are the same for rows in any order.
    order = sorted(missing.tolist(), key=lambda i: (len(distinct[i].encode()), distinct[i]))
    vectors = None
    if known is not None and known.found.any():
        vectors = np.empty((len(distinct), known.vectors.shape[1]), dtype=np.float16)
        vectors[known.found] = known.vectors
    _, per_call = ask_batch_sizes(encoder)
    with writer, _progress_bar(len(order), wanted=progress) as advance:
        for start in range(0, len(order), per_call):
            group = order[start : start + per_call]
            batch = [distinct[i] for i in group]
            computed = _rounded(encoder, batch, ask_vectors(encoder, batch))
            advance(len(batch))
            _check_one_dimension(encoder, computed, vectors)
            if vectors is None:
                vectors = np.empty((len(distinct), computed.shape[1]), dtype=np.float16)
            vectors[group] = computed
            if keys:
                writer.write([keys[i] for i in group], computed, ask_truncation(encoder, batch))
    if vectors is None:
        raise EncoderError("there are no texts to encode; a window needs at least one")
    return vectors


def _distinct(texts: pa.Array | Sequence[str]) -> tuple[list[str], NDArray[Any]]:
    """Return the distinct texts and, for each row, which of them it is."""
    if isinstance(texts, str):
        raise EncoderError("texts must be a sequence of strings; got one string, put it in a list")
    try:
        column = texts if isinstance(texts, (pa.Array, pa.ChunkedArray)) else pa.array(texts, pa.large_string())
        column = column.cast(pa.large_string())
    except (pa.ArrowException, UnicodeError, TypeError) as error:
        raise EncoderError(f"texts must be strings of valid Unicode; {error}") from error
    if column.null_count:
        row = int(np.flatnonzero(column.is_null().to_numpy(zero_copy_only=False))[0])
        raise EncoderError(
            f"{column.null_count} of {len(column)} texts are null, the first in row {row}; drop them first"
        )
    column = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    encoded = pc.dictionary_encode(column)
    return encoded.dictionary.to_pylist(), encoded.indices.to_numpy(zero_copy_only=False)


def _rounded(encoder: Encoder, batch: list[str], vectors: NDArray[Any]) -> NDArray[Any]:
    """Return the vectors of one batch as ``float16``, after a look whether they survive it."""
    name = one_line(encoder.name)
    with np.errstate(over="ignore"):
        rounded = vectors.astype(np.float16)
    if not np.isfinite(rounded).all():
        if np.isfinite(vectors).all():
            raise EncoderError(
                f"the encoder {name} returns values up to {np.abs(vectors).max():.3g}, beyond float16 "
                f"(65,504); divide each vector by its length"
            )
        text = batch[int(np.flatnonzero(~np.isfinite(vectors).all(axis=1))[0])]
        raise EncoderError(
            f"the encoder {name} returned NaN or infinity for a text of {len(text)} characters; "
            f"if its precision is float16, use bfloat16 or float32"
        )
    largest = np.abs(vectors).max(axis=1)
    vanishing = np.flatnonzero((largest > 0) & (largest < _SMALLEST_IN_FLOAT16))
    if vanishing.size:
        raise EncoderError(
            f"the encoder {name} returns a vector whose largest value is {largest[vanishing[0]]:.3g}, which float16 "
            f"rounds away (below {_SMALLEST_IN_FLOAT16:g}); divide each vector by its length"
        )
    return rounded


def _check_one_dimension(encoder: Encoder, computed: NDArray[Any], vectors: NDArray[Any] | None) -> None:
    lengths = {computed.shape[1]} | ({vectors.shape[1]} if vectors is not None else set())
    if len(lengths) > 1:
        raise EncoderError(
            f"the encoder {one_line(encoder.name)} must return vectors of one length; got {sorted(lengths)}; "
            f"if it has changed, its fingerprint must change too"
        )


@contextlib.contextmanager
def _progress_bar(n_texts: int, *, wanted: bool | None) -> Iterator[Callable[[int], None]]:
    """Give a function that moves the bar on by so many texts; no bar where nobody would see it."""
    shown = (n_texts > _LONG_WORK if wanted is None else wanted and n_texts > 0) and sys.stderr.isatty()
    if not shown:
        yield lambda _: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("encoding texts"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=n_texts)
        yield lambda n_done: bar.advance(task, n_done)
