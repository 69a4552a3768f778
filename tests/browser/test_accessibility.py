"""The page without a mouse, without sight, enlarged, and as axe-core judges it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from drkf.ui.texts.en import page as text
from tests.helpers.visitor import AppPage, RunningApp, serious, settle

Visit = Callable[..., AppPage]
SENTENCE = "I never want to see you again"


def tabs(page: Page) -> list[str]:
    """The names of all tabs, those in an overflow menu included."""
    return [name.strip() for name in page.get_by_role("tab").all_inner_texts() if name.strip()]


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_axe_finds_nothing_serious_on_any_tab_and_controls_have_names(
    visit: Visit, app: RunningApp, mode: str
) -> None:
    page = visit(f"{app.address}?__theme={mode}")
    assert serious(page.page) == []  # before there is an answer
    expect_names(page.page)
    page.choose_example()
    page.answer()
    for name in tabs(page.page):
        page.page.get_by_role("tab", name=name, exact=True).click()
        if name == text.TAB_WHAT_IF:  # it begins to compare when it is opened
            expect(page.page.locator("#lab-answer table")).to_be_visible()
            expect(page.page.locator("#grid-inconsistency .js-plotly-plot")).to_be_visible()
        settle(page.page)
        assert (found := serious(page.page)) == [], f"{name}: " + "\n".join(found)
        if mode == "light":
            expect_names(page.page)


def expect_names(page: Page) -> None:
    """Every control that can be seen has a name that a screen reader says."""
    for role in ("button", "textbox", "combobox", "radio", "checkbox", "slider", "spinbutton"):
        for control in page.get_by_role(role).all():
            if control.is_visible():
                snapshot = control.aria_snapshot().splitlines()[0]
                assert '"' in snapshot, snapshot


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
    region = page.page.locator("#verdict [aria-live=polite]")
    expect(region).to_have_count(1)
    page.page.evaluate("() => { window.region = document.querySelector('#verdict [aria-live]') }")
    for _ in range(40):
        page.page.keyboard.press("Tab")
        if focused(page.page)["tag"] == "TEXTAREA":
            break
    assert page.page.evaluate("document.activeElement.closest('#words') !== null")
    page.page.keyboard.type(SENTENCE)
    assert page.words == SENTENCE
    page.page.keyboard.press("Tab")
    assert (now := focused(page.page))["id"] == "analyse", now["html"]
    # What has the focus can be seen.
    style = page.page.evaluate(
        """() => { const s = getComputedStyle(document.activeElement);
                   return [s.outlineStyle, parseFloat(s.outlineWidth), s.boxShadow]; }"""
    )
    assert (style[0] != "none" and style[1] >= 1) or style[2] != "none"
    page.page.keyboard.press("Enter")
    analysis = page.answer()
    assert analysis["transcript"]["text"] == SENTENCE
    # The same element: screen readers say what changes in it, not what takes its place.
    expect(region).to_contain_text("There is no voice")
    assert page.page.evaluate("() => window.region.isConnected")
    for _ in range(60):  # on to the result: its download is the first thing in it to act upon
        page.page.keyboard.press("Tab")
        if focused(page.page)["id"] == "download":
            break
    assert focused(page.page)["id"] == "download"
    # A row of examples is one stop of Tab, and arrows go along it.
    page.page.locator("#examples > button").press("Enter")
    expect(page.page.locator("#examples-disagree button").first).to_be_visible()
    for key, row in (("Tab", "disagree"), ("ArrowRight", "disagree"), ("Tab", "neutral")):
        page.page.keyboard.press(key)
        assert page.page.evaluate("document.activeElement.parentElement.id") == f"examples-{row}"
    page.page.keyboard.press("Shift+Tab")
    second = page.page.locator("#examples-disagree button").nth(1)
    expect(second).to_be_focused()
    page.page.keyboard.press("Enter")
    page.answer(after=analysis)


@pytest.mark.parametrize(("width", "height"), [(720, 450), (375, 700)])
def test_enlarged_and_on_a_telephone_nothing_needs_sideways_scrolling(
    visit: Visit, width: int, height: int
) -> None:
    """720 wide is 1440 at 200 %; 375 is a telephone, which shows the verdict by itself."""
    page = visit(viewport={"width": width, "height": height})
    if width == 375:
        page.page.locator("#words textarea").scroll_into_view_if_needed()
        page.type_words(SENTENCE)
        page.answer()
        expect(page.verdict.locator(".verdict-sentence")).to_be_in_viewport()
    before = page.answer() if width == 375 else None
    page.choose_example()
    page.answer(after=before)
    for name in tabs(page.page):
        page.open_tab(name)
        expect(page.page.locator("[role=tabpanel]:visible").first).to_be_visible()
        assert page.page.evaluate("document.documentElement.scrollWidth") <= width, name
