"""The errors a user can cause. Each message is one line and says what to do."""

from collections.abc import Iterator
from contextlib import contextmanager


class DRKFError(Exception):
    """An error that a user can correct; ``str(error)`` is shown to them unchanged."""


class AudioError(DRKFError):
    """The audio cannot be used: unreadable, too short, too long, silent or not audio."""


class MicrophoneError(DRKFError):
    """Nothing can be recorded: no PortAudio, no microphone, or one that cannot be opened."""


class MissingExtraError(DRKFError):
    """An optional part of the installation is needed; the message names it."""


class NoInputError(DRKFError):
    """Neither speech nor words were given."""


class CheckpointError(DRKFError):
    """A checkpoint is missing, incomplete or does not fit its configuration."""


class TranscriptionError(DRKFError):
    """Speech recognition is not available or failed."""


class ManifestError(DRKFError):
    """A table of utterances cannot be read."""


class CorpusError(DRKFError):
    """A corpus folder is not laid out as its owners ship it."""


class ConfigError(DRKFError):
    """A training configuration is not usable."""


class ScenarioError(DRKFError):
    """A what-if scenario asks for an edit that is not possible, or its file cannot be used."""


class ExplanationError(DRKFError):
    """An explanation was asked for a method or an emotion that does not exist."""


class ShareError(DRKFError):
    """The hub does not take an upload."""


class ResultsError(DRKFError):
    """A folder of results, or a file of notes about them, cannot be read or written."""


class ClassroomError(DRKFError):
    """A room is full, is closed, or refuses what was sent to it."""


class ArchiveError(DRKFError):
    """A zip file is damaged, too large, or holds what no archive of clips needs."""


def first_line(error: Exception) -> str:
    """What a library's error says, without what it adds for programmers."""
    return str(error).strip().split("\n")[0]


def shorten(text: str, length: int = 80) -> str:
    """One printable line of at most ``length`` characters, for a message about a user's data."""
    line = "".join(c if c.isprintable() else "?" for c in text)
    return line if len(line) <= length else line[: length - 1] + "…"


@contextmanager
def at_place(place: int) -> Iterator[None]:
    """Says of what a user can mend in the block that it is at this place of a list, from 0."""
    try:
        yield
    except DRKFError as error:
        raise type(error)(f"At place {place} of the list: {error}") from error


def row_error(error: Exception) -> str:
    """Why one row of many failed, in one line that can be saved as UTF-8: file names need not
    be."""
    if not isinstance(error, DRKFError):
        return f"this row could not be analysed ({type(error).__name__})"
    return encodable(" ".join(str(error).split()))


def encodable(text: str) -> str:
    """Text that can be saved as UTF-8."""
    return text.encode("utf-8", errors="replace").decode("utf-8")
