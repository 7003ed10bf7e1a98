"""Everything that is known of a patient, to be registered or changed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import ClassVar

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical

from ...domain.access import Permission, Reach, reach
from ...domain.codes import Channel, Sex
from ...domain.errors import BadInput
from ...domain.patients.contact import show_phone
from ...domain.patients.details import PatientDetails, tidy_details
from ...domain.times.dates import clean_birth_date
from ...domain.times.walltime import local_day
from ..form import Form, Typed
from ..wording import say_age, say_birth_date

_SEXES = tuple((sex.value, sex.value) for sex in Sex)
_CHANNELS = (("", "no preference"), (Channel.EMAIL.value, "e-mail"), (Channel.SMS.value, "SMS"))


class PatientForm(Form):
    """The fields of ``PatientDetails``, as a person types them."""

    LABELS: ClassVar[Mapping[str, str]] = {
        "family": "Family name",
        "given": "Given name",
        "born": "Birth date",
        "sex": "Sex",
        "number": "Record number",
        "language": "Language",
        "phones": "Phones",
        "email": "E-mail",
        "address": "Address",
        "sms_consent": "Agreed to SMS",
        "email_consent": "… to e-mail",
        "prefers": "Prefers",
        "alert": "Alert",
    }
    FIELDS: ClassVar[Mapping[str, str]] = {label: key for key, label in LABELS.items()} | {
        "Phone": "phones"
    }
    HINTS: ClassVar[Mapping[str, str]] = {
        "family": "The family name, the given name, or both.",
        "given": "The family name, the given name, or both.",
        "born": "12mar1984, 1984-03-12 or 12.03.1984; empty where it is unknown.",
        "sex": "←/→ or a letter: female, male, other, unknown.",
        "number": "Empty lets the clinic number the patient.",
        "phones": "As dialled here, or with +; several with commas, the first gets SMS.",
        "email": "One address: ana@example.org.",
        "email_consent": "←/→ or y, n: whether the patient agreed to be written to.",
        "sms_consent": "←/→ or y, n: whether the patient agreed to be texted.",
        "prefers": "←/→: what is used where the patient agreed to both.",
        "language": "A code: de, es, pt-BR; messages are worded in it where they can be.",
        "address": "On one line.",
        "alert": "What the desk must see before it books: an allergy, an interpreter.",
    }

    def compose_fields(self) -> ComposeResult:
        """In the order in which a caller says it: who, how to reach them, what they agreed to."""
        number, alert = self.text("number"), self.text("alert")
        number.disabled = not self._may(Permission.REGISTER_PATIENT)
        alert.disabled = not self._may(Permission.SEE_ALERTS)
        with Horizontal(classes="columns"):
            with Vertical(classes="left"):
                yield self.field(self.text("family"))
                yield self.field(self.text("given"))
                yield self.field(self.text("born"))
            with Vertical():
                yield self.field(self.choice("sex", _SEXES))
                yield self.field(number)
                yield self.field(self.text("language"))
        yield self.field(self.text("phones"), gap=True)
        yield self.field(self.text("email"))
        yield self.field(self.text("address"))
        with Horizontal(classes="columns gap"):
            with Vertical(classes="left"):
                yield self.field(self.yes_or_no("sms_consent"))
                yield self.field(self.yes_or_no("email_consent"))
            with Vertical():
                yield self.field(self.choice("prefers", _CHANNELS))
        yield self.field(alert, gap=True)

    def check(self, typed: Typed) -> None:
        """The rules of ``tidy_details``: those that need nothing but the region and the date."""
        region, today = self.desk.settings.region, self._today
        tidy_details(details_of(typed, region, today), region, today)

    def hint(self, key: str, value: str) -> str:
        """For a birth date what was understood of it."""
        if key == "born" and value.strip():
            try:
                born = clean_birth_date(value, self.desk.settings.region, self._today)
            except BadInput:
                return self.HINTS[key]
            if born is not None:
                return f"{say_birth_date(born)}, {say_age(born, self._today)}"
        return super().hint(key, value)

    def _may(self, permission: Permission) -> bool:
        return reach(self.desk.actor, permission) is not Reach.NONE

    @property
    def _today(self) -> date:
        return local_day(self.desk.now(), self.desk.zone)


def typed_of(details: PatientDetails, region: str) -> dict[str, str]:
    """The details as they stand in the fields, phones as people of the region write them."""
    return {
        "family": details.family_name,
        "given": details.given_name,
        "born": details.birth_date.isoformat() if details.birth_date else "",
        "sex": details.sex.value,
        "number": details.record_number,
        "language": details.language,
        "phones": ", ".join(show_phone(number, region) for number in details.phones),
        "sms_consent": "yes" if details.sms_consent else "",
        "email": details.email,
        "email_consent": "yes" if details.email_consent else "",
        "prefers": details.prefers.value if details.prefers else "",
        "address": details.address,
        "alert": details.alert,
    }


def details_of(typed: Typed, region: str, today: date) -> PatientDetails:
    """What was typed as details, for the domain to clean; ``BadInput`` for a birth date."""
    return PatientDetails(
        family_name=typed["family"],
        given_name=typed["given"],
        birth_date=clean_birth_date(typed["born"], region, today),
        sex=Sex(typed["sex"]),
        phones=tuple(phone.strip() for phone in typed["phones"].replace(";", ",").split(",")),
        email=typed["email"],
        address=typed["address"],
        language=typed["language"],
        prefers=Channel(typed["prefers"]) if typed["prefers"] else None,
        email_consent=typed["email_consent"] == "yes",
        sms_consent=typed["sms_consent"] == "yes",
        alert=typed["alert"],
        record_number=typed["number"],
    )
