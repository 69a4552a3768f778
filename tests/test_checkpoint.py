"""A checkpoint whose files make no sense is refused by one line that names the file."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import save_file

from drkf.checkpoint import find_folder, load_checkpoint
from drkf.errors import CheckpointError
from drkf.pipeline import EmotionPipeline

SHIPPED_FOLDER = Path(__file__).parents[1] / "checkpoints" / "drkf-compact"

#: Where in config.json, and what stands there.
NONSENSE: list[tuple[str, Any]] = [
    ("audio_encoder.architecture.d_model", "wide"),
    ("audio_encoder.architecture.d_model", None),
    ("audio_encoder.architecture.model_type", "nobody"),
    ("audio_encoder.architecture", []),
    ("audio_encoder.frontend", {}),
    ("audio_encoder.frontend.feature_size", "many"),
    ("audio_encoder.layers", "two"),
    ("text_encoder.architecture.vocab_size", 3.5),
    ("text_encoder.architecture.hidden_act", "unheard-of"),
    ("text_encoder.architecture.num_attention_heads", 0),
    ("text_encoder", None),
    ("hidden_size", "wide"),
    ("hidden_size", -1),
    ("fusion_heads", 0),
    ("frame_stride", 0),
    ("labels", 7),
    ("labels", []),
    ("augmentation_sizes", None),
    ("max_text_tokens", 10**6),
    ("dropout", 7),
]


@pytest.mark.parametrize(("place", "value"), NONSENSE)
def test_nonsense_in_the_configuration_is_one_line(
    place: str, value: Any, tiny_checkpoint: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "checkpoint"
    shutil.copytree(tiny_checkpoint, folder)
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    *sections, last = place.split(".")
    target = config
    for section in sections:
        target = target[section]
    target[last] = value
    (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
    with pytest.raises(CheckpointError, match=r"config\.json|model\.safetensors") as caught:
        load_checkpoint(folder, device="cpu")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "place", "value"),
    [
        ("metrics.json", "headline", {"UAR": "good"}),
        ("metrics.json", "headline", [1]),
        ("metrics.json", "faithfulness", ["occlusion"]),
        ("metrics.json", "faithfulness", {"best": "guessing"}),
        ("calibration.json", "fused_temperature", "1"),
        ("calibration.json", "audio_temperature", 0),
        ("calibration.json", "discrimination_threshold", None),
        ("calibration.json", "text_min_confidence", True),
    ],
)
def test_nonsense_beside_the_weights_is_one_line(
    name: str, place: str, value: Any, tiny_checkpoint: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "checkpoint"
    shutil.copytree(tiny_checkpoint, folder)
    data = json.loads((folder / name).read_text(encoding="utf-8"))
    (folder / name).write_text(json.dumps(data | {place: value}), encoding="utf-8")
    with pytest.raises(CheckpointError, match=re.escape(name)) as caught:
        EmotionPipeline.from_pretrained(folder, device="cpu")
    assert "\n" not in str(caught.value)


def test_neutral_voices_of_another_model_are_refused(tiny_checkpoint: Path, tmp_path: Path) -> None:
    folder = tmp_path / "checkpoint"
    shutil.copytree(tiny_checkpoint, folder)
    path = folder / "references.safetensors"
    with safe_open(path, framework="pt") as file:
        metadata = file.metadata()
    voices = {"hidden": torch.zeros(1, 4, 3), "mask": torch.ones(1, 4, dtype=torch.bool)}
    save_file(voices, path, metadata=metadata)
    with pytest.raises(CheckpointError, match="references"):
        load_checkpoint(folder, device="cpu")


def test_the_shipped_checkpoint_is_found_from_any_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert find_folder("checkpoints/drkf-compact") == SHIPPED_FOLDER
    (tmp_path / "checkpoints" / "drkf-compact").mkdir(parents=True)
    assert find_folder("checkpoints/drkf-compact").resolve().is_relative_to(tmp_path)
