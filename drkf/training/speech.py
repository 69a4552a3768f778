"""The speech stage: encoder, adapter and unimodal classifier, with live encoders."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn

from drkf.evaluation.features import FeatureStore
from drkf.model import DRKF, VoiceReference
from drkf.model.losses import soft_cross_entropy
from drkf.model.mutual_information import cross_speaker_contrast
from drkf.model.sequence import TokenSequence, masked_mean
from drkf.model.voice import read_speech
from drkf.training.loop import StepResult
from drkf.training.speech_batches import SpeechBatch
from drkf.training.voices import VoiceConfig


class SpeechBranch(nn.Module):
    """Speech encoder, voice normalisation, adapter and unimodal classifier; for the contrast
    between speakers also the projection that MI_S is estimated with.

    Args:
        encoded: the batches hold the encoder's states already, and it stays as it is.
    """

    def __init__(self, model: DRKF, config: VoiceConfig, encoded: bool = False):
        super().__init__()
        self.encoder = nn.Identity() if encoded else model.speech_encoder
        self.adapter = model.speech_adapter
        self.classifier, self.voice = model.speech_classifier, model.voice
        self.projection = model.mutual_information.speech_projection if config.contrast else None

    def forward(self, batch: SpeechBatch) -> tuple[Tensor, Tensor | None]:
        """Logits (B, L), and projected vectors (B, projection size) where there is a contrast."""
        states = self.encoder(batch.features)
        adapted = self.read(states, self._known(states, batch))
        vectors = None
        if self.projection is not None:
            vectors = self.projection(masked_mean(adapted.hidden, adapted.mask))
        return self.classifier(adapted), vectors

    def read(self, states: TokenSequence, voice: VoiceReference | None = None) -> TokenSequence:
        """Encoder states -> A (see ``drkf.model.voice.read_speech``)."""
        return read_speech(self.adapter, self.voice, states, voice)

    def _known(self, states: TokenSequence, batch: SpeechBatch) -> VoiceReference | None:
        """What the batch tells of each clip's voice; in training it also
        updates the mean of all voices."""
        if self.voice is None:
            return None
        means = masked_mean(states.hidden, states.mask).float()  # (B, width)
        if self.training:
            speakers = batch.speakers.unique()
            voices = torch.stack([means[batch.speakers == s].mean(0) for s in speakers])
            self.voice.learn_mean(voices.detach())
        return VoiceReference(batch.known @ means, batch.known.sum(1))

    @torch.no_grad()
    def logits(
        self, store: FeatureStore, device: torch.device, voice: VoiceReference | None = None
    ) -> Tensor:
        """(N, L) of a store's rows, each alone, or with what is known of its voice."""
        found = []
        for start in range(0, len(store), 128):
            rows = range(start, min(start + 128, len(store)))
            states = store.batch(rows).to(device)
            known = None if voice is None else voice[torch.tensor(rows)].to(device)
            found.append(self.classifier(self.read(states, known)).float().cpu())
        return torch.cat(found)


def speech_loss(
    module: nn.Module, batch: SpeechBatch, config: VoiceConfig, smoothing: float
) -> StepResult:
    """Cross-entropy, and the contrast between speakers where it has a weight."""
    logits, vectors = module(batch)
    allowed = batch.allowed if config.corpus_softmax else None
    loss = soft_cross_entropy(logits, batch.targets, smoothing, allowed).mean()
    logged = {"CE": float(loss.detach())}
    if config.contrast and vectors is not None:
        clear = ~batch.mixed
        contrast = cross_speaker_contrast(
            vectors[clear],
            batch.targets[clear].argmax(1),
            batch.speakers[clear],
            config.contrast_temperature,
        )
        loss = loss + config.contrast * contrast
        logged["MI_AUDIO"] = float(contrast.detach())
    return StepResult(loss, logged)


@torch.no_grad()
def interpolate(module: nn.Module, pretrained: Mapping[str, Any], share: float) -> None:
    """Moves weights to the mean of ``pretrained`` and their own, whose ``share`` it is
    (WiSE-FT, Wortsman et al. 2022)."""
    for name, value in module.state_dict().items():
        if value.is_floating_point():
            value.copy_(torch.lerp(pretrained[name].to(value.device), value, share))
