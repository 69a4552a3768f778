"""Encoder states kept and cached: the same states, in the items' order."""

from __future__ import annotations

import drkf  # noqa: F401  (lets torchaudio, and so transformers, be imported)

# isort: split
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch

from drkf.data.manifest import Item
from drkf.evaluation.features import FeatureStore, cached, fingerprint, speech_store, text_store
from drkf.model import DRKF
from drkf.model.encoders import pad_tokens
from drkf.training.augment import AugmentConfig, augment_waveform


def rows(*lengths: int) -> list[torch.Tensor]:
    return [torch.full((n, 4), float(i + 1)).half() for i, n in enumerate(lengths)]


def test_a_store_gives_back_its_rows_padded() -> None:
    store = FeatureStore.join(rows(2, 5, 3))
    assert len(store) == 3
    batch = store.batch([2, None, 0, 2])
    assert batch.hidden.shape == (4, 3, 4) and batch.hidden.dtype == torch.float32
    assert batch.mask.sum(1).tolist() == [3, 0, 2, 3]
    assert batch.hidden[:, 0, 0].tolist() == [3.0, 0.0, 1.0, 3.0]


def test_a_batch_without_any_row_keeps_one_masked_place() -> None:
    batch = FeatureStore.join(rows(2)).batch([None, None])
    assert batch.hidden.shape == (2, 1, 4)
    assert not batch.mask.any()


def test_a_store_is_made_once_and_read_from_disk_after(tmp_path: Path) -> None:
    path, made = tmp_path / "cache" / "speech-0.safetensors", []

    def make() -> FeatureStore:
        made.append(1)
        return FeatureStore.join(rows(1, 4))

    first, second = cached(path, make), cached(path, make)
    assert made == [1]
    assert torch.equal(first.values, second.values)
    assert torch.equal(first.lengths, second.lengths)
    assert [p.name for p in path.parent.iterdir()] == ["speech-0.safetensors"]


def test_the_fingerprint_follows_weights_and_settings(tiny_model: DRKF) -> None:
    encoder = tiny_model.text_encoder
    before = fingerprint(encoder, "a", 3)
    assert before == fingerprint(encoder, "a", 3)
    assert before != fingerprint(encoder, "a", 4)
    next(encoder.parameters()).data[0, 0] += 1e-3
    assert before != fingerprint(encoder, "a", 3)


@pytest.fixture
def items(tmp_path: Path) -> list[Item]:
    found = []
    for i, length in enumerate((9000, 5000, 14000, 7000, 5001)):
        path = tmp_path / f"{i}.wav"
        wave = 0.2 * np.random.default_rng(i).standard_normal(length)
        soundfile.write(path, wave, 16_000)
        found.append(Item(f"u{i}", path, None, ("joy",), seconds=length / 16_000))
    return found


def test_clips_are_stored_in_their_order_whatever_the_batches(
    tiny_model: DRKF, items: list[Item]
) -> None:
    alone = [speech_store(tiny_model, [item], autocast=False).values for item in items]
    for batch_size in (2, 32):
        store = speech_store(tiny_model, items, batch_size=batch_size, autocast=False)
        assert store.lengths.tolist() == [len(values) for values in alone]
        torch.testing.assert_close(store.values, torch.cat(alone), atol=5e-3, rtol=5e-3)


def test_changed_clips_depend_on_the_seed_and_the_row_alone(
    tiny_model: DRKF, items: list[Item]
) -> None:
    def store(seed: int, batch_size: int) -> FeatureStore:
        torch.manual_seed(batch_size)
        config = AugmentConfig(griffin_lim=1.0, noise=1.0)
        change = partial(augment_waveform, config=config)
        return speech_store(tiny_model, items, change, seed, batch_size, autocast=False)

    one, same, other = store(1, 2), store(1, 3), store(2, 2)
    assert one.lengths.tolist() == same.lengths.tolist()
    torch.testing.assert_close(one.values, same.values, atol=5e-3, rtol=5e-3)
    assert one.values.shape != other.values.shape or not torch.equal(one.values, other.values)


def test_texts_are_stored_in_their_order(tiny_model: DRKF) -> None:
    ids = [[2, 5, 6, 3], [2, 7, 3], [2, 5, 5, 8, 9, 3]]
    store = text_store(tiny_model, ids, 0, batch_size=2, autocast=False)
    assert store.lengths.tolist() == [4, 3, 6]
    with torch.no_grad():
        direct = tiny_model.encode_text(*pad_tokens([ids[1]], 0))
    torch.testing.assert_close(store.values[4:7].float(), direct.hidden[0], atol=5e-3, rtol=5e-3)
