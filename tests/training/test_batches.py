"""Training batches: a function of the step alone, from training rows alone."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import drkf  # noqa: F401  (lets torchaudio, and so transformers, be imported)

# isort: split
import numpy as np
import pytest
import soundfile
import torch
from transformers import Wav2Vec2FeatureExtractor, WhisperFeatureExtractor

from drkf.data.manifest import Item
from drkf.errors import ManifestError
from drkf.labels import EMOTIONS
from drkf.model.encoders import SpeechFrontend
from drkf.model.shuffling import MISSING
from drkf.training.augment import AugmentConfig
from drkf.training.batches import (
    BUCKET,
    PairSampler,
    TextBatches,
    balanced_weights,
    bucketed,
    by_class,
    pick,
    soft_label,
)
from drkf.training.speech_batches import SpeechBatches

#: Every change at once, so that anything left to chance shows.
ALWAYS = AugmentConfig(1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0)


def item(
    number: int, emotion: str | tuple[str, ...], corpus: str = "a", seconds: float = 1.0
) -> Item:
    emotions = (emotion,) if isinstance(emotion, str) else emotion
    return Item(f"u{number}", None, "words", emotions, corpus=corpus, seconds=seconds)


@pytest.fixture
def speech(tmp_path: Path) -> list[Item]:
    items = []
    rng = np.random.default_rng(0)
    for i in range(6):
        path = tmp_path / f"{i}.wav"
        length = 8000 + 4000 * i
        soundfile.write(path, 0.1 * rng.standard_normal(length), 16_000)
        emotion = EMOTIONS[i % 3]
        items.append(Item(f"u{i}", path, None, (emotion,), corpus="a", seconds=length / 16_000))
    return items


@pytest.mark.parametrize("extractor", [WhisperFeatureExtractor(), Wav2Vec2FeatureExtractor()])
def test_a_speech_batch_depends_on_its_step_alone(speech: list[Item], extractor: object) -> None:
    def batches(seed: int = 0) -> SpeechBatches:
        frontend = SpeechFrontend(extractor)  # type: ignore[arg-type]
        return SpeechBatches(speech, EMOTIONS, frontend, ALWAYS, 3, seed, 0.5)

    torch.manual_seed(1)
    first = batches()[9]
    torch.manual_seed(2)
    np.random.seed(2)
    used = batches()
    for step in (3, 8):
        used[step]
    again = used[9]
    assert torch.equal(first.features.hidden, again.features.hidden)
    assert torch.equal(first.features.mask, again.features.mask)
    assert torch.equal(first.targets, again.targets)
    other = batches(seed=1)[9]
    assert other.features.hidden.shape != first.features.hidden.shape or not torch.equal(
        other.features.hidden, first.features.hidden
    )
    assert not torch.equal(used[10].features.hidden[:, :20], first.features.hidden[:, :20])
    assert first.targets.shape == (3, 7)
    assert torch.isfinite(first.features.hidden).all()


def test_mixed_voices_carry_both_labels_from_their_step_on(speech: list[Item]) -> None:
    def batches(mixed: float) -> SpeechBatches:
        frontend = SpeechFrontend(WhisperFeatureExtractor())
        unchanged = AugmentConfig(0, 0, 0, 0, 0, 0, 0, freq_masks=0, time_masks=0)
        return SpeechBatches(speech, EMOTIONS, frontend, unchanged, 16, 0, mixed, mix_after=8)

    alone, mixed = batches(0.0), batches(1.0)
    assert torch.equal(alone[7].features.hidden, mixed[7].features.hidden)
    assert torch.equal(alone[7].targets, mixed[7].targets)
    before, after = alone[8].targets, mixed[8].targets
    torch.testing.assert_close(after.sum(-1), torch.ones(16))
    named = after.gather(1, before.argmax(-1, keepdim=True))
    assert (named > 0.5).all(), "the first voice is the louder one"
    assert (after.max(-1).values < 1).sum() > 4, "some meet a voice of another emotion"
    assert not torch.equal(alone[8].features.hidden, mixed[8].features.hidden)


def test_text_batches_depend_on_their_step_and_hold_the_right_rows() -> None:
    emotions = [EMOTIONS[i % 7] for i in range(20)]
    items = [item(i, emotion) for i, emotion in enumerate(emotions)]
    ids = [[2, *([10 + i] * (1 + i % 5)), 3] for i in range(20)]
    weights = np.ones(20) / 20
    batches = TextBatches(items, ids, 0, EMOTIONS, weights, 4, seed=0)
    batch = batches[5]
    fresh = TextBatches(items, ids, 0, EMOTIONS, weights, 4, seed=0)[5]
    assert torch.equal(batch.input_ids, fresh.input_ids)
    for row, mask, target in zip(batch.input_ids, batch.mask, batch.targets, strict=True):
        number = int(row[1]) - 10
        assert row[mask].tolist() == ids[number]
        assert (row[~mask] == 0).all()
        assert EMOTIONS[int(target.argmax())] == emotions[number]


def test_rows_of_weight_zero_are_never_drawn() -> None:
    weights = np.array([0.5, 0.0, 0.5, 0.0])
    drawn = np.concatenate([bucketed(s, 4, np.arange(4), weights, 0) for s in range(50)])
    assert set(drawn.tolist()) == {0, 2}


def test_the_batches_of_a_bucket_are_of_like_length_and_all_are_used() -> None:
    rng = np.random.default_rng(0)
    lengths = rng.uniform(1, 10, 500)
    weights = np.ones(500) / 500
    spans = []
    for bucket in range(5):
        batches = [bucketed(bucket * BUCKET + s, 16, lengths, weights, 3) for s in range(BUCKET)]
        spans += [np.ptp(lengths[b]) for b in batches]
        medians = sorted(float(np.median(lengths[b])) for b in batches)
        assert len(set(medians)) == BUCKET
    unsorted = np.mean([np.ptp(rng.choice(lengths, 16)) for _ in range(50)])
    assert np.mean(spans) < unsorted / 3


def test_weights_even_out_classes_and_temper_corpora() -> None:
    items = [item(i, "joy") for i in range(90)] + [item(100 + i, "anger") for i in range(10)]
    items += [item(200 + i, "joy", "b") for i in range(25)]
    weights = balanced_weights(items)
    assert weights.sum() == pytest.approx(1.0)
    assert weights[:90].sum() == pytest.approx(weights[90:100].sum())
    assert weights[:100].sum() / weights[100:].sum() == pytest.approx(10 / 5)


def test_several_labels_share_the_target() -> None:
    target = soft_label(item(0, ("joy", "surprise")), EMOTIONS)
    assert {EMOTIONS[i]: float(v) for i, v in enumerate(target) if v} == {
        "joy": 0.5,
        "surprise": 0.5,
    }


def sampler(seed: int = 0) -> PairSampler:
    speech = [item(i, EMOTIONS[i % 3]) for i in range(12)]  # anger, disgust, fear
    texts = [item(i, EMOTIONS[i % 4]) for i in range(20)]  # and joy
    texts += [item(20, ("anger", "joy")), item(21, "neutral", "own")]
    weights = np.ones(22) / 20
    weights[20:] = 0.0  # several labels, and what a voice really said
    return PairSampler(speech, texts, weights, EMOTIONS, {1: 21, 5: 21}, seed)


def test_a_fusion_batch_holds_what_it_promises() -> None:
    batch = sampler().draw(3, paired=30, own_words=4, text_only=6)
    assert len(batch.audio) == len(batch.text) == len(batch.audio_labels) == 40
    for a, t, la, lt in zip(
        batch.audio[:30],
        batch.text[:30],
        batch.audio_labels[:30].tolist(),
        batch.text_labels[:30].tolist(),
        strict=True,
    ):
        assert a is not None and t is not None
        assert la == a % 3 == lt == t % 4
        assert t < 20
    assert set(batch.audio[30:34]) <= {1, 5} and set(batch.text[30:34]) == {21}
    assert batch.text_labels[30:34].tolist() == [EMOTIONS.index("neutral")] * 4
    assert batch.audio[34:] == [None] * 6
    assert batch.audio_labels[34:].tolist() == [MISSING] * 6
    assert all(t is not None and t < 20 for t in batch.text[34:])


def test_a_fusion_batch_depends_on_its_step_alone() -> None:
    used = sampler()
    for step in range(4):
        used.draw(step, 8, 2, 2)
    a, b, c = used.draw(7, 8, 2, 2), sampler().draw(7, 8, 2, 2), sampler(1).draw(7, 8, 2, 2)
    assert (a.audio, a.text) == (b.audio, b.text) != (c.audio, c.text)


def test_paired_classes_are_drawn_evenly_from_those_that_both_sides_have() -> None:
    labels = sampler().draw(0, paired=3000, own_words=0, text_only=0).audio_labels.tolist()
    counts = Counter(labels)
    assert set(counts) == {0, 1, 2}
    assert all(abs(n - 1000) < 150 for n in counts.values())


def test_voices_and_texts_without_a_common_emotion_are_refused() -> None:
    with pytest.raises(ManifestError, match="no emotion occurs both"):
        PairSampler([item(0, "joy")], [item(1, "anger")], np.ones(1), EMOTIONS, {}, 0)


def test_picking_follows_the_weights_and_never_falls_off_the_end() -> None:
    table = by_class(np.array([4, 4, 4, 2]), np.array([1.0, 3.0, 0.0, 5.0]))
    rng = np.random.default_rng(0)
    drawn = Counter(pick(rng, *table[4]) for _ in range(4000))
    assert set(drawn) == {0, 1}
    assert drawn[1] / 4000 == pytest.approx(0.75, abs=0.03)

    class Last:
        def random(self) -> float:
            return float(np.nextafter(1.0, 0.0))

    rows, cumulative = np.array([3, 9]), np.array([0.5, 0.999])
    assert pick(Last(), rows, cumulative) == 9  # type: ignore[arg-type]
