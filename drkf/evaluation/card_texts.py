"""The sentences of the model card: what holds of every DRKF, and what a checkpoint's maker says."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path

from drkf.errors import ConfigError, first_line

ABOUT = """
# {name}

Emotion from voice and words, and whether the two disagree: DRKF (Decoupled Representations with
Knowledge Fusion, Jiang et al., ACM MM 2025). {parameters:.1f} million weights in one file of
{megabytes:.1f} MB: matrices as int8 with a scale per row, the rest as float16, computed with as
float32.

{terms}

It shows how a model reads *labelled* emotion. It is not a reading of anyone's mind. The EU's AI Act
(Art. 5(1)(f)) prohibits using systems that infer emotions from a voice at work and in education,
medical and safety reasons apart; consent is no exception. Typed words and synthetic clips involve
nobody's biometric data. No legal advice.

## Architecture

Speech encoder: {audio_encoder}, its first {audio_layers} layers, on the clip's own length; text
encoder: {text_encoder}. Each with a learned weighted sum of layers and a linear adapter to
{hidden_size}. Fusion encoder: {fusion_layers} layers, {fusion_heads} heads. Labels: {labels}.

## Training data
"""

TRAINING = """
{data}
Voice and words are joined by *emotion shuffling*: a pair is consistent if both carry the same
emotion. Of an inconsistent pair the target is the normalised sum of both emotions, a neutral voice
counting {neutral_voice:.0%} and neutral words {neutral_words:.0%}.
{speech}{distillation}{temperature}
Trained by `{trained_by}` in {minutes:.0f} minutes on {machine}
({stages}).

## Figures

All on dev: speakers and texts that were never trained on, but which chose epochs, temperatures
and thresholds. {voices} held-out speakers. Brackets: 95 % bootstrap intervals by speaker (for
texts, by text). {dev}
Texts with several labels are trained on but not scored. Print the figures again with
`drkf evaluate --speech SPEECH --text TEXT`.
"""

MIXING = """
In {epochs}, {share:.0%} of the speech stage's voices are heard together with a softer other one,
and the target names both in proportion (between-class learning, Tokozume et al. 2018), so that it
learns from more than its few speakers alone.
"""

AVERAGING = """
The speech stage ends with the mean of its weights after epochs {epochs} (stochastic weight
averaging, Izmailov et al. 2018).
"""

DISTILLATION = """
The fusion stage learns from labels and, beyond the paper, from a teacher, which has {weight:.0%} of
every target: the two unimodal classifiers as their own stages left them, joined by Bayes' rule,
which expects {consistent:.0%} of pairs to agree. {mixed:.0%} of the stage's voices are mixed with
another one, so that it meets voices that nobody can be sure of; of those only the teacher speaks.
"""

TEMPERATURE = """
The temperature of the voice alone, one number, is fitted half on dev and half on {corpora}.
"""

FAITHFULNESS = """
## Are the explanations true to the model?

Measured by really deleting: words leave the text, stretches of the sound hold only the clip's own
noise, and both are encoded again. On held-out voices and texts that the model reads rightly (texts
also surely). "Random" is a random choice of as many parts, "best possible" the best one by search.
Comprehensiveness is how far the emotion's probability falls without the parts named first (high is
good), sufficiency how far it falls with them alone (low is good; ERASER, DeYoung et al. 2020).
Print it again with `drkf faithfulness --speech SPEECH --text TEXT`.

{table}"""

ABLATION = """
## Do DRKF's parts earn their place?

DRKF without each of its parts, and other fusions, each trained afresh on the encoder states of
this checkpoint{taught}: {epochs} x {steps} steps
of {batch_size} pairs, {texts} texts of each corpus, every {frame_pool} speech tokens averaged to
one. That is much shorter than the training of the checkpoint itself, so compare the rows with one
another and not with the figures above. On dev; mean ± standard deviation over seeds. "Noisy" voices
have noise at {noise_db:g} dB signal-to-noise ratio. Print it again with
`drkf ablate --speech SPEECH --text TEXT`.

{tables}
Linear probes read the vectors that the contrastive terms compare: before training (random
projections of the encoders' states) and after. Lower is more decoupled for "voice or words" and
"speaker", higher is better for emotion.

{reading}
"""

LIMITS = (
    "One utterance at a time, without the conversation before it; irony and context are lost.",
    "Classes and one label an utterance are a convention, not what people feel.",
    "Inconsistency was learned from shuffled pairs, not from people who contradict themselves.",
)
"""Of every DRKF; ``CardTexts.limits`` come before them."""


@dataclass(frozen=True)
class CardTexts:
    """What only whoever trains a checkpoint can say of it, in Markdown.

    Args:
        name: the card's title.
        licence: of the weights, for people; ``licence_id`` is the hub's name for it.
        language: of the words that are read, as an ISO 639-1 code.
        terms: what the weights may be used for.
        data: what the training data are and lack.
        trained_by: the command that trains the checkpoint again.
        dev: what to know before the figures are read.
        limits: a sentence or two each.
        corpora: what a corpus is, and its licence, by its name in the manifest.
    """

    name: str = "A DRKF checkpoint"
    licence: str = "not stated"
    licence_id: str = "other"
    language: str = "en"
    terms: str = "The licences of the training data apply to the weights, too."
    data: str = ""
    trained_by: str = "drkf train"
    dev: str = ""
    limits: tuple[str, ...] = ()
    corpora: Mapping[str, str] = field(default_factory=dict)


def read_card_texts(path: Path) -> CardTexts:
    """Reads a TOML file with the fields of ``CardTexts``.

    Raises:
        ConfigError: the file cannot be read, or a field is unknown or no text.
    """
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} cannot be used for the card: {first_line(error)}") from None
    for name, value in found.items():
        default = getattr(CardTexts(), name, None)
        if default is None:
            known = ", ".join(one.name for one in fields(CardTexts))
            raise ConfigError(f"{path}: the card has no {name!r}: use one of {known}")
        kind = list if isinstance(default, tuple) else type(default)
        parts = value.values() if isinstance(value, dict) else value
        if not isinstance(value, kind) or not all(isinstance(part, str) for part in parts):
            raise ConfigError(f"{path}: {name} must be text, or a {kind.__name__} of texts")
    return CardTexts(**{**found, "limits": tuple(found.get("limits", ()))})
