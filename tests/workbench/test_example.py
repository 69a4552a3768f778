"""The bundled set is whole, small and says that it is synthetic."""

from __future__ import annotations

from pathlib import Path

from drkf.audio.clip import load_audio
from drkf.data.clips import Files
from drkf.data.columns import guess_columns, guess_label_map
from drkf.data.tables import read_sheet
from drkf.labels import EMOTIONS
from drkf.workbench.rows import make_rows

FOLDER = Path(__file__).resolve().parents[2] / "assets" / "workbench"


def test_the_example_set_is_usable_as_it_is() -> None:
    files = Files.under(FOLDER)
    sheet = read_sheet(FOLDER / "manifest.csv")
    columns = guess_columns(sheet, files)
    labels = guess_label_map(sheet, columns["label"])
    rows = make_rows(sheet, columns, labels, files)
    assert not any(row.error for row in rows)
    assert {row.label for row in rows} == {*EMOTIONS, ""}
    assert [name for name, label in labels.items() if not label] == ["frustrated"]
    spoken = [row for row in rows if row.audio is not None]
    assert len(spoken) == len(files.clips()) >= 28 and len(rows) - len(spoken) >= 20
    assert len({row.speaker for row in spoken}) == 4
    assert all(0.5 < load_audio(row.audio).seconds < 6 for row in spoken)
    assert sum(path.stat().st_size for path in files.files.values()) < 400_000
    assert {row.corpus for row in rows} == {"synthetic", "written"}
    assert "Synthetic" in (FOLDER / "README.md").read_text("utf-8")
