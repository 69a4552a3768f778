"""The tab "Live" in German; the names are those of ``text_live.py``."""

TAB_LIVE = "Live"

# The microphone
LIVE = "Live vom Mikrofon"
LIVE_HELP = (
    "Drücken Sie Aufnehmen und sprechen Sie. Jede Sekunde werden die letzten {window:.0f} Sekunden "
    "gelesen; Worte kommen hinzu, sobald sie erkannt sind. Nach {minutes:.0f} Minuten endet es von "
    "selbst. Der Ton wird verworfen, sobald er gelesen ist."
)
LIVE_RECORD = "● Aufnehmen"
LIVE_STOP = "■ Anhalten"
LIVE_LEVEL = "Pegel des Mikrofons"
LIVE_IDLE = "Drücken Sie Aufnehmen und sprechen Sie. Die Antwort bewegt sich hier."
LIVE_WAITING = "Es wird zugehört …"
LIVE_SILENCE = "Niemand spricht."
LIVE_STALLED = "Vom Mikrofon kommt kein Ton: Prüfen Sie es oder die Verbindung."
LIVE_OVER = (
    "Nach {minutes:.0f} Minuten von selbst beendet. Drücken Sie Aufnehmen, um neu zu beginnen."
)
LIVE_STOPPED = "Nach {clock} angehalten."
LIVE_MOSTLY = "Solange jemand sprach, war es am häufigsten {emotion} ({share:.0%} der Zeit)."
LIVE_VOICE_ONLY = "aus der Stimme allein"
LIVE_WORDS = "Worte bisher"
LIVE_SKIPPED = {
    "one": "1 Fenster ausgelassen, um mitzukommen.",
    "many": "{count} Fenster ausgelassen, um mitzukommen.",
}
LIVE_LOST = {
    "one": "1 Stück Ton ging unterwegs verloren.",
    "many": "{count} Stücke Ton gingen unterwegs verloren.",
}
LIVE_CAVEAT = (
    "Jede Bahn ist so hoch gefüllt, wie ihre Emotion wahrscheinlich ist, die stärkste dunkel; Grau "
    "ist Stille. Ein Fenster kann mitten im Satz beginnen oder enden: Achten Sie auf den "
    "Verlauf, nicht auf einen Balken. Darunter die Wahrscheinlichkeit, dass Stimme und Worte "
    "sich widersprechen, wo Worte erkannt wurden; rot: ihre Schwelle."
)

# A recording
TALK = "Ein aufgenommenes Gespräch"
TALK_HELP = (
    "Bis zu 10 Minuten, in Äußerungen zerlegt, wo niemand spricht. Wer spricht, wird nicht "
    "unterschieden."
)
TALK_AUDIO = "Aufnahme eines Gesprächs"
TALK_STOP = "Anhalten"
TALK_EMPTY = "Wählen Sie ein Gespräch, oder nehmen Sie eines auf. Sein Verlauf erscheint hier."
TALK_READING = "Sprache wird gesucht …"
TALK_RECOGNISE = "Die Worte werden erkannt: {done} von {total} Sprache"
TALK_ANALYSE = "Analyse: {done:.0f} von {total:.0f} Äußerungen"
TALK_STOPPED = "Angehalten."
TALK_DONE = {
    "one": "1 Äußerung in {clock}.",
    "many": "{count} Äußerungen in {clock}.",
}
TALK_CAVEAT = (
    "Klicken Sie auf eine Äußerung, oder wählen Sie sie aus der Liste, um alles darüber zu sehen. "
    "Bahnen sind so hoch gefüllt, wie ihre Emotion wahrscheinlich ist; Grau ist Stille; rot: die "
    "Schwelle des Widerspruchs."
)
TALK_LIST = "Äußerungen"
TALK_ROW = "{clock} · {emotion} {probability:.2f}{sign} · {words}"
TALK_NO_WORDS = "(keine Worte)"
TALK_UNCERTAIN = "?"
TALK_OPEN = "Diese Äußerung wird gelesen …"
TALK_PLACE = "Äußerung {number} von {count}, {start} bis {end}"
