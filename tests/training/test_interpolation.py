"""The mean of a fine-tuned speech encoder and the pretrained one, as an encoder to start from."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from drkf.checkpoint import load_checkpoint
from drkf.cli import main
from drkf.model.pretrained import load_speech_encoder


def write(checkpoint: Path, encoder: Path, out: Path, share: str) -> int:
    source = ["--audio-encoder", str(encoder), "--share", share, "--out", str(out)]
    return main(["interpolate", str(checkpoint), *source])


def test_the_mean_is_an_encoder_that_training_starts_from(
    tiny_checkpoint: Path, tiny_encoders: tuple[Path, Path], tmp_path: Path
) -> None:
    pretrained = load_speech_encoder(tiny_encoders[0])[0].state_dict()
    tuned = load_checkpoint(tiny_checkpoint).model.speech_encoder
    tuned_state = tuned.state_dict()
    assert write(tiny_checkpoint, tiny_encoders[0], tmp_path / "mean", "0.25") == 0
    mean, config = load_speech_encoder(tmp_path / "mean")
    for name, value in mean.state_dict().items():
        if name == "mix.weights":
            assert torch.equal(value, tuned.mix.weights), "the mix comes from the checkpoint"
        else:
            expected = torch.lerp(pretrained[name], tuned_state[name].float(), 0.25)
            torch.testing.assert_close(value, expected, msg=name)
    assert "layer_mix" not in config.architecture
    with pytest.raises(Exception, match="mixes 3 layers, but 2 are kept"):
        load_speech_encoder(tmp_path / "mean", layers=1)


def test_what_cannot_be_averaged_is_refused_in_one_line(
    tiny_checkpoint: Path,
    tiny_encoders: tuple[Path, Path],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for encoder, share, said in (
        (tiny_encoders[0], "1.5", "between 0 and 1"),
        (tmp_path / "none", "0.5", "no speech encoder at"),
    ):
        assert write(tiny_checkpoint, encoder, tmp_path / "mean", share) == 2
        told = capsys.readouterr().err.strip()
        assert said in told and "\n" not in told
    assert not (tmp_path / "mean").exists()
