"""What a card says to the hub, under the names that the hub knows."""

from __future__ import annotations

import json

import pytest
from huggingface_hub import ModelCard

from drkf.checkpoint import CARD, METRICS
from drkf.evaluation.card_data import base_model, front_matter, metric_type
from drkf.files import bundled

SHIPPED = bundled("checkpoints/drkf-compact")


def test_the_shipped_card_names_its_base_models_data_and_metrics() -> None:
    data = ModelCard.load(SHIPPED / CARD).data
    assert data.base_model == ["openai/whisper-base", "sentence-transformers/all-mpnet-base-v2"]
    assert set(data.datasets) >= {"google-research-datasets/go_emotions", "declare-lab/MELD"}
    assert set(data.metrics) == {"accuracy", "recall", "f1", "roc_auc"}
    assert data.license == "cc-by-nc-sa-4.0" and data.library_name == "drkf"
    assert data.language == "en"
    assert data.pipeline_tag is None and "audio-classification" not in data.tags
    about = json.loads((SHIPPED / METRICS).read_text("utf-8"))
    assert all("/" in base_model(name) for name in about["encoders"].values())


def test_what_is_not_known_is_not_said() -> None:
    card = ModelCard(front_matter({"encoders": {"audio": "my-folder", "text": "a/b"}}, "other"))
    assert card.data.base_model == ["a/b"]
    assert card.data.datasets is None and card.data.metrics is None and card.data.language is None


@pytest.mark.parametrize(
    ("figure", "metric"),
    [
        ("WA", "accuracy"),
        ("voice alone, UAR, ravdess", "recall"),
        ("words alone, macro-F1, goemotions", "f1"),
        ("ED AUROC", "roc_auc"),
        ("voice alone, ECE", "ece"),
    ],
)
def test_metrics_have_the_hubs_names(figure: str, metric: str) -> None:
    assert metric_type(figure) == metric
