"""What can be known of a job without running it: its sources, columns, tests, encoder, history and sinks."""

from __future__ import annotations

import contextlib
import datetime as dt
import logging
import os
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from textdrift.cli.printing import print_message
from textdrift.errors import MissingSourceError, TextdriftError, nearest_name

if TYPE_CHECKING:
    from textdrift.job_config import JobConfig

__all__ = ["Check", "check_encoder", "check_history", "check_sinks", "job_checks", "print_check"]


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at.

    Attributes
    ----------
    name:
        What was looked at.
    state:
        ``fault`` where a run would fail on it, ``note`` where one should know of it.
    told:
        What was found.
    """

    name: str
    state: Literal["ok", "note", "fault"]
    told: str


def print_check(check: Check, config: JobConfig | None) -> None:
    """Print a check as one line to stdout, without the secrets of the job."""
    line = " ".join(f"{check.state:<5}  {check.name:<9}  {check.told}".split("\n"))
    print_message(line if config is None else config.hidden(line), to_stdout=True)


def job_checks(config: JobConfig, date: dt.date) -> Iterator[Check]:
    """Look at everything in a job that can be looked at without a model, one thing after the other.

    Parameters
    ----------
    config:
        The job as it was read.
    date:
        What its templates are filled in for.
    """
    try:
        job = config.at(date)
    except TextdriftError as error:
        yield Check("dates", "fault", str(error))
        return
    if config.is_dated:
        yield Check("dates", "ok", f"filled in for {date}")
    yield _tests(job)
    yield from _sources(job, date)
    yield check_encoder(job)
    yield _report(job)
    yield from check_history(job)
    yield from check_sinks(job)


def _tests(job: JobConfig) -> Check:
    """Plan the tests as a run would, which finds slips in their names and options."""
    from textdrift.findings.planning import plan_tests
    from textdrift.job.levels import job_alpha
    from textdrift.job.windows import roles_of
    from textdrift.windows.role_names import check_roles

    roles, alpha = roles_of(job), job_alpha(job)
    try:
        check_roles(roles)
        plan = plan_tests(roles, job.tests, alpha)
    except TextdriftError as error:
        return Check("tests", "fault", str(error))
    families = dict.fromkeys(planned.entry.family for planned in plan.tests)
    return Check("tests", "ok", f"{len(plan.tests)} of {', '.join(families)}, alpha {alpha:.3g} a window")


def _sources(job: JobConfig, date: dt.date) -> Iterator[Check]:
    from textdrift.job.windows import roles_of

    roles = roles_of(job)
    late = set() if job.labels is None else {roles.label}
    wanted = [column for column in roles.columns() if column not in late]
    beside = [job.gate.challenger] if job.gate is not None and job.gate.challenger is not None else []
    joined = [job.labels.join] if job.labels is not None else []
    if job.stream is not None and job.current == "-":
        yield _stream(job)
    else:
        yield _columns("current", job.current, [*wanted, *beside, *joined], roles.text)
    reference = _reference(job, date)
    if isinstance(reference, Check):
        yield reference
    else:
        yield _columns("reference", reference, list(roles.columns()), roles.text)
    if job.labels is not None and job.labels.path != "-":  # those of a stream come with its rows
        label = job.labels.label or roles.label
        if label is None:
            yield Check("labels", "fault", "which column holds the label? name it as labels.label, or as columns.label")
        else:
            found = _columns("labels", job.labels.path, [job.labels.join, label], None)
            yield Check("labels", "note", f"not there yet: {found.told}") if _is_missing(job.labels.path) else found


def _stream(job: JobConfig) -> Check:
    """Look whether a stream is there; nothing is read from it."""
    from textdrift.watching.sources import reached
    from textdrift.watching.watching import check_watchable

    try:
        stream, _ = check_watchable(job)
        return Check("stream", "ok", job.hidden(reached(stream, job=job.name)))
    except TextdriftError as error:
        return Check("stream", "fault", job.hidden(str(error)))


def _reference(job: JobConfig, date: dt.date) -> Any:
    """Return the source of the reference, which a policy finds among earlier windows, or what is wrong with it."""
    from textdrift.job_config import ReferencePolicy

    if not isinstance(job.reference, ReferencePolicy):
        return job.reference
    from textdrift.job.references import reference_source
    from textdrift.job.windows import JobWindow

    try:
        return reference_source(JobWindow(date.isoformat(), date if job.is_dated else None, job))
    except TextdriftError as error:
        return Check("reference", "fault", str(error))


def _columns(name: str, source: Any, wanted: list[str], text: str | None) -> Check:
    from textdrift.windows.source_columns import columns_of_source

    try:
        available = columns_of_source(source, text)
    except (TextdriftError, OSError) as error:
        return Check(name, "fault", str(error))
    missing = [column for column in dict.fromkeys(wanted) if column not in available]
    if missing:
        hints = "; ".join(f"no column {column!r}, {nearest_name(column, available)}" for column in missing)
        return Check(name, "fault", f"{_shown(source)}: {hints}")
    return Check(name, "ok", f"{_shown(source)}: {', '.join(dict.fromkeys(wanted))}")


def _shown(source: Any) -> str:
    if isinstance(source, Mapping):
        path = source.get("path")
        if isinstance(path, list):
            return f"{len(path)} files, the first {path[0]}" if len(path) > 1 else str(path[0])
        return "a query" if path is None else str(path)
    return str(source)


def _is_missing(source: Any) -> bool:
    from textdrift.windows.source_columns import columns_of_source

    try:
        columns_of_source(source, None)
    except MissingSourceError:
        return True
    except (TextdriftError, OSError):
        return False
    return False


def check_encoder(job: JobConfig | None) -> Check:
    """Look for the encoder's weights on this machine; nothing is loaded."""
    from textdrift.compare_arguments import without_canary
    from textdrift.embeddings.encoder import resolve_encoder
    from textdrift.embeddings.model_places import local_folders

    if job is not None and not _encodes(job):
        return Check("encoder", "ok", "not needed: no test looks at what texts mean, or the vectors are given")
    try:
        found = resolve_encoder(without_canary(None if job is None else job.encoder)[0])
    except TextdriftError as error:
        return Check("encoder", "fault", str(error))
    model = getattr(found, "model", None)
    if not isinstance(model, (str, os.PathLike)):
        return Check("encoder", "ok", f"{found.name}, which needs no weights")
    folders = local_folders(str(model))
    if folders:
        return Check("encoder", "ok", f"{model}, in {folders[0]}")
    return _not_here(str(model))


def _not_here(model: str) -> Check:
    if os.environ.get("HF_HUB_OFFLINE", "").lower() in {"1", "on", "yes", "true"}:
        told = f"{model} is not on this machine, and HF_HUB_OFFLINE keeps a run from downloading it"
        return Check("encoder", "fault", told)
    told = f"{model} is not on this machine; the first run downloads it from the Hugging Face hub, if it can"
    return Check("encoder", "note", told)


def _encodes(job: JobConfig) -> bool:
    if job.columns.embeddings is not None or job.columns.text is None:
        return False
    return job.tests is None or any(family in job.tests for family in ("embedding", "concept"))


def _report(job: JobConfig) -> Check:
    folder = job.report.folder
    place = next((part for part in (folder, *folder.absolute().parents) if part.exists()), Path())
    if not place.is_dir() or not os.access(place, os.W_OK | os.X_OK):
        return Check("report", "fault", f"{folder} cannot be written: {place} takes no files; name another folder")
    return Check("report", "ok", f"{', '.join(job.report.formats)} to {folder}")


def check_history(job: JobConfig) -> Iterator[Check]:
    """Look whether the history opens; a file that is not there yet is not made."""
    needs = [key for key in ("alerts", "labels", "slow_drift") if getattr(job, key)]
    if job.history is None:
        if needs:
            yield Check("history", "fault", f"{', '.join(needs)} need one; add `history: sqlite:///drift.db`")
        return
    from textdrift.history import open_history
    from textdrift.history.addressing import address_of

    try:
        address = address_of(job.history)
        if address.path is not None and not address.path.exists():
            writable = os.access(address.path.parent, os.W_OK | os.X_OK)
            told = "will be made" if writable else "cannot be made: its folder takes no files"
            yield Check("history", "ok" if writable else "fault", f"{address.shown} {told}")
            return
        with open_history(job.history, read_only=True) as history:
            runs = history.runs(job.name)
            yield Check("history", "ok", f"{address.shown}, {len(runs)} runs of this job")
    except TextdriftError as error:
        fresh = "run a job" in str(error)  # no schema yet, or an older one: the first run brings it up
        yield Check("history", "note" if fresh else "fault", str(error))


def check_sinks(job: JobConfig) -> Iterator[Check]:
    """Look whether Apprise knows the address of each sink; nothing is sent."""
    if not job.alerts:
        return
    from textdrift.alerts import sink_name

    with _quiet():
        import apprise

        known = [apprise.Apprise.instantiate(str(alert.url), suppress_exceptions=True) for alert in job.alerts]
    for place, (alert, sink) in enumerate(zip(job.alerts, known, strict=True), start=1):
        name = f"{place} {sink_name(alert.url)}"
        if sink is None:
            hint = nearest_name(alert.url.partition("://")[0], _schemes())
            told = f"{name} is no address that Apprise knows; {hint if hint.startswith('did') else 'check it'}"
            yield Check("alerts", "fault", told)
        else:
            yield Check("alerts", "ok", f"{name}, on {', '.join(alert.on)}")


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Keep Apprise from logging the address, which is a key, and from warning of the modules that it imports."""
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(before)


def _schemes() -> list[str]:
    import apprise

    return [scheme for scheme in apprise.plugins.N_MGR.schemas() if isinstance(scheme, str)]
