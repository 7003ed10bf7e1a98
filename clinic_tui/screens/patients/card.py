"""What is known of one patient, and their visits, newest first."""

from __future__ import annotations

from datetime import date, datetime

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.geometry import Size
from textual.message import Message
from textual.reactive import Reactive

from ...domain.clinic.settings import ClinicSettings
from ...domain.codes import Channel, Sex, Status
from ...domain.patients.contact import show_phone
from ...domain.patients.details import PatientDetails
from ...domain.patients.history import PastVisit, PatientRecord
from ...domain.times.walltime import local_day, say_span
from ..safe import own, safe
from ..signs import STATUS_SIGNS
from ..widgets.cells import plain
from ..widgets.lists.visit_list import VisitList
from ..widgets.steady import Steady
from ..wording import say_age, say_birth_date

_FAINT = "$foreground 60%"
_LABEL = 10


class PatientCard(Vertical):
    """A patient's record; its history is a list whose lines open the visits."""

    DEFAULT_CSS = """
    PatientCard > Static { height: auto; padding: 0 1; }
    PatientCard #alert {
        background: $warning; color: $background; text-style: bold; display: none;
    }
    PatientCard #history-title { margin-top: 1; }
    PatientCard #history { background: $background; scrollbar-gutter: stable; }
    """

    virtual_size = Reactive(Size(0, 0), layout=False, repaint=False)
    """Textual's own asks for another layout right after each one."""

    class VisitChosen(Message):
        """A line of the history was taken."""

        def __init__(self, appointment_id: int) -> None:
            super().__init__()
            self.appointment_id = appointment_id

    def compose(self) -> ComposeResult:
        """The name, the alert right under it, the facts, the history."""
        yield Steady(id="name")
        yield Steady(id="alert")
        yield Steady(id="facts")
        yield Steady(id="history-title")
        yield VisitList(id="history")

    @property
    def history(self) -> VisitList:
        """The list of visits."""
        return self.query_one("#history", VisitList)

    def show(self, record: PatientRecord, settings: ClinicSettings, now: datetime) -> None:
        """Show this patient."""
        details = record.details
        self._put("name", _name_line(record))
        self._alert(details.alert)
        self._facts.put(_facts(record, settings, local_day(now, settings.zone)), keeps_room=True)
        self._put("history-title", _history_title(record))
        self.history.show(record.history, settings.zone)

    def say(self, sentence: Content) -> None:
        """Show a sentence and nobody."""
        for part in ("name", "history-title"):
            self._put(part, Content(""))
        self._alert("")
        self._facts.put(sentence, keeps_room=True)
        self.history.put(())

    @on(VisitList.Chosen)
    def choose_visit(self, event: VisitList.Chosen) -> None:
        """Hand the visit on."""
        event.stop()
        self.post_message(self.VisitChosen(event.visit.appointment_id))

    def _alert(self, alert: str) -> None:
        line = self.query_one("#alert", Steady)
        if alert:
            line.put(Content.assemble(own("! ALERT  "), safe(alert)))
        if line.display != bool(alert):
            line.display = bool(alert)

    @property
    def _facts(self) -> Steady:
        """As high as the longest of late: letters typed would lay the screen out at every other."""
        return self.query_one("#facts", Steady)

    def _put(self, part: str, content: Content) -> None:
        self.query_one(f"#{part}", Steady).put(content)


def _name_line(record: PatientRecord) -> Content:
    details = record.details
    names = ", ".join(filter(None, (details.family_name, details.given_name)))
    return Content.assemble(
        Content.styled(plain(names), "bold $primary"),
        Content.styled(f"  {plain(details.record_number)}", _FAINT),
    )


def _facts(record: PatientRecord, settings: ClinicSettings, today: date) -> Content:
    details = record.details
    born = "birth date unknown"
    if details.birth_date:
        born = f"{say_birth_date(details.birth_date)} · {say_age(details.birth_date, today)}"
    sex = "" if details.sex is Sex.UNKNOWN else details.sex.value
    phones = " · ".join(show_phone(phone, settings.region) for phone in details.phones)
    visit = record.next_visit
    rows = (
        ("Born", " · ".join(filter(None, (born, sex, details.language)))),
        ("Phones", phones or "none on record"),
        ("E-mail", details.email or "none on record"),
        ("Address", details.address or "none on record"),
        ("Messages", _consents(details)),
        ("Next", _say_visit(visit, settings.zone) if visit else "no visit booked"),
    )
    return Content("\n").join(
        Content.assemble(
            own(label.ljust(_LABEL), _FAINT),
            Content.styled(value, "bold") if label == "Next" and visit else safe(value),
        )
        for label, value in ((label, safe(value).plain) for label, value in rows)
    )


def _consents(details: PatientDetails) -> str:
    agreed = [
        word
        for word, agreed in (("SMS", details.sms_consent), ("e-mail", details.email_consent))
        if agreed
    ]
    if not agreed:
        return "agreed to none"
    words = f"agreed to {' and '.join(agreed)}"
    if details.prefers is None:
        return words
    return f"{words} · prefers {'SMS' if details.prefers is Channel.SMS else 'e-mail'}"


def _say_visit(visit: PastVisit, zone: str) -> str:
    when = say_span(visit.starts_at, visit.ends_at, zone)
    asked = " · to be confirmed" if visit.status is Status.PENDING else ""
    return f"{when} · {visit.visit_type} · {visit.doctor}{asked}"


def _history_title(record: PatientRecord) -> Content:
    count = len(record.history)
    if not count:
        return own("No visits yet: b books one", _FAINT)
    visits = "1 visit" if count == 1 else f"{count} visits"
    missed = f"{STATUS_SIGNS[Status.NOSHOW]} did not come {record.no_shows}×"
    return Content.assemble(
        own(f"History · {visits}", _FAINT),
        own(f" · {missed}", "bold $warning") if record.no_shows else "",
    )
