"""Many visits as few spans: what the search for openings reads of a book, on both databases."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy.orm import Session

from clinic_tui.database import Database
from clinic_tui.domain.codes import Status
from clinic_tui.domain.openings.busy import busy_doctors
from tests.small_clinic import NOW, SmallClinic

from .given import add_visit, at


def test_visits_that_touch_or_overlap_are_one_span(clinic: SmallClinic, database: Database) -> None:
    """Buffers count; what is cancelled, missed or held no more does not."""

    def fill(session: Session) -> None:
        add_visit(session, clinic, at("13:00"), after=10)
        add_visit(session, clinic, at("09:00"))
        add_visit(session, clinic, at("09:20"), patient_id=clinic.maria)
        add_visit(session, clinic, at("09:30"), minutes=60, patient_id=clinic.sam, overbooked=True)
        add_visit(session, clinic, at("09:50"), doctor_id=clinic.park)
        for number, status in enumerate((Status.CANCELLED, Status.NOSHOW, Status.ENTERED_IN_ERROR)):
            add_visit(session, clinic, at(f"11:{number}0"), minutes=10, status=status)
        for number, held_for in enumerate((-1, 1)):
            add_visit(
                session, clinic, at(f"15:{number}0"), minutes=10, status=Status.HELD,
                held_until=NOW + timedelta(minutes=held_for),
            )  # fmt: skip

    database.transact(fill)
    day = at("00:00"), at("00:00", 1)
    asked = [clinic.lee, clinic.okafor]
    busy = database.read(busy_doctors, asked, day, NOW)
    spans = (("09:00", "10:30"), ("13:00", "13:30"), ("15:10", "15:20"))
    assert busy == {
        clinic.lee: [(_second(start), _second(end)) for start, end in spans],
    }
    assert database.read(busy_doctors, [], day, NOW) == {}
    everybody = database.read(busy_doctors, range(1, 300), day, NOW)
    assert everybody == database.read(busy_doctors, [clinic.lee, clinic.park], day, NOW)


def _second(clock: str) -> int:
    return int(at(clock).timestamp())
