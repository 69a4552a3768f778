"""An analysis in a few readable lines."""

from __future__ import annotations

from drkf.analysis import Analysis, Counterfactual

AGREEMENTS = {
    "agree": "voice and words agree",
    "contradict": "voice and words contradict each other",
    "emotion in audio": "the emotion is in the voice, the words are neutral",
    "emotion in text": "the emotion is in the words, the voice is neutral",
}


def summary(analysis: Analysis) -> str:
    """A few readable lines about one utterance."""
    lines = [f"{analysis.emotion} {analysis.fused.confidence:.2f}"]
    if analysis.uncertain:
        lines[0] += " (uncertain)"
    for name, prediction in (("voice", analysis.audio), ("words", analysis.text)):
        if prediction is not None:
            lines.append(f"  {name}: {prediction.emotion} {prediction.confidence:.2f}")
    if analysis.inconsistency is not None:
        reading = analysis.inconsistency
        told = AGREEMENTS.get(analysis.agreement or "", "")
        lines.append(f"  {told} (inconsistency {reading.discrimination:.2f})")
    if analysis.shapley is not None and analysis.audio and analysis.text:
        phi = analysis.shapley.phi
        lines.append(f"  Shapley: voice {phi.audio:+.2f}, words {phi.text:+.2f}")
    if analysis.transcript.text:
        lines.append(f"  words ({analysis.transcript.source}): {analysis.transcript.text}")
    if analysis.transcript.said:
        lines.append(f"  said ({analysis.transcript.language}): {analysis.transcript.said}")
    if analysis.counterfactuals is not None:
        lines += [f"  {_what_if(one)}" for one in analysis.counterfactuals]
        if not analysis.counterfactuals:
            lines.append("  nothing short of everything changes the answer")
    lines += [f"  note: {warning}" for warning in analysis.warnings]
    return "\n".join(lines)


def _what_if(found: Counterfactual) -> str:
    then = f"{found.emotion} {found.probability:.2f}"
    if found.kind == "silence":
        return f"if quiet from {found.start_seconds:.2f} to {found.end_seconds:.2f} s: {then}"
    if found.kind == "replacement":
        (edit,) = found.edits
        return f'with "{edit.after}" for "{edit.before}": {then}'
    words = ", ".join(f'"{edit.before}"' for edit in found.edits)
    return f"without {words}: {then}"
