"""What an attempt is given, and where its steps are committed."""

from dataclasses import dataclass
from typing import Protocol

from dialer.call.events import Permitted, Refused
from dialer.conversation.events import RecordOptOut
from dialer.conversation.instructions import Personalised
from dialer.model.attempt import DialOrder
from dialer.model.campaign import Campaign
from dialer.model.transcript import ToolCall, Turn


@dataclass(frozen=True, slots=True)
class AttemptPlan:
    """What to dial and what to say."""

    order: DialOrder
    campaign: Campaign
    script: Personalised
    is_last_attempt: bool = False
    default_model: str = "gpt-realtime-2.1-mini"
    """For a campaign that names no model of its own."""

    @property
    def may_leave_message(self) -> bool:
        """The campaign's voicemail rule, for this attempt."""
        action = self.campaign.voicemail.action
        return action == "leave_message" or (action == "message_on_last_attempt" and self.is_last_attempt)


class Journal(Protocol):
    """Where the steps of an attempt are committed; each method is one transaction."""

    async def permit(self) -> Permitted | Refused:
        """Ask all gates at this instant and commit the intent to dial."""
        ...

    async def placed(self, carrier_call_id: str) -> None:
        """The carrier confirmed the dial."""
        ...

    async def answered(self) -> None:
        """Somebody or something answered."""
        ...

    async def record_turn(self, turn: Turn) -> None:
        """A turn as heard; the same seq again replaces it."""
        ...

    async def record_tool_call(self, tool_call: ToolCall) -> None:
        """A tool call with its result."""
        ...

    async def record_opt_out(self, command: RecordOptOut) -> None:
        """The number is suppressed when this returns."""
        ...
