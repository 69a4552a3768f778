"""Every sentence of the tab "Class" and of the voting page."""

from drkf.classroom.wording import ClassWording

# The voting page
VOTE = {
    "title": "DRKF: vote with your class",
    "code": "The code on the screen",
    "join": "Join",
    "listen": "The clip",
    "which": "Which emotion is it?",
    "how_sure": "How sure are you?",
    "do_they_agree": "Do voice and words agree?",
    "send": "Send",
    "emotion": "Emotion",
    "class": "Class",
    "model": "Model",
    "privacy": (
        "Nobody sees who votes. No name, no address and no sound of you is kept; the votes go when "
        "the teacher closes the page."
    ),
    "script": "This page needs JavaScript.",
}
VOTE_SAYS = {
    "waiting": "You are in. Wait for the next question.",
    "voted": "Your vote counts. Wait until it is uncovered.",
    "offline": "The connection is lost. Trying again …",
    "looking": "Looking for the room …",
    "model_says": "The model reads {emotion} ({probability}).",
    "model_voice": "From the voice alone: {emotion} ({probability}).",
    "model_words": "From the words alone: {emotion} ({probability}).",
}
VOTE_SURE = {"guess": "a guess", "rather": "rather sure", "certain": "certain"}
VOTE_AGREE = {"yes": "yes", "no": "no", "unknown": "cannot tell"}
VOTE_REFUSED = {
    "late": "This round is over: the vote does not count.",
    "double": "This phone has voted in this round.",
    "invalid": "This is no answer to the question: load the page again.",
    "full": "This room is full.",
    "no_room": "There is no such room: check the code on the screen.",
    "tries": "Too many wrong codes from this network: wait a minute.",
    "no_clip": "The clip is gone.",
}

# The tab
TAB_CLASS = "Class"
INTRO = (
    "Vote first, then see what the model reads. Phones open a light page by the QR code or the "
    "code: no name, no microphone, one vote a phone a round. A room ends with this page, or after "
    "two hours."
)
OPEN = "Open a room"
OPEN_AGAIN = "Open a new room (ends this one)"
QR = "QR code of the voting page"
JOIN = "Scan the code, or open in a browser:"
CODE = "Code:"
ROOM_NOTE = "Phones must be in the same network as this machine, unless it serves the internet."
NOT_REACHED = (
    "Phones cannot reach this app: it listens on this machine alone. Start it with make class, or "
    "with HOST=0.0.0.0."
)
READY = "The room is open. Choose a clip, then ask the class."
EXAMPLE = "What is it about?"
CURRENT = "What was analysed last"
GIVEN_LABEL = "Phones get"
GIVEN = {"both": "voice and words", "clip": "the voice alone", "words": "the words alone"}
ASK = "Ask the class"
UNCOVER = "Uncover"
READING = "The model reads it …"
COUNT = "{count} of {phones} phones have voted"
UNCOVERED = "Uncovered: {count} votes. Later ones do not count."
NOTHING_ANALYSED = "Nothing was analysed yet: do so in the tab Analyse, or choose an example."
ROOM_GONE = "The room has ended: open a new one."
AND = " and "
CLASS_SAYS = "The class reads most often {emotion} ({count} votes)."
MODEL_SAYS = "The model reads {emotion} ({probability})."
MODEL_ALONE = "From the voice alone it reads {voice}, from the words alone {words}."
MEANT = "Meant was: {emotion}."
PAIRS = "Of all pairs of voters {share} agree with each other."
SURE = "How sure: {told}."
AGREEING = "Do voice and words agree? {told}."
FINDS = {
    "True": "The model finds that they contradict each other.",
    "False": "The model finds that they agree.",
    "None": "The model cannot tell.",
}
LESSON = "The lesson so far: {rounds} rounds, {votes} votes"
KAPPA_HELP = (
    "Kappa is 1 where all agree, 0 where they agree as often as chance would, and needs two "
    "rounds. Those who labelled the corpus MELD reached 0.43 (Poria and others, 2019): there is "
    "no one right answer that a model could miss."
)
CLASS_CONFUSION = "What the class answered"
MODEL_CONFUSION = "What the model answered"
CSV = "Votes as CSV"
PICTURE = "The lesson as one picture (SVG)"
CLASS_WORDING = ClassWording()

# The mode for a class
MODE = (
    "**Class mode**: no microphone and no upload. Example voices, typed words, what-if and votes "
    "work; nobody's voice is recorded."
)
MODE_AUDIO = "The voice of the example"
MODE_NO_UPLOAD = "This app is in class mode: it takes no recordings and no files."
PASSWORD = "Any user name, and the password of the room."
