"""``drkf deploy``: uploads the app as a Hugging Face Space."""

from __future__ import annotations

import argparse

from drkf.cli.arguments import Commands, add_upload

FREE_HARDWARE = "zero-a10g"


def add_parser(commands: Commands) -> None:
    """Add the command to the command line; ``args.run`` runs it."""
    parser = commands.add_parser("deploy", help="upload the app as a Hugging Face Space")
    add_upload(parser)
    parser.add_argument(
        "--hardware",
        default=FREE_HARDWARE,
        help="what runs it, by the hub's name, as cpu-basic or t4-small (default: %(default)s, "
        "the one that is free)",
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Upload the app and print where it will be."""
    from drkf.hub import deploy

    deploy(args.checkpoint, args.repo, args.private, args.hardware)
    print(f"The Space builds now: huggingface.co/spaces/{args.repo}")
    return 0
