"""An analysis with everything in it, and its samples."""

import numpy as np
import pytest

from drkf.analysis import (
    Analysis,
    AttentionEvidence,
    InconsistencyEvidence,
    PerModality,
    RelevanceEvidence,
    ShapleyEvidence,
    TimeRelevance,
    Transcript,
    WordRelevance,
)
from tests.helpers.predictions import FUSED, VOICE, WORDS

HOSTILE = '<img src=x onerror="alert(1)">&<b>bold</b>'


@pytest.fixture
def analysis() -> Analysis:
    words = tuple(
        WordRelevance(word, 0, 1, value)
        for word, value in (("I", 0.1), (HOSTILE, -0.7), ("this", 1.3))
    )
    times = tuple(TimeRelevance(i * 0.25, (i + 1) * 0.25, 0.2 * i - 0.3) for i in range(4))
    return Analysis(
        fused=FUSED,
        audio=VOICE,
        text=WORDS,
        transcript=Transcript(f"I {HOSTILE} this", "typed"),
        uncertain=False,
        inconsistency=InconsistencyEvidence(0.83, 0.55, 0.62, 0.41),
        attention=(
            AttentionEvidence(
                "rollout",
                PerModality(0.81, 0.12),
                0.07,
                PerModality(0.94, 0.06),
                PerModality(0.9, 2),
            ),
            AttentionEvidence(
                "gradient-weighted",
                PerModality(0.5, 0.4),
                0.1,
                PerModality(0.94, 0.06),
                PerModality(0.6, 40.0),
            ),
        ),
        shapley=ShapleyEvidence("anger", PerModality(1.4, -0.6), 0.3, 0.0, 1.25, -0.75, 0.8),
        relevance=RelevanceEvidence("occlusion", "anger", words, times),
        clip_seconds=1.0,
    )


@pytest.fixture
def samples() -> np.ndarray:
    seconds = np.arange(16_000) / 16_000
    return (0.25 * np.sin(2 * np.pi * 200 * seconds)).astype(np.float32)
