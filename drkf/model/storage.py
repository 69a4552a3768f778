"""Weights on disk: safetensors only, matrices as int8 with a scale per row, loaded strictly."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor, nn

from drkf.errors import CheckpointError
from drkf.files import whole

WEIGHTS = "model.safetensors"
#: What to do about a file of a checkpoint that is missing or damaged.
DOWNLOAD_AGAIN = "download the checkpoint again"
SCALE = ".scale"
#: Tensors smaller than this gain nothing from int8 and are kept in float16.
MIN_QUANTISED = 4096


def quantise(weight: Tensor) -> tuple[Tensor, Tensor]:
    """Symmetric int8 by output row: W (out, ...) -> int8 of the same shape and scales (out,).

    W ≈ int8 * scale, with scale = max|row| / 127, so that the largest weight is exact.
    """
    rows = weight.float().flatten(1)
    scale = rows.abs().amax(1).clamp_min(1e-12) / 127
    return (rows / scale[:, None]).round().to(torch.int8).view(weight.shape), scale


def dequantise(weight: Tensor, scale: Tensor) -> Tensor:
    """int8 (out, ...) and scales (out,) -> float32."""
    return (weight.flatten(1).float() * scale[:, None]).view(weight.shape)


def save_tensors(
    tensors: Mapping[str, Tensor], path: Path, metadata: Mapping[str, str] | None = None
) -> None:
    """Writes a safetensors file completely or not at all. Tensors may share memory."""
    owned = {name: value.detach().cpu().contiguous() for name, value in tensors.items()}
    memory: set[int] = set()
    for name, value in owned.items():
        place = value.untyped_storage().data_ptr()
        if place in memory:
            owned[name] = value.clone()
        memory.add(place)
    with whole(path) as part:
        save_file(owned, part, metadata=dict(metadata or {}))


def read_tensors(path: Path, remedy: str) -> tuple[dict[str, Tensor], dict[str, str]]:
    """The tensors and the metadata of a safetensors file.

    Args:
        remedy: what the user can do where the file is missing or damaged, for the message.

    Raises:
        CheckpointError: the file is missing or damaged.
    """
    if not path.is_file():
        raise CheckpointError(f"{path} is missing: {remedy}")
    try:
        with safe_open(path, framework="pt") as file:
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
            return tensors, file.metadata() or {}
    except (SafetensorError, OSError) as error:
        raise CheckpointError(f"{path} is damaged ({error}): {remedy}") from None


def save_weights(module: nn.Module, path: Path, compact: bool = True) -> None:
    """Writes ``module``'s tensors, completely or not at all.

    Args:
        compact: int8 matrices and float16 for the rest; otherwise every tensor as it is.
    """
    tensors: dict[str, Tensor] = {}
    for name, value in module.state_dict().items():
        value = value.detach().cpu().contiguous()
        if not compact or not value.is_floating_point():
            tensors[name] = value
        elif value.ndim >= 2 and value.numel() >= MIN_QUANTISED:
            tensors[name], tensors[name + SCALE] = quantise(value)
        else:
            tensors[name] = value.half()
    save_tensors(tensors, path, {"format": "pt"})


def load_weights(module: nn.Module, path: Path) -> None:
    """Fills ``module`` from ``path``; every tensor must be there, none more, shapes equal.

    Raises:
        CheckpointError: the file is missing or unreadable, or a tensor is missing, is not
            expected, or has another shape; the message names it.
    """
    stored, _ = read_tensors(path, DOWNLOAD_AGAIN)
    loaded: dict[str, Tensor] = {}
    for name, own in module.state_dict().items():
        value = take(stored, name, own.shape, path)
        if value.dtype == torch.int8 and own.is_floating_point():
            value = dequantise(value, take(stored, name + SCALE, own.shape[:1], path))
        loaded[name] = value.to(own.dtype)
    if stored:
        raise CheckpointError(f"{path} has an unexpected tensor: {min(stored)}")
    module.load_state_dict(loaded, strict=True)


def take(stored: dict[str, Tensor], name: str, shape: torch.Size, path: Path) -> Tensor:
    """Removes a tensor from those of the file; it must be there, in the right shape."""
    if name not in stored:
        raise CheckpointError(f"{path} lacks the tensor {name}")
    value = stored.pop(name)
    if value.shape != shape:
        raise CheckpointError(
            f"{path}: tensor {name} has shape {tuple(value.shape)}, "
            f"the configuration asks for {tuple(shape)}"
        )
    return value


def file_hash(path: Path) -> str:
    """SHA-256 of a file, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
