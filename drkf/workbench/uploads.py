"""What a visitor uploads: clips, tables and zip files of both, in a folder of their own."""

from __future__ import annotations

import filecmp
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from drkf.data.clips import CLIP_SUFFIXES, Files
from drkf.data.tables import TABLE_SUFFIXES, Sheet, read_sheet
from drkf.errors import ManifestError, shorten
from drkf.files import bundled
from drkf.workbench import archive
from drkf.workbench.archive import unpack
from drkf.workbench.sources import clips_sheet

EXAMPLE = bundled("assets/workbench")


@dataclass(frozen=True)
class Intake:
    """Files that were taken in.

    ``files``: the name that the visitor sees -> the copy. ``called``: for files that came under
    the name of another one, that name. ``skipped``: name -> why not.
    """

    files: Mapping[str, Path] = field(default_factory=dict)
    skipped: Mapping[str, str] = field(default_factory=dict)
    called: Mapping[str, str] = field(default_factory=dict)

    def add(self, paths: Iterable[str | Path], folder: Path) -> Intake:
        """With these files as well, copied into ``folder``; zip files are unpacked.

        Two different files of one name are both kept, the second as ``01 (2).flac``. The same
        file again is taken once. A table takes the place of one that an earlier call took in
        under its name: it is a corrected one.

        Raises:
            ArchiveError: a zip file is refused. Nothing of this call is taken then.
            ManifestError: it would be too much.
        """
        skipped = dict(self.skipped)
        new: list[tuple[str, Path]] = []
        for path in map(Path, paths):
            suffix = path.suffix.lower()
            # Folders are numbered: no name from outside becomes a path.
            place = folder / f"{len(self.files):06}-{len(list(folder.iterdir())):06}"
            if suffix == ".zip":
                unpacked = unpack(path, place, shorten(path.name))
                new += unpacked.files.items()
                skipped |= unpacked.skipped
            elif suffix in (*CLIP_SUFFIXES, *TABLE_SUFFIXES):
                place.mkdir()
                new.append((path.name, Path(shutil.copyfile(path, place / f"file{suffix}"))))
            else:
                skipped[shorten(path.name)] = "neither a clip nor a table nor a zip file"
        intake = self._with(new, skipped)
        if sum(path.stat().st_size for path in intake.files.values()) > archive.MAX_TOTAL_BYTES:
            raise ManifestError(
                f"These files hold over {archive.MAX_TOTAL_BYTES >> 30} GB: split the set."
            )
        return intake

    def _with(self, new: Iterable[tuple[str, Path]], skipped: Mapping[str, str]) -> Intake:
        """With new files; names that are taken are told apart."""
        files, called = dict(self.files), dict(self.called)
        for name, path in new:
            table = PurePosixPath(name).suffix.lower() in TABLE_SUFFIXES
            if table and name in self.files and files[name] == self.files[name]:
                files[name] = path
                continue
            same = [shown for shown in files if called.get(shown, shown) == name]
            if any(filecmp.cmp(files[shown], path, shallow=False) for shown in same):
                continue
            shown = name
            while shown in files:
                suffix = PurePosixPath(name).suffix
                number = len(same) + 1
                shown = f"{name.removesuffix(suffix)} ({number}){suffix}"
                same.append(shown)
            files[shown] = path
            if shown != name:
                called[shown] = name
        return Intake(files, skipped, called)

    def tables(self) -> list[str]:
        """The names of the tables, those nearest to the top first."""
        names = [n for n in self.files if PurePosixPath(n).suffix.lower() in TABLE_SUFFIXES]
        return sorted(names, key=lambda name: (len(PurePosixPath(name).parts), name))

    def finder(self) -> Files:
        """The files, to be found by the names that a table gives them."""
        return Files(self.files, self.called)

    def sheet(self, table: str) -> Sheet:
        """A table, or with "" the clips themselves.

        Raises:
            ManifestError: the table cannot be read, or there is no clip.
        """
        if not table:
            return clips_sheet(self.finder())
        return read_sheet(self.files[table], PurePosixPath(table).name)


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
