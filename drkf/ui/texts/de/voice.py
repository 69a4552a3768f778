"""Whose voice the model is tuned to, in German; the names are those of ``en/voice.py``."""

VOICE = "Wessen Stimme?"
NEW = (
    "<b>Eine neue Stimme.</b> Von ihr ist noch nichts bekannt: Jede Aufnahme wird für sich gelesen."
)
KNOWN = {
    "one": "<b>Ihre Stimme: 1 Aufnahme.</b> Die nächste wird neben ihr gelesen.",
    "many": "<b>Ihre Stimme: {count} Aufnahmen.</b> Jede wird neben den anderen gelesen.",
}
HELP = (
    "Wie eine Stimme klingt, sagt mehr darüber, wer spricht, als darüber, was jemand fühlt. Was "
    "Ihre Aufnahmen gemeinsam haben, gilt als Ihre Art zu sprechen, und nur der Rest wird gelesen. "
    "Beispiele werden für sich gelesen. Behalten werden nur Mittelwerte, nur in dieser Sitzung, "
    "und sie verschwinden mit der Seite."
)
TUNE = "Einstimmen: drei Sätze vorlesen"
TUNE_HELP = (
    "Nehmen Sie alle drei in einem Zug auf, mit einer kurzen Pause nach jedem, so wie Sie sonst "
    "sprechen."
)
SENTENCES = (
    "Der Bus zum Bahnhof fährt um zehn nach acht ab.",
    "Ich habe die blaue Mappe auf den Tisch am Fenster gelegt.",
    "Morgen backen wir mit den Nachbarn zusammen Brot.",
)
TUNE_AUDIO = "Die drei Sätze"
TUNING = "Es wird gehört, wie Sie sprechen …"
TUNED = "Drücken Sie Analysieren, damit die Aufnahme oben neu gelesen wird."
SOMEONE_ELSE = "Jemand anderes spricht"
COMPARE = "Die Antwort auch ohne sie zeigen"

COMPARISON = "Mit und ohne Kenntnis der Stimme"
WITHOUT = "Stimme unbekannt"
WITH = {"one": "neben 1 anderen Aufnahme", "many": "neben {count} anderen Aufnahmen"}
COMPARISON_SAME = "Beide Male ist die Antwort {emotion}."
COMPARISON_OTHER = "Unbekannt wird die Stimme als {without} gelesen, bekannt als {known}."
COMPARISON_NOTE = (
    "Dieselbe Aufnahme, dasselbe Modell: Nur was es von der Stimme weiß, ist anders. Soweit sich "
    "die Antwort bewegt, kam sie daher, wer spricht, und nicht daher, was jemand fühlt. Das ist "
    "eine Verzerrung gegen Stimmen, die anders sind als die, aus denen das Modell gelernt hat."
)

LIVE_NEW = "Eingestimmt auf eine <b>neue Stimme</b>: Sie wird gelernt, während Sie sprechen."
LIVE_KNOWN = {
    "one": "Eingestimmt auf <b>Ihre Stimme: 1 Aufnahme</b>, und auf das, was jetzt gesagt wird.",
    "many": (
        "Eingestimmt auf <b>Ihre Stimme: {count} Aufnahmen</b>, und auf das, was jetzt gesagt wird."
    ),
}
LIVE_NOTE = "Ein laufender Mittelwert aller, die sprechen: Mehrere Sprecher verwischen ihn."
LIVE_HEARD = {
    "one": "die Stimme ist aus 1 Stück bekannt",
    "many": "die Stimme ist aus {count} Stücken bekannt",
}

ABOUT = """
### Auf wessen Stimme es eingestimmt ist
Die App addiert die Zustände des Encoders aus Ihren Aufnahmen, ohne jede Beschriftung, und liest
jede Aufnahme im Verhältnis zu ihrem Mittelwert. Diese Mittelwerte sind ein Merkmal Ihrer Stimme.
Deshalb bleiben sie allein im Speicher dieser Sitzung: Sie werden nirgends aufgeschrieben, und
*Jemand anderes spricht*, das Ende der Seite oder eine Stunde ohne Gebrauch löscht sie. Beispiele
und die API werden ohne sie gelesen.
"""
