"""Live mode: a rolling window over a stream of sound, and what the model says of it each second."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from drkf.analysis import Transcript, TranscriptWord
from drkf.audio.activity import find_speech
from drkf.audio.clip import MIN_SECONDS, SAMPLE_RATE, Clip
from drkf.audio.speech import SpeechSpan, speech_spans
from drkf.audio.stream import Resampler, as_mono
from drkf.batch import Reading, encode_batch, predict_batch, predict_states
from drkf.conversation.moment import Moment
from drkf.errors import TranscriptionError
from drkf.language import language_note
from drkf.model import VoiceReference
from drkf.pipeline import EmotionPipeline, Heard
from drkf.words import clean_text

WINDOW_SECONDS = 4.0  # about one sentence
HOP_SECONDS = 1.0
WORDS_SECONDS = 8.0  # of the utterance that is under way
LIMIT_SECONDS = 180.0
RECOGNISE_EVERY_SECONDS = 5.0  # Whisper's cost is that of 30 s, however little it hears
PAUSE_SECONDS = 0.6  # ends an utterance
SPOKEN_SECONDS = 0.2  # of new sound that must be speech for it not to be silence
LEAD_SECONDS = 0.3  # kept before speech starts: the detector is late at soft beginnings
UNSETTLED_SECONDS = 1.5  # the newest words of somebody still speaking, recognised again later
KEPT_SECONDS = 24.0  # of sound; fits Whisper's window with room
STALLED_SECONDS = 3.0

State = Literal["waiting", "silence", "speech", "stalled", "over"]


@dataclass(frozen=True)
class LiveView:
    """What a session shows at one time.

    ``state`` is "waiting" before the first window, "stalled" where the microphone has sent
    nothing for a while, "over" after the limit. ``text`` is all that was recognised,
    ``note`` one line for the user or "". ``skipped`` counts windows left out to keep up,
    ``lost`` pieces of sound that could not be read. ``stretches`` of the voice are known, earlier
    recordings among them; None where the checkpoint has no use for that.
    """

    state: State
    seconds: float
    moments: tuple[Moment, ...]
    text: str
    note: str
    skipped: int
    lost: int
    stretches: int | None = None

    def mostly(self) -> tuple[str, float] | None:
        """The emotion of most of the time that somebody spoke, and its share of that time."""
        seconds: dict[str, float] = {}
        for moment in self.moments:
            if moment.prediction is not None:
                emotion = moment.prediction.emotion
                seconds[emotion] = seconds.get(emotion, 0.0) + moment.seconds
        if not seconds:
            return None
        emotion = max(seconds, key=lambda name: seconds[name])
        return emotion, seconds[emotion] / sum(seconds.values())


class LiveSession:
    """One visitor's stream. ``receive`` and ``step`` may run in different threads.

    ``receive`` is quick and never waits for the model. ``step`` looks at the newest window only:
    windows that passed while it worked are left out, not queued. Sound older than a few words
    is dropped at once, and all of it by ``close``. ``threshold`` is ED's decision threshold.

    Where the checkpoint uses a voice's reference, each window is read beside all that was heard
    before it: a running mean over windows that do not overlap, whoever speaks in them.

    Args:
        voice: what is known of the voice before.
    """

    def __init__(
        self,
        pipeline: EmotionPipeline,
        limit_seconds: float = LIMIT_SECONDS,
        clock: Callable[[], float] = time.monotonic,
        voice: VoiceReference | None = None,
    ) -> None:
        self._pipeline = pipeline
        self._voice = voice
        self._voice_known = 0.0  # stream time up to which sound is part of it
        self.threshold = pipeline.calibration.discrimination_threshold
        self.closed = False
        self.failed = False  # for the interface, which has said why
        self._limit, self._clock = limit_seconds, clock
        self._sound = threading.Lock()  # the samples and what is known of the stream
        self._work = threading.Lock()  # the model: one step at a time
        self._samples = np.zeros(0, np.float32)
        self._dropped = 0  # samples of the stream that are gone, before those that are kept
        self._resampler: Resampler | None = None
        self._started = self._heard_at = clock()
        self._ended_after = 0.0
        self._lost = self._skipped = 0
        self._moments: tuple[Moment, ...] = ()
        self._looked = 0.0  # stream time up to which windows were looked at
        self._words: tuple[TranscriptWord, ...] = ()  # settled ones
        self._partial: tuple[TranscriptWord, ...] = ()
        self._settled = 0.0  # stream time up to which words are settled
        self._recognised = 0.0
        self._note = ""
        self._deaf = False  # to words: the recogniser cannot be used

    @property
    def seconds(self) -> float:
        """How much sound has come in."""
        return (self._dropped + len(self._samples)) / SAMPLE_RATE

    def receive(self, rate: int, samples: np.ndarray) -> None:
        """Takes in the next piece of sound.

        Args:
            rate: in Hz; may change from piece to piece.
            samples: (n,) or (n, channels), floats in [-1, 1] or int16; may be empty. A piece
                that is no sound (an impossible rate, NaN) counts as lost.
        """
        with self._sound:
            self._heard_at = self._clock()
            if self.closed or self._elapsed() >= self._limit:
                return
            piece = as_mono(rate, samples)
            if piece is None:
                self._lost += 1
                return
            if self._resampler is None or self._resampler.rate != rate:
                self._resampler = Resampler(rate)
            room = round((self._limit - self.seconds) * SAMPLE_RATE)
            new = self._resampler.feed(piece)[: max(0, room)]
            kept = np.concatenate([self._samples, new])
            surplus = max(0, len(kept) - round(KEPT_SECONDS * SAMPLE_RATE))
            self._samples, self._dropped = kept[surplus:], self._dropped + surplus

    def lose(self) -> None:
        """A piece of sound did not arrive, or could not be read."""
        with self._sound:
            self._heard_at = self._clock()
            self._lost += 1

    def step(self) -> bool:
        """Looks at the newest window; False where there is nothing new, or a step is under way."""
        if not self._work.acquire(blocking=False):
            return False
        try:
            return self._step()
        finally:
            self._work.release()

    def view(self) -> LiveView:
        """What the page shows now; nothing is computed for it."""
        moments = self._moments
        state: State
        if self.seconds >= self._limit or self._elapsed() >= self._limit:
            state = "over"
        elif self._clock() - self._heard_at > STALLED_SECONDS:
            state = "stalled"
        elif not moments:
            state = "waiting"
        else:
            state = "silence" if moments[-1].prediction is None else "speech"
        return LiveView(
            state=state,
            seconds=self.seconds,
            moments=moments,
            text=" ".join(word.word for word in (*self._words, *self._partial)),
            note=self._note,
            skipped=self._skipped,
            lost=self._lost,
            stretches=self._stretches(),
        )

    def _stretches(self) -> int | None:
        if not self._pipeline.uses_voice_reference:
            return None
        return 0 if self._voice is None else int(self._voice.count)

    def close(self) -> None:
        """The microphone is off: the sound is deleted, the model's answers are kept."""
        with self._sound:
            self._dropped += len(self._samples)
            self._samples, self._resampler = np.zeros(0, np.float32), None
            self._ended_after, self.closed = self._elapsed(), True

    def _elapsed(self) -> float:
        return self._ended_after if self.closed else self._clock() - self._started

    def _step(self) -> bool:
        with self._sound:
            samples, start = self._samples, self._dropped / SAMPLE_RATE
        now = start + len(samples) / SAMPLE_RATE
        new = now - self._looked
        if new < HOP_SECONDS / 2 or not len(samples):
            return False
        kept = Clip(samples - samples.mean(dtype=np.float64).astype(np.float32))
        spans = [
            SpeechSpan(start + span.start_seconds, start + span.end_seconds)
            for span in speech_spans(kept, PAUSE_SECONDS)
        ]
        self._recognise(kept, start, spans)
        moment = self._look(kept, start, spans)
        self._skipped += max(0, round(new / HOP_SECONDS) - 1)
        self._looked = now
        self._moments = (*self._moments, moment)
        return True

    def _look(self, kept: Clip, start: float, spans: list[SpeechSpan]) -> Moment:
        """The stretch since the last look, as far as a window reaches, with what was before it."""
        now = start + kept.seconds
        since = max(self._looked, now - WINDOW_SECONDS)
        silence = Moment(since, now, None)
        spoken = sum(max(0.0, min(s.end_seconds, now) - max(s.start_seconds, since))
                     for s in spans)  # fmt: skip
        if spoken < SPOKEN_SECONDS:
            return silence
        first = max(now - WINDOW_SECONDS, spans[-1].start_seconds - LEAD_SECONDS, start)
        first = max(start, min(first, now - 2 * MIN_SECONDS))
        window = Clip(kept.samples[round((first - start) * SAMPLE_RATE) :])
        speech = find_speech(window) if window.seconds >= MIN_SECONDS else None
        if speech is None:
            return silence
        # Words come later than the voice: a few seconds more of them, of the same utterance.
        words_since = max(spans[-1].start_seconds, now - WORDS_SECONDS)
        said = [word for word in (*self._words, *self._partial) if word.end_seconds > words_since]
        text = clean_text(" ".join(word.word for word in said))
        transcript = Transcript(text, "asr" if text else "none")
        reading = self._read(Heard(window, transcript, speech=speech), first, now)
        return Moment(
            since,
            now,
            reading.fused,
            reading.inconsistency,
            reading.agreement,
            reading.uncertain,
            text,
        )

    def _read(self, heard: Heard, start: float, end: float) -> Reading:
        """A window, from ``start`` to ``end`` of the stream, beside what is known of the voice."""
        if not self._pipeline.uses_voice_reference:
            [reading] = predict_batch(self._pipeline, [heard])
            return reading
        [states] = encode_batch(self._pipeline, [heard])
        [reading] = predict_states(self._pipeline, [heard], [states], [self._voice])
        if states is not None and start >= self._voice_known:
            known = self._voice
            self._voice = VoiceReference.of([states]) if known is None else known.with_clip(states)
            self._voice_known = end
        return reading

    def _recognise(self, kept: Clip, start: float, spans: list[SpeechSpan]) -> None:
        """New words, where an utterance ended or the last look for them is some seconds ago."""
        now = start + kept.seconds
        if self._deaf or not spans or spans[-1].end_seconds <= self._settled + SPOKEN_SECONDS:
            return
        ended = now - spans[-1].end_seconds >= PAUSE_SECONDS
        if not ended and now - self._recognised < RECOGNISE_EVERY_SECONDS:
            return
        unsettled = [span for span in spans if span.end_seconds > self._settled]
        first = max(self._settled, unsettled[0].start_seconds - LEAD_SECONDS, start)
        clip = Clip(kept.samples[round((first - start) * SAMPLE_RATE) :])
        try:
            found = self._pipeline.recognizer.transcribe(clip, english=True)
        except TranscriptionError as error:
            self._note, self._deaf = str(error), True  # said once; then the voice alone is read
            return
        if ended:
            self._note = language_note(found) or ""
        words = tuple(
            replace(
                word, start_seconds=word.start_seconds + first, end_seconds=word.end_seconds + first
            )
            for word in found.words
        )
        self._recognised = now
        if ended:
            self._words, self._partial, self._settled = (*self._words, *words), (), now
            return
        settled = tuple(word for word in words if word.end_seconds < now - UNSETTLED_SECONDS)
        if clip.seconds > KEPT_SECONDS / 2 and settled:
            self._words = (*self._words, *settled)
            self._settled = settled[-1].end_seconds
        else:
            settled = ()
        self._partial = words[len(settled) :]
