"""Photographs every tab of the app, wide and narrow, light and dark, and the README's picture.

    python scripts/screenshots.py [FOLDER] [--checkpoint DIR]

Needs Chromium and the test requirements.
"""

from __future__ import annotations

import argparse
import shutil
import socket
import sys
from itertools import product
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from drkf.files import SHIPPED
from drkf.pipeline import EmotionPipeline
from drkf.ui import build_app, launch
from drkf.ui.texts.en import classroom as text_classroom
from drkf.ui.texts.en import live as text_live
from drkf.ui.texts.en import page as text
from drkf.ui.texts.en import workbench as text_workbench

ROOT = Path(__file__).resolve().parent.parent
README_PICTURE = ROOT / "assets" / "screenshot.png"
SIZES = {"wide": (1440, 900), "narrow": (390, 844)}
MODES = ("light", "dark")
ANSWER_MS = 180_000


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "folder", type=Path, nargs="?", default=ROOT / "build" / "screenshots",
        help="where the pictures go (default: build/screenshots)",
    )  # fmt: skip
    parser.add_argument("--checkpoint", default=str(ROOT / SHIPPED))
    arguments = parser.parse_args()
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        print("Chromium is missing: apt-get install chromium", file=sys.stderr)
        return 2
    arguments.folder.mkdir(parents=True, exist_ok=True)
    app = build_app(EmotionPipeline.from_pretrained(arguments.checkpoint))
    address = launch(app, "127.0.0.1", free_port())
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        for (size, (width, height)), mode in product(SIZES.items(), MODES):
            page = browser.new_page(viewport={"width": width, "height": height})
            page.set_default_timeout(ANSWER_MS)
            page.goto(f"{address}?__theme={mode}")
            for name in photograph(page, arguments.folder, f"{size}-{mode}"):
                print(name)
            page.close()
        browser.close()
    shutil.copy(arguments.folder / f"{file_name(text.TAB_ANALYSE)}-wide-light.png", README_PICTURE)
    app.close()
    return 0


def photograph(page: Page, folder: Path, suffix: str) -> list[Path]:
    """The page as it opens, the tab "Analyse" after an example, then every other tab."""
    page.wait_for_selector("#words textarea")
    pictures = [folder / f"start-{suffix}.png"]
    page.screenshot(path=pictures[-1], full_page=True)
    page.locator("#examples-disagree button").first.click()
    page.wait_for_selector("#download", timeout=ANSWER_MS)
    page.mouse.move(0, 0)
    for title, prepare in PREPARATIONS.items():
        open_tab(page, title)
        if prepare is not None:
            prepare(page)
        page.wait_for_timeout(1000)  # Plotly draws after its tab is shown
        name = file_name(title)
        pictures.append(folder / f"{name}-{suffix}.png")
        page.screenshot(path=pictures[-1], full_page=True)
    return pictures


def file_name(title: str) -> str:
    return title.lower().replace(" ", "-")


def open_tab(page: Page, title: str) -> None:
    tab = page.get_by_role("tab", name=title, exact=True)
    more = page.locator(".overflow-menu > button").first
    if tab.is_visible() or not more.is_visible():
        tab.click()
    else:  # Gradio folds what does not fit into a menu
        more.click()
        page.locator(".overflow-dropdown button", has_text=title).click()


def use_lab(page: Page) -> None:
    """Other words for the example, and the grid, which fills itself."""
    page.wait_for_selector("#lab-download", timeout=ANSWER_MS)
    page.locator("#lab-words textarea").fill("Thank you, I love this so much!")
    page.locator("#lab-words textarea").press("Enter")
    page.locator("#lab-answer", has_text="→").wait_for(timeout=ANSWER_MS)
    page.wait_for_selector("#grid-inconsistency .annotation-text", timeout=ANSWER_MS)


def take_tour(page: Page) -> None:
    """The fourth step, with its answer uncovered."""
    for number in (1, 2, 3):
        page.locator(f"#tour-next-{number}").click()
    page.locator("#tour-run-4").click()
    page.locator("#tour-guess-4 label").last.click(timeout=ANSWER_MS)
    page.locator("#tour-reveal-4").click()
    page.wait_for_selector("#tour-revealed-4-figure-1 .main-svg", timeout=ANSWER_MS)


def open_utterance(page: Page) -> None:
    """An example as a conversation, its first utterance open."""
    voice = ROOT / "assets" / "gallery" / "anger.flac"
    page.locator("#talk-audio input[type=file]").set_input_files(voice)
    page.locator("#talk-list input").first.click(timeout=ANSWER_MS)
    page.wait_for_selector("#talk-relevant-words .word", timeout=ANSWER_MS)


def ask_class(page: Page) -> None:
    """A room, and its class asked about an example."""
    page.locator("#class-open").click()
    page.wait_for_selector(".class-code")
    page.locator("#class-example input").click()
    page.get_by_role("option").last.click()
    page.locator("#class-ask").click()
    page.wait_for_selector(".class-count", timeout=ANSWER_MS)


def analyse_set(page: Page) -> None:
    """The example set, run, with one of its rows open."""
    page.locator("#set-example").click()
    page.locator("#set-about", has_text="rows").wait_for(timeout=ANSWER_MS)
    page.locator("#set-transcribe input").uncheck()
    page.locator("#set-run").click()
    page.locator("#set-status", has_text="analysed with").wait_for(timeout=5 * ANSWER_MS)
    page.locator("#set-rows [data-testid=cell-0-1]").click(timeout=ANSWER_MS)
    page.wait_for_selector("#set-relevant-words .word", timeout=ANSWER_MS)


PREPARATIONS = {
    text.TAB_ANALYSE: None,
    text.TAB_WHAT_IF: use_lab,
    text_workbench.TAB_WORKBENCH: analyse_set,
    text_live.TAB_LIVE: open_utterance,
    text_classroom.TAB_CLASS: ask_class,
    text.TAB_TOUR: take_tour,
    text.TAB_ABOUT: None,
}
"""Every tab, and what is done there before its picture is taken."""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


if __name__ == "__main__":
    sys.exit(main())
