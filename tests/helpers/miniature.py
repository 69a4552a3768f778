"""Voices, words and a model small enough for tests, shared with the two-process script."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import av
import numpy as np
import soundfile
import torch

from drkf.experiments.objective import JointObjective
from drkf.model import DRKF, DRKFConfig
from drkf.model.labelling import Labelling
from drkf.model.pretrained import load_speech_encoder, load_text_encoder

RATE = 16_000

#: Each emotion has a pitch and words of its own, so that a few steps can learn it.
VOICES = {"anger": 440.0, "joy": 330.0, "neutral": 220.0, "sadness": 110.0}
WORDS = {
    "anger": "i hate this and you",
    "joy": "so happy glad and love it",
    "neutral": "this is a fine to do",
    "sadness": "sad and very afraid",
}


def voice(emotion: str, seconds: float, seed: int) -> np.ndarray:
    """(n,) float32: a tone of the emotion's pitch in a little noise."""
    rng = np.random.default_rng(seed)
    time = np.arange(int(seconds * RATE)) / RATE
    wave = 0.3 * np.sin(2 * np.pi * VOICES[emotion] * time) + 0.01 * rng.standard_normal(len(time))
    return wave.astype(np.float32)


def write_voice(path: Path, emotion: str, seconds: float = 0.5, seed: int = 0) -> Path:
    """A wav file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, voice(emotion, seconds, seed), RATE, subtype="PCM_16")
    return path


def write_film(path: Path, emotion: str) -> Path:
    """An mp4 with AAC sound."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with av.open(str(path), "w") as container:
        stream = container.add_stream("aac", rate=RATE, layout="mono")
        frame = av.AudioFrame.from_ndarray(voice(emotion, 0.6, 0)[None], "fltp", "mono")
        frame.sample_rate = RATE
        for packet in [*stream.encode(frame), *stream.encode(None)]:
            container.mux(packet)
    return path


def build_objective(
    encoders: tuple[Path, Path], labelling: Labelling, **options: Any
) -> tuple[JointObjective, Any]:
    """A tiny JointObjective without dropout on the encoders of two folders, and its tokenizer."""
    torch.manual_seed(1)
    speech, speech_config = load_speech_encoder(encoders[0])
    text, text_config, tokenizer = load_text_encoder(encoders[1])
    config = DRKFConfig(
        speech_config,
        text_config,
        labels=tuple(VOICES),
        hidden_size=32,
        frame_stride=1,
        augmentation_sizes=(16, 8),
        augmentation_blocks=2,
        projection_size=16,
        fusion_layers=2,
        fusion_heads=4,
        fusion_ff_size=64,
        dropout=0.0,
        max_audio_tokens=50,
        max_text_tokens=48,
    )
    return JointObjective(DRKF(config, speech, text), labelling, **options), tokenizer
