"""Both cores back to back, without a driver, a loop or a socket: a world of chance plays carrier, model, gates and callee.

Everything that a real side may do happens here in some order: late, doubled, never. ``Invariants`` are checked while it runs.
"""

from __future__ import annotations

import heapq
import itertools
from random import Random
from typing import Any

from dialer.call import events as call
from dialer.call.machine import TABLE, CallMachine, Forbidden
from dialer.conversation import events as talk
from dialer.conversation.stage import PUT_THROUGH, TalkPlan
from dialer.conversation.talk import Talk
from dialer.model.attempt import EndCause, Ending
from dialer.model.campaign import Campaign
from dialer.model.disposition import AnsweredBy, Disposition
from tests.support.builders import MONDAY, a_campaign, a_script

MS = b"\xff" * 8
WORDS = (
    "Hello?", "Yes, please.", "No.", "", "Stop calling me.", "Please leave a message after the tone.",
    "State your name and reason.",
    "Press one for sales, press two for service.", "The number you have dialed is not in service.", "I want to kill myself.",
    "My card is 4111 1111 1111 1111.", "Your call is important to us, please stay on the line.", "He is not available.",
)  # fmt: skip
SPEECHES = (
    "What is your budget?",
    "Thank you. Goodbye.",
    "It is free of charge.",
    "A crown costs a lot, and here is why: because.",
)
TOOLS = (
    ("end_call", "{}"), ("opt_out", '{"quote": "no"}'), ("report_answer_type", '{"kind": "screening"}'),
    ("report_answer_type", '{"kind": "voicemail"}'), ("report_answer_type", '{"kind": "ivr"}'),
    ("report_answer_type", '{"kind": "human"}'),
    ("transfer", '{"desk": "sales"}'), ("set_outcome", '{"outcome": "interested", "quote": "yes"}'), ("record_answer", "broken"),
    ("send_digits", '{"digits": "1"}'),
)  # fmt: skip
CAMPAIGNS: tuple[Campaign, ...] = tuple(
    a_campaign(
        voice={"prewarm": prewarm},
        menu={"press": keys},
        guards={"forbidden": ["free of charge"]},
        voicemail={"action": "leave_message", "message": "Hello {first_name}, please call {company}."},
    )
    for prewarm, keys in (("ring", ""), ("answer", "0"), ("clip", "1"))
)
SCRIPTS = tuple(a_script(campaign) for campaign in CAMPAIGNS)
MOST_STEPS = 5000


class Line:
    """What was sent and heard, and which openings."""

    def __init__(self) -> None:
        self.sent: dict[str, int] = {}
        self.queued_ms = 0
        self.free_at = 0.0
        self.ends_at: dict[str, float] = {}
        self.responses: list[str] = []
        self.items: list[str] = []
        self.openings: set[str] = set()
        self.openings_heard: set[str] = set()
        self.put_through = 0
        self.reopened = 0

    def play(self, item_id: str, count_ms: int, now: float) -> None:
        self.sent[item_id] = self.sent.get(item_id, 0) + count_ms
        self.queued_ms += count_ms
        self.free_at = max(self.free_at, now) + count_ms / 1000
        self.ends_at[item_id] = self.free_at
        self.openings_heard |= {item_id} & self.openings
        # One, one more for a person whom a screener puts through, one more after a lost session that cut it.
        assert len(self.openings_heard) <= 1 + self.put_through + self.reopened, "never two openings"

    def heard_ms(self, now: float) -> int:
        return max(0, self.queued_ms - max(0, round((self.free_at - now) * 1000)))

    def clear(self, now: float) -> int:
        # An opening that is cut short may be said again.
        self.openings_heard -= {item for item, at in self.ends_at.items() if at > now}
        self.queued_ms, self.free_at = self.heard_ms(now), now
        return self.queued_ms


class World:
    """One attempt in a world of chance."""

    def __init__(self, random: Random) -> None:
        self.random = random
        which = random.randrange(len(CAMPAIGNS))
        self.campaign = CAMPAIGNS[which]
        self.machine = CallMachine(ring_s=30, call_s=120)
        self.talk = Talk(TalkPlan(SCRIPTS[which], MONDAY, 0.0, random.random() < 0.5))
        self.now = 0.0
        self.finishes: list[call.Finish] = []
        self.fed: list[type] = []
        self.commands: list[Any] = []
        self._ahead: list[tuple[float, int, Any]] = []
        self._numbers = itertools.count(1)
        self.line = Line()

    def run(self) -> call.Finish:
        """Until it is over. Raises ``AssertionError`` where an invariant breaks."""
        for _ in range(self.random.choice((0, 0, 3, 10, 25))):
            self.later(self.random.uniform(0, 60), self._noise())
        if self.random.random() < 0.2:
            self.later(self.random.uniform(0, 60), call.CancelAsked("shutdown"))
        self.feed(call.Began())
        for _ in range(MOST_STEPS):
            if self.finishes:
                break
            self._step()
        assert len(self.finishes) == 1, "it must end, once"
        assert self.machine.done
        return self.finishes[0]

    def later(self, seconds: float, *events: Any) -> None:
        for event in events:
            heapq.heappush(self._ahead, (self.now + seconds, next(self._numbers), event))

    def feed(self, event: Any) -> None:
        if isinstance(event, call.CallEvent):
            if isinstance(TABLE[self.machine.state][type(event)], Forbidden):
                return  # only a bug of our own driver could cause it
            self.fed.append(type(event))
            self._perform(self.machine.feed(event, self.now))
        else:
            self._perform(self.talk.feed(event, self.now))

    def _step(self) -> None:
        due = min((at for at in (self.machine.deadline(), self.talk.deadline()) if at is not None), default=None)
        if self._ahead and (due is None or self._ahead[0][0] <= due):
            at, _, event = heapq.heappop(self._ahead)
            self.now = max(self.now, at)
            self.feed(event() if callable(event) else event)
            return
        assert due is not None, "nothing would ever happen again"
        self.now = max(self.now, due)
        for core in (self.machine, self.talk):
            at = core.deadline()
            if at is not None and self.now >= at and not self.finishes:
                self._perform(core.tick(self.now))

    def _perform(self, commands: list[Any]) -> None:
        for command in commands:
            self.commands.append(command)
            assert not self.finishes, "Finish is the last command"
            match command:
                case call.Finish():
                    self.finishes.append(command)
                case call.OpenModel():
                    self._maybe(0.97, 0.5, call.ModelReady(), call.ModelFailed("refused"))
                case call.AskPermit():
                    self._maybe(0.97, 0.2, call.Permitted(), call.Refused(Disposition.BLOCKED_DNC, "DNC-1"))
                case call.Dial():
                    self._dial()
                case call.PrepareOpening() if self.campaign.voice.prewarm == "ring":
                    self.feed(talk.OpeningAsked())
                case call.StartTalk():
                    self.line.free_at = self.now
                    self.feed(talk.CallAnswered())
                case call.HangUp() if self.random.random() < 0.9:
                    self.later(0.1, talk.LegClosed("gone"), call.LegEnded(Ending(EndCause.NEAR_HANG_UP)))
                case talk.EndTalk(reason, answered_by, outcome, is_left):
                    assert self.talk.done
                    self.feed(call.TalkEnded(answered_by, outcome, reason, is_left, self.talk.had_first_audio))
                case talk.PlayClip() | talk.RecordTurn() | talk.AddNote() | call.WindUpTalk() | call.StopTalk():
                    self._note(command)
                case _:
                    self._perform_talk(command)

    def _dial(self) -> None:
        assert self.commands.count(call.Dial()) == 1, "never a second dial"
        assert {call.ModelReady, call.Permitted} <= set(self.fed), "never a dial without a confirmed session"
        chance = self.random.random()
        if chance < 0.05:
            self.later(1.0, call.PlaceLost("timeout"))
        elif chance < 0.9:
            self.later(0.2, call.Placed(), call.Ringing())
            ringing = self.random.uniform(0.3, 20)
            if self.random.random() < 0.85:
                self.later(ringing, call.Answered())
                self.later(ringing + self.random.uniform(0, 150), talk.LegClosed(), call.LegEnded(Ending(EndCause.FAR_HANG_UP)))
            else:
                self.later(ringing, call.LegEnded(Ending(EndCause.BUSY)))

    def _perform_talk(self, command: Any) -> None:
        match command:
            case talk.CreateResponse():
                self._respond(command)
            case talk.Play(item_id, mulaw):
                self.line.play(item_id, len(mulaw) // 8, self.now)
            case talk.Mark(name):
                if self.random.random() < 0.95:
                    self.later(max(0.0, self.line.free_at - self.now), talk.MarkPlayed(name))
            case talk.ClearPlayout():
                self.feed(talk.PlayoutCleared(self.line.clear(self.now)))
            case talk.TruncateHeard(item_id, heard_ms):
                assert 0 <= heard_ms <= self.line.sent.get(item_id, 0), "heard is never more than sent"
            case talk.ReopenVoice():
                self.line.reopened += 1
                assert self.line.reopened == 1, "one resume"
                self._maybe(0.8, 1.0, talk.VoiceReopened(), talk.ReopenFailed("timeout"))
            case talk.Transfer(desk) if self.random.random() < 0.5:
                self.later(0.5, talk.TransferFailed(desk))
            case _:
                pass

    def _note(self, command: Any) -> None:
        match command:
            case call.WindUpTalk(reason):
                self.feed(talk.EndAsked(reason))
            case call.StopTalk():
                self.feed(talk.LegClosed("stopped", self.line.heard_ms(self.now)))
            case talk.PlayClip(name, item_id):
                if name == "opening":
                    self.line.openings.add(item_id)
                self.line.play(item_id, 3000, self.now)
            case talk.AddNote(text):
                self.line.put_through += text == PUT_THROUGH
            case talk.RecordTurn(turn):
                assert turn.end_ms >= 0
                assert turn.generated == "" or len(turn.text) <= len(turn.generated)

    def _respond(self, command: talk.CreateResponse) -> None:
        """The model's mind: says it, says something else, fails, stays silent, or refuses."""
        chance = self.random.random()
        if chance < 0.05:
            return
        if chance < 0.1:
            code = self.random.choice(("conversation_already_has_active_response", "server_error", "rate_limit_exceeded"))
            self.later(0.1, talk.VoiceRefused(code, "", "", "create-reply-1"))
            return
        number = next(self._numbers)
        response, item = f"r{number}", f"i{number}"
        if command.purpose == "opening" and chance < 0.85:
            # One that the service breaks off may be said again.
            self.line.openings.add(item)
        self.line.responses.append(response)
        self.line.items.append(item)
        fixed = command.instructions.split('"""')[1].strip() if command.instructions else ""
        text = fixed if fixed and self.random.random() < 0.95 else self.random.choice(SPEECHES)
        at = self.random.uniform(0.05, 1.0)
        self.later(at, talk.ResponseStarted(response, {"purpose": command.purpose}), talk.AgentWords(response, item, text))
        for piece in range(1, self.random.randint(1, 4)):
            self.later(at + 0.1 * piece, talk.AgentAudio(response, item, MS * self.random.randint(100, 2500)))
        if chance < 0.85:
            at += 0.5
            self.later(at, talk.AgentAudioDone(response, item), talk.AgentTranscript(response, item, text))
            if command.may_use_tools and self.random.random() < 0.4:
                name, arguments = self.random.choice(TOOLS)
                self.later(at, talk.ToolCalled(response, f"{item}t", f"c{number}", name, arguments))
            self.later(at + 0.05, talk.ResponseDone(response, "completed"))
        else:
            code = self.random.choice(
                ("", "server_error", "inference_rate_limit_exceeded", "insufficient_quota", "session_expired")
            )
            self.later(
                at + 0.3, talk.ResponseDone(response, self.random.choice(("failed", "cancelled", "incomplete")), code=code)
            )

    def _maybe(self, chance: float, seconds: float, good: Any, bad: Any) -> None:
        """Good, bad, or (seldom) never an answer."""
        if self.random.random() < 0.99:
            self.later(self.random.uniform(0, seconds), good if self.random.random() < chance else bad)

    def _noise(self) -> Any:
        """Something that happens at its time, whatever the state is: the callee's speech, a late report, a lost socket."""
        random = self.random
        item = f"h{random.randint(1, 6)}"
        kind = random.randrange(10)
        if kind <= 3:
            return lambda: self._speech(item, random.choice(WORDS))
        if kind == 4:
            return random.choice((talk.VoiceLost("1006"), talk.VoiceRefused("session_expired", "", ""), talk.VoiceReopened()))
        if kind == 5:
            return random.choice((talk.BeepHeard(), *map(talk.ToneHeard, talk.Tone), talk.DigitPressed(random.choice("159#"))))
        if kind == 6:
            return talk.MachineReported(random.choice(list(AnsweredBy)), is_beep=random.random() < 0.5)
        if kind == 7:
            name = random.choice(("opening", "apology"))
            return talk.ClipReady(name, "Sorry.", 24_000)
        if kind == 8:
            late = (
                call.Placed(),
                call.Ringing(),
                call.Answered(),
                call.LegEnded(Ending(EndCause.FAR_HANG_UP)),
                call.ModelFailed("x"),
            )
            return random.choice(late)
        return self._stale

    def _speech(self, item: str, text: str) -> Any:
        start = round(self.now * 1000)
        length = self.random.uniform(0.1, 4)
        self.later(length, talk.SpeechStopped(item, start + round(length * 1000)), talk.SpeechCommitted(item, None))
        if self.random.random() < 0.9:
            self.later(length + self.random.uniform(-0.1, 3), talk.CalleeWords(item, text))
        return talk.SpeechStarted(item, start)

    def _stale(self) -> Any:
        """An echo of something old."""
        response = self.random.choice([*self.line.responses, "r0"])
        item = self.random.choice([*self.line.items, "i0"])
        late = (
            talk.AgentAudio(response, item, MS * 200), talk.AgentAudioDone(response, item), talk.MarkPlayed(item),
            talk.AgentTranscript(response, item, "Late words."), talk.ResponseDone(response, "completed"),
            talk.ResponseStarted(response), talk.PlayoutCleared(self.line.heard_ms(self.now)), talk.CalleeWordsFailed("h1", "x"),
        )  # fmt: skip
        return self.random.choice(late)
