"""Where else a visit in the way of an absence could go, for whoever decides about it by hand."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from ..access import Actor
from ..clinic.settings import load_settings
from ..errors import Opening
from .absence import Acceptance
from .causes import as_seen, permitted
from .lines import PlanWish
from .plan import checked_decisions, openings_instead

_DAYS = 60
"""Looked ahead for one visit: of it there may have been no opening nearer."""


def other_openings(
    session: Session, actor: Actor, acceptance: Acceptance, appointment_id: int, now: datetime
) -> tuple[Opening, ...]:
    """Where one visit of a plan could go, the others as they are decided; writes nothing.

    With its doctor the first opening of each of three days, then three with colleagues, those of
    its own day first. None where the actor may not book that visit. Refused as planning is;
    ``NotFound`` for a visit that is not in the way.
    """
    cause = as_seen(session, permitted(session, acceptance.cause, actor, now))
    checked_decisions(acceptance.decisions)
    settings, asked = load_settings(session), (actor, now)
    wish, decisions = PlanWish(days=_DAYS), acceptance.decisions
    return openings_instead(session, cause, wish, settings, asked, decisions, appointment_id)
