"""The lab's controls and a scenario's edits say the same."""

from __future__ import annotations

import dataclasses
from itertools import combinations

import numpy as np
import pytest
import torch

from drkf.analysis import Transcript
from drkf.audio.clip import Clip
from drkf.errors import ScenarioError
from drkf.explain.utterance import EncodedUtterance
from drkf.model.sequence import TokenSequence
from drkf.pipeline import Utterance
from drkf.ui.texts.en.page import LAB_EDITS
from drkf.ui.whatif.controls import OTHER, Controls
from drkf.whatif.edits import (
    EDITS,
    Edit,
    Gain,
    MaskWords,
    Mute,
    Noise,
    Pitch,
    Rewrite,
    Silence,
    Speed,
    SwapVoice,
)
from drkf.whatif.voices import GalleryVoice, Recording

OTHER_CLIP = Clip(np.zeros(16_000, np.float32))
NOTHING = TokenSequence.empty(1, 8)
BASE = Utterance(
    Clip(np.ones(16_000, np.float32)),
    Transcript("so what", "typed"),
    EncodedUtterance(NOTHING, NOTHING, torch.ones(1)),
    None,
)
SAMPLES: tuple[Edit, ...] = (
    SwapVoice(GalleryVoice("joy")),
    Rewrite("glad"),
    Silence(0.5, 1.25),
    Gain(-3.5),
    Pitch(2),
    Speed(0.8),
    Noise(12),
    MaskWords((0, 2)),
    Mute("words"),
)


def test_untouched_controls_change_nothing() -> None:
    assert Controls.untouched(BASE).edits(BASE, None) == ()


@pytest.mark.parametrize("size", [1, 2, len(SAMPLES)])
def test_controls_show_every_scenario(size: int) -> None:
    assert {type(edit) for edit in SAMPLES} == set(EDITS.values())
    for edits in combinations(SAMPLES, size):
        assert Controls.showing(BASE, edits).edits(BASE, None) == edits


def test_another_recording() -> None:
    edits = (SwapVoice(Recording.of(OTHER_CLIP)),)
    shown = Controls.showing(BASE, edits)
    assert shown.voice == OTHER
    assert shown.edits(BASE, OTHER_CLIP) == edits
    with pytest.raises(ScenarioError, match="other recording"):
        shown.edits(BASE, None)


def test_words_that_differ_in_blanks_are_the_same_words() -> None:
    touched = dataclasses.replace(Controls.untouched(BASE), words=" so what ")
    assert touched.edits(BASE, None) == ()


def test_every_kind_of_edit_is_told() -> None:
    assert set(LAB_EDITS) == set(EDITS)
