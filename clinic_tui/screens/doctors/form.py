"""Everything that is known of a doctor, to be added or changed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical

from ...domain.patients.contact import show_phone
from ...domain.staff.doctors import COLOURS, DoctorDetails, tidy_doctor
from ..form import Form, Typed


class DoctorForm(Form):
    """The fields of ``DoctorDetails``, as a person types them."""

    LABELS: ClassVar[Mapping[str, str]] = {
        "title": "Title",
        "given": "Given name",
        "family": "Family name",
        "phone": "Phone",
        "email": "E-mail",
        "colour": "Colour",
        "active": "Sees patients",
        "specialties": "Specialties",
        "profile": "Profile",
    }
    FIELDS: ClassVar[Mapping[str, str]] = {label: key for key, label in LABELS.items()} | {
        "Specialty": "specialties"
    }
    HINTS: ClassVar[Mapping[str, str]] = {
        "title": "Dr, Prof …; empty where names are said without.",
        "given": "As patients know it.",
        "family": "Needed.",
        "phone": "As dialled here, or with +; empty if there is none.",
        "email": "One address; where messages about visits go.",
        "colour": "←/→ or a letter: the colour of the visits in the calendar.",
        "active": "No retires the doctor: nothing new is booked, what is booked stays.",
        "specialties": "Several with commas; a new one is made where there is none of that name.",
        "profile": "A sentence for whoever chooses a doctor.",
    }

    def compose_fields(self) -> ComposeResult:
        """Who on the left, how to reach them on the right, the long lines below."""
        with Horizontal(classes="columns"):
            with Vertical(classes="left"):
                yield self.field(self.text("title"))
                yield self.field(self.text("given"))
                yield self.field(self.text("family"))
            with Vertical():
                yield self.field(self.choice("colour", ((name, name) for name in COLOURS)))
                yield self.field(self.yes_or_no("active"))
        yield self.field(self.text("specialties"), gap=True)
        yield self.field(self.text("phone"))
        yield self.field(self.text("email"))
        yield self.field(self.text("profile"), gap=True)

    def check(self, typed: Typed) -> None:
        """The rules of ``tidy_doctor``: they need nothing but the region."""
        tidy_doctor(details_of(typed, None), self.desk.settings.region)


def typed_of(details: DoctorDetails, region: str) -> dict[str, str]:
    """The details as they stand in the fields."""
    return {
        "title": details.title,
        "given": details.given_name,
        "family": details.family_name,
        "phone": show_phone(details.phone, region) if details.phone else "",
        "email": details.email,
        "colour": details.colour,
        "active": "yes" if details.active else "",
        "specialties": ", ".join(details.specialties),
        "profile": details.profile,
    }


def details_of(typed: Typed, outside_id: str | None) -> DoctorDetails:
    """What was typed as details, for the domain to clean."""
    names = (name.strip() for name in typed["specialties"].replace(";", ",").split(","))
    return DoctorDetails(
        family_name=typed["family"],
        given_name=typed["given"],
        title=typed["title"],
        specialties=tuple(name for name in names if name),
        email=typed["email"],
        phone=typed["phone"].strip(),
        colour=typed["colour"],
        profile=typed["profile"],
        active=typed["active"] == "yes",
        outside_id=outside_id,
    )
