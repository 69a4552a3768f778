"""The commands ``benchmark``, ``size``, ``push`` and ``deploy``; what they run is imported late."""

from __future__ import annotations

import argparse
from pathlib import Path

from drkf.data import CORPORA, find_corpus
from drkf.experiments.presets import PRESETS
from drkf.files import whole


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the commands to the command line; ``args.run`` runs one."""
    benchmark = commands.add_parser(
        "benchmark",
        help="train and test by the paper's protocol on a corpus",
        description=f"Corpora: {', '.join(CORPORA)}. On several GPUs: accelerate launch -m "
        "drkf.cli benchmark …",
    )
    benchmark.add_argument("corpus", help="the corpus's name")
    add_preset(benchmark)
    benchmark.add_argument("--root", type=Path, required=True, help="the folder that holds it")
    benchmark.add_argument("--epochs", type=int, help="instead of the preset's")
    benchmark.add_argument(
        "--out", type=Path, help="where state and results go (default: runs/CORPUS-PRESET)"
    )
    benchmark.add_argument(
        "--ablation", action="store_true", help="also without ED, and without PCMIE"
    )
    benchmark.set_defaults(run=run_benchmark)

    size = commands.add_parser("size", help="count a preset's weights and memory")
    add_preset(size)
    size.add_argument("--language", choices=("english", "chinese"), default="english")
    size.set_defaults(run=run_size)

    push = commands.add_parser("push", help="upload a checkpoint to the Hugging Face hub")
    add_upload(push)
    push.set_defaults(run=run_push)

    deploy = commands.add_parser("deploy", help="upload the app as a Hugging Face Space")
    add_upload(deploy)
    deploy.set_defaults(run=run_deploy)


def add_preset(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--set",
        dest="overrides",
        nargs="+",
        action="extend",
        default=[],
        metavar="NAME=VALUE",
        help="settings to change, as stage.batch_size=8",
    )
    parser.add_argument("--preset", choices=PRESETS, default="paper")


def add_upload(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("repo", metavar="USER/NAME")
    parser.add_argument("--checkpoint", type=Path, default=Path("checkpoints/drkf-compact"))
    parser.add_argument("--private", action="store_true")


def run_benchmark(args: argparse.Namespace) -> int:
    """Run what is left of the benchmark and print its table."""
    from drkf.experiments.benchmark import benchmark, main_process
    from drkf.experiments.presets import read_preset
    from drkf.experiments.table import render

    corpus = find_corpus(args.corpus)
    overrides = [*args.overrides]
    if args.epochs is not None:
        overrides.append(f"stage.epochs={args.epochs}")
    out = args.out or Path("runs") / f"{corpus.name}-{args.preset}"
    config = read_preset(args.preset, overrides)
    results = benchmark(corpus, args.root, config, out, args.ablation)
    if main_process():
        table = render(corpus, args.preset, results)
        with whole(out / "table.md") as part:
            part.write_text(table, encoding="utf-8")
        print(table)
    return 0


def run_size(args: argparse.Namespace) -> int:
    """Print the size of a preset's model."""
    from drkf.experiments.presets import read_preset
    from drkf.experiments.size import model_size, render

    config = read_preset(args.preset, args.overrides)
    print(render(model_size(config, getattr(config, args.language))))
    return 0


def run_push(args: argparse.Namespace) -> int:
    """Upload a checkpoint and print how to load exactly it."""
    from drkf.hub import push

    commit = push(args.checkpoint, args.repo, args.private)
    print(f'EmotionPipeline.from_pretrained("{args.repo}", revision="{commit.oid}")')
    return 0


def run_deploy(args: argparse.Namespace) -> int:
    """Upload the app."""
    from drkf.hub import deploy

    deploy(args.checkpoint, args.repo, args.private)
    print(f"The Space builds now: huggingface.co/spaces/{args.repo}")
    return 0
