"""Analyses whose words have known values."""

from __future__ import annotations

import re

from drkf.analysis import Analysis, Prediction, RelevanceEvidence, Transcript, WordRelevance
from drkf.labels import EMOTIONS

FUSED = Prediction(EMOTIONS, (0.7, *[0.05] * 6))


def analysis_of(*values: float, more: str = "") -> Analysis:
    """Words w0, w1, … with these values, then words that the model did not read."""
    text = " ".join(f"w{i}" for i in range(len(values)))
    words = tuple(
        WordRelevance(match.group(), *match.span(), value)
        for match, value in zip(re.finditer(r"\S+", text), values, strict=True)
    )
    return Analysis(
        fused=FUSED,
        audio=None,
        text=FUSED,
        transcript=Transcript(text + more, "typed"),
        uncertain=False,
        relevance=RelevanceEvidence("occlusion", "anger", words),
    )
