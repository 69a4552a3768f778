"""Notes and tags are kept in a file, and odd files are refused."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from drkf.errors import ResultsError
from drkf.workbench.notes import KIND, Note, Notes, load_notes, save_notes
from drkf.workbench.results import Results


def test_notes_survive_a_file(tmp_path: Path, results: Results) -> None:
    first = Notes().write("utterance-003", "  laughs\nat the end ", ["laughter", "laughter", " "])
    both = first.write("utterance-001", tags=["wrong label", "laughter"])
    assert first.notes.keys() == {"utterance-003"}  # the earlier session has not changed
    assert both.note("utterance-003") == Note("laughs\nat the end", ("laughter",))
    assert both.tags() == {"laughter": 2, "wrong label": 1}
    save_notes(both, tmp_path / "notes.json")
    assert load_notes(tmp_path / "notes.json") == both
    columns = both.columns(results)
    assert columns.loc[1].to_dict() == {"note": "", "tags": "wrong label|laughter"}
    assert columns.loc[3, "note"] == "laughs\nat the end" and columns.loc[0, "note"] == ""
    assert both.write("elsewhere", "x").unknown(results) == ["elsewhere"]
    assert both.write("utterance-003").notes.keys() == {"utterance-001"}


@pytest.mark.parametrize(
    "content",
    [
        "",
        "[]",
        "{broken",
        "[" * 100_000,
        json.dumps({"kind": KIND, "version": 99, "notes": {}}),
        json.dumps({"kind": KIND, "version": 1, "notes": []}),
        json.dumps({"kind": KIND, "version": 1, "notes": {"a": "text"}}),
        json.dumps({"kind": KIND, "version": 1, "notes": {"a": {"note": 1, "tags": []}}}),
        json.dumps({"kind": KIND, "version": 1, "notes": {"a": {"note": "", "tags": [1]}}}),
        json.dumps(
            {
                "kind": KIND,
                "version": 1,
                "notes": {"a": {"note": "x" * 20_000, "tags": []}},
            }
        ),
    ],
)
def test_what_is_no_session_is_refused(tmp_path: Path, content: str) -> None:
    (tmp_path / "notes.json").write_text(content)
    with pytest.raises(ResultsError) as caught:
        load_notes(tmp_path / "notes.json")
    assert "\n" not in str(caught.value)


def test_limits_and_missing_files(tmp_path: Path) -> None:
    with pytest.raises(ResultsError, match="tags"):
        Notes().write("a", tags=["x" * 61])
    with pytest.raises(ResultsError, match="tags"):
        Notes().write("a", tags=[str(i) for i in range(51)])
    with pytest.raises(ResultsError, match="read"):
        load_notes(tmp_path / "missing.json")
    with pytest.raises(ResultsError, match="written"):
        save_notes(Notes(), tmp_path / "no-folder" / "notes.json")
