"""Strict: a table of a job file that knows its keys, and shows no secret."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, PrivateAttr, SerializerFunctionWrapHandler, model_serializer

from textdrift.job_config.secrets import NO_SECRETS, Secrets, strings_in

__all__ = ["Strict", "strings_of"]


class Strict(BaseModel):
    """A frozen table that refuses unknown keys; what is printed or dumped of it holds ``***`` for a secret."""

    # Without the inputs in errors: what a wrong key holds may be a password.
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    _secrets: Secrets = PrivateAttr(default=NO_SECRETS)

    def keep_secret(self, secrets: Secrets) -> None:
        """Hide these values from now on, in this table and in those inside it."""
        self._secrets = secrets
        for value in self.__dict__.values():
            for table in value if isinstance(value, (list, tuple)) else (value,):
                if isinstance(table, Strict):
                    table.keep_secret(secrets)

    @model_serializer(mode="wrap")
    def _without_secrets(self, serialize: SerializerFunctionWrapHandler) -> dict[str, Any]:
        shown: dict[str, Any] = self._secrets.hidden_in(serialize(self))
        return shown

    def __repr__(self) -> str:
        return self._secrets.hidden(super().__repr__())

    def __str__(self) -> str:
        return self._secrets.hidden(super().__str__())


def strings_of(value: Any) -> list[str]:
    """Return the strings of a value of the job, of tables in it too."""
    if isinstance(value, Strict):
        return [text for inner in value.__dict__.values() for text in strings_of(inner)]
    if isinstance(value, list):
        return [text for inner in value for text in strings_of(inner)]
    return list(strings_in(value))
