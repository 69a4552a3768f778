"""The tab "About", and what the app says of its model."""

from __future__ import annotations

import gradio as gr

from drkf.pipeline import EmotionPipeline, ModelInfo
from drkf.ui import text


def build(pipeline: EmotionPipeline) -> None:
    with gr.Column(elem_id="about"):
        gr.Markdown(text.ABOUT)
        gr.Markdown("### " + text.MODEL_ACCORDION)
        gr.Markdown(model_card(pipeline.info))


def model_card(info: ModelInfo) -> str:
    """Markdown: the model's name, training data, licence and measured numbers."""
    card = text.MODEL_CARD.format(
        name=info.name,
        hash=info.checkpoint_hash[:12],
        count=len(info.labels),
        labels=", ".join(info.labels),
        trained_on=info.trained_on,
        licence=info.licence,
    )
    numbers = [
        f"* {name.replace('_', ' ')}: {value:.2f}"
        for name, value in info.metrics.items()
        if isinstance(value, (int, float))
    ]
    return "\n".join([card, text.MODEL_METRICS, "", *numbers]) if numbers else card
