"""The evidence under an answer in German; the names are those of ``text_evidence.py``."""

HOW = "Wie man das liest"

PROBABILITIES_CAVEAT = (
    "Kalibriert an zurückgehaltener gespielter und beschrifteter Sprache. Bei anderen Stimmen, "
    "Räumen und Sprachen versprechen die Zahlen weniger."
)
PROBABILITIES_HOW = (
    "Jede Emotion hat einen Balken für die Antwort aus Stimme und Worten zusammen (fused), einen "
    "für die Stimme allein und einen für die Worte allein; fehlt eine Seite, so gibt es einen. Die "
    "Balken einer Farbe ergeben zusammen 1. Vergleichen Sie die Farben innerhalb einer Emotion: Wo "
    "Stimme und Worte sich unterscheiden, zeigt der Balken beider, wem das Modell folgte."
)

GAUGE_CAVEAT = (
    "Wie wahrscheinlich es dem Modell ist, dass Stimme und Worte sich widersprechen; rot: seine "
    "Schwelle."
)
GAUGE_HOW = (
    "0 heißt, dass Stimme und Worte zusammengehören, 1, dass sie sich widersprechen. Die Schwelle "
    "wurde an zurückgehaltenen Paaren gewählt; jenseits davon, im dunkleren Teil, spricht das "
    "Modell von einem Widerspruch. Der Zeiger sagt nichts darüber, welche Emotion eine Seite hat."
)
READINGS_CAVEAT = (
    "Drei Arten zu fragen, ob Stimme und Worte sich widersprechen, jeweils von 0 bis 1."
)
READINGS_HOW = (
    "*Discrimination* ist die Zahl der Skala, aus einem Teil des Modells, der mit passenden und "
    "unpassenden Paaren trainiert wurde. *Divergence* ist die Jensen-Shannon-Divergenz zwischen "
    "der Vorhersage nur aus der Stimme und der nur aus den Worten. *Neutral shift* ist, wie sehr "
    "die Antwort jede Seite braucht: wie weit sie sich bewegt, wenn Stimme oder Worte neutral "
    "werden, je nachdem, was mehr bewegt. Er ist groß, wo beide Seiten stark sind, auch wo sie "
    "einig sind. Rote Linien sind Schwellen; ≠ kennzeichnet eine Lesart jenseits davon, = eine "
    "innerhalb."
)
READINGS_SPLIT = (
    "⚠ Der trainierte Detektor und der Abstand der beiden Antworten sind uneinig: Das Urteil ist "
    "mit Vorsicht zu lesen."
)
READINGS_SAME = "✓ Der trainierte Detektor und der Abstand der beiden Antworten sind einig."

#: Of each explainer by its name; one that is missing here says itself in English.
METHODS = {
    "rollout": "Rollout",
    "gradient-weighted": "Gewichtung mit Gradienten",
    "shapley": "Shapley-Werte",
    "occlusion": "Weglassen",
}
METHOD_CAVEATS = {
    "rollout": (
        "Wohin das Modell sah, nicht warum es entschied. Eine Stimme hat weit mehr Token als ihre "
        "Worte, also zählt der gerechte Anteil: 1 ist, was die Länge allein ergäbe."
    ),
    "gradient-weighted": (
        "Aufmerksamkeit, die die vorhergesagte Emotion heben könnte: Sie zeigt nur, was dafür, nie "
        "was dagegen sprach. Es zählt der gerechte Anteil: 1 ist, was die Länge allein ergäbe."
    ),
    "shapley": (
        "Was jede Seite zur vorhergesagten Emotion beitrug, verglichen mit nichts Gehörtem und "
        "nichts Gelesenem. Es misst, wie das Modell sie nutzt, nicht was jemand fühlte."
    ),
    "occlusion": (
        "Wie weit die Wahrscheinlichkeit der Antwort fällt, wenn ein Wort aus dem Text genommen "
        "oder ein Stück des Tons leise gemacht wird. Teile, die dasselbe sagen, springen "
        "füreinander ein."
    ),
}

SHAPLEY = "Was jede Seite beiträgt"
SHAPLEY_HOW = (
    "Dies sind Shapley-Werte. Ein Balken nach rechts spricht für die vorhergesagte Emotion, einer "
    "nach links dagegen. Stimme und Worte zusammen ergeben den ganzen Weg von der Antwort auf gar "
    "nichts zur Antwort auf beides, in Einheiten des Logits der Emotion. „Beide zusammen“ ist, was"
    " nur beide zusammen bringen, mehr oder weniger, als jede allein gäbe; je die Hälfte steckt "
    "schon in den beiden anderen Balken."
)
ATTENTION = "Aufmerksamkeit"
ATTENTION_METHOD = "Aufmerksamkeit, verfolgt durch"
ATTENTION_HOW = (
    "Die gefüllten Balken sind die Anteile der Aufmerksamkeit, die Stimme, Worte und die Zeichen "
    "dazwischen (CLS, SEP) bekamen; die umrandeten sind die Anteile von Stimme und Worten an allen "
    "Token. Darunter teilt der Lift das eine durch das andere: Rechts von 1 sah das Modell öfter "
    "hin, als die Länge erklärt, links davon seltener. Wo Aufmerksamkeit und Shapley-Werte sich "
    "unterscheiden, glauben Sie den Shapley-Werten: Sie messen, was ohne eine Seite geschieht."
)

RELEVANCE_HOW = (
    "Die Linie ist der Klang, das Band dahinter zeigt, auf welchen Augenblicken die Antwort ruht. "
    "Je kräftiger die Farbe, desto weiter fällt die Wahrscheinlichkeit der Antwort, wenn dieser "
    "Augenblick allein leise gemacht wird; ein schraffierter spricht gegen die Antwort. Zeigen Sie "
    "auf einen Augenblick, um seine Zahl zu lesen, klicken Sie ihn an, um ihn zu hören. Erkannte "
    "Worte stehen unter dem Augenblick, in dem sie gesagt wurden. Farben und Zahlen von Stimme und "
    "Worten haben einen Maßstab: +0.20 ist bei beiden derselbe Verlust."
)
WORDS_HOW = (
    "Das Modell liest den Satz wieder und wieder, jedes Mal ohne ein Wort. Die Zahl ist, was die "
    "Antwort verliert: +0.20 heißt, dass ihre Wahrscheinlichkeit ohne dieses Wort um 20 von 100 "
    "Punkten fällt, ein Minus, dass sie steigt. Je kräftiger die Farbe, desto größer die Zahl. "
    "Eine durchgezogene Linie spricht für die Antwort, eine gestrichelte dagegen, keine macht "
    "keinen Unterschied. Eine Klammer hält zwei Worte, die zusammen wirken, wie „not happy“: Ohne "
    "beide verliert die Antwort mehr oder weniger, als die zwei Zahlen zusammen ergeben. Worte, "
    "die dasselbe sagen, springen füreinander ein: Dann fehlt keines allein. Vergleichen Sie nicht "
    "die Zahlen zweier verschiedener Antworten."
)
TOGETHER = "„{words}“ wirken zusammen: Ohne beide verliert die Antwort {change}; einzeln {apart}"
WORDS_FOR = "spricht für {emotion}"
WORDS_AGAINST = "spricht dagegen"
PLAYER = "Die Aufnahme abspielen"
PLAYER_LONG = "Eine Aufnahme von mehr als einer Minute spielt dort, wo sie gewählt wurde."
NUMBERS = "Die Zahlen"
GRADES = {
    "good": (
        "✓ Gute Gründe: Ohne die zuerst genannten Teile fällt die Antwort um {fall} von 100 "
        "Punkten, ohne zufällige um {random}."
    ),
    "fair": (
        "○ Brauchbare Gründe: Ohne die zuerst genannten Teile fällt die Antwort um {fall} von 100 "
        "Punkten, ohne zufällige um {random}."
    ),
    "poor": (
        "⚠ Schwache Gründe: Ohne die zuerst genannten Teile fällt die Antwort um {fall} von 100 "
        "Punkten, ohne zufällige um {random}."
    ),
}
FIRST_WORD_BEST = "Kein anderes einzelnes Wort nimmt mehr als das zuerst genannte."
FIRST_WORD = (
    "Das zuerst genannte Wort nimmt {tenths} Zehntel des Meisten, das ein einzelnes Wort könnte."
)
NO_SINGLE_WORD = "Kein einzelnes Wort zählt: Ohne jedes von ihnen bleibt die Antwort."
FAITHFULNESS = (
    "Ohne die Teile, die sie zuerst nennt, ändert sich die Wahrscheinlichkeit der Antwort um "
    "{comprehensiveness} (zufällige Teile: {random_comprehensiveness}); mit nur diesen um "
    "{sufficiency} (zufällige Teile: {random_sufficiency}). Mit halb verdeckter Sprache "
    "wurde das Modell nicht trainiert."
)

CHANGE = "Was würde die Antwort ändern?"
CHANGE_FIND = "Die kleinste Änderung suchen"
CHANGE_LOOKING = "Worte werden weggelassen und ersetzt, Stücke des Tons leise gemacht …"
CHANGE_OPEN = (
    "Die kleinsten Änderungen, nach denen es nicht mehr {emotion} ist. Klicken Sie eine an, um sie "
    "auszuprobieren:"
)
CHANGE_NONE = "Es bleibt {emotion}: Nichts, was noch etwas übrig lässt, ändert die Antwort."
QUOTED = "„{word}“"
CHANGE_WORDS = "Ohne {words}: {emotion}, {probability}"
CHANGE_REPLACEMENT = "„{after}“ statt „{before}“: {emotion}, {probability}"
CHANGE_SILENCE = "Leise von {start} bis {end} s: {emotion}, {probability}"
CHANGE_HOW = (
    "Das Modell versucht, ein Wort wegzulassen, dann zwei, dann mehr; an die Stelle eines Wortes "
    "sein Gegenteil oder ein neutrales zu setzen; und ein Stück des Tons leise zu machen, kurze "
    "zuerst. Es hört beim ersten auf, das eine andere Antwort ergibt. Eine kleine Änderung, die "
    "die Antwort wendet, sagt, woran sie hängt; wo es nur eine große tut, halten sie viele Dinge."
)

CHANGE_PROBABILITIES_HOW = (
    "Jede Emotion hat einen blassen Balken, die Antwort vor Ihrer Änderung, und einen dunklen, die "
    "Antwort danach; die Zahl in Klammern ist nachher minus vorher. Nehmen Sie die Änderung zurück "
    "oder machen Sie die entgegengesetzte, um zu sehen, ob dieselbe Emotion sich zurückbewegt."
)
CHANGE_SHAPLEY_HOW = (
    "Wie unter „Probieren“ spricht rechts für die Emotion und links dagegen: blass vorher, "
    "dunkel nachher. Eine stummgeschaltete Seite hat keinen Balken. Wo die Antwort von einer "
    "Emotion zur anderen wechselte, handelt das erste Paar Zeilen von der alten, das zweite von "
    "der neuen."
)
CHANGE_INCONSISTENCY_HOW = (
    "Blasse Balken sind die Lesarten vor Ihrer Änderung, dunkle die danach, rote Linien ihre "
    "Schwellen. Ein Balken, der seine Linie überschreitet, änderte den Befund; einer, der nur "
    "wächst oder schrumpft, nicht. „None“ steht, wo eine Seite fehlt."
)
GRID_HOW = (
    "Eine Spalte ist eine Stimme, eine Zeile ein Satz. Links hat jedes Feld Farbe und Namen "
    "der Emotion, die das Modell findet, mit ihrer Wahrscheinlichkeit; rechts widersprechen sich "
    "Stimme und Worte umso mehr, je dunkler ein Feld ist. Eine Stimme, die auf ihre eigenen Worte "
    "trifft, steht dort, wo die beiden Listen zusammenpassen."
)
