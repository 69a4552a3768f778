"""Every sentence of the tab "Live"."""

TAB_LIVE = "Live"

# The microphone
LIVE = "Live from the microphone"
LIVE_HELP = (
    "Press record and speak. Each second the last {window:.0f} seconds are read; words join as "
    "they are recognised. It stops by itself after {minutes:.0f} minutes. The sound is dropped "
    "as soon as it has been read."
)
LIVE_RECORD = "● Record"
LIVE_STOP = "■ Stop"
LIVE_LEVEL = "Level of the microphone"
LIVE_IDLE = "Press record and speak. The answer moves here."
LIVE_WAITING = "Listening …"
LIVE_SILENCE = "Nobody speaks."
LIVE_STALLED = "No sound arrives from the microphone: check it, or the connection."
LIVE_OVER = "Stopped by itself after {minutes:.0f} minutes. Press record to start anew."
LIVE_STOPPED = "Stopped after {clock}."
LIVE_MOSTLY = "While somebody spoke it was most often {emotion} ({share:.0%} of the time)."
LIVE_VOICE_ONLY = "from the voice alone"
LIVE_WORDS = "Words so far"
LIVE_SKIPPED = {
    "one": "1 window left out to keep up.",
    "many": "{count} windows left out to keep up.",
}
LIVE_LOST = {
    "one": "1 piece of sound was lost on the way.",
    "many": "{count} pieces of sound were lost on the way.",
}
LIVE_CAVEAT = (
    "Each lane is filled as high as its emotion's probability, the winner dark; grey is silence. "
    "A window may begin or end within a sentence: watch the trend, not one bar. Below, the "
    "probability that voice and words contradict each other, where words were recognised; red: "
    "its threshold."
)

# A recording
TALK = "A recorded conversation"
TALK_HELP = (
    "Up to 10 minutes, cut into utterances where nobody speaks. Who speaks is not told apart."
)
TALK_AUDIO = "Recording of a conversation"
TALK_STOP = "Stop"
TALK_EMPTY = "Choose or record a conversation. Its course appears here."
TALK_READING = "Looking for speech …"
TALK_RECOGNISE = "Recognising the words: {done} of {total} of speech"
TALK_ANALYSE = "Analysing: {done:.0f} of {total:.0f} utterances"
TALK_STOPPED = "Stopped."
TALK_DONE = {
    "one": "1 utterance in {clock}.",
    "many": "{count} utterances in {clock}.",
}
TALK_CAVEAT = (
    "Click on an utterance, or choose it from the list, to see all about it. Lanes are filled as "
    "high as their emotion's probability; grey is silence; red: the threshold of inconsistency."
)
TALK_LIST = "Utterances"
TALK_ROW = "{clock} · {emotion} {probability:.2f}{sign} · {words}"
TALK_NO_WORDS = "(no words)"
TALK_UNCERTAIN = "?"
TALK_OPEN = "Reading this utterance …"
TALK_PLACE = "Utterance {number} of {count}, {start} to {end}"
