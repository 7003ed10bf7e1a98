"""Claiming and recording: once, only what is true, bounded, and never stopped by one bad row."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from clinic_tui.database import Database
from clinic_tui.domain.codes import Channel, NoticeKind, NoticeStatus, Status
from clinic_tui.domain.messages.breaker import OPENS_AFTER, note_fault, note_well
from clinic_tui.domain.messages.delivery import Claimed, Outcome
from clinic_tui.domain.messages.outcomes import record_outcomes, release
from clinic_tui.domain.messages.sending import anything_due, claim
from clinic_tui.domain.messages.wording import WORDED
from clinic_tui.domain.models import Appointment, Clinic, Patient, Template, table
from clinic_tui.domain.visits.booking import book_appointment
from tests.domain.given import add_visit, at, booking
from tests.small_clinic import NOW, SmallClinic

from .queued import LEASE, OUTBOX, add_notice, change, fill, fill_for_maria, rows, statuses

_APPOINTMENTS, _CLINIC, _PATIENTS = table(Appointment), table(Clinic), table(Patient)


def taken(
    database: Database, sender: str = "a", now: datetime = NOW, limit: int = 20
) -> tuple[Claimed, ...]:
    """What a sender gets."""
    return database.transact(claim, sender, Channel.EMAIL, now, limit=limit, lease=LEASE)


def told(database: Database, outcome: Outcome, sender: str = "a", now: datetime = NOW) -> Any:
    """Record an outcome of the first message; how it stands then."""
    (first, *_) = database.read(rows)
    database.transact(record_outcomes, sender, [([first.id], outcome)], now)
    return database.read(rows)[0].status


def sent(database: Database, batch: tuple[Claimed, ...], sender: str = "a") -> None:
    """All of these have left."""
    said = [([one.notice_id, *one.gathered], Outcome.sent()) for one in batch]
    database.transact(record_outcomes, sender, said, NOW)


def test_each_is_claimed_once_by_senders_at_once(clinic: SmallClinic, database: Database) -> None:
    database.transact(fill, clinic, 100)

    def drain(sender: str) -> list[int]:
        mine: list[int] = []
        while batch := taken(database, sender, limit=5):
            mine += [notice_id for one in batch for notice_id in (one.notice_id, *one.gathered)]
            sent(database, batch, sender)
        return mine

    with ThreadPoolExecutor(4) as threads:
        found = [one for mine in threads.map(drain, "abcd") for one in mine]
    # A sender that found all others' rows locked may have stopped early; nothing may be doubled.
    found += drain("e")
    assert len(found) == len(set(found)) == 100
    assert set(database.read(statuses)) == {"sent"}


def test_what_is_not_due_or_not_of_this_channel_stays(
    clinic: SmallClinic, database: Database
) -> None:
    database.transact(fill, clinic, 1, due_at=NOW + timedelta(seconds=1))
    assert not database.read(anything_due, Channel.EMAIL, NOW)
    assert taken(database) == ()
    later = NOW + timedelta(seconds=1)
    assert not database.read(anything_due, Channel.SMS, later)
    assert database.read(anything_due, Channel.EMAIL, later)
    (one,) = taken(database, now=later)
    assert one.address == "p0@example.org"
    assert not one.look_up
    assert one.attempts == 1


UNTRUE: dict[str, tuple[dict[str, Any], dict[str, Any], str]] = {
    "cancelled": ({"status": Status.CANCELLED}, {}, "The visit is cancelled."),
    "moved": ({}, {"starts_at": at("09:40", 1)}, "The visit was moved."),
    "arrived": ({"status": Status.ARRIVED}, {}, "The visit is not ahead any more."),
    "asked for": ({"status": Status.PENDING}, {}, "The visit is not ahead any more."),
    "not away": (
        {"status": Status.FULFILLED},
        {"kind": NoticeKind.ABSENCE},
        "The visit is not ahead any more.",
    ),
    "not cancelled": (
        {},
        {"kind": NoticeKind.CANCELLED},
        "The visit is not cancelled any more.",
    ),
}


@pytest.mark.parametrize("case", UNTRUE)
def test_what_is_untrue_is_withdrawn_with_the_reason(
    clinic: SmallClinic, database: Database, case: str
) -> None:
    visit, notice, reason = UNTRUE[case]

    def prepare(session: Session) -> None:
        fill(session, clinic, 1, **notice)
        if visit:
            session.execute(update(_APPOINTMENTS).values(visit))

    database.transact(prepare)
    assert taken(database) == ()
    (row,) = database.read(rows)
    assert (row.status, row.reason) == (NoticeStatus.WITHDRAWN, reason)


@pytest.mark.parametrize("kind", [kind for kind in WORDED if kind is not NoticeKind.OFFER])
def test_too_late_to_be_of_use(clinic: SmallClinic, database: Database, kind: NoticeKind) -> None:
    def prepare(session: Session) -> None:
        fill(session, clinic, 1, kind=kind)
        if kind is NoticeKind.CANCELLED:
            session.execute(update(_APPOINTMENTS).values(status=Status.CANCELLED))

    database.transact(prepare)
    starts_at = at("10:00", 1)
    assert taken(database, now=starts_at) == ()
    (row,) = database.read(rows)
    assert row.status is NoticeStatus.WITHDRAWN
    assert row.reason.startswith("Too late to be of use")


def test_of_two_late_reminders_the_later_one_goes(clinic: SmallClinic, database: Database) -> None:
    def prepare(session: Session) -> None:
        starts_at = at("10:00", 1)
        visit_id = add_visit(session, clinic, starts_at, patient_id=clinic.maria)
        for hours in (168, 24):
            add_notice(session, visit_id, starts_at, lead_hours=hours)

    database.transact(prepare)
    (one,) = taken(database)
    first, second = database.read(rows)
    assert first.status is NoticeStatus.WITHDRAWN
    assert one.notice_id == second.id


def test_without_consent_nobody_is_written_to(clinic: SmallClinic, database: Database) -> None:
    database.transact(fill, clinic, 1)
    database.transact(
        lambda session: session.execute(update(_PATIENTS).values(email_consent_at=None))
    )
    assert taken(database) == ()
    assert database.read(statuses) == ["withdrawn"]


def test_only_what_is_pressing_is_said_in_the_quiet_hours(
    clinic: SmallClinic, database: Database
) -> None:
    """NOW is 09:00 in Berlin."""

    def prepare(session: Session) -> None:
        fill(session, clinic, 1)
        for day in (0, 2):
            starts_at = at("15:00", day)
            visit_id = add_visit(session, clinic, starts_at, patient_id=clinic.maria)
            add_notice(session, visit_id, starts_at, kind=NoticeKind.CONFIRMATION)
        session.execute(update(_CLINIC).values(quiet_from=21 * 60, quiet_until=9 * 60 + 1))

    database.transact(prepare)
    (pressing,) = taken(database)
    assert pressing.kind is NoticeKind.CONFIRMATION
    assert "15:00" in pressing.letter.body
    assert not database.read(anything_due, Channel.SMS, NOW)
    assert len(taken(database, now=NOW + timedelta(minutes=1))) == 2


def test_caps_of_the_clinic_and_of_one_patient(clinic: SmallClinic, database: Database) -> None:
    cap = update(_CLINIC)
    database.transact(fill, clinic, 2)
    database.transact(lambda session: session.execute(cap.values(patient_cap=1)))
    kinds = (NoticeKind.CONFIRMATION, NoticeKind.REMINDER)

    def prepare(session: Session) -> None:
        for day, kind in enumerate(kinds, start=2):
            starts_at = at("10:00", day)
            visit_id = add_visit(session, clinic, starts_at, patient_id=clinic.maria)
            add_notice(session, visit_id, starts_at, kind=kind)

    database.transact(prepare)
    sent(database, taken(database))
    assert database.read(statuses) == ["sent", "sent", "sent", "queued"]
    next_day = at("00:00", 1)
    assert database.read(rows)[-1].due_at == next_day
    assert taken(database, now=next_day - timedelta(seconds=1)) == ()
    database.transact(lambda session: session.execute(cap.values(daily_cap=3)))
    database.transact(change, 4, due_at=NOW)
    assert taken(database) == (), "the clinic has sent three today"
    database.transact(change, 4, due_at=next_day)
    assert len(taken(database, now=next_day)) == 1


def test_what_one_account_causes_in_an_hour(clinic: SmallClinic, database: Database) -> None:
    """The rest waits; reminders are nobody's act, and others are not kept waiting."""

    def prepare(session: Session) -> None:
        ids = fill(session, clinic, 6, kind=NoticeKind.CHANGED)
        session.execute(update(_CLINIC).values(actor_cap=2))
        for notice_id in ids:
            change(session, notice_id, created_by=clinic.receptionist.account_id)
        change(session, ids[4], created_by=clinic.admin.account_id)
        change(session, ids[5], kind=NoticeKind.REMINDER)

    database.transact(prepare)
    sent(database, taken(database))
    found = database.read(rows)
    assert [str(row.status) for row in found] == ["sent"] * 2 + ["queued"] * 2 + ["sent"] * 2
    assert {row.reason for row in found[2:4]} == {
        "More than 2 messages by one account in one hour."
    }
    assert taken(database, now=NOW + timedelta(minutes=59)) == ()
    assert len(taken(database, now=NOW + timedelta(minutes=61))) == 2


def test_whose_act_it_was(clinic: SmallClinic, database: Database) -> None:
    request = booking(clinic, starts_at=at("10:00", 3))
    database.transact(book_appointment, clinic.receptionist, request, NOW)
    assert {row.created_by for row in database.read(rows)} == {clinic.receptionist.account_id}


def test_messages_of_one_kind_to_one_person_leave_and_fare_as_one(
    clinic: SmallClinic, database: Database
) -> None:
    ids = database.transact(fill_for_maria, clinic, 3, kind=NoticeKind.CONFIRMATION)
    (one,) = taken(database)
    assert [one.notice_id, *one.gathered] == ids
    assert one.letter.subject.endswith("(+2)")
    assert [event.starts_at for event in one.letter.events] == [at("10:00", d) for d in (1, 2, 3)]
    # Killed: what was said together is looked for together, also while one alone may be tried.
    taken(database, "b", NOW + LEASE)
    (again,) = taken(database, "b", NOW + 3 * LEASE, limit=1)
    assert again.look_up
    assert (again.notice_id, again.gathered, again.letter) == (ids[0], one.gathered, one.letter)
    said = [([again.notice_id, *again.gathered], Outcome.sent("7"))]
    database.transact(record_outcomes, "b", said, NOW + 3 * LEASE)
    assert database.read(statuses) == ["sent"] * 3


def test_what_was_sent_meanwhile_is_not_what_is_looked_for(
    clinic: SmallClinic, database: Database
) -> None:
    ids = database.transact(fill, clinic, 2)
    taken(database)
    database.transact(record_outcomes, "a", [([ids[1]], Outcome.sent("SM1"))], NOW)
    taken(database, now=NOW + LEASE)
    (again,) = taken(database, now=NOW + 2 * LEASE)
    assert again.known_ids == {"SM1"}


def test_who_told_the_provider_to_stop_is_not_texted_again(
    clinic: SmallClinic, database: Database
) -> None:
    database.transact(fill_for_maria, clinic, 2)
    taken(database)
    assert told(database, Outcome.refused("STOP.", opted_out=True)) == "failed"

    def consent(session: Session) -> Any:
        query = select(_PATIENTS.c.sms_consent_at).where(_PATIENTS.c.id == clinic.maria)
        return session.scalar(query)

    assert database.read(consent) is None


def test_late_reminders_are_spread_out_and_pressing_ones_are_not(
    clinic: SmallClinic, database: Database
) -> None:
    now = NOW + timedelta(hours=2)

    def prepare(session: Session) -> None:
        fill(session, clinic, 60)
        starts_at = now + timedelta(minutes=2)
        visit_id = add_visit(session, clinic, starts_at, patient_id=clinic.maria)
        add_notice(session, visit_id, starts_at)

    database.transact(prepare)
    assert "p0@example.org" not in {one.address for one in taken(database, now=now)}
    *late, pressing = database.read(rows)
    minutes = {(row.due_at - now) // timedelta(minutes=1) for row in late}
    assert len(minutes) > 10
    assert max(minutes) < 15
    assert pressing.due_at - now < timedelta(seconds=15)
    assert len(taken(database, now=now + timedelta(minutes=1, seconds=59), limit=1)) == 1
    assert len(taken(database, now=now + timedelta(minutes=15), limit=100)) >= 59


def test_a_template_that_cannot_be_filled_fails_alone(
    clinic: SmallClinic, database: Database
) -> None:
    def prepare(session: Session) -> None:
        fill(session, clinic, 3)
        starts_at = at("10:00", 2)
        visit_id = add_visit(session, clinic, starts_at, patient_id=clinic.maria)
        add_notice(session, visit_id, starts_at, kind=NoticeKind.CONFIRMATION)
        session.execute(
            insert(table(Template)).values(
                kind=NoticeKind.CONFIRMATION,
                channel=Channel.EMAIL,
                language="en",
                subject="Hello",
                body="Dear {name}",
            )
        )

    database.transact(prepare)
    assert len(taken(database)) == 3
    *_, bad = database.read(rows)
    assert bad.status is NoticeStatus.FAILED
    assert "{name}" in bad.reason


def test_what_lapses_is_unknown_and_rests_before_it_is_handed_out(
    clinic: SmallClinic, database: Database
) -> None:
    database.transact(fill, clinic, 1)
    taken(database)
    just_before = NOW + LEASE - timedelta(seconds=1)
    assert taken(database, "b", just_before) == ()
    assert database.read(statuses) == ["sending"]
    assert taken(database, "b", NOW + LEASE) == ()
    assert database.read(statuses) == ["unknown"]
    (again,) = taken(database, "b", NOW + 2 * LEASE)
    assert again.look_up
    assert again.message_id == database.read(rows)[0].message_id
    assert taken(database, "c", NOW + 2 * LEASE) == ()


@pytest.mark.parametrize("step", [timedelta(hours=1), -timedelta(hours=1)])
def test_a_stepped_clock_takes_nothing_from_who_is_at_it(
    clinic: SmallClinic, database: Database, step: timedelta
) -> None:
    database.transact(fill, clinic, 1)
    taken(database)
    assert taken(database, "b", NOW + step) == ()
    assert told(database, Outcome.sent(), now=NOW + step) == "sent"
    assert taken(database, "b", NOW + step + 3 * LEASE) == ()
    assert database.read(statuses) == ["sent"]


def test_passing_failures_back_off_and_end(clinic: SmallClinic, database: Database) -> None:
    starts = NOW + timedelta(days=2)

    def prepare(session: Session) -> None:
        visit_id = add_visit(session, clinic, starts, patient_id=clinic.maria)
        add_notice(session, visit_id, starts)

    database.transact(prepare)
    now, waits = NOW, []
    while batch := taken(database, now=now):
        told(database, Outcome.passing("Full."), now=now)
        (row,) = database.read(rows)
        if row.status is NoticeStatus.FAILED:
            break
        assert batch[0].attempts == row.attempts
        waits.append(row.due_at - now)
        now = row.due_at
    assert row.status is NoticeStatus.FAILED
    assert row.reason == "Full."
    assert len(waits) == 9
    assert timedelta(seconds=30) <= waits[0] <= timedelta(seconds=90)
    assert timedelta(minutes=30) <= waits[-1] <= timedelta(minutes=90)


def test_a_fault_of_the_channel_is_no_attempt(clinic: SmallClinic, database: Database) -> None:
    database.transact(fill, clinic, 1)
    now = NOW
    for _ in range(15):
        assert len(taken(database, now=now)) == 1
        told(database, Outcome.passing("Down.", is_fault=True), now=now)
        now += timedelta(minutes=1)
    assert database.read(rows)[0].attempts == 0


def test_a_second_unknown_outcome_is_a_failure(clinic: SmallClinic, database: Database) -> None:
    database.transact(fill, clinic, 1)
    taken(database)
    assert told(database, Outcome.unknown("No answer.")) == "unknown"
    later = NOW + timedelta(minutes=5)
    (again,) = taken(database, now=later)
    assert again.look_up
    told(database, Outcome.unknown("No answer."), now=later)
    (row,) = database.read(rows)
    assert (row.status, row.reason) == (NoticeStatus.FAILED, "No answer. It may have arrived.")


def test_only_its_sender_says_that_it_failed_but_anybody_that_it_left(
    clinic: SmallClinic, database: Database
) -> None:
    database.transact(fill, clinic, 1)
    taken(database)
    assert told(database, Outcome.refused("No."), sender="b") == "sending"
    assert told(database, Outcome.sent("7"), sender="b") == "sent"
    assert told(database, Outcome.refused("No.")) == "sent"
    (row,) = database.read(rows)
    assert (row.status, row.provider_id, row.sent_at) == (NoticeStatus.SENT, "7", NOW)


def test_what_was_not_tried_is_given_back(clinic: SmallClinic, database: Database) -> None:
    ids = database.transact(fill, clinic, 2)
    database.transact(change, ids[0], status=NoticeStatus.UNKNOWN)
    assert len(taken(database)) == 2
    database.transact(release, "b", ids, NOW)
    assert taken(database, "b") == ()
    database.transact(release, "a", ids, NOW)
    assert [row.attempts for row in database.read(rows)] == [0, 0]
    assert [one.look_up for one in taken(database, "b")] == [True, False]


def test_a_channel_that_fails_rests_then_one_is_tried(
    clinic: SmallClinic, database: Database
) -> None:
    database.transact(fill, clinic, 5)
    for _ in range(OPENS_AFTER):
        assert len(taken(database, limit=1)) == 1
        database.transact(note_fault, Channel.EMAIL, "Down.", NOW)
    queued = update(OUTBOX).values(status=NoticeStatus.QUEUED)
    database.transact(lambda session: session.execute(queued))
    assert taken(database) == ()
    later = NOW + timedelta(minutes=1)
    assert len(taken(database, now=later)) == 1
    assert taken(database, "b", later) == ()
    database.transact(note_well, Channel.EMAIL)
    assert len(taken(database, "b", later)) == 4


def test_a_clock_put_back_does_not_keep_a_channel_at_rest(
    clinic: SmallClinic, database: Database
) -> None:
    database.transact(fill, clinic, 1, due_at=NOW - timedelta(hours=1))
    for _ in range(OPENS_AFTER):
        database.transact(note_fault, Channel.EMAIL, "Down.", NOW)
    assert len(taken(database, now=NOW - timedelta(hours=1))) == 1


def test_words_are_those_of_the_moment(clinic: SmallClinic, database: Database) -> None:
    database.transact(fill, clinic, 1, kind=NoticeKind.CONFIRMATION)
    database.transact(lambda session: session.execute(update(_CLINIC).values(phone="110")))
    database.transact(lambda session: session.execute(update(_PATIENTS).values(language="de-AT")))
    (one,) = taken(database)
    assert one.language == "de"
    assert one.letter.subject == "Ihr Termin am Dienstag, 24. November 2026 um 10:00 Uhr"
    assert "110" in one.letter.body
    (event,) = one.letter.events
    assert (event.starts_at, event.ends_at) == (at("10:00", 1), at("10:20", 1))
