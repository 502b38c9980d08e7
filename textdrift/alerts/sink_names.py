"""What a sink is called where everybody may read it: its scheme and host, never what lets others write there."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

__all__ = ["sink_name"]

_SCHEME = re.compile(r"[a-z][a-z0-9+.-]{0,30}")
_HOST = re.compile(r"[a-z0-9][a-z0-9._-]{0,252}|\[[0-9a-f:.]{2,45}\]")
# Whose address names a host. For every other sink what stands in its place may be a key.
_WITH_HOST = frozenset(
    {"json", "jsons", "xml", "xmls", "form", "forms", "http", "https", "mailto", "mailtos", "syslog"}
)


def sink_name(url: str) -> str:
    """Return the name of a sink without any secret: the scheme, and the host and port where its address has them.

    Two sinks may have one name; who keeps several puts their places before it.

    Examples
    --------
    >>> sink_name("json://ann:hunter2@localhost:8099/drift?+Authorization=k3y"), sink_name("slack://xoxb-1/T0/#drift")
    ('json://localhost:8099', 'slack')
    """
    scheme, mark, rest = url.strip().partition("://")
    scheme = scheme.lower()
    if not mark or not _SCHEME.fullmatch(scheme):
        return "a sink without a scheme"
    if scheme not in _WITH_HOST:
        return scheme
    try:
        parts = urlsplit(f"//{rest}")
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return scheme
    # A password that holds a slash or a question mark ends the host too early: what follows would hold the rest.
    outside = rest.removeprefix(parts.netloc)
    host = f"[{host}]" if ":" in host else host
    if "@" in outside or not _HOST.fullmatch(host):
        return scheme
    return f"{scheme}://{host}" + ("" if port is None else f":{port}")
