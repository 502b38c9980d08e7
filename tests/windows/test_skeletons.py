"""Texts made from a template are found together; texts that people wrote are not."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from textdrift.windows.near_copies import near_copy_clusters
from textdrift.windows.simulating import Dose, sample_pair
from textdrift.windows.skeletons import skeleton_clusters

SYLLABLES = ("ka", "lo", "mi", "su", "te", "ve", "ru", "na", "per", "sti")


def word(rng: np.random.Generator) -> str:
    return "".join(rng.choice(SYLLABLES, size=rng.integers(2, 4)))


def slot(rng: np.random.Generator, fewest: int = 1, most: int = 1) -> str:
    return " ".join(word(rng) for _ in range(rng.integers(fewest, most + 1)))


TEMPLATES = {
    "contact": lambda r: f"Hi {slot(r)}, thanks for asking us about {slot(r, 2, 5)}. We will reply within {slot(r)}",
    "gift": lambda r: f"{slot(r)} has sent you a gift of {slot(r, 2, 2)}, open it before {slot(r)} to win",
    "check": lambda r: f"Check out my new {slot(r, 2, 2)} on {slot(r)} and follow {slot(r)} for more {slot(r)}",
    "quoted": lambda r: f'Your question "{slot(r, 3, 8)}" about {slot(r, 1, 3)} has been passed on to our team',
}  # fmt: skip


def clusters(texts: list[str], fewest: int = 5) -> np.ndarray:
    return skeleton_clusters(pa.array(texts, pa.large_string()), fewest=fewest)


def prose(n: int, seed: int = 1) -> list[str]:
    """Sample texts, near-copies left out."""
    texts = sample_pair(n, 1, seed=seed).reference["text"].combine_chunks()
    _, first = np.unique(near_copy_clusters(texts), return_index=True)
    return texts.take(pa.array(np.sort(first))).to_pylist()


@pytest.mark.parametrize("name", TEMPLATES)
def test_texts_of_one_template_are_found_among_others(name):
    rng = np.random.default_rng(2)
    made = [TEMPLATES[name](rng) for _ in range(20)]
    others = prose(400)
    found = clusters([*made, *others])
    assert np.mean(found[:20] >= 0) >= 0.9
    assert len(np.unique(found[:20][found[:20] >= 0])) <= 2
    assert np.mean(found[20:] >= 0) <= 0.01


@pytest.mark.parametrize("dose", [Dose(), Dose(topic=0.3)])
def test_sample_texts_have_next_to_no_skeleton(dose):
    texts = sample_pair(1, 1500, dose=dose, seed=4).current["text"].combine_chunks()
    _, first = np.unique(near_copy_clusters(texts), return_index=True)
    found = skeleton_clusters(texts.take(pa.array(np.sort(first))), fewest=5)
    assert np.mean(found >= 0) <= 0.02


def test_too_few_texts_are_no_skeleton():
    rng = np.random.default_rng(3)
    made = [TEMPLATES["gift"](rng) for _ in range(4)]
    assert (clusters([*made, *prose(200)])[:4] == -1).all()
    assert (clusters([*made, *prose(200)], fewest=4)[:4] >= 0).all()


def test_a_phrase_that_people_share_is_no_skeleton():
    rng = np.random.default_rng(4)
    texts = [f"{slot(rng, 4, 8)} thank you so much for {slot(rng, 6, 9)}" for _ in range(60)]
    assert (clusters(texts) == -1).all()


def test_skeletons_do_not_depend_on_the_order_of_the_texts():
    rng = np.random.default_rng(5)
    texts = [TEMPLATES[name](rng) for name in TEMPLATES for _ in range(12)] + prose(200)
    order = rng.permutation(len(texts))
    here, there = clusters(texts), clusters([texts[i] for i in order])
    assert ((here[order] >= 0) == (there >= 0)).all()
    together = here[order][:, None] == here[order][None, :]
    assert (together == (there[:, None] == there[None, :])).all()


def test_the_fixed_words_are_those_of_a_plain_count():
    # Eight texts, three constant pairs of words in a row are six words; a ninth shares but half of them.
    texts = [f"one two three four five six {a} {b}" for a, b in zip("abcdefgh", "ijklmnop", strict=True)]
    assert clusters([*texts, "one two three x y z w v"]).tolist() == [0] * 8 + [-1]


@pytest.mark.parametrize("texts", [[], [""], ["one"], ["", "..."], ["one", "two three"]])
def test_texts_of_hardly_a_word_have_no_skeleton(texts):
    assert clusters(texts).tolist() == [-1] * len(texts)
