"""What the server remembers of a visitor: the states of their page, until it is closed."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import gradio as gr
from gradio.state_holder import SessionState, StateHolder

CAPACITY = 1000
"""Pages at a time; beyond it the one that was used least recently starts anew."""


class Sessions(StateHolder):
    """Gradio's store of sessions, less what it keeps of every component in each of them.

    Gradio copies the settings of all components into a new session (a megabyte and 40 ms here),
    and then every input and output, to save them as a link ("deep link"). This app offers no
    such link, and what a visitor said is not kept beside the states that expire.
    """

    def set_blocks(self, blocks: gr.Blocks) -> None:
        super().set_blocks(blocks)
        without = SimpleNamespace(default_config=blocks.default_config, blocks={})
        self.blocks: Any = without  # what new sessions are made from
        self.capacity = CAPACITY

    def __getitem__(self, session_id: str) -> SessionState:
        session = super().__getitem__(session_id)
        if not isinstance(session.config_values, Nothing):
            session.config_values = Nothing()
        return session

    def forget(self, session_id: str) -> None:
        """The page was closed."""
        self.delete_state(session_id)
        with self.lock:
            self.session_data.pop(session_id, None)
            self.time_last_used.pop(session_id, None)


class Nothing(dict[int, dict[str, Any]]):
    """Takes every component's settings and keeps none."""

    def __contains__(self, key: object) -> bool:
        return True

    def __getitem__(self, key: int) -> dict[str, Any]:
        return {}

    def __setitem__(self, key: int, value: Any) -> None:
        pass
