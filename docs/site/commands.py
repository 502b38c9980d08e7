"""The reference of the command line, made from the program itself."""
# ruff: noqa: INP001 - read by docs/conf.py, no package

from __future__ import annotations

import inspect
import re
from typing import Any

__all__ = ["told_commands"]


def told_commands() -> str:
    """Return a section for each command: what it does, and a table of its arguments and flags."""
    from typer.main import get_command

    from textdrift.cli.app import app

    program: Any = get_command(app)
    return "\n\n".join(_told(name, command) for name, command in program.commands.items())


def _told(name: str, command: Any) -> str:
    arguments = [part for part in command.params if part.param_type_name == "argument"]
    options = [part for part in command.params if part.param_type_name == "option" and not part.hidden]
    usage = " ".join(["textdrift", name, *(_usage(part) for part in arguments), "[OPTIONS]" if options else ""]).strip()
    rows = [f"| `{_usage(part)}` | {_cell(part.help)} | |" for part in arguments]
    rows += [f"| {_flags(part)} | {_cell(part.help)} | {_default(part)} |" for part in options]
    table = ["| | | default |", "|---|---|---|", *rows] if rows else []
    return "\n".join([f"## {name}", "", f"```text\n{usage}\n```", "", inspect.cleandoc(command.help), "", *table])


def _usage(part: Any) -> str:
    name = (part.metavar or part.name).strip("[]").upper()
    return name if part.required else f"[{name}]"


def _flags(part: Any) -> str:
    takes = "" if part.is_flag else f" {part.metavar or _type(part)}"
    names = [*part.opts, *part.secondary_opts]
    return ", ".join(f"`{name}{takes}`" for name in names) + (" once for each" if part.multiple else "")


def _type(part: Any) -> str:
    annotation = getattr(getattr(part, "type_descriptor", None), "annotation", None)  # of typer without click
    name = annotation.__name__ if annotation is not None else part.type.name
    return {"STR": "TEXT", "INT": "INTEGER"}.get(name.upper(), name.upper())


def _default(part: Any) -> str:
    value = part.default
    if part.required:
        return "needed"
    return "" if value in (None, False, "", ()) or callable(value) or "Sentinel" in repr(value) else f"`{value}`"


def _cell(text: str | None) -> str:
    return re.sub(r"\s+", " ", text or "").replace("|", "\\|")
