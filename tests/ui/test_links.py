"""Links into a state of the page, and those of the lesson."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from drkf.ui.links import TABS, state_of_link

ROOT = Path(__file__).parents[2]
LESSONS = ("lesson.md", "lesson.de.md")
IN_CLASS = tuple(tab for tab in TABS if tab not in ("live", "workbench"))


def addresses(name: str) -> list[str]:
    found = re.findall(r"\((http://127\.0\.0\.1:7860/[^)]*)\)", (ROOT / "docs" / name).read_text())
    assert len(found) > 8
    return found


@pytest.mark.parametrize("name", LESSONS)
def test_each_link_of_a_lesson_opens_something_that_class_mode_has(name: str) -> None:
    for address in addresses(name):
        query = {key: values[0] for key, values in parse_qs(urlsplit(address).query).items()}
        tab, example = state_of_link(query, IN_CLASS)
        assert (tab, example) == (query["tab"], query.get("example")), address


def test_both_lessons_go_the_same_way() -> None:
    assert addresses(LESSONS[0]) == addresses(LESSONS[1])


def test_what_is_not_there_is_not_opened() -> None:
    assert state_of_link({"tab": "live", "example": "../x"}, IN_CLASS) == (None, None)
    assert state_of_link({}, TABS) == (None, None)
