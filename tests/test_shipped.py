"""The shipped checkpoint: there, small, described as measured, and better than chance by ear."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from drkf.checkpoint import CARD, METRICS
from drkf.evaluation.card import render_card
from drkf.gallery import load_gallery
from drkf.model.storage import WEIGHTS
from drkf.pipeline import EmotionPipeline

CHECKPOINT = Path(__file__).parents[1] / "checkpoints" / "drkf-compact"


@pytest.fixture(scope="module")
def shipped() -> EmotionPipeline:
    return EmotionPipeline.from_pretrained(CHECKPOINT)


def test_files_are_small() -> None:
    assert (CHECKPOINT / WEIGHTS).stat().st_size < 95e6
    assert sum(path.stat().st_size for path in CHECKPOINT.iterdir()) < 100e6


def test_card_states_the_measured_figures() -> None:
    about = json.loads((CHECKPOINT / METRICS).read_text())
    assert (CHECKPOINT / CARD).read_text() == render_card(
        about, (CHECKPOINT / WEIGHTS).stat().st_size
    )


def test_measured_figures_meet_the_floor() -> None:
    about = json.loads((CHECKPOINT / METRICS).read_text())
    assert about["voice"]["ravdess"]["UAR"] > 0.70
    assert about["words"]["meld"]["WF1"] > 0.55
    assert about["pairs"]["ED_AUROC"] > 0.75


PLAIN_WORDS = {
    "I am so happy for you, this is wonderful!": "joy",
    "I hate you, you make me furious!": "anger",
    "I miss her so much, I have been crying all day.": "sadness",
    "The meeting is on Tuesday at ten.": "neutral",
    "I am so scared, please do not leave me alone.": "fear",
    "Oh my god, I did not expect that at all!": "surprise",
    "That is disgusting, it makes me sick.": "disgust",
}


def test_plain_words(shipped: EmotionPipeline) -> None:
    """The meant emotion is first in nearly all of them, and second where it is not."""
    first = 0
    for text, emotion in PLAIN_WORDS.items():
        probabilities = shipped.analyze(text=text, explain=False).fused.as_mapping()
        ranked = sorted(probabilities, key=lambda label: -probabilities[label])
        assert emotion in ranked[:2], text
        first += ranked[0] == emotion
    assert first >= len(PLAIN_WORDS) - 1


def test_gallery(shipped: EmotionPipeline) -> None:
    """Most examples come out as they are meant: the emotion, and whether voice and words agree."""
    items = load_gallery()
    meant = agreement = complete = 0
    for item in items:
        analysis = shipped.analyze(
            str(item.audio) if item.audio else None, item.words, explain=False
        )
        meant += analysis.emotion in (item.voice_emotion, item.words_emotion)
        if analysis.inconsistency is not None:
            complete += 1
            agreement += analysis.inconsistency.inconsistent != item.agree
    assert meant >= 0.9 * len(items)
    assert agreement >= 0.75 * complete


def test_the_page_sorts_the_examples_by_what_is_found(shipped: EmotionPipeline) -> None:
    for item in load_gallery():
        audio = str(item.audio) if item.audio else None
        analysis = shipped.analyze(audio, item.words, explain=False)
        assert analysis.agreement == item.shows, item.id


def test_typed_text_is_fast(shipped: EmotionPipeline) -> None:
    shipped.analyze(text="I am so happy for you.", explain=False)
    timings = shipped.analyze(text="I am so happy for you.", explain=False).timings
    assert sum(timings.values()) < 2.0  # a fraction of a second on an idle machine
