"""Every sentence about whose voice the model is tuned to."""

VOICE = "Whose voice?"
NEW = "<b>A new voice.</b> Nothing is known of it: each recording is read alone."
KNOWN = {
    "one": "<b>Your voice: 1 recording.</b> The next one is read beside it.",
    "many": "<b>Your voice: {count} recordings.</b> Each one is read beside the others.",
}
HELP = (
    "How a voice sounds says more about who speaks than about what they feel. What your recordings "
    "have in common is taken as your way of speaking, and only the rest is read. Examples are read "
    "alone. Only averages are kept, in this session, and they go with the page."
)
TUNE = "Tune it: read three sentences aloud"
TUNE_HELP = "Record all three in one go, with a short pause after each, as you usually speak."
SENTENCES = (
    "The bus to the station leaves at ten past eight.",
    "I put the blue folder on the table next to the window.",
    "Tomorrow we are going to bake bread with my neighbours.",
)
TUNE_AUDIO = "The three sentences"
TUNING = "Listening to how you speak …"
TUNED = "Press Analyse to have the recording above read anew."
SOMEONE_ELSE = "Someone else speaks"
COMPARE = "Show the answer without it as well"

COMPARISON = "With and without knowing the voice"
WITHOUT = "voice unknown"
WITH = {"one": "beside 1 other recording", "many": "beside {count} other recordings"}
COMPARISON_SAME = "Both times the answer is {emotion}."
COMPARISON_OTHER = "Unknown, the voice is read as {without}; known, as {known}."
COMPARISON_NOTE = (
    "The same recording, the same model: only what it knows of the voice differs. As far as the "
    "answer moves, it came from who speaks and not from what they feel. That is a bias against "
    "voices unlike those that the model learned from."
)

LIVE_NEW = "Tuned to a <b>new voice</b>: it is learned while you speak."
LIVE_KNOWN = {
    "one": "Tuned to <b>your voice: 1 recording</b>, and to what is said now.",
    "many": "Tuned to <b>your voice: {count} recordings</b>, and to what is said now.",
}
LIVE_NOTE = "A running average of all who speak: several speakers blur it."
LIVE_HEARD = {
    "one": "the voice is known from 1 stretch",
    "many": "the voice is known from {count} stretches",
}

ABOUT = """
### Whose voice it is tuned to
The app adds up the encoder's states of your recordings, without any labels, and reads each
recording relative to their average. These averages are a trait of your voice, so they stay in the
memory of this session alone: they are written nowhere, and *Someone else speaks*, the end of the
page, or an hour without use deletes them. The examples and the API are read without them.
"""
