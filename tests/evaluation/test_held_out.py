"""Who was held out for a checkpoint."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from drkf.checkpoint import METRICS
from drkf.data.manifest import Item, write_manifest
from drkf.evaluation.held_out import held_out


@pytest.mark.parametrize(
    ("dev_speakers", "expected"),
    [
        (["a/1", "b/2"], ["a1", "b2"]),
        (["a/1", "speech/silent"], ["a1", "silent"]),  # of no named corpus
        (["1"], ["a1", "b1"]),  # as older checkpoints have it, by name alone
    ],
)
def test_equal_speaker_names_of_two_corpora_are_two_people(
    dev_speakers: list[str], expected: list[str], tiny_checkpoint: Path, tmp_path: Path
) -> None:
    checkpoint = tmp_path / "checkpoint"
    shutil.copytree(tiny_checkpoint, checkpoint)
    (checkpoint / METRICS).write_text(json.dumps({"dev_speakers": dev_speakers}))
    items = [
        Item(f"{corpus}{speaker}", tmp_path / "x.wav", None, ("joy",), speaker, corpus=corpus)
        for corpus in "ab"
        for speaker in "12"
    ]
    items.append(Item("silent", tmp_path / "x.wav", None, ("joy",)))
    write_manifest(items, tmp_path / "manifest.csv")
    for split in ("train", "dev"):
        write_manifest(
            [Item(split, None, "so happy", ("joy",))], tmp_path / "text" / f"own_{split}.csv"
        )
    held = held_out(str(checkpoint), tmp_path, tmp_path / "text")
    assert sorted(item.id for item in held.clips) == expected
    assert [item.id for item in held.texts] == ["dev"]
