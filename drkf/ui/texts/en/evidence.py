"""Every sentence of the evidence under an answer: captions, caveats, and how to read a figure."""

from drkf import explain

HOW = "How to read this"

PROBABILITIES_CAVEAT = (
    "Calibrated on held-out acted and labelled speech. On other voices, rooms and languages the "
    "numbers promise less."
)
PROBABILITIES_HOW = (
    "Each emotion has a bar for the answer from voice and words together (fused), one for the "
    "voice alone and one for the words alone; with one side missing, there is one bar. The bars of "
    "one colour add up to 1. Compare the colours within an emotion: where voice and words differ, "
    "the fused bar shows whom the model followed."
)

GAUGE_CAVEAT = (
    "The model's probability that voice and words contradict each other; red: its threshold."
)
GAUGE_HOW = (
    "0 means that voice and words belong together, 1 that they contradict each other. The "
    "threshold was chosen on held-out pairs; beyond it, in the darker part, the model speaks of a "
    "contradiction. The needle says nothing about which emotion either side has."
)
READINGS_CAVEAT = "Three ways to ask whether voice and words contradict each other, from 0 to 1."
READINGS_HOW = (
    "*Discrimination* is the gauge's number, from a part of the model that was trained on matching "
    "and mismatching pairs. *Divergence* is the Jensen-Shannon divergence between the voice-only "
    "and the words-only prediction. *Neutral shift* is how much the answer needs each side: how "
    "far it moves when voice or words become neutral, whichever moves it more. It is large "
    "wherever both sides are strong, also where they agree. Red lines are thresholds; ≠ marks a "
    "reading beyond its own, = one within it."
)
READINGS_SPLIT = (
    "⚠ The trained detector and the distance of the two answers do not agree: take the verdict "
    "with care."
)
READINGS_SAME = "✓ The trained detector and the distance of the two answers agree."

#: Of each explainer by its name; other languages translate what it says of itself.
METHODS = {name: explainer.title for name, explainer in explain.EXPLAINERS.items()}
METHOD_CAVEATS = {name: explainer.caveat for name, explainer in explain.EXPLAINERS.items()}

SHAPLEY = "What each side adds"
SHAPLEY_HOW = (
    "These are Shapley values. A bar to the right is for the predicted emotion, one to the left "
    "against it. Voice and words together make up the whole way from the model's answer to nothing"
    " at all to its answer to both, in units of the emotion's logit. “Both together” is what only "
    "the two bring, more or less than each alone would give; half of it is in each of the other "
    "bars already."
)
ATTENTION = "Attention"
ATTENTION_METHOD = "Attention, followed by"
ATTENTION_HOW = (
    "The filled bars are the shares of attention that voice, words and the marks between them "
    "(CLS, SEP) got; the outlined bars are the shares that voice and words have of all tokens. "
    "Below, the lift divides one by the other: right of 1 the model looked more than length alone "
    "explains, left of 1 less. Where attention and Shapley values differ, believe the Shapley "
    "values: they measure what happens without a side."
)

RELEVANCE_HOW = (
    "The line is the sound, the band behind it shows which moments the answer rests on. The "
    "stronger the colour, the more the answer's probability falls when this moment alone is made "
    "quiet; a hatched moment speaks against the answer. Point at a moment to read its number, "
    "click it to hear it. Recognised words stand under the moment they were said. Colours and "
    "numbers of voice and words have one scale: +0.20 is the same loss in both."
)
WORDS_HOW = (
    "The model reads the sentence again and again, each time without one word. The number is what "
    "the answer loses: +0.20 says that its probability falls by 20 of 100 points without this "
    "word, a minus that it rises. The stronger the colour, the larger the number. A solid line "
    "speaks for the answer, a dashed one against it, no line makes no difference. A bracket holds "
    "two words that act together, such as “not happy”: without both the answer loses more, or "
    "less, than the two numbers add up to. Words that say the same cover for each other: then "
    "neither is missed alone. Do not compare the numbers of two different answers."
)
TOGETHER = "“{words}” act together: without both the answer loses {change}; one by one {apart}"
WORDS_FOR = "speaks for {emotion}"
WORDS_AGAINST = "speaks against it"
PLAYER = "Play the clip"
PLAYER_LONG = "A clip of more than a minute is played where it was chosen."
NUMBERS = "The numbers"
GRADES = {
    "good": (
        "✓ Good reasons: without the parts named first the answer falls by {fall} of 100 points, "
        "without random parts by {random}."
    ),
    "fair": (
        "○ Fair reasons: without the parts named first the answer falls by {fall} of 100 points, "
        "without random parts by {random}."
    ),
    "poor": (
        "⚠ Weak reasons: without the parts named first the answer falls by {fall} of 100 points, "
        "without random parts by {random}."
    ),
}
FIRST_WORD_BEST = "No other single word takes more than the one named first."
FIRST_WORD = "The word named first takes {tenths} tenths of the most that any single word could."
NO_SINGLE_WORD = "No single word matters: without any one of them the answer stays."
FAITHFULNESS = (
    "Without the parts it names first, the answer's probability changes by {comprehensiveness} "
    "(random parts: {random_comprehensiveness}); with only those, by {sufficiency} (random parts: "
    "{random_sufficiency}). The model was not trained on half-hidden speech."
)

CHANGE = "What would change the answer?"
CHANGE_FIND = "Find the smallest change"
CHANGE_LOOKING = "Words are left out and replaced, stretches of the sound made quiet …"
CHANGE_OPEN = "The smallest changes after which it is no longer {emotion}. Click one to try it:"
CHANGE_NONE = "It stays {emotion}: nothing short of everything changes the answer."
QUOTED = "“{word}”"
CHANGE_WORDS = "Without {words}: {emotion}, {probability}"
CHANGE_REPLACEMENT = "“{after}” instead of “{before}”: {emotion}, {probability}"
CHANGE_SILENCE = "Quiet from {start} to {end} s: {emotion}, {probability}"
CHANGE_HOW = (
    "The model tries to leave out one word, then two, then more; to put the opposite of a word or "
    "a neutral one in its place; and to make a stretch of the sound quiet, short ones first. It "
    "stops at the first that gives another answer. A small change that turns the answer says what "
    "it hangs on; where only a large one does, many things hold it."
)

CHANGE_PROBABILITIES_HOW = (
    "Each emotion has a pale bar, the answer before your change, and a dark one, the answer after "
    "it; the number in brackets is after minus before. Undo the change, or make the opposite one, "
    "to see whether the same emotion moves back."
)
CHANGE_SHAPLEY_HOW = (
    "As on the first tab, right is for the emotion and left against it: pale before, dark after. A "
    "side that you muted has no bar. Where the answer changed from one emotion to another, the "
    "first pair of rows is about the old one, the second about the new one."
)
CHANGE_INCONSISTENCY_HOW = (
    "Pale bars are the readings before your change, dark bars those after it, red lines their "
    "thresholds. A bar that crosses its line changed the finding; one that only grows or shrinks "
    "did not. “None” stands where a side is missing."
)
GRID_HOW = (
    "A column is a voice, a row a sentence. On the left, each cell has the colour and the name of "
    "the emotion that the model finds, with its probability; on the right, the darker a cell, the "
    "more voice and words contradict each other. A voice that meets its own words stands where the "
    "two lists match."
)
