"""Series in words: shown before they are booked, booked, moved, cancelled."""

from __future__ import annotations

import pytest

from .conftest import Clinic, SignedIn

WHO = ("--patient", "garcia", "--doctor", "lee", "--type", "follow", "--time", "10:00")
WEEKLY = (*WHO, "--day", "tue", "--every", "week", "--times", "3")


def test_a_series_from_the_preview_to_the_last_visit(desk_line: SignedIn, ana: Clinic) -> None:
    ana.ok(
        "book", "--patient", "lind", "--doctor", "lee", "--type", "vacc", "--at", "2026-12-01 10:10"
    )
    assert ana.ok("series", "preview", *WEEKLY).splitlines() == [
        "+  Tue 24 Nov 2026 10:00–10:20",
        "!  Tue 1 Dec 2026 10:00–10:20  Dr Lee is taken Tue 1 Dec 2026 10:10–10:20."
        " Nearest: Tue 1 Dec 2026 09:50–10:10  Dr Lee.",
        "+  Tue 8 Dec 2026 10:00–10:20",
    ]
    assert ana.refused("series", "book", *WEEKLY).splitlines() == [
        "Dr Lee is taken Tue 1 Dec 2026 10:10–10:20: nothing of the series was booked.",
        "  1  Tue 1 Dec 2026 09:50–10:10  Dr Lee",
    ]
    assert ana.ok("series", "book", *WEEKLY, "--nearest", "--room", "1").splitlines() == [
        "2  Tue 24 Nov 2026 10:00–10:20  Dr Lee, Room 1  booked",
        "3  Tue 1 Dec 2026 09:50–10:10  Dr Lee, Room 1  booked",
        "4  Tue 8 Dec 2026 10:00–10:20  Dr Lee, Room 1  booked",
        "15 messages queued.",
    ]
    moved = ana(
        "series", "move", "3", "--scope", "following", "--time", "3pm", "--no-room", "--json"
    ).json
    assert [one["starts_at"] for one in moved["visits"]] == [
        "2026-11-24T10:00:00+01:00",
        "2026-12-01T15:00:00+01:00",
        "2026-12-08T15:00:00+01:00",
    ]
    assert [one["room"] for one in moved["visits"]] == ["Room 1", None, None]
    assert "nothing of the series was moved" in ana.refused(
        "series", "move", "2", "--scope", "all", "--days", "4"
    )
    ana.ok("waitlist", "add", "--patient", "okoye", "--type", "follow")
    gone = ana.ok("series", "cancel", "4", "--scope", "this", "--reason", "holiday").splitlines()
    assert gone[2].endswith("cancelled")
    assert gone[-2] == "Tue 8 Dec 2026 15:00–15:20, Dr Lee, is free again. It would suit:"
    assert "Sam Okoye" in gone[-1]
    shown = ana("series", "show", "2", "--json").json
    assert [one["status"] for one in shown["visits"]] == ["booked", "booked", "cancelled"]
    assert shown["rule"] == "FREQ=WEEKLY;INTERVAL=1;COUNT=3"


def test_only_what_fits(ana: Clinic) -> None:
    words = (*WHO, "--day", "thu", "--rule", "FREQ=DAILY;COUNT=3")
    shown = ana("series", "preview", *words, "--json").json
    assert [(one["fits"], one["kind"]) for one in shown] == [
        (True, None),
        (True, None),
        (False, "OutsideHours"),
    ]
    assert len(ana.ok("series", "book", *words, "--fitting").splitlines()) == 3
    assert ana.refused("series", "book", *words, "--fitting") == "No date of that series fits."


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ((), "Say how it repeats"),
        (("--every", "week"), "Say how it repeats"),
        (("--every", "fortnight", "--times", "3"), "Say how it repeats"),
        (("--every", "week", "--times", "3", "--last-day", "fri"), "Say how it repeats"),
        (("--every", "week", "--times", "3", "--rule", "FREQ=DAILY;COUNT=3"), "Say how it repeats"),
        (("--every", "0 weeks", "--times", "3"), "INTERVAL takes 1 to 366."),
        (("--every", "day", "--times", "10000"), "A series has at most 100 visits."),
        (("--rule", "tuesdays"), "A rule looks like FREQ=WEEKLY;COUNT=10"),
        (("--rule", "\udce9"), "A rule looks like FREQ=WEEKLY;COUNT=10"),
    ],
)
def test_each_wrong_rule_gets_its_sentence(
    ana: Clinic, words: tuple[str, ...], sentence: str
) -> None:
    for verb in ("preview", "book"):
        refused = ana.refused("series", verb, *WHO, *words)
        assert sentence in refused
        assert len(refused.splitlines()) == 1


def test_a_visit_in_no_series(ana: Clinic) -> None:
    assert ana.refused("series", "show", "7") == "There is no such appointment."
    assert ana.refused("series", "move", "7", "--scope", "all") == "There is no such appointment."
    assert ana("series", "move", "7", "--scope", "every").code == 2
