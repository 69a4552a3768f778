"""What the corpus readers share: their interface, folds and file look-up."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from drkf.data.clips import AUDIO_SUFFIXES
from drkf.data.manifest import Item
from drkf.errors import CorpusError
from drkf.labels import EMOTIONS


@dataclass(frozen=True)
class Skipped:
    """An annotation or a file that a reader leaves out. ``id`` is the corpus's own name for it."""

    id: str
    reason: str


@dataclass(frozen=True)
class Fold:
    """One round of training, selection and testing."""

    name: str
    train: list[Item]
    dev: list[Item]
    test: list[Item]


class Reader(Protocol):
    """Reads a corpus as its owners ship it.

    Utterances outside the corpus's label set and files that are none of its clips are left out;
    they are appended to ``skipped`` if it is given. ``Item.audio`` is where the clip should be:
    whether it is there and can be decoded is :mod:`drkf.data.inspect`'s question.

    Raises:
        CorpusError: the folder is missing or is not laid out like the corpus.
    """

    def __call__(self, root: str | Path, skipped: list[Skipped] | None = None) -> list[Item]: ...


def official_folds(items: list[Item]) -> list[Fold]:
    """One fold: the train, dev and test splits that the corpus's owners published."""
    parts = {name: [i for i in items if i.split == name] for name in ("train", "dev", "test")}
    empty = [name for name, part in parts.items() if not part]
    if empty:
        raise CorpusError(
            f"No utterance is in the split {' or '.join(empty)}: the corpus has no official "
            "splits, or their files are missing. Split by speaker instead."
        )
    return [Fold("official", **parts)]


@dataclass(frozen=True)
class Corpus:
    """A corpus that DRKF can read.

    ``labels`` are its classes, ``layout`` says in words which files are expected, and
    ``known_faults`` names utterances whose audio is broken in every copy.
    """

    name: str
    title: str
    read: Reader
    layout: str
    labels: tuple[str, ...] = EMOTIONS
    multi_label: bool = False
    folds: Callable[[list[Item]], list[Fold]] = official_folds
    known_faults: Mapping[str, str] = field(default_factory=dict)


def existing_folder(root: str | Path) -> Path:
    """``root`` as a path, or a CorpusError that says it is no folder."""
    root = Path(root)
    if not root.is_dir():
        raise CorpusError(f"{root}: no such folder. Give the folder that holds the corpus.")
    return root


def audio_files(root: Path) -> Iterator[Path]:
    """Audio files under ``root``: preferred kinds first, then shallow before deep, then by name.

    Files whose name starts with a dot (macOS resource forks in several releases) are ignored.
    """
    files = [
        path
        for path in root.rglob("*")
        if path.suffix.lower() in AUDIO_SUFFIXES and not path.name.startswith(".")
    ]
    yield from sorted(
        files, key=lambda p: (AUDIO_SUFFIXES.index(p.suffix.lower()), len(p.parts), p.as_posix())
    )


def visible(paths: Iterable[Path]) -> list[Path]:
    """``paths`` in order, without those whose name starts with a dot (see ``audio_files``)."""
    return sorted(path for path in paths if not path.name.startswith("."))


def read_text(path: Path, *encodings: str) -> str:
    """A text file in the first of ``encodings`` that fits; the last one replaces bad bytes.

    A byte order mark goes, whatever encoding follows it.
    """
    content = path.read_bytes()
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", errors="replace")
    content = content.removeprefix(b"\xef\xbb\xbf")
    for encoding in encodings[:-1]:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    return content.decode(encodings[-1], errors="replace")


def require_items(items: list[Item], root: Path, title: str, layout: str) -> list[Item]:
    """``items``, or a CorpusError that says what was expected where none was found."""
    if not items:
        raise CorpusError(f"{root}: no {title} utterance found. Expected {layout}.")
    return items


#: What a file is: an utterance, or why it is none.
Parsed = Item | str


def read_clips(
    corpus: Corpus,
    root: str | Path,
    parse: Callable[[Path], Parsed | None],
    skipped: list[Skipped] | None,
) -> list[Item]:
    """A corpus that is a folder of clips: one item for each, in order of their ids.

    Args:
        parse: a clip's path -> its item, or why it is none of the corpus; None where it is not
            named like the corpus's clips. Of several clips with one id the first is taken.
        skipped: gets the files that are left out.

    Raises:
        CorpusError: the folder is missing or holds none of the corpus's clips.
    """
    root = existing_folder(root)
    skipped = [] if skipped is None else skipped
    items: dict[str, Item] = {}
    for path in audio_files(root):
        parsed = parse(path)
        if isinstance(parsed, Item):
            items.setdefault(parsed.id, parsed)
        else:
            name = path.relative_to(root).as_posix()
            skipped.append(Skipped(name, parsed or f"not named like a {corpus.title} clip"))
    return require_items(
        sorted(items.values(), key=lambda item: item.id), root, corpus.title, corpus.layout
    )
