"""What the tab "Class" says, as HTML."""

from __future__ import annotations

import base64
import html
from collections.abc import Sequence

from drkf.classroom.agreement import LessonAgreement, pairwise_agreement
from drkf.classroom.export import lesson_csv
from drkf.classroom.picture import lesson_measures, lesson_svg
from drkf.classroom.room import Room
from drkf.classroom.rooms import shown_code
from drkf.classroom.rounds import AGREE, SURE, Round, tally
from drkf.ui.classroom.address import qr_svg, vote_address
from drkf.ui.texts import catalogue as i18n
from drkf.ui.texts import classroom as text
from drkf.ui.texts import figures as text_figures


def room_html(room: Room, page: str, server: str) -> str:
    """The QR code, the address and the code of a room, to be read from the back of a classroom."""
    address, reached = vote_address(page, room.code, server)
    bare = address.partition("://")[2].partition("?")[0]
    warning = "" if reached else f'<p class="class-warning" role="alert">{text.NOT_REACHED}</p>'
    return (
        f'<div class="class-room"><div class="class-qr">{qr_svg(address, text.QR)}</div><div>'
        f"<p>{text.JOIN}</p>"
        f'<p class="class-address"><a href="{html.escape(address)}" target="_blank" '
        f'rel="noopener">{html.escape(bare).replace("/", "<wbr>/")}</a></p>'
        f'<p>{text.CODE} <b class="class-code">{shown_code(room.code)}</b></p>'
        f'<p class="class-note">{text.ROOM_NOTE}</p>{warning}</div></div>'
    )


def count_html(room: Room, asked: Sequence[Round]) -> str:
    """How many have voted; not what, which would sway the others.

    Args:
        asked: the rounds that are open together.
    """
    if len(asked) > 1:
        done = set.intersection(*(set(one.votes) for one in asked))
        said = text.COUNT_CLIPS.format(
            count=f"<b>{len(done)}</b>",
            phones=room.phones,
            clips=len(asked),
            labels=sum(len(one.votes) for one in asked),
        )
        return f'<div class="class-count">{said}</div>'
    (current,) = asked
    votes = text.COUNT.format(count=f"<b>{len(current.votes)}</b>", phones=room.phones)
    words = current.question.words
    asked_words = f"“{html.escape(words)}”" if words else ""
    return f'<div class="class-count">{votes}</div><p class="class-asked">{asked_words}</p>'


def result_html(done: Round) -> str:
    """What the class and the model answered, in sentences."""
    answer, name = done.question.reading, text_figures.WORDING.emotion
    counts = done.counts()
    most = max(counts.values())
    lines = []
    if most:
        leading = text.AND.join(name(label) for label, count in counts.items() if count == most)
        votes = i18n.counted(text.VOTES, most)
        lines.append(text.CLASS_SAYS.format(emotion=f"<b>{html.escape(leading)}</b>", votes=votes))
    fused = html.escape(name(answer.fused.emotion))
    lines.append(
        text.MODEL_SAYS.format(
            emotion=f"<b>{fused}</b>", probability=f"{answer.fused.confidence:.2f}"
        )
    )
    if answer.audio is not None and answer.text is not None:
        lines.append(
            text.MODEL_ALONE.format(
                voice=html.escape(name(answer.audio.emotion)),
                words=html.escape(name(answer.text.emotion)),
            )
        )
    if done.question.meant is not None:
        lines.append(text.MEANT.format(emotion=html.escape(name(done.question.meant))))
    if (agreement := pairwise_agreement(list(counts.values()))) is not None:
        lines.append(text.PAIRS.format(share=f"{agreement:.0%}"))
    lines += _asides(done)
    title = html.escape(done.question.title)
    return f"<h2>{title}</h2>" + "".join(f"<p>{line}</p>" for line in lines)


def _asides(done: Round) -> list[str]:
    """How sure the class was, and whether it found a contradiction."""
    votes = list(done.votes.values())
    if not votes:
        return []
    sure = tally((vote.sure for vote in votes), SURE)
    told = ", ".join(f"{text.VOTE_SURE[kind]} {count}" for kind, count in sure.items())
    lines = [text.SURE.format(told=told)]
    if done.question.clip is not None:
        agree = tally((vote.agree for vote in votes), AGREE)
        told = ", ".join(f"{text.VOTE_AGREE[kind]} {count}" for kind, count in agree.items())
        finds = text.FINDS[str(done.question.reading.inconsistent)]
        lines.append(text.AGREEING.format(told=told) + " " + finds)
    return lines


def measures_html(told: LessonAgreement) -> str:
    """The figures of the lesson so far, each with what it means."""
    body = "".join(
        f'<tr><th scope="row">{name}</th><td><b>{value}</b></td></tr>'
        for name, value in lesson_measures(told, text.CLASS_WORDING)
    )
    head = text.LESSON.format(
        rounds=i18n.counted(text.ROUNDS, told.rounds), votes=i18n.counted(text.VOTES, told.votes)
    )
    return f"<h2>{head}</h2><table>{body}</table><p>{text.KAPPA_HELP}</p>"


def downloads_html(rounds: Sequence[Round], labels: tuple[str, ...]) -> str:
    """Links that carry the files themselves, so that no copy is kept on the server."""
    wording = text_figures.WORDING
    picture = lesson_svg(rounds, labels, text.CLASS_WORDING, wording.emotions)
    links = (
        # A spreadsheet reads UTF-8 where the file says so.
        ("class-csv", "drkf-lesson.csv", "text/csv", "\ufeff" + lesson_csv(rounds), text.CSV),
        ("class-picture", "drkf-lesson.svg", "image/svg+xml", picture, text.PICTURE),
    )
    return " ".join(
        f'<a id="{elem_id}" class="download" download="{file_name}" '
        f'href="data:{kind};base64,{base64.b64encode(content.encode()).decode()}">{label}</a>'
        for elem_id, file_name, kind, content, label in links
    )
