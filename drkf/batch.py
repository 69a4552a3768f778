"""Many utterances at once: the probabilities of EmotionPipeline.predict, without explanations.

On a CPU with instructions for bfloat16 the speech and the fusion encoder compute in it, which is
twice as fast; probabilities then differ by less than 0.02 from what an utterance gets alone.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from drkf.analysis import Agreement, Prediction, Transcript
from drkf.audio.clip import SAMPLE_RATE
from drkf.encoding import with_speech
from drkf.explain.utterance import SPECIAL_TOKENS, Rows
from drkf.model import DRKF
from drkf.model.precision import fast
from drkf.model.sequence import TokenSequence
from drkf.model.voice import SpeakerVoices, VoiceReference
from drkf.pipeline import EmotionPipeline, Heard, Utterance
from drkf.speakers import hear_speakers
from drkf.verdict import decide

#: Seconds of padded voice, and fusion tokens, in one pass. On a CPU more leave its cache.
SPEECH_SECONDS = {"cpu": 60.0, "gpu": 960.0}
FUSION_TOKENS = {"cpu": 1024, "gpu": 65_536}
#: A pass may be longer than what is in it by this factor; beyond, padding costs more than calls.
MAX_PADDING = 1.3

#: Utterances and seconds of voice that :func:`read_all` computes together: what a killed run can
#: lose, and how often its progress shows.
BATCH_ROWS = {"cpu": 16, "gpu": 128}
BATCH_SECONDS = {"cpu": 120.0, "gpu": 960.0}
#: Clips decoded ahead of the model; each may be ten minutes long (38 MB).
AHEAD = 2 * min(4, os.cpu_count() or 1)

#: Whether a pass of the fusion encoder shows the audio, and the text.
Modalities = tuple[bool, bool]
BOTH, AUDIO_ALONE, TEXT_ALONE = (True, True), (True, False), (False, True)


@dataclass(frozen=True, eq=False)
class Reading:
    """What ``EmotionPipeline.predict`` says of an utterance, without its evidence.

    ``inconsistency`` is ED's P(inconsistent) and ``inconsistent`` whether it reaches the
    threshold, ``agreement`` what voice and words are to each other; None unless both are there.
    ``cls`` (d,) is the fused vector, the mean
    over a long clip's windows, weighted as their logits are.
    """

    fused: Prediction
    audio: Prediction | None
    text: Prediction | None
    transcript: Transcript
    uncertain: bool
    inconsistency: float | None
    inconsistent: bool | None
    agreement: Agreement | None
    cls: NDArray[np.float32]
    clip_seconds: float | None
    warnings: tuple[str, ...]


def read_all(
    pipeline: EmotionPipeline,
    utterances: Sequence[tuple[str | Path | None, str | Transcript | None]],
    transcribe: bool = True,
    signs: bool = False,
    speakers: Sequence[str | None] | None = None,
    exact: bool = False,
    voices: SpeakerVoices | None = None,
) -> Iterator[dict[int, Reading | Exception]]:
    """Readings of many utterances, a batch at a time, while the next clips are decoded.

    Args:
        utterances: audio file and text of each; either may be missing.
        transcribe: recognise the words of clips without text.
        signs: yield an empty dictionary for each utterance that is heard and waits for the model.
        speakers: who speaks in each, None where that is not known. Each clip is read beside the
            others of its speaker, where the checkpoint uses that (``drkf.speakers``).
        exact: as for :func:`predict_batch`.
        voices: what is known of the speakers, these clips included; None: these are heard first.

    Yields:
        for each batch, by place in ``utterances``: the reading, or the exception that says why
        there is none. Nothing that one utterance raises ends the others.
    """
    kind = processor(pipeline.model)
    speakers = [None] * len(utterances) if speakers is None else speakers
    clips = zip(speakers, (audio for audio, _ in utterances), strict=True)
    voices = voices or hear_speakers(pipeline, clips)
    rest = iter(range(len(utterances)))
    waiting: deque[tuple[int, Future[Heard]]] = deque()
    pool = ThreadPoolExecutor(AHEAD)
    try:
        batch: dict[int, Heard] = {}
        done: dict[int, Reading | Exception] = {}
        seconds = 0.0
        while True:
            while len(waiting) < AHEAD and (place := next(rest, None)) is not None:
                audio, text = utterances[place]
                waiting.append((place, pool.submit(pipeline.listen, audio, text, transcribe)))
            if waiting:
                place, future = waiting.popleft()
                try:
                    batch[place] = future.result()
                except Exception as error:  # one odd file must not end a night's run
                    done[place] = error
                else:
                    clip = batch[place].clip
                    seconds += clip.seconds if clip is not None else 0.0
            full = len(batch) + len(done) >= BATCH_ROWS[kind]
            if full or seconds >= BATCH_SECONDS[kind] or not waiting:
                done |= _predict_all(pipeline, batch, speakers, voices, exact)
                if done:
                    yield done
                batch, done, seconds = {}, {}, 0.0
                if not waiting:
                    return
            elif signs:
                yield {}
    finally:
        pool.shutdown(cancel_futures=True)


def _predict_all(
    pipeline: EmotionPipeline,
    heard: dict[int, Heard],
    speakers: Sequence[str | None],
    voices: SpeakerVoices,
    exact: bool,
) -> dict[int, Reading | Exception]:
    """The readings of a batch; where it fails as a whole, those of its utterances alone."""
    try:
        known = [(speakers[place], voices) for place in heard]
        readings = predict_batch(pipeline, list(heard.values()), known, exact)
        return dict(zip(heard, readings, strict=True))
    except RuntimeError as error:  # out of memory, for one
        if len(heard) == 1:
            return dict.fromkeys(heard, error)
        alone = (
            _predict_all(pipeline, {place: one}, speakers, voices, exact)
            for place, one in heard.items()
        )
        return {place: reading for found in alone for place, reading in found.items()}


@torch.no_grad()
def predict_batch(
    pipeline: EmotionPipeline,
    heard: Sequence[Heard],
    speakers: Sequence[tuple[str | None, SpeakerVoices]] | None = None,
    exact: bool = False,
) -> list[Reading]:
    """A reading of each utterance: what ``pipeline.predict`` gives it alone, up to rounding.

    Cost: an utterance of voice and words takes three passes of the fusion encoder, any other
    one; clips of like length are encoded together.

    Args:
        heard: what ``pipeline.listen`` returned.
        speakers: who speaks in each, and what is known of the speakers' clips; None: nothing.
        exact: compute in float32 although the CPU would be faster in bfloat16.
    """
    if not heard:
        return []
    heard = [with_speech(one) for one in heard]
    states = encode_batch(pipeline, heard, exact)
    known = [
        None if clip is None else voices.others(who, clip)
        for (who, voices), clip in zip(
            speakers or [(None, SpeakerVoices())] * len(heard), states, strict=True
        )
    ]
    return predict_states(pipeline, heard, states, known, exact)


@torch.no_grad()
def predict_states(
    pipeline: EmotionPipeline,
    heard: Sequence[Heard],
    states: Sequence[TokenSequence | None],
    voices: Sequence[VoiceReference | None],
    exact: bool = False,
) -> list[Reading]:
    """A reading of each utterance whose speech is encoded already.

    Args:
        states: what ``encode_batch`` returned.
        voices: what other clips tell of the voice of each; None: nothing.
        exact: as for :func:`predict_batch`.
    """
    utterances = [
        pipeline.encoder.join(h, s, voice)
        for h, s, voice in zip(heard, states, voices, strict=True)
    ]
    return _read(pipeline, utterances, exact)


@torch.no_grad()
def encode_batch(
    pipeline: EmotionPipeline, heard: Sequence[Heard], exact: bool = False
) -> list[TokenSequence | None]:
    """Encoder states (W, Ta, width) of each clip's windows; None without a voice.

    Args:
        heard: utterances of which the speech is known.
    """
    model = pipeline.model
    longest = int(model.max_speech_seconds * SAMPLE_RATE)
    windows = [[] if h.speech is None else pipeline.encoder.windows(h.speech) for h in heard]
    owners = [i for i, parts in enumerate(windows) for _ in parts]
    features = [
        model.speech_encoder.frontend(part[:longest]) for parts in windows for part in parts
    ]
    seconds = [len(part) / SAMPLE_RATE for parts in windows for part in parts]
    rows: list[list[Tensor]] = [[] for _ in heard]
    found: dict[int, Tensor] = {}
    for index in similar(seconds, SPEECH_SECONDS[processor(model)]):
        batch = TokenSequence.pad([features[i] for i in index]).to(model.device)
        with fast(model.device, exact):
            encoded = model.encode_speech(batch)
        for place, i in enumerate(index):
            found[i] = encoded.hidden[place, encoded.mask[place]].float()
    for i, owner in enumerate(owners):
        rows[owner].append(found[i])
    return [TokenSequence.pad(parts) if parts else None for parts in rows]


def _read(pipeline: EmotionPipeline, utterances: Sequence[Utterance], exact: bool) -> list[Reading]:
    """The fusion encoder on each utterance as it is and, where it has both, on each modality."""
    model = pipeline.model
    speech = TokenSequence.stack([u.encoded.speech for u in utterances])
    text = TokenSequence.stack([u.encoded.text for u in utterances])
    counts = [len(u.encoded.weights) for u in utterances]
    firsts = np.cumsum([0, *counts])
    asked: list[tuple[int, Modalities]] = []
    for i, utterance in enumerate(utterances):
        shown = (utterance.encoded.has_audio, utterance.encoded.has_text)
        asked += [(i, shown)]
        if shown == BOTH:
            asked += [(i, AUDIO_ALONE), (i, TEXT_ALONE)]
    window = torch.tensor(
        [w for i, _ in asked for w in range(firsts[i], firsts[i + 1])], device=model.device
    )
    keep = torch.tensor(
        [shown for i, shown in asked for _ in range(counts[i])], device=model.device
    )  # (rows, 2)
    passes = fuse_rows(
        model,
        Rows(speech.hidden, window, speech.mask[window] & keep[:, :1]),
        Rows(text.hidden, window, text.mask[window] & keep[:, 1:]),
        exact,
    )
    averaged: list[dict[Modalities, Fused]] = [{} for _ in utterances]
    start = 0
    for i, shown in asked:
        rows = slice(start, start + counts[i])
        averaged[i][shown] = passes.average(rows, utterances[i].encoded.weights)
        start = rows.stop
    return [_reading(pipeline, *pair) for pair in zip(utterances, averaged, strict=True)]


def _reading(
    pipeline: EmotionPipeline, utterance: Utterance, fused: dict[Modalities, Fused]
) -> Reading:
    """The verdict on an utterance, from the fusion encoder's answers to what it was shown."""
    both, audio, text = (fused.get(shown) for shown in (BOTH, AUDIO_ALONE, TEXT_ALONE))
    verdict = decide(
        pipeline.calibration,
        pipeline.info.labels,
        audio=None if audio is None else audio.logits,
        text=None if text is None else text.logits,
        both=None if both is None else (both.logits, both.inconsistency[0]),
        unread=utterance.transcript.is_foreign,
        unheard=utterance.speech is not None and not utterance.speech.certain,
    )
    whole = fused[utterance.encoded.has_audio, utterance.encoded.has_text]
    found = verdict.inconsistency
    return Reading(
        fused=verdict.fused,
        audio=verdict.audio,
        text=verdict.text,
        transcript=utterance.transcript,
        uncertain=verdict.uncertain,
        inconsistency=None if found is None else found.discrimination,
        inconsistent=None if found is None else found.inconsistent,
        agreement=verdict.agreement,
        cls=whole.cls.float().cpu().numpy(),
        clip_seconds=utterance.clip.seconds if utterance.clip is not None else None,
        warnings=utterance.warnings,
    )


@dataclass(frozen=True, eq=False)
class Fused:
    """The fusion encoder's answers to R rows: emotion ``logits`` (R, L), the ``inconsistency``
    logit (R, 1) and ``cls`` (R, d); without R for one utterance."""

    logits: Tensor
    inconsistency: Tensor
    cls: Tensor

    def average(self, rows: slice, weights: Tensor) -> Fused:
        """The mean of an utterance's rows, with ``weights`` (rows,) that add up to 1."""
        return Fused(
            *(
                (part[rows] * weights[:, None]).sum(0)
                for part in (self.logits, self.inconsistency, self.cls)
            )
        )


def fuse_rows(model: DRKF, speech: Rows, text: Rows, exact: bool = False) -> Fused:
    """The model on R rows, rows of like length together."""
    tokens = (speech.mask.sum(1) + text.mask.sum(1) + SPECIAL_TOKENS).tolist()
    logits, inconsistency, cls, order = [], [], [], []
    for index in similar(tokens, FUSION_TOKENS[processor(model)]):
        rows = torch.tensor(index, device=model.device)
        with fast(model.device, exact):
            output = model.fuse(speech[rows], text[rows])
        logits.append(output.emotion_logits.float())
        inconsistency.append(output.inconsistency_logit[:, None].float())
        cls.append(output.fusion.cls.float())
        order += index
    back = torch.tensor(order, device=model.device).argsort()
    return Fused(*(torch.cat(parts)[back] for parts in (logits, inconsistency, cls)))


def processor(model: DRKF) -> str:
    """Whose limits hold: "cpu" or "gpu"."""
    return "cpu" if model.device.type == "cpu" else "gpu"


def similar(sizes: Sequence[float], limit: float) -> Iterator[list[int]]:
    """The indices of ``sizes``, ascending, in batches that hold ``limit`` with their padding."""
    batch: list[int] = []
    held = 0.0
    for i in np.argsort(sizes, kind="stable").tolist():
        padded = (len(batch) + 1) * sizes[i]
        if batch and (padded > limit or padded > MAX_PADDING * (held + sizes[i])):
            yield batch
            batch, held = [], 0.0
        batch.append(i)
        held += sizes[i]
    if batch:
        yield batch
