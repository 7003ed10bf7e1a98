"""Quiet hours, caps and words from the command line."""

from __future__ import annotations

from pathlib import Path

from .conftest import Clinic


def test_quiet_hours_caps_and_words(ada: Clinic, tmp_path: Path) -> None:
    said = ada.ok("messages", "set", "--quiet", "20:00-8:00", "--account", "90")
    assert said.startswith("Quiet from 20:00 to 8:00.\nAt most 2000 messages a day, 10 to one")
    assert ada("messages", "show", "--json").json["actor_cap"] == 90
    assert "No quiet hours." in ada.ok("messages", "set", "--quiet", "off")
    assert "two times of day" in ada.refused("messages", "set", "--quiet", "late")
    assert "Doctors get the day by e-mail at 6:30." in ada.ok("messages", "set", "--agenda", "6:30")
    assert "the next day by e-mail" in ada.ok("messages", "set", "--agenda", "18:00")
    assert "no agenda" in ada.ok("messages", "set", "--agenda", "off")
    assert "mobiles in the clinic's own country only" in ada.ok("messages", "show")
    said = ada.ok("messages", "set", "--countries", "de, at")
    assert "Texts go to mobiles in DE AT only." in said
    assert "no country's code" in ada.refused("messages", "set", "--countries", "de xx")
    assert "own country" in ada.ok("messages", "set", "--countries", "own")
    assert "No day" in ada.ok("messages", "agenda", "off", "--doctor", "lee")
    assert "Whose agenda?" in ada.refused("messages", "agenda", "on")
    file = tmp_path / "words.txt"
    which = ("reminder", "sms", "en")
    file.write_text("Do come, {name}", encoding="utf-8")
    assert "no placeholder" in ada.refused("template", "set", *which, str(file))
    file.write_text("Do come\n{date}, {time}\n", encoding="utf-8")
    ada.ok("template", "set", *which, str(file))
    shown = ada.ok("template", "show", *which)
    assert shown.startswith("reminder sms en, the clinic's own words; there are {clinic}, {date}")
    assert shown.endswith("Do come\n{date}, {time}\n")
    ada.ok("template", "reset", *which)
    assert "as it comes with the program" in ada.ok("template", "show", *which)
    assert "no wording" in ada.refused("template", "show", "offer", "sms", "fr")
    assert "Kind: one of" in ada.refused("template", "show", "poem", "sms", "en")
