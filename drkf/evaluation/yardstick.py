"""What a change of the model counts by: voices of a corpus that was never trained on, and natural
recordings, in which an emotional voice says its own, mostly neutral, sentence."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from transformers import PreTrainedTokenizerFast

from drkf.checkpoint import Calibration
from drkf.data.manifest import Item
from drkf.data.split import speaker_key
from drkf.evaluation import metrics
from drkf.evaluation.config import YardstickConfig
from drkf.evaluation.dev_set import DevSet, Logits, fuse_stored
from drkf.evaluation.features import FeatureStore, speech_store, text_store
from drkf.model import DRKF, VoiceReference
from drkf.words import without_end_marks

#: How many clips of a voice are known, the clip itself included; 0 is all of them.
ALL = 0
KNOWN = (1, 2, 4, 9, ALL)
#: At most so many clips of an unseen corpus are measured, by whole speakers.
MAX_CLIPS = 1500


@dataclass(frozen=True, eq=False)
class StoredYardstick:
    """The clips and sentences with their encoder states.

    ``own`` maps a row of the dev set's voices to the row of ``sentences`` that it says.
    """

    unseen: Sequence[Item]
    unseen_store: FeatureStore | None
    sentences: FeatureStore | None
    own: dict[int, int]
    labels: tuple[str, ...]
    known: tuple[int, ...] = (1,)
    seed: int = 0

    def unseen_scores(self, model: DRKF) -> dict[str, float]:
        """UAR of each unseen corpus, by how many clips of the voice are known."""
        return {
            score_name(corpus, count): values["UAR"]
            for corpus, by_count in self.unseen_by_known(model, self.known).items()
            for count, values in by_count.items()
        }

    def unseen_by_known(
        self,
        model: DRKF,
        known: Sequence[int] = KNOWN,
        calibration: Calibration | None = None,
    ) -> dict[str, dict[int, dict[str, Any]]]:
        """Corpus -> number of known clips -> ``sureness`` of the voice alone; a model without a
        voice's reference has only 1."""
        store = self.unseen_store
        if store is None:
            return {}
        truth = self._truth
        corpora = np.array([item.corpus or "" for item in self.unseen])
        found: dict[str, dict[int, dict[str, Any]]] = defaultdict(dict)
        for count in known if model.voice is not None else (1,):
            voice = known_voices(store, self.unseen, count, self.seed) if count != 1 else None
            logits = self._hear(model, store, voice)
            for corpus in sorted(set(corpora)):
                rows = np.flatnonzero(corpora == corpus)
                found[corpus][count] = sureness(
                    truth[rows], logits.rows(rows.tolist()), calibration or Calibration()
                )
        return dict(found)

    def unseen_voices(self, model: DRKF) -> tuple[Logits, np.ndarray] | None:
        """Uncalibrated logits of the unseen corpora's clips, each alone, and their label indices;
        None where there are none."""
        if self.unseen_store is None:
            return None
        return self._hear(model, self.unseen_store, None), self._truth

    @property
    def _truth(self) -> np.ndarray:
        return np.array([self.labels.index(item.emotion) for item in self.unseen], dtype=np.int64)

    @staticmethod
    def _hear(model: DRKF, store: FeatureStore, voice: VoiceReference | None) -> Logits:
        nothing: list[int | None] = [None] * len(store)
        return fuse_stored(
            model, store, empty_texts(model), range(len(store)), nothing, voice=voice
        )

    def own_sentence_scores(self, model: DRKF, dev: DevSet) -> dict[str, float]:
        """Per corpus, UAR of the voice with its own sentence minus UAR of the voice alone."""
        return {
            f"own_gain_{corpus}": values["gain"]
            for corpus, values in self.own_sentences(model, dev).items()
        }

    def own_sentences(self, model: DRKF, dev: DevSet) -> dict[str, dict[str, float]]:
        """Corpus -> n, UAR of the voice with its own sentence, of the voice alone, and the gain."""
        if self.sentences is None or not self.own:
            return {}
        rows = sorted(self.own)
        truth = dev.label_indices([dev.speech[row] for row in rows])
        corpora = np.array([dev.speech[row].corpus or "" for row in rows])
        fused, alone = (
            fuse_stored(model, dev.speech_store, self.sentences, rows, words).predicted
            for words in ([self.own[row] for row in rows], [None] * len(rows))
        )
        found = {}
        for corpus in sorted(set(corpora)):
            of = corpora == corpus
            both, voice = (
                metrics.unweighted_average_recall(truth[of], said[of]) for said in (fused, alone)
            )
            found[corpus] = {
                "n": int(of.sum()),
                "both_UAR": both,
                "voice_UAR": voice,
                "gain": both - voice,
            }
        return found


def measure_yardstick(model: DRKF, dev: DevSet, calibration: Calibration) -> dict[str, Any]:
    """For the card: ``unseen``, corpus -> number of known clips -> scores, and
    ``own_sentences``, corpus -> scores; only what there is."""
    yardstick = dev.yardstick
    if not isinstance(yardstick, StoredYardstick):
        return {}
    unseen = {
        corpus: {"all" if count == ALL else str(count): values for count, values in found.items()}
        for corpus, found in yardstick.unseen_by_known(model, calibration=calibration).items()
    }
    found = {"unseen": unseen, "own_sentences": yardstick.own_sentences(model, dev)}
    return {name: values for name, values in found.items() if values}


def score_name(corpus: str, count: int) -> str:
    """The score's name: of a clip alone, or with so many known clips of its voice."""
    return f"unseen_uar_{corpus}" + ("" if count == 1 else f"_{'all' if count == ALL else count}")


def sureness(truth: np.ndarray, logits: Logits, calibration: Calibration) -> dict[str, Any]:
    """n, UAR, WA, ECE, the accuracy of the half with the highest confidence, and the share of the
    answers that are not called uncertain, with their accuracy (None: there are none)."""
    probabilities = logits.probabilities(calibration.audio_temperature)
    certain = probabilities.max(1) >= calibration.audio_min_confidence
    surer = np.argsort(-probabilities.max(1), kind="stable")[: (len(truth) + 1) // 2]
    predicted = probabilities.argmax(1)
    return {
        "n": len(truth),
        "UAR": metrics.unweighted_average_recall(truth, predicted),
        "WA": metrics.weighted_accuracy(truth, predicted),
        "ECE": metrics.expected_calibration_error(truth, probabilities),
        "surer_half_WA": metrics.weighted_accuracy(truth[surer], predicted[surer]),
        "certain": float(certain.mean()),
        "certain_WA": metrics.weighted_accuracy(truth[certain], predicted[certain])
        if certain.any()
        else None,
    }


def known_voices(
    store: FeatureStore, items: Sequence[Item], count: int, seed: int
) -> VoiceReference:
    """For each row what ``count`` clips of its voice tell, itself and others at random; with
    ``ALL``, all of them."""
    rng = np.random.default_rng([seed, 7])
    speakers = [speaker_key(item) for item in items]
    rows: dict[str, list[int]] = defaultdict(list)
    for row, speaker in enumerate(speakers):
        rows[speaker].append(row)
    totals, counts = [], []
    for row, speaker in enumerate(speakers):
        others = [other for other in rows[speaker] if other != row]
        chosen = others if count == ALL else rng.permutation(others)[: count - 1].tolist()
        totals.append(store.means[[row, *map(int, chosen)]].sum(0))
        counts.append(1.0 + len(chosen))
    return VoiceReference(torch.stack(totals), torch.tensor(counts))


def empty_texts(model: DRKF) -> FeatureStore:
    """A store of no texts, for voices alone."""
    width = model.text_encoder.width
    return FeatureStore(torch.zeros(0, width).half(), torch.zeros(0, dtype=torch.long))


def whole_speakers(items: Sequence[Item], max_items: int, seed: int) -> list[Item]:
    """All clips of speakers drawn at random, until a corpus has ``max_items`` or a few more."""
    rng = np.random.default_rng([seed, 8])
    rows: dict[tuple[str, str], list[Item]] = defaultdict(list)
    for item in items:
        rows[item.corpus or "", speaker_key(item)].append(item)
    chosen: list[Item] = []
    counts: dict[str, int] = defaultdict(int)
    keys = sorted(rows)
    for i in rng.permutation(len(keys)):
        corpus, _ = keys[i]
        if counts[corpus] < max_items:
            chosen += rows[keys[i]]
            counts[corpus] += len(rows[keys[i]])
    return chosen


def make_yardstick(
    model: DRKF,
    tokenizer: PreTrainedTokenizerFast,
    dev_speech: Sequence[Item],
    unseen: Sequence[Item],
    config: YardstickConfig,
    seed: int = 0,
    autocast: bool = False,
) -> StoredYardstick:
    """Encodes the unseen clips and the sentences that the dev set's English voices say, without
    the marks at their ends, as the pipeline reads what a voice says."""
    spoken = {
        row: without_end_marks(item.text)
        for row, item in enumerate(dev_speech)
        if item.text and item.language in (None, "en")
    }
    sentences = sorted(set(spoken.values()))
    unseen = whole_speakers(unseen, MAX_CLIPS, seed)
    return StoredYardstick(
        unseen=unseen,
        unseen_store=speech_store(model, unseen, autocast=autocast, progress="unseen clips")
        if unseen
        else None,
        sentences=text_states(model, tokenizer, sentences, autocast) if sentences else None,
        own={row: sentences.index(text) for row, text in spoken.items()},
        labels=model.config.labels,
        known=config.known,
        seed=seed,
    )


def text_states(
    model: DRKF, tokenizer: PreTrainedTokenizerFast, texts: Sequence[str], autocast: bool = False
) -> FeatureStore:
    """Encoder states of texts, cut at the model's longest."""
    ids = tokenizer(list(texts), truncation=True, max_length=model.config.max_text_tokens)[
        "input_ids"
    ]
    return text_store(model, ids, tokenizer.pad_token_id, autocast=autocast, progress="dev texts")


def make_dev_set(
    model: DRKF,
    tokenizer: PreTrainedTokenizerFast,
    speech: Sequence[Item],
    texts: Sequence[Item],
    unseen: Sequence[Item] = (),
    config: YardstickConfig | None = None,
) -> DevSet:
    """Encodes held-out clips and texts in float32, as the pipeline does."""
    config = config or YardstickConfig()
    return DevSet(
        speech,
        texts,
        speech_store(model, speech, autocast=False, progress="dev clips"),
        text_states(model, tokenizer, [item.text or "" for item in texts]),
        model.config.labels,
        pairs=config.pairs,
        yardstick=make_yardstick(model, tokenizer, speech, unseen, config),
        unscored=config.unscored,
    )
