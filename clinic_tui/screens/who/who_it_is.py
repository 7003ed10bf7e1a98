"""Whom something is about, asked before it begins: found, or registered first."""

from __future__ import annotations

from weakref import WeakKeyDictionary

from ...domain.access import Permission, Reach, reach
from ...domain.bar.bar import Meaning
from ..base import ClinicScreen
from ..patients.registering import register_new
from .dialog import WhoAnswer, WhoDialog

_left: WeakKeyDictionary[ClinicScreen, dict[str, str]] = WeakKeyDictionary()
"""What stood in the line when it was left, by what it asked."""


async def ask_who(
    screen: ClinicScreen, title: str, needed: Permission
) -> tuple[int, Meaning] | None:
    """The patient, and what the line says beside the name; None where it is left.

    A patient is not asked: for whoever has ``needed`` for their own alone, it is themselves.
    """
    actor, left = screen.desk.actor, _left.setdefault(screen, {})
    if reach(actor, needed) is Reach.OWN and actor.patient_id is not None:
        return actor.patient_id, Meaning()
    dialog = WhoDialog(screen.desk, left.pop(title, ""), title)
    who: WhoAnswer = await screen.app.push_screen_wait(dialog)
    patient_id = who.patient_id
    if who.new:
        patient_id = await register_new(screen, who.line, {})
    if patient_id is None:
        left[title] = who.line
        return None
    return patient_id, who.meaning
