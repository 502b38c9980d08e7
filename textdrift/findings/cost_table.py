"""CostTable: what it costs when a document of one label gets the prediction of another."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite
from numbers import Real
from typing import Any

import numpy as np
from numpy.typing import NDArray

from textdrift.errors import SettingsError, nearest_name

__all__ = ["CostTable", "cost_table_from"]

_KEYS = ("matrix", "volume", "currency", "fail_above")
_LARGEST_COST = 1e100  # of a window: costs are added up and squared, and floats end at 1e308
_EXAMPLE = "{matrix: {negative: {positive: 5.0}}, volume: 200000, currency: EUR}"


@dataclass(frozen=True, slots=True, kw_only=True)
class CostTable:
    """Prices of right and wrong predictions.

    Attributes
    ----------
    matrix:
        Label -> prediction -> cost of one document. A pair that is not there costs nothing; below 0 is a gain.
    volume:
        Documents in one window's worth of traffic; ``None`` for the rows of the current window.
    currency:
        Written before amounts, such as ``EUR``.
    fail_above:
        The additional cost per window that is too much; ``None`` where cost decides nothing.

    Raises
    ------
    SettingsError
        For anything but finite numbers, a matrix without a cost, a volume that is not above 0, a cost of a window
        beyond 1e100, or names that are not text.

    Examples
    --------
    >>> table = CostTable(matrix={"negative": {"positive": 5.0}}, volume=200_000, currency="EUR")
    >>> table.values(("negative", "positive")).tolist()
    [[0.0, 5.0], [0.0, 0.0]]
    """

    matrix: Mapping[str, Mapping[str, float]]
    volume: float | None = None
    currency: str = ""
    fail_above: float | None = None

    def __post_init__(self) -> None:
        """Check once, at the door."""
        if not isinstance(self.matrix, Mapping) or not self.matrix:
            raise SettingsError(
                f"a cost matrix maps labels to predictions to costs, as in {_EXAMPLE}; got {_shown(self.matrix)}"
            )
        matrix = {}
        for label, row in self.matrix.items():
            if not isinstance(row, Mapping):
                raise SettingsError(
                    f"cost matrix: the label {label!r} needs a mapping of predictions to costs, as in "
                    f"{{positive: 5.0}}; got {_shown(row)}"
                )
            matrix[_name(label)] = {
                _name(prediction): _number(cost, f"the cost of {label!r} predicted as {prediction!r}")
                for prediction, cost in row.items()
            }
        if not any(cost for row in matrix.values() for cost in row.values()):
            raise SettingsError(f"the cost matrix holds no cost other than 0; give at least one, as in {_EXAMPLE}")
        object.__setattr__(self, "matrix", matrix)
        if self.volume is not None:
            volume = _number(self.volume, "volume")
            if volume <= 0:
                raise SettingsError(f"volume, the documents of one window's traffic, must be above 0; got {volume:g}")
            object.__setattr__(self, "volume", volume)
        largest = max(abs(cost) for row in matrix.values() for cost in row.values())
        if not largest * (self.volume or 1.0) <= _LARGEST_COST:
            window = "" if self.volume is None else f" over {self.volume:g} documents"
            raise SettingsError(
                f"cost: {largest:g} a document{window} is beyond {_LARGEST_COST:g}, where sums of it are no "
                "numbers any more; give costs in a larger unit"
            )
        if not isinstance(self.currency, str):
            raise SettingsError(f"currency is a short text such as EUR; got {_shown(self.currency)}")
        if self.fail_above is not None:
            object.__setattr__(self, "fail_above", _number(self.fail_above, "fail_above"))

    def values(self, label_names: tuple[str, ...]) -> NDArray[np.float64]:
        """Return the costs as an array, label x prediction.

        Raises
        ------
        SettingsError
            When the table names a label that is not among `label_names`; the nearest is offered.
        """
        position = {name: i for i, name in enumerate(label_names)}
        values = np.zeros((len(label_names), len(label_names)))
        for label, row in self.matrix.items():
            for role, name in (("label", label), *(("prediction", prediction) for prediction in row)):
                if name not in position:
                    raise SettingsError(
                        f"the cost matrix names the {role} {name!r}, which neither window has: "
                        f"{nearest_name(name, label_names)}"
                    )
            for prediction, cost in row.items():
                values[position[label], position[prediction]] = cost
        return values


def cost_table_from(mapping: object) -> CostTable:
    """Read the table of costs of a job file.

    Parameters
    ----------
    mapping:
        Keys ``matrix`` (required), ``volume``, ``currency`` and ``fail_above``, as `CostTable` has them.

    Raises
    ------
    SettingsError
        For an unknown key (the nearest is offered), a missing matrix, or a value that cannot be used.

    Examples
    --------
    >>> cost_table_from({"matrix": {"spam": {"ham": 2}}, "fail_above": 500}).fail_above
    500.0
    >>> cost_table_from({"matrx": {"spam": {"ham": 2}}})
    Traceback (most recent call last):
    textdrift.errors.SettingsError: cost has no key 'matrx': did you mean 'matrix'?
    """
    if not isinstance(mapping, Mapping):
        raise SettingsError(f"cost needs a table, as in {_EXAMPLE}; got {_shown(mapping)}")
    for key in mapping:
        if key not in _KEYS:
            raise SettingsError(f"cost has no key {key!r}: {nearest_name(key, _KEYS)}")
    if "matrix" not in mapping:
        raise SettingsError(f"cost needs a matrix of label -> prediction -> cost, as in {_EXAMPLE}")
    currency = mapping.get("currency")
    return CostTable(
        matrix=mapping["matrix"],
        volume=mapping.get("volume"),
        currency="" if currency is None else currency,
        fail_above=mapping.get("fail_above"),
    )


def _name(name: Any) -> str:
    if isinstance(name, bool) or not isinstance(name, (str, int)):
        raise SettingsError(
            f"cost matrix: labels and predictions are named by text; got {name!r}. YAML reads yes, no, on and off "
            "as something else: put such a name in quotes"
        )
    return str(name)


def _number(value: Any, what: str) -> float:
    if isinstance(value, (bool, np.bool_)) or not isinstance(value, Real) or not isfinite(float(value)):
        raise SettingsError(f"cost: {what} must be a finite number; got {_shown(value)}")
    return float(value)


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:59]}…"  # noqa: PLR2004 - as much as a message should hold
