"""Answer first, then its words, then every explanation."""

from __future__ import annotations

from pathlib import Path

import gradio as gr
import pytest

from drkf.pipeline import EmotionPipeline, Utterance
from drkf.ui.answer import Answering
from drkf.ui.evidence import Evidence
from drkf.ui.texts import evidence as text_evidence


@pytest.fixture(scope="module")
def pipeline(tiny_checkpoint: Path) -> EmotionPipeline:
    return EmotionPipeline.from_pretrained(tiny_checkpoint)


@pytest.fixture(scope="module")
def utterance(pipeline: EmotionPipeline) -> Utterance:
    return pipeline.encode(text="i am so happy and not afraid")


@pytest.fixture
def evidence() -> Evidence:
    with gr.Blocks(analytics_enabled=False):
        return Evidence()


def test_the_answer_comes_before_its_explanations(
    pipeline: EmotionPipeline, utterance: Utterance, evidence: Evidence
) -> None:
    first, words, last = Answering(pipeline, evidence).steps(utterance, "gradient-weighted")
    assert not first.explained and first.analysis.relevance is None
    # The words alone, as soon as they are known.
    assert not words.explained and list(words.updates) == [evidence.words]
    assert "+0.0" in words.updates[evidence.words] or "-0.0" in words.updates[evidence.words]
    assert last.explained and last.analysis.relevance is not None
    assert last.updates[evidence.words] == words.updates[evidence.words]
    assert first.analysis.fused == words.analysis.fused == last.analysis.fused
    shown = last.updates[evidence.attention_caveat]
    assert shown == text_evidence.METHOD_CAVEATS["gradient-weighted"]


def test_another_way_to_follow_attention_computes_nothing_anew(
    pipeline: EmotionPipeline,
    utterance: Utterance,
    evidence: Evidence,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    *_, answer = Answering(pipeline, evidence).steps(utterance, "rollout")
    monkeypatch.setattr(EmotionPipeline, "predict", None)
    monkeypatch.setattr(EmotionPipeline, "explain_in_steps", None)
    again = evidence.show_attention(answer.analysis, "gradient-weighted")
    shown = again[evidence.attention_caveat]
    assert shown == text_evidence.METHOD_CAVEATS["gradient-weighted"]
    assert answer.updates[evidence.attention_caveat] == text_evidence.METHOD_CAVEATS["rollout"]
    assert evidence.attention in again
