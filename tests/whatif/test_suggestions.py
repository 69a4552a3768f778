"""What turns the answer, as edits of the lab."""

from __future__ import annotations

from dataclasses import replace

import pytest

from drkf.analysis import Counterfactual, WordEdit
from drkf.pipeline import EmotionPipeline, Utterance
from drkf.whatif.application import apply_edits
from drkf.whatif.edits import MaskWords, Rewrite, Silence
from drkf.whatif.suggestions import edits_of, suggest

TEXT = "i am so happy today"


def test_each_kind_of_change_is_an_edit() -> None:
    words = (WordEdit(0, 1, "i", ""), WordEdit(8, 13, "happy", ""))
    assert edits_of(Counterfactual("words", "joy", 0.5, words), TEXT) == (MaskWords((0, 3)),)
    group = (WordEdit(2, 13, "am so happy", ""),)  # of a long text, whose words are grouped
    assert edits_of(Counterfactual("words", "joy", 0.5, group), TEXT) == (MaskWords((1, 2, 3)),)
    other = (WordEdit(8, 13, "happy", "sad"),)
    assert edits_of(Counterfactual("replacement", "joy", 0.5, other), TEXT) == (
        Rewrite("i am so sad today"),
    )
    quiet = Counterfactual("silence", "joy", 0.5, (), -0.1, 0.75)
    assert edits_of(quiet, TEXT) == (Silence(0.0, 0.75),)


def test_a_suggestion_says_what_the_lab_will_answer(
    pipeline: EmotionPipeline, base: Utterance
) -> None:
    analysis = pipeline.predict(base)
    words = base.transcript.text.split()
    tried = []
    for i, word in enumerate(words):
        start = len(" ".join(words[:i])) + (i > 0)
        edit = WordEdit(start, start + len(word), word, "")
        tried.append(Counterfactual("words", "wrong", 0.0, (edit,)))
    found = suggest(pipeline, base, replace(analysis, counterfactuals=tuple(tried)))
    answers = [
        pipeline.predict(apply_edits(pipeline, base, [MaskWords((i,))])) for i in range(len(words))
    ]
    turned = [answer.fused for answer in answers if answer.emotion != analysis.emotion]
    assert [one.counterfactual.emotion for one in found] == [one.emotion for one in turned]
    assert [one.counterfactual.probability for one in found] == pytest.approx(
        [one.confidence for one in turned]
    )


def test_nothing_found_is_no_suggestion(pipeline: EmotionPipeline, base: Utterance) -> None:
    analysis = replace(pipeline.predict(base), counterfactuals=())
    assert suggest(pipeline, base, analysis) == ()
