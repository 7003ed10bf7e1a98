"""What the desk should know of a patient at one look: who, the alert, missed and other visits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content

from ...domain.codes import Sex, Status
from ...domain.patients.contact import show_phone
from ...domain.patients.details import PatientDetails
from ...domain.patients.history import PastVisit, PatientRecord
from ...domain.text import showable
from ...domain.times.walltime import local_day, say_moment
from ...domain.visits.status_words import STATUS_WORDS
from ..safe import own
from ..signs import STATUS_SIGNS
from ..wording import say_age, say_birth_date

if TYPE_CHECKING:
    from ...desk import Desk

_FAINT = "$foreground 60%"
_PAST = 5


def summary(record: PatientRecord, desk: Desk) -> Content:
    """On lines of their own: who, alert, missed visits, the next visit, the last ones."""
    details = record.details
    lines = [person_words(details, desk), alert_words(details.alert), missed_words(record)]
    return Content("\n").join(line for line in (*lines, *_visits(record, desk)) if line)


def person_words(details: PatientDetails, desk: Desk) -> Content:
    """What tells two people of one name apart."""
    born, today = details.birth_date, local_day(desk.now(), desk.zone)
    facts = [
        f"{say_birth_date(born)}, {say_age(born, today)}" if born else "birth date unknown",
        *([] if details.sex is Sex.UNKNOWN else [details.sex.value]),
        details.record_number,
        *(show_phone(phone, desk.settings.region) for phone in details.phones[:2]),
    ]
    return Content(showable(" · ".join(facts)))


def alert_words(alert: str) -> Content:
    """The alert, not to be overlooked; nothing where there is none."""
    if not alert:
        return Content("")
    return Content.styled(f" ! {showable(alert)} ", "bold $background on $warning")


def missed_words(record: PatientRecord) -> Content:
    """How often they did not come; nothing where they always did."""
    if not record.no_shows:
        return Content("")
    times = "once" if record.no_shows == 1 else f"{record.no_shows} times"
    return own(f"{STATUS_SIGNS[Status.NOSHOW]} did not come {times}", "$warning")


def _visits(record: PatientRecord, desk: Desk) -> list[Content]:
    """The next visit and the last ones, or that there is none."""
    past = [visit for visit in record.history if visit.starts_at <= desk.now()][:_PAST]
    if record.next_visit is not None:
        coming = _visit("Next", record.next_visit, desk.zone)
    else:
        coming = own("Next  nothing booked" if past else "No visit yet", _FAINT)
    return [coming, *(_visit("Last", visit, desk.zone) for visit in past)]


def _visit(label: str, visit: PastVisit, zone: str) -> Content:
    words = f"{say_moment(visit.starts_at, zone)}  {visit.doctor}  {visit.visit_type}"
    return Content.assemble(
        own(f"{label}  ", _FAINT),
        Content(showable(words)),
        own(f"  {STATUS_SIGNS[visit.status]} {STATUS_WORDS[visit.status]}", _FAINT),
    )
