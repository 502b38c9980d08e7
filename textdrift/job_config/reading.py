"""read_job(): a job file, read and checked."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from textdrift.errors import SettingsError
from textdrift.job_config.columns import ColumnsConfig
from textdrift.job_config.config import JobConfig
from textdrift.job_config.environment import names_used
from textdrift.job_config.secrets import strings_in
from textdrift.job_config.yaml_table import table_of

__all__ = ["read_job"]

_HAVE_DEFAULTS = ("columns", "report", "alerts", "alert_policy")


def read_job(path: str | Path) -> JobConfig:
    """Read and check a job file.

    The column roles stand under ``columns``, or at the top level under the names of the arguments of ``compare``.
    ``${NAME}`` and ``${NAME:-default}`` in values are taken from the environment as it is now; ``{{ date }}`` stays
    until ``JobConfig.at`` fills it in.

    Raises
    ------
    MissingSourceError
        When there is no such file.
    UnreadableSourceError
        When it is not YAML.
    SettingsError
        For an unknown key (the nearest known one is named) or a value that cannot be used; all of them at once. No
        message holds a secret.
    """
    table = table_of(path)
    for key in _HAVE_DEFAULTS:  # left empty: all its defaults
        if table.get(key, key) is None:
            del table[key]
    columns = dict(table.get("columns", {})) if isinstance(table.get("columns", {}), Mapping) else table["columns"]
    if isinstance(columns, dict):
        for role in ColumnsConfig.model_fields:
            if role in table:
                if role in columns:
                    raise SettingsError(f"{path}: {role!r} stands both under columns and at the top level; keep one")
                columns[role] = table.pop(role)
        table["columns"] = columns
    return JobConfig.of_table(table, origin=str(path), environment=names_used(strings_in(table)))
