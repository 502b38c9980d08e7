"""Canary: the vectors of fixed probe texts, kept to see later whether the encoder is still the same."""

from __future__ import annotations

import json
import os
import tempfile
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any, Self

import numpy as np
import xxhash
from numpy.typing import NDArray

from textdrift.embeddings.asking import (
    ask,
    ask_batch_sizes,
    ask_text,
    ask_truncation,
    ask_vectors,
    missing_members,
    one_line,
)
from textdrift.embeddings.encoder import Encoder
from textdrift.embeddings.probes import PROBES
from textdrift.errors import EncoderError
from textdrift.windows.numbers_in_words import percentage

__all__ = ["Canary", "CanaryDifference"]

_VERSION = 1
_MATRIX = 2
# Of a textdrift that is used from its source, without being installed.
_UNKNOWN = "unknown"
# Largest distance of one probe that arithmetic alone explains, by the coarser of the two precisions. See the notes.
_TOLERANCES = {"float32": 1e-5, "float16": 1e-4, "bfloat16": 1e-3, "int8": 1e-3}
_COARSEST = max(_TOLERANCES.values())
# A vector's length changes by 0.4 % in bfloat16, and by far more where one encoder normalises and the other does not.
_LENGTH_TOLERANCE = 0.02


@dataclass(frozen=True, slots=True)
class CanaryDifference:
    """What lies between two encoders.

    Attributes
    ----------
    same_tokenizer:
        Both split texts alike; also ``True`` where one of them does not say.
    same_fingerprint:
        Both have the same weights and settings, by their hashes.
    mean_distance, max_distance:
        1 - cosine between the two vectors of a probe text; infinite where the vectors have other lengths.
    changed:
        The encoder is another one: more lies between the vectors than arithmetic explains, or texts are split
        otherwise.
    sentence:
        One line for people.
    """

    same_tokenizer: bool
    same_fingerprint: bool
    mean_distance: float
    max_distance: float
    changed: bool
    sentence: str


@dataclass(frozen=True, slots=True, eq=False)
class Canary:
    """The vectors of 37 probe texts under one encoder.

    Save one when the reference is encoded; compare it with a new one before the current window is believed.

    Parameters
    ----------
    encoder, fingerprint, precision:
        As the encoder says.
    max_tokens:
        The longest input of the encoder, ``None`` where it does not say.
    tokenizer:
        Hash of how it splits texts, empty where it does not say.
    version:
        The version of textdrift that computed the vectors.
    probes:
        Hash of the probe texts.
    vectors:
        Shape (n_probes, d), ``float32``.

    Raises
    ------
    EncoderError
        When the vectors are no finite matrix.

    Examples
    --------
    >>> from textdrift.embeddings.hashing_encoder import HashingEncoder
    >>> then = Canary.of(HashingEncoder())
    >>> then.compare(Canary.of(HashingEncoder())).changed, then.compare(Canary.of(HashingEncoder(32))).changed
    (False, True)

    Notes
    -----
    Numeric precision alone is no change of the encoder. Largest distance of a probe from MiniLM in float32: computed
    in bfloat16 2e-4, float16 3e-6, ONNX 1e-12; with the weights of one of six layers moved by 1 % 1e-4 to 5e-4, by
    10 % 0.05; cut at 255 tokens and not 256 5e-4; with a prefix 0.7; with another pooling 0.8; in int8 0.04. So two
    canaries in float32 see a layer that moved by 1 %, and one in bfloat16, where 1e-3 is tolerated since deeper
    models round more often, does not: save canaries in float32 to see the most. Int8 moves vectors as far as other
    weights do, and counts as a change.
    """

    encoder: str
    fingerprint: str
    precision: str
    max_tokens: int | None
    tokenizer: str
    version: str
    probes: str
    vectors: NDArray[Any]

    def __post_init__(self) -> None:
        """Check the vectors."""
        vectors = np.asarray(self.vectors, dtype=np.float32)
        if vectors.ndim != _MATRIX or 0 in vectors.shape or not np.isfinite(vectors).all():
            raise EncoderError(
                f"a canary needs one finite vector per probe text, shape ({len(PROBES)}, d); got shape {vectors.shape}"
            )
        if self.probes == _hash_of_probes() and len(vectors) != len(PROBES):
            raise EncoderError(f"a canary needs one vector per probe text, {len(PROBES)}; got {len(vectors)}")
        object.__setattr__(self, "vectors", vectors)

    @classmethod
    def of(cls, encoder: Encoder) -> Self:
        """Return the canary of an encoder: 37 short and long texts, about a second on a CPU.

        Raises
        ------
        EncoderError
            When this is no encoder, or it raises or does not return one finite vector per text.
        """
        if missing_members(encoder) or isinstance(encoder, type):
            shown = one_line(repr(encoder))
            raise EncoderError(f"a canary is of an encoder; got {shown}; give it as resolve_encoder returns it")
        size, _ = ask_batch_sizes(encoder)
        batches = [list(PROBES[first : first + size]) for first in range(0, len(PROBES), size)]
        parts = [ask_vectors(encoder, batch).astype(np.float32) for batch in batches]
        lengths = sorted({part.shape[1] for part in parts})
        if len(lengths) > 1:
            name = one_line(encoder.name)
            raise EncoderError(f"the encoder {name} must return vectors of one length; got {lengths}")
        tokenizer = ask(encoder, "tokenizer")
        truncation = ask_truncation(encoder, PROBES)
        return cls(
            encoder=ask_text(encoder, "name"),
            fingerprint=ask_text(encoder, "fingerprint"),
            precision=ask_text(encoder, "precision"),
            max_tokens=None if truncation is None else int(truncation.max_tokens),
            tokenizer=tokenizer if isinstance(tokenizer, str) else "",
            version=_own_version(),
            probes=_hash_of_probes(),
            vectors=np.concatenate(parts),
        )

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the canary as JSON, whole or not at all.

        Raises
        ------
        EncoderError
            When the file cannot be written.
        """
        target = Path(path)
        kept = {name: getattr(self, name) for name in (*_TEXT_FIELDS, "max_tokens")}
        content = json.dumps({"canary": _VERSION, **kept, "vectors": self.vectors.tolist()})
        try:
            with tempfile.NamedTemporaryFile(
                "w", dir=target.parent, prefix=target.name, delete=False, encoding="utf-8"
            ) as file:
                file.write(content)
            Path(file.name).replace(target)
        except OSError as error:
            raise EncoderError(
                f"the canary cannot be written to {target}: {error}; name a file in a folder that exists"
            ) from error

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Self:
        """Return a canary that was saved.

        Raises
        ------
        EncoderError
            When there is no such file, or it holds no canary of this version.
        """
        try:
            kept = json.loads(Path(path).read_bytes())
        except OSError as error:
            raise EncoderError(f"no canary can be read from {path}: {error}; save one with Canary.save") from error
        except (ValueError, RecursionError) as error:
            raise EncoderError(f"{path} holds no canary: it is not JSON ({error}); save a new one") from error
        if not isinstance(kept, dict) or kept.get("canary") != _VERSION:
            raise EncoderError(f"{path} holds no canary of version {_VERSION}; save a new one with Canary.save")
        wrong = [name for name in _TEXT_FIELDS if not isinstance(kept.get(name), str)]
        wrong += ["max_tokens"] if not isinstance(kept.get("max_tokens"), int | None) else []
        if wrong:
            raise EncoderError(f"the canary in {path} lacks {', '.join(wrong)}; save a new one with Canary.save")
        try:
            vectors = np.array(kept["vectors"], dtype=np.float32)
            kept_fields = {name: kept[name] for name in _TEXT_FIELDS}
            return cls(**kept_fields, max_tokens=kept.get("max_tokens"), vectors=vectors)
        except (ValueError, TypeError, LookupError, OverflowError) as error:
            raise EncoderError(
                f"the vectors of the canary in {path} cannot be used ({error}); save a new one"
            ) from error

    def compare(self, other: Canary) -> CanaryDifference:
        """Return what lies between this encoder and another; which of them came first makes no difference.

        Raises
        ------
        EncoderError
            When the other is no canary, or was made of other probe texts, by another version of textdrift.
        """
        if not isinstance(other, Canary):
            raise EncoderError(
                f"a canary is compared with another Canary; got {one_line(repr(other))}; Canary.of and Canary.load "
                f"give one"
            )
        if self.probes != other.probes or len(self.vectors) != len(other.vectors):
            raise EncoderError(
                f"two canaries of other probe texts cannot be compared{_versions(self, other)}; "
                f"compute both with one version of textdrift"
            )
        same_tokenizer = self.tokenizer == other.tokenizer or not (self.tokenizer and other.tokenizer)
        distances, lengths = _distances(self.vectors, other.vectors)
        reasons = [] if same_tokenizer else ["it splits texts otherwise"]
        reasons += _length_reasons(self, other, lengths)
        tolerance = max(_tolerance(self.precision), _tolerance(other.precision))
        if (distances > tolerance).any() and not np.isinf(distances).any():
            reasons.append(
                f"{int((distances > tolerance).sum())} of {len(distances)} probe texts moved by more than "
                f"{tolerance:g}, the farthest by {distances.max():.2g} (1 - cosine)"
            )
        return CanaryDifference(
            same_tokenizer=same_tokenizer,
            same_fingerprint=self.fingerprint == other.fingerprint,
            mean_distance=float(distances.mean()),
            max_distance=float(distances.max()),
            changed=bool(reasons),
            sentence=_sentence(self, other, reasons, float(distances.max())),
        )


_TEXT_FIELDS = ("encoder", "fingerprint", "precision", "tokenizer", "version", "probes")


def _own_version() -> str:
    try:
        return metadata.version("textdrift")
    except metadata.PackageNotFoundError:
        return _UNKNOWN


def _versions(one: Canary, other: Canary) -> str:
    """Return the versions that made two canaries, where they explain a difference."""
    versions = {one.version, other.version}
    return f": textdrift {' and '.join(sorted(versions))}" if len(versions - {_UNKNOWN}) > 1 else ""


def _hash_of_probes() -> str:
    return xxhash.xxh3_128_hexdigest("\0".join(PROBES).encode())


def _tolerance(precision: str) -> float:
    return _TOLERANCES.get(precision.partition("-")[0], _COARSEST)


def _distances(one: NDArray[Any], other: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return 1 - cosine of each pair of vectors, and how far the ratio of their lengths is from 1."""
    if one.shape != other.shape:
        return np.full(len(one), np.inf), np.full(len(one), np.inf)
    one, other = one.astype(np.float64), other.astype(np.float64)
    length_of_one, length_of_other = np.linalg.norm(one, axis=1), np.linalg.norm(other, axis=1)
    both = length_of_one * length_of_other
    cosines = np.divide((one * other).sum(axis=1), both, out=(length_of_one == length_of_other) * 1.0, where=both > 0)
    longer, shorter = np.maximum(length_of_one, length_of_other), np.minimum(length_of_one, length_of_other)
    return np.clip(1.0 - cosines, 0.0, 2.0), 1.0 - np.divide(
        shorter, longer, out=np.ones_like(longer), where=longer > 0
    )


def _length_reasons(one: Canary, other: Canary, lengths: NDArray[Any]) -> list[str]:
    """Return what is told by the lengths of inputs and of vectors, which a cosine does not see."""
    reasons = []
    if one.max_tokens is not None and other.max_tokens is not None and one.max_tokens != other.max_tokens:
        fewer, more = sorted((one.max_tokens, other.max_tokens))
        reasons.append(f"one reads {fewer} tokens of a text, the other {more}")
    if one.vectors.shape != other.vectors.shape:
        fewer, more = sorted((one.vectors.shape[1], other.vectors.shape[1]))
        reasons.append(f"one gives vectors of {fewer} numbers, the other of {more}")
    elif lengths.max() > _LENGTH_TOLERANCE:
        reasons.append(f"the lengths of its vectors differ by up to {percentage(lengths.max(), digits=0)}")
    return reasons


def _sentence(one: Canary, other: Canary, reasons: list[str], farthest: float) -> str:
    names = " and ".join(sorted({one.encoder, other.encoder}))
    if reasons:
        return f"the encoder has changed ({names}): {'; '.join(reasons)}"
    precisions = " and ".join(sorted({one.precision, other.precision}))
    return f"the encoder is the same ({names}, {precisions}): no probe moved by more than {farthest:.2g} (1 - cosine)"
