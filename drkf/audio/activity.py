"""The part of a recording in which somebody speaks, to the sample, and the recording without
the rest.

Only speech may decide. Quiet before, between and after the words is therefore left out before
the encoder: the same speech is then the very same samples, however much quiet is around it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from faster_whisper.vad import VadOptions, get_speech_timestamps, get_vad_model
from scipy.signal import butter, sosfilt

from drkf.audio.clip import SAMPLE_RATE, Clip, frame_levels, is_silent

#: Finer than the detector for the recogniser: soft beginnings and ends belong to the voice.
VOICE = VadOptions(
    threshold=0.4,
    neg_threshold=0.25,
    min_speech_duration_ms=96,
    min_silence_duration_ms=100,
    speech_pad_ms=0,
)
#: A second look, at what the first one takes for no speech.
FAINT_VOICE = replace(VOICE, threshold=0.2, neg_threshold=0.12)
WARM_UP_SECONDS = 0.5  # of silence before the clip, so that the detector starts the same anywhere
REACH_SECONDS = 1.0  # beyond the detector's span in which the voice may begin and end
GAP_SECONDS = 0.2  # of quiet beyond the detector's span: what is behind it is not the same voice
FLOOR_DB = 35.0  # below the loudest 20 ms of a stretch nothing of its voice is heard
#: Nor is it heard within 6 dB of the clip's softest 5 %, its room; noise less than 15 dB below
#: the loudest 20 ms cannot be told from the voice by its level.
ROOM_PERCENTILE, ABOVE_ROOM_DB, LEAST_FLOOR_DB = 5, 6.0, 15.0
#: Rooms are loud and restless below it, with traffic and fans; voices have enough above it.
RUMBLE_HZ = 150.0
ENVELOPE_SECONDS = 0.02

KEPT_SECONDS = 0.02  # of the recording's own sound beyond the voice, faded out
PAUSE_SECONDS = 0.1  # of silence at each end of a stretch; a longer pause is shortened to two
FADE_SECONDS = 0.01

#: Silero's mean probability of speech over its best 96 ms. Nearly all laughs, sobs, gasps and
#: whispers, which are no speech to it, lie above (``benchmarks/speech.py``); tones, beeps, keys and
#: clicks below. Claps lie where gasps do: they are analysed, with ``certain`` False.
MIN_VOICE_PROBABILITY = 0.05
VOICE_FRAMES = 3
#: From the softest tenth of the clip to its loudest 0.1 s: steadier sound is no voice.
MIN_LEVEL_RANGE_DB = 4.0
LOUD_FRAMES = 5
LOUD_DB = 20.0  # below the loudest 96 ms: what is softer is the room, not the voice


@dataclass(frozen=True)
class Piece:
    """A stretch of speech: where it starts in ``Speech.samples`` and in the clip, in seconds.

    ``clip_start`` may lie before the clip's start, by the silence that is put before speech.
    """

    start: float
    clip_start: float
    seconds: float


@dataclass(frozen=True, eq=False)
class Speech:
    """A clip without the stretches in which nobody speaks.

    ``samples`` (m,) float32 mono at 16 kHz; ``pieces`` say where they come from, in order.
    ``certain`` is False where the detector found no speech, but something like a voice.
    """

    samples: np.ndarray
    pieces: tuple[Piece, ...]
    clip_seconds: float
    certain: bool = True

    @property
    def seconds(self) -> float:
        return len(self.samples) / SAMPLE_RATE

    @property
    def left_out_seconds(self) -> float:
        """How much of the clip is not in ``samples``."""
        return max(0.0, self.clip_seconds - self.seconds)

    def span_in_clip(self, start: float, end: float) -> tuple[float, float]:
        """A span of ``samples`` in seconds -> its place in the clip.

        A span that reaches over a pause that was left out lies where its middle is.
        """
        middle = (start + end) / 2
        piece = max((p for p in self.pieces if p.start <= middle), key=lambda p: p.start)
        first, last = max(start, piece.start), min(end, piece.start + piece.seconds)
        shift = piece.clip_start - piece.start
        low, high = np.clip([first + shift, last + shift], 0.0, self.clip_seconds)
        return float(low), float(high)

    def spans_of_clip(self, start: float, end: float) -> list[tuple[float, float]]:
        """A span of the clip in seconds -> its places in ``samples``, without what was left out."""
        found = []
        for piece in self.pieces:
            first = max(start, piece.clip_start)
            last = min(end, piece.clip_start + piece.seconds)
            if first < last:
                shift = piece.start - piece.clip_start
                found.append((first + shift, last + shift))
        return found


def find_speech(clip: Clip) -> Speech | None:
    """The clip's speech, or its voice without words; None where there is neither.

    Laughing, sobbing, shouting and whispering are not speech to the detector. Where it finds
    none, anything that is like a voice in part counts, with ``certain`` False.
    """
    if is_silent(clip):
        return None
    spans = detect(clip)
    certain = bool(spans)
    if not certain:
        if not maybe_voice(clip):
            return None
        spans = detect(clip, FAINT_VOICE)
    return cut_out(clip, voice_spans(clip, spans), certain)


def whole_speech(clip: Clip) -> Speech:
    """As ``find_speech``; a clip without any voice is taken as it is."""
    found = find_speech(clip)
    if found is not None:
        return found
    return Speech(clip.samples, (Piece(0.0, 0.0, clip.seconds),), clip.seconds, False)


def detect(clip: Clip, options: VadOptions = VOICE) -> list[tuple[int, int]]:
    """First and last sample of each stretch of speech, by Silero's detector."""
    quiet = round(WARM_UP_SECONDS * SAMPLE_RATE)
    samples = np.concatenate([np.zeros(quiet, np.float32), clip.samples])
    found = get_speech_timestamps(samples, replace(options))
    spans = [(max(0, s["start"] - quiet), min(s["end"] - quiet, len(clip.samples))) for s in found]
    return [(start, end) for start, end in spans if start < end]


def maybe_voice(clip: Clip) -> bool:
    """Whether the clip holds something like a voice, though no speech: not noise, not a tone.

    Only the loud stretch is looked at, so that the answer is the same in any quiet.
    """
    levels = np.sort(frame_levels(clip))
    loudest = levels[-min(LOUD_FRAMES, len(levels))]
    if loudest - levels[len(levels) // 10] < MIN_LEVEL_RANGE_DB:
        return False
    ((start, end),) = voice_spans(clip, [], in_room=False)
    frame = 512  # samples: Silero's
    samples = np.pad(clip.samples[start:end], (frame, 2 * frame - (end - start) % frame))
    probabilities = get_vad_model()(samples).ravel()
    powers = np.square(samples[: len(probabilities) * frame].reshape(-1, frame)).mean(axis=1)
    window = np.full(VOICE_FRAMES, 1 / VOICE_FRAMES)
    means, powers = (np.convolve(x, window, "valid") for x in (probabilities, powers))
    loud = powers >= powers.max() * 10 ** (-LOUD_DB / 10)
    return bool(means[loud].max() >= MIN_VOICE_PROBABILITY)


def voice_spans(
    clip: Clip, spans: list[tuple[int, int]], in_room: bool = True
) -> list[tuple[int, int]]:
    """The spans to the sample, in order and apart; the whole clip's where there are none.

    The detector's edges depend on what is before them, by its memory and its 32 ms frames. A
    level does not: a stretch begins and ends where its envelope passes a floor, which is
    ``FLOOR_DB`` below the stretch's own loudest place or, ``in_room``, above the room's noise.
    """
    size = round(ENVELOPE_SECONDS * SAMPLE_RATE)
    heard = sosfilt(butter(2, RUMBLE_HZ, "highpass", fs=SAMPLE_RATE, output="sos"), clip.samples)
    power = np.square(heard)
    sums = np.cumsum(np.concatenate([np.zeros(size // 2 + 1), power, np.zeros(size // 2)]))
    envelope = sums[size:] - sums[:-size]  # (n,) power of the 20 ms around each sample
    quiet = np.percentile(frame_levels(Clip(heard)), ROOM_PERCENTILE)
    room = size * _power(quiet + ABOVE_ROOM_DB)
    reach = round(REACH_SECONDS * SAMPLE_RATE) if spans else 0
    found: list[tuple[int, int]] = []
    for start, end in spans or [(0, len(clip.samples))]:
        low, high = max(0, start - reach), min(len(clip.samples), end + reach)
        loudest = envelope[start:end].max()
        floor = loudest * _power(-FLOOR_DB)
        if in_room:
            floor = max(floor, min(room, loudest * _power(-LEAST_FLOOR_DB)))
        loud = low + np.flatnonzero(envelope[low:high] > floor)
        first, last = _hanging_together(loud, start, end)
        if found and first <= found[-1][1]:
            first, last = found[-1][0], max(last, found[-1][1])
            found.pop()
        found.append((first, last))
    return found


def _power(decibels: float) -> float:
    return float(10 ** (decibels / 10))


def _hanging_together(loud: np.ndarray, start: int, end: int) -> tuple[int, int]:
    """[first, last) of the loud samples (n,) within [start, end) and beyond, up to a gap."""
    inside, behind = np.searchsorted(loud, [start, end])
    gaps = np.flatnonzero(np.diff(loud) > GAP_SECONDS * SAMPLE_RATE)  # after these of loud
    before, after = gaps[gaps < inside], gaps[gaps >= behind - 1]
    first = before[-1] + 1 if len(before) else 0
    last = after[0] if len(after) else len(loud) - 1
    return int(loud[first]), int(loud[last]) + 1


def cut_out(clip: Clip, spans: list[tuple[int, int]], certain: bool) -> Speech:
    """The spans, each between ``PAUSE_SECONDS`` of silence; shorter pauses stay as they are."""
    pause = round(PAUSE_SECONDS * SAMPLE_RATE)
    joined: list[tuple[int, int]] = []
    for start, end in spans:
        if joined and start - joined[-1][1] <= 2 * pause:
            start = joined.pop()[0]
        joined.append((start, end))
    parts: list[np.ndarray] = []
    pieces: list[Piece] = []
    length = 0
    for start, end in joined:
        part = _faded(clip.samples, start, end, pause)
        pieces.append(
            Piece(length / SAMPLE_RATE, (start - pause) / SAMPLE_RATE, len(part) / SAMPLE_RATE)
        )
        parts.append(part)
        length += len(part)
    return Speech(np.concatenate(parts), tuple(pieces), clip.seconds, certain)


def _faded(samples: np.ndarray, start: int, end: int, pause: int) -> np.ndarray:
    """Samples [start, end) with a little of what is around them, faded into silence."""
    kept, fade = round(KEPT_SECONDS * SAMPLE_RATE), round(FADE_SECONDS * SAMPLE_RATE)
    places = np.arange(start - pause, end + pause)
    inside = (places >= 0) & (places < len(samples))
    part = np.where(inside, samples[np.clip(places, 0, len(samples) - 1)], 0)
    first, last = start - kept, end - 1 + kept
    gain = np.interp(places, [first, first + fade, last - fade, last], [0, 1, 1, 0])
    return (part * gain).astype(np.float32)
