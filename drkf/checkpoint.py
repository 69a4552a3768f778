"""A checkpoint folder: configuration, weights, tokenizer, calibration, metrics and card."""

from __future__ import annotations

import json
import math
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

import torch
from huggingface_hub import snapshot_download
from huggingface_hub.errors import HfHubHTTPError, HFValidationError, LocalEntryNotFoundError
from transformers import PreTrainedTokenizerFast
from transformers.initialization import no_init_weights

from drkf.errors import CheckpointError, DRKFError, first_line
from drkf.files import SHIPPED, bundled, read_json, write_json
from drkf.model import DRKF, DRKFConfig
from drkf.model.pretrained import LOADING_ERRORS
from drkf.model.sequence import TokenSequence
from drkf.model.storage import (
    DOWNLOAD_AGAIN,
    WEIGHTS,
    file_hash,
    load_weights,
    read_tensors,
    save_tensors,
    save_weights,
)

CONFIG = "config.json"
CALIBRATION = "calibration.json"
METRICS = "metrics.json"
REFERENCES = "references.safetensors"
CARD = "README.md"

#: What building a model raises where a setting's type or value makes no sense.
ILL_TYPED = (TypeError, KeyError, AttributeError, ArithmeticError, IndexError)


@dataclass(frozen=True)
class Calibration:
    """What was fitted on dev.

    Temperatures (Guo et al. 2017) divide the logits: of the fused prediction, of voice alone, of
    words alone, of emotion discrimination. The thresholds split consistent from inconsistent
    pairs by each of the three readings; a prediction less confident than its ``min_confidence``
    is called uncertain, which leaves ``coverage`` of the dev utterances certain.
    """

    fused_temperature: float = 1.0
    audio_temperature: float = 1.0
    text_temperature: float = 1.0
    discrimination_temperature: float = 1.0
    discrimination_threshold: float = 0.5
    divergence_threshold: float = 0.5
    shift_threshold: float = 0.5
    fused_min_confidence: float = 0.3
    audio_min_confidence: float = 0.3
    text_min_confidence: float = 0.3
    coverage: float = 0.9

    def temperature(self, has_audio: bool, has_text: bool) -> float:
        """What divides the emotion logits of an utterance with these modalities."""
        if has_audio and has_text:
            return self.fused_temperature
        return self.audio_temperature if has_audio else self.text_temperature


@dataclass(frozen=True)
class ModelInfo:
    """What a model is, for people: from the checkpoint's ``metrics.json`` and weights.

    ``relevance_method`` is the one whose maps were measured to be truest to this model.
    """

    name: str
    checkpoint_hash: str
    labels: tuple[str, ...]
    trained_on: str
    licence: str
    metrics: dict[str, float] = field(default_factory=dict)
    relevance_method: str = "occlusion"


@dataclass(frozen=True, eq=False)
class Checkpoint:
    """A loaded model and what belongs to it.

    ``neutral_speech`` (R, Ta, audio width) and ``neutral_texts`` are a few neutral voices and
    sentences: an explanation puts them in the place of a modality to measure its effect.
    """

    model: DRKF
    tokenizer: PreTrainedTokenizerFast
    calibration: Calibration
    neutral_speech: TokenSequence
    neutral_texts: tuple[str, ...]
    info: ModelInfo


def save_checkpoint(
    folder: Path,
    model: DRKF,
    tokenizer: PreTrainedTokenizerFast,
    calibration: Calibration,
    neutral_speech: TokenSequence,
    neutral_texts: tuple[str, ...],
    about: dict[str, Any],
    compact: bool = True,
) -> None:
    """Writes everything ``load_checkpoint`` reads.

    Args:
        about: the content of ``metrics.json``: ``trained_on``, ``licence`` and ``metrics``.
        compact: weights as int8 and float16 (see ``drkf.model.storage``).
    """
    begin_checkpoint(folder)
    tokenizer.save_pretrained(folder)
    write_json(folder / CALIBRATION, asdict(calibration))
    write_json(folder / METRICS, about)
    references = {"hidden": neutral_speech.hidden.half(), "mask": neutral_speech.mask}
    save_tensors(references, folder / REFERENCES, {"texts": json.dumps(neutral_texts)})
    save_weights(model, folder / WEIGHTS, compact)
    model.config.save(folder / CONFIG)


def begin_checkpoint(folder: Path) -> None:
    """Makes the folder, and an older checkpoint in it unusable until the new one is whole.

    ``load_checkpoint`` needs the configuration, which ``save_checkpoint`` writes last: files of
    two checkpoints are never taken for one.
    """
    folder.mkdir(parents=True, exist_ok=True)
    (folder / CONFIG).unlink(missing_ok=True)


def load_checkpoint(
    path_or_hub_id: str | Path, device: str = "auto", revision: str | None = None
) -> Checkpoint:
    """Loads a checkpoint from a folder, or from the Hugging Face hub by id.

    Raises:
        CheckpointError: something is missing, damaged or does not fit; one line that names it.
    """
    folder = find_folder(path_or_hub_id, revision)
    config = DRKFConfig.load(folder / CONFIG)
    try:
        # The weights are all about to be replaced: random ones would only cost time.
        with no_init_weights():
            model = DRKF(config)
    except (*LOADING_ERRORS, *ILL_TYPED, DRKFError) as error:
        raise CheckpointError(
            f"{folder / CONFIG} does not describe a model ({first_line(error)})"
        ) from None
    load_weights(model, folder / WEIGHTS)
    model.requires_grad_(False)
    model.eval().to(choose_device(device))
    calibration = read_calibration(folder / CALIBRATION)
    about = read_metrics(folder)
    speech, texts = read_references(folder / REFERENCES)
    if speech.hidden.shape[-1] != model.speech_encoder.width:
        raise CheckpointError(
            f"{folder / REFERENCES} is of another model: voices {speech.hidden.shape[-1]} wide "
            f"instead of {model.speech_encoder.width}"
        )
    is_local = Path(path_or_hub_id).is_dir() or folder.name == Path(path_or_hub_id).name
    try:
        info = ModelInfo(
            name=folder.resolve().name if is_local else str(path_or_hub_id),
            checkpoint_hash=file_hash(folder / WEIGHTS),
            labels=config.labels,
            trained_on=str(about.get("trained_on", "not stated")),
            licence=str(about.get("licence", "not stated")),
            metrics={k: float(v) for k, v in about.get("headline", {}).items()},
            relevance_method=about.get("faithfulness", {}).get("best", "occlusion"),
        )
    except (AttributeError, TypeError, ValueError) as error:
        raise CheckpointError(f"{folder / METRICS} is damaged ({first_line(error)})") from None
    tokenizer = load_tokenizer(folder)
    return Checkpoint(model, tokenizer, calibration, speech.to(model.device), texts, info)


def find_folder(path_or_hub_id: str | Path, revision: str | None = None) -> Path:
    """The local folder of a checkpoint, downloaded from the hub if it is a hub id."""
    path = Path(path_or_hub_id)
    if path.is_dir():
        return path
    name = str(path_or_hub_id)
    if path == SHIPPED and (ours := bundled(SHIPPED.as_posix())).is_dir():
        return ours  # called from another folder
    looks_local = name.count("/") != 1 or name.startswith((".", "/", "~", "checkpoints/"))
    if looks_local:
        raise CheckpointError(f"no checkpoint folder at {name}: check the path")
    try:
        return Path(snapshot_download(name, revision=revision))
    except (HfHubHTTPError, HFValidationError, LocalEntryNotFoundError, OSError) as error:
        reason = first_line(error)
        raise CheckpointError(
            f"no checkpoint folder at {name}, and the hub did not give it ({reason})"
        ) from None


def choose_device(device: str) -> torch.device:
    """A torch device by its name; "auto" is a GPU where there is one, else the CPU."""
    if device == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    return torch.device(device)


def load_tokenizer(folder: Path) -> PreTrainedTokenizerFast:
    """The tokenizer of a checkpoint folder.

    Raises:
        CheckpointError: it is missing or damaged.
    """
    if not (folder / "tokenizer.json").is_file():
        raise CheckpointError(f"{folder / 'tokenizer.json'} is missing: download it again")
    try:
        return PreTrainedTokenizerFast.from_pretrained(folder, local_files_only=True)
    except Exception as error:  # the tokenizers library raises bare Exception on a bad file
        reason = first_line(error)
        raise CheckpointError(f"the tokenizer in {folder} is damaged ({reason})") from None


def read_references(path: Path) -> tuple[TokenSequence, tuple[str, ...]]:
    """The neutral voices (R, Ta, audio width) and the neutral sentences of a checkpoint.

    Raises:
        CheckpointError: the file is missing or damaged.
    """
    tensors, metadata = read_tensors(path, DOWNLOAD_AGAIN)
    try:
        # Copies: reading a mapped tensor crashes the process if the file is truncated later.
        hidden, mask = tensors["hidden"].float(), tensors["mask"].clone()
        texts = tuple(json.loads(metadata["texts"]))
    except (KeyError, TypeError, ValueError) as error:
        raise CheckpointError(f"{path} is damaged ({error}): {DOWNLOAD_AGAIN}") from None
    return TokenSequence(hidden, mask), texts


def read_metrics(folder: Path) -> dict[str, Any]:
    """The content of a checkpoint folder's ``metrics.json``.

    Raises:
        CheckpointError: the file is missing or damaged.
    """
    return read_json(folder / METRICS, CheckpointError, DOWNLOAD_AGAIN)


def read_calibration(path: Path) -> Calibration:
    """The content of ``calibration.json``.

    Raises:
        CheckpointError: the file is missing, is damaged, or has an unknown or impossible value.
    """
    data = read_json(path, CheckpointError, DOWNLOAD_AGAIN)
    unknown = sorted(set(data) - {f.name for f in fields(Calibration)})
    if unknown:
        raise CheckpointError(f"{path} has settings this version does not know: {unknown}")
    for name, value in data.items():
        number = isinstance(value, int | float) and not isinstance(value, bool)
        low = 0.0 if name.endswith("_temperature") else -math.inf
        if not (number and low < value < math.inf):
            raise CheckpointError(f"{path} is damaged ({name} is {json.dumps(value)[:40]})")
    return Calibration(**data)
