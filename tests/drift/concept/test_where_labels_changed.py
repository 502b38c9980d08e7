import numpy as np
from scipy import sparse

from textdrift.drift.concept.changed_documents import reference_guess
from textdrift.drift.concept.labelled import LabelledEmbeddings
from textdrift.drift.concept.pooled_fit import fit_pooled
from textdrift.drift.concept.pooled_texts import pool
from textdrift.drift.concept.where_labels_changed import where_labels_changed
from textdrift.embeddings.embeddings import Embeddings
from textdrift.tokens.token_counts import TokenCounts

NAMES = ("negative", "positive")
TERMS = ("airline", "hotel")


def window(n, rng, *, turned=0.0, words=True):
    """Two topics, far apart in x_1 and each with a word; a share of the labels of the hotels is turned."""
    topic = np.arange(n) % 2
    points = rng.normal(size=(n, 3)) + np.column_stack([np.zeros(n), 6.0 * topic, np.zeros(n)])
    label = (points[:, 0] + 0.3 * rng.normal(size=n) > 0).astype(int)
    label = np.where((topic == 1) & (rng.random(n) < turned), 1 - label, label)
    counts = TokenCounts(sparse.csr_matrix(np.eye(2, dtype=np.int32)[topic]), TERMS) if words else None
    return LabelledEmbeddings(Embeddings(points, "toy"), np.eye(2)[label], NAMES, counts), topic


def looked_up(*, turned, words=True, seed=0):
    rng = np.random.default_rng(seed)
    (reference, before), (current, after) = window(600, rng, words=words), window(600, rng, turned=turned, words=words)
    texts = pool(reference, current, n_folds=5, n_components=8, rng=rng)
    fit = fit_pooled(texts, [1], NAMES)
    guess = reference_guess(texts, [1])
    tables = where_labels_changed(fit, guess, np.concatenate([before, after]), (reference, current), level=0.05)
    return {table.name: table.rows for table in tables}, current, after


def test_the_topic_whose_labels_turned_is_told_with_its_word():
    tables, current, topic = looked_up(turned=0.4)
    assert list(tables) == ["concept_topics", "documents", "reversal"]
    rows = {row["topic"]: row for row in tables["concept_topics"]}
    assert rows[1]["p_value"] < 0.001 < rows[0]["p_value"]
    assert rows[1]["words"][0] == "hotel"
    assert rows[0]["words"][0] == "airline"
    assert rows[1]["share_relabelled"] > 0.25 > rows[0]["share_relabelled"]
    assert len(tables["documents"]) == 10
    assert all(topic[row["document"]] == 1 for row in tables["documents"])
    assert all(current.labels[row["document"]] == row["label"] for row in tables["documents"])


def test_without_words_topics_have_none():
    tables, _, _ = looked_up(turned=0.4, words=False)
    assert all(row["words"] == [] for row in tables["concept_topics"])
    assert tables["concept_topics"][0]["p_value"] < 0.001


def test_where_no_label_changed_no_topic_and_hardly_a_document_is_accused():
    tables, _, _ = looked_up(turned=0.0, seed=3)
    assert min(row["p_value"] for row in tables["concept_topics"]) > 0.01
    assert len(tables["documents"]) <= 2


def test_the_way_in_which_labels_changed_is_one_row_of_plain_values():
    tables, _, _ = looked_up(turned=0.4)
    (row,) = tables["reversal"]
    assert all(isinstance(key, str) for key in row)
    import json

    assert json.loads(json.dumps(tables["reversal"]))[0].keys() == row.keys()
