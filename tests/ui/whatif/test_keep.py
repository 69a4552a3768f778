"""The scenario that is kept."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from drkf.ui.texts import page as text
from drkf.ui.whatif.keep import scenario_link
from drkf.words import as_transcript


@pytest.mark.parametrize("known", [True, False])
def test_what_is_known_of_a_voice_is_not_kept_and_the_page_says_so(known: bool) -> None:
    voice = object() if known else None
    base: Any = SimpleNamespace(clip=None, transcript=as_transcript("So it is."), voice=voice)
    link = scenario_link(base, (), embed=True)
    assert "lab-download" in link
    assert (text.SCENARIO_UNTUNED in link) == known
