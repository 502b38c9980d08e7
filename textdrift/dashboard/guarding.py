"""Who may read what the server shows: the methods, the names of the host, the token, and what a browser is told."""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

__all__ = ["COOKIE", "LOOPBACK_NAMES", "Access", "Guard", "host_name"]

COOKIE = "textdrift_session"
LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})
_METHODS = ("GET", "HEAD")

_HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=()"),
    (b"cache-control", b"no-store"),
)
_POLICY = (
    b"content-security-policy",
    b"default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """Who may read.

    Attributes
    ----------
    token:
        What a reader must show; ``None`` where whoever reaches the server may read.
    names:
        The names by which the server may be asked for. A page of a stranger whose name was made to lead here (DNS
        rebinding) asks for the stranger's name.
    addresses:
        Whether it may also be asked for by any IP address; no name was made to lead anywhere then.
    """

    token: str | None
    names: frozenset[str]
    addresses: bool = False

    def __repr__(self) -> str:
        """Return the access without its token."""
        return f"Access(token={'***' if self.token else None}, names={sorted(self.names)})"

    def knows(self, host: str) -> bool:
        """Return whether the server is called so.

        >>> Access(token=None, names=LOOPBACK_NAMES).knows("localhost:8765"), Access(
        ...     token=None, names=LOOPBACK_NAMES).knows("evil.example:8765")
        (True, False)
        """
        name = host_name(host)
        return name in self.names or (self.addresses and _is_address(name))

    def allows(self, given: str) -> bool:
        """Return whether this is the token, in a time that does not tell how much of it was right."""
        return self.token is None or hmac.compare_digest(self.token.encode(), given.encode("utf-8", "surrogatepass"))

    def remembers(self, cookie: str) -> bool:
        """Return whether a browser was given this cookie."""
        return hmac.compare_digest(self.cookie.encode(), cookie.encode("utf-8", "surrogatepass"))

    @property
    def cookie(self) -> str:
        """What a browser keeps in place of the token, so that the token itself lies nowhere."""
        return hmac.new((self.token or "").encode(), b"textdrift serve", hashlib.sha256).hexdigest()


class Guard:
    """Lets only reading through, of those who may, and tells browsers what they must not do with it.

    A middleware of ASGI around an application.
    """

    def __init__(self, app: ASGIApp, access: Access) -> None:
        self._app, self._access = app, access

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http":
            return
        from starlette.requests import Request

        async def told(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = list(message.get("headers", ()))
                given = {name for name, _ in headers}
                message["headers"] = headers + [each for each in (*_HEADERS, _POLICY) if each[0] not in given]
            await send(message)

        answer = self._refusal(Request(scope)) or self._app
        await answer(scope, receive, told)

    def _refusal(self, request: Request) -> ASGIApp | None:
        """Return the answer to who may not read, or must come again without the token; None to all others."""
        from starlette.responses import PlainTextResponse

        if request.method not in _METHODS:
            return PlainTextResponse("this server only reads\n", 405, {"Allow": ", ".join(_METHODS)})
        if not self._access.knows(request.headers.get("host", "")):
            return PlainTextResponse("this server is not called that; start it with --allow-host NAME\n", 403)
        if self._access.token is None:
            return None
        if "token" in request.query_params:
            return self._entered(request) if self._access.allows(request.query_params["token"]) else _unknown()
        kind, _, bearer = request.headers.get("authorization", "").partition(" ")
        known = kind.lower() == "bearer" and self._access.allows(bearer.strip())
        return None if known or self._access.remembers(request.cookies.get(COOKIE, "")) else _unknown()

    def _entered(self, request: Request) -> ASGIApp:
        """Let a browser keep that it showed the token, and send it to the address without."""
        from starlette.responses import RedirectResponse

        rest = urlencode([(name, value) for name, value in request.query_params.multi_items() if name != "token"])
        # One slash: two would name another host.
        place = "/" + quote(request.url.path.lstrip("/\\"), safe="/") + (f"?{rest}" if rest else "")
        answer = RedirectResponse(place, 303)
        answer.set_cookie(
            COOKIE, self._access.cookie, httponly=True, samesite="strict", secure=request.url.scheme == "https"
        )
        return answer


def host_name(host: str) -> str:
    """Return the name of a Host header, without its port.

    >>> host_name("LOCALHOST:8765"), host_name("[::1]:8765"), host_name("127.0.0.1")
    ('localhost', '::1', '127.0.0.1')
    """
    if host.startswith("["):
        return host[1:].partition("]")[0].lower()
    return host.partition(":")[0].lower().rstrip(".")


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _unknown() -> ASGIApp:
    """Answer who showed no token, or a wrong one.

    A browser that came by a link of another site does not send a strict cookie at once; it does after the next click.
    """
    from starlette.responses import HTMLResponse

    page = (
        "<!doctype html><html lang='en'><meta charset='utf-8'><title>A token is needed</title>"
        "<p>This dashboard needs its token: as <code>?token=…</code> in the address, once, or as a Bearer header.</p>"
        "<p>If you have shown it in this browser before: <a href='/'>open the dashboard</a>.</p></html>"
    )
    return HTMLResponse(page, 401, {"WWW-Authenticate": 'Bearer realm="textdrift"'})
