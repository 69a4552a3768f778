"""Every sentence of the tab "Class" and of the voting page."""

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
EMOTIONS = {
    "anger": "anger",
    "disgust": "disgust",
    "fear": "fear",
    "joy": "joy",
    "neutral": "neutral",
    "sadness": "sadness",
    "surprise": "surprise",
}
