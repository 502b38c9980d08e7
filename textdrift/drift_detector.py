"""DriftDetector: compare() with the manners of a scikit-learn estimator: fit a reference once, compare many windows."""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from typing import Any, Self

import pyarrow as pa

from textdrift.compare_arguments import (
    check_columns,
    check_numbers,
    check_tests,
    checked_probabilities,
    column_names,
    given_embeddings,
    refuse_profiles,
    refuse_without_roles,
    without_canary,
)
from textdrift.comparing import compare
from textdrift.embeddings.encoder import resolve_encoder
from textdrift.errors import SettingsError, nearest_name
from textdrift.findings.costing import cost_table_from
from textdrift.findings.planning import plan_tests
from textdrift.findings.team_playbook import team_playbook_from
from textdrift.reports.drift_report import DriftReport
from textdrift.windows.reading import read_columns, read_window
from textdrift.windows.window import Roles

__all__ = ["DriftDetector"]


class DriftDetector:
    """Keeps a reference window and compares others with it; an estimator to scikit-learn, which it does not import.

    ``fit`` reads the reference once and keeps the columns that play a part in memory, so that a file or a frame that
    changes later changes nothing. Nothing is learned of it but that: every comparison tests reference and current
    alike. Vectors are kept by the vector cache, so the reference is encoded once. ``get_params``, ``set_params``,
    ``sklearn.clone`` and a ``Pipeline`` whose last step it is work as usual; a pickle holds the reference, with its
    texts.

    Parameters
    ----------
    text, label, prediction, probabilities, time, id, group, segments, features, encoder, tests, cost, playbook, \
labels_to_ask, examples, alpha, seed:
        As for ``textdrift.compare``.
    embeddings:
        The name of a column of vectors.

    Attributes
    ----------
    reference_:
        The reference as an Arrow table, after ``fit``.

    Examples
    --------
    >>> before = [f"parcel {i}: on time" for i in range(200)]
    >>> after = [f"parcel {i}: nobody answers" for i in range(200)]
    >>> detector = DriftDetector(tests={"lexical": {}}).fit(before)
    >>> detector.compare(after).diagnosis.kinds
    ('lexical',)
    >>> detector.predict(after)["data"]["is_drift"], detector.predict(before)["data"]["is_drift"]
    (1, 0)
    >>> detector.score(after) < 0.05 < detector.score(before)
    True
    """

    def __init__(
        self,
        *,
        text: str | None = "text",
        label: str | None = None,
        prediction: str | None = None,
        probabilities: Mapping[str, str] | None = None,
        time: str | None = None,
        id: str | None = None,  # noqa: A002 - the role is called id
        group: str | None = None,
        segments: Sequence[str] | None = (),
        features: Sequence[str] | None = (),
        encoder: Any = None,
        embeddings: str | None = None,
        tests: Mapping[str, Mapping[str, Any] | None] | None = None,
        cost: Mapping[str, Any] | None = None,
        playbook: Mapping[str, Any] | None = None,
        labels_to_ask: int = 0,
        examples: int = 0,
        alpha: float = 0.05,
        seed: int = 0,
    ) -> None:
        # As scikit-learn wants it: kept as given, and checked where they are used.
        self.text = text
        self.label = label
        self.prediction = prediction
        self.probabilities = probabilities
        self.time = time
        self.id = id
        self.group = group
        self.segments = segments
        self.features = features
        self.encoder = encoder
        self.embeddings = embeddings
        self.tests = tests
        self.cost = cost
        self.playbook = playbook
        self.labels_to_ask = labels_to_ask
        self.examples = examples
        self.alpha = alpha
        self.seed = seed

    def fit(self, reference: Any, y: None = None) -> Self:
        """Look at the parameters as ``textdrift.compare`` does, read the reference and keep it.

        Parameters
        ----------
        reference:
            Whatever ``textdrift.compare`` takes.
        y:
            For pipelines; labels are a column of the window, named by ``label=``.

        Raises
        ------
        SettingsError
            When ``y`` is given, or a parameter cannot be used.
        WindowError
            When the reference cannot be read.
        """
        _refuse_labels_beside(y)
        refuse_profiles(reference)
        if self.embeddings is not None and not isinstance(self.embeddings, str):
            raise SettingsError(
                "embeddings of a detector is the name of a column of vectors; arrays for one comparison go to "
                "textdrift.compare(..., embeddings=(reference, current))"
            )
        roles = self._checked_roles()
        self.reference_ = read_columns(reference, roles, name="reference")
        read_window(self.reference_, roles, name="reference")  # whatever cannot be used is told now
        return self

    def compare(self, current: Any) -> DriftReport:
        """Compare a window with the reference; as ``textdrift.compare``, with the same errors.

        Raises
        ------
        SettingsError
            Before ``fit``.
        """
        reference: pa.Table | None = getattr(self, "reference_", None)
        if reference is None:
            raise SettingsError("the detector has no reference yet; call fit(reference) first")
        return compare(reference, current, **self.get_params(deep=False))

    def predict(self, current: Any) -> dict[str, dict[str, Any]]:
        """Compare a window, and return the answer by the names that Alibi Detect's detectors give it.

        ``data`` holds ``is_drift`` (1 or 0), ``p_val`` (what ``score`` returns), ``threshold`` (``alpha``),
        ``distance`` (the largest effect of a deciding test, in units of the size from which it matters), and of ours
        ``verdict``, ``kinds`` and ``report``. ``is_drift`` is 0 too where the verdict is ``inconclusive``: look at it.
        """
        report = self.compare(current)
        deciding = [finding for finding in report.findings if not finding.supporting]
        data = {
            "is_drift": int(report.verdict == "drift"),
            "distance": max((finding.strength for finding in deciding), default=0.0),
            "p_val": _p_value(report),
            "threshold": float(self.alpha),
            "verdict": report.verdict,
            "kinds": report.diagnosis.kinds,
            "report": report,
        }
        return {"data": data, "meta": {"name": type(self).__name__, "detector_type": "drift", "online": False}}

    def score(self, current: Any, y: None = None) -> float:
        """Return the p-value of a whole window: the smallest adjusted one of its deciding tests.

        As for every score of scikit-learn, more is better. A fact, which has no p-value, counts as 0 where it drifted.
        """
        _refuse_labels_beside(y)
        return _p_value(self.compare(current))

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """Return the parameters by name, and with ``deep`` those of an encoder that has some, as ``encoder__name``."""
        params = {name: getattr(self, name) for name in _parameters()}
        if deep and hasattr(self.encoder, "get_params") and not isinstance(self.encoder, type):
            params |= {f"encoder__{name}": value for name, value in self.encoder.get_params(deep=True).items()}
        return params

    def set_params(self, **params: Any) -> Self:
        """Set parameters by name.

        Raises
        ------
        SettingsError
            For an unknown name.
        """
        of_encoder = {}
        for name, value in params.items():
            outer, _, inner = name.partition("__")
            if inner and outer == "encoder" and hasattr(self.encoder, "set_params"):
                of_encoder[inner] = value
            elif name in _parameters():
                setattr(self, name, value)
            else:
                hint = nearest_name(name, _parameters())
                raise SettingsError(f"a DriftDetector has no parameter {name!r}: {hint}")
        if of_encoder:
            self.encoder.set_params(**of_encoder)
        return self

    def __repr__(self) -> str:
        """Return the parameters that are not the defaults."""
        defaults = {name: parameter.default for name, parameter in _parameters().items()}
        told = [f"{name}={value!r}" for name, value in self.get_params(deep=False).items() if value != defaults[name]]
        return f"DriftDetector({', '.join(told)})"

    def __sklearn_clone__(self) -> Self:
        """Return a detector of the same parameters, without a reference; the encoder stays the one that was fitted."""
        return type(self)(**self.get_params(deep=False))

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "reference_")

    def __sklearn_tags__(self) -> Any:
        """Return what scikit-learn, which asks, wants to know: that it takes texts, and no labels beside them."""
        from sklearn.utils import InputTags, Tags, TargetTags

        return Tags(
            estimator_type=None,
            target_tags=TargetTags(required=False),
            input_tags=InputTags(string=True, two_d_array=False),
            no_validation=True,
        )

    def _checked_roles(self) -> Roles:
        """Return the roles of the columns, after the look at all parameters that ``compare`` has before it reads."""
        alpha = check_numbers(
            alpha=self.alpha, seed=self.seed, examples=self.examples, labels_to_ask=self.labels_to_ask
        )
        if self.cost is not None:
            cost_table_from(self.cost)
        team_playbook_from(self.playbook)
        given_embeddings(self.embeddings, encoder=self.encoder)
        check_columns(
            text=self.text, label=self.label, prediction=self.prediction, time=self.time, id=self.id, group=self.group
        )
        check_tests(self.tests)
        roles = Roles(
            text=self.text, label=self.label, prediction=self.prediction,
            probabilities=checked_probabilities(self.probabilities), time=self.time, id=self.id, group=self.group,
            segments=column_names("segments", self.segments), embeddings=self.embeddings,
            features=column_names("features", self.features),
        )  # fmt: skip
        encoder, _ = without_canary(self.encoder)
        if encoder is not None:
            resolve_encoder(encoder)
        refuse_without_roles(roles, cost=self.cost, labels_to_ask=self.labels_to_ask)
        plan_tests(roles, self.tests, alpha)
        return roles


def _parameters() -> Mapping[str, inspect.Parameter]:
    parameters = inspect.signature(DriftDetector.__init__).parameters
    return {name: parameter for name, parameter in parameters.items() if name != "self"}


def _refuse_labels_beside(y: object) -> None:
    if y is not None:
        raise SettingsError(
            "labels beside the texts are not used; put them into a column of the window and name it with label='...'"
        )


def _p_value(report: DriftReport) -> float:
    deciding = [finding for finding in report.findings if not finding.supporting]
    values = [finding.adjusted_p_value for finding in deciding if finding.adjusted_p_value is not None]
    facts = [0.0 for finding in deciding if finding.adjusted_p_value is None and finding.drifted]
    return min([*values, *facts], default=1.0)
