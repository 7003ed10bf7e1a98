"""Undo: what was done is as it was before, whatever it was, and nobody believes what is not so."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from clinic_tui.database import Database
from clinic_tui.domain.codes import NoticeStatus
from clinic_tui.domain.errors import NotFound
from clinic_tui.domain.undo.undo import undo_last
from tests.small_clinic import NOW, SmallClinic

from .acts import BACK_AND_FORTH, prepare
from .given import OUTBOX, at
from .undoing import as_it_was, both_of, send, untrue


@pytest.mark.parametrize("sent", [False, True], ids=["in grace", "sent"])
def test_everything_is_as_it_was(clinic: SmallClinic, database: Database, sent: bool) -> None:
    """The whole database but the trail, the steps and what is noted of messages."""
    with Session(database.engine) as session:
        prepare(session, clinic)
        before = as_it_was(session)
        for name in BACK_AND_FORTH:
            tried = session.begin_nested()
            try:
                _goes_there_and_back(session, clinic, name, sent, before)
            except Exception as error:
                error.add_note(name)
                raise
            tried.rollback()


def _goes_there_and_back(
    session: Session, clinic: SmallClinic, name: str, sent: bool, before: dict[str, Any]
) -> None:
    now = at("13:30") if name in ("came", "no-show") else NOW
    actor = both_of(clinic)
    BACK_AND_FORTH[name](session, clinic, actor)
    assert as_it_was(session) != before
    if sent:
        send(session)
    undone = undo_last(session, actor, now, "u")
    assert as_it_was(session, before) == before
    assert untrue(session, now) == []
    assert undone.sentence.startswith("Undone: ")
    if not sent:
        queued = select(func.count()).where(OUTBOX.c.status == NoticeStatus.QUEUED)
        assert session.scalar(queued) in (0, undone.notices)
    with pytest.raises(NotFound, match="nothing to undo"):
        undo_last(session, actor, now, "again")
