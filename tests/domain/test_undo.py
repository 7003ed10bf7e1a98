"""Undo: what was done is as it was before, whatever it was, and nobody believes what is not so."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from clinic_tui.database import Database
from clinic_tui.domain.codes import NoticeStatus
from clinic_tui.domain.errors import (
    NotFound,
)
from clinic_tui.domain.undo import undo_last
from tests.small_clinic import NOW, SmallClinic

from .acts import BACK_AND_FORTH, prepare
from .given import (
    OUTBOX,
    at,
)
from .undoing import as_it_was, both_of, send, untrue


@pytest.mark.parametrize("sent", [False, True], ids=["in grace", "sent"])
@pytest.mark.parametrize("name", BACK_AND_FORTH)
def test_everything_is_as_it_was(
    clinic: SmallClinic, database: Database, name: str, sent: bool
) -> None:
    """The whole database but the trail, the steps and what is noted of messages."""
    now = at("13:30") if name in ("came", "no-show") else NOW
    actor = both_of(clinic)
    with Session(database.engine) as session:
        prepare(session, clinic)
        before = as_it_was(session)
        BACK_AND_FORTH[name](session, clinic, actor)
        assert as_it_was(session) != before
        if sent:
            send(session)
        undone = undo_last(session, actor, now, "u")
        assert as_it_was(session, before) == before
        assert untrue(session, now) == []
        assert undone.sentence.startswith("Undone: ")
        if not sent:
            assert session.scalar(
                select(func.count()).where(OUTBOX.c.status == NoticeStatus.QUEUED)
            ) in (0, undone.notices)
        with pytest.raises(NotFound, match="nothing to undo"):
            undo_last(session, actor, now, "again")
        session.rollback()
