"""A lesson in a browser: a room, a phone from the QR code's address to the result, the links."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Browser, expect

from drkf.ui.texts.en import classroom as text
from drkf.ui.texts.en import page as text_page
from tests.helpers.visitor import ANSWER_MS, AppPage, RunningApp, serious

Visit = Callable[..., AppPage]


def test_a_phone_from_the_code_to_the_result(
    visit: Visit, app: RunningApp, browser: Browser
) -> None:
    teacher = visit(f"{app.address}?tab=class&example=joy").page
    teacher.locator("#class-open").click()
    shown = teacher.locator(".class-code")
    expect(shown).to_have_text(re.compile(r"\w"))
    code = shown.inner_text()
    expect(teacher.locator("#class-example input")).to_have_value("Good news")
    teacher.locator("#class-ask").click()
    expect(teacher.locator("#class-status")).to_contain_text("Votes: 0 of 0 phones")

    phone = browser.new_context(viewport={"width": 390, "height": 844}, color_scheme="dark")
    page = phone.new_page()
    page.set_default_timeout(ANSWER_MS)
    faults: list[str] = []
    page.on("console", lambda said: faults.append(said.text) if said.type == "error" else None)
    page.goto(f"{app.address}vote")
    page.locator("#code").fill(code.lower())
    page.get_by_role("button", name=text.VOTE["join"]).click()
    expect(page.locator("#words")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert serious(page) == []
    for name in ("joy", text.VOTE_SURE["certain"], text.VOTE_AGREE["yes"]):
        page.locator(".choices label", has_text=re.compile(f"^{name}$")).click()
    page.locator("#send").click()
    expect(page.locator("#status")).to_have_text(text.VOTE_SAYS["voted"])
    expect(teacher.locator("#class-status")).to_contain_text("1 of 1 phones")
    # On a projector code and count are seen together, and so is what a list offers.
    teacher.set_viewport_size({"width": 1280, "height": 720})
    teacher.get_by_role("button", name="Projector").click()
    for seen in (".class-qr svg", ".class-code", ".class-count"):
        expect(teacher.locator(seen)).to_be_in_viewport(ratio=1)
    teacher.locator("#class-example input").click()
    expect(teacher.get_by_role("listbox")).to_be_in_viewport(ratio=0.9)
    teacher.keyboard.press("Escape")
    teacher.get_by_role("button", name="Projector").click()
    teacher.locator("#class-uncover").click()
    expect(teacher.locator("#class-said")).to_contain_text("The class reads most often joy")
    expect(teacher.locator("#class-bars .barlayer .point path")).to_have_count(4 * 7)
    assert serious(teacher) == []
    expect(page.locator("#result-title")).to_have_text("Good news")
    assert serious(page) == []

    teacher.locator("#class-annotate").click()
    expect(page.locator("#place")).to_have_text("Clip 1 of 10")
    for name in ("fear", text.VOTE_SURE["guess"], text.VOTE_AGREE["no"]):
        page.locator(".choices label", has_text=re.compile(f"^{name}$")).click()
    page.locator("#send").click()
    expect(page.locator("#place")).to_have_text("Clip 2 of 10")
    teacher.locator("#class-uncover").click()
    expect(teacher.locator(".class-clips tbody tr")).to_have_count(10)
    expect(page.locator("#annotated-rows tr")).to_have_count(10)
    expect(page.locator("#annotated-rows tr").first.locator("td").first).to_have_text("fear")
    assert serious(page) == []

    teacher.get_by_role("tab", name=text_page.TAB_TOUR, exact=True).click()
    teacher.locator("#tour-run-1").click()
    page.locator("#answers label", has_text=text_page.TOUR_ONE_ANSWERS[2]).click()
    page.locator("#send-answer").click()
    expect(teacher.locator("#tour-count-1")).to_contain_text("1 of 1 phones")
    teacher.locator("#tour-reveal-1").click()
    told = teacher.locator("#tour-revealed-1 table")
    expect(told).to_contain_text(f"{text_page.TOUR_ONE_ANSWERS[2]} ✓")
    expect(page.locator("#poll-rows tr").last).to_contain_text("✓")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert serious(page) == []
    assert faults == []
    phone.close()
