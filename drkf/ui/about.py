"""The tab "About", and what the app says of its model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import gradio as gr

from drkf.pipeline import EmotionPipeline
from drkf.ui.texts import catalogue as i18n
from drkf.ui.texts import figures as text_figures
from drkf.ui.texts import page as text
from drkf.ui.texts import voice as text_voice
from drkf.ui.texts.translation import translated
from drkf.ui.voice import can_be_tuned


def build(pipeline: EmotionPipeline) -> None:
    with gr.Column(elem_id="about"):
        gr.Markdown("### " + text.MODEL_ACCORDION)
        gr.Markdown(i18n.each(lambda: about_model(pipeline)))
        if metrics_list(pipeline):
            with gr.Accordion(text.MODEL_NUMBERS, open=False):
                gr.Markdown(text.MODEL_METRICS)
                gr.Markdown(i18n.each(lambda: metrics_list(pipeline)))
        gr.Markdown(text.ABOUT)
        if can_be_tuned(pipeline):
            gr.Markdown(text_voice.ABOUT)


def about_model(pipeline: EmotionPipeline) -> str:
    """Markdown: how often the model is right, when it is certain, its name, data and licence."""
    info = pipeline.info
    card = text.MODEL_CARD.format(
        name=info.name,
        hash=info.checkpoint_hash[:12],
        count=len(info.labels),
        labels=", ".join(map(text_figures.WORDING.emotion, info.labels)),
        trained_on=translated(info.trained_on),
        licence=info.licence,
    )
    certain = text.MODEL_UNCERTAIN.format(coverage=f"{pipeline.calibration.coverage:.0%}")
    return "\n\n".join([*in_plain_words(info.metrics), certain, card.strip()])


def in_plain_words(metrics: Mapping[str, Any]) -> list[str]:
    """How many of ten answers are right on new voices, as far as it was measured."""
    sentences = []
    for start, sentence in (
        ("voice alone, UAR", text.MODEL_VOICE_OF_TEN),
        ("voice and words, accuracy", text.MODEL_BOTH_OF_TEN),
    ):
        found = [value for name, value in metrics.items() if name.startswith(start)]
        if found:
            sentences.append(sentence.format(count=round(10 * sum(found) / len(found))))
    return sentences


def metrics_list(pipeline: EmotionPipeline) -> str:
    """Markdown: every number that was measured, under the name that papers use."""
    return "\n".join(
        f"* {translated(name.replace('_', ' '))}: {value:.2f}"
        for name, value in pipeline.info.metrics.items()
        if isinstance(value, (int, float))
    )
