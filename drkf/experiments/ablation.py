"""``drkf ablate``: DRKF without each of its parts, and other fusions, on the same encoder states.

The encoders are a checkpoint's and stay as they are, and its unimodal classifiers are the teacher;
everything on the encoders starts afresh in each run, so that no variant inherits what another has
learned.
"""

from __future__ import annotations

import dataclasses
import json
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from accelerate import Accelerator
from numpy.random import Generator
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold, StratifiedKFold, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from drkf.checkpoint import Checkpoint, load_checkpoint, read_metrics
from drkf.data.split import Corpora, read_corpora
from drkf.errors import CheckpointError, ConfigError
from drkf.evaluation import metrics
from drkf.evaluation.card import write_card
from drkf.evaluation.dev_set import DevSet, audio_scores, dev_logits, fuse_stored, text_scores
from drkf.evaluation.features import FeatureStore, cached, fingerprint, speech_store, text_store
from drkf.evaluation.markdown import table
from drkf.experiments.baselines import ConcatenationMLP, CrossAttentionFusion, LateFusion
from drkf.files import read_json, write_json
from drkf.model import DRKF
from drkf.model.losses import LossWeights
from drkf.training.augment import add_noise
from drkf.training.config import TrainConfig, load_settings
from drkf.training.distillation import DistillationConfig
from drkf.training.fusion import FusionData, FusionStage, teacher_for, with_own_words
from drkf.training.same_run import OWN_FOLDER, require_same_settings
from drkf.training.trainer import ids, subset, tokenise

RESULTS = "ablation.json"
PROBED = 1200
"""Dev voices and texts that the linear probes read."""


@dataclass(frozen=True)
class AblationConfig:
    """How many seeds, on how much data, and how each run is trained."""

    seeds: int = 3
    texts: int = 6000
    frame_pool: int = 2
    noise_db: float = 5.0
    train: TrainConfig = field(default_factory=TrainConfig)

    def __post_init__(self) -> None:
        for name in ("seeds", "texts", "frame_pool"):
            if getattr(self, name) < 1:
                raise ConfigError(f"{name} must be at least 1, not {getattr(self, name)}")


def weighted(**weights: float) -> Callable[[TrainConfig], TrainConfig]:
    return lambda config: replace(config, loss=replace(config.loss, **weights))


def undistilled(config: TrainConfig) -> TrainConfig:
    """The labels alone say what is right."""
    return replace(config, distillation=DistillationConfig())


def complete_only(config: TrainConfig) -> TrainConfig:
    """Voice and words always come together."""
    return replace(config, pairing=replace(config.pairing, modality_dropout=0.0, text_only=0))


def without_orl(config: TrainConfig) -> TrainConfig:
    """EC's and ED's losses alone."""
    return weighted(mi_audio=0, mi_text=0, mi_audio_text=0, mse=0, kld=0)(config)


def unimodal_only(config: TrainConfig) -> TrainConfig:
    """The unimodal classifiers' cross-entropies alone."""
    loss = LossWeights(ce=0, bce=0, mi_audio=0, mi_text=0, mi_audio_text=0, mse=0, kld=1)
    return replace(config, loss=loss)


@dataclass(frozen=True)
class Variant:
    """One row of the table: a model, and what changes in its training.

    ``augmented`` False leaves out the augmented view: A' = A.
    """

    name: str
    change: Callable[[TrainConfig], TrainConfig] = lambda config: config
    model: type[DRKF] = DRKF
    augmented: bool = True
    discriminates: bool = True


VARIANTS = (
    Variant("full DRKF"),
    Variant("without ED", weighted(bce=0), discriminates=False),
    Variant("without progressive augmentation", weighted(mi_audio=0, mi_text=0), augmented=False),
    Variant("without MI_S", weighted(mi_audio=0)),
    Variant("without MI_T", weighted(mi_text=0)),
    Variant("without MI_ST", weighted(mi_audio_text=0)),
    Variant("without any MI", weighted(mi_audio=0, mi_text=0, mi_audio_text=0)),
    Variant("without distillation", undistilled),
    Variant("without modality dropout", complete_only),
    Variant("late fusion", unimodal_only, LateFusion, augmented=False),
    Variant("concatenation + MLP", without_orl, ConcatenationMLP, augmented=False),
    Variant("cross-attention", without_orl, CrossAttentionFusion, augmented=False),
)

#: Figure -> column heading.
COLUMNS = {
    "voice": "voice alone, UAR",
    "words": "words alone, macro-F1",
    "consistent": "consistent pairs, WA",
    "gain": "gain over the better modality",
    "noisy": "the same, noisy voice",
    "inconsistent": "inconsistent pairs, either",
    "ed": "ED, AUROC",
}


@dataclass(frozen=True, eq=False)
class Bench:
    """What every run shares: the data as encoder states, and the encoders' checkpoint."""

    checkpoint: Checkpoint
    data: FusionData
    dev: DevSet
    noisy: FeatureStore


def prepare(checkpoint: Checkpoint, corpora: Corpora, config: AblationConfig, work: Path) -> Bench:
    """Encodes (or finds in ``work``) the training and dev data."""
    model, tokenizer = checkpoint.model, checkpoint.tokenizer
    texts = subset(corpora.text_train, config.texts, config.train.seed)
    texts, own_words = with_own_words(corpora.speech_train, texts, model.config.labels)

    def words(items: Sequence[Any], name: str) -> FeatureStore:
        key = fingerprint(model.text_encoder, ids(items))
        tokens = tokenise(
            tokenizer, [item.text or "" for item in items], model.config.max_text_tokens
        )
        return cached(
            work / "cache" / f"text-{key}.safetensors",
            lambda: text_store(model, tokens, tokenizer.pad_token_id, progress=name),
        )

    def voices(items: Sequence[Any], name: str, change: Any = None) -> FeatureStore:
        key = fingerprint(model.speech_encoder, name, config.noise_db, ids(items))
        store = cached(
            work / "cache" / f"speech-{key}.safetensors",
            lambda: speech_store(model, items, change, progress=name),
        )
        return store.pooled(config.frame_pool)

    def noise(samples: np.ndarray, rng: Generator) -> np.ndarray:
        return add_noise(samples, config.noise_db, rng).astype(np.float32)

    dev = DevSet(
        corpora.speech_dev,
        corpora.text_dev,
        voices(corpora.speech_dev, "dev clips"),
        words(corpora.text_dev, "dev texts"),
        model.config.labels,
    )
    return Bench(
        checkpoint,
        FusionData(
            corpora.speech_train,
            texts,
            [voices(corpora.speech_train, "clips")],
            words(texts, "texts"),
            own_words,
        ),
        dev,
        voices(corpora.speech_dev, "noisy dev clips", noise),
    )


def run(
    variant: Variant, seed: int, bench: Bench, config: AblationConfig, folder: Path
) -> dict[str, Any]:
    """Trains one variant with one seed and measures it on dev."""
    settings = variant.change(replace(config.train, seed=seed))
    accelerator = Accelerator(mixed_precision=settings.precision, cpu=not torch.cuda.is_available())
    trained = bench.checkpoint.model
    torch.manual_seed(seed)
    model = variant.model(trained.config, trained.speech_encoder, trained.text_encoder)
    model.to(accelerator.device)
    before = probe(model, bench.dev, seed) if variant.name in PROBES else None
    # With a single epoch there is none to choose.
    chooses = settings.fusion.epochs > 1
    stage = FusionStage(
        model,
        settings,
        bench.data,
        accelerator,
        augmentation=float(variant.augmented),
        teacher=teacher_for(trained, settings, bench.data.texts),
    )
    stage.fit(lambda: bench.dev.scores(model) if chooses else {"score": 0.0}, folder)
    figures: dict[str, Any] = {"figures": measure_variant(model, bench)}
    if not variant.discriminates:
        figures["figures"]["ed"] = None
    if before is not None:
        figures["probes"] = {"before": before, "after": probe(model, bench.dev, seed)}
    return figures


def measure_variant(model: DRKF, bench: Bench) -> dict[str, float | None]:
    """The figures named in ``COLUMNS``, on dev."""
    dev = bench.dev
    logits = dev_logits(model, dev, by_corpus=False)
    pairs, scores = logits.pairs.pairs, logits.pairs.scores()
    audio = audio_scores(dev.speech, dev.label_indices(dev.speech), logits.audio.predicted)
    text = text_scores(dev.texts, dev.label_indices(dev.texts), logits.text.predicted)
    rows = np.flatnonzero(pairs.inconsistent == 0)
    noisy = fuse_stored(
        model,
        bench.noisy,
        dev.text_store,
        [pairs.audio[row] for row in rows],
        [pairs.text[row] for row in rows],
    ).predicted
    return {
        "voice": mean_of(audio, "voice_uar_"),
        "words": mean_of(text, "words_f1_"),
        "consistent": scores["both_WA"],
        "gain": scores["gain_over_better"],
        "noisy": metrics.weighted_accuracy(pairs.audio_labels[rows], noisy),
        "inconsistent": scores["inconsistent_either_WA"],
        "ed": scores["ED_AUROC"],
    }


def mean_of(scores: Mapping[str, float], prefix: str) -> float:
    return float(np.mean([value for name, value in scores.items() if name.startswith(prefix)]))


#: Variants whose projections are probed.
PROBES = ("full DRKF", "without any MI")
PROBE_COLUMNS = {
    "emotion_voice": "emotion from voice, UAR",
    "emotion_words": "emotion from words, UAR",
    "modality": "voice or words, WA",
    "speaker": "speaker from voice, WA",
}


@torch.no_grad()
def probe(model: DRKF, dev: DevSet, seed: int) -> dict[str, float]:
    """Linear probes (Alain & Bengio 2017) on the shared projections of dev voices and texts.

    Logistic regression, cross-validated: emotion on speakers (texts) that the probe has not
    seen, modality and speaker on utterances that it has not seen.
    """
    model.eval()
    rng = np.random.default_rng(seed)
    single = [i for i, item in enumerate(dev.texts) if len(item.emotions) == 1]
    clips = rng.permutation(len(dev.speech))[:PROBED].tolist()
    texts = rng.permutation(single)[:PROBED].tolist()
    mi, device = model.mutual_information, model.device
    z_s = np.concatenate(
        [
            mi.project_speech(model.adapt_speech(dev.speech_store.batch(rows).to(device))).cpu()
            for rows in chunks(clips)
        ]
    )
    z_t = np.concatenate(
        [
            mi.project_text(model.adapt_text(dev.text_store.batch(rows).to(device))).cpu()
            for rows in chunks(texts)
        ]
    )
    speakers = np.array([dev.speech[i].speaker or "" for i in clips])
    audio_truth = dev.label_indices([dev.speech[i] for i in clips])
    text_truth = dev.label_indices([dev.texts[i] for i in texts])
    folds = min(4, len(set(speakers)))
    names, counts = np.unique(speakers, return_counts=True)
    often = np.isin(speakers, names[counts >= folds])  # heard in every fold
    both = np.concatenate([z_s, z_t])
    modality = np.repeat([0, 1], [len(z_s), len(z_t)])
    shuffled = StratifiedKFold(folds, shuffle=True, random_state=seed)
    probe_of = make_pipeline(StandardScaler(), LogisticRegression(max_iter=500))
    return {
        "emotion_voice": metrics.unweighted_average_recall(
            audio_truth,
            cross_val_predict(probe_of, z_s, audio_truth, groups=speakers, cv=GroupKFold(folds)),
        ),
        "emotion_words": metrics.unweighted_average_recall(
            text_truth, cross_val_predict(probe_of, z_t, text_truth, cv=shuffled)
        ),
        "modality": metrics.weighted_accuracy(
            modality, cross_val_predict(probe_of, both, modality, cv=shuffled)
        ),
        "speaker": metrics.weighted_accuracy(
            speakers[often], cross_val_predict(probe_of, z_s[often], speakers[often], cv=shuffled)
        ),
    }


def chunks(rows: Sequence[int], size: int = 64) -> list[Sequence[int]]:
    return [rows[start : start + size] for start in range(0, len(rows), size)]


def ablate(
    checkpoint: str,
    speech: Path,
    text: Path,
    config: AblationConfig,
    work: Path,
    only: Sequence[str] = (),
    update: bool = False,
) -> None:
    """Runs what is missing in ``work``, prints the tables, and with ``update`` puts them in the
    checkpoint's card.

    Raises:
        DRKFError: something given is unusable, or ``work`` holds other runs.
    """
    names = [variant.name for variant in VARIANTS]
    unknown = sorted(set(only) - set(names))
    if unknown:
        raise ConfigError(f"no variant {unknown[0]!r}: use one of {', '.join(names)}")
    if update and not Path(checkpoint).is_dir():
        raise CheckpointError(f"only a checkpoint folder can be updated: download {checkpoint}")
    loaded = load_checkpoint(checkpoint)
    done = begun_runs(loaded, config, work)
    corpora = read_corpora(speech, text, config.train.dev_fraction, 0)
    bench: Bench | None = None
    for seed in range(config.seeds):
        for variant in VARIANTS:
            key = f"{variant.name}, seed {seed}"
            if key in done["runs"] or (only and variant.name not in only):
                continue
            bench = bench or prepare(loaded, corpora, config, work)
            folder = work / "run"
            shutil.rmtree(folder, ignore_errors=True)
            done["runs"][key] = run(variant, seed, bench, config, folder)
            write_json(work / RESULTS, done)
            shutil.rmtree(folder, ignore_errors=True)
            print(key, json.dumps(rounded(done["runs"][key]["figures"])), flush=True)
    printed = ablation_tables(done["runs"])
    print(printed)
    if update:
        update_card(Path(checkpoint), printed, config)


def begun_runs(checkpoint: Checkpoint, config: AblationConfig, work: Path) -> dict[str, Any]:
    """The settings that the runs depend on, and the ``runs`` that ``work`` holds already.

    Raises:
        ConfigError: ``work`` holds runs with other settings or of another checkpoint.
    """
    settings = json.loads(json.dumps(dataclasses.asdict(config)))
    del settings["seeds"]
    model = checkpoint.model
    parts = {
        "encoders": (model.speech_encoder, model.text_encoder),
        "teacher": (
            model.speech_adapter,
            model.speech_classifier,
            model.text_adapter,
            model.text_classifier,
        ),
    }
    settings |= {name: [fingerprint(one) for one in modules] for name, modules in parts.items()}
    results = work / RESULTS
    if not results.is_file():
        return {"settings": settings, "runs": {}}
    done = read_json(results, ConfigError, OWN_FOLDER)
    require_same_settings(work, done.get("settings", {}), settings)
    return done


def update_card(folder: Path, tables: str, config: AblationConfig) -> None:
    """Puts the tables, and how their rows were trained, in the checkpoint's card."""
    about = read_metrics(folder)
    about["ablation"] = {
        "tables": tables,
        "epochs": config.train.fusion.epochs,
        "steps": config.train.fusion.steps,
        "batch_size": config.train.fusion.batch_size,
        "frame_pool": config.frame_pool,
        "texts": config.texts,
        "noise_db": config.noise_db,
        "distilled": config.train.distillation.teaches,
    }
    write_card(folder, about)


def rounded(figures: Mapping[str, float | None]) -> dict[str, float | None]:
    return {name: None if value is None else round(value, 3) for name, value in figures.items()}


def ablation_tables(runs: Mapping[str, Any]) -> str:
    """Markdown tables of mean ± standard deviation over seeds."""
    found = {
        variant.name: [
            value for key, value in runs.items() if key.startswith(f"{variant.name}, seed ")
        ]
        for variant in VARIANTS
    }
    rows = [
        (name, str(len(of)), *(mean_sd([one["figures"][c] for one in of]) for c in COLUMNS))
        for name, of in found.items()
        if of
    ]
    parts = [table(("", "seeds", *COLUMNS.values()), rows)]
    probes = [
        (
            f"{name}, {when} ORL",
            *(mean_sd([one["probes"][when][c] for one in found[name]]) for c in PROBE_COLUMNS),
        )
        for name in PROBES
        for when in ("before", "after")
        if found[name]
    ]
    if probes:
        parts.append(table(("linear probes", *PROBE_COLUMNS.values()), probes))
    return "\n".join(parts)


def mean_sd(values: Sequence[float | None]) -> str:
    """Mean ± sample standard deviation; a dash where there is nothing to measure."""
    known = [value for value in values if value is not None]
    if not known:
        return "–"
    if len(known) == 1:
        return f"{known[0]:.3f}"
    return f"{np.mean(known):.3f} ± {np.std(known, ddof=1):.3f}"


def load_ablation_config(path: Path, overrides: list[str]) -> AblationConfig:
    """``drkf ablate``'s configuration; see ``drkf.training.config.load_settings``."""
    return load_settings(AblationConfig, path, overrides)
