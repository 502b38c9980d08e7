"""A report as one self-contained HTML page, and as a fragment for a notebook: no network, no surprises."""

from __future__ import annotations

import base64
import functools
import hashlib
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import jinja2
from markupsafe import Markup

from textdrift.findings.phrases import percent
from textdrift.reports import labels_to_ask, numerals, wording
from textdrift.reports.bars import change_bar, longest_change, longest_end, longest_part, part_bar, sure_bar
from textdrift.reports.categories import category_tables
from textdrift.reports.columns_section import (
    QUANTILES_SHOWN,
    column_named,
    columns_of,
    histogram_bars,
    joint_of,
    unseen_of,
)
from textdrift.reports.concept import concept_of, cross_both_ways
from textdrift.reports.cost import cost_of, money, verdict_line
from textdrift.reports.gate import gate_sentences
from textdrift.reports.holders import holders_of, texts_of
from textdrift.reports.kind_summary import kind_summaries
from textdrift.reports.lexical import lexical_of, shift_words, term_groups, unit_of, unit_words
from textdrift.reports.links import web_link
from textdrift.reports.meaning import MOST_MARKS, map_of_texts, meaning_of
from textdrift.reports.own_words import of_its_windows, own_words, says_rows, template_of_rows
from textdrift.reports.page_contents import with_contents
from textdrift.reports.page_values import drawn_interval, evidence_table, flat_settings, name_shown
from textdrift.reports.performance import (
    CLASS_METRICS,
    change_words,
    doubt_words,
    figure_words,
    metric_words,
    part_words,
    performance_of,
)
from textdrift.reports.segments import segments_of
from textdrift.reports.visible_text import clipped, visible

__all__ = ["as_html", "as_html_fragment"]

PAGE_BYTES = 500_000
FRAGMENT_BYTES = 200_000
_CONTENTS_BYTES = 10_000
_BRIEFLY = 200  # characters of a text that is not the thing to look at
_READABLE, _FEW_ROWS = 200, 5  # from so few characters on rows are cut and texts are not, down to so few rows
_SENTENCE = 900  # characters that the few sentences which stand first keep, however long the rest of the report

SEVERITIES = ("info", "warning", "critical")


@dataclass(frozen=True, slots=True)
class Limits:
    """How much of a long report is shown: rows per table, before the fold and in full; characters per text."""

    rows: int
    rows_unfolded: int
    rows_in_full: int
    characters: int

    def halved(self) -> Limits:
        """Return limits that show about half as much; they never reach zero.

        A text that was cut to a few words tells nothing, so those are cut last.
        """
        cut_texts = self.characters > _READABLE or self.rows <= _FEW_ROWS
        return Limits(
            max(1, self.rows // 2),
            self.rows_unfolded,
            max(1, self.rows_in_full // 2),
            max(10, self.characters // 2) if cut_texts else self.characters,
        )


@of_its_windows
def as_html(report: Mapping[str, Any]) -> str:
    """Return a report as one HTML page of at most 500 kB that needs nothing else to be read.

    The page loads nothing and runs nothing but one script of its own, which sorts and filters (its content security
    policy forbids all else); without scripts it is as complete. It follows the reader's light or dark setting, prints,
    and can be read by keyboard, screen reader and phone. Every number on it stands in the report: what is drawn as
    ``<data value=…>`` carries the exact one. Where a report is too long for the limit, its tables are cut, weakest rows
    first, and say so.

    Parameters
    ----------
    report:
        The dict of ``DriftReport.to_dict``, as described by ``report_schema``.

    Examples
    --------
    >>> window = {"rows": 2, "rows_used": 2, "documents": 2, "start": None, "end": None, "name": "week 1"}
    >>> page = as_html({
    ...     "schema": "textdrift.report/1", "verdict": "no_drift", "summary": "Nothing changed.",
    ...     "reference": window, "current": window | {"name": "week 2"}, "findings": [],
    ...     "diagnosis": {"kinds": [], "ambiguous": [], "causes": [], "terms": [], "segments": [], "documents": []},
    ...     "settings": {}, "versions": {}, "seed": 0, "seconds": {}, "notes": [],
    ... })
    >>> page.startswith("<!doctype html>"), page.count("<script")
    (True, 1)
    """
    limits = Limits(rows=200, rows_unfolded=20, rows_in_full=200, characters=1200)
    return with_contents(_fitted("report.html.jinja", report, limits, PAGE_BYTES - _CONTENTS_BYTES))


@of_its_windows
def as_html_fragment(report: Mapping[str, Any]) -> str:
    """Return a report as a piece of HTML to be shown inside another page, such as a notebook.

    Its style is scoped to its own wrapper, it has no ids (so it may be shown twice), and it needs no script.
    """
    limits = Limits(rows=48, rows_unfolded=10, rows_in_full=8, characters=600)
    return _fitted("fragment.html.jinja", report, limits, FRAGMENT_BYTES)


def _fitted(template: str, report: Mapping[str, Any], limits: Limits, n_bytes: int) -> str:
    """Render with less and less until the page fits; the smallest page is far below any limit."""
    while True:
        smaller = limits.halved()
        page = _rendered(template, report, limits, n_bytes if smaller != limits else math.inf)
        if page is not None:
            return page
        limits = smaller


def _rendered(template: str, report: Mapping[str, Any], limits: Limits, n_bytes: float) -> str | None:
    """Render a page, or give up as soon as it is longer than that."""
    environment = _environment(rows=says_rows())
    pieces = environment.get_template(template).generate(
        report=report,
        kinds=kind_summaries(report),
        term_groups=term_groups(report),
        lexical=lexical_of(report),
        meaning=meaning_of(report),
        categories=category_tables(report),
        columns=columns_of(report),
        joint=joint_of(report),
        unseen=unseen_of(report),
        segments=segments_of(report),
        concept=concept_of(report),
        performance=performance_of(report),
        cost=cost_of(report),
        asked=labels_to_ask.asked_of(report),
        limits=limits,
        most_marks=min(MOST_MARKS, 4 * limits.rows),
        holders=holders_of(report),
        texts=texts_of(report),
        style_hash=_hash_of(environment.get_template("report.css").render()),
        script_hash=_hash_of(environment.get_template("report.js").render()),
        shown=functools.partial(_shown, limits.characters),
        brief=functools.partial(_shown, min(limits.characters, _BRIEFLY)),
        sentence=functools.partial(_shown, max(limits.characters, _SENTENCE)),
        quoted=functools.partial(_shown, limits.characters, keep="\n\t"),
        name=functools.partial(name_shown, limits.characters),
        table=functools.partial(evidence_table, limits.rows_in_full),
        flat=lambda settings: list(flat_settings(settings))[: limits.rows],
    )
    page, length = [], 0
    for piece in pieces:
        page.append(piece)
        length += len(piece.encode())
        if length > n_bytes:
            return None
    return "".join(page)


def _hash_of(source: str) -> str:
    """Return what the content security policy calls a style or a script by."""
    return base64.b64encode(hashlib.sha256(source.encode()).digest()).decode()


@functools.cache
def _environment(*, rows: bool) -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=(_TemplatesOfRows if rows else jinja2.PackageLoader)("textdrift.reports", "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "own": own_words,
        "share": _number(numerals.share),
        "percent": _number(percent),
        "bare_percent": _number(lambda v: percent(v).removesuffix(" %")),
        "p_value": _number(numerals.p_value),
        "exact_p_value": _number(numerals.exact_p_value),
        "points": _number(numerals.points),
        "change": _number(lambda v: numerals.points(v, signed=True)),
        "bare_change": _number(lambda v: numerals.points(v, signed=True).removesuffix(" points")),
        "plain": _number(numerals.plain),
        "signed": _number(lambda v: f"{'+' if v > 0 else ''}{numerals.plain(v)}"),
        "count": _number(numerals.count),
        "size": lambda value, name: _number(lambda v: wording.effect_size(v, name))(value),
        "bare_size": lambda value, name: _number(lambda v: wording.bare_size(v, name))(value),
        "threshold": lambda value, name: _number(lambda v: wording.threshold_size(v, name))(value),
        "figure": lambda value, metric: _number(lambda v: figure_words(v, metric))(value),
        "bare_figure": lambda value, metric: _number(lambda v: _bare(figure_words(v, metric)))(value),
        "figure_change": lambda value, metric: _number(lambda v: change_words(v, metric))(value),
        "bare_figure_change": lambda value, metric: _number(lambda v: _bare(change_words(v, metric)))(value),
        "tenths": _number(numerals.tenths),
        "money": _number(money),
        "segment_size": lambda value, kind: _number(lambda v: wording.segment_size(v, kind))(value),
        "number": lambda value: _number(numerals.value_text)(value) if _is_number(value) else value,
    }
    environment.tests["number"] = _is_number
    environment.tests["contains_concept"] = lambda group: "concept" in group
    environment.globals |= {
        "wording": wording,
        "numerals": numerals,
        "asked_command": labels_to_ask.COMMAND,
        "asked_how": labels_to_ask.HOW,
        "asked_template": labels_to_ask.TEMPLATE,
        "class_metrics": CLASS_METRICS,
        "crosses": cross_both_ways,
        "column_named": column_named,
        "histogram_bars": histogram_bars,
        "quantiles_shown": QUANTILES_SHOWN,
        "doubt_words": doubt_words,
        "infinity": math.inf,
        "interval": drawn_interval,
        "longest_end": longest_end,
        "metric_words": metric_words,
        "part_words": part_words,
        "sure_bar": sure_bar,
        "verdict_line": verdict_line,
        "gate_sentences": gate_sentences,
        "map_of_texts": map_of_texts,
        "change_bar": change_bar,
        "longest_change": longest_change,
        "longest_part": longest_part,
        "part_bar": part_bar,
        "remedy_words": wording.remedy_words,
        "severities": SEVERITIES,
        "shift_words": shift_words,
        "unit_of": unit_of,
        "unit_words": unit_words,
        "web_link": web_link,
    }
    return environment


class _TemplatesOfRows(jinja2.PackageLoader):
    """The templates, speaking of rows."""

    def get_source(self, environment: jinja2.Environment, template: str) -> Any:
        """Return a template's text, its file, and whether it is as it was read."""
        source, *more = super().get_source(environment, template)
        return (template_of_rows(source) if template.endswith(".jinja") else source, *more)


def _number(words: Callable[[Any], str]) -> Callable[[float | None], Markup | str]:
    """Return a filter that shows a number in words and keeps the exact one for machines."""

    def tagged(value: float | None) -> Markup | str:
        return "–" if value is None else Markup('<data value="{}">{}</data>').format(repr(value), words(value))

    return tagged


def _bare(words: str) -> str:
    """Take the unit away, for the ends of an interval that stands beside a size with one."""
    return words.removesuffix(" points").removesuffix(" %")


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _shown(characters: int, text: object, *, keep: str = "") -> str:
    """Return a text of the report so that it can be looked at safely; autoescaping makes it safe to embed."""
    # Cut first, so that a text of megabytes costs no more than its first page, and once more as escapes are longer.
    return clipped(visible(clipped(str(text), characters), keep=keep), characters)
