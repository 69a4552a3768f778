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

SHAPLEY = "Shapley values"
SHAPLEY_HOW = (
    "A bar to the right is for the predicted emotion, one to the left against it. Voice and words "
    "together make up the whole way from the model's answer to nothing at all to its answer to "
    "both, in units of the emotion's logit. “Together” is what only the two bring, more or less "
    "than each alone would give; half of it is in each of the other bars already."
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

RELEVANCE_METHOD = "Relevance, measured by"
RELEVANCE_BEST = "{method} (truest to this model)"
RELEVANCE_HOW = (
    "The line is the sound; each bar over it is a quarter second of voice, or more in a long clip. "
    "A bar upwards speaks for the predicted emotion, one downwards against it. Play the clip and "
    "follow the upright line, or click into the figure to jump there. Recognised words stand under "
    "the moment they were said, on a scale of the same length."
)
WORDS_HOW = (
    "The stronger the colour, the more a word counts. A solid line under a word says that it "
    "speaks for the predicted emotion, a dashed line that it speaks against it, no line that it "
    "does neither; the number is how much. Numbers can be compared with those of the voice, but "
    "not with another answer's."
)
WORDS_FOR = "speaks for {emotion}"
WORDS_AGAINST = "speaks against it"
PLAYER = "Play the clip"
PLAYER_LONG = "A clip of more than a minute is played where it was chosen."
NUMBERS = "The numbers"
GRADES = {
    "good": "✓ Good reasons: the marked parts matter far more to this answer than random ones.",
    "fair": "○ Fair reasons: the marked parts matter somewhat more than random ones.",
    "poor": "⚠ Weak reasons: the marked parts matter hardly more than random ones.",
}
NO_SINGLE_WORD = "No single word matters: without any one of them the answer stays."
FAITHFULNESS = (
    "Without the parts it names first, the answer's probability changes by {comprehensiveness} "
    "(random parts: {random_comprehensiveness}); with only those, by {sufficiency} (random parts: "
    "{random_sufficiency}). The model was not trained on half-hidden speech."
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
