"""Who fits into free time: agrees with the rules tried one by one, and is really offered it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from clinic_tui.database import Database
from clinic_tui.domain.clinic.terms import Fit
from clinic_tui.domain.codes import Urgency
from clinic_tui.domain.errors import BadInput, NotFound, NotPermitted, Refusal
from clinic_tui.domain.hours.time_off import add_time_off
from clinic_tui.domain.waitlist.declining import decline_offer
from clinic_tui.domain.waitlist.filling import who_fits
from clinic_tui.domain.waitlist.freed import Fitting, Slot
from clinic_tui.domain.waitlist.offering import OfferRequest, offer_opening
from clinic_tui.domain.waitlist.waitlist import Wish, add_to_waitlist
from tests.small_clinic import NOW, ZONE, SmallClinic

from .given import NOBODY, add_visit, at, refused
from .waiting import offer, wait

_GRID = timedelta(minutes=10)


def _fits(
    clinic: SmallClinic, database: Database, start: datetime, minutes: int = 20, **given: Any
) -> tuple[Fitting, ...]:
    slot = Slot(clinic.lee, start, start + timedelta(minutes=minutes), **given)
    return database.read(who_fits, clinic.receptionist, slot, NOW)


def _ids(fits: tuple[Fitting, ...]) -> list[int]:
    return [one.entry_id for one in fits]


def test_in_which_order(clinic: SmallClinic, database: Database) -> None:
    """Urgency, days waited, then who asked for that doctor and whose visit fills the time."""

    def add(patient: int, days: int = 0, **given: Any) -> int:
        request = Wish(patient, clinic.follow_up, **given)
        then = NOW - timedelta(days=days)
        return database.transact(add_to_waitlist, clinic.receptionist, request, then)

    short = add(clinic.jonas, minutes=10)
    exact = add(clinic.maria)
    named = add(clinic.ozlem, minutes=10, doctor_ids=(clinic.lee,))
    longest = add(clinic.thuy, days=9)
    urgent = add(clinic.sam, urgency=Urgency.SOON)
    most = add(clinic.sam, urgency=Urgency.URGENT)
    fits = _fits(clinic, database, at("10:00"))
    assert _ids(fits) == [most, urgent, longest, named, exact, short]
    assert fits[0].reasons == ("urgent", "waits since today")
    assert fits[2].reasons == ("waits for 9 days",)
    assert fits[3].reasons == ("waits since today", "asked for this doctor")


def test_who_is_left_out(clinic: SmallClinic, database: Database) -> None:
    """Another visit then, something offered already, the very opening offered before."""
    elsewhere = wait(clinic, database, patient_id=clinic.maria)
    database.transact(
        add_visit, clinic, at("10:10"), patient_id=clinic.maria, doctor_id=clinic.okafor
    )
    asked = wait(clinic, database, patient_id=clinic.thuy)
    offer(clinic, database, asked, starts_at=at("15:00", 2))
    declined = wait(clinic, database, patient_id=clinic.ozlem)
    made = offer(clinic, database, declined)
    database.transact(decline_offer, clinic.receptionist, made.offer_id, NOW, "d")
    assert _ids(_fits(clinic, database, at("10:00"))) == []
    assert _ids(_fits(clinic, database, at("11:00"))) == [elsewhere, declined]


def test_the_room_and_the_buffers_count(clinic: SmallClinic, database: Database) -> None:
    new = wait(clinic, database, visit_type_id=clinic.new_patient)
    assert _ids(_fits(clinic, database, at("10:00"), 40)) == [new]
    database.transact(add_visit, clinic, at("10:40"))
    assert _ids(_fits(clinic, database, at("10:00"), 40)) == []
    room = clinic.room_one
    assert _ids(_fits(clinic, database, at("14:00"), 40, room_id=room)) == [new]
    database.transact(add_visit, clinic, at("14:30"), doctor_id=clinic.park, room_id=room)
    assert _ids(_fits(clinic, database, at("14:00"), 40, room_id=room)) == []


def test_a_doctor_who_is_away(clinic: SmallClinic, database: Database) -> None:
    wait(clinic, database)
    away = (at("09:00", 1), at("12:00", 1))
    database.transact(add_time_off, clinic.receptionist, clinic.lee, *away, NOW, "fair")
    assert _fits(clinic, database, at("10:00", 1)) == ()
    assert _fits(clinic, database, at("12:00", 1), 60) == ()


_WRONG: dict[str, tuple[type[Refusal], Any]] = {
    "unknown doctor": (NotFound, Slot(NOBODY, at("10:00"), at("11:00"))),
    "ends before it starts": (BadInput, Slot(1, at("11:00"), at("10:00"))),
    "nothing": (BadInput, Slot(1, at("10:00"), at("10:00"))),
    "13 hours": (BadInput, Slot(1, at("10:00"), at("23:00"))),
    "past": (BadInput, Slot(1, at("07:00"), at("08:00"))),
    "without a zone": (BadInput, Slot(1, datetime(2026, 11, 23, 10), at("11:00"))),  # noqa: DTZ001
    "another century": (BadInput, Slot(1, at("10:00"), at("11:00").replace(year=2999))),
}


@pytest.mark.parametrize("name", _WRONG)
def test_times_that_cannot_be(clinic: SmallClinic, database: Database, name: str) -> None:
    kind, slot = _WRONG[name]
    refused(database, kind, who_fits, clinic.receptionist, slot, NOW)


def test_too_many_are_asked_for(clinic: SmallClinic, database: Database) -> None:
    slot = Slot(clinic.lee, at("10:00"), at("11:00"))
    for limit in (0, 51):
        refused(database, BadInput, who_fits, clinic.receptionist, slot, NOW, limit)
    refused(database, NotPermitted, who_fits, clinic.patient, slot, NOW)
    refused(database, NotPermitted, who_fits, clinic.doctor_park, slot, NOW)


# Whoever is offered something really wanted it.


@dataclass(frozen=True, slots=True)
class _Drawn:
    """One wish as it was drawn; whom and what it names by place in a list."""

    patient: int
    kind: int
    doctors: frozenset[int]
    general: bool
    first: int
    last: int | None
    weekdays: frozenset[int]
    window: tuple[int, int]
    minutes: int | None
    urgency: Urgency
    waited: int
    earlier: bool


_TIMES = st.sampled_from([(0, 1440), (540, 720), (600, 660), (780, 1020), (610, 640)])
_DRAWN = st.builds(
    _Drawn,
    st.integers(0, 4),
    st.integers(0, 2),
    st.frozensets(st.integers(0, 2), max_size=2),
    st.booleans(),
    st.integers(0, 3),
    st.none() | st.integers(3, 5),
    st.just(frozenset()) | st.frozensets(st.integers(0, 6), min_size=3),
    _TIMES,
    st.none() | st.sampled_from([5, 10, 25, 40, 60]),
    st.sampled_from(Urgency),
    st.integers(0, 30),
    st.booleans(),
)
_VISITS = st.lists(
    st.tuples(st.integers(0, 2), st.integers(0, 4), st.integers(1, 2), st.integers(0, 40)),
    max_size=6,
)
_SLOT = st.tuples(
    st.integers(0, 2), st.integers(0, 2), st.integers(0, 40), st.sampled_from([20, 30, 60])
)


@dataclass(slots=True)
class _World:
    """What was made of it: visits as (doctor, patient, from, until), wishes by number."""

    doctors: tuple[int, ...]
    patients: tuple[int, ...]
    visits: list[tuple[int, int, datetime, datetime]]
    wishes: dict[int, tuple[_Drawn, Fit, datetime | None]]


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(drawn=st.lists(_DRAWN, min_size=1, max_size=6), visits=_VISITS, asked=_SLOT)
def test_whoever_is_offered_something_wanted_it(
    clinic: SmallClinic,
    database: Database,
    drawn: list[_Drawn],
    visits: list[tuple[int, int, int, int]],
    asked: tuple[int, int, int, int],
) -> None:
    """All who fit and nobody else, each at the first start that suits; the first can be offered."""
    doctor, day, step, minutes = asked
    start = at("08:40", day) + step * _GRID
    with Session(database.engine) as session:
        world = _build(session, clinic, drawn, visits)
        slot = Slot(world.doctors[doctor], start, start + timedelta(minutes=minutes))
        if slot.ends_at <= NOW:
            return
        found = who_fits(session, clinic.receptionist, slot, NOW)
        expected = {
            number: starts_at
            for number in world.wishes
            if (starts_at := _first_start(world, number, slot)) is not None
        }
        event(f"{len(expected)} fit")
        assert {one.entry_id: one.starts_at for one in found} == expected
        ranks = [_rank(world.wishes[one.entry_id][0]) for one in found]
        assert ranks == sorted(ranks)
        for one in found[:1]:
            request = OfferRequest(one.entry_id, slot.doctor_id, one.starts_at)
            made = offer_opening(session, clinic.receptionist, request, NOW)
            assert (made.starts_at, made.ends_at) == (one.starts_at, one.ends_at)
        session.rollback()


def _rank(wish: _Drawn) -> tuple[int, int]:
    return -list(Urgency).index(wish.urgency), -wish.waited


def _build(
    session: Session,
    clinic: SmallClinic,
    drawn: list[_Drawn],
    visits: list[tuple[int, int, int, int]],
) -> _World:
    world = _World(
        (clinic.lee, clinic.okafor, clinic.park),
        (clinic.maria, clinic.jonas, clinic.ozlem, clinic.thuy, clinic.sam),
        [],
        {},
    )
    for doctor, patient, day, step in visits:
        start = at("09:00", day) + step * _GRID
        visit = (world.doctors[doctor], world.patients[patient], start, start + 2 * _GRID)
        if not any(_meet(visit, other) for other in world.visits):
            add_visit(session, clinic, start, doctor_id=visit[0], patient_id=visit[1])
            world.visits.append(visit)
    kinds = (
        (clinic.follow_up, Fit(20, 0, 0)),
        (clinic.new_patient, Fit(40, 5, 10)),
        (clinic.vaccination, Fit(10, 0, 0)),
    )
    for number, wish in enumerate(drawn):
        _add(session, clinic, world, wish, kinds[wish.kind], number)
    return world


def _meet(one: tuple[int, int, Any, Any], other: tuple[int, int, Any, Any]) -> bool:
    shared = one[0] == other[0] or one[1] == other[1]
    return shared and one[2] < other[3] and other[2] < one[3]


def _add(
    session: Session,
    clinic: SmallClinic,
    world: _World,
    wish: _Drawn,
    kind: tuple[int, Fit],
    number: int,
) -> None:
    visit_type, fit = kind
    today = NOW.date()
    given: dict[str, Any] = {
        "doctor_ids": tuple(sorted(world.doctors[one] for one in wish.doctors)),
        "specialty_id": 1 if wish.general and not wish.doctors else None,
        "first_day": today + timedelta(days=wish.first),
        "last_day": None if wish.last is None else today + timedelta(days=wish.last),
        "weekdays": wish.weekdays,
        "from_minute": wish.window[0],
        "until_minute": wish.window[1],
        "urgency": wish.urgency,
        "key": f"drawn {number}",
    }
    before = None
    if wish.earlier:
        # On Thursday, out of the way of all the others, and by a row of its own each.
        before = at("09:00", 3) + number * 6 * _GRID
        visit = add_visit(
            session, clinic, before, minutes=fit.minutes, before=fit.before, after=fit.after,
            doctor_id=clinic.okafor, patient_id=world.patients[wish.patient],
            visit_type_id=visit_type,
        )  # fmt: skip
        given["appointment_id"] = visit
    else:
        minutes = wish.minutes if wish.minutes is not None else fit.minutes
        fit = replace(fit, minutes=minutes)
        given |= {"visit_type_id": visit_type, "minutes": wish.minutes,
                  "patient_id": world.patients[wish.patient]}  # fmt: skip
    then = NOW - timedelta(days=wish.waited)
    try:
        with session.begin_nested():
            entry_id = add_to_waitlist(session, clinic.receptionist, Wish(**given), then)
    except Refusal:
        return
    world.wishes[entry_id] = (wish, fit, before)


def _first_start(world: _World, number: int, slot: Slot) -> datetime | None:
    """The first start in the slot that keeps every rule, looked at one by one."""
    wish, fit, before = world.wishes[number]
    doctor = world.doctors.index(slot.doctor_id)
    if wish.doctors and doctor not in wish.doctors:
        return None
    if doctor == 2 and (wish.kind == 1 or (wish.general and not wish.doctors)):
        return None
    start = slot.starts_at
    while start + timedelta(minutes=fit.minutes) <= slot.ends_at:
        if _suits(world, number, fit, before, slot, start):
            return start
        start += _GRID
    return None


def _suits(
    world: _World, number: int, fit: Fit, before: datetime | None, slot: Slot, start: datetime
) -> bool:
    wish = world.wishes[number][0]
    end = start + timedelta(minutes=fit.minutes)
    first, last = (moment.astimezone(ZoneInfo(ZONE)) for moment in (start, end))
    minutes = (first.hour * 60 + first.minute, last.hour * 60 + last.minute)
    day = (first.date() - NOW.date()).days
    works = any(
        one <= minutes[0] and minutes[1] <= other for one, other in ((540, 720), (780, 1020))
    )
    wanted = (
        wish.first <= day
        and (wish.last is None or day <= wish.last)
        and (not wish.weekdays or first.weekday() in wish.weekdays)
        and wish.window[0] <= minutes[0]
        and minutes[1] <= wish.window[1]
        and (before is None or end <= before)
    )
    mine = world.patients[wish.patient]
    buffers = (timedelta(minutes=fit.before), timedelta(minutes=fit.after))
    free = not any(
        (doctor == slot.doctor_id and start - buffers[0] < until and since < end + buffers[1])
        or (patient == mine and start < until and since < end)
        for doctor, patient, since, until in world.visits
    )
    return start > NOW and works and wanted and free
