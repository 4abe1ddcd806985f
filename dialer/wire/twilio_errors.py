"""Twilio's ways to say no, in our words: error codes, HTTP classes, call statuses and SIP answers.

Codes change and new ones come (changelog of 2024-07-10), so the table is short and everything else goes by its HTTP class.
Sources: twilio.com/docs/api/errors, and RFC 3261, 3326 and 8197 (607, unwanted) for the SIP answers.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from dialer.model.attempt import EndCause, Ending, Retry

OVER = frozenset({20404, 21220})
"""What a hang-up gets when the call is over already: done."""
STREAM_FAULTS: Mapping[int, str] = {
    31910: "the media address has no valid certificate",
    31920: "the media address did not accept the WebSocket",
    31921: "we closed the media socket",
    31922: "the media address is not wss",
    31924: "we sent what Media Streams does not know",
    31931: "we sent more than ten minutes of audio ahead",
}
"""Faults of our own end of a stream: an operator must hear of them."""


@dataclass(frozen=True, slots=True)
class Ruling:
    """What a code means for the attempt."""

    cause: EndCause
    text: str
    ruled: Retry | None = None


_INVALID, _CONFIG, _FAULT = EndCause.INVALID_NUMBER, EndCause.CONFIGURATION, EndCause.CARRIER_FAULT
CODES: Mapping[int, Ruling] = {
    21211: Ruling(_INVALID, "not a valid number"),
    21217: Ruling(_INVALID, "not a valid number"),
    13224: Ruling(_INVALID, "the number cannot be reached, or the network near it is down", Retry.LATER),
    21214: Ruling(_INVALID, "no route to this number"),
    21215: Ruling(_CONFIG, "the account has no permission for this country"),
    13227: Ruling(_CONFIG, "the account has no permission for this country"),
    21216: Ruling(_CONFIG, "the account may not call this number", Retry.NEVER),
    21210: Ruling(_CONFIG, "the caller ID is not verified"),
    21212: Ruling(_CONFIG, "the caller ID is not a valid number"),
    13214: Ruling(_CONFIG, "the caller ID is not a valid number"),
    21219: Ruling(_CONFIG, "a trial account calls verified numbers only"),
    573005: Ruling(_CONFIG, "a trial account calls verified numbers only"),
    10004: Ruling(_FAULT, "too many calls at once for this account", Retry.BACK_OFF),
    86008: Ruling(_FAULT, "too many requests", Retry.BACK_OFF),
    20429: Ruling(_FAULT, "too many requests", Retry.BACK_OFF),
    20003: Ruling(_CONFIG, "the account or its token was refused"),
    34002: Ruling(EndCause.BUSY, "busy"),
}

_SIP: Mapping[int, tuple[EndCause, Retry | None]] = {
    486: (EndCause.BUSY, None),
    600: (EndCause.BUSY, None),
    403: (EndCause.REJECTED, None),
    603: (EndCause.REJECTED, None),
    607: (EndCause.REJECTED, Retry.NEVER),
    404: (_INVALID, None),
    410: (_INVALID, None),
    484: (_INVALID, None),
    604: (_INVALID, None),
    408: (EndCause.NO_ANSWER, None),
    480: (EndCause.NO_ANSWER, None),
    487: (EndCause.NO_ANSWER, None),
    488: (_CONFIG, None),
}
_UNANSWERED: Mapping[str, EndCause] = {
    "busy": EndCause.BUSY,
    "no-answer": EndCause.NO_ANSWER,
}


def refusal(http_status: int, code: int, message: str) -> Ending:
    """The end of a dial that Twilio refused to make."""
    ruling = CODES.get(code) or _by_class(http_status)
    words = f"{code or http_status} {ruling.text or message}".strip()
    return Ending(ruling.cause, words, None, ruling.ruled)


def _by_class(http_status: int) -> Ruling:
    if http_status in (401, 403):
        return Ruling(_CONFIG, "")
    if http_status == 429:
        return Ruling(_FAULT, "", Retry.BACK_OFF)
    if http_status >= 500:
        return Ruling(_FAULT, "")
    # A request that only this number may be to blame for: tried again by the rule of failures, and the breaker sees the rest.
    return Ruling(_CONFIG, "", Retry.CARRIER_FAULT)


def ending(status: str, *, sip_code: int | None = None, code: int = 0) -> Ending:
    """The end of a call that nobody answered, by its last status, the SIP answer and the error code where there are any."""
    words = status + (f", SIP {sip_code}" if sip_code else "") + (f", error {code}" if code else "")
    if code in CODES:
        return Ending(CODES[code].cause, words, sip_code, CODES[code].ruled)
    cause, ruled = _SIP.get(sip_code or 0, (_UNANSWERED.get(status, _FAULT), None))
    return Ending(EndCause.NEAR_HANG_UP if status == "canceled" else cause, words, sip_code, ruled)


def completed(*, is_ours: bool, talk_s: float, call_s: float, sip_code: int | None = None) -> Ending:
    """The end of a call that was answered. ``is_ours``: we had asked for it; ``call_s`` is the limit that Twilio was given."""
    if is_ours:
        return Ending(EndCause.NEAR_HANG_UP, "completed, ended by us", sip_code)
    if talk_s >= call_s:
        return Ending(EndCause.TIME_LIMIT, f"completed after {talk_s:.0f} s, the limit", sip_code)
    return Ending(EndCause.FAR_HANG_UP, "completed", sip_code)
