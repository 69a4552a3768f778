"""The error analysis as a visitor meets it, in a real browser: a set in, findings out."""

from __future__ import annotations

import csv
import json
import re
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Locator, expect

from drkf.labels import EMOTIONS
from tests.helpers.visitor import AppPage, RunningApp, serious, settle

Visit = Callable[..., AppPage]


class SetPage:
    """The tab's controls and what they lead to."""

    def __init__(self, visitor: AppPage) -> None:
        self.visitor = visitor
        self.page = visitor.page
        self.page.get_by_role("tab", name="Error analysis").click()
        expect(self.at("set-example")).to_be_visible()

    def at(self, elem_id: str) -> Locator:
        return self.page.locator(f"#{elem_id}")

    def upload(self, *paths: Path) -> None:
        self.at("set-files").locator("input[type=file]").set_input_files(paths)

    def run(self) -> None:
        self.at("set-transcribe").locator("input").uncheck()
        self.at("set-run").click()
        expect(self.at("set-status")).to_contain_text("analysed with")
        expect(self.at("set-confusion").locator(".main-svg").first).to_be_visible()

    def cells(self, column: int) -> list[str]:
        found = self.at("set-rows").locator(f"[data-testid^=cell-][data-testid$='-{column}']")
        return [cell.strip() for cell in found.all_text_contents()]

    def open_row(self, row: int) -> None:
        self.at("set-rows").locator(f"[data-testid=cell-{row}-1]").click()

    def counts(self) -> tuple[int, int]:
        shown, total = re.findall(
            r"(\d+) of (\d+) rows(?! are)", self.at("set-shown").inner_text()
        )[0]
        return int(shown), int(total)


@pytest.fixture
def bench(visit: Visit) -> SetPage:
    return SetPage(visit())


def test_the_example_set_from_start_to_export(bench: SetPage, app: RunningApp) -> None:
    bench.at("set-example").click()
    expect(bench.at("set-about")).to_contain_text("50 rows")
    assert bench.at("set-column-audio").locator("input").input_value() == "audio"
    expect(bench.at("set-labels")).to_contain_text("frustrated")
    bench.run()
    expect(bench.at("set-status")).to_contain_text("50 of 50 rows analysed")
    assert bench.counts() == (50, 50)

    # A cell of the matrix that has rows filters everything else.
    matrix = bench.at("set-confusion")
    expect(bench.at("set-rows").locator("[data-testid=cell-0-2]")).to_be_visible()
    label = bench.cells(2)[0]
    predicted = bench.cells(3)[0].removesuffix(" ?")
    matrix.scroll_into_view_if_needed()
    box = matrix.locator(".nsewdrag").bounding_box()
    assert box is not None
    bench.page.mouse.click(
        box["x"] + box["width"] * (EMOTIONS.index(predicted) + 0.5) / len(EMOTIONS),
        box["y"] + box["height"] * (EMOTIONS.index(label) + 0.5) / len(EMOTIONS),
    )
    expect(bench.at("set-label").locator("input")).to_have_value(label)
    expect(bench.at("set-prediction").locator("input")).to_have_value(predicted)
    expect(bench.at("set-shown")).not_to_contain_text("50 of 50 rows")
    kept = bench.counts()[0]
    assert 0 < kept < 50
    expect(bench.at("set-rows").locator("[data-testid$='-2'][data-row]").first).to_have_text(label)
    assert set(bench.cells(2)) == {label}
    bench.at("set-all").click()
    expect(bench.at("set-shown")).to_contain_text("50 of 50 rows")

    # A row plays, is analysed, noted, and goes to the lab.
    bench.open_row(0)
    expect(bench.at("set-row")).to_contain_text("Row 1: clip-01")
    bench.at("set-near").scroll_into_view_if_needed()
    expect(bench.at("set-near")).to_contain_text("clip-")
    player = bench.at("set-player").locator("audio")
    expect(player).to_have_attribute("autoplay", "")
    player.evaluate("(one) => one.setAttribute('data-heard', '')")
    bench.visitor.open_folds("set-evidence")
    expect(bench.at("set-shapley").locator(".barlayer .point path").first).to_be_attached()
    expect(player, "the explanations do not play it again").to_have_attribute("data-heard", "")
    expect(bench.at("set-timeline").locator(".main-svg").first).to_be_visible()
    bench.at("set-note").locator("textarea").fill("Sounds ironic")
    bench.at("set-tags").locator("input, textarea").fill("irony")
    bench.at("set-save").click()
    expect(bench.at("set-noted")).to_contain_text("1 row has a note")
    with bench.page.expect_download() as notes:
        bench.at("set-session-link").click()
    saved = json.loads(Path(notes.value.path()).read_text("utf-8"))
    assert saved["notes"] == {"clip-01": {"note": "Sounds ironic", "tags": ["irony"]}}

    bench.at("set-prepare").click()
    expect(bench.at("set-kept")).to_contain_text("Ready: results.csv")
    with bench.page.expect_download() as download:
        bench.at("set-file").locator("a[download]").first.click()
    with Path(download.value.path()).open(encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 50 and rows[0]["tags"] == "irony" and "/" not in rows[0]["id"]
    assert rows[0]["audio"] == "clips/01.ogg"
    assert [path.name for path in app.recordings()].count("results.csv") == 1

    bench.at("set-lab").click()
    expect(bench.page.locator("#lab-words textarea")).to_have_value(rows[0]["text"])


def test_every_view_is_drawn(bench: SetPage) -> None:
    bench.at("set-example").click()
    expect(bench.at("set-about")).to_contain_text("50 rows")
    bench.run()
    views = {
        "Calibration": ("set-reliability", "set-risk"),
        "Slices": ("set-worst", "set-facets"),
        "Voice against words": ("set-inconsistency", "set-who"),
        "Labels to check": ("set-suspects",),
    }
    for name, figures in views.items():
        bench.page.get_by_role("tab", name=name, exact=True).click()
        for figure in figures:
            expect(bench.at(figure).locator(".main-svg").first).to_be_visible()
        settle(bench.page)
        assert serious(bench.page) == [], name
    bench.page.get_by_role("tab", name="Map", exact=True).click()
    bench.at("set-draw").click()
    expect(bench.at("set-map").locator(".main-svg").first).to_be_visible()
    # Forced: what Plotly lays over its points takes the click, as it does a visitor's.
    bench.at("set-map").locator(".scatterlayer .point").first.click(force=True)
    expect(bench.at("set-row")).to_contain_text("Row ")
    settle(bench.page)
    assert serious(bench.page) == []


def test_a_run_is_stopped_and_its_rows_stay(bench: SetPage, tmp_path: Path) -> None:
    table = tmp_path / "sentences.csv"
    lines = [f"I am so happy today and this is sentence {i},joy" for i in range(1500)]
    table.write_text("\n".join(["text,label", *lines]))
    bench.upload(table)
    expect(bench.at("set-about")).to_contain_text("1500 rows")
    bench.at("set-run").click()
    expect(bench.at("set-status")).to_contain_text(" left")
    bench.at("set-cancel").click()
    expect(bench.at("set-status")).to_contain_text("Stopped: ")
    answered = int(re.findall(r"Stopped: (\d+)", bench.at("set-status").inner_text())[0])
    assert 0 < answered < 1500
    expect(bench.at("set-shown")).to_contain_text("1500 of 1500 rows")


def test_a_set_is_removed_while_it_is_analysed(bench: SetPage, tmp_path: Path) -> None:
    table = tmp_path / "sentences.csv"
    table.write_text("\n".join(["text", *(f"I am so happy, and this is {i}" for i in range(1500))]))
    bench.upload(table)
    expect(bench.at("set-about")).to_contain_text("1500 rows")
    bench.at("set-run").click()
    expect(bench.at("set-status")).to_contain_text(" left")
    bench.at("set-clear").click()
    expect(bench.at("set-status")).to_contain_text("Nothing has been analysed")
    expect(bench.at("set-about")).to_contain_text("Upload a set")
    bench.at("set-example").click()
    expect(bench.at("set-about")).to_contain_text("50 rows")
    bench.run()
    expect(bench.at("set-status")).to_contain_text("50 of 50 rows analysed")
    bench.page.get_by_role("button", name="1. The set").click()
    bench.at("set-clear").click()
    expect(bench.at("look")).to_be_hidden()


def test_hostile_uploads_are_one_line_and_text_stays_text(
    bench: SetPage, tmp_path: Path, app: RunningApp
) -> None:
    evil = tmp_path / "evil.zip"
    with zipfile.ZipFile(evil, "w") as archive:
        archive.writestr("../../evil.wav", b"x")
    bench.upload(evil)
    expect(bench.at("set-about").get_by_role("alert")).to_contain_text("leaves its folder")
    assert not [path for path in app.recordings() if "evil" in path.name]

    said = "<img src=x onerror=alert(1)> **hello** <script>alert(2)</script>"
    table = tmp_path / "texts.csv"
    with table.open("w", newline="") as file:
        csv.writer(file).writerows([["id", "text", "label"], ["<b>1</b>", said, "joy"]])
    dialogs: list[str] = []
    bench.page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    bench.upload(table)
    expect(bench.at("set-about")).to_contain_text("1 row,")
    bench.run()
    expect(bench.at("set-rows").locator("[data-testid=cell-0-1]")).to_have_text("<b>1</b>")
    expect(bench.at("set-rows").locator("[data-testid=cell-0-11]")).to_have_text(said)
    bench.open_row(0)
    expect(bench.at("set-row")).to_contain_text("Row 1: <b>1</b>")
    bench.visitor.open_folds("set-evidence")
    expect(bench.at("set-word-relevance").locator(".main-svg").first).to_be_visible()
    assert dialogs == [] and bench.page.locator("#look img[src=x]").count() == 0


def test_nothing_stays_when_the_page_is_closed(
    bench: SetPage, tmp_path: Path, app: RunningApp
) -> None:
    table = tmp_path / "mine.csv"
    table.write_text("text\nI am very happy\n")
    bench.upload(table)
    expect(bench.at("set-about")).to_contain_text("1 row,")
    bench.run()
    bench.at("set-prepare").click()
    expect(bench.at("set-kept")).to_contain_text("Ready")
    assert [path for path in app.recordings() if path.name == "results.csv"]
    assert not [path for path in app.recordings() if path.name == "mine.csv"]
    other = bench.page.context.new_page()
    bench.page.close()
    for _ in range(600):
        if not [path for path in app.recordings() if path.name == "results.csv"]:
            break
        other.wait_for_timeout(100)
    assert not [path for path in app.recordings() if path.name == "results.csv"]
