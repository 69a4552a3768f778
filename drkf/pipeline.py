"""EmotionPipeline: voice, words or both -> Analysis. The library's front door."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, TypedDict, Unpack, cast, overload

import torch
from torch import Tensor

from drkf.analysis import Analysis, RelevanceEvidence, ShapleyEvidence, Transcript
from drkf.audio.clip import SAMPLE_RATE, load_audio
from drkf.audio.sources import unwrap
from drkf.audio.transcribe import SpeechRecognizer
from drkf.checkpoint import Calibration, Checkpoint, ModelInfo, load_checkpoint
from drkf.encoding import Utterance, UtteranceEncoder, with_speech
from drkf.errors import CheckpointError, ExplanationError, NoInputError, at_place
from drkf.explain import (
    EXPLAINERS,
    METHODS,
    RETIRED_METHODS,
    attention,
    counterfactual,
    faithfulness,
    inconsistency,
    known_method,
    relevance,
    shapley,
)
from drkf.explain.hiding import Hiding
from drkf.explain.inconsistency import NeutralReferences
from drkf.explain.utterance import EncodedUtterance, logits, masked_logits
from drkf.files import SHIPPED
from drkf.listening import NO_INPUT, NO_SPEECH, Heard, each_utterance, listen, timed
from drkf.model import DRKF, VoiceReference
from drkf.verdict import decide
from drkf.words import as_transcript


class AnalyzeOptions(TypedDict, total=False):
    """What ``EmotionPipeline.analyze`` takes beside audio and text."""

    transcribe: bool
    explain: bool
    voice: VoiceReference | None
    sampling_rate: int | None


class EmotionPipeline:
    """Emotion, deciding modality and inconsistency of an utterance.

    Nothing changes after loading, so one pipeline serves concurrent callers. ``model``,
    ``calibration`` and ``info`` are the checkpoint's.
    """

    def __init__(self, checkpoint: Checkpoint):
        self.model: DRKF = checkpoint.model
        self.encoder = UtteranceEncoder(checkpoint.model, checkpoint.tokenizer)
        self.calibration: Calibration = checkpoint.calibration
        self.info: ModelInfo = checkpoint.info
        if self.info.relevance_method not in (*METHODS, *RETIRED_METHODS):
            raise CheckpointError(
                f"the checkpoint's relevance method must be one of {', '.join(METHODS)}, not "
                f"{self.info.relevance_method!r}: see faithfulness in its metrics.json"
            )
        self.recognizer = SpeechRecognizer()
        with torch.no_grad():
            speech = self.model.adapt_speech(checkpoint.neutral_speech)
        self._references = NeutralReferences(
            speech=speech, text=self.encoder.encode_texts(checkpoint.neutral_texts)[0]
        )

    @classmethod
    def from_pretrained(
        cls,
        path_or_hub_id: str | Path = SHIPPED,
        device: str = "auto",
        revision: str | None = None,
    ) -> EmotionPipeline:
        """Loads a checkpoint from a folder or from the Hugging Face hub.

        Args:
            path_or_hub_id: left out, it is the checkpoint that comes with DRKF.
            device: "auto" (a GPU if there is one), or a torch device.
            revision: the hub revision to pin.

        Raises:
            CheckpointError: the checkpoint is missing, damaged, or not that of a DRKF model; the
                message names the file or the tensor.
        """
        return cls(load_checkpoint(path_or_hub_id, device, revision))

    @overload
    def analyze(
        self,
        audio: list[Any],
        text: Sequence[str | None] | None = None,
        **options: Unpack[AnalyzeOptions],
    ) -> list[Analysis]: ...

    @overload
    def analyze(
        self, audio: None, text: list[str], **options: Unpack[AnalyzeOptions]
    ) -> list[Analysis]: ...

    @overload
    def analyze(
        self, audio: Any = None, text: str | None = None, **options: Unpack[AnalyzeOptions]
    ) -> Analysis: ...

    def analyze(
        self,
        audio: Any = None,
        text: str | Sequence[str | None] | None = None,
        transcribe: bool = True,
        explain: bool = True,
        voice: VoiceReference | None = None,
        sampling_rate: int | None = None,
    ) -> Analysis | list[Analysis]:
        """Analyses voice, words or both; calling the pipeline is the same.

        Args:
            audio: whatever ``drkf.audio.load_audio`` takes, or None. A list or column of these
                gives a list of analyses, in order.
            text: the words; without them speech is transcribed if ``transcribe``. A list of them
                gives a list of analyses; None in it is no words.
            explain: also compute Shapley values and relevance maps, most of the time it takes.
            voice: what other clips tell of this voice (see ``voice_of``); None: nothing.
            sampling_rate: in Hz, where ``audio`` is samples alone.

        Raises:
            NoInputError: neither was given, or lists of unequal length.
            AudioError: the audio cannot be read, or it holds no speech and no words were given.
                Of a list, the message names the place; ``drkf.batch.read_all`` goes on instead.
        """
        several = each_utterance(audio, text)
        if several is not None:
            options = AnalyzeOptions(
                transcribe=transcribe, explain=explain, voice=voice, sampling_rate=sampling_rate
            )
            return analyze_each(self, several, options)
        audio, text = unwrap(audio, sampling_rate), cast("str | None", text)
        utterance = self.encode(audio, text, transcribe, voice)
        analysis = self.predict(utterance)
        return self.explain(utterance, analysis) if explain else analysis

    __call__ = analyze

    def transcribe(self, audio: Any) -> Transcript:
        """Recognises speech.

        Raises:
            AudioError: the audio cannot be used.
            TranscriptionError: speech recognition is not installed or fails.
            NoInputError: ``audio`` is None.
        """
        if audio is None:
            raise NoInputError("Record or upload speech to transcribe.")
        return self.recognizer.transcribe(load_audio(audio))

    def encode(
        self,
        audio: Any = None,
        text: str | Transcript | None = None,
        transcribe: bool = True,
        voice: VoiceReference | None = None,
    ) -> Utterance:
        """Decodes, recognises and encodes; the expensive part, done once (see ``analyze``)."""
        return self.encode_heard(self.listen(audio, text, transcribe), voice)

    def encode_heard(self, heard: Heard, voice: VoiceReference | None = None) -> Utterance:
        """Encodes what ``listen`` returned, or a piece of a recording already known for speech."""
        heard = with_speech(heard)
        states, timings = None, dict(heard.timings)
        if heard.speech is not None:
            with timed(timings, "encode_audio"):
                states = self.encoder.encode_speech(heard.speech)
        return self.encoder.join(replace(heard, timings=timings), states, voice)

    def listen(
        self, audio: Any = None, text: str | Transcript | None = None, transcribe: bool = True
    ) -> Heard:
        """Decodes and recognises, without the emotion model (see ``analyze``)."""
        return listen(self.recognizer, audio, text, transcribe)

    def with_text(self, utterance: Utterance, text: str | Transcript | None) -> Utterance:
        """The same voice with other words; the voice is neither recognised nor encoded again.

        Empty words leave the voice alone.

        Raises:
            NoInputError: no words, and there is no voice either.
        """
        transcript = as_transcript(text)
        if not transcript.text and utterance.speech_states is None:
            raise NoInputError(NO_INPUT)
        heard = Heard(utterance.clip, transcript, utterance.clip_warnings, speech=utterance.speech)
        return self.encoder.join(heard, utterance.speech_states, utterance.voice)

    @property
    def uses_voice_reference(self) -> bool:
        """Whether this checkpoint reads a clip relative to what is known of its voice."""
        return self.model.voice is not None

    @torch.no_grad()
    def voice_of(self, utterances: Sequence[Utterance]) -> VoiceReference | None:
        """What encoded utterances of one person tell of the voice; None where none has audio."""
        clips = [u.speech_states for u in utterances if u.speech_states is not None]
        return VoiceReference.of(clips) if clips else None

    def with_voice(self, utterance: Utterance, voice: VoiceReference | None) -> Utterance:
        """The same utterance beside what other clips tell of its voice; no audio is encoded again.

        Args:
            voice: of clips other than this one; ``VoiceReference.without_clip`` takes it out.
        """
        heard = Heard(
            utterance.clip,
            utterance.transcript,
            utterance.clip_warnings,
            speech=utterance.speech,
        )
        joined = self.encoder.join(heard, utterance.speech_states, voice)
        timings = utterance.timings | joined.timings
        return replace(joined, warnings=utterance.warnings, timings=timings)

    @torch.no_grad()
    def predict(self, utterance: Utterance) -> Analysis:
        """Probabilities, inconsistency and attention: three passes of the fusion encoder."""
        encoded = utterance.encoded
        timings = dict(utterance.timings)
        with timed(timings, "predict"):
            both, discrimination, output = logits(self.model, encoded)
            audio, text = masked_logits(self.model, encoded, *one_modality_each(encoded))
            verdict = decide(
                self.calibration,
                self.info.labels,
                audio=audio if encoded.has_audio else None,
                text=text if encoded.has_text else None,
                both=(both, discrimination),
                unread=utterance.transcript.is_foreign,
                unheard=utterance.speech is not None and not utterance.speech.certain,
            )
            rollout = attention.rollout_of(encoded, output.fusion)
        return Analysis(
            fused=verdict.fused,
            audio=verdict.audio,
            text=verdict.text,
            transcript=utterance.transcript,
            uncertain=verdict.uncertain,
            inconsistency=verdict.inconsistency,
            attention=(rollout,),
            clip_seconds=utterance.clip.seconds if utterance.clip is not None else None,
            timings=timings,
            warnings=utterance.warnings,
            checkpoint=self.info.name,
            checkpoint_hash=self.info.checkpoint_hash,
        )

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
        *_, explained = self.explain_in_steps(utterance, analysis, method)
        return explained

    def explain_in_steps(
        self, utterance: Utterance, analysis: Analysis, method: str | None = None
    ) -> Iterator[Analysis]:
        """As ``explain``: first with the relevance of words alone, which is soon known, then with
        everything. Without words there is no first step."""
        label = self._label(analysis.emotion)
        return explanations(self, utterance, analysis, label, known_method(method))

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
        label, hiding = self._label(emotion), self.hiding(utterance)
        found = EXPLAINERS[known_method(method)].explain(hiding, label)
        return replace(found, faithfulness=faithfulness.faithfulness(hiding, found, label))

    def hiding(self, utterance: Utterance) -> Hiding:
        """What the model answers to an utterance without some of its words and stretches."""
        encoded = utterance.encoded
        temperature = self.calibration.temperature(encoded.has_audio, encoded.has_text)
        return Hiding(self.model, replace(encoded, temperature=temperature))

    def with_counterfactuals(self, utterance: Utterance, analysis: Analysis) -> Analysis:
        """Adds the smallest changes of words and sound after which the answer is another one; a
        kind of change that never does it is missing (see drkf.explain.counterfactual)."""
        label = self._label(analysis.emotion)
        found = counterfactual.counterfactuals(self.hiding(utterance), label)
        return replace(analysis, counterfactuals=found)

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


def analyze_each(
    pipeline: EmotionPipeline, utterances: Iterable[tuple[Any, Any]], options: AnalyzeOptions
) -> list[Analysis]:
    """The analysis of each (audio, text); an error's message names the place."""
    analyses = []
    for place, (audio, text) in enumerate(utterances):
        with at_place(place):
            analyses.append(pipeline.analyze(audio, text, **options))
    return analyses


def explanations(
    pipeline: EmotionPipeline, utterance: Utterance, analysis: Analysis, label: int, method: str
) -> Iterator[Analysis]:
    """See ``EmotionPipeline.explain_in_steps``; ``label`` is the index of the answer."""
    model, encoded, hiding = pipeline.model, utterance.encoded, pipeline.hiding(utterance)
    timings, words = dict(analysis.timings), None
    if method == "occlusion" and encoded.has_text:
        with timed(timings, "explain_words"):
            words = relevance.occlude_words(hiding, label)
        yield replace(analysis, relevance=words, timings=dict(timings))
    with timed(timings, "explain"):
        if words is None:
            found = EXPLAINERS[method].explain(hiding, label)
        else:
            found = replace(words, times=relevance.occlude_times(hiding, label))
        checked = faithfulness.faithfulness(hiding, found, label)
        analysis = pipeline.with_shift(utterance, analysis)
        weighted = attention.gradient_weighted(model, encoded, label)
        analysis = replace(
            analysis,
            attention=(*analysis.attention[:1], weighted),
            shapley=shapley.shapley(model, encoded, label),
            relevance=replace(found, faithfulness=checked),
        )
    timings["explain"] += timings.get("explain_words", 0.0)
    yield replace(analysis, timings=timings)


def one_modality_each(encoded: EncodedUtterance) -> tuple[Tensor, Tensor]:
    """Maskings (2, W, Ta) and (2, W, Tt): the voice alone, then the words alone."""
    audio, text = encoded.speech.mask, encoded.text.mask
    return (
        torch.stack([audio, torch.zeros_like(audio)]),
        torch.stack([torch.zeros_like(text), text]),
    )


__all__ = [
    "METHODS",
    "NO_INPUT",
    "NO_SPEECH",
    "SAMPLE_RATE",
    "EmotionPipeline",
    "Heard",
    "ModelInfo",
    "Utterance",
]
