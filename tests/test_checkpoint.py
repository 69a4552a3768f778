"""A checkpoint whose configuration makes no sense is refused by one line that names the file."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from drkf.checkpoint import load_checkpoint
from drkf.errors import CheckpointError

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
