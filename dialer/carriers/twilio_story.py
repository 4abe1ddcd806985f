"""What is known of one call on Twilio, in order, whatever order it came in. It decides and does nothing.

Callbacks come late, doubled and out of order, or not at all. A status only ever moves forward, an end is final, and a status that
this code does not know changes nothing. Seconds of the loop come in as arguments.
"""

from dataclasses import dataclass, field

from dialer.call.events import Answered, CallEvent, LegEnded, Ringing
from dialer.model.attempt import Ending
from dialer.wire import twilio_errors
from dialer.wire.twilio_rest import ENDED, WAITING, StatusReport

_RANK = {"queued": 0, "initiated": 1, "ringing": 2, "in-progress": 3}
_MOST_REPORTS = 1000
"""Of one call; more are a flood."""


@dataclass(slots=True)
class Story:
    """The call as far as it is told. ``stopped_by``: how it ends when it ends by our doing."""

    call_s: float
    status: str = "queued"
    is_answered: bool = False
    answered_s: float = 0.0
    ending: Ending | None = None
    stopped_by: Ending | None = None
    has_asked_end: bool = False
    _seen: set[object] = field(default_factory=set)

    @property
    def is_waiting(self) -> bool:
        """Nobody has answered yet: such a call is cancelled."""
        return self.status in WAITING

    def is_new(self, report: StatusReport) -> bool:
        """Whether this callback has not come before; asked once for each."""
        key = report.sent if report.sequence is None else report.sequence
        if key in self._seen or len(self._seen) >= _MOST_REPORTS:
            return False
        self._seen.add(key)
        return True

    def is_first_finding(self) -> bool:
        """Whether Twilio's detection of machines has not spoken yet; asked once for each time that it does."""
        if "machine" in self._seen:
            return False
        self._seen.add("machine")
        return True

    def told(self, report: StatusReport, now: float) -> list[CallEvent]:
        """A status, from a callback or from the record."""
        if self.ending is not None:
            return []
        if report.status in ENDED:
            was_answered = self.is_answered
            ended = self.over(self._ending_of(report, now))
            # Somebody answered, and his audio never came to us: that is told, because he heard nothing.
            return ended if was_answered or not self.is_answered else [Answered(), *ended]
        if _RANK.get(report.status, -1) <= _RANK[self.status]:
            return []
        self.status = report.status
        return [Ringing()] if report.status == "ringing" else []

    def streaming(self, now: float) -> list[CallEvent]:
        """The stream is open: somebody answered."""
        if self.ending is not None or self.is_answered:
            return []
        self.is_answered, self.answered_s, self.status = True, now, "in-progress"
        return [Answered()]

    def over(self, ending: Ending) -> list[CallEvent]:
        """It ended; the first end counts."""
        if self.ending is not None:
            return []
        self.ending = ending
        return [LegEnded(ending)]

    def _ending_of(self, report: StatusReport, now: float) -> Ending:
        if report.status == "completed":
            self.is_answered = self.is_answered or report.talk_s > 0 or self.status == "in-progress"
        if self.stopped_by is not None:
            return self.stopped_by
        if report.status != "completed":
            return twilio_errors.ending(report.status, sip_code=report.sip_code, code=report.code)
        talk_s = max(report.talk_s, now - self.answered_s if self.answered_s else 0.0)
        return twilio_errors.completed(is_ours=False, talk_s=talk_s, call_s=self.call_s, sip_code=report.sip_code)
