"""Emotion shuffling: every pair is what it is called."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from drkf.labels import EMOTIONS
from drkf.model.shuffling import MISSING, fused_targets, shuffle_pairs

NEUTRAL = EMOTIONS.index("neutral")
L = len(EMOTIONS)


def target(voice: str | None, words: str | None) -> dict[str, float]:
    """Emotion -> probability, zeros left out."""
    sides = [MISSING if name is None else EMOTIONS.index(name) for name in (voice, words)]
    row = fused_targets(torch.tensor(sides[:1]), torch.tensor(sides[1:]), L, NEUTRAL)[0]
    return {EMOTIONS[i]: round(float(v), 6) for i, v in enumerate(row) if v > 0}


@pytest.mark.parametrize(
    ("voice", "words", "expected"),
    [
        ("neutral", "anger", {"anger": 0.8, "neutral": 0.2}),
        ("anger", "neutral", {"anger": 0.8, "neutral": 0.2}),
        ("joy", "sadness", {"joy": 0.5, "sadness": 0.5}),
        ("fear", "surprise", {"fear": 0.5, "surprise": 0.5}),
        ("joy", "joy", {"joy": 1.0}),
        ("neutral", "neutral", {"neutral": 1.0}),
        ("neutral", None, {"neutral": 1.0}),
        (None, "disgust", {"disgust": 1.0}),
    ],
)
def test_fused_targets_follow_the_rule(
    voice: str | None, words: str | None, expected: dict[str, float]
) -> None:
    assert target(voice, words) == expected


def test_a_label_set_without_neutral_weighs_all_alike() -> None:
    row = fused_targets(torch.tensor([4]), torch.tensor([1]), L, None)[0]
    assert row[4] == row[1] == 0.5


@st.composite
def batches(draw: st.DrawFn) -> tuple[torch.Tensor, torch.Tensor]:
    """Label indices of utterances that have a voice, words, or both."""
    label = st.integers(0, L - 1)
    row = st.one_of(
        st.tuples(label, label),
        st.tuples(label, st.just(MISSING)),
        st.tuples(st.just(MISSING), label),
    )
    rows = draw(st.lists(row, min_size=1, max_size=9))
    return torch.tensor([a for a, _ in rows]), torch.tensor([t for _, t in rows])


@settings(max_examples=60, deadline=None)
@given(
    batch=batches(), seed=st.integers(0, 10**6), shuffles=st.integers(0, 3), dropout=st.floats(0, 1)
)
def test_every_pair_is_labelled_rightly(
    batch: tuple[torch.Tensor, torch.Tensor], seed: int, shuffles: int, dropout: float
) -> None:
    audio_labels, text_labels = batch
    N = len(audio_labels)
    complete = (audio_labels != MISSING) & (text_labels != MISSING)
    pairs = shuffle_pairs(
        audio_labels,
        text_labels,
        L,
        NEUTRAL,
        torch.Generator().manual_seed(seed),
        shuffles,
        dropout,
    )
    count = int(complete.sum())
    assert len(pairs) == N + (shuffles * count if count > 1 else 0)
    # The natural pairs are all there, once, first.
    assert pairs.audio[:N].tolist() == pairs.text[:N].tolist() == list(range(N))
    assert pairs.natural.tolist() == [True] * N + [False] * (len(pairs) - N)
    # No shuffled row is a natural pair in disguise, and each takes whole utterances only.
    for a, t in zip(pairs.audio[N:].tolist(), pairs.text[N:].tolist(), strict=True):
        assert a != t
        assert complete[a] and complete[t]
    for p in range(len(pairs)):
        a, t = int(audio_labels[pairs.audio[p]]), int(text_labels[pairs.text[p]])
        heard, read = bool(pairs.has_audio[p]), bool(pairs.has_text[p])
        assert heard or read
        assert not heard or a != MISSING
        assert not read or t != MISSING
        assert bool(pairs.judged[p]) == (heard and read)
        if heard and read:
            assert bool(pairs.inconsistent[p]) == (a != t)
        shown = fused_targets(
            torch.tensor([a if heard else MISSING]),
            torch.tensor([t if read else MISSING]),
            L,
            NEUTRAL,
        )[0]
        torch.testing.assert_close(pairs.target[p], shown)
        assert float(pairs.target[p].sum()) == pytest.approx(1.0)
        if heard != read:  # one modality alone keeps its own emotion
            assert float(pairs.target[p][a if heard else t]) == 1.0


@settings(max_examples=40, deadline=None)
@given(batch=batches(), seed=st.integers(0, 10**6))
def test_each_shuffle_uses_every_voice_and_every_text_once(
    batch: tuple[torch.Tensor, torch.Tensor], seed: int
) -> None:
    audio_labels, text_labels = batch
    N = len(audio_labels)
    complete = torch.nonzero((audio_labels != MISSING) & (text_labels != MISSING))[:, 0].tolist()
    pairs = shuffle_pairs(
        audio_labels, text_labels, L, NEUTRAL, torch.Generator().manual_seed(seed)
    )
    if len(complete) > 1:
        assert sorted(pairs.audio[N:].tolist()) == complete
        assert sorted(pairs.text[N:].tolist()) == complete


def test_modality_dropout_takes_voice_and_words_evenly_and_in_its_share() -> None:
    labels = torch.randint(0, L, (4000,), generator=torch.Generator().manual_seed(0))
    pairs = shuffle_pairs(
        labels, labels, L, NEUTRAL, torch.Generator().manual_seed(1), 0, modality_dropout=0.3
    )
    voice_lost = float((~pairs.has_audio).float().mean())
    words_lost = float((~pairs.has_text).float().mean())
    assert voice_lost == pytest.approx(0.15, abs=0.02)
    assert words_lost == pytest.approx(0.15, abs=0.02)
    assert not (~pairs.has_audio & ~pairs.has_text).any()


def test_modality_dropout_leaves_what_is_alone_already() -> None:
    audio = torch.tensor([0, MISSING] * 50)
    text = torch.tensor([MISSING, 3] * 50)
    pairs = shuffle_pairs(
        audio, text, L, NEUTRAL, torch.Generator().manual_seed(0), 1, modality_dropout=1.0
    )
    assert pairs.has_audio.tolist() == [True, False] * 50
    assert pairs.has_text.tolist() == [False, True] * 50
    assert not pairs.judged.any()


def test_the_same_generator_state_gives_the_same_pairs_and_another_gives_others() -> None:
    labels = torch.arange(7)

    def draw(seed: int) -> list[int]:
        generator = torch.Generator().manual_seed(seed)
        return shuffle_pairs(labels, labels, L, NEUTRAL, generator, 2).text.tolist()

    assert draw(5) == draw(5)
    assert len({tuple(draw(seed)) for seed in range(6)}) > 1


def test_neutral_words_can_be_no_evidence_beside_an_emotional_voice() -> None:
    joy, neutral = 3, 4
    audio = torch.tensor([joy, neutral, neutral, MISSING, joy])
    text = torch.tensor([neutral, joy, neutral, neutral, MISSING])
    targets = fused_targets(audio, text, 7, neutral, neutral_text=0.0)
    assert targets[0].tolist() == torch.eye(7)[joy].tolist()  # the voice alone counts
    assert targets[1, joy] == pytest.approx(0.8) and targets[1, neutral] == pytest.approx(0.2)
    for row, label in ((2, neutral), (3, neutral), (4, joy)):
        assert targets[row].tolist() == torch.eye(7)[label].tolist()
    usual = fused_targets(audio, text, 7, neutral)
    assert usual[0, joy] == pytest.approx(0.8) and usual[0, neutral] == pytest.approx(0.2)
