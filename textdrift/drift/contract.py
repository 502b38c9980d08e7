"""What every drift test promises: a valid p-value, a size with meaning, and the evidence behind both."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar, runtime_checkable

import numpy as np

__all__ = ["DriftResult", "DriftTest", "Effect", "Evidence", "sizes_table"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """A size of drift that does not grow with the number of documents.

    Attributes
    ----------
    name:
        What is measured, such as ``total_variation`` or ``std_shift``.
    value:
        The estimate.
    low, high:
        A 95 % interval.
    detectable:
        The smallest true value that these windows would have shown, at the test's ``level``, with power 0.8;
        infinity where no size could have shown.
    """

    name: str
    value: float
    low: float
    high: float
    detectable: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """A table behind a result, strongest row first.

    ``name`` says what a row is (``terms``, ``documents``, ``categories``, ``sizes``); each row is a plain dict of
    strings, numbers and ``None``, ready for JSON.
    """

    name: str
    rows: tuple[dict[str, Any], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DriftResult:
    """What one test measured; it holds no verdict.

    Attributes
    ----------
    test:
        ``family.file``, such as ``lexical.vocabulary``.
    kind:
        The kind of drift that the test speaks of: lexical, semantic, label, prediction, concept, performance, quality.
    statistic:
        Larger means further apart.
    p_value:
        In (0, 1]; at most ``a`` with probability at most ``a`` when the null hypothesis holds.
    effects:
        Sizes, the main one first.
    n_documents:
        Independent rows compared, (reference, current), copies of a text counted once.
    evidence:
        Tables behind the numbers.
    notes:
        Sentences that a reader must know to read the numbers right (a sample was taken, rows without a label left out).
    has_p_value:
        ``False`` where ``p_value`` is 1 and stands for none: a size without an honest test, or a plain fact that is no
        matter of chance. Reports then show no p-value.
    """

    test: str
    kind: str
    statistic: float
    p_value: float
    effects: tuple[Effect, ...]
    n_documents: tuple[int, int]
    evidence: tuple[Evidence, ...] = ()
    notes: tuple[str, ...] = ()
    has_p_value: bool = True

    def __post_init__(self) -> None:
        """Refuse a p-value that is not one: that is a fault of the test, never of the data."""
        if not 0.0 < self.p_value <= 1.0:
            raise ValueError(f"{self.test} returned p_value={self.p_value!r}; a p-value lies in (0, 1]")

    def table(self, name: str) -> tuple[dict[str, Any], ...]:
        """Return the rows of the evidence table of that name; empty when the test gave none."""
        return next((e.rows for e in self.evidence if e.name == name), ())

    @property
    def sizes(self) -> dict[str, Any]:
        """The evidence table ``sizes`` as name to value; its rows are ``{"name": …, "value": …}``."""
        return {row["name"]: row["value"] for row in self.table("sizes")}


def sizes_table(sizes: Mapping[str, float | int | None]) -> Evidence:
    """Return the evidence table ``sizes``: one row per number.

    >>> sizes_table({"js_bits": 0.1}).rows
    ({'name': 'js_bits', 'value': 0.1},)
    """
    return Evidence(name="sizes", rows=tuple({"name": name, "value": value} for name, value in sizes.items()))


R = TypeVar("R", contravariant=True)  # noqa: PLC0105 - one letter, as in the formula R x R -> DriftResult


@runtime_checkable
class DriftTest(Protocol[R]):
    """A null hypothesis and a way to doubt it; its dataclass fields are its whole configuration."""

    def compare(self, reference: R, current: R, *, rng: np.random.Generator) -> DriftResult:
        """Compare two representations; the same ``rng`` state gives the same result."""
        ...
