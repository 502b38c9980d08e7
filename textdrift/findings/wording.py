"""A finding in one or two plain sentences."""

from __future__ import annotations

from math import isfinite

from textdrift.drift.contract import DriftResult, Effect
from textdrift.findings.finding import MINIMUM_DOCUMENTS
from textdrift.tokens.tokenization import unit_in_words

__all__ = ["listed", "percent", "points", "reason_untested", "sentence_of"]

_SHOWN_WORDS = 4
_ONE_DIGIT_BELOW = 0.0995
_DOUBTFUL = 0.05
_LONGEST_WORD = 60
_LONGEST_REASON = 240
_NO_REASON = ("was not tested", "were not compared")


def percent(share: float) -> str:
    """Write a share as a percentage, with a digit where it is small.

    >>> percent(0.123), percent(0.0123), percent(1.0)
    ('12 %', '1.2 %', '100 %')
    """
    digits = 1 if abs(share) < _ONE_DIGIT_BELOW and share != 0 else 0
    return f"{100 * share:.{digits}f} %"


def points(change: float) -> str:
    """Write a change of a share in percentage points.

    >>> points(-0.041)
    '4.1 points'
    """
    return f"{100 * abs(change):.1f} points"


def listed(words: list[str]) -> str:
    """Join words as a person would.

    >>> listed(["a", "b", "c"])
    'a, b and c'
    """
    return " and ".join(filter(None, [", ".join(words[:-1]), *words[-1:]]))


def sentence_of(result: DriftResult, effect: Effect, *, drifted: bool, conclusive: bool, supporting: bool) -> str:
    """Say what one result found, and when it found nothing, what it could have found."""
    if _is_untested(result):
        return f"Not tested: {_reason(result)}"
    say = _SENTENCES.get(result.test)
    if supporting:
        return say(result, effect, drifted) if say else f"{result.test}: p = {result.p_value:.2g}."
    if drifted or conclusive or not isfinite(effect.detectable):
        tail = "" if drifted or conclusive else " These windows are too small to say more."
    else:
        tail = f" Only a change of {_size(effect, effect.detectable)} or more would have shown."
    return (say(result, effect, drifted) if say else f"{result.test}: {effect.name} {effect.value:.3g}.") + tail


def reason_untested(result: DriftResult) -> str:
    """Return why a test found nothing to compare, as the end of a sentence; empty where it did compare."""
    return _reason(result) if _is_untested(result) else ""


def _is_untested(result: DriftResult) -> bool:
    """Whether the test found nothing to compare: no evidence at all, no size that could have shown, and a note why."""
    effect = result.effects[0]
    nothing = result.p_value == 1.0 and result.statistic == 0.0 and effect.value == 0.0
    return effect.name == "unknown" or (nothing and not isfinite(effect.detectable) and bool(result.notes))


def _reason(result: DriftResult) -> str:
    """Return the last note that says more than that nothing was tested."""
    reasons = [note for note in result.notes if not note.endswith(_NO_REASON)]
    if not reasons:
        return "there was nothing to compare."
    reason = _clipped(reasons[-1], _LONGEST_REASON)
    return f"{reason[0].lower()}{reason[1:].removesuffix('.')}."


def _clipped(text: str, length: int) -> str:
    return text if len(text) <= length else f"{text[: length - 1]}…"


def _quoted(word: object) -> str:
    """Quote a word, label or value from the data, cut where it is too long to be read."""
    return f"'{_clipped(str(word), _LONGEST_WORD)}'"


def _size(effect: Effect, value: float) -> str:
    if effect.name in ("std_shift", "spread_shift"):
        return f"{value:.2f} standard deviations"
    if effect.name == "js_excess":
        return f"{value:.3f} bits"
    return points(value)


def _change(row: dict[str, object]) -> str:
    before, after = float(str(row["reference_share"])), float(str(row["current_share"]))
    return f"{percent(before)} to {percent(after)}"


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
            size = _size(effect, effect.value)
            return f"The style of the texts changed by {size}, though no single {single} stands out."
        if rows:
            few = min(result.n_documents) < MINIMUM_DOCUMENTS
            reason = (
                f"windows of fewer than {MINIMUM_DOCUMENTS} documents are never called drift"
                if few
                else "that is too little to matter, or too little evidence beside the other tests of the run"
            )
            return f"{_quoted(rows[0]['term'])} went from {_change(rows[0])} of the documents, but {reason}."
        none = "No word moved" if unit == "words" else f"None of the {unit} moved"
        marks = result.table("marks")
        tail = ""
        if marks:
            tail = (
                f" Of what is no word, {_quoted(marks[0]['term'])} went from {_change(marks[0])} of the documents; the "
                "units punctuation and casing look at such things."
            )
        return f"{none} more than it does between two samples of one source, or only by little.{tail}"
    parts = [f"{_quoted(row['term'])} went from {_change(row)} of the documents" for row in rows[:1]]
    others = [_quoted(row["term"]) for row in rows[1:_SHOWN_WORDS]]
    more = f", with {listed(others)}" if others else ""
    count = f" ({len(rows)} {unit} moved)" if len(rows) > _SHOWN_WORDS else ""
    return f"The {unit} changed: {parts[0]}{more}{count}."


def _model_coverage(result: DriftResult, _effect: Effect, _drifted: bool) -> str:
    reader = next((str(row["reader"]) for row in result.table("reader")), "encoder")
    before, after = (percent(result.sizes[f"blind_share_{window}"]) for window in ("reference", "current"))
    chance = "which is no more than chance brings" if result.p_value > _DOUBTFUL else "which chance does not explain"
    if reader == "vocabulary":
        return f"The model's vocabulary lacks {before} of the words of the reference and {after} now, {chance}."
    return (
        f"The encoder cannot read {before} of the words of the reference and {after} now "
        f"(unknown to its tokenizer, or broken into crumbs), {chance}."
    )


def _label_words(result: DriftResult, _effect: Effect, _drifted: bool) -> str:
    # The p-value and the interval are made of the same halves in two ways; where they disagree nothing is said.
    rows = [r for r in result.table("label_words") if r["p_value"] <= _DOUBTFUL and not r["low"] <= 0 <= r["high"]]
    if not rows:
        return "The words that lean on each label have the share of what is said that they had, or chance explains it."
    parts = [f"those that lean on {_quoted(row['label'])} from {_change(row)} of all words" for row in rows]
    return f"What is said leans on other labels: {listed(parts[:_SHOWN_WORDS])}."


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
        return f"A classifier finds no share of the documents that surely differs between the windows{told}."
    return f"At least {percent(effect.low)} of the documents differ between the windows{told}."


def _encoder(result: DriftResult, _effect: Effect, _drifted: bool) -> str:
    return result.notes[-1] if result.notes else "The encoder was compared with the canary beside the reference."


def _categorical(result: DriftResult, effect: Effect, drifted: bool) -> str:
    rows = result.table("categories")
    noun = f"{result.kind}s"
    alone = [
        f"{_quoted(row['value'])} in the {here} window only"
        for row in rows
        for here, there in (("current", "reference"), ("reference", "current"))
        if row[f"{here}_share"] > 0 and row[f"{there}_share"] == 0
    ]
    tail = f" There is {listed(alone[:3])}." if alone else ""
    if not rows:
        return f"There were no {noun} to compare."
    if not drifted:
        return f"The shares of the {noun} did not move beyond chance, or only by little.{tail}"
    most = f"{_quoted(rows[0]['value'])} from {_change(rows[0])} of the documents"
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


def _concept(result: DriftResult, effect: Effect, drifted: bool) -> str:
    if not drifted:
        return "The same texts carry the same labels as before, or nearly so, as far as these documents show."
    words = [_quoted(row["term"]) for row in result.table("terms")[:_SHOWN_WORDS]]
    where = f", most clearly those with {listed(words)}" if words else ""
    changed = _of_hundred(effect.value)
    span = f" ({_of_hundred(effect.low)} to {_of_hundred(effect.high)})" if isfinite(effect.high) else ""
    return (
        f"The same text now means another label: of 100 comparable texts, about {changed} changed label{span}"
        f"{_mostly(result, effect)}{where}."
    )


def _mostly(result: DriftResult, effect: Effect) -> str:
    """Say between which labels most of the changes went, or that many cancel; empty where the net change is unclear."""
    rows = result.table("relabelled")
    gained = max((row for row in rows if row["net_low"] > 0), key=lambda row: float(row["net"]), default=None)
    lost = min((row for row in rows if row["net_high"] < 0), key=lambda row: float(row["net"]), default=None)
    largest = max((abs(float(row["net"])) for row in (gained, lost) if row is not None), default=0.0)
    if largest == 0.0:
        return ", in both directions" if rows and effect.low > 0 else ""
    how = "mostly" if largest >= abs(effect.value) / 2 else "more of them"
    source = f" from {_quoted(lost['label'])}" if lost is not None else ""
    aim = f" to {_quoted(gained['label'])}" if gained is not None else ""
    return f", {how}{source}{aim}" if aim or how == "mostly" else f", {how} away{source}"


def _of_hundred(share: float) -> str:
    """Write how many of 100 texts a share is, without a sign.

    >>> _of_hundred(0.133), _of_hundred(0.004), _of_hundred(1.3)
    ('13', 'under 1', '100')
    """
    number = 100 * min(1.0, abs(share))
    return "under 1" if 0 < number < 0.5 else f"{number:.0f}"  # noqa: PLR2004 - what rounds to 0


def _predictions_of_alike_texts(result: DriftResult, effect: Effect, _drifted: bool) -> str:
    if result.p_value > _DOUBTFUL:
        return f"The model answers the same texts as before, or nearly so (p = {result.p_value:.2g})."
    return (
        f"The model answers the same texts otherwise than before: of 100 comparable texts, about "
        f"{_of_hundred(effect.value)} got another prediction (p = {result.p_value:.2g})."
    )


def _within(result: DriftResult, _effect: Effect, _drifted: bool) -> str:
    verb = "moved" if result.p_value <= _DOUBTFUL else "stayed"
    return f"Within each label the texts {verb} (p = {result.p_value:.2g})."


def _label_shift(result: DriftResult, _effect: Effect, _drifted: bool) -> str:
    stands = "does not explain" if result.p_value <= _DOUBTFUL else "could explain"
    return f"A change in how often each label occurs {stands} the labels seen (p = {result.p_value:.2g})."


def _quality(result: DriftResult, effect: Effect, drifted: bool) -> str:
    if not drifted:
        return _NOTHING_WRONG[result.test]
    causes = result.table("causes")
    return (
        _clipped(str(causes[0]["sentence"]), _LONGEST_REASON)
        if causes
        else f"{result.test} touches {percent(effect.value)} of the rows."
    )


_NOTHING_WRONG = {
    "quality.missing": "About as many rows lack a text as before.",
    "quality.copies": "About as many rows are copies of another row as before.",
    "quality.length": "The lengths do not pile up at a new limit.",
    "quality.markup": "About as many texts hold markup or entities as before.",
    "quality.encoding": "About as many texts look wrongly decoded as before.",
    "quality.casing": "Capitals and punctuation were not stripped.",
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
    "concept.label_given_text": _concept,
    "concept.text_given_label": _within,
    "concept.label_shift": _label_shift,
    "concept.prediction_given_text": _predictions_of_alike_texts,
    **dict.fromkeys(_NOTHING_WRONG, _quality),
}
