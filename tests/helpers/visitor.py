"""What a visitor does with the app, and what they read."""

from __future__ import annotations

import base64
import json
import os
import re
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import ConsoleMessage, Locator, Page, TimeoutError, expect

ANSWER_MS = 120_000
SPOKEN = "We won the first prize, and I am so happy today."

expect.set_options(timeout=ANSWER_MS)

#: Markup of Gradio's own that the app cannot mend: pairs of axe rule and CSS selector.
ALLOWED: frozenset[tuple[str, str]] = frozenset()


@dataclass(frozen=True)
class RunningApp:
    """``files`` is the folder for temporary files, ``log`` all that the process printed."""

    address: str
    files: Path
    log: Path

    def recordings(self) -> list[Path]:
        return files_in(self.files)


def files_in(folder: Path) -> list[Path]:
    """All files below a folder, of which some may be deleted meanwhile."""
    return [Path(place, name) for place, _, names in os.walk(folder) for name in names]


class AppPage:
    """A visitor's page: what a person would do, and what they would read."""

    def __init__(self, page: Page, address: str) -> None:
        self.page = page
        self.faults: list[str] = []
        self.expected_fault: str | None = None
        page.on("console", self._note)
        page.on("pageerror", lambda error: self.faults.append(f"page error: {error}"))
        page.set_default_timeout(ANSWER_MS)
        page.goto(address)
        expect(page.locator("#words textarea")).to_be_visible()

    def _note(self, message: ConsoleMessage) -> None:
        expected = self.expected_fault is not None and self.expected_fault in message.text
        if message.type == "error" and not expected:
            self.faults.append(f"console: {message.text}")

    def open_tab(self, name: str) -> None:
        tab = self.page.get_by_role("tab", name=name, exact=True)
        menu = self.page.locator(".overflow-menu > button").first
        folded = self.page.locator(".overflow-dropdown button", has_text=name)
        deadline = time.monotonic() + ANSWER_MS / 1000
        while time.monotonic() < deadline:
            with suppress(TimeoutError):  # folded or unfolded in between
                if tab.is_visible():
                    return tab.click(timeout=2_000)
                if menu.is_visible():  # Gradio folds what does not fit into a menu
                    menu.click(timeout=2_000)
                    return (folded if folded.count() else tab).click(timeout=2_000)
            self.page.wait_for_timeout(50)
        raise AssertionError(f"no tab {name}")

    def leave(self) -> None:
        self.page.context.close()

    def type_words(self, words: str) -> None:
        box = self.page.locator("#words textarea")
        box.fill(words)
        box.press("Enter")

    def choose_file(self, path: Path) -> None:
        self.page.locator("#audio button[aria-label='Upload file']").click()
        self.page.locator("#audio input[type=file]").set_input_files(path)

    def record(self, seconds: float) -> None:
        self.page.locator("#audio button.record-button").click()
        expect(self.page.locator("#audio button.stop-button")).to_be_visible()
        self.page.wait_for_timeout(seconds * 1000)
        self.page.locator("#audio button.stop-button").click()

    def answer(self, after: dict[str, Any] | None = None) -> dict[str, Any]:
        """The downloaded analysis, once it is there and differs from the one before."""
        deadline = time.monotonic() + ANSWER_MS / 1000
        while time.monotonic() < deadline:
            link = self.page.locator("#download[href*='base64,']")
            if link.count():
                href = link.get_attribute("href") or ""
                analysis = json.loads(base64.b64decode(href.split("base64,")[1]))
                if analysis != after:
                    return analysis
            self.page.wait_for_timeout(100)
        raise AssertionError(f"no new answer; the verdict says: {self.verdict.inner_text()}")

    @property
    def verdict(self) -> Locator:
        return self.page.locator("#verdict")

    @property
    def words(self) -> str:
        return self.page.locator("#words textarea").input_value()

    def choose_example(self) -> None:
        """The first example that contradicts itself; after a run the examples are folded."""
        fold = self.page.locator("#examples > button")
        expect(fold).to_be_visible()
        example = self.page.locator("#examples-disagree button").first
        deadline = time.monotonic() + ANSWER_MS / 1000
        while time.monotonic() < deadline:
            if "open" not in (fold.get_attribute("class") or "").split():
                fold.click()
            with suppress(TimeoutError):  # folded in between
                return example.click(timeout=5_000)
        raise AssertionError("the examples cannot be reached")

    def open_folds(self, panel: str = "evidence") -> None:
        """Opens every card of the evidence, once it is there, and what is folded in it."""
        expect(self.page.locator(f"#{panel} .fold").first).to_be_visible()
        closed = self.page.locator(f"#{panel} .fold > button.label-wrap:not(.open):visible")
        while closed.count():
            closed.first.click()

    def expect_bars(self, figure: str, count: int) -> None:
        bars = self.page.locator(f"#{figure} .barlayer .point path")
        expect(bars, f"bars of {figure}").to_have_count(count)


def serious(page: Page) -> list[str]:
    """The serious and critical violations on the page as it stands."""
    found: list[str] = []
    for violation in Axe().run(page).response["violations"]:
        if violation["impact"] not in ("serious", "critical"):
            continue
        for node in violation["nodes"]:
            place = " ".join(str(part) for part in node["target"])
            allowed = any(
                rule == violation["id"]
                and page.evaluate(
                    "([place, allowed]) => document.querySelector(place)?.matches(allowed)",
                    [place, selector],
                )
                for rule, selector in ALLOWED
            )
            if not allowed:
                reasons = [check["message"] for check in node["any"] or node["all"]]
                found.append(f"{violation['id']} at {place}: {node['html'][:160]} {reasons[:1]}")
    return found


def settle(page: Page) -> None:
    """Waits until the page shows what it has to show, and nothing fades in any more."""
    # The tour's further steps are called pending, too.
    working = ".pending:not(.step-button):visible, .generating:visible"
    expect(page.locator(working)).to_have_count(0)
    # Empty places get their names, figures their roles.
    expect(page.locator(".js-plotly-plot:visible:not([role])")).to_have_count(0)
    expect(page.locator("div.empty[aria-label]:not([role])")).to_have_count(0)
    page.wait_for_function(
        "() => document.getAnimations().every((one) => one.playState !== 'running')"
    )


ENGLISH = re.compile(
    r"\b(the|and|of|is|are|with|without|voice|words|what|this|that|from|by|to|for|it|you"
    r"|your|how|when|which|anger|joy|sadness|fear|surprise|disgust|right|wrong|rows?|label)\b",
    re.IGNORECASE,
)
#: Names of a method, a licence and the tests' checkpoint, and what Gradio 6.31 says to screen
#: readers in English alone.
UNTRANSLATED = re.compile(
    r"Decoupled Representations with\s+Knowledge Fusion|CC BY|random weights for tests"
    r"|Adjust playback speed to|Skip (backwards|forward) by|Reset to default value"
    r"|(number input|range slider) for|Click to upload or drop files",
)
TEXTS_SHOWN = """() => {
    const own = 'textarea, input[type=checkbox], option, .relevant-words, .live-words, .tour-words';
    const found = [];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
        const node = walker.currentNode, parent = node.parentElement;
        if (node.data.trim() && !['SCRIPT', 'STYLE', 'NOSCRIPT'].includes(parent.tagName)
            && !parent.closest(own) && parent.checkVisibility({visibilityProperty: true}))
            found.push(node.data.trim());
    }
    for (const one of document.querySelectorAll('[aria-label], [title], [placeholder]'))
        if (one.checkVisibility({visibilityProperty: true}) && !one.closest(own))
            for (const name of ['aria-label', 'title', 'placeholder'])
                if (one.getAttribute(name)) found.push(one.getAttribute(name));
    return found;
}"""


def english_on(page: Page, said: str = "") -> list[str]:
    """What is seen or read out on the page that is English, figures included.

    Args:
        said: what somebody said or typed, whose single words do not count.
    """
    words = set(said.split())
    found = sorted(set(page.evaluate(TEXTS_SHOWN)))
    return [
        one
        for one in found
        if ENGLISH.search(UNTRANSLATED.sub("", one)) and one.split(": ")[0] not in words
    ]
