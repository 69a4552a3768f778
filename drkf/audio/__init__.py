"""Sound in, words out: clips, decoding, speech detection, recognition. Knows no emotion."""

from drkf.audio.clip import SAMPLE_RATE, Clip, load_audio

__all__ = ["SAMPLE_RATE", "Clip", "load_audio"]
