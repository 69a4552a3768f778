"""What the endpoints say of themselves (tests/browser/test_api.py calls them)."""

from __future__ import annotations

import pytest

from drkf.audio import FORMATS
from drkf.ui.server.api import Endpoints


@pytest.mark.parametrize("endpoint", [Endpoints.analyze, Endpoints.transcribe])
def test_an_endpoint_names_every_format_that_is_read(endpoint: object) -> None:
    assert FORMATS in (endpoint.__doc__ or "")
