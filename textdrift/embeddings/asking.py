"""Asking an encoder for what it says and gives: one that a user wrote may raise anything, or answer anything."""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from textdrift.embeddings.truncation import Truncation
from textdrift.errors import EncoderError, TextdriftError

__all__ = [
    "MEMBERS",
    "ask",
    "ask_batch_sizes",
    "ask_identity",
    "ask_text",
    "ask_truncation",
    "ask_vectors",
    "missing_members",
    "one_line",
]

MEMBERS = ("name", "fingerprint", "precision", "batch_size", "encode")
_MATRIX = 2
_LONGEST_LINE = 300


def one_line(value: object) -> str:
    r"""Return what a library, or a user's encoder, says as one line that fits a message.

    >>> one_line(ValueError("first line,\n  second line"))
    'first line, second line'
    """
    line = " ".join(str(value).split())
    return line if len(line) <= _LONGEST_LINE else line[: _LONGEST_LINE - 1] + "…"


def missing_members(encoder: object) -> list[str]:
    """Return which of the five members of an encoder an object lacks, without asking it: that may load a model.

    >>> missing_members("hashing")
    ['name', 'fingerprint', 'precision', 'batch_size']
    """
    absent = object()
    return [member for member in MEMBERS if inspect.getattr_static(encoder, member, absent) is absent]


def ask(encoder: object, member: str) -> Any:
    """Return a member of an encoder, ``None`` where it has none.

    Raises
    ------
    EncoderError
        When the member raises.
    """
    try:
        return getattr(encoder, member, None)
    except TextdriftError:
        raise
    except Exception as error:  # an encoder of the user's may raise anything; it is chained
        raise EncoderError(
            f"the encoder {type(encoder).__name__} cannot say its {member}: {_said(error)}; "
            f"let it return a value, or leave it out where it need not be there"
        ) from error


def ask_text(encoder: object, member: str) -> str:
    """Return a member that must be a string: the name, the fingerprint or the precision.

    Raises
    ------
    EncoderError
        When the member raises or is no string.
    """
    value = ask(encoder, member)
    if not isinstance(value, str):
        raise EncoderError(
            f"the encoder {type(encoder).__name__} has the {member} {one_line(repr(value))} ({type(value).__name__}); "
            f"a string was needed"
        )
    return value


def ask_identity(encoder: object) -> str | None:
    """Return what stands for the files of an encoder, if it has any; another's encoder need not."""
    identity = ask(encoder, "identity")
    return identity if isinstance(identity, str) else None


def ask_batch_sizes(encoder: object) -> tuple[int, int]:
    """Return how many texts a pass through the model takes, and how many one call of ``encode`` is given.

    Raises
    ------
    EncoderError
        When one of them raises or is no positive whole number.
    """
    batch_size = ask(encoder, "batch_size")
    texts_per_call = ask(encoder, "texts_per_call")
    sizes = {"batch_size": batch_size, "texts_per_call": batch_size if texts_per_call is None else texts_per_call}
    for member, size in sizes.items():
        if isinstance(size, bool) or not isinstance(size, (int, np.integer)) or size < 1:
            raise EncoderError(
                f"{member} of the encoder {type(encoder).__name__} must be a whole number of at least 1; "
                f"got {one_line(repr(size))}"
            )
    return int(sizes["batch_size"]), int(sizes["texts_per_call"])


def ask_truncation(encoder: object, texts: Sequence[str]) -> Truncation | None:
    """Return which texts an encoder cuts, ``None`` where it does not know.

    Raises
    ------
    EncoderError
        When ``truncation`` raises, or returns something else than a ``Truncation`` with one row per text.
    """
    method = ask(encoder, "truncation")
    if method is None:
        return None
    needed = "truncation(texts) must return None or a Truncation with one row per text"
    try:
        truncation = method(texts)
    except TextdriftError:
        raise
    except Exception as error:  # an encoder of the user's may raise anything; it is chained
        raise EncoderError(
            f"the encoder {type(encoder).__name__} cannot say which of {len(texts)} texts it cuts: {_said(error)}; "
            f"{needed}"
        ) from error
    if truncation is None:
        return None
    if not isinstance(truncation, Truncation) or np.shape(truncation.cut) != (len(texts),):
        got = (
            f"a cut of shape {np.shape(truncation.cut)}"
            if isinstance(truncation, Truncation)
            else "a " + (type(truncation).__name__)
        )
        raise EncoderError(f"the encoder {type(encoder).__name__} says of {len(texts)} texts {got}; {needed}")
    return truncation


def ask_vectors(encoder: Any, batch: list[str]) -> NDArray[Any]:
    """Return the vectors of one batch as the encoder gives them: shape (len(batch), d), floating point.

    Raises
    ------
    EncoderError
        When ``encode`` raises, or returns something else.
    """
    name = one_line(ask_text(encoder, "name"))
    try:
        vectors = np.asarray(encoder.encode(batch))
    except TextdriftError:
        raise
    except Exception as error:  # an encoder of the user's may raise anything; it is chained
        raise EncoderError(
            f"the encoder {name} failed on a batch of {len(batch)} texts: {_said(error)}; "
            f"it must return an array of shape ({len(batch)}, d)"
        ) from error
    if vectors.ndim != _MATRIX or len(vectors) != len(batch) or vectors.shape[1] == 0:
        raise EncoderError(
            f"the encoder {name} must return one vector per text, shape ({len(batch)}, d); got {vectors.shape}"
        )
    if not np.issubdtype(vectors.dtype, np.floating):
        raise EncoderError(f"the encoder {name} must return floating point numbers; got {vectors.dtype}")
    return vectors


def _said(error: Exception) -> str:
    return f"{type(error).__name__}: {one_line(error)}"
