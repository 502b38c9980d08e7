"""A report is an event of the span that is open, with attributes that OpenTelemetry takes."""

import sys

import pytest
from whole_reports import whole_report

from textdrift.alerts import add_span_event
from textdrift.errors import MissingExtraError, SettingsError

REPORT = {"passed": False, "digest": "sha256:0a1b", **whole_report()}


def test_the_open_span_gets_an_event_and_no_failure():
    trace = pytest.importorskip("opentelemetry.sdk.trace", reason="pip install 'textdrift[otel]'")
    from opentelemetry.trace import StatusCode

    tracer = trace.TracerProvider(shutdown_on_exit=False).get_tracer("test")
    with tracer.start_as_current_span("score") as span:
        assert add_span_event(REPORT)
    (event,) = span.events
    assert event.name == "textdrift.report"
    assert event.attributes["textdrift.verdict"] == "drift"
    assert event.attributes["textdrift.kinds"] == ("lexical", "semantic", "label", "quality")
    assert event.attributes["textdrift.passed"] is False
    assert event.attributes["textdrift.rows.current"] == REPORT["current"]["rows"]
    assert span.status.status_code is StatusCode.UNSET


def test_without_a_span_nothing_happens():
    pytest.importorskip("opentelemetry", reason="pip install 'textdrift[otel]'")
    assert not add_span_event(REPORT)
    with pytest.raises(SettingsError, match="span needs a span of OpenTelemetry; got a str"):
        add_span_event(REPORT, "score")


def test_a_library_that_is_not_there_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "opentelemetry.trace", None)
    with pytest.raises(MissingExtraError, match=r"textdrift\[otel\]"):
        add_span_event(REPORT)


def test_what_acts_in_a_name_is_written_out():
    class Span:
        def is_recording(self):
            return True

        def add_event(self, name, attributes):
            self.attributes = attributes

    pytest.importorskip("opentelemetry", reason="pip install 'textdrift[otel]'")
    span = Span()
    assert add_span_event({**REPORT, "summary": "Column 'a\u202eb\nc' moved."}, span)
    assert span.attributes["textdrift.summary"] == r"Column 'a\u202eb\nc' moved."
