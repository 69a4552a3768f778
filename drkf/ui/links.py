"""Links that open the page in a state: ``?tab=class&example=joy``, as the lesson uses them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import gradio as gr

from drkf.gallery import load_gallery

TABS = ("analyse", "what-if", "live", "class", "tour", "workbench", "about")
OPEN_EXAMPLE = Path(__file__).with_name("static") / "open-example.js"


def build(
    app: gr.Blocks,
    tabs: gr.Tabs,
    present: tuple[str, ...],
    examples: Mapping[str, gr.Dropdown],
) -> None:
    """Has the page follow its address when it is loaded.

    Args:
        present: the ids of the tabs that this page has.
        examples: the choice of an example in each tab that has one, by the tab's id.
    """

    def on_load(request: gr.Request) -> dict[Any, Any]:
        tab, chosen = state_of_link(request.query_params, present)
        updates: dict[Any, Any] = {tabs: gr.skip() if tab is None else gr.Tabs(selected=tab)}
        if chosen is not None and tab is not None and tab in examples:
            updates[examples[tab]] = chosen
        return updates

    changed = [tabs, *examples.values()]
    opened = app.load(on_load, None, changed, api_visibility="private", queue=False)
    opened.then(None, None, None, js=OPEN_EXAMPLE.read_text("utf-8"), api_visibility="private")


def state_of_link(
    query: Mapping[str, str], present: tuple[str, ...]
) -> tuple[str | None, str | None]:
    """The tab and the example that an address asks for, None where it asks for none that is."""
    tab, example = query.get("tab"), query.get("example")
    known = {item.id for item in load_gallery()}
    return tab if tab in present else None, example if example in known else None
