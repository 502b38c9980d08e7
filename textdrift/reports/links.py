"""Which addresses of a report may be followed: those of the web, and no other."""

from __future__ import annotations

import string
from urllib.parse import urlsplit

__all__ = ["web_link"]

_LONGEST = 2000
_ALLOWED = frozenset(string.ascii_letters + string.digits + "-._~:/?#[]@!$&()*+,;=%")


def web_link(address: object) -> str | None:
    """Return an address that a page may link to, or None: it then stays a text.

    Only ``http`` and ``https`` with a host, in the characters an address may have (RFC 3986; no quotes, no blanks, no
    letters that look like others), and without a name or password before the host, which hides where it leads.

    >>> web_link("https://wiki.example.org/drift?step=1")
    'https://wiki.example.org/drift?step=1'
    >>> web_link("javascript:alert(1)"), web_link("https://bank.example@evil.example"), web_link(None)
    (None, None, None)
    """
    if not isinstance(address, str) or len(address) > _LONGEST or not _ALLOWED.issuperset(address):
        return None
    try:
        parts = urlsplit(address)
        host = parts.hostname
        _ = parts.port  # a port that is none is a ValueError
    except ValueError:
        return None
    return address if parts.scheme in {"http", "https"} and host and "@" not in parts.netloc else None
