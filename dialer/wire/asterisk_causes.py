"""How a channel of Asterisk ended, in our words.

The cause (Q.850) alone does not tell: a callee who lets it ring and a trunk that does not answer at all both end with 19. So what
was told of the dial before is part of the question (``History``), and where there is a SIP code it is asked first.

Facts: cause, SIP code (``tech_cause``) and last status of the dial for each SIP answer were measured on Asterisk 22.10.1
against a scripted SIP peer; what we make of them is ours. Causes that were not measured are judged by Q.850's meaning.
"""

from dataclasses import dataclass

from dialer.model.attempt import EndCause, Ending, Retry

SILENT_TRUNK = "the trunk did not answer"
_RANG = frozenset({"RINGING", "PROGRESS"})

# 607 (RFC 8197): the owner of the number had the network say that he does not want these calls.
_UNWANTED = 607
_SIP: dict[int, EndCause] = {
    401: EndCause.CONFIGURATION,
    402: EndCause.CONFIGURATION,
    403: EndCause.REJECTED,
    404: EndCause.INVALID_NUMBER,
    407: EndCause.CONFIGURATION,
    408: EndCause.NO_ANSWER,
    410: EndCause.INVALID_NUMBER,
    480: EndCause.NO_ANSWER,
    484: EndCause.INVALID_NUMBER,
    486: EndCause.BUSY,
    487: EndCause.NO_ANSWER,
    488: EndCause.CONFIGURATION,
    600: EndCause.BUSY,
    603: EndCause.REJECTED,
    604: EndCause.INVALID_NUMBER,
    606: EndCause.CONFIGURATION,
    607: EndCause.REJECTED,
    608: EndCause.REJECTED,
}
_Q850: dict[int, EndCause] = {
    0: EndCause.NO_ANSWER,
    1: EndCause.INVALID_NUMBER,
    3: EndCause.CARRIER_FAULT,
    16: EndCause.FAR_HANG_UP,
    17: EndCause.BUSY,
    18: EndCause.NO_ANSWER,
    19: EndCause.NO_ANSWER,
    # Nobody is registered where the dial should go, and no SIP peer said so: that is our own trunk.
    20: EndCause.CARRIER_FAULT,
    21: EndCause.REJECTED,
    22: EndCause.INVALID_NUMBER,
    27: EndCause.CARRIER_FAULT,
    28: EndCause.INVALID_NUMBER,
    29: EndCause.REJECTED,
    50: EndCause.CONFIGURATION,
    52: EndCause.CONFIGURATION,
    54: EndCause.REJECTED,
    57: EndCause.CONFIGURATION,
    58: EndCause.CONFIGURATION,
    65: EndCause.CONFIGURATION,
    66: EndCause.CONFIGURATION,
}
_FAULTS_FROM = 32
"""Q.850 causes from here on are of the network: no resources, no service, protocol."""


@dataclass(slots=True)
class History:
    """What was told of a channel before it ended. ``status``: the last of the dial; None when none was told."""

    status: str | None = None
    has_rung: bool = False
    was_answered: bool = False
    was_ended_by_us: bool = False
    was_asked_to_end: bool = False
    """The far side asked; ours are not counted."""
    is_past_limit: bool = False
    is_overdue: bool = False
    """We ended it because its time was up and Asterisk had not."""
    has_gap: bool = False
    """Events were lost in between: that nothing was heard of the far side proves nothing."""
    fault: str = ""
    """Why we gave it up ourselves, where the fault was not the callee's."""

    def tell(self, status: str) -> None:
        """One more status of the dial; a doubled or late one does not undo what was known."""
        self.has_rung |= status in _RANG
        if status or self.status is None:
            self.status = status

    @property
    def is_silent(self) -> bool:
        """Nothing at all was heard of the far side."""
        return not (self.has_rung or self.was_answered or self.status or self.has_gap)


def ending(cause: int, text: str, sip_code: int | None, history: History) -> Ending:
    """The ending of a dial or of a call, with Asterisk's own words."""
    words = f"{text} ({cause})" if text else f"({cause})"
    if history.fault:
        return Ending(EndCause.CARRIER_FAULT, history.fault, sip_code)
    if history.was_ended_by_us:
        return Ending(EndCause.NEAR_HANG_UP, words, sip_code)
    if history.is_overdue:
        return Ending(EndCause.TIME_LIMIT if history.was_answered else EndCause.NO_ANSWER, words, sip_code)
    if history.was_answered:
        return Ending(_answered(cause, history), words, sip_code)
    if cause == 19 and sip_code in (480, None) and history.is_silent:
        return Ending(EndCause.CARRIER_FAULT, f"{words}: {SILENT_TRUNK}", sip_code)
    ruled = Retry.NEVER if sip_code == _UNWANTED else None
    return Ending(_unanswered(cause, sip_code), words, sip_code, ruled)


def _answered(cause: int, history: History) -> EndCause:
    """A limit of time is not announced, and ends with 0 or 16; everything that is announced is the far side's."""
    if history.was_asked_to_end:
        return EndCause.FAR_HANG_UP
    return EndCause.TIME_LIMIT if history.is_past_limit or cause == 0 else EndCause.FAR_HANG_UP


def _unanswered(cause: int, sip_code: int | None) -> EndCause:
    if sip_code is not None:
        if sip_code in _SIP:
            return _SIP[sip_code]
        if 500 <= sip_code < 600:
            return EndCause.CARRIER_FAULT
        if sip_code >= 600:
            return EndCause.REJECTED
    if cause in _Q850:
        return EndCause.NO_ANSWER if cause == 20 and sip_code is not None else _Q850[cause]
    return EndCause.CARRIER_FAULT if cause >= _FAULTS_FROM else EndCause.NO_ANSWER


def lost(history: History) -> Ending:
    """The channel is gone, and what was told of its end did not reach us: an answered call was hung up, a dial was not answered.

    A dial of which nothing is known is not blamed on the network: it may have rung, and is not to be repeated at once.
    """
    if history.fault:
        return Ending(EndCause.CARRIER_FAULT, history.fault)
    if history.was_ended_by_us:
        return Ending(EndCause.NEAR_HANG_UP, "ended; the report of it was lost")
    if history.was_answered:
        cause = EndCause.TIME_LIMIT if history.is_past_limit else EndCause.FAR_HANG_UP
        return Ending(cause, "ended; the report of it was lost")
    return Ending(EndCause.NO_ANSWER, "ended unanswered; the report of it was lost")
