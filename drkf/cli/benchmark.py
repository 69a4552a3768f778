"""``drkf benchmark``: trains and tests by the paper's protocol on a corpus."""

from __future__ import annotations

import argparse
from pathlib import Path

from drkf import extras
from drkf.cli.arguments import Commands, add_preset
from drkf.data import CORPORA, find_corpus
from drkf.files import whole


def add_parser(commands: Commands) -> None:
    """Add the command to the command line; ``args.run`` runs it."""
    parser = commands.add_parser(
        "benchmark",
        help="train and test by the paper's protocol on a corpus",
        description=f"Corpora: {', '.join(CORPORA)}. On several GPUs: accelerate launch -m "
        "drkf.cli benchmark …",
    )
    parser.add_argument("corpus", help="the corpus's name")
    add_preset(parser)
    parser.add_argument("--root", type=Path, required=True, help="the folder that holds it")
    parser.add_argument("--epochs", type=int, help="instead of the preset's")
    parser.add_argument(
        "--out", type=Path, help="where state and results go (default: runs/CORPUS-PRESET)"
    )
    parser.add_argument(
        "--ablation", action="store_true", help="also without ED, and without PCMIE"
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Run what is left of the benchmark and print its table."""
    extras.require_extra("train")
    from drkf.experiments.benchmark import benchmark, main_process
    from drkf.experiments.presets import read_preset
    from drkf.experiments.table import benchmark_table

    corpus = find_corpus(args.corpus)
    overrides = [*args.overrides]
    if args.epochs is not None:
        overrides.append(f"stage.epochs={args.epochs}")
    out: Path = args.out or Path("runs") / f"{corpus.name}-{args.preset}"
    config = read_preset(args.preset, overrides)
    results = benchmark(corpus, args.root, config, out, args.ablation)
    if main_process():
        table = benchmark_table(corpus, args.preset, results)
        with whole(out / "table.md") as part:
            part.write_text(table, encoding="utf-8")
        print(table)
    return 0
