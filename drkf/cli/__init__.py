"""The ``drkf`` command."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from drkf.errors import DRKFError
from drkf.files import CONFIGS

CHECKPOINT = "checkpoints/drkf-compact"


def main(argv: Sequence[str] | None = None) -> int:
    """Runs a subcommand; 0 on success, 2 with one clear line on an error a user can mend."""
    args = build_parser().parse_args(argv)
    try:
        return args.run(args)
    except DRKFError as error:
        print(f"drkf: {error}", file=sys.stderr)
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
    parser = argparse.ArgumentParser(
        prog="drkf", description="Emotion recognition from voice and words, explained."
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    analyze = commands.add_parser("analyze", help="analyse one clip, a sentence, or both")
    analyze.add_argument("clip", nargs="?", help="an audio file")
    analyze.add_argument("--text", help="the words (default: recognised from the clip)")
    analyze.add_argument("--json", action="store_true", help="print the whole analysis as JSON")
    add_checkpoint(analyze)
    analyze.set_defaults(run=run_analyze)

    listen = commands.add_parser("listen", help="record from a microphone and analyse that")
    listen.add_argument("--list", action="store_true", help="list the microphones and end")
    listen.add_argument("--device", help="number or name of the microphone, as --list shows it")
    listen.add_argument(
        "--silence",
        type=float,
        default=2.0,
        metavar="SECONDS",
        help="silence after speech that ends it; 0 for never (default: %(default)s)",
    )
    listen.add_argument(
        "--seconds", type=float, default=60.0, help="the longest recording (default: %(default)s)"
    )
    listen.add_argument("--json", action="store_true", help="print the whole analysis as JSON")
    add_checkpoint(listen)
    listen.set_defaults(run=run_listen)

    predict = commands.add_parser("predict", help="predict every row of a manifest")
    predict.add_argument(
        "--manifest", type=Path, required=True, help="table with columns id, audio, text"
    )
    predict.add_argument("--out", type=Path, required=True, help="JSONL file to write")
    predict.add_argument(
        "--transcribe", action="store_true", help="recognise the words of rows without text"
    )
    add_checkpoint(predict)
    predict.set_defaults(run=run_predict)

    train = commands.add_parser("train", help="train a checkpoint")
    train.add_argument("overrides", nargs="*", help="settings to change, as fusion.epochs=3")
    train.add_argument(
        "--config",
        type=Path,
        default=CONFIGS / "compact.toml",
        help="settings (default: those of the shipped checkpoint)",
    )
    train.add_argument(
        "--speech", type=Path, required=True, help="folder with manifest.csv, or a manifest"
    )
    train.add_argument(
        "--text", type=Path, required=True, help="folder with CORPUS_train.csv and CORPUS_dev.csv"
    )
    train.add_argument("--audio-encoder", required=True, help="folder or hub id")
    train.add_argument("--text-encoder", required=True, help="folder or hub id")
    train.add_argument(
        "--work",
        type=Path,
        default=Path("runs/compact"),
        help="folder for the resumable state (default: %(default)s)",
    )
    train.add_argument(
        "--out",
        type=Path,
        default=Path(CHECKPOINT),
        help="checkpoint to write; one that is there is replaced (default: %(default)s)",
    )
    train.set_defaults(run=run_train)

    evaluate = commands.add_parser(
        "evaluate", help="measure a checkpoint on held-out speakers and texts"
    )
    evaluate.add_argument("--speech", type=Path, help="labelled speech: folder or manifest")
    evaluate.add_argument("--text", type=Path, help="folder with CORPUS_dev.csv tables")
    evaluate.add_argument(
        "--manifest", type=Path, help="labelled utterances: columns id, audio, text, emotion"
    )
    evaluate.add_argument("--out", type=Path, help="JSON file for the figures")
    add_checkpoint(evaluate)
    evaluate.set_defaults(run=run_evaluate)

    from drkf.cli import data, paper

    data.add_parser(commands)
    faithfulness = commands.add_parser(
        "faithfulness", help="measure how true the explanations are to a checkpoint"
    )
    faithfulness.add_argument("--speech", type=Path, required=True, help="folder or manifest")
    faithfulness.add_argument(
        "--text", type=Path, required=True, help="folder with CORPUS_train.csv and CORPUS_dev.csv"
    )
    faithfulness.add_argument(
        "--count", type=int, default=50, help="utterances of each kind (default: %(default)s)"
    )
    faithfulness.add_argument(
        "--update",
        action="store_true",
        help="put the table in the checkpoint's card and make the winner its default method",
    )
    add_checkpoint(faithfulness)
    faithfulness.set_defaults(run=run_faithfulness)

    ablate = commands.add_parser(
        "ablate", help="train DRKF without each of its parts, and other fusions, and compare"
    )
    ablate.add_argument("overrides", nargs="*", help="settings to change, as train.fusion.steps=99")
    ablate.add_argument(
        "--config",
        type=Path,
        default=CONFIGS / "ablation.toml",
        help="settings (default: the ablation's)",
    )
    ablate.add_argument("--speech", type=Path, required=True, help="folder or manifest")
    ablate.add_argument(
        "--text", type=Path, required=True, help="folder with CORPUS_train.csv and CORPUS_dev.csv"
    )
    ablate.add_argument("--seeds", type=int, help="how many (default: the configuration's)")
    ablate.add_argument(
        "--only", action="append", default=[], metavar="VARIANT", help="run this row (repeatable)"
    )
    ablate.add_argument("--work", type=Path, default=Path("runs/ablation"), help="resumable state")
    ablate.add_argument(
        "--update", action="store_true", help="put the tables in the checkpoint's card"
    )
    add_checkpoint(ablate)
    ablate.set_defaults(run=run_ablate)
    add_analyze_set(commands)
    paper.add_parser(commands)
    return parser


def add_analyze_set(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    from drkf.data import CORPORA

    parser = commands.add_parser(
        "analyze-set",
        help="analyse a labelled set: tables, exports and an error report",
        description="Columns and labels are guessed, shown, and written to OUT/map.json, which "
        "can be corrected and given back with --map. A run that was stopped or killed goes on "
        "where it was when the command is given again. Over several processes or GPUs: "
        "accelerate launch -m drkf.cli analyze-set …",
    )
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument(
        "--manifest",
        type=Path,
        help="CSV, TSV or JSONL table; a text file, one sentence a line; or a folder of clips",
    )
    source.add_argument("--corpus", choices=CORPORA, help="a corpus as its owners ship it")
    parser.add_argument(
        "--root",
        type=Path,
        help="the corpus's folder; or what the manifest's paths start from (default: its folder)",
    )
    parser.add_argument("--split", help="only this split of the corpus or manifest")
    parser.add_argument("--map", type=Path, help="corrected columns and labels, as OUT/map.json")
    parser.add_argument("--out", type=Path, required=True, help="folder for everything made")
    parser.add_argument(
        "--transcribe", action="store_true", help="recognise the words of clips without any"
    )
    parser.add_argument(
        "--audio", action="store_true", help="put the clips into the report and the dataset"
    )
    parser.add_argument(
        "--compare", type=Path, help="OUT of another checkpoint on this set, to compare with"
    )
    add_checkpoint(parser)
    parser.set_defaults(run=run_analyze_set)


def add_checkpoint(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--checkpoint", default=CHECKPOINT, help="folder or hub id (default: %(default)s)"
    )


def run_analyze(args: argparse.Namespace) -> int:
    from drkf.cli.summary import summary
    from drkf.pipeline import EmotionPipeline

    analysis = EmotionPipeline.from_pretrained(args.checkpoint).analyze(args.clip, args.text)
    print(json.dumps(analysis.to_dict(), indent=2) if args.json else summary(analysis))
    return 0


def run_listen(args: argparse.Namespace) -> int:
    from drkf.cli.listen import list_devices, listen

    if args.list:
        return list_devices()
    return listen(args.checkpoint, args.device, args.silence, args.seconds, args.json)


def run_predict(args: argparse.Namespace) -> int:
    from drkf.cli.predict import predict_manifest

    failed = predict_manifest(args.manifest, args.out, args.checkpoint, args.transcribe)
    if failed:
        print(f"drkf: {failed} rows could not be analysed; see their error", file=sys.stderr)
    return 0


def run_analyze_set(args: argparse.Namespace) -> int:
    from drkf.cli.analyze_set import run

    return run(args)


def run_train(args: argparse.Namespace) -> int:
    from drkf.training.config import load_config
    from drkf.training.trainer import train

    train(
        load_config(args.config, args.overrides),
        args.speech,
        args.text,
        args.audio_encoder,
        args.text_encoder,
        args.work,
        args.out,
    )
    return 0


def run_evaluate(args: argparse.Namespace) -> int:
    from drkf.cli.evaluate import evaluate

    return evaluate(args.checkpoint, args.speech, args.text, args.manifest, args.out)


def run_faithfulness(args: argparse.Namespace) -> int:
    from drkf.evaluation.faithfulness import measure

    measure(args.checkpoint, args.speech, args.text, args.count, args.update)
    return 0


def run_ablate(args: argparse.Namespace) -> int:
    from drkf.experiments.ablation import ablate, load_ablation_config

    overrides = [*args.overrides]
    if args.seeds is not None:
        overrides.append(f"seeds={args.seeds}")
    config = load_ablation_config(args.config, overrides)
    ablate(args.checkpoint, args.speech, args.text, config, args.work, args.only, args.update)
    return 0
