"""What textdrift needs of the machine: Python, packages, a device, a cache, and the servers that a job names."""

from __future__ import annotations

import os
import platform
import shutil
import socket
import sys
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from textdrift.cli.job_checks import Check, check_history, check_sinks
from textdrift.errors import TextdriftError

if TYPE_CHECKING:
    from packaging.requirements import Requirement

    from textdrift.job_config import JobConfig

__all__ = ["connection_checks", "environment_checks"]

_SECONDS = 5.0
_LEAST_FREE = 10**9
_PORTS = {"http": 80, "https": 443, "json": 80, "jsons": 443, "xml": 80, "xmls": 443, "form": 80, "forms": 443}


def environment_checks() -> Iterator[Check]:
    """Look at Python, the packages, the device and the cache; torch is loaded for it, a model is not."""
    from textdrift import __version__

    yield Check(
        "python", "ok", f"{platform.python_version()} on {platform.system()} {platform.machine()}, {sys.executable}"
    )
    yield Check("textdrift", "ok", __version__)
    yield from _packages()
    yield _device()
    yield _cache()


def _packages() -> Iterator[Check]:
    from packaging.requirements import Requirement

    try:
        needed = [Requirement(line) for line in metadata.requires("textdrift") or ()]
        extras = sorted(set(metadata.metadata("textdrift").get_all("Provides-Extra") or ()) - {"all", "dev"})
    except metadata.PackageNotFoundError:
        yield Check("packages", "fault", "textdrift itself is not installed; pip install textdrift")
        return
    always = [one for one in needed if one.marker is None or one.marker.evaluate({"extra": ""})]
    faults = [fault for one in always if (fault := _fault_of(one))]
    for fault in faults:
        yield Check("packages", "fault", f"{fault}; pip install --upgrade textdrift")
    if not faults:
        yield Check("packages", "ok", f"all {len(always)} that are needed: {', '.join(sorted(map(_version, always)))}")
    for extra in extras:
        own = [one for one in needed if one not in always and one.marker and one.marker.evaluate({"extra": extra})]
        missing = [fault for one in own if (fault := _fault_of(one))]
        told = f"{'; '.join(missing)}; pip install 'textdrift[{extra}]' brings it" if missing else _listed(own)
        yield Check("extra", "note" if missing else "ok", f"{extra}: {told}")


def _listed(requirements: list[Requirement]) -> str:
    return ", ".join(map(_version, requirements)) or "nothing of its own"


def _version(requirement: Requirement) -> str:
    return f"{requirement.name} {metadata.version(requirement.name)}"


def _fault_of(requirement: Requirement) -> str:
    """Return what is wrong with an installed package, nothing where all is well."""
    try:
        version = metadata.version(requirement.name)
    except metadata.PackageNotFoundError:
        return f"{requirement.name} is not installed"
    if requirement.specifier.contains(version, prereleases=True):
        return ""
    return f"{requirement.name} {version} is installed, and {requirement.specifier} is needed"


def _device() -> Check:
    from textdrift.embeddings.device_in_words import device_in_words

    try:
        return Check("device", "ok", device_in_words())
    except TextdriftError as error:
        return Check("device", "fault", str(error))


def _cache() -> Check:
    from textdrift.embeddings.vector_cache import VectorCache

    try:
        file = VectorCache().path
    except TextdriftError as error:
        return Check("cache", "fault", str(error))
    place = next((part for part in file.parents if part.exists()), Path("/"))
    if not place.is_dir() or not os.access(place, os.W_OK | os.X_OK):
        return Check("cache", "fault", f"{file.parent} cannot be written; set TEXTDRIFT_CACHE to a folder that can")
    if file.exists() and not os.access(file, os.W_OK):
        return Check("cache", "fault", f"{file} cannot be written; set TEXTDRIFT_CACHE to another folder")
    size = file.stat().st_size if file.exists() else 0
    free = shutil.disk_usage(place).free
    told = f"{file.parent}, {size / 1e6:,.0f} MB of vectors, {free / 1e9:,.1f} GB free"
    return Check("cache", "note" if free < _LEAST_FREE else "ok", told)


def connection_checks(config: JobConfig) -> Iterator[Check]:
    """Reach the history and the machines that sinks and metrics name; nothing is sent to them."""
    yield from check_history(config)
    yield from check_sinks(config)
    metrics = config.metrics
    places = [(f"alert {place}", alert.url) for place, alert in enumerate(config.alerts, start=1)]
    if metrics is not None:
        places += [(name, url) for name in ("push", "otlp") if (url := getattr(metrics, name))]
    for name, url in places:
        check = _reached(name, url)
        if check is not None:
            yield check


def _reached(name: str, url: str) -> Check | None:
    """Open a connection to the machine of a web address; of other addresses only Apprise knows which they mean."""
    try:
        parts = urlsplit(url if "://" in url else f"http://{url}")
        host, port = parts.hostname, parts.port or _PORTS.get(parts.scheme.lower())
    except ValueError:
        return Check("reach", "fault", f"{name}: its address has no port that is a number")
    if host is None or port is None:
        return None
    try:
        with socket.create_connection((host, port), timeout=_SECONDS):
            return Check("reach", "ok", f"{name}: {host} answers on port {port}")
    except OSError as error:
        reason = error.strerror or str(error)
        return Check("reach", "fault", f"{name}: {host} does not answer on port {port} ({reason})")
