"""The tab "About", and what the app says of its model."""

from __future__ import annotations

import gradio as gr

from drkf.pipeline import EmotionPipeline
from drkf.ui.texts import catalogue as i18n
from drkf.ui.texts import page as text


def build(pipeline: EmotionPipeline) -> None:
    with gr.Column(elem_id="about"):
        gr.Markdown(text.ABOUT)
        gr.Markdown("### " + text.MODEL_ACCORDION)
        gr.Markdown(i18n.each(lambda: model_card(pipeline)))


def model_card(pipeline: EmotionPipeline) -> str:
    """Markdown: the model's name, training data, licence, measured numbers and certainty."""
    info = pipeline.info
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
    certain = text.MODEL_UNCERTAIN.format(coverage=f"{pipeline.calibration.coverage:.0%}")
    measured = [text.MODEL_METRICS, "", *numbers, ""] if numbers else []
    return "\n".join([card, *measured, certain])
