from __future__ import annotations

import threading

import pyarrow as pa
import pytest

from textdrift.tokens.encoding import encoded_batches
from textdrift.tokens.tokenization import Tokenization


def texts(values: list[str | None]) -> pa.Array:
    return pa.array(values, pa.large_string())


def test_batches_come_in_order_whatever_thread_is_first() -> None:
    parts = [texts([f"batch{i}"] * (1 + 3000 * (i % 2))) for i in range(12)]
    terms = [batch.terms.to_pylist() for batch in encoded_batches(parts, Tokenization())]
    assert terms == [[f"batch{i}"] for i in range(12)]


def test_a_function_of_the_user_is_called_on_one_thread() -> None:
    callers = set()

    def split(text: str) -> list[str]:
        callers.add(threading.get_ident())
        return text.split()

    list(encoded_batches([texts(["a b"])] * 8, Tokenization(tokenizer=split)))
    assert len(callers) == 1


def test_an_error_in_one_batch_reaches_the_caller_and_ends_the_others() -> None:
    def batches():
        yield texts(["fine"])
        raise RuntimeError("the disk is gone")

    with pytest.raises(RuntimeError, match="the disk is gone"):
        list(encoded_batches(batches(), Tokenization()))


def test_codes_and_counts_of_a_batch_say_the_same() -> None:
    batch = next(iter(encoded_batches([texts(["b a b", "", "c"])], Tokenization())))
    assert batch.terms.to_pylist() == ["a", "b", "c"]
    assert batch.lengths.tolist() == [3, 0, 1]
    assert [batch.terms[code].as_py() for code in batch.codes] == ["b", "a", "b", "c"]
    assert batch.counts.toarray().tolist() == [[1, 2, 0], [0, 0, 0], [0, 0, 1]]
