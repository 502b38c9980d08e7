"""What makes two models one: the hash of all that decides a vector, and cheap signs that the files are unchanged."""

from __future__ import annotations

import json
from collections.abc import Sequence
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np
import xxhash

__all__ = ["files_identity", "model_fingerprint", "tokenizer_fingerprint"]

# Raise it when ``model_fingerprint`` hashes something else, so that what was remembered is not believed.
_SCHEME = 1
_LIBRARIES = ("sentence-transformers", "transformers", "tokenizers", "torch")
# Parts of a transformer's configuration that say where it came from, not what it computes.
_NOT_COMPUTED = {"transformers_version", "dtype", "torch_dtype", "_name_or_path", "architectures", "use_cache"}


def files_identity(folders: Sequence[Path], settings: Sequence[object]) -> str | None:
    """Return a hash of what a model would be loaded from, or ``None`` where there are no files to look at.

    Names, sizes and times of change of all files, the versions of the libraries that read them, and the settings:
    0.1 ms a file. The time of the last change of a file's entry (ctime) is among them, which no copying tool sets back.
    """
    files = [file for folder in folders for file in sorted(folder.rglob("*")) if "__pycache__" not in file.parts]
    try:
        signs = [(str(file), _signs(file)) for file in files if not file.is_dir()]
    except OSError:
        return None
    if not signs:
        return None
    versions = [(library, _version(library)) for library in _LIBRARIES]
    return xxhash.xxh3_128_hexdigest(json.dumps([_SCHEME, signs, versions, list(settings)], default=str).encode())


def _signs(file: Path) -> tuple[int, int, int]:
    about = file.stat()
    return about.st_size, about.st_mtime_ns, about.st_ctime_ns


def _version(library: str) -> str:
    try:
        return metadata.version(library)
    except metadata.PackageNotFoundError:
        return ""


def model_fingerprint(model: Any, prefix: str) -> str:
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


def tokenizer_fingerprint(model: Any, probes: Sequence[str]) -> str:
    """Hash how a model splits texts: its vocabulary, and the tokens of the probes.

    What the tokenizer does, not how a library writes it down: that changes between versions.
    """
    tokenizer: Any = getattr(model, "tokenizer", None)
    vocabulary = sorted(tokenizer.get_vocab().items()) if hasattr(tokenizer, "get_vocab") else None
    if hasattr(tokenizer, "encode_batch"):
        tokens = [encoding.ids for encoding in tokenizer.encode_batch(list(probes), add_special_tokens=False)]
    elif callable(tokenizer):
        tokens = tokenizer(list(probes), add_special_tokens=False, truncation=False, verbose=False)["input_ids"]
    elif hasattr(tokenizer, "tokenize"):
        tokens = [list(map(int, tokenizer.tokenize(probe))) for probe in probes]
    else:
        return ""
    digest = xxhash.xxh3_128(json.dumps(vocabulary, default=str).encode())
    for ids in tokens:
        digest.update(np.asarray([len(ids), *ids], dtype="<i8").tobytes())
    return digest.hexdigest()
