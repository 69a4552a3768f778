"""Miniature corpora in their owners' formats, and tiny encoders of the paper's architectures."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import torch
from accelerate.state import AcceleratorState, GradientState
from transformers import (
    AutoTokenizer,
    RobertaConfig,
    RobertaModel,
    Wav2Vec2Config,
    Wav2Vec2FeatureExtractor,
    Wav2Vec2Model,
)

from drkf.data.manifest import Item
from drkf.experiments.objective import JointObjective
from tests.helpers.miniature import VOICES, WORDS, build_objective, write_film, write_voice


@pytest.fixture(autouse=True)
def fresh_accelerate() -> Iterator[None]:
    """Accelerate keeps its precision for the life of a process; a command is a process, here a
    test is."""
    AcceleratorState._reset_state(reset_partial_state=True)
    GradientState._reset_state()
    yield
    AcceleratorState._reset_state(reset_partial_state=True)
    GradientState._reset_state()


@pytest.fixture(scope="session")
def paper_encoders(
    tmp_path_factory: pytest.TempPathFactory, tiny_encoders: tuple[Path, Path]
) -> tuple[Path, Path]:
    """Folders of a tiny random wav2vec2 and RoBERTa, saved as Transformers saves them."""
    folder = tmp_path_factory.mktemp("paper-encoders")
    torch.manual_seed(0)
    speech, text = folder / "tiny-wav2vec2", folder / "tiny-roberta"
    Wav2Vec2Model(
        Wav2Vec2Config(
            hidden_size=32,
            num_hidden_layers=2,
            num_attention_heads=4,
            intermediate_size=64,
            conv_dim=(16, 16, 16),  # in three steps to the frames that it makes in seven
            conv_stride=(5, 8, 8),
            conv_kernel=(10, 8, 8),
            num_conv_pos_embeddings=16,
            num_conv_pos_embedding_groups=4,
        )
    ).save_pretrained(speech)
    Wav2Vec2FeatureExtractor().save_pretrained(speech)
    tokenizer = AutoTokenizer.from_pretrained(tiny_encoders[1])
    tokenizer.save_pretrained(text)
    RobertaModel(
        RobertaConfig(
            vocab_size=len(tokenizer),
            hidden_size=32,
            num_hidden_layers=2,
            num_attention_heads=4,
            intermediate_size=64,
            max_position_embeddings=66,
            pad_token_id=tokenizer.pad_token_id,
        )
    ).save_pretrained(text)
    return speech, text


#: Sizes that train in seconds, as command-line overrides.
TINY = [
    "precision=no",
    "workers=0",
    "model.hidden_size=32",
    "model.augmentation_sizes=[16, 8]",
    "model.augmentation_blocks=2",
    "model.projection_size=16",
    "model.fusion_layers=2",
    "model.fusion_heads=4",
    "model.fusion_ff_size=64",
    "model.max_audio_tokens=50",
    "model.max_text_tokens=48",
    "stage.learning_rate=3e-3",
    "stage.encoder_learning_rate=1e-3",
]


@pytest.fixture
def tiny_settings(paper_encoders: tuple[Path, Path]) -> list[str]:
    """Overrides that turn the paper preset into a tiny one on local encoders."""
    speech, text = paper_encoders
    return TINY + [
        f'{language}.{kind}="{folder}"'
        for language in ("english", "chinese")
        for kind, folder in (("audio", speech), ("text", text))
    ]


@pytest.fixture
def make_objective(paper_encoders: tuple[Path, Path]) -> Callable[..., tuple[JointObjective, Any]]:
    """Builds a tiny JointObjective on wav2vec2 and RoBERTa, and its tokenizer."""
    return partial(build_objective, paper_encoders)


@pytest.fixture
def utterances(tmp_path: Path) -> list[Item]:
    """Eight utterances of different length; one without words, one without a voice."""
    items = []
    for number in range(8):
        emotion = list(VOICES)[number % 4]
        items.append(
            Item(
                id=f"u{number}",
                audio=write_voice(
                    tmp_path / f"u{number}.wav", emotion, 0.4 + 0.05 * number, number
                ),
                text=WORDS[emotion] + " and" * (number % 3),
                emotions=(emotion,),
                speaker=f"s{number % 3}",
                language="en",
                seconds=0.4 + 0.05 * number,
            )
        )
    items[5] = Item("u5", items[5].audio, None, items[5].emotions, seconds=items[5].seconds)
    items[6] = Item("u6", None, items[6].text, items[6].emotions)
    return items


@pytest.fixture
def iemocap(tmp_path: Path) -> Path:
    """Five sessions of two speakers, each emotion said once by each; with the odd cases: a clip
    that is missing, one that is broken, one of 0.1 s, a turn without words, an xxx label."""
    root = tmp_path / "IEMOCAP_full_release"
    codes = {"ang": "anger", "hap": "joy", "neu": "neutral", "sad": "sadness"}
    for session in range(1, 6):
        name = f"Ses0{session}F_impro01"
        folder = root / f"Session{session}"
        labels, words = [], []
        for number in range(8):
            code = list(codes)[number % 4]
            gender = "FM"[number // 4 % 2]
            turn = f"{name}_{gender}{number:03d}"
            start = float(number)
            label = "xxx" if number == 7 else code
            labels.append(f"[{start:.4f} - {start + 0.5:.4f}]\t{turn}\t{label}\t[2.5, 2.5, 2.5]\n")
            if number != 6:
                words.append(f"{turn} [{start:08.4f}-{start + 0.5:08.4f}]: {WORDS[codes[code]]}\n")
            write_voice(folder / f"sentences/wav/{name}/{turn}.wav", codes[code], seed=number)
        clips = folder / f"sentences/wav/{name}"
        if session == 2:
            (clips / f"{name}_F000.wav").unlink()
            (clips / f"{name}_F001.wav").write_bytes(b"RIFF, but no more")
            write_voice(clips / f"{name}_F002.wav", "neutral", 0.1)
        for kind, lines in (("EmoEvaluation", labels), ("transcriptions", words)):
            path = folder / f"dialog/{kind}/{name}.txt"
            path.parent.mkdir(parents=True)
            path.write_text("".join(lines), encoding="utf-8")
    return root


@pytest.fixture
def m3ed(tmp_path: Path) -> Path:
    """Three series, one to each split; every fourth utterance has two labels."""
    root = tmp_path / "M3ED"
    names = {"anger": "Anger", "joy": "Happy", "neutral": "Neutral", "sadness": "Sad"}
    annotation: dict = {}
    for series, split, count in (("a", "train", 16), ("b", "val", 8), ("c", "test", 8)):
        (root / "splitInfo").mkdir(parents=True, exist_ok=True)
        (root / f"splitInfo/movie_list_{split}.txt").write_text(series + "\n")
        dialog = {}
        for number in range(count):
            emotion = list(VOICES)[number % 4]
            multiple = [names[emotion], *(["Surprise"] if number % 4 == 0 else [])]
            dialog[f"{series}_1_{number + 1}"] = {
                "Text": WORDS[emotion],
                "Speaker": "A",
                "EmoAnnotation": {
                    "final_mul_emo": ",".join(multiple),
                    "final_main_emo": names[emotion],
                },
            }
            write_voice(root / f"audio/A_{series}_1_{number + 1}.wav", emotion, seed=number)
        person = {"A": {"Name": series, "Age": "mid", "Gender": "female", "OtherName": []}}
        annotation[series] = {f"{series}_1": {"SpeakerInfo": person, "Dialog": dialog}}
    (root / "annotation.json").write_text(json.dumps(annotation), encoding="utf-8")
    return root


@pytest.fixture
def meld(tmp_path: Path) -> Path:
    """Official splits with films, and the two utterances that are broken in every copy."""
    root = tmp_path / "MELD.Raw"
    folders = {
        "train": "train_splits",
        "dev": "dev_splits_complete",
        "test": "output_repeated_splits_test",
    }
    broken = {"train": (125, 3), "dev": (110, 7)}
    for split, size in (("train", 8), ("dev", 4), ("test", 8)):
        lines = ["Sr No.,Utterance,Speaker,Emotion,Sentiment,Dialogue_ID,Utterance_ID"]
        for number in range(size):
            emotion = list(VOICES)[number % 4]
            lines.append(f"{number},{WORDS[emotion]},Ross,{emotion},neutral,0,{number}")
            write_film(root / folders[split] / f"dia0_utt{number}.mp4", emotion)
        if split in broken:
            dialogue, turn = broken[split]
            lines.append(f"9,{WORDS['joy']},Ross,joy,neutral,{dialogue},{turn}")
        (root / f"{split}_sent_emo.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    (root / "train_splits/dia125_utt3.mp4").write_bytes(b"\0\0\0\x18ftypmp42, and then it ends")
    return root
