"""The clinic's own wording of its messages, in place of what came with the program."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import ColumnElement, and_, delete, insert, select
from sqlalchemy.orm import Session

from ..access import Actor, Permission, require
from ..audit import record
from ..codes import Channel, NoticeKind
from ..errors import BadInput, NotFound
from ..models import Template, table
from ..patients.contact import clean_language
from ..text import clean_text
from ..undo.row_changes import found_rows, left_rows
from ..undo.ways_back import WayBack
from .wording import MAX_BODY, MAX_SUBJECT, TO_STAFF, check_template, shipped_wording

_TEMPLATES = table(Template)


@dataclass(frozen=True, slots=True)
class Which:
    """Which message: its kind, the channel, and the language as an RFC 5646 tag."""

    kind: NoticeKind
    channel: Channel
    language: str


@dataclass(frozen=True, slots=True)
class Wording:
    """How somebody is told; ``own`` says that these are the clinic's words."""

    subject: str
    body: str
    own: bool


def wording_of(session: Session, actor: Actor, which: Which) -> Wording:
    """The clinic's words, else the program's. Refused: ``NotFound`` where there are neither;
    ``BadInput`` for what is no language, and for a text to staff.
    """
    require(actor, Permission.MANAGE_CLINIC)
    which = _tidy(which)
    row = session.execute(select(_TEMPLATES).where(_is(which))).one_or_none()
    if row is not None:
        return Wording(row.subject, row.body, own=True)
    shipped = shipped_wording(which.kind, which.channel, which.language)
    if shipped is None:
        raise NotFound(f"There is no wording in {which.language} yet.")
    return Wording(*shipped, own=False)


def set_wording(
    session: Session, actor: Actor, which: Which, subject: str, body: str, now: datetime
) -> None:
    """Say it in the clinic's words from now on, also in what is queued.

    Refused with ``BadInput``: an unknown placeholder, no text, too much of it, a subject missing
    where it is an e-mail, a code for a new password without its placeholder.
    """
    require(actor, Permission.MANAGE_CLINIC)
    which = _tidy(which)
    subject = clean_text(subject, "Subject", max_length=MAX_SUBJECT)
    body = "\n".join(
        clean_text(line, "Body", max_length=MAX_BODY) for line in body.strip().split("\n")
    )
    if which.channel is Channel.SMS and subject:
        raise BadInput("Subject", "Subject: a text has none.")
    check_template(which.kind, which.channel, subject, body)
    _replace(session, actor, which, "set_wording", now, (subject, body))


def reset_wording(session: Session, actor: Actor, which: Which, now: datetime) -> None:
    """Say it in the program's words again. Refused with ``NotFound`` where they are said."""
    require(actor, Permission.MANAGE_CLINIC)
    which = _tidy(which)
    if session.scalar(select(_TEMPLATES.c.kind).where(_is(which))) is None:
        raise NotFound("The clinic has no words of its own for that.")
    _replace(session, actor, which, "reset_wording", now, None)


def _replace(
    session: Session,
    actor: Actor,
    which: Which,
    operation: str,
    now: datetime,
    words: tuple[str, str] | None,
) -> None:
    of = {
        "kind": which.kind.value,
        "channel": which.channel.value,
        "language": which.language,
    }
    found = found_rows(session, _TEMPLATES, **of)
    session.execute(delete(_TEMPLATES).where(_is(which)))
    if words is not None:
        session.execute(insert(_TEMPLATES).values(**of, subject=words[0], body=words[1]))
    way_back = WayBack(rows=(left_rows(session, _TEMPLATES, found),))
    record(session, actor, operation, now, way_back=way_back, template=of)


def _tidy(which: Which) -> Which:
    if which.kind in TO_STAFF and which.channel is not Channel.EMAIL:
        raise BadInput("Channel", "Channel: staff are told of that by e-mail.")
    language = clean_language(which.language)
    if not language:
        raise BadInput("Language", "Language is needed.")
    return replace(which, language=language)


def _is(which: Which) -> ColumnElement[bool]:
    return and_(
        _TEMPLATES.c.kind == which.kind,
        _TEMPLATES.c.channel == which.channel,
        _TEMPLATES.c.language == which.language,
    )
