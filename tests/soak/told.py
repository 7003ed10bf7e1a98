"""What everybody was told, held against the book: written apart from how messages are queued."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, text
from sqlalchemy.orm import Session

from clinic_tui.domain.models import UtcDateTime

_LISTENERS = """
    SELECT appointments.id, 'email' AS channel, 0 AS doctor_id FROM appointments
        JOIN patients ON patients.id = appointments.patient_id
        WHERE patients.email <> '' AND patients.email_consent_at IS NOT NULL
    UNION SELECT appointments.id, 'sms', 0 FROM appointments
        JOIN patients ON patients.id = appointments.patient_id
        WHERE patients.sms_consent_at IS NOT NULL AND EXISTS (
            SELECT 1 FROM patient_phones WHERE patient_phones.patient_id = patients.id)
    UNION SELECT appointments.id, 'email', doctors.id FROM appointments
        JOIN doctors ON doctors.id = appointments.doctor_id WHERE doctors.email <> ''
"""
_LAST_SAID = """
    SELECT DISTINCT appointment_id, channel, doctor_id,
        first_value(kind) OVER newest AS kind, first_value(starts_at) OVER newest AS starts_at
    FROM outbox WHERE status <> 'withdrawn' AND kind IN ('confirmation', 'changed', 'cancelled')
    WINDOW newest AS (
        PARTITION BY appointment_id, channel, doctor_id ORDER BY sequence DESC, id DESC)
"""
_UNTOLD = f"""
    SELECT visit.id, listener.channel, listener.doctor_id, said.kind
    FROM appointments visit JOIN ({_LISTENERS}) listener ON listener.id = visit.id
    LEFT JOIN ({_LAST_SAID}) said ON said.appointment_id = visit.id
        AND said.channel = listener.channel
        AND coalesce(said.doctor_id, 0) = listener.doctor_id
    WHERE visit.status = 'booked' AND visit.starts_at > :now AND NOT coalesce(
        said.kind IN ('confirmation', 'changed') AND said.starts_at = visit.starts_at, FALSE)
    AND NOT EXISTS (SELECT 1 FROM audit WHERE audit.appointment_id = visit.id
        AND audit.operation IN ('noshow', 'step_back') AND audit.at >= visit.starts_at)
"""
_UNTRUE = """
    SELECT visit.id, outbox.kind, visit.status FROM outbox
    JOIN appointments visit ON visit.id = outbox.appointment_id
    WHERE outbox.status = 'queued' AND CASE
        WHEN outbox.kind = 'cancelled' THEN visit.status IN ('booked', 'arrived')
            AND (outbox.doctor_id IS NULL OR outbox.doctor_id = visit.doctor_id)
        ELSE visit.status NOT IN ('booked', 'arrived') OR outbox.starts_at <> visit.starts_at
            OR (outbox.doctor_id IS NOT NULL AND outbox.doctor_id <> visit.doctor_id) END
"""
_TOGETHER = {
    "sqlite": ("one.value", ", json_each(audit.details, '$.visits') one"),
    "postgresql": (
        "one.value::integer", ", jsonb_array_elements(audit.details::jsonb -> 'visits') one"
    ),
}  # fmt: skip
_UNRECORDED = """
    SELECT id FROM appointments WHERE status <> 'held'
        AND id NOT IN (SELECT appointment_id FROM audit WHERE appointment_id IS NOT NULL)
        AND id NOT IN (SELECT appointment_id FROM series_visits)
        AND id NOT IN (SELECT {together} FROM audit{each}
            WHERE operation IN ('book_together', 'undo'))
"""


def untrue(session: Session, now: datetime) -> list[tuple[Any, ...]]:
    """Visits ahead of which somebody has not been told, queued messages that no longer hold, and
    visits without an entry in the trail.

    Of a visit that had begun by somebody's clock nothing more is said: it was not shown up to, or
    it was taken a step back then.
    """
    untold = text(_UNTOLD).bindparams(bindparam("now", now, type_=UtcDateTime))
    found: list[tuple[Any, ...]] = [("untold", *row) for row in session.execute(untold)]
    found += [("untrue", *row) for row in session.execute(text(_UNTRUE))]
    together, each = _TOGETHER[session.get_bind().dialect.name]
    unrecorded = text(_UNRECORDED.format(together=together, each=each).replace(":", "\\:"))
    return [*found, *(("unrecorded", *row) for row in session.execute(unrecorded))]


def story(session: Session, wrong: list[tuple[Any, ...]]) -> list[Any]:
    """What happened to those visits, by the trail, and what was said: races do not come twice."""
    told: list[Any] = []
    for number in sorted({one[1] for one in wrong}):
        for asked in (
            "SELECT * FROM audit WHERE appointment_id = :visit ORDER BY id",
            "SELECT id, kind, channel, doctor_id, status, sequence, starts_at FROM outbox"
            " WHERE appointment_id = :visit ORDER BY id",
            "SELECT * FROM appointments WHERE id = :visit",
        ):
            told += session.execute(text(asked), {"visit": number}).all()
    return told
