"""Refused rows go to a file of their own, or to none."""

from __future__ import annotations

from pathlib import Path

import pytest

from dialer.model.contact import RowProblem
from dialer.operations.rejecting import RejectsFile

PROBLEM = RowProblem(3, "phone", "12", "invalid_phone", "too short", "add digits", {"phone": "12"})


def test_the_file_is_put_in_its_place_at_the_end(tmp_path: Path) -> None:
    path = tmp_path / "rejects.csv"
    path.write_text("an older one")
    (tmp_path / "rejects.csv.part").write_text("of a process that was killed")
    with RejectsFile(path) as file:
        file.add(["phone"], [PROBLEM])
        file.add(["phone"], [])
        file.add(["phone"], [PROBLEM])
        assert path.read_text() == "an older one"
        assert file.keep() == path
    assert path.read_text(encoding="utf-8-sig").splitlines() == [
        "phone,row,column,value,code,message,fix",
        *["12,3,phone,12,invalid_phone,too short,add digits"] * 2,
    ]
    assert path.stat().st_mode & 0o077 == 0
    assert list(tmp_path.iterdir()) == [path]


def test_without_a_refused_row_there_is_no_file(tmp_path: Path) -> None:
    with RejectsFile(tmp_path / "rejects.csv") as file:
        assert file.keep() is None
    assert list(tmp_path.iterdir()) == []


def test_what_fails_leaves_nothing_behind(tmp_path: Path) -> None:
    def broken_off() -> None:
        with RejectsFile(tmp_path / "rejects.csv") as file:
            file.add(["phone"], [PROBLEM])
            raise KeyError("broken off")

    with pytest.raises(KeyError):
        broken_off()
    assert list(tmp_path.iterdir()) == []
