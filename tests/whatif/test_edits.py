"""Edits: impossible ones are refused, and all of them have an order."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from drkf.analysis import Transcript
from drkf.errors import ScenarioError
from drkf.whatif.edits import Gain, MaskWords, Mute, Noise, Pitch, Rewrite, Silence, Speed
from drkf.whatif.scenario import Scenario
from drkf.whatif.voices import GalleryVoice


@pytest.mark.parametrize(
    "make",
    [
        lambda: Noise(float("nan")),
        lambda: Noise(1000),
        lambda: Gain(True),
        lambda: Pitch("4"),  # type: ignore[arg-type]
        lambda: Speed(0),
        lambda: Silence(1, 1),
        lambda: MaskWords(()),
        lambda: MaskWords((-1,)),
        lambda: MaskWords((1.0,)),  # type: ignore[arg-type]
        lambda: Mute("everything"),  # type: ignore[arg-type]
        lambda: Rewrite(None),  # type: ignore[arg-type]
        lambda: Scenario(None, Transcript("", "none")),
        lambda: Scenario(GalleryVoice("joy"), Transcript("", "none"), (Noise(1), Noise(2))),
    ],
)
def test_impossible_edits_are_refused_in_one_line(make: Callable[[], object]) -> None:
    with pytest.raises(ScenarioError) as caught:
        make()
    assert "\n" not in str(caught.value)
