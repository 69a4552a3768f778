"""The mean of a fine-tuned speech encoder and the one it came from, as an encoder to start from.

Fine-tuning learns the corpora that it sees and forgets some of what holds for other voices; the
mean of both keeps most of the one and gets much of the other back (WiSE-FT, Wortsman et al. 2022).
"""

from __future__ import annotations

from pathlib import Path

from drkf.checkpoint import load_checkpoint
from drkf.errors import CheckpointError, ConfigError
from drkf.model.pretrained import LAYER_MIX, read_speech_encoder
from drkf.training.speech import interpolate


def write_interpolated(checkpoint: str, audio_encoder: str, share: float, out: Path) -> None:
    """Writes a folder that ``drkf train --audio-encoder`` takes: the pretrained encoder, of which
    the layers that ``checkpoint`` keeps are the mean with its own, and its mix of layers.

    Args:
        share: the checkpoint's share of the mean, 0 to 1.

    Raises:
        ConfigError: the share is not from 0 to 1.
        CheckpointError: one of both cannot be read, or they are not the same architecture.
    """
    if not 0 <= share <= 1:
        raise ConfigError(f"the share must lie between 0 and 1, not {share}")
    pretrained, _, extractor = read_speech_encoder(audio_encoder)
    tuned = load_checkpoint(checkpoint).model.speech_encoder
    weights = pretrained.state_dict()
    for name, value in tuned.model.state_dict().items():
        if name not in weights or weights[name].shape != value.shape:
            raise CheckpointError(
                f"{audio_encoder} is not what {checkpoint} was fine-tuned from: {name} differs"
            )
    interpolate(tuned.model, weights, share)
    pretrained.load_state_dict({**weights, **tuned.model.state_dict()})
    setattr(pretrained.config, LAYER_MIX, tuned.mix.weights.tolist())
    pretrained.save_pretrained(out)
    extractor.save_pretrained(out)
