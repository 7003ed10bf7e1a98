"""Taking what is due out of the outbox, worded from what is true at that moment.

Many senders do this at once. A message belongs to the one that claimed it until its lease has
run out; what lapsed may have left, so it is unknown then and rests for one more lease before it
is handed out again: a clock that jumps ahead takes nothing from a sender that is still at it.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, and_, or_, select, text, tuple_, update
from sqlalchemy.orm import Session

from ..codes import Channel, NoticeKind, NoticeStatus
from ..errors import BadInput
from ..models import Clinic, Notice, table
from ..times.walltime import day_bounds, local_day
from .breaker import may_try, spread
from .caps import HOUR, caused_by, caused_of_late, left_today, told_today
from .delivery import Claimed
from .gathering import Leaving, Worded, code_letter, gathered, letter_of, own_templates
from .other_channel import goes_by_other
from .quiet_hours import PRESSING, TO_STAFF, is_quiet
from .still_true import addresses, facts_of_notices, outdone, why_not

_OUTBOX, _CLINIC = table(Notice), table(Clinic)
_ROUNDS = 10
_LATE, _SPREAD_OVER = timedelta(minutes=30), timedelta(minutes=15)
_CLOCKS_DIFFER = timedelta(minutes=10)
_CLAIMS = 7423
"""The number of the advisory lock under which senders claim one after another."""
_OPEN = text("outbox.status IN ('queued', 'sending', 'unknown')")
"""Written out, because only then do both databases use the index that knows nothing of the past."""


def anything_due(session: Session, channel: Channel, now: datetime) -> bool:
    """Whether a sender has anything to look at; a read, so that idle senders hold nobody up."""
    if session.scalar(_due(channel, now, quiet=False).limit(1)) is None:
        return False
    clinic = session.execute(select(_CLINIC)).one()
    quiet = is_quiet(clinic, now)
    return not quiet or session.scalar(_due(channel, now, quiet=True).limit(1)) is not None


def claim(
    session: Session,
    sender: str,
    channel: Channel,
    now: datetime,
    *,
    limit: int,
    lease: timedelta,
) -> tuple[Claimed, ...]:
    """Take at most ``limit`` messages that are due, worded from what is true now.

    What stopped being true, or comes too late, is withdrawn on the way, with the reason; what
    cannot be worded has failed and stops nobody else. Nothing is taken while the channel rests,
    beyond the clinic's cap for one day, and in its quiet hours but for what is pressing. The
    caps count what was sent: several senders may pass them by what they have in flight. Messages
    of one kind to one person leave as one.
    """
    clinic = session.execute(select(_CLINIC)).one()
    if session.get_bind().dialect.name == "postgresql":
        # Side by side they would part what belongs together. SQLite has one writer anyway.
        session.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _CLAIMS})
    _let_lapse(session, channel, now, lease)
    quiet = is_quiet(clinic, now)
    if session.scalar(_due(channel, now, quiet=quiet, takable=True).limit(1)) is None:
        return ()
    allowed = may_try(session, channel, now, lease)
    limit = min(limit, left_today(session, clinic, now), limit if allowed is None else allowed)
    for _ in range(_ROUNDS if limit > 0 else 0):
        notices = _next_due(session, channel, now, quiet=quiet, limit=limit)
        if not notices:
            break
        leaving = _sort_out(session, clinic, notices, now)
        letters = _worded(session, clinic, gathered(leaving)[:limit], now)
        if letters:
            _mark(session, sender, letters, now, lease)
            return tuple(_claimed(session, letter) for letter in letters)
    return ()


def _due(channel: Channel, now: datetime, *, quiet: bool, takable: bool = False) -> Any:
    """The numbers of the messages that are due, or have lapsed, in their order."""
    query = select(_OUTBOX.c.id).where(_OPEN, _OUTBOX.c.due_at <= now, _OUTBOX.c.channel == channel)
    if takable:
        query = query.where(_OUTBOX.c.status.in_((NoticeStatus.QUEUED, NoticeStatus.UNKNOWN)))
    if quiet:
        pressing = and_(_OUTBOX.c.kind != NoticeKind.REMINDER, _OUTBOX.c.starts_at < now + PRESSING)
        query = query.where(or_(pressing, _OUTBOX.c.kind.in_(TO_STAFF)))
    return query.order_by(_OUTBOX.c.due_at, _OUTBOX.c.id)


def _next_due(
    session: Session, channel: Channel, now: datetime, *, quiet: bool, limit: int
) -> list[Row[Any]]:
    """The next ones, locked. Of what is unknown all that was claimed together comes together.

    So it is gathered again as it was, and found again by the same words or the same number.
    """
    taking = _due(channel, now, quiet=quiet, takable=True).limit(limit)
    ids = set(session.scalars(taking.with_for_update(skip_locked=True)))
    if not ids:
        return []
    notices = list(session.execute(facts_of_notices(ids)))
    pairs = {
        (n.claimed_by, n.lease_until)
        for n in notices
        if n.status is NoticeStatus.UNKNOWN and n.claimed_by and n.lease_until
    }
    if not pairs:
        return notices
    together = _due(channel, now, quiet=quiet, takable=True).where(
        _OUTBOX.c.status == NoticeStatus.UNKNOWN,
        tuple_(_OUTBOX.c.claimed_by, _OUTBOX.c.lease_until).in_(sorted(pairs)),
    )
    ids |= set(session.scalars(together.with_for_update(skip_locked=True)))
    return list(session.execute(facts_of_notices(ids)))


def _let_lapse(session: Session, channel: Channel, now: datetime, lease: timedelta) -> None:
    """What a sender took and never wrote down is unknown from now on."""
    lapsed = (
        select(_OUTBOX.c.id)
        .where(
            _OPEN,
            _OUTBOX.c.due_at <= now,
            _OUTBOX.c.channel == channel,
            _OUTBOX.c.status == NoticeStatus.SENDING,
            _OUTBOX.c.lease_until <= now,
        )
        .with_for_update(skip_locked=True)
    )
    if ids := list(session.scalars(lapsed)):
        session.execute(
            update(_OUTBOX)
            .where(_OUTBOX.c.id.in_(ids))
            .values(
                status=NoticeStatus.UNKNOWN,
                due_at=now + lease,
                reason="The sender stopped while it was sending this.",
            )
        )


def _sort_out(
    session: Session, clinic: Row[Any], notices: list[Row[Any]], now: datetime
) -> Leaving:
    """Those that may leave now; the others are withdrawn or put off, each with the reason."""
    outdone_ids = outdone(session, notices, now)
    told = told_today(session, clinic, notices, now)
    caused = caused_of_late(session, notices, now)
    reach = addresses(session, notices)
    tomorrow = day_bounds(local_day(now, clinic.zone), clinic.zone)[1]
    leaving: Leaving = []
    for notice in notices:
        reason = why_not(session, notice, now)
        if not reason and notice.id in outdone_ids:
            reason = "A later reminder of the same visit is due."
        if not reason and notice.id not in reach:
            if notice.status is NoticeStatus.QUEUED and goes_by_other(session, notice, now):
                continue
            reason = f"There is no address for {notice.channel} any more, or no consent."
        if reason:
            _put(session, notice, status=NoticeStatus.WITHDRAWN, reason=reason)
        elif told.get(_patient_told(notice), 0) >= clinic.patient_cap:
            reason = f"More than {clinic.patient_cap} messages to one patient on one day."
            _put(session, notice, due_at=tomorrow, reason=reason)
        elif caused.get(caused_by(notice), 0) >= clinic.actor_cap:
            reason = f"More than {clinic.actor_cap} messages by one account in one hour."
            _put(session, notice, due_at=now + HOUR, reason=reason)
        elif (waits := _waits(notice, now)) > timedelta():
            _put(session, notice, due_at=now + waits, reason="Late: sent one after another.")
        else:
            leaving.append((notice, reach[notice.id]))
            if (account_id := caused_by(notice)) is not None:
                caused[account_id] = caused.get(account_id, 0) + 1
            if (patient_id := _patient_told(notice)) is not None:
                told[patient_id] = told.get(patient_id, 0) + 1
    return leaving


def _patient_told(notice: Row[Any]) -> int | None:
    """The patient who is told; None where it is somebody of the staff."""
    return notice.patient_id if notice.doctor_id is None else None


def _waits(notice: Row[Any], now: datetime) -> timedelta:
    """How long a reminder waits that is late, so that after an outage not all leave at once.

    Never for more than an eighth of the time that is left to the visit.
    """
    is_late = now - notice.due_at > _LATE and notice.status is NoticeStatus.QUEUED
    if notice.kind is not NoticeKind.REMINDER or not is_late:
        return timedelta()
    return spread(min(_SPREAD_OVER, (notice.visit_starts_at - now) / 8), notice.message_id)


def _worded(
    session: Session, clinic: Row[Any], groups: list[Leaving], now: datetime
) -> list[Worded]:
    """A letter for each; what cannot be worded has failed."""
    own = own_templates(session)
    letters = []
    for group in groups:
        try:
            if group[0][0].kind is NoticeKind.RESET:
                letters.append(code_letter(session, clinic, group, own, now))
            else:
                letters.append(letter_of(session, clinic, group, own))
        except BadInput as refusal:
            for notice, _ in group:
                _put(session, notice, status=NoticeStatus.FAILED, reason=str(refusal))
    return letters


def _mark(
    session: Session, sender: str, letters: Iterable[Worded], now: datetime, lease: timedelta
) -> None:
    """Write down whose they are; what is in doubt stays so, and rests for the lease."""
    notices = [notice for letter in letters for notice in letter.notices]
    lent = {
        "claimed_by": sender,
        "lease_until": now + lease,
        "attempts": _OUTBOX.c.attempts + 1,
    }
    for doubtful, more in (
        (False, {"status": NoticeStatus.SENDING}),
        (True, {"due_at": now + lease}),
    ):
        ids = [n.id for n in notices if (n.status is NoticeStatus.UNKNOWN) is doubtful]
        if ids:
            session.execute(update(_OUTBOX).where(_OUTBOX.c.id.in_(ids)).values(**lent, **more))


def _claimed(session: Session, letter: Worded) -> Claimed:
    first, *others = letter.notices
    doubtful = first.status is NoticeStatus.UNKNOWN
    return Claimed(
        notice_id=first.id,
        channel=first.channel,
        kind=first.kind,
        address=letter.address,
        language=letter.language,
        message_id=first.message_id,
        attempts=first.attempts + 1,
        look_up=doubtful,
        created_at=first.created_at,
        letter=letter.letter,
        known_ids=_known_ids(session, first) if doubtful else frozenset(),
        gathered=tuple(notice.id for notice in others),
    )


def _known_ids(session: Session, notice: Row[Any]) -> frozenset[str]:
    """The provider's numbers of what was sent since that one was queued: it is none of these."""
    found = session.scalars(
        select(_OUTBOX.c.provider_id).where(
            _OUTBOX.c.sent_at >= notice.created_at - _CLOCKS_DIFFER,
            _OUTBOX.c.channel == notice.channel,
            _OUTBOX.c.provider_id.is_not(None),
        )
    )
    return frozenset(found)


def _put(session: Session, notice: Row[Any], **values: Any) -> None:
    session.execute(update(_OUTBOX).where(_OUTBOX.c.id == notice.id).values(values))
