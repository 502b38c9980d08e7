"""Handing a message to a sink by Apprise, in time or not at all."""

from __future__ import annotations

import http
import json
import math
import re
import time
import warnings
from collections.abc import Mapping
from typing import Any

from textdrift.alerts.deadlines import TooLateError, within
from textdrift.alerts.message_text import as_text
from textdrift.alerts.sink_names import sink_name
from textdrift.alerts.unlogged import unlogged
from textdrift.errors import DeliveryError, SettingsError, nearest_name

__all__ = ["check_sink", "deliver"]

_FOR_PROGRAMS = frozenset({"json", "jsons"})
_ERROR_CODE = re.compile(r"error=(\d{3})\b")
_WEB_HINTS: Mapping[str, str] = {"http": "json", "https": "jsons"}
_ALMOST = 0.9


def deliver(url: str, message: Mapping[str, Any], *, timeout: float = 10.0) -> None:
    """Hand a message to one sink.

    To ``json://`` and ``jsons://`` the posted payload has the JSON text of the message under ``message``; every other
    sink gets the title and the text of ``as_text``. Redirects are not followed: a message would be lost on the way.

    Parameters
    ----------
    url:
        The sink's address, as Apprise takes it.
    message:
        What ``message_of`` gave.
    timeout:
        Seconds that the sink has, all in all. One that answers later may have taken the message; a repeat has the same
        ``dedup_key``.

    Raises
    ------
    DeliveryError
        When the address cannot be used, the sink refuses, cannot be reached, or takes too long. No part of the address
        but scheme, host and port stands in it.
    """
    name = sink_name(url)
    if not (isinstance(timeout, (int, float)) and math.isfinite(timeout) and timeout > 0):
        raise DeliveryError(f"{name}: a sink needs a timeout of some seconds; got {timeout!r}")
    heard: list[str] = []
    try:
        with unlogged("apprise", heard):
            sink = _opened(url)
    except SettingsError as error:
        raise DeliveryError(str(error)) from None
    _hurry(sink, message, timeout)
    title, body, told_as = _spoken(url, message)

    def send() -> bool:
        # Not by Apprise's own dispatch: its threads are waited for when a program ends, and log where nobody listens.
        with unlogged("apprise", heard):
            return bool(sink.notify(body=body, title=title, body_format=told_as, notify_type=_notify_type(message)))

    began = time.monotonic()
    try:
        is_sent = within(timeout, send, name=f"sink {name}")
    except TooLateError:
        raise DeliveryError(f"{name} did not answer within {timeout:g} s") from None
    except Exception as error:  # noqa: BLE001 - whatever a sink does, the run goes on; its words may hold the address
        raise DeliveryError(f"{name} could not be used: {type(error).__name__}; check its address") from None
    if not is_sent:
        is_late = time.monotonic() - began >= _ALMOST * timeout  # Apprise was first to give up
        why = f"did not answer within {timeout:g} s" if is_late else _refusal(heard)
        raise DeliveryError(f"{name} {why}")


def check_sink(url: str) -> None:
    """Raise where an address is none that a message can be sent to; nothing is sent.

    Raises
    ------
    SettingsError
        For an unknown scheme (the nearest is named) or an address that lacks what its scheme needs.

    Examples
    --------
    >>> check_sink("json://localhost:8099/drift")
    >>> check_sink("slak://xoxb-1/T0/#drift")
    Traceback (most recent call last):
    textdrift.errors.SettingsError: there is no sink 'slak://': did you mean 'slack'?
    """
    with unlogged("apprise", []):
        _opened(url)


def _opened(url: str) -> Any:
    """Return Apprise's own object for an address."""
    apprise = _loaded()
    known = sorted(set(apprise.manager_plugins.NotificationManager().schemas()))
    scheme, mark, _ = url.strip().partition("://")
    scheme = scheme.lower()
    if not mark:
        raise SettingsError("a sink needs an address with a scheme, such as json://localhost:8099/drift or slack://…")
    asset = apprise.AppriseAsset(
        app_id="textdrift", app_desc="textdrift", image_url_mask="", image_url_logo="", secure_logging=True
    )
    sink = apprise.Apprise.instantiate(url.strip(), asset=asset)
    if sink is not None:
        return sink
    if scheme in known:
        raise SettingsError(
            f"{sink_name(url)}: the address lacks something that {scheme}:// needs, or holds what it cannot be; "
            f"Apprise's page on {scheme} says what"
        )
    if scheme in _WEB_HINTS:
        raise SettingsError(f"{sink_name(url)}: a webhook is written {_WEB_HINTS[scheme]}://host:port/path")
    shown = repr(f"{scheme}://") if re.fullmatch(r"[a-z0-9+.-]{1,30}", scheme) else "of that scheme"
    hint = nearest_name(scheme, known)
    if not hint.startswith("did you mean"):
        hint = "Apprise's list of services names all, such as json, mailto, slack"
    raise SettingsError(f"there is no sink {shown}: {hint}")


def _loaded() -> Any:
    """Return Apprise with its plugins, whose imports warn of modules that a later Python drops."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        import apprise
        import apprise.manager_plugins

        apprise.manager_plugins.NotificationManager().load_modules()
    return apprise


def _hurry(sink: Any, message: Mapping[str, Any], timeout: float) -> None:
    sink.socket_connect_timeout = sink.socket_read_timeout = timeout
    sink.redirects = False
    if getattr(sink, "dedup", "") is None:  # of PagerDuty: both messages of a story belong to one incident
        sink.dedup = str(message.get("dedup_key", "")).rpartition("/")[0] or None


def _spoken(url: str, message: Mapping[str, Any]) -> tuple[str, str, Any]:
    """Return the title, the body, and the format that the sink is told the body has."""
    from apprise.common import NotifyFormat

    title, body = as_text(message)
    if url.strip().partition("://")[0].lower() in _FOR_PROGRAMS:
        return title, json.dumps(message, ensure_ascii=False, allow_nan=False), None
    return title, body, NotifyFormat.TEXT  # so that a sink of HTML or Markdown escapes it


def _notify_type(message: Mapping[str, Any]) -> Any:
    from apprise import NotifyType

    if message.get("state") in {"resolved", "recovered"}:
        return NotifyType.SUCCESS
    is_bad = message.get("state") == "error" or message.get("severity") == "critical"
    return NotifyType.FAILURE if is_bad else NotifyType.WARNING


def _refusal(heard: list[str]) -> str:
    """Say why a sink took nothing, in our own words: what Apprise logs may hold parts of the address."""
    codes = [int(found[1]) for line in heard if (found := _ERROR_CODE.search(line))]
    if not codes:
        return "could not be reached; is it running, and the address right?"
    try:
        phrase = f" {http.HTTPStatus(codes[-1]).phrase}"
    except ValueError:
        phrase = ""
    if codes[-1] < http.HTTPStatus.MULTIPLE_CHOICES:
        return "answered, but did not take the message; check its address"
    if codes[-1] < http.HTTPStatus.BAD_REQUEST:
        return f"sends elsewhere ({codes[-1]}{phrase}); give the address that it leads to"
    return f"refused the message: {codes[-1]}{phrase}"
