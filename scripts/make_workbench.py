"""Makes the example set in assets/workbench: labelled synthetic clips, sentences and their table.

The voices are those of scripts/make_gallery.py, with two more speakers. Labels say what was
meant; a few are not the model's own (frustrated), a few are wrong on purpose, so that the set has
something to find. The same package version gives the same clips.

    pip install -r requirements-make.txt && python scripts/make_workbench.py
"""

from __future__ import annotations

import csv
import shutil
from pathlib import Path

import soundfile
from hibari import Hibari
from make_gallery import ACTING, RATE, SPEAKERS, Speaker, speak

FOLDER = Path(__file__).resolve().parent.parent / "assets" / "workbench"

VOICES = SPEAKERS | {"Cleo": Speaker(230, 1.06), "Dan": Speaker(105, 0.82)}
GENDER = {"Ada": "female", "Cleo": "female", "Ben": "male", "Dan": "male"}

#: (label, voice, words), for each speaker in turn.
CLIPS = (
    ("anger", "anger", "Stop lying to me!"),
    ("angry", "anger", "You broke it again!"),
    ("anger", "anger", "How dare you!"),
    ("angry", "anger", "I'm fine. Just fine."),  # words and voice disagree
    ("disgust", "disgust", "That smells rotten."),
    ("disgust", "disgust", "It tastes revolting."),
    ("disgust", "disgust", "Get that filth away."),
    ("disgust", "disgust", "What a lovely dinner."),  # disagree
    ("fear", "fear", "Somebody is outside."),
    ("fearful", "fear", "Please don't leave me here!"),
    ("fear", "fear", "I heard a noise upstairs."),
    ("fear", "fear", "It's nothing, really."),  # disagree
    ("happy", "joy", "We won the game!"),
    ("joy", "joy", "What a beautiful day!"),
    ("happy", "joy", "I love this so much!"),
    ("joy", "joy", "I failed the exam."),  # disagree
    ("neutral", "neutral", "The meeting starts at ten."),
    ("calm", "neutral", "The report is on the desk."),
    ("neutral", "neutral", "It is on the second floor."),
    ("neutral", "neutral", "I hate you all."),  # disagree
    ("sad", "sadness", "He never came back."),
    ("sadness", "sadness", "I miss my old home."),
    ("sad", "sadness", "Nobody called me today."),
    ("sadness", "sadness", "Congratulations to you."),  # disagree
    ("surprise", "surprise", "You are here already?"),
    ("surprised", "surprise", "I did not expect that!"),
    ("surprise", "surprise", "Is this for me?"),
    ("surprise", "surprise", "As I expected."),  # disagree
    ("frustrated", "anger", "It does not work again."),
    ("joy", "sadness", "I lost everything I had."),  # labelled wrongly on purpose
)

#: (label, sentence).
SENTENCES = (
    ("anger", "I have told you a hundred times to leave my things alone!"),
    ("anger", "This is the worst service I have ever had, I want my money back."),
    ("anger", "Not angry at all, I just never want to see you again."),
    ("disgust", "The kitchen was full of mould and there was hair in the soup."),
    ("disgust", "The way he talks about women makes me sick."),
    ("fear", "I am terrified that the results will be bad."),
    ("fear", "My hands were shaking when the lift stopped between two floors."),
    ("joy", "I got the job, I can hardly believe how lucky I am!"),
    ("joy", "Our daughter took her first steps today."),
    ("joy", "Great, another Monday. I could not be happier."),  # irony: anger or sadness would do
    ("neutral", "The library opens at nine and closes at six."),
    ("neutral", "Please send the form to the address below."),
    ("neutral", "Water boils at a hundred degrees."),
    ("sadness", "I still set the table for two, though he died in spring."),
    ("sadness", "She left without saying goodbye."),
    ("sadness", "I used to paint, but I do not see the point any more."),
    ("surprise", "Wait, you two know each other?"),
    ("surprise", "I never thought I would see you here of all places!"),
    ("frustrated", "I have filled in this form three times and it still says error."),
    ("anger", "Thank you, that is the kindest thing anyone has done for me."),  # wrong on purpose
)

README = """# Example set for the error analysis

Synthetic: a text-to-speech voice with its prosody changed by rule, and sentences written for this
set. Nobody is heard or quoted. Labels say what was meant; `frustrated` is none of the model's
labels, and two rows (`clip-30`, `text-20`) are labelled wrongly on purpose.

Made by `python scripts/make_workbench.py`. MIT licence, as the rest of the repository.
"""


def main() -> None:
    """Write the clips and their table into a fresh assets/workbench."""
    shutil.rmtree(FOLDER, ignore_errors=True)
    (FOLDER / "clips").mkdir(parents=True)
    voice = Hibari()
    rows = []
    for number, (label, emotion, words) in enumerate(CLIPS, start=1):
        # Over all emotions each speaker has each place, the disagreeing one included.
        name = list(VOICES)[(number + (number - 1) // 4) % len(VOICES)]
        audio = f"clips/{number:02}.ogg"
        samples = speak(voice, words, VOICES[name], ACTING[emotion])
        soundfile.write(FOLDER / audio, samples, RATE, format="OGG", subtype="OPUS")
        rows.append((f"clip-{number:02}", audio, words, label, name, GENDER[name], "synthetic"))
    for number, (label, words) in enumerate(SENTENCES, start=1):
        rows.append((f"text-{number:02}", "", words, label, "", "", "written"))
    with (FOLDER / "manifest.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("id", "audio", "text", "emotion", "speaker", "gender", "corpus"))
        writer.writerows(rows)
    (FOLDER / "README.md").write_text(README, encoding="utf-8")


if __name__ == "__main__":
    main()
