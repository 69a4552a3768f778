"""The training configuration: one file, overrides, and errors that name the setting."""

from __future__ import annotations

from pathlib import Path

import pytest

from drkf.errors import ConfigError
from drkf.files import CONFIGS
from drkf.training.config import TrainConfig, load_config

COMPACT = CONFIGS / "compact.toml"


def test_the_shipped_configuration_loads() -> None:
    config = load_config(COMPACT, [])
    assert config.model.audio_layers == 4
    assert config.loss.bce == 0.5 and config.loss.mi_audio_text == 0.2 and config.loss.kld == 1.0


@pytest.fixture
def path(tmp_path: Path) -> Path:
    file = tmp_path / "train.toml"
    file.write_text(
        "seed = 3\n[model]\naudio_layers = 2\naugmentation_sizes = [64, 32]\n"
        "[fusion]\nlearning_rate = 1\n"
    )
    return file


def test_a_file_changes_what_it_names_and_leaves_the_rest(path: Path) -> None:
    config = load_config(path, [])
    assert config.seed == 3
    assert config.model.audio_layers == 2
    assert config.model.augmentation_sizes == (64, 32)
    assert config.fusion.learning_rate == 1.0 and isinstance(config.fusion.learning_rate, float)
    assert config.text == TrainConfig().text
    assert config.fusion.epochs == TrainConfig().fusion.epochs


def test_overrides_go_before_the_file(path: Path) -> None:
    config = load_config(
        path,
        [
            "seed=4",
            "fusion.epochs=7",
            " speech.learning_rate = 2e-4",
            "precision=no",
            "model.augmentation_sizes=[8]",
            "pairing.modality_dropout=0",
            "seed=5",
        ],
    )
    assert config.seed == 5
    assert config.fusion.epochs == 7
    assert config.speech.learning_rate == 2e-4
    assert config.precision == "no"
    assert config.model.augmentation_sizes == (8,)
    assert config.pairing.modality_dropout == 0.0
    assert config.model.audio_layers == 2


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("fusion.epochs", "an override looks like fusion.epochs=3"),
        ("colour=1", "unknown setting colour: use one of seed"),
        ("fusion.colour=1", "unknown setting fusion.colour: use one of epochs"),
        ("colour.fusion=1", "unknown setting colour"),
        ("fusion=1", "fusion is a section"),
        ("seed.x=1", "seed is a value"),
        ("fusion.epochs=two", "fusion.epochs must be of type int, not 'two'"),
        ("fusion.epochs=1.5", "fusion.epochs must be of type int"),
        ("fusion.epochs=true", "fusion.epochs must be of type int"),
        ("fusion.epochs=[1]", "fusion.epochs must be of type int"),
        ("fusion.learning_rate=fast", "fusion.learning_rate must be of type float"),
        ("speech.warmup=true", "speech.warmup must be of type float"),
        ("precision=16", "precision must be of type str"),
        ("precision=half", "precision is one of no, bf16, fp16"),
        ("model.audio_layers=all", "model.audio_layers must be of type int | None"),
        ("model.augmentation_sizes=64", "must be a list of whole numbers"),
        ('model.augmentation_sizes=["a"]', "must be a list of whole numbers"),
        ("fusion.epochs=0", "epochs must be at least 1"),
        ("text.batch_size=-3", "batch_size must be at least 1"),
        ("dev_fraction=1.0", "dev_fraction must lie between 0 and 1"),
    ],
)
def test_an_unusable_override_is_named(path: Path, override: str, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load_config(path, [override])
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"seed = ", "not valid TOML"),
        (b"\xff\xfe", "not valid TOML"),
        (b"sead = 1", "unknown setting sead"),
        (b"[fusion]\nepochs = 'x'", "fusion.epochs must be of type int"),
        (b"fusion = 3", "fusion is a section"),
    ],
)
def test_an_unusable_file_is_refused(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "bad.toml"
    path.write_bytes(content)
    with pytest.raises(ConfigError) as caught:
        load_config(path, [])
    assert message in str(caught.value)


def test_a_missing_file_and_a_folder_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="does not exist"):
        load_config(tmp_path / "none.toml", [])
    with pytest.raises(ConfigError, match="cannot be read"):
        load_config(tmp_path, [])


def test_settings_are_read_by_their_older_names_too(tmp_path: Path) -> None:
    path = tmp_path / "old.toml"
    path.write_text(
        "[model]\nspeech_layers = 3\n[loss]\nmi_s = 0.5\nmi_st = 0.1\n"
        "[pairing]\nspeech_views = 1\n[distillation]\nspeech_temperature = 1.5\n"
    )
    config = load_config(path, ["loss.mi_t=0.4"])
    assert config.model.audio_layers == 3
    assert (config.loss.mi_audio, config.loss.mi_text, config.loss.mi_audio_text) == (0.5, 0.4, 0.1)
    assert config.pairing.audio_views == 1 and config.distillation.audio_temperature == 1.5
    assert load_config(path, ["loss.mi_audio=0.3"]).loss.mi_audio == 0.3
    path.write_text("[loss]\nmi_s = 0.5\nmi_audio = 0.4\n")
    with pytest.raises(ConfigError, match=r"loss\.mi_audio is set twice"):
        load_config(path, [])
