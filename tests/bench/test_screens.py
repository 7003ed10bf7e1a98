"""From a key to the last byte drawn for it, in a book of a million visits and in a small one.

Two programs in two terminals of 120×40, one at each book, get the same keys by turns. A bound
holds for the 95th percentile of the wall time in the best of three rounds: whatever else the
machine does only adds to it. Beside it stands the processor's time of the same acts. The large
book is compared with the small one by the middle of each, which noise moves least.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from itertools import cycle, islice

import pytest

from tests.bench.books import LARGE, SMALL, Size
from tests.bench.conftest import UrlOf
from tests.bench.measure import Report, in_words, percentile, ratio
from tests.bench.people import FAMILIES, GIVEN
from tests.bench.terminals import Terminal, Took, running

Pair = dict[str, Terminal]
_BOARD, _DAY, _SEARCH = "\x1b[12~", "\x1b[13~", "\x1b[14~"
"""F2, F3 and F4, as xterm has them."""
_DOWN, _UP, _RIGHT, _LEFT = "\x1b[B", "\x1b[A", "\x1b[C", "\x1b[D"
_EMPTY = "\x15"
_KEYS, _TURNS = 96, 48
_NAMES = (FAMILIES[0], GIVEN[3], FAMILIES[11], f"{FAMILIES[2]} {GIVEN[0]}", FAMILIES[40])
_LINES = (
    f"{FAMILIES[0]} tue 3pm 20m".lower(),
    f"{FAMILIES[2]} {GIVEN[0]} next mon 9:20".lower(),
    f"{FAMILIES[11]} +2w".lower(),
)
_TYPED_A_SECOND = 30


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def books(
    request: pytest.FixtureRequest, url_of: UrlOf, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, Pair]]:
    """The database's kind, and the program at both of its books with the day drawn."""
    kind: str = request.param

    def opened(size: Size) -> Terminal:
        command = ["-m", "tests.bench.program", url_of(kind, size)]
        terminal = stack.enter_context(running(command, tmp_path_factory.mktemp("home")))
        terminal.until(lambda text: "▌" in text)
        return terminal

    with ExitStack() as stack:
        pair = {"large": opened(LARGE), "small": opened(SMALL)}
        for terminal in pair.values():
            terminal.wait(6)  # Past what the program puts off until it stands.
        yield kind, pair


def _by_turns(pair: Pair, keys: Iterator[str]) -> dict[str, list[Took]]:
    took: dict[str, list[Took]] = {name: [] for name in pair}
    for key in keys:
        for name, terminal in pair.items():
            took[name].append(terminal.press(key))
    return took


def _hold(
    report: Report, what: str, most_ms: float, measure: Callable[[], dict[str, list[Took]]]
) -> None:
    measured: dict[str, list[float]] = {}

    def alone() -> tuple[float, str]:
        took = measure()
        measured.update({name: [one.wall for one in found] for name, found in took.items()})
        cpu = [one.cpu for one in took["large"]]
        words = f"{in_words(measured['large'])}; processor {in_words(cpu)}"
        return percentile(measured["large"], 95), words

    def against_small() -> tuple[float, str]:
        if not measured:
            alone()
        large, small = measured.pop("large"), measured.pop("small")
        return ratio(large, small), f"large {in_words(large)}, small {in_words(small)}"

    try:
        report.hold(f"{what}, p95", "ms", most_ms, alone)
    finally:
        report.hold(f"{what}, large book to small, p50", "×", 1.3, against_small)


def test_a_cursor_key(books: tuple[str, Pair], report: Report) -> None:
    """In the middle of the day: at an edge a key draws nothing."""
    kind, pair = books
    for terminal in pair.values():
        for key in (_RIGHT,) * 12 + (_DOWN,) * 8:
            terminal.press(key)
    path = (_DOWN,) * 6 + (_RIGHT,) * 2 + (_UP,) * 6 + (_LEFT,) * 2
    _hold(report, f"{kind}: cursor key", 8, lambda: _by_turns(pair, islice(cycle(path), _KEYS)))


def test_a_key_on_the_board(books: tuple[str, Pair], report: Report) -> None:
    """Up and down among a thousand visits of today."""
    kind, pair = books
    for terminal in pair.values():
        terminal.press(_BOARD, quiet=0.5)
    path = (_DOWN,) * 6 + (_UP,) * 6
    try:
        _hold(
            report,
            f"{kind}: key on the board",
            8,
            lambda: _by_turns(pair, islice(cycle(path), _KEYS)),
        )
    finally:
        for terminal in pair.values():
            terminal.press(_DAY, quiet=0.5)


def test_a_change_of_day(books: tuple[str, Pair], report: Report) -> None:
    """There and back over the working days that both books hold; the read is in it."""
    kind, pair = books
    path = ("]",) * 4 + ("[",) * 4
    _hold(
        report, f"{kind}: change of day", 40, lambda: _by_turns(pair, islice(cycle(path), _TURNS))
    )


def test_a_key_of_a_search(books: tuple[str, Pair], report: Report) -> None:
    """Names as they are typed, the record of the first one found beside the list."""
    kind, pair = books

    def measure() -> dict[str, list[Took]]:
        took: dict[str, list[Took]] = {name: [] for name in pair}
        for name in _NAMES:
            for terminal in pair.values():
                terminal.press(_EMPTY + " " + _EMPTY, quiet=0.3)
            for one, found in _by_turns(pair, iter(name.lower())).items():
                took[one] += found
        return took

    for terminal in pair.values():
        terminal.press(_SEARCH, quiet=0.5)
    try:
        _hold(report, f"{kind}: key of a search", 45, measure)
        _keys_lost(report, kind, pair["large"], "Find")
    finally:
        for terminal in pair.values():
            terminal.press(_DAY, quiet=0.5)


def test_a_key_in_the_booking_bar(books: tuple[str, Pair], report: Report) -> None:
    """All of a visit in one line: until what was understood, and whether it is free, is drawn."""
    kind, pair = books

    def measure() -> dict[str, list[Took]]:
        took: dict[str, list[Took]] = {name: [] for name in pair}
        for line in _LINES:
            for terminal in pair.values():
                terminal.press(_EMPTY + " " + _EMPTY, quiet=0.5)
            for one, found in _by_turns(pair, iter(line)).items():
                took[one] += found
        return took

    for terminal in pair.values():
        terminal.press("b", quiet=0.5)
        terminal.until(lambda text: "Book a visit" in text)
    try:
        _hold(report, f"{kind}: key of a line of the booking bar", 50, measure)
        _keys_lost(report, kind, pair["large"], "Patient")
    finally:
        for terminal in pair.values():
            terminal.press(_EMPTY + "\x1b", quiet=0.5)


def _keys_lost(report: Report, kind: str, terminal: Terminal, label: str) -> None:
    """The field holds every letter that was typed, however fast."""
    typed = "".join(_NAMES).lower().replace(" ", "")

    def measure() -> tuple[float, str]:
        terminal.press(_EMPTY + " " + _EMPTY, quiet=0.3)
        terminal.type(typed, _TYPED_A_SECOND)
        shown = next(line for line in terminal.text.splitlines() if label in line)
        return float(typed not in shown), f"{len(typed)} letters, {_TYPED_A_SECOND} a second"

    report.hold(f"{kind}: keys lost after “{label}” typed fast", "", 0, measure)


def test_memory(books: tuple[str, Pair], report: Report) -> None:
    """After all that was done before: what the kernel counts as the program's (RSS)."""
    kind, pair = books
    for terminal in pair.values():
        for keys in (_SEARCH, "maria", _DAY, "]", "M", "]", "\x1b"):
            terminal.press(keys, quiet=0.5)

    def measure() -> tuple[float, str]:
        held = pair["large"].memory()
        return held["Rss"], f"of which its own alone (PSS) {held['Pss']:.3g} MB"

    def against_small() -> tuple[float, str]:
        large, small = (pair[name].memory()["Rss"] for name in ("large", "small"))
        return large / small, f"large {large:.3g}, small {small:.3g} MB"

    try:
        report.hold(f"{kind}: memory", "MB", 120, measure)
    finally:
        report.hold(f"{kind}: memory, large book to small", "×", 1.3, against_small)
