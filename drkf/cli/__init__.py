"""The ``drkf`` command: one file a command, each with ``add_parser`` and ``run``.

The files import what takes long (PyTorch, pandas) only when their command runs, so that help and
shell completion answer at once.
"""

from __future__ import annotations

import argparse
import io
import sys
from collections.abc import Sequence

import shtab

import drkf
from drkf.cli import (
    ablate,
    analyze,
    analyze_set,
    benchmark,
    data,
    demo,
    deploy,
    evaluate,
    faithfulness,
    interpolate,
    listen,
    predict,
    push,
    size,
    train,
)
from drkf.errors import DRKFError
from drkf.extras import extra_of

#: In the order in which ``drkf --help`` lists them.
COMMANDS = (
    demo,
    analyze,
    listen,
    predict,
    train,
    interpolate,
    evaluate,
    data,
    faithfulness,
    ablate,
    analyze_set,
    benchmark,
    size,
    push,
    deploy,
)

#: What each command's help ends with.
EXAMPLES = {
    "demo": "demo --port 8000",
    "analyze": 'analyze clip.wav --text "I am fine."',
    "listen": "listen --seconds 10",
    "predict": "predict --manifest in.csv --out out.jsonl",
    "train": "train --speech speech --text texts --audio-encoder openai/whisper-base "
    "--text-encoder roberta-base",
    "interpolate": "interpolate checkpoints/drkf-compact --audio-encoder openai/whisper-base "
    "--out encoder",
    "evaluate": "evaluate --manifest labelled.csv --out figures.json",
    "data": "data inspect ravdess corpora/ravdess",
    "faithfulness": "faithfulness --speech speech --text texts --count 100",
    "ablate": "ablate --speech speech --text texts --seeds 3",
    "analyze-set": "analyze-set --manifest set.csv --out report",
    "benchmark": "benchmark meld --root corpora/MELD.Raw",
    "size": "size --preset compact",
    "push": "push user/model --private",
    "deploy": "deploy user/space",
}


def main(argv: Sequence[str] | None = None) -> int:
    """Runs a subcommand; 0 on success, 2 with one line on an error that a user can correct."""
    for stream in (sys.stdout, sys.stderr):  # "?" for what an old console has no letter for
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    try:
        args = build_parser().parse_args(argv)
        return args.run(args)
    except DRKFError as error:
        print(f"drkf: {error}", file=sys.stderr)
        return 2
    except ModuleNotFoundError as error:
        extra = extra_of((error.name or "").partition(".")[0])
        if extra is None:
            raise
        print(f"drkf: {error.name} is not installed: pip install 'drkf[{extra}]'", file=sys.stderr)
        return 2
    except BrokenPipeError:  # the reader of our output (head, less) has left
        sys.stderr.close()
        return 1
    except OSError as error:
        print(f"drkf: {error.filename or 'a file'}: {error.strerror or error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("drkf: stopped", file=sys.stderr)
        return 130


def build_parser() -> argparse.ArgumentParser:
    """The parser of the whole command line."""
    parser = argparse.ArgumentParser(
        prog="drkf", description="Emotion recognition from voice and words, explained."
    )
    parser.add_argument("--version", action="version", version=f"drkf {drkf.__version__}")
    shtab.add_argument_to(
        parser, "--print-completion", help="print what makes this shell complete drkf's options"
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for command in COMMANDS:
        command.add_parser(commands)
    for name, example in EXAMPLES.items():
        commands.choices[name].epilog = f"Example: drkf {example}"
    return parser
