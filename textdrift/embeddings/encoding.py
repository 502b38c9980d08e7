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

from textdrift.embeddings.cache_writer import CacheWriter
from textdrift.embeddings.embeddings import Embeddings
from textdrift.embeddings.encoder import Encoder
from textdrift.embeddings.fingerprint_memory import FingerprintMemory
from textdrift.embeddings.truncation import Truncation
from textdrift.embeddings.vector_cache import CachedVectors, VectorCache, text_keys
from textdrift.errors import EncoderError, TextdriftError

__all__ = ["encode_texts", "texts_cut"]

_BATCHES_PER_COMMIT = 16
_LONG_WORK = 200
_MATRIX = 2


def encode_texts(
    texts: pa.Array | Sequence[str], encoder: Encoder, *, cache: VectorCache | None, progress: bool | None = None
) -> Embeddings:
    """Return one vector per text, computing only what the cache does not hold.

    Each distinct text is encoded once, shortest first, so that the vectors do not depend on the order of the rows.
    All vectors are rounded to ``float16``, the precision of the cache, whether or not one is used: a second run gives
    the same numbers as the first. Vectors go to the disk while the next ones are computed. Where all texts are
    cached, the encoder is not called and no model is loaded: the fingerprint of its files is remembered.

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
        When a text is null, or the encoder fails, has a name or fingerprint that is no string, or returns
        another number of vectors, another length, or values that are not
        finite or beyond ``float16`` (65,504).

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
    fingerprint = _fingerprint(encoder, cache)
    space = f"{fingerprint}/{encoder.precision}"
    keys = text_keys(distinct) if cache is not None else []
    known = cache.get(space, keys) if cache is not None else None
    missing = np.arange(len(distinct)) if known is None else np.flatnonzero(~known.found)
    if len(missing) and cache is not None and encoder.fingerprint != fingerprint:
        # The memory was wrong: somebody wrote in it, or in the model. Nothing has been read for sure yet.
        FingerprintMemory(cache.path.parent).forget(_identity(encoder) or "")
        return encode_texts(texts, encoder, cache=cache, progress=progress)
    if known is not None and not len(missing):
        vectors = known.vectors
    else:
        vectors = _encode_missing(distinct, encoder, missing, known, CacheWriter(cache, space), keys, progress)
    return Embeddings(vectors[text_of_row], encoder=f"{encoder.name}@{fingerprint[:12]}")


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
    if not hasattr(encoder, "truncation"):
        return None
    distinct, text_of_row = _distinct(texts)
    known = None
    if cache is not None:
        known = cache.truncation(f"{_fingerprint(encoder, cache)}/{encoder.precision}", text_keys(distinct))
    known = known if known is not None else encoder.truncation(distinct)
    return None if known is None else Truncation(known.cut[text_of_row], known.max_tokens)


def _fingerprint(encoder: Encoder, cache: VectorCache | None) -> str:
    """Return the encoder's fingerprint: remembered beside the cache, where its files are the same, else asked for."""
    identity = _identity(encoder) if cache is not None else None
    if cache is None or identity is None:
        _check_names(encoder)
        return encoder.fingerprint
    memory = FingerprintMemory(cache.path.parent)
    remembered = memory.recall(identity)
    if remembered is None:
        _check_names(encoder)
        remembered = encoder.fingerprint
        memory.keep(identity, remembered)
    return remembered


def _identity(encoder: Encoder) -> str | None:
    """Return what stands for the files of the encoder, if it has any; another's encoder need not."""
    identity = getattr(encoder, "identity", None)
    return identity if isinstance(identity, str) else None


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
    per_call = int(getattr(encoder, "texts_per_call", encoder.batch_size))
    per_commit = max(per_call, encoder.batch_size * _BATCHES_PER_COMMIT)
    with writer, _progress_bar(len(order), wanted=progress) as advance:
        for start in range(0, len(order), per_commit):
            group = order[start : start + per_commit]
            batches = []
            for first in range(0, len(group), per_call):
                batch = [distinct[i] for i in group[first : first + per_call]]
                batches.append(_encode_batch(encoder, batch))
                advance(len(batch))
            _check_one_dimension(encoder, batches, vectors)
            if vectors is None:
                vectors = np.empty((len(distinct), batches[0].shape[1]), dtype=np.float16)
            vectors[group] = np.concatenate(batches)
            if keys:
                cut = encoder.truncation([distinct[i] for i in group]) if hasattr(encoder, "truncation") else None
                writer.write([keys[i] for i in group], vectors[group], cut)
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


def _check_names(encoder: Encoder) -> None:
    try:
        given = {"name": encoder.name, "fingerprint": encoder.fingerprint, "precision": encoder.precision}
    except TextdriftError:
        raise
    except Exception as error:  # an encoder of the user's may raise anything; it is chained
        raise EncoderError(
            f"the encoder {type(encoder).__name__} cannot say its name, fingerprint and precision: "
            f"{type(error).__name__}: {error}; each must be a string"
        ) from error
    for member, value in given.items():
        if not isinstance(value, str):
            raise EncoderError(
                f"the encoder {type(encoder).__name__} has the {member} {value!r} ({type(value).__name__}); "
                f"a string was needed"
            )


def _encode_batch(encoder: Encoder, batch: list[str]) -> NDArray[Any]:
    """Return the vectors of one batch as ``float16``, after a look at what the encoder gave."""
    try:
        vectors = np.asarray(encoder.encode(batch))
    except TextdriftError:
        raise
    except Exception as error:  # an encoder of the user's may raise anything; it is chained
        raise EncoderError(
            f"the encoder {encoder.name} failed on a batch of {len(batch)} texts: {type(error).__name__}: {error}; "
            f"it must return an array of shape ({len(batch)}, d)"
        ) from error
    if vectors.ndim != _MATRIX or len(vectors) != len(batch) or vectors.shape[1] == 0:
        raise EncoderError(
            f"the encoder {encoder.name} must return one vector per text, shape ({len(batch)}, d); got {vectors.shape}"
        )
    if not np.issubdtype(vectors.dtype, np.floating):
        raise EncoderError(f"the encoder {encoder.name} must return floating point numbers; got {vectors.dtype}")
    with np.errstate(over="ignore"):
        rounded = vectors.astype(np.float16)
    if not np.isfinite(rounded).all():
        if np.isfinite(vectors).all():
            raise EncoderError(
                f"the encoder {encoder.name} returns values up to {np.abs(vectors).max():.3g}, beyond float16 "
                f"(65,504); divide each vector by its length"
            )
        text = batch[int(np.flatnonzero(~np.isfinite(vectors).all(axis=1))[0])]
        raise EncoderError(
            f"the encoder {encoder.name} returned NaN or infinity for a text of {len(text)} characters; "
            f"if its precision is float16, use bfloat16 or float32"
        )
    return rounded


def _check_one_dimension(encoder: Encoder, batches: list[NDArray[Any]], vectors: NDArray[Any] | None) -> None:
    lengths = {batch.shape[1] for batch in batches} | ({vectors.shape[1]} if vectors is not None else set())
    if len(lengths) > 1:
        raise EncoderError(
            f"the encoder {encoder.name} must return vectors of one length; got {sorted(lengths)}; "
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
