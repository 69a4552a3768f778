"""Knowledge distillation into the fusion stage: what the unimodal classifiers say together.

The encoders know the clips and texts they were fine-tuned on too well, so that on these the voice
is right far more often than on an unseen speaker. A fusion encoder that learns from their labels
alone learns to trust the voice too much. The unimodal classifiers, as the warm-up left them, say
what they would say of anything, also of voices that were mixed until nobody can be sure of them;
how two such opinions combine is a matter of probability and need not be learned from labels.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor, nn

from drkf.errors import ConfigError
from drkf.model import DRKF
from drkf.model.sequence import TokenSequence
from drkf.model.shuffling import NEUTRAL_WEIGHT, Pairs, fused_targets, one_hot_targets
from drkf.model.voice import VoiceReference, read_speech

#: What the unimodal classifiers should say of N voices and N texts, each (N, L).
Targets = tuple[Tensor, Tensor]


@dataclass(frozen=True)
class DistillationConfig:
    """``weight`` is the teacher's share of the targets, the labels have the rest (Hinton et al.
    2015, with one mixture for both cross-entropies). A share ``mixed`` of the voices is mixed with
    another one; of those the teacher alone knows what to say. It expects a share ``consistent`` of
    pairs to agree, as people's voice and words mostly do, but a share ``neutral_words`` of words to
    be neutral whatever the voice: most of what people say is. ``audio_temperature`` tempers what it
    says of voices: it learned from them and is too sure."""

    weight: float = 0.0
    mixed: float = 0.0
    consistent: float = 0.5
    neutral_words: float = 0.0
    audio_temperature: float = 1.0

    def __post_init__(self) -> None:
        for name in ("weight", "mixed", "consistent", "neutral_words"):
            if not 0 <= getattr(self, name) <= 1:
                raise ConfigError(
                    f"distillation.{name} must lie between 0 and 1, not {getattr(self, name)}"
                )
        if not self.audio_temperature > 0:
            raise ConfigError(
                f"distillation.audio_temperature must be above 0, not {self.audio_temperature}"
            )

    @property
    def teaches(self) -> bool:
        """Whether anything is learned from a teacher."""
        return self.weight > 0 or self.mixed > 0


class Teacher(nn.Module):
    """Frozen copies of a model's unimodal classifiers, with their adapters.

    Args:
        text_prior: (L,) how frequent each emotion was in the texts that the text classifier
            learned from; the voices' emotions were drawn evenly.
    """

    text_prior: Tensor

    def __init__(self, model: DRKF, config: DistillationConfig, text_prior: np.ndarray):
        super().__init__()
        self.config, self.neutral = config, model.neutral
        self.adapter, self.voice = copy.deepcopy((model.speech_adapter, model.voice))
        self.speech = copy.deepcopy(model.speech_classifier)
        self.text = copy.deepcopy(nn.Sequential(model.text_adapter, model.text_classifier))
        self.register_buffer("text_prior", torch.as_tensor(text_prior, dtype=torch.float32))
        self.requires_grad_(False).eval()

    @torch.no_grad()
    def voices(self, states: TokenSequence, voice: VoiceReference | None = None) -> Tensor:
        """Encoder states of N voices -> P(emotion | voice), (N, L); zero for a missing one.

        Args:
            voice: what is known of each voice; None: the clip alone.
        """
        adapted = read_speech(self.adapter, self.voice, states, voice)
        return posteriors(self.speech, adapted, self.config.audio_temperature)

    @torch.no_grad()
    def words(self, states: TokenSequence) -> Tensor:
        """Encoder states of N texts -> P(emotion | words), (N, L); zero for a missing one."""
        return posteriors(self.text, states)

    def teach(
        self,
        pairs: Pairs,
        audio_labels: Tensor,
        text_labels: Tensor,
        voices: TokenSequence,
        words: TokenSequence,
        mixed: Tensor,
        known: VoiceReference | None = None,
        neutral_text: float = NEUTRAL_WEIGHT,
    ) -> tuple[Pairs, Targets]:
        """The pairs, with the teacher's share in their targets, and the unimodal targets.

        Args:
            audio_labels, text_labels: (N,) label indices, ``MISSING`` where absent.
            voices, words: encoder states of N utterances; a missing modality is all masked.
            mixed: (N,) True for a voice that has no label of its own.
            known: what is known of each voice; None: the clip alone.
            neutral_text: the weight of neutral words (see ``fused_targets``).
        """
        audio_said, text_said = self.voices(voices, known), self.words(words)
        a, t = audio_said[pairs.audio], text_said[pairs.text]
        both, inconsistent = fuse_posteriors(
            a,
            t,
            self.text_prior,
            self.neutral,
            self.config.consistent,
            neutral_text,
            self.config.neutral_words,
        )
        alone = torch.where(pairs.has_audio[:, None], a, t)
        said = torch.where(pairs.judged[:, None], both, alone)
        weight = self.config.weight
        share = torch.where(mixed[pairs.audio] & pairs.has_audio, 1.0, weight)
        taught = replace(
            pairs,
            target=torch.lerp(pairs.target, said, share[:, None]),
            inconsistent=torch.lerp(pairs.inconsistent.float(), inconsistent, share),
        )
        one_hot_s, one_hot_t = (
            one_hot_targets(labels, audio_said.shape[1]) for labels in (audio_labels, text_labels)
        )
        audio_share = torch.where(mixed, 1.0, weight)[:, None]
        return taught, (
            torch.lerp(one_hot_s, audio_said, audio_share),
            torch.lerp(one_hot_t, text_said, weight),
        )


def posteriors(branch: nn.Module, states: TokenSequence, temperature: float = 1.0) -> Tensor:
    """(N, L) of a unimodal branch; zero for a missing one."""
    present = states.present
    logits = branch(states[present]).float()
    said = logits.new_zeros(len(present), logits.shape[-1])
    said[present] = (logits / temperature).softmax(-1)
    return said


def fuse_posteriors(
    audio: Tensor,
    text: Tensor,
    text_prior: Tensor,
    neutral: int | None,
    consistent: float = 0.5,
    neutral_text: float = NEUTRAL_WEIGHT,
    neutral_words: float = 0.0,
) -> tuple[Tensor, Tensor]:
    """What P(emotion | voice) and P(emotion | words), each (P, L), say together: the expected
    fused target (P, L), and P(inconsistent) (P,) at even odds.

    Emotion shuffling draws voice and words independently, given their emotions a and b. So by
    Bayes' rule P(a, b | voice, words) ∝ P(a, b) · P(a | voice)/P(a) · P(b | words)/P(b), with
    the emotions' frequencies P(a), P(b) that each classifier learned from, and P(a, b) even over
    the pairs of equal and even over those of different emotions.

    Args:
        consistent: how often voice and words are expected to agree; for the target only.
        neutral_text: the weight of neutral words (see ``fused_targets``).
        neutral_words: how often words are expected to be neutral whatever the voice; the other
            words follow ``consistent``. For the target only.
    """
    L = audio.shape[1]
    likelihood = audio[:, :, None] * (text / text_prior.clamp_min(1e-6))[:, None, :]  # (P, L, L)
    equal = torch.eye(L, device=audio.device)
    same, other = likelihood * equal / L, likelihood * (1 - equal) / (L * (L - 1))
    p_same, p_other = same.sum((1, 2)), other.sum((1, 2))
    joint = consistent * same + (1 - consistent) * other
    if neutral is not None and neutral_words:
        free = torch.zeros_like(joint)  # every voice alike, the words neutral
        free[:, :, neutral] = likelihood[:, :, neutral] / L
        joint = (1 - neutral_words) * joint + neutral_words * free
    joint = joint / joint.sum((1, 2), keepdim=True).clamp_min(1e-12)
    emotions = torch.arange(L, device=audio.device)
    targets = fused_targets(
        emotions.repeat_interleave(L), emotions.repeat(L), L, neutral, neutral_text
    )  # (L * L, L)
    return joint.flatten(1) @ targets, p_other / (p_same + p_other).clamp_min(1e-12)


def mix_voices(
    states: TokenSequence, share: float, generator: torch.Generator
) -> tuple[TokenSequence, Tensor]:
    """Mixes a ``share`` of the rows with another row, where both have tokens, in any proportion.

    Returns:
        The rows (B, T, d), and (B,) True where one was mixed.
    """
    B = len(states.mask)
    chosen = (torch.rand(B, generator=generator) < share) & states.present
    other = states[torch.randperm(B, generator=generator)]
    proportion = torch.rand(B, 1, 1, generator=generator)
    overlap = (states.mask & other.mask & chosen[:, None])[:, :, None]
    mixture = torch.lerp(states.hidden, other.hidden, proportion)
    return (
        TokenSequence(torch.where(overlap, mixture, states.hidden), states.mask),
        overlap.any(dim=1).squeeze(-1),
    )
