from __future__ import annotations

import os
import signal
from datetime import UTC, datetime
from decimal import Decimal
from io import StringIO

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console

from dialer.cli.live import Stopper, count_line, counts_text, last_words, through, watch_view
from dialer.model.call import AttemptState, Bucket, CampaignStatus
from dialer.model.transcript import Speaker
from dialer.operations.status import LiveCall, Snapshot, Standing
from dialer.store.overview import Figures

NOW = datetime(2026, 11, 23, 15, tzinfo=UTC)


def a_snapshot(*live: LiveCall, reason: str = "") -> Snapshot:
    """Six rows, one of them on the phone."""
    buckets = {Bucket.REJECTED: 1, Bucket.WAITING: 2, Bucket.LIVE: 1, Bucket.REACHED: 2}
    standing = Standing("autumn", "sales", CampaignStatus.ARMED, reason, "abc", NOW, None, 6, buckets, Figures(3, 3, 2), {}, NOW)
    return Snapshot(NOW, (standing,), live, 4, 1, Decimal("0.42"))


def drawn(snapshot: Snapshot, most: int = 20) -> str:
    """The view as text."""
    console = Console(file=StringIO(), width=150)
    console.print(watch_view(snapshot, most))
    assert isinstance(console.file, StringIO)
    return console.file.getvalue()


def test_the_view_shows_campaigns_and_calls() -> None:
    words = "so what I wanted to say is " + "very " * 20 + "short\x1b[2J"
    text = drawn(a_snapshot(LiveCall("a", "autumn", "+1212•••0123", AttemptState.LIVE, 12.4, Speaker.CALLEE, words), reason="x"))
    assert "+1212•••0123" in text
    assert "they: …" in text
    assert "\x1b" not in text
    assert "armed (x)" in text
    assert "1 on the phone   4 dials/min   1 lanes   $0.42 spent" in text


@given(st.text(), st.integers(2, 30))
def test_the_last_words_fit_into_their_columns(text: str, columns: int) -> None:
    shown = last_words(text, columns)
    assert cell_len(shown) <= columns
    assert "\n" not in shown


def test_the_end_of_the_words_is_kept() -> None:
    assert last_words("one two three", 6) == "…three"
    assert last_words("您好 请问", 5) == "…请问"
    assert last_words("short\n words", 30) == "short words"


def test_the_view_of_a_quiet_moment_and_of_a_busy_one() -> None:
    assert "nobody is on the phone" in drawn(a_snapshot())
    call = LiveCall("a", "autumn", "+1212•••0123", AttemptState.DIALING, 1, None, "")
    assert "... and 2 more" in drawn(a_snapshot(call, call, call), most=1)


def test_counts_leave_out_rows_that_never_became_calls() -> None:
    snapshot = a_snapshot()
    assert through(snapshot.standings) == (5, 2)
    assert counts_text(snapshot) == "waiting 2  live 1  reached 2  $0.42"


def test_the_line_of_counts_is_silent_without_a_terminal(capfd: object) -> None:
    with count_line() as line:
        line.update(a_snapshot())
    captured = capfd.readouterr()  # type: ignore[attr-defined]  # pytest's CaptureFixture
    assert (captured.out, captured.err) == ("", "")


def test_the_first_signal_asks_and_handlers_are_put_back() -> None:
    before = signal.getsignal(signal.SIGTERM)
    with Stopper("draining") as stop:
        assert not stop.is_asked
        os.kill(os.getpid(), signal.SIGTERM)
        assert stop.is_asked
    assert signal.getsignal(signal.SIGTERM) is before
