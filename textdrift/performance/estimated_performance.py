"""EstimatedPerformance: what a model's probabilities say of its accuracy, and why that may be wrong."""

from __future__ import annotations

from dataclasses import dataclass

from textdrift.performance.expected_confusion import Estimate, ExpectedConfusion

__all__ = ["DOUBTS", "ComparedWithLabels", "EstimatedPerformance"]

DOUBTS = {
    "disagree": "two ways to estimate it differ",
    "misfit": "the probabilities alone miss the reference's own accuracy",
    "outside_support": "the texts are unlike those of the reference",
    "contradicted": "the labels that there are refute it",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparedWithLabels:
    """The estimate beside the truth, on exactly the rows of the current window that carry a label.

    Attributes
    ----------
    estimated:
        The estimate for these rows, with the interval that their measured accuracy should fall in.
    measured:
        Their accuracy.
    n_documents:
        Documents they come from.
    """

    estimated: Estimate
    measured: float
    n_documents: int

    @property
    def contradicted(self) -> bool:
        """Whether the measured accuracy lies outside the estimate's interval."""
        return not self.estimated.low <= self.measured <= self.estimated.high

    @property
    def sentence(self) -> str:
        """The comparison in words."""
        seen = (
            f"Estimated {self.estimated.value:.2f}, measured {self.measured:.2f} on {self.n_documents:,} labelled texts"
        )
        if not self.contradicted:
            return f"{seen}: the estimate agrees with the labels."
        if self.measured < self.estimated.value:
            return (
                f"{seen}: the probabilities cannot be trusted here. Texts may have come to mean another label (concept "
                "drift), or they are unlike those that the probabilities were corrected on."
            )
        return f"{seen}: the model is right more often than its probabilities say; do not use the estimate here."

    def described(self) -> dict[str, object]:
        """Return plain values for the report."""
        return {
            "estimated": self.estimated.described(),
            "measured": self.measured,
            "n_documents": self.n_documents,
            "contradicted": self.contradicted,
            "sentence": self.sentence,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class EstimatedPerformance:
    """What the model's probabilities say of its accuracy in the current window. Never the truth.

    Attributes
    ----------
    confusion:
        Expected share of each label and prediction; with it accuracy, recall, precision and F1 and their intervals.
    reference_confusion:
        The same of the reference under the same calibration, to compare like with like.
    second_accuracy:
        The accuracy by average thresholded confidence; ``None`` where the reference cannot set the threshold.
    reference_accuracy:
        The measured accuracy of the reference; ``None`` where it has no labels.
    n_reference:
        Documents of the reference with label, prediction and probabilities.
    on_labelled:
        Estimate and truth side by side where rows of the current window carry labels; ``None`` where none does.
    flags:
        ``uncalibrated``: the probabilities could not be corrected, the estimate is the model's own confidence and its
        interval is unknown. ``disagree``: the two estimates differ by more than 0.03, and by more than two standard
        errors of the second. ``misfit``: the probabilities alone miss the measured accuracy of the reference itself,
        from which the predictions do not follow; the estimate was brought to that accuracy. ``outside_support``: the
        texts moved by 0.15 standard deviations or more. ``contradicted``: labels of the current window refute the
        estimate.
    notes:
        Limits in plain English; the first is always that concept drift cannot be seen.
    """

    confusion: ExpectedConfusion
    reference_confusion: ExpectedConfusion | None
    second_accuracy: float | None
    reference_accuracy: float | None
    n_reference: int
    on_labelled: ComparedWithLabels | None
    flags: tuple[str, ...]
    notes: tuple[str, ...]

    @property
    def accuracy(self) -> Estimate:
        """The estimated accuracy in the current window, with its interval."""
        return self.confusion.accuracy

    @property
    def calibrated(self) -> bool:
        """Whether the probabilities could be corrected on labels of the reference."""
        return "uncalibrated" not in self.flags

    @property
    def sentence(self) -> str:
        """The estimate in one or two sentences."""
        accuracy = self.accuracy
        if not self.calibrated:
            return (
                f"The model's mean confidence is {accuracy.value:.2f}. It is not an estimate of the accuracy: "
                "there are not enough labels to correct it."
            )
        told = f"Estimated accuracy without labels: {accuracy.value:.2f} ({accuracy.low:.2f} to {accuracy.high:.2f})"
        if self.reference_accuracy is not None:
            told += f", measured in the reference: {self.reference_accuracy:.2f}"
        doubts = [DOUBTS[flag] for flag in self.flags if flag in DOUBTS]
        return f"{told}. Do not rely on it: {' and '.join(doubts)}." if doubts else f"{told}."

    def described(self) -> dict[str, object]:
        """Return plain values for the report."""
        return {
            "accuracy": self.accuracy.described(),
            "second_accuracy": self.second_accuracy,
            "reference_accuracy": self.reference_accuracy,
            "n_documents": [self.n_reference, self.confusion.n_documents],
            "macro_f1": self.confusion.macro_f1,
            "by_class": self.confusion.by_class(),
            "confusion": {
                "labels": list(self.confusion.label_names),
                "shares": self.confusion.shares.tolist(),
            },
            "on_labelled": self.on_labelled.described() if self.on_labelled else None,
            "flags": list(self.flags),
            "sentence": self.sentence,
            "notes": list(self.notes),
        }
