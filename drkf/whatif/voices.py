"""The voices of a scenario: one of the gallery's, or a recording of the user's own."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np

from drkf.audio.clip import Clip, load_audio
from drkf.errors import ScenarioError
from drkf.gallery import load_gallery
from drkf.whatif.checks import quoted


@dataclass(frozen=True)
class GalleryVoice:
    """The voice of an example, by its id in ``drkf.gallery``."""

    id: str

    def load(self) -> Clip:
        """Raises ScenarioError where the gallery has no such voice."""
        for item in load_gallery():
            if item.id == self.id and item.audio is not None:
                return load_audio(item.audio)
        raise ScenarioError(f"The gallery has no voice called {quoted(self.id)}: choose another.")


@dataclass(frozen=True)
class Recording:
    """A user's own recording, known by the SHA-256 of its samples.

    ``clip`` is None where a scenario was loaded that does not contain it.
    """

    sha256: str
    seconds: float
    clip: Clip | None = field(default=None, compare=False, repr=False)

    @classmethod
    def of(cls, clip: Clip) -> Recording:
        return cls(hashlib.sha256(clip.samples.tobytes()).hexdigest(), clip.seconds, clip)

    def load(self) -> Clip:
        """Raises ScenarioError where the recording has not been supplied."""
        if self.clip is None:
            raise ScenarioError(
                f"The scenario needs a recording of {self.seconds:.1f} s that is not in its file: "
                "analyse that recording first, then load the scenario again."
            )
        return self.clip


Voice: TypeAlias = GalleryVoice | Recording


def voice_of(clip: Clip) -> Voice:
    """How a scenario names a clip: by its id if it is the gallery's, else as a recording."""
    for item in load_gallery():
        if item.audio is not None and np.array_equal(load_audio(item.audio).samples, clip.samples):
            return GalleryVoice(item.id)
    return Recording.of(clip)
