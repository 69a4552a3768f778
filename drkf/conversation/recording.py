"""A recorded conversation: cut into utterances by voice activity, recognised once, analysed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from drkf.analysis import Transcript, TranscriptWord
from drkf.audio.clip import MIN_SECONDS, SAMPLE_RATE, Clip, load_audio
from drkf.audio.speech import SpeechSpan, speech_spans
from drkf.batch import Reading, predict_batch
from drkf.conversation.moment import Moment
from drkf.errors import AudioError, TranscriptionError
from drkf.language import language_note
from drkf.pipeline import NO_SPEECH, EmotionPipeline, Heard
from drkf.words import clean_text

PAUSE_SECONDS = 0.7  # ends an utterance; shorter pauses are breaths and hesitations
MAX_UTTERANCE_SECONDS = 15.0  # a longer utterance is cut where it pauses shortly
PAD_SECONDS = 0.2
PIECE_SECONDS = 28.0  # recognised at a time: what Whisper encodes at once
BATCH_UTTERANCES = 16  # utterances between two signs of progress


@dataclass(frozen=True, eq=False)
class TimedUtterance:
    """What was said from ``start_seconds`` to ``end_seconds``.

    Times in ``transcript`` count from the utterance's start.
    """

    start_seconds: float
    end_seconds: float
    transcript: Transcript
    reading: Reading

    @property
    def moment(self) -> Moment:
        """The utterance as a moment of the timeline."""
        return Moment(
            self.start_seconds,
            self.end_seconds,
            self.reading.fused,
            self.reading.inconsistency,
            self.reading.agreement,
            self.reading.uncertain,
            self.transcript.text,
        )


@dataclass(frozen=True, eq=False)
class Conversation:
    """A recording and its utterances, in order.

    ``threshold`` is ED's decision threshold, ``warnings`` are lines for the user.
    """

    clip: Clip
    utterances: tuple[TimedUtterance, ...]
    threshold: float
    warnings: tuple[str, ...]

    @property
    def moments(self) -> tuple[Moment, ...]:
        """The utterances and the silences around them, without a gap."""
        found: list[Moment] = []
        end = 0.0
        for utterance in self.utterances:
            if utterance.start_seconds > end:
                found.append(Moment(end, utterance.start_seconds, None))
            found.append(utterance.moment)
            end = utterance.end_seconds
        if self.clip.seconds > end:
            found.append(Moment(end, self.clip.seconds, None))
        return tuple(found)

    def clip_of(self, index: int) -> Clip:
        """The voice of one utterance."""
        utterance = self.utterances[index]
        return cut(self.clip, SpeechSpan(utterance.start_seconds, utterance.end_seconds))


@dataclass(frozen=True)
class ConversationProgress:
    """``done`` of ``total`` seconds of speech are recognised, or utterances analysed."""

    stage: Literal["recognise", "analyse"]
    done: float
    total: float


def analyse_conversation(
    pipeline: EmotionPipeline, audio: Any, transcribe: bool = True
) -> Iterator[ConversationProgress | Conversation]:
    """ConversationProgress, and last the whole conversation.

    Args:
        audio: whatever ``drkf.audio.load_audio`` takes, at most 10 minutes.

    Raises:
        AudioError: the audio cannot be used, or nobody speaks in it.
    """
    clip = load_audio(audio)
    spans = utterance_spans(clip)
    if not spans:
        raise AudioError(NO_SPEECH)
    warnings = list(clip.warnings)
    words: list[TranscriptWord] = []
    if transcribe:
        total = sum(span.seconds for span in spans)
        done = 0.0
        for piece in pieces(spans):
            yield ConversationProgress("recognise", done, total)
            try:
                found = recognise_together(pipeline, clip, piece)
            except TranscriptionError as error:
                warnings.append(f"{error} The voice alone is analysed.")
                words = []
                break
            words += found.words
            if (note := language_note(found)) is not None and note not in warnings:
                warnings.append(note)
            done += sum(span.seconds for span in piece)
    transcripts = share_words(words, spans)
    readings: list[Reading] = []
    for first in range(0, len(spans), BATCH_UTTERANCES):
        yield ConversationProgress("analyse", first, len(spans))
        batch = slice(first, first + BATCH_UTTERANCES)
        heard = [
            Heard(cut(clip, span), transcript)
            for span, transcript in zip(spans[batch], transcripts[batch], strict=True)
        ]
        readings += predict_batch(pipeline, heard)
    yield Conversation(
        clip,
        tuple(
            TimedUtterance(span.start_seconds, span.end_seconds, transcript, reading)
            for span, transcript, reading in zip(spans, transcripts, readings, strict=True)
        ),
        pipeline.calibration.discrimination_threshold,
        tuple(warnings),
    )


def utterance_spans(clip: Clip) -> list[SpeechSpan]:
    """The utterances: speech between pauses, each long enough to be analysed."""
    spans = speech_spans(clip, PAUSE_SECONDS, MAX_UTTERANCE_SECONDS, PAD_SECONDS)
    return [span for span in spans if span.seconds >= MIN_SECONDS]


def cut(clip: Clip, span: SpeechSpan) -> Clip:
    """The samples of a stretch of a recording."""
    first = round(span.start_seconds * SAMPLE_RATE)
    return Clip(clip.samples[first : round(span.end_seconds * SAMPLE_RATE)])


def pieces(spans: Sequence[SpeechSpan]) -> Iterator[list[SpeechSpan]]:
    """Neighbouring utterances that fit into one pass of the recogniser."""
    piece: list[SpeechSpan] = []
    for span in spans:
        if piece and span.end_seconds - piece[0].start_seconds > PIECE_SECONDS:
            yield piece
            piece = []
        piece.append(span)
    if piece:
        yield piece


def recognise_together(
    pipeline: EmotionPipeline, clip: Clip, piece: Sequence[SpeechSpan]
) -> Transcript:
    """What neighbouring utterances say, in English, with times in the whole recording."""
    start = piece[0].start_seconds
    found = pipeline.recognizer.transcribe(
        cut(clip, SpeechSpan(start, piece[-1].end_seconds)), english=True
    )
    words = (
        replace(
            word, start_seconds=word.start_seconds + start, end_seconds=word.end_seconds + start
        )
        for word in found.words
    )
    return replace(found, words=tuple(words))


def share_words(words: Sequence[TranscriptWord], spans: Sequence[SpeechSpan]) -> list[Transcript]:
    """Each utterance's words: every word goes to the utterance nearest to its middle."""
    shares: list[list[TranscriptWord]] = [[] for _ in spans]
    for word in words:
        middle = (word.start_seconds + word.end_seconds) / 2
        nearest = min(
            range(len(spans)),
            key=lambda i: max(spans[i].start_seconds - middle, middle - spans[i].end_seconds, 0.0),
        )
        start = spans[nearest].start_seconds
        shares[nearest].append(
            replace(
                word,
                start_seconds=max(0.0, word.start_seconds - start),
                end_seconds=max(0.0, word.end_seconds - start),
            )
        )
    transcripts = []
    for share in shares:
        text = clean_text(" ".join(word.word for word in share))
        transcripts.append(Transcript(text, "asr" if text else "none", words=tuple(share)))
    return transcripts
