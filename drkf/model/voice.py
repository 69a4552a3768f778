"""A voice's reference: what is known of a voice from any number of its clips, without labels.

Who speaks moves encoder states more than what they feel. So a clip is read relative to

    r = (Σ s_i + λ m) / (n + λ)

where s_i is the mean over time of the encoder states of clip i, n the number of clips, the clip
itself among them, m the mean of all training voices, and λ how many clips m counts as (shrinkage
of a mean towards the grand mean, as in James & Stein 1961). With many clips r is the voice's own
mean; with one it stays near m, so that a single clip keeps what it says.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from drkf.model.sequence import TokenSequence, masked_mean


@dataclass(frozen=True, eq=False)
class VoiceReference:
    """What is known of B voices: ``total`` (B, width) is the sum of their clips' mean encoder
    states, ``count`` (B,) the number of the clips.

    It holds no sound and no words, only sums. A reference of one voice (B = 1) serves any number
    of its clips.
    """

    total: Tensor
    count: Tensor

    @classmethod
    def of(cls, clips: Iterable[TokenSequence]) -> VoiceReference:
        """One voice from its clips' encoder states, each (W, T, width) by window.

        Raises:
            ValueError: there are no clips.
        """
        means = [clip_mean(clip) for clip in clips]
        if not means:
            raise ValueError("a voice's reference needs at least one clip")
        total = torch.stack(means).sum(0)
        return cls(total[None], total.new_tensor([len(means)]))

    def with_clip(self, clip: TokenSequence) -> VoiceReference:
        """One voice, known from one more clip (W, T, width)."""
        return VoiceReference(self.total + clip_mean(clip), self.count + 1)

    def without_clip(self, clip: TokenSequence) -> VoiceReference | None:
        """One voice, known from all but one of its clips; None where that was the only one."""
        if int(self.count) <= 1:
            return None
        return VoiceReference(self.total - clip_mean(clip), self.count - 1)

    def __getitem__(self, rows: Tensor) -> VoiceReference:
        return VoiceReference(self.total[rows], self.count[rows])

    def to(self, device: torch.device | str) -> VoiceReference:
        return VoiceReference(self.total.to(device), self.count.to(device))


def clip_mean(clip: TokenSequence) -> Tensor:
    """Mean encoder state (width,) of a clip (W, T, width) over its real frames."""
    weights = clip.mask.unsqueeze(-1).to(clip.hidden.dtype)
    return (clip.hidden * weights).sum((0, 1)) / weights.sum().clamp_min(1)


def alone(states: TokenSequence) -> VoiceReference:
    """The reference of each clip (B, T, width) of which nothing else is known: itself, n = 1.

    A row without tokens counts no clips, so that its reference is m.
    """
    return VoiceReference(
        masked_mean(states.hidden, states.mask), states.present.to(states.hidden.dtype)
    )


def read_speech(
    adapter: nn.Module,
    normalisation: VoiceNormalisation | None,
    states: TokenSequence,
    voice: VoiceReference | None,
) -> TokenSequence:
    """Encoder states (B, T, width) -> A (B, T, d), relative to what is known of the voice.

    Args:
        normalisation: None adapts the states as they are.
        voice: of each row, the row itself included, or one of all rows; None: each row alone.
    """
    if normalisation is None:
        return adapter(states)
    voice = voice or alone(states)
    reference = normalisation.reference(voice)
    adapted = adapter(normalisation.subtract(states, reference))
    return normalisation.modulate(adapted, reference, voice)


class SpeakerVoices:
    """What the clips of a table tell of its speakers: a first pass adds every clip, a second one
    asks for the others of each. Only means are kept, no clips."""

    def __init__(self) -> None:
        self._speakers: dict[str, VoiceReference] = {}

    def add(self, speaker: str | None, clip: TokenSequence) -> None:
        """A clip (W, T, width) of a speaker; one of no known speaker stands alone."""
        if speaker is None:
            return
        known = self._speakers.get(speaker)
        self._speakers[speaker] = (
            VoiceReference.of([clip]) if known is None else known.with_clip(clip)
        )

    def others(self, speaker: str | None, clip: TokenSequence) -> VoiceReference | None:
        """What the speaker's other clips tell, ``clip`` being one that was added; None: nothing."""
        known = None if speaker is None else self._speakers.get(speaker)
        return None if known is None else known.without_clip(clip)


class VoiceNormalisation(nn.Module):
    """Encoder states relative to the voice: s - (m + g (r - m)), and a modulation by r - m.

    The gate g (width,) starts at 1, which is plain subtraction. What is subtracted is also given
    as a scale and a shift of the adapted states (FiLM, Perez et al. 2018), which start at none:
    otherwise a voice that is known from angry clips alone would hide its anger. They pass through
    8 numbers: through more, heads learn who the training voices are.

    Args:
        width: the speech encoder's. hidden_size: the adapter's.
        shrinkage: λ to start from; learned.
    """

    mean: Tensor
    updates: Tensor

    def __init__(self, width: int, hidden_size: int, shrinkage: float = 4.0):
        super().__init__()
        self.register_buffer("mean", torch.zeros(width))
        self.register_buffer("updates", torch.zeros(()))
        self.log_shrinkage = nn.Parameter(torch.tensor(shrinkage).log())
        self.gate = nn.Parameter(torch.ones(width))
        narrow = 8
        last = nn.Linear(narrow, 2 * hidden_size)
        nn.init.zeros_(last.weight)
        nn.init.zeros_(last.bias)
        self.modulation = nn.Sequential(nn.Linear(width + 1, narrow), nn.GELU(), last)

    @property
    def shrinkage(self) -> Tensor:
        """λ: how many clips the mean of all voices counts as."""
        return self.log_shrinkage.exp()

    def reference(self, voice: VoiceReference) -> Tensor:
        """r (B, width) of B voices."""
        shrinkage = self.shrinkage
        return (voice.total + shrinkage * self.mean) / (voice.count[:, None] + shrinkage)

    def subtract(self, states: TokenSequence, reference: Tensor) -> TokenSequence:
        """Encoder states (B, T, width) relative to r (B or 1, width)."""
        base = self.mean + self.gate * (reference - self.mean)
        return TokenSequence(states.hidden - base[:, None], states.mask)

    def modulate(
        self, adapted: TokenSequence, reference: Tensor, voice: VoiceReference
    ) -> TokenSequence:
        """A (B, T, d), scaled and shifted by what was subtracted and how much it is known."""
        known = voice.count.clamp_min(1).log()[:, None] / 3  # about 1 for the 20 clips of training
        scale, shift = self.modulation(torch.cat([reference - self.mean, known], dim=-1)).chunk(
            2, dim=-1
        )
        return TokenSequence(adapted.hidden * (1 + scale[:, None]) + shift[:, None], adapted.mask)

    @torch.no_grad()
    def learn_mean(self, voices: Tensor) -> None:
        """Moves m towards the mean of some training voices' means (V, width).

        The first updates are averaged evenly; later ones count a hundredth each, since the
        encoder moves too.
        """
        rate = max(0.01, 1 / (1 + float(self.updates)))
        self.mean.lerp_(voices.float().mean(0), rate)
        self.updates += 1
