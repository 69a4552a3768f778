"""DRKF: emotion recognition from voice and words, with the evidence beside the answer."""

from drkf import torchaudio_compat

__version__ = "0.1.0"

torchaudio_compat.install()  # before anything imports transformers, which imports torchaudio
