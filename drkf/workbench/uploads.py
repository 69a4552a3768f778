"""What a visitor uploads: clips, tables and zip files of both, in a folder of their own."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from drkf.errors import ManifestError
from drkf.workbench import archive, ingest
from drkf.workbench.archive import unpack
from drkf.workbench.ingest import CLIP_SUFFIXES, TABLE_SUFFIXES, Files, Sheet, shorten

EXAMPLE = Path(__file__).resolve().parents[2] / "assets" / "workbench"


@dataclass(frozen=True)
class Intake:
    """``files``: the name that the visitor knows -> the copy. ``skipped``: name -> why not."""

    files: Mapping[str, Path] = field(default_factory=dict)
    skipped: Mapping[str, str] = field(default_factory=dict)

    def add(self, paths: Iterable[str | Path], folder: Path) -> Intake:
        """With these files as well, copied into ``folder``; zip files are unpacked.

        Raises:
            ArchiveError: a zip file is refused. Nothing of this call is taken then.
            ManifestError: it would be too much.
        """
        files, skipped = dict(self.files), dict(self.skipped)
        for path in map(Path, paths):
            suffix = path.suffix.lower()
            # Folders are numbered: no name from outside becomes a path.
            place = folder / f"{len(files):06}-{len(list(folder.iterdir())):06}"
            if suffix == ".zip":
                unpacked = unpack(path, place, shorten(path.name))
                files |= unpacked.files
                skipped |= unpacked.skipped
            elif suffix in (*CLIP_SUFFIXES, *TABLE_SUFFIXES):
                place.mkdir()
                files[path.name] = Path(shutil.copyfile(path, place / f"file{suffix}"))
            else:
                skipped[shorten(path.name)] = "neither a clip nor a table nor a zip file"
        if sum(path.stat().st_size for path in files.values()) > archive.MAX_TOTAL_BYTES:
            raise ManifestError(
                f"These files hold over {archive.MAX_TOTAL_BYTES >> 30} GB: split the set."
            )
        return Intake(files, skipped)

    def tables(self) -> list[str]:
        """The names of the tables, those nearest to the top first."""
        names = [n for n in self.files if PurePosixPath(n).suffix.lower() in TABLE_SUFFIXES]
        return sorted(names, key=lambda name: (len(PurePosixPath(name).parts), name))

    def finder(self) -> Files:
        return Files(self.files)

    def sheet(self, table: str) -> Sheet:
        """A table, or with "" the clips themselves.

        Raises:
            ManifestError: the table cannot be read, or there is no clip.
        """
        if not table:
            return ingest.clips_sheet(self.finder())
        return ingest.read_sheet(self.files[table], PurePosixPath(table).name)


def load_example() -> tuple[Intake, str]:
    """The bundled set, and the name of its table.

    Raises:
        ManifestError: this installation has none: the assets are no part of the Python package.
    """
    intake = Intake(Files.under(EXAMPLE).files if EXAMPLE.is_dir() else {})
    tables = intake.tables()
    if not tables:
        raise ManifestError("The example set is not part of this installation: upload a set.")
    return intake, tables[0]
