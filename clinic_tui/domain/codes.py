"""The codes of the field: statuses, channels, kinds of messages. Text in the database."""

from __future__ import annotations

from enum import StrEnum


class Status(StrEnum):
    """FHIR R4 Appointment.status, with ``held`` for an opening kept while a desk talks."""

    HELD = "held"
    PENDING = "pending"
    BOOKED = "booked"
    ARRIVED = "arrived"
    CHECKED_IN = "checked-in"
    FULFILLED = "fulfilled"
    CANCELLED = "cancelled"
    NOSHOW = "noshow"
    ENTERED_IN_ERROR = "entered-in-error"


HERE = (Status.ARRIVED, Status.CHECKED_IN)
"""Of visits whose patients have come and not been seen off."""


class Sex(StrEnum):
    """FHIR R4 AdministrativeGender."""

    FEMALE = "female"
    MALE = "male"
    OTHER = "other"
    UNKNOWN = "unknown"


class Channel(StrEnum):
    """How a message leaves."""

    EMAIL = "email"
    SMS = "sms"


class NoticeKind(StrEnum):
    """What a queued message says."""

    CONFIRMATION = "confirmation"
    REMINDER = "reminder"
    CHANGED = "changed"
    CANCELLED = "cancelled"
    OFFER = "offer"
    ABSENCE = "absence"
    AGENDA = "agenda"
    RESET = "reset"


class NoticeStatus(StrEnum):
    """Where a message is on its way.

    ``unknown`` means that it may have left: it is looked up before it is sent again.
    """

    QUEUED = "queued"
    SENDING = "sending"
    UNKNOWN = "unknown"
    SENT = "sent"
    DELIVERED = "delivered"
    FAILED = "failed"
    WITHDRAWN = "withdrawn"


class ReplyMeaning(StrEnum):
    """What a patient's answer to a message means."""

    YES = "yes"
    NO = "no"
    STOP = "stop"
    START = "start"
    OTHER = "other"


class ReplyStatus(StrEnum):
    """Whether somebody still has to look at a reply."""

    OPEN = "open"
    DONE = "done"


class CancelledBy(StrEnum):
    """Whose wish a cancellation was."""

    PATIENT = "patient"
    CLINIC = "clinic"


class Spread(StrEnum):
    """Which of the openings are wanted."""

    PLAIN = "plain"
    """Every start on the clinic's grid."""
    SPACED = "spaced"
    """Those of one doctor at least one visit apart, as one reads them aloud."""
    THREE = "three"
    """Three different ones: the soonest, a later one, one as the patient usually comes."""


class Pick(StrEnum):
    """As what one of three openings is offered."""

    SOONEST = "soonest"
    LATER = "later"
    USUAL = "usual"


class Reason(StrEnum):
    """Why there is no opening, or why one minute of a doctor is as it is."""

    NO_HOURS = "no_hours"
    AWAY = "away"
    HOLIDAY = "holiday"
    TOO_SOON = "too_soon"
    BEYOND_HORIZON = "beyond_horizon"
    RESERVED = "reserved"
    FULLY_BOOKED = "fully_booked"
    NO_GAP_LONG_ENOUGH = "no_gap_long_enough"
    TAKEN = "taken"
    HELD = "held"
    BUFFER = "buffer"
    FREE = "free"


class Urgency(StrEnum):
    """How soon somebody on the waitlist has to be seen, least urgent first."""

    ROUTINE = "routine"
    SOON = "soon"
    URGENT = "urgent"


class WaitlistStatus(StrEnum):
    """Where somebody on the waitlist stands."""

    WAITING = "waiting"
    OFFERED = "offered"
    BOOKED = "booked"
    WITHDRAWN = "withdrawn"


class OfferStatus(StrEnum):
    """What became of an opening offered to somebody who waits."""

    OPEN = "open"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    EXPIRED = "expired"


class Fate(StrEnum):
    """What becomes of a visit in the way. One to call about stands until somebody has called."""

    MOVE = "move"
    CALL = "call"
    KEEP = "keep"
    CANCEL = "cancel"


class Prefer(StrEnum):
    """Where a visit is proposed first."""

    SAME_DOCTOR = "same-doctor"
    COLLEAGUE = "colleague"
    CALL = "call"
