"""What the triage says of a planted fault is what was planted: all of the drift, half of it, or nothing at all."""

import html
import re

import numpy as np
import pyarrow as pa
import pytest

from textdrift.drift.contract import DriftResult, Effect, Evidence
from textdrift.drift.quality import Casing, Copies, Encoding, Length, Markup, Missing
from textdrift.drift.window_pair import WindowPair
from textdrift.embeddings.hashing_encoder import HashingEncoder
from textdrift.errors import WindowError
from textdrift.findings.deciding import decide
from textdrift.findings.triaging import causes_of, triage
from textdrift.tokens.counting import count_tokens
from textdrift.windows.reading import read_window
from textdrift.windows.simulating import Dose, sample_pair
from textdrift.windows.window import Roles

ROWS = 3000


def escaped(text):
    return f"<p>{html.escape(text)}&nbsp;</p>"


def stripped(text):
    return re.sub(r"[^\w\s]", "", text.lower())


def in_another_language(text):
    return " ".join(word[::-1] for word in text.split())


def sample(topic=0.0, n=ROWS, seed=5):
    pair = sample_pair(n, n, dose=Dose(topic=topic), seed=seed)
    return pair.reference["text"].to_pylist(), pair.current["text"].to_pylist()


def hit(texts, share, change):
    """Change a share of the texts; return them, and which."""
    chosen = np.random.default_rng(1).random(len(texts)) < share
    return [change(text) if here else text for text, here in zip(texts, chosen, strict=True)], chosen


def copied(texts, share, n_texts=5):
    rng = np.random.default_rng(1)
    return [texts[rng.integers(n_texts)] if rng.random() < share else text for text in texts]


def pair_of(reference, current, **roles):
    windows = [read_window(side, Roles(**roles), name="window") for side in (reference, current)]
    return WindowPair(*windows, encoder=HashingEncoder, cache=lambda: None)


def findings_of(pair, *more):
    rng = np.random.default_rng(0)
    tests = (Casing(), Copies(), Encoding(), Length(), Markup(), Missing())
    results = [test.compare(*pair.audits, rng=rng) for test in tests]
    return decide([(result, False) for result in (*results, *more)], alpha=0.05)


def named(cause, share=0.1):
    """Return what a test says whose rows are known by a mask."""
    row = {"cause": cause, "share_of_rows": share, "direction": "up", "sentence": f"{cause}."}
    effect = Effect(name="share_of_rows", value=share, low=share, high=share, detectable=0.01)
    return DriftResult(
        test="quality.markup", kind="quality", statistic=share, p_value=1e-9, effects=(effect,),
        n_documents=(ROWS, ROWS), evidence=(Evidence(name="causes", rows=(row,)),),
    )  # fmt: skip


def told(pair, *more, masks=None):
    return triage(pair, findings_of(pair, *more), masks=masks or {}, rng=np.random.default_rng(0))


def planted(fault, texts):
    """Return the current texts with a fault, what another test says of it, and which rows carry it."""
    if fault == "language":
        current, carried = hit(texts, 0.10, in_another_language)
        return current, (named("language"),), {"language": (np.zeros(len(texts), dtype=bool), carried)}
    faults = {
        "escaped": lambda: hit(texts, 0.06, escaped)[0],
        "repeated": lambda: copied(texts, 0.20),
        "truncated": lambda: [text[:60] for text in texts],
        "recased": lambda: hit(texts, 0.30, stripped)[0],
    }
    return faults[fault](), (), {}


REMEDY = {
    "escaped": "repaired", "repeated": "left out", "truncated": "cut alike", "recased": "levelled",
    "language": "left out",
}  # fmt: skip


@pytest.mark.parametrize("fault", REMEDY)
def test_a_fault_alone_explains_all_of_the_drift(fault):
    reference, texts = sample()
    current, more, masks = planted(fault, texts)
    first = told(pair_of(reference, current), *more, masks=masks).causes[0]
    assert (first["cause"], first["remedy"]) == (fault, REMEDY[fault])
    assert first["share_explained"] >= 0.9
    assert first["explained"][0]["kind"] == "lexical"
    assert first["explained"][0]["low"] > 0.8


def distance(reference, current):
    """Return the squared distance of the mean square roots of word shares, row by row, by brute force."""
    reference, current = (pa.array(texts, pa.large_string()) for texts in (reference, current))
    rows = []
    for counts in count_tokens(reference, current):
        shares = counts.counts.toarray().astype(np.float32)
        rows.append(np.sqrt(shares / shares.sum(axis=1, keepdims=True)))
    (n, m), (first, second) = map(len, rows), (side.sum(axis=0, dtype=np.float64) for side in rows)
    # Each row has the length 1, and that is what it adds to the square of a sum by itself.
    return (first @ first - n) / (n * (n - 1)) + (second @ second - m) / (m * (m - 1)) - 2 * first @ second / (n * m)


# The doses at which the drift of the topics is as large, in squares, as that of the fault.
HALF = {"escaped": 0.15, "repeated": 0.42, "language": 0.21, "recased": 0.28, "truncated": 0.40}


@pytest.mark.parametrize(("fault", "topic"), HALF.items())
def test_half_of_the_drift_is_explained_where_the_other_half_is_a_change_of_topics(fault, topic):
    reference, texts = sample(topic)
    current, more, masks = planted(fault, texts)
    first = told(pair_of(reference, current), *more, masks=masks).causes[0]
    # What a cut leaves of the change of topics is all that anyone meets of it.
    alike = (lambda side: [text[:60] for text in side]) if fault == "truncated" else list
    truth = 1 - distance(alike(reference), alike(texts)) / distance(reference, current)
    assert truth == pytest.approx(0.5, abs=0.08)
    assert first["cause"] == fault
    assert first["share_explained"] == pytest.approx(truth, abs=0.08)
    assert first["share_explained"] == pytest.approx(0.5, abs=0.1)
    assert first["explained"][0]["low"] <= truth <= first["explained"][0]["high"]


def test_late_rows_explain_nothing_without_a_mask():
    reference, texts = sample(0.3, n=400)
    (row,) = told(pair_of(reference, texts), named("late")).causes
    assert (row["share_explained"], row["explained"], row["rows_touched"], row["remedy"]) == (None, [], None, None)
    assert row["sentence"] == "late."


def test_two_unlike_windows_of_one_law_give_a_fault_no_share():
    reference, texts = sample(n=600)
    mask = (np.zeros(600, dtype=bool), np.random.default_rng(2).random(600) < 0.1)
    found = told(pair_of(reference, texts), named("language"), masks={"language": mask})
    (row,) = found.causes
    assert (row["share_explained"], row["explained"], row["remedy"]) == (None, [], "left out")
    assert "too alike" in row["sentence"]
    assert found.together == ()


def test_without_a_cause_nothing_is_done():
    reference, texts = sample(0.3, n=200)
    pair = pair_of(reference, texts)
    findings = findings_of(pair)
    del pair.windows
    assert triage(pair, findings, rng=np.random.default_rng(0)).causes == ()


def test_a_fault_of_a_few_rows_can_be_nearly_all_of_the_drift_and_is_told_in_plain_words():
    reference, texts = sample()
    current, chosen = hit(texts, 0.06, escaped)
    (row,) = told(pair_of(reference, current)).causes
    assert row["rows_touched"] == pytest.approx(chosen.mean(), abs=0.002)
    assert re.search(
        r"(All|9\d %) of the drift of the words is gone when the \d\.\d % of rows that hold HTML tags or entities are "
        r"repaired\.$",
        row["sentence"],
    )


def test_shares_of_unrelated_faults_add_up_to_the_share_of_both():
    reference, texts = sample(0.2)
    current, _ = hit(copied(texts, 0.2), 0.12, escaped)
    found = told(pair_of(reference, current))
    shares = {row["cause"]: row["share_explained"] for row in found.causes}
    assert set(shares) == {"escaped", "repeated"}
    together = next(row["share"] for row in found.together if row["kind"] == "lexical")
    assert sum(shares.values()) == pytest.approx(together, abs=0.12)
    assert max(shares.values()) < together < 0.95


def test_what_a_fault_brings_with_it_comes_after_the_fault():
    # The cut takes the final punctuation of nearly all texts, and then half of them are escaped.
    reference, texts = sample(n=1500)
    reference = [f"{text.rstrip('.!?')}." for text in reference]
    current, _ = hit([f"{text.rstrip('.!?')}."[:50] for text in texts], 0.5, escaped)
    causes = [row["cause"] for row in told(pair_of(reference, [text[:50] for text in texts])).causes]
    assert causes[:2] == ["truncated", "recased"]
    assert told(pair_of(reference, current)).causes[0]["cause"] == "escaped"


def test_copies_of_a_placeholder_are_a_placeholder_first():
    reference, texts = sample(n=1000)
    current, carried = hit(texts, 0.2, lambda _: "no comment left by the customer")
    mask = (np.zeros(1000, dtype=bool), carried)
    found = told(pair_of(reference, current), named("placeholder", 0.2), masks={"placeholder": mask})
    assert [row["cause"] for row in found.causes][:2] == ["placeholder", "repeated"]
    assert all(row["share_explained"] > 0.9 for row in found.causes[:2])


def test_a_fault_that_went_away_explains_the_drift_too():
    reference, texts = sample()
    before, _ = hit(reference, 0.1, escaped)
    (row,) = told(pair_of(before, texts)).causes
    assert row["direction"] == "down"
    assert row["share_explained"] > 0.9
    assert row["rows_touched"] == 0.0
    assert "of the rows of the reference" in row["sentence"]


def test_vectors_are_measured_where_they_were_made_and_only_then():
    reference, texts = sample(n=800)
    pair = pair_of(reference, hit(texts, 0.3, escaped)[0])
    assert [part["kind"] for part in told(pair).causes[0]["explained"]] == ["lexical"]
    pair.embeddings(pair.every_document)
    found = told(pair)
    assert [part["kind"] for part in found.causes[0]["explained"]] == ["lexical", "semantic"]
    assert found.causes[0]["explained"][1]["share"] > 0.9
    assert found.notes == ()  # 240 texts changed, and all were encoded


@pytest.mark.parametrize(("fault", "topic"), [("escaped", 0.15), ("repeated", 0.40)])
def test_half_of_the_drift_of_the_meaning_is_explained_where_the_other_half_is_a_change_of_topics(fault, topic):
    reference, texts = sample(topic, n=1500)
    current, more, masks = planted(fault, texts)
    pair = pair_of(reference, current)
    pair.embeddings(pair.sample(20, pair.every_document))
    words, meaning = told(pair, *more, masks=masks).causes[0]["explained"]
    before, repaired, after = (HashingEncoder().encode(side).astype(float) for side in (reference, texts, current))

    def apart(current_vectors):
        first, second, n = before.sum(axis=0), current_vectors.sum(axis=0), len(before)
        # Vectors have the length 1, and that is what each adds to the square of a sum by itself.
        return (first @ first - n + second @ second - n) / (n * (n - 1)) - 2 * first @ second / n**2

    truth = 1 - apart(repaired) / apart(after)
    assert (words["kind"], meaning["kind"]) == ("lexical", "semantic")
    assert 0.2 < truth < 0.8
    assert meaning["share"] == pytest.approx(truth, abs=0.1)
    assert meaning["low"] <= truth <= meaning["high"]


def test_of_very_many_changed_texts_some_are_encoded_and_the_report_says_so():
    reference, texts = sample(n=800)
    pair = pair_of(reference, [text[:30] for text in texts])
    pair.embeddings(pair.every_document)
    found = told(pair)
    assert found.causes[0]["explained"][1]["share"] > 0.9
    assert "random rows, 25" in found.notes[0]


def test_with_given_vectors_rows_are_left_out_instead():
    rng = np.random.default_rng(3)
    reference, texts = sample(n=800)
    current, chosen = hit(texts, 0.2, escaped)
    points = [rng.normal(size=(800, 8)) for _ in range(2)]
    points[1][chosen] += 2.0
    sides = [
        {"text": side, "v": pa.array(vectors.tolist())}
        for side, vectors in zip((reference, current), points, strict=True)
    ]
    found = told(pair_of(*map(pa.table, sides), embeddings="v"))
    assert found.causes[0]["explained"][1]["share"] > 0.9
    assert "left out for the meaning" in found.notes[0]


def test_causes_that_touch_no_text_explain_nothing_and_claim_nothing():
    reference, texts = sample(0.3, n=500)
    current, _ = hit(texts, 0.08, lambda _: None)
    found = told(pair_of(reference, current))
    (row,) = found.causes
    assert (row["cause"], row["share_explained"], row["remedy"]) == ("missing", None, None)
    assert row["rows_touched"] == pytest.approx(0.08, abs=0.03)
    assert "drift of" not in row["sentence"]


GERMAN = (
    "die Lieferung kam leider viel zu spät und niemand hat mir geantwortet ich bin sehr enttäuscht aber der Kaffee "
    "schmeckt trotzdem ausgezeichnet wir möchten gern wissen wann das Paket endlich bei uns ankommen wird vielen Dank"
)


def in_german(text):
    words = np.random.default_rng(len(text)).permutation(GERMAN.split())[: 8 + len(text) % 9]
    return " ".join(words) + f" {text[:3]}"


@pytest.mark.parametrize(
    ("cause", "change"),
    [
        ("language", in_german),
        ("placeholder", lambda _: "n/a"),
        ("template", lambda text: f"Dear {text[:9]}, your order of {text[-14:]} has been shipped to your home today"),
    ],
)
def test_rows_whose_fault_is_seen_in_their_texts_need_no_mask(cause, change):
    reference, texts = sample(n=1500)
    current, carried = hit(texts, 0.10, change)
    (row,) = (row for row in told(pair_of(reference, current), named(cause)).causes if row["cause"] == cause)
    assert row["rows_touched"] == pytest.approx(carried.mean(), abs=0.015)
    assert row["share_explained"] == pytest.approx(1.0, abs=0.1)
    assert row["remedy"] == "left out"


def test_texts_of_the_reference_in_the_current_window_are_counted_and_explain_no_drift():
    reference, texts = sample(n=800)
    (row,) = told(pair_of(reference, [*reference[:100], *texts[100:]]), named("leak")).causes
    assert row["rows_touched"] == pytest.approx(100 / 800, abs=0.02)
    assert row["share_explained"] is None


def test_a_mask_of_another_length_is_refused():
    reference, texts = sample(n=100)
    with pytest.raises(WindowError, match="100 reference rows"):
        told(pair_of(reference, texts), named("leak"), masks={"leak": (np.zeros(7, dtype=bool),) * 2})


def test_without_texts_the_causes_are_ranked_by_their_rows():
    findings = decide([(named("late", 0.1), False)], alpha=0.05)
    (row,) = causes_of(findings)
    assert (row["cause"], row["share_of_rows"], row["share_explained"]) == ("late", 0.1, None)


def test_the_same_seed_gives_the_same_triage():
    reference, texts = sample(0.2, n=500)
    current = [text[:40] for text in texts]
    assert told(pair_of(reference, current)) == told(pair_of(reference, current))
