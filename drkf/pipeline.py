"""EmotionPipeline: voice, words or both -> Analysis. The library's front door."""

from __future__ import annotations

import math
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from drkf.analysis import Analysis, Prediction, RelevanceEvidence, ShapleyEvidence, Transcript
from drkf.audio.clip import LONG_SECONDS, SAMPLE_RATE, Clip, load_audio
from drkf.audio.speech import has_speech
from drkf.audio.transcribe import SpeechRecognizer
from drkf.checkpoint import Calibration, Checkpoint, ModelInfo, load_checkpoint
from drkf.errors import (
    AudioError,
    CheckpointError,
    ExplanationError,
    NoInputError,
    TranscriptionError,
)
from drkf.explain import EXPLAINERS, METHODS, attention, faithfulness, inconsistency, shapley
from drkf.explain.inconsistency import NeutralReferences
from drkf.explain.utterance import EncodedUtterance, Word, logits, masked_logits
from drkf.model import DRKF
from drkf.model.encoders import pad_tokens
from drkf.model.sequence import TokenSequence
from drkf.words import as_transcript, clean_text, find_words, mostly_foreign, split_by_window

WINDOW_SECONDS = 30.0  # Whisper's positions and the fusion encoder's end there
# oneDNN, PyTorch's kernels on a CPU, keeps what it compiled for the last 1024 shapes. Hardly any
# recording is as long as one before it: that would be four megabytes for each, never used again.
os.environ.setdefault("ONEDNN_PRIMITIVE_CACHE_CAPACITY", "8")

NO_INPUT = "Record or upload speech, or type a sentence."
NO_SPEECH = (
    "No speech was found in the recording: speak closer to the microphone, or type the words."
)


@dataclass(frozen=True, eq=False)
class Utterance:
    """What was said, encoded once and looked at as often as wanted.

    ``speech_states`` (W, Ta, audio width) are the voice's encoder states by window, kept so
    that new words need no new audio encoding; None without a voice. ``clip_warnings`` are those
    of ``warnings`` that hold whatever the words are.
    """

    clip: Clip | None
    transcript: Transcript
    encoded: EncodedUtterance
    speech_states: TokenSequence | None
    warnings: tuple[str, ...] = ()
    clip_warnings: tuple[str, ...] = ()
    timings: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Heard:
    """What was given, decoded and recognised but not yet encoded.

    ``clip_warnings`` are about the recording, ``word_warnings`` about its recognition.
    """

    clip: Clip | None
    transcript: Transcript
    clip_warnings: tuple[str, ...] = ()
    word_warnings: tuple[str, ...] = ()
    timings: dict[str, float] = field(default_factory=dict)


class EmotionPipeline:
    """Emotion, deciding modality and inconsistency of an utterance.

    Nothing changes after loading, so one pipeline serves concurrent callers. ``model``,
    ``calibration`` and ``info`` are the checkpoint's.
    """

    def __init__(self, checkpoint: Checkpoint):
        self.model: DRKF = checkpoint.model
        self._tokenizer = checkpoint.tokenizer
        self.calibration: Calibration = checkpoint.calibration
        self.info: ModelInfo = checkpoint.info
        if self.info.relevance_method not in METHODS:
            raise CheckpointError(
                f"the checkpoint's relevance method must be one of {', '.join(METHODS)}, not "
                f"{self.info.relevance_method!r}: see faithfulness in its metrics.json"
            )
        self.recognizer = SpeechRecognizer()
        with torch.no_grad():
            speech = self.model.adapt_speech(checkpoint.neutral_speech)
        self._references = NeutralReferences(
            speech=speech, text=self._encode_texts(checkpoint.neutral_texts)[0]
        )

    @classmethod
    def from_pretrained(
        cls,
        path_or_hub_id: str | Path = "checkpoints/drkf-compact",
        device: str = "auto",
        revision: str | None = None,
    ) -> EmotionPipeline:
        """Loads a checkpoint from a folder or from the Hugging Face hub.

        Args:
            device: "auto" (a GPU if there is one), or a torch device.
            revision: the hub revision to pin.

        Raises:
            CheckpointError: missing, damaged or unfit; the message names the file or tensor.
        """
        return cls(load_checkpoint(path_or_hub_id, device, revision))

    def analyze(
        self,
        audio: Any = None,
        text: str | None = None,
        transcribe: bool = True,
        explain: bool = True,
    ) -> Analysis:
        """Analyses voice, words or both.

        Args:
            audio: whatever ``drkf.audio.load_audio`` takes, or None.
            text: the words; without them speech is transcribed if ``transcribe``.
            explain: also compute Shapley values and relevance maps.

        Raises:
            NoInputError: neither was given.
            AudioError: the audio cannot be read, or it holds no speech and no words were given.
        """
        utterance = self.encode(audio, text, transcribe)
        analysis = self.predict(utterance)
        return self.explain(utterance, analysis) if explain else analysis

    def transcribe(self, audio: Any) -> Transcript:
        """Recognises speech.

        Raises:
            AudioError: the audio cannot be used. TranscriptionError: no recogniser.
        """
        if audio is None:
            raise NoInputError("Record or upload speech to transcribe.")
        return self.recognizer.transcribe(load_audio(audio))

    def encode(
        self, audio: Any = None, text: str | Transcript | None = None, transcribe: bool = True
    ) -> Utterance:
        """Decodes, recognises and encodes; the dear part, done once (see ``analyze``)."""
        return self.encode_heard(self.listen(audio, text, transcribe))

    def encode_heard(self, heard: Heard) -> Utterance:
        """Encodes what ``listen`` returned, or a piece of a recording already known for speech."""
        states, timings = None, dict(heard.timings)
        if heard.clip is not None:
            with timed(timings, "encode_audio"):
                states = self._encode_speech(heard.clip)
        return self.with_voice(replace(heard, timings=timings), states)

    def listen(
        self, audio: Any = None, text: str | Transcript | None = None, transcribe: bool = True
    ) -> Heard:
        """Decodes and recognises, without the emotion model (see ``analyze``)."""
        timings: dict[str, float] = {}
        clip_warnings: list[str] = []
        word_warnings: list[str] = []
        transcript = as_transcript(text)
        if audio is None and not transcript.text:
            raise NoInputError(NO_INPUT)
        clip = None
        if audio is not None:
            with timed(timings, "decode"):
                clip = load_audio(audio)
                heard = has_speech(clip)
            clip_warnings += clip.warnings
            if not heard:
                if not transcript.text:
                    raise AudioError(NO_SPEECH)
                clip_warnings.append("No speech was found in the recording: only the words count.")
                clip = None
        if clip is not None and not transcript.text and transcribe:
            with timed(timings, "recognise"):
                transcript, word_warnings = self._recognise(clip)
        if clip is not None and clip.seconds > LONG_SECONDS:
            clip_warnings.append(
                f"The recording is {clip.seconds:.0f} s long: it is analysed in windows of at "
                f"most {WINDOW_SECONDS:.0f} s, and their evidence is averaged."
            )
        return Heard(clip, transcript, tuple(clip_warnings), tuple(word_warnings), timings)

    def with_text(self, utterance: Utterance, text: str | Transcript | None) -> Utterance:
        """The same voice with other words; the voice is neither recognised nor encoded again.

        Empty words leave the voice alone.

        Raises:
            NoInputError: no words, and there is no voice either.
        """
        transcript = as_transcript(text)
        if not transcript.text and utterance.speech_states is None:
            raise NoInputError(NO_INPUT)
        heard = Heard(utterance.clip, transcript, utterance.clip_warnings)
        return self.with_voice(heard, utterance.speech_states)

    def predict(self, utterance: Utterance) -> Analysis:
        """Probabilities, inconsistency and attention: three passes of the fusion encoder."""
        encoded, calibration = utterance.encoded, self.calibration
        timings = dict(utterance.timings)
        with timed(timings, "predict"), torch.no_grad():
            both, discrimination, output = logits(self.model, encoded)
            alone = masked_logits(self.model, encoded, *self._one_modality_each(encoded))
            voice = self.prediction_of(alone[0], calibration.audio_temperature)
            words = self.prediction_of(alone[1], calibration.text_temperature)
            if encoded.has_audio and encoded.has_text:
                fused = self.prediction_of(both, calibration.fused_temperature)
                certain_from = calibration.fused_min_confidence
            elif encoded.has_audio:
                fused, certain_from = voice, calibration.audio_min_confidence
            else:
                fused, certain_from = words, calibration.text_min_confidence
            analysis = Analysis(
                fused=fused,
                audio=voice if encoded.has_audio else None,
                text=words if encoded.has_text else None,
                transcript=utterance.transcript,
                uncertain=fused.confidence < certain_from,
                attention=(attention.rollout_of(encoded, output.fusion),),
                clip_seconds=utterance.clip.seconds if utterance.clip is not None else None,
                warnings=utterance.warnings,
                checkpoint=self.info.name,
                checkpoint_hash=self.info.checkpoint_hash,
            )
            if encoded.has_audio and encoded.has_text:
                readings = inconsistency.readings(
                    float(torch.sigmoid(discrimination / calibration.discrimination_temperature)),
                    voice.probabilities,
                    words.probabilities,
                    calibration,
                )
                analysis = replace(analysis, inconsistency=readings)
        return replace(analysis, timings=timings)

    def explain(
        self, utterance: Utterance, analysis: Analysis, method: str | None = None
    ) -> Analysis:
        """Adds the neutral shift, Shapley values, gradient-weighted attention, and relevance.

        Args:
            method: one of ``METHODS``, for the relevance map; None takes the one that was
                measured to be truest to this model.

        Raises:
            ExplanationError: there is no such method.
        """
        encoded = utterance.encoded
        label = self._label(analysis.emotion)
        timings = dict(analysis.timings)
        with timed(timings, "explain"):
            analysis = self.with_shift(utterance, analysis)
            weighted = attention.gradient_weighted(self.model, encoded, label)
            return replace(
                analysis,
                attention=(*analysis.attention[:1], weighted),
                shapley=shapley.shapley(self.model, encoded, label),
                relevance=self.relevance(utterance, analysis.emotion, method),
                timings=timings,
            )

    @torch.no_grad()
    def with_shift(self, utterance: Utterance, analysis: Analysis) -> Analysis:
        """Adds the neutral shift, the third reading of inconsistency, where there is one."""
        if analysis.inconsistency is None:
            return analysis
        shift = inconsistency.neutral_shift(
            self.model,
            utterance.encoded,
            self._references,
            self.calibration.fused_temperature,
            analysis.fused.probabilities,
        )
        return replace(
            analysis, inconsistency=inconsistency.with_shift(analysis.inconsistency, shift)
        )

    def relevance(
        self, utterance: Utterance, emotion: str, method: str | None = None
    ) -> RelevanceEvidence:
        """Word and time relevance for one emotion of ``info.labels``, with its faithfulness.

        Args:
            method: as for ``explain``.

        Raises:
            ExplanationError: there is no such method, or no such emotion.
        """
        method = method or self.info.relevance_method
        if method not in METHODS:
            raise ExplanationError(
                f"There is no relevance method {method!r}: choose one of {', '.join(METHODS)}."
            )
        encoded, label = utterance.encoded, self._label(emotion)
        found = EXPLAINERS[method].explain(self.model, encoded, label)
        checked = faithfulness.faithfulness(self.model, encoded, found, label)
        return replace(found, faithfulness=checked)

    def shapley(self, utterance: Utterance, emotion: str) -> ShapleyEvidence:
        """Shapley values for the logit of one emotion of ``info.labels``, predicted or not.

        Raises:
            ExplanationError: there is no such emotion.
        """
        return shapley.shapley(self.model, utterance.encoded, self._label(emotion))

    def _label(self, emotion: str) -> int:
        if emotion not in self.info.labels:
            raise ExplanationError(
                f"The model knows no emotion {emotion!r}: choose one of "
                f"{', '.join(self.info.labels)}."
            )
        return self.info.labels.index(emotion)

    def prediction_of(self, values: Tensor, temperature: float) -> Prediction:
        """Logits (L,) as calibrated probabilities."""
        probabilities = (values.float() / temperature).softmax(-1)
        return Prediction(self.info.labels, tuple(probabilities.tolist()))

    @staticmethod
    def _one_modality_each(encoded: EncodedUtterance) -> tuple[Tensor, Tensor]:
        """Maskings (2, W, Ta) and (2, W, Tt): the voice alone, then the words alone."""
        audio, text = encoded.speech.mask, encoded.text.mask
        return (
            torch.stack([audio, torch.zeros_like(audio)]),
            torch.stack([torch.zeros_like(text), text]),
        )

    def _recognise(self, clip: Clip) -> tuple[Transcript, list[str]]:
        """The transcript, and what to tell the user about it."""
        try:
            transcript = self.recognizer.transcribe(clip)
        except TranscriptionError as error:
            return Transcript("", "none"), [f"{error} The voice alone is analysed."]
        text = clean_text(transcript.text)
        if not text:
            return Transcript("", "none"), [
                "No words were recognised: the voice alone is analysed. Type the words to add them."
            ]
        notes = []
        if transcript.language not in (None, "en"):
            notes.append(
                f"The language heard is {transcript.language!r}; the model read only English "
                "words in training, so trust its reading of these words less."
            )
        words = tuple(replace(word, word=clean_text(word.word)) for word in transcript.words)
        return replace(transcript, text=text, words=words), notes

    def windows(self, clip: Clip) -> list[np.ndarray]:
        """The clip's samples in equal windows, at most as long as the model fuses."""
        longest = min(WINDOW_SECONDS, self.model.max_speech_seconds)
        count = math.ceil(clip.seconds / longest)
        step = math.ceil(len(clip.samples) / count)
        return [clip.samples[i * step : (i + 1) * step] for i in range(count)]

    @torch.no_grad()
    def _encode_speech(self, clip: Clip) -> TokenSequence:
        """Encoder states (W, Ta, width) of the clip's windows."""
        features = self.model.speech_features(self.windows(clip)).to(self.model.device)
        return self.model.encode_speech(features)

    @torch.no_grad()
    def _encode_texts(self, texts: tuple[str, ...]) -> tuple[TokenSequence, Any]:
        """T (N, Tt, d) of texts, and the tokenizer's encodings."""
        encodings = self._tokenizer(
            list(texts),
            truncation=True,
            max_length=self.model.config.max_text_tokens,
            return_offsets_mapping=True,
            return_special_tokens_mask=True,
        )
        ids, mask = pad_tokens(encodings["input_ids"], self._tokenizer.pad_token_id)
        states = self.model.encode_text(ids.to(self.model.device), mask.to(self.model.device))
        return self.model.adapt_text(states), encodings

    @torch.no_grad()
    def with_voice(self, heard: Heard, states: TokenSequence | None) -> Utterance:
        """Encodes the words and puts them beside the voice's encoder states (W, Ta, width)."""
        model, clip, transcript = self.model, heard.clip, heard.transcript
        warnings = [*heard.clip_warnings, *heard.word_warnings]
        timings = dict(heard.timings)
        count = 1 if states is None else len(states.hidden)
        seconds = clip.seconds if clip is not None else 0.0
        starts = tuple(i * seconds / count for i in range(count))
        width = model.config.hidden_size
        words: tuple[Word, ...] = ()
        with timed(timings, "encode_text"):
            if transcript.text:
                parts = split_by_window(transcript, starts)
                text, encodings = self._encode_texts(tuple(part for _, part in parts))
                spoken = torch.tensor([bool(part) for _, part in parts], device=model.device)
                text = text.masked(spoken[:, None])  # a window without words has no text at all
                words, cut = find_words(transcript, parts, encodings)
                if cut:
                    warnings.append(
                        f"The text is long: only its first {len(words)} words were read."
                    )
                if transcript.source == "typed" and mostly_foreign(transcript.text):
                    warnings.append(
                        "The model read only English words in training: trust its reading of "
                        "these words less."
                    )
            else:
                text = TokenSequence.empty(count, width, model.device)
        if states is None:
            speech = TokenSequence.empty(count, width, model.device)
            weights = torch.full((count,), 1 / count, device=model.device)
        else:
            speech = model.adapt_speech(states)
            lengths = states.mask.sum(1).float()
            weights = lengths / lengths.sum()
        encoded = EncodedUtterance(
            speech=speech,
            text=text,
            weights=weights,
            words=words,
            window_starts=starts,
            token_seconds=model.speech_token_seconds,
        )
        return Utterance(
            clip, transcript, encoded, states, tuple(warnings), heard.clip_warnings, timings
        )


@contextmanager
def timed(timings: dict[str, float], name: str) -> Iterator[None]:
    """Notes the seconds a block takes under ``name``."""
    start = time.perf_counter()
    yield
    timings[name] = time.perf_counter() - start


__all__ = ["METHODS", "SAMPLE_RATE", "EmotionPipeline", "ModelInfo", "Utterance"]
