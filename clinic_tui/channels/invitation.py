"""A visit as an iCalendar invitation (RFC 5545, RFC 5546) that calendars take as one event."""

from __future__ import annotations

from datetime import datetime

from ..domain.messages.delivery import CalendarEvent, Method


def invitation(event: CalendarEvent, organizer: str, attendee: str, now: datetime) -> bytes:
    """The .ics: asks to add or replace the event of that UID, or to take it away.

    Times are in UTC, which needs no time zone table; nobody is asked for an answer by mail.
    """
    from icalendar import Calendar, Event, vCalAddress, vText  # noqa: PLC0415 - 0.2 s

    visit = Event()
    visit.add("uid", event.uid)
    visit.add("sequence", event.sequence)
    visit.add("dtstamp", now)
    visit.add("dtstart", event.starts_at)
    visit.add("dtend", event.ends_at)
    visit.add("summary", event.summary)
    if event.place:
        visit.add("location", event.place)
    is_cancelled = event.method is Method.CANCEL
    visit.add("status", "CANCELLED" if is_cancelled else "CONFIRMED")
    visit.add("organizer", vCalAddress(f"mailto:{organizer}"))
    guest = vCalAddress(f"mailto:{attendee}")
    guest.params["ROLE"] = vText("REQ-PARTICIPANT")
    guest.params["PARTSTAT"] = vText("ACCEPTED")
    guest.params["RSVP"] = vText("FALSE")
    visit.add("attendee", guest)
    calendar = Calendar()
    calendar.add("prodid", "-//clinic_tui//EN")
    calendar.add("version", "2.0")
    calendar.add("method", event.method.value)
    calendar.add_component(visit)
    written: bytes = calendar.to_ical()
    return written
