"""A message as people read it: in a chat, a mail, on a pager."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from textdrift.reports.links import web_link
from textdrift.reports.tolerant_parts import Row, names_of, number_of, rows_of, table_of, text_of
from textdrift.reports.visible_text import clipped, visible
from textdrift.reports.wording import kind_words, segment_size

__all__ = ["as_text", "inert"]

_LONGEST_TITLE = 200
_SHOWN_SEGMENTS = 3

_TITLES: Mapping[str, str] = {
    "warning": "first signs of drift in window {window}",
    "firing": "drift in window {window}",
    "resolved": "the drift is over, by window {window}",
    "error": "the run failed for window {window}",
    "recovered": "runs work again, by window {window}",
}

# Look-alikes that do nothing: every chat has its own marks for links, mentions and emphasis, and none knows these.
_LOOK_ALIKES = str.maketrans({"<": "‹", ">": "›", "`": "ˋ", "*": "∗", "~": "∼", "|": "¦", "$": "＄"})
_MENTION = re.compile(r"(?<![\w.+-])@(?=\w)|@(?=everyone|here|channel|all\b)", re.IGNORECASE)
_SCHEME = re.compile(r"(?<=[a-z0-9]):(?=//|[^\s\w]*\w+\()|(?<=javascript):|(?<=vbscript):|(?<=mailto):", re.IGNORECASE)
_ENTITY = re.compile(r"&(?=#?\w+;)")
_EMOJI = re.compile(r":(?=[a-z_+-][\w+-]*:)", re.IGNORECASE)
_EDGE_UNDERSCORE = re.compile(r"(?<![^\W_])_|_(?![^\W_])")
_LINK_END = re.compile(r"\](?=[(\[:])")


def inert(text: str) -> str:
    """Return a text in which nothing acts in a chat or a mail: no link, mention, markup, emphasis or emoji.

    What would act is written with a sign that looks like it, so that a reader still sees what stood there. HTML and
    Markdown are escaped once more by each sink that speaks them.

    >>> print(inert("<!channel> @here [x](https://evil.example) *now* ann@example.org"))
    ‹!channel› ＠here [x] (https∶//evil.example) ∗now∗ ann@example.org
    """
    text = visible(text).translate(_LOOK_ALIKES)
    text = _MENTION.sub("＠", text)
    text = _LINK_END.sub("] ", text)
    text = _EMOJI.sub("∶", _SCHEME.sub("∶", text))
    return _EDGE_UNDERSCORE.sub("＿", _ENTITY.sub("＆", text))


def as_text(message: Mapping[str, Any]) -> tuple[str, str]:
    """Return a title and a body for people; no part of it acts, and only addresses of the web are left as links.

    Examples
    --------
    >>> title, body = as_text({"job": "inputs", "window": "2026-11-25", "state": "firing", "severity": "warning",
    ...                        "summary": "The words changed.", "terms": ["strike", "depot"], "owner": "nlp"})
    >>> print(title)
    inputs: drift in window 2026-11-25 (warning)
    >>> print(body)
    The words changed.
    Words that moved most: strike, depot
    Owner: nlp
    """
    state = text_of(message, "state")
    about = _TITLES.get(state, "window {window}").format(window=_shown(message, "window"))
    severity = _shown(message, "severity") if state in {"warning", "firing"} else ""
    title = f"{_shown(message, 'job')}: {about}{f' ({severity})' if severity else ''}"
    return clipped(title, _LONGEST_TITLE), "\n".join(_lines(message, state)) or title


def _lines(message: Row, state: str) -> Iterator[str]:
    if state == "error":
        yield f"Why: {_shown(message, 'error') or 'not known'}"
        yield "While it lasts nothing is checked. You are told once, and again when runs work."
    elif state in {"resolved", "recovered"}:
        yield from _ended(message, state)
    else:
        yield from _begun(message, state)
    if (owner := _shown(message, "owner")) and state not in {"resolved", "recovered"}:
        yield f"Owner: {owner}"
    if (runbook := web_link(message.get("runbook"))) and state not in {"resolved", "recovered"}:
        yield f"Runbook: {runbook}"
    if link := text_of(message, "link"):
        yield f"Report: {web_link(link) or inert(link)}"


def _begun(message: Row, state: str) -> Iterator[str]:
    if summary := _shown(message, "summary"):
        yield summary
    if (story := _story(message)) and story != text_of(message, "window"):
        yield f"It began with window {inert(story)}."
    if state == "warning":
        yield "No alarm yet: that needs more windows that drifted."
    if terms := [inert(term) for term in names_of(message, "terms")]:
        yield f"Words that moved most: {', '.join(terms)}"
    if places := [_place(row) for row in rows_of(message, "segments")[:_SHOWN_SEGMENTS]]:
        yield f"Most where: {'; '.join(places)}"
    if cost := inert(text_of(table_of(message, "cost"), "sentence")):
        yield f"Cost: {cost}"
    if first := _shown(message, "first_step"):
        yield f"First step: {first}"


def _ended(message: Row, state: str) -> Iterator[str]:
    summary, story = _shown(message, "summary"), _story(message)
    since = f" that began with window {inert(story)}" if story else ""
    if state == "resolved":
        yield summary or f"The drift{since} is over."
        return
    yield f"The failures{since} are over."
    if summary:
        yield f"The window itself: {summary}"


def _story(message: Row) -> str:
    """Return the window that the story of a message began with, which its key names behind the job."""
    key, job = text_of(message, "dedup_key"), f"{text_of(message, 'job')}/"
    return key.removeprefix(job).partition("/")[0] if key.startswith(job) else ""


def _place(row: Row) -> str:
    where = f"{_shown(row, 'column')} is '{_shown(row, 'value')}'"
    if within := table_of(row, "within"):
        where += f" within {_shown(within, 'column')} '{_shown(within, 'value')}'"
    kind, effect = text_of(row, "kind"), number_of(row, "effect")
    told = [inert(kind_words(kind))] if kind else []
    told += [segment_size(effect, kind)] if effect is not None else []
    return f"{where} ({', '.join(told)})" if told else where


def _shown(row: Row, key: str) -> str:
    return inert(text_of(row, key))
