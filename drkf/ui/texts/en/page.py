"""Every sentence that the interface shows, in one place, ready for translation."""

TITLE = "DRKF"
SUBTITLE = "Does your voice say what your words say?"
CAVEAT = (
    "This shows how a model reads *acted and labelled* emotion. It does not read anyone's mind. "
    "In lessons and at work use typed words or the supplied clips: they are nobody's voice."
)

SKIP = "Skip to the answer"
SKIP_TO_EXAMPLES = "Skip to the examples"
SWITCH_LANGUAGE = "Language"
API_OR_MCP = "Use via API or MCP"
PROJECTOR = "Projector"
PROJECTOR_HINT = "Large type for the back of the room"

TAB_ANALYSE = "Try"
TAB_WHAT_IF = "What if"
TAB_TOUR = "Tour"
TAB_ABOUT = "About"

# Input
AUDIO_LABEL = "Speak, or choose a file"
WORDS_LABEL = "Words"
WORDS_LABEL_TYPED = "Words (typed)"
WORDS_LABEL_RECOGNISED = "Words (recognised{language})"
WORDS_LABEL_TRANSLATED = "Words (English translation{language})"
WORDS_SAID = "Said: {said}"
WORDS_LABEL_KNOWN = "Words (of the example)"
WORDS_LABEL_NONE = "Words (none)"
WORDS_PLACEHOLDER = "Recognised from your speech, or type a sentence in English"
WORDS_HINT = "Edit them and press Enter: the voice stays as it is."
ANALYSE_BUTTON = "Analyse"
CLEAR_BUTTON = "Clear"
EXAMPLES = "Try an example"
EXAMPLES_DISAGREE = "Voice and words contradict each other"
EXAMPLES_AGREE = "They agree"
EXAMPLES_NEUTRAL = "The emotion is in only one of the two"
EXAMPLES_WORDS = "Words only"
EXAMPLE_TITLES = {
    "joy": "Good news",
    "anger": "Enough!",
    "sadness": "A loss",
    "fear": "Frightened words, bright voice",
    "surprise": "No way!",
    "disgust": "Disgusted words, sad voice",
    "neutral": "A timetable, read sharply",
    "happy-words-sad-voice": "Happy words, sad voice",
    "fine-but-angry": "“I'm fine!”, angrily",
    "angry-words-calm-voice": "Angry words, calm voice",
    "sad-words-happy-voice": "Sad words, happy voice",
    "typed-joy-angry-voice": "Angry voice, kind words typed over it",
    "words-joy": "Thanks",
    "words-anger": "A complaint",
    "words-fear": "A noise",
}
EXAMPLES_NOTE = "The example voices are synthetic."
MODEL_ACCORDION = "What this model is"

# While it works
STATUS_EMPTY = "Speak, choose a file or type a sentence. The answer appears here."
STATUS_EMPTY_CLASS = "Choose an example or type a sentence. The answer appears here."
STEPS = {"hearing": "hearing", "words": "words", "deciding": "deciding", "reasons": "reasons"}
STATUS_EXPLAINING = "The reasons are being worked out …"

# Verdict. {voice} and {words} are adjectives in bold, numbers are whole percents.
SURE = "{emotion} {probability}"
UNSURE = "{emotion} {probability}, not sure"
UNDECIDED = "{emotion} or {other}, undecided"
RUNNER_UP = "next: {emotion} {probability}"
SIDE_VOICE, SIDE_WORDS = "Voice", "Words"
SIDE = "{emotion} {probability}"
AGREEMENTS = {
    "agree": "They agree",
    "emotion in audio": "The emotion is in the voice, the words are neutral",
    "emotion in text": "The emotion is in the words, the voice is neutral",
    "contradict": "They contradict each other",
}
SCORE = "(trained detector: {score} of 100)"
FOLLOWED_BOTH = "The answer is what both say."
FOLLOWED_VOICE = "The model followed the voice."
FOLLOWED_WORDS = "The model followed the words."
FOLLOWED_NEITHER = (
    "Neither side alone says {emotion}: the model finds it only in the two together. Take it with "
    "care."
)
VOICE_ONLY = "There are no words to compare the voice with."
WORDS_ONLY = "There is no voice to compare the words with."
SPLIT = (
    "Two ways to look for a contradiction give different results here: take this verdict with care."
)
ADJECTIVES = {
    "anger": "angry",
    "disgust": "disgusted",
    "fear": "fearful",
    "joy": "joyful",
    "neutral": "neutral",
    "sadness": "sad",
    "surprise": "surprised",
}
DOWNLOAD = "Download (JSON)"
FOOTNOTE = "{checkpoint} · {seconds} s to compute"

# Headings of evidence; its captions are in text_evidence
PROBABILITIES = "All seven emotions"
MODALITY = "Who decided: voice or words?"
INCONSISTENCY = "Do voice and words agree?"
RELEVANCE = "When, and which words"

# What if
LAB_SOURCE = "Start from"
LAB_SOURCE_CURRENT = "what was analysed last"
LAB_SOURCE_FILE = "the loaded scenario"
LAB_WORDS = "Words"
LAB_WORDS_HINT = "Write others and press Enter; without any the voice is alone."
LAB_VOICE = "Voice"
LAB_VOICE_OWN = "its own"
LAB_VOICE_OTHER = "another recording"
LAB_OTHER = "Another recording"
LAB_MUTE = "Mute"
LAB_MUTE_VOICE = "the voice"
LAB_MUTE_WORDS = "the words"
LAB_MUTE_NOTHING = "nothing"
LAB_MASK = "Leave out words"
LAB_MASK_HINT = "The model reads the sentence without them."
LAB_SOUND = "Change how the voice sounds"
LAB_SILENCE_START = "Silence from (s)"
LAB_SILENCE_END = "Silence to (s)"
LAB_GAIN = "Louder, softer (dB)"
LAB_PITCH = "Higher, lower (semitones)"
LAB_SPEED = "Faster, slower (times)"
LAB_NOISE = "Add white noise"
LAB_SNR = "Speech over noise (dB)"
LAB_RESET = "Undo all changes"
LAB_HELP = (
    "Change one thing and watch what moves. Pale bars are the original, dark bars your change."
)
LAB_EMPTY = "Choose what to start from. The comparison appears here."
LAB_NO_CURRENT = "Analyse a clip or a sentence first, or start from an example."
LAB_NO_OTHER = "Record or choose the other recording first."
LAB_WORKING = "Trying it …"
LAB_UNCHANGED = "Nothing is changed yet"
LAB_CHANGE = "{edits}: {change}"
LAB_BEFORE = "before"
LAB_AFTER = "after"
LAB_VOICE_ALONE = "Voice alone"
LAB_WORDS_ALONE = "Words alone"
LAB_EDITS = {
    "swap-voice": "in the voice of {voice}",
    "rewrite": "with “{words}”",
    "silence": "with silence from {start_seconds:.1f} to {end_seconds:.1f} s",
    "gain": "{db:+g} dB",
    "pitch": "{semitones:+g} semitones",
    "speed": "at speed ×{factor:g}",
    "noise": "with noise, {snr_db:g} dB below the speech",
    "mask-words": "without {masked}",
    "mute": "without {muted}",
}
LAB_NO_WORDS = "without words"
LAB_PROBABILITIES_CAVEAT = (
    "The answer from all that is there, before and after. Its bars add up to 1, so one that grows "
    "takes from the others."
)
LAB_SHAPLEY_CAVEAT = (
    "How far each side pushes for an emotion. If the answer changes, both emotions are shown: "
    "compare within one emotion only."
)
LAB_INCONSISTENCY_CAVEAT = (
    "Three readings of “voice and words contradict each other”, with their thresholds in red. "
    "They need both sides."
)
SCENARIO = "Keep this scenario"
SCENARIO_EMBED = "Put my recordings into the file"
SCENARIO_EMBED_HINT = (
    "Otherwise the file only names them, and whoever opens it needs the same recording."
)
SCENARIO_DOWNLOAD = "Download the scenario (JSON)"
SCENARIO_UNTUNED = (
    "What is known of your voice from other recordings stays in this session. The file is read "
    "without it, so its answer may differ from the one here."
)
SCENARIO_LOAD = "Load a scenario"
GRID = "This voice, these words"
GRID_HELP = (
    "Every voice says every sentence. Where a row changes colour the voice decided, where a column "
    "changes colour the words did."
)
GRID_VOICES = "Voices"
GRID_CHOOSE = "Other voices, other sentences"
GRID_CURRENT = "the voice below"
GRID_SENTENCES = "Sentences, one a line"
GRID_BUTTON = "Fill the grid"
GRID_EMOTION = "Emotion and its probability"
GRID_INCONSISTENCY = "Trained detector, with ≠ where voice and words contradict each other"
GRID_CAVEAT = (
    "The words are typed over each voice, as if it had said them: its rhythm is still that of what "
    "it really said."
)
GRID_WORKING = "Every voice meets every sentence …"
GRID_TOO_LARGE = "A grid has at most {most} voices and {most} sentences: choose fewer."

# Tour. {placeholders} are filled with what the model answers there and then.
TOUR_INTRO = (
    "Five steps for a class. In each: look and listen, guess, then uncover the answer. "
    "Everything is computed on the spot, so the model may surprise you, too."
)
TOUR_RUN = "Ask the model"
TOUR_REVEAL = "Uncover the answer"
TOUR_NEXT = "Next step"
TOUR_WAIT = "Ask the model first, then uncover the answer."
TOUR_WORKING = "The model is at work …"
TOUR_GUESSED = "Your guess: {guess}."
TOUR_RIGHT = "✓ Right."
TOUR_WRONG = "✗ Not this time: {right}."
TOUR_LEARNED = """### What you have learned
* Words alone do not tell how they were said.
* Where voice and words fit, the model is surer; where they do not, it follows one of them.
* A trained detector notices a mismatch without naming an emotion.
* Where a model looks is not why it decides: ask what happens without a part.
"""
TOUR_YOUR_VOICE = "Now your voice"
TOUR_NO_GALLERY = "The example clips are missing from this installation, so there is no tour."
TOUR_LISTEN = "The voice"

TOUR_ONE = "One modality"
TOUR_ONE_TASK = (
    "You get **only the words**, as in a text message. The model gets only them, too. Read them "
    "without a voice in your head."
)
TOUR_ONE_ASKED = "From the words alone the model reads **{words}** ({words_p})."
TOUR_ONE_QUESTION = "What does the speaker feel?"
TOUR_ONE_ANSWERS = ("what the words say", "something else", "nobody can know from words alone")
TOUR_ONE_REVEAL = (
    "Now listen to how it was said. From the voice alone the model hears **{voice}** ({voice_p})."
)
TOUR_ONE_DIFFERENT = (
    "Each half gives a complete answer, and nothing in either warns you that the other half would "
    "contradict it. That is why one looks at both."
)
TOUR_ONE_SAME = (
    "Here both halves give the same answer. From one half alone you could not have known that."
)

TOUR_AGREE = "Two that agree"
TOUR_AGREE_TASK = "Listen, and read along: voice and words are meant to say the same."
TOUR_ALONE_ASKED = (
    "From the voice alone the model hears **{voice}** ({voice_p}), from the words alone it reads "
    "**{words}** ({words_p})."
)
TOUR_AGREE_QUESTION = "With both together, how sure will it be of its answer?"
TOUR_AGREE_ANSWERS = ("surer than with either", "in between", "less sure than with either")
TOUR_AGREE_REVEAL = "With both, the model says **{fused}** ({fused_p})."
TOUR_AGREE_SURER = "Surer than with either half: evidence that points the same way adds up."
TOUR_AGREE_BETWEEN = (
    "In between: one half was so clear that the other could only take something away."
)
TOUR_AGREE_LESS = (
    "Less sure than with either: the two halves do not point as clearly the same way as they seem."
)
TOUR_AGREE_INCONSISTENCY = "It finds {finding} between them (inconsistency {ed})."
TOUR_NO_CONTRADICTION = "no contradiction"
TOUR_CONTRADICTION = "a contradiction"

TOUR_DISAGREE = "Two that disagree"
TOUR_DISAGREE_TASK = "Happy words in a sad voice. Listen, and read along."
TOUR_DISAGREE_QUESTION = "Which side will the model follow?"
TOUR_DISAGREE_ANSWERS = ("the voice", "the words", "neither")
TOUR_DISAGREE_REVEAL = (
    "With both, the model says **{fused}** ({fused_p}). The bars below are Shapley values: what "
    "each side added to that answer. Voice {phi_voice}, words {phi_words}: it followed "
    "**{leader}**. It also finds {finding} (inconsistency {ed})."
)
TOUR_LEADER_VOICE = "the voice"
TOUR_LEADER_WORDS = "the words"

TOUR_ED = "What the detector heard and read"
TOUR_ED_TASK = (
    "Beside the emotion, the model has a second answer, from a **trained detector**. It never "
    "names an emotion. It was trained on matching and mismatching pairs, and says only whether "
    "voice and words belong together. First, an angry voice with the words that it really said:"
)
TOUR_ED_ASKED = (
    "Inconsistency **{ed}**, threshold {threshold}: it finds {finding}. Next, these words are "
    "typed over the very same voice: “{typed}”"
)
TOUR_ED_QUESTION = "What will the detector say now?"
TOUR_ED_ANSWERS = (
    "less contradiction than before",
    "the same: the voice did not change",
    "more contradiction than before",
)
TOUR_ED_REVEAL = (
    "Inconsistency **{ed}** instead of {ed_before}: it now finds {finding}. The voice was not even "
    "encoded again; only the words changed. The emotion is now **{fused}** ({fused_p})."
)
TOUR_ED_READINGS = (
    "Two other ways to ask stand beside it: how far voice-only and words-only answers lie apart "
    "({divergence}), and how far the answer moves when one side becomes neutral ({shift})."
)

TOUR_ATTENTION = "How attention misleads"
TOUR_ATTENTION_TASK = (
    "Somebody finds mould. Many demos colour in where a model looked and call that its reason. "
    "Let us look where ours looked."
)
TOUR_ATTENTION_ASKED = (
    "The model says **{fused}** ({fused_p}). It gave **{share_voice}** of its attention to the "
    "voice and {share_words} to the words."
)
TOUR_ATTENTION_QUESTION = "So which side decided?"
TOUR_ATTENTION_ANSWERS = ("the voice", "the words", "attention cannot tell")
TOUR_ATTENTION_REVEAL = (
    "The voice is {baseline_voice} of all tokens, simply because sound is longer than text: "
    "looking around evenly would give it that much. Against this the voice got ×{lift_voice} and "
    "the words ×{lift_words}. Shapley values ask the right question, what happens **without** a "
    "side: voice {phi_voice}, words {phi_words}, so **{leader}** decided."
)
TOUR_ATTENTION_CHECK = (
    "Check it: without the words the model says **{voice}** ({voice_p}), without the voice "
    "**{words}** ({words_p})."
)

# Errors of the app itself
BUSY = "The app is busy: try again in a minute."
NO_ADDRESSES = "The app fetches no addresses: send the file itself."
TOO_LARGE = "That is too large."
NOT_UPLOADED = "That file was not uploaded by a user of this app: send the file itself."
BAD_REQUEST = "These are not the inputs that this function takes: see its description."
NO_ROOM = "The server has no room for the file: try again later, or type the words."
MCP_AUDIO = (
    "Give the audio as a data URI (data:audio/wav;base64,...), or as the address of a file that "
    "was uploaded to this app."
)
CLIP_GONE = "The clip is no longer on the server: record or choose it again."
UNEXPECTED = "The app failed on this input; this is a fault of ours. Try another clip or sentence."

MODEL_CARD = """
**{name}** (`{hash}`) tells {count} emotions: {labels}.

Trained on: {trained_on}

Licence of the weights: {licence}
"""
MODEL_VOICE_OF_TEN = (
    "From the **voice alone** it names about **{count} of 10** acted emotions rightly, on voices "
    "that it was not trained on."
)
MODEL_BOTH_OF_TEN = (
    "From **voice and words together**, where both say the same, about **{count} of 10** rightly."
)
MODEL_NUMBERS = "All numbers"
MODEL_METRICS = (
    "Measured on speakers and texts that were not trained on, but chose epochs and thresholds:"
)
MODEL_UNCERTAIN = (
    "An answer is called uncertain below the probability that {coverage} of the answers to these "
    "speakers and texts reach."
)

ABOUT = """
### What you see
You speak, or type. The words are recognised, and **DRKF** (Decoupled Representations with Knowledge
Fusion, Jiang et al., ACM MM 2025, [arXiv 2508.01644](https://arxiv.org/abs/2508.01644)) reads voice
and words together. The page shows which emotion the model finds, which of the two decided, and
whether they contradict each other.

### How to read the evidence
* **Probabilities.** The same model three times: with voice and words, hearing only, reading only.
* **Shapley values.** Voice and words play a game for the predicted emotion. Each value is what a
  side adds on average, computed exactly from four passes: neither, voice, words, both.
* **Attention.** Where the fusion encoder's CLS token looked. *Share* is the attention a modality
  got, *baseline* its share of all tokens, *lift* the ratio. Attention is not a cause.
* **Inconsistency.** A head trained on matching and mismatching pairs gives the probability on the
  gauge. Two other readings stand beside it, and the page says when they do not agree.
* **When, and which words.** The model reads and hears the input again without each word and without
  each half second: the number is what the answer loses. A badge says what it loses without all
  that is named first, beside random parts.

### What it is not
It was trained on labelled, mostly acted speech and on labelled English texts. It does not know what
anybody feels: judge nobody by it. In the European Union, using
systems that infer emotions from a voice at work and in education is prohibited (AI Act, Article
5(1)(f)), except for medical or safety reasons; consent is no exception. Typed words and the
supplied clips, whose voices are synthetic, involve nobody's biometric data. This is
no legal advice.

### What happens to recordings
They stay on the computer that runs this page: in memory and in a temporary folder, deleted when you
record anew, clear, or close the page. Where the end of a page went unnoticed they go after an hour,
a set in the error analysis and all that was made of it after eight. Nothing that you say or type is
logged, and nothing is sent elsewhere by the app. Record only people who have agreed to it.

### From a program
`gradio_client` can call `/analyze` (an audio file or nothing, and a text) for the whole analysis as
JSON, and `/transcribe` (an audio file) for its words.
"""

# The microphone
MICROPHONE = {
    "insecure": (
        "The browser gives its microphone only to pages with HTTPS, or on localhost. Open the "
        "page's https:// address; if it has none, whoever runs it can give it one (README). "
        "Uploading a file works here."
    ),
    "denied": (
        "The browser does not allow the microphone: allow it for this page, beside the address, "
        "then record again."
    ),
    "missing": "No microphone was found: connect one, then record again.",
    "busy": (
        "The microphone cannot be opened: close other programs that use it, then record again."
    ),
    "stopped": "The microphone stopped by itself: check that it is connected, then record again.",
    "early": "It is recording: speak, then press Stop.",
}
