"""``textdrift compare REFERENCE CURRENT``."""

from __future__ import annotations

import json
import shlex
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn, Optional

import typer

from textdrift.cli.exit_codes import Finished
from textdrift.cli.given_flags import given_flags
from textdrift.cli.printing import print_document, print_message, print_text
from textdrift.errors import MissingColumnError, SettingsError

if TYPE_CHECKING:
    from textdrift.reports.drift_report import DriftReport

__all__ = ["compare", "refuse_empty", "terminal_width"]

_Text = Annotated[Optional[str], typer.Option(help="Column of the texts ('' for none).")]  # noqa: UP045 - typer reads it
_Name = Optional[str]  # noqa: UP045 - typer reads the annotation
_Names = Optional[list[str]]  # noqa: UP045 - typer reads the annotation

_OF_PROFILES = ("--alpha", "--seed", "--output", "--format")


def compare(  # noqa: PLR0917 - typer maps parameters to flags, none is passed by position
    context: typer.Context,
    reference: Annotated[
        str, typer.Argument(help="Path, glob or URL of the reference window; with --reference-query a SQLAlchemy URL.")
    ],
    current: Annotated[str, typer.Argument(help="The same for the current window.")],
    text: _Text = "text",
    label: Annotated[_Name, typer.Option(help="Column of the true labels.")] = None,
    prediction: Annotated[_Name, typer.Option(help="Column of the model's predictions.")] = None,
    probabilities: Annotated[
        _Names, typer.Option(metavar="LABEL=COLUMN", help="Column of a label's probability; repeat.")
    ] = None,
    time: Annotated[_Name, typer.Option(help="Column of the times.")] = None,
    id: Annotated[_Name, typer.Option(help="Column of the row ids.")] = None,  # noqa: A002 - the flag has this name
    group: Annotated[_Name, typer.Option(help="Column of the author, session or thread.")] = None,
    segments: Annotated[_Names, typer.Option(help="Column to localise the drift by; repeat.")] = None,
    features: Annotated[_Names, typer.Option(help="Another column to compare; repeat.")] = None,
    encoder: Annotated[_Name, typer.Option(help="Name or path of a sentence-transformers model.")] = None,
    embeddings: Annotated[_Name, typer.Option(help="Column of vectors, instead of encoding the texts.")] = None,
    tests: Annotated[
        _Names, typer.Option(metavar="FAMILY[.OPTION=VALUE]", help="Run only these families; repeat.")
    ] = None,
    cost: Annotated[
        _Name, typer.Option(metavar="TABLE", help="What errors cost: {matrix: {label: {prediction: 5}}, volume: 9000}.")
    ] = None,
    playbook: Annotated[
        _Names, typer.Option(metavar="[KIND.]NAME=VALUE", help="owner=TEAM, runbook=URL, quality.owner=TEAM …; repeat.")
    ] = None,
    labels_to_ask: Annotated[int, typer.Option(help="How many documents to name that should be labelled next.")] = 0,
    examples: Annotated[int, typer.Option(help="How many texts per finding may be shown.")] = 0,
    alpha: Annotated[float, typer.Option(help="False alarms of the whole report.")] = 0.05,
    seed: Annotated[int, typer.Option(help="Same inputs and seed: same report.")] = 0,
    reference_query: Annotated[_Name, typer.Option(help="SQL query; REFERENCE is then a SQLAlchemy URL.")] = None,
    current_query: Annotated[_Name, typer.Option(help="SQL query; CURRENT is then a SQLAlchemy URL.")] = None,
    output: Annotated[_Name, typer.Option(help="Folder to write the report to.")] = None,
    format: Annotated[  # noqa: A002 - the flag has this name
        _Names, typer.Option(metavar="FORMAT[,FORMAT]", help="json, html, md, junit, sagemaker, evidently, whylogs.")
    ] = None,
) -> None:
    """Compare two windows of text: exit 0 passed, 1 drift, 2 error, 3 inconclusive.

    Without --output the report goes to stdout: for a terminal, or in the one --format asked for. With --output it is
    written to that folder, html and json unless --format says otherwise.
    """
    formats = [name.strip() for given in format or () for name in given.split(",") if name.strip()]
    refuse_empty({
        "label": label, "prediction": prediction, "time": time, "id": id, "group": group, "segments": segments,
        "features": features, "encoder": encoder, "embeddings": embeddings, "cost": cost, "playbook": playbook,
        "reference-query": reference_query, "current-query": current_query, "output": output, "format": format,
    })  # fmt: skip
    with _output_checked(formats, output), _text_flag_told(context):
        import textdrift

        if _are_profiles(reference, current):
            _refuse_columns(given_flags(context))
            _finish(textdrift.compare_profiles(reference, current, alpha=alpha, seed=seed), output, formats)
        report = textdrift.compare(
            {"sql": reference, "query": reference_query} if reference_query else reference,
            {"sql": current, "query": current_query} if current_query else current,
            text=text or None,
            label=label,
            prediction=prediction,
            probabilities=dict(_pair(given, "--probabilities") for given in probabilities or ()),
            time=time,
            id=id,
            group=group,
            segments=tuple(segments or ()),
            features=tuple(features or ()),
            encoder=encoder,
            embeddings=embeddings,
            tests=_tests(tests),
            cost=_cost(cost),
            playbook=_playbook(playbook),
            labels_to_ask=labels_to_ask,
            examples=examples,
            alpha=alpha,
            seed=seed,
        )
        _finish(report, output, formats)


def _are_profiles(reference: str, current: str) -> bool:
    """Tell whether both windows are profiles; one alone cannot be compared with texts."""
    profiles = [path.endswith(".profile") for path in (reference, current)]
    if any(profiles) and not all(profiles):
        raise SettingsError(
            "one window is a profile and the other is not; profile both (textdrift profile DATA --output NAME.profile)"
        )
    return all(profiles)


def _refuse_columns(flags: tuple[str, ...]) -> None:
    """Refuse flags that speak of columns, texts or tests: a profile has none."""
    if idle := [flag for flag in flags if flag not in _OF_PROFILES]:
        raise SettingsError(
            f"{', '.join(idle)} cannot be used with profiles, which hold no texts and no columns and run their own "
            f"tests; leave out all flags but {', '.join(_OF_PROFILES)}"
        )


def _finish(report: DriftReport, output: str | None, formats: list[str]) -> NoReturn:
    """Write or print the report, and end with the exit code of its verdict."""
    if output is not None:
        for path in report.write(output, formats or ("html", "json")):
            print_message(f"wrote {path}")
        from textdrift.reports.cost import verdict_line

        by_cost = verdict_line(report.to_dict()).partition(", ")[2]
        told = f"{report.verdict} ({by_cost})" if by_cost else report.verdict
        print_message(f"{told}: {report.summary}", to_stdout=True)
    elif formats:
        print_document(report.in_format(formats[0]))
    else:
        print_text(report.to_terminal(width=terminal_width(), color=sys.stdout.isatty()))
    raise Finished(report.verdict, passed=report.passed)


def terminal_width() -> int:
    """Return the columns to write for: the terminal's, between 60 and 120."""
    return min(120, max(60, shutil.get_terminal_size((100, 24)).columns))


def refuse_empty(flags: dict[str, str | list[str] | None]) -> None:
    """Refuse a flag that was given without a value, as an unset shell variable leaves it."""
    for name, given in flags.items():
        values = given if isinstance(given, list) else [given]
        if any(value is not None and not value.strip() for value in values):
            raise SettingsError(f"--{name} is empty; give it a value or leave it out")


@contextmanager
def _text_flag_told(context: typer.Context) -> Iterator[None]:
    """Name the flag where the texts are in a column of another name than the one that is looked for."""
    try:
        yield
    except MissingColumnError as error:
        if "text" not in error.missing or "--text" in given_flags(context):
            raise
        from textdrift.job_config.guessing import text_by_name

        guess = text_by_name(error.available)
        error.args = (f"{error}; here: --text {shlex.quote(guess or 'COLUMN')}, or --text '' where there is none",)
        raise


@contextmanager
def _output_checked(formats: list[str], output: str | None) -> Iterator[None]:
    """Refuse what cannot be written before anything is compared; a folder made for no report is taken away again."""
    from textdrift.reports.report_files import check_formats, made_folder

    check_formats(formats)
    if output is None and len(formats) > 1:
        raise SettingsError(f"stdout holds one format; got {', '.join(formats)}; give --output FOLDER or one --format")
    if output is None:
        yield
        return
    was_there = Path(output).exists()
    made_folder(output)
    try:
        yield
    finally:
        if not was_there:
            with suppress(OSError):  # it holds the report
                Path(output).rmdir()


def _pair(given: str, flag: str) -> tuple[str, str]:
    name, equals, value = given.partition("=")
    if not (name and equals and value):
        raise SettingsError(f"{flag} needs NAME=VALUE; got {given!r}")
    return name, value


def _tests(given: list[str] | None) -> dict[str, dict[str, Any]] | None:
    """Read ``lexical`` or ``embedding.engine=alibi`` flags into the table that a job file would hold."""
    if not given:
        return None
    table: dict[str, dict[str, Any]] = {}
    for flag in given:
        family, dot, option = flag.partition(".")
        options = table.setdefault(family, {})
        if dot:
            name, given_value = _pair(option, "--tests FAMILY.OPTION")
            value = _value(given_value)
            if name in options:  # a repeated flag is a list, as for every other flag
                before = options[name] if isinstance(options[name], list) else [options[name]]
                value = [*before, *(value if isinstance(value, list) else [value])]
            options[name] = value
    return table


def _cost(given: str | None) -> dict[str, Any] | None:
    """Read a table as a job file would hold it, or a file of it."""
    if given is None:
        return None
    import yaml

    source = Path(given)
    try:
        text = source.read_text(encoding="utf-8") if not given.startswith("{") and source.is_file() else given
        table = yaml.safe_load(text)
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise SettingsError(f"--cost: {given!r} cannot be read as a table: {error}") from error
    if isinstance(table, str) and not source.is_file():
        raise SettingsError(
            f"--cost: there is no file {given!r}; check the path, or give the table itself, such as "
            "{matrix: {negative: {positive: 5}}, volume: 9000}"
        )
    if not isinstance(table, dict):
        raise SettingsError(
            "--cost needs a table such as {matrix: {negative: {positive: 5}}, volume: 9000}, or a YAML file that holds "
            f"one; got {given!r}"
        )
    return table


def _playbook(given: list[str] | None) -> dict[str, Any] | None:
    """Read ``owner=nlp`` and ``escaped.owner=ingest`` flags into the table that a job file would hold."""
    if not given:
        return None
    table: dict[str, Any] = {}
    for flag in given:
        path, value = _pair(flag, "--playbook")
        of, dot, name = path.partition(".")
        entry = table.setdefault(of, {}) if dot else table
        if not isinstance(entry, dict):
            raise SettingsError(f"--playbook: {of!r} is no kind of drift or cause; got {flag!r}")
        name = name if dot else of
        if name == "steps":  # a repeated flag is a list
            entry[name] = [*entry.get(name, ()), value]
        elif name in entry:
            raise SettingsError(f"--playbook: {path!r} stands twice; keep one")
        else:
            entry[name] = value
    return table


def _value(given: str) -> Any:
    """Read a value as JSON, or as a list or table of a job file, ``[hashtags, emoji]``; else it is what it says."""
    try:
        return json.loads(given)
    except json.JSONDecodeError:
        if not given.startswith(("[", "{")):
            return given
    import yaml

    try:
        return yaml.safe_load(given)
    except yaml.YAMLError as error:
        raise SettingsError(f"--tests: {given!r} is no list or table; write [a, b] or {{a: 1}}") from error
