"""The figures of a run for Prometheus: as a file for node_exporter's textfile collector, or pushed to a Pushgateway."""

from __future__ import annotations

import os
from collections.abc import Iterable
from itertools import groupby
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit, urlunsplit

from textdrift.alerts.deadlines import TooLateError, within
from textdrift.alerts.run_metrics import RunMetrics, figures_of
from textdrift.alerts.sink_names import sink_name
from textdrift.errors import DeliveryError

__all__ = ["exposition", "push", "write_textfile"]

_READABLE_BY_ALL = 0o644


def exposition(run: RunMetrics) -> bytes:
    """Return the figures of a run in Prometheus's text format.

    >>> print(exposition(RunMetrics(job="inputs", n_failures=2)).decode().rstrip())
    # HELP textdrift_failures_total Runs that failed, since the history of the job began.
    # TYPE textdrift_failures_total counter
    textdrift_failures_total{job="inputs"} 2.0
    """
    from prometheus_client import generate_latest

    return generate_latest(_registry(run))


def write_textfile(path: str | Path, run: RunMetrics) -> None:
    """Write the figures into a file for the textfile collector of node_exporter.

    The file is replaced whole, so that no half of it is ever read, and everybody may read it: node_exporter is another
    user. It reads files that end in ``.prom``. Each job needs a file of its own.

    Raises
    ------
    DeliveryError
        When the file cannot be written, or has another ending.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_textfile(f"{folder}/inputs.prom", RunMetrics(job="inputs", n_failures=0))
    ...     print(Path(f"{folder}/inputs.prom").read_text().splitlines()[-1])
    textdrift_failures_total{job="inputs"} 0.0
    """
    target = Path(path)
    if target.suffix != ".prom":
        raise DeliveryError(f"the textfile is {str(target)!r}; node_exporter reads only files that end in .prom")
    beside = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        try:
            with beside.open("wb") as file:
                os.fchmod(file.fileno(), _READABLE_BY_ALL)
                file.write(exposition(run))
                file.flush()
                os.fsync(file.fileno())
            beside.replace(target)
        finally:
            beside.unlink(missing_ok=True)
    except OSError as error:
        told = error.strerror or type(error).__name__
        raise DeliveryError(f"the metrics cannot be written to {str(target)!r}: {told}") from None


def push(url: str, run: RunMetrics, *, timeout: float = 10.0) -> None:
    """Put the figures in the place of those that a Pushgateway holds of this job.

    Parameters
    ----------
    url:
        The gateway, ``http://host:9091``; with ``user:password@`` before the host where it asks for them.
    timeout:
        Seconds that it has.

    Raises
    ------
    DeliveryError
        When it refuses, cannot be reached or takes too long; without the password.
    """
    from urllib.error import HTTPError, URLError

    from prometheus_client import push_to_gateway

    name = sink_name(url)
    address, handler = _without_login(url, name)

    def send() -> None:
        push_to_gateway(address, job=run.job or "textdrift", registry=_registry(run), timeout=timeout, handler=handler)

    try:
        within(timeout, send, name=f"push to {name}")
    except (TooLateError, TimeoutError):
        raise DeliveryError(f"the Pushgateway {name} did not answer within {timeout:g} s") from None
    except HTTPError as error:
        code = error.code
        error.close()
        raise DeliveryError(f"the Pushgateway {name} refused the metrics: {code}") from None
    except URLError as error:
        if isinstance(error.reason, TimeoutError):
            raise DeliveryError(f"the Pushgateway {name} did not answer within {timeout:g} s") from None
        raise DeliveryError(
            f"the Pushgateway {name} could not be reached; is it running, and the address right?"
        ) from None
    except (OSError, ValueError) as error:
        raise DeliveryError(
            f"the Pushgateway {name} could not be used: {type(error).__name__}; check its address"
        ) from None


def _without_login(url: str, name: str) -> tuple[str, Any]:
    """Return the address without a name and password, and what sends with them."""
    from prometheus_client.exposition import basic_auth_handler, default_handler

    try:
        parts = urlsplit(url)
        is_address = parts.scheme in {"http", "https"} and bool(parts.hostname)
        user, password = parts.username, parts.password
        _ = parts.port  # a port that is none is a ValueError
    except ValueError:
        is_address = False
    if not is_address:
        raise DeliveryError(f"the Pushgateway {name} needs an address such as http://localhost:9091")
    address = urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))
    if user is None:
        return address, default_handler

    def with_login(url: str, method: str, timeout: float | None, headers: Any, data: bytes) -> Any:
        return basic_auth_handler(url, method, timeout, headers, data, unquote(user), unquote(password or ""))

    return address, with_login


def _registry(run: RunMetrics) -> Any:
    """Return a registry with the figures of one run and nothing else: no process, no Python, no other job."""
    from prometheus_client import CollectorRegistry

    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Collector(run))
    return registry


class _Collector:
    """What a registry asks for the families of metrics."""

    def __init__(self, run: RunMetrics) -> None:
        self._figures = figures_of(run)

    def describe(self) -> Iterable[Any]:
        """Promise nothing: the names depend on what is known of the run."""
        return ()

    def collect(self) -> Iterable[Any]:
        """Yield one family for each metric."""
        from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily

        for metric, figures in groupby(self._figures, key=lambda figure: figure.metric):
            labels = ["job", *metric.labels]
            made = CounterMetricFamily if metric.kind == "counter" else GaugeMetricFamily
            family = made(metric.name, metric.says, labels=labels)
            for figure in figures:
                family.add_metric([figure.labels[label] for label in labels], figure.value)
            yield family
