"""The example gallery: its clips, their words, and how well the recogniser hears them."""

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile

from drkf import gallery
from drkf.audio.clip import load_audio
from drkf.audio.transcribe import SpeechRecognizer
from drkf.gallery import load_gallery
from drkf.labels import EMOTIONS

ITEMS = load_gallery()
CLIPS = [item for item in ITEMS if item.audio is not None]


def plain(text: str) -> list[str]:
    return "".join(c for c in text.lower() if c.isalpha() or c == " ").split()


def test_there_are_enough_examples_of_each_kind():
    assert len(CLIPS) >= 10
    assert sum(not item.agree for item in CLIPS) >= 4
    assert any(item.typed for item in CLIPS)
    assert sum(item.audio is None for item in ITEMS) >= 2
    assert {item.voice_emotion for item in CLIPS} == set(EMOTIONS)
    assert len({item.id for item in ITEMS}) == len({item.title for item in ITEMS}) == len(ITEMS)


def test_the_gallery_is_small_and_holds_nothing_else():
    files = sorted(path.name for path in gallery.FOLDER.iterdir())
    assert files == sorted([*(item.audio.name for item in CLIPS), "gallery.json"])
    assert sum(path.stat().st_size for path in gallery.FOLDER.iterdir()) < 1_500_000


@pytest.mark.parametrize("item", ITEMS, ids=lambda item: item.id)
def test_each_example_says_what_it_is(item):
    assert item.title and item.words
    assert item.words_emotion in EMOTIONS
    if item.audio is None:
        assert item.voice_emotion is None and not item.spoken and item.typed
        assert item.agree
    else:
        assert item.spoken
        assert "synthetic speech" in item.note.lower()
        assert item.voice_emotion in EMOTIONS
        assert item.agree == (item.voice_emotion == item.words_emotion)


@pytest.mark.parametrize("item", CLIPS, ids=lambda item: item.id)
def test_each_clip_decodes_to_a_few_seconds_of_clean_speech(item):
    assert soundfile.info(item.audio).channels == 1
    clip = load_audio(item.audio)
    assert clip.warnings == ()
    assert 1 < clip.seconds < 8
    assert np.abs(clip.samples).max() < 1


def test_the_recogniser_hears_the_words_of_the_clips():
    recognizer = SpeechRecognizer()
    missed = total = 0
    for item in CLIPS:
        heard = plain(recognizer.transcribe(load_audio(item.audio)).text)
        expected = plain(item.spoken)
        missed += sum(word not in heard for word in expected)
        total += len(expected)
    assert missed / total < 0.1


def test_every_angry_voice_is_brighter_than_every_sad_one():
    spectra: dict[str, list[float]] = {}
    for item in CLIPS:
        samples = load_audio(item.audio).samples
        power = np.abs(np.fft.rfft(samples)) ** 2
        hertz = np.fft.rfftfreq(len(samples), 1 / 16_000)
        bright = power[hertz > 1000].sum() / power.sum()
        spectra.setdefault(item.voice_emotion, []).append(bright)
    assert min(spectra["anger"]) > max(spectra["sadness"])


def test_without_the_assets_there_are_no_examples(monkeypatch, tmp_path: Path):
    monkeypatch.setattr(gallery, "FOLDER", tmp_path)
    assert load_gallery() == []


def test_paths_are_resolved_beside_the_table():
    rows = json.loads((gallery.FOLDER / "gallery.json").read_text(encoding="utf-8"))
    for row, item in zip(rows, ITEMS, strict=True):
        assert item.audio == (gallery.FOLDER / row["audio"] if row["audio"] else None)
