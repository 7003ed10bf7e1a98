"""What messages and their channels are called where people read them."""

from __future__ import annotations

from ..codes import Channel, NoticeKind

CHANNELS = {Channel.EMAIL: "e-mail", Channel.SMS: "SMS"}
KINDS: dict[NoticeKind, str] = {
    NoticeKind.CONFIRMATION: "confirmation",
    NoticeKind.REMINDER: "reminder",
    NoticeKind.CHANGED: "change",
    NoticeKind.CANCELLED: "cancellation",
    NoticeKind.OFFER: "offer",
    NoticeKind.ABSENCE: "absence",
    NoticeKind.AGENDA: "agenda",
    NoticeKind.RESET: "password reset",
}
