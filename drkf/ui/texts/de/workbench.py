"""The tab "Error analysis" in German; the names are those of ``text_workbench.py``."""

TAB_WORKBENCH = "Fehleranalyse"

HELP = (
    "Geben Sie beschriftete Daten ein und erfahren Sie, wo und warum das Modell irrt. "
    "Die Daten bleiben auf dem Computer, auf dem diese Seite läuft, und gehen, wenn Sie sie "
    "entfernen oder die Seite schließen."
)

# The set
SET = "1. Die Daten"
FILES = "Aufnahmen, eine Tabelle (CSV, TSV, JSON-Zeilen) oder eine Zip-Datei mit beidem"
SENTENCES = "Oder Sätze, einer je Zeile"
SENTENCES_PLACEHOLDER = "I have been waiting for three weeks.\nWhat a lovely surprise!"
SENTENCES_BUTTON = "Diese Sätze nehmen"
EXAMPLE_BUTTON = "Beispieldaten nehmen"
EXAMPLE_NOTE = "Die Beispieldaten sind künstlich: Computerstimmen und geschriebene Sätze."
CLEAR_BUTTON = "Daten entfernen"
TABLE = "Tabelle"
NO_TABLE = "keine: Jede Aufnahme ist eine Zeile"
COLUMNS = "Welche Spalte was enthält"
COLUMN_NAMES = {
    "audio": "Aufnahme",
    "text": "Worte",
    "label": "Label",
    "speaker": "Sprecher",
    "gender": "Geschlecht",
    "corpus": "Korpus",
    "split": "Teil",
    "id": "Id",
}
NO_COLUMN = "–"
SPLIT = "Nur dieser Teil"
ALL_SPLITS = "alle"
LABELS = "Was die Labels bedeuten"
LABELS_HINT = (
    "Zeilen mit einem roten Label werden erst gewertet, wenn Sie sagen, was es bedeutet; Zeilen, "
    "die nicht gewertet werden sollen, lassen sich auch absichtlich auslassen."
)
LABEL_UNKNOWN = "unbekannt: bitte wählen"
LABEL_NOT_SCORED = "nicht werten"
LABEL_HEADERS = ["Label in den Daten", "Zeilen", "Label des Modells"]
BAD_ROWS = "Zeilen, die sich nicht analysieren lassen"
BAD_HEADERS = ["Zeile", "warum"]
EMPTY = "Laden Sie Daten hoch, schreiben Sie Sätze, oder nehmen Sie die Beispieldaten."
READY = {
    "one": "1 Zeile, {clips} mit Aufnahme: {scored} mit einem Label des Modells.",
    "many": "{count} Zeilen, {clips} mit Aufnahme: {scored} mit einem Label des Modells.",
}
UNMAPPED = {
    "one": "1 hat ein Label, das das Modell nicht kennt: Sie wird nicht gewertet.",
    "many": "{count} haben ein Label, das das Modell nicht kennt: Sie werden nicht gewertet.",
}
UNLABELLED = {
    "one": "1 hat kein Label.",
    "many": "{count} haben kein Label.",
}
BAD = {
    "one": "1 lässt sich nicht analysieren; sie steht unten, und der Rest geht weiter.",
    "many": "{count} lassen sich nicht analysieren; sie stehen unten, und der Rest geht weiter.",
}
LEFT_OUT = "Ausgelassen: {name} ({why})."
LEFT_OUT_MORE = {
    "one": "Ausgelassen: 1 weitere Datei.",
    "many": "Ausgelassen: {count} weitere Dateien.",
}
CALLED = "Eine Datei {name} gab es schon: Diese heißt nun {shown}."
CALLED_MORE = {
    "one": "1 weitere Datei hatte einen vergebenen Namen und bekam eine Nummer.",
    "many": "{count} weitere Dateien hatten einen vergebenen Namen und bekamen eine Nummer.",
}
WRONG_LABEL = (
    "{label} ist keines der Labels des Modells: Nehmen Sie {labels}, oder lassen Sie es leer."
)
NO_SET = "Laden Sie zuerst Daten hoch, oder nehmen Sie die Beispieldaten."

# The run
RUN = "2. Der Lauf"
TRANSCRIBE = "Worte von Aufnahmen erkennen, die keine haben"
SPEAKERS = "Jede Aufnahme neben den anderen ihres Sprechers lesen"
SPEAKERS_HINT = (
    "Braucht die Spalte des Sprechers. Zum Vergleich wird jede Aufnahme auch für sich gelesen."
)
RUN_BUTTON = "Daten analysieren"
CANCEL_BUTTON = "Anhalten und Fertiges behalten"
RUN_EMPTY = "Noch ist nichts analysiert."
PREPARING = "Die Aufnahmen werden gelesen …"
RUNNING = {
    "one": "{done} von 1 Zeile",
    "many": "{done} von {count} Zeilen",
}
RUNNING_BESIDE = "Noch einmal, neben den anderen Aufnahmen des Sprechers: "
SPEAKERS_EFFECT = (
    "{rows} gewertete Zeilen haben einen Sprecher mit mehreren Aufnahmen. Neben den anderen: "
    "Genauigkeit {accuracy_beside:.2f}, UAR {uar_beside:.2f}. Jede für sich: Genauigkeit "
    "{accuracy_alone:.2f}, UAR {uar_alone:.2f} (McNemar-Test: p = {p:.2f}). Unten steht Ersteres."
)
RUNNING_HEARD = ", {heard} weitere gehört"
RUNNING_LEFT = ", noch etwa {left}"
RUNNING_FAILED = ", {failed} ließen sich nicht analysieren"
RUNNING_REUSED = " ({reused} von früher bekannt)"
MINUTES = "{minutes} min"
SECONDS = "{seconds} s"
STOPPING = "Wird nach den laufenden Aufnahmen angehalten …"
DONE = {
    "one": "{answered} von 1 Zeile mit {checkpoint} {hash} analysiert.",
    "many": "{answered} von {count} Zeilen mit {checkpoint} {hash} analysiert.",
}
STOPPED = {
    "one": "Angehalten: {answered} von 1 Zeile analysiert. „Daten analysieren“ macht dort weiter.",
    "many": (
        "Angehalten: {answered} von {count} Zeilen analysiert. „Daten analysieren“ macht dort "
        "weiter."
    ),
}

# What is looked at
LOOK = "3. Ansehen"
ANY = "alle"
FILTER_LABEL = "Label"
FILTER_PREDICTION = "Vorhersage"
FILTER_OUTCOME = "Ergebnis"
OUTCOMES = {
    "right": "richtig",
    "wrong": "falsch",
    "no label": "ohne Label",
    "failed": "nicht analysierbar",
}
FILTER_SPEAKER = "Sprecher"
FILTER_CORPUS = "Korpus"
FILTER_INCONSISTENT = "Stimme und Worte"
INCONSISTENT = {"yes": "sind uneinig", "no": "sind einig"}
FILTER_SLICE = "Gruppe mit den meisten Fehlern"
SLICE_CHOICE = "{name}: {error:.2f} falsch, {count} Zeilen{star}"
FILTER_TAG = "Schlagwort"
FILTER_SEARCH = "Suche"
FILTER_SEARCH_HINT = "in Ids, Worten und Notizen"
FILTER_CLEAR = "Alle Zeilen zeigen"
SHOWN = {
    "one": "{shown} von 1 Zeile",
    "many": "{shown} von {count} Zeilen",
}
SCORE = "{right:.0%} richtig"
SCORE_OF = {
    "one": "{correct} von {scored} gewerteten Zeilen; {scored} von 1 Zeile ist gewertet",
    "many": "{correct} von {scored} gewerteten Zeilen; {scored} von {count} Zeilen sind gewertet",
}
NOT_SCORED = {
    "one": (
        "1 Zeile ist nicht gewertet, weil ihr Label keines des Modells ist ({labels}). Wenn "
        "sie gewertet werden soll, sagen Sie unter „Die Daten“, was dieses Label bedeutet, und"
        " analysieren Sie noch einmal: Was schon gelesen ist, bleibt erhalten."
    ),
    "many": (
        "{count} Zeilen sind nicht gewertet, weil ihre Labels keine des Modells sind "
        "({labels}). Wenn sie gewertet werden sollen, sagen Sie unter „Die Daten“, was diese "
        "Labels bedeuten, und analysieren Sie noch einmal: Was schon gelesen ist, bleibt "
        "erhalten."
    ),
}
MORE_LABELS = "und {count} weitere"
SHOWN_GROUPS = ". Intervalle: 95 %, Bootstrap über {groups} {unit}"
UNIT_SPEAKERS, UNIT_ROWS = "Sprecher (eine Zeile ohne Angabe zählt als einer)", "Zeilen"

# What was found
FINDINGS = "Was auffällt"
FINDINGS_HELP = "Wählen Sie einen Satz, und alles darunter zeigt nur dessen Zeilen."
FINDING_NONE = "Alle Zeilen"
FINDING_LABELS = "{labels}: {right} von {count} richtig, bei allen anderen Labels {rest:.0%}"
FINDING_SPLIT = (
    "Wo Stimme und Worte Verschiedenes sagen ({count} Zeilen), hatte die Stimme in {voice} recht, "
    "die Worte in {words}, die Antwort in {answer}"
)
FINDING_SLICE = "{name}: {wrong} von {count} falsch, sonst {rest:.0%}"
FINDING_CONFUSION = (
    "{count} von {wrong} Fehlern sind von einer Art: Label {label}, sagte {prediction}"
)
FINDING_SURE = (
    "{count} von {wrong} Fehlern bekamen eine Wahrscheinlichkeit von {sure:.0%} oder mehr"
)
AND = "und"

OVERVIEW = "Überblick"
HEADLINE = "Kennzahlen"
HEADLINE_CAVEAT = (
    "WA: Anteil der richtigen Zeilen. UAR: Trefferquote, über die Klassen gemittelt. ECE: wie weit "
    "die Zuversicht von der Genauigkeit entfernt ist, AURC: mittlerer Fehler der "
    "zuversichtlichsten Zeilen; bei diesen beiden ist weniger besser."
)
CONFUSION = "Verwechslungen"
CONFUSION_CAVEAT = (
    "Anzahlen; dunkler ist ein größerer Anteil an den Zeilen des Labels. Klicken Sie auf ein Feld, "
    "oder wählen Sie oben Label und Vorhersage, und alles Übrige zeigt nur dessen Zeilen."
)
CALIBRATION = "Kalibrierung"
RELIABILITY = "Zuverlässigkeit"
RELIABILITY_CAVEAT = "Die Rauten eines gut kalibrierten Modells liegen auf der gepunkteten Linie."
RISK = "Risiko und Abdeckung"
RISK_CAVEAT = (
    "Der Fehler, wenn nur die zuversichtlichsten Zeilen bleiben. Eine Zuversicht, die nichts sagt, "
    "bliebe auf der gepunkteten Linie."
)
SLICES = "Gruppen"
WORST = "Die schlechtesten Gruppen"
WORST_CAVEAT = (
    "Gruppen von Zeilen und Paare von Gruppen, die häufiger scheitern als der Rest; Gruppen aus zu "
    "wenigen Zeilen werden nicht beurteilt. ★: exakter Test nach Fisher, angepasst an alles, was "
    "angesehen wurde (Benjamini und Yekutieli). Klicken Sie auf eine Reihe, um nur ihre Zeilen zu "
    "sehen."
)
FACET = "Nach"
FACETS = {
    "label": "Label",
    "speaker": "Sprecher",
    "gender": "Geschlecht",
    "corpus": "Korpus",
    "duration": "Dauer",
    "text source": "Herkunft der Worte",
    "inconsistent": "ob Stimme und Worte uneinig sind",
    "uncertain": "ob das Modell unsicher ist",
}
FACET_CAVEAT = (
    "95-%-Intervalle nach Wilson, die Zeilen als unabhängig nehmen. Klicken Sie auf eine Reihe, um "
    "nur ihre Zeilen zu sehen."
)
AGREEMENT = "Stimme gegen Worte"
INCONSISTENCY = "Widerspruch und Richtigkeit"
INCONSISTENCY_CAVEAT = (
    "Ob das Modell öfter irrt, wo es Stimme und Worte uneinig findet. Eine AUROC von 0,5 heißt: "
    "kein Zusammenhang."
)
WHO = "Wer recht hatte, wenn sie uneinig waren"
WHO_CAVEAT = "Zeilen, deren Stimme allein und Worte allein verschiedene Emotionen bekommen."
MAP = "Karte"
MAP_BUTTON = "Karte zeichnen"
MAP_COLOUR = "Farbe"
MAP_COLOURS = {
    "label": "Label",
    "prediction": "Vorhersage",
    "inconsistency": "Widerspruch",
    "error": "richtig oder falsch",
}
MAP_CAVEAT = (
    "Die gemeinsame Darstellung durch t-SNE: Nahe Punkte sind dem Modell ähnlich; Abstände "
    "zwischen Haufen und deren Größe bedeuten nichts. Klicken Sie auf einen Punkt, um seine Zeile "
    "zu öffnen."
)
MAP_LEFT_OUT = {
    "one": "1 Zeile ist ausgelassen: Es sind zu viele zum Zeichnen.",
    "many": "{count} Zeilen sind ausgelassen: Es sind zu viele zum Zeichnen.",
}
MAP_WORKING = "Die Karte wird gezeichnet …"
SUSPECTS = "Labels zum Prüfen"
SUSPECTS_CAVEAT = (
    "Zeilen, deren Label das Modell zuversichtlich widerspricht (Confident Learning, Northcutt et "
    "al. 2021), die verdächtigsten zuerst. Auch das Modell kann irren: Hören Sie hin."
)
SUSPECT_HEADERS = ["#", "Id", "Label", "Modell sagt", "Abstand"]
COMPARE = "Vergleichen"
COMPARE_HELP = (
    "Die Ergebnisse eines anderen Checkpoints mit denselben Daten: die CSV- oder JSONL-Datei, "
    "die diese Seite oder `drkf analyze-set` ausgegeben hat. Das oben Gezeigte steht zuerst, die "
    "Datei danach."
)
COMPARE_BUTTON = "Andere Ergebnisse wählen"
COMPARED = (
    "{first} {first_accuracy:.2f} → {second} {second_accuracy:.2f} Genauigkeit bei {rows} Zeilen: "
    "{difference:+.2f} ({low:+.2f} bis {high:+.2f}). {fixed} behoben, {broken} verdorben; exakter "
    "Test nach McNemar: p = {p:.3g}."
)
COMPARED_LEFT_OUT = {
    "one": "1 Zeile ist nur in einem von beiden, oder hat dort ein anderes Label.",
    "many": "{count} Zeilen sind nur in einem von beiden, oder haben dort ein anderes Label.",
}
FLIP_HEADERS = ["#", "Id", "Label", "zuerst", "danach", "Änderung"]
CHANGES = {
    "fixed": "behoben",
    "broken": "verdorben",
    "another error": "ein anderer Fehler",
}

# The rows
ROWS_HEADING = "Die Zeilen"
ROWS_HELP = "Klicken Sie auf eine Zeile, um sie zu hören und alles über sie zu sehen."
ORDER = "Reihenfolge"
ORDERS = {"set": "wie in den Daten", "errors": "schwerste Fehler zuerst"}
ROWS_HEADERS = [
    "#", "Id", "Label", "Vorhersage", "p", "Ergebnis", "Widerspruch", "Stimme", "Worte",
    "Sprecher", "s", "Text", "Schlagworte",
]  # fmt: skip
ROWS_MORE = "Die ersten {most} von {count} Zeilen; filtern Sie, um andere zu sehen."
UNCERTAIN = "{emotion} ?"
ROW_EMPTY = "Wählen Sie eine Zeile. Ihre Aufnahme und ihre ganze Analyse erscheinen hier."
ROW_PREVIOUS = "◀ Vorige Zeile"
ROW_NEXT = "Nächste Zeile ▶"
ROW_PLAY_ON = "Weiter zur nächsten Aufnahme, wenn eine zu Ende ist"
ROW_OPENING = "Diese Zeile wird gelesen …"
ROW_TITLE = "Zeile {number}: {id}"
ROW_LABEL = "Label {label}"
ROW_LABEL_ORIGINAL = "Label {label} (in den Daten: {original})"
ROW_LABEL_UNKNOWN = "Label {original}, das unbekannt ist"
ROW_NO_LABEL = "ohne Label"
ROW_SAID = "{label} → sagte {emotion}"
ROW_FAILED = "Diese Zeile ließ sich nicht analysieren: {error}"
ROW_PLAYER = "Die Aufnahme dieser Zeile"
ROW_CLIP_GONE = "Die Aufnahme ist nicht mehr auf dem Server: Laden Sie die Daten neu hoch."
CLASS_BUTTON = "Die Klasse fragen"
LAB_BUTTON = "Unter „Was wäre wenn“ öffnen"
LAB_NO_ROW = "Wählen Sie zuerst eine Zeile."
NEIGHBOURS = "Nächste Zeilen"
NEIGHBOURS_CAVEAT = (
    "Nach dem Kosinus-Abstand der gemeinsamen Vektoren. Klicken Sie auf eine, um sie zu öffnen."
)
NEIGHBOUR_HEADERS = ["#", "Id", "Label", "Vorhersage", "Entfernung"]
NOTE = "Notiz"
NOTE_PLACEHOLDER = "Was hören Sie?"
TAGS = "Schlagworte, durch Kommas getrennt"
NOTE_BUTTON = "Notiz sichern"
NOTE_SAVED = {
    "one": "Gesichert. 1 Zeile hat eine Notiz.",
    "many": "Gesichert. {count} Zeilen haben Notizen.",
}

# What is kept
KEEP = "4. Behalten"
EXPORT_FORMAT = "Alle Zeilen mit Notizen und Schlagworten als"
EXPORT_FORMATS = {
    "csv": "CSV",
    "jsonl": "JSON-Zeilen",
    "parquet": "Parquet",
    "html": "HTML-Bericht, der sich ohne Netz öffnet",
    "html-sound": "HTML-Bericht mit dem Ton der Aufnahmen",
    "dataset": "Ordner für Hugging Face datasets oder Renumics Spotlight (Zip)",
}
EXPORT_BUTTON = "Datei vorbereiten"
EXPORT_WORKING = "Die Datei wird geschrieben …"
EXPORT_READY = "Fertig: {name}."
EXPORT_FILE = "Die Datei"
SESSION_DOWNLOAD = "Notizen und Schlagworte herunterladen (JSON)"
SESSION_LOAD = "Notizen und Schlagworte laden"
SESSION_LOADED = {
    "one": "1 Notiz geladen.",
    "many": "{count} Notizen geladen.",
}
SESSION_UNKNOWN = {
    "one": "1 davon gehört zu einer Zeile, die diese Daten nicht haben; sie bleibt.",
    "many": "{count} davon gehören zu Zeilen, die diese Daten nicht haben; sie bleiben.",
}
