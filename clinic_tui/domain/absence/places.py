"""Where the visits of an absence plan go, one after another, and what is said of each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import islice
from typing import Any

from sqlalchemy import Row
from sqlalchemy.orm import Session

from ..access import Actor
from ..clinic.settings import ClinicSettings
from ..codes import Fate, Prefer, Status
from ..errors import Opening
from ..text import full_name
from ..visits.conflicts import Place
from ..visits.requests import MOVABLE
from .causes import Cause
from .lines import Decision, PlanLine, PlanWish
from .ways import Ways

_FEW = 3
"""As many openings as one reads aloud, with the doctor and with colleagues each."""


class Planner:
    """Decides about the visits of one plan, each keeping clear of those before it."""

    def __init__(
        self,
        session: Session,
        cause: Cause,
        wish: PlanWish,
        settings: ClinicSettings,
        asked: tuple[Actor, datetime],
        rows: Sequence[Row[Any]],
        known: Mapping[int, Decision],
    ) -> None:
        moves = [one for one in known.values() if one.starts_at is not None]
        self._ways = Ways(session, cause, wish, settings, asked, rows, moves)
        self._wish, self._rows = wish, rows
        self.places: dict[int, Place] = {}

    def decided(self, known: Mapping[int, Decision]) -> dict[int, PlanLine]:
        """The lines whose decisions can be had, by visit."""
        leaving = [one for one in known.values() if one.fate in (Fate.MOVE, Fate.CANCEL)]
        self._ways.give_back({one.appointment_id for one in leaving})
        lines = {}
        for row in self._rows:
            decision = known.get(row.id)
            if decision is None:
                continue
            if decision.fate is not Fate.MOVE:
                lines[row.id] = replace(self._line(row, decision.fate), tell=decision.tell)
                continue
            place = self._ways.place_of(row, decision.doctor_id or 0, decision.room_id)
            place = replace(place, starts_at=decision.starts_at or row.starts_at)
            if self._ways.can_be_had(row, place):
                lines[row.id] = self._moved(row, place)
        return lines

    def proposed(self, row: Row[Any]) -> PlanLine:
        """What becomes of a visit about which nothing is decided."""
        if row.status not in MOVABLE:
            return self._line(row, Fate.KEEP, "is in the room now")
        if not self._ways.may_move(row):
            return self._line(row, Fate.CALL, "you may not move that visit")
        if self._wish.prefer is Prefer.CALL:
            return self._line(row, Fate.CALL)
        ways = [self._ways.with_same_doctor, self._ways.with_colleague]
        if row.status is Status.ARRIVED:
            ways = [self._ways.with_colleague, self._ways.with_same_doctor_today]
        elif self._wish.prefer is Prefer.COLLEAGUE:
            ways.reverse()
        for way in ways:
            place = way(row)
            if place is not None:
                return self._moved(row, place)
        return self._line(row, Fate.CALL, self._ways.why_none(row))

    def openings(self, row: Row[Any]) -> tuple[Opening, ...]:
        """Where such a visit fits, for whoever decides about it: with its doctor on three days,
        then with three colleagues, those of its own day first. None where it may not be moved.
        """
        if row.status not in MOVABLE or not self._ways.may_move(row):
            return ()
        found = [
            *islice(self._ways.by_same_doctor(row), _FEW),
            *islice(self._ways.by_colleagues(row), _FEW),
        ]
        return tuple(self._ways.opening(row, place) for place in found)

    def _moved(self, row: Row[Any], place: Place) -> PlanLine:
        self._ways.take(place)
        self.places[row.id] = place
        return replace(self._line(row, Fate.MOVE), to=self._ways.opening(row, place))

    def _line(self, row: Row[Any], fate: Fate, why: str = "") -> PlanLine:
        return PlanLine(
            0,
            row.id,
            row.sequence,
            row.status,
            row.patient_id,
            full_name(row.patient_given, row.patient_family),
            row.visit_type,
            row.doctor_id,
            row.shown_name,
            row.room,
            row.starts_at,
            row.ends_at,
            fate,
            why=why,
        )
