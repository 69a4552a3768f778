"""Every encoder family, loaded from disk by the real code: masks, layers, refusals."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file
from torch.nn import functional as F
from transformers import (
    AutoModel,
    GPT2Config,
    GPT2Model,
    UniSpeechConfig,
    UniSpeechModel,
    Wav2Vec2FeatureExtractor,
    WhisperFeatureExtractor,
)
from transformers.models.whisper.modeling_whisper import WhisperEncoder

from drkf.errors import CheckpointError
from drkf.model.config import EncoderConfig
from drkf.model.encoders import (
    LayerMix,
    SpeechEncoder,
    SpeechFrontend,
    TextEncoder,
    pad_tokens,
    pool_frames,
)
from drkf.model.pretrained import load_speech_encoder, load_text_encoder
from drkf.model.sequence import TokenSequence

SPEECH_KINDS = (
    "whisper",
    "whisper-full",
    "wav2vec2-group",
    "wav2vec2-layer",
    "hubert-group",
    "hubert-layer",
    "wavlm-group",
    "wavlm-layer",
)
TEXT_KINDS = ("bert", "minilm", "roberta", "xlm-roberta", "mpnet", "distilbert")

Folders = dict[str, Path]
Clips = list[np.ndarray]


def features(encoder: SpeechEncoder, clips: Clips) -> TokenSequence:
    return TokenSequence.pad([encoder.frontend(clip) for clip in clips])


def only_layer(mix: LayerMix, layer: int) -> None:
    """Makes the mix give one layer's normalised states alone."""
    mix.weights.data.fill_(-1e4)
    mix.weights.data[layer] = 0.0


@pytest.mark.parametrize("kind", SPEECH_KINDS)
@pytest.mark.parametrize("stride", [1, 3])
@torch.no_grad()
def test_a_clip_gives_the_same_frames_alone_and_padded_in_a_batch(
    kind: str, stride: int, encoder_folders: Folders, clips: Clips
) -> None:
    encoder, _ = load_speech_encoder(encoder_folders[kind], frame_stride=stride)
    encoder.eval()
    batch = encoder(features(encoder, clips))
    for row, clip in enumerate(clips):
        alone = encoder(features(encoder, [clip]))
        assert alone.mask.all()
        assert int(batch.mask[row].sum()) == alone.hidden.shape[1]
        torch.testing.assert_close(
            batch.hidden[row][batch.mask[row]], alone.hidden[0], atol=1e-4, rtol=0
        )


@pytest.mark.parametrize("kind", SPEECH_KINDS)
@torch.no_grad()
def test_the_order_of_a_batch_and_what_else_is_in_it_change_nothing(
    kind: str, encoder_folders: Folders, clips: Clips
) -> None:
    encoder, _ = load_speech_encoder(encoder_folders[kind])
    encoder.eval()
    one = encoder(features(encoder, [clips[0], clips[2]]))
    other = encoder(features(encoder, [clips[1] * 3, clips[0]]))
    torch.testing.assert_close(
        one.hidden[0][one.mask[0]], other.hidden[1][other.mask[1]], atol=1e-4, rtol=0
    )


@pytest.mark.parametrize("kind", [k for k in SPEECH_KINDS if not k.startswith("whisper")])
@torch.no_grad()
def test_each_layer_is_the_one_that_transformers_computes(
    kind: str, encoder_folders: Folders, clips: Clips
) -> None:
    encoder, _ = load_speech_encoder(encoder_folders[kind])
    encoder.eval()
    reference = AutoModel.from_pretrained(encoder_folders[kind]).eval()
    x = features(encoder, clips[:1])
    states = reference(x.hidden[..., 0], output_hidden_states=True).hidden_states
    assert len(states) == encoder.layers + 1 == 4
    for layer, state in enumerate(states):
        only_layer(encoder.mix, layer)
        expected = F.layer_norm(state, state.shape[-1:])
        torch.testing.assert_close(encoder(x).hidden, expected, atol=1e-4, rtol=1e-4)


@torch.no_grad()
def test_whispers_layers_on_30_s_are_the_ones_that_transformers_computes(
    encoder_folders: Folders,
) -> None:
    encoder, _ = load_speech_encoder(encoder_folders["whisper"])
    encoder.eval()
    reference = WhisperEncoder.from_pretrained(encoder_folders["whisper"]).eval()
    clip = np.random.default_rng(0).standard_normal(480_000).astype(np.float32)
    x = features(encoder, [clip])
    assert x.hidden.shape == (1, 3000, 80)
    states = reference(x.hidden.transpose(1, 2), output_hidden_states=True).hidden_states
    for layer, state in enumerate(states[:-1]):  # the last one carries the final norm
        only_layer(encoder.mix, layer)
        expected = F.layer_norm(state, state.shape[-1:])
        torch.testing.assert_close(encoder(x).hidden, expected, atol=1e-4, rtol=1e-4)


@torch.no_grad()
def test_a_whole_whisper_checkpoint_gives_its_encoder(
    encoder_folders: Folders, clips: Clips
) -> None:
    full, config = load_speech_encoder(encoder_folders["whisper-full"])
    names = set(full.state_dict())
    assert not [name for name in names if "decoder" in name or "proj_out" in name]
    stored = load_file(encoder_folders["whisper-full"] / "model.safetensors")
    own = full.state_dict()["model.layers.2.fc1.weight"]
    torch.testing.assert_close(own, stored["model.encoder.layers.2.fc1.weight"])
    rebuilt = SpeechEncoder(config)
    assert set(rebuilt.state_dict()) == names


@pytest.mark.parametrize("kind", SPEECH_KINDS)
@pytest.mark.parametrize("layers", [None, 2])
@torch.no_grad()
def test_a_speech_encoder_is_rebuilt_from_its_configuration(
    kind: str, layers: int | None, encoder_folders: Folders, clips: Clips
) -> None:
    encoder, config = load_speech_encoder(encoder_folders[kind], layers, frame_stride=2)
    stored = json.loads(json.dumps(vars(config)))  # as it travels in a checkpoint
    rebuilt = SpeechEncoder(EncoderConfig(**stored), frame_stride=2)
    assert rebuilt.layers == encoder.layers == (layers or 3)
    rebuilt.load_state_dict(encoder.state_dict(), strict=True)
    x, y = features(encoder, clips), features(rebuilt, clips)
    torch.testing.assert_close(x.hidden, y.hidden, atol=0, rtol=0)
    before, after = encoder.eval()(x), rebuilt.eval()(y)
    torch.testing.assert_close(before.hidden, after.hidden, atol=0, rtol=0)


@pytest.mark.parametrize("kind", ["whisper", "wav2vec2-layer", "wavlm-group"])
@torch.no_grad()
def test_cutting_layers_keeps_the_first_ones(
    kind: str, encoder_folders: Folders, clips: Clips
) -> None:
    whole, _ = load_speech_encoder(encoder_folders[kind])
    cut, _ = load_speech_encoder(encoder_folders[kind], layers=2)
    whole.eval(), cut.eval()
    for layer in range(3):
        only_layer(whole.mix, layer)
        only_layer(cut.mix, layer)
        x = features(cut, clips)
        torch.testing.assert_close(whole(x).hidden, cut(x).hidden)


@pytest.mark.parametrize("layers", [0, 4, -1])
def test_layers_that_an_encoder_does_not_have_are_refused(
    layers: int, encoder_folders: Folders
) -> None:
    for load, kind in (
        (load_speech_encoder, "whisper"),
        (load_speech_encoder, "hubert-group"),
        (load_text_encoder, "bert"),
        (load_text_encoder, "distilbert"),
    ):
        with pytest.raises(CheckpointError, match=rf"{layers} layers.* has 3"):
            load(encoder_folders[kind], layers=layers)  # type: ignore[operator]


@pytest.mark.parametrize("kind", SPEECH_KINDS)
@torch.no_grad()
def test_frames_come_every_frame_seconds(kind: str, encoder_folders: Folders) -> None:
    encoder, _ = load_speech_encoder(encoder_folders[kind])
    clip = np.random.default_rng(1).standard_normal(32_000).astype(np.float32)
    frames = encoder.eval()(features(encoder, [clip])).hidden.shape[1]
    assert encoder.frame_seconds == pytest.approx(0.02)
    assert frames == pytest.approx(2.0 / encoder.frame_seconds, abs=3)


def test_the_log_mel_frontend_does_not_hear_how_loud_a_clip_is(encoder_folders: Folders) -> None:
    frontend = load_speech_encoder(encoder_folders["whisper"])[0].frontend
    clip = np.random.default_rng(2).standard_normal(8000).astype(np.float32)
    torch.testing.assert_close(frontend(clip * 0.01), frontend(clip), atol=1e-4, rtol=1e-4)
    assert torch.isfinite(frontend(np.zeros(8000, np.float32))).all()


def test_the_frontend_follows_the_checkpoint_in_normalising(encoder_folders: Folders) -> None:
    clip = np.random.default_rng(2).standard_normal(8000).astype(np.float32) * 0.01
    plain = load_speech_encoder(encoder_folders["wav2vec2-group"])[0].frontend(clip)
    normalised = load_speech_encoder(encoder_folders["wav2vec2-layer"])[0].frontend(clip)
    assert plain.shape == normalised.shape == (8000, 1)
    assert float(plain.std()) == pytest.approx(0.01, rel=0.05)
    assert float(normalised.std()) == pytest.approx(1.0, rel=0.01)


def test_an_unknown_frontend_is_refused() -> None:
    with pytest.raises(CheckpointError, match="SeamlessM4TFeatureExtractor"):
        SpeechFrontend.from_dict({"feature_extractor_type": "SeamlessM4TFeatureExtractor"})


@pytest.mark.parametrize("kind", TEXT_KINDS)
@torch.no_grad()
def test_a_text_gives_the_same_states_alone_and_padded_in_a_batch(
    kind: str, encoder_folders: Folders, texts: tuple[str, ...]
) -> None:
    encoder, _, tokenizer = load_text_encoder(encoder_folders[kind])
    encoder.eval()
    rows = tokenizer(list(texts))["input_ids"]
    assert len({len(row) for row in rows}) > 1
    batch = encoder(*pad_tokens(rows, tokenizer.pad_token_id))
    for i, row in enumerate(rows):
        alone = encoder(*pad_tokens([row], tokenizer.pad_token_id))
        assert alone.hidden.shape == (1, len(row), encoder.width)
        torch.testing.assert_close(
            batch.hidden[i][batch.mask[i]], alone.hidden[0], atol=1e-4, rtol=0
        )


@pytest.mark.parametrize("kind", TEXT_KINDS)
@torch.no_grad()
def test_text_layers_are_the_ones_that_transformers_computes(
    kind: str, encoder_folders: Folders, texts: tuple[str, ...]
) -> None:
    encoder, _, tokenizer = load_text_encoder(encoder_folders[kind])
    encoder.eval()
    reference = AutoModel.from_pretrained(encoder_folders[kind]).eval()
    ids, mask = pad_tokens(tokenizer([texts[2]])["input_ids"], tokenizer.pad_token_id)
    states = reference(ids, attention_mask=mask.long(), output_hidden_states=True).hidden_states
    assert len(states) == encoder.layers + 1 == 4
    for layer, state in enumerate(states):
        only_layer(encoder.mix, layer)
        expected = F.layer_norm(state, state.shape[-1:])
        torch.testing.assert_close(encoder(ids, mask).hidden, expected, atol=1e-5, rtol=1e-4)


@pytest.mark.parametrize("kind", TEXT_KINDS)
@pytest.mark.parametrize("layers", [None, 1])
@torch.no_grad()
def test_a_text_encoder_is_rebuilt_from_its_configuration(
    kind: str, layers: int | None, encoder_folders: Folders, texts: tuple[str, ...]
) -> None:
    encoder, config, tokenizer = load_text_encoder(encoder_folders[kind], layers)
    rebuilt = TextEncoder(EncoderConfig(**json.loads(json.dumps(vars(config)))))
    assert rebuilt.layers == encoder.layers == (layers or 3)
    rebuilt.load_state_dict(encoder.state_dict(), strict=True)
    ids, mask = pad_tokens(tokenizer(list(texts))["input_ids"], tokenizer.pad_token_id)
    before, after = encoder.eval()(ids, mask), rebuilt.eval()(ids, mask)
    torch.testing.assert_close(before.hidden, after.hidden, atol=0, rtol=0)


@pytest.mark.parametrize("kind", TEXT_KINDS)
@torch.no_grad()
def test_texts_of_max_tokens_fit_and_longer_ones_do_not(
    kind: str, encoder_folders: Folders
) -> None:
    encoder, _, tokenizer = load_text_encoder(encoder_folders[kind])
    # RoBERTa's and MPNet's positions start behind their padding index 1.
    assert encoder.max_tokens == (38 if "roberta" in kind or kind == "mpnet" else 40)
    for length, fits in ((encoder.max_tokens, True), (encoder.max_tokens + 1, False)):
        ids, mask = pad_tokens([[5] * length], tokenizer.pad_token_id)
        if fits:
            assert torch.isfinite(encoder(ids, mask).hidden).all()
        else:
            with pytest.raises((IndexError, RuntimeError)):
                encoder(ids, mask)


def test_no_trained_part_is_left_unused(encoder_folders: Folders) -> None:
    for kind in TEXT_KINDS:
        names = load_text_encoder(encoder_folders[kind])[0].state_dict()
        assert not [n for n in names if "pooler" in n or "lm_head" in n or "vocab" in n]
    for kind in SPEECH_KINDS:
        names = load_speech_encoder(encoder_folders[kind])[0].state_dict()
        assert not [n for n in names if "masked_spec" in n or "quantizer" in n]


@pytest.mark.parametrize(
    ("kind", "ending"),
    [
        ("whisper", "layers.1.fc1.weight"),
        ("whisper-full", "encoder.layers.1.fc1.weight"),
        ("wav2vec2-group", "layers.2.attention.k_proj.bias"),
        ("wavlm-layer", "layers.0.attention.rel_attn_embed.weight"),
        ("bert", "layer.0.output.dense.bias"),
        ("roberta", "layer.0.output.dense.bias"),
        ("distilbert", "layer.2.ffn.lin1.weight"),
    ],
)
def test_a_missing_weight_is_an_error_that_names_it(
    kind: str, ending: str, encoder_folders: Folders, tmp_path: Path
) -> None:
    folder = tmp_path / "encoder"
    shutil.copytree(encoder_folders[kind], folder)
    tensors = load_file(folder / "model.safetensors")
    gone = [name for name in tensors if name.endswith(ending)]
    assert len(gone) == 1
    del tensors[gone[0]]
    save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})
    load = load_text_encoder if kind in TEXT_KINDS else load_speech_encoder
    with pytest.raises(CheckpointError, match=ending.replace(".", r"\.")) as caught:
        load(folder)  # type: ignore[operator]
    assert str(folder) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_weights_that_do_not_fit_the_configuration_are_named(
    encoder_folders: Folders, tmp_path: Path
) -> None:
    for kind, size in (("bert", "intermediate_size"), ("wavlm-group", "intermediate_size")):
        folder = tmp_path / kind
        shutil.copytree(encoder_folders[kind], folder)
        config = json.loads((folder / "config.json").read_text())
        (folder / "config.json").write_text(json.dumps(config | {size: 48}))
        load = load_text_encoder if kind in TEXT_KINDS else load_speech_encoder
        with pytest.raises(CheckpointError, match=r"do not fit.*dense") as caught:
            load(folder)  # type: ignore[operator]
        assert "\n" not in str(caught.value)


def test_an_untrained_mask_embedding_is_not_missed(
    encoder_folders: Folders, tmp_path: Path
) -> None:
    folder = tmp_path / "encoder"
    shutil.copytree(encoder_folders["wavlm-group"], folder)
    tensors = load_file(folder / "model.safetensors")
    del tensors["masked_spec_embed"]
    save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})
    load_speech_encoder(folder)


def test_unsupported_model_types_are_refused_by_one_line_that_names_the_supported(
    encoder_folders: Folders, tmp_path: Path
) -> None:
    GPT2Model(GPT2Config(n_embd=8, n_layer=1, n_head=2, vocab_size=20)).save_pretrained(
        tmp_path / "gpt2"
    )
    shutil.copy(encoder_folders["bert"] / "tokenizer.json", tmp_path / "gpt2")
    sizes = {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2}
    UniSpeechModel(
        UniSpeechConfig(**sizes, intermediate_size=16, num_conv_pos_embedding_groups=2)
    ).save_pretrained(tmp_path / "unispeech")
    Wav2Vec2FeatureExtractor().save_pretrained(tmp_path / "unispeech")
    for load, folder, kind, known in (
        (load_text_encoder, tmp_path / "gpt2", "gpt2", "distilbert"),
        (load_speech_encoder, tmp_path / "unispeech", "unispeech", "wavlm"),
        (load_speech_encoder, encoder_folders["bert"], "bert", "whisper"),
        (load_text_encoder, encoder_folders["whisper"], "whisper", "roberta"),
    ):
        with pytest.raises(CheckpointError, match=rf"'{kind}' is not a .*{known}") as caught:
            load(folder)  # type: ignore[operator]
        assert "\n" not in str(caught.value)
    with pytest.raises(CheckpointError, match="'t5' is not a text encoder"):
        TextEncoder(EncoderConfig({"model_type": "t5"}))


def test_an_unusable_folder_is_refused_by_one_line_that_names_it(
    encoder_folders: Folders, tmp_path: Path
) -> None:
    bare = tmp_path / "bare"
    bare.mkdir()
    truncated, pickled, typed = tmp_path / "cut", tmp_path / "pickled", tmp_path / "typed"
    for folder in (truncated, pickled, typed):
        shutil.copytree(encoder_folders["bert"], folder)
    weights = truncated / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-100])
    torch.save({"a": torch.zeros(1)}, pickled / "model.safetensors")
    config = json.loads((typed / "config.json").read_text())
    (typed / "config.json").write_text(json.dumps(config | {"hidden_size": "wide"}))
    no_frontend = tmp_path / "no-frontend"
    shutil.copytree(encoder_folders["whisper"], no_frontend)
    (no_frontend / "preprocessor_config.json").unlink()
    for load, folder in (
        (load_text_encoder, bare),
        (load_text_encoder, truncated),
        (load_text_encoder, pickled),
        (load_text_encoder, typed),
        (load_text_encoder, tmp_path / "nowhere"),
        (load_speech_encoder, bare),
        (load_speech_encoder, tmp_path / "nowhere"),
        (load_speech_encoder, no_frontend),
    ):
        with pytest.raises(CheckpointError, match=folder.name) as caught:
            load(folder)  # type: ignore[operator]
        assert "\n" not in str(caught.value)


def test_pooling_counts_only_real_frames() -> None:
    hidden = torch.tensor([[1.0, 3.0, 5.0, 7.0, 100.0], [2.0, 4.0, 6.0, 8.0, 10.0]])[..., None]
    mask = torch.tensor([[1, 1, 1, 0, 0], [1, 1, 1, 1, 1]], dtype=torch.bool)
    pooled = pool_frames(TokenSequence(hidden, mask), 2)
    assert pooled.mask.tolist() == [[True, True, False], [True, True, True]]
    assert pooled.hidden[..., 0].tolist() == [[2.0, 5.0, 0.0], [3.0, 7.0, 10.0]]
    same = TokenSequence(hidden, mask)
    assert pool_frames(same, 1) is same


def test_the_layer_mix_is_an_even_sum_at_first_and_deaf_to_scale() -> None:
    mix = LayerMix(3)
    states = list(torch.randn(3, 2, 4, 8))
    even = mix(states)
    expected = sum(F.layer_norm(s, (8,)) for s in states) / 3
    torch.testing.assert_close(even, expected)
    louder = [states[0] * 1000, states[1] + 5, states[2]]
    torch.testing.assert_close(mix(louder), even, atol=1e-3, rtol=1e-3)


def test_whisper_features_are_those_of_its_extractor() -> None:
    extractor = WhisperFeatureExtractor()
    clip = np.random.default_rng(3).standard_normal(16_000).astype(np.float32)
    clip *= 0.7 / np.abs(clip).max()  # at the frontend's level already
    expected = extractor(clip, sampling_rate=16_000, padding="do_not_pad", return_tensors="pt")
    ours = SpeechFrontend(extractor)(clip)
    assert ours.shape == (100, 80)
    torch.testing.assert_close(ours, expected["input_features"][0].T, atol=1e-5, rtol=1e-5)


def test_pickled_weights_are_refused(tiny_encoders, tmp_path):
    """A folder whose weights are a pickle is not loaded, however valid the pickle."""
    folder = tmp_path / "pickled"
    shutil.copytree(tiny_encoders[1], folder)
    weights = load_file(folder / "model.safetensors")
    (folder / "model.safetensors").unlink()
    torch.save(weights, folder / "pytorch_model.bin")
    with pytest.raises(CheckpointError, match="pickled"):
        load_text_encoder(folder)
