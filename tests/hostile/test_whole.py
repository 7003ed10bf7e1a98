"""Nothing that matters is cut on any screen and in any dialog, however long people's names are."""

from __future__ import annotations

from itertools import cycle

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session
from textual.pilot import Pilot

from clinic_tui.database import Database
from clinic_tui.domain.models import Clinic, Doctor, Patient, Room, Specialty, VisitType, table
from tests.screens.test_rooms_out import manager
from tests.small_clinic import SmallClinic

from .conftest import Opened
from .crawling import Crawl
from .test_keys import MET, managed, press_all, press_all_of_who_manages, usual
from .whole import hidden_parts

pytestmark = pytest.mark.proof

_LONG = (
    "Wolfeschlegelsteinhausenbergerdorff Maximiliana Anna-Katharina"[:60],
    "山田太郎" * 15,
    "Ana 👩‍👩‍👧‍👦 " * 6,
)


def long_named(session: Session, clinic: SmallClinic) -> None:
    """Everything that has a name has one of sixty characters, wide ones and joined ones."""
    managed(session, clinic)
    for entity, column in (
        (Patient, "family_name"),
        (Doctor, "family_name"),
        (Doctor, "shown_name"),
        (Room, "name"),
        (VisitType, "name"),
        (VisitType, "short_name"),
        (Specialty, "name"),
        (Clinic, "name"),
    ):
        known = table(entity)
        for number, name in zip(session.scalars(select(known.c.id)).all(), cycle(_LONG)):
            renamed = update(known).where(known.c.id == number)
            session.execute(renamed.values({column: name[:60]}))


@pytest.mark.parametrize("kind", ["sqlite"])
@pytest.mark.parametrize("size", [(80, 24)], ids=["80x24"])
async def test_nothing_that_matters_is_cut(
    opened: Opened, database: Database, clinic: SmallClinic, size: tuple[int, int]
) -> None:
    """On all that keys lead to: fields, buttons, labels, sentences and the line of keys."""
    database.transact(long_named, clinic)
    found: set[str] = set()

    def look(pilot: Pilot[int]) -> None:
        found.update(hidden_parts(pilot))

    async with opened(database.transact(manager, clinic), size) as pilot:
        crawl = Crawl(pilot, look)
        await press_all_of_who_manages(crawl)
        await press_all(crawl, MET["receptionist", usual])
    assert found == set(), "\n".join(sorted(found))
