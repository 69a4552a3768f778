"""JavaScript that the page needs beside Gradio's own; the scripts are files in ``static``."""

from pathlib import Path

from drkf.ui.texts.catalogue import COOKIE

_STATIC = Path(__file__).with_name("static")


def _script(name: str) -> str:
    return (_STATIC / name).read_text(encoding="utf-8")


def head(sound: bool = True) -> str:
    """The scripts of the page. Without ``sound`` it neither records nor takes files."""
    scripts = (
        *((_script("audio-files.js"), _script("microphone.js")) if sound else ()),
        _script("playing.js"),
        _script("page-controls.js").replace("COOKIE", COOKIE),
        _script("rows-of-buttons.js"),
        _script("figures.js"),
    )
    return "\n".join(f"<script>{script}</script>" for script in scripts)


def show_answer(elem_id: str) -> str:
    """Brings the answer into sight where it is above what is seen, or below, as on a telephone."""
    return _script("show-answer.js").replace("ELEM_ID", elem_id)


def show_top(elem_id: str) -> str:
    """Brings something into sight from its top on, unless all of it is."""
    return _script("show-top.js").replace("ELEM_ID", elem_id)


def show(elem_id: str) -> str:
    """Brings what has just appeared into sight."""
    return _script("show.js").replace("ELEM_ID", elem_id)
