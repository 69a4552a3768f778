"""The tour's examples were chosen for the shipped model: its answers make the points."""

from __future__ import annotations

import re

from drkf.gallery import load_gallery
from drkf.pipeline import EmotionPipeline
from drkf.ui.tour.steps import steps


def test_the_shipped_model_teaches_what_the_tour_says() -> None:
    pipeline = EmotionPipeline.from_pretrained()
    items = {item.id: item for item in load_gallery()}
    said: list[tuple[str, str]] = []
    for step in steps():
        item = items[step.example]
        utterance = pipeline.encode(str(item.audio), item.words, transcribe=False)
        answers = step.ask(pipeline, item, utterance), step.reveal(pipeline, item, utterance)
        said.append((answers[0].said, answers[1].said))
        assert "{" not in "".join(said[-1]) and "None" not in "".join(said[-1])
        assert answers[1].right is not None
    one, agree, disagree, detector, attention = said
    assert "joy" in one[0] and "anger" in one[1]
    assert items[steps()[1].example].shows == "agree"
    assert "Surer than with either half" in agree[1] and "no contradiction" in agree[1]
    assert "It also finds a contradiction" in disagree[1]
    assert "finds no contradiction" in detector[0] and "finds a contradiction" in detector[1]
    share = int(re.findall(r"(\d+)%", attention[0])[0])
    assert share > 50 and "**the words** decided" in attention[1]
