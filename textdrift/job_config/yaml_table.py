"""The table that a YAML file holds, with a word for the slips that YAML itself passes over or tells badly."""

from __future__ import annotations

import difflib
import re
from pathlib import Path
from typing import Any

import yaml

from textdrift.errors import MissingSourceError, SettingsError, UnreadableSourceError
from textdrift.job_config.secrets import Secrets, secrets_of_url

__all__ = ["table_of"]

_BOOL = "tag:yaml.org,2002:bool"
_ENDINGS = (".yaml", ".yml")
_SHOWN = 5
_BRACES = re.compile(r"\$?\{\{|\$\{")


class _TwiceError(yaml.MarkedYAMLError):
    """A key stands twice in one table; YAML would keep the last one and say nothing."""


class _OneOfEachKey(yaml.SafeLoader):
    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        lines: dict[str, int] = {}
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode) and key.tag == _BOOL and key.value.lower() not in {"true", "false"}:
                key.tag = "tag:yaml.org,2002:str"  # `on:` is a key, and YAML 1.1 reads it as true
            if isinstance(key, yaml.ScalarNode) and key.tag != "tag:yaml.org,2002:merge":
                line = key.start_mark.line + 1
                if key.value in lines:
                    before = lines[key.value]
                    raise _TwiceError(problem=f"key {key.value!r} stands twice, in lines {before} and {line}; keep one")
                lines[key.value] = line
        return super().construct_mapping(node, deep=deep)


def table_of(path: str | Path) -> dict[str, Any]:
    """Return the table of a YAML file.

    Raises
    ------
    MissingSourceError
        When there is no such file.
    UnreadableSourceError
        When it is not YAML.
    SettingsError
        When it is no table, or a key stands twice in one.
    """
    file = Path(path)
    if not file.is_file():
        raise MissingSourceError(f"no job file {str(path)!r}; {_job_near(file)}")
    text = ""
    try:
        text = file.read_text(encoding="utf-8")
        table = yaml.load(text, Loader=_OneOfEachKey)  # noqa: S506 - it is a SafeLoader
    except _TwiceError as error:
        raise SettingsError(f"{path}: {error.problem}") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        # YAML quotes the line, and there may be a password in it.
        told = Secrets(secrets_of_url(text)).hidden(str(error))
        raise UnreadableSourceError(f"{path} is not a YAML file: {told}{_hint(text, error)}") from None
    if not isinstance(table, dict):
        raise SettingsError(f"{path}: a job file is a table of keys; got {type(table).__name__}")
    return {str(key): value for key, value in table.items()}


def _job_near(file: Path) -> str:
    """Return the name that a missing job file may be a slip for, or the job files of its folder."""
    if not file.parent.is_dir():
        return f"there is no folder {str(file.parent)!r}"
    there = sorted(each for each in file.parent.iterdir() if each.suffix in _ENDINGS and each.is_file())
    near = difflib.get_close_matches(file.stem, [each.stem for each in there], n=1)
    if near:
        return f"did you mean {next(each.name for each in there if each.stem == near[0])!r}?"
    listed = ", ".join(repr(each.name) for each in there[:_SHOWN]) + (", …" if len(there) > _SHOWN else "")
    others = f"its folder has {listed}; " if there else ""
    return f"{others}`textdrift init DATA` writes one; `textdrift demo` writes the data that configs/smoke.yaml reads"


def _hint(text: str, error: Exception) -> str:
    """Return a hint where braces without quotes, which YAML reads as a table, stand in the line of the fault."""
    lines = text.splitlines()
    for mark in (getattr(error, "problem_mark", None), getattr(error, "context_mark", None)):
        if mark is not None and mark.line < len(lines) and _BRACES.search(lines[mark.line]):
            return "; put values that hold {{ … }} or ${…} in quotes"
    return ""
