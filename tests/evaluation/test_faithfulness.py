"""The table of ``drkf faithfulness``."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile

from drkf.analysis import FaithfulnessEvidence
from drkf.checkpoint import METRICS
from drkf.cli import main
from drkf.data.manifest import Input, Item
from drkf.errors import ManifestError
from drkf.evaluation.faithfulness import (
    BOTH,
    VOICE,
    WORDS,
    dev_inputs,
    mean_evidence,
    report,
)
from drkf.pipeline import EmotionPipeline
from tests.helpers.sound import any_sound


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> None:
    """Noise counts as speech."""
    monkeypatch.setattr("drkf.listening.find_speech", any_sound)


def write_noise(path: Path, seed: int) -> Path:
    rng = np.random.default_rng(seed)
    soundfile.write(path, 0.1 * rng.standard_normal(12_000), 16_000)
    return path


def test_figures_for_each_kind_of_input(tiny_checkpoint, tmp_path, heard):
    clip = write_noise(tmp_path / "a.wav", 0)
    pipeline = EmotionPipeline.from_pretrained(tiny_checkpoint)
    unreadable = Input("broken", tmp_path / "missing.wav", None)
    measures = report(
        pipeline,
        {
            VOICE: [Input("a", clip, None), unreadable],
            WORDS: [Input("b", None, "i am so happy"), Input("c", None, "what a day")],
            BOTH: [Input("d", clip, "i am so happy")],
        },
    )
    assert [one.count for one in measures] == [1] * 6 + [2] * 6 + [1] * 6
    assert [one.name.split(":")[0] for one in measures[::6]] == [VOICE, WORDS, BOTH]
    utterance = pipeline.encode(clip, "i am so happy", transcribe=False)
    analysis = pipeline.explain(utterance, pipeline.predict(utterance))
    assert measures[-6:] == mean_evidence(BOTH, [analysis.relevance.faithfulness])


def test_nothing_to_analyse_is_an_error(tiny_checkpoint, tmp_path):
    pipeline = EmotionPipeline.from_pretrained(tiny_checkpoint)
    with pytest.raises(ManifestError, match="voice alone"):
        report(pipeline, {VOICE: [Input("broken", tmp_path / "missing.wav", None)]})


def test_means_and_shares():
    good = FaithfulnessEvidence(0.4, 0.1, 0.1, 0.3)
    bad = FaithfulnessEvidence(0.0, 0.5, 0.1, 0.3)
    comprehensiveness, sufficiency, better, *grades = mean_evidence(WORDS, [good, good, good, bad])
    assert comprehensiveness.count == 4
    assert comprehensiveness.value == pytest.approx(0.3) and comprehensiveness.random == 0.1
    assert sufficiency.value == pytest.approx(0.2) and sufficiency.random == pytest.approx(0.3)
    assert better.value == 0.75
    assert [one.value for one in grades] == [0.75, 0, 0.25]  # good, fair, poor


def labelled(count: int, clip: Path | None) -> list[Item]:
    emotions = ("anger", "joy", "neutral")
    return [
        Item(f"{i}", clip, None if clip else f"so happy {i}", (emotions[i % 3],), speaker=f"s{i}")
        for i in range(count)
    ]


def test_dev_inputs_have_every_kind_and_both_sorts_of_pairs(tmp_path):
    clips, texts = labelled(9, tmp_path / "a.wav"), labelled(12, None)
    inputs = dev_inputs(clips, texts, 6)
    assert {kind: len(items) for kind, items in inputs.items()} == {VOICE: 6, WORDS: 6, BOTH: 6}
    assert all(item.audio and not item.text for item in inputs[VOICE])
    assert all(item.text and not item.audio for item in inputs[WORDS])
    agree = []
    for item in inputs[BOTH]:
        voice, words = item.id.split("+")
        agree.append(int(voice) % 3 == int(words) % 3)
    assert agree.count(True) == 3
    assert dev_inputs(clips, texts, 6) == inputs


def test_command(tiny_checkpoint, tmp_path, heard, capsys):
    """Only the speakers held out for the checkpoint are measured on."""
    (tmp_path / "checkpoint").mkdir()
    for file in tiny_checkpoint.iterdir():
        (tmp_path / "checkpoint" / file.name).write_bytes(file.read_bytes())
    about = json.loads((tiny_checkpoint / METRICS).read_text())
    (tmp_path / "checkpoint" / METRICS).write_text(json.dumps(about | {"dev_speakers": ["b", "c"]}))
    speech, text = tmp_path / "speech", tmp_path / "text"
    speech.mkdir()
    text.mkdir()
    lines = ["id,audio,emotion,speaker"]
    for i, speaker in enumerate("abcd"):
        write_noise(speech / f"{speaker}.wav", i)
        lines.append(f"{speaker},{speaker}.wav,{'joy' if i % 2 else 'anger'},{speaker}")
    (speech / "manifest.csv").write_text("\n".join(lines) + "\n")
    for split in ("train", "dev"):
        (text / f"own_{split}.csv").write_text(
            "id,text,emotion\n1,i am so happy,joy\n2,i hate this,anger\n3,we are glad,joy\n"
        )
    arguments = ["faithfulness", "--speech", str(speech), "--text", str(text), "--count", "2"]
    assert main([*arguments, "--checkpoint", str(tmp_path / "checkpoint")]) == 0
    printed = capsys.readouterr().out
    assert "| voice alone: comprehensiveness (first 20 %) | 2 |" in printed
    assert "| voice: fall of the probability" in printed or "words" in printed


def test_a_checkpoint_on_the_hub_is_not_updated(tmp_path, capsys):
    arguments = ["faithfulness", "--speech", str(tmp_path), "--text", str(tmp_path), "--update"]
    assert main([*arguments, "--checkpoint", "somebody/model"]) == 2
    assert "somebody/model" in capsys.readouterr().err
