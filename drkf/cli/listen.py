"""``drkf listen``: records from a microphone and prints the analysis."""

from __future__ import annotations

import argparse
import json

from drkf import extras
from drkf.cli.arguments import Commands, add_checkpoint
from drkf.errors import MicrophoneError


def add_parser(commands: Commands) -> None:
    """Add the command to the command line; ``args.run`` runs it."""
    parser = commands.add_parser("listen", help="record from a microphone and analyse that")
    parser.add_argument("--list", action="store_true", help="list the microphones and end")
    parser.add_argument("--device", help="number or name of the microphone, as --list shows it")
    parser.add_argument(
        "--silence",
        type=float,
        default=2.0,
        metavar="SECONDS",
        help="silence after speech that ends it; 0 for never (default: %(default)s)",
    )
    parser.add_argument(
        "--seconds", type=float, default=60.0, help="the longest recording (default: %(default)s)"
    )
    parser.add_argument("--json", action="store_true", help="print the whole analysis as JSON")
    add_checkpoint(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Run the parsed command."""
    extras.require_extra("mic")
    if args.list:
        return list_devices()
    return record_and_analyze(args.checkpoint, args.device, args.silence, args.seconds, args.json)


def record_and_analyze(
    checkpoint: str,
    device: str | None,
    silence_seconds: float,
    longest_seconds: float,
    as_json: bool,
) -> int:
    """Records, analyses, and prints the summary, or the whole analysis as JSON.

    Raises:
        MicrophoneError: nothing can be recorded. Other DRKFErrors as ``drkf analyze``.
    """
    from drkf.audio.decode import MAX_SECONDS
    from drkf.audio.microphone import find_device, load_sounddevice, record

    if not 0 < longest_seconds <= MAX_SECONDS:
        raise MicrophoneError(f"--seconds must be above 0 and at most {MAX_SECONDS:.0f}.")
    if silence_seconds < 0:
        raise MicrophoneError("--silence must be 0 (never stop by itself) or more seconds.")
    sounddevice = load_sounddevice()
    chosen = find_device(sounddevice, device)
    # After the device is known to be there, before the speaker is asked to begin.
    from drkf.cli.summary import summary
    from drkf.pipeline import EmotionPipeline

    pipeline = EmotionPipeline.from_pretrained(checkpoint)
    clip = record(sounddevice, chosen, silence_seconds, longest_seconds)
    analysis = pipeline.analyze(clip)
    print(json.dumps(analysis.to_dict(), indent=2) if as_json else summary(analysis))
    return 0


def list_devices() -> int:
    """Prints every microphone, with "*" at the one that is used by default."""
    from drkf.audio.microphone import NO_DEVICE, default_device, load_sounddevice, microphones

    sounddevice = load_sounddevice()
    default = default_device(sounddevice)
    devices = microphones(sounddevice)
    if not devices:
        raise MicrophoneError(NO_DEVICE)
    for index, device in devices.items():
        mark = "*" if index == default else " "
        rate = f"{device['default_samplerate'] / 1000:g} kHz"
        print(f"{mark} {index:3}  {device['name']} ({rate}, {device['max_input_channels']} ch)")
    return 0
