"""DRKF: emotion recognition from voice and words, with the evidence beside the answer."""

__version__ = "0.1.0"
