"""Flags that were written are told from those that were not, whatever their values."""

from typing import Annotated

import pytest
import typer
from typer.testing import CliRunner

from textdrift.cli.given_flags import given_flags


@pytest.mark.parametrize(
    ("arguments", "flags"),
    [
        (["a.jsonl"], ()),
        (["a.jsonl", "--n-bins", "256"], ("--n-bins",)),
        (["a.jsonl", "--unit", "words", "--n-bins", "512"], ("--n-bins", "--unit")),
    ],
)
def test_a_flag_is_given_when_it_was_written_even_with_its_default(arguments, flags):
    app, seen = typer.Typer(), []

    @app.command()
    def count(
        context: typer.Context,
        source: str,
        n_bins: Annotated[int, typer.Option()] = 256,
        unit: Annotated[str, typer.Option()] = "words",
    ) -> None:
        seen.append(given_flags(context))

    assert CliRunner().invoke(app, arguments).exit_code == 0
    assert seen == [flags]
