"""Encoder: what turns one batch of texts into vectors, and how a user names one."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

from numpy.typing import NDArray

from textdrift.embeddings.asking import MEMBERS, ask, ask_batch_sizes, missing_members
from textdrift.embeddings.hashing_encoder import HashingEncoder
from textdrift.embeddings.sentence_encoder import DEFAULT_MODEL, LoadedEncoder, SentenceEncoder, check_batch_size
from textdrift.embeddings.transformer_encoder import TransformerEncoder, is_transformer
from textdrift.errors import EncoderError, SettingsError, nearest_name

__all__ = ["Encoder", "resolve_encoder"]

_SENTENCE_KEYS = ("model", "device", "batch_size", "precision", "prefix", "max_length", "backend")
_HASHING_KEYS = ("model", "dimension", "batch_size")
_HASHING = "hashing"
# Of a job file's table, and no setting of an encoder: compare takes it out.
_CANARY = "canary"
# What else sentence-transformers loads, and why it is no encoder here.
_NO_VECTORS = {
    "CrossEncoder": "scores pairs of texts and gives no vector of one text",
    "SparseEncoder": "gives as many numbers as its vocabulary has words, and vectors here are dense",
}


@runtime_checkable
class Encoder(Protocol):
    """Turns texts into vectors; two encoders of one fingerprint and precision give the same vectors.

    Bring your own: any object with these five members is an encoder. Those that ``SentenceEncoder`` has besides are
    used where they are there: ``identity`` (a hash of the files that the fingerprint is of, so that a run on cached
    texts loads none), ``texts_per_call`` (how many texts ``encode`` is given, in place of ``batch_size``),
    ``truncation`` (which texts are longer than it reads), ``tokenizer`` (a hash of how it splits texts) and ``reason``
    (how it computes, and why).
    """

    @property
    def name(self) -> str:
        """What people call it, such as ``sentence-transformers/all-MiniLM-L6-v2``."""
        ...

    @property
    def fingerprint(self) -> str:
        """Hexadecimal hash of all that decides a vector, but for numeric precision.

        Weights, pooling, tokenizer, longest input, prefix, normalisation. Not the device, not the batch size.
        """
        ...

    @property
    def precision(self) -> str:
        """Numeric precision of the arithmetic: ``float32``, ``bfloat16``, ``float16``."""
        ...

    @property
    def batch_size(self) -> int:
        """How many texts one call of ``encode`` should be given."""
        ...

    def encode(self, texts: Sequence[str]) -> NDArray[Any]:
        """Return the vectors of one batch, shape (len(texts), d), ``float32``, finite."""
        ...


def resolve_encoder(encoder: str | os.PathLike[str] | Encoder | Mapping[str, Any] | None) -> Encoder:
    """Return the encoder that a user named.

    Parameters
    ----------
    encoder:
        ``None`` for the default model; a model's name or its folder; ``"hashing"`` for the ``HashingEncoder``; a
        mapping as in a job file, with ``model``, ``device``, ``batch_size``, ``precision``, ``prefix``,
        ``max_length``, ``backend``; a ``SentenceTransformer``, used as it is; a fitted scikit-learn transformer of
        texts; or any object with the members of ``Encoder``.

    Raises
    ------
    SettingsError
        When a mapping holds an unknown key or a value that cannot be used.
    EncoderError
        When the folder does not exist or the object is no encoder. A model is looked for when it is first used.

    Examples
    --------
    >>> resolve_encoder("hashing").name
    'hashing'
    >>> resolve_encoder(None)
    SentenceEncoder(model='sentence-transformers/all-MiniLM-L6-v2', device='auto', precision='auto')
    >>> resolve_encoder({"model": "hashing", "dimension": 8}).encode(["good soup"]).shape
    (1, 8)
    """
    if encoder is None:
        return SentenceEncoder()
    if isinstance(encoder, Mapping):
        return _from_mapping(encoder)
    if isinstance(encoder, (str, os.PathLike)):
        return HashingEncoder() if encoder == _HASHING else SentenceEncoder(encoder)
    return _from_object(encoder)


def _from_object(encoder: Any) -> Encoder:
    """Return the encoder that an object is, or that it holds."""
    if isinstance(encoder, (SentenceEncoder, LoadedEncoder, HashingEncoder, TransformerEncoder)):
        return encoder
    if _is_of_sentence_transformers(encoder, "SentenceTransformer"):
        return LoadedEncoder(encoder)
    if refused := [kind for kind in _NO_VECTORS if _is_of_sentence_transformers(encoder, kind)]:
        raise EncoderError(f"a {refused[0]} {_NO_VECTORS[refused[0]]}; pass a SentenceTransformer, or its name")
    if is_transformer(encoder):
        return TransformerEncoder(encoder)
    return _checked(encoder)


def _from_mapping(settings: Mapping[str, Any]) -> Encoder:
    """Return the encoder that the table of a job file describes."""
    # A key that a job file leaves empty (null) means its default.
    optional = {*_SENTENCE_KEYS, *_HASHING_KEYS, _CANARY}
    values = {key: value for key, value in settings.items() if value is not None or key not in optional}
    model = values.pop("model", None)
    known = _HASHING_KEYS if model == _HASHING else _SENTENCE_KEYS
    if _CANARY in values:
        raise SettingsError(
            "the encoder setting 'canary' names a file for compare, which is no part of an encoder; leave it out here, "
            "and read the file with Canary.load"
        )
    for key in values:
        if key not in known:
            raise SettingsError(f"unknown encoder setting {key!r}: {nearest_name(str(key), (*known, _CANARY))}")
    if model == _HASHING:
        return HashingEncoder(**values)
    if model is not None and not isinstance(model, (str, Path)):
        raise SettingsError(f"the encoder setting 'model' must be a name or a folder; got {model!r}")
    return SentenceEncoder(DEFAULT_MODEL if model is None else model, **values)


def _is_of_sentence_transformers(encoder: object, kind: str) -> bool:
    """Say whether this is of that class, without importing the library: its owner has done that."""
    known = getattr(sys.modules.get("sentence_transformers"), kind, None)
    return known is not None and isinstance(encoder, known)


def _checked(encoder: Encoder) -> Encoder:
    """Return an encoder that a user wrote, after a look at its members.

    ``isinstance(encoder, Encoder)`` would compute the fingerprint to see whether it is there, which may load a model.
    """
    missing = missing_members(encoder)
    if missing or isinstance(encoder, type):
        what = f"the class {encoder.__name__}" if isinstance(encoder, type) else f"a {type(encoder).__name__}"
        lacking = f", which lacks {', '.join(missing)}" if missing else ", not an instance of it"
        raise EncoderError(
            f"encoder must be a model's name, a folder, a mapping, a SentenceTransformer, a fitted scikit-learn "
            f"transformer, or an object with "
            f"{', '.join(MEMBERS)}; got {what}{lacking}"
        )
    check_batch_size(ask(encoder, "batch_size"))
    ask_batch_sizes(encoder)
    ask(encoder, "reason")
    return encoder
