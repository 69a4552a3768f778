"""The five steps of the tour: what each asks, and what the model answers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import plotly.graph_objects as go

from drkf import figures
from drkf.analysis import Analysis
from drkf.gallery import GalleryItem
from drkf.pipeline import EmotionPipeline, Utterance
from drkf.ui.texts import figures as text_figures
from drkf.ui.texts import page as text
from drkf.ui.verdict import emotion_name

SAME_SCORE = 0.05
"""A change of the inconsistency (0..1) that is smaller counts as "the same"."""


@dataclass(frozen=True)
class Answer:
    """What the model says: Markdown, and at most two figures.

    ``right`` is the place of the right guess among a step's answers, None before it is known.
    """

    said: str
    figures: tuple[go.Figure, ...] = ()
    right: int | None = None


@dataclass(frozen=True)
class Step:
    """One step of the tour.

    ``key`` begins the names of its texts. ``ask`` runs the model on the example before the
    question, ``reveal`` goes on from there. ``hidden_voice`` keeps the clip for the reveal.
    """

    key: str
    title: str
    example: str
    task: str
    question: str
    answers: tuple[str, ...]
    ask: Callable[[EmotionPipeline, GalleryItem, Utterance], Answer]
    reveal: Callable[[EmotionPipeline, GalleryItem, Utterance], Answer]
    hidden_voice: bool = False


def ask_one(pipeline: EmotionPipeline, item: GalleryItem, utterance: Utterance) -> Answer:
    """Step 1: the words alone are read."""
    analysis = pipeline.predict(pipeline.encode(text=item.spoken))
    return Answer(
        text.TOUR_ONE_ASKED.format(**_told(analysis)),
        (figures.probability_bars(analysis, text_figures.WORDING),),
    )


def reveal_one(pipeline: EmotionPipeline, item: GalleryItem, utterance: Utterance) -> Answer:
    """Step 1: the voice alone, and whether it says the same."""
    both = pipeline.predict(utterance)
    voice = pipeline.predict(pipeline.with_text(utterance, None))
    told = _told(both)
    lesson = text.TOUR_ONE_SAME if told["voice"] == told["words"] else text.TOUR_ONE_DIFFERENT
    return Answer(
        f"{text.TOUR_ONE_REVEAL.format(**told)} {lesson}",
        (figures.probability_bars(voice, text_figures.WORDING),),
        right=2,  # nobody can know
    )


def ask_alone(pipeline: EmotionPipeline, item: GalleryItem, utterance: Utterance) -> Answer:
    """The answer to the example, without evidence."""
    return Answer(text.TOUR_ALONE_ASKED.format(**_told(pipeline.predict(utterance))))


def reveal_agree(pipeline: EmotionPipeline, item: GalleryItem, utterance: Utterance) -> Answer:
    """Step 2: how sure the answer is beside those of voice and words alone."""
    analysis = pipeline.predict(utterance)
    told = _told(analysis)
    # How sure each half is of the answer that both together give.
    label = analysis.fused.labels.index(analysis.emotion)
    alone = [p.probabilities[label] for p in (analysis.audio, analysis.text) if p is not None]
    if analysis.fused.confidence > max(alone):
        lesson, right = text.TOUR_AGREE_SURER, 0
    elif analysis.fused.confidence < min(alone):
        lesson, right = text.TOUR_AGREE_LESS, 2
    else:
        lesson, right = text.TOUR_AGREE_BETWEEN, 1
    said = (text.TOUR_AGREE_REVEAL, lesson, text.TOUR_AGREE_INCONSISTENCY)
    return Answer(
        " ".join(said).format(**told),
        (figures.probability_bars(analysis, text_figures.WORDING),),
        right,
    )


def reveal_disagree(pipeline: EmotionPipeline, item: GalleryItem, utterance: Utterance) -> Answer:
    """Step 3: which side the answer followed, by Shapley values."""
    analysis = with_shapley(pipeline, utterance)
    told = _told(analysis)
    return Answer(
        text.TOUR_DISAGREE_REVEAL.format(**told),
        (
            figures.probability_bars(analysis, text_figures.WORDING),
            figures.shapley_bars(analysis, text_figures.WORDING),
        ),
        right=0 if told.get("leader") == text.TOUR_LEADER_VOICE else 1,
    )


def ask_ed(pipeline: EmotionPipeline, item: GalleryItem, utterance: Utterance) -> Answer:
    """Step 4: the inconsistency of the voice with the words that it says."""
    analysis = pipeline.predict(pipeline.with_text(utterance, item.spoken))
    return Answer(
        text.TOUR_ED_ASKED.format(**_told(analysis), typed=item.words),
        (figures.inconsistency_gauge(analysis, text_figures.WORDING),),
    )


def reveal_ed(pipeline: EmotionPipeline, item: GalleryItem, utterance: Utterance) -> Answer:
    """Step 4: the inconsistency with other words, and what changed."""
    before = _told(pipeline.predict(pipeline.with_text(utterance, item.spoken)))
    analysis = pipeline.with_shift(utterance, pipeline.predict(utterance))
    said = f"{text.TOUR_ED_REVEAL} {text.TOUR_ED_READINGS}"
    told = _told(analysis)
    change = float(told["ed"]) - float(before["ed"])
    return Answer(
        said.format(**told, ed_before=before["ed"]),
        (
            figures.inconsistency_gauge(analysis, text_figures.WORDING),
            figures.inconsistency_readings(analysis, text_figures.WORDING),
        ),
        right=1 if abs(change) < SAME_SCORE else 2 if change > 0 else 0,
    )


def ask_attention(pipeline: EmotionPipeline, item: GalleryItem, utterance: Utterance) -> Answer:
    """Step 5: the answer to the example."""
    return Answer(text.TOUR_ATTENTION_ASKED.format(**_told(pipeline.predict(utterance))))


def reveal_attention(pipeline: EmotionPipeline, item: GalleryItem, utterance: Utterance) -> Answer:
    """Step 5: attention beside the Shapley values, which it cannot replace."""
    analysis = with_shapley(pipeline, utterance)
    said = f"{text.TOUR_ATTENTION_REVEAL} {text.TOUR_ATTENTION_CHECK}"
    return Answer(
        said.format(**_told(analysis)),
        (
            figures.attention_bars(analysis, wording=text_figures.WORDING),
            figures.shapley_bars(analysis, text_figures.WORDING),
        ),
        right=2,  # attention cannot tell
    )


def with_shapley(pipeline: EmotionPipeline, utterance: Utterance) -> Analysis:
    """The analysis with what this tour shows of the explanations."""
    analysis = pipeline.predict(utterance)
    return replace(analysis, shapley=pipeline.shapley(utterance, analysis.emotion))


def steps() -> tuple[Step, ...]:
    """The tour, in the language of the event; markers while the page is built."""
    return (
        Step(
            "TOUR_ONE",
            text.TOUR_ONE,
            "fine-but-angry",
            text.TOUR_ONE_TASK,
            text.TOUR_ONE_QUESTION,
            text.TOUR_ONE_ANSWERS,
            ask_one,
            reveal_one,
            hidden_voice=True,
        ),
        Step(
            "TOUR_AGREE",
            text.TOUR_AGREE,
            "anger",
            text.TOUR_AGREE_TASK,
            text.TOUR_AGREE_QUESTION,
            text.TOUR_AGREE_ANSWERS,
            ask_alone,
            reveal_agree,
        ),
        Step(
            "TOUR_DISAGREE",
            text.TOUR_DISAGREE,
            "happy-words-sad-voice",
            text.TOUR_DISAGREE_TASK,
            text.TOUR_DISAGREE_QUESTION,
            text.TOUR_DISAGREE_ANSWERS,
            ask_alone,
            reveal_disagree,
        ),
        Step(
            "TOUR_ED",
            text.TOUR_ED,
            "typed-joy-angry-voice",
            text.TOUR_ED_TASK,
            text.TOUR_ED_QUESTION,
            text.TOUR_ED_ANSWERS,
            ask_ed,
            reveal_ed,
        ),
        Step(
            "TOUR_ATTENTION",
            text.TOUR_ATTENTION,
            "disgust",
            text.TOUR_ATTENTION_TASK,
            text.TOUR_ATTENTION_QUESTION,
            text.TOUR_ATTENTION_ANSWERS,
            ask_attention,
            reveal_attention,
        ),
    )


def _told(analysis: Analysis) -> dict[str, str]:
    """The values of the placeholders in the tour's sentences that the analysis can fill."""
    told: dict[str, str] = {}

    def tell(name: str, value: float | None, form: str) -> None:
        if value is not None:
            told[name] = format(value, form)

    predictions = {"fused": analysis.fused, "voice": analysis.audio, "words": analysis.text}
    for name, prediction in predictions.items():
        if prediction is not None:
            told[name] = emotion_name(prediction.emotion)
            tell(f"{name}_p", prediction.confidence, ".2f")
    for attention in analysis.attention[:1]:
        for name, values, form in (
            ("share", attention.share, ".0%"),
            ("baseline", attention.baseline, ".0%"),
            ("lift", attention.lift, ".2f"),
        ):
            tell(f"{name}_voice", values.audio, form)
            tell(f"{name}_words", values.text, form)
    if analysis.shapley is not None:
        phi = analysis.shapley.phi
        tell("phi_voice", phi.audio, "+.2f")
        tell("phi_words", phi.text, "+.2f")
        if phi.audio is not None and phi.text is not None:
            told["leader"] = (
                text.TOUR_LEADER_VOICE if phi.audio > phi.text else text.TOUR_LEADER_WORDS
            )
    if (evidence := analysis.inconsistency) is not None:
        tell("ed", evidence.discrimination, ".2f")
        tell("threshold", evidence.threshold, ".2f")
        tell("divergence", evidence.divergence, ".2f")
        tell("shift", evidence.neutral_shift, ".2f")
        told["finding"] = (
            text.TOUR_CONTRADICTION if evidence.inconsistent else text.TOUR_NO_CONTRADICTION
        )
    return told
