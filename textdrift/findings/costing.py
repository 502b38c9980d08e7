"""What does the change cost? Confusions priced, from measured labels and from the estimate without them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from textdrift.errors import WindowError
from textdrift.findings.cost_table import CostTable, cost_table_from
from textdrift.findings.priced_change import CellChange, Cost, PricedChange
from textdrift.performance.estimated_performance import DOUBTS, EstimatedPerformance
from textdrift.performance.expected_confusion import ExpectedConfusion
from textdrift.performance.scored_rows import ScoredRows
from textdrift.stats.valued_shares import MeanInterval, difference_interval, mean_interval

__all__ = ["CellChange", "Cost", "CostTable", "PricedChange", "cost_table_from", "judge_by_cost", "price"]

Floats = NDArray[np.float64]

_TWO_SIDED_95 = 1.959963984540054
_FEWEST_ESTIMATED = 20
_MOST_UNPRICED = 0.01
_BLIND = "Without labels the cost is an estimate that cannot see concept drift."


@dataclass(frozen=True, slots=True)
class _Counts:
    """Documents by label and prediction, shape (k, k), and their number."""

    cells: Floats
    n_documents: int


def price(
    table: CostTable, reference: ScoredRows, current: ScoredRows, estimated: EstimatedPerformance | None
) -> Cost | None:
    """Price the change of the model's behaviour, per window of traffic.

    Documents are what is drawn: each has a cost, copies of a text share theirs, and the change is the difference of the
    mean costs times the volume. Intervals never lose their width: a dear confusion that was not seen in 300 documents
    could still be one in a hundred (see `textdrift.stats.valued_shares`). From the estimate, the current cost follows
    from the expected confusion, and so does the reference's: what the probabilities get wrong in both windows cancels.

    Costs also move when only the shares of the labels do. ``at_same_labels`` is the part that remains without that.

    Parameters
    ----------
    table:
        Prices; without a volume that of the current window's rows is taken.
    reference, current:
        Rows of both windows.
    estimated:
        The estimate for the current window; one that is not calibrated is not priced.

    Returns
    -------
    The cost; ``None`` where a window has no row with label and prediction, or where 1 % of the current documents are of
    a class that the reference and the table do not know, and there is no calibrated estimate.

    Raises
    ------
    SettingsError
        When the table names a label that neither window has.
    WindowError
        When the windows name their classes differently.

    Examples
    --------
    >>> def window(n_missed, n):
    ...     predictions = np.repeat([1, 0], [n_missed, n - n_missed])
    ...     return ScoredRows(label_names=("bad", "good"), labels=np.zeros(n, dtype=int), predictions=predictions,
    ...                       probabilities=None, documents=np.arange(n), rows=np.arange(n))
    >>> table = CostTable(matrix={"bad": {"good": 5.0}}, volume=10_000, currency="EUR")
    >>> price(table, window(20, 400), window(62, 400), None).sentence
    "About EUR 3,100 to 7,400 more per window of 10,000 documents, 'bad' predicted as 'good'."
    """
    if reference.label_names != current.label_names:
        raise WindowError(
            f"the windows name their classes differently, {list(reference.label_names)[:20]} and "
            f"{list(current.label_names)[:20]}; number both by the sorted names of both windows together"
        )
    values = table.values(reference.label_names)
    volume = table.volume if table.volume is not None else float(len(current))
    before, after = _counted(reference), _counted(current)
    both = before.n_documents and after.n_documents
    # Where classes are spelled anew their mistakes would cost nothing, and a broken pipeline would look harmless.
    unpriced = _share_of_unpriced(table, before, after, reference.label_names)
    both = both and unpriced < _MOST_UNPRICED
    measured = _measured(values, volume, before, after, reference.label_names) if both else None
    notes = []
    priced = None
    if estimated is not None and estimated.reference_confusion is not None:
        sides = estimated.reference_confusion, estimated.confusion
        if min(side.n_documents for side in sides) < _FEWEST_ESTIMATED:
            notes.append(f"The estimate was not priced: a window has fewer than {_FEWEST_ESTIMATED} documents with it.")
        else:
            priced = _estimated(values, volume, *sides)
            notes.append(_BLIND)
    elif estimated is not None:
        notes.append("The model's probabilities could not be corrected, so the estimate was not priced.")
    if measured is None and priced is None:
        return None
    if measured is not None and measured.at_same_labels is None:
        notes.append(
            "A label that costs money is missing in the current window, so the part of the change that does not come "
            "from moved label shares could not be told."
        )
    if measured is not None:
        left_out = len(current) - int(((current.labels >= 0) & (current.predictions >= 0)).sum())
        if left_out:
            notes.append(
                f"{left_out:,} of {len(current):,} rows of the current window lack a label or a prediction; the "
                "measured cost holds for all only if the labelled rows were chosen by chance."
            )
    return Cost(
        table=replace(table, volume=volume),
        measured=measured,
        estimated=priced,
        doubts=tuple(DOUBTS[flag] for flag in estimated.flags if flag in DOUBTS) if estimated else (),
        notes=tuple(notes),
    )


def judge_by_cost(cost: Cost, fail_above: float) -> bool | None:
    """Say whether a gate on additional cost passes: ``True``, ``False``, or ``None`` where the data cannot tell.

    It passes when the whole interval of the change is at most `fail_above`, and fails when the whole interval is above.
    An estimate that something speaks against decides nothing.

    >>> from textdrift.stats.valued_shares import MeanInterval
    >>> none = MeanInterval(0.0, 0.0, 0.0)
    >>> priced = PricedChange(basis="labels", reference=none, current=none, change=MeanInterval(5.0, 2.0, 9.0),
    ...                       at_same_labels=None, cells=(), n_documents=(9, 9))
    >>> cost = Cost(table=CostTable(matrix={"a": {"b": 1.0}}), measured=priced, estimated=None, doubts=(), notes=())
    >>> judge_by_cost(cost, 10.0), judge_by_cost(cost, 1.0), judge_by_cost(cost, 5.0)
    (True, False, None)
    """
    leading = cost.leading
    if leading.basis == "estimate" and cost.doubts:
        return None
    if leading.change.high <= fail_above:
        return True
    return False if leading.change.low > fail_above else None


def _counted(rows: ScoredRows) -> _Counts:
    known = rows.where((rows.labels >= 0) & (rows.predictions >= 0))
    k = len(rows.label_names)
    cells = np.bincount(known.labels * k + known.predictions, weights=known.weights, minlength=k * k)
    return _Counts(np.asarray(cells, dtype=np.float64).reshape(k, k), len(np.unique(known.documents)))


def _share_of_unpriced(table: CostTable, before: _Counts, after: _Counts, label_names: tuple[str, ...]) -> float:
    """Return the share of current documents whose label or prediction is new and is not named in the table."""
    named = {*table.matrix, *(prediction for row in table.matrix.values() for prediction in row)}
    known = np.array([name in named for name in label_names])
    known |= (before.cells.sum(axis=0) > 0) | (before.cells.sum(axis=1) > 0)
    priced = float(after.cells[np.ix_(known, known)].sum())
    return 1.0 - priced / after.n_documents if after.n_documents else 0.0


def _measured(
    values: Floats, volume: float, before: _Counts, after: _Counts, label_names: tuple[str, ...]
) -> PricedChange:
    sides = [mean_interval(values, counts.cells, counts.n_documents) for counts in (before, after)]
    same = _at_same_labels(values, before, after)

    def cell(y: int, p: int) -> MeanInterval:
        return difference_interval(
            *(mean_interval(values[y, p], counts.cells[y, p], counts.n_documents) for counts in (before, after))
        )

    return PricedChange(
        basis="labels",
        reference=_times(sides[0], volume),
        current=_times(sides[1], volume),
        change=_times(difference_interval(*sides), volume),
        at_same_labels=_times(same, volume) if same else None,
        cells=_by_cell(values, volume, label_names, cell),
        n_documents=(before.n_documents, after.n_documents),
    )


def _estimated(values: Floats, volume: float, before: ExpectedConfusion, after: ExpectedConfusion) -> PricedChange:
    def side(confusion: ExpectedConfusion) -> MeanInterval:
        mean = _mean(values, confusion)
        reach = _TWO_SIDED_95 * float(np.sqrt(confusion.variance(values)))
        return MeanInterval(mean, max(mean - reach, float(values.min())), min(mean + reach, float(values.max())))

    def change(value_of: Floats) -> MeanInterval:
        moved = _mean(value_of, after) - _mean(value_of, before)
        reach = _TWO_SIDED_95 * float(np.sqrt(after.change_variance(before, value_of)))
        return MeanInterval(moved, moved - reach, moved + reach)

    def cell(y: int, p: int) -> MeanInterval:
        only = np.zeros_like(values)
        only[y, p] = values[y, p]
        return change(only)

    return PricedChange(
        basis="estimate",
        reference=_times(side(before), volume),
        current=_times(side(after), volume),
        change=_times(change(values), volume),
        at_same_labels=None,
        cells=_by_cell(values, volume, after.label_names, cell),
        n_documents=(before.n_documents, after.n_documents),
    )


def _mean(value_of: Floats, confusion: ExpectedConfusion) -> float:
    return float((value_of * confusion.shares).sum())


def _at_same_labels(values: Floats, before: _Counts, after: _Counts) -> MeanInterval | None:
    """Return the change of the mean cost with each label's share that of the reference, as if that were known."""
    of_label = before.cells.sum(axis=1), after.cells.sum(axis=1)
    priced = np.flatnonzero((of_label[0] > 0) & (values != 0).any(axis=1))
    if not of_label[1][priced].all():
        return None
    mean = below = above = 0.0
    for y in priced:
        share = float(of_label[0][y]) / before.n_documents
        part = difference_interval(
            *(
                mean_interval(values[y], counts.cells[y], float(n[y]))
                for counts, n in zip((before, after), of_label, strict=True)
            )
        )
        mean += share * part.mean
        below += (share * (part.mean - part.low)) ** 2
        above += (share * (part.high - part.mean)) ** 2
    return MeanInterval(mean, mean - float(np.sqrt(below)), mean + float(np.sqrt(above)))


def _by_cell(
    values: Floats, volume: float, label_names: tuple[str, ...], cell: Callable[[int, int], MeanInterval]
) -> tuple[CellChange, ...]:
    cells = [
        CellChange(label=label_names[y], prediction=label_names[p], change=_times(cell(int(y), int(p)), volume))
        for y, p in np.argwhere(values != 0)
    ]
    return tuple(sorted(cells, key=lambda c: -abs(c.change.mean)))


def _times(interval: MeanInterval, volume: float) -> MeanInterval:
    return MeanInterval(interval.mean * volume, interval.low * volume, interval.high * volume)
