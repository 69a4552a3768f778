"""Answer first, then explanation; another method explains the same answer."""

from __future__ import annotations

from pathlib import Path

import gradio as gr
import pytest

from drkf.pipeline import EmotionPipeline, Utterance
from drkf.ui.answer import Answering, Methods
from drkf.ui.evidence import Evidence
from drkf.ui.texts import evidence as text_evidence


@pytest.fixture(scope="module")
def pipeline(tiny_checkpoint: Path) -> EmotionPipeline:
    return EmotionPipeline.from_pretrained(tiny_checkpoint)


@pytest.fixture(scope="module")
def utterance(pipeline: EmotionPipeline) -> Utterance:
    return pipeline.encode(text="i am so happy and not afraid")


@pytest.fixture
def evidence(pipeline: EmotionPipeline) -> Evidence:
    with gr.Blocks(analytics_enabled=False):
        return Evidence(pipeline.info.relevance_method)


def test_the_answer_comes_before_its_explanations(
    pipeline: EmotionPipeline, utterance: Utterance, evidence: Evidence
) -> None:
    answering = Answering(pipeline, evidence)
    chosen = {evidence.relevance_method: "mask", evidence.attention_method: "gradient-weighted"}
    first, second = answering.steps(utterance, answering.methods(chosen))
    assert not first.explained and first.analysis.relevance is None
    assert second.explained and second.analysis.relevance is not None
    assert second.analysis.relevance.method == "mask"
    assert first.analysis.fused == second.analysis.fused
    caveats = text_evidence.METHOD_CAVEATS
    assert second.updates[evidence.relevance_caveat] == caveats["mask"]
    assert second.updates[evidence.attention_caveat] == caveats["gradient-weighted"]


def test_another_method_predicts_nothing_anew(
    pipeline: EmotionPipeline,
    utterance: Utterance,
    evidence: Evidence,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    answering = Answering(pipeline, evidence)
    _, answer = answering.steps(utterance, Methods("mask", "rollout"))
    monkeypatch.setattr(EmotionPipeline, "predict", None)
    again = answering.again(utterance, answer.analysis, Methods("gradient", "rollout"))
    assert again.explained and again.analysis.relevance is not None
    assert again.analysis.relevance.method == "gradient"
    assert again.analysis.fused == answer.analysis.fused
