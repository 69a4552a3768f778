"""``drkf size``: counts a preset's weights and memory."""

from __future__ import annotations

import argparse

from drkf.cli.arguments import Commands, add_preset


def add_parser(commands: Commands) -> None:
    """Add the command to the command line; ``args.run`` runs it."""
    parser = commands.add_parser("size", help="count a preset's weights and memory")
    add_preset(parser)
    parser.add_argument("--language", choices=("english", "chinese"), default="english")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Print the size of a preset's model."""
    from drkf.experiments.presets import read_preset
    from drkf.experiments.size import model_size, size_table

    config = read_preset(args.preset, args.overrides)
    print(size_table(model_size(config, getattr(config, args.language))))
    return 0
