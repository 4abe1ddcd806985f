"""Results as signed messages, by the Standard Webhooks convention (github.com/standard-webhooks/standard-webhooks, spec 1.0).

Three headers: ``webhook-id`` (the same for every try of a message, so that receivers can drop doubles), ``webhook-timestamp``
(whole seconds of this try) and ``webhook-signature`` (``v1,`` and the base64 of an HMAC-SHA256 over ``id.timestamp.body``).

The body is one JSON object. ``id kind at campaign`` are always there, the others as the kind has them:

====================  ==============================================================================================
key                   holds
====================  ==============================================================================================
id                    as in ``webhook-id``
kind                  attempt.ended, result.changed, call.finished, campaign.done, campaign.paused, campaign.cancelled, opt_out,
                      test
at                    when it happened, UTC
campaign              its name (null in a test)
contact               phone, external_id, row (its line in the contact file)
attempt               see ``ATTEMPT``; null for an opt-out without one
call                  see ``CALL``
answers               name -> {value, needs_review, quote}
lead                  score, grade, outcome, next_step, due_at, needs_review; null when there is none
opt_out               reason, source, quote
status                status, reason, calls (bucket -> count) of the campaign
====================  ==============================================================================================
"""

import base64
import binascii
import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from dialer.errors import UserError
from dialer.model.lead import EvidencedAnswer, Lead
from dialer.model.outbox import EventKind

ATTEMPT = (
    "id",
    "number",
    "phone",
    "disposition",
    "outcome",
    "answered_by",
    "reason",
    "dialed_at",
    "answered_at",
    "ended_at",
    "ring_s",
    "talk_s",
    "cost",
    "callback_at",
    "summary",
)
"""What ``attempt`` tells of one dial.

``phone`` is the number that was dialled, of those of the contact; ``cost`` is text, exact, in the campaign's currency.
"""

CALL = ("id", "bucket", "disposition", "outcome", "attempts_made")
"""What ``call`` tells of the end of a call: its bucket, and the disposition and outcome of the last attempt."""

SCHEDULE_S = (10, 60, 300, 1800, 7200, 21_600, 86_400)
"""Seconds from a failed try to the next: 10 s, 1 m, 5 m, 30 m, 2 h, 6 h, 24 h. After the last one the message is dead."""

_SECRET_PREFIX = "whsec_"
_SECRET_BYTES = range(24, 65)
_GONE = 410
_LONGEST_WAIT_S = 86_400


@dataclass(frozen=True, slots=True)
class Message:
    """What is sent. ``id`` stays the same over all tries and names the message in every log."""

    id: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of one try. ``error`` is empty when it was taken; ``retry_after_s`` is the receiver's own wish, if it has one.

    ``is_reachable`` is False when nobody answered at all: further messages need not be tried at once.
    """

    error: str = ""
    is_gone: bool = False
    is_reachable: bool = True
    retry_after_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Verdict:
    """What follows from a try: delivered; or tried again at ``next_try_at``; or, when that is None, dead."""

    is_delivered: bool
    next_try_at: datetime | None = None


def judge(answer: Answer, tries: int, now: datetime) -> Verdict:
    """Decide after try number ``tries`` (1 is the first)."""
    if not answer.error:
        return Verdict(is_delivered=True)
    if answer.is_gone or tries > len(SCHEDULE_S):
        return Verdict(is_delivered=False)
    wait_s = max(float(SCHEDULE_S[tries - 1]), min(answer.retry_after_s, _LONGEST_WAIT_S))
    return Verdict(is_delivered=False, next_try_at=now + timedelta(seconds=wait_s))


def answer_of(status: int, reason: str, retry_after: str = "") -> Answer:
    """Read an HTTP answer: 2xx is success, 410 means never again, all else (a redirect too) is tried again."""
    if 200 <= status < 300:
        return Answer()
    wait_s = float(retry_after) if retry_after.isascii() and retry_after.isdigit() and len(retry_after) < 10 else 0.0
    return Answer(f"HTTP {status} {reason}".strip(), is_gone=status == _GONE, retry_after_s=wait_s)


def key_of(secret: str) -> bytes:
    """The bytes of a ``whsec_...`` secret. Raises ``UserError``, which does not quote it."""
    hint = 'make one with: echo "whsec_$(openssl rand -base64 32)"'
    if not secret:
        message = "DIALER_WEBHOOK_URL needs DIALER_WEBHOOK_SECRET (or DIALER_WEBHOOK_SECRET_FILE)"
        raise UserError(message, code="missing_key", hint=hint)
    try:
        if not secret.startswith(_SECRET_PREFIX):
            raise ValueError
        key = base64.b64decode(secret.removeprefix(_SECRET_PREFIX), validate=True)
    except (binascii.Error, ValueError):
        raise UserError("DIALER_WEBHOOK_SECRET is not whsec_ followed by base64", code="bad_setting", hint=hint) from None
    if len(key) not in _SECRET_BYTES:
        raise UserError(f"DIALER_WEBHOOK_SECRET has {len(key)} bytes; 24 to 64 are allowed", code="bad_setting", hint=hint)
    return key


def signature(key: bytes, message_id: str, timestamp: int, body: bytes) -> str:
    """``v1,<base64>`` over ``id.timestamp.body``."""
    signed = hmac.new(key, f"{message_id}.{timestamp}.".encode() + body, hashlib.sha256).digest()
    return f"v1,{base64.b64encode(signed).decode()}"


def headers(key: bytes, message: Message, at: datetime) -> dict[str, str]:
    """The headers of one try at the instant ``at``."""
    timestamp = int(at.timestamp())
    return {
        "content-type": "application/json",
        "user-agent": "dialer",
        "webhook-id": message.id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": signature(key, message.id, timestamp, message.body),
    }


def require_url(url: str) -> None:
    """Refuse an address that results must not be sent to: plain HTTP beyond this machine. Raises ``UserError``."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        is_valid = parts.scheme in ("http", "https") and bool(host) and parts.port != 0
    except ValueError:
        is_valid, host = False, ""
    if not is_valid:
        raise UserError("DIALER_WEBHOOK_URL is no address like https://example.com/hooks/dialer", code="bad_setting")
    if parts.scheme == "http" and not _is_loopback(host):
        message = f"DIALER_WEBHOOK_URL: results hold personal data, so {host} is sent them by https:// only"
        raise UserError(message, code="bad_setting")


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def body(message_id: str, kind: EventKind, at: datetime, campaign: str | None, sections: Mapping[str, Any]) -> dict[str, Any]:
    """The JSON object of a message; values of ``sections`` may be words, instants and amounts of ours."""
    head = {"id": message_id, "kind": kind, "at": at, "campaign": campaign}
    return {key: _plain(value) for key, value in {**head, **sections}.items()}


def answers(found: tuple[EvidencedAnswer, ...]) -> dict[str, Any]:
    """The answers with the callee's own words for them."""
    return {
        it.name: {"value": it.value, "needs_review": it.needs_review, "quote": it.evidence.quote if it.evidence else None}
        for it in found
    }


def lead(found: Lead | None) -> dict[str, Any] | None:
    """The lead, or None when there is none."""
    if found is None:
        return None
    names = ("score", "grade", "outcome", "next_step", "due_at", "needs_review")
    return {name: getattr(found, name) for name in names}


def encode(document: Mapping[str, Any]) -> bytes:
    """The body as it is signed and sent: UTF-8, compact."""
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode("utf-8")


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    return str(value) if isinstance(value, Decimal) else value
