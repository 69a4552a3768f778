"""``drkf ablate``: trains DRKF without each of its parts, and other fusions, and compares."""

from __future__ import annotations

import argparse
from pathlib import Path

from drkf import extras
from drkf.cli.arguments import Commands, add_checkpoint, add_corpora
from drkf.files import CONFIGS


def add_parser(commands: Commands) -> None:
    """Add the command to the command line; ``args.run`` runs it."""
    parser = commands.add_parser(
        "ablate", help="train DRKF without each of its parts, and other fusions, and compare"
    )
    parser.add_argument("overrides", nargs="*", help="settings to change, as train.fusion.steps=99")
    parser.add_argument(
        "--config",
        type=Path,
        default=CONFIGS / "ablation.toml",
        help="settings (default: the ablation's)",
    )
    add_corpora(parser)
    parser.add_argument("--seeds", type=int, help="how many (default: the configuration's)")
    parser.add_argument(
        "--only", action="append", default=[], metavar="VARIANT", help="run this row (repeatable)"
    )
    parser.add_argument("--work", type=Path, default=Path("runs/ablation"), help="resumable state")
    parser.add_argument(
        "--update", action="store_true", help="put the tables in the checkpoint's card"
    )
    add_checkpoint(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Run the parsed command."""
    extras.require_extra("train")
    from drkf.experiments.ablation import ablate, load_ablation_config

    overrides = [*args.overrides]
    if args.seeds is not None:
        overrides.append(f"seeds={args.seeds}")
    config = load_ablation_config(args.config, overrides)
    ablate(args.checkpoint, args.speech, args.text, config, args.work, args.only, args.update)
    return 0
