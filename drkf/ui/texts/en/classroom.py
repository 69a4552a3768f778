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
    "you": "You",
    "meant": "Meant",
    "annotated": "Your labels",
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
    "place": "Clip {place} of {total}",
    "annotated_same": (
        "You labelled {clips} clips: {class} as most of the class did, {meant} as they were "
        "meant, {model} as the model reads them."
    ),
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
READING_CLIPS = "The model reads clip {done} of {total} …"
COUNT = "Votes: {count} of {phones} phones"
COUNT_CLIPS = "All {clips} clips labelled: {count} of {phones} phones. Labels so far: {labels}"
UNCOVERED = {"one": "Uncovered: 1 vote.", "many": "Uncovered: {count} votes."}
UNCOVERED_LATE = "Later ones do not count."
VOTES = {"one": "1 vote", "many": "{count} votes"}
ROUNDS = {"one": "1 round", "many": "{count} rounds"}
NOTHING_ANALYSED = "Nothing was analysed yet: do so in the tab Try, or choose an example."
ROW = "The row of a set"
NO_ROW = "No row was chosen: open one in the tab Error analysis, then press “Ask the class”."
ROW_GONE = "The row's clip is not there any more: open the row again."
TOO_MANY_ROUNDS = "A room takes {rounds} rounds: export this lesson and open a new room."
NO_ROOM_LEFT = "All rooms of this server are taken: try again later."
ROOM_GONE = "The room has ended: open a new one."
AND = " and "
CLASS_SAYS = "The class reads most often {emotion} ({votes})."
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
LESSON = "The lesson so far: {rounds}, {votes}"
LESSON_LINK = "The lesson, step by step, to print"
LESSON_PRINT = "Print this page with your browser (Ctrl+P). The links open the app for each step."
LESSON_MISSING = "The lesson is not part of this installation: see docs/lesson.md of the project."
KAPPA_HELP = (
    "Kappa is 1 where all agree, 0 where they agree as often as chance would, and needs two "
    "rounds. Those who labelled the corpus MELD reached 0.43 (Poria and others, 2019): there is "
    "no one right answer that a model could miss."
)
CLASS_CONFUSION = "What the class answered"
MODEL_CONFUSION = "What the model answered"
ANNOTATE = "Be the annotator: {count} clips"
ANNOTATION = "{clips} clips, labelled by {annotators} annotators, each alone"
ANNOTATION_MEASURES = {
    "kappa": "annotators among each other (Fleiss' kappa)",
    "with_meant": "an annotator and what was acted (Cohen's kappa, mean)",
    "majority_with_meant": "the class's majority and what was acted (Cohen's kappa)",
    "with_model": "an annotator and the model (Cohen's kappa, mean)",
    "model_with_meant": "the model and what was acted (Cohen's kappa)",
}
ANNOTATION_HELP = (
    "A corpus of emotions is made like this: some people label each clip, and the majority becomes "
    "the truth that models learn from and are measured by. Where people disagree the label is a "
    "vote, not a fact, and no model can agree with it better than people do."
)
ANNOTATION_COLUMNS = ("Clip", "Words", "Labels of the class", "Acted", "Model")
CSV = "Votes as CSV"
PICTURE = "The lesson as one picture (SVG)"
CLASS_WORDING = ClassWording()

# The tour in a class
TOUR_CLASS = "The class answered"
TOUR_CLASS_NONE = "No phone answered."

# The mode for a class
MODE = (
    "**Class mode**: no microphone and no upload. Example voices, typed words, what-if and votes "
    "work; nobody's voice is recorded."
)
MODE_AUDIO = "The voice of the example"
MODE_NO_UPLOAD = "This app is in class mode: it takes no recordings and no files."
PASSWORD = "Any user name, and the password of the room."
