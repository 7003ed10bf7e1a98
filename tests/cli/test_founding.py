"""From nothing to a clinic that works: init, signing in, accounts, hours, visit types, rooms."""

from __future__ import annotations

import re
import stat
from pathlib import Path
from resource import RLIMIT_FSIZE, getrlimit, setrlimit

import pytest

from clinic_tui.cli.desks import store_token, token_file
from clinic_tui.cli.machine import machine_region, machine_zone
from clinic_tui.config import load_config

from ..small_clinic import PASSWORD
from .conftest import Clinic, SignedIn

_FOUND = ("init", "--name", "Riverside", "--zone", "Europe/Berlin", "--region", "DE",
          "--holidays", "DE-BE", "--admin", "ada")  # fmt: skip


def test_init_makes_a_clinic_and_a_second_one_changes_nothing(
    run: Clinic, fresh_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CLINIC_DATABASE", fresh_url)
    founded, *more = run.ok(*_FOUND, CLINIC_PASSWORD=PASSWORD).splitlines()
    assert founded == "Riverside is founded, and ada is its admin."
    assert more == ["Next: “clinic sign-in”; then “clinic import doctors --help”."]
    again = run.ok("init", "--name", "Other", "--admin", "eve", CLINIC_PASSWORD=PASSWORD)
    assert again == "This clinic is up to date: nothing was changed.\n"
    variables = {"CLINIC_USER": "ada", "CLINIC_PASSWORD": PASSWORD}
    assert run.ok("sign-in", **variables) == "Signed in as ada (admin).\n"
    file = token_file(load_config())
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    assert run.ok("user", "list").startswith("ada ")
    assert "WRONG" not in run.ok("check")
    assert run.ok("sign-out") == "Signed out.\n"
    assert not file.exists()
    assert "You are not signed in" in run.refused("user", "list")


def test_a_clinic_elsewhere_is_found_by_what_init_says(run: Clinic, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'elsewhere.db'}"
    said = run.ok(*_FOUND, "--database", url, CLINIC_PASSWORD=PASSWORD).splitlines()
    settings = tmp_path / "elsewhere.toml"
    settings.write_text(said[2], encoding="utf-8")
    assert said[1].endswith("or set CLINIC_DATABASE:")
    assert "Riverside" in run.ok("--config", str(settings), "check")


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--zone", "Mars/Olympus"), "“Mars/Olympus” is no time zone"),
        (("--region", "Germany"), "is no country code"),
        (("--holidays", "DE-XX"), "No holidays are known"),
        (("--name", "a\x1b"), "Clinic name holds a character that cannot be shown"),
        (("--admin", "two words"), "A user name is one word"),
    ],
)
def test_init_is_refused_with_a_sentence(
    run: Clinic, fresh_url: str, words: tuple[str, str], sentence: str
) -> None:
    said = run(*_FOUND, *words, CLINIC_DATABASE=fresh_url, CLINIC_PASSWORD=PASSWORD)
    assert (said.code, said.out) == (1, "")
    assert sentence in said.err
    variables = {"CLINIC_DATABASE": fresh_url, "CLINIC_USER": "ada", "CLINIC_PASSWORD": PASSWORD}
    assert "clinic init" in run.refused("agenda", **variables)


@pytest.mark.parametrize("room", [60_000, 300_000, 495_000])
def test_a_disk_without_room_keeps_no_half_of_a_clinic(
    run: Clinic, tmp_path: Path, room: int
) -> None:
    """No file may grow past that: the tables do not fit, or their log, or the clinic itself."""
    place = tmp_path / "disk" / "clinic.db"
    variables = {"CLINIC_DATABASE": f"sqlite:///{place}", "CLINIC_PASSWORD": PASSWORD}
    _, most = getrlimit(RLIMIT_FSIZE)
    setrlimit(RLIMIT_FSIZE, (room, most))
    try:
        run.refused(*_FOUND, **variables)
    finally:
        setrlimit(RLIMIT_FSIZE, (most, most))
    assert list(place.parent.iterdir()) == []
    run.ok(*_FOUND, **variables)
    assert list(place.parent.iterdir()) == [place]


def test_init_asks_for_a_password_where_nobody_is(run: Clinic, fresh_url: str) -> None:
    variables = {"CLINIC_DATABASE": fresh_url}
    assert "CLINIC_PASSWORD" in run.refused(*_FOUND, **variables)
    assert "at least 15" in run.refused(*_FOUND, CLINIC_PASSWORD="short", **variables)
    assert "say --admin" in run.refused(*_FOUND[:-2], CLINIC_PASSWORD=PASSWORD, **variables)


def test_the_default_is_a_private_file_in_the_data_folder(run: Clinic, home: Path) -> None:
    file = home / "data" / "clinic_tui" / "clinic.db"
    assert "clinic init" in run.refused("agenda", CLINIC_USER="ada", CLINIC_PASSWORD=PASSWORD)
    assert not file.exists(), "looking for a clinic makes none"
    run.ok(*_FOUND, CLINIC_PASSWORD=PASSWORD)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("nonsense", "The database URL cannot be read"),
        ("mysql://root@localhost/clinic", ""),
        ("sqlite://", "A SQLite URL needs a file"),
        ("sqlite:////proc/clinic.db", "The file /proc/clinic.db cannot be made"),
        ("postgresql://nobody@127.0.0.1:1/clinic", "is not answering"),
        ("postgresql://jos\udce9@127.0.0.1:1/clinic", "is not written in UTF-8"),
    ],
)
def test_a_wrong_database_gets_a_sentence(run: Clinic, url: str, sentence: str) -> None:
    refused = run.refused("--database", url, *_FOUND, CLINIC_PASSWORD=PASSWORD)
    assert sentence in refused
    assert len(refused.splitlines()) == 1


@pytest.mark.parametrize(
    "url", ["postgresql://ana:secret@host/clinic", "postgresql://host/clinic?password=secret"]
)
def test_a_password_on_the_command_line_is_refused(run: Clinic, url: str) -> None:
    for words in (("--database", url, "agenda"), ("init", "--database", url)):
        refused = run.refused(*words)
        assert "PGPASSWORD" in refused
        assert "secret" not in refused


def test_a_file_that_is_no_database(run: Clinic, tmp_path: Path) -> None:
    file = tmp_path / "notes.db"
    file.write_text("milk, eggs " * 1000)
    for words in (("init",), ("agenda",)):
        assert "is no SQLite database" in run.refused("--database", f"sqlite:///{file}", *words)
    assert file.read_text().startswith("milk")


def test_a_newer_database_is_left_alone(desk_line: SignedIn, ada: Clinic) -> None:
    with desk_line.database.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    for words in (("init",), ("agenda",), ("sign-in",)):
        assert "newer" in ada.refused(*words, CLINIC_USER="ada", CLINIC_PASSWORD=PASSWORD)
    said = ada("check")
    assert said.code == 1
    assert "newer" in said.err


def test_signing_in(desk_line: SignedIn) -> None:
    run = desk_line.run
    assert "CLINIC_USER" in run.refused("sign-in")
    assert run.refused("agenda").startswith("You are not signed in")
    assert run.refused("agenda", CLINIC_USER="ana").startswith("You are not signed in")
    wrong = {"CLINIC_USER": "ana", "CLINIC_PASSWORD": "six calm herons swim"}
    same_words = "That name and password do not go together."
    assert run.refused("sign-in", **wrong) == same_words
    assert run.refused("agenda", **wrong) == same_words
    bytes_of_another_encoding = {"CLINIC_USER": "ana", "CLINIC_PASSWORD": "jos\udce9"}
    assert run.refused("sign-in", **bytes_of_another_encoding) == same_words
    right = {"CLINIC_USER": "ana", "CLINIC_PASSWORD": PASSWORD}
    assert "Riverside Clinic" in run.ok("agenda", **right)
    assert run.ok("sign-out") == "Nobody was signed in here.\n"


def test_a_token_that_ran_out_and_one_of_somebody_else(desk_line: SignedIn, ana: Clinic) -> None:
    ana.ok("agenda")
    # CLINIC_USER names somebody: another's token does not do.
    assert ana.refused("agenda", CLINIC_USER="ada").startswith("You are not signed in")
    ana.ok("agenda", CLINIC_USER="ana")
    store_token(load_config(), "made up")
    assert ana.refused("agenda").startswith("You are not signed in")


def test_a_disabled_account_is_refused_at_once(desk_line: SignedIn, ada: Clinic) -> None:
    ada.ok("user", "disable", "lee")
    desk_line.be(desk_line.clinic.admin)
    assert "(disabled)" in ada.ok("user", "list")
    assert "no account" in ada.refused("user", "disable", "nobody")
    assert "last admin" in ada.refused("user", "disable", "ada")


def test_accounts(desk_line: SignedIn, ada: Clinic) -> None:
    new = {"CLINIC_NEW_PASSWORD": PASSWORD}
    ada.ok("user", "add", "ben", "--name", "Ben Ito", "--role", "receptionist", "--role", "admin",
           "--may-overbook", **new)  # fmt: skip
    ada.ok("user", "add", "okafor", "--role", "doctor", "--doctor", "okafor", **new)
    found = {one["username"]: one for one in ada("user", "list", "--json").json}
    assert found["ben"]["roles"] == ["admin", "receptionist"]
    assert found["ben"]["grants"] == ["overbook"]
    assert found["okafor"]["doctor_id"] == desk_line.clinic.okafor
    assert "already" in ada.refused("user", "add", "ben", "--role", "admin", **new)
    assert "which doctor it is for" in ada.refused("user", "add", "eve", "--role", "doctor", **new)
    assert "CLINIC_NEW_PASSWORD" in ada.refused("user", "add", "eve", "--role", "admin")
    said = ada("user", "reset-password", "ben")
    code = {"CLINIC_RESET_CODE": said.out.split()[-1]}
    assert "--here" not in said.err, "there is no address: the code is shown"
    assert "signs in" in ada.ok("user", "set-password", CLINIC_NEW_PASSWORD=PASSWORD + "!", **code)
    assert "does not work" in ada.refused("user", "set-password", **new, **code)
    assert "CLINIC_RESET_CODE" in ada.refused("user", "set-password", **new)
    ada.ok("agenda", CLINIC_USER="ben", CLINIC_PASSWORD=PASSWORD + "!")
    ada.ok("user", "email", "ben", "ben@example.org")
    said = ada("user", "reset-password", "ben")
    assert (said.out, "no mail" in said.err) == ("A code goes to ben@example.org.\n", True)
    assert "15 minutes" in ada.ok("user", "reset-password", "ben", "--here")
    desk_line.be(desk_line.clinic.receptionist)
    assert ada.refused("user", "add", "eve", "--role", "admin") == "You may not manage accounts."


def test_hours_over_ssh(desk_line: SignedIn, ada: Clinic, ana: Clinic) -> None:
    ana.ok(
        "book", "--patient", "garcia", "--doctor", "lee", "--type", "follow", "--at", "fri 16:00"
    )
    desk_line.be(desk_line.clinic.admin)
    refused = ada.refused("hours", "set", "lee", "mon-thu 9-12 13-17; fri 9-13")
    assert refused.splitlines() == [
        "1 visit would stand outside these hours: --yes sets them all the same.",
        "  1  Fri 27 Nov 2026 16:00–16:20  Maria Garcia",
    ]
    assert ada("hours", "show", "lee", "--json").json["weekly"][-1]["ends"] == "17:00"
    out = ada.ok("hours", "set", "lee", "mon-thu", "9-12", "13-17", "fri", "9-13", "--yes")
    number = desk_line.clinic.lee
    for said in (out, ada.ok("hours", "show", "lee")):
        assert said.splitlines()[0] == f"Dr Hannah Lee (number {number})"
        assert "Friday      09:00–13:00" in said
    assert "“13-9” does not end after it starts" in ada.refused("hours", "set", "lee", "mon 13-9")
    overlap = ada.refused("hours", "set", "lee", "mon 9-12 13-17; wed 9-12 11-13")
    assert overlap == "Wednesday: 09:00–12:00 and 11:00–13:00 overlap."
    ada.ok("hours", "set", "lee", "mon 9-12 12-17")
    ada.ok("hours", "set", "park", "daily closed")
    assert ada.ok("hours", "show", "park").endswith("\n  No weekly hours: closed.\n")


def test_visit_types_and_rooms_over_ssh(ada: Clinic) -> None:
    ada.ok("visit-type", "add", "Skin check", "30", "--after", "5", "--specialty", "Dermatology")
    kept_free = "  30 min  Skin check  (Dermatology), 5 min free after it"
    assert kept_free in ada.ok("visit-type", "list")
    found = {one["name"]: one for one in ada("visit-type", "list", "--json").json}
    assert found["Skin check"]["buffer_after"] == 5
    assert "5 minutes to 12 hours" in ada.refused("visit-type", "add", "Blink", "1")
    assert "already" in ada.refused("visit-type", "add", "skin CHECK", "30")
    ada.ok("room", "add", "Lab")
    assert ada.ok("room", "list").splitlines() == ["Lab", "Room 1", "Room 2"]
    assert "already" in ada.refused("room", "add", "lab")
    assert ada("room", "list", "--json").json[0]["name"] == "Lab"


def test_what_the_machine_tells_of_itself() -> None:
    assert machine_zone({"TZ": "Asia/Tokyo"}) == "Asia/Tokyo"
    assert machine_zone({"TZ": ":Europe/Berlin"}) == "Europe/Berlin"
    assert machine_zone({"TZ": "CET-1CEST"}) == ""
    assert machine_region({"LANG": "de_AT.UTF-8"}) == "AT"
    assert machine_region({"LANG": "C.UTF-8", "LC_ALL": "en_GB"}) == "GB"
    assert machine_region({"LANG": "C"}) == ""


def test_a_network_share_is_warned_of(
    desk_line: SignedIn, ana: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("clinic_tui.engine.on_network_share", lambda _path: True)
    said = ana("agenda")
    assert said.code == 0
    if not desk_line.database.is_sqlite:
        assert said.err == ""
        return
    assert said.err.startswith("Warning: this SQLite file lies on a network share")
    said = ana("check")
    assert said.code == 1
    assert "network share" in said.err


def test_a_clinic_writes_as_its_country_does_until_it_says_otherwise(
    run: Clinic, fresh_url: str
) -> None:
    founded = {"CLINIC_DATABASE": fresh_url, "CLINIC_PASSWORD": PASSWORD}
    run.ok("init", "--name", "Bay", "--zone", "Europe/Berlin", "--region", "US", "--admin", "ada",
           **founded)  # fmt: skip
    account = founded | {"CLINIC_USER": "ada"}
    shown = run.ok("locale", "show", **account)
    assert re.fullmatch(
        r"\w{3} \w{3} \d+, \d{4} \d+:\d\d[ap]m; weeks begin on Sunday\.\n", shown
    ), shown
    words = ("locale", "set", "--clock", "24", "--dates", "ymd", "--week", "mon")
    shown = run.ok(*words, **account)
    assert re.fullmatch(r"\w{3} \d{4}-\d\d-\d\d \d\d:\d\d; weeks begin on Monday\.\n", shown), shown
    assert "one weekday" in run.refused("locale", "set", "--week", "mon-fri", **account)
    found = '"clock_hours": 24'
    assert found in run.ok("locale", "show", "--json", **account)
