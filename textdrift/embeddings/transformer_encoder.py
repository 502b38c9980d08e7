"""TransformerEncoder: a fitted scikit-learn transformer of texts, such as TF-IDF with an SVD, used as an encoder."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import xxhash
from numpy.typing import NDArray

from textdrift.embeddings.asking import one_line
from textdrift.embeddings.object_digest import object_digest
from textdrift.embeddings.probes import PROBES
from textdrift.errors import EncoderError

__all__ = ["TransformerEncoder", "is_transformer"]

_TEXTS_PER_CALL = 1024
# A vector of so many numbers is kept for every text; beyond it they are counts of words, and no embedding.
_MOST_COLUMNS = 4096
_MATRIX = 2
_LONGEST_NAME = 100
_LARGEST_KEPT = 65_504  # of float16, the precision of the cache
# Probe texts that are encoded twice, and how far apart the last digits may be, in units of the largest.
_FEW, _ALIKE = 4, 1e-3


def is_transformer(encoder: object) -> bool:
    """Tell whether this has what scikit-learn calls a transformer: ``fit`` and ``transform``, and no ``encode``.

    >>> from sklearn.feature_extraction.text import HashingVectorizer
    >>> is_transformer(HashingVectorizer()), is_transformer(HashingVectorizer), is_transformer("hashing")
    (True, False, False)
    """
    if isinstance(encoder, type) or hasattr(encoder, "encode"):
        return False
    return all(callable(getattr(encoder, name, None)) for name in ("fit", "transform"))


@dataclass(frozen=True)
class TransformerEncoder:
    """A scikit-learn transformer, or a pipeline of some, that turns texts into vectors; fitted already.

    Fit it on older texts, which belong to neither window. One that was fitted on the reference alone knows its words
    and not those of the current window, so two windows of the same kind look different to it.

    Parameters
    ----------
    transformer:
        Any object whose ``transform(texts)`` gives a matrix of shape (n, d), dense or sparse, ``d`` at most 4,096.
        Vectors that may be nearly zero need a last step ``Normalizer()``.

    Raises
    ------
    EncoderError
        On first use, when it is not fitted, cannot be hashed, gives something else, or something else each time.

    Examples
    --------
    >>> from sklearn.decomposition import TruncatedSVD
    >>> from sklearn.feature_extraction.text import TfidfVectorizer
    >>> from sklearn.pipeline import make_pipeline
    >>> older = ["the parcel is late", "good soup", "the soup was cold", "a late parcel again"]
    >>> encoder = TransformerEncoder(make_pipeline(TfidfVectorizer(), TruncatedSVD(2, random_state=0)).fit(older))
    >>> encoder.name, encoder.encode(["late soup"]).shape
    ('TfidfVectorizer+TruncatedSVD', (1, 2))
    """

    transformer: Any

    @property
    def name(self) -> str:
        """The classes of its steps."""
        steps = getattr(self.transformer, "steps", None) or [("", self.transformer)]
        name = "+".join(type(step).__name__ for _, step in steps if not isinstance(step, str))
        return name if len(name) <= _LONGEST_NAME else f"{name[: _LONGEST_NAME - 1]}…"

    @property
    def fingerprint(self) -> str:
        """Hexadecimal hash of what was fitted, and of what it makes of the probe texts.

        Both, since the code of a class of the user's is no part of what was fitted.
        """
        try:
            fitted = object_digest(self.transformer)
        except Exception as error:  # whatever pickling raises; it is chained
            raise EncoderError(
                f"the transformer {self.name} cannot be hashed ({type(error).__name__}: {one_line(error)}), so its "
                "vectors could not be told from others; use steps that can be pickled"
            ) from error
        points = self._points_of_probes()
        digest = xxhash.xxh3_128(f"transformer 1 {fitted} {_version_of_sklearn()}".encode())
        # Rounded: the last digits differ with the number of threads.
        digest.update(points.astype(np.float16).tobytes())
        return digest.hexdigest()

    def _points_of_probes(self) -> NDArray[np.float32]:
        """Return the vectors of the probe texts, after a look whether they are the same twice."""
        points = self.encode(PROBES)
        first, again = (self.encode(PROBES[:_FEW]) for _ in range(2))
        largest = float(np.abs(first).max(initial=0.0, where=np.isfinite(first)))
        if first.shape != again.shape or not np.allclose(first, again, rtol=0.0, atol=_ALIKE * largest, equal_nan=True):
            raise EncoderError(
                f"the transformer {self.name} gives other vectors for the same texts when it is asked twice, and drift "
                "could not be told from chance; set its random_state, or take the random step out"
            )
        return points

    @property
    def precision(self) -> str:
        """The numeric precision that vectors are given in."""
        return "float32"

    @property
    def batch_size(self) -> int:
        """Texts per call of ``transform``."""
        return _TEXTS_PER_CALL

    def encode(self, texts: Sequence[str]) -> NDArray[Any]:
        """Return one vector per text, shape (len(texts), d), ``float32``."""
        try:
            vectors = self.transformer.transform(list(texts))
        except Exception as error:  # a transformer may raise anything; it is chained
            if type(error).__name__ == "NotFittedError":
                raise EncoderError(
                    f"the transformer {self.name} is not fitted; fit it on older texts, which belong to neither window"
                ) from error
            raise EncoderError(
                f"the transformer {self.name} failed on {len(texts)} texts: {type(error).__name__}: {one_line(error)}; "
                "an encoder must take a list of str"
            ) from error
        shape = np.shape(vectors)
        if len(shape) == _MATRIX and shape[1] > _MOST_COLUMNS:
            raise EncoderError(
                f"the transformer {self.name} gives {shape[1]:,} numbers a text, and an encoder may give "
                f"{_MOST_COLUMNS:,}; add a last step such as TruncatedSVD(100)"
            )
        return self._numbers_in(vectors.toarray() if hasattr(vectors, "toarray") else vectors)

    def _numbers_in(self, vectors: Any) -> NDArray[np.float32]:
        """Return a matrix as ``float32``; what that cannot hold is refused and not cut."""
        found = np.asarray(vectors)
        if np.iscomplexobj(found):
            raise EncoderError(
                f"the transformer {self.name} gives complex numbers, and a vector has real ones; add a last step that "
                "takes their real part, or their size"
            )
        try:
            numbers = found.astype(np.float64, copy=False)
        except (TypeError, ValueError) as error:
            raise EncoderError(
                f"the transformer {self.name} gives {found.dtype} of shape {found.shape}, and no matrix of numbers: "
                f"{one_line(error)}; add a last step that makes numbers of it"
            ) from error
        largest = float(np.abs(numbers).max(initial=0.0, where=np.isfinite(numbers)))
        if largest > _LARGEST_KEPT:
            raise EncoderError(
                f"the transformer {self.name} gives values up to {largest:.3g}, and vectors are kept as float16, which "
                f"ends at {_LARGEST_KEPT:,}; add a last step Normalizer()"
            )
        return numbers.astype(np.float32)


def _version_of_sklearn() -> str:
    return str(getattr(sys.modules.get("sklearn"), "__version__", ""))
