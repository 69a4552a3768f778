"""The page without a mouse, without sight, enlarged, and as axe-core judges it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from drkf.figures.wording import Wording
from drkf.ui.texts.en import page as text
from tests.helpers.visitor import AppPage, RunningApp, serious, settle

Visit = Callable[..., AppPage]
SENTENCE = "I never want to see you again"


def tabs(page: Page) -> list[str]:
    """The names of all tabs, those in an overflow menu included."""
    return [name.strip() for name in page.get_by_role("tab").all_inner_texts() if name.strip()]


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_axe_finds_nothing_serious_on_any_tab(visit: Visit, app: RunningApp, mode: str) -> None:
    page = visit(f"{app.address}?__theme={mode}")
    assert serious(page.page) == []  # before there is an answer
    page.choose_example()
    page.answer()
    for name in tabs(page.page):
        page.page.get_by_role("tab", name=name, exact=True).click()
        if name == text.TAB_WHAT_IF:  # it begins to compare when it is opened
            expect(page.page.locator("#lab-answer table")).to_be_visible()
            expect(page.page.locator("#grid-inconsistency .js-plotly-plot")).to_be_visible()
        settle(page.page)
        assert (found := serious(page.page)) == [], f"{name}: " + "\n".join(found)


def focused(page: Page) -> dict[str, Any]:
    return page.evaluate(
        """() => ({id: document.activeElement.closest('[id]')?.id ?? '',
                   tag: document.activeElement.tagName,
                   html: document.activeElement.outerHTML.slice(0, 200)})"""
    )


def test_the_main_job_without_a_mouse(visit: Visit) -> None:
    """From the top of the page: Tab to the words, type, Tab to the button, Enter, read."""
    page = visit()
    settle(page.page)
    for _ in range(40):
        page.page.keyboard.press("Tab")
        if focused(page.page)["tag"] == "TEXTAREA":
            break
    assert page.page.evaluate("document.activeElement.closest('#words') !== null")
    page.page.keyboard.type(SENTENCE)
    assert page.words == SENTENCE
    page.page.keyboard.press("Tab")
    assert (now := focused(page.page))["id"] == "analyse", now["html"]
    page.page.keyboard.press("Enter")
    assert page.answer()["transcript"]["text"] == SENTENCE
    for _ in range(60):  # on to the result: its download is the first thing in it to act upon
        page.page.keyboard.press("Tab")
        if focused(page.page)["id"] == "download":
            break
    assert focused(page.page)["id"] == "download"


def test_what_has_the_focus_can_be_seen(visit: Visit) -> None:
    page = visit()
    page.page.locator("#words textarea").focus()
    page.page.keyboard.press("Tab")
    style = page.page.evaluate(
        """() => { const s = getComputedStyle(document.activeElement);
                   return [s.outlineStyle, parseFloat(s.outlineWidth), s.boxShadow]; }"""
    )
    assert (style[0] != "none" and style[1] >= 1) or style[2] != "none"


def test_the_result_is_announced(visit: Visit) -> None:
    page = visit()
    region = page.page.locator("#verdict [aria-live=polite]")
    expect(region).to_have_count(1)
    page.page.evaluate("() => { window.region = document.querySelector('#verdict [aria-live]') }")
    page.type_words(SENTENCE)
    page.answer()
    # The same element: screen readers say what changes in it, not what takes its place.
    assert page.page.evaluate("() => window.region.isConnected")
    expect(region).to_contain_text("There is no voice")


def test_figures_have_their_values_as_text(visit: Visit) -> None:
    page = visit()
    page.choose_example()
    analysis = page.answer()
    page.open_folds()
    figure = page.page.locator("#probabilities .js-plotly-plot")
    expect(figure).to_have_attribute("role", "img")
    expect(figure).to_have_attribute("aria-label", "All seven emotions")
    rows = page.page.locator("#probabilities .figure-values tr")
    expect(rows).to_have_count(3 * len(analysis["probabilities"]))
    told = [row.locator("th, td").all_text_contents() for row in rows.all()]
    for emotion, value in analysis["probabilities"].items():
        assert [emotion, Wording().fused, f"{value:.2f}"] in told
    gauge = page.page.locator("#gauge .figure-values")
    expect(gauge).to_contain_text(f"{analysis['inconsistency']['discrimination']:.2f}")
    phi = analysis["shapley"]["phi"]["audio"]
    expect(page.page.locator("#shapley .figure-values")).to_contain_text(f"{phi:.2f}")
    # Heard, not seen.
    box = page.page.locator("#probabilities .figure-values").bounding_box()
    assert box is not None and box["width"] <= 2


def test_controls_have_names(visit: Visit) -> None:
    """Every control that can be seen has a name that a screen reader says."""
    page = visit()
    for name in tabs(page.page):
        page.page.get_by_role("tab", name=name, exact=True).click()
        for role in ("button", "textbox", "combobox", "radio", "checkbox", "slider", "spinbutton"):
            for control in page.page.get_by_role(role).all():
                if control.is_visible():
                    snapshot = control.aria_snapshot().splitlines()[0]
                    assert '"' in snapshot, f"{name}: {snapshot}"


@pytest.mark.parametrize(("width", "height"), [(720, 450), (375, 700)])
def test_enlarged_and_on_a_telephone_nothing_needs_sideways_scrolling(
    visit: Visit, width: int, height: int
) -> None:
    """720 wide is 1440 at 200 %; 375 is a telephone."""
    page = visit(viewport={"width": width, "height": height})
    page.choose_example()
    page.answer()
    names = tabs(page.page)
    for name in names:
        page.open_tab(name)
        expect(page.page.locator("[role=tabpanel]:visible").first).to_be_visible()
        assert page.page.evaluate("document.documentElement.scrollWidth") <= width, name
