"""Encoder states of many utterances, kept in float16 and cached on disk."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from tqdm.auto import tqdm

from drkf.audio.clip import load_audio
from drkf.data.manifest import Item
from drkf.files import remove_parts
from drkf.model import DRKF
from drkf.model.encoders import pad_tokens
from drkf.model.sequence import TokenSequence
from drkf.model.storage import read_tensors, save_tensors


class FeatureStore:
    """Rows of different length in one (sum of lengths, width) float16 tensor."""

    def __init__(self, values: Tensor, lengths: Tensor):
        self.values = values
        self.lengths = lengths
        self.starts = lengths.cumsum(0) - lengths

    def __len__(self) -> int:
        return len(self.lengths)

    def row(self, index: int) -> Tensor:
        """(length, width) of one row."""
        return self.values[self.starts[index] : self.starts[index] + self.lengths[index]]

    def batch(self, rows: Sequence[int | None]) -> TokenSequence:
        """The rows as a padded float32 batch; None gives a row with nothing in it."""
        empty = self.values.new_zeros(0, self.values.shape[1])
        picked = [empty if i is None else self.row(i) for i in rows]
        padded = TokenSequence.pad(picked)
        if padded.mask.shape[1] == 0:  # nobody has this modality: keep one masked place
            hidden = torch.zeros(len(picked), 1, self.values.shape[1])
            return TokenSequence(hidden, torch.zeros(len(picked), 1, dtype=torch.bool))
        return TokenSequence(padded.hidden.float(), padded.mask)

    @cached_property
    def means(self) -> Tensor:
        """(N, width) float32: the mean of each row."""
        rows = self.values.split(self.lengths.tolist())
        return torch.stack([row.float().mean(0) for row in rows])

    def pooled(self, stride: int) -> FeatureStore:
        """Each row with the mean of every ``stride`` places in their stead."""
        return FeatureStore.join(
            torch.stack([part.float().mean(0) for part in row.split(stride)]).half()
            for row in self.values.split(self.lengths.tolist())
        )

    def save(self, path: Path) -> None:
        save_tensors({"values": self.values, "lengths": self.lengths}, path)

    @classmethod
    def load(cls, path: Path) -> FeatureStore:
        tensors, _ = read_tensors(path, "delete it, and it is made again")
        return cls(tensors["values"], tensors["lengths"])

    @classmethod
    def join(cls, rows: Iterable[Tensor]) -> FeatureStore:
        rows = list(rows)
        return cls(torch.cat(rows), torch.tensor([len(row) for row in rows]))


def cached(path: Path, make: Callable[[], FeatureStore]) -> FeatureStore:
    """The store at ``path``, made and saved first if it is not there."""
    if path.is_file():
        return FeatureStore.load(path)
    store = make()
    path.parent.mkdir(parents=True, exist_ok=True)
    remove_parts(path.parent)
    store.save(path)
    return store


def fingerprint(module: torch.nn.Module, *parts: object) -> str:
    """A short hash of a module's weights and whatever else the features depend on."""
    digest = hashlib.sha256(json.dumps([str(part) for part in parts]).encode())
    for name, value in module.state_dict().items():
        digest.update(name.encode())
        digest.update(value.detach().cpu().float().numpy().tobytes())
    return digest.hexdigest()[:16]


@torch.no_grad()
def speech_store(
    model: DRKF,
    items: Sequence[Item],
    change: Callable[..., np.ndarray] | None = None,
    seed: int = 0,
    batch_size: int = 32,
    autocast: bool = True,
    progress: str = "speech",
) -> FeatureStore:
    """Encoder states of each item's clip.

    Args:
        change: makes (samples, rng=Generator) -> samples of each clip before it is encoded.
    """
    order = np.argsort([item.seconds or 0.0 for item in items], kind="stable")
    rows: dict[int, Tensor] = {}
    model.eval()
    for start in tqdm(range(0, len(items), batch_size), desc=progress, disable=None):
        index = order[start : start + batch_size]
        clips = []
        for i in index:
            samples = load_audio(items[i].audio).samples
            if change is not None:
                samples = change(samples, rng=np.random.default_rng([seed, int(i)]))
            clips.append(samples)
        features = model.speech_features(clips).to(model.device)
        with torch.autocast(model.device.type, torch.bfloat16, enabled=autocast):
            states = model.encode_speech(features)
        for i, hidden, mask in zip(index, states.hidden, states.mask, strict=True):
            rows[int(i)] = hidden[mask].half().cpu()
    return FeatureStore.join(rows[i] for i in range(len(items)))


@torch.no_grad()
def text_store(
    model: DRKF,
    token_ids: Sequence[list[int]],
    pad_id: int,
    batch_size: int = 128,
    autocast: bool = True,
    progress: str = "text",
) -> FeatureStore:
    """Encoder states of each tokenised text."""
    order = np.argsort([len(ids) for ids in token_ids], kind="stable")
    rows: dict[int, Tensor] = {}
    model.eval()
    for start in tqdm(range(0, len(order), batch_size), desc=progress, disable=None):
        index = order[start : start + batch_size]
        ids, mask = pad_tokens([token_ids[i] for i in index], pad_id)
        with torch.autocast(model.device.type, torch.bfloat16, enabled=autocast):
            states = model.encode_text(ids.to(model.device), mask.to(model.device))
        for i, hidden, real in zip(index, states.hidden, states.mask, strict=True):
            rows[int(i)] = hidden[real].half().cpu()
    return FeatureStore.join(rows[i] for i in range(len(token_ids)))
