"""Flags that were written on the command line, whatever their values."""

from __future__ import annotations

import typer

__all__ = ["given_flags"]


def given_flags(context: typer.Context) -> tuple[str, ...]:
    """Return the flags that were given, such as ``--bins``, in the order of the help; defaults are not."""
    return tuple(
        parameter.opts[0]
        for parameter in context.command.params
        if parameter.param_type_name == "option"
        and parameter.name is not None
        and getattr(context.get_parameter_source(parameter.name), "name", "") == "COMMANDLINE"
    )
