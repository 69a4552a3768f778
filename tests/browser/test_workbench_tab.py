"""The error analysis as a visitor meets it, in a real browser: a set in, findings out."""

from __future__ import annotations

import csv
import json
import re
import time
import zipfile
from collections.abc import Callable, Sequence
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
        visitor.open_tab("Error analysis")
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

    def start_long(self, table: Path, lines: Sequence[str]) -> None:
        """Runs a set of 1500 lines (and a heading) that is stopped before its end."""
        table.write_text("\n".join(lines))
        self.upload(table)
        expect(self.at("set-about")).to_contain_text("1500 rows")
        self.at("set-run").click()
        expect(self.at("set-status")).to_contain_text(" left")

    def cells(self, column: int) -> Locator:
        return self.at("set-rows").locator(f"[data-testid^=cell-][data-testid$='-{column}']")

    def expect_rows(self, told: str) -> None:
        """How many rows are shown; as a regular expression."""
        expect(self.at("set-shown")).to_contain_text(re.compile(told))

    def open_row(self, row: int) -> None:
        self.at("set-rows").locator(f"[data-testid=cell-{row}-1]").click()


@pytest.fixture
def bench(visit: Visit) -> SetPage:
    return SetPage(visit())


def test_a_set_is_removed_while_it_is_analysed_then_the_example_from_start_to_export(
    bench: SetPage, app: RunningApp, tmp_path: Path
) -> None:
    before = set(app.recordings())
    lines = (f"I am so happy, and this is {i}" for i in range(1500))
    bench.start_long(tmp_path / "sentences.csv", ["text", *lines])
    bench.at("set-clear").click()
    expect(bench.at("set-status")).to_contain_text("Nothing has been analysed")
    expect(bench.at("set-about")).to_contain_text("Upload a set")

    bench.at("set-example").click()
    expect(bench.at("set-about")).to_contain_text("50 rows")
    expect(bench.at("set-column-audio").locator("input")).to_have_value("audio")
    expect(bench.at("set-labels")).to_contain_text("frustrated")
    bench.run()
    expect(bench.at("set-status")).to_contain_text("50 of 50 rows analysed")
    bench.expect_rows("50 of 50 rows")

    # A cell of the matrix that has rows filters everything else.
    matrix = bench.at("set-confusion")
    label = bench.cells(2).first.inner_text().strip()
    predicted = bench.cells(3).first.inner_text().strip().removesuffix(" ?")
    matrix.scroll_into_view_if_needed()
    cells = matrix.locator(".nsewdrag")
    box = cells.bounding_box()
    assert box is not None
    cells.click(
        position={
            "x": box["width"] * (EMOTIONS.index(predicted) + 0.5) / len(EMOTIONS),
            "y": box["height"] * (EMOTIONS.index(label) + 0.5) / len(EMOTIONS),
        }
    )
    expect(bench.at("set-label").locator("input")).to_have_value(label)
    expect(bench.at("set-prediction").locator("input")).to_have_value(predicted)
    bench.expect_rows(r"(?<!\d)([1-9]|[1-4]\d) of 50 rows")
    expect(bench.cells(2).filter(has_not_text=label)).to_have_count(0)
    expect(bench.cells(2).first).to_have_text(label)
    bench.at("set-all").click()
    bench.expect_rows("50 of 50 rows")

    # A row plays, is analysed, noted, and goes to the lab.
    expect(bench.cells(2).filter(has_not_text=label).first).to_be_attached()
    expect(bench.cells(1).first).to_have_text("clip-01")
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
    new = set(app.recordings()) - before
    assert [path.name for path in new].count("results.csv") == 1

    bench.at("set-lab").click()
    expect(bench.page.locator("#lab-words textarea")).to_have_value(rows[0]["text"])
    bench.visitor.open_tab("Error analysis")
    bench.page.get_by_role("button", name="1. The set").click()
    bench.at("set-clear").click()
    expect(bench.at("look")).to_be_hidden()


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
    lines = (f"I am so happy today and this is sentence {i},joy" for i in range(1500))
    bench.start_long(tmp_path / "sentences.csv", ["text,label", *lines])
    bench.at("set-cancel").click()
    expect(bench.at("set-status")).to_contain_text("Stopped: ")
    answered = int(re.findall(r"Stopped: (\d+)", bench.at("set-status").inner_text())[0])
    assert 0 < answered < 1500
    expect(bench.at("set-shown")).to_contain_text("1500 of 1500 rows")


def test_hostile_uploads_are_one_line_text_stays_text_and_nothing_stays_of_a_closed_page(
    bench: SetPage, tmp_path: Path, app: RunningApp
) -> None:
    before = set(app.recordings())
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

    def kept(name: str) -> list[Path]:
        return [path for path in app.recordings() if path.name == name and path not in before]

    bench.at("set-prepare").click()
    expect(bench.at("set-kept")).to_contain_text("Ready")
    assert kept("results.csv") and not kept("texts.csv")
    bench.visitor.leave()
    deadline = time.monotonic() + 60
    while kept("results.csv") and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not kept("results.csv")
