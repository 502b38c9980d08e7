"""ModelInMemory: a loaded model, which gives a text the same vector beside any other texts."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from queue import SimpleQueue
from typing import Any

import numpy as np
from numpy.typing import NDArray

from textdrift.embeddings.model_places import quiet
from textdrift.embeddings.truncation import Truncation
from textdrift.errors import EncoderError

__all__ = ["ModelInMemory", "longest_input"]

# Sums of a padded text depend on how far it is padded, in the last bit; and on a multiple of 8 on nothing else:
# not on its neighbours, on how many there are, nor on the number of threads.
_PADDED_TO = 8
# Room for the special tokens that a model puts around a text.
_SPECIAL_TOKENS = 8
_MATRIX = 2
_MEMORY_WORDS = ("not enough memory", "can't allocate memory", "out of memory")

_log = logging.getLogger("textdrift")


class ModelInMemory:
    """A ``SentenceTransformer`` with its weights, on one device or, copied, on several.

    Texts are padded to the next multiple of 8 tokens and computed beside texts of that same padded length only, so a
    vector is the same to the last bit in a cold run, a warm one, or with half of the texts cached. Where the device
    runs out of memory, batches are halved until they fit.

    Parameters
    ----------
    replicas:
        The model, once for each device.
    prefix:
        Put before every text.
    batch_size:
        Texts per pass through the model.
    """

    def __init__(self, replicas: Sequence[Any], *, prefix: str, batch_size: int) -> None:
        self.model, self.replicas = replicas[0], list(replicas)
        self.prefix, self.batch_size = prefix, batch_size

    def encode(self, texts: Sequence[str]) -> NDArray[Any]:
        """Return one vector per text, shape (len(texts), d), ``float32``."""
        for replica in self.replicas:
            replica.eval()
        with quiet():
            features = self._features(list(texts))
            batches = self._batches(features)
            if len(self.replicas) == 1:
                parts = [(rows, self._vectors(self.model, features, rows, length)) for rows, length in batches]
            else:
                parts = self._on_all_devices(features, list(batches))
            return _in_order(parts, len(texts))

    def truncation(self, texts: Sequence[str]) -> Truncation | None:
        """Return which texts are longer than the model reads; ``None`` where its tokenizer does not say."""
        limit = self.model.max_seq_length
        tokenizer: Any = getattr(self.model, "tokenizer", None)
        if limit is None or not np.isfinite(limit) or not hasattr(tokenizer, "num_special_tokens_to_add"):
            return None
        prefixed = [self._prompt + text for text in texts]
        cut = np.zeros(len(prefixed), dtype=bool)
        # A token is at least one byte of ASCII, so that most short texts need no second look.
        unsure = [i for i, text in enumerate(prefixed) if len(text) + _SPECIAL_TOKENS > limit or not text.isascii()]
        if unsure:
            tokens = tokenizer([prefixed[i] for i in unsure], truncation=False, verbose=False)["input_ids"]
            cut[unsure] = [len(ids) > limit for ids in tokens]
        return Truncation(cut, int(limit))

    @property
    def _prompt(self) -> str:
        if self.prefix:
            return self.prefix
        return str((self.model.prompts or {}).get(self.model.default_prompt_name) or "")

    def _features(self, texts: list[str]) -> dict[str, Any]:
        """Return the tokens of all texts, padded to the multiple of 8 above the longest; or the texts themselves.

        The texts themselves where the model takes no padded tokens: then ``SentenceTransformer.encode`` does it all.
        """
        if not hasattr(self.model, "preprocess"):
            return {"texts": texts}
        features = dict(self.model.preprocess(texts, prompt=self._prompt or None))
        if not _is_padded_right(features, len(texts)):
            return {"texts": texts}
        from torch.nn.functional import pad

        length = features["input_ids"].shape[1]
        more = self._padded(np.array([length]))[0] - length
        tokenizer = getattr(self.model, "tokenizer", None)
        fill = {"input_ids": getattr(tokenizer, "pad_token_id", None) or 0}
        return {
            name: pad(value, (0, int(more)), value=fill.get(name, 0)) if _is_tensor(value) else value
            for name, value in features.items()
        }

    def _padded(self, lengths: NDArray[Any]) -> NDArray[Any]:
        """Return the padded length of each text: never above what the model takes, and the text's own alone."""
        padded = -(-lengths // _PADDED_TO) * _PADDED_TO
        limit = self.model.max_seq_length
        return padded if limit is None else np.minimum(padded, np.maximum(lengths, int(limit)))

    def _batches(self, features: dict[str, Any]) -> Iterator[tuple[NDArray[Any], int]]:
        """Give the rows of each batch and the length they are padded to; all texts of a batch share it."""
        if "texts" in features:
            n_rows = len(features["texts"])
            for first in range(0, n_rows, self.batch_size):
                yield np.arange(first, min(first + self.batch_size, n_rows)), 0
            return
        padded = self._padded(features["attention_mask"].sum(dim=1).numpy())
        for length in np.unique(padded):
            rows, first = np.flatnonzero(padded == length), 0
            while first < len(rows):
                size = self.batch_size
                yield rows[first : first + size], int(length)
                first += size

    def _on_all_devices(self, features: dict[str, Any], batches: list[tuple[NDArray[Any], int]]) -> list[Any]:
        """Give each batch to the next device that is free; one thread a device, since torch releases the lock."""
        free: SimpleQueue[Any] = SimpleQueue()
        for replica in self.replicas:
            free.put(replica)

        def work(batch: tuple[NDArray[Any], int]) -> tuple[NDArray[Any], Any]:
            replica = free.get()
            try:
                return batch[0], self._vectors(replica, features, *batch)
            finally:
                free.put(replica)

        with ThreadPoolExecutor(len(self.replicas)) as pool:
            return list(pool.map(work, batches))

    def _vectors(self, replica: Any, features: dict[str, Any], rows: NDArray[Any], length: int) -> Any:
        """Return the vectors of one batch, left on the device; in halves where it does not fit."""
        try:
            return _forward(replica, features, rows, length, fill_to=self.batch_size, prompt=self._prompt)
        except RuntimeError as error:
            if not _is_out_of_memory(error):
                raise
            if len(rows) == 1:
                raise EncoderError(
                    f"the device {replica.device} ran out of memory on a single text of {length or 'many'} tokens; "
                    f"free memory on it, set a smaller max_length or device='cpu'"
                ) from error
        # Outside of the handler: the traceback keeps the tensors of the failed batch alive.
        self.batch_size = min(self.batch_size, max(1, len(rows) // 2))
        _log.warning("%s ran out of memory; going on with batches of %d texts", replica.device, self.batch_size)
        _empty_cache(replica)
        import torch

        parts, first = [], 0
        while first < len(rows):
            # The size is read anew each time: a part that does not fit either makes it smaller.
            part = rows[first : first + self.batch_size]
            first += len(part)
            parts.append(self._vectors(replica, features, part, length))
        return torch.cat(parts)


def longest_input(model: Any) -> int | None:
    """Return the longest input that the weights of a model can take, in tokens; ``None`` where there is no limit."""
    layers = next((module.auto_model for module in model.children() if hasattr(module, "auto_model")), None)
    positions = getattr(getattr(layers, "config", None), "max_position_embeddings", None)
    if not isinstance(positions, int):
        return None
    table = getattr(getattr(layers, "embeddings", None), "position_embeddings", None)
    padding = getattr(table, "padding_idx", None)
    # RoBERTa and its kin begin to count behind the position of the padding.
    return positions - (padding + 1 if isinstance(padding, int) else 0)


def _is_tensor(value: object) -> bool:
    return hasattr(value, "shape") and len(value.shape) == _MATRIX


def _is_padded_right(features: dict[str, Any], n_texts: int) -> bool:
    """Say whether the features are tokens with a mask, one row per text, padded behind the text or not at all."""
    ids, mask = features.get("input_ids"), features.get("attention_mask")
    if not _is_tensor(ids) or not _is_tensor(mask) or ids is None or mask is None or len(ids) != n_texts:
        return False
    tensors = [value for value in features.values() if hasattr(value, "shape")]
    return all(value.shape == ids.shape for value in tensors) and bool(mask[:, 0].all())


def _forward(
    replica: Any, features: dict[str, Any], rows: NDArray[Any], length: int, *, fill_to: int, prompt: str
) -> Any:
    """Return the vectors of some rows of the features, ``float32``, on the device of the replica."""
    import torch

    if "texts" in features:
        texts = [features["texts"][row] for row in rows]
        vectors = replica.encode(texts, prompt=prompt or None, batch_size=len(texts), show_progress_bar=False)
        return torch.as_tensor(np.asarray(vectors, dtype=np.float32))
    on_gpu = replica.device.type == "cuda"
    batch = _filled_up(features, rows, length, fill_to) if on_gpu else _rows_of(features, rows, length)
    for name, value in batch.items():
        if _is_tensor(value):
            batch[name] = (value.pin_memory() if on_gpu else value).to(replica.device, non_blocking=True)
    with torch.inference_mode():
        vectors = replica(batch)["sentence_embedding"]
        dimension = getattr(replica, "truncate_dim", None)
        return vectors[: len(rows), :dimension].float()


def _rows_of(features: dict[str, Any], rows: NDArray[Any], length: int) -> dict[str, Any]:
    import torch

    chosen = torch.from_numpy(rows)
    return {name: value[chosen, :length] if _is_tensor(value) else value for name, value in features.items()}


def _filled_up(features: dict[str, Any], rows: NDArray[Any], length: int, fill_to: int) -> dict[str, Any]:
    """Return the rows, repeated up to one more than ``fill_to``, the last of them shortened by a token.

    A GPU picks its kernels by the shape of a batch, and by whether any token of it is padding: where none is, the
    attention mask is dropped, and in bfloat16 another kernel gives another last bit. So a text would depend on its
    neighbours; with one shape for each length, and always some padding, it does not.
    """
    # Where another device has just run out of memory, passes of the size before it are still to come.
    batch = _rows_of(features, np.resize(rows, max(len(rows), fill_to) + 1), length)
    batch["attention_mask"][-1, -1] = 0
    return batch


def _in_order(parts: list[tuple[NDArray[Any], Any]], n_texts: int) -> NDArray[Any]:
    """Return the vectors of all batches in the order of the texts; the only wait for the device."""
    dimension = parts[0][1].shape[1] if parts else 0
    vectors = np.empty((n_texts, dimension), dtype=np.float32)
    for rows, part in parts:
        vectors[rows] = part.cpu().numpy()
    return vectors


def _is_out_of_memory(error: RuntimeError) -> bool:
    import torch

    return isinstance(error, torch.OutOfMemoryError) or any(word in str(error).lower() for word in _MEMORY_WORDS)


def _empty_cache(replica: Any) -> None:
    import torch

    if replica.device.type == "cuda":
        torch.cuda.empty_cache()
