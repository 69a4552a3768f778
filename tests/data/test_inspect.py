import argparse

import pytest

from drkf.cli.data import add_parser
from drkf.data.inspect import SHOWN, clip_seconds, inspect, inspection_text
from drkf.errors import AudioError, CorpusError


def test_clip_seconds_of_the_formats_corpora_come_in(tmp_path, write_wav, write_mp4):
    assert clip_seconds(write_wav(tmp_path / "a.wav", 0.75, 48000, 2)) == pytest.approx(0.75)
    assert clip_seconds(write_mp4(tmp_path / "a.mp4", 2.0)) == pytest.approx(2.0, abs=0.15)


def test_clip_seconds_says_what_is_wrong(tmp_path, write_wav, write_mp4):
    text = tmp_path / "text.wav"
    text.write_text("not audio")
    empty = tmp_path / "empty.wav"
    empty.touch()
    for path, message in [
        (tmp_path / "none.wav", "no such file"),
        (text, "cannot be decoded"),
        (empty, "cannot be decoded"),
        (write_wav(tmp_path / "silent.wav", 0.0), "holds no audio"),
        (write_mp4(tmp_path / "mute.mp4", sound=False), "no sound track"),
    ]:
        with pytest.raises(AudioError, match=message) as caught:
            clip_seconds(path)
        assert "\n" not in str(caught.value)


@pytest.fixture
def tess(tmp_path, write_wav):
    for word in ("back", "bar", "base"):
        write_wav(tmp_path / f"OAF_angry/OAF_{word}_angry.wav", 1.0)
    write_wav(tmp_path / "YAF_sad/YAF_back_sad.wav", 3.0)
    (tmp_path / "YAF_sad/YAF_bar_sad.wav").write_bytes(b"RIFF")
    for n in range(SHOWN + 2):
        write_wav(tmp_path / f"extra/{n}.wav")
    return tmp_path


def test_counts_by_split_class_and_speaker(tess):
    inspection = inspect("tess", tess)
    assert inspection.splits == {"(no split)": inspection.total}
    assert inspection.total.utterances == 5
    assert inspection.total.emotions == {"anger": 3, "sadness": 2}
    assert inspection.speakers == {"tess-OAF": 3, "tess-YAF": 2}
    assert inspection.total.hours == pytest.approx(6 / 3600)
    assert (inspection.shortest_seconds, inspection.longest_seconds) == (1.0, 3.0)
    assert [fault.id for fault in inspection.unreadable] == ["tess-YAF_bar_sad"]
    assert inspection.missing == ()
    assert inspection.skipped == {"not named like a TESS clip": SHOWN + 2}


def test_text_rendering(tess):
    lines = inspection_text(inspect("tess", tess)).splitlines()
    header = next(line.split() for line in lines if line.startswith("split"))
    row = next(line.split() for line in lines if line.startswith("all"))
    cells = dict(zip(header[1:], row[1:], strict=True))
    assert (cells["anger"], cells["sadness"], cells["joy"]) == ("3", "2", "0")
    assert (cells["utterances"], cells["speakers"]) == ("5", "2")
    assert "  tess-OAF: 3" in lines
    assert "Unreadable clips: 1" in lines
    assert f"  not named like a TESS clip: {SHOWN + 2}" in lines


def test_long_lists_are_cut(tmp_path, write_wav):
    for actor in range(1, SHOWN + 4):
        write_wav(tmp_path / f"03-01-05-01-01-01-{actor:02}.wav")
    text = inspection_text(inspect("ravdess", tmp_path))
    assert f"Speakers: {SHOWN + 3}" in text
    assert "… and 3 more" in text


def test_command_line(tess, capsys):
    parser = argparse.ArgumentParser()
    add_parser(parser.add_subparsers())
    args = parser.parse_args(["data", "inspect", "tess", str(tess)])
    assert args.run(args) == 0
    assert capsys.readouterr().out.startswith(f"TESS in {tess}\n5 utterances, 2 speakers")
    args = parser.parse_args(["data", "inspect", "nothing", str(tess)])
    with pytest.raises(CorpusError, match="Known: iemocap"):
        args.run(args)
