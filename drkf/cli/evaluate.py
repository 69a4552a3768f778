"""``drkf evaluate``: prints a checkpoint's figures."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from drkf import extras
from drkf.cli.arguments import Commands, add_checkpoint, refuse_overwriting
from drkf.errors import ManifestError


def add_parser(commands: Commands) -> None:
    """Add the command to the command line; ``args.run`` runs it."""
    parser = commands.add_parser(
        "evaluate", help="measure a checkpoint on held-out speakers and texts"
    )
    parser.add_argument("--speech", type=Path, help="labelled speech: folder or manifest")
    parser.add_argument("--text", type=Path, help="folder with CORPUS_dev.csv tables")
    parser.add_argument(
        "--manifest", type=Path, help="labelled utterances: columns id, audio, text, emotion"
    )
    parser.add_argument(
        "--unseen",
        action="append",
        default=[],
        metavar="CORPUS",
        help="a corpus of --speech that the checkpoint was never trained on (repeatable; default: "
        "those that training left out)",
    )
    parser.add_argument(
        "--pairs", type=int, help="voices to pair with texts (default: as in training)"
    )
    parser.add_argument("--out", type=Path, help="JSON file for the figures")
    add_checkpoint(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Run the parsed command."""
    extras.require_extra("workbench")
    return evaluate(
        args.checkpoint,
        args.speech,
        args.text,
        args.manifest,
        args.out,
        args.unseen,
        args.pairs,
    )


def evaluate(
    checkpoint: str,
    speech: Path | None,
    text: Path | None,
    manifest: Path | None,
    out: Path | None,
    unseen: Sequence[str] = (),
    pairs: int | None = None,
) -> int:
    """``drkf evaluate``: the card's figures on dev, or those of a labelled manifest.

    Raises:
        DRKFError: nothing to evaluate on, or something unusable.
        OSError: there can be no file at ``out``.
    """
    from drkf.evaluation.held_out import evaluate_held_out, evaluate_manifest
    from drkf.files import write_json

    if out is not None:
        refuse_overwriting(out, [speech, text, manifest])
        out.parent.mkdir(parents=True, exist_ok=True)
    if manifest is not None:
        result, printed = evaluate_manifest(checkpoint, manifest)
    elif speech is not None and text is not None:
        result, printed = evaluate_held_out(checkpoint, speech, text, unseen, pairs)
    else:
        raise ManifestError("give --speech and --text, or --manifest, to evaluate on")
    print(printed)
    if out is not None:
        write_json(out, result)
    return 0
