"""HashingEncoder: vectors from the hashes of words; no model, no meaning, for documentation and unit tests."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import xxhash
from numpy.typing import NDArray

from textdrift.errors import SettingsError

__all__ = ["HashingEncoder"]

_WORD = re.compile(r"\w+")
_HASHES_PER_WORD = 4
_SIGN_BIT = 63


@dataclass(frozen=True, slots=True)
class HashingEncoder:
    """Signed hashes of the words of a text, L2-normalised.

    It knows words and no meaning: "cheap" is as far from "inexpensive" as from "late". It needs no download and
    gives the same vectors on every machine, which is what examples and tests want; it is used only when asked for.

    Parameters
    ----------
    dimension:
        Length of a vector, at least 2.
    batch_size:
        Texts per call of ``encode``.

    Raises
    ------
    SettingsError
        When ``dimension`` is less than 2 or ``batch_size`` less than 1.

    Examples
    --------
    >>> encoder = HashingEncoder()
    >>> vectors = encoder.encode(["a late flight", "A late FLIGHT!", "good soup"])
    >>> vectors.shape
    (3, 64)
    >>> round(float(vectors[0] @ vectors[1]), 3), bool(vectors[0] @ vectors[2] < 0.8)
    (1.0, True)

    Notes
    -----
    Weinberger et al., Feature hashing for large scale multitask learning, ICML 2009, arXiv:0902.2206.
    """

    dimension: int = 64
    batch_size: int = 1024

    def __post_init__(self) -> None:
        """Check the two sizes."""
        for setting, least in (("dimension", 2), ("batch_size", 1)):
            value = getattr(self, setting)
            if isinstance(value, bool) or not isinstance(value, int) or value < least:
                raise SettingsError(f"{setting} must be a whole number of at least {least}; got {value!r}")

    @property
    def name(self) -> str:
        """The name by which it is asked for."""
        return "hashing"

    @property
    def fingerprint(self) -> str:
        """Hexadecimal; changes with everything that changes a vector."""
        about = f"hashing encoder 1, {_HASHES_PER_WORD} hashes, {self.dimension} buckets"
        return xxhash.xxh3_128_hexdigest(about.encode())

    @property
    def precision(self) -> str:
        """The numeric precision of the arithmetic."""
        return "float32"

    def encode(self, texts: Sequence[str]) -> NDArray[Any]:
        """Return one unit vector per text, shape (len(texts), dimension), ``float32``."""
        vectors = np.zeros((len(texts), self.dimension), dtype=np.float32)
        for vector, text in zip(vectors, texts, strict=True):
            for word in _WORD.findall(text.lower()):
                for seed in range(_HASHES_PER_WORD):
                    word_hash = xxhash.xxh3_64_intdigest(word.encode(), seed=seed)
                    vector[word_hash % self.dimension] += 1.0 - 2.0 * (word_hash >> _SIGN_BIT)
        norms = np.linalg.norm(vectors, axis=1, keepdims=True)
        # A text without words, or whose signs cancel, still needs a direction: always the same one.
        vectors[norms[:, 0] == 0.0, 0] = 1.0
        vectors /= np.where(norms == 0.0, 1.0, norms)
        return vectors
