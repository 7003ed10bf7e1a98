"""Several visits of one patient on one day: where they fit, and booked all or none."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from clinic_tui.database import Database
from clinic_tui.domain.clinic.terms import Fit
from clinic_tui.domain.errors import (
    BadInput,
    NotFound,
    NotPermitted,
    OutsideHours,
    Refusal,
    SlotTaken,
)
from clinic_tui.domain.models import AuditEntry, UndoStep, table
from clinic_tui.domain.visits.combinations import Gap, Leg, Standing, combinations_of, starts_free
from clinic_tui.domain.visits.together import TogetherRequest, VisitTogether, book_together
from clinic_tui.domain.visits.together_search import (
    FoundTogether,
    TogetherSearch,
    VisitWanted,
    find_together,
)
from tests.small_clinic import NOW, SmallClinic

from .given import NOBODY, add_visit, at, at_once, everything, refused, told

TUESDAY = date(2026, 11, 24)


def _search(clinic: SmallClinic, **given: Any) -> TogetherSearch:
    """Maria on Tuesday: new with Okafor, then a follow-up with Park in a room."""
    parts = (
        VisitWanted(clinic.new_patient, (clinic.okafor,)),
        VisitWanted(clinic.follow_up, (clinic.park,), room_id=clinic.room_one),
    )
    return replace(TogetherSearch(clinic.maria, parts, TUESDAY, TUESDAY), **given)


def _starts(found: tuple[FoundTogether, ...]) -> list[list[Any]]:
    return [[visit.starts_at for visit in one.visits] for one in found]


def _pair(clinic: SmallClinic, **given: Any) -> TogetherRequest:
    visits = (
        VisitTogether(clinic.okafor, clinic.new_patient, at("10:00", 1)),
        VisitTogether(clinic.park, clinic.follow_up, at("10:40", 1), 30, clinic.room_one),
    )
    return TogetherRequest(clinic.maria, **({"visits": visits} | given))


def test_back_to_back(clinic: SmallClinic, database: Database) -> None:
    found = database.read(find_together, clinic.receptionist, _search(clinic), NOW)
    assert _starts(found) == [
        [at("09:00", 1), at("09:40", 1)],
        [at("09:40", 1), at("10:20", 1)],
        [at("10:20", 1), at("11:00", 1)],
    ]
    assert found[0].doctors == ("Dr Okafor", "Dr Park")


def test_around_what_is_taken(clinic: SmallClinic, database: Database) -> None:
    """Of the first doctor, buffers and all; of the patient; of the room."""

    def fill(session: Session) -> None:
        add_visit(session, clinic, at("10:00", 1), doctor_id=clinic.okafor)
        add_visit(session, clinic, at("13:40", 1), patient_id=clinic.maria)
        add_visit(
            session, clinic, at("11:10", 1), patient_id=clinic.sam, room_id=clinic.room_one,
            minutes=50,
        )  # fmt: skip

    database.transact(fill)
    found = database.read(find_together, clinic.receptionist, _search(clinic), NOW)
    # 09:00 to 09:40 with 10 after it; 10:30 needs the room at 11:10; 11:20 ends at lunch.
    assert _starts(found)[:2] == [
        [at("09:00", 1), at("09:40", 1)],
        [at("14:00", 1), at("14:40", 1)],
    ]
    with_gap = _search(clinic, most_gap=120)
    found = database.read(find_together, clinic.receptionist, with_gap, NOW)
    assert _starts(found)[1] == [at("10:30", 1), at("13:00", 1)]


def test_a_gap_at_least(clinic: SmallClinic, database: Database) -> None:
    wanted = _search(clinic, least_gap=15, most_gap=30)
    found = database.read(find_together, clinic.receptionist, wanted, NOW)
    assert _starts(found)[0] == [at("09:00", 1), at("09:55", 1)]


def test_three_with_whoever_does_them_in_any_order(clinic: SmallClinic, database: Database) -> None:
    """Lee is free only until 09:55, which is too short after a vaccination."""
    parts = (
        VisitWanted(clinic.vaccination),
        VisitWanted(clinic.new_patient, (clinic.lee,)),
        VisitWanted(clinic.follow_up, (clinic.park,)),
    )

    def fill(session: Session) -> None:
        add_visit(session, clinic, at("09:55", 1), minutes=125)
        add_visit(session, clinic, at("13:00", 1), minutes=240, patient_id=clinic.sam)

    database.transact(fill)
    wanted = TogetherSearch(clinic.maria, parts, TUESDAY, TUESDAY)
    assert database.read(find_together, clinic.receptionist, wanted, NOW) == ()
    wanted = replace(wanted, any_order=True)
    found = database.read(find_together, clinic.receptionist, wanted, NOW)
    assert sorted(_starts(found)) == [
        [at("09:00", 1), at("09:40", 1), at("09:50", 1)],
        [at("09:00", 1), at("09:40", 1), at("10:00", 1)],
    ]
    assert {one.visits[0].doctor_id for one in found} == {clinic.lee}
    # In the order given, the first day on which it works.
    wanted = replace(wanted, any_order=False, last_day=None, limit=1)
    found = database.read(find_together, clinic.receptionist, wanted, NOW)
    assert _starts(found) == [[at("09:00", 2), at("09:10", 2), at("09:50", 2)]]


def test_the_same_doctor_twice_keeps_the_buffers(clinic: SmallClinic, database: Database) -> None:
    part = VisitWanted(clinic.new_patient, (clinic.lee,))
    wanted = _search(clinic, parts=(part, part), most_gap=60)
    found = database.read(find_together, clinic.receptionist, wanted, NOW)
    assert _starts(found)[0] == [at("09:00", 1), at("09:55", 1)]
    request = TogetherRequest(clinic.maria, found[0].visits)
    database.transact(book_together, clinic.receptionist, request, NOW)


def test_what_is_found_can_be_booked(clinic: SmallClinic, database: Database) -> None:
    for _ in range(3):
        found = database.read(find_together, clinic.receptionist, _search(clinic), NOW)
        request = TogetherRequest(clinic.maria, found[-1].visits, "check")
        booked = database.transact(book_together, clinic.receptionist, request, NOW)
        assert [one.starts_at for one in booked] == [one.starts_at for one in found[-1].visits]


def test_nothing_before_now(clinic: SmallClinic, database: Database) -> None:
    wanted = _search(clinic, first_day=date(2026, 11, 2), last_day=None)
    later = at("15:41")
    found = database.read(find_together, clinic.receptionist, wanted, later)
    assert _starts(found)[0] == [at("15:50"), at("16:30")]
    found = database.read(find_together, clinic.receptionist, wanted, at("16:20"))
    assert _starts(found)[0] == [at("09:00", 1), at("09:40", 1)]


def test_they_are_booked_together(clinic: SmallClinic, database: Database) -> None:
    request = _pair(clinic)
    booked = database.transact(book_together, clinic.receptionist, request, NOW)
    ids = [one.appointment_id for one in booked]
    # The patient's two channels and a reminder on each; Okafor has no e-mail, Park has.
    assert [one.notices for one in booked] == [4, 5]
    assert [len(database.read(told, one)) for one in ids] == [4, 5]
    entry, step = database.read(_trail)
    assert (entry.appointment_id, entry.details) == (ids[0], {"visits": ids})
    assert [one[0] for one in step.way_back["visits"]] == ids
    after = database.read(everything)
    again = database.transact(book_together, clinic.receptionist, request, NOW)
    assert [one.appointment_id for one in again] == ids
    assert database.read(everything) == after


def _trail(session: Session) -> Any:
    audit, steps = table(AuditEntry), table(UndoStep)
    return (
        session.execute(select(audit).where(audit.c.operation == "book_together")).one(),
        session.execute(select(steps).where(steps.c.operation == "book_together")).one(),
    )


def test_the_same_request_at_once(clinic: SmallClinic, database: Database) -> None:
    answers = at_once(database, *[(book_together, clinic.receptionist, _pair(clinic), NOW)] * 3)
    assert len({one[0].appointment_id for one in answers}) == 1


REFUSED: dict[str, tuple[type[Refusal], Any]] = {
    "the second is taken": (SlotTaken, lambda c: _moved(c, 1, starts_at=at("11:00", 1))),
    "the second at lunch": (OutsideHours, lambda c: _moved(c, 1, starts_at=at("12:30", 1))),
    "over each other": (SlotTaken, lambda c: _moved(c, 1, starts_at=at("10:30", 1))),
    "on two days": (BadInput, lambda c: _moved(c, 1, starts_at=at("10:40", 2))),
    "in the past": (BadInput, lambda c: _moved(c, 0, starts_at=at("08:00"))),
    "without a zone": (
        BadInput,
        lambda c: _moved(c, 0, starts_at=at("10:00", 1).replace(tzinfo=None)),
    ),
    "0 minutes": (BadInput, lambda c: _moved(c, 1, minutes=0)),
    "13 hours": (BadInput, lambda c: _moved(c, 1, minutes=780)),
    "with nobody": (NotFound, lambda c: _moved(c, 1, doctor_id=NOBODY)),
    "in no room": (NotFound, lambda c: _moved(c, 1, room_id=NOBODY)),
    "of no type": (NotFound, lambda c: _moved(c, 1, visit_type_id=NOBODY)),
    "of one who does not do it": (BadInput, lambda c: _moved(c, 1, visit_type_id=c.new_patient)),
    "of no patient": (NotFound, lambda c: replace(_pair(c), patient_id=NOBODY)),
    "only one": (BadInput, lambda c: replace(_pair(c), visits=_pair(c).visits[:1])),
    "four": (BadInput, lambda c: replace(_pair(c), visits=_pair(c).visits * 2)),
    "none": (BadInput, lambda c: replace(_pair(c), visits=())),
}


def _moved(clinic: SmallClinic, which: int, **given: Any) -> TogetherRequest:
    visits = list(_pair(clinic).visits)
    visits[which] = replace(visits[which], **given)
    return _pair(clinic, visits=tuple(visits))


@pytest.mark.parametrize("case", REFUSED)
def test_one_that_is_refused_refuses_all(
    clinic: SmallClinic, database: Database, case: str
) -> None:
    database.transact(add_visit, clinic, at("11:20", 1), doctor_id=clinic.park)
    kind, request = REFUSED[case]
    refusal = refused(database, kind, book_together, clinic.receptionist, request(clinic), NOW)
    if kind in (SlotTaken, OutsideHours):
        assert str(refusal).endswith(": none of the visits was booked.")


SEARCHES: dict[str, tuple[type[Refusal], dict[str, Any]]] = {
    "nothing": (BadInput, {"parts": ()}),
    "a negative gap": (BadInput, {"least_gap": -1}),
    "a gap the wrong way round": (BadInput, {"least_gap": 30, "most_gap": 10}),
    "a gap of a day": (BadInput, {"most_gap": 1440}),
    "a thousand": (BadInput, {"limit": 1000}),
    "none": (BadInput, {"limit": 0}),
    "until before from": (BadInput, {"last_day": date(2026, 11, 20)}),
    "a year": (BadInput, {"last_day": date(2027, 11, 24)}),
    "the year 1": (BadInput, {"first_day": date(1, 1, 1)}),
    "the year 9999": (BadInput, {"first_day": date(9999, 12, 31), "last_day": None}),
    "of no patient": (NotFound, {"patient_id": NOBODY}),
    "with nobody": (NotFound, {"parts": (VisitWanted(1, (NOBODY,)), VisitWanted(1))}),
    "of no type": (NotFound, {"parts": (VisitWanted(NOBODY), VisitWanted(1))}),
    "in no room": (NotFound, {"parts": (VisitWanted(1, room_id=NOBODY), VisitWanted(1))}),
    "0 minutes": (BadInput, {"parts": (VisitWanted(1, minutes=0), VisitWanted(1))}),
}


@pytest.mark.parametrize("case", SEARCHES)
def test_what_cannot_be_sought(clinic: SmallClinic, database: Database, case: str) -> None:
    kind, given = SEARCHES[case]
    refused(database, kind, find_together, clinic.receptionist, _search(clinic, **given), NOW)


def test_a_doctor_finds_only_own(clinic: SmallClinic, database: Database) -> None:
    refused(database, NotPermitted, find_together, clinic.doctor_lee, _search(clinic), NOW)
    both = _search(clinic, parts=(VisitWanted(clinic.follow_up), VisitWanted(clinic.vaccination)))
    found = database.read(find_together, clinic.doctor_lee, both, NOW)
    assert {visit.doctor_id for one in found for visit in one.visits} == {clinic.lee}


def test_a_later_second_visit_for_the_sake_of_the_third() -> None:
    """Pure: the earliest second leaves the third too far away."""
    hour, fit = 3600, Fit(30, 0, 0)
    first = Leg(0, fit, {1: [(0, 1)]}, [(0, 1)])
    second = Leg(1, fit, {2: [(hour // 2, 3 * hour)]})
    third = Leg(2, fit, {3: [(2 * hour, 2 * hour + 1)]})
    gap = Gap(0, 3600, 300)
    (way,) = combinations_of((first, second, third), gap)
    assert way == (Standing(0, 1, 0), Standing(1, 2, hour // 2), Standing(2, 3, 2 * hour))
    narrow = Gap(0, 1800, 300)
    assert list(combinations_of((first, second, third), narrow)) == [
        (Standing(0, 1, 0), Standing(1, 2, hour), Standing(2, 3, 2 * hour))
    ]
    assert list(combinations_of((first, second, third), Gap(0, 600, 300))) == []


def test_the_spans_in_which_a_visit_may_start() -> None:
    fit = Fit(20, 5, 10)
    minute = 60
    spans = starts_free(
        [(0, 180 * minute)], [(60 * minute, 80 * minute)], [(120 * minute, 130 * minute)], fit
    )
    assert spans == [
        (0, 30 * minute + 1),
        (85 * minute, 100 * minute + 1),
        (130 * minute, 160 * minute + 1),
    ]
