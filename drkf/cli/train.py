"""``drkf train``: trains a checkpoint."""

from __future__ import annotations

import argparse
from pathlib import Path

from drkf import extras
from drkf.cli.arguments import Commands, add_corpora
from drkf.files import CONFIGS, SHIPPED


def add_parser(commands: Commands) -> None:
    """Add the command to the command line; ``args.run`` runs it."""
    parser = commands.add_parser("train", help="train a checkpoint")
    parser.add_argument("overrides", nargs="*", help="settings to change, as fusion.epochs=3")
    parser.add_argument(
        "--config",
        type=Path,
        default=CONFIGS / "compact.toml",
        help="settings (default: those of the shipped checkpoint)",
    )
    add_corpora(parser)
    parser.add_argument(
        "--leave-out",
        action="append",
        default=[],
        metavar="CORPUS",
        help="a speech corpus to measure on and never train on, besides the configuration's "
        "yardstick.unseen (repeatable)",
    )
    parser.add_argument("--audio-encoder", required=True, help="folder or hub id")
    parser.add_argument("--text-encoder", required=True, help="folder or hub id")
    parser.add_argument(
        "--work",
        type=Path,
        default=Path("runs/compact"),
        help="folder for the resumable state (default: %(default)s)",
    )
    parser.add_argument(
        "--out",
        type=Path,
        default=SHIPPED,
        help="checkpoint to write; one that is there is replaced (default: %(default)s)",
    )
    parser.add_argument(
        "--card",
        type=Path,
        metavar="TOML",
        help="what the checkpoint's card says of its data, licence and limits "
        f"(the shipped one's: {(CONFIGS / 'card.toml').name})",
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Run the parsed command."""
    extras.require_extra("train")
    from drkf.evaluation.card_texts import read_card_texts
    from drkf.training.config import load_config, without_corpora
    from drkf.training.trainer import train

    card = read_card_texts(args.card) if args.card else None
    train(
        without_corpora(load_config(args.config, args.overrides), args.leave_out),
        args.speech,
        args.text,
        args.audio_encoder,
        args.text_encoder,
        args.work,
        args.out,
        card,
    )
    return 0
