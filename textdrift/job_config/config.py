"""JobConfig: one comparison, and all that it is to remember, promise and tell, checked before anything is read."""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import (
    Discriminator,
    Field,
    ModelWrapValidatorHandler,
    PrivateAttr,
    Tag,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)

from textdrift.errors import EncoderError, SettingsError, nearest_name
from textdrift.job_config.alerts import AlertConfig, AlertPolicyConfig
from textdrift.job_config.budget import BudgetConfig
from textdrift.job_config.columns import ColumnsConfig
from textdrift.job_config.faults import faults_in_words
from textdrift.job_config.filling import filled
from textdrift.job_config.gate import GateConfig
from textdrift.job_config.labels import LabelsConfig
from textdrift.job_config.reference_policy import SOURCE_KEYS, ReferencePolicy, is_policy, without_fixed_policy
from textdrift.job_config.report import MetricsConfig, ReportConfig, RetentionConfig
from textdrift.job_config.secrets import guarded, secrets_of_table, strings_in
from textdrift.job_config.stream import StreamConfig
from textdrift.job_config.strict import Strict, strings_of
from textdrift.job_config.templates import is_template

__all__ = ["JobConfig"]

_LIKE_ON_ALL_DATES = ("name", "history", "alerts", "alert_policy", "budget", "metrics", "retention")
"""Keys that hold for the job as a whole, so that a date has no place in them."""


_NO_WINDOW = "-"
"""What stands for the current window where rows come by a stream."""


def _kind_of_reference(given: Any) -> str | None:
    if is_policy(given):
        return "a policy"
    return "a path" if isinstance(given, str) else "a window" if isinstance(given, Mapping) else None


Reference = Annotated[
    Annotated[str, Tag("a path")]
    | Annotated[dict[str, Any], Tag("a window")]
    | Annotated[ReferencePolicy, Tag("a policy")],
    Discriminator(_kind_of_reference),
]


class JobConfig(Strict):
    """One job: two windows, their columns, the tests, the promise, and where report, history and alarms go.

    Relative paths count from the working directory. Values may hold ``{{ date }}``; ``at`` fills them in.

    Examples
    --------
    >>> import datetime as dt
    >>> job = JobConfig(name="nightly", reference="reference.parquet", current="data/{{ date }}.parquet")
    >>> job.is_dated, job.at(dt.date(2026, 11, 25)).current
    (True, 'data/2026-11-25.parquet')
    """

    name: str = Field(min_length=1, description="What the job is called; with the date it names a window.")
    reference: Reference = Field(description="What a window is compared with: a window, or a policy of earlier ones.")
    current: str | dict[str, Any] = Field(
        default=_NO_WINDOW, description="The window that is judged; {{ date }} stands for its date. A stream has none."
    )
    columns: ColumnsConfig = Field(
        default_factory=ColumnsConfig, description="The columns by their part, which may stand at the top too."
    )
    encoder: str | dict[str, Any] | None = Field(
        default=None, description="The model that texts are encoded with: its name, its folder, or a table of options."
    )
    tests: dict[str, dict[str, Any] | None] | None = Field(
        default=None, description="Families of tests with their options; all that the columns allow without."
    )
    cost: dict[str, Any] | None = Field(default=None, description="What a wrong prediction costs.")
    playbook: dict[str, Any] | None = Field(default=None, description="Who does what when something drifts.")
    labels_to_ask: int = Field(default=0, ge=0, description="How many documents to name that should be labelled next.")
    examples: int = Field(default=0, ge=0, description="How many texts per finding the report may show.")
    alpha: float = Field(default=0.05, gt=0, lt=1, description="False alarms of one report; `budget` stands for it.")
    budget: BudgetConfig | None = Field(default=None, description="The promise: false alarms a year.")
    slow_drift: bool = Field(default=False, description="Look for slow drift over all earlier windows, too.")
    seed: int = Field(default=0, ge=0, description="The same inputs and seed give the same report.")
    report: ReportConfig = Field(default_factory=ReportConfig, description="Where the report goes.")
    history: str | None = Field(
        default=None, description="Where runs are remembered: sqlite:///drift.db or postgresql://user@host/database."
    )
    retention: RetentionConfig | None = Field(default=None, description="How long the history keeps runs.")
    labels: LabelsConfig | None = Field(default=None, description="Labels that come days after their window.")
    gate: GateConfig | None = Field(default=None, description="What lets a window, or a model, pass.")
    alerts: list[AlertConfig] = Field(default_factory=list, description="Who is told of what.")
    alert_policy: AlertPolicyConfig = Field(
        default_factory=AlertPolicyConfig, description="When an alarm begins and ends."
    )
    stream: StreamConfig | None = Field(default=None, description="A live stream, for `textdrift watch`.")
    metrics: MetricsConfig | None = Field(default=None, description="Figures for Prometheus or OpenTelemetry.")
    schema_: Literal["textdrift.job/1"] = Field(
        default="textdrift.job/1", alias="schema", description="The version of the job file."
    )

    _given: Mapping[str, Any] = PrivateAttr(default_factory=dict)
    _origin: str = PrivateAttr(default="job")
    _environment: Mapping[str, str] | None = PrivateAttr(default=None)

    @classmethod
    def of_table(
        cls,
        table: Mapping[str, Any],
        *,
        origin: str,
        environment: Mapping[str, str] | None,
        date: dt.date | None = None,
    ) -> JobConfig:
        """Return the job that a table describes, its values filled in.

        Parameters
        ----------
        table:
            As YAML gives it, the column roles under ``columns``.
        origin:
            What errors begin with.
        environment:
            The variables that ``${NAME}`` stands for; ``None`` leaves such values alone.
        date:
            What ``{{ date }}`` stands for; ``None`` leaves templates as they are.

        Raises
        ------
        SettingsError
            For unknown keys and values that cannot be used, all of them at once; no message holds a secret.
        """
        known = secrets_of_table(table, environment or {})
        try:
            values = filled(table, environment, date)
        except SettingsError as error:
            raise SettingsError(known.hidden(f"{origin}: {error}")) from None
        secrets = secrets_of_table(values, environment or {})
        try:
            job = cls.model_validate(guarded(values, secrets))
        except ValidationError as error:
            raise SettingsError(f"{origin}: {faults_in_words(error, cls, secrets)}") from None
        job.keep_secret(secrets)
        return job._from(table, origin, environment)  # noqa: SLF001 - of its own class

    def at(self, date: dt.date) -> JobConfig:
        """Return the job for the window of a date: every ``{{ … }}`` filled in from the job file anew.

        Raises
        ------
        SettingsError
            When a value, filled in, cannot be used.
        """
        return self.of_table(self._given, origin=self._origin, environment=self._environment, date=date)

    @property
    def is_dated(self) -> bool:
        """Whether a value follows the date of the window; a job that was filled in stays dated."""
        return any(map(is_template, strings_in(self._given)))

    def hidden(self, text: str) -> str:
        """Return a text with every secret of the job replaced by ``***``.

        Secrets are the values that came from the environment, passwords of URLs, and of the sinks' addresses what lets
        others write there.
        """
        return self._secrets.hidden(text)

    @contextlib.contextmanager
    def hiding(self) -> Iterator[None]:
        """Hide the secrets of the job in every error that leaves a ``with`` block."""
        try:
            yield
        except Exception as error:
            error.args = self._secrets.hidden_in(error.args)
            raise

    @model_validator(mode="wrap")
    @classmethod
    def _kept_as_given(cls, given: Any, validate: ModelWrapValidatorHandler[Self]) -> Self:
        job = validate(given)
        if isinstance(given, Mapping):
            job.keep_secret(secrets_of_table(given, {}))
            return job._from(dict(given), "job", None)  # noqa: SLF001 - of its own class
        return job

    def _from(self, given: Mapping[str, Any], origin: str, environment: Mapping[str, str] | None) -> Self:
        self._given, self._origin, self._environment = given, origin, environment
        return self

    @model_validator(mode="after")
    def _keys_together(self) -> Self:
        if self.current == _NO_WINDOW and self.stream is None:
            raise SettingsError("missing key 'current'")
        if self.budget is not None and "alpha" in self.model_fields_set:
            raise SettingsError(
                "alpha and budget are two ways to say one thing: budget gives each window its alpha; keep one"
            )
        if self.slow_drift and self.budget is None:
            raise SettingsError(
                "slow_drift takes half of the yearly budget, and there is none; add budget: "
                "{false_alarms_per_year: 2, windows_per_year: 365}"
            )
        for key in _LIKE_ON_ALL_DATES:
            if any(map(is_template, strings_of(getattr(self, key)))):
                raise SettingsError(
                    f"{key}: it holds for all dates alike, so no {{{{ date }}}} can stand in it; take it out"
                )
        return self

    @field_validator("reference", mode="before")
    @classmethod
    def _fixed_is_a_window(cls, given: Any) -> Any:
        return without_fixed_policy(given)

    @field_validator("reference", "current", mode="after")
    @classmethod
    def _readable_window(cls, given: Any, info: ValidationInfo) -> Any:
        from textdrift.windows.reading import is_bounded

        if isinstance(given, dict):
            for key in given:
                if key not in SOURCE_KEYS:
                    raise SettingsError(f"unknown key '{info.field_name}.{key}'; {nearest_name(key, SOURCE_KEYS)}")
            if not any(map(is_template, strings_in(given))):
                is_bounded(given)
        return given

    @field_validator("encoder", mode="after")
    @classmethod
    def _known_options(cls, encoder: str | dict[str, Any] | None) -> str | dict[str, Any] | None:
        from textdrift.embeddings.encoder import resolve_encoder

        if isinstance(encoder, dict):
            try:
                resolve_encoder({key: value for key, value in encoder.items() if key != "canary"})
            except EncoderError:  # whether the model is there is found out when it is needed
                return encoder
        return encoder

    @field_validator("cost")
    @classmethod
    def _readable_cost(cls, cost: dict[str, Any] | None) -> dict[str, Any] | None:
        from textdrift.findings.costing import cost_table_from

        if cost is not None:
            cost_table_from(cost)
        return cost

    @field_validator("playbook")
    @classmethod
    def _readable_playbook(cls, playbook: dict[str, Any] | None) -> dict[str, Any] | None:
        from textdrift.findings.playbook import team_playbook_from

        if playbook is not None:
            team_playbook_from(playbook)
        return playbook

    @field_validator("tests")
    @classmethod
    def _some_family(cls, tests: dict[str, dict[str, Any] | None] | None) -> dict[str, dict[str, Any] | None] | None:
        if tests is not None and not tests:
            raise SettingsError("tests names no family; leave it out to run all")
        return tests

    @field_validator("slow_drift", mode="before")
    @classmethod
    def _on_or_off(cls, given: Any) -> Any:
        """Take ``{}`` for on, as for a family of tests, and an empty key for off."""
        if isinstance(given, Mapping):
            for key in given:
                raise SettingsError(f"unknown key 'slow_drift.{key}'; it has no options; write true or {{}}")
            return True
        return False if given is None else given
