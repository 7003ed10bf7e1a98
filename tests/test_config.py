"""Settings of a machine: file, then environment, then command line; each slip named."""

from __future__ import annotations

from pathlib import Path

import pytest

from clinic_tui.config import THEMES, Config, load_config
from clinic_tui.domain.errors import BadInput
from clinic_tui.screens import themes


def settings(folder: Path, text: str) -> Path:
    path = folder / "config.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_file_then_environment_then_command_line(tmp_path: Path) -> None:
    path = settings(
        tmp_path,
        'database = "sqlite:///a.db"\ntheme = "clinic-light"\n'
        '[keymap]\napp.lock = "f11"\n"app.quit" = "f10,ctrl+x"\n',
    )
    keymap = {"app.lock": "f11", "app.quit": "f10,ctrl+x"}
    assert load_config(path, environ={}) == Config("sqlite:///a.db", "clinic-light", keymap)
    environ = {
        "CLINIC_DATABASE": "postgresql://ana:secret@host/b",
        "CLINIC_THEME": "high-contrast",
        "CLINIC_KEYMAP": "app.lock=f9, app.help=f1 question_mark",
        "CLINIC_USER": "ana",
        "CLINIC_FIELD_DATA": "elsewhere",
    }
    found = load_config(path, environ=environ)
    assert found.database == "postgresql://ana:secret@host/b"
    assert (found.theme, found.keymap) == (
        "high-contrast",
        {"app.lock": "f9", "app.help": "f1,question_mark"},
    )
    assert load_config(path, "sqlite:///c.db", environ).database == "sqlite:///c.db"


def test_the_usual_file_is_read_where_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    default = f"sqlite:///{tmp_path}/data/clinic_tui/clinic.db"
    assert load_config(environ={}) == Config(default, THEMES[0], {})
    (tmp_path / "clinic_tui").mkdir()
    settings(tmp_path / "clinic_tui", 'theme = "clinic-light"')
    assert load_config(environ={}) == Config(default, "clinic-light", {})


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ('databse = "x"', "“databse” is no setting; there are database, theme, keymap"),
        ("database = 7", "“database” must be a text"),
        ('database = " "', "“database” must be a text"),
        ('theme = "pink"', "there is no theme “pink”; there are clinic-dark"),
        ('keymap = "f11"', "“keymap” is a table"),
        ("telephone = 5", "“telephone” must be a text"),
        ("hide_names_after = 1.5", "“hide_names_after” is in minutes, 1 to 1440; 0 is never"),
        ("hide_names_after = true", "“hide_names_after” is in minutes"),
        ("[keymap]\nlock = 11", "“keymap” is a table"),
        ("[keymap.app.lock]\nx = 1", "“keymap” is a table"),
        ("database", "is no TOML"),
        ("[smtp]\nhost = 'x'", "“smtp” is no setting"),
    ],
)
def test_each_wrong_key_is_named(tmp_path: Path, text: str, sentence: str) -> None:
    path = settings(tmp_path, text)
    with pytest.raises(BadInput) as refusal:
        load_config(path, environ={})
    assert sentence in str(refusal.value)
    assert str(path) in str(refusal.value)


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("CLINIC_DATABSE", "x", "CLINIC_DATABSE is no setting; is CLINIC_DATABASE meant?"),
        ("CLINIC_THEMES", "x", "is CLINIC_THEME meant?"),
        ("CLINIC_THEME", "pink", "CLINIC_THEME: there is no theme “pink”"),
        ("CLINIC_KEYMAP", "f11", "CLINIC_KEYMAP is written as"),
        ("CLINIC_KEYMAP", "a=", "CLINIC_KEYMAP is written as"),
    ],
)
def test_each_wrong_variable_is_named(tmp_path: Path, name: str, value: str, sentence: str) -> None:
    path = settings(tmp_path, "")
    with pytest.raises(BadInput, match="is") as refusal:
        load_config(path, environ={name: value})
    assert sentence in str(refusal.value)


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="There is no settings file"):
        load_config(tmp_path / "none.toml", environ={})
    with pytest.raises(BadInput, match="cannot be read: Is a directory"):
        load_config(tmp_path, environ={})
    (tmp_path / "latin.toml").write_bytes(b'theme = "\xe9"')
    with pytest.raises(BadInput, match="not written in UTF-8"):
        load_config(tmp_path / "latin.toml", environ={})


def test_a_password_may_stand_in_the_file_but_not_on_the_command_line(tmp_path: Path) -> None:
    url = "postgresql://ana:secret@host/clinic"
    path = settings(tmp_path, f'database = "{url}"')
    assert load_config(path, environ={}).database == url
    for on_line in (url, "postgresql://host/c?user=a&password=b", "postgres://a:@host/c"):
        with pytest.raises(BadInput, match="PGPASSWORD"):
            load_config(path, on_line, {})
    with pytest.raises(BadInput, match="cannot be read"):
        load_config(path, "postgresql://[::1/clinic", {})


def test_the_themes_are_those_there_are() -> None:
    assert set(THEMES) == set(themes.THEMES)
