"""What a job file said when a window was judged, as hashes: so that a later run can tell that it has changed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import xxhash

from textdrift.job_config import JobConfig

__all__ = ["changed_settings", "settings_marks"]

# What the judgement of a window and its report follow from; not where they are kept, when, and who is told.
_JUDGED_BY: dict[str, Any] = dict.fromkeys((
    "reference", "current", "columns", "encoder", "tests", "cost", "playbook", "labels_to_ask", "examples", "alpha",
    "budget", "slow_drift", "seed", "gate",
), True) | {"labels": {"path", "join", "label"}}  # fmt: skip


def settings_marks(config: JobConfig) -> dict[str, str]:
    """Return for each key that a judgement follows from the hash of what it says; defaults are left out.

    Secrets are ``***`` before anything is hashed, so a changed password changes no hash and none can be guessed.
    A key that a later version adds changes none either, as long as it keeps its default.

    Examples
    --------
    >>> first, second = (JobConfig(name="a", reference="r.csv", current="c.csv", seed=seed) for seed in (0, 1))
    >>> list(settings_marks(first)), list(settings_marks(second))
    (['reference', 'current'], ['reference', 'current', 'seed'])
    """
    said = config.model_dump(mode="json", include=_JUDGED_BY, exclude_defaults=True)
    return {key: _hash_of(said[key]) for key in _JUDGED_BY if key in said}


def changed_settings(before: Mapping[str, str] | None, config: JobConfig) -> tuple[str, ...]:
    """Return the keys that say something else than when a window was judged; none where nobody knows what they said.

    >>> job = JobConfig(name="a", reference="r.csv", current="c.csv", seed=1)
    >>> changed_settings(settings_marks(job), job.model_copy(update={"seed": 0, "alpha": 0.01}))
    ('alpha', 'seed')
    """
    if not before:
        return ()
    now = settings_marks(config)
    return tuple(key for key in _JUDGED_BY if before.get(key) != now.get(key))


def _hash_of(value: object) -> str:
    return "xxh3:" + xxhash.xxh3_64_hexdigest(json.dumps(value, sort_keys=True, ensure_ascii=False).encode())
