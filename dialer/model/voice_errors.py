"""What a failure of the Realtime service asks of us: one table for error events, failed responses, refused upgrades and
closed sockets.

Facts: codes and their effects as reported for the service (realtime guides, issue threads of LiveKit, Pipecat and the
openai-agents packages, and what a loopback capture of the beta's end showed). A service may put the word into ``code``
or into ``type``, so both are looked up. Wording is matched only where the service gives no code of its own.
"""

from collections.abc import Mapping
from enum import StrEnum


class Reaction(StrEnum):
    """What is to be done."""

    STOP_CAMPAIGN = "stop_campaign"
    """Bad key, empty account, dead protocol: every further call would fail in the same way, although a socket opens."""
    BACK_OFF = "back_off"
    """A limit is used up for now: keep the call, ask later, start no new calls for a while."""
    RETRY_ONCE = "retry_once"
    """The service stumbled: ask once again, then apologise and end."""
    WAIT_FOR_TURN = "wait_for_turn"
    """Our request lost a race against a response that is active: ask again when that is done. Nothing else follows."""
    IGNORE = "ignore"
    """A harmless race, or it already is as we wanted it."""
    SESSION_OVER = "session_over"
    """This session brings nothing more; another one may."""
    OUR_MISTAKE = "our_mistake"
    """The request was wrong and changed nothing. While a session is set up it means that the defaults stay in force:
    never talk with those."""


_R = Reaction
ERRORS: Mapping[str, Reaction] = {
    "beta_api_shape_disabled": _R.STOP_CAMPAIGN,
    "insufficient_quota": _R.STOP_CAMPAIGN,
    "credit_balance_exhausted": _R.STOP_CAMPAIGN,
    "invalid_api_key": _R.STOP_CAMPAIGN,
    "account_deactivated": _R.STOP_CAMPAIGN,
    "billing_hard_limit_reached": _R.STOP_CAMPAIGN,
    "model_not_found": _R.STOP_CAMPAIGN,
    "invalid_model": _R.STOP_CAMPAIGN,
    "inference_rate_limit_exceeded": _R.BACK_OFF,
    "rate_limit_exceeded": _R.BACK_OFF,
    "rate_limit_error": _R.BACK_OFF,
    "too_many_requests": _R.BACK_OFF,
    "server_error": _R.RETRY_ONCE,
    "internal_error": _R.RETRY_ONCE,
    "conversation_already_has_active_response": _R.WAIT_FOR_TURN,
    "response_cancel_not_active": _R.IGNORE,
    "input_audio_buffer_commit_empty": _R.IGNORE,
    "item_create_duplicate_item_id": _R.IGNORE,
    "session_expired": _R.SESSION_OVER,
    "missing_required_parameter": _R.OUR_MISTAKE,
    "unknown_parameter": _R.OUR_MISTAKE,
    "invalid_request_error": _R.OUR_MISTAKE,
}
"""By ``code`` or ``type`` of an error event or of a failed response. The code is the more exact word and is asked first."""

_ALREADY_SHORTER = "is already shorter than"
"""``Audio content of X ms is already shorter than Y ms``: our clock and the service's differ by a frame."""

WRONG_FOR_EVERY_CALL = frozenset({"missing_required_parameter", "unknown_parameter"})
"""Mistakes that do not lie in one contact's words: no session can be set up in this way."""


def reaction(code: str, kind: str = "", message: str = "") -> Reaction:
    """What an error event or a failed response asks for; an unknown one is taken for a stumble of the service."""
    if _ALREADY_SHORTER in message:
        return Reaction.IGNORE
    if Reaction.STOP_CAMPAIGN in (ERRORS.get(code), ERRORS.get(kind)):
        return Reaction.STOP_CAMPAIGN
    return ERRORS.get(code) or ERRORS.get(kind) or Reaction.RETRY_ONCE


def close_reaction(code: int | None) -> Reaction:
    """What the close code of a socket asks for; ``None``: the line was cut without one.

    1001 is the end of the longest session, and comes without an exception in some clients; 4000 a refused protocol.
    """
    if code == 4000:
        return Reaction.STOP_CAMPAIGN
    return Reaction.RETRY_ONCE if code is None or 1011 <= code <= 1013 else Reaction.SESSION_OVER


def status_reaction(status: int) -> Reaction:
    """What the HTTP status of a refused upgrade asks for. A redirect is an address that we will not send a key to."""
    if status == 429:
        return Reaction.BACK_OFF
    return Reaction.STOP_CAMPAIGN if 300 <= status < 500 and status != 408 else Reaction.RETRY_ONCE
