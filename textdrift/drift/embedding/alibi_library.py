"""Alibi Detect itself: whether it is there, what it draws from, where it computes, what it cannot take."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib.util import find_spec
from typing import Any

import numpy as np
from numpy.typing import NDArray

from textdrift.errors import MissingExtraError, SettingsError

__all__ = [
    "alibi_is_there",
    "alibis_own_streams",
    "bandwidth_unless_defined",
    "chosen_device",
    "detector_class",
    "refuse_bad_learning",
    "refuse_bad_settings",
]

_PROBED_POINTS = 500
_TRAIN_SHARES = (0.2, 0.8)


def alibi_is_there() -> bool:
    """Return whether alibi-detect is installed; it is not imported."""
    return find_spec("alibi_detect") is not None


def detector_class(name: str) -> Any:
    """Return a class of ``alibi_detect.cd``.

    Raises
    ------
    MissingExtraError
        When alibi-detect is not installed, or cannot be imported.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            import alibi_detect.cd
    except ImportError as error:
        raise MissingExtraError(
            f"the test of meaning needs alibi-detect, which cannot be imported here ({error}); it has releases for "
            "Python 3.11 and 3.12: pip install 'alibi-detect>=0.13,<0.14', or do without: name the other families in "
            "tests="
        ) from error
    return getattr(alibi_detect.cd, name)


@contextmanager
def alibis_own_streams(rng: np.random.Generator) -> Iterator[None]:
    """Seed the global streams that Alibi Detect draws from, hush its warnings, and give all back afterwards.

    Global streams belong to the process: two threads that ask Alibi Detect at once would share them.
    """
    import torch

    seed = int(rng.integers(2**63 - 1))
    before = np.random.get_state()  # noqa: NPY002 - Alibi Detect splits by this stream and takes no other
    with warnings.catch_warnings(), torch.random.fork_rng(devices=[]):
        warnings.simplefilter("ignore")  # Alibi Detect's own deprecations are no business of its user
        torch.default_generator.manual_seed(seed)  # nothing is drawn on the device: torch.manual_seed would touch it
        np.random.seed(seed % 2**32)  # noqa: NPY002 - see above
        try:
            yield
        finally:
            np.random.set_state(before)  # noqa: NPY002 - see above


def chosen_device(asked: str) -> str:
    """Return ``cuda`` where it may be used and is there, else ``cpu``."""
    import torch

    return "cuda" if asked != "cpu" and torch.cuda.is_available() else "cpu"


def bandwidth_unless_defined(reference: NDArray[Any], current: NDArray[Any]) -> NDArray[Any] | None:
    """Return a bandwidth where Alibi Detect's median distance would be 0; None where its own is fine."""
    from scipy.spatial.distance import pdist

    probe = reference[:: max(1, len(reference) // _PROBED_POINTS)]
    if np.median(pdist(probe)) > 0 or len(np.unique(reference, axis=0)) == len(reference):
        return None
    spread = float(np.vstack([reference, current]).var(axis=0, dtype=np.float64).sum())
    return np.array([np.sqrt(spread)], dtype=np.float32)


def refuse_bad_settings(least: Mapping[str, tuple[float, float]], device: str) -> None:
    """Refuse a setting under its least value, and a device that is none.

    Parameters
    ----------
    least:
        Name to (what came, the least that can be used).
    device:
        What came.

    Raises
    ------
    SettingsError
        Naming the first that cannot be used.
    """
    for name, (given, lowest) in least.items():
        if not given >= lowest:
            raise SettingsError(f"{name} must be at least {lowest}; got {given}")
    if device not in ("auto", "cpu", "cuda"):
        raise SettingsError(f"device must be 'auto', 'cpu' or 'cuda'; got {device!r}")


def refuse_bad_learning(train_share: float, epochs: int) -> None:
    """Refuse a split that leaves too few to learn from or too few to test, and a learner that never looks.

    Raises
    ------
    SettingsError
        Naming the first that cannot be used.
    """
    least, most = _TRAIN_SHARES
    if not least <= train_share <= most:
        raise SettingsError(f"train_share must lie between {least} and {most}; got {train_share}")
    if epochs < 1:
        raise SettingsError(f"epochs must be at least 1; got {epochs}")
