"""The model card: text around the figures of ``metrics.json``, so that the two cannot differ."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from drkf.analysis import AGREEMENT_NAMES
from drkf.checkpoint import CARD, METRICS
from drkf.evaluation.card_data import base_model, front_matter
from drkf.evaluation.card_texts import (
    ABLATION,
    ABOUT,
    AVERAGING,
    DISTILLATION,
    FAITHFULNESS,
    LIMITS,
    MIXING,
    TEMPERATURE,
    TRAINING,
    CardTexts,
)
from drkf.evaluation.markdown import table
from drkf.files import whole, write_json
from drkf.model.config import renamed
from drkf.model.shuffling import NEUTRAL_WEIGHT
from drkf.model.storage import WEIGHTS


def render_card(about: Mapping[str, Any], weights_bytes: int) -> str:
    """The checkpoint's README from the content of its ``metrics.json``.

    Args:
        weights_bytes: the size of the file of weights.
    """
    texts = CardTexts(**about.get("card", {}))
    training = about["training"]
    model = renamed(training["config"]["model"])
    pairing = training["config"].get("pairing", {})
    seconds = training["seconds"]
    parts = [
        front_matter(about, texts.licence_id, texts.language),
        ABOUT.format(
            name=texts.name,
            terms=texts.terms.strip(),
            parameters=about["parameters"] / 1e6,
            megabytes=weights_bytes / 1e6,
            audio_encoder=base_model(about["encoders"]["audio"]),
            text_encoder=base_model(about["encoders"]["text"]),
            audio_layers=model["audio_layers"],
            hidden_size=model["hidden_size"],
            fusion_layers=model["fusion_layers"],
            fusion_heads=model["fusion_heads"],
            labels=", ".join(about["labels"]),
        ),
        table(
            ("corpus", "trained on", "dev"),
            (
                (
                    texts.corpora.get(name, name),
                    str(trained),
                    str(about[f"dev_{kind}"].get(name, 0)),
                )
                for kind in ("clips", "texts")
                for name, trained in about[kind].items()
            ),
        ),
        TRAINING.format(
            data=texts.data and texts.data.strip() + "\n",
            neutral_voice=NEUTRAL_WEIGHT,
            neutral_words=pairing.get("neutral_text", NEUTRAL_WEIGHT),
            trained_by=texts.trained_by,
            dev=texts.dev.strip(),
            minutes=sum(seconds.values()) / 60,
            machine=training["machine"],
            stages=", ".join(f"{name} {value / 60:.0f} min" for name, value in seconds.items()),
            voices=len(about["dev_speakers"]),
            speech=render_speech_stage(training["config"]),
            distillation=render_distillation(training["config"]),
            temperature=render_temperature(about),
        ),
        render_figures(about),
        render_faithfulness(about),
        render_ablation(about),
        "\n## Limits\n\n" + "\n".join(f"- {limit.strip()}" for limit in (*texts.limits, *LIMITS)),
    ]
    return "\n".join(part.strip("\n") + "\n" for part in parts if part)


def render_speech_stage(config: Mapping[str, Any]) -> str:
    """What the speech stage does beyond plain training, if anything."""
    mix, stage = config.get("mix", {}), config["speech"]
    parts = []
    if mix.get("share"):
        first, last = mix["after"] + 1, stage["epochs"]
        epochs = f"epoch {last}" if first == last else f"epochs {first} to {last}"
        parts.append(MIXING.format(epochs=epochs, share=mix["share"]))
    if stage.get("averaged"):
        parts.append(AVERAGING.format(epochs=" and ".join(map(str, stage["averaged"]))))
    return "".join(parts)


def render_distillation(config: Mapping[str, Any]) -> str:
    """How the fusion stage was taught, if it was."""
    found = config.get("distillation")
    return DISTILLATION.format(**found) if found and (found["weight"] or found["mixed"]) else ""


def render_temperature(about: Mapping[str, Any]) -> str:
    """Which corpora, never trained on, the temperature of the voice alone was fitted on, if any."""
    unseen = about.get("unseen_clips", {})
    return TEMPERATURE.format(corpora=", ".join(unseen)) if unseen else ""


def render_faithfulness(about: Mapping[str, Any]) -> str:
    """The table of ``drkf faithfulness``, if it has been measured."""
    found = about.get("faithfulness")
    if found is None:
        return ""
    return FAITHFULNESS.format(table=found["table"])


def render_ablation(about: Mapping[str, Any]) -> str:
    """The tables of ``drkf ablate``, if they have been measured, and the comment under
    ``reading``, if there is one. ``distilled``: whether the rows had a teacher."""
    found = about.get("ablation")
    if found is None:
        return ""
    taught = " and, but for one row, taught by its unimodal\nclassifiers"
    return ABLATION.format(
        **{"reading": "", **found, "taught": taught if found.get("distilled") else ""}
    )


def render_figures(figures: Mapping[str, Any]) -> str:
    """Markdown tables of what ``drkf.evaluation.card_figures.measure_all`` measured."""
    columns = ("", "n", "WA", "UAR", "WF1", "macro-F1", "ECE", "Brier", "AURC")
    alone = [
        figure_row(f"voice alone, {corpus}", values) for corpus, values in figures["voice"].items()
    ]
    alone += [
        figure_row(f"words alone, {corpus}", values) for corpus, values in figures["words"].items()
    ]
    pairs = figures["pairs"]
    alone.append(figure_row("voice and words, consistent pairs", pairs["consistent"]))
    genders = ", ".join(
        f"{gender} {values['UAR']:.2f} (n = {values['n']})"
        for gender, values in figures["voice_by_gender"].items()
    )
    low, high = pairs["ED_AUROC_interval"]
    sentences = (
        f"Voice alone by speaker gender, UAR over all corpora: {genders}.",
        f"Consistent pairs: voice alone {pairs['voice_alone_WA']:.3f}, words alone "
        f"{pairs['words_alone_WA']:.3f}, both {pairs['consistent']['WA']:.3f}: "
        f"{pairs['gain_over_better']:+.3f} over the better one.",
        f"Inconsistent pairs: the top class is the voice's or the words' emotion in "
        f"{pairs['inconsistent_either_WA']:.3f} of them.",
        f"Emotion discrimination (ED), consistent against inconsistent: AUROC "
        f"{pairs['ED_AUROC']:.3f} [{low:.3f}, {high:.3f}], AUPRC {pairs['ED_AUPRC']:.3f}.",
    )
    return "\n".join(
        (
            table(columns, alone),
            *(f"- {sentence}" for sentence in sentences),
            pairs_by_corpus(figures.get("pairs_by_corpus", {})),
            *filter(
                None,
                (
                    unseen_table(figures.get("unseen", {})),
                    own_sentence_table(figures.get("own_sentences", {})),
                    verdict_table(figures.get("verdicts", {})),
                ),
            ),
            "\n### Recall by class\n",
            recall_table(figures),
            "\n### Voice against words",
            "\nRows: the voice's emotion; columns: the words'. Each cell: the commonest "
            "prediction and the mean P(inconsistent).\n",
            cell_table(pairs["cells"], tuple(figures["labels"])),
            confusions(figures),
        )
    )


def pairs_by_corpus(figures: Mapping[str, Mapping[str, float]]) -> str:
    """The same for the voices of each corpus alone."""
    columns = {
        "both_WA": "both",
        "voice_alone_WA": "voice alone",
        "words_alone_WA": "words alone",
        "gain_over_better": "gain",
        "inconsistent_either_WA": "inconsistent pairs, either",
        "ED_AUROC": "ED, AUROC",
    }
    rows = [
        (name, str(found["speakers"]), str(found["n"]), *(f"{found[c]:.3f}" for c in columns))
        for name, found in figures.items()
    ]
    if not rows:
        return ""
    return (
        "\nPairs with the voices of one corpus alone (accuracy on consistent pairs, classes even; "
        "a corpus\nwith fewer classes also meets words of these alone):\n\n"
        + table(("", "speakers", "n", *columns.values()), rows).rstrip("\n")
    )


def unseen_table(unseen: Mapping[str, Mapping[str, Mapping[str, Any]]]) -> str:
    """Voices of corpora that were never trained on, by how many clips of the voice are known."""
    rows = [
        (
            corpus,
            count,
            str(found["n"]),
            *(
                "–" if found.get(name) is None else f"{found[name]:.3f}"
                for name in ("UAR", "WA", "surer_half_WA", "ECE", "certain", "certain_WA")
            ),
        )
        for corpus, by_count in unseen.items()
        for count, found in by_count.items()
    ]
    if not rows:
        return ""
    columns = (
        "corpus",
        "clips known",
        "n",
        "UAR",
        "WA",
        "WA, surer half",
        "ECE",
        "certain",
        "WA there",
    )
    return (
        "\n### Corpora never trained on\n\nVoice alone. *Clips known*: unlabelled clips of one "
        "voice, the clip itself among them.\n*Certain*: the share of answers that are not called "
        "uncertain, and how many of these are right.\n\n"
    ) + table(columns, rows).rstrip("\n")


def own_sentence_table(found: Mapping[str, Mapping[str, float]]) -> str:
    """Natural recordings: a voice saying its own, mostly neutral, sentence."""
    rows = [
        (
            corpus,
            str(values["n"]),
            f"{values['both_UAR']:.3f}",
            f"{values['voice_UAR']:.3f}",
            f"{values['gain']:+.3f}",
        )
        for corpus, values in found.items()
    ]
    if not rows:
        return ""
    columns = ("corpus", "n", "voice and words, UAR", "voice alone, UAR", "gain")
    return (
        "\n### Natural recordings with their own sentences\n\nDev voices with the sentence they "
        "really say, which carries no emotion.\n\n" + table(columns, rows).rstrip("\n")
    )


def verdict_table(found: Mapping[str, Mapping[str, Mapping[str, Any]]]) -> str:
    """How often each verdict was given, a row for each kind of pair and of natural recording."""
    rows = [
        (name, str(values["n"]), *(f"{values[verdict]:.3f}" for verdict in AGREEMENT_NAMES))
        for cells in found.values()
        for name, values in cells.items()
    ]
    if not rows:
        return ""
    return (
        "\n### What voice and words are to each other\n\nThe share of each verdict, by what is "
        "labelled. Natural recordings, named by corpus,\nsay neutral words.\n\n"
    ) + table(("", "n", *AGREEMENT_NAMES), rows).rstrip("\n")


def figure_row(name: str, values: Mapping[str, Any]) -> tuple[str, ...]:
    """A row of the table of figures; UAR and WF1 have their 95 % intervals."""

    def with_interval(metric: str) -> str:
        low, high = values[f"{metric}_interval"]
        return f"{values[metric]:.3f} [{low:.3f}, {high:.3f}]"

    return (
        name,
        str(values["n"]),
        f"{values['WA']:.3f}",
        with_interval("UAR"),
        with_interval("WF1"),
        *(f"{values[metric]:.3f}" for metric in ("macro_F1", "ECE", "Brier", "AURC")),
    )


def recall_table(figures: Mapping[str, Any]) -> str:
    """Markdown: the recall of each class, a row for each modality and corpus."""
    labels = tuple(figures["labels"])
    rows = {f"voice, {name}": v for name, v in figures["voice"].items()}
    rows |= {f"words, {name}": v for name, v in figures["words"].items()}
    rows["both, consistent pairs"] = figures["pairs"]["consistent"]
    return table(
        ("", *labels),
        (
            (name, *(f"{v['recall'][c]:.2f}" if c in v["recall"] else "–" for c in labels))
            for name, v in rows.items()
        ),
    )


def cell_table(cells: Mapping[str, Any], labels: Sequence[str]) -> str:
    """Markdown: for each emotion of the voice (rows) and of the words (columns) the commonest
    prediction and the mean P(inconsistent)."""

    def cell(voice: str, words: str) -> str:
        found = cells.get(voice, {}).get(words)
        return f"{found['top']} {found['inconsistency']:.2f}" if found else "–"

    return table(
        ("voice \\ words", *labels),
        ((f"**{voice}**", *(cell(voice, words) for words in labels)) for voice in labels),
    )


def confusions(figures: Mapping[str, Any]) -> str:
    """Confusion matrices, one after the other; rows are the truth."""
    labels = tuple(figures["labels"])
    named = {f"voice alone, {name}": v for name, v in figures["voice"].items()}
    named |= {f"words alone, {name}": v for name, v in figures["words"].items()}
    named["voice and words, consistent pairs"] = figures["pairs"]["consistent"]
    parts = ["\n### Confusion matrices\n\nRows: the label; columns: the prediction."]
    for name, values in named.items():
        rows = (
            (label, *(str(n) for n in counts))
            for label, counts in zip(labels, values["confusion"], strict=True)
            if any(counts)
        )
        parts.append(f"\n{name}:\n\n{table(('', *labels), rows)}")
    return "\n".join(parts)


def write_card(folder: Path, about: dict[str, Any]) -> None:
    """Writes ``metrics.json`` and the card that ``render_card`` makes of it."""
    write_json(folder / METRICS, about)
    size = (folder / WEIGHTS).stat().st_size
    with whole(folder / CARD) as part:
        part.write_text(render_card(about, size), encoding="utf-8")
