"""The interface in German; the names are those of ``text.py``."""

TITLE = "DRKF"
SUBTITLE = "Sagt Ihre Stimme, was Ihre Worte sagen?"
CAVEAT = (
    "Dies zeigt, wie ein Modell *gespielte und beschriftete* Emotion liest. Es liest niemandes "
    "Gedanken. Im Unterricht und bei der Arbeit bitte nur getippte Worte oder die Beispiele "
    "verwenden: Sie sind niemandes Stimme."
)

SKIP = "Zur Antwort springen"
SKIP_TO_EXAMPLES = "Zu den Beispielen springen"
SWITCH_LANGUAGE = "Sprache"
API_OR_MCP = "Über API oder MCP verwenden"
PROJECTOR = "Beamer"
PROJECTOR_HINT = "Große Schrift für die letzte Reihe"

TAB_ANALYSE = "Probieren"
TAB_WHAT_IF = "Was wäre wenn"
TAB_TOUR = "Rundgang"
TAB_ABOUT = "Über"

# Input
AUDIO_LABEL = "Sprechen oder Datei wählen"
WORDS_LABEL = "Worte"
WORDS_LABEL_TYPED = "Worte (getippt)"
WORDS_LABEL_RECOGNISED = "Worte (erkannt{language})"
WORDS_LABEL_TRANSLATED = "Worte (englische Übersetzung{language})"
WORDS_SAID = "Gesagt: {said}"
WORDS_LABEL_KNOWN = "Worte (des Beispiels)"
WORDS_LABEL_NONE = "Worte (keine)"
WORDS_PLACEHOLDER = "Werden aus der Sprache erkannt; oder hier einen englischen Satz tippen"
WORDS_HINT = (
    "Gelesen wird nur Englisch: Anderes, das gesprochen wird, wird übersetzt. Ändern und "
    "Eingabetaste drücken: Die Stimme bleibt, wie sie ist."
)
ANALYSE_BUTTON = "Analysieren"
CLEAR_BUTTON = "Leeren"
EXAMPLES = "Ein Beispiel probieren"
EXAMPLES_DISAGREE = "Stimme und Worte widersprechen sich"
EXAMPLES_AGREE = "Sie sind einig"
EXAMPLES_NEUTRAL = "Die Emotion steckt nur in einem von beiden"
EXAMPLES_WORDS = "Nur Worte"
EXAMPLE_TITLES = {
    "joy": "Gute Nachricht",
    "anger": "Es reicht!",
    "sadness": "Ein Verlust",
    "fear": "Ängstliche Worte, helle Stimme",
    "surprise": "Nicht möglich!",
    "disgust": "Angewiderte Worte, traurige Stimme",
    "neutral": "Ein Fahrplan, scharf gelesen",
    "happy-words-sad-voice": "Fröhliche Worte, traurige Stimme",
    "fine-but-angry": "„Alles gut!“, aber wütend",
    "angry-words-calm-voice": "Wütende Worte, ruhige Stimme",
    "sad-words-happy-voice": "Traurige Worte, fröhliche Stimme",
    "typed-joy-angry-voice": "Wütende Stimme, darüber getippt: liebe Worte",
    "words-joy": "Ein Dank",
    "words-anger": "Eine Beschwerde",
    "words-fear": "Ein Geräusch",
}
EXAMPLES_NOTE = "Die Stimmen der Beispiele sind künstlich."
MODEL_ACCORDION = "Was dieses Modell ist"

# While it works
STATUS_EMPTY = "Sprechen, eine Datei wählen oder einen Satz tippen. Die Antwort erscheint hier."
STATUS_EMPTY_CLASS = "Ein Beispiel wählen oder einen Satz tippen. Die Antwort erscheint hier."
STEPS = {
    "hearing": "hören",
    "words": "Worte",
    "deciding": "entscheiden",
    "reasons": "Gründe",
}
STATUS_EXPLAINING = "Die Gründe werden gesucht …"

# Verdict
SURE = "{emotion} {probability}"
UNSURE = "{emotion} {probability}, nicht sicher"
UNDECIDED = "{emotion} oder {other}, unentschieden"
RUNNER_UP = "danach: {emotion} {probability}"
SIDE_VOICE, SIDE_WORDS = "Stimme", "Worte"
SIDE = "{emotion} {probability}"
AGREEMENTS = {
    "agree": "Sie sind einig",
    "emotion in audio": "Die Emotion steckt in der Stimme, die Worte sind neutral",
    "emotion in text": "Die Emotion steckt in den Worten, die Stimme ist neutral",
    "contradict": "Sie widersprechen sich",
}
SCORE = "(trainierter Detektor: {score} von 100)"
FOLLOWED_BOTH = "Die Antwort ist, was beide sagen."
FOLLOWED_VOICE = "Das Modell folgte der Stimme."
FOLLOWED_WORDS = "Das Modell folgte den Worten."
FOLLOWED_NEITHER = (
    "Keine Seite allein sagt {emotion}: Das Modell findet es erst in beiden zusammen. Mit Vorsicht "
    "zu lesen."
)
VOICE_ONLY = "Es gibt keine Worte, um die Stimme damit zu vergleichen."
WORDS_ONLY = "Es gibt keine Stimme, um die Worte damit zu vergleichen."
SPLIT = (
    "Zwei Arten, einen Widerspruch zu suchen, kommen hier zu verschiedenen Ergebnissen: mit "
    "Vorsicht zu lesen."
)
ADJECTIVES = {
    "anger": "wütend",
    "disgust": "angewidert",
    "fear": "ängstlich",
    "joy": "fröhlich",
    "neutral": "neutral",
    "sadness": "traurig",
    "surprise": "überrascht",
}
DOWNLOAD = "Herunterladen (JSON)"
FOOTNOTE = "{checkpoint} · in {seconds} s berechnet"

# Evidence
PROBABILITIES = "Alle sieben Emotionen"
MODALITY = "Wer entschied: Stimme oder Worte?"
INCONSISTENCY = "Sind Stimme und Worte einig?"
RELEVANCE = "Wann, und welche Worte"

# What if
LAB_SOURCE = "Ausgehen von"
LAB_SOURCE_CURRENT = "dem zuletzt Analysierten"
LAB_SOURCE_FILE = "dem geladenen Szenario"
LAB_WORDS = "Worte"
LAB_WORDS_HINT = (
    "Andere, englische, schreiben und Eingabetaste drücken; ohne Worte steht die Stimme allein."
)
LAB_VOICE = "Stimme"
LAB_VOICE_OWN = "die eigene"
LAB_VOICE_OTHER = "eine andere Aufnahme"
LAB_OTHER = "Eine andere Aufnahme"
LAB_MUTE = "Stummschalten"
LAB_MUTE_VOICE = "die Stimme"
LAB_MUTE_WORDS = "die Worte"
LAB_MUTE_NOTHING = "nichts"
LAB_MASK = "Worte weglassen"
LAB_MASK_HINT = "Das Modell liest den Satz ohne sie."
LAB_SOUND = "Den Klang der Stimme ändern"
LAB_SILENCE_START = "Stille von (s)"
LAB_SILENCE_END = "Stille bis (s)"
LAB_GAIN = "Lauter, leiser (dB)"
LAB_PITCH = "Höher, tiefer (Halbtöne)"
LAB_SPEED = "Schneller, langsamer (mal)"
LAB_NOISE = "Weißes Rauschen hinzufügen"
LAB_SNR = "Sprache über Rauschen (dB)"
LAB_RESET = "Alle Änderungen zurücknehmen"
LAB_HELP = (
    "Ändern Sie eines und sehen Sie, was sich bewegt. Blasse Balken sind das Original, dunkle "
    "Ihre Änderung."
)
LAB_EMPTY = "Wählen Sie, wovon ausgegangen wird. Der Vergleich erscheint hier."
LAB_NO_CURRENT = (
    "Analysieren Sie zuerst eine Aufnahme oder einen Satz, oder gehen Sie von einem Beispiel aus."
)
LAB_NO_OTHER = "Nehmen Sie zuerst die andere Aufnahme auf, oder wählen Sie sie."
LAB_WORKING = "Es wird ausprobiert …"
LAB_UNCHANGED = "Noch ist nichts geändert"
LAB_CHANGE = "{edits}: {change}"
LAB_BEFORE = "vorher"
LAB_AFTER = "nachher"
LAB_VOICE_ALONE = "Stimme allein"
LAB_WORDS_ALONE = "Worte allein"
LAB_EDITS = {
    "swap-voice": "mit der Stimme von {voice}",
    "rewrite": "mit „{words}“",
    "silence": "mit Stille von {start_seconds:.1f} bis {end_seconds:.1f} s",
    "gain": "{db:+g} dB",
    "pitch": "{semitones:+g} Halbtöne",
    "speed": "im Tempo ×{factor:g}",
    "noise": "mit Rauschen, {snr_db:g} dB unter der Sprache",
    "mask-words": "ohne {masked}",
    "mute": "ohne {muted}",
}
LAB_NO_WORDS = "ohne Worte"
LAB_PROBABILITIES_CAVEAT = (
    "Die Antwort aus allem, was da ist, vorher und nachher. Die Balken ergeben zusammen 1: Einer, "
    "der wächst, nimmt den anderen etwas weg."
)
LAB_SHAPLEY_CAVEAT = (
    "Wie stark jede Seite zu einer Emotion schiebt. Wechselt die Antwort, so stehen beide "
    "Emotionen da: Vergleichen Sie nur innerhalb einer Emotion."
)
LAB_INCONSISTENCY_CAVEAT = (
    "Drei Lesarten von „Stimme und Worte widersprechen sich“, ihre Schwellen in Rot. Sie brauchen "
    "beide Seiten."
)
SCENARIO = "Dieses Szenario behalten"
SCENARIO_EMBED = "Meine Aufnahmen in die Datei legen"
SCENARIO_EMBED_HINT = (
    "Sonst nennt die Datei sie nur, und wer sie öffnet, braucht dieselbe Aufnahme."
)
SCENARIO_DOWNLOAD = "Szenario herunterladen (JSON)"
SCENARIO_UNTUNED = (
    "Was aus anderen Aufnahmen von Ihrer Stimme bekannt ist, bleibt in dieser Sitzung. Die Datei "
    "wird ohne das gelesen, ihre Antwort kann also anders ausfallen als hier."
)
SCENARIO_LOAD = "Szenario laden"
GRID = "Diese Stimme, diese Worte"
GRID_HELP = (
    "Jede Stimme sagt jeden Satz. Wo eine Zeile die Farbe wechselt, entschied die Stimme; wo eine "
    "Spalte sie wechselt, entschieden die Worte."
)
GRID_VOICES = "Stimmen"
GRID_CHOOSE = "Andere Stimmen, andere Sätze"
GRID_CURRENT = "die Stimme unten"
GRID_SENTENCES = "Sätze, einer je Zeile"
GRID_BUTTON = "Tafel füllen"
GRID_EMOTION = "Emotion und ihre Wahrscheinlichkeit"
GRID_INCONSISTENCY = "Trainierter Detektor, mit ≠, wo sich Stimme und Worte widersprechen"
GRID_CAVEAT = (
    "Die Worte werden über jede Stimme getippt, als hätte sie sie gesagt: Ihr Rhythmus ist immer "
    "noch der des wirklich Gesagten."
)
GRID_WORKING = "Jede Stimme trifft jeden Satz …"
GRID_TOO_LARGE = "Eine Tafel hat höchstens {most} Stimmen und {most} Sätze: Wählen Sie weniger."

# Tour
TOUR_INTRO = (
    "Fünf Schritte für eine Klasse. In jedem: sehen und hören, raten, dann die Antwort aufdecken. "
    "Alles wird sofort berechnet; das Modell kann also auch Sie überraschen."
)
TOUR_RUN = "Das Modell fragen"
TOUR_REVEAL = "Antwort aufdecken"
TOUR_NEXT = "Nächster Schritt"
TOUR_WAIT = "Fragen Sie zuerst das Modell, dann decken Sie die Antwort auf."
TOUR_WORKING = "Das Modell arbeitet …"
TOUR_GUESSED = "Ihr Tipp: {guess}."
TOUR_RIGHT = "✓ Richtig."
TOUR_WRONG = "✗ Diesmal nicht: {right}."
TOUR_LEARNED = """### Was Sie gelernt haben
* Worte allein sagen nicht, wie sie gesprochen wurden.
* Wo Stimme und Worte zusammenpassen, ist das Modell sicherer; wo nicht, folgt es einem von beiden.
* Ein trainierter Detektor merkt, dass etwas nicht passt, ohne eine Emotion zu nennen.
* Wohin ein Modell sieht, ist nicht, warum es entscheidet. Prüfen Sie, was ohne ein Teil fehlt.
"""
TOUR_YOUR_VOICE = "Jetzt Ihre Stimme"
TOUR_NO_GALLERY = "Dieser Installation fehlen die Beispiele, deshalb gibt es keinen Rundgang."
TOUR_LISTEN = "Die Stimme"

TOUR_ONE = "Eine Modalität"
TOUR_ONE_TASK = (
    "Sie bekommen **nur die Worte**, wie in einer Textnachricht. Das Modell bekommt auch nur sie. "
    "Lesen Sie sie ohne eine Stimme im Kopf."
)
TOUR_ONE_ASKED = "Aus den Worten allein liest das Modell **{words}** ({words_p})."
TOUR_ONE_QUESTION = "Was fühlt, wer da spricht?"
TOUR_ONE_ANSWERS = (
    "was die Worte sagen",
    "etwas anderes",
    "aus Worten allein kann das niemand wissen",
)
TOUR_ONE_REVEAL = (
    "Hören Sie nun, wie es gesagt wurde. Aus der Stimme allein hört das Modell **{voice}** "
    "({voice_p})."
)
TOUR_ONE_DIFFERENT = (
    "Jede Hälfte gibt eine vollständige Antwort, und nichts in ihr warnt davor, dass die andere "
    "widerspräche. Deshalb sieht man beide an."
)
TOUR_ONE_SAME = (
    "Hier geben beide Hälften dieselbe Antwort. Aus einer allein hätten Sie das nicht wissen "
    "können."
)

TOUR_AGREE = "Zwei, die einig sind"
TOUR_AGREE_TASK = "Hören Sie zu und lesen Sie mit: Stimme und Worte sollen dasselbe sagen."
TOUR_ALONE_ASKED = (
    "Aus der Stimme allein hört das Modell **{voice}** ({voice_p}), aus den Worten allein liest es "
    "**{words}** ({words_p})."
)
TOUR_AGREE_QUESTION = "Wie sicher wird es mit beiden zusammen sein?"
TOUR_AGREE_ANSWERS = (
    "sicherer als mit jeder allein",
    "dazwischen",
    "weniger sicher als mit jeder allein",
)
TOUR_AGREE_REVEAL = "Mit beiden sagt das Modell **{fused}** ({fused_p})."
TOUR_AGREE_SURER = (
    "Sicherer als mit jeder Hälfte: Hinweise, die in dieselbe Richtung zeigen, addieren sich."
)
TOUR_AGREE_BETWEEN = (
    "Dazwischen: Eine Hälfte war so deutlich, dass die andere nur etwas wegnehmen konnte."
)
TOUR_AGREE_LESS = (
    "Weniger sicher als mit jeder: Die Hälften zeigen nicht so klar in dieselbe Richtung, wie es "
    "scheint."
)
TOUR_AGREE_INCONSISTENCY = "Es findet dazwischen {finding} (Widerspruch {ed})."
TOUR_NO_CONTRADICTION = "keinen Widerspruch"
TOUR_CONTRADICTION = "einen Widerspruch"

TOUR_DISAGREE = "Zwei, die uneinig sind"
TOUR_DISAGREE_TASK = "Fröhliche Worte mit trauriger Stimme. Hören Sie zu und lesen Sie mit."
TOUR_DISAGREE_QUESTION = "Welche Seite wird den Ausschlag geben?"
TOUR_DISAGREE_ANSWERS = ("die Stimme", "die Worte", "keine von beiden")
TOUR_DISAGREE_REVEAL = (
    "Mit beiden sagt das Modell **{fused}** ({fused_p}). Die Balken unten sind Shapley-Werte: was "
    "jede Seite zu dieser Antwort beitrug. Stimme {phi_voice}, Worte {phi_words}. "
    "Ausschlaggebend also: **{leader}**. Außerdem findet es {finding} (Widerspruch {ed})."
)
TOUR_LEADER_VOICE = "die Stimme"
TOUR_LEADER_WORDS = "die Worte"

TOUR_ED = "Was der Detektor hörte und las"
TOUR_ED_TASK = (
    "Neben der Emotion hat das Modell eine zweite Antwort, die eines **trainierten Detektors**. "
    "Er nennt nie eine Emotion. Er wurde mit passenden und unpassenden Paaren trainiert und sagt "
    "nur, ob Stimme und Worte zusammengehören. Zuerst eine wütende Stimme mit den Worten, die sie "
    "wirklich sagte:"
)
TOUR_ED_ASKED = (
    "Widerspruch **{ed}**, Schwelle {threshold}: Er findet {finding}. Als Nächstes werden diese "
    "Worte über dieselbe Stimme getippt: „{typed}“"
)
TOUR_ED_QUESTION = "Was wird der Detektor jetzt sagen?"
TOUR_ED_ANSWERS = (
    "weniger Widerspruch als zuvor",
    "dasselbe: Die Stimme hat sich nicht geändert",
    "mehr Widerspruch als zuvor",
)
TOUR_ED_REVEAL = (
    "Widerspruch **{ed}** statt {ed_before}: Er findet nun {finding}. Die Stimme wurde nicht "
    "einmal neu kodiert; nur die Worte haben sich geändert. Die Emotion ist jetzt **{fused}** "
    "({fused_p})."
)
TOUR_ED_READINGS = (
    "Zwei andere Arten zu fragen stehen daneben: wie weit die Antworten aus Stimme und aus Worten "
    "auseinanderliegen ({divergence}), und wie weit sich die Antwort bewegt, wenn eine Seite "
    "neutral wird ({shift})."
)

TOUR_ATTENTION = "Wie Aufmerksamkeit täuscht"
TOUR_ATTENTION_TASK = (
    "Jemand findet Schimmel. Viele Demos färben ein, wohin ein Modell sah, und nennen das seinen "
    "Grund. Sehen wir nach, wohin unseres sah."
)
TOUR_ATTENTION_ASKED = (
    "Das Modell sagt **{fused}** ({fused_p}). Es gab **{share_voice}** seiner Aufmerksamkeit der "
    "Stimme und {share_words} den Worten."
)
TOUR_ATTENTION_QUESTION = "Welche Seite gab also den Ausschlag?"
TOUR_ATTENTION_ANSWERS = (
    "die Stimme",
    "die Worte",
    "Aufmerksamkeit kann das nicht sagen",
)
TOUR_ATTENTION_REVEAL = (
    "Die Stimme stellt {baseline_voice} aller Token, einfach weil Klang länger ist als Text: Wer "
    "gleichmäßig umherblickt, gibt ihr so viel. Dagegen bekam die Stimme das {lift_voice}-Fache, "
    "die Worte das {lift_words}-Fache. Shapley-Werte stellen die richtige Frage, nämlich was "
    "**ohne** eine Seite geschieht: Stimme {phi_voice}, Worte {phi_words}. "
    "Ausschlaggebend also: **{leader}**."
)
TOUR_ATTENTION_CHECK = (
    "Zur Probe: Ohne die Worte sagt das Modell **{voice}** ({voice_p}), ohne die Stimme "
    "**{words}** ({words_p})."
)

# Errors of the app itself
BUSY = "Die App ist ausgelastet: Versuchen Sie es in einer Minute wieder."
NO_ADDRESSES = "Die App ruft keine Adressen ab: Senden Sie die Datei selbst."
TOO_LARGE = "Das ist zu groß."
NOT_UPLOADED = "Diese Datei wurde nicht in diese App hochgeladen: Senden Sie die Datei selbst."
BAD_REQUEST = "Das sind nicht die Eingaben dieser Funktion: siehe ihre Beschreibung."
NO_ROOM = (
    "Der Server hat keinen Platz für die Datei: Versuchen Sie es später wieder, "
    "oder tippen Sie die Worte."
)
MCP_AUDIO = (
    "Geben Sie den Ton als Daten-URI an (data:audio/wav;base64,...), oder als Adresse einer Datei, "
    "die zu dieser App hochgeladen wurde."
)
CLIP_GONE = (
    "Die Aufnahme ist nicht mehr auf dem Server: Nehmen Sie sie neu auf, oder wählen Sie sie."
)
UNEXPECTED = (
    "Die App ist an dieser Eingabe gescheitert; das ist unser Fehler. Versuchen Sie eine andere "
    "Aufnahme oder einen anderen Satz."
)

MODEL_CARD = """
**{name}** (`{hash}`) unterscheidet {count} Emotionen: {labels}.

Trainiert mit: {trained_on}

Lizenz der Gewichte: {licence}
"""
MODEL_VOICE_OF_TEN = (
    "Aus der **Stimme allein** nennt es etwa **{count} von 10** gespielten Emotionen richtig, bei "
    "Stimmen, mit denen es nicht trainiert wurde."
)
MODEL_BOTH_OF_TEN = (
    "Aus **Stimme und Worten zusammen**, wo beide dasselbe sagen, etwa **{count} von 10** richtig."
)
MODEL_NUMBERS = "Alle Zahlen"
MODEL_METRICS = (
    "Gemessen an Sprechern und Texten, mit denen nicht trainiert, nach denen aber Epochen und "
    "Schwellen gewählt wurden:"
)
MODEL_UNCERTAIN = (
    "Eine Antwort heißt unsicher, wenn sie unter der Wahrscheinlichkeit liegt, die {coverage} der "
    "Antworten auf diese Sprecher und Texte erreichen."
)

ABOUT = """
### Was Sie sehen
Sie sprechen oder tippen. Die Worte werden erkannt, und **DRKF** (Decoupled Representations with
Knowledge Fusion, Jiang et al., ACM MM 2025, [arXiv 2508.01644](https://arxiv.org/abs/2508.01644))
liest Stimme und Worte zusammen. Die Seite zeigt, welche Emotion das Modell findet, welche der
beiden Seiten den Ausschlag gab, und ob sie sich widersprechen.

### Wie man die Belege liest
* **Wahrscheinlichkeiten.** Dreimal dasselbe Modell: mit Stimme und Worten, nur hörend, nur lesend.
* **Shapley-Werte.** Stimme und Worte spielen ein Spiel um die vorhergesagte Emotion. Jeder Wert
  ist, was eine Seite im Mittel beiträgt, genau berechnet aus vier Durchläufen: keine, Stimme,
  Worte, beide.
* **Aufmerksamkeit.** Wohin das CLS-Token des Fusions-Encoders sah. *Share* ist die
  Aufmerksamkeit, die eine Modalität bekam, *baseline* ihr Anteil an allen Token, *lift* das
  Verhältnis. Aufmerksamkeit ist keine Ursache.
* **Widerspruch.** Ein Kopf, der mit passenden und unpassenden Paaren trainiert wurde, gibt die
  Wahrscheinlichkeit auf der Skala. Zwei weitere Lesarten stehen daneben, und die Seite sagt, wenn
  sie sich nicht einig sind.
* **Wann, und welche Worte.** Das Modell liest und hört die Eingabe noch einmal ohne jedes Wort und
  ohne jede halbe Sekunde: Die Zahl ist, was die Antwort verliert. Ein Hinweis sagt, was sie ohne
  alles zuerst Genannte verliert, verglichen mit zufälligen Teilen.

### Was es nicht ist
Es wurde mit beschrifteter, meist gespielter Sprache und mit beschrifteten englischen Texten
trainiert. Es weiß nicht, was jemand fühlt: Beurteilen Sie niemanden danach. In der Europäischen
Union ist es verboten, Systeme, die Emotionen aus der Stimme ableiten, am Arbeitsplatz und in der
Bildung zu verwenden (KI-Verordnung, Artikel 5 Absatz 1 Buchstabe f), außer aus medizinischen oder
Sicherheitsgründen; eine Einwilligung ist keine Ausnahme.
Getippte Worte und die Beispiele, deren Stimmen künstlich sind, betreffen niemandes biometrische
Daten. Das ist keine Rechtsberatung.

### Was mit Aufnahmen geschieht
Sie bleiben auf dem Computer, auf dem diese Seite läuft: im Speicher und in einem vorläufigen
Ordner, gelöscht, wenn Sie neu aufnehmen, leeren oder die Seite schließen. Wurde das Ende einer
Seite nicht bemerkt, gehen sie nach einer Stunde, Daten in der Fehleranalyse und alles, was daraus
gemacht wurde, nach acht. Nichts, was Sie sagen oder tippen, wird protokolliert, und die App sendet
nichts anderswohin. Nehmen Sie nur Menschen auf, die zugestimmt haben.

### Aus einem Programm
`gradio_client` kann `/analyze` (eine Tondatei oder nichts, und ein Text) für die ganze Analyse als
JSON aufrufen, und `/transcribe` (eine Tondatei) für ihre Worte. Programmen antwortet die App auf
Englisch.
"""

# Das Mikrofon
MICROPHONE = {
    "insecure": (
        "Der Browser gibt das Mikrofon nur Seiten mit HTTPS oder auf localhost. Öffnen Sie die "
        "https://-Adresse der Seite; hat sie keine, kann ihr Betreiber ihr eine geben (README). "
        "Eine Datei hochladen geht auch hier."
    ),
    "denied": (
        "Der Browser erlaubt das Mikrofon nicht: Erlauben Sie es für diese Seite, neben der "
        "Adresse, dann nehmen Sie noch einmal auf."
    ),
    "missing": "Kein Mikrofon gefunden: Schließen Sie eines an, dann nehmen Sie noch einmal auf.",
    "busy": (
        "Das Mikrofon lässt sich nicht öffnen: Schließen Sie andere Programme, die es benutzen, "
        "dann nehmen Sie noch einmal auf."
    ),
    "stopped": (
        "Das Mikrofon hat von selbst aufgehört: Prüfen Sie, ob es verbunden ist, dann nehmen Sie "
        "noch einmal auf."
    ),
    "early": "Es wird aufgenommen: Sprechen Sie, dann drücken Sie Stopp.",
}
