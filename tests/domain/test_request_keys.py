"""A request key that was used for something else: a refusal in words, and nothing is written."""

from __future__ import annotations

from dataclasses import replace

from clinic_tui.database import Database
from clinic_tui.domain.codes import CancelledBy
from clinic_tui.domain.errors import BadInput
from clinic_tui.domain.patients.details import PatientDetails
from clinic_tui.domain.patients.patients import register_patient
from clinic_tui.domain.series.cancelling import SeriesCancel, cancel_series
from clinic_tui.domain.series.moving import SeriesMove, move_series
from clinic_tui.domain.series.series import book_series
from clinic_tui.domain.series.words import Scope
from clinic_tui.domain.undo.undo import undo_last
from clinic_tui.domain.visits import flow
from clinic_tui.domain.visits.booking import book_appointment, overbook_appointment
from clinic_tui.domain.visits.cancelling import (
    CancelRequest,
    cancel_appointment,
    reinstate_appointment,
)
from clinic_tui.domain.visits.moving import MoveRequest, move_appointment
from clinic_tui.domain.visits.swapping import SwapRequest, swap_appointments
from clinic_tui.domain.visits.together import book_together
from clinic_tui.domain.visits.tray import put_down
from clinic_tui.domain.waitlist.accepting import accept_offer
from clinic_tui.domain.waitlist.declining import decline_offer
from clinic_tui.domain.waitlist.offering import OfferRequest, offer_opening
from clinic_tui.domain.waitlist.waitlist import Wish, add_to_waitlist
from tests.small_clinic import NOW, SmallClinic

from .acts import Act, prepare, series_of, together_of
from .given import at, booking, refused
from .undoing import both_of

_KEY = "taken"
_SAID = "That request was already made, for something else."
_NEW = PatientDetails("Weiß", "Bo")
KEYED: dict[str, Act] = {
    "book": lambda s, c, a: book_appointment(
        s, a, booking(c, starts_at=at("10:00", 1), key=_KEY), NOW
    ),
    "book somebody new": lambda s, c, a: book_appointment(
        s, a,
        booking(c, starts_at=at("10:00", 1), patient_id=None, new_patient=_NEW, key=_KEY), NOW,
    ),
    "overbook": lambda s, c, a: overbook_appointment(
        s, a, booking(c, starts_at=at("13:00"), patient_id=c.jonas, key=_KEY), "in pain", NOW
    ),
    "move": lambda s, c, a: move_appointment(
        s, a, MoveRequest(1, c.okafor, at("11:00", 2), 40, None, key=_KEY), NOW
    ),
    "put down": lambda s, c, a: put_down(
        s, a, MoveRequest(1, c.lee, at("15:40"), 20, None, key=_KEY), NOW
    ),
    "cancel": lambda s, _, a: cancel_appointment(
        s, a, CancelRequest(1, CancelledBy.CLINIC, "ill", key=_KEY), NOW
    ),
    "reinstate": lambda s, _, a: reinstate_appointment(s, a, 3, NOW, _KEY),
    "confirm": lambda s, _, a: flow.confirm_request(s, a, 2, NOW, _KEY),
    "arrive": lambda s, _, a: flow.arrive(s, a, 1, NOW, _KEY),
    "check in": lambda s, _, a: flow.check_in(s, a, 4, NOW, _KEY),
    "finish": lambda s, _, a: flow.finish(s, a, 4, NOW, _KEY),
    "came": lambda s, _, a: flow.mark_came(s, a, 1, at("13:30"), _KEY),
    "no-show": lambda s, _, a: flow.mark_noshow(s, a, 1, at("13:30"), _KEY),
    "step back": lambda s, _, a: flow.step_back(s, a, 4, NOW, _KEY),
    "swap": lambda s, _, a: swap_appointments(s, a, SwapRequest(1, 6, key=_KEY), NOW),
    "book a series": lambda s, c, a: book_series(
        s, a, replace(series_of(c, c.jonas, 540), key=_KEY), NOW
    ),
    "move a series": lambda s, _, a: move_series(
        s, a, SeriesMove(7, Scope.ALL, minute=660, key=_KEY), NOW
    ),
    "cancel a series": lambda s, _, a: cancel_series(
        s, a, SeriesCancel(7, Scope.ALL, CancelledBy.PATIENT, key=_KEY), NOW
    ),
    "book together": lambda s, c, a: book_together(s, a, replace(together_of(c), key=_KEY), NOW),
    "register": lambda s, _, a: register_patient(s, a, _NEW, NOW, _KEY),
    "offer": lambda s, c, a: offer_opening(
        s, a, OfferRequest(1, c.park, at("10:00", 2), key=_KEY), NOW
    ),
    "undo": lambda s, _, a: undo_last(s, a, NOW, _KEY),
}  # fmt: skip


def test_a_key_that_was_used_for_something_else_is_refused(
    database: Database, clinic: SmallClinic
) -> None:
    database.transact(prepare, clinic)
    actor = both_of(clinic)
    wish = Wish(clinic.jonas, clinic.follow_up, key=_KEY)
    waits = database.transact(add_to_waitlist, actor, wish, NOW)
    request = OfferRequest(waits, clinic.okafor, at("10:00", 1))
    made = database.transact(offer_opening, actor, request, NOW).offer_id
    for operation in (accept_offer, decline_offer):
        assert str(refused(database, BadInput, operation, actor, made, NOW, _KEY)) == _SAID
    for name, act in KEYED.items():
        assert str(refused(database, BadInput, act, clinic, actor)) == _SAID, name
