"""A full queue is answered by one sentence, where Gradio would tell its sizes."""

from __future__ import annotations

from typing import Any

import gradio as gr

from drkf.ui.texts import page as text


def say_busy(app: gr.Blocks) -> None:
    """Has the app's queue refuse with ``text.BUSY``; call it after ``app.queue()``."""
    push = app._queue.push

    async def push_or_say(*arguments: Any, **options: Any) -> tuple[bool, Any, Any]:
        taken, answer, state = await push(*arguments, **options)
        return taken, text.BUSY if state == "queue_full" else answer, state

    app._queue.push = push_or_say  # type: ignore[method-assign]
