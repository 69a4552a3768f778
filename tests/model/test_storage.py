"""Weights on disk: what is written is what is read, and nothing else is taken."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from drkf.errors import CheckpointError
from drkf.model import DRKF, DRKFConfig, storage
from drkf.model.encoders import pad_tokens
from drkf.model.storage import dequantise, file_hash, load_weights, quantise, save_weights

#: Families whose weights come in shapes of their own (weight norm, relative positions, norms).
KINDS = [
    ("whisper", "bert"),
    ("wav2vec2-layer", "roberta"),
    ("hubert-group", "distilbert"),
    ("wavlm-group", "xlm-roberta"),
]


class Small(nn.Module):
    """A matrix large enough for int8, a vector, a small matrix and a counter."""

    def __init__(self) -> None:
        super().__init__()
        self.large = nn.Linear(64, 64)
        self.small = nn.Linear(3, 2)
        self.register_buffer("count", torch.tensor(7))


def small(seed: int = 0) -> Small:
    torch.manual_seed(seed)
    return Small()


@torch.no_grad()
def logits(model: DRKF, tokenizer: object, clips: list[np.ndarray], texts: tuple) -> Tensor:
    ids, mask = pad_tokens(tokenizer(list(texts))["input_ids"], tokenizer.pad_token_id)  # type: ignore[operator,attr-defined]
    speech = model.encode_speech(model.speech_features(clips))
    out = model(speech, model.encode_text(ids, mask))
    return torch.cat([out.emotion_logits, out.inconsistency_logit[:, None]], dim=1)


@pytest.mark.parametrize(("speech", "text"), KINDS)
@pytest.mark.parametrize("compact", [False, True])
def test_save_and_load_reproduce_the_outputs(
    speech: str,
    text: str,
    compact: bool,
    build_drkf: Callable,
    clips: list[np.ndarray],
    texts: tuple[str, ...],
    tmp_path: Path,
) -> None:
    model, tokenizer = build_drkf(speech, text)
    model.config.save(tmp_path / "config.json")
    save_weights(model, tmp_path / "weights.safetensors", compact)
    torch.manual_seed(99)  # other random weights: all must come from the file
    loaded = DRKF(DRKFConfig.load(tmp_path / "config.json")).eval()
    before = logits(model, tokenizer, clips, texts)
    assert not torch.allclose(logits(loaded, tokenizer, clips, texts), before, atol=1e-2)
    load_weights(loaded, tmp_path / "weights.safetensors")
    after = logits(loaded, tokenizer, clips, texts)
    if compact:
        torch.testing.assert_close(after, before, atol=5e-3, rtol=0)
    else:
        assert torch.equal(after, before)


def test_compact_weights_are_int8_with_a_scale_for_each_row(tmp_path: Path) -> None:
    path, model = tmp_path / "w.safetensors", small()
    save_weights(model, path)
    stored = load_file(path)
    assert {name: (t.dtype, tuple(t.shape)) for name, t in stored.items()} == {
        "large.weight": (torch.int8, (64, 64)),
        "large.weight.scale": (torch.float32, (64,)),
        "large.bias": (torch.float16, (64,)),
        "small.weight": (torch.float16, (2, 3)),
        "small.bias": (torch.float16, (2,)),
        "count": (torch.int64, ()),
    }
    loaded = small(1)
    loaded.count.fill_(0)
    load_weights(loaded, path)
    step = model.large.weight.abs().amax(1, keepdim=True) / 127
    assert ((loaded.large.weight - model.large.weight).abs() <= step * 0.501).all()
    assert int(loaded.count) == 7
    assert all(p.dtype == torch.float32 for p in loaded.parameters())


def test_quantising_keeps_the_largest_weight_and_zero_rows() -> None:
    weight = torch.tensor([[0.5, -2.0, 1.0], [0.0, 0.0, 0.0], [1e-4, 3e-5, -1e-4]])
    q, scale = quantise(weight)
    assert q.dtype == torch.int8 and q.tolist()[0][1] == -127
    back = dequantise(q, scale)
    assert float(back[0, 1]) == pytest.approx(-2.0)
    assert back[1].tolist() == [0.0, 0.0, 0.0]
    torch.testing.assert_close(back, weight, atol=2.0 / 254, rtol=0)
    kernel = torch.randn(4, 3, 5)
    assert dequantise(*quantise(kernel)).shape == kernel.shape


def test_saving_a_loaded_compact_model_again_is_stable(tmp_path: Path) -> None:
    first, second = tmp_path / "1.safetensors", tmp_path / "2.safetensors"
    model = small()
    save_weights(model, first)
    load_weights(model, first)
    weights = {name: value.clone() for name, value in model.state_dict().items()}
    save_weights(model, second)
    load_weights(model, second)
    a, b = load_file(first), load_file(second)
    assert torch.equal(a["large.weight"], b["large.weight"])
    torch.testing.assert_close(a["large.weight.scale"], b["large.weight.scale"])
    for name, value in model.state_dict().items():
        torch.testing.assert_close(value, weights[name], atol=1e-7, rtol=1e-6)


def without(tensors: dict[str, Tensor], name: str) -> dict[str, Tensor]:
    return {key: value for key, value in tensors.items() if key != name}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda t: without(t, "small.bias"), "lacks the tensor small.bias"),
        (lambda t: without(t, "count"), "lacks the tensor count"),
        (lambda t: t | {"other": torch.zeros(1)}, "unexpected tensor: other"),
        (lambda t: t | {"small.bias": torch.zeros(3)}, r"small.bias has shape \(3,\).*\(2,\)"),
        (lambda t: t | {"large.weight": t["large.weight"].T[:63].contiguous()}, "large.weight"),
        (lambda t: t | {"small.weight": torch.zeros(3, 2)}, r"small.weight has shape \(3, 2\)"),
        (lambda t: without(t, "large.weight.scale"), "lacks the tensor large.weight.scale"),
        (lambda t: t | {"large.weight.scale": torch.ones(63)}, "large.weight.scale has shape"),
        (lambda t: t | {"large.weight.scale": torch.ones(64, 1)}, "large.weight.scale has shape"),
        (lambda t: t | {"small.bias.scale": torch.ones(2)}, "unexpected tensor: small.bias.scale"),
        (lambda t: t | {"gone.scale": torch.ones(2)}, "unexpected tensor: gone.scale"),
    ],
)
def test_a_file_with_a_missing_extra_or_misshapen_tensor_is_refused_by_name(
    change: Callable[[dict[str, Tensor]], dict[str, Tensor]], message: str, tmp_path: Path
) -> None:
    path = tmp_path / "w.safetensors"
    save_weights(small(), path)
    save_file(change(load_file(path)), path)
    model = small(1)
    before = {name: value.clone() for name, value in model.state_dict().items()}
    with pytest.raises(CheckpointError, match=message) as caught:
        load_weights(model, path)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)
    for name, value in model.state_dict().items():
        assert torch.equal(value, before[name]), "a refused file changed the model"


@pytest.mark.parametrize("damage", ["truncated", "header", "text", "pickle", "empty", "missing"])
def test_a_file_that_is_no_safetensors_file_is_refused(damage: str, tmp_path: Path) -> None:
    path = tmp_path / "model.safetensors"
    save_weights(small(), path)
    whole = path.read_bytes()
    if damage == "truncated":
        path.write_bytes(whole[:-1])
    elif damage == "header":
        path.write_bytes(whole[:20])
    elif damage == "text":
        path.write_text("version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n")
    elif damage == "pickle":
        torch.save(small().state_dict(), path)
    elif damage == "empty":
        path.write_bytes(b"")
    else:
        path.unlink()
    with pytest.raises(CheckpointError, match=r"model\.safetensors.*download") as caught:
        load_weights(small(), path)
    assert "\n" not in str(caught.value)


def test_a_model_of_another_size_is_refused_by_name(tiny_model: DRKF, tmp_path: Path) -> None:
    path = tmp_path / "w.safetensors"
    save_weights(tiny_model, path)
    changed = tiny_model.config.to_dict() | {"fusion_layers": 1}
    with pytest.raises(CheckpointError, match=r"unexpected tensor: fusion_encoder\.layers\.1"):
        load_weights(DRKF(DRKFConfig.from_dict(changed)), path)
    changed = tiny_model.config.to_dict() | {"labels": ["joy", "sadness"]}
    with pytest.raises(CheckpointError, match=r"classifier\.\S+ has shape \(7"):
        load_weights(DRKF(DRKFConfig.from_dict(changed)), path)


def test_an_interrupted_save_leaves_the_old_file_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "w.safetensors"
    save_weights(small(), path)
    before = path.read_bytes()

    def full_disk(tensors: object, file: Path, metadata: object) -> None:
        file.write_bytes(b"half")
        raise OSError("No space left on device")

    monkeypatch.setattr(storage, "save_file", full_disk)
    with pytest.raises(OSError, match="No space"):
        save_weights(small(1), path)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_the_hash_is_the_files_sha256(tmp_path: Path) -> None:
    path = tmp_path / "f"
    path.write_bytes(b"abc")
    assert file_hash(path).startswith("ba7816bf8f01cfea")


def test_the_configuration_travels_whole(build_drkf: Callable, tmp_path: Path) -> None:
    config = build_drkf("wavlm-layer", "roberta", labels=("joy", "neutral"), dropout=0.25)[0].config
    config.save(tmp_path / "config.json")
    assert DRKFConfig.load(tmp_path / "config.json") == config
    stored = json.loads((tmp_path / "config.json").read_text())
    assert stored["labels"] == ["joy", "neutral"]
    assert not {"_name_or_path", "transformers_version"} & set(
        stored["audio_encoder"]["architecture"]
    )


@pytest.mark.parametrize(
    "content",
    ["", "{", "[]", "[1]", "3", "null", "{}", '{"audio_encoder": 1, "text_encoder": {}}'],
)
def test_a_file_that_is_no_configuration_is_refused(content: str, tmp_path: Path) -> None:
    path = tmp_path / "config.json"
    path.write_text(content)
    with pytest.raises(CheckpointError, match=r"config\.json") as caught:
        DRKFConfig.load(path)
    assert "\n" not in str(caught.value)


def test_unknown_settings_and_a_missing_file_are_named(tiny_model: DRKF, tmp_path: Path) -> None:
    path = tmp_path / "config.json"
    with pytest.raises(CheckpointError, match=r"config\.json is missing"):
        DRKFConfig.load(path)
    path.write_text(json.dumps(tiny_model.config.to_dict() | {"colour": "red"}))
    with pytest.raises(CheckpointError, match="colour"):
        DRKFConfig.load(path)
