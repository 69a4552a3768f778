"""What the server keeps of a visitor's work in the lab, and what it can start from."""

from __future__ import annotations

from dataclasses import dataclass, replace

from drkf.audio.clip import Clip
from drkf.pipeline import Utterance
from drkf.ui.analyse import Session
from drkf.whatif.edits import Edit

TAB = "what-if"
CURRENT, FILE = "current", "file"  # what to start from, beside the ids of examples


@dataclass(frozen=True)
class Lab:
    """What a visitor's page works on.

    ``seen`` is what had been analysed last when the start was chosen, and ``asked`` the edits that
    were to be opened then; ``known`` are utterances
    whose voice is encoded already; ``other`` is the other recording; ``file`` is True where the
    start was loaded from a scenario.
    """

    base: Utterance
    seen: Utterance | None = None
    asked: tuple[Edit, ...] = ()
    known: tuple[Utterance, ...] = ()
    other: Clip | None = None
    file: bool = False

    def seeing(self, last: Session | None) -> Lab:
        """The same, knowing what had been analysed last."""
        if last is None:
            return replace(self, seen=None, asked=())
        return replace(self, seen=last.utterance, asked=last.edits)

    def without_other(self) -> Lab:
        """Nothing is left of the other recording, nor of what was made of it."""
        return replace(self, other=None, known=())


def recordings(last: Session | None, state: Lab | None) -> list[Clip]:
    """Every recording that this page has, for a scenario that needs one."""
    clips = [] if last is None else [last.utterance.clip]
    if state is not None:
        clips += [state.base.clip, state.other]
    return [clip for clip in clips if clip is not None]
