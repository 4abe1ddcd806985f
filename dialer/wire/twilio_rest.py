"""Twilio's REST API of 2010-04-01: our requests as form fields, its answers and its callbacks as values.

Facts are those of the OpenAPI description (github.com/twilio/twilio-oai): Calls create has no idempotency key; inline ``Twiml``
takes 4000 characters; lists filter by whole days in UTC, whatever the type of the filter says; bodies of errors are not part of
it and are read as ``code``, ``message``. Reading is total: what is not understood is None. Field names and enums of an unknown
kind are kept as they came: an unknown status must never end a living call.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from email.utils import parsedate_to_datetime
from typing import Literal, TypeVar

import msgspec

from dialer.model.attempt import DialOrder
from dialer.model.disposition import AnsweredBy

VERSION = "2010-04-01"
ENDED = frozenset({"completed", "busy", "failed", "no-answer", "canceled"})
WAITING = frozenset({"queued", "initiated", "ringing"})
"""Not answered: such a call is cancelled, any other is completed."""
PAGE_SIZE = 1000
MAX_RING_S = 600
_EVENTS = ("initiated", "ringing", "answered", "completed")
_MACHINES: Mapping[str, tuple[AnsweredBy, bool]] = {
    "human": (AnsweredBy.HUMAN, False),
    "machine_start": (AnsweredBy.VOICEMAIL, False),
    "machine_end_beep": (AnsweredBy.VOICEMAIL, True),
    "machine_end_silence": (AnsweredBy.VOICEMAIL, True),
    "machine_end_other": (AnsweredBy.VOICEMAIL, True),
    "fax": (AnsweredBy.FAX, False),
}

Fields = tuple[tuple[str, str], ...]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class RestRequest:
    """One request: the fields go into the query of a GET and into the form of a POST."""

    method: Literal["GET", "POST"]
    path: str
    fields: Fields = ()


@dataclass(frozen=True, slots=True)
class NewCall:
    """What a call is given beside the order. Without ``machine_url`` there is no detection of machines by Twilio.

    ``is_recorded``: Twilio keeps a recording with both sides apart.
    """

    twiml: str
    status_url: str
    machine_url: str = ""
    waits_for_beep: bool = False
    is_recorded: bool = False


class CallResource(msgspec.Struct, frozen=True, rename={"from_number": "from"}):
    """A call as Twilio keeps it. Times are RFC 2822, numbers text; ``status`` may be newer than this code."""

    sid: str
    status: str
    to: str = ""
    from_number: str = ""
    date_created: str | None = None
    start_time: str | None = None
    duration: str | None = None
    price: str | None = None
    price_unit: str | None = None
    answered_by: str | None = None

    @property
    def created_at(self) -> datetime | None:
        """When it was made, aware UTC; None while that is not told."""
        return instant(self.date_created)

    @property
    def talk_s(self) -> float:
        """Its length in seconds; 0 for what was never answered or is not over."""
        return float(self.duration) if self.duration and self.duration.isdecimal() else 0.0

    @property
    def was_answered(self) -> bool:
        """Somebody or something took it."""
        return self.status in ("in-progress", "completed")

    @property
    def cost(self) -> Decimal | None:
        """What connecting it cost, as a positive amount in ``price_unit``; None while that is not known."""
        try:
            amount = None if self.price is None else abs(Decimal(self.price))
        except InvalidOperation:
            return None
        return amount if amount is not None and amount.is_finite() else None


class _CallPage(msgspec.Struct, frozen=True):
    calls: list[CallResource]
    next_page_uri: str | None = None


class _Number(msgspec.Struct, frozen=True):
    phone_number: str
    capabilities: dict[str, bool] = {}


class _Numbers(msgspec.Struct, frozen=True):
    incoming_phone_numbers: list[_Number] = []
    outgoing_caller_ids: list[_Number] = []
    next_page_uri: str | None = None


class _Balance(msgspec.Struct, frozen=True):
    balance: str
    currency: str = ""


class _Country(msgspec.Struct, frozen=True):
    low_risk_numbers_enabled: bool


class _Error(msgspec.Struct, frozen=True):
    code: int = 0
    message: str = ""


@dataclass(frozen=True, slots=True)
class StatusReport:
    """A status callback. ``sequence``: its place among those of the call; None when it was not told."""

    call_sid: str
    status: str
    sequence: int | None
    talk_s: float = 0.0
    sip_code: int | None = None
    code: int = 0
    sent: Fields = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class MachineReport:
    """A callback of the answering machine detection. ``answered_by`` None: it could not tell."""

    call_sid: str
    answered_by: AnsweredBy | None
    is_beep: bool = False


def create_call(account_sid: str, order: DialOrder, call: NewCall) -> RestRequest:
    """Dial. The limits of the order are enforced by Twilio itself, whatever becomes of us."""
    fields = [
        ("To", order.to),
        ("From", order.from_number),
        ("Twiml", call.twiml),
        ("Timeout", str(min(max(order.ring_s, 1), MAX_RING_S))),
        ("TimeLimit", str(order.call_s)),
        ("StatusCallback", call.status_url),
        ("StatusCallbackMethod", "POST"),
        *(("StatusCallbackEvent", event) for event in _EVENTS),
    ]
    if call.machine_url:
        fields += [
            ("MachineDetection", "DetectMessageEnd" if call.waits_for_beep else "Enable"),
            ("AsyncAmd", "true"),
            ("AsyncAmdStatusCallback", call.machine_url),
            ("AsyncAmdStatusCallbackMethod", "POST"),
        ]
    if call.is_recorded:
        fields += [("Record", "true"), ("RecordingChannels", "dual")]
    return RestRequest("POST", _path(account_sid, "Calls.json"), tuple(fields))


def ring_desk(account_sid: str, to: str, from_number: str, twiml: str, status_url: str, ring_s: int) -> RestRequest:
    """Call somebody of ours, for a warm transfer."""
    fields = (
        ("To", to),
        ("From", from_number),
        ("Twiml", twiml),
        ("Timeout", str(ring_s)),
        ("TimeLimit", "14400"),
        ("StatusCallback", status_url),
        ("StatusCallbackMethod", "POST"),
        *(("StatusCallbackEvent", event) for event in _EVENTS),
    )
    return RestRequest("POST", _path(account_sid, "Calls.json"), fields)


def end_call(account_sid: str, sid: str, status: Literal["canceled", "completed"]) -> RestRequest:
    """``canceled`` takes back what has not been answered, ``completed`` ends what lives."""
    return RestRequest("POST", _path(account_sid, f"Calls/{sid}.json"), (("Status", status),))


def redirect_call(account_sid: str, sid: str, twiml: str) -> RestRequest:
    """Give a living call other instructions: its stream ends."""
    return RestRequest("POST", _path(account_sid, f"Calls/{sid}.json"), (("Twiml", twiml),))


def get_call(account_sid: str, sid: str) -> RestRequest:
    """Read one call."""
    return RestRequest("GET", _path(account_sid, f"Calls/{sid}.json"))


def list_calls(account_sid: str, to: str, from_number: str, day: date) -> RestRequest:
    """The calls from one number to another that began on a day, in UTC."""
    fields = (("To", to), ("From", from_number), ("StartTime", day.isoformat()), ("PageSize", str(PAGE_SIZE)))
    return RestRequest("GET", _path(account_sid, "Calls.json"), fields)


def list_waiting(account_sid: str, to: str, from_number: str) -> RestRequest:
    """The calls that wait in Twilio's own queue: they have no start time, so no day finds them."""
    fields = (("To", to), ("From", from_number), ("Status", "queued"), ("PageSize", str(PAGE_SIZE)))
    return RestRequest("GET", _path(account_sid, "Calls.json"), fields)


def get_balance(account_sid: str) -> RestRequest:
    """Read the account's balance: the smallest proof that account and token are right."""
    return RestRequest("GET", _path(account_sid, "Balance.json"))


def list_numbers(account_sid: str) -> RestRequest:
    """The numbers that the account owns."""
    return RestRequest("GET", _path(account_sid, "IncomingPhoneNumbers.json"), (("PageSize", str(PAGE_SIZE)),))


def list_verified(account_sid: str) -> RestRequest:
    """The foreign numbers that the account may show as caller ID."""
    return RestRequest("GET", _path(account_sid, "OutgoingCallerIds.json"), (("PageSize", str(PAGE_SIZE)),))


def get_country(region: str) -> RestRequest:
    """Whether the account may call a country (ISO 3166-1). Of another API, Voice v1, at another host."""
    return RestRequest("GET", f"/v1/DialingPermissions/Countries/{region}")


def next_page(uri: str) -> RestRequest:
    """The page that an answer named; its path and query, never its host."""
    path = uri[uri.find(f"/{VERSION}/") :] if f"/{VERSION}/" in uri else ""
    return RestRequest("GET", path)


def read_call(text: str | bytes) -> CallResource | None:
    """A call."""
    return _read(text, CallResource)


def read_calls(text: str | bytes) -> tuple[list[CallResource], str] | None:
    """A page of calls, and where the next one is (empty: nowhere)."""
    page = _read(text, _CallPage)
    return None if page is None else (page.calls, page.next_page_uri or "")


def read_numbers(text: str | bytes) -> tuple[list[str], str] | None:
    """The numbers of a page of owned numbers with voice or of verified ones, and where the next one is."""
    page = _read(text, _Numbers)
    if page is None:
        return None
    owned = [number.phone_number for number in page.incoming_phone_numbers if number.capabilities.get("voice", True)]
    return owned + [number.phone_number for number in page.outgoing_caller_ids], page.next_page_uri or ""


def read_balance(text: str | bytes) -> str | None:
    """The balance with its currency, for people."""
    found = _read(text, _Balance)
    return None if found is None else f"{found.balance} {found.currency}".strip()


def read_country(text: str | bytes) -> bool | None:
    """Whether the ordinary numbers of the country may be called; None when that is not told."""
    found = _read(text, _Country)
    return None if found is None else found.low_risk_numbers_enabled


def read_error(text: str | bytes) -> tuple[int, str]:
    """Code and message of a refusal; 0 and nothing where there are none."""
    found = _read(text, _Error)
    return (0, "") if found is None else (found.code, found.message)


def status_report(fields: Iterable[tuple[str, str]]) -> StatusReport | None:
    """A status callback; None when it does not name a call and a status."""
    sent = tuple(fields)
    given = dict(sent)
    sid, status = given.get("CallSid", ""), given.get("CallStatus", "")
    if not sid or not status:
        return None
    talk_s = float(_number(given.get("CallDuration")) or 0)
    sip_code = _number(given.get("SipResponseCode"))
    code = _number(given.get("ErrorCode")) or 0
    return StatusReport(sid, status, _number(given.get("SequenceNumber")), talk_s, sip_code, code, sent)


def machine_report(fields: Iterable[tuple[str, str]]) -> MachineReport | None:
    """A callback of the answering machine detection; None when it does not name a call and a finding."""
    given = dict(fields)
    sid, found = given.get("CallSid", ""), given.get("AnsweredBy", "")
    if not sid or not found:
        return None
    answered_by, is_beep = _MACHINES.get(found, (None, False))
    return MachineReport(sid, answered_by, is_beep)


def _path(account_sid: str, tail: str) -> str:
    return f"/{VERSION}/Accounts/{account_sid}/{tail}"


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdecimal() and len(text) < 10 else None


def instant(text: str | None) -> datetime | None:
    """A time of RFC 2822, or of HTTP, as aware UTC; None when it cannot be read."""
    try:
        found = parsedate_to_datetime(text) if text else None
    except (ValueError, IndexError, TypeError, OverflowError):
        return None
    return None if found is None else found.replace(tzinfo=found.tzinfo or UTC).astimezone(UTC)


def _read(text: str | bytes, kind: type[T]) -> T | None:
    try:
        return msgspec.json.decode(text, type=kind, strict=False)
    except (msgspec.DecodeError, UnicodeError):
        return None
