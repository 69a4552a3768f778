"""How good relevance over time is: deletion in the sound, and emotional seconds that were planted.

Deleted stretches hold the clip's own noise (``drkf.audio.edits.quieted``). A planted clip is
neutral speech, the loudest second of an emotional clip, and neutral speech, all of one speaker, in
any order. The cue decides the answer where the model answers the planted emotion with it and
another one without it. Where neutral speech alone gets the same answer (a voice that sounds sad to
the model), no explanation that is true to the model can name the cue; a second row counts those
too.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import torch
from tqdm.auto import tqdm

from drkf.analysis import NEUTRAL, RelevanceEvidence
from drkf.audio.clip import SAMPLE_RATE, load_audio
from drkf.data.manifest import Item
from drkf.data.split import speaker_key
from drkf.errors import DRKFError
from drkf.evaluation.measure import Measure
from drkf.pipeline import EmotionPipeline, Utterance

CUE_SECONDS = 1.0
TOP = 0.25
"""Share of the time that is deleted together."""
TRIM = 0.05
"""What is softer than this share of the peak, before and after, is no part of a planted clip."""
FADE_SECONDS = 0.01
SHIFT_SECONDS = 0.01
MIN_SPANS = 4
#: More sets of spans are not searched one by one: a greedy search finds the best of them.
MAX_SETS = 40
#: Clips that are tried for each one that counts.
TRIES = 6


@dataclass(frozen=True, eq=False)
class Planted:
    """A clip with the span, in seconds, of the emotional second in it."""

    samples: np.ndarray
    start: float
    end: float
    emotion: str

    @property
    def without_cue(self) -> np.ndarray:
        """The neutral speech alone."""
        first, last = round(self.start * SAMPLE_RATE), round(self.end * SAMPLE_RATE)
        return np.delete(self.samples, slice(first, last))


def plant_cues(clips: Sequence[Item], seed: int = 0) -> Iterator[Planted]:
    """Planted clips, each with another emotional clip, as long as there are any."""
    rng = random.Random(seed)
    neutral: dict[str, list[Item]] = defaultdict(list)
    emotional: list[Item] = []
    for item in clips:
        if item.speaker is None or item.audio is None:
            continue
        if item.emotion == NEUTRAL:
            neutral[speaker_key(item)].append(item)
        else:
            emotional.append(item)
    rng.shuffle(emotional)
    for item in emotional:
        beside = neutral[speaker_key(item)]
        if len(beside) < 2:
            continue
        parts = [_trimmed(_sound(one)) for one in rng.sample(beside, 2)]
        place = rng.randrange(3)
        cue = _loudest(_sound(item))
        start = sum(len(part) for part in parts[:place]) / SAMPLE_RATE
        parts.insert(place, cue)
        yield Planted(np.concatenate(parts), start, start + len(cue) / SAMPLE_RATE, item.emotion)


def judge_cues(pipeline: EmotionPipeline, clips: Sequence[Item], count: int) -> list[Measure]:
    """How often the stretch that is named first lies in the planted second, by its middle: where
    the cue decides the answer, and wherever the answer is the planted emotion."""
    found: list[tuple[float, float, bool]] = []
    for tried, planted in enumerate(plant_cues(clips)):
        if sum(decides for *_, decides in found) == count or tried == TRIES * count:
            break
        try:
            utterance = pipeline.encode((SAMPLE_RATE, planted.samples), None, transcribe=False)
            if pipeline.predict(utterance).emotion != planted.emotion:
                continue
            rest = pipeline.encode((SAMPLE_RATE, planted.without_cue), None, transcribe=False)
        except DRKFError:
            continue
        relevance = pipeline.relevance(utterance, planted.emotion)
        middles = [(one.start_seconds + one.end_seconds) / 2 for one in relevance.times]
        inside = [planted.start <= middle <= planted.end for middle in middles]
        decides = pipeline.predict(rest).emotion != planted.emotion
        found.append((float(inside[_first(relevance)]), float(np.mean(inside)), decides))
    name = "voice: a planted emotional second of the same speaker is named first"
    return [
        _mean(f"{name}, where it decides the answer", [one for one in found if one[2]]),
        _mean(f"{name}, also where neutral speech alone gets that answer", found),
    ]


def _mean(name: str, found: Sequence[tuple[float, float, bool]]) -> Measure:
    value, chance, _ = np.mean(found, axis=0).tolist() if found else (0.0, 0.0, 0.0)
    return Measure(name, len(found), value, chance, 1.0)


def judge_times(pipeline: EmotionPipeline, clips: Sequence[Item], count: int) -> list[Measure]:
    """Deletion of the first 25 % of time, and stability under 10 ms of silence, over clips that are
    rightly read.

    Args:
        clips: in the order in which they are tried.
    """
    found: list[tuple[float, ...]] = []
    for item in tqdm(clips[: TRIES * count], desc="deleting sound", unit="clip", disable=None):
        if len(found) == count or item.audio is None:
            break
        try:
            utterance = pipeline.encode(item.audio, None, transcribe=False)
        except DRKFError:
            continue
        if pipeline.predict(utterance).emotion != item.emotion:
            continue
        relevance = pipeline.relevance(utterance, item.emotion)
        if len(relevance.times) >= MIN_SPANS:
            first, chance, best = _falls(pipeline, utterance, relevance)
            found.append((first, chance, best, _stable(pipeline, item, relevance)))
    n = len(found)
    first, chance, best, stable = np.mean(found, axis=0).tolist() if found else (0.0,) * 4
    return [
        Measure(
            "voice: fall of the probability without the first 25 % of time", n, first, chance, best
        ),
        Measure(
            "voice: the same moment is named first after 10 ms of silence", n, stable, None, 1.0
        ),
    ]


def _falls(
    pipeline: EmotionPipeline, utterance: Utterance, relevance: RelevanceEvidence
) -> tuple[float, float, float]:
    """Falls without the first quarter of the spans, without a random one, and without the best."""
    hiding = pipeline.hiding(utterance)
    units, label = hiding.units, pipeline.info.labels.index(relevance.emotion)
    count, first = len(units.spans), len(units.words)
    size = max(1, round(TOP * count))

    def falls(sets: Sequence[tuple[int, ...]]) -> list[float]:
        hidden = torch.zeros(len(sets), len(units), dtype=torch.bool)
        for row, chosen in enumerate(sets):
            hidden[row, [first + i for i in chosen]] = True
        return hiding.falls(hidden, label)[1].tolist()

    values = [span.effect for span in relevance.times]
    named = tuple(sorted(np.argsort(values)[::-1][:size].tolist()))
    sets = list(combinations(range(count), size))
    if len(sets) <= MAX_SETS:
        every = falls(sets)
        return every[sets.index(named)], float(np.mean(every)), max(every)
    rng = np.random.default_rng(0)
    random_sets = [tuple(rng.choice(count, size, replace=False).tolist()) for _ in range(3)]
    best: tuple[int, ...] = ()
    for _ in range(size):
        more = [(*best, i) for i in range(count) if i not in best]
        best = max(zip(falls(more), more, strict=True))[1]
    fall, reached, *others = falls([named, best, *random_sets])
    return fall, float(np.mean(others)), max(fall, reached)


def _stable(pipeline: EmotionPipeline, item: Item, relevance: RelevanceEvidence) -> float:
    """1 where the moment named first is the same one after 10 ms of silence, else 0."""
    later = np.pad(_sound(item), (round(SHIFT_SECONDS * SAMPLE_RATE), 0))
    utterance = pipeline.encode((SAMPLE_RATE, later), None, transcribe=False)
    again = pipeline.relevance(utterance, relevance.emotion)
    one, other = relevance.times[_first(relevance)], again.times[_first(again)]
    return float(abs(one.start_seconds + SHIFT_SECONDS - other.start_seconds) < 0.05)


def _first(relevance: RelevanceEvidence) -> int:
    return int(np.argmax([span.effect for span in relevance.times]))


def _sound(item: Item) -> np.ndarray:
    return load_audio(item.audio).samples


def _trimmed(samples: np.ndarray) -> np.ndarray:
    loud = np.flatnonzero(np.abs(samples) > TRIM * np.abs(samples).max(initial=0.0))
    return samples[loud[0] : loud[-1] + 1] if len(loud) else samples


def _loudest(samples: np.ndarray) -> np.ndarray:
    """The loudest second, faded in and out."""
    length = min(len(samples), round(CUE_SECONDS * SAMPLE_RATE))
    energy = np.concatenate([[0.0], np.cumsum(np.square(samples, dtype=np.float64))])
    start = int(np.argmax(energy[length:] - energy[:-length]))
    fade = round(FADE_SECONDS * SAMPLE_RATE)
    gate = np.minimum(1.0, np.minimum(np.arange(length), np.arange(length)[::-1]) / fade)
    return (samples[start : start + length] * gate).astype(np.float32)
