"""``drkf faithfulness``: measures how true the explanations are to a checkpoint."""

from __future__ import annotations

import argparse

from drkf import extras
from drkf.cli.arguments import Commands, add_checkpoint, add_corpora


def add_parser(commands: Commands) -> None:
    """Add the command to the command line; ``args.run`` runs it."""
    parser = commands.add_parser(
        "faithfulness", help="measure how true the explanations are to a checkpoint"
    )
    add_corpora(parser)
    parser.add_argument(
        "--count", type=int, default=50, help="utterances of each kind (default: %(default)s)"
    )
    parser.add_argument(
        "--update",
        action="store_true",
        help="put the table in the checkpoint's card",
    )
    add_checkpoint(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Run the parsed command."""
    extras.require_extra("workbench")
    from drkf.evaluation.faithfulness import measure_faithfulness

    measure_faithfulness(args.checkpoint, args.speech, args.text, args.count, args.update)
    return 0
