"""The tab "Class" and the voting page in German; the names are those of ``en/classroom.py``."""

from drkf.classroom.wording import ClassWording

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
    "you": "Sie",
    "meant": "Gemeint",
    "annotated": "Ihre Etiketten",
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
    "place": "Aufnahme {place} von {total}",
    "annotated_same": (
        "Sie haben {clips} Aufnahmen beschriftet: {class} wie die meisten der Klasse, {meant} wie "
        "gemeint, {model} wie das Modell sie liest."
    ),
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

# The tab
TAB_CLASS = "Klasse"
INTRO = (
    "Erst abstimmen, dann sehen, was das Modell liest. Telefone öffnen eine leichte Seite mit dem "
    "QR-Code oder dem Code: kein Name, kein Mikrofon, eine Stimme je Telefon und Runde. Ein Raum "
    "endet mit dieser Seite oder nach zwei Stunden."
)
OPEN = "Raum öffnen"
OPEN_AGAIN = "Neuen Raum öffnen (beendet diesen)"
QR = "QR-Code der Abstimmungsseite"
JOIN = "Code scannen oder im Browser öffnen:"
CODE = "Code:"
ROOM_NOTE = (
    "Telefone müssen im selben Netz sein wie dieser Rechner, es sei denn, er steht im Internet."
)
NOT_REACHED = (
    "Telefone erreichen diese App nicht: Sie ist nur auf diesem Rechner zu haben. Starten Sie sie "
    "mit make class oder mit HOST=0.0.0.0."
)
READY = "Der Raum ist offen. Wählen Sie eine Aufnahme, dann fragen Sie die Klasse."
EXAMPLE = "Worum geht es?"
CURRENT = "Was zuletzt analysiert wurde"
GIVEN_LABEL = "Telefone bekommen"
GIVEN = {"both": "Stimme und Worte", "clip": "nur die Stimme", "words": "nur die Worte"}
ASK = "Die Klasse fragen"
UNCOVER = "Aufdecken"
READING = "Das Modell liest …"
READING_CLIPS = "Das Modell liest Aufnahme {done} von {total} …"
COUNT = "Stimmen: {count} von {phones} Telefonen"
COUNT_CLIPS = (
    "Alle {clips} Aufnahmen beschriftet: {count} von {phones} Telefonen. Etiketten bisher: {labels}"
)
UNCOVERED = {"one": "Aufgedeckt: 1 Stimme.", "many": "Aufgedeckt: {count} Stimmen."}
UNCOVERED_LATE = "Spätere zählen nicht."
VOTES = {"one": "1 Stimme", "many": "{count} Stimmen"}
ROUNDS = {"one": "1 Runde", "many": "{count} Runden"}
NOTHING_ANALYSED = (
    "Noch wurde nichts analysiert: Tun Sie es im Reiter Probieren, oder wählen Sie ein Beispiel."
)
ROW = "Die Zeile eines Datensatzes"
NO_ROW = (
    "Keine Zeile wurde gewählt: Öffnen Sie eine im Reiter Fehleranalyse und drücken Sie „Die "
    "Klasse fragen“."
)
ROW_GONE = "Die Aufnahme der Zeile ist nicht mehr da: Öffnen Sie die Zeile noch einmal."
TOO_MANY_ROUNDS = (
    "Ein Raum fasst {rounds} Runden: Exportieren Sie diese Stunde und öffnen Sie einen neuen Raum."
)
NO_ROOM_LEFT = "Alle Räume dieses Servers sind belegt: Versuchen Sie es später noch einmal."
ROOM_GONE = "Der Raum ist zu Ende: Öffnen Sie einen neuen."
AND = " und "
CLASS_SAYS = "Die Klasse liest am häufigsten {emotion} ({votes})."
MODEL_SAYS = "Das Modell liest {emotion} ({probability})."
MODEL_ALONE = "Aus der Stimme allein liest es {voice}, aus den Worten allein {words}."
MEANT = "Gemeint war: {emotion}."
PAIRS = "Von allen Paaren von Abstimmenden sind sich {share} einig."
SURE = "Wie sicher: {told}."
AGREEING = "Sind Stimme und Worte einig? {told}."
FINDS = {
    "True": "Das Modell findet, dass sie sich widersprechen.",
    "False": "Das Modell findet, dass sie einig sind.",
    "None": "Das Modell kann es nicht sagen.",
}
LESSON = "Die Stunde bisher: {rounds}, {votes}"
LESSON_LINK = "Die Stunde, Schritt für Schritt, zum Drucken"
LESSON_PRINT = (
    "Drucken Sie diese Seite mit dem Browser (Strg+P). Die Links öffnen die App für jeden Schritt."
)
LESSON_MISSING = (
    "Die Stunde gehört nicht zu dieser Installation: siehe docs/lesson.de.md im Projekt."
)
KAPPA_HELP = (
    "Kappa ist 1, wo alle einig sind, 0, wo sie so oft einig sind wie durch Zufall, und braucht "
    "zwei Runden. Wer das Korpus MELD beschriftete, erreichte 0.43 (Poria und andere, 2019): Es "
    "gibt nicht die eine richtige Antwort, die ein Modell verfehlen könnte."
)
CLASS_CONFUSION = "Was die Klasse antwortete"
MODEL_CONFUSION = "Was das Modell antwortete"
ANNOTATE = "Selbst beschriften: {count} Aufnahmen"
ANNOTATION = "{clips} Aufnahmen, beschriftet von {annotators} Personen, jede für sich"
ANNOTATION_MEASURES = {
    "kappa": "die Beschriftenden untereinander (Fleiss’ Kappa)",
    "with_meant": "eine Person und das Gespielte (Cohens Kappa, Mittel)",
    "majority_with_meant": "die Mehrheit der Klasse und das Gespielte (Cohens Kappa)",
    "with_model": "eine Person und das Modell (Cohens Kappa, Mittel)",
    "model_with_meant": "das Modell und das Gespielte (Cohens Kappa)",
}
ANNOTATION_HELP = (
    "So entsteht ein Korpus von Emotionen: Einige Menschen beschriften jede Aufnahme, und die "
    "Mehrheit wird zur Wahrheit, aus der Modelle lernen und an der sie gemessen werden. Wo "
    "Menschen uneinig sind, ist das Etikett eine Abstimmung und keine Tatsache, und kein Modell "
    "kann besser mit ihm übereinstimmen als Menschen."
)
ANNOTATION_COLUMNS = ("Aufnahme", "Worte", "Etiketten der Klasse", "Gespielt", "Modell")
CSV = "Stimmen als CSV"
PICTURE = "Die Stunde als ein Bild (SVG)"
CLASS_WORDING = ClassWording(
    title="DRKF: was die Klasse und das Modell lesen",
    class_votes="Klasse",
    model="Modell",
    share="Anteil der Stimmen, Wahrscheinlichkeit des Modells",
    meant="gemeint",
    answered="geantwortet",
    round="Runde {number}: {title}",
    one_vote="1 Stimme",
    votes="{count} Stimmen",
    kappa="Einigkeit innerhalb der Klasse (Fleiss’ Kappa)",
    with_model="Stimmen, die die Antwort des Modells sind",
    class_accuracy="Stimmen, die das Gemeinte sind",
    model_accuracy="Antworten des Modells, die das Gemeinte sind",
    nothing_meant="Noch keine Runde, in der genau eine Emotion gemeint war",
    left_out="die letzten {shown} von {total} Runden",
)

# The tour in a class
TOUR_CLASS = "Die Klasse antwortete"
TOUR_CLASS_NONE = "Kein Telefon hat geantwortet."

# The mode for a class
MODE = (
    "**Klassenmodus**: kein Mikrofon und kein Hochladen. Beispielstimmen, getippte Worte, Was wäre "
    "wenn und Abstimmungen gehen; niemandes Stimme wird aufgenommen."
)
MODE_AUDIO = "Die Stimme des Beispiels"
MODE_NO_UPLOAD = "Diese App ist im Klassenmodus: Sie nimmt keine Aufnahmen und keine Dateien an."
PASSWORD = "Irgendein Benutzername und das Passwort des Raums."
