"""What a status looks like in one column, so that colour never tells it alone."""

from __future__ import annotations

from ..domain.codes import Status

STATUS_SIGNS: dict[Status, str] = {
    Status.HELD: "◌",
    Status.PENDING: "?",
    Status.BOOKED: " ",
    Status.ARRIVED: "◆",
    Status.CHECKED_IN: "▶",
    Status.FULFILLED: "✓",
    Status.NOSHOW: "✗",
    Status.CANCELLED: "–",
    Status.ENTERED_IN_ERROR: "–",
}
CONFIRMED = "●"
"""The patient has said that they will come."""
UNSENT = "✉"
"""A message about the visit failed."""
