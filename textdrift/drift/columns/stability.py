"""The population stability index in the bands by which it is read."""

from __future__ import annotations

from textdrift.drift.contract import Evidence

__all__ = ["stability_band", "stability_table"]

_BANDS = ((0.10, "stable"), (0.25, "moderate"))


def stability_band(index: float) -> str:
    """Return the usual band of a population stability index: ``stable``, ``moderate`` or ``major``.

    >>> stability_band(0.05), stability_band(0.1), stability_band(0.3)
    ('stable', 'moderate', 'major')
    """
    return next((name for end, name in _BANDS if index < end), "major")


def stability_table(index: float) -> Evidence:
    """Return the evidence table ``stability``: the index, its band, and that the bands are not calibrated.

    Two small samples of one source are often called ``moderate`` or ``major``, and with many rows a real change is
    called ``stable``: the bands know nothing of how many rows or bins there are. No verdict comes from them.

    >>> stability_table(0.3).rows
    ({'population_stability_index': 0.3, 'band': 'major', 'calibrated': False},)
    """
    row = {"population_stability_index": index, "band": stability_band(index), "calibrated": False}
    return Evidence(name="stability", rows=(row,))
