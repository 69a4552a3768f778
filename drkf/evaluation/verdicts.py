"""How often voice and words are called what to each other, where it is known what they are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np

from drkf.analysis import AGREEMENT_NAMES, NEUTRAL
from drkf.checkpoint import Calibration
from drkf.evaluation.dev_set import DevSet, Logits, PairLogits, fuse_stored
from drkf.evaluation.yardstick import StoredYardstick
from drkf.model import DRKF
from drkf.verdict import decide

Shares = dict[str, dict[str, Any]]


def measure_verdicts(
    model: DRKF, dev: DevSet, pairs: PairLogits, calibration: Calibration
) -> dict[str, Shares]:
    """For the card: ``pairs``, dev pairs by what is labelled on each side, and ``natural``, dev
    voices with the sentence they really say, which is neutral, by corpus and kind of voice."""
    labels = dev.labels
    neutral = labels.index(NEUTRAL) if NEUTRAL in labels else -1
    audio, text = pairs.pairs.audio_labels, pairs.pairs.text_labels
    said = agreements(pairs.fused, pairs.audio, pairs.text, calibration, labels)
    cells = {
        "the same emotion": (audio == text) & (audio != neutral),
        "two emotions": (audio != text) & (audio != neutral) & (text != neutral),
        "neutral words": (audio != neutral) & (text == neutral),
        "neutral voice": (audio == neutral) & (text != neutral),
        "both neutral": (audio == neutral) & (text == neutral),
    }
    found = {"pairs": {name: shares(said, rows) for name, rows in cells.items() if rows.any()}}
    yardstick = dev.yardstick
    if isinstance(yardstick, StoredYardstick) and yardstick.sentences is not None and yardstick.own:
        found["natural"] = _natural(model, dev, yardstick, calibration, neutral)
    return found


def _natural(
    model: DRKF, dev: DevSet, yardstick: StoredYardstick, calibration: Calibration, neutral: int
) -> Shares:
    assert yardstick.sentences is not None
    rows = sorted(yardstick.own)
    sentences = [yardstick.own[row] for row in rows]
    nothing: list[int | None] = [None] * len(rows)
    stores = dev.speech_store, yardstick.sentences
    fused, audio, text = (
        fuse_stored(model, *stores, *given)
        for given in ((rows, sentences), (rows, nothing), (nothing, sentences))
    )
    said = agreements(fused, audio, text, calibration, dev.labels)
    corpora = np.array([dev.speech[row].corpus or "" for row in rows])
    calm = dev.label_indices([dev.speech[row] for row in rows]) == neutral
    cells = {
        f"{corpus}, {kind} voice": (corpora == corpus) & (calm == (kind == NEUTRAL))
        for corpus in sorted(set(corpora))
        for kind in ("emotional", NEUTRAL)
    }
    return {name: shares(said, chosen) for name, chosen in cells.items() if chosen.any()}


def agreements(
    fused: Logits, audio: Logits, text: Logits, calibration: Calibration, labels: Sequence[str]
) -> np.ndarray:
    """(N,) what ``drkf.analysis.agreement_of`` says of N rows of voice and words."""
    return np.array(
        [
            decide(
                calibration,
                tuple(labels),
                audio=audio.emotion[row],
                text=text.emotion[row],
                both=(fused.emotion[row], fused.inconsistency[row]),
            ).agreement
            for row in range(len(fused.emotion))
        ]
    )


def shares(said: np.ndarray, rows: np.ndarray) -> dict[str, Any]:
    """n, and the share of each verdict among the chosen rows (N,) bool."""
    counts = Counter(said[rows].tolist())
    n = int(rows.sum())
    return {"n": n, **{name: counts[name] / n for name in AGREEMENT_NAMES}}
