"""Label or concept: a moved P(label) also moves P(label | text), and the texts tell which of the two it was."""

from __future__ import annotations

from dataclasses import dataclass

from textdrift.drift.contract import DriftResult

__all__ = ["Naming", "name_label_change"]

_BEYOND_DOUBT = 0.01
_NEAR = 2.0


@dataclass(frozen=True, slots=True)
class Naming:
    """What to say of a change that label drift and concept drift both explain.

    Attributes
    ----------
    strike_concept:
        The moved shares of the labels explain it all: do not name concept drift.
    ambiguous:
        The texts fit both stories within two standard errors.
    sentence:
        The reason, for people; empty where there is nothing to choose between.
    """

    strike_concept: bool
    ambiguous: bool
    sentence: str


def name_label_change(
    *, p_label: float, p_concept: float, within: DriftResult, shift: DriftResult, level: float
) -> Naming:
    """Choose between "the shares of the labels moved" and "the same text now carries another label".

    Only a label drift that is found beside a concept drift is weighed. Concept drift stands when one consequence of a
    pure label shift is refuted beyond doubt (p <= 0.01): the texts within a label stay, labels do not change along the
    score, and D, the shift of the reference model's guess, is J delta. Otherwise D decides: a label shift takes it to
    J delta, new labels for the same texts leave it at 0. Where J delta is likelier, concept drift is struck; where D is
    within two standard errors of both, the two are ambiguous. With a weak model, J near 0, nothing tells them apart.

    Parameters
    ----------
    p_label, p_concept:
        The p-values of the two kinds, as adjusted for the run: the same numbers that decide whether each is named.
    within:
        Result of ``concept.text_given_label``.
    shift:
        Result of ``concept.label_shift``.
    level:
        The level that `p_label` and `p_concept` are held against.

    Examples
    --------
    >>> from textdrift.drift.contract import Evidence
    >>> def result(p, **sizes):
    ...     rows = tuple({"name": name, "value": value} for name, value in sizes.items())
    ...     return DriftResult(test="t", kind="concept", statistic=0.0, p_value=p, effects=(), n_documents=(9, 9),
    ...                        evidence=(Evidence(name="sizes", rows=rows),))
    >>> shift = result(0.6, D=0.1, J_delta=0.1, error=0.01, score_error=0.01, p_prior=1.0, p_beyond=0.4,
    ...                log_likelihood_ratio=50.0)
    >>> name_label_change(p_label=0.001, p_concept=0.001, within=result(0.5), shift=shift, level=0.05).strike_concept
    True
    """
    if p_label > level or p_concept > level:
        return Naming(strike_concept=False, ambiguous=False, sentence="")
    sizes = {str(row["name"]): float(row["value"]) for row in shift.table("sizes")}
    if not sizes:
        sentence = "Label and concept moved; too few labelled texts to say whether the first explains the second."
        return Naming(strike_concept=False, ambiguous=True, sentence=sentence)
    shown, explained = sizes["D"], sizes["J_delta"]
    figures = (
        f"the reference model's guess moved by {shown:+.3f}; moved label shares alone would move it by "
        f"{explained:+.3f}, new labels for the same texts by 0"
    )
    refuted = {
        "the texts of each label moved": within.p_value,
        "clear texts changed sides": sizes["p_beyond"],
        figures: sizes["p_prior"],
    }
    reason = min(refuted, key=lambda name: refuted[name])
    strike = refuted[reason] > _BEYOND_DOUBT and sizes["log_likelihood_ratio"] > 0
    near_shift = abs(shown - explained) <= _NEAR * sizes["error"]
    near_zero = abs(shown) <= _NEAR * sizes["score_error"]
    if refuted[reason] <= _BEYOND_DOUBT:
        ambiguous, verdict = False, f"The moved shares of the labels do not explain it: {reason}."
    elif near_shift and near_zero:
        ambiguous, verdict = True, f"Label and concept drift cannot be told apart: {figures}."
    else:
        how = "explain" if strike else "do not explain"
        ambiguous, verdict = False, f"The moved shares of the labels {how} it: {figures}."
    return Naming(strike_concept=strike, ambiguous=ambiguous, sentence=verdict)
