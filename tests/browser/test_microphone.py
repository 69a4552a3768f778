"""A microphone that cannot be had is told beside its button, and the next try works."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.helpers.visitor import ANSWER_MS, RunningApp

INSECURE = "lab.example"
FAKE = ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]


@contextmanager
def page_of(
    browser: Browser, address: str, arguments: list[str], script: str = ""
) -> Iterator[Page]:
    """The app in a Chromium of its own, whose microphone is as the arguments say.

    The script runs before the page's own.
    """
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    own = browser.browser_type.launch(executable_path=chromium, args=["--no-sandbox", *arguments])
    page = own.new_page()
    page.add_init_script(script)
    page.set_default_timeout(ANSWER_MS)
    page.goto(address)
    expect(page.locator("#audio button.record-button")).to_be_visible(timeout=ANSWER_MS)
    yield page
    own.close()


def record(page: Page) -> Locator:
    return page.locator("#audio button.record-button")


def note(page: Page, recorder: str = "audio") -> Locator:
    return page.locator(f"#{recorder}-microphone").get_by_role("alert")


def expect_live(page: Page, told: str) -> None:
    page.get_by_role("tab", name="Live").click()
    page.get_by_role("button", name="● Record").click()
    alert = page.locator("#live-microphone").get_by_role("alert")
    expect(alert).to_contain_text(told)
    expect(page.get_by_role("button", name="● Record")).to_be_visible()


def test_a_page_without_https_says_that_it_needs_it(browser: Browser, app: RunningApp) -> None:
    address = app.address.replace("127.0.0.1", INSECURE)
    mapped = f"--host-resolver-rules=MAP {INSECURE} 127.0.0.1"
    with page_of(browser, address, [*FAKE, mapped]) as page:
        assert page.evaluate("isSecureContext") is False
        expect(note(page)).to_contain_text("only to pages with HTTPS")
        record(page).click()
        expect(note(page)).to_contain_text("Uploading a file works here")
        expect_live(page, "only to pages with HTTPS")


@pytest.mark.parametrize(
    "arguments, told",
    [
        (["--use-fake-device-for-media-stream", "--deny-permission-prompts"], "allow it"),
        (["--use-fake-ui-for-media-stream"], "No microphone was found"),
    ],
    ids=["denied", "absent"],
)
def test_denied_and_absent(
    browser: Browser, app: RunningApp, arguments: list[str], told: str
) -> None:
    with page_of(browser, app.address, arguments) as page:
        expect(note(page)).to_be_hidden()
        record(page).click()
        expect(note(page)).to_contain_text(told)
        expect(record(page)).to_be_visible()
        expect_live(page, told)


IN_USE = """
const devices = MediaDevices.prototype, ask = devices.getUserMedia;
devices.getUserMedia = function (wanted) {
  return window.inUse
    ? Promise.reject(new DOMException("in use", "NotReadableError"))
    : ask.call(this, wanted);
};
"""
"""Under the page's own script, as a device in use answers."""


def test_one_in_use_then_free_and_a_double_click_that_records(
    browser: Browser, app: RunningApp, clip: Path
) -> None:
    hears = f"--use-file-for-fake-audio-capture={clip}"
    with page_of(browser, app.address, [*FAKE, hears], IN_USE) as page:
        answer = page.locator("#verdict .verdict-emotion, #verdict [role=alert]")
        stop = page.locator("#audio button.stop-button")
        page.wait_for_timeout(1000)
        page.evaluate("window.inUse = true")
        record(page).click()
        expect(note(page)).to_contain_text("close other programs")
        page.evaluate("window.inUse = false")
        record(page).click()
        expect(stop).to_be_visible()
        expect(note(page)).to_be_hidden()
        page.wait_for_timeout(2500)
        stop.click()
        expect(answer).to_be_visible()

        page.locator("#clear").click()
        expect(answer).to_be_hidden()
        record(page).dblclick()
        expect(stop).to_be_visible()
        expect(note(page)).to_contain_text("It is recording")
        page.wait_for_timeout(3000)
        stop.click()
        expect(answer).to_be_visible()
        expect(note(page)).to_be_hidden()

        page.get_by_role("tab", name="Live").click()
        page.get_by_role("button", name="● Record").dblclick()
        expect(page.get_by_role("button", name="■ Stop")).to_be_visible()
        page.wait_for_timeout(1500)
        expect(page.locator("#live-answer")).not_to_contain_text("Stopped")
        page.get_by_role("button", name="■ Stop").click()
        expect(page.locator("#live-answer")).to_contain_text("Stopped after")
