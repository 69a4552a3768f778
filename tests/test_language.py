from __future__ import annotations

from pathlib import Path

import pytest

from drkf.analysis import Transcript
from drkf.cli.predict import predict_rows
from drkf.data.manifest import Input
from drkf.language import UNDETERMINED, foreign_language, identified, language_note
from drkf.pipeline import EmotionPipeline

SENTENCES = {
    "de": "Ich habe Angst|Mein Hund ist gestorben|Ich bin so glücklich|Lass mich in Ruhe|Das ist "
    "ja ekelhaft|Ich hasse dich|Ich freue mich auf morgen|Du hast mich angelogen|Das macht "
    "mich wütend|Ich bin traurig|Wir haben gewonnen!|Meine Oma liegt im Krankenhaus|Geh "
    "weg|Das hätte ich nicht gedacht|Wie geht es dir|ich kann nicht mehr",
    "es": "Tengo miedo|Mi perro ha muerto|Estoy muy contento|¿Qué haces aquí?|Estoy triste|No me "
    "lo puedo creer|Hemos ganado el partido|No quiero volver a verte|Te quiero mucho",
    "fr": "J’ai peur|Mon chien est mort|Je suis tellement heureux|Laisse-moi tranquille|C'est "
    "dégoûtant|Je te déteste|Je suis triste|Tu m'as menti|Je n'y crois pas|je t'aime",
    "it": "Ho paura|Il mio cane è morto|Sono così felice|Lasciami in pace|Che schifo|Sono "
    "triste|Mi hai mentito|Non ci posso credere|Abbiamo vinto!",
    "pl": "Boję się|Jestem szczęśliwy",
    "tr": "Köpeğim öldü|Senden nefret ediyorum",
    "ru": "Привет, как дела",
    "el": "Φοβάμαι",
    "ja": "怖いよ",
    "ar": "أنا خائف",
    "ko": "나는 무서워",
}
#: What chats and talk are full of.
ENGLISH = (
    "ok|OK.|lol|haha|Hi!|No!|Noo!|Wait!|Ow! Ow!|Me too.|hey, Isabelle...|bruh|omg wtf|ngl ur "
    "kinda sus|I'm gonna miss you!|I’m an idiot.|how dare "
    "you!|whatever|Yay!|nope|yikes|ew|hell|ugh|Hello.|Where’s Ben?|Get down!|naïve café 123|123 …|"
    "@Veeh_Ro thx #nofilter|https://example.de/hund lol|😭😭|I got the job 😭|so over it tbh|idk "
    "man|yeah right|You lied to me.|I am scared"
)


@pytest.mark.parametrize("language", SENTENCES)
def test_short_sentences_in_another_language_are_known(language: str) -> None:
    found = {text: foreign_language(text) for text in SENTENCES[language].split("|")}
    assert all(found.values()), found
    named = [code for code, _ in filter(None, found.values()) if code != UNDETERMINED]
    assert set(named) == {language} and len(named) > 0.7 * len(found)


@pytest.mark.parametrize("text", ENGLISH.split("|"))
def test_short_english_is_not_taken_for_another_language(text: str) -> None:
    assert foreign_language(text) is None


def test_another_script_is_no_english_though_its_language_is_not_known() -> None:
    assert foreign_language("我很害怕") is not None
    assert foreign_language("ツツツ 𓀀𓀁") is not None


def test_the_note_names_the_language_and_what_to_do() -> None:
    note = language_note(identified(Transcript("Ich habe Angst", "typed")))
    assert note and "German" in note and "write them in English" in note
    assert "another language" in str(language_note(Transcript("Geh weg", "typed", UNDETERMINED)))
    assert language_note(identified(Transcript("I am scared", "typed"))) is None
    heard = language_note(Transcript("مجھے ڈر لگتا ہے", "asr", "ur"))
    assert heard and "Urdu" in heard and "no English translation" in heard
    translated = Transcript("I am afraid.", "asr", "de", 0.9, said="Ich habe Angst.")
    assert identified(translated) == translated and not translated.is_foreign
    assert "translation" in str(language_note(translated))


def test_words_that_are_not_english_are_never_certain(tiny_checkpoint: Path) -> None:
    pipeline = EmotionPipeline.from_pretrained(tiny_checkpoint)
    certain = pipeline.analyze(text="I am so angry", explain=False)
    assert not any("English" in note for note in certain.warnings)
    asked = pipeline.encode(text="Mein Hund ist gestorben I am so angry")
    found = pipeline.predict(asked)
    assert found.uncertain and found.transcript.language == "de"
    assert any("German" in note for note in found.warnings)
    assert found.to_dict()["transcript"]["language"] == "de"
    again = pipeline.with_text(asked, "I am so angry")
    assert not any("English" in note for note in again.warnings)


def test_a_row_of_words_that_are_not_english_has_a_note(tiny_checkpoint: Path) -> None:
    pipeline = EmotionPipeline.from_pretrained(tiny_checkpoint)
    inputs = [Input("1", None, "Mein Hund ist gestorben I am"), Input("2", None, "I am angry")]
    foreign, english = predict_rows(pipeline, inputs, transcribe=False)
    assert foreign["language"] == "de" and "German" in foreign["note"] and "said" not in foreign
    assert foreign["error"] is None and "note" not in english
