"""The text of a file that does not say how it is encoded."""

from __future__ import annotations

import re

from charset_normalizer import from_bytes

#: What spreadsheets of our users' languages save as "CSV", besides UTF-8 and UTF-16.
CANDIDATES = ("gb18030", "cp932", "big5", "cp949", "cp1251", "cp1250", "cp1252")
WESTERN, CENTRAL = "cp1252", "cp1250"

_HAN = re.compile(r"[\u4e00-\u9fff]")
_KANA_OR_HAN = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff]")
# Letters that cp1250 has where cp1252 has signs (£ ¿ ³ ...): inside a word they are letters. And š
# and ž, which hardly any Western language uses. œ is ś there, but u follows it in French.
_CENTRAL_LETTER = re.compile(r"[šžťąľźŠŽŤĄĽŹ]|(?<=[^\W\d_])[łŁżŻ]|[łŁ](?=[^\W\d_])|[śŚ](?!u)")


def decode(content: bytes) -> str:
    """A file's text: by its byte order mark; UTF-8; UTF-16 without a mark; else a guess.

    The guess is charset-normalizer's among ``CANDIDATES``, less what cannot be: it judges by the
    letters of a text, and a table may hold few. Bytes that no encoding knows become U+FFFD.
    """
    if content.startswith((b"\xff\xfe\0\0", b"\0\0\xfe\xff")):
        return content.decode("utf-32", errors="replace")
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", errors="replace")
    if (wide := _wide(content)) is not None:
        return content.decode(wide, errors="replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode(guess_encoding(content), errors="replace")


def guess_encoding(content: bytes) -> str:
    """The likeliest of ``CANDIDATES`` for bytes that are not UTF-8; Windows-1252 if none fits."""
    if len(content) > 1 << 20:  # whole lines of the beginning tell enough
        content = content[: content.rfind(b"\n", 0, 1 << 20) + 1] or content[: 1 << 20]
    for match in from_bytes(content, cp_isolation=list(CANDIDATES)):
        name, text = match.encoding, str(match)
        if name == "cp949" and _HAN.search(text):
            continue  # Korean is written without Han characters
        if name == "cp932" and not _KANA_OR_HAN.search(text):
            continue  # half-width kana alone: Western letters misread
        if name in (WESTERN, CENTRAL):
            break
        return name
    try:
        return CENTRAL if _CENTRAL_LETTER.search(content.decode(CENTRAL)) else WESTERN
    except UnicodeDecodeError:
        return WESTERN


def _wide(content: bytes) -> str | None:
    """UTF-16 without a mark: every other byte of its Latin letters and commas is 0."""
    sample = content[: 1 << 12]
    if len(sample) < 8 or sample.count(0) < len(sample) // 4:
        return None
    even, odd = sample[::2].count(0), sample[1::2].count(0)
    if min(even, odd) > len(sample) // 20:
        return None
    return "utf-16-be" if even > odd else "utf-16-le"
