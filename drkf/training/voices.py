"""What is known of a voice in training: which clips of it stand beside each clip.

A person who uses the app is known by one clip or by many, of any mixture of emotions, mostly
neutral as in life. So references of 1 to 20 clips and of several compositions are drawn.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from drkf.data.manifest import Item
from drkf.data.split import speaker_key
from drkf.errors import ConfigError

NEUTRAL = "neutral"


@dataclass(frozen=True)
class VoiceConfig:
    """How the speech stage hears voices; the defaults are the shipped checkpoint's: one clip at a
    time, softmax over all classes, no contrast between speakers.

    Args:
        grouped: a speech batch holds groups of clips of one speaker, which serve each other as
            reference (for ``model.voice_reference``).
        max_clips: the most clips that a reference is made of, the clip itself included.
        alone: share of clips of which nothing else is known.
        mostly_neutral, same_emotion: shares of references whose other clips are neutral, or all
            of the clip's own emotion; the rest are drawn from all of the voice's clips.
        corpus_softmax: a clip's softmax is over the classes of its corpus alone, so that a class
            that a corpus lacks is not learned to be unlike its sound.
        contrast: weight of the supervised contrast whose positives are the same emotion by
            another speaker: L_MI_S in the speech stage.
        contrast_temperature: of that contrast's similarities.
        max_draws: the most often that a clip is drawn in the stage on average over its corpus;
            0 sets no limit.
        interpolation: share of the fine-tuned speech encoder in its mean with the pretrained
            one after the stage (WiSE-FT, Wortsman et al. 2022); 1 keeps the fine-tuned one.
    """

    grouped: bool = False
    max_clips: int = 20
    alone: float = 0.3
    mostly_neutral: float = 0.1
    same_emotion: float = 0.0
    corpus_softmax: bool = False
    contrast: float = 0.0
    contrast_temperature: float = 0.1
    max_draws: float = 0.0
    interpolation: float = 1.0

    def __post_init__(self) -> None:
        for name in ("alone", "mostly_neutral", "same_emotion", "interpolation"):
            if not 0 <= getattr(self, name) <= 1:
                raise ConfigError(
                    f"voices.{name} must lie between 0 and 1, not {getattr(self, name)}"
                )
        if self.mostly_neutral + self.same_emotion > 1:
            raise ConfigError("voices.mostly_neutral and same_emotion add up to more than 1")
        if self.max_clips < 1:
            raise ConfigError(f"voices.max_clips must be at least 1, not {self.max_clips}")
        if not self.contrast_temperature > 0:
            raise ConfigError("voices.contrast_temperature must be above 0")


class ReferenceDraws:
    """Draws the other clips that are known of a clip's voice."""

    def __init__(self, items: Sequence[Item], config: VoiceConfig):
        self.config = config
        self.speakers = [speaker_key(item) for item in items]
        self.emotions = [item.emotion for item in items]
        self.clips: dict[str, list[int]] = defaultdict(list)
        for row, speaker in enumerate(self.speakers):
            self.clips[speaker].append(row)

    def draw(self, rng: Generator, row: int, within: Sequence[int] | None = None) -> list[int]:
        """Rows of other clips of the same voice, none to ``max_clips`` - 1 of them.

        Args:
            within: only these rows (a batch's), all of the voice's otherwise.
        """
        config = self.config
        found = self.clips[self.speakers[row]] if within is None else within
        others = [r for r in found if r != row and self.speakers[r] == self.speakers[row]]
        if not others or rng.random() < config.alone:
            return []
        kind = rng.random()
        if kind < config.mostly_neutral:
            others = [r for r in others if self.emotions[r] == NEUTRAL] or others
        elif kind < config.mostly_neutral + config.same_emotion:
            others = [r for r in others if self.emotions[r] == self.emotions[row]] or others
        count = int(rng.integers(1, min(config.max_clips - 1, len(others)) + 1))
        return [others[i] for i in rng.permutation(len(others))[:count]]


class SpeakerGroups:
    """Draws a speech batch as groups of clips, each of one speaker."""

    #: How many clips of a speaker stand together.
    SIZES = (8, 12, 16)

    def __init__(self, items: Sequence[Item], weights: np.ndarray):
        """``weights`` (N,) are the clips' sampling probabilities."""
        rows: dict[str, list[int]] = defaultdict(list)
        for row, item in enumerate(items):
            rows[speaker_key(item)].append(row)
        self.rows = [np.array(found) for found in rows.values()]
        self.within = [weights[found] / weights[found].sum() for found in self.rows]
        totals = np.array([weights[found].sum() for found in self.rows])
        self.speakers = totals / totals.sum()

    def draw(self, rng: Generator, batch_size: int) -> np.ndarray:
        """(batch_size,) rows; the last group is cut."""
        size = int(rng.choice(self.SIZES))
        drawn: list[int] = []
        while len(drawn) < batch_size:
            speaker = rng.choice(len(self.rows), p=self.speakers)
            count = min(size, len(self.rows[speaker]))
            drawn += rng.choice(
                self.rows[speaker], count, replace=False, p=self.within[speaker]
            ).tolist()
        return np.array(drawn[:batch_size])


def corpus_classes(items: Sequence[Item], labels: Sequence[str]) -> np.ndarray:
    """(N, L) True for the classes that each item's corpus has."""
    classes: dict[str | None, set[str]] = defaultdict(set)
    for item in items:
        classes[item.corpus].update(item.emotions)
    return np.array([[label in classes[item.corpus] for label in labels] for item in items])
