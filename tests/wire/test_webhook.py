"""What is sent, how it is signed, and what follows from the answer."""

from __future__ import annotations

import base64
import hashlib
import json
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer.errors import UserError
from dialer.model.disposition import Disposition, Outcome
from dialer.model.lead import Evidence, EvidencedAnswer, Grade, Lead, Source
from dialer.model.outbox import EventKind
from dialer.wire import webhook
from dialer.wire.webhook import SCHEDULE_S, Answer, Message, answer_of, judge

NOW = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


def by_hand(secret: str, message_id: str, timestamp: str, body: bytes) -> str:
    """HMAC as RFC 2104 has it, from SHA-256 alone."""
    key = base64.b64decode(secret.removeprefix("whsec_")).ljust(64, b"\0")
    inner = hashlib.sha256(bytes(byte ^ 0x36 for byte in key) + f"{message_id}.{timestamp}.".encode() + body).digest()
    return "v1," + base64.b64encode(hashlib.sha256(bytes(byte ^ 0x5C for byte in key) + inner).digest()).decode()


def test_the_published_vector_of_standard_webhooks() -> None:
    signed = webhook.signature(webhook.key_of(SECRET), "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}')
    assert signed == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


@given(st.binary(min_size=24, max_size=64), st.binary(max_size=300), st.integers(0, 2**33))
def test_the_headers_verify_by_hand(key: bytes, body: bytes, second: int) -> None:
    secret = "whsec_" + base64.b64encode(key).decode()
    message = Message("msg_1", body)
    sent = webhook.headers(webhook.key_of(secret), message, datetime.fromtimestamp(second, UTC) + timedelta(milliseconds=900))
    assert sent["webhook-id"] == "msg_1"
    assert sent["webhook-timestamp"] == str(second)
    assert sent["webhook-signature"] == by_hand(secret, "msg_1", str(second), body)
    assert sent["content-type"] == "application/json"


@pytest.mark.parametrize(
    ("secret", "said"),
    [
        ("", "needs DIALER_WEBHOOK_SECRET"),
        ("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "not whsec_ followed by base64"),
        ("whsec_not base64!", "not whsec_ followed by base64"),
        ("whsec_" + base64.b64encode(b"x" * 23).decode(), "has 23 bytes"),
        ("whsec_" + base64.b64encode(b"x" * 65).decode(), "has 65 bytes"),
    ],
)
def test_a_secret_that_will_not_do_is_refused_and_not_quoted(secret: str, said: str) -> None:
    with pytest.raises(UserError, match=said) as raised:
        webhook.key_of(secret)
    assert "openssl rand" in raised.value.hint
    assert not secret or secret not in str(raised.value)


@pytest.mark.parametrize(
    "url",
    [
        "https://example.com/hook",
        "https://user:pw@example.com:8443/h?x=1",
        "http://localhost:8000/",
        "http://127.8.0.1",
        "http://[::1]:9/x",
    ],
)
def test_addresses_that_may_be_sent_to(url: str) -> None:
    webhook.require_url(url)


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("http://example.com/hook", "example.com is sent them by https:// only"),
        ("http://192.0.2.7/", "by https:// only"),
        ("http://localhost.example.com/", "by https:// only"),
        ("example.com/hook", "no address like"),
        ("ftp://example.com", "no address like"),
        ("https://", "no address like"),
        ("https://example.com:99999/", "no address like"),
        ("https://[::1/", "no address like"),
    ],
)
def test_addresses_that_must_not_be_sent_to(url: str, said: str) -> None:
    with pytest.raises(UserError, match=said):
        webhook.require_url(url)


def test_the_answers_of_http() -> None:
    assert answer_of(200, "OK") == answer_of(299, "") == Answer()
    assert answer_of(199, "").error
    for redirect in (301, 302, 307, 308):
        assert answer_of(redirect, "Found") == Answer(f"HTTP {redirect} Found")
    assert answer_of(410, "Gone") == Answer("HTTP 410 Gone", is_gone=True)
    assert answer_of(503, "", "120") == Answer("HTTP 503", retry_after_s=120.0)
    for odd in ("Fri, 31 Dec 2027 23:59:59 GMT", "-5", "1e9", "²", "9" * 12):
        assert answer_of(429, "", odd).retry_after_s == 0


def test_a_message_is_tried_eight_times_and_then_dead() -> None:
    at, waits = NOW, []
    for tries in range(1, 9):
        verdict = judge(Answer("HTTP 500"), tries, at)
        assert not verdict.is_delivered
        if verdict.next_try_at is None:
            break
        waits.append((verdict.next_try_at - at).total_seconds())
        at = verdict.next_try_at
    assert waits == list(SCHEDULE_S) == [10, 60, 300, 1800, 7200, 21_600, 86_400]
    assert tries == 8


def test_success_and_gone_are_final_at_once() -> None:
    assert judge(Answer(), 1, NOW).is_delivered
    assert judge(Answer(), 8, NOW).is_delivered
    gone = judge(Answer("HTTP 410", is_gone=True), 1, NOW)
    assert (gone.is_delivered, gone.next_try_at) == (False, None)


def test_a_receiver_may_ask_for_more_time_but_not_for_for_ever() -> None:
    assert judge(Answer("HTTP 429", retry_after_s=120), 1, NOW).next_try_at == NOW + timedelta(seconds=120)
    assert judge(Answer("HTTP 429", retry_after_s=1), 1, NOW).next_try_at == NOW + timedelta(seconds=10)
    assert judge(Answer("HTTP 429", retry_after_s=1e9), 1, NOW).next_try_at == NOW + timedelta(days=1)


@given(st.builds(Answer, st.text(max_size=3), st.booleans(), st.booleans(), st.floats(0, 1e12)), st.integers(1, 20))
def test_every_try_leads_somewhere(answer: Answer, tries: int) -> None:
    verdict = judge(answer, tries, NOW)
    assert verdict.is_delivered == (answer.error == "")
    if verdict.next_try_at is not None:
        assert not verdict.is_delivered
        assert timedelta(seconds=10) <= verdict.next_try_at - NOW <= timedelta(days=1)


def test_the_body_is_plain_json() -> None:
    lead = Lead(Outcome.INTERESTED, 80, Grade.HOT, (), (), None, "call back", NOW)
    elsewhere = NOW.astimezone(timezone(timedelta(hours=5)))
    sections = {
        "attempt": {"disposition": Disposition.BUSY, "cost": Decimal("0.0421"), "ended_at": elsewhere},
        "lead": webhook.lead(lead),
        "answers": webhook.answers(
            (
                EvidencedAnswer("need", "a roof – 屋顶", Source.TOOL, Evidence(2, "a roof, please", 900)),
                EvidencedAnswer("budget", None, Source.MODEL, None, needs_review=True),
            )
        ),
    }
    made = webhook.body("msg_1", EventKind.ATTEMPT_ENDED, NOW, "autumn", sections)
    sent = webhook.encode(made)
    assert (
        json.loads(sent)
        == made
        == {
            "id": "msg_1",
            "kind": "attempt.ended",
            "at": "2026-11-23T15:00:00+00:00",
            "campaign": "autumn",
            "attempt": {"disposition": "busy", "cost": "0.0421", "ended_at": "2026-11-23T15:00:00+00:00"},
            "lead": {
                "score": 80,
                "grade": "hot",
                "outcome": "interested",
                "next_step": "call back",
                "due_at": "2026-11-23T15:00:00+00:00",
                "needs_review": False,
            },
            "answers": {
                "need": {"value": "a roof – 屋顶", "needs_review": False, "quote": "a roof, please"},
                "budget": {"value": None, "needs_review": True, "quote": None},
            },
        }
    )
    assert "屋顶".encode() in sent
    assert webhook.lead(None) is None
