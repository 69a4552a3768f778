"""Sound in, words out: clips, decoding, speech detection, recognition. Knows no emotion."""

from drkf.audio.clip import SAMPLE_RATE, Clip, load_audio
from drkf.audio.decode import FORMATS

__all__ = ["FORMATS", "SAMPLE_RATE", "Clip", "load_audio"]
