"""What a file's own bytes say of its end: whether some of it is missing.

Not all can be told: an MP3 without an encoder's tag that was cut between two frames is a whole one.
"""

from __future__ import annotations

import os
from typing import BinaryIO

CUT = "The file ends early: its end is missing."
NO_END_MARK = "The file may end early: the mark of its end is missing."

OGG_PAGE = 65_307  # bytes at most
OGG_HEAD = 27  # bytes of a page's head, whose last one is its number of segments
TAIL_BYTES = OGG_PAGE + OGG_HEAD
LAST_PAGE = 4  # bit of a page's flags

TAG_BYTES = 200  # of the first MP3 frame, in which encoders note how many frames follow
#: kbit/s of layer III by the header's index, in MPEG 1 and in MPEG 2 and 2.5 (ISO/IEC 11172-3,
#: 13818-3). Index 0 leaves the size open.
MP3_KBITS = (
    (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
)
MP3_RATES = {3: (44_100, 48_000, 32_000), 2: (22_050, 24_000, 16_000), 0: (11_025, 12_000, 8_000)}


def ogg_problems(file: BinaryIO) -> list[str]:
    """What is wrong with the end of an Ogg file, as lines for the user; [] for other files.

    Its last page is not whole, or is not marked as the last one: it was cut between two, or its
    recorder broke off.
    """
    file.seek(0)
    if file.read(4) != b"OggS":
        return []
    file.seek(max(0, file.seek(0, os.SEEK_END) - TAIL_BYTES))
    tail = file.read(TAIL_BYTES)
    page = tail[max(0, tail.rfind(b"OggS\0")) :]
    if len(page) < OGG_HEAD:
        return [CUT]
    if OGG_HEAD + page[26] + sum(page[OGG_HEAD : OGG_HEAD + page[26]]) > len(page):
        return [CUT]
    return [] if page[5] & LAST_PAGE else [NO_END_MARK]


def mp3_frames(file: BinaryIO) -> int | None:
    """How many frames of an MP3 its encoder says will follow (tag of Xing, LAME or Fraunhofer).

    None where it does not say, and for other files.
    """
    file.seek(0)
    head = file.read(10)
    after_tags = 0
    if head.startswith(b"ID3") and len(head) == 10:  # a length of four times seven bits
        after_tags = 10 + sum(
            byte << shift for byte, shift in zip(head[6:], (21, 14, 7, 0), strict=True)
        )
    file.seek(after_tags)
    frame = file.read(TAG_BYTES)
    at = max(frame.find(b"Xing"), frame.find(b"Info"))
    if at >= 0 and len(frame) >= at + 12 and frame[at + 7] & 1:
        return int.from_bytes(frame[at + 8 : at + 12], "big")
    at = frame.find(b"VBRI")
    if at >= 0 and len(frame) >= at + 18:
        return int.from_bytes(frame[at + 14 : at + 18], "big")
    return None


def is_cut_mp3_frame(frame: bytes) -> bool:
    """Whether a frame of MPEG layer III is shorter than its own header says."""
    if len(frame) < 4:
        return len(frame) > 0
    version, layer = frame[1] >> 3 & 3, frame[1] >> 1 & 3
    kbits, rate, padding = frame[2] >> 4, frame[2] >> 2 & 3, frame[2] >> 1 & 1
    if frame[0] != 0xFF or frame[1] < 0xE0 or layer != 1 or version == 1 or rate == 3:
        return False  # no header of the kind
    if kbits in (0, 15):
        return False
    bits = 1000 * MP3_KBITS[version != 3][kbits]
    samples = 1152 if version == 3 else 576
    return len(frame) < samples // 8 * bits // MP3_RATES[version][rate] + padding
