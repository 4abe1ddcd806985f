from __future__ import annotations

import io
from pathlib import Path

import pytest
from rich.console import Console

from dialer.cli import screen, watching
from dialer.cli.context import opened
from dialer.cli.watching import _follow
from dialer.reports.talks import Entry
from dialer.store import campaigns, overview, suppression
from tests.cli.terminal import dialer, document
from tests.operations.talked import begun, talked


@pytest.fixture
def talk(home: Path, few: Path) -> str:
    """The id of an attempt that was a whole talk."""
    dialer("import", "solar-sales", few)
    dialer("schedule", "solar-sales")
    with opened() as parts:
        return talked(parts).attempt_id


def test_status_adds_up(talk: str) -> None:
    text = dialer("status").stdout
    assert "reached" in text
    assert "solar-sales" in text
    body = document("status", "solar-sales")
    assert sum(body["buckets"].values()) == body["rows"]
    assert [item["campaign"] for item in document("status")] == ["solar-sales"]
    assert "no campaign 'nothing'" in dialer("status", "nothing", code=2).stderr


def test_a_narrow_terminal_gets_sentences_in_place_of_a_table(talk: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(screen, "_PIPE_WIDTH", 60)
    first, second, *_ = dialer("status").stdout.splitlines()
    assert first.startswith("solar-sales: ")
    assert second.startswith("  rows ")
    assert "reached 1" in second


def test_one_picture(talk: str) -> None:
    with opened() as parts:
        begun(parts)
    for arguments in (["--once"], []):
        text = dialer("watch", "solar-sales", *arguments).stdout
        assert "us: Hello, this is" in text
        assert "\x1b" not in text


def test_following_ends_when_all_is_done(talk: str, capsys: pytest.CaptureFixture[str]) -> None:
    dialer("cancel", "solar-sales")
    with opened() as parts:
        _follow(parts, None)
    assert "cancelled" in capsys.readouterr().out


@pytest.mark.parametrize(("form", "begin"), [("md", "# solar\\-sales"), ("vtt", "WEBVTT"), ("txt", "00:00 event")])
def test_the_words_in_every_form_without_an_escape(talk: str, form: str, begin: str) -> None:
    done = dialer("transcript", talk[:10], "--format", form)
    assert done.stdout.startswith(begin)
    assert "\x1b" not in done.stdout


def test_an_unknown_form(talk: str) -> None:
    assert "txt, md, vtt or json" in dialer("transcript", talk[:10], "--format", "pdf", code=2).stderr


def test_in_a_terminal_the_words_stand_in_a_column() -> None:
    lines = [Entry(0, 900, "agent", "Hello \x1b[31m" + "word " * 30, "interrupted"), Entry(900, 900, "event", "opted out")]
    console = Console(width=60, record=True, file=io.StringIO(), force_terminal=False)
    console.print(watching._talk(lines))
    said = console.export_text().splitlines()
    assert said[0].startswith("00:00 agent Hello \ufffd[31m")
    assert all(line.startswith("            ") for line in said[1:-1])
    assert said[-1].startswith("00:00 event opted out")


def test_the_words_of_a_call_are_safe_to_print(talk: str) -> None:
    done = dialer("transcript", talk[:10])
    assert "00:00 agent   Hello, this is (interrupted)\n00:00 callee  Yes?\ufffd[31m\n" in done.stdout
    assert "answered_human, interested" in done.stderr
    assert document_of(talk)["outcome"] == "interested"
    assert "--format pdf" in dialer("transcript", talk, "--format", "pdf", code=2).stderr
    assert "no attempt to" in dialer("transcript", "+12125550199", code=2).stderr


def document_of(key: str) -> dict[str, object]:
    """The transcript as a document."""
    import json

    body: dict[str, object] = json.loads(dialer("transcript", key, "--format", "json").stdout)
    return body


def test_everything_about_a_number(talk: str) -> None:
    phone = str(document_of(talk)["phone"])
    text = dialer("contact", "show", phone).stdout
    assert "answered_human" in text
    assert "consent: written" in text
    with opened() as parts, parts.store.write() as tx:
        suppression.add(tx, phone, "asked", "call", parts.clock.now(), quote="no more")  # type: ignore[arg-type]  # a number as printed
    text = dialer("contact", "show", phone.removeprefix("+1")).stdout
    assert "ON THE DO-NOT-CALL LIST" in text
    assert '"no more"' in text
    assert document("contact", "show", phone)["suppressed"]["reason"] == "asked"


def test_a_contact_that_was_never_dialled(home: Path) -> None:
    dialer("import", "clinic-reminder", "campaigns/clinic-reminder/contacts.csv")
    with opened() as parts, parts.store.read() as tx:
        (row,) = campaigns.listed(tx)
        held = [call for call in overview.calls_of_campaign(tx, row.id) if call.hold_code == "blocked_consent"]
    assert "held (blocked_consent)" in dialer("contact", "show", held[0].phone).stdout
    assert "no campaign has" in dialer("contact", "show", "+12125550199", code=2).stderr
