import os

import numpy as np
import pytest
from scipy import sparse, stats
from scipy.stats import binom

from textdrift.drift.concept.label_given_text import LabelGivenText
from textdrift.drift.concept.labelled import LabelledEmbeddings
from textdrift.embeddings.embeddings import Embeddings
from textdrift.errors import WindowError
from textdrift.tokens.token_counts import TokenCounts

REPEATS = 100 if os.environ.get("TEXTDRIFT_CALIBRATION") == "small" else 300

NAMES = ("bad", "good")


def draw(n, rng, *, moved=0.0, k=2):
    """Texts whose label follows a known law: P(good | x) = 1 / (1 + exp(-3 x_0)), or a softmax."""
    points = rng.normal(size=(n, 6)) + moved * np.array([0.5, 1, 0, 0, 0, 0])
    logits = np.column_stack([np.zeros(n), 3 * points[:, 0]]) if k == 2 else 3 * points[:, :3]
    codes = (logits + rng.gumbel(size=logits.shape)).argmax(axis=1)
    return points, codes


def window(points, codes, k=2, **columns):
    return LabelledEmbeddings(Embeddings(points, "toy"), np.eye(k)[codes], ("bad", "good", "odd")[:k], **columns)


def flipped(codes, share, rng, k=2):
    hit = rng.random(len(codes)) < share
    return np.where(hit, (codes + rng.integers(1, k, size=len(codes))) % k, codes)


@pytest.mark.parametrize("k", [2, 3])
def test_relabelled_texts_are_found_and_their_share_measured(k):
    rng = np.random.default_rng(k)
    points, codes = draw(1500, rng, k=k)
    later, labels = draw(1500, rng, k=k)
    result = LabelGivenText().compare(
        window(points, codes, k), window(later, flipped(labels, 0.10, rng, k), k), rng=rng
    )
    share = result.effects[0]
    assert result.p_value < 1e-4
    assert share.low <= 0.10 <= share.high
    assert share.value == pytest.approx(0.10, abs=0.035)
    assert share.detectable < 0.10


def test_one_way_relabelling_shows_in_the_net_share():
    rng = np.random.default_rng(5)
    points, codes = draw(1500, rng)
    later, labels = draw(1500, rng)
    labels = np.where((labels == 1) & (rng.random(1500) < 0.16), 0, labels)
    result = LabelGivenText().compare(window(points, codes), window(later, labels), rng=rng)
    net = result.effects[1]
    assert net.name == "net_relabelled"
    assert net.low <= 0.08 <= net.high
    assert next(r["value"] for r in result.table("sizes") if r["name"] == "net_relabelled: good") < -0.04


def test_other_texts_under_the_same_law_are_no_concept_drift():
    # 40 pairs at level 0.05: 7 or more alarms have probability 0.003.
    rng = np.random.default_rng(6)
    alarms = 0
    for _ in range(40):
        result = LabelGivenText().compare(window(*draw(200, rng)), window(*draw(200, rng, moved=1.0)), rng=rng)
        alarms += result.p_value <= 0.05
    assert alarms <= 6


@pytest.mark.slow
@pytest.mark.parametrize(("k", "n"), [(20, 200), (40, 300)])
def test_false_alarms_keep_to_the_level_with_many_labels(k, n):
    rng = np.random.default_rng([k, n])
    centres = rng.normal(size=(k, 8))

    def many():
        codes = rng.integers(k, size=n)
        points = centres[codes] + rng.normal(size=(n, 8))
        names = tuple(f"label {c:02d}" for c in range(k))
        return LabelledEmbeddings(Embeddings(points, "toy"), np.eye(k)[codes], names)

    alarms = sum(LabelGivenText().compare(many(), many(), rng=rng).p_value <= 0.05 for _ in range(100))
    # 100 draws at 0.05: 12 or more have probability 0.004.
    assert alarms <= 11


@pytest.mark.slow
@pytest.mark.parametrize("k", [2, 3])
@pytest.mark.parametrize("moved", [0.0, 1.0])
def test_false_alarms_keep_to_the_level(k, moved):
    rng = np.random.default_rng([k, int(moved)])
    p_values, shares = [], []
    for _ in range(REPEATS):
        result = LabelGivenText().compare(
            window(*draw(400, rng, k=k), k), window(*draw(400, rng, moved=moved, k=k), k), rng=rng
        )
        p_values.append(result.p_value)
        shares.append(result.effects[0].value)
    assert np.sum(np.array(p_values) <= 0.05) <= binom.ppf(0.996, REPEATS, 0.05)
    assert np.median(shares) < 0.025


def test_windows_that_hardly_overlap_are_not_judged():
    rng = np.random.default_rng(7)
    points, codes = draw(300, rng)
    result = LabelGivenText().compare(window(points, codes), window(points + 30, 1 - codes), rng=rng)
    assert result.p_value == 1
    assert result.effects[0].detectable == np.inf
    assert "hardly overlap" in result.notes[-1]


@pytest.mark.parametrize("codes", [np.zeros(40, int), np.repeat([0, 1], [38, 2])])
def test_one_label_only_is_said_not_raised(codes):
    points = np.random.default_rng(0).normal(size=(40, 3))
    result = LabelGivenText().compare(window(points, codes), window(points, codes), rng=np.random.default_rng(0))
    assert (result.p_value, result.statistic) == (1, 0)
    assert result.effects[0].detectable == np.inf
    assert "not tested" in result.notes[-1]


def test_a_window_with_few_labels_is_said_not_raised():
    rng = np.random.default_rng(0)
    result = LabelGivenText().compare(window(*draw(300, rng)), window(*draw(12, rng)), rng=rng)
    assert result.p_value == 1
    assert "only 300 and 12 texts carry a label" in result.notes[0]


def test_points_that_are_all_alike_break_nothing():
    codes = np.arange(60) % 2
    same = window(np.ones((60, 3)), codes)
    assert LabelGivenText().compare(same, same, rng=np.random.default_rng(0)).p_value > 0.05


def test_same_seed_same_result_and_inputs_untouched():
    rng = np.random.default_rng(8)
    reference, current = window(*draw(150, rng)), window(*draw(150, rng))
    before = current.embeddings.points.copy()
    one, two = (LabelGivenText().compare(reference, current, rng=np.random.default_rng(1)) for _ in range(2))
    assert one == two
    assert np.array_equal(before, current.embeddings.points)


def test_the_order_of_the_rows_hardly_matters():
    # Folds and topics are dealt by position, so only the law of the p-value is the same; strong drift stays strong.
    rng = np.random.default_rng(9)
    points, codes = draw(800, rng)
    later, labels = draw(800, rng)
    reference, current = window(points, codes), window(later, flipped(labels, 0.2, rng))
    shuffled = current.take(rng.permutation(800))
    one = LabelGivenText().compare(reference, current, rng=np.random.default_rng(0))
    two = LabelGivenText().compare(reference, shuffled, rng=np.random.default_rng(0))
    assert max(one.p_value, two.p_value) < 1e-6
    assert one.effects[0].value == pytest.approx(two.effects[0].value, abs=0.02)


def test_copies_with_other_labels_enter_by_their_share():
    rng = np.random.default_rng(10)
    points, codes = draw(600, rng)
    later, labels = draw(600, rng)
    shares = np.eye(2)[labels] * 0.8 + 0.1  # every text of the current window has one copy in ten that disagrees
    current = LabelledEmbeddings(Embeddings(later, "toy"), shares, NAMES)
    result = LabelGivenText().compare(window(points, codes), current, rng=rng)
    assert result.p_value < 1e-4
    assert result.effects[0].value == pytest.approx(0.10, abs=0.04)


def worded(n, rng, *, names=NAMES, changed=0.0, topic=False, noise=12):
    """Texts of counted words: `fine`, `sick` and others; labels follow them and x_0.

    A share `changed` of the texts that hold `sick` gets another label; `topic` moves the label of one corner.
    """
    k = len(names)
    points = rng.normal(size=(n, 6))
    held = (rng.random((n, noise + 2)) < 0.2).astype(np.int32)
    height = 2.0 * points[:, 0] + 1.5 * held[:, 0] + 0.7 * rng.normal(size=n)
    codes = np.searchsorted(np.linspace(-1.5, 2.0, k + 1)[1:-1], height)
    other = (codes + rng.integers(1, k, n)) % k
    codes = np.where((held[:, 1] > 0) & (rng.random(n) < changed), other, codes)
    if topic:
        codes = np.where(points[:, 1] > 1.0, other, codes)
    counts = held * rng.integers(1, 3, held.shape).astype(np.int32)
    terms = ("fine", "sick", *(f"word{i:02d}" for i in range(noise)))
    return LabelledEmbeddings(
        Embeddings(points, "toy"), np.eye(k)[codes], names, TokenCounts(sparse.csr_matrix(counts), terms)
    )


def without_words(window):
    return LabelledEmbeddings(window.embeddings, window.shares, window.label_names)


def value(result, name):
    return next(row["value"] for row in result.table("sizes") if row["name"] == name)


@pytest.mark.parametrize("names", [NAMES, ("bad", "good", "odd"), ("1", "2", "3", "4", "5")])
def test_a_word_that_changed_its_label_is_found_named_and_joins_the_verdict(names):
    rng = np.random.default_rng(len(names))
    reference, current = worded(900, rng, names=names), worded(900, rng, names=names, changed=0.8)
    result = LabelGivenText().compare(reference, current, rng=np.random.default_rng(0))
    plain = LabelGivenText().compare(without_words(reference), without_words(current), rng=np.random.default_rng(0))
    assert [row["term"] for row in result.table("terms")] == ["sick"]
    assert result.p_value < min(1e-4, plain.p_value)
    # Eight in ten of the texts with one word in five.
    share = result.effects[0]
    assert share.low <= 0.16 <= share.high
    assert share.value == pytest.approx(0.16, abs=0.06)
    assert plain.table("terms") == ()


def test_the_verdict_is_the_combination_written_out():
    from textdrift.stats.multiplicity import bonferroni, cauchy_combination

    rng = np.random.default_rng(21)
    three = ("bad", "good", "odd")
    reference, current = worded(500, rng, names=three), worded(500, rng, names=three, changed=0.7)
    for windows in ((reference, current), (without_words(reference), without_words(current))):
        result = LabelGivenText().compare(*windows, rng=np.random.default_rng(0))
        parts = [[value(result, f"p_{part}: {name}") for part in ("average", "crossing", "topics")] for name in three]
        expected = bonferroni([cauchy_combination(row, (0.3, 0.5, 0.2)) for row in parts])
        if windows[0].counts is not None:
            word = result.table("terms")[0]["p_value"]
            expected = cauchy_combination([expected, word], (0.8, 0.2))
        assert result.p_value == pytest.approx(expected, rel=1e-9)
        assert result.statistic == pytest.approx(stats.norm.isf(result.p_value / 2))


def test_who_gained_and_who_lost_is_told_for_every_label():
    rng = np.random.default_rng(22)
    points, codes = draw(3000, rng, k=3)
    later, labels = draw(3000, rng, k=3)
    # Half of the odd become bad; nothing else.
    labels = np.where((labels == 2) & (rng.random(3000) < 0.5), 0, labels)
    result = LabelGivenText().compare(window(points, codes, 3), window(later, labels, 3), rng=rng)
    rows = {row["label"]: row for row in result.table("relabelled")}
    assert [row["label"] for row in result.table("relabelled")][-1] == "good"
    assert rows["odd"]["lost"] == pytest.approx(0.5, abs=0.1)
    assert abs(rows["odd"]["gained"]) < 0.05
    assert rows["bad"]["gained"] == pytest.approx(0.25, abs=0.08)
    assert rows["odd"]["net_low"] <= -1 / 6 <= rows["odd"]["net_high"]
    assert rows["good"]["net_low"] <= 0 <= rows["good"]["net_high"]
    assert all(row["gained_error"] > 0 and row["lost_error"] > 0 for row in rows.values())


EXPLAINED = ("terms", "concept_topics", "documents", "reversal")


def test_what_changed_is_explained_where_something_did():
    rng = np.random.default_rng(23)
    reference, current = worded(900, rng), worded(900, rng, topic=True)
    result = LabelGivenText().compare(reference, current, rng=np.random.default_rng(0))
    assert result.p_value <= 0.05
    assert [table.name for table in result.evidence] == ["sizes", "relabelled", *EXPLAINED]
    topics = result.table("concept_topics")
    assert 1 <= len(topics) <= 8
    assert sum(row["n_reference"] for row in topics) == 900
    assert {"topic", "words", "n_current", "net_change", "low", "high", "p_value"} <= set(topics[0])
    assert all(set(row["words"]) <= set(reference.counts.terms) for row in topics)
    documents = result.table("documents")
    assert 1 <= len(documents) <= 10
    corner = current.embeddings.points[:, 1] > 1.0
    assert np.mean([corner[row["document"]] for row in documents]) > 0.8
    assert all(current.labels[row["document"]] == row["label"] != row["expected_label"] for row in documents)
    assert [row["score"] for row in documents] == sorted((row["score"] for row in documents), reverse=True)
    assert len(result.table("reversal")) == 1


def test_where_nothing_changed_nothing_is_explained():
    rng = np.random.default_rng(24)
    result = LabelGivenText().compare(worded(600, rng), worded(600, rng), rng=np.random.default_rng(0))
    assert result.p_value > 0.05
    assert [table.name for table in result.evidence] == ["sizes", "relabelled"]


def test_labels_that_became_surer_are_no_other_labels():
    # The same texts, the same more likely label, and fewer odd ones: odds to the power of three.
    rng = np.random.default_rng(25)
    found = []
    for _ in range(12):
        windows = []
        for sure in (1.0, 3.0):
            points = rng.normal(size=(800, 6))
            good = rng.random(800) < 1 / (1 + np.exp(-1.5 * sure * points[:, 0]))
            windows.append(window(points, good.astype(int)))
        surer = LabelGivenText().compare(*windows, rng=rng)
        turned = LabelGivenText().compare(*windows[::-1], rng=rng)
        found.append((surer.p_value, value(surer, "p_crossing: good"), surer.effects[0].value, turned.p_value))
    p, crossing, share, turned = np.array(found).T
    assert (p <= 0.05).sum() <= 3
    assert (crossing > 0.99).all()
    assert np.median(share) < 0.02
    # The other way round clear texts get odd labels, and that is looked for.
    assert (turned <= 0.05).sum() >= 11


def test_rare_labels_count_as_the_rest_and_are_named():
    rng = np.random.default_rng(26)
    points, codes = draw(600, rng, k=3)
    later, labels = draw(600, rng, k=3)
    codes, labels = (np.where((c == 2) & (np.arange(600) % 100 > 0), 0, c) for c in (codes, labels))
    assert 0 < (labels == 2).sum() < 5
    result = LabelGivenText().compare(window(points, codes, 3), window(later, labels, 3), rng=rng)
    assert "labels with fewer than 5 texts in a window count as the rest: odd" in result.notes
    assert {row["label"] for row in result.table("relabelled")} == {"bad", "good"}


def test_a_label_that_only_one_window_holds_is_not_modelled_and_breaks_nothing():
    rng = np.random.default_rng(27)
    points, codes = draw(400, rng, k=3)
    later, labels = draw(400, rng, k=3)
    result = LabelGivenText().compare(
        window(points, np.where(codes == 2, 0, codes), 3), window(later, labels, 3), rng=rng
    )
    assert {row["label"] for row in result.table("relabelled")} == {"bad", "good"}
    assert any("count as the rest: odd" in note for note in result.notes)
    assert 0 < result.p_value < 0.01


def test_words_that_no_text_holds_change_nothing():
    rng = np.random.default_rng(28)
    points, codes = draw(300, rng)
    later, labels = draw(300, rng)
    empty = TokenCounts(sparse.csr_matrix((300, 0), dtype=np.int32), ())
    plain = LabelGivenText().compare(window(points, codes), window(later, labels), rng=np.random.default_rng(0))
    none = LabelGivenText().compare(
        window(points, codes, counts=empty), window(later, labels, counts=empty), rng=np.random.default_rng(0)
    )
    assert value(none, "p_crossing: good") == pytest.approx(value(plain, "p_crossing: good"))
    assert none.p_value >= plain.p_value


def test_scores_of_another_model_version_are_left_out_with_a_note():
    rng = np.random.default_rng(29)
    points, codes = draw(500, rng)
    later, labels = draw(500, rng)
    result = LabelGivenText().compare(
        window(points, codes, scores=points[:, :1]), window(later, labels, scores=1 - 2 * later[:, :1]), rng=rng
    )
    assert "probabilities were not used to guess the labels" in result.notes[0]
    assert result.p_value > 0.01


def test_windows_with_other_labels_are_refused():
    reference = window(np.ones((30, 2)), np.arange(30) % 2)
    current = window(np.ones((30, 2)), np.arange(30) % 3, 3)
    with pytest.raises(WindowError, match="labels that both windows hold"):
        LabelGivenText().compare(reference, current, rng=np.random.default_rng(0))


def spread_out(rng, factor):
    """Labels by the distance from the middle; only the texts of the second window spread out."""
    points = rng.normal(size=(800, 2))
    points[400:] *= factor
    codes = (rng.random(800) < 1 / (1 + np.exp(-2 * ((points**2).sum(axis=1) - 2)))).astype(int)
    return [window(points[rows], codes[rows]) for rows in (slice(400), slice(400, 800))]


def test_texts_that_merely_spread_out_do_not_alarm_though_labels_bend():
    alarms = 0
    for seed in range(20):
        rng = np.random.default_rng([41, seed])
        alarms += LabelGivenText().compare(*spread_out(rng, 1.4), rng=rng).p_value <= 0.05
    assert alarms <= 4, "with straight guesses all of them alarm"


def test_without_a_change_the_interval_of_the_gross_share_begins_at_0():
    rng = np.random.default_rng(42)
    result = LabelGivenText().compare(*spread_out(rng, 1.0), rng=rng)
    assert result.p_value > 0.05
    assert result.effects[0].low == 0.0


@pytest.mark.parametrize("k", [2, 3])
def test_what_is_called_detectable_is_mostly_seen(k):
    rng = np.random.default_rng(43)
    before, after = draw(700, rng, k=k), draw(700, rng, k=k)
    quiet = LabelGivenText().compare(window(*before, k), window(*after, k), rng=rng)
    dose = quiet.effects[0].detectable
    seen = 0
    for seed in range(20):
        rng = np.random.default_rng([44, seed])
        before, (points, codes) = draw(700, rng, k=k), draw(700, rng, k=k)
        changed = window(points, flipped(codes, dose, rng, k), k)
        seen += LabelGivenText().compare(window(*before, k), changed, rng=rng).p_value <= 0.05
    assert seen >= 13


@pytest.mark.parametrize("k", [2, 3])
@pytest.mark.parametrize("share", [0.3, 0.6, 1.0])
def test_the_share_relabelled_is_told_also_where_most_texts_changed(k, share):
    rng = np.random.default_rng([45, k])
    before, (points, codes) = draw(800, rng, k=k), draw(800, rng, k=k)
    turned = np.where(rng.random(800) < share, (codes + 1) % k, codes)
    result = LabelGivenText().compare(window(*before, k), window(points, turned, k), rng=rng)
    assert result.p_value < 1e-6
    assert result.effects[0].value == pytest.approx(share, abs=0.05 if k == 2 else 0.09)


def test_a_label_merged_into_another_is_found():
    rng = np.random.default_rng(46)
    before, (points, codes) = draw(700, rng, k=3), draw(700, rng, k=3)
    merged = np.where(codes == 2, 0, codes)
    result = LabelGivenText().compare(window(*before, 3), window(points, merged, 3), rng=rng)
    assert result.p_value < 1e-6
    assert result.effects[1].value > 0.15
