"""How well does the model do where there are labels: each figure, in both windows, and its change."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from textdrift.errors import SettingsError, WindowError
from textdrift.performance.calibration_error import (
    LEAST_PROBABILITY,
    brier_score,
    calibration_error,
    log_loss,
    with_probabilities,
)
from textdrift.performance.performance_row import Figure, PerformanceRow, performance_row
from textdrift.performance.scored_rows import ScoredRows
from textdrift.performance.tallied_rows import TalliedRows
from textdrift.windows.numbers_in_words import agreed, counted

__all__ = ["MeasuredPerformance", "measure"]

_NOBODY = "no document of the {side} window has both a label and a prediction"
_WINDOWS = ("reference", "current")


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasuredPerformance:
    """What labels say about the model in two windows.

    Attributes
    ----------
    rows:
        The figures, those of all classes first.
    label_names:
        The k classes.
    confusion:
        For each window shape (k, k), label x prediction: shares of the documents, sum 1 (0 where there are none).
    n_documents:
        Documents of each window that have both a label and a prediction.
    notes:
        Sentences that a reader must know, such as how many rows lacked a label.
    """

    rows: tuple[PerformanceRow, ...]
    label_names: tuple[str, ...]
    confusion: tuple[NDArray[np.float64], NDArray[np.float64]]
    n_documents: tuple[int, int]
    notes: tuple[str, ...]

    def row(self, metric: str, label: str | None = None) -> PerformanceRow:
        """Return the row of a metric, and of a class where it is one of a class.

        Raises
        ------
        SettingsError
            When there is no such row.
        """
        for row in self.rows:
            if row.metric == metric and row.label == label:
                return row
        known = sorted({row.metric for row in self.rows})
        raise SettingsError(f"no figure {metric!r} of label {label!r}; there are {known} of labels {self.label_names}")

    def described(self) -> dict[str, Any]:
        """Return plain values for the report."""
        return {
            "rows": [row.described() for row in self.rows],
            "label_names": list(self.label_names),
            "confusion": {name: table.tolist() for name, table in zip(_WINDOWS, self.confusion, strict=True)},
            "n_reference": self.n_documents[0],
            "n_current": self.n_documents[1],
            "notes": list(self.notes),
        }


def measure(reference: ScoredRows, current: ScoredRows, *, level: float = 0.05) -> MeasuredPerformance:
    """Measure the model in both windows, on the documents that have both a label and a prediction.

    Each document weighs 1; its rows that have both share that weight. Accuracy, precision, recall and F1 are ratios of
    sums over documents: their error comes by linearisation (Cochran 1977, section 6.4), their interval is Wilson's on
    as many independent documents as would be as sure, so that 20 right of 20 are not certain. A change has the
    intervals of both windows, squared and added (Newcombe 1998; Zou and Donner 2008). Brier score, log loss and
    calibration error are there where a window has probabilities; ``support`` is a label's share of the documents.

    Macro F1 is the plain mean over the classes that documents of *both* windows carry as label, so that its change is
    one of the model and not of the list of classes. The F1 of a class that no document carries is not known: it would
    be 0 whatever the model did.

    Parameters
    ----------
    reference, current:
        Rows of both windows, over the same label names.
    level:
        Intervals miss the true value with this probability.

    Raises
    ------
    WindowError
        When the windows have different label names.
    SettingsError
        When the level is not inside (0, 1).

    Notes
    -----
    Cost: O(n (log n + k)) for n rows and k classes.

    Examples
    --------
    >>> def window(n_right, n_wrong):
    ...     n = n_right + n_wrong
    ...     labels = np.arange(n) % 2
    ...     predictions = np.where(np.arange(n) < n_right, labels, 1 - labels)
    ...     return ScoredRows(label_names=("bad", "good"), labels=labels, predictions=predictions, probabilities=None,
    ...                       documents=np.arange(n), rows=np.arange(n))
    >>> accuracy = measure(window(90, 10), window(140, 60)).row("accuracy")
    >>> [round(number, 2) for number in (accuracy.change.value, accuracy.change.low, accuracy.change.high)]
    [-0.2, -0.28, -0.1]
    """
    if reference.label_names != current.label_names:
        raise WindowError(
            f"the reference has the labels {reference.label_names}, the current window {current.label_names}; "
            "build both with the labels of both windows"
        )
    if not 0.0 < level < 1.0:
        raise SettingsError(f"level must lie between 0 and 1; got {level}: 0.05 gives 95 % intervals")
    tallies = (TalliedRows.of(reference, 1.0 - level), TalliedRows.of(current, 1.0 - level))
    return MeasuredPerformance(
        rows=(*_rows_of_all(tallies), *_rows_of_classes(tallies)),
        label_names=reference.label_names,
        confusion=(tallies[0].confusion, tallies[1].confusion),
        n_documents=(tallies[0].n_documents, tallies[1].n_documents),
        notes=tuple(
            note
            for name, rows, tally in zip(_WINDOWS, (reference, current), tallies, strict=True)
            for note in _notes(name, rows, tally)
        ),
    )


def _rows_of_all(tallies: tuple[TalliedRows, TalliedRows]) -> Iterator[PerformanceRow]:
    n = (tallies[0].n_documents, tallies[1].n_documents)
    nobody = (_NOBODY.format(side="reference"), _NOBODY.format(side="current"))
    first, second = (tally.accuracy() if tally.n_documents else Figure() for tally in tallies)
    yield performance_row("accuracy", None, (first, second), n, nobody)
    classes = np.flatnonzero(tallies[0].has_label & tallies[1].has_label)
    if classes.size:
        yield performance_row("macro_f1", None, (tallies[0].macro_f1(classes), tallies[1].macro_f1(classes)), n, nobody)
    else:
        reason = (
            "no label is carried by documents of both windows"
            if min(n)
            else "; ".join(text for text, count in zip(nobody, n, strict=True) if not count)
        )
        yield performance_row("macro_f1", None, (Figure(), Figure()), n, (reason, reason))
    if all(tally.rows.probabilities is None for tally in tallies):
        return
    known = [tally.rows.where(with_probabilities(tally.rows)) for tally in tallies]
    n = (len(np.unique(known[0].documents)), len(np.unique(known[1].documents)))
    without = tuple(f"no labelled and predicted document of the {name} window has probabilities" for name in _WINDOWS)
    # No bound: a log loss may change by any amount, a Brier score of three classes by 2.
    infinity = float("inf")
    for metric, formula in (
        ("brier_score", brier_score),
        ("log_loss", log_loss),
        ("calibration_error", calibration_error),
    ):
        first, second = (
            Figure(*formula(rows, confidence=tallies[0].confidence)) if len(rows) else Figure() for rows in known
        )
        yield performance_row(
            metric, None, (first, second), n, (without[0], without[1]), least=-infinity, most=infinity
        )


def _rows_of_classes(tallies: tuple[TalliedRows, TalliedRows]) -> Iterator[PerformanceRow]:
    names = tallies[0].rows.label_names
    absent = {
        "precision": "the model predicts this label for no document of the {side} window",
        "recall": "no document of the {side} window carries this label",
        "f1": "no document of the {side} window carries this label",
        "support": _NOBODY,
    }
    of_classes = [tally.of_classes() for tally in tallies]
    for position, name in enumerate(names):
        for metric, reason in absent.items():
            figures, n = [], []
            for tally, by_metric in zip(tallies, of_classes, strict=True):
                row, counts = by_metric[metric]
                unknown = metric == "f1" and not tally.has_label[position]
                figures.append(Figure() if unknown else row[position])
                n.append(int(counts[position]))
            reasons = (reason.format(side="reference"), reason.format(side="current"))
            yield performance_row(metric, name, (figures[0], figures[1]), (n[0], n[1]), reasons)


def _notes(name: str, rows: ScoredRows, tally: TalliedRows) -> Iterator[str]:
    unlabelled, unpredicted = int((rows.labels < 0).sum()), int((rows.predictions < 0).sum())
    used = tally.n_documents
    lacking = [
        f"{n:,} {agreed(n, 'lacks', 'lack')} a {what}"
        for n, what in ((unlabelled, "label"), (unpredicted, "prediction"))
        if n
    ]
    if lacking:
        stand_on = counted(used, "document")
        yield f"Of {len(rows):,} {name} rows {' and '.join(lacking)}; its figures stand on {stand_on}."
    carried = np.flatnonzero(tally.has_label)
    if used and len(carried) == 1:
        yield f"Every {name} document that could be used carries the label {rows.label_names[carried[0]]!r}."
    if tally.rows.probabilities is None or not used:
        return
    known = with_probabilities(tally.rows)
    if not known.all():
        yield (
            f"{int((~known).sum()):,} of {len(known):,} {name} rows with a label and a prediction lack probabilities; "
            "Brier score, log loss and calibration error leave them out."
        )
    scored = tally.rows.where(known)
    own = np.asarray(scored.probabilities)[np.arange(len(scored)), scored.labels]
    denied = int((own < LEAST_PROBABILITY).sum())
    if denied:
        yield (
            f"For {denied:,} {name} rows the model gave the true label a probability of 0; the log loss counts it as "
            f"{LEAST_PROBABILITY:g}."
        )
