"""The whole report in one to three sentences, for a person who will not read on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import ceil, isfinite
from statistics import median

from textdrift.findings.column_sentences import column_of, columns_sentence, strongest_columns
from textdrift.findings.deciding import judges_of
from textdrift.findings.finding import MINIMUM_DOCUMENTS, Finding
from textdrift.findings.phrases import listed, named_size, quoted
from textdrift.findings.priced_change import Cost
from textdrift.findings.sight import Compared, Look, Sight, compared, looks_of, sights
from textdrift.findings.wording import reason_untested
from textdrift.performance.accuracy_split import AccuracySplit
from textdrift.performance.assessing import Performance

__all__ = ["summarise"]

_ADJECTIVE = {
    "lexical": "the words",
    "semantic": "the meaning of the texts",
    "label": "the labels",
    "prediction": "the predictions",
    "concept": "what the texts mean to the labels",
    "performance": "the accuracy",
    "quality": "the pipeline",
    "features": "the other columns",
    "encoder": "the encoder",
}
_BY_CAUSE = {
    "harder_texts": "because the texts are {harder}",
    "changed_meaning": "on texts that both windows hold",
    "unfamiliar_texts": "because of texts that the reference hardly holds",
}
_MOST_SENTENCES = 2
_MOSTLY = 0.5
_TWICE = 2.0
_MANY_TIMES = 5
_A_QUARTER_MORE = 1.25
_SHOWN_REASONS = 3
_SHOWN_COLUMNS = 2
_FEW_OF_ROWS = 2  # fewer documents than half of the rows


def summarise(
    verdict: str,
    kinds: Sequence[str],
    ambiguous: Sequence[tuple[str, str]],
    findings: Sequence[Finding],
    *,
    counted: str = "documents",
    whole: Compared | None = None,
    performance: Performance | None = None,
    cost: Cost | None = None,
) -> str:
    """Say the verdict, then the one or two findings that carry it, in three sentences at most.

    Where the verdict is drift, what most of a change of accuracy stands on is said with it, and then its cost.

    Parameters
    ----------
    verdict, kinds, ambiguous, findings:
        Of the run.
    counted:
        What counts as independent: ``documents``, ``groups``, or ``rows`` where there is no text.
    whole:
        How much was compared, with the rows behind it, where the caller knows.
    performance, cost:
        What the drift did to the model, where that is known.
    """
    if verdict == "drift":
        untold = kinds[_MOST_SENTENCES - bool(ambiguous) :]  # of these only the opening speaks
        opening = f"Drift in {listed([_opened(kind, findings, named=kind in untold) for kind in kinds])}."
        leading = []
        for kind in kinds:
            strongest = max((f for f in findings if f.drifted and f.kind == kind), key=lambda f: f.strength)
            cause = _cause(strongest, performance) if kind == "performance" else ""
            sentence = columns_sentence(findings) if kind == "features" else ""
            leading.append(f"{(sentence or strongest.sentence).removesuffix('.')}{cause}.")
        if ambiguous:
            named, other = ambiguous[0]
            leading.insert(1, f"These data cannot tell {named} drift from {other} drift.")
        return " ".join([opening, *_with_cost(leading[:_MOST_SENTENCES], cost)])
    tested = [f for f in findings if not f.supporting and f.result.has_p_value]
    looks = looks_of(tested)
    if verdict == "no_drift":
        whole = whole or compared(looks, counted=counted)
        shown = "the windows" if whole is None else whole.words
        return f"No drift: {shown} show no material change. {_seen(sights(looks))}"
    if any(_sees_nothing(f) for f in tested):
        return (
            "Inconclusive: the vectors of all texts are the same, so no change of meaning could be seen. More texts "
            "would not help; look at the encoder."
        )
    judges = judges_of(tested)
    untested = {reason_untested(f.result): f.kind for f in judges if not f.conclusive}
    reasons = [reason.removesuffix(".") for reason in untested if reason]
    told = _listed_reasons(reasons)
    if set(untested.values()) == {"features"} and all(map(reason_untested, (f.result for f in judges))):
        return f"Inconclusive: {_ADJECTIVE['features']} could not be compared: {told}."
    n, m = _fewest(looks_of(judges), looks)
    more_would_help = untested.get("") == "features"  # another column is too short, and was tested
    if reasons and min(n, m) >= MINIMUM_DOCUMENTS and not more_would_help:
        counts = f"{n:,} reference and {m:,} current {counted}"
        return f"Inconclusive: {counts} show no material change, but not all could be tested: {told}."
    said = [f"Inconclusive: {_too_few(n, m, counted, _behind(whole))} to see a material change."]
    said += [_needed(tested, counted, (n, m)), *_said_of_copies(looks, whole)]
    said += [f"Not tested: {told}."] if reasons and more_would_help else []
    return " ".join(said)


def _opened(kind: str, findings: Sequence[Finding], *, named: bool) -> str:
    """Name a kind; ``named`` adds which columns moved, where no sentence of its own will say so."""
    what = _ADJECTIVE.get(kind, kind)
    moved = strongest_columns(findings) if named and kind == "features" else []
    shown = [quoted(column_of(finding.result)) for finding in moved[:_SHOWN_COLUMNS]]
    shown += [f"{len(moved) - _SHOWN_COLUMNS} more"] if len(moved) > _SHOWN_COLUMNS else []
    return f"{what} ({listed(shown)})" if shown else what


def _fewest(judging: Sequence[Look], looks: Sequence[Look]) -> tuple[int, int]:
    """Return the fewest documents that a test compared: what found nothing to compare says so itself.

    The tests that say whether a silence can be trusted are asked first: others may look at a sample.
    """
    independent = [look for look in looks if look.kind != "quality"] or list(looks)
    compared_some = [
        [look for look in some if not look.reason and min(look.n_documents) > 0]
        for some in ([look for look in judging if look in independent], independent)
    ]
    counted = next(filter(None, compared_some), independent)
    return min((look.n_documents for look in counted), key=lambda sizes: (min(sizes), max(sizes)))


def _listed_reasons(reasons: Sequence[str]) -> str:
    more = f"; and {len(reasons) - _SHOWN_REASONS} more" if len(reasons) > _SHOWN_REASONS else ""
    return "; ".join(reasons[:_SHOWN_REASONS]) + more


def _behind(whole: Compared | None) -> str:
    """Return the rows behind the documents, where they are copies of each other: they are why there are so few."""
    return whole.behind if whole is not None and whole.has_copies else ""


def _said_of_copies(looks: Sequence[Look], whole: Compared | None) -> list[str]:
    """Say how each row can count in tests of features, where most rows are copies of a text."""
    if whole is None or whole.rows is None or not whole.has_copies or whole.counted != "documents":
        return []
    are_few = _FEW_OF_ROWS * sum(whole.sizes) < sum(whole.rows)
    if not are_few or all(look.kind != "features" or look.conclusive for look in looks):
        return []
    return ["Where rows of one text are independent, `unit: rows` of the columns tests counts each in the features."]


def _cause(finding: Finding, performance: Performance | None) -> str:
    """Say what more than half of a change of accuracy stands on; empty where no part of it is beyond chance."""
    split: AccuracySplit | None = None if performance is None else performance.split
    if split is None or not split.parts or split.change * finding.effect.value <= 0:
        return ""
    part = max(split.parts, key=lambda part: part.points * split.change)
    if part.low <= 0 <= part.high or part.points / split.change < _MOSTLY:
        return ""
    return ", mostly " + _BY_CAUSE[part.name].format(harder="harder" if part.points < 0 else "easier")


def _with_cost(leading: list[str], cost: Cost | None) -> list[str]:
    """Return the sentences, with the cost at the end of the last one."""
    if cost is None or not leading:
        return leading
    said = cost.sentence.replace(". Do not", "; do not")
    return [*leading[:-1], f"{leading[-1].removesuffix('.')}; cost: {said[0].lower()}{said[1:]}"]


def _sees_nothing(finding: Finding) -> bool:
    """Whether an encoder gives all of many texts one vector."""
    enough = min(finding.result.n_documents) >= MINIMUM_DOCUMENTS
    is_tested = enough and not reason_untested(finding.result)
    return finding.kind == "semantic" and is_tested and not isfinite(finding.result.effects[0].detectable)


def _seen(seen: Mapping[str, Sight]) -> str:
    """Say for which kinds a change of twice the material size would have shown, and from which size on for others."""
    sure = [_ADJECTIVE.get(kind, kind) for kind, sight in seen.items() if sight.sure]
    enough = f"A change of twice the size that matters would have shown in {listed(sure)}"
    blind = {_all_of(sight): sight.weakest for sight in seen.values() if not sight.sure}
    few = [f"{what}{_shows_from(look)}" for what, look in blind.items() if not look.reason]
    missed = [f"they are too few to be sure of {listed(few)}"] if few else []
    missed += [f"not tested in {what}: {look.reason.removesuffix('.')}" for what, look in blind.items() if look.reason]
    if not sure:
        return f"For every kind some change that matters could have been missed: {'; '.join(missed)}."
    return f"{'; '.join([enough, *missed])}."


def _all_of(sight: Sight) -> str:
    what = _ADJECTIVE.get(sight.kind, sight.kind)
    return f"every fault of {what}" if sight.partly else what


def _shows_from(look: Look) -> str:
    if not isfinite(look.detectable):
        return " (no change would have shown)"
    return f" (where less than {named_size(look.effect, look.detectable)} may not show)"


def _too_few(n: int, m: int, counted: str, behind: str) -> str:
    """Say which window is too small, where the other is many times larger, and the rows ``behind`` both."""
    both = f"{n:,} reference and {m:,} current {counted}{behind} are too few"
    if max(n, m) < MINIMUM_DOCUMENTS:
        return both
    if n * _MANY_TIMES <= m:
        return f"{n:,} reference {counted if n != 1 else _one(counted)} beside {m:,} current ones are too few"
    if m * _MANY_TIMES <= n:
        return f"{m:,} current {counted if m != 1 else _one(counted)} beside {n:,} of the reference are too few"
    return both


def _one(counted: str) -> str:
    return counted.removesuffix("s")


def _needed(findings: Sequence[Finding], counted: str, held: tuple[int, int]) -> str:
    """Name a window size that would settle it: a detectable effect shrinks with the root of the documents."""
    judges = [f for f in judges_of(findings) if f.material_from]
    sizes: dict[str, list[float]] = {}
    seen = {finding.kind for finding in judges if finding.conclusive}
    for finding in judges:
        if finding.material_from and isfinite(finding.effect.detectable):
            ratio = finding.effect.detectable / (_TWICE * finding.material_from)
            n, m = finding.result.n_documents
            harmonic = 2 / (1 / n + 1 / m)
            sizes.setdefault(finding.kind, []).append(harmonic * max(1.0, ratio) ** 2)
    # Of each kind one test is enough, and every kind must have one; kinds that have are no reason.
    blind = [_enough(kind, of_kind) for kind, of_kind in sizes.items() if kind not in seen]
    if not blind:
        return f"A window needs {MINIMUM_DOCUMENTS} {counted} at the very least, usually several hundred."
    larger, needed = max(held), max(blind)
    if min(held) * _MANY_TIMES <= larger and needed < 2.0 * larger:
        # The harmonic mean of the sizes counts, and one of them is there already.
        smaller = _rounded_up(1.0 / (2.0 / needed - 1.0 / larger))
        where = "reference" if held[0] < held[1] else "current"
        return f"About {max(smaller, min(held) + 1):,} {where} {counted} would be enough."
    return f"About {_rounded_up(needed):,} {counted} in each window would be enough."


def _enough(kind: str, sizes: Sequence[float]) -> float:
    """Return the size by which one test of a kind would see enough.

    Columns see about as far as each other: the least of their sizes is luck, so the middle one counts. From a handful
    of rows each seems to see farther than it does; a quarter more makes up for that.
    """
    return median(sizes) * _A_QUARTER_MORE if kind == "features" else min(sizes)


def _rounded_up(size: float) -> int:
    """Return a number of documents in two digits, never fewer than anything can be said of."""
    digits = 10 ** max(0, len(str(ceil(size))) - 2)
    return int(max(MINIMUM_DOCUMENTS, ceil(size / digits) * digits))
