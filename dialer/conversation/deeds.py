"""What the model does: its tools run at once, their results go back when the response is over, and then it goes on."""

import json

from dialer.conversation.cards import mask_cards
from dialer.conversation.events import EndLog, RecordToolCall, ResponseDone, ReturnToolOutput, SendDigits, ToolCalled
from dialer.conversation.fixed import is_goodbye
from dialer.conversation.stage import Stage
from dialer.conversation.tools import Effect, EndWanted, OptedOut, TransferWanted, TypeReported
from dialer.model.transcript import ToolCall


class Deeds:
    """The tool calls of one talk."""

    def __init__(self, stage: Stage) -> None:
        """``stage``: what the parts of the talk share."""
        self._stage = stage
        self._outputs: dict[str, list[ReturnToolOutput]] = {}
        self._known: set[str] = set()
        self._wants_end = ""
        self.last_words = ""
        """What we said last, as generated."""

    def called(self, event: ToolCalled, now: float) -> None:
        """Run one tool; its result waits for the end of the response. A call that is reported again changes nothing."""
        stage = self._stage
        if event.call_id in self._known:
            return
        self._known.add(event.call_id)
        read, result, effect = stage.toolbox.call(event.call_id, event.name, event.arguments, stage.scene(now))
        kept = {key: mask_cards(value) if isinstance(value, str) else value for key, value in read.items()}
        if mask_cards(event.arguments) != event.arguments:
            stage.out.append(EndLog(event.item_id))
        record = ToolCall(event.call_id, event.name, kept, result, stage.playout.ms(now), stage.book.last_seq)
        stage.out.append(RecordToolCall(record))
        output = ReturnToolOutput(event.call_id, json.dumps(result, ensure_ascii=False))
        self._outputs.setdefault(event.response_id, []).append(output)
        if effect is not None:
            self._act(effect, event.response_id, now)

    def response_done(self, event: ResponseDone, now: float) -> None:
        """Hand the results back and go on: to the end, or to the next sentence."""
        stage = self._stage
        outputs = self._outputs.pop(event.response_id, [])
        stage.out += outputs
        if self._wants_end == event.response_id:
            self._wants_end = ""
            if event.status == "completed":
                self._say_goodbye(event.response_id, now)
                return
        if outputs and event.status == "completed":
            stage.reply(now)

    def lose(self) -> None:
        """The model's session is gone: nobody waits for results any more."""
        self._outputs.clear()
        self._wants_end = ""

    def _say_goodbye(self, response_id: str, now: float) -> None:
        """Hang up after what was said in this response, or after our own goodbye when nothing was."""
        stage = self._stage
        if not stage.closing.is_open:
            return
        texts = stage.plan.texts
        has_said = stage.playout.spoke_in(response_id) or is_goodbye(self.last_words, texts.language)
        stage.close("end_call", "" if has_said else texts.sentences.goodbye, now, is_firm=False)

    def _act(self, effect: Effect, response_id: str, now: float) -> None:
        stage = self._stage
        match effect:
            case OptedOut(quote):
                stage.opted_out("tool", quote, now)
            case EndWanted():
                self._wants_end = response_id
            case TypeReported(kind):
                stage.machines.reported(kind, now)
            case TransferWanted(desk):
                stage.close("transferred", stage.plan.texts.desk.campaign.transfer[desk].announce, now)
                stage.closing.desk = desk
            case _:
                stage.out.append(SendDigits(effect.digits))
