"""The HTML report, read as a file and opened offline in Chromium."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import soundfile
from playwright.sync_api import Page, sync_playwright
from sklearn.metrics import balanced_accuracy_score

from drkf.errors import ResultsError
from drkf.workbench import report
from drkf.workbench.results import Results
from tests.helpers.made_results import make_results

HOSTILE = (
    "<script>alert(1)</script>",
    "</script><script>alert(2)</script>",
    '"><img src="https://example.com/x.png" onerror=alert(3)>',
    "<!--<script>",
    '<a href="https://a.b">x</a>',
    "{{ 7 * 7 }} %{x} \u2028 ${alert(4)}",
    "' onmouseover='alert(5)",
)
PATIENCE = 240_000  # ms


def hostile_results(count: int = 80) -> Results:
    """Made-up results with markup wherever text comes from outside."""
    results = make_results(count, seed=4)
    table = results.table
    for column in ("id", "text", "speaker", "gender", "corpus", "original_label", "warnings"):
        table[column] = [
            HOSTILE[i % len(HOSTILE)] + (str(i) if column == "id" else "") for i in range(count)
        ]
    table.loc[~results.usable, "error"] = HOSTILE[2]
    return replace(results, checkpoint=HOSTILE[0])


def in_chromium(path: Path, look: Callable[[Page], Any], refused: int = 0, **context: Any) -> Any:
    """Opens a file without a network, and what ``look`` makes of it.

    Fails if the page asks for anything, opens a dialog or complains in its console, but for
    ``refused`` complaints of its security policy. In a thread of its own, since a thread can run
    only one Playwright.
    """
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    assert chromium, "Chromium is missing: apt-get install chromium"
    faults: list[str] = []

    def run() -> Any:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
            visitor = browser.new_context(offline=True, **context)
            visitor.set_default_timeout(PATIENCE)
            page = visitor.new_page()
            page.on("dialog", lambda dialog: faults.append(dialog.message))
            page.on("console", lambda line: faults.append(line.text))
            page.on("pageerror", lambda error: faults.append(str(error)))
            page.on("request", lambda request: faults.append(request.url))
            page.goto(path.as_uri(), timeout=PATIENCE)
            page.wait_for_selector("body[data-drawn]", timeout=PATIENCE)
            found = look(page)
            browser.close()
            return found

    with ThreadPoolExecutor(1) as pool:
        found = pool.submit(run).result()
    allowed = ("data:", "blob:", path.as_uri())
    faults = [fault for fault in faults if not fault.startswith(allowed)]
    by_policy = [fault for fault in faults if "Content Security Policy" in fault]
    assert len(by_policy) == refused and by_policy == faults, faults
    return found


def data_of(path: Path) -> dict[str, Any]:
    """The rows and figures inside a report."""
    page = path.read_text(encoding="utf-8")
    (found,) = re.findall(r'<script type="application/json" id="data">(.*?)</script>', page)
    return json.loads(found)


@pytest.mark.timeout(900)
def test_a_hostile_table_offline(tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    results = hostile_results()
    report.write_html(results, path, compare=hostile_results())
    figures = len(data_of(path)["figures"])

    def look(page: Page) -> None:
        # Every figure is drawn, and nothing of the data has become an element.
        assert page.locator(".js-plotly-plot .main-svg").count() >= figures
        assert page.locator("script").count() == 3
        assert page.locator("img, iframe, [onerror], [onmouseover], a").count() == 0
        assert page.locator("header dd").first.text_content().startswith(HOSTILE[0])
        # A row opens with its text as it is.
        row = 1
        page.get_by_role("searchbox").fill(results.table["id"][row])
        page.locator("#table tbody tr").first.click()
        assert page.locator("#detail h3").text_content() == results.table["id"][row]
        assert HOSTILE[row] in page.locator("#detail").text_content()
        # The policy holds for what gets in by another way, too.
        assert page.evaluate(
            """() => {
                const script = document.createElement("script");
                script.textContent = "window.ran = true";
                document.body.append(script);
                return window.ran === undefined;
            }"""
        )

    in_chromium(path, look, refused=1)


@pytest.mark.timeout(900)
def test_the_table_sorts_filters_and_follows_the_figures(tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    results = make_results(130, seed=1)
    report.write_html(results, path)
    table = results.table

    def look(page: Page) -> None:
        status, lines = page.locator("#status"), page.locator("#table tbody tr")
        assert status.text_content() == "130 of 130 rows, 1–50 shown"
        page.locator("#next").click()
        assert lines.first.locator("td").first.text_content() == table["id"][50]
        page.locator("#table thead button", has_text="inconsistency").click()
        page.locator("#table thead button", has_text="inconsistency").click()
        page.locator("#previous").wait_for()
        highest = table.loc[table["inconsistency"].idxmax(), "id"]
        assert lines.first.locator("td").first.text_content() == highest
        sorted_by = page.locator("#table th[aria-sort=descending]")
        assert sorted_by.text_content() == "inconsistency ▼"

        page.locator("#outcome").select_option("wrong")
        wrong = int((table["correct"] == False).sum())  # noqa: E712
        assert status.text_content().startswith(f"{wrong} of 130 rows")
        page.locator("#clear").click()

        # A click on a cell of the confusion matrix shows its rows.
        label = table.loc[results.scored, "label"].iloc[0]
        heat = page.locator(".figure[data-action=cell]")
        heat.evaluate(
            """(figure, label) => figure.emit("plotly_click",
                { points: [{ customdata: [label, label] }] })""",
            label,
        )
        right = int(((table["label"] == label) & (table["emotion"] == label)).sum())
        assert status.text_content().startswith(f"{right} of 130 rows")

        page.locator("[data-slice]").first.click()
        slice_rows = len(data_of(path)["slices"][0]["rows"])
        assert status.text_content().startswith(f"{slice_rows} of 130 rows (")

    in_chromium(path, look, color_scheme="dark")


def test_the_report_says_what_it_is_of_and_what_it_leaves_out(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "report.html"
    results = make_results(600, seed=1, accuracy=0.4)
    report.write_html(results, path)
    page = path.read_text(encoding="utf-8")
    assert results.checkpoint_hash in page and results.checkpoint in page
    told = " ".join(page.split())
    assert "600: 480 with a result and a label, 60 with a result but no usable label, 60" in told
    assert "10 of 60 rows that could not be analysed" in told
    assert "The clips' sound." in page.replace("&#39;", "'")
    assert "the clip is damaged" in page
    # Nothing to fetch stands anywhere outside the scripts.
    markup = re.sub(r"<script.*?</script>", "", page, flags=re.DOTALL)
    assert "http:" not in markup and "https:" not in markup
    assert markup.count("default-src &#39;none&#39;") == 1
    assert [one.name for one in path.parent.iterdir()] == ["report.html"]


def test_the_shown_figures_follow_from_the_rows_in_the_file(tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    report.write_html(make_results(150, seed=6), path)
    data = data_of(path)
    scored = [row for row in data["rows"] if row["label"] and not row["error"]]
    said = [row["emotion"] for row in scored]
    assert all(
        max(row["fused"]) == dict(zip(data["labels"], row["fused"], strict=True))[one]
        for row, one in zip(scored, said, strict=True)
    )
    truth = [row["label"] for row in scored]
    page = path.read_text(encoding="utf-8")
    for name, value in (
        ("WA", np.mean([a == b for a, b in zip(said, truth, strict=True)])),
        ("UAR", balanced_accuracy_score(truth, said)),
    ):
        shown = re.search(rf'<th scope="row">{name}</th><td class="number">([\d.]+)</td>', page)
        assert shown and float(shown[1]) == pytest.approx(value, abs=0.0051)


@pytest.mark.timeout(900)
def test_sound_is_inside_and_plays(tmp_path: Path) -> None:
    clip = tmp_path / "clip.wav"
    soundfile.write(clip, 0.1 * np.random.default_rng(0).standard_normal(24_000), 16_000)
    results = make_results(12)
    results.table["audio"] = [str(clip), str(tmp_path / "gone.wav"), *[""] * 10]
    path = tmp_path / "report.html"
    report.write_html(results, path, audio=True)
    rows = data_of(path)["rows"]
    assert [bool(row["sound"]) for row in rows] == [True, *[False] * 11]
    assert "The sound of 1 clips that cannot be read any more." in path.read_text("utf-8")

    def look(page: Page) -> float:
        page.locator("#table tbody tr").first.click()
        return page.locator("#detail audio").evaluate(
            """(sound) => new Promise((resolve) => {
                sound.onloadedmetadata = () => resolve(sound.duration);
                sound.onerror = () => resolve(-1);
                sound.load(); sound.preload = "metadata";
            })"""
        )

    assert in_chromium(path, look) == pytest.approx(1.5, abs=0.2)


def test_sound_stays_below_its_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clip = tmp_path / "clip.wav"
    soundfile.write(clip, 0.1 * np.random.default_rng(0).standard_normal(16_000), 16_000)
    results = make_results(9)
    results.table["audio"] = str(clip)
    size = len(report._sound(str(clip)))
    monkeypatch.setattr(report, "MAX_AUDIO_BYTES", 2 * size + 10)
    sounds = report._sounds(results)
    assert list(sounds.uris) == [0, 1] and sounds.too_many == 7


@pytest.mark.parametrize("count", [0, 1, 2])
def test_sets_of_hardly_any_rows(tmp_path: Path, count: int) -> None:
    results = make_results(10)
    report.write_html(results.rows(np.arange(10) < count), tmp_path / "report.html")
    assert len(data_of(tmp_path / "report.html")["rows"]) == count


def test_a_set_without_labels_has_its_rows_and_maps(tmp_path: Path) -> None:
    results = make_results(20)
    results.table["label"] = ""
    results.table["correct"] = pd.array([pd.NA] * 20, dtype="boolean")
    report.write_html(results, tmp_path / "report.html")
    assert len(data_of(tmp_path / "report.html")["figures"]) == 2
    assert "nothing is measured" in (tmp_path / "report.html").read_text("utf-8")


def test_a_place_that_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ResultsError, match="cannot be written"):
        report.write_html(make_results(5), tmp_path / "file" / "report.html")
