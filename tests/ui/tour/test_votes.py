"""The tour where a room is open, without a browser: phones answer, the class's answer is told."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import gradio as gr
import pytest

from drkf.classroom.rooms import Rooms
from drkf.pipeline import EmotionPipeline
from drkf.ui import CONCURRENCY, tour
from drkf.ui.texts.de import page as german
from drkf.ui.texts.en import page as english
from tests.helpers.classes import phone
from tests.helpers.events import Events


class Tour(Events):
    def __init__(self, pipeline: EmotionPipeline) -> None:
        self.rooms = Rooms()
        with gr.Blocks() as blocks, gr.Tabs() as tabs, gr.Tab("tour"):
            tour.build(pipeline, CONCURRENCY, tabs, self.rooms)
        super().__init__(blocks)

    def tick(self, number: int) -> dict[str, Any]:
        """The timer of a step, which has no id of its own."""
        timers = [b for b in self.blocks.blocks.values() if isinstance(b, gr.Timer)]
        timers[number - 1].elem_id = "timer"
        return self.fire("timer", "tick")


@pytest.fixture
def page(tiny_checkpoint: Path) -> Tour:
    return Tour(EmotionPipeline.from_pretrained(tiny_checkpoint))


def test_without_a_room_the_page_guesses_itself(page: Tour) -> None:
    answer = page.fire("tour-run-5")
    assert answer["tour-guess-5"]["visible"] and not answer["tour-count-5"]["visible"]
    page.set("tour-guess-5", 2)
    revealed = page.fire("tour-reveal-5")["tour-revealed-5"]["value"]
    assert revealed.startswith(english.TOUR_GUESSED.split("{")[0])


def test_phones_answer_where_a_room_is_open(page: Tour) -> None:
    room = page.rooms.open("visitor")
    answer = page.fire("tour-run-5")
    assert not answer["tour-guess-5"]["visible"] and answer["tour-count-5"]["visible"]
    poll = room.poll
    assert poll is not None
    assert poll.question["de"] == german.TOUR_ATTENTION_QUESTION
    assert poll.answers["en"] == english.TOUR_ATTENTION_ANSWERS
    for number, choice in enumerate((0, 2, 2)):
        room.answer(phone(number), poll.number, choice)
    assert "<b>3</b> of 3 phones" in page.tick(5)["tour-count-5"]
    revealed = page.fire("tour-reveal-5")["tour-revealed-5"]["value"]
    assert f"| {english.TOUR_ATTENTION_ANSWERS[2]} ✓ | 2 |" in revealed
    assert f"| {english.TOUR_ATTENTION_ANSWERS[0]} | 1 |" in revealed
    done = room.poll
    assert done is not None and (done.open, done.right) == (False, 2)
    assert "tour-count-5" not in page.tick(5)


def test_a_room_that_ends_meanwhile_does_not_stop_the_tour(page: Tour) -> None:
    page.rooms.open("visitor")
    page.fire("tour-run-1")
    page.rooms.close("visitor")
    assert "tour-count-1" not in page.tick(1)
    assert page.fire("tour-reveal-1")["tour-revealed-1"]["visible"]
