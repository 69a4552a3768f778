"""``drkf push``: uploads a checkpoint to the Hugging Face hub."""

from __future__ import annotations

import argparse

from drkf.cli.arguments import Commands, add_upload


def add_parser(commands: Commands) -> None:
    """Add the command to the command line; ``args.run`` runs it."""
    parser = commands.add_parser("push", help="upload a checkpoint to the Hugging Face hub")
    add_upload(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Upload a checkpoint and print how to load exactly it."""
    from drkf.hub import push

    commit = push(args.checkpoint, args.repo, args.private)
    print(f'EmotionPipeline.from_pretrained("{args.repo}", revision="{commit.oid}")')
    return 0
