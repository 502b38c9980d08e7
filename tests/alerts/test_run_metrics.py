import datetime as dt
import math
import os
import stat
import subprocess
import sys
from collections import Counter

import pytest
from hostile_texts import HOSTILE
from hypothesis import given, settings
from hypothesis import strategies as st
from listening import Listening
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from prometheus_client.parser import text_string_to_metric_families
from whole_reports import hostile_report, sample, whole_report

from textdrift.alerts import RunMetrics, export, push, write_textfile
from textdrift.alerts.prometheus import exposition
from textdrift.alerts.run_metrics import METRICS, figures_of
from textdrift.errors import DeliveryError, MissingExtraError, SettingsError

AT = dt.datetime(2026, 11, 26, 6, tzinfo=dt.UTC)
SECRET = "hunter2-opens-it"  # noqa: S105 - what must stand nowhere


def run(report=None, **changes):
    given = {
        "job": "inputs", "last_success_at": AT, "last_run_at": AT, "n_failures": 2, "alert_status": "firing",
        "report": {"passed": False, **(whole_report() if report is None else report)}, **changes,
    }  # fmt: skip
    return RunMetrics(**given)


def parsed(run):
    """Return every sample by its name and labels, as Prometheus's own parser reads them."""
    return {
        (line.name, *sorted(line.labels.items())): line.value
        for family in text_string_to_metric_families(exposition(run).decode())
        for line in family.samples
    }


def value(samples, name, **labels):
    return samples[(name, *sorted({"job": "inputs", **labels}.items()))]


def test_prometheus_reads_every_metric_back():
    samples = parsed(run())
    assert {key[0] for key in samples} == set(METRICS)
    assert value(samples, "textdrift_last_success_timestamp_seconds") == AT.timestamp()
    assert value(samples, "textdrift_failures_total") == 2
    assert [value(samples, "textdrift_alert_state", state=s) for s in ("ok", "warning", "firing", "resolved")] == [
        0, 0, 1, 0,
    ]  # fmt: skip
    assert [value(samples, "textdrift_verdict", verdict=v) for v in ("no_drift", "drift", "inconclusive")] == [0, 1, 0]
    assert value(samples, "textdrift_severity") == 3
    assert value(samples, "textdrift_drifted", kind="lexical") == 1


def test_the_numbers_are_those_of_the_report():
    report = sample("concept")
    samples = parsed(run(report))
    for finding in report["findings"]:
        labels = {"test": finding["test"], "kind": finding["kind"]}
        found = [key for key in samples if set(labels.items()) <= set(key[1:]) and key[0] == "textdrift_effect"]
        assert any(math.isclose(samples[key], finding["effect"]["value"]) for key in found)
    assert value(samples, "textdrift_rows", window="current") == report["current"]["rows"]
    assert value(samples, "textdrift_passed") == report["passed"]
    assert math.isclose(value(samples, "textdrift_run_seconds"), sum(report["seconds"].values()))
    assert value(parsed(run(report, run_seconds=7.5)), "textdrift_run_seconds") == 7.5


def test_tests_of_several_columns_or_kinds_have_series_of_their_own():
    report = sample("words")
    numeric = dict(report["findings"][0], test="columns.numeric", kind="features", drifted=False)
    report["findings"] = [
        dict(numeric, evidence=[{"name": "quantiles", "column": column, "rows": []}], p_value=p_value)
        for column, p_value in (("age", 0.2), ("price", 0.3), ("price", 0.1))
    ]
    samples = parsed(run(report))
    assert value(samples, "textdrift_p_value", test="columns.numeric", kind="features", of="age") == 0.2
    assert value(samples, "textdrift_p_value", test="columns.numeric", kind="features", of="price") == 0.1


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_no_name_of_a_job_or_column_breaks_the_format(text):
    report = hostile_report(text)
    for finding in report["findings"]:
        finding["evidence"].append({"name": "quantiles", "column": text, "rows": []})
    written = exposition(run(report, job=text)).decode("utf-8")
    lines = [line for line in written.splitlines() if not line.startswith("#")]
    calm = exposition(run(hostile_report("calm"), job="calm")).decode().splitlines()
    assert len(lines) == len([line for line in calm if not line.startswith("#")])
    assert {key[0] for key in parsed(run(report, job=text))} == set(METRICS)


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=150), st.text(max_size=150))
def test_any_label_is_read_back_as_it_was_written(job, column):
    report = {"findings": [{"test": "t", "kind": column, "p_value": 0.5, "drifted": True}]}
    figures = {(f.metric.name, *sorted(f.labels.items())): f.value for f in figures_of(run(report, job=job))}
    assert parsed(run(report, job=job)) == figures


def test_no_two_figures_share_name_and_labels():
    for name in ("words", "concept", "meaning", "drift", "ambiguous", "inconclusive", "no_drift"):
        named = Counter((f.metric.name, *f.labels.items()) for f in figures_of(run(sample(name))))
        assert max(named.values()) == 1


def test_after_a_failure_the_last_success_stays_and_no_old_verdict_does():
    failed = RunMetrics(job="inputs", last_success_at=AT, last_run_at=AT + dt.timedelta(days=2), n_failures=3)
    names = {key[0] for key in parsed(failed)}
    assert value(parsed(failed), "textdrift_last_run_succeeded") == 0
    assert value(parsed(run()), "textdrift_last_run_succeeded") == 1
    assert names == {
        "textdrift_last_run_succeeded",
        "textdrift_last_success_timestamp_seconds", "textdrift_last_run_timestamp_seconds", "textdrift_failures_total",
    }  # fmt: skip
    assert value(parsed(failed), "textdrift_last_success_timestamp_seconds") == AT.timestamp()
    assert exposition(RunMetrics(job="never")) == b""


def test_a_time_without_a_zone_is_refused():
    with pytest.raises(SettingsError, match="with a time zone"):
        figures_of(RunMetrics(job="inputs", last_run_at=dt.datetime(2026, 11, 26)))


def test_a_report_that_lost_its_parts_still_has_figures():
    for broken in ({}, {"findings": 3, "seconds": [], "current": None}, {"findings": [{"effect": {"value": "nan"}}]}):
        assert figures_of(run(broken))


def test_a_textfile_is_readable_by_all_whatever_the_umask(tmp_path):
    path = tmp_path / "inputs.prom"
    before = os.umask(0o077)
    try:
        write_textfile(path, run())
        write_textfile(path, run(n_failures=9))
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.stat().st_mode) == 0o644
    assert 'textdrift_failures_total{job="inputs"} 9.0' in path.read_text()
    assert [entry.name for entry in tmp_path.iterdir()] == ["inputs.prom"]


def test_a_textfile_is_whole_whenever_it_is_read(tmp_path):
    path = tmp_path / "inputs.prom"
    write_textfile(path, run())
    whole = len(path.read_bytes())
    writer = subprocess.Popen(
        [sys.executable, "-c", f"""
import datetime as dt
from whole_reports import whole_report
from textdrift.alerts import RunMetrics, write_textfile
at = dt.datetime(2026, 11, 26, 6, tzinfo=dt.UTC)
run = RunMetrics(job="inputs", last_success_at=at, last_run_at=at, n_failures=2, alert_status="firing",
                 report={{"passed": False, **whole_report()}})
while True:
    write_textfile({str(path)!r}, run)
"""],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )  # fmt: skip
    try:
        read = {len(path.read_bytes()) for _ in range(4000)}
    finally:
        writer.kill()
        writer.wait()
    assert read == {whole}


def test_a_textfile_that_cannot_be_written_is_told(tmp_path):
    with pytest.raises(DeliveryError, match=r"only files that end in \.prom"):
        write_textfile(tmp_path / "inputs.txt", run())
    with pytest.raises(DeliveryError, match="No such file or directory"):
        write_textfile(tmp_path / "absent" / "inputs.prom", run())
    (tmp_path / "folder.prom").mkdir()
    with pytest.raises(DeliveryError, match="cannot be written"):
        write_textfile(tmp_path / "folder.prom", run())
    assert [entry.name for entry in tmp_path.iterdir()] == ["folder.prom"]


def test_a_gateway_gets_the_figures_in_the_place_of_the_old_ones():
    with Listening() as gateway:
        push(f"http://ann:{SECRET}@{gateway.address}/", run(job="a job/with a slash"), timeout=10)
    (request,) = gateway.requests
    assert request.method == "PUT"
    assert request.path == "/metrics/job@base64/YSBqb2Ivd2l0aCBhIHNsYXNo"
    assert request.headers["Authorization"].startswith("Basic ")
    families = list(text_string_to_metric_families(request.body.decode()))
    assert {line.name for family in families for line in family.samples} == set(METRICS)


def test_a_gateway_that_fails_is_told_in_time_and_without_secrets():
    with Listening(status=500) as broken, Listening(hold=True) as held, Listening(status=302) as moved:
        port = broken.port
        for address, told in (
            (f"http://ann:{SECRET}@{broken.address}", "refused the metrics: 500"),
            (f"http://ann:{SECRET}@{moved.address}", "refused the metrics: 302"),
            (f"http://ann:{SECRET}@{held.address}", "did not answer within 0.5 s"),
            (f"ann:{SECRET}@{broken.address}", "needs an address"),
            (f"http://ann:{SECRET}@host:x", "needs an address"),
        ):
            with pytest.raises(DeliveryError, match=told) as caught:
                push(address, run(), timeout=0.5)
            assert SECRET not in str(caught.value)
    with pytest.raises(DeliveryError, match="could not be reached"):
        push(f"http://127.0.0.1:{port}", run(), timeout=5)


def sent_to(collector):
    """Return what a collector was sent, as its own protocol reads it: figures by name and labels, and the kinds."""
    request = ExportMetricsServiceRequest.FromString(collector.requests[0].body)
    (resource,) = request.resource_metrics
    figures, kinds = {}, {}
    for metric in resource.scope_metrics[0].metrics:
        kinds[metric.name] = metric.WhichOneof("data")
        for point in getattr(metric, kinds[metric.name]).data_points:
            labels = sorted((label.key, label.value.string_value) for label in point.attributes)
            figures[(metric.name, *labels)] = point.as_double
    return figures, kinds, {label.key: label.value.string_value for label in resource.resource.attributes}


def test_a_collector_gets_the_same_figures_as_prometheus():
    with Listening() as collector:
        export(f"http://{collector.address}", run(), timeout=10)
    assert collector.requests[0].path == "/v1/metrics"
    figures, kinds, resource = sent_to(collector)
    # Of an empty label Prometheus makes none.
    assert figures == parsed(run())
    assert kinds["textdrift_failures_total"] == "sum"
    assert {kind for name, kind in kinds.items() if name != "textdrift_failures_total"} == {"gauge"}
    assert resource["service.name"] == "textdrift"


def test_two_runs_are_two_exports_of_their_own():
    for job in ("first", "second"):
        with Listening() as collector:
            export(
                f"http://{collector.address}/otlp/v1/metrics?tenant=1", RunMetrics(job=job, n_failures=1), timeout=10
            )
        assert collector.requests[0].path == "/otlp/v1/metrics?tenant=1"
        assert sent_to(collector)[0] == {("textdrift_failures_total", ("job", job)): 1.0}


def test_a_collector_that_fails_is_told_in_time_and_without_secrets():
    with Listening(status=400) as broken, Listening(hold=True) as held:
        for address, told in (
            (f"http://ann:{SECRET}@{broken.address}/{SECRET}", "refused the metrics: 400"),
            (f"http://ann:{SECRET}@{held.address}", "did not answer within 0.5 s|did not take the metrics"),
            (f"ann:{SECRET}@{broken.address}", "needs an address"),
            ("http://127.0.0.1:1/", "did not take the metrics|did not answer"),
        ):
            began = dt.datetime.now()
            with pytest.raises(DeliveryError, match=told) as caught:
                export(address, run(), timeout=0.5)
            assert (dt.datetime.now() - began).total_seconds() < 1.5
            assert SECRET not in str(caught.value)


def test_a_failed_export_prints_nothing():
    with Listening(status=400) as broken:
        program = f"""
from textdrift.alerts import RunMetrics, export, push
from textdrift.errors import DeliveryError
for send in (push, export):
    for address in ("{broken.address}", "127.0.0.1:1"):
        try:
            send(f"http://ann:{SECRET}@{{address}}/{SECRET}", RunMetrics(job="inputs", n_failures=1), timeout=2)
        except DeliveryError as error:
            print(error)
"""
        done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True)
    assert len(done.stdout.splitlines()) == 4
    assert SECRET not in done.stdout
    assert not done.stderr


def test_without_the_extra_it_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "opentelemetry.sdk.metrics", None)
    with pytest.raises(MissingExtraError, match=r"textdrift\[otel\]"):
        export("http://127.0.0.1:4318", run())
