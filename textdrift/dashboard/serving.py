"""The server of ``textdrift serve``: where it listens, whom it lets in, and how it stops."""

from __future__ import annotations

import contextlib
import ipaddress
import signal
import socket
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from textdrift.dashboard.app import dashboard_app
from textdrift.dashboard.guarding import LOOPBACK_NAMES, Access, host_name
from textdrift.errors import MissingExtraError, SettingsError
from textdrift.history import History

if TYPE_CHECKING:
    import uvicorn

__all__ = ["access_to", "listening", "serve"]

_SHORTEST_TOKEN = 16
_LAST_SECONDS = 3  # for answers that are under way when the server is stopped
_MOST_AT_ONCE = 64


def serve(
    history: History,
    job: str,
    *,
    host: str = "127.0.0.1",
    port: int = 8765,
    token: str | None = None,
    allowed_hosts: Sequence[str] = (),
    announce: Callable[[str], None],
) -> None:
    """Show the dashboard of a job until SIGINT or SIGTERM come.

    Parameters
    ----------
    history:
        Opened with ``read_only=True``.
    job:
        The job whose dashboard comes first.
    host, port:
        Where to listen; port 0 takes a free one. Any host but the loopback needs a token.
    token:
        What readers must show, as a Bearer header or once as ``?token=``.
    allowed_hosts:
        Further names by which the server may be asked for, such as that of a proxy before it.
    announce:
        Is told the address once the port is ours.

    Raises
    ------
    MissingExtraError
        When starlette or uvicorn is not installed.
    SettingsError
        When there is no such host, the port is taken, or a token is missing or too short.
    """
    try:
        import uvicorn
    except ImportError as error:
        raise MissingExtraError(
            "the server needs uvicorn, and it is not installed; run: pip install 'textdrift[serve]'"
        ) from error
    with listening(host, port) as listener:
        access = access_to(listener, host, token, allowed_hosts)
        config = uvicorn.Config(
            dashboard_app(history, job, access),
            access_log=False,  # an address may hold the token
            log_level="warning",
            server_header=False,
            proxy_headers=False,
            lifespan="off",
            ws="none",
            http="h11",
            loop="asyncio",
            limit_concurrency=_MOST_AT_ONCE,
            timeout_graceful_shutdown=_LAST_SECONDS,
        )
        server = uvicorn.Server(config)
        with _stopped_by_signals(server):
            announce(_address(listener, host))
            server.run(sockets=[listener])


@contextlib.contextmanager
def listening(host: str, port: int) -> Iterator[socket.socket]:
    """Take a port of a host, and give it back at the end.

    Raises
    ------
    SettingsError
        When there is no such host, or the port is taken or not ours to take.
    """
    try:
        family, _, _, _, place = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except (OSError, UnicodeError) as error:
        raise SettingsError(f"--host {host!r} is no address of this machine: {error}") from error
    with socket.socket(family, socket.SOCK_STREAM) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(place)
            listener.listen()
        except (OSError, OverflowError) as error:
            reason = getattr(error, "strerror", None) or str(error)
            raise SettingsError(
                f"port {port} of {host} cannot be taken: {reason}; name another with --port, or 0 for a free one"
            ) from error
        yield listener


def access_to(listener: socket.socket, host: str, token: str | None, allowed_hosts: Sequence[str]) -> Access:
    """Return who may read what a socket serves.

    Raises
    ------
    SettingsError
        When others than this machine could read without a token, or by one that can be guessed.
    """
    address = ipaddress.ip_address(listener.getsockname()[0].partition("%")[0])
    if token is not None and len(token) < _SHORTEST_TOKEN:
        raise SettingsError(
            f"a token needs at least {_SHORTEST_TOKEN} characters, got {len(token)}; "
            "python -c 'import secrets; print(secrets.token_urlsafe())' makes one"
        )
    if token is None and not address.is_loopback:
        raise SettingsError(
            f"--host {host} lets others read: give a token by TEXTDRIFT_TOKEN or --token, or leave --host at 127.0.0.1"
        )
    names = {*LOOPBACK_NAMES, *map(host_name, allowed_hosts)}
    if not address.is_loopback:
        names |= {host_name(host), socket.gethostname().lower()}
    return Access(token=token, names=frozenset(names), addresses=not address.is_loopback)


def _address(listener: socket.socket, host: str) -> str:
    port = listener.getsockname()[1]
    return f"http://[{host}]:{port}/" if ":" in host else f"http://{host}:{port}/"


@contextlib.contextmanager
def _stopped_by_signals(server: uvicorn.Server) -> Iterator[None]:
    """Let a signal end the server and nothing more: also one that comes before it runs.

    While it runs it takes the signals itself, and raises them once more when it has stopped.
    """

    def stop(*_: object) -> None:
        server.should_exit = True

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
