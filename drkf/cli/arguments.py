"""Options that several commands share."""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from pathlib import Path

from drkf.errors import ManifestError
from drkf.files import SHIPPED

#: One parser a command is added to it: what ``ArgumentParser.add_subparsers`` returns.
Commands = argparse._SubParsersAction
#: The names of ``drkf.experiments.presets.PRESETS``, which takes seconds to import.
PRESETS = ("paper", "compact")


def add_checkpoint(parser: argparse.ArgumentParser) -> None:
    """Add ``--checkpoint``: what a command reads its model from."""
    parser.add_argument(
        "--checkpoint", default=SHIPPED.as_posix(), help="folder or hub id (default: %(default)s)"
    )


def add_corpora(parser: argparse.ArgumentParser) -> None:
    """Add ``--speech`` and ``--text``: the labelled data of a training run."""
    parser.add_argument(
        "--speech", type=Path, required=True, help="folder with manifest.csv, or a manifest"
    )
    parser.add_argument(
        "--text", type=Path, required=True, help="folder with CORPUS_train.csv and CORPUS_dev.csv"
    )


def add_preset(parser: argparse.ArgumentParser) -> None:
    """Add ``--preset`` and ``--set``: a model of the paper's, with changed settings."""
    parser.add_argument(
        "--set",
        dest="overrides",
        nargs="+",
        action="extend",
        default=[],
        metavar="NAME=VALUE",
        help="settings to change, as stage.batch_size=8",
    )
    parser.add_argument("--preset", choices=PRESETS, default="paper")


def add_upload(parser: argparse.ArgumentParser) -> None:
    """Add the hub repository to write to, and the checkpoint that is uploaded."""
    parser.add_argument("repo", metavar="USER/NAME")
    parser.add_argument("--checkpoint", type=Path, default=SHIPPED)
    parser.add_argument("--private", action="store_true")


def refuse_overwriting(out: Path, inputs: Iterable[Path | None]) -> None:
    """Raises ManifestError if an output is one of the inputs, under any path: writing it would
    destroy the input."""
    for path in inputs:
        if path is None or not path.exists():
            continue
        if out.resolve() == path.resolve() or (out.exists() and out.samefile(path)):
            raise ManifestError(
                f"{out} is an input of this command: give --out another name, or it would be lost"
            )
