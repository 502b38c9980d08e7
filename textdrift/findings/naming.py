"""Label or concept: a moved P(label) also moves P(label | text), and the texts tell which of the two it was."""

from __future__ import annotations

from dataclasses import dataclass

from textdrift.drift.contract import DriftResult

__all__ = ["Naming", "name_label_change"]

_BEYOND_DOUBT = 0.01
_NEAR = 2.0
_REACH = 1.96


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

    Only a label drift that is found beside a concept drift is weighed. `shift` says where the texts stand on the way
    from the first story, 0, to the second, 1: by the texts within each label; where those moved (p <= 0.01 of `within`:
    topics changed too, which either story allows) by the labels given the text. Concept drift stands when the first
    story is refuted beyond doubt (p <= 0.01): texts are on the way to 1, or texts crossed over. Otherwise the likelier
    story gives the name, and where both are within two standard errors the two are ambiguous. With a weak model nothing
    tells them apart.

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
    ...     labels = tuple({"label": name, "change": change} for name, change in (("bad", 0.1), ("good", -0.1)))
    ...     tables = Evidence(name="sizes", rows=rows), Evidence(name="labels", rows=labels)
    ...     return DriftResult(test="t", kind="concept", statistic=0.0, p_value=p, effects=(), n_documents=(9, 9),
    ...                        evidence=tables)
    >>> shift = result(0.6, way=0.1, way_error_shifted=0.2, way_error_relabelled=0.2, p_stories=0.6, p_crossed=0.4,
    ...                log_likelihood_ratio=10.0)
    >>> name_label_change(p_label=0.001, p_concept=0.001, within=result(0.5), shift=shift, level=0.05).strike_concept
    True
    """
    if p_label > level or p_concept > level:
        return Naming(strike_concept=False, ambiguous=False, sentence="")
    texts_moved = within.p_value <= _BEYOND_DOUBT
    sizes = {row["name"]: row["value"] for row in shift.table("sizes_given_text" if texts_moved else "sizes")}
    if not sizes or sizes["way_error_shifted"] is None:
        sentence = "Label and concept moved; too few labelled texts to say whether the first explains the second."
        return Naming(strike_concept=False, ambiguous=True, sentence=sentence)
    gained, lost = _labels(shift)
    scale = _scale(sizes, gained, lost)
    # Below 0 they read even more like their label than before: that is no step towards relabelled texts.
    on_the_way = sizes["way"] > 0 and sizes["p_stories"] <= _BEYOND_DOUBT
    if sizes["p_crossed"] <= _BEYOND_DOUBT and not on_the_way:
        reason = "texts read less like their own label than before"
        return Naming(
            strike_concept=False,
            ambiguous=False,
            sentence=f"The moved shares of the labels do not explain it: {reason} (p = {sizes['p_crossed']:.2g}).",
        )
    strike = not on_the_way and sizes["log_likelihood_ratio"] > 0
    fits_first = sizes["way"] <= _NEAR * sizes["way_error_shifted"]
    fits_second = abs(sizes["way"] - 1) <= _NEAR * sizes["way_error_relabelled"]
    if fits_first and fits_second:
        sentence = (
            f"Label and concept drift cannot be told apart: either texts labelled {gained} became more common (label "
            f"drift), or texts that used to be labelled {lost} are now labelled {gained} (concept drift). {scale}"
        )
        return Naming(strike_concept=strike, ambiguous=True, sentence=sentence)
    how = "explain" if strike else "do not explain"
    return Naming(strike_concept=strike, ambiguous=False, sentence=f"The moved shares of the labels {how} it. {scale}")


def _labels(shift: DriftResult) -> tuple[str, str]:
    """Name the label that gained most and the one that lost most."""
    names = ["with another label" if row["label"] is None else f"'{row['label']}'" for row in shift.table("labels")]
    return names[0], names[-1]


def _scale(sizes: dict[str, float], gained: str, lost: str) -> str:
    """Say where the texts stand, in the terms of both stories."""
    reach = _REACH * sizes["way_error_shifted"]
    return (
        f"On a scale from 0 (texts labelled {gained} read as they always did) to 1 (some of them read like texts "
        f"labelled {lost}, as relabelled ones do) they stand at {sizes['way']:.2f} (95 % interval "
        f"{sizes['way'] - reach:.2f} to {sizes['way'] + reach:.2f})."
    )
