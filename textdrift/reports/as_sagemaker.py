"""A report as Amazon SageMaker's list of violations, for those whose alarms and dashboards read that file."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from textdrift.reports import numerals, wording
from textdrift.reports.finding_columns import column_of
from textdrift.reports.gate import fails_gate, gate_case
from textdrift.reports.lexical import unit_of
from textdrift.reports.tolerant_parts import Row, number_of, rows_of, table_of, text_of
from textdrift.reports.visible_text import clipped, visible

__all__ = ["as_constraint_violations", "as_sagemaker"]

_LONGEST_NAME, _LONGEST_DESCRIPTION = 128, 500
_DRIFT = "baseline_drift_check"

# What a sentence of ``quality.schema`` says, by the check that Model Monitor has for it.
_COLUMN = re.compile(r"Column '(?P<name>.*?)' \(")
_CHECKS_OF_SCHEMA = (
    (re.compile(r" is gone(?:;|\.)"), "missing_column_check"),
    (re.compile(r" is (?:empty and was not|no longer empty)\.$| are null in "), "completeness_check"),
    (re.compile(r" spells | a new value\.$| names all of its values otherwise"), "categorical_values_check"),
    (re.compile(r" holds \S+(?: \S+)? and held "), "data_type_check"),
)


def as_constraint_violations(report: Row) -> dict[str, list[dict[str, str]]]:
    """Return a report as the object that Model Monitor's container writes to ``constraint_violations.json``.

    One violation for each deciding test that drifted, of the kinds that the job's gate fails on (all of them where no
    gate names kinds), and one for a challenger that does worse. So the list is empty where nothing fails. The feature
    is the column: that of the labels, predictions, or texts. The check is ``completeness_check`` for missing texts,
    what the schema test found by its nature, and ``baseline_drift_check`` for all else.

    Parameters
    ----------
    report:
        The dict of ``DriftReport.to_dict``, as described by ``report_schema``.

    Examples
    --------
    >>> effect = {"name": "js_bits", "value": 0.08, "low": 0.07, "high": 0.1, "material_from": 0.02}
    >>> finding = {"test": "lexical.token_frequency", "kind": "lexical", "drifted": True, "effect": effect,
    ...            "adjusted_p_value": 0.001, "sentence": "The words changed.", "evidence": []}
    >>> as_constraint_violations({"findings": [finding], "settings": {"roles": {"text": "review"}}})["violations"]
    ... # doctest: +NORMALIZE_WHITESPACE
    [{'feature_name': 'review', 'constraint_check_type': 'baseline_drift_check',
      'description': 'lexical: The words changed. js bits 0.08 [0.07, 0.1], matters from 0.02, adjusted p 0.001
      (lexical.token_frequency)'}]
    """
    found: list[dict[str, str]] = []
    for finding in rows_of(report, "findings"):
        drifted = finding.get("drifted") is True and not finding.get("supporting")
        if drifted and fails_gate(report, text_of(finding, "kind")):
            found += _of_schema(finding) if text_of(finding, "test") == "quality.schema" else [_of(finding, report)]
    challenged = gate_case(report)
    if challenged is not None and challenged.state == "failure":
        column = text_of(table_of(report, "gate", "challenger"), "column", "challenger")
        found.append(_violation(column, _DRIFT, challenged.sentence))
    return {"violations": found}


def as_sagemaker(report: Mapping[str, Any]) -> str:
    """Return the same as the text of the file: JSON in ASCII.

    >>> print(as_sagemaker({"findings": []}), end="")
    {
      "violations": []
    }
    """
    return json.dumps(as_constraint_violations(report), indent=2) + "\n"


def _violation(feature: str, check: str, description: str) -> dict[str, str]:
    return {
        "feature_name": visible(clipped(feature, _LONGEST_NAME)),
        "constraint_check_type": check,
        "description": clipped(visible(clipped(description, _LONGEST_DESCRIPTION)), _LONGEST_DESCRIPTION),
    }


def _of(finding: Row, report: Row) -> dict[str, str]:
    test, kind = text_of(finding, "test"), text_of(finding, "kind")
    check = "completeness_check" if test == "quality.missing" else _DRIFT
    told = " ".join(part for part in (f"{kind}:", text_of(finding, "sentence"), _size(finding)) if part)
    unit = unit_of(finding)
    return _violation(column_of(finding, report), check, f"{told} ({test}{'' if unit == 'words' else f', {unit}'})")


def _of_schema(finding: Row) -> Iterator[dict[str, str]]:
    """Yield a violation for each change of a column, which the test tells in sentences."""
    tables = (table for table in rows_of(finding, "evidence") if table.get("name") == "causes")
    for row in rows_of(next(tables, {}), "rows"):
        sentence = text_of(row, "sentence")
        column = _COLUMN.search(sentence)
        check = next((check for says, check in _CHECKS_OF_SCHEMA if says.search(sentence)), _DRIFT)
        yield _violation(column["name"] if column else "probabilities", check, f"quality: {sentence} (quality.schema)")


def _size(finding: Row) -> str:
    """Return how large the effect is, from which size it matters, and how surprising it is."""
    effect = table_of(finding, "effect")
    name = text_of(effect, "name")
    value, low, high, least = (number_of(effect, key) for key in ("value", "low", "high", "material_from"))
    if not name or value is None:
        return ""
    ends = {"low": low, "high": high} if low is not None and high is not None else {}
    told = f"{wording.effect_words(name)} {wording.size_told({'name': name, 'value': value, **ends})}"
    if least is not None:
        told += f", matters from {wording.threshold_size(least, name)}"
    p_value = number_of(finding, "adjusted_p_value")
    return told if p_value is None else f"{told}, adjusted p {numerals.exact_p_value(p_value)}"
