"""What a run compared, and the smallest change of each kind that would have shown: the one account of how sure it is.

The summary, the plain words, the tables of every page and the list of what could not be seen all read it here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import inf
from typing import Any

from textdrift.findings.finding import Finding
from textdrift.findings.wording import NOT_TESTED, reason_untested

__all__ = ["Compared", "Look", "Sight", "compared", "counted_by", "looks_in", "looks_of", "sights"]

_OF_ONE_THING = "semantic"
"""Its tests look at one thing in several ways, so the best of them counts; of other kinds each sees something else."""

_OF_MANY_THINGS = "quality"

_INSIDE = ".segments"
_TOGETHER = "columns.joint"


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """How far one deciding test could see.

    Attributes
    ----------
    kind, unit, test:
        What it looks at; ``unit`` is ``words`` but for tests that count something else of the texts.
    n_documents:
        What it compared of the reference and of the current window.
    conclusive:
        Twice the size that matters would have shown, or a change did show.
    effect:
        The name of the effect that it is judged by.
    detectable:
        From which size on a change would have shown; infinity where none would.
    material_from:
        From which size on a change matters; ``None`` where nobody said.
    reason:
        Why there was nothing to compare, as the end of a sentence; empty where there was.
    """

    kind: str
    unit: str
    test: str
    n_documents: tuple[int, int]
    conclusive: bool
    effect: str
    detectable: float
    material_from: float | None
    reason: str

    @property
    def ratio(self) -> float:
        """The smallest change that would have shown, in units of what matters."""
        return self.detectable / self.material_from if self.material_from else inf


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """How far a run could see in one kind of drift: ``sure`` where twice the size that matters would have shown.

    ``weakest`` is the test of the kind that saw least; what it would have shown is the smallest change of the kind that
    no test could have missed. ``partly`` says that it is so for some tests of a kind whose tests each look for a fault
    of their own: the others would have shown twice what matters.
    """

    kind: str
    sure: bool
    weakest: Look
    partly: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """How much was compared: ``sizes`` of the reference and the current window, and what they count.

    ``rows`` are the rows of both windows that stand behind it, where they are known, and ``has_copies`` says whether
    some of them were copies of another one.
    """

    sizes: tuple[int, int]
    counted: str
    rows: tuple[int, int] | None
    has_copies: bool

    @property
    def words(self) -> str:
        """Both sizes, and the rows behind them where those are more.

        >>> Compared(sizes=(690, 700), counted="documents", rows=(850, 700), has_copies=True).words
        '690 reference and 700 current documents (of 850 and 700 rows; copies of a text count once)'
        """
        return f"{self.sizes[0]:,} reference and {self.sizes[1]:,} current {self.counted}{self.behind}"

    @property
    def behind(self) -> str:
        """The rows behind the sizes in brackets; empty where each row counts."""
        if self.rows is None or self.rows == self.sizes:
            return ""
        copies = "; copies of a text count once" if self.has_copies else ""
        return f" (of {self.rows[0]:,} and {self.rows[1]:,} rows{copies})"


def looks_of(findings: Iterable[Finding]) -> tuple[Look, ...]:
    """Return how far each deciding test of a run could see; a fact is never blind, and is left out."""
    return tuple(
        Look(
            kind=f.kind,
            unit=next((str(row["unit"]) for row in f.result.table("unit")), "words"),
            test=f.result.test,
            n_documents=f.result.n_documents,
            conclusive=f.conclusive,
            effect=f.effect.name,
            detectable=f.effect.detectable,
            material_from=f.material_from,
            reason="" if f.drifted else reason_untested(f.result),
        )
        for f in findings
        if not f.supporting and f.result.has_p_value
    )


def looks_in(rows: Iterable[Mapping[str, Any]]) -> tuple[Look, ...]:
    """Return the same from the findings of a report as ``DriftReport.to_dict`` writes them.

    >>> row = {"kind": "label", "test": "columns.categorical", "p_value": 1.0, "conclusive": False, "sentence": "",
    ...        "effect": {"name": "total_variation", "material_from": 0.05}, "detectable": {"value": 0.1}}
    >>> look, = looks_in([row])
    >>> look.detectable, look.ratio
    (0.1, 2.0)
    """
    return tuple(
        Look(
            kind=str(row["kind"]),
            unit=_unit(row),
            test=str(row["test"]),
            n_documents=_sizes(row.get("n_documents")),
            conclusive=row.get("conclusive") is not False,
            effect=str(row["effect"]["name"]),
            detectable=inf if row.get("detectable") is None else float(row["detectable"]["value"]),
            material_from=row["effect"].get("material_from"),
            reason=_reason(str(row.get("sentence", ""))),
        )
        for row in rows
        if not row.get("supporting", False) and row["p_value"] is not None
    )


def sights(looks: Iterable[Look]) -> dict[str, Sight]:
    """Return how far the run could see in each kind, in the order of the tests.

    What a kind holds inside segments counts only where it was not looked for in the whole window.
    """
    by_kind: dict[str, list[Look]] = {}
    for look in looks:
        by_kind.setdefault(look.kind, []).append(look)
    return {kind: _sight(kind, of_kind) for kind, of_kind in by_kind.items()}


def compared(
    looks: Sequence[Look],
    *,
    counted: str = "documents",
    rows: tuple[int, int] | None = None,
    documents: tuple[int, int] | None = None,
) -> Compared | None:
    """Return how much was compared: what the tests with the most saw; ``None`` where nothing was.

    Tests of quality look at rows that others leave out, so they are asked only where there are no others; then rows
    are counted. A test of a sample, or of what has a label, sees fewer.

    Parameters
    ----------
    looks:
        Of the run.
    counted:
        What counts as independent: ``documents``, ``groups`` or ``rows``.
    rows, documents:
        Rows that could be used, and distinct texts among them, of the reference and the current window.
    """
    seeing = [look for look in looks if not look.reason and min(look.n_documents) > 0]
    others = [look for look in seeing if look.kind != "quality"]
    if not seeing:
        return None
    before, now = (max(look.n_documents[side] for look in others or seeing) for side in (0, 1))
    has_copies = rows is not None and documents is not None and counted != "rows" and documents != rows
    return Compared(
        sizes=(before, now), counted=counted if others else "rows", rows=rows, has_copies=has_copies and bool(others)
    )


def counted_by(*, has_text: bool, has_groups: bool) -> str:
    """Return what counts as independent in a run: ``documents``, ``groups``, or ``rows`` where there is no text.

    >>> counted_by(has_text=True, has_groups=False), counted_by(has_text=False, has_groups=False)
    ('documents', 'rows')
    """
    return "groups" if has_groups else "documents" if has_text else "rows"


def _sight(kind: str, looks: Sequence[Look]) -> Sight:
    whole = [look for look in looks if not look.test.endswith(_INSIDE)] or list(looks)
    # Where fewer than two columns vary there is no relation between them that could have been missed.
    whole = [look for look in whole if look.test != _TOGETHER or not look.reason] or whole
    if kind == _OF_ONE_THING:
        whole = [min(whole, key=lambda look: (not look.conclusive, look.ratio))]
    blind = [look for look in whole if not look.conclusive]
    # A size says more than that there was nothing to compare.
    weakest = max(blind or whole, key=lambda look: (not look.reason, look.ratio))
    partly = kind == _OF_MANY_THINGS and 0 < len(blind) < len(whole)
    return Sight(kind=kind, sure=not blind, weakest=weakest, partly=partly)


def _unit(row: Mapping[str, Any]) -> str:
    tables = (table["rows"] for table in row.get("evidence", ()) if table.get("name") == "unit")
    return next((str(first.get("unit", "words")) for rows in tables for first in rows), "words")


def _sizes(given: object) -> tuple[int, int]:
    match given:
        case [int(before), int(now)]:
            return before, now
        case _:
            return 0, 0


def _reason(sentence: str) -> str:
    return sentence.removeprefix(NOT_TESTED) if sentence.startswith(NOT_TESTED) else ""
