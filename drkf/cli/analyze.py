"""``drkf analyze``: one clip, a sentence, or both."""

from __future__ import annotations

import argparse
import json

from drkf.cli.arguments import Commands, add_checkpoint


def add_parser(commands: Commands) -> None:
    """Add the command to the command line; ``args.run`` runs it."""
    parser = commands.add_parser("analyze", help="analyse one clip, a sentence, or both")
    parser.add_argument("clip", nargs="?", help="an audio file")
    parser.add_argument("--text", help="the words (default: recognised from the clip)")
    parser.add_argument("--json", action="store_true", help="print the whole analysis as JSON")
    parser.add_argument(
        "--counterfactuals",
        action="store_true",
        help="also find the smallest changes after which the answer would be another one",
    )
    add_checkpoint(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Run the parsed command."""
    return analyze(
        clip=args.clip,
        text=args.text,
        as_json=args.json,
        counterfactuals=args.counterfactuals,
        checkpoint=args.checkpoint,
    )


def analyze(
    *, clip: str | None, text: str | None, as_json: bool, counterfactuals: bool, checkpoint: str
) -> int:
    """Print the summary of an analysis, or the whole analysis as JSON."""
    from drkf.cli.summary import summary
    from drkf.pipeline import EmotionPipeline

    pipeline = EmotionPipeline.from_pretrained(checkpoint)
    utterance = pipeline.encode(clip, text)
    analysis = pipeline.explain(utterance, pipeline.predict(utterance))
    if counterfactuals:
        analysis = pipeline.with_counterfactuals(utterance, analysis)
    print(json.dumps(analysis.to_dict(), indent=2) if as_json else summary(analysis))
    return 0
