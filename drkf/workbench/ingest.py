"""A set to analyse: from a table, clips, sentences or a corpus folder to one Row an utterance."""

from __future__ import annotations

import csv
import io
import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any, Protocol

import pandas as pd

from drkf.data import find_corpus
from drkf.data.corpus import AUDIO_SUFFIXES, Skipped
from drkf.errors import ManifestError
from drkf.labels import EMOTIONS, canonical

CLIP_SUFFIXES = (*AUDIO_SUFFIXES, ".webm", ".aac", ".mp2", ".oga", ".mkv", ".mov", ".amr")
TABLE_SUFFIXES = (".csv", ".tsv", ".jsonl", ".ndjson")
MAX_ROWS = 200_000
MAX_TABLE_BYTES = 128 * 2**20
MAX_CELL = 100_000  # characters
DELIMITERS = ",;\t|"

#: What a column can mean, and what people call it (lower case, letters and digits alone).
FIELDS: dict[str, tuple[str, ...]] = {
    "audio": (
        *("audio", "path", "file", "filename", "filepath", "wav", "wavfile", "wavpath"),
        *("audiopath", "audiofile", "audiofilepath", "clip", "clippath", "recording", "audioname"),
    ),
    "text": (
        *("text", "transcript", "transcription", "utterance", "sentence", "words"),
        *("normalizedtext", "rawtext", "content", "caption", "dialogue"),
    ),
    "label": (
        *("label", "emotion", "emotions", "emo", "majoremotion", "emotionlabel", "class"),
        *("category", "target", "goldlabel", "gold", "truth", "annotation"),
    ),
    "speaker": (
        *("speaker", "speakerid", "spk", "spkid", "actor", "actorid", "speakername"),
        *("subject", "subjectid", "clientid", "talker", "voice"),
    ),
    "gender": ("gender", "sex", "speakergender"),
    "corpus": ("corpus", "dataset", "database", "db", "source"),
    "split": ("split", "partition", "subset", "fold", "set"),
    "id": (
        *("id", "uttid", "utteranceid", "utterancename", "clipid", "segmentid", "key", "name"),
        *("srno", "index", "number"),
    ),
}

#: Other corpora's names for emotions, besides those of ``drkf.labels``. Where a set of labels is
#: finer than the model's, the nearest one, as the literature merges them (IEMOCAP's excited with
#: happy); what has no near one, such as frustration or boredom, stays without.
LOOSE_LABELS = {
    "angriness": "anger",
    "rage": "anger",
    "fury": "anger",
    "furious": "anger",
    "hotanger": "anger",
    "coldanger": "anger",
    "mad": "anger",
    "disgusting": "disgust",
    "afraid": "fear",
    "anxiety": "fear",
    "anxious": "fear",
    "frightened": "fear",
    "terrified": "fear",
    "panic": "fear",
    "exc": "joy",
    "excited": "joy",
    "excitement": "joy",
    "elation": "joy",
    "joyful": "joy",
    "joyous": "joy",
    "amusement": "joy",
    "amused": "joy",
    "neutrality": "neutral",
    "noemotion": "neutral",
    "none": "neutral",
    "unhappy": "sadness",
    "sorrow": "sadness",
    "grief": "sadness",
    "surprise": "surprise",
    "surprised": "surprise",
    "pleasantsurprise": "surprise",
    "pleasantsurprised": "surprise",
    "ps": "surprise",
    "astonished": "surprise",
    "amazed": "surprise",
}


@dataclass(frozen=True, eq=False)
class Sheet:
    """An input as written, before its columns have meanings.

    ``cells`` has one row for each data row and a text column for each column, "" where a cell is
    empty. ``errors`` (one a row) say why a row is not a row, "" where it is. ``skipped`` counts
    what was left out before it became a row, by reason.
    """

    cells: pd.DataFrame
    errors: tuple[str, ...]
    skipped: dict[str, int] = field(default_factory=dict)

    @property
    def columns(self) -> tuple[str, ...]:
        return tuple(self.cells.columns)

    def __len__(self) -> int:
        return len(self.cells)


@dataclass(frozen=True)
class Row:
    """An utterance to analyse. ``error`` says why it cannot be, "" if it can.

    ``label`` is one of the model's labels or "", ``original_label`` what the input calls it.
    """

    id: str
    audio: Path | None = None
    text: str = ""
    label: str = ""
    original_label: str = ""
    speaker: str = ""
    gender: str = ""
    corpus: str = ""
    error: str = ""


class Finder(Protocol):
    """Turns a table's name for a clip into a file."""

    def find(self, name: str) -> Path:
        """The file.

        Raises:
            ManifestError: there is none, or it may not be read; one line.
        """


class Disk:
    """Clips anywhere on this machine, relative to ``folder``: for a trusted command line."""

    def __init__(self, folder: str | Path):
        self.folder = Path(folder)

    def find(self, name: str) -> Path:
        """The file at the path ``name``, or that with one of the audio suffixes added."""
        try:
            path = self.folder / name
            for suffix in ("", *CLIP_SUFFIXES):
                candidate = path.with_name(path.name + suffix)
                if candidate.is_file():
                    return candidate
        except (OSError, ValueError):  # too long, NUL, no name at all
            pass
        raise ManifestError(f"no clip at {shorten(name)}")


class Files:
    """Clips among the files that were given, and no others.

    A name is looked up, never opened: whatever a table says, only files of this collection are
    read. ``files`` maps names with forward slashes to paths.
    """

    def __init__(self, files: Mapping[str, Path]):
        self.files = dict(files)
        self._by_end: dict[str, list[str]] = {}
        for name in self.files:
            if PurePosixPath(name).suffix.lower() not in CLIP_SUFFIXES:
                continue
            parts = PurePosixPath(name.lower()).parts
            for i in range(len(parts)):
                end = "/".join(parts[i:])
                stem = end.removesuffix(PurePosixPath(end).suffix)
                for key in {end, stem}:
                    self._by_end.setdefault(key, []).append(name)

    @classmethod
    def under(cls, root: str | Path) -> Files:
        """The regular files under ``root``; links that lead out of it are left out."""
        root = Path(root).resolve()
        return cls(
            {
                path.relative_to(root).as_posix(): path
                for path in sorted(root.rglob("*"))
                if path.is_file() and path.resolve().is_relative_to(root)
            }
        )

    def clips(self) -> dict[str, Path]:
        """The files that are audio by their names, in order of their names."""
        return {
            name: path
            for name, path in sorted(self.files.items())
            if PurePosixPath(name).suffix.lower() in CLIP_SUFFIXES
            and not PurePosixPath(name).name.startswith(".")
        }

    def find(self, name: str) -> Path:
        """The file called ``name``; else the only one whose name ends so, or does but for its
        suffix. Folders in front of either are ignored: a table may know the clips elsewhere."""
        parts = [part for part in re.split(r"[/\\]+", name.strip()) if part not in ("", ".")]
        if ".." in parts:
            raise ManifestError(f"{shorten(name)} leaves the folder of the uploaded files")
        exact = self.files.get("/".join(parts))
        if exact is not None:
            return exact
        for i in range(len(parts)):
            found = self._by_end.get("/".join(parts[i:]).lower(), [])
            if len(found) == 1:
                return self.files[found[0]]
            if found:
                raise ManifestError(f"{len(found)} uploaded files are called {shorten(name)}")
        raise ManifestError(f"{shorten(name)} is not among the uploaded files")


def read_sheet(path: str | Path, name: str | None = None) -> Sheet:
    """A CSV, TSV or JSON-lines table, whatever its columns are called.

    CSV may be separated by commas, semicolons, tabs or bars; text is UTF-8, UTF-16 or, failing
    these, Windows-1252.

    Args:
        name: what the file is called for the user, if not as on disk.

    Raises:
        ManifestError: the file is no table, or is too large.
    """
    path = Path(path)
    name = name or path.name
    suffix = PurePosixPath(name).suffix.lower()
    if suffix not in TABLE_SUFFIXES:
        raise ManifestError(f"{name}: unknown kind of table. Use {', '.join(TABLE_SUFFIXES)}.")
    try:
        if not path.is_file():
            raise ManifestError(f"{name}: no such file. Give the path of a table.")
        if path.stat().st_size > MAX_TABLE_BYTES:
            raise ManifestError(f"{name}: over {MAX_TABLE_BYTES >> 20} MB. Split the table.")
        content = decode(path.read_bytes())
    except OSError as error:
        raise ManifestError(f"{name}: cannot be read: {error.strerror}.") from None
    if not content.strip():
        raise ManifestError(f"{name}: the file is empty. The first line must name the columns.")
    if suffix in (".csv", ".tsv"):
        rows, errors = _parse_csv(name, content, "\t" if suffix == ".tsv" else None)
    else:
        rows, errors = _parse_jsonl(content)
    if not rows:
        raise ManifestError(f"{name}: there is a header but no row.")
    if len(rows) > MAX_ROWS:
        raise ManifestError(f"{name}: over {MAX_ROWS} rows. Split the table.")
    return _sheet(rows, errors)


def clips_sheet(files: Files) -> Sheet:
    """A table of the clips that came without one: ``id``, ``audio`` and the ``folder`` each lies
    in, which may name its emotion.

    Raises:
        ManifestError: none of the files is a clip.
    """
    clips = files.clips()
    if not clips:
        raise ManifestError(
            "None of the files is a clip: use wav, flac, mp3, ogg/opus, m4a, webm or mp4."
        )
    rows = [
        {"id": name, "audio": name, "folder": PurePosixPath(name).parent.name} for name in clips
    ]
    return _sheet(rows, [""] * len(rows))


def texts_sheet(text: str) -> Sheet:
    """A table of typed sentences, one a line.

    Raises:
        ManifestError: there is none.
    """
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if not lines:
        raise ManifestError("There is no sentence: write one on each line.")
    if len(lines) > MAX_ROWS:
        raise ManifestError(f"Over {MAX_ROWS} lines. Split the text.")
    return _sheet([{"text": line} for line in lines], [""] * len(lines))


def corpus_sheet(name: str, root: str | Path) -> Sheet:
    """A corpus folder as its owners ship it, by the reader called ``name``.

    ``audio`` holds absolute paths. ``label`` is the reader's own name of the emotion.

    Raises:
        CorpusError: there is no such reader, or the folder is not laid out like the corpus.
    """
    skipped: list[Skipped] = []
    items = find_corpus(name).read(Path(root).absolute(), skipped)
    rows = [
        {
            "id": item.id,
            "audio": str(item.audio) if item.audio is not None else "",
            "text": item.text or "",
            "label": "|".join(item.emotions),
            "speaker": item.speaker or "",
            "gender": item.gender or "",
            "corpus": item.corpus or name,
            "split": item.split or "",
        }
        for item in items
    ]
    reasons = Counter(entry.reason for entry in skipped)
    return _sheet(rows, [""] * len(rows), dict(reasons.most_common()))


def guess_columns(sheet: Sheet, finder: Files | None = None) -> dict[str, str | None]:
    """Which column holds what: a column's name, or None, for each of ``FIELDS``.

    By the columns' names; where those say nothing, by what is in them: names of ``finder``'s
    files, names of emotions, sentences.
    """
    plain = {column: re.sub(r"[^a-z0-9]", "", column.lower()) for column in sheet.columns}
    sample = sheet.cells.head(200)
    guess: dict[str, str | None] = dict.fromkeys(FIELDS)
    free = set(sheet.columns)

    def take(meaning: str, column: str) -> None:
        guess[meaning] = column
        free.discard(column)

    for meaning, names in FIELDS.items():
        fitting = [c for n in names for c in sheet.columns if plain[c] == n and c in free]
        if meaning == "id":  # an id that repeats is none: MELD's numbers start anew each dialogue
            fitting = [c for c in fitting if _distinct(sheet, c)]
        if fitting:
            take(meaning, fitting[0])
    contents = {
        "audio": lambda cell: _names_clip(cell, finder),
        "label": lambda cell: map_label(cell) != "",
        "text": lambda cell: len(cell.split()) > 2,
    }
    for meaning, fits in contents.items():
        if guess[meaning] is None:
            shares = {
                c: sample[c].map(fits).mean() for c in sheet.columns if c in free and len(sample)
            }
            best = max(shares, key=lambda c: shares[c], default=None)
            if best is not None and shares[best] >= 0.5:
                take(meaning, best)
    if guess["audio"] is None and guess["id"] is not None and finder is not None:
        named = sample[guess["id"]].map(lambda cell: _names_clip(cell, finder))
        if named.mean() >= 0.5:  # the clips are called by their ids
            guess["audio"] = guess["id"]
    return guess


def map_label(name: str, labels: tuple[str, ...] = EMOTIONS) -> str:
    """The model's label that another set's label means, "" if none is near."""
    exact = canonical(name, labels)
    if exact is not None:
        return exact
    loose = LOOSE_LABELS.get(re.sub(r"[^a-z]", "", name.lower()))
    return loose if loose in labels else ""


def guess_label_map(
    sheet: Sheet, column: str | None, labels: tuple[str, ...] = EMOTIONS
) -> dict[str, str]:
    """Each label of a column, the commonest first -> the model's label, "" for none."""
    return {name: map_label(name, labels) for name in label_counts(sheet, column)}


def label_counts(sheet: Sheet, column: str | None) -> dict[str, int]:
    """How many rows have each label of a column, the commonest first; empty cells apart."""
    if column is None:
        return {}
    counts = Counter(cell for cell in sheet.cells[column] if cell)
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def make_rows(
    sheet: Sheet,
    columns: Mapping[str, str | None],
    label_map: Mapping[str, str],
    finder: Finder | None = None,
    split: str | None = None,
) -> list[Row]:
    """One Row for each row of the sheet, in order, unusable ones with their reason.

    A missing id is made from the clip's name or the row's number, and one that is taken gets a
    number, so that ids are unique.

    Args:
        columns: as :func:`guess_columns` gives them, perhaps corrected.
        label_map: as :func:`guess_label_map` gives it, perhaps corrected; labels that are not in
            it are not mapped.
        finder: where clips are; without one a row that names a clip cannot be used.
        split: only rows of this split; it needs a column.

    Raises:
        ManifestError: a column does not exist, neither audio nor text has one, or no row is in
            the split.
    """
    for meaning, column in columns.items():
        if column is not None and column not in sheet.columns:
            raise ManifestError(f"There is no column {column!r} to take the {meaning} from.")
    if columns.get("audio") is None and columns.get("text") is None:
        found = shorten(", ".join(sheet.columns), 200)
        raise ManifestError(
            f"Neither audio nor text has a column: say which it is. The columns are: {found}."
        )
    if split is not None and columns.get("split") is None:
        raise ManifestError("There is no column of splits to choose from.")
    empty = [""] * len(sheet)
    values = {
        meaning: empty if (c := columns.get(meaning)) is None else sheet.cells[c].tolist()
        for meaning in FIELDS
    }
    rows = []
    taken: Counter[str] = Counter()
    for i, error in enumerate(sheet.errors):
        cell = {meaning: values[meaning][i] for meaning in FIELDS}
        if split is not None and cell["split"] != split:
            continue
        rows.append(_row(cell, i + 1, error, label_map, finder, taken))
    if not rows:
        raise ManifestError(f"No row is in the split {split!r}.")
    return rows


def _row(
    cell: Mapping[str, str],
    number: int,
    error: str,
    label_map: Mapping[str, str],
    finder: Finder | None,
    taken: Counter[str],
) -> Row:
    audio = None
    if not error and not cell["audio"] and not cell["text"]:
        error = "neither audio nor text"
    if not error and cell["audio"]:
        try:
            if finder is None:
                raise ManifestError("no clips were given")
            audio = finder.find(cell["audio"])
        except ManifestError as problem:
            error = str(problem)
    name = cell["id"] or PurePosixPath(cell["audio"].replace("\\", "/")).stem or f"row-{number}"
    taken[name] += 1
    identity = name
    while taken[name] > 1 and (identity := f"{name} ({taken[name]})") in taken:
        taken[name] += 1
    taken[identity] += identity != name
    return Row(
        id=identity,
        audio=audio,
        text=cell["text"],
        label=label_map.get(cell["label"], ""),
        original_label=cell["label"],
        speaker=cell["speaker"],
        gender=cell["gender"],
        corpus=cell["corpus"],
        error=error,
    )


def decode(content: bytes) -> str:
    """A table's text: UTF-8 or UTF-16 with a mark, UTF-8, else Windows-1252."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", errors="replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")


def shorten(text: str, length: int = 80) -> str:
    """One printable line of at most ``length`` characters, for a message."""
    line = "".join(c if c.isprintable() else "?" for c in text)
    return line if len(line) <= length else line[: length - 1] + "…"


def _sheet(
    rows: Sequence[Mapping[str, str]], errors: Sequence[str], skipped: dict[str, int] | None = None
) -> Sheet:
    columns = list(dict.fromkeys(name for row in rows for name in row))
    cells = pd.DataFrame(
        {name: [row.get(name, "") for row in rows] for name in columns}, dtype="str"
    )
    return Sheet(cells, tuple(errors), skipped or {})


def _parse_csv(
    name: str, content: str, delimiter: str | None
) -> tuple[list[dict[str, str]], list[str]]:
    header_line = content.lstrip().split("\n", 1)[0]
    if delimiter is None:
        delimiter = max(DELIMITERS, key=header_line.count)
        if delimiter not in header_line:
            delimiter = "\x1f"  # one column: commas belong to its text
    usual = csv.field_size_limit(MAX_TABLE_BYTES)  # cells are cut below, instead of ending the run
    # Strict: a stray quote would otherwise swallow the rows after it without a word.
    reader = csv.reader(io.StringIO(content, newline=""), delimiter=delimiter, strict=True)
    rows: list[dict[str, str]] = []
    errors: list[str] = []
    try:
        header = unique_names(next(reader))
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                continue
            rows.append(dict(zip(header, map(_cell, cells), strict=False)))
            fits = len(cells) <= len(header)
            errors.append("" if fits else f"{len(cells)} cells under {len(header)} columns")
    except csv.Error as error:
        raise ManifestError(f"{name}: line {reader.line_num}: {error}. Check the quotes.") from None
    finally:
        csv.field_size_limit(usual)  # other readers have their own
    if rows:
        rows[0] = dict.fromkeys(header, "") | rows[0]  # every column exists, in order
    return rows, errors


def unique_names(header: Iterable[str]) -> list[str]:
    """A header without blank or repeated names."""
    names: list[str] = []
    for number, cell in enumerate(header, start=1):
        name = shorten(_cell(cell), 60) or f"column {number}"
        names.append(name if name not in names else f"{name} ({number})")
    return names


def _parse_jsonl(content: str) -> tuple[list[dict[str, str]], list[str]]:
    rows: list[dict[str, str]] = []
    errors: list[str] = []
    for line in content.split("\n"):
        if not line.strip():
            continue
        try:
            value = json.loads(line)
        except (ValueError, RecursionError):
            rows.append({})
            errors.append("not JSON")
            continue
        if isinstance(value, dict):
            rows.append({shorten(key.strip(), 60): _cell(cell) for key, cell in value.items()})
            errors.append("")
        else:
            rows.append({})
            errors.append("not a JSON object")
    return rows, errors


def _cell(value: Any) -> str:
    """A cell's text. Lists of labels are joined by ``|``; of a clip as an object, its path."""
    if value is None:
        return ""
    if isinstance(value, dict):
        value = value.get("path") or json.dumps(value, ensure_ascii=False)
    elif isinstance(value, list):
        value = "|".join(map(_cell, value))
    # Lone surrogates, which JSON can spell, cannot be saved.
    text = str(value)[:MAX_CELL].encode("utf-8", errors="replace").decode("utf-8")
    return text.replace("\0", "").strip()


def _distinct(sheet: Sheet, column: str) -> bool:
    """Whether no value repeats and most whole rows have one."""
    cells = [c for c, error in zip(sheet.cells[column], sheet.errors, strict=True) if not error]
    there = [cell for cell in cells if cell]
    return len(set(there)) == len(there) and 2 * len(there) >= len(cells)


def _names_clip(cell: str, finder: Files | None) -> bool:
    if finder is None:
        return PurePosixPath(cell.replace("\\", "/")).suffix.lower() in CLIP_SUFFIXES
    try:
        finder.find(cell)
    except ManifestError:
        return False
    return bool(cell)
