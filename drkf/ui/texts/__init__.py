"""What the interface says, a folder for each language; ``catalogue`` says how it is found."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:  # the names and types of the texts are those of the English ones
    from drkf.ui.texts.en import (
        classroom,
        evidence,
        figures,
        library,
        live,
        page,
        voice,
        workbench,
    )
else:
    from drkf.ui.texts.catalogue import Table

    classroom, evidence, figures, library, live, page, voice, workbench = map(
        Table,
        ("classroom", "evidence", "figures", "library", "live", "page", "voice", "workbench"),
    )

__all__ = [
    "classroom",
    "evidence",
    "figures",
    "library",
    "live",
    "page",
    "voice",
    "workbench",
]
