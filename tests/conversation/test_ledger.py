"""Sent and heard."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer.conversation.ledger import PlayoutLedger, Settled, cut


def test_a_clear_settles_each_item_by_its_place() -> None:
    ledger = PlayoutLedger()
    assert ledger.send("a", 8000, 0.0)
    assert not ledger.send("a", 8000, 0.0)
    assert ledger.complete("a")
    ledger.send("b", 8000, 0.0)
    ledger.complete("b")
    ledger.send("c", 800, 0.0)
    assert ledger.outstanding == ["a", "b", "c"]
    assert ledger.clear()
    assert not ledger.complete("b")
    assert ledger.played("a") is None
    assert ledger.cleared(2500, 2.5) == [
        Settled("a", 2000, 2000, was_cut=False),
        Settled("b", 500, 1000, was_cut=True),
        Settled("c", 0, 100, was_cut=True),
    ]
    assert not ledger.clear()
    ledger.send("d", 8000, 3.0)
    ledger.clear()
    assert ledger.cleared(2600, 3.1) == [Settled("d", 100, 1000, was_cut=True)]


def test_what_is_sent_during_a_clear_counts_from_the_clear() -> None:
    ledger = PlayoutLedger()
    ledger.send("a", 8000, 0.0)
    ledger.clear()
    ledger.send("b", 1600, 0.4)
    assert ledger.cleared(400, 0.4) == [Settled("a", 400, 1000, was_cut=True)]
    assert ledger.outstanding == ["b"]
    assert ledger.idle_at() == pytest.approx(0.6)
    ledger.clear()
    assert ledger.cleared(500, 0.5) == [Settled("b", 100, 200, was_cut=True)]


def test_marks_settle_once_and_lost_marks_are_given_up() -> None:
    ledger = PlayoutLedger()
    ledger.send("a", 8000, 10.0)
    assert ledger.is_sounding(12.9)
    assert not ledger.is_sounding(13.1)
    assert ledger.given_up_at() == 13.0
    assert ledger.played("a") == Settled("a", 1000, 1000, was_cut=False)
    assert ledger.played("a") is None
    assert not ledger.complete("a")
    assert ledger.played("nobody") is None
    assert not ledger.is_sounding(10.0)


def test_the_clock_estimates() -> None:
    ledger = PlayoutLedger()
    ledger.send("a", 8000, 10.0)
    assert [ledger.estimate_ms(at) for at in (10.0, 10.25, 11.0, 20.0)] == [0, 250, 1000, 1000]


@pytest.mark.parametrize(
    ("text", "heard", "sent", "kept"),
    [
        ("one two three", 1000, 1000, "one two three"),
        ("one two three", 500, 1000, "one"),
        ("one two three", 600, 1000, "one two"),
        ("one two three", 0, 1000, ""),
        ("one", 500, 1000, ""),
        ("您好，我是小安。", 500, 1000, "您好，我"),
        ("ok您好", 500, 1000, "ok"),
    ],
)
def test_words_are_cut_whole(text: str, heard: int, sent: int, kept: str) -> None:
    assert cut(text, heard, sent) == kept


@given(st.text(max_size=50), st.integers(0, 2000), st.integers(1, 1000))
def test_never_more_than_was_said(text: str, heard: int, sent: int) -> None:
    assert text.startswith(cut(text, heard, sent))
