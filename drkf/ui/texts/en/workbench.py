"""Every sentence of the tab "Error analysis"."""

TAB_WORKBENCH = "Error analysis"

HELP = (
    "Give a labelled set and learn where and why the model fails. The set stays on the computer "
    "that runs this page, and goes when you remove it or close the page."
)

# The set
SET = "1. The set"
FILES = "Clips, a table (CSV, TSV, JSON lines), or a zip file of both"
SENTENCES = "Or sentences, one a line"
SENTENCES_PLACEHOLDER = "I have been waiting for three weeks.\nWhat a lovely surprise!"
SENTENCES_BUTTON = "Use these sentences"
EXAMPLE_BUTTON = "Use the example set"
EXAMPLE_NOTE = "The example set is synthetic: computer voices and written sentences."
CLEAR_BUTTON = "Remove the set"
TABLE = "Table"
NO_TABLE = "none: every clip is a row"
COLUMNS = "Which column holds what"
COLUMN_NAMES = {
    "audio": "Clip",
    "text": "Words",
    "label": "Label",
    "speaker": "Speaker",
    "gender": "Gender",
    "corpus": "Corpus",
    "split": "Split",
    "id": "Id",
}
NO_COLUMN = "–"
SPLIT = "Only this split"
ALL_SPLITS = "all"
LABELS = "What the labels mean"
LABELS_HINT = (
    "Rows with a red label are not scored until you say what it means; rows that are not to be "
    "scored can be left out on purpose."
)
LABEL_UNKNOWN = "not known: choose"
LABEL_NOT_SCORED = "do not score"
LABEL_HEADERS = ["label in the set", "rows", "the model's label"]
BAD_ROWS = "Rows that cannot be analysed"
BAD_HEADERS = ["row", "why"]
EMPTY = "Upload a set, write sentences, or use the example set."
READY = {
    "one": "1 row, {clips} with a clip: {scored} with a label of the model.",
    "many": "{count} rows, {clips} with a clip: {scored} with a label of the model.",
}
UNMAPPED = {
    "one": "1 has a label that is none of the model's: it is not scored.",
    "many": "{count} have a label that is none of the model's: they are not scored.",
}
UNLABELLED = {
    "one": "1 has no label.",
    "many": "{count} have no label.",
}
BAD = {
    "one": "1 cannot be analysed; it is listed below, and the rest goes on.",
    "many": "{count} cannot be analysed; they are listed below, and the rest goes on.",
}
LEFT_OUT = "Left out: {name} ({why})."
LEFT_OUT_MORE = {
    "one": "Left out: 1 more file.",
    "many": "Left out: {count} more files.",
}
CALLED = "There was a file {name} before: this one is called {shown}."
CALLED_MORE = {
    "one": "1 more file had a name that was taken, and got a number.",
    "many": "{count} more files had a name that was taken, and got a number.",
}
WRONG_LABEL = "{label} is none of the model's labels: use {labels}, or leave it empty."
NO_SET = "Upload a set first, or use the example set."

# The run
RUN = "2. The run"
TRANSCRIBE = "Recognise the words of clips without any"
SPEAKERS = "Read each clip beside the others of its speaker"
SPEAKERS_HINT = "Needs the column of the speaker. Each clip is read alone as well, for comparison."
RUN_BUTTON = "Analyse the set"
CANCEL_BUTTON = "Stop, and keep what is done"
RUN_EMPTY = "Nothing has been analysed yet."
PREPARING = "Reading the clips …"
RUNNING = {
    "one": "{done} of 1 row",
    "many": "{done} of {count} rows",
}
RUNNING_BESIDE = "Once more, beside the speaker's other clips: "
SPEAKERS_EFFECT = (
    "{rows} scored rows have a speaker with several clips. Beside the others: accuracy "
    "{accuracy_beside:.2f}, UAR {uar_beside:.2f}. Each clip alone: accuracy {accuracy_alone:.2f}, "
    "UAR {uar_alone:.2f} (McNemar's test: p = {p:.2f}). Below is the former."
)
RUNNING_HEARD = ", {heard} more heard"
RUNNING_LEFT = ", about {left} left"
RUNNING_FAILED = ", {failed} could not be analysed"
RUNNING_REUSED = " ({reused} known from before)"
MINUTES = "{minutes} min"
SECONDS = "{seconds} s"
STOPPING = "Stopping after the clips that are at work …"
DONE = {
    "one": "{answered} of 1 row analysed with {checkpoint} {hash}.",
    "many": "{answered} of {count} rows analysed with {checkpoint} {hash}.",
}
STOPPED = {
    "one": "Stopped: {answered} of 1 row analysed. “Analyse the set” goes on from there.",
    "many": "Stopped: {answered} of {count} rows analysed. “Analyse the set” goes on from there.",
}

# What is looked at
LOOK = "3. Look"
ANY = "all"
FILTER_LABEL = "Label"
FILTER_PREDICTION = "Prediction"
FILTER_OUTCOME = "Outcome"
OUTCOMES = {
    "right": "right",
    "wrong": "wrong",
    "no label": "without a label",
    "failed": "could not be analysed",
}
FILTER_SPEAKER = "Speaker"
FILTER_CORPUS = "Corpus"
FILTER_INCONSISTENT = "Voice and words"
INCONSISTENT = {"yes": "disagree", "no": "agree"}
FILTER_SLICE = "Slice that fails most"
SLICE_CHOICE = "{name}: {error:.2f} wrong, {count} rows{star}"
FILTER_TAG = "Tag"
FILTER_SEARCH = "Search"
FILTER_SEARCH_HINT = "in ids, words and notes"
FILTER_CLEAR = "Show all rows"
SHOWN = {
    "one": "{shown} of 1 row",
    "many": "{shown} of {count} rows",
}
SCORE = "{right:.0%} right"
SCORE_OF = {
    "one": "{correct} of {scored} scored rows; {scored} of 1 row is scored",
    "many": "{correct} of {scored} scored rows; {scored} of {count} rows are scored",
}
NOT_SCORED = {
    "one": (
        "1 row is not scored, because its label is none of the model's ({labels}). If it "
        "should be, say under “The set” what this label means and analyse again: what has been"
        " read already is kept."
    ),
    "many": (
        "{count} rows are not scored, because their labels are none of the model's ({labels})."
        " If they should be, say under “The set” what these labels mean and analyse again: "
        "what has been read already is kept."
    ),
}
MORE_LABELS = "and {count} more"
SHOWN_GROUPS = ". Intervals: 95 %, bootstrap of {groups} {unit}"
UNIT_SPEAKERS, UNIT_ROWS = "speakers (a row without one counts as one)", "rows"

# What was found
FINDINGS = "What stands out"
FINDINGS_HELP = "Choose a sentence, and everything below shows only its rows."
FINDING_NONE = "All rows"
FINDING_LABELS = "{labels}: {right} of {count} right, against {rest:.0%} for all other labels"
FINDING_SPLIT = (
    "Where voice and words say different things ({count} rows), the voice was right in {voice}, "
    "the words in {words}, the answer in {answer}"
)
FINDING_SLICE = "{name}: {wrong} of {count} wrong, against {rest:.0%} elsewhere"
FINDING_CONFUSION = "{count} of {wrong} errors are one kind: label {label}, said {prediction}"
FINDING_SURE = "{count} of {wrong} errors were made with a probability of {sure:.0%} or more"
AND = "and"

OVERVIEW = "Overview"
HEADLINE = "Headline figures"
HEADLINE_CAVEAT = (
    "WA: share of rows that are right. UAR: recall averaged over classes. ECE: how far confidence "
    "is from accuracy, AURC: mean error of the most confident rows; for these two less is better."
)
CONFUSION = "Confusion"
CONFUSION_CAVEAT = (
    "Counts; darker is a larger share of the label's rows. Click on a cell, or choose label and "
    "prediction above, and everything else shows only its rows."
)
CALIBRATION = "Calibration"
RELIABILITY = "Reliability"
RELIABILITY_CAVEAT = "A well calibrated model's diamonds lie on the dotted line."
RISK = "Risk and coverage"
RISK_CAVEAT = (
    "The error when only the most confident rows are kept. A confidence that tells nothing would "
    "stay at the dotted line."
)
SLICES = "Slices"
WORST = "The worst slices"
WORST_CAVEAT = (
    "Groups of rows, and pairs of groups, that fail more often than the rest; groups of too few "
    "rows are not judged. ★: Fisher's exact test, adjusted for all that was looked at (Benjamini "
    "and Yekutieli). Click on a line to see only its rows."
)
FACET = "By"
FACETS = {
    "label": "label",
    "speaker": "speaker",
    "gender": "gender",
    "corpus": "corpus",
    "duration": "duration",
    "text source": "where the words come from",
    "inconsistent": "whether voice and words disagree",
    "uncertain": "whether the model is uncertain",
}
FACET_CAVEAT = (
    "95 % Wilson intervals, which take rows as independent. Click on a line to see only its rows."
)
AGREEMENT = "Voice against words"
INCONSISTENCY = "Inconsistency against correctness"
INCONSISTENCY_CAVEAT = (
    "Whether the model errs more where it finds voice and words inconsistent. An AUROC of 0.5 is "
    "no relation."
)
WHO = "Who was right when they disagreed"
WHO_CAVEAT = "Rows whose voice alone and words alone get different emotions."
MAP = "Map"
MAP_BUTTON = "Draw the map"
MAP_COLOUR = "Colour"
MAP_COLOURS = {
    "label": "label",
    "prediction": "prediction",
    "inconsistency": "inconsistency",
    "error": "right or wrong",
}
MAP_CAVEAT = (
    "The fused representation by t-SNE: near points are alike to the model; distances between "
    "clusters and their sizes mean nothing. Click on a point to open its row."
)
MAP_LEFT_OUT = {
    "one": "1 row is left out: there are too many to draw.",
    "many": "{count} rows are left out: there are too many to draw.",
}
MAP_WORKING = "Drawing the map …"
SUSPECTS = "Labels to check"
SUSPECTS_CAVEAT = (
    "Rows whose label the model confidently contradicts (confident learning, Northcutt et al. "
    "2021), the most suspicious first. It may be the model that is wrong: listen."
)
SUSPECT_HEADERS = ["#", "id", "label", "model says", "margin"]
COMPARE = "Compare"
COMPARE_HELP = (
    "Another checkpoint's results of the same set: the CSV or JSON-lines file that this page or "
    "`drkf analyze-set` has exported. What is shown above comes first, the file second."
)
COMPARE_BUTTON = "Choose the other results"
COMPARED = (
    "{first} {first_accuracy:.2f} → {second} {second_accuracy:.2f} accuracy on {rows} rows: "
    "{difference:+.2f} ({low:+.2f} to {high:+.2f}). {fixed} fixed, {broken} broken; McNemar's "
    "exact test p = {p:.3g}."
)
COMPARED_LEFT_OUT = {
    "one": "1 row is in only one of the two, or has another label there.",
    "many": "{count} rows are in only one of the two, or have another label there.",
}
FLIP_HEADERS = ["#", "id", "label", "first", "second", "change"]
CHANGES = {
    "fixed": "fixed",
    "broken": "broken",
    "another error": "another error",
}

# The rows
ROWS_HEADING = "Rows"
ROWS_HELP = "Click on a row to hear it and see all about it."
ORDER = "Order"
ORDERS = {"set": "as in the set", "errors": "worst errors first"}
ROWS_HEADERS = [
    "#", "id", "label", "prediction", "p", "outcome", "inconsistency", "voice", "words",
    "speaker", "s", "text", "tags",
]  # fmt: skip
ROWS_MORE = "The first {most} of {count} rows; filter to see others."
UNCERTAIN = "{emotion} ?"
ROW_EMPTY = "Choose a row. Its clip and its full analysis appear here."
ROW_PREVIOUS = "◀ Previous row"
ROW_NEXT = "Next row ▶"
ROW_PLAY_ON = "Go on to the next clip when one has ended"
ROW_OPENING = "Reading this row …"
ROW_TITLE = "Row {number}: {id}"
ROW_LABEL = "label {label}"
ROW_LABEL_ORIGINAL = "label {label} (in the set: {original})"
ROW_LABEL_UNKNOWN = "label {original}, which nothing is known of"
ROW_NO_LABEL = "no label"
ROW_SAID = "{label} → said {emotion}"
ROW_FAILED = "This row could not be analysed: {error}"
ROW_PLAYER = "The clip of this row"
ROW_CLIP_GONE = "The clip is no longer on the server: upload the set again."
CLASS_BUTTON = "Ask the class"
LAB_BUTTON = "Open in the What-if lab"
LAB_NO_ROW = "Choose a row first."
NEIGHBOURS = "Nearest rows"
NEIGHBOURS_CAVEAT = "By cosine distance of the fused vectors. Click on one to open it."
NEIGHBOUR_HEADERS = ["#", "id", "label", "prediction", "distance"]
NOTE = "Note"
NOTE_PLACEHOLDER = "What do you hear?"
TAGS = "Tags, separated by commas"
NOTE_BUTTON = "Save the note"
NOTE_SAVED = {
    "one": "Saved. 1 row has a note.",
    "many": "Saved. {count} rows have notes.",
}

# What is kept
KEEP = "4. Keep"
EXPORT_FORMAT = "All rows, with notes and tags, as"
EXPORT_FORMATS = {
    "csv": "CSV",
    "jsonl": "JSON lines",
    "parquet": "Parquet",
    "html": "HTML report that opens without a network",
    "html-sound": "HTML report with the clips' sound",
    "dataset": "folder for Hugging Face datasets or Renumics Spotlight (zip)",
}
EXPORT_BUTTON = "Prepare the file"
EXPORT_WORKING = "Writing the file …"
EXPORT_READY = "Ready: {name}."
EXPORT_FILE = "The file"
SESSION_DOWNLOAD = "Download notes and tags (JSON)"
SESSION_LOAD = "Load notes and tags"
SESSION_LOADED = {
    "one": "1 note loaded.",
    "many": "{count} notes loaded.",
}
SESSION_UNKNOWN = {
    "one": "1 of them is on a row that this set has not; it is kept.",
    "many": "{count} of them are on rows that this set has not; they are kept.",
}
