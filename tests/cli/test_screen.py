from __future__ import annotations

import io
import json
import sys
from contextlib import redirect_stderr, redirect_stdout
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer.cli import screen


@given(st.text())
def test_no_control_character_of_a_foreign_text_reaches_the_terminal(text: str) -> None:
    shown = screen.safe(text)
    assert not any(ord(sign) < 32 and sign not in "\n\t" for sign in shown)
    assert not any(0x7F <= ord(sign) <= 0x9F or 0x202A <= ord(sign) <= 0x202E for sign in shown)


def test_line_breaks_stay_and_escapes_go() -> None:
    assert screen.safe("a\r\nb\tc\x1b[2J") == "a\nb\tc\ufffd[2J"


def test_tables_and_lines_without_a_terminal_have_no_escape_codes() -> None:
    with redirect_stdout(io.StringIO()) as out:
        screen.show(("name", "#count"), [("Zoë [red]x[/red]\x1b[1m", 12), ("王", None)], title="people\x07")
        screen.say("plain :smile: [bold]text[/bold]", 12)
    text = out.getvalue()
    assert "\x1b" not in text
    assert "Zoë [red]x[/red]\ufffd[1m" in text
    assert ":smile: [bold]text[/bold]\n12" in text
    assert text.startswith("people\ufffd\n")


def test_a_table_without_column_names_has_no_header() -> None:
    with redirect_stdout(io.StringIO()) as out:
        screen.show(("", ""), [("a", "b")])
    assert out.getvalue().splitlines() == ["a  b"]


def test_notes_go_to_standard_error() -> None:
    with redirect_stdout(io.StringIO()) as out, redirect_stderr(io.StringIO()) as err:
        screen.note("reading")
    assert (out.getvalue(), err.getvalue()) == ("", "reading\n")


@given(st.recursive(st.text() | st.integers() | st.none(), lambda inner: st.lists(inner, max_size=3), max_leaves=5))
def test_a_document_is_read_back_and_holds_no_control_character(value: object) -> None:
    with redirect_stdout(io.StringIO()) as out:
        screen.print_json({"value": value})
    assert json.loads(out.getvalue()) == {"value": value}
    assert screen.safe(out.getvalue()) == out.getvalue()


def test_a_document_is_ascii_where_the_terminal_is() -> None:
    raw = io.BytesIO()
    narrow = io.TextIOWrapper(raw, encoding="ascii", write_through=True)
    with redirect_stdout(narrow):
        screen.print_json("王")
    assert raw.getvalue() == b'"\\u738b"\n'
    narrow.detach()


@pytest.mark.parametrize(("amount", "shown"), [("0", "$0.00"), ("0.0042", "$0.0042"), ("1234.5", "$1,234.50")])
def test_money(amount: str, shown: str) -> None:
    assert screen.money(Decimal(amount)) == shown


def test_a_terminal_gets_colours() -> None:
    with redirect_stderr(Terminal()) as err:
        screen.note("dim")
        assert sys.stderr.isatty()
    assert "dim" in err.getvalue()


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def test_sentences_are_broken_between_words_in_a_terminal_and_nowhere_else(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "24")
    line = "    - consent is on record since 2026\x1b"
    with redirect_stdout(Terminal()) as out:
        screen.prose(line, "\nshort\ntoo")
    assert [row.rstrip() for row in out.getvalue().splitlines()] == [
        "    - consent is on",
        "    record since 2026\ufffd",
        "",
        "short",
        "too",
    ]
    with redirect_stdout(io.StringIO()) as plain:
        screen.prose(line)
    assert plain.getvalue() == "    - consent is on record since 2026\ufffd\n"


def test_whether_a_table_has_room() -> None:
    with redirect_stdout(io.StringIO()):
        assert screen.has_room(("name", "why"), [("a", "b" * 100)])
        assert not screen.has_room(("name", "why"), [("a", "b" * 160)])
