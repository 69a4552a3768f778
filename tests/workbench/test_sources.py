"""Clips, sentences and corpora become sheets without a table."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from drkf.data.clips import Disk, Files
from drkf.data.columns import guess_columns, guess_label_map
from drkf.errors import CorpusError, ManifestError
from drkf.workbench.rows import make_rows
from drkf.workbench.sources import clips_sheet, corpus_sheet, texts_sheet
from tests.helpers.tables import write


def test_clips_and_sentences_need_no_table(tmp_path: Path) -> None:
    for name in ("angry/1.wav", "happy/2.wav", "sad/3.flac", "notes.txt", "angry/.hidden.wav"):
        write(tmp_path / name, b"x")
    files = Files.under(tmp_path)
    sheet = clips_sheet(files)
    columns = guess_columns(sheet, files)
    rows = make_rows(sheet, columns, guess_label_map(sheet, columns["label"]), files)
    assert [(row.id, row.label) for row in rows] == [
        ("angry/1.wav", "anger"),
        ("happy/2.wav", "joy"),
        ("sad/3.flac", "sadness"),
    ]
    sheet = texts_sheet("I am glad\n\n  so sad  \n")
    rows = make_rows(sheet, guess_columns(sheet), {})
    assert [(row.id, row.text) for row in rows] == [("row-1", "I am glad"), ("row-2", "so sad")]
    with pytest.raises(ManifestError, match="sentence"):
        texts_sheet(" \n")
    with pytest.raises(ManifestError, match="clip"):
        clips_sheet(Files({"a.txt": tmp_path / "a.txt"}))


def test_a_corpus_as_its_owners_ship_it(tmp_path: Path) -> None:
    for name in ("03-01-05-01-01-01-01.wav", "03-01-03-01-02-01-02.wav"):
        path = tmp_path / f"Actor_{name[-6:-4]}" / name
        path.parent.mkdir()
        soundfile.write(path, np.zeros(8000), 16_000)
    write(tmp_path / "stray.wav", b"x")
    sheet = corpus_sheet("ravdess", tmp_path)
    columns = guess_columns(sheet)
    labels = guess_label_map(sheet, columns["label"])
    rows = make_rows(sheet, columns, labels, Disk(tmp_path))
    assert [row.label for row in rows] == ["joy", "anger"]
    assert [row.gender for row in rows] == ["female", "male"]
    assert all(row.audio is not None and row.audio.is_file() and row.text for row in rows)
    assert sum(sheet.skipped.values()) == 1
    with pytest.raises(CorpusError, match="Known"):
        corpus_sheet("unheard-of", tmp_path)
