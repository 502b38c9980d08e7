"""A hash of a fitted object: of what it holds, not of how Python happens to hold it."""

from __future__ import annotations

from collections.abc import Mapping
from operator import itemgetter
from types import CodeType
from typing import Any

import numpy as np
import xxhash

__all__ = ["object_digest"]

_REDUCE_PROTOCOL = 4
# What scikit-learn keeps beside its results: where something lay in the memory of one process.
_ADDRESSES = frozenset({"_stop_words_id"})


def object_digest(value: Any) -> str:
    """Hash numbers, texts, arrays, containers, functions with their code, and objects by what pickle would keep.

    The same for an object, its pickle, and one that was fitted alike in another process, which is not so for a hash of
    the pickle: that depends on which equal strings are one object. Cost: one pass over what the object holds.

    Raises
    ------
    Exception
        Whatever an object that cannot be pickled raises.

    Examples
    --------
    >>> object_digest({"b": [1, 2], "a": {"x", "y"}}) == object_digest({"a": {"y", "x"}, "b": [1, 2]})
    True
    >>> object_digest(np.zeros(3)) == object_digest(np.zeros(3, dtype=np.float32))
    False
    """
    digest = xxhash.xxh3_128()
    _feed(digest, value, ())
    return digest.hexdigest()


def _feed(digest: Any, value: Any, inside: tuple[int, ...]) -> None:
    """Add a value; ``inside`` are the objects that it is a part of, so that a circle ends."""
    if id(value) in inside:
        digest.update(b"circle")
        return
    inside = (*inside, id(value))
    if value is None or isinstance(value, (bool, int, float, complex, str, bytes)):
        digest.update(f"{type(value).__name__} {value!r};".encode("utf-8", "surrogatepass"))
    elif isinstance(value, (np.ndarray, np.generic)):
        _feed_array(digest, np.asarray(value), inside)
    elif isinstance(value, Mapping):
        entries = sorted(((object_digest(key), item) for key, item in value.items()), key=itemgetter(0))
        digest.update(f"mapping {len(value)};".encode())
        for key, item in entries:
            digest.update(key.encode())
            _feed(digest, item, inside)
    elif isinstance(value, (set, frozenset)):
        _feed(digest, sorted(map(object_digest, value)), inside)
    elif isinstance(value, (list, tuple)):
        digest.update(f"{type(value).__name__} {len(value)};".encode())
        for item in value:
            _feed(digest, item, inside)
    elif isinstance(value, type):
        digest.update(f"class {value.__module__}.{value.__qualname__};".encode())
    else:
        _feed_object(digest, value, inside)


def _feed_array(digest: Any, array: Any, inside: tuple[int, ...]) -> None:
    digest.update(f"array {array.dtype.str} {array.shape};".encode())
    if array.dtype.hasobject:
        _feed(digest, array.ravel().tolist(), inside)
    else:
        digest.update(np.ascontiguousarray(array).tobytes())


def _feed_object(digest: Any, value: Any, inside: tuple[int, ...]) -> None:
    code = getattr(value, "__code__", None)
    if isinstance(code, CodeType):
        digest.update(f"function {value.__module__}.{value.__qualname__};".encode())
        _feed_code(digest, code, inside)
        cells = [cell.cell_contents for cell in value.__closure__ or ()]
        _feed(digest, [value.__defaults__, value.__kwdefaults__, cells], inside)
        return
    reduced = value.__reduce_ex__(_REDUCE_PROTOCOL)
    if isinstance(reduced, str):  # known by its name alone
        digest.update(f"{type(value).__module__}.{type(value).__qualname__} {reduced};".encode())
        return
    maker, arguments, *rest = reduced
    state, items, entries = [*rest, None, None, None][:3]
    if isinstance(state, dict):
        state = {name: held for name, held in state.items() if name not in _ADDRESSES}
    digest.update(f"object {type(value).__module__}.{type(value).__qualname__};".encode())
    _feed(digest, [getattr(maker, "__qualname__", ""), *arguments], inside)
    _feed(digest, [state, list(items or ()), dict(entries or ())], inside)


def _feed_code(digest: Any, code: CodeType, inside: tuple[int, ...]) -> None:
    digest.update(code.co_code)
    _feed(digest, [*code.co_names, *(const for const in code.co_consts if not isinstance(const, CodeType))], inside)
    for const in code.co_consts:
        if isinstance(const, CodeType):
            _feed_code(digest, const, inside)
