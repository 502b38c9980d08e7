"""assert_no_drift(): a comparison as one line of a test suite."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, get_args

from textdrift.comparing import compare
from textdrift.drift.catalog import CATALOG
from textdrift.embeddings import Encoder
from textdrift.errors import DriftAssertionError, SettingsError, nearest_name
from textdrift.findings.column_sentences import column_of
from textdrift.findings.deciding import verdict_of
from textdrift.findings.finding import Finding
from textdrift.findings.phrases import quoted
from textdrift.findings.severity import Severity
from textdrift.reports import numerals, wording
from textdrift.reports.drift_report import DriftReport
from textdrift.reports.visible_text import clipped, visible

__all__ = ["assert_no_drift"]

_SEVERITIES: tuple[str, ...] = get_args(Severity)
_MOST_TERMS, _MOST_FINDINGS, _LONGEST_TERM = 10, 6, 40


def assert_no_drift(
    reference: Any,
    current: Any,
    *,
    allow: Sequence[str] = (),
    min_severity: str | None = None,
    allow_inconclusive: bool = False,
    text: str | None = "text",
    label: str | None = None,
    prediction: str | None = None,
    probabilities: Mapping[str, str] | None = None,
    time: str | None = None,
    id: str | None = None,  # noqa: A002 - the role is called id
    group: str | None = None,
    segments: Sequence[str] | None = (),
    features: Sequence[str] | None = (),
    encoder: str | Path | Mapping[str, Any] | Encoder | None = None,
    embeddings: Any = None,
    tests: Mapping[str, Mapping[str, Any] | None] | None = None,
    cost: Mapping[str, Any] | None = None,
    playbook: Mapping[str, Any] | None = None,
    examples: int = 0,
    alpha: float = 0.05,
    seed: int = 0,
) -> DriftReport:
    """Fail where two windows differ, or are too small to tell; return the report where they do not.

    The same windows and seed give the same answer, so a test does not flicker. With the plugin for pytest, which comes
    with textdrift, ``pytest --textdrift-reports DIR`` writes the page of each comparison that failed.

    Parameters
    ----------
    reference, current:
        As for ``textdrift.compare``, and so is every argument that is not told here.
    allow:
        Kinds of drift that are no failure, such as ``["lexical"]``.
    min_severity:
        ``info``, ``warning`` or ``critical``: milder drift is no failure; ``None``: any drift is.
    allow_inconclusive:
        Whether windows that are too small to show a change that matters pass.

    Raises
    ------
    DriftAssertionError
        An ``AssertionError``; its ``report`` is the report.
    SettingsError
        For a kind or a severity that does not exist, and as ``textdrift.compare``.
    WindowError, EncoderError
        As ``textdrift.compare``.

    Examples
    --------
    >>> before = [f"parcel {i}: on time" for i in range(200)]
    >>> after = [f"parcel {i}: nobody answers" for i in range(200)]
    >>> assert_no_drift(before, after, tests={"lexical": {}}, allow=["lexical"]).verdict
    'drift'
    >>> assert_no_drift(before, after, tests={"lexical": {}})  # doctest: +IGNORE_EXCEPTION_DETAIL
    Traceback (most recent call last):
    textdrift.errors.DriftAssertionError: Drift in the words: ...
    """
    __tracebackhide__ = True  # pytest then shows the line of the test
    _check(allow, min_severity)
    report = compare(
        reference, current, text=text, label=label, prediction=prediction, probabilities=probabilities, time=time,
        id=id, group=group, segments=segments, features=features, encoder=encoder, embeddings=embeddings, tests=tests,
        cost=cost, playbook=playbook, examples=examples, alpha=alpha, seed=seed,
    )  # fmt: skip
    severities = _severity_of_kinds(report)
    least = 0 if min_severity is None else _SEVERITIES.index(min_severity)
    failing = [kind for kind, rank in severities.items() if kind not in allow and rank >= least]
    # Drift that is allowed does not make a blind test see.
    is_blind = not failing and verdict_of((), report.findings) == "inconclusive"
    if failing or (is_blind and not allow_inconclusive):
        error = DriftAssertionError("\n".join(_lines(report, failing, severities)))
        error.report = report
        raise error
    return report


def _check(allow: object, min_severity: object) -> None:
    if isinstance(allow, str) or not isinstance(allow, Sequence):
        raise SettingsError(f"allow needs a list of kinds of drift, such as ['lexical']; got {allow!r}")
    kinds = sorted({entry.kind for entry in CATALOG} | {"features"})
    for kind in allow:
        if kind not in kinds:
            raise SettingsError(f"allow: there is no kind of drift {kind!r}; {nearest_name(kind, kinds)}")
    if min_severity is not None and min_severity not in _SEVERITIES:
        raise SettingsError(f"there is no severity {min_severity!r}; {nearest_name(min_severity, _SEVERITIES)}")


def _severity_of_kinds(report: DriftReport) -> dict[str, int]:
    """Return how bad each kind is that drifted, strongest first, as a place among the severities."""
    worst = dict.fromkeys(report.diagnosis.kinds, 0)
    for finding in report.to_dict()["findings"]:
        if finding["severity"] is not None and finding["kind"] in worst:
            worst[finding["kind"]] = max(worst[finding["kind"]], _SEVERITIES.index(finding["severity"]))
    return worst


def _lines(report: DriftReport, failing: Sequence[str], severities: Mapping[str, int]) -> Iterator[str]:
    yield str(report)
    if not failing:
        drifted = f" (drift of {', '.join(severities)} was allowed)" if severities else ""
        yield f"The verdict is inconclusive{drifted}: give more rows, or allow_inconclusive=True."
    told = [
        f"{kind} ({_SEVERITIES[rank]}{'' if kind in failing else ', allowed'})" for kind, rank in severities.items()
    ]
    if told:
        yield f"kinds: {', '.join(told)}"
    document = report.to_dict()
    terms = [
        f"{'+' if term['direction'] == 'up' else '-'}{visible(clipped(str(term['term']), _LONGEST_TERM))}"
        for term in document["diagnosis"]["terms"][:_MOST_TERMS]
    ]
    if terms:
        yield f"words: {' '.join(terms)}"
    shown = [f for f in report.findings if not f.supporting and (f.drifted if failing else not f.conclusive)]
    yield from map(_line, shown[:_MOST_FINDINGS])


def _line(finding: Finding) -> str:
    name, column = finding.effect.name, column_of(finding.result)
    where = finding.result.test if column is None else f"{finding.result.test} of {visible(quoted(column))}"
    parts = [f"{where}: {wording.effect_words(name)} {wording.effect_size(finding.effect.value, name)}"]
    if finding.material_from is not None:
        parts.append(f"matters from {wording.threshold_size(finding.material_from, name)}")
    if finding.adjusted_p_value is not None:
        parts.append(f"adjusted p {numerals.exact_p_value(finding.adjusted_p_value)}")
    return ", ".join(parts)
