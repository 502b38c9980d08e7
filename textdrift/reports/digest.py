"""The digest of a report: whether somebody changed it since it was written."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from typing import Any

__all__ = ["report_digest"]

_PREFIX = "sha256:"
_LEFT_OUT = ("seconds", "digest")
_LARGEST_WHOLE = 2.0**53


def report_digest(report: Mapping[str, Any]) -> str:
    """Return ``sha256:`` and the hash of all that a report says, apart from its times and its own digest.

    It is taken of the values, not of the bytes of the file: the order of keys, indents, and 1.0 for 1 do not count. It
    tells a slip or a careless hand from a report as it was written. It is no signature: who changes a report on purpose
    can write a new digest, and only a rerun (``textdrift verify``) finds that.

    Examples
    --------
    >>> report_digest({"verdict": "drift", "seconds": {"total": 1.2}}) == report_digest({"verdict": "drift"})
    True
    >>> report_digest({"verdict": "drift"}) == report_digest({"verdict": "no_drift"})
    False
    """
    told = {key: value for key, value in report.items() if key not in _LEFT_OUT}
    canonical = json.dumps(_canonical(told), sort_keys=True, separators=(",", ":"), allow_nan=False)
    return _PREFIX + hashlib.sha256(canonical.encode("ascii")).hexdigest()


def _canonical(value: Any) -> Any:
    """Return a value with every number in one spelling: programs that format JSON write 1.0 as 1."""
    if isinstance(value, Mapping):
        return {str(key): _canonical(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_canonical(item) for item in value]
    if isinstance(value, float):
        if not math.isfinite(value):
            return str(value)
        return int(value) if value.is_integer() and abs(value) <= _LARGEST_WHOLE else value
    return value
