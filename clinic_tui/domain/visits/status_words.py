"""What statuses are called where people read them; their codes are for programs."""

from __future__ import annotations

from ..codes import Status

STATUS_WORDS: dict[Status, str] = {
    Status.HELD: "held",
    Status.PENDING: "to be confirmed",
    Status.BOOKED: "booked",
    Status.ARRIVED: "arrived",
    Status.CHECKED_IN: "in the room",
    Status.FULFILLED: "done",
    Status.NOSHOW: "did not come",
    Status.CANCELLED: "cancelled",
    Status.ENTERED_IN_ERROR: "entered in error",
}


def visit_stands(status: Status) -> str:
    """How a visit stands, to complete "that visit …": "is booked", "is marked “did not come”"."""
    words = STATUS_WORDS[status]
    return f"is marked “{words}”" if status is Status.NOSHOW else f"is {words}"
