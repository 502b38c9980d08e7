"""What nobody is to read: values that came from the environment, passwords of URLs, addresses that are keys."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self
from urllib.parse import quote, quote_plus, unquote

__all__ = [
    "NO_SECRETS",
    "GuardedText",
    "Secrets",
    "guarded",
    "secrets_of_sink",
    "secrets_of_table",
    "secrets_of_url",
    "strings_in",
]

_HIDDEN = "***"
_SHORTEST_ANYWHERE = 4  # a shorter value is hidden only where it stands alone: "5" is a digit of many numbers
_LONG_PART = 8
_URL = re.compile(r"[a-z][a-z0-9+.-]*://[^\s'\"<>]+", re.IGNORECASE)
_PASSWORD = re.compile(r"^[^:/?#@]*:([^@]*)@")
_SECRET_KEY = re.compile(r"pass|pwd|secret|token|key|sig|auth|credential", re.IGNORECASE)
# Sinks whose address says only where they are; in those of the services the path itself is the key.
_PLAIN_SINKS = frozenset({"json", "jsons", "xml", "xmls", "form", "forms"})


@dataclass(frozen=True)
class Secrets:
    """Values that are replaced wherever a text is shown.

    Examples
    --------
    >>> Secrets(("hunter2",)).hidden("could not log in as ann:hunter2")
    'could not log in as ann:***'
    >>> Secrets(("5",)).hidden("got 5 of 15")
    'got *** of 15'
    """

    values: tuple[str, ...] = ()

    def hidden(self, text: str) -> str:
        """Return a text with every secret replaced by ``***``, also where it is quoted or escaped."""
        return text if self._pattern is None else self._pattern.sub(_HIDDEN, text)

    def hidden_in(self, value: Any) -> Any:
        """Return plain values, tables and lists with every secret replaced."""
        if isinstance(value, str):
            return self.hidden(str(value))
        if isinstance(value, Mapping):
            return {key: self.hidden_in(inner) for key, inner in value.items()}
        if isinstance(value, (list, tuple)):
            return type(value)(self.hidden_in(inner) for inner in value)
        return value

    @cached_property
    def _pattern(self) -> re.Pattern[str] | None:
        spellings = {spelled for value in self.values if value for spelled in _spellings(value)}
        # The longest first: a secret that begins another must not leave its end to be read.
        patterns = [_pattern_of(spelled) for spelled in sorted(spellings, key=len, reverse=True)]
        return re.compile("|".join(patterns)) if patterns else None

    def __repr__(self) -> str:
        """Return how many there are."""
        return f"Secrets({len(self.values)})"


NO_SECRETS = Secrets()


class GuardedText(str):
    """A text that holds a secret: used as it is, shown without it.

    >>> GuardedText("a/hunter2/b", "a/***/b")
    'a/***/b'
    """

    __slots__ = ("shown",)

    shown: str

    def __new__(cls, text: str, shown: str) -> Self:
        """Take the text and what may be shown of it."""
        made = super().__new__(cls, text)
        made.shown = shown
        return made

    def __getnewargs__(self) -> tuple[str, str]:  # type: ignore[override]  # of str it is one; this one has two
        return (str(self), self.shown)

    def __repr__(self) -> str:
        return repr(self.shown)


def guarded(value: Any, secrets: Secrets) -> Any:
    """Return a table with every text that holds a secret guarded against being shown by ``repr``."""
    if isinstance(value, str):
        shown = secrets.hidden(value)
        return value if shown == value else GuardedText(value, shown)
    if isinstance(value, dict):
        return {key: guarded(inner, secrets) for key, inner in value.items()}
    return [guarded(inner, secrets) for inner in value] if isinstance(value, list) else value


def strings_in(value: Any) -> Iterable[str]:
    """Yield every string value of tables and lists, keys apart.

    >>> list(strings_in({"a": ["x", {"b": "y"}], "c": 5}))
    ['x', 'y']
    """
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for inner in value.values():
            yield from strings_in(inner)
    elif isinstance(value, (list, tuple)):
        for inner in value:
            yield from strings_in(inner)


def secrets_of_url(text: str) -> tuple[str, ...]:
    """Return the passwords of the URLs that a text holds, and what their queries say under names of secrets.

    >>> secrets_of_url("postgresql://ann:hunter2@db.example/drift?sslpassword=k3y")
    ('hunter2', 'k3y')
    >>> secrets_of_url("data/2026-11-25.parquet")
    ()
    """
    found: list[str] = []
    for url in _URL.findall(text):
        rest = url.partition("://")[2]
        # As urllib reads it, and as SQLAlchemy does, in whose passwords ? and # may stand.
        found += [_userinfo(rest).partition(":")[2], *_PASSWORD.findall(rest)]
        for pair in rest.partition("?")[2].partition("#")[0].split("&"):
            name, _, value = pair.partition("=")
            if _SECRET_KEY.search(name):
                found.append(value)
    return _decoded(found)


def secrets_of_sink(url: str) -> tuple[str, ...]:
    """Return what of a sink's address lets others write there: of a service's the path, of any the long parts of it.

    >>> secrets_of_sink("slack://xoxb-1/T0AAAA/#drift")
    ('xoxb-1', 'T0AAAA', '#drift')
    >>> secrets_of_sink("json://localhost:8099/drift")
    ()
    >>> secrets_of_sink("https://hooks.example.org/services/B0123456789")
    ('services', 'B0123456789')
    """
    scheme, _, rest = url.partition("://")
    login = _userinfo(rest)
    place = rest[len(login) + 1 :] if login else rest
    host, *parts = re.split(r"[/?&]", place)
    found = [*secrets_of_url(url)]
    if scheme.lower() in {*_PLAIN_SINKS, "http", "https"} or "mailto" in scheme.lower():
        found += [part.rpartition("=")[2] for part in parts]
        found = [part for part in found if len(part) >= _LONG_PART or part in secrets_of_url(url)]
    else:
        found += [*re.split("[:]", login), host, *(part.rpartition("=")[2] for part in parts)]
    return _decoded(found)


def _userinfo(rest: str) -> str:
    """Return what stands before the host: ``user:password``, where the password may hold any sign."""
    return re.split(r"[?#]", rest, maxsplit=1)[0].rpartition("@")[0]


def _decoded(found: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text for raw in found if raw for text in (raw, unquote(raw)) if text))


def _spellings(value: str) -> set[str]:
    """Return a value as URLs, Python and JSON write it."""
    return {value, *_in_urls(value), repr(value)[1:-1], json.dumps(value)[1:-1]}


def _in_urls(value: str) -> tuple[str, str]:
    # A variable of the environment may hold bytes that are no UTF-8, which Python keeps as surrogates.
    return quote(value, safe="", errors="surrogatepass"), quote_plus(value, errors="surrogatepass")


def _pattern_of(spelled: str) -> str:
    if len(spelled) >= _SHORTEST_ANYWHERE:
        return re.escape(spelled)
    return rf"(?<!\w){re.escape(spelled)}(?!\w)"


def secrets_of_table(table: Mapping[str, Any], environment: Mapping[str, str]) -> Secrets:
    """Return what nobody is to read of a job: the variables, and what its URLs and sinks hold."""
    values = [*environment.values()]
    for text in strings_in(table):
        values += secrets_of_url(text)
    alerts = table.get("alerts")
    for alert in alerts if isinstance(alerts, list) else ():
        url = alert.get("url") if isinstance(alert, Mapping) else getattr(alert, "url", None)
        values += secrets_of_sink(url) if isinstance(url, str) else ()
    return Secrets(tuple(dict.fromkeys(value for value in values if value)))
