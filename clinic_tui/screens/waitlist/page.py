"""The waitlist: read, put into its parts, narrowed by a name, with what fits whom."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from textual import on, work
from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Input, Static

from ...domain.access import Permission, Reach, reach
from ...domain.change_log import ChangeKind
from ...domain.errors import Opening, Refusal
from ...domain.waitlist.what_fits import openings_wanted
from ...domain.waitlist.who_waits import Waiting, list_waitlist
from ..base import ClinicScreen
from ..reading import read_for
from ..safe import safe
from ..styles import style_sheet
from ..typing_ahead import look_at_keys
from ..widgets.find_bar import FindBar
from ..widgets.lists.parted_list import Heading
from ..widgets.lists.waiting_list import WaitingLine, WaitingList
from ..widgets.steady import Steady
from .words import (
    Fits,
    Part,
    about_words,
    counted,
    counts_line,
    fits_words,
    named_so,
    nobody_words,
    offer_words,
    part_of,
)

if TYPE_CHECKING:
    from ...changes import News
    from ...desk import Desk

_MOST = 500
_LOOKED_FOR = 40
"""For so many of them it is looked what fits next: more than a large terminal shows."""
_READ_SECONDS = 15
"""How often the list is read anew, whatever has been heard of changes."""
_LISTED = frozenset({ChangeKind.WAITLIST, ChangeKind.PATIENT, ChangeKind.DOCTOR, ChangeKind.CLINIC})
_FITTING = frozenset({ChangeKind.HOURS, ChangeKind.VISIT})
_OF_OPENINGS = frozenset({"offer", "later"})
"""Actions that need what fits."""


class WaitlistPage(ClinicScreen):
    """Shows the list and keeps it true. What keys do to a place is for ``WaitlistScreen``.

    Who waits is read first and shown at once; what fits whom takes longer and follows.
    """

    CSS_PATH = style_sheet("waitlist")

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        # Kept, not looked for: keys are asked about also while the screen is being closed.
        self._list = WaitingList(id="waiting")
        self._search = FindBar("a patient or a doctor, by name")
        self._places: tuple[Waiting, ...] = ()
        self._is_read = False
        self._on: int | None = None
        self._fits: Fits | None = None
        self._offered: tuple[object, ...] = ()
        self._outdated = ""
        self._asked = self._answered = 0
        self._reading = self._again = False

    def compose_body(self) -> ComposeResult:
        """How many wait, the search line while it is used, the list, and one place in words."""
        yield Steady(id="counts")
        yield self._search
        yield self._list
        yield Static("", id="about", markup=False)
        yield Static("", id="fits", markup=False)

    def on_mount(self) -> None:
        """Keep it true."""
        self._list.focus()
        self.watch(self._list, "row", self.moved, init=False)
        self.set_interval(1, self._count_down)
        self.set_interval(_READ_SECONDS, self._read_if_seen)

    def on_screen_resume(self) -> None:
        """What was done elsewhere shows here."""
        self.load()

    @property
    def place(self) -> Waiting | None:
        """The place under the cursor."""
        return self._list.current

    @property
    def openings(self) -> tuple[Opening, ...]:
        """What was found for whoever is under the cursor."""
        found, place = self._fits, self.place
        if found is None or place is None or found.entry_id != place.entry_id:
            return ()
        return found.openings or ()

    @property
    def _offers(self) -> bool:
        """Whether the person at this desk may offer anything."""
        return reach(self.desk.actor, Permission.OFFER) is not Reach.NONE

    @property
    def is_behind(self) -> bool:
        """Whether it is still to be seen who waits."""
        return not (self._is_read or self._outdated)

    def is_early(self, key: str) -> bool:
        """Whether that key has to wait: who waits is to be seen, or what fits them."""
        if super().is_early(key):
            return True
        looking = self._fits is not None and self._fits.openings is None
        return looking and not self.meant_by(key).isdisjoint(_OF_OPENINGS)

    # Reading

    def _read_if_seen(self) -> None:
        if self.is_current and self.desk.is_signed_in:
            self.load()

    def hear(self, news: News) -> None:
        """Who waits, and what is free for them."""
        kinds = {change.kind for change in news.changes}
        if news.everything or kinds & (_LISTED | _FITTING):
            self._read_if_seen()

    def load(self) -> None:
        """Read the list and show it; while that goes on, once more after it."""
        if self._reading:
            self._again = True
        else:
            self._reading = True
            self.load_list()

    @work(group="load-waitlist")
    async def load_list(self) -> None:
        """Read who waits, then what fits them."""
        try:
            await self.read()
        finally:
            self._reading = False
        if self._again:
            self._again = False
            self.load()

    async def read(self) -> None:
        """Who waits at once, what fits them as soon as it is found."""
        if not self._is_read:
            await self._read(0)
        await self._read(_LOOKED_FOR)

    async def _read(self, look_for: int) -> None:
        """Read and show, unless something read later is there already."""
        self._asked = asked = self._asked + 1
        desk, now = self.desk, self.desk.now()
        try:
            places = await read_for(self, desk, list_waitlist, now, next_for=look_for, limit=_MOST)
        except Refusal as refusal:
            self._outdated = str(refusal)
            self._count()
            look_at_keys(self)
            return
        if asked > self._answered:
            self._answered, self._outdated = asked, ""
            changed = places != self._places or not self._is_read
            self._places, self._is_read = places, True
            if changed:
                self._show()
            self._count()
            # Other openings under the digits that somebody is about to press would be a trap.
            fits = self._fits
            self.look_for_openings(fits.after if fits and fits.openings != () else None)
            look_at_keys(self)

    def look_for_openings(self, after: datetime | None = None) -> None:
        """Look what fits whoever is under the cursor."""
        place = self.place
        if place is not None and place.offer is None and self._offers:
            shown = self._fits
            if shown is None or (shown.entry_id, shown.after) != (place.entry_id, after):
                self._fits = Fits(place.entry_id, after=after)
            self.load_openings(place.entry_id, after)
        else:
            self._fits = None
        self._say()

    @work(exclusive=True, group="load-openings")
    async def load_openings(self, entry_id: int, after: datetime | None) -> None:
        """Read what fits; the place under the cursor next overtakes the one before."""
        try:
            found = await read_for(
                self, self.desk, openings_wanted, entry_id, self.desk.now(), after
            )
        except Refusal as refusal:
            self._outdated, self._fits = str(refusal), None
            self._count()
            return
        self._fits = Fits(entry_id, found, after)
        self._say()

    # Showing

    def _show(self) -> None:
        """The list as it is, with the cursor on the place on which it was."""
        sought = self._search.sought
        found = named_so(self._places, sought)
        lines: list[WaitingLine] = []
        for part in Part:
            inside = [one for one in found if part_of(one) is part]
            if inside:
                lines += [Heading(part.value, str(len(inside))), *inside]
        self._list.show(
            lines,
            self.desk.now(),
            self.desk.zone,
            words=nobody_words(sought, is_patient=self.desk.actor.is_patient),
            on=self._on,
        )
        self._count()
        self._follow()

    def _count(self) -> None:
        line = self.query_one("#counts", Steady)
        if self._outdated:
            line.put(Content.styled(f" {safe(self._outdated).plain}", "$error"))
        elif self._is_read:
            line.put(counts_line(counted(self._places), more=len(self._places) == _MOST))

    def moved(self) -> None:
        """Another place is under the cursor."""
        self._follow()
        self.look_for_openings()

    def _follow(self) -> None:
        place = self.place
        if place is not None:
            self._on = place.entry_id
        if self._fits is not None and (place is None or place.entry_id != self._fits.entry_id):
            self._fits = None
        self._say()

    def _say(self) -> None:
        """Of the place under the cursor: who, for what, and what fits or is offered."""
        place, settings, now = self.place, self.desk.settings, self.desk.now()
        about = fits = Content("")
        if place is not None:
            about = about_words(place, settings, now)
            if place.offer is not None:
                fits = offer_words(place, settings, now)
            elif self._fits is not None:
                fits = fits_words(self._fits, settings.zone)
        self.query_one("#about", Static).update(about, layout=False)
        self.query_one("#fits", Static).update(fits, layout=False)
        self._offer_keys()

    def _offer_keys(self) -> None:
        """The footer is made anew only where other keys lead on."""
        place = self.place
        now = (place is None, place is not None and place.offer is not None, bool(self.openings))
        if now != self._offered:
            self._offered = now
            self.refresh_bindings()

    def _count_down(self) -> None:
        """What is offered runs out by the second, and is over when nothing is left."""
        if not self.is_current or not self.desk.is_signed_in:
            return
        now = self.desk.now()
        self._list.count_down(now)
        if any(one.offer is not None and one.offer.expires_at <= now for one in self._places):
            self.load()
        elif self.place is not None and self.place.offer is not None:
            self._say()

    # Moving about

    def action_find(self) -> None:
        """A line to type a name into; the list is narrowed with every letter."""
        self._search.begin()

    @on(Input.Changed, "#find")
    def narrow(self) -> None:
        """Only those of that name."""
        self._show()
        self.look_for_openings()

    def action_move(self, lines: int) -> None:
        """Another line of the list, without leaving the search line."""
        self._list.move(lines)

    def action_page(self, pages: int) -> None:
        """Another page of the list, without leaving the search line."""
        self._list.action_page(pages)

    def action_enter_list(self) -> None:
        """To those who were found, where letters act."""
        self._list.focus()

    def action_back(self) -> None:
        """One step back: everybody again."""
        if self._search.display:
            self._search.put_away()
            self._list.focus()
            self._show()
