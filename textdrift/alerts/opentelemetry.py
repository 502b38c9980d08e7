"""The figures of a run for OpenTelemetry: the same names and labels as for Prometheus, sent once by OTLP over HTTP."""

from __future__ import annotations

import re
from contextlib import ExitStack
from itertools import groupby
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from textdrift.alerts.deadlines import TooLateError, within
from textdrift.alerts.run_metrics import Metric, RunMetrics, figures_of
from textdrift.alerts.sink_names import sink_name
from textdrift.alerts.unlogged import unlogged
from textdrift.errors import DeliveryError, MissingExtraError

__all__ = ["export"]

_USUAL_PATH = "/v1/metrics"
# Who tells why nothing was taken: the exporter itself, and in later versions what it shares with others.
_LOGGERS = ("opentelemetry.exporter.otlp.proto.http.metric_exporter", "opentelemetry.exporter.otlp.common.http")
_CODE = re.compile(r"code: (\d{3})\b")


def export(url: str, run: RunMetrics, *, timeout: float = 10.0) -> None:
    """Send the figures to an OpenTelemetry collector.

    The service is ``textdrift``; ``OTEL_RESOURCE_ATTRIBUTES`` and ``OTEL_EXPORTER_OTLP_HEADERS`` are heeded.

    Parameters
    ----------
    url:
        The collector, ``http://host:4318``; ``/v1/metrics`` is added where no path is given.
    timeout:
        Seconds that it has, repeats of the exporter included.

    Raises
    ------
    DeliveryError
        When it refuses, cannot be reached or takes too long.
    MissingExtraError
        When the extra ``otel`` is not installed.
    """
    name = sink_name(url)
    endpoint = _endpoint(url, name)
    exporter_of, reader_of, provider_of, resource = _library()
    heard: list[str] = []

    def send() -> bool:
        reader = reader_of()
        provider = provider_of(metric_readers=[reader], resource=resource, shutdown_on_exit=False)
        exporter = exporter_of(endpoint=endpoint, timeout=timeout)
        try:
            _record(provider.get_meter("textdrift"), run)
            data = reader.get_metrics_data()
            with ExitStack() as quiet:
                for logger in _LOGGERS:
                    quiet.enter_context(unlogged(logger, heard))
                return data is None or exporter.export(data, timeout_millis=timeout * 1000).name == "SUCCESS"
        finally:
            exporter.shutdown()
            provider.shutdown()

    try:
        is_sent = within(timeout, send, name=f"export to {name}")
    except TooLateError:
        raise DeliveryError(f"the collector {name} did not answer within {timeout:g} s") from None
    except Exception as error:  # noqa: BLE001 - whatever the exporter does, the run goes on
        raise DeliveryError(
            f"the collector {name} could not be used: {type(error).__name__}; check its address"
        ) from None
    if not is_sent:
        codes = [found[1] for line in heard if (found := _CODE.search(line))]
        if codes:
            raise DeliveryError(f"the collector {name} refused the metrics: {codes[-1]}")
        raise DeliveryError(f"the collector {name} did not take the metrics; is it running, and the address right?")


def _endpoint(url: str, name: str) -> str:
    try:
        parts = urlsplit(url)
        is_address = parts.scheme in {"http", "https"} and bool(parts.hostname)
        _ = parts.port  # a port that is none is a ValueError
    except ValueError:
        is_address = False
    if not is_address:
        raise DeliveryError(f"the collector {name} needs an address such as http://localhost:4318")
    path = _USUAL_PATH if parts.path in {"", "/"} else parts.path
    return urlunsplit((parts.scheme, parts.netloc, path, parts.query, ""))


def _library() -> tuple[Any, Any, Any, Any]:
    try:
        from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
        from opentelemetry.sdk.metrics import MeterProvider
        from opentelemetry.sdk.metrics.export import InMemoryMetricReader
        from opentelemetry.sdk.resources import Resource
    except ImportError as error:
        raise MissingExtraError("OpenTelemetry is not installed; pip install 'textdrift[otel]'") from error
    resource = Resource.create({"service.name": "textdrift"})
    return OTLPMetricExporter, InMemoryMetricReader, MeterProvider, resource


def _record(meter: Any, run: RunMetrics) -> None:
    def key(figure: Any) -> Metric:
        metric: Metric = figure.metric
        return metric

    for metric, figures in groupby(figures_of(run), key=key):
        unit = "s" if metric.name.endswith("_seconds") else ""
        made = meter.create_counter if metric.kind == "counter" else meter.create_gauge
        instrument = made(metric.name, unit=unit, description=metric.says)
        put = instrument.add if metric.kind == "counter" else instrument.set
        for figure in figures:
            put(figure.value, dict(figure.labels))
