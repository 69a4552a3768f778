"""Which part of a recording is speech: to the sample, whatever quiet is around it."""

from __future__ import annotations

import numpy as np
import pytest

from drkf.audio.activity import PAUSE_SECONDS, VOICE, detect, find_speech, whole_speech
from drkf.audio.clip import SAMPLE_RATE, Clip, load_audio
from drkf.gallery import load_gallery


def room(seconds: float, dbfs: float = -65.0, seed: int = 0) -> np.ndarray:
    noise = np.random.default_rng(seed).standard_normal(round(seconds * SAMPLE_RATE))
    return (10 ** (dbfs / 20) * noise).astype(np.float32)


def spoken(name: str = "fear") -> np.ndarray:
    """An example clip, one that begins and ends well above a room's noise."""
    clips = {item.id: item.audio for item in load_gallery() if item.audio is not None}
    return load_audio(clips[name]).samples


def joined(*parts: np.ndarray) -> Clip:
    return Clip(np.concatenate(parts).astype(np.float32))


@pytest.mark.parametrize("before", [0.0, 0.013, 1.0, 7.77])
@pytest.mark.parametrize("after", [0.0, 9.001])
def test_quiet_around_speech_changes_no_sample(before: float, after: float) -> None:
    voice = spoken()
    alone = find_speech(joined(room(0.3), voice, room(0.3)))
    around = find_speech(joined(room(0.3 + before, seed=1), voice, room(0.3 + after, seed=2)))
    assert alone is not None and around is not None
    assert alone.certain and around.certain
    assert len(around.samples) == pytest.approx(len(alone.samples), abs=0.02 * SAMPLE_RATE)
    size = min(len(alone.samples), len(around.samples))
    differ = np.abs(alone.samples[:size] - around.samples[:size])
    assert differ.max() < 0.01, "the same samples, but for the noise under them"
    shift = around.pieces[0].clip_start - alone.pieces[0].clip_start
    assert shift == pytest.approx(before, abs=0.005)


@pytest.mark.parametrize("rumble", [False, True])
@pytest.mark.parametrize("dbfs", [-65.0, -45.0])
def test_the_noise_of_a_room_is_left_out_too(dbfs: float, rumble: bool) -> None:
    """Also where it is louder than the softest that would be heard of the voice."""
    voice = spoken()
    sound = room(15 + len(voice) / SAMPLE_RATE, dbfs)
    if rumble:  # as of traffic, restless
        low = np.cumsum(room(len(sound) / SAMPLE_RATE, dbfs, seed=1))
        sound += 2 * low / low.std() * 10 ** (dbfs / 20)
    start, end = 5 * SAMPLE_RATE, 5 * SAMPLE_RATE + len(voice)
    sound[start:end] += voice
    alone, around = find_speech(Clip(sound[start:end])), find_speech(Clip(sound))
    assert alone is not None and around is not None
    assert around.seconds == pytest.approx(alone.seconds, abs=0.1)


def test_quiet_between_words_is_shortened_to_a_pause() -> None:
    voice = spoken()
    found = find_speech(joined(voice, room(12), voice, room(5), voice))
    once = find_speech(joined(voice))
    assert found is not None and once is not None
    assert found.seconds == pytest.approx(3 * once.seconds, abs=0.3)
    assert found.left_out_seconds == pytest.approx(17 + 3 * once.left_out_seconds, abs=0.5)
    starts = [piece.start for piece in found.pieces]
    assert starts == sorted(starts) and len(starts) >= 3


def test_places_in_the_speech_are_found_in_the_clip_again() -> None:
    voice = spoken()
    speech = find_speech(joined(room(4), voice, room(6), voice))
    assert speech is not None
    clip = joined(room(4), voice, room(6), voice)
    for piece in speech.pieces:
        start, end = piece.start + PAUSE_SECONDS, piece.start + piece.seconds - PAUSE_SECONDS
        first, last = speech.span_in_clip(start, end)
        assert last - first == pytest.approx(end - start, abs=1e-3)
        mine = speech.samples[round(start * SAMPLE_RATE) : round(end * SAMPLE_RATE)]
        its = clip.samples[round(first * SAMPLE_RATE) :][: len(mine)]
        np.testing.assert_allclose(mine, its, atol=1e-6)
    assert speech.span_in_clip(0.0, speech.seconds)[0] >= 3.8
    assert speech.span_in_clip(speech.seconds - 0.1, speech.seconds)[1] <= clip.seconds


def test_a_clip_without_a_voice_is_refused_or_taken_as_it_is() -> None:
    for samples in (room(3), room(3, -20.0), np.zeros(SAMPLE_RATE, np.float32)):
        assert find_speech(Clip(samples)) is None
        assert whole_speech(Clip(samples)).samples is samples


def test_a_voice_that_is_no_speech_counts_and_is_said_to_be_uncertain(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("drkf.audio.activity.detect", lambda *_: [])
    alone = find_speech(joined(spoken()))
    assert alone is not None and not alone.certain
    for before, after in ((5, 5), (0.5, 60), (90, 30)):  # most of the clip is the room
        found = find_speech(joined(room(before), spoken(), room(after)))
        assert found is not None and not found.certain
        assert found.seconds == pytest.approx(alone.seconds, abs=0.1)


def test_a_faint_voice_is_cut_out_too(monkeypatch: pytest.MonkeyPatch) -> None:
    def faint(clip: Clip, options: object = VOICE) -> list[tuple[int, int]]:
        return [] if options is VOICE else detect(clip)

    monkeypatch.setattr("drkf.audio.activity.detect", faint)
    knock = room(0.1, -20.0)
    alone = find_speech(joined(spoken()))
    found = find_speech(joined(room(3), spoken(), room(9), knock, room(3)))
    assert alone is not None and found is not None and not found.certain
    assert found.seconds == pytest.approx(alone.seconds, abs=0.1)


def test_keys_and_clicks_in_a_room_are_no_voice() -> None:
    rng = np.random.default_rng(0)
    samples = room(20)
    for start in rng.integers(0, len(samples) - 400, 40):
        samples[start : start + 400] += (
            0.3 * rng.standard_normal(400) * np.exp(-np.arange(400) / 60)
        )
        samples[start] = 0.8
    assert find_speech(Clip(samples)) is None
