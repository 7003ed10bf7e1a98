"""Pasting into the fields of the screen in front, and what may become of it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence

from textual import events
from textual.pilot import Pilot
from textual.widgets import Input, Static

from clinic_tui.screens.widgets.pick_field import PickField

from .seen import bare, check_harmless, text_in
from .strings import controls


def one_line(text: str) -> str:
    """What stands in a field after that was pasted into it: its line breaks are blanks."""
    return " ".join(text.splitlines())


async def paste(pilot: Pilot[int], pasted: Mapping[str, str]) -> None:
    """Paste into empty fields; nothing of it is lost."""
    await _put(pilot, pasted)
    check_kept(pilot, pasted)


async def _put(pilot: Pilot[int], pasted: Mapping[str, str]) -> None:
    """As a terminal tells of it."""
    screen = pilot.app.screen
    for field, text in pasted.items():
        control = screen.query_one(field, Input)
        control.value = ""
        screen.set_focus(control, scroll_visible=False)
        await pilot.app.on_event(events.Paste(text))
        if isinstance(control, PickField.Line):
            await pilot.pause()  # No hand leaves a field before it has heard what was pasted.
    await pilot.pause()


def check_kept(pilot: Pilot[int], pasted: Mapping[str, str]) -> None:
    """Every field still holds what was pasted into it, and nothing on the screen acts."""
    for field, text in pasted.items():
        assert pilot.app.screen.query_one(field, Input).value == one_line(text), field
    check_harmless(pilot)


def check_sentence(pilot: Pilot[int], says: str = "#refusal") -> str:
    """The one sentence under the fields, which quotes nothing that a terminal would obey."""
    line = pilot.app.screen.query_one(says, Static)
    sentence = str(line.render())
    assert sentence.endswith((".", "?")), sentence
    assert controls(sentence) == [], sentence
    assert bare(sentence)[:10] in text_in(line), sentence
    return sentence


async def try_all(
    pilot: Pilot[int], fields: Sequence[str], texts: Sequence[str], *, key: str = "ctrl+s"
) -> AsyncIterator[tuple[str, str]]:
    """Paste the texts, one into each field at a time, and try to save them; what was said.

    The dialog must be one that never lets go: something else in it is always refused.
    """
    screen = pilot.app.screen
    for batch in batched(texts, len(fields)):
        pasted = dict(zip(fields, batch, strict=False))
        await _put(pilot, pasted)
        await pilot.press(key)
        assert pilot.app.screen is screen, pasted
        check_kept(pilot, pasted)
        yield str(pasted), check_sentence(pilot)
        for field in pasted:
            screen.query_one(field, Input).value = ""


def batched(texts: Sequence[str], many: int) -> list[Sequence[str]]:
    """So many at a time."""
    return [texts[at : at + many] for at in range(0, len(texts), many)]
