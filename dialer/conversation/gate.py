"""The one gate for ``CreateResponse``: never two responses at once, at most one waiting.

The service refuses a second response while one is active, and the loser is silently lost. So every wish to speak is a
``Wish`` here; it is sent when nothing is active, else it waits, and a newer wish takes the place of an older one of
the same or lesser urgency. A response that does not start within five seconds, is refused or fails is asked for once again
(after a pause, when a limit is used up); after that the model is held to be silent. While the model is away, wishes wait.
"""

from dataclasses import dataclass, replace

from dialer.conversation.events import CancelResponse, ConversationCommand, CreateResponse

START_S = 5.0
"""Seconds from ``CreateResponse`` to ``ResponseStarted``, after which it is asked for again."""
RACE_S = 0.5
"""Seconds after which a lost race is run again, when the end of the other response is not seen before."""
MOST_RACES = 5
STALL_S = 10.0
"""Seconds in which an active response brings nothing, after which it is given up."""
FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Wish:
    """Something to be said. ``text`` is said word for word; without it the model finds its own words.

    ``is_firm`` wishes are not dropped when the callee speaks.
    """

    purpose: str
    text: str = ""
    is_firm: bool = False
    tries: int = 1
    races: int = 0


def verbatim(text: str) -> str:
    """Instructions for one response that says exactly ``text``."""
    return (
        "Say exactly the text between the two lines of three quotes, word for word, in its own language, "
        f'and nothing else. Do not answer anything and do not call a tool.\n"""\n{text}\n"""'
    )


class ResponseGate:
    """What is being generated, what was asked for, and what waits."""

    def __init__(self, out: list[ConversationCommand]) -> None:
        """``out``: where commands are put."""
        self._out = out
        self._asked: Wish | None = None
        self._asked_at = 0.0
        self._active: tuple[str, Wish] | None = None
        self._waiting: Wish | None = None
        self._not_before = 0.0
        self.stirred_at = 0.0
        """When the active response brought something last."""
        self.is_gone = False
        """There is no model to ask."""
        self.is_unwanted = False
        """What is asked for or generated will not be heard."""

    @property
    def is_idle(self) -> bool:
        """Nothing is generated, asked for or waiting."""
        return self._asked is None and self._active is None and self._waiting is None

    @property
    def is_free(self) -> bool:
        """A wish would be sent at once."""
        return not self.is_gone and self._asked is None and self._active is None

    @property
    def active_id(self) -> str:
        """The response that is being generated, or an empty text."""
        return self._active[0] if self._active else ""

    def wish(self, wish: Wish, now: float) -> None:
        """Ask for a response, now or when the present one is over."""
        if self._waiting is None or wish.is_firm or not self._waiting.is_firm:
            self._waiting = wish
        self.release(now)

    def release(self, now: float) -> None:
        """Send what waits, if nothing is active."""
        if self._waiting is None or not self.is_free or now < self._not_before:
            return
        wish, self._waiting = self._waiting, None
        self._asked, self._asked_at, self.is_unwanted = wish, now, False
        self._out.append(_request(wish))

    def started(self, response_id: str, purpose: str, now: float) -> Wish | None:
        """A response began; returns its wish, or None when nobody wants it (it is cancelled at once).

        ``purpose`` is what its metadata says: a response that is not ours has none, and ours is still to come.
        """
        wish = self._asked
        if wish is None or wish.purpose != purpose:
            self._out.append(CancelResponse(response_id))
            return None
        self._asked, self._active, self.stirred_at = None, (response_id, wish), now
        if self.is_unwanted:
            self._out.append(CancelResponse(response_id))
            return None
        return wish

    def done(self, response_id: str, status: str, now: float, *, is_retryable: bool = True, pause_s: float = 0.0) -> Wish | None:
        """A response is over; returns its wish when it failed for good. A first failure is tried again after ``pause_s``."""
        if self._active is None or self._active[0] != response_id:
            self._not_before = min(self._not_before, now)
            return None
        wish, self._active = self._active[1], None
        if status != FAILED or self.is_unwanted:
            return None
        return _again(self, wish, now, is_retryable=is_retryable, pause_s=pause_s)

    def refused(self, now: float, *, is_retryable: bool, pause_s: float = 0.0) -> Wish | None:
        """The service refused our request: no response will start. As ``done`` for a response that failed."""
        wish, self._asked = self._asked, None
        if wish is None or self.is_unwanted:
            return None
        failed = _again(self, wish, now, is_retryable=is_retryable, pause_s=pause_s)
        self.release(now)
        return failed

    def lost_race(self, now: float) -> Wish | None:
        """The service refused our request because another response was active: it waits again, a few times."""
        wish, self._asked = self._asked, None
        if wish is None or self.is_unwanted:
            return None
        if wish.races >= MOST_RACES:
            return wish
        if self._waiting is None:
            self._waiting, self._not_before = replace(wish, races=wish.races + 1), now + RACE_S
        return None

    def lose(self) -> None:
        """The model is gone: what was asked for will not come, and what is wished from now on waits."""
        self._asked = self._active = self._waiting = None
        self.is_gone, self.is_unwanted = True, False

    def come_back(self, now: float) -> None:
        """There is a model again. Only firm wishes are still worth it."""
        self.is_gone = False
        if self._waiting is not None and not self._waiting.is_firm:
            self._waiting = None
        self.release(now)

    def drop(self) -> None:
        """Take back what is not heard yet: cancel what is generated, forget what waits. Firm wishes that wait stay."""
        if self._waiting is not None and not self._waiting.is_firm:
            self._waiting = None
        if self._active is not None and not self.is_unwanted:
            self._out.append(CancelResponse(self._active[0]))
        self.is_unwanted = self._asked is not None or self._active is not None

    def deadline(self) -> float | None:
        """When an unanswered request is due for a second try, or what had to pause for its next one."""
        if self._asked is not None:
            return self._asked_at + START_S
        if self._active is not None:
            return self.stirred_at + STALL_S
        return self._not_before if self._waiting is not None and self.is_free else None

    def tick(self, now: float) -> Wish | None:
        """Ask again when it is time; returns the wish when the second request stayed unanswered too."""
        if self._asked is None:
            self.release(now)
            return None
        if now < self._asked_at + START_S:
            return None
        wish = self._asked
        if wish.tries > 1 or self.is_unwanted:
            self._asked = None
            return None if self.is_unwanted else wish
        self._asked, self._asked_at = replace(wish, tries=wish.tries + 1), now
        self._out.append(_request(wish))
        return None


def stalled(gate: ResponseGate, now: float) -> str:
    """The active response when it has brought nothing for too long, else an empty text."""
    return gate.active_id if now >= gate.stirred_at + STALL_S else ""


def _request(wish: Wish) -> CreateResponse:
    if wish.text:
        return CreateResponse(wish.purpose, verbatim(wish.text), may_use_tools=False)
    return CreateResponse(wish.purpose)


def _again(gate: ResponseGate, wish: Wish, now: float, *, is_retryable: bool, pause_s: float) -> Wish | None:
    """Try a failed wish again, unless that was done; returns it when it failed for good."""
    if wish.tries > 1 or not is_retryable:
        return wish
    if gate._waiting is None:
        gate._waiting, gate._not_before = replace(wish, tries=wish.tries + 1), now + pause_s
    return None
