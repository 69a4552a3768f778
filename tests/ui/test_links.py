"""Links into a state of the page, and those of the lesson."""

from __future__ import annotations

import html
import re
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from drkf.gallery import load_gallery
from drkf.pipeline import EmotionPipeline
from drkf.ui import build_app
from drkf.ui.links import TABS, state_of_link
from drkf.ui.server import lesson
from drkf.ui.texts.de import page as german
from drkf.ui.texts.en import page as english
from tests.helpers.events import Events

ROOT = Path(__file__).parents[2]
LESSONS = ("lesson.md", "lesson.de.md")
IN_CLASS = tuple(tab for tab in TABS if tab not in ("live", "workbench"))


def read(name: str) -> str:
    return (ROOT / "docs" / name).read_text("utf-8")


def addresses(name: str) -> list[str]:
    found = re.findall(r"\((http://127\.0\.0\.1:7860/[^)]*)\)", read(name))
    assert len(found) > 8
    return found


@pytest.mark.parametrize("name", LESSONS)
def test_each_link_of_a_lesson_opens_something_that_class_mode_has(name: str) -> None:
    for address in addresses(name):
        query = {key: values[0] for key, values in parse_qs(urlsplit(address).query).items()}
        tab, example = state_of_link(query, IN_CLASS)
        assert (tab, example) == (query["tab"], query.get("example")), address


@pytest.mark.parametrize(("name", "titles"), [*zip(LESSONS, (english, german), strict=True)])
def test_a_link_is_called_as_the_app_calls_its_clip(name: str, titles: ModuleType) -> None:
    """In a page with a room the clip is chosen by this name."""
    found = re.findall(r"\[([^\]]+)\]\([^)]*tab=(?:class|analyse)&example=([^)]+)\)", read(name))
    assert len(found) > 5
    assert found == [(titles.EXAMPLE_TITLES[example], example) for _, example in found]
    shows = {item.id: item.shows for item in load_gallery()}
    (agreeing,) = (line for line in read(name).splitlines() if re.match(r"\| 10 \|.* 2, ", line))
    assert shows[agreeing.split("example=")[1].split(")")[0]] == "agree"


def test_both_lessons_go_the_same_way() -> None:
    assert addresses(LESSONS[0]) == addresses(LESSONS[1])


def test_what_is_not_there_is_not_opened() -> None:
    assert state_of_link({"tab": "live", "example": "../x"}, IN_CLASS) == (None, None)
    assert state_of_link({}, TABS) == (None, None)


@pytest.mark.parametrize(("path", "language"), [("lesson", "en"), ("lesson?language=de", "de")])
def test_the_lesson_is_a_page_whose_links_open_this_app(path: str, language: str) -> None:
    client = TestClient(Starlette(routes=lesson.lesson_routes()))
    page = client.get(f"/{path}")
    assert page.status_code == 200 and f'lang="{language}"' in page.text
    links = [html.unescape(link) for link in re.findall(r'href="([^"]+)"', page.text)]
    opened = [urlsplit(link).query for link in links if link.startswith("./?")]
    written = [urlsplit(address).query for address in addresses(lesson.source(language).name)]
    assert opened == written
    inside = {"data:,", "lesson/lesson.css"} | {f"lesson?language={code}" for code in ("en", "de")}
    assert {link for link in links if not link.startswith("./?")} <= inside
    assert "127.0.0.1:7860" not in page.text and "<script" not in page.text
    assert "<code>http://testserver/</code>" in page.text  # on paper, too
    assert page.text.count('<h2 class="sheet">') == 1
    style = client.get("/lesson/lesson.css")
    assert style.status_code == 200 and "@media print" in style.text


def test_a_link_to_an_example_starts_its_tab_with_it(tiny_checkpoint: Path) -> None:
    """What the page does at its load, and what the tab "What if" then opens with."""
    page = Events(build_app(EmotionPipeline.from_pretrained(tiny_checkpoint), for_class=True))
    request: Any = SimpleNamespace(query_params={"tab": "what-if", "example": "sadness"})
    load = next(
        function.fn
        for function in page.blocks.fns.values()
        if getattr(function.fn, "__qualname__", "") == "build.<locals>.on_load"
        and getattr(function.fn, "__module__", "") == "drkf.ui.links"
    )
    updates = load(request)
    source = page.component("lab-source")
    assert updates[source] == "sadness" and page.component("class-example") not in updates
    page.set("lab-source", "sadness")
    whatif = next(b for b in page.blocks.blocks.values() if getattr(b, "id", None) == "what-if")
    whatif.elem_id = "tab-what-if"
    page.fire("tab-what-if", "select")
    assert page.seen[0]["lab-source"] == "sadness"
    assert page.get("lab-words") == next(i.words for i in load_gallery() if i.id == "sadness")
