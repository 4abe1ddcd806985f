"""The figures of one attempt."""

from dataclasses import dataclass, field, replace

from dialer.call import events as call
from dialer.conversation import events as talk
from dialer.conversation.talk import Talk
from dialer.model.attempt import AttemptResult, Usage
from dialer.model.voice_errors import Reaction, reaction

SPOKEN_BYTES_PER_TOKEN = 400
"""A token of the model's speech lasts 50 ms (realtime-costs guide); 8 bytes of mu-law are a millisecond."""


@dataclass(slots=True)
class Measures:
    """Times in seconds of the loop, and what the model billed."""

    placed_at: float | None = None
    answered_at: float | None = None
    ended_at: float | None = None
    usage: Usage = field(default_factory=Usage)
    rate_limits: dict[str, int] = field(default_factory=dict)
    is_fatal_for_campaign: bool = False
    should_back_off: bool = False
    unfinished: dict[str, int] = field(default_factory=dict)
    """Bytes of speech by response, of responses whose own account has not come."""

    def note(self, event: object, now: float) -> None:
        """Take what an event says about time and money."""
        match event:
            case talk.AgentAudio(response_id=response_id, mulaw=mulaw):
                self.unfinished[response_id] = self.unfinished.get(response_id, 0) + len(mulaw)
            case call.Placed():
                self.placed_at = now
            case call.Answered():
                self.answered_at = self.answered_at or now
            case call.LegEnded():
                self.ended_at = self.ended_at or now
            case call.ModelFailed(is_fatal_for_campaign=is_fatal, should_back_off=should_back_off):
                self.is_fatal_for_campaign |= is_fatal
                self.should_back_off |= should_back_off
            case talk.ResponseDone(response_id=response_id, code=code, reason=reason, usage=usage):
                self.unfinished.pop(response_id, None)
                self.usage += usage
                if code:
                    self._failed(reaction(code, reason))
            case talk.VoiceRefused(code=code, kind=kind, message=message):
                self._failed(reaction(code, kind, message))
            case talk.RateLimited(remaining=remaining):
                for name, left in remaining.items():
                    self.rate_limits[name] = min(left, self.rate_limits.get(name, left))
            case talk.CalleeWords(transcription_s=seconds):
                self.usage = replace(self.usage, transcription_s=self.usage.transcription_s + seconds)
            case _:
                pass

    def _failed(self, asked: Reaction) -> None:
        self.is_fatal_for_campaign |= asked is Reaction.STOP_CAMPAIGN
        self.should_back_off |= asked is Reaction.BACK_OFF

    def _billed(self) -> Usage:
        """What the model told, and an estimate for speech whose account it was cut off from (a phone that was busy after all)."""
        estimated = [count // SPOKEN_BYTES_PER_TOKEN for count in self.unfinished.values()]
        return self.usage + Usage(audio_out=sum(estimated), responses=len(estimated))

    def result(self, finish: call.Finish, core: Talk, now: float) -> AttemptResult:
        """Verdict and figures together."""
        ended = self.ended_at or now
        rung_until = self.answered_at or ended
        return AttemptResult(
            disposition=finish.disposition,
            outcome=finish.outcome,
            answered_by=finish.answered_by,
            ending=finish.ending,
            reason=finish.reason,
            ring_s=0.0 if self.placed_at is None else round(rung_until - self.placed_at, 3),
            talk_s=0.0 if self.answered_at is None else round(ended - self.answered_at, 3),
            answer_to_audio_ms=core.first_audio_ms,
            usage=self._billed(),
            callback_at=core.toolbox.callback_at,
            summary=core.toolbox.summary,
            answers=dict(core.toolbox.answers),
            is_fatal_for_campaign=self.is_fatal_for_campaign,
            should_back_off=self.should_back_off,
            rate_limits=dict(self.rate_limits),
        )
