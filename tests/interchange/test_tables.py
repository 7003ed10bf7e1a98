"""CSV in every usual dress."""

from __future__ import annotations

from pathlib import Path

import pytest

from clinic_tui.domain.errors import Refusal
from clinic_tui.interchange.columns import PATIENT_COLUMNS
from clinic_tui.interchange.tables import open_csv

_TEXT = 'Family Name,GIVEN_NAME,"Date of Birth",shoes\nGómez,"José, Ed",1989-05-25,42\n\nIto,,,\n'


def written(folder: Path, content: bytes) -> Path:
    path = folder / "in.csv"
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "latin-1", "cp1252"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_every_usual_dress(tmp_path: Path, delimiter: str, encoding: str, line_end: str) -> None:
    text = _TEXT.replace("José, Ed", "José Ed").replace(",", delimiter).replace("\n", line_end)
    file = open_csv(written(tmp_path, text.encode(encoding)), PATIENT_COLUMNS)
    assert (file.delimiter, file.unknown, file.lines) == (delimiter, ("shoes",), 4)
    first, second = file.rows()
    assert (first.line, first["family_name"], first["given_name"]) == (2, "Gómez", "José Ed")
    assert first["birth_date"] == "1989-05-25"
    assert (second.line, second["family_name"], second["given_name"]) == (4, "Ito", "")


def test_a_quoted_cell_may_hold_separators_and_lines(tmp_path: Path) -> None:
    text = 'last,first;name\n"Go;mez\nRuiz, y","x"\nIto,\n'
    file = open_csv(written(tmp_path, text.encode()), PATIENT_COLUMNS)
    assert [row.line for row in file.rows()] == [2, 4]
    assert next(file.rows())["family_name"] == "Go;mez\nRuiz, y"


def test_windows_quotation_marks_are_read_and_not_taken_for_control_codes(tmp_path: Path) -> None:
    file = open_csv(written(tmp_path, b"last\nO\x92Dell\n"), PATIENT_COLUMNS)
    assert next(file.rows())["family_name"] == "O’Dell"


def test_a_character_cut_in_two_by_a_chunk_is_still_utf8(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("clinic_tui.interchange.tables._CHUNK", 7)
    file = open_csv(written(tmp_path, "last\nGóóóóóóóómez\n".encode()), PATIENT_COLUMNS)
    assert file.encoding == "utf-8-sig"
    cut = open_csv(written(tmp_path, "last\nGómez\nG\u00f3".encode()[:-1]), PATIENT_COLUMNS)
    assert cut.encoding == "cp1252"


def test_a_short_row_is_empty_at_its_end_and_a_long_one_has_a_fault(tmp_path: Path) -> None:
    text = "last,first,sex\nIto\nKim,Jo,f,\nLee,Jo,f,x\n"
    short, padded, long = open_csv(written(tmp_path, text.encode()), PATIENT_COLUMNS).rows()
    assert (short["first"], short["sex"], short.fault, padded.fault) == ("", "", "", "")
    assert long.fault == "The row has 4 cells under 3 columns."


def test_one_field_in_several_columns(tmp_path: Path) -> None:
    text = "last,phone,mobile\nIto,,2\nKim,1,2\n"
    one, two = open_csv(written(tmp_path, text.encode()), PATIENT_COLUMNS).rows()
    assert (one["phone"], one.all("phone"), two.all("phone")) == ("2", ["2"], ["1", "2"])


def test_a_file_that_changes_under_the_reader_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path, b"last\nIto\n")
    file = open_csv(path, PATIENT_COLUMNS)
    path.write_bytes(b"last\nIt\xff\n")
    with pytest.raises(Refusal, match="changed"):
        list(file.rows())
