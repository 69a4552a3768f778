"""The guided tour as a class meets it, in a real browser."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from drkf.labels import EMOTIONS
from drkf.ui.tour.steps import steps
from tests.helpers.visitor import AppPage, RunningApp

STEPS = steps()
Visit = Callable[..., AppPage]
NUMBERS = range(1, len(STEPS) + 1)

#: Bars of the figures that each step shows before and after the reveal.
BARS = {
    1: ([len(EMOTIONS)], [len(EMOTIONS)]),
    2: ([], [3 * len(EMOTIONS)]),
    3: ([], [3 * len(EMOTIONS), 3]),
    4: ([0], [0, 3]),  # a gauge has no bars
    5: ([], [3 + 2, 3]),
}


def open_tour(page: AppPage) -> Page:
    page.open_tab("Tour")
    expect(page.page.locator("#tour-run-1")).to_be_visible()
    return page.page


def expect_figures(visitor: AppPage, place: str, bars: list[int]) -> None:
    for i, count in enumerate(bars):
        expect(visitor.page.locator(f"#{place}-figure-{i} .main-svg").first).to_be_visible()
        visitor.expect_bars(f"{place}-figure-{i}", count)
    for i in range(len(bars), 2):
        expect(visitor.page.locator(f"#{place}-figure-{i}")).to_be_hidden()


def answered(place: Locator) -> str:
    """What is said there, with every placeholder filled."""
    expect(place).to_contain_text(re.compile(r"\d\.\d\d|\d+%"))
    said = place.inner_text()
    assert "{" not in said and "None" not in said
    return said


def test_five_steps_each_with_a_question_and_a_reveal(visit: Visit) -> None:
    visitor = visit()
    page = open_tour(visitor)
    for number, step in zip(NUMBERS, STEPS, strict=True):
        expect(page.get_by_role("heading", name=step.title)).to_be_visible()
        expect(page.locator(f"#tour-question-{number}")).to_be_hidden()
        page.locator(f"#tour-run-{number}").click()
        asked, revealed = BARS[number]
        expect(page.locator(f"#tour-question-{number}")).to_contain_text(step.question)
        answered(page.locator(f"#tour-asked-{number}"))
        expect_figures(visitor, f"tour-asked-{number}", asked)
        expect(page.locator(f"#tour-revealed-{number}")).to_be_hidden()
        page.locator(f"#tour-guess-{number} label").nth(1).click()
        page.locator(f"#tour-reveal-{number}").click()
        said = answered(page.locator(f"#tour-revealed-{number}"))
        assert f"Your guess: {step.answers[1]}." in said
        assert ("✓ Right." in said) != ("✗ Not this time" in said)
        learned = page.locator(f"#tour-learned-{number}")
        expect(learned).to_be_visible(visible=number == len(STEPS))
        expect_figures(visitor, f"tour-revealed-{number}", revealed)
        if number < len(STEPS):
            page.locator(f"#tour-next-{number}").click()
    # It ends where the visitor's own voice is read.
    page.locator(f"#tour-next-{len(STEPS)}").click()
    expect(page.locator("#words textarea")).to_be_visible()
    visitor.open_tab("Tour")
    # Back to the first step by the stepper: its reveal is still there.
    page.locator("#tour-1-button").click()
    expect(page.locator("#tour-revealed-1")).to_be_visible()
    # Asked again, it starts anew.
    page.locator("#tour-run-1").click()
    expect(page.locator("#tour-revealed-1")).to_be_hidden()
    expect(page.locator("#tour-question-1")).to_be_visible()
    expect(page.locator("#tour-guess-1 input:checked")).to_have_count(0)


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_large_type_that_fits_every_screen(visit: Visit, app: RunningApp, mode: str) -> None:
    visitor = visit(f"{app.address}?__theme={mode}", viewport={"width": 375, "height": 800})
    page = open_tour(visitor)
    players = page.locator("#tour-1 audio")
    expect(players.locator("visible=true")).to_have_count(0)
    page.locator("#tour-run-1").click()
    expect(page.locator("#tour-asked-1-figure-0 .main-svg").first).to_be_visible()
    page.locator("#tour-reveal-1").click()  # a guess is not needed
    assert "Your guess" not in answered(page.locator("#tour-revealed-1"))
    expect(page.locator("#tour-revealed-1-figure-0 .main-svg").first).to_be_visible()
    # The first step keeps the voice for the reveal; the browser knows the length of the clip.
    expect(players.locator("visible=true")).to_have_count(1)
    page.wait_for_function("document.querySelector('#tour-1 audio').duration > 1")
    for width in (375, 1440):
        page.set_viewport_size({"width": width, "height": 800})
        page.wait_for_timeout(700)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        for place in ("#tour-asked-1 p", "#tour-question-1 p", "#tour-guess-1 label span"):
            size = page.locator(place).first.evaluate(
                "e => parseFloat(getComputedStyle(e).fontSize)"
            )
            assert size >= (22 if width == 1440 else 18), place
        box = page.locator("#tour-revealed-1-figure-0 .main-svg").first.bounding_box()
        assert box is not None and box["x"] >= 0 and box["x"] + box["width"] <= width
