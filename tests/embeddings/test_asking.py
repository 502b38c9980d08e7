import numpy as np
import pytest

from textdrift.embeddings import Canary, Truncation, VectorCache, encode_texts, resolve_encoder, texts_cut
from textdrift.embeddings.asking import ask_batch_sizes, one_line
from textdrift.errors import EncoderError

TEXTS = ["the soup was good", "the train was late"]


class OwnEncoder:
    name, fingerprint, precision, batch_size = "own", "00ff00ff", "float32", 4

    def encode(self, texts):
        return np.ones((len(texts), 2), dtype=np.float32)


def raising(_encoder):
    raise RuntimeError("no licence\n  was found")


def own(**members):
    return type("Odd", (OwnEncoder,), members)()


@pytest.mark.parametrize("member", ["name", "fingerprint", "precision", "batch_size", "identity", "texts_per_call"])
def test_a_member_that_raises_is_named_in_one_line(tmp_path, member):
    with pytest.raises(
        EncoderError, match=f"Odd cannot say its {member}: RuntimeError: no licence was found"
    ) as caught:
        encode_texts(TEXTS, own(**{member: property(raising)}), cache=VectorCache(tmp_path))
    assert "\n" not in str(caught.value)
    assert caught.value.__cause__ is not None


@pytest.mark.parametrize("member", ["reason", "batch_size", "texts_per_call"])
def test_what_a_run_asks_for_later_is_looked_at_when_the_encoder_is_given(member):
    with pytest.raises(EncoderError, match=f"cannot say its {member}"):
        resolve_encoder(own(**{member: property(raising)}))


@pytest.mark.parametrize("size", [0, -5, "x", 2.5, True])
def test_a_number_of_texts_per_call_that_is_none_is_refused(size):
    message = "texts_per_call of the encoder Odd must be a whole number of at least 1; got"
    with pytest.raises(EncoderError, match=message):
        encode_texts(TEXTS, own(texts_per_call=size), cache=None)
    with pytest.raises(EncoderError, match=message):
        resolve_encoder(own(texts_per_call=size))


def test_without_its_own_number_a_call_is_given_one_batch():
    assert ask_batch_sizes(own()) == (4, 4)
    assert ask_batch_sizes(own(texts_per_call=np.int64(9))) == (4, 9)


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (lambda _, texts: [True] * len(texts), "says of 2 texts a list"),
        (lambda _, texts: Truncation(np.zeros(len(texts) + 1, bool), 8), r"a cut of shape \(3,\)"),
        (
            lambda encoder, _: raising(encoder),
            "cannot say which of 2 texts it cuts: RuntimeError: no licence was found",
        ),
        (property(raising), "cannot say its truncation"),
        (7, "cannot say which of 2 texts it cuts: TypeError"),
    ],
)
def test_a_truncation_that_is_none_is_refused_in_one_line(tmp_path, answer, message):
    for encode in (texts_cut, encode_texts):
        with pytest.raises(EncoderError, match=message) as caught:
            encode(TEXTS, own(truncation=answer), cache=VectorCache(tmp_path))
        assert "\n" not in str(caught.value)


def test_a_message_of_many_lines_becomes_one():
    def encode(_, _texts):
        raise ValueError("first\n\n\tsecond line\r\nthird")

    with pytest.raises(EncoderError, match=r"failed on a batch of 2 texts: ValueError: first second line third; it"):
        encode_texts(TEXTS, own(encode=encode), cache=None)


def test_a_long_message_is_cut():
    assert len(one_line("word " * 500)) == 300


def test_an_encoder_that_answers_otherwise_has_no_canary():
    for member in ("tokenizer", "truncation", "fingerprint"):
        with pytest.raises(EncoderError, match=f"cannot say its {member}"):
            Canary.of(own(**{member: property(raising)}))


def test_a_fingerprint_is_not_remembered_for_files_that_changed_while_it_was_computed(tmp_path):
    class Changing(OwnEncoder):
        identity = "files before"

        @property
        def fingerprint(self):
            self.identity = "files after"
            return "00ff00ff"

    encode_texts(TEXTS, Changing(), cache=VectorCache(tmp_path))
    assert not list(tmp_path.glob("fingerprints*"))


def test_a_memory_that_is_wrong_and_cannot_be_written_gives_no_wrong_vectors(tmp_path, monkeypatch):
    from textdrift.embeddings.fingerprint_memory import FingerprintMemory

    FingerprintMemory(tmp_path).keep("files", "00000bad")
    monkeypatch.setattr(FingerprintMemory, "_write", lambda *_: None)
    assert encode_texts(TEXTS, own(identity="files"), cache=VectorCache(tmp_path)).encoder == "own@00ff00ff"
