"""What the server remembers of a visitor."""

from __future__ import annotations

import gradio as gr
import pytest

from drkf.ui.server.sessions import CAPACITY, Sessions

Store = tuple[Sessions, gr.Textbox, gr.State]


@pytest.fixture
def store() -> Store:
    """The sessions of a page with a component and a state."""
    with gr.Blocks() as blocks:
        words, state = gr.Textbox(), gr.State(list)
    sessions = Sessions()
    sessions.set_blocks(blocks)
    return sessions, words, state


def test_every_visitor_has_states_of_their_own(store: Store) -> None:
    sessions, words, state = store
    sessions["anna"][state._id] = ["hers"]
    assert sessions["anna"][state._id] == ["hers"]
    assert sessions["ben"][state._id] == []
    assert sessions["ben"][words._id] is words


def test_what_a_component_shows_is_not_kept(store: Store) -> None:
    sessions, words, _ = store
    session = sessions["anna"]
    session._update_value_in_config(words._id, "a secret")
    session[words._id] = gr.Textbox("another", render=False)
    assert list(session.components) == []


def test_nothing_is_left_of_a_page_that_was_closed(store: Store) -> None:
    sessions, _, state = store
    sessions["anna"][state._id] = ["hers"]
    sessions.forget("anna")
    sessions.forget("never seen")
    assert "anna" not in sessions and not sessions.time_last_used
    assert sessions["anna"][state._id] == []


def test_beyond_the_capacity_the_least_used_starts_anew(store: Store) -> None:
    sessions, _, state = store
    for number in range(CAPACITY + 1):
        sessions[str(number)][state._id] = [number]
        sessions["0"]
    assert "0" in sessions and "1" not in sessions and str(CAPACITY) in sessions
