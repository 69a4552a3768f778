"""What an event of the page gets and gives, and the options that most events share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

Values: TypeAlias = Mapping[Any, Any]
"""What an event gets where its ``inputs`` are a set: the value of each component, by component."""

Updates: TypeAlias = dict[Any, Any]
"""What an event gives: the new value or ``gr.update`` of each component that changes."""

QUIET: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}
"""Work that waits for its turn and says itself how far it is."""

AT_ONCE: dict[str, Any] = {**QUIET, "queue": False}
"""Short work beside the queue."""
