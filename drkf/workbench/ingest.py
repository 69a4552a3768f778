"""The names of this module have moved: see drkf.data and drkf.workbench.rows, .sources."""

from drkf.data.clips import CLIP_SUFFIXES, Disk, Files, Finder
from drkf.data.columns import guess_columns, guess_label_map, label_counts
from drkf.data.encodings import decode
from drkf.data.fields import FIELDS
from drkf.data.label_codes import map_label
from drkf.data.tables import MAX_ROWS, TABLE_SUFFIXES, Sheet, read_sheet
from drkf.errors import shorten
from drkf.workbench.rows import Row, make_rows
from drkf.workbench.sources import clips_sheet, corpus_sheet, texts_sheet

__all__ = [
    "CLIP_SUFFIXES",
    "FIELDS",
    "MAX_ROWS",
    "TABLE_SUFFIXES",
    "Disk",
    "Files",
    "Finder",
    "Row",
    "Sheet",
    "clips_sheet",
    "corpus_sheet",
    "decode",
    "guess_columns",
    "guess_label_map",
    "label_counts",
    "make_rows",
    "map_label",
    "read_sheet",
    "shorten",
    "texts_sheet",
]
