"""A finding in one or two plain sentences."""

from __future__ import annotations

from math import isfinite

from textdrift.drift.contract import DriftResult, Effect
from textdrift.drift.doubt import doubt_in
from textdrift.drift.quality.leakage import ONE_WINDOW
from textdrift.findings.column_sentences import COLUMN_SENTENCES
from textdrift.findings.concept_sentences import CONCEPT_SENTENCES
from textdrift.findings.finding import MINIMUM_DOCUMENTS
from textdrift.findings.phrases import (
    DOUBTFUL,
    SHOWN_WORDS,
    change_words,
    clipped,
    listed,
    percent,
    points,
    quoted,
    size_words,
)
from textdrift.findings.segment_sentences import SEGMENT_SENTENCES
from textdrift.tokens.tokenization import unit_in_words

__all__ = ["NOT_TESTED", "reason_untested", "sentence_of"]

NOT_TESTED = "Not tested: "
"""How the sentence of a test begins that found nothing to compare; the reason follows."""

_LONGEST_REASON = 240
_ALL = 0.99  # a share, but for what both windows hold
_TABLES_OF_VALUES = ("quantiles", "categories")
_NO_REASON = ("was not tested", "were not compared", "drawn from both windows.")


def sentence_of(result: DriftResult, effect: Effect, *, drifted: bool, conclusive: bool, supporting: bool) -> str:
    """Say what one result found, and when it found nothing, what it could have found."""
    if _is_untested(result) or (not drifted and not conclusive and doubt_in(result)):
        return f"{NOT_TESTED}{_reason(result)}"
    if ONE_WINDOW in result.notes and not drifted:
        return ONE_WINDOW
    say = _SENTENCES.get(f"{result.test}.{result.kind}", _SENTENCES.get(result.test))
    if supporting:
        return say(result, effect, drifted) if say else f"{result.test}: p = {result.p_value:.2g}."
    if drifted or conclusive or not isfinite(effect.detectable):
        tail = "" if drifted or conclusive else " These windows are too small to say more."
    else:
        tail = f" Only a change of {size_words(effect, effect.detectable)} or more would have shown."
    return (say(result, effect, drifted) if say else f"{result.test}: {effect.name} {effect.value:.3g}.") + tail


def reason_untested(result: DriftResult) -> str:
    """Return why a test found nothing to compare, or not as it is, as the end of a sentence; empty where it did."""
    return _reason(result) if _is_untested(result) or doubt_in(result) else ""


def _is_untested(result: DriftResult) -> bool:
    """Whether the test found nothing to compare: no evidence at all, no size that could have shown, and a note why.

    A column whose values are told was compared, whatever its notes say of some of them.
    """
    effect = result.effects[0]
    if any(map(result.table, _TABLES_OF_VALUES)):
        return False
    nothing = result.p_value == 1.0 and result.statistic == 0.0 and effect.value == 0.0
    return effect.name == "unknown" or (nothing and not isfinite(effect.detectable) and bool(result.notes))


def _reason(result: DriftResult) -> str:
    """Return the doubt, or the last note that says more than that nothing was tested."""
    doubt = doubt_in(result)
    reasons = [doubt.reason] if doubt else [note for note in result.notes if not note.endswith(_NO_REASON)]
    if not reasons:
        return "there was nothing to compare."
    reason = clipped(reasons[-1], _LONGEST_REASON)
    return f"{reason[0].lower()}{reason[1:].removesuffix('.')}."


def _vocabulary(result: DriftResult, effect: Effect, drifted: bool) -> str:
    if not drifted:
        return "The windows hold about as many new and vanished words as two samples of one source, or only a few more."
    word = "vanished" if effect.name == "excess_vanished_terms" else "new"
    seen, expected = result.sizes.get(word), result.sizes.get(f"expected_{word}")
    counts = f" ({seen:,.0f} {word} where chance gives {expected:,.0f})" if seen and expected is not None else ""
    return f"More of the vocabulary is {word} than chance brings: an excess of {percent(effect.value)}{counts}."


def _token_frequency(result: DriftResult, effect: Effect, drifted: bool) -> str:
    rows = result.table("terms")
    unit = unit_in_words(next((str(row["unit"]) for row in result.table("unit")), "words"))
    if not drifted or not rows:
        if drifted:
            single = "word" if unit == "words" else f"of the {unit}"
            size = size_words(effect, effect.value)
            return f"The style of the texts changed by {size}, though no single {single} stands out."
        if rows:
            few = min(result.n_documents) < MINIMUM_DOCUMENTS
            reason = (
                f"windows of fewer than {MINIMUM_DOCUMENTS} documents are never called drift"
                if few
                else "that is too little to matter, or too little evidence beside the other tests of the run"
            )
            return f"{quoted(rows[0]['term'])} went from {change_words(rows[0])} of the distinct texts, but {reason}."
        none = "No word moved" if unit == "words" else f"None of the {unit} moved"
        marks = result.table("marks")
        tail = ""
        if marks:
            tail = (
                f" Of what is no word, {quoted(marks[0]['term'])} went from {change_words(marks[0])} of the distinct "
                "texts; the units punctuation and casing look at such things."
            )
        return f"{none} more than it does between two samples of one source, or only by little.{tail}"
    parts = [f"{quoted(row['term'])} went from {change_words(row)} of the distinct texts" for row in rows[:1]]
    others = [quoted(row["term"]) for row in rows[1:SHOWN_WORDS]]
    more = f", with {listed(others)}" if others else ""
    count = f" ({len(rows)} {unit} moved)" if len(rows) > SHOWN_WORDS else ""
    return f"The {unit} changed: {parts[0]}{more}{count}."


def _model_coverage(result: DriftResult, _effect: Effect, _drifted: bool) -> str:
    reader = next((str(row["reader"]) for row in result.table("reader")), "encoder")
    before, after = (percent(result.sizes[f"blind_share_{window}"]) for window in ("reference", "current"))
    chance = "which is no more than chance brings" if result.p_value > DOUBTFUL else "which chance does not explain"
    if reader == "vocabulary":
        return f"The model's vocabulary lacks {before} of the words of the reference and {after} now, {chance}."
    return (
        f"The encoder cannot read {before} of the words of the reference and {after} now "
        f"(unknown to its tokenizer, or broken into crumbs), {chance}."
    )


def _label_words(result: DriftResult, _effect: Effect, _drifted: bool) -> str:
    # The p-value and the interval are made of the same halves in two ways; where they disagree nothing is said.
    rows = [r for r in result.table("label_words") if r["p_value"] <= DOUBTFUL and not r["low"] <= 0 <= r["high"]]
    if not rows:
        return "The words that lean on each label have the share of what is said that they had, or chance explains it."
    parts = [f"those that lean on {quoted(row['label'])} from {change_words(row)} of all words" for row in rows]
    return f"What is said leans on other labels: {listed(parts[:SHOWN_WORDS])}."


def _meaning(_result: DriftResult, effect: Effect, drifted: bool) -> str:
    if not drifted:
        return "The meaning of the texts did not move beyond chance, or only by little."
    interval = f"{max(0.0, effect.low):.2f} to {effect.high:.2f}"
    if effect.name == "spread_shift":
        return f"The spread of the meanings changed by {effect.value:.2f} standard deviations ({interval})."
    return f"The meaning of the texts moved by {effect.value:.2f} standard deviations ({interval})."


def _domain_classifier(result: DriftResult, effect: Effect, _drifted: bool) -> str:
    area = result.sizes.get("auc")
    told = f" (it tells the windows apart with an AUC of {area:.2f})" if area is not None else ""
    if effect.low <= 0:
        return f"A classifier finds no share of the distinct texts that surely differs between the windows{told}."
    return f"At least {percent(effect.low)} of the distinct texts differ between the windows{told}."


def _encoder(result: DriftResult, _effect: Effect, _drifted: bool) -> str:
    return result.notes[-1] if result.notes else "The encoder was compared with the canary beside the reference."


def _categorical(result: DriftResult, effect: Effect, drifted: bool) -> str:
    rows = result.table("categories")
    noun = f"{result.kind}s"
    alone = [
        f"{quoted(row['value'])} in the {here} window only"
        for row in rows
        for here, there in (("current", "reference"), ("reference", "current"))
        if row[f"{here}_share"] > 0 and row[f"{there}_share"] == 0
    ]
    tail = f" There is {listed(alone[:3])}." if alone else ""
    if not rows:
        return f"There were no {noun} to compare."
    if not drifted:
        return f"The shares of the {noun} did not move beyond chance, or only by little.{tail}"
    if len(alone) == len(rows) and effect.value >= _ALL:
        sides = [[quoted(r["value"]) for r in rows if r[f"{side}_share"] > 0][:3] for side in ("reference", "current")]
        were, are = map(listed, sides)
        return f"The windows share no {result.kind}: most were {were} and are {are}, perhaps the same ones renamed."
    most = f"{quoted(rows[0]['value'])} from {change_words(rows[0])}"
    return f"The {noun} moved: {most} ({points(effect.value)} in all).{tail}"


def _accuracy(result: DriftResult, effect: Effect, drifted: bool) -> str:
    sizes = result.sizes
    if not sizes:
        return "Accuracy could not be compared."
    before, after = percent(sizes["accuracy_reference"]), percent(sizes["accuracy_current"])
    if not drifted:
        return (
            f"The model is right on {before} of the reference and {after} of the current documents; "
            "no change beyond chance, or only a small one."
        )
    return f"Accuracy {'fell' if effect.value < 0 else 'rose'} from {before} to {after}."


def _quality(result: DriftResult, effect: Effect, drifted: bool) -> str:
    if not drifted:
        return _NOTHING_WRONG[result.test]
    causes = result.table("causes")
    return (
        clipped(str(causes[0]["sentence"]), _LONGEST_REASON)
        if causes
        else f"{result.test} touches {percent(effect.value)} of the rows."
    )


_NOTHING_WRONG = {
    "quality.missing": "About as many rows lack a text as before.",
    "quality.missing_values": "In no column are values missing more, or less, often than before; or hardly so.",
    "quality.copies": "About as many rows are copies of another row as before.",
    "quality.length": "The lengths do not pile up at a new limit.",
    "quality.markup": "About as many texts hold markup or entities as before.",
    "quality.encoding": "About as many texts look wrongly decoded as before.",
    "quality.casing": "Capitals and punctuation were not stripped.",
    "quality.placeholder": "About as many rows hold a text that stands for none as before.",
    "quality.language": "The texts are in the same languages as before.",
    "quality.template": "About as many texts are made from a template as before.",
    "quality.schema": "The columns hold what they held.",
    "quality.late": "No load was late, left out or stamped at one moment.",
    "quality.leakage": "No more texts of the reference lie in the current window than by chance, or only a few.",
    "quality.giveaways": "No word gives the label away that did not before.",
    "quality.loop": "The labels agree with the predictions as often as the model's answers let expect, or hardly more.",
}

_SENTENCES = {
    "lexical.vocabulary": _vocabulary,
    "lexical.token_frequency": _token_frequency,
    "lexical.model_coverage": _model_coverage,
    "lexical.label_words": _label_words,
    "embedding.alibi_mmd": _meaning,
    "embedding.mmd": _meaning,
    "embedding.encoder_canary": _encoder,
    "embedding.domain_classifier": _domain_classifier,
    "embedding.alibi_lsdd": _meaning,
    "embedding.alibi_learned_kernel": _meaning,
    "embedding.alibi_classifier": _meaning,
    "embedding.alibi_spot_the_diff": _meaning,
    "embedding.mean_embedding": _meaning,
    "columns.categorical": _categorical,
    "columns.accuracy": _accuracy,
    **COLUMN_SENTENCES,
    **CONCEPT_SENTENCES,
    **SEGMENT_SENTENCES,
    **dict.fromkeys(_NOTHING_WRONG, _quality),
}
