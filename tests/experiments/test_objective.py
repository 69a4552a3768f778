"""The joint objective: live encoders, natural pairs, one label or several."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from drkf.audio.clip import load_audio
from drkf.experiments.batches import RandomOrder, Utterances, multi_hot
from drkf.experiments.objective import JointObjective
from drkf.model.labelling import MultiLabel, SingleLabel
from drkf.model.losses import LossWeights


@pytest.mark.parametrize("labelling", [SingleLabel(), MultiLabel()])
def test_every_weight_gets_a_gradient_from_one_batch(make_objective, utterances, labelling):
    objective, tokenizer = make_objective(labelling, shuffles=1)
    items = [replace(item, emotions=(item.emotion, "joy")) for item in utterances]
    items = [replace(item, emotions=tuple(dict.fromkeys(item.emotions))) for item in items]
    batch = Utterances(items, objective.model, tokenizer)[range(8)]
    losses = objective.train()(batch, seed=0, augmentation_weight=1.0)
    losses.total(LossWeights()).backward()
    assert all(value > 0 for value in losses.as_floats().values()), losses.as_floats()
    without = [n for n, p in objective.named_parameters() if p.grad is None or not p.grad.any()]
    # Position 0 of RoBERTa is its padding; of FE only the places in use move.
    assert [n for n in without if "key" not in n and "k_proj.bias" not in n] == []


def test_components_are_those_of_the_model(make_objective, utterances):
    """On complete utterances, natural pairs alone: DRKF.losses with encoder states."""
    objective, tokenizer = make_objective(SingleLabel(), shuffles=0)
    objective.eval()
    model = objective.model
    items = [item for item in utterances if item.audio and item.text]
    batch = Utterances(items, model, tokenizer)[range(len(items))]
    labels = batch.labels.argmax(1)
    pairs = objective._pairs(labels, batch.has_audio, batch.has_text, 0)
    pairs = replace(pairs, target=objective.labelling.targets(pairs, batch.labels, model.neutral))
    expected = model.losses(
        model.encode_speech(batch.features),
        model.encode_text(batch.input_ids, batch.text_mask),
        labels,
        labels,
        pairs,
        0.7,
    )
    found = objective(batch, seed=0, augmentation_weight=0.7)
    assert found.as_floats() == pytest.approx(expected.as_floats(), abs=1e-5)


def test_a_missing_modality_changes_nothing_but_itself(make_objective, utterances):
    objective, tokenizer = make_objective(SingleLabel())
    objective.eval()
    both = Utterances(utterances, objective.model, tokenizer)
    batch = both[range(8)]
    assert batch.has_text.tolist() == [n != 5 for n in range(8)]
    assert batch.has_audio.tolist() == [n != 6 for n in range(8)]
    with torch.no_grad():
        together = objective.predict(batch).emotion_logits
        alone = torch.cat([objective.predict(both[[n]]).emotion_logits for n in range(8)])
    torch.testing.assert_close(together, alone, atol=1e-4, rtol=1e-4)


def test_an_unreadable_clip_counts_as_no_voice(make_objective, utterances, tmp_path):
    objective, tokenizer = make_objective(SingleLabel())
    broken = tmp_path / "broken.wav"
    broken.write_bytes(b"nothing that anybody could hear")
    items = [replace(utterances[0], audio=broken), replace(utterances[1], audio=broken, text=None)]
    batch = Utterances(items, objective.model, tokenizer)[[0, 1]]
    assert not batch.has_audio.any()
    assert batch.has_text.all()  # an utterance with nothing is judged by an empty sentence
    losses = objective(batch, seed=0, augmentation_weight=1.0)
    assert torch.isfinite(losses.total(LossWeights()))
    assert losses.mi_audio == losses.mi_audio_text == losses.mse_audio == losses.ce_audio == 0


def test_a_corpus_is_read_from_disk_as_batches_need_it(make_objective, utterances, monkeypatch):
    objective, tokenizer = make_objective(SingleLabel())
    read = []

    def watching(path):
        read.append(path)
        return load_audio(path)

    monkeypatch.setattr("drkf.experiments.batches.load_audio", watching)
    corpus = Utterances(utterances, objective.model, tokenizer)
    assert read == []
    heard = [i for i, item in enumerate(utterances) if item.audio]
    for number in (heard[2], heard[0], heard[2]):  # nothing is kept: the third is read again
        before = len(read)
        corpus[[number]]
        assert read[before:] == [utterances[number].audio]


def test_random_order_covers_each_epoch_and_splits_among_processes():
    whole = RandomOrder(10, 4, 0, 1, seed=3)
    assert whole.epoch_batches == 3
    epoch = [row for number in range(3) for row in whole.rows(number)]
    assert sorted(epoch[:10]) == list(range(10))
    assert epoch[10:] == epoch[:2]  # the last batch is filled up
    assert [row for number in range(3, 6) for row in whole.rows(number)] != epoch
    halves = [RandomOrder(10, 2, process, 2, seed=3) for process in (0, 1)]
    for number in range(6):
        assert halves[0].rows(number) + halves[1].rows(number) == whole.rows(number)


def test_multi_hot():
    from drkf.data.manifest import Item

    items = [Item("1", None, "a", ("joy", "anger")), Item("2", None, "b", ("neutral",))]
    assert multi_hot(items, ("anger", "joy", "neutral")).tolist() == [[1, 1, 0], [0, 0, 1]]


def test_gradient_checkpointing_changes_no_gradient(make_objective, utterances):
    def gradients(checkpointing: bool) -> dict[str, torch.Tensor]:
        objective, tokenizer = make_objective(SingleLabel())
        model = objective.model
        for part in (model.speech_encoder.model, model.text_encoder.model):
            # Checkpointing acts in training mode alone: without dropout it is the same as eval.
            for module in part.modules():
                if isinstance(module, torch.nn.Dropout):
                    module.p = 0.0
            if checkpointing:
                part.activation_checkpointing_enable({"use_reentrant": False})
        batch = Utterances(utterances, model, tokenizer)[range(4)]
        torch.manual_seed(0)
        objective.train()(batch, seed=0, augmentation_weight=1.0).total(LossWeights()).backward()
        return {n: p.grad for n, p in objective.named_parameters() if p.grad is not None}

    plain, saving = gradients(False), gradients(True)
    assert plain.keys() == saving.keys()
    for name, gradient in plain.items():
        torch.testing.assert_close(saving[name], gradient, atol=1e-6, rtol=1e-4, msg=name)


def test_objective_is_a_module_whose_state_is_the_model(make_objective):
    objective, _ = make_objective(SingleLabel())
    assert isinstance(objective, JointObjective)
    assert {n.removeprefix("model.") for n in objective.state_dict()} == set(
        objective.model.state_dict()
    )
