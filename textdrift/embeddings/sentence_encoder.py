"""SentenceEncoder: a sentence-transformers model on CPU or GPU, found on this machine before the network is asked."""

from __future__ import annotations

import copy
import os
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from textdrift.embeddings.arithmetic import PRECISIONS, Arithmetic, choose_arithmetic, devices_of, resolve_device
from textdrift.embeddings.model_identity import files_identity, model_fingerprint, tokenizer_fingerprint
from textdrift.embeddings.model_in_memory import ModelInMemory, longest_input
from textdrift.embeddings.model_places import DEFAULT_MODEL, find_model, folder_of, is_path, local_folders, quiet
from textdrift.embeddings.truncation import Truncation
from textdrift.errors import EncoderError, SettingsError, nearest_name

__all__ = ["DEFAULT_MODEL", "LoadedEncoder", "SentenceEncoder", "check_batch_size"]

_BACKENDS = ("torch", "onnx")
# So many batches are given to the model at once, for it to put texts of one length side by side.
_BATCHES_PER_CALL = 32
_SHORTEST_INPUT = 3
_PRECISIONS_AS_SAID = {
    "fp32": "float32", "single": "float32", "bf16": "bfloat16", "fp16": "float16", "half": "float16", "8bit": "int8",
}  # fmt: skip


def check_batch_size(batch_size: object, setting: str = "batch_size") -> None:
    """Refuse a batch size, or another count, that is no positive whole number.

    >>> check_batch_size(8)
    """
    if isinstance(batch_size, bool) or not isinstance(batch_size, (int, np.integer)) or batch_size < 1:
        raise SettingsError(f"{setting} must be a whole number of at least 1; got {batch_size!r}")


class SentenceEncoder:
    """A sentence-transformers model, named now and loaded when it is first used.

    The model is looked for in this order: a local folder; the local Hugging Face cache; for the default model the
    package of the ``offline`` extra; the Hugging Face hub, unless ``HF_HUB_OFFLINE`` is set. A pickle holds the
    settings and not the weights.

    Parameters
    ----------
    model:
        The name of a model, or its folder.
    device:
        ``"auto"`` (CUDA where there is one, else the CPU), ``"cpu"``, ``"cuda"`` (all GPUs), ``"cuda:1"``, ``"mps"``.
    batch_size:
        Texts per pass through the model; ``None`` for 16 on a CPU and 256 on a GPU.
    precision:
        ``"auto"`` (bfloat16 on a CPU or GPU that computes in it, else float32), ``"float32"``, ``"bfloat16"`` or
        ``"float16"``; with ``backend="onnx"`` ``"float32"`` or ``"int8"``. ``reason`` says what was chosen and why.
    prefix:
        Put before every text, where a model was trained with a prompt such as ``"query: "``.
    max_length:
        Longest input in tokens, special ones counted, at least 3; ``None`` for what the model was saved with.
    backend:
        ``"torch"``, or ``"onnx"`` for ONNX Runtime, which the ``onnx`` extra installs.

    Raises
    ------
    SettingsError
        When a setting is not of its kind, or the precision is not one of the backend.
    EncoderError
        When ``model`` is written as a path and there is no such folder; on first use, when no place has the model,
        there is no such device, or ``max_length`` is more than the model can take.
    MissingExtraError
        On first use, when ``backend="onnx"`` and the extra is not installed.

    Examples
    --------
    >>> SentenceEncoder(device="cpu", precision="float32", batch_size=8).reason
    'float32 on cpu, as set; batches of 8, as set'
    """

    def __init__(
        self,
        model: str | os.PathLike[str] = DEFAULT_MODEL,
        *,
        device: str = "auto",
        batch_size: int | None = None,
        precision: str = "auto",
        prefix: str = "",
        max_length: int | None = None,
        backend: str = "torch",
    ) -> None:
        texts = {"device": device, "precision": precision, "prefix": prefix, "backend": backend}
        for setting, value in texts.items():
            if not isinstance(value, str):
                raise SettingsError(f"{setting} must be a string; got {value!r}")
        _check_backend(backend, precision)
        for setting, size in (("batch_size", batch_size), ("max_length", max_length)):
            if size is not None:
                check_batch_size(size, setting)
        if max_length is not None and max_length < _SHORTEST_INPUT:
            raise SettingsError(
                f"max_length must be at least {_SHORTEST_INPUT}, a token of the text between the first and the last "
                f"special token; got {max_length}"
            )
        self.model = os.fspath(model)
        self.device = device
        self.prefix = prefix
        self.max_length = max_length
        self.backend = backend
        self._precision = precision
        self._batch_size = batch_size
        if not self.model.strip():
            raise SettingsError(f"the encoder's name is empty; leave it out for the default, {DEFAULT_MODEL}")
        if is_path(model) and not folder_of(self.model).is_dir():
            raise EncoderError(
                f"no encoder at {self.model}: there is no such folder; give a model's folder or its name"
            )

    def __repr__(self) -> str:
        """Return the settings as they would be written, defaults but for device and precision left out."""
        parts = [f"model={self.model!r}", f"device={self.device!r}", f"precision={self._precision!r}"]
        parts += [f"batch_size={self._batch_size}"] if self._batch_size is not None else []
        parts += [f"prefix={self.prefix!r}"] if self.prefix else []
        parts += [f"max_length={self.max_length}"] if self.max_length is not None else []
        parts += [f"backend={self.backend!r}"] if self.backend != "torch" else []
        return f"SentenceEncoder({', '.join(parts)})"

    def __getstate__(self) -> dict[str, Any]:
        """Return the settings; weights are loaded again, and the arithmetic chosen, where the pickle is opened."""
        return {name: value for name, value in self.__dict__.items() if name not in {"_loaded", "_arithmetic"}}

    @property
    def name(self) -> str:
        """The model's name, or the name of its folder."""
        folder = folder_of(self.model)
        return folder.resolve().name if folder.is_dir() else self.model

    @property
    def fingerprint(self) -> str:
        """Hexadecimal hash of all that decides a vector but precision; loads the model."""
        return self._loaded.fingerprint

    @property
    def identity(self) -> str | None:
        """A hash of the model's files, with prefix and length: as they lie on this disk; once loaded, as they lay then.

        Loads nothing. ``None`` where there are no files yet, or they changed while they were loaded.
        """
        # Files that changed since are another model than the one in memory, whose fingerprint we say.
        loaded: _Loaded | None = self.__dict__.get("_loaded")
        return self._identity_on_disk() if loaded is None else loaded.identity

    def _identity_on_disk(self) -> str | None:
        return files_identity(local_folders(self.model), (self.prefix, self.max_length))

    @property
    def precision(self) -> str:
        """The numeric precision that is computed in, ``auto`` resolved; with the backend where that is not torch."""
        chosen = self._arithmetic.precision
        return chosen if self.backend == "torch" else f"{chosen}-{self.backend}"

    @property
    def batch_size(self) -> int:
        """Texts per pass through the model."""
        return self._arithmetic.batch_size

    @property
    def texts_per_call(self) -> int:
        """Texts that one call of ``encode`` should be given, for it to sort them into batches of one length."""
        return _BATCHES_PER_CALL * self.batch_size

    @property
    def reason(self) -> str:
        """One line: the precision, device and batch size that are computed with, and why they were chosen."""
        return self._arithmetic.reason

    @property
    def tokenizer(self) -> str:
        """Hexadecimal hash of how the model splits texts; loads the model."""
        return self._loaded.tokenizer

    def encode(self, texts: Sequence[str]) -> NDArray[Any]:
        """Return the vectors of some texts, shape (len(texts), d), ``float32``, normalised where the model does so."""
        return self._loaded.memory.encode(texts)

    def truncation(self, texts: Sequence[str]) -> Truncation | None:
        """Return which texts are longer than the model reads; ``None`` where its tokenizer does not say."""
        return self._loaded.memory.truncation(texts)

    @cached_property
    def _arithmetic(self) -> Arithmetic:
        return choose_arithmetic(self.device, self._precision, self._batch_size, self.backend)

    @cached_property
    def _loaded(self) -> _Loaded:
        # A device that is not there is told before a precision is looked for on it.
        devices = devices_of(resolve_device(self.device))
        identity = self._identity_on_disk()
        model = find_model(self.model).float()
        identity = identity if identity == self._identity_on_disk() else None
        if self.max_length is not None:
            _set_max_length(model, self.max_length, self.model)
        # Before the weights are rounded or exported, so that the fingerprint is one for all precisions and backends.
        fingerprint, tokenizer = model_fingerprint(model, self.prefix), _tokenizer_of(model)
        chosen = self._arithmetic
        if self.backend == "onnx":
            from textdrift.embeddings.onnx_model import to_onnx

            replicas = [to_onnx(model, device=chosen.device, int8=chosen.precision == "int8")]
        else:
            replicas = _replicas(model, devices, chosen.precision)
        memory = ModelInMemory(replicas, prefix=self.prefix, batch_size=chosen.batch_size)
        return _Loaded(memory, fingerprint, tokenizer, identity)


@dataclass(frozen=True)
class LoadedEncoder:
    """A ``SentenceTransformer`` that the user has loaded, used as it is: its device, its precision, its prompts.

    A pickle holds the weights, since nobody knows where else to find them.

    Parameters
    ----------
    model:
        A ``sentence_transformers.SentenceTransformer``.

    Examples
    --------
    ``LoadedEncoder(SentenceTransformer("my/model"))`` or, shorter, ``compare(..., encoder=model)``.
    """

    model: Any

    @property
    def name(self) -> str:
        """The name that the model was loaded by, or the name of its folder, where it still knows."""
        card = getattr(self.model, "model_card_data", None)
        layers = [getattr(module, "auto_model", None) for module in self.model.children()]
        known = [getattr(card, "model_id", None), getattr(card, "base_model", None)]
        known += [getattr(layer, "name_or_path", None) for layer in layers]
        name = next((name for name in known if name), type(self.model).__name__)
        # Of a folder the last part: where it lies on this machine is nothing for a report.
        return Path(name).name if Path(name).is_dir() else str(name)

    @property
    def fingerprint(self) -> str:
        """Hexadecimal hash of all that decides a vector; weights that were rounded on loading are hashed as rounded.

        Computed whenever it is asked for, 0.1 s for MiniLM's 90 MB: the user may go on training the model.
        """
        return model_fingerprint(self.model, "")

    @property
    def precision(self) -> str:
        """The precision of the model's weights."""
        dtype = next((weight.dtype for weight in self.model.parameters() if weight.is_floating_point()), "float32")
        return str(dtype).removeprefix("torch.")

    @property
    def batch_size(self) -> int:
        """Texts per pass through the model."""
        return choose_arithmetic(str(self.model.device), self.precision, None).batch_size

    @property
    def texts_per_call(self) -> int:
        """Texts that one call of ``encode`` should be given, for it to sort them into batches of one length."""
        return _BATCHES_PER_CALL * self.batch_size

    @property
    def reason(self) -> str:
        """One line: the precision, device and batch size that are computed with."""
        return choose_arithmetic(str(self.model.device), self.precision, None).reason

    @property
    def tokenizer(self) -> str:
        """Hexadecimal hash of how the model splits texts."""
        return _tokenizer_of(self.model)

    def encode(self, texts: Sequence[str]) -> NDArray[Any]:
        """Return the vectors of some texts, shape (len(texts), d), ``float32``."""
        return self._memory.encode(texts)

    def truncation(self, texts: Sequence[str]) -> Truncation | None:
        """Return which texts are longer than the model reads; ``None`` where its tokenizer does not say."""
        return self._memory.truncation(texts)

    @cached_property
    def _memory(self) -> ModelInMemory:
        return ModelInMemory([self.model], prefix="", batch_size=self.batch_size)


@dataclass(frozen=True, slots=True)
class _Loaded:
    """A model in memory, the hashes of what it computes and how it splits texts, and that of the files it is from."""

    memory: ModelInMemory
    fingerprint: str
    tokenizer: str
    identity: str | None


def _check_backend(backend: str, precision: str) -> None:
    if backend not in _BACKENDS:
        raise SettingsError(f"unknown backend {backend!r}: {nearest_name(backend, _BACKENDS)}")
    if precision not in PRECISIONS:
        meant = _PRECISIONS_AS_SAID.get(precision.lower())
        hint = f"did you mean {meant!r}?" if meant else nearest_name(precision, PRECISIONS)
        raise SettingsError(f"unknown precision {precision!r}: {hint}")
    ours = ("auto", "float32", "int8") if backend == "onnx" else tuple(name for name in PRECISIONS if name != "int8")
    if precision not in ours:
        raise SettingsError(f"backend {backend!r} computes in {', '.join(ours)}; got precision {precision!r}")


def _set_max_length(model: Any, max_length: int, name: str) -> None:
    most = longest_input(model)
    if most is not None and max_length > most:
        raise EncoderError(f"max_length {max_length} is more than {name} can take; it has positions for {most} tokens")
    tokenizer: Any = getattr(model, "tokenizer", None)
    special = tokenizer.num_special_tokens_to_add() if hasattr(tokenizer, "num_special_tokens_to_add") else 0
    if max_length <= special:
        raise EncoderError(
            f"max_length {max_length} leaves nothing of a text: {name} puts {special} special tokens around it; "
            f"set at least {special + 1}"
        )
    model.max_seq_length = max_length


def _replicas(model: Any, devices: Sequence[str], precision: str) -> list[Any]:
    """Return the model once for each device, its layers rounded; the first is the one that was given.

    Pooling and normalisation stay in float32: they cost nothing, and in bfloat16 a unit vector is 0.4 % too long.
    """
    import torch

    layers = next(iter(model.children()))
    if precision != "float32":
        layers.to(dtype=getattr(torch, precision))
        layers.register_forward_hook(_widened)
    with quiet():
        copies = [model, *(copy.deepcopy(model) for _ in devices[1:])]
        return [replica.to(device=device).eval() for replica, device in zip(copies, devices, strict=True)]


def _widened(_layers: Any, _given: Any, features: dict[str, Any]) -> dict[str, Any]:
    """Return what the layers computed in float32."""
    import torch

    return {
        name: value.float() if torch.is_tensor(value) and value.is_floating_point() else value
        for name, value in features.items()
    }


def _tokenizer_of(model: Any) -> str:
    from textdrift.embeddings.probes import PROBES

    return tokenizer_fingerprint(model, PROBES)
