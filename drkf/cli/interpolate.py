"""``drkf interpolate``: the mean of a checkpoint's speech encoder and the one it came from."""

from __future__ import annotations

import argparse
from pathlib import Path

from drkf import extras
from drkf.cli.arguments import Commands


def add_parser(commands: Commands) -> None:
    """Add the command to the command line; ``args.run`` runs it."""
    parser = commands.add_parser(
        "interpolate",
        help="write the mean of a checkpoint's speech encoder and the pretrained one",
    )
    parser.add_argument("checkpoint", help="folder or hub id of a checkpoint")
    parser.add_argument("--audio-encoder", required=True, help="what it was trained from")
    parser.add_argument(
        "--share",
        type=float,
        default=0.5,
        help="the checkpoint's share, 0 to 1 (default: %(default)s)",
    )
    parser.add_argument("--out", type=Path, required=True, help="folder of the encoder to write")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Run the parsed command."""
    extras.require_extra("train")
    from drkf.training.interpolation import write_interpolated

    write_interpolated(args.checkpoint, args.audio_encoder, args.share, args.out)
    return 0
