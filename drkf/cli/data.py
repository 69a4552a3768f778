"""``drkf data inspect``: what a corpus's folder holds."""

from __future__ import annotations

import argparse
from pathlib import Path

from drkf.cli.arguments import Commands
from drkf.data import CORPORA


def add_parser(subparsers: Commands) -> None:
    """Add ``data inspect CORPUS ROOT`` to the command line; ``args.run`` runs it."""
    data = subparsers.add_parser("data", help="look at corpora")
    commands = data.add_subparsers(dest="data_command", required=True)
    parser = commands.add_parser(
        "inspect",
        help="count a corpus's utterances and find its missing and unreadable files",
        description=f"Known corpora: {', '.join(CORPORA)}.",
    )
    parser.add_argument("corpus", help="the corpus's name")
    parser.add_argument("root", type=Path, help="the folder that holds it")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Print the inspection of ``args.corpus`` under ``args.root``."""
    return inspect_corpus(args.corpus, args.root)


def inspect_corpus(corpus: str, root: Path) -> int:
    """Print what the folder ``root`` holds of a corpus."""
    from drkf.data.inspect import inspect, inspection_text

    print(inspection_text(inspect(corpus, root)))
    return 0
