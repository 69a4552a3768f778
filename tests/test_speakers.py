"""Two passes over a table: each clip beside the others of its speaker."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest
import soundfile

from drkf.cli import main
from drkf.model import VoiceReference
from drkf.pipeline import EmotionPipeline
from drkf.speakers import beside_others, hear_speakers
from tests.helpers.sound import any_sound


@pytest.fixture(autouse=True)
def any_sound_is_speech(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("drkf.listening.find_speech", any_sound)


@pytest.fixture
def clips(tmp_path: Path) -> list[Path]:
    rng = np.random.default_rng(0)
    paths = [tmp_path / f"{i}.wav" for i in range(4)]
    for i, path in enumerate(paths):
        soundfile.write(path, 0.1 * rng.standard_normal(12_000 + 2000 * i), 16_000)
    return paths


SPEAKERS = ("ann", "ann", "bob", None)


def test_each_clip_is_read_beside_the_others_of_its_speaker(
    voiced_checkpoint: Path, clips: list[Path]
) -> None:
    pipeline = EmotionPipeline.from_pretrained(voiced_checkpoint)
    rows = list(zip(SPEAKERS, clips, strict=True))
    voices = hear_speakers(pipeline, [*rows, ("ann", clips[0].with_name("missing.wav"))])
    first, second, third, nobody = (pipeline.encode(clip, transcribe=False) for clip in clips)
    known = VoiceReference.of([second.speech_states])
    expected = pipeline.predict(pipeline.with_voice(first, known))
    found = pipeline.predict(beside_others(pipeline, first, "ann", voices))
    assert found.fused.probabilities == pytest.approx(expected.fused.probabilities, abs=1e-5)
    assert found.fused.probabilities != pipeline.predict(first).fused.probabilities
    assert beside_others(pipeline, third, "bob", voices) is third  # his only clip
    assert beside_others(pipeline, nobody, None, voices) is nobody


def predict(tmp_path: Path, checkpoint: Path, clips: list[Path], speakers: bool) -> list[dict]:
    manifest, out = tmp_path / "in.csv", tmp_path / "out.jsonl"
    with manifest.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["id", "audio", "speaker"])
        for i, (clip, speaker) in enumerate(zip(clips, SPEAKERS, strict=True)):
            writer.writerow([i, clip, (speaker or "") if speakers else ""])
    command = ["predict", "--manifest", str(manifest), "--out", str(out)]
    assert main([*command, "--checkpoint", str(checkpoint)]) == 0
    return [json.loads(line) for line in out.read_text().splitlines()]


def test_predict_reads_the_speaker_column(
    voiced_checkpoint: Path, tiny_checkpoint: Path, clips: list[Path], tmp_path: Path
) -> None:
    for checkpoint, changed in ((voiced_checkpoint, [0, 1]), (tiny_checkpoint, [])):
        alone = predict(tmp_path, checkpoint, clips, speakers=False)
        known = predict(tmp_path, checkpoint, clips, speakers=True)
        assert [
            i for i in range(4) if alone[i]["probabilities"] != known[i]["probabilities"]
        ] == changed
        assert all(row["error"] is None for row in known)
