"""A list of contents for a page: every section gets a name to jump to, and a link to it."""

from __future__ import annotations

import re

__all__ = ["PLACE", "with_contents"]

PLACE = "<!--contents-->"
"""Where the list stands; no text of a report can write it, since every ``<`` of a text is escaped."""

_SECTION = re.compile(r'<section(?: class="[\w -]*")? aria-label="([^"<>]*)">')
_FEWEST, _MOST = 3, 40
_LONGEST_TITLE = 120


def with_contents(page: str) -> str:
    """Return the page with a name in each section and the list of them in its place.

    It works on the finished page, so that no template needs to know which sections the others draw.

    >>> print(with_contents('<!--contents--><section aria-label="The words"></section>'))
    <section aria-label="The words" id="part-1"></section>
    """
    titles = [match[1] for match in _SECTION.finditer(page)][:_MOST]
    links = [
        f'<li><a href="#part-{number}">{title}</a></li>'
        for number, title in enumerate(titles, start=1)
        if len(title) <= _LONGEST_TITLE
    ]
    listed = f'<nav class="contents" aria-label="On this page"><ul>{"".join(links)}</ul></nav>'
    if not titles:
        return page.replace(PLACE, "", 1)
    numbers = iter(range(1, len(titles) + 1))
    named = _SECTION.sub(lambda found: f'{found[0][:-1]} id="part-{next(numbers)}">', page, count=len(titles))
    return named.replace(PLACE, listed if len(links) >= _FEWEST else "", 1)
