"""Made-up results for every test of the workbench."""

from __future__ import annotations

import pytest

from drkf.workbench.results import Results
from tests.helpers.made_results import make_results


@pytest.fixture
def results() -> Results:
    """Sixty rows, some without voice, words or label, some with an error."""
    return make_results()
