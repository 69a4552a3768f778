"""A visitor whose browser asks for German."""

from __future__ import annotations

import re
from collections.abc import Callable

import httpx
from playwright.sync_api import expect

from drkf.ui.texts.de import evidence as text_evidence_de
from drkf.ui.texts.de import live as text_live
from drkf.ui.texts.de import page as text_de
from drkf.ui.texts.de import workbench as text_set
from drkf.ui.texts.en import page as text
from tests.helpers.visitor import AppPage, RunningApp, english_on, settle

Visit = Callable[..., AppPage]
SENTENCE = "I never want to see you again"


def test_nothing_on_a_german_page_is_english_figures_and_notes_included(visit: Visit) -> None:
    page = visit(locale="de-DE")
    expect(page.page.locator("#analyse")).to_have_text(text_de.ANALYSE_BUTTON)
    expect(page.page.get_by_role("tab", name=text_de.TAB_WHAT_IF)).to_be_visible()
    expect(page.page.locator("#title")).to_contain_text(text_de.SUBTITLE)
    expect(page.verdict).to_contain_text(text_de.STATUS_EMPTY)
    expect(page.page.locator("#words textarea")).to_have_attribute(
        "placeholder", text_de.WORDS_PLACEHOLDER
    )
    assert page.page.evaluate("document.documentElement.lang") == "de"
    page.type_words(SENTENCE)
    words_alone = page.answer()
    expect(page.verdict).to_contain_text(text_de.WORDS_ONLY)
    expect(page.verdict).to_contain_text("berechnet")
    expect(page.page.locator("#words")).to_contain_text(text_de.WORDS_LABEL_TYPED)
    expect(page.page.locator("#download")).to_have_text(text_de.DOWNLOAD)
    page.open_folds()
    expect(page.page.locator("#evidence")).to_contain_text(text_evidence_de.PROBABILITIES_CAVEAT)
    settle(page.page)
    assert english_on(page.page, SENTENCE) == []

    page.choose_example()
    said = page.answer(after=words_alone)["transcript"]["text"]
    page.open_folds()
    expect(page.page.locator("#timeline .main-svg").first).to_be_visible()
    settle(page.page)
    assert english_on(page.page, said) == []
    for tab in (text_de.TAB_WHAT_IF, text_live.TAB_LIVE, text_set.TAB_WORKBENCH, text_de.TAB_ABOUT):
        page.open_tab(tab)
        settle(page.page)
        assert english_on(page.page, said) == [], tab


def test_errors_and_the_tour_are_german_where_the_app_makes_them(visit: Visit) -> None:
    page = visit(locale="de-AT")
    page.open_tab(text_de.TAB_WHAT_IF)
    lab = page.page.locator("#lab-answer")
    expect(lab).to_contain_text(text_de.LAB_UNCHANGED)
    expect(lab).to_contain_text("Stimme allein")
    page.page.locator("#lab-source input").click()  # its list came with an event
    expect(page.page.get_by_role("option", name=text_de.LAB_SOURCE_CURRENT)).to_be_visible()
    page.page.keyboard.press("Escape")
    page.page.locator("#grid-choice > button").click()
    page.page.locator("#grid-sentences textarea").fill("\n".join("abcdefg"))
    page.page.locator("#grid-fill").click()
    expect(page.page.locator("#grid-status").get_by_role("alert")).to_have_text(
        text_de.GRID_TOO_LARGE.format(most=6)
    )

    page.open_tab(text_de.TAB_TOUR)
    page.page.locator("#tour-run-1").click()
    asked = page.page.locator("#tour-asked-1")
    expect(asked).to_contain_text(re.compile("Aus den Worten allein liest das Modell"))
    guess = page.page.locator("#tour-guess-1 label").first
    expect(guess).to_have_text(text_de.TOUR_ONE_ANSWERS[0])
    guess.click()
    page.page.locator("#tour-reveal-1").click()
    revealed = page.page.locator("#tour-revealed-1")
    expect(revealed).to_contain_text(text_de.TOUR_GUESSED.format(guess=text_de.TOUR_ONE_ANSWERS[0]))


def test_two_visitors_at_once_each_in_their_language(visit: Visit) -> None:
    """Other languages get English, and whoever chooses one on the page that one."""
    german, other = visit(locale="de-DE"), visit(locale="fr-FR")
    german.type_words(SENTENCE)
    other.type_words(SENTENCE)
    german.answer()
    other.answer()
    expect(german.verdict).to_contain_text(text_de.WORDS_ONLY)
    expect(other.verdict).to_contain_text(text.WORDS_ONLY)
    expect(other.page.locator("#analyse")).to_have_text(text.ANALYSE_BUTTON)
    other.page.locator("[data-language=de]").click()
    expect(other.page.locator("#analyse")).to_have_text(text_de.ANALYSE_BUTTON)
    assert other.page.evaluate("document.documentElement.lang") == "de"
    other.type_words(SENTENCE)
    other.answer()
    expect(other.verdict).to_contain_text(text_de.WORDS_ONLY)


def test_programs_read_the_same_names_in_every_language(app: RunningApp) -> None:
    told = [
        httpx.get(f"{app.address}gradio_api/info", headers={"accept-language": language}).json()
        for language in ("en", "de")
    ]
    assert told[0]["named_endpoints"] == told[1]["named_endpoints"]
