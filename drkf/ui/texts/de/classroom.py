"""The tab "Class" and the voting page in German; the names are those of ``en/classroom.py``."""

# The voting page
VOTE = {
    "title": "DRKF: mit der Klasse abstimmen",
    "code": "Der Code auf der Leinwand",
    "join": "Mitmachen",
    "listen": "Die Aufnahme",
    "which": "Welche Emotion ist es?",
    "how_sure": "Wie sicher sind Sie?",
    "do_they_agree": "Sind Stimme und Worte einig?",
    "send": "Absenden",
    "emotion": "Emotion",
    "class": "Klasse",
    "model": "Modell",
    "privacy": (
        "Niemand sieht, wer abstimmt. Kein Name, keine Adresse und kein Ton von Ihnen wird "
        "behalten; die Stimmen verschwinden, wenn die Lehrkraft die Seite schließt."
    ),
    "script": "Diese Seite braucht JavaScript.",
}
VOTE_SAYS = {
    "waiting": "Sie sind dabei. Warten Sie auf die nächste Frage.",
    "voted": "Ihre Stimme zählt. Warten Sie, bis aufgedeckt wird.",
    "offline": "Die Verbindung ist weg. Neuer Versuch …",
    "looking": "Der Raum wird gesucht …",
    "model_says": "Das Modell liest {emotion} ({probability}).",
    "model_voice": "Aus der Stimme allein: {emotion} ({probability}).",
    "model_words": "Aus den Worten allein: {emotion} ({probability}).",
}
VOTE_SURE = {"guess": "geraten", "rather": "eher sicher", "certain": "sicher"}
VOTE_AGREE = {"yes": "ja", "no": "nein", "unknown": "weiß nicht"}
VOTE_REFUSED = {
    "late": "Diese Runde ist vorbei: Die Stimme zählt nicht.",
    "double": "Dieses Telefon hat in dieser Runde schon abgestimmt.",
    "invalid": "Das ist keine Antwort auf die Frage: Laden Sie die Seite neu.",
    "full": "Dieser Raum ist voll.",
    "no_room": "Diesen Raum gibt es nicht: Prüfen Sie den Code auf der Leinwand.",
    "tries": "Zu viele falsche Codes aus diesem Netz: Warten Sie eine Minute.",
    "no_clip": "Die Aufnahme ist nicht mehr da.",
}
EMOTIONS = {
    "anger": "Wut",
    "disgust": "Ekel",
    "fear": "Angst",
    "joy": "Freude",
    "neutral": "neutral",
    "sadness": "Trauer",
    "surprise": "Überraschung",
}
