"""The answers to the labels that a report asked for in; out come estimates that stay valid: how often, and how dear."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from textdrift.errors import MissingSourceError, SettingsError, UnreadableSourceError, nearest_name
from textdrift.findings.answered_costs import AnsweredCost, cost_of_answers
from textdrift.findings.cost_table import cost_table_from
from textdrift.performance.answered_labels import AnytimeEstimate, estimate_from_answers
from textdrift.performance.label_plan import LabelPlan
from textdrift.reports.drift_report import DriftReport
from textdrift.stats.valued_shares import MeanInterval
from textdrift.windows.csv_files import csv_header, read_csv
from textdrift.windows.file_bytes import arrow_buffer

__all__ = ["cost_from_labels", "estimate_from_labels", "kept_cost"]

_ROW_COLUMN, _LABEL_COLUMN = "row", "label"
_DELIMITERS = (",", ";", "\t")


def estimate_from_labels(
    report: DriftReport | Mapping[str, Any] | str | Path,
    answers: Any,
    *,
    level: float = 0.05,
    material: float = 0.03,
    new_labels: Sequence[str] = (),
) -> AnytimeEstimate:
    """Estimate from the labels that a report asked for how often the judgement of its current window is wrong.

    Look as often as you like, after each answer: the interval covers the truth at all looks together with probability
    1 - ``level`` (Waudby-Smith and Ramdas 2023). Answers count in the order in which the report asked, up to the first
    document without one.

    Parameters
    ----------
    report:
        A report that was made with ``labels_to_ask``, its dict, or the path of its JSON file.
    answers:
        Row of the current window to label (a mapping or a pandas Series), or the path of a csv file with the columns
        ``row`` and ``label``, separated by commas, semicolons or tabs; rows without a label are not answered yet.
    level:
        The error that is allowed, over all looks together.
    material:
        The change of the error rate from which it matters.
    new_labels:
        Labels that neither window has and that answers may be, such as ``["sarcastic"]``: they contradict what was
        judged and count as wrong, and a note counts them. Any other answer that is no label of the windows is refused,
        with the nearest one: it may be a slip.

    Returns
    -------
    AnytimeEstimate

    Raises
    ------
    SettingsError
        When the report asked for no labels, or a row or label is none of those it asked about, or a new label is not
        new.
    WindowError
        When a file cannot be read.

    Examples
    --------
    >>> import textdrift
    >>> kinds = [("bad", "late again"), ("good", "quick and kind")] * 100
    >>> reference = [{"text": f"{text} {i}", "label": label} for i, (label, text) in enumerate(kinds)]
    >>> current = [{"text": f"{text} now {i}", "label": None} for i, (_, text) in enumerate(kinds)]
    >>> import pandas as pd, numpy as np
    >>> vectors = [np.array([[i % 2, 1.0] for i in range(200)])] * 2
    >>> report = textdrift.compare(pd.DataFrame(reference), pd.DataFrame(current), label="label", tests={"columns": {}},
    ...                            embeddings=vectors, labels_to_ask=40)
    >>> asked = [row["row"] for row in report.to_dict()["labels_to_ask"]["rows"]]
    >>> estimate = textdrift.estimate_from_labels(report, {row: kinds[row][0] for row in asked})
    >>> estimate.error_rate[0] < 0.05
    True
    """
    for name, value in (("level", level), ("material", material)):
        if isinstance(value, bool) or not isinstance(value, (int, float, np.floating)):
            raise SettingsError(f"{name} must be a number between 0 and 1; got {value!r}")
    plan, given = _plan_and_answers(report, answers)
    return estimate_from_answers(plan, given, level=level, material=material, new_labels=new_labels)


def cost_from_labels(
    report: DriftReport | Mapping[str, Any] | str | Path,
    answers: Any,
    *,
    cost: Mapping[str, Any] | None = None,
    level: float = 0.05,
) -> AnsweredCost:
    """Price the answers to the labels that a report asked for: what its current window costs, with an interval.

    An estimate from the model's probabilities is blind to mistakes that the model was never taught. Answers see them.
    Look as often as you like, after each answer: the interval covers the truth at all looks together with probability
    1 - ``level``.

    Parameters
    ----------
    report:
        A report that was made with ``labels_to_ask`` of a window without labels, its dict, or its JSON file. Where it
        knows what a window of the reference cost, the change is priced too.
    answers:
        As ``estimate_from_labels`` takes them.
    cost:
        The prices, as ``compare`` takes them; ``None`` for those that the report was made with. Without a volume that
        of the report is taken, else the documents asked from.
    level:
        The error that is allowed, over all looks together.

    Returns
    -------
    AnsweredCost

    Raises
    ------
    SettingsError
        When the report asked for no labels or its window had some, an answer is none, or a price cannot be used or is
        missing.
    WindowError
        When a file cannot be read.

    Examples
    --------
    >>> import numpy as np, pandas as pd, textdrift
    >>> rng = np.random.default_rng(0)
    >>> def day(n, missed=0.0):
    ...     amount = rng.normal(0, 1, n)
    ...     is_missed = rng.random(n) < missed
    ...     return pd.DataFrame({"amount": amount, "guess": np.where(amount > 1, "fraud", "fine"),
    ...                          "truth": np.where((amount > 1) | is_missed, "fraud", "fine")})
    >>> before, now = day(500), day(500, missed=0.2)
    >>> cost = {"matrix": {"fraud": {"fine": 40.0}}, "currency": "EUR"}
    >>> report = textdrift.compare(before, now.assign(truth=None), text=None, features=["amount"], label="truth",
    ...                            prediction="guess", tests={"columns": {}}, cost=cost, labels_to_ask=150)
    >>> asked = [row["row"] for row in report.to_dict()["labels_to_ask"]["rows"]]
    >>> priced = textdrift.cost_from_labels(report, now["truth"].loc[asked], cost=cost)
    >>> priced.now.low < 40 * (now["truth"] != now["guess"]).sum() < priced.now.high
    True
    """
    document = _document_of(report)
    plan, given = _plan_and_answers(document, answers)
    known = document.get("cost")
    known = known if isinstance(known, Mapping) else {}
    prices_given = kept_cost(document) if cost is None else cost
    if prices_given is None:
        raise SettingsError(
            "the report was made without prices; give cost={'matrix': {label: {prediction: cost}}}, what a wrong "
            "prediction costs"
        )
    table: Any = dict(prices_given) if isinstance(prices_given, Mapping) else prices_given
    if isinstance(table, dict) and table.get("volume") is None:
        table["volume"] = known.get("volume")
    prices = cost_table_from(table)
    return cost_of_answers(prices, plan, given, level=level, before=_before(known, prices.volume))


def kept_cost(report: Mapping[str, Any]) -> Any:
    """Return the prices that a report was made with; ``None`` where there were none.

    >>> kept_cost({"settings": {"arguments": {"cost": {"currency": "EUR"}}}}), kept_cost({})
    ({'currency': 'EUR'}, None)
    """
    settings = report.get("settings")
    arguments = settings.get("arguments") if isinstance(settings, Mapping) else None
    return arguments.get("cost") if isinstance(arguments, Mapping) else None


def _plan_and_answers(
    report: DriftReport | Mapping[str, Any] | str | Path, answers: Any
) -> tuple[LabelPlan, dict[int, Any]]:
    """Return the plan of the labels that a report asked for, and the answers by the plan's positions."""
    asked = _asked(report)
    try:
        rows = {int(row["row"]): int(row["position"]) for row in asked["rows"]}
    except (KeyError, TypeError, ValueError) as problem:
        raise SettingsError(
            f"the rows of labels_to_ask in the report were changed ({type(problem).__name__}: {problem}); give the "
            "report as it was written"
        ) from problem
    given = _answers(answers)
    names = asked.get("label_names") or ()
    coded = [label for label in given.values() if isinstance(label, (int, np.integer)) and str(label) not in names]
    if names and coded:
        raise SettingsError(f"answers are labels such as {names[0]!r}; got the number {coded[0]!r}")
    strange = [row for row in given if _whole(row) not in rows]
    if strange:
        raise SettingsError(
            f"{len(strange)} answers are for rows that the report did not ask about, the first for {strange[0]!r}; use "
            "the numbers that stand in the report under labels_to_ask, counted from 0"
        )
    positions = {rows[_whole(row)]: label for row, label in given.items() if not _is_missing(label)}
    return LabelPlan.from_described(asked), positions


def _document_of(report: DriftReport | Mapping[str, Any] | str | Path) -> Mapping[str, Any]:
    """Return the dict of a report, of its dict, or of its JSON file."""
    if isinstance(report, DriftReport):
        return report.to_dict()
    if isinstance(report, Mapping):
        return report
    if not isinstance(report, (str, Path)):
        raise SettingsError(f"give a report, its dict, or the path of its JSON file; got {type(report).__name__}")
    document = _document_of_file(report)
    return document if isinstance(document, Mapping) else {}


def _before(known: Mapping[str, Any], volume: float | None) -> MeanInterval | None:
    """Return what a window of the reference cost, from the report, for the volume that is priced."""
    for basis in ("measured", "estimated"):
        found = known.get(basis)
        if not isinstance(found, Mapping) or volume is None:
            continue
        ends, of = found.get("reference"), known.get("volume")
        try:
            scale = volume / float(of)  # type: ignore[arg-type]
            return MeanInterval(*(scale * float(ends[name]) for name in ("value", "low", "high")))  # type: ignore[index]
        except (KeyError, TypeError, ValueError, ZeroDivisionError) as problem:
            raise SettingsError(
                f"the cost in the report was changed ({type(problem).__name__}: {problem}); give it as it was written"
            ) from problem
    return None


def _asked(report: DriftReport | Mapping[str, Any] | str | Path) -> Mapping[str, Any]:
    document = _document_of(report)
    asked = document.get("labels_to_ask")
    if not isinstance(asked, Mapping) or not asked.get("rows"):
        reason = f" ({asked['reason']})" if isinstance(asked, Mapping) and asked.get("reason") else ""
        raise SettingsError(
            f"the report asked for no labels{reason}; make it with labels_to_ask=100, or --labels-to-ask 100"
        )
    return asked


def _document_of_file(path: str | Path) -> Any:
    file = Path(path)
    if not file.is_file():
        raise MissingSourceError(f"no report {str(path)!r}; give the report.json that compare wrote")
    try:
        return json.loads(file.read_text(encoding="utf-8"))
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        raise UnreadableSourceError(f"{path} is no JSON report: {error}") from error


def _answers(given: Any) -> Mapping[Any, Any]:
    if isinstance(given, Mapping):
        return given
    if isinstance(given, (str, Path)):
        return _answers_of_file(given)
    if hasattr(given, "items") and hasattr(given, "index") and not hasattr(given, "columns"):  # a pandas Series
        return dict(given.items())
    raise SettingsError(
        "answers are a mapping of row number to label, a pandas Series, or the path of a csv file with the columns row "
        f"and label; got {type(given).__name__}"
    )


def _answers_of_file(path: str | Path) -> dict[int, Any]:
    file, where = Path(path), repr(str(path))
    if not file.is_file():
        raise MissingSourceError(f"no file of answers {where}; it is a csv with the columns row and label")
    buffer = arrow_buffer(file.read_bytes())
    needed = (_ROW_COLUMN, _LABEL_COLUMN)
    headers = {delimiter: csv_header(buffer, where, delimiter) for delimiter in _DELIMITERS}
    # Spreadsheets of many countries write semicolons; the names of the columns tell what separates them.
    delimiter = max(headers, key=lambda each: (len(set(needed) & set(headers[each])), len(headers[each])))
    for name in needed:
        if name not in headers[delimiter]:
            raise SettingsError(f"{path} has no column {name!r}; {nearest_name(name, headers[delimiter])}")
    table = read_csv(buffer, where, needed, delimiter)
    answers: dict[int, Any] = {}
    for given, label in zip(*(table.column(name).to_pylist() for name in needed), strict=True):
        if not given and not label:  # a line of empty cells, as spreadsheets leave behind the last one
            continue
        row = _whole(given or "")
        if row in answers:
            raise SettingsError(f"{path} answers row {row} twice; keep one")
        answers[row] = label
    return answers


def _whole(row: Any) -> int:
    text = str(row).strip().removesuffix(".0")
    if isinstance(row, bool) or not text.isdecimal():
        raise SettingsError(f"answers are given by row number, counted from 0; got {row!r}")
    return int(text)


def _is_missing(label: Any) -> bool:
    return (
        label is None
        or (isinstance(label, str) and not label.strip())
        or (isinstance(label, float) and bool(np.isnan(label)))
    )
