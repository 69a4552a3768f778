"""DRKF: emotion recognition from voice and words, with the evidence beside the answer."""

import os

from drkf import torchaudio_compat

__version__ = "0.1.0"

torchaudio_compat.install()  # before anything imports transformers, which imports torchaudio

# ONNX Runtime, which finds speech in a recording, would tell its makers of every use.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"
