"""The tools that the model may call, declared by what the campaign needs. JSON-schema functions of the Realtime protocol."""

from typing import Any

from dialer.model.campaign import Campaign
from dialer.model.disposition import AnsweredBy, Outcome

Declaration = dict[str, Any]
_QUOTE = {"type": "string", "description": "The callee's own words for it, verbatim."}


def declarations(campaign: Campaign, *, can_transfer: bool = True) -> list[Declaration]:
    """All tools of this campaign, in a fixed order, so that equal campaigns have equal texts."""
    outcomes = campaign.outcomes
    found = []
    if campaign.answers:
        found.append(_record_answer(campaign))
    if campaign.identity:
        found.append(_tool("verify_identity", "Check who is speaking.", answer={"type": "string", "description": "Their words."}))
    found += _appointment(campaign)
    if Outcome.CALLBACK in outcomes:
        when = {"type": "string", "description": "Their local date and time, YYYY-MM-DDTHH:MM."}
        found.append(_tool("request_callback", "They want to be called back at a time.", when=when, quote=_QUOTE))
    if campaign.transfer and can_transfer:
        desks = {"type": "string", "enum": sorted(campaign.transfer)}
        found.append(_tool("transfer", "Hand over to a human desk.", desk=desks, reason={"type": "string"}))
    kinds = [kind.value for kind in AnsweredBy if kind is not AnsweredBy.UNKNOWN]
    found += [
        _tool(
            "set_outcome",
            "How the talk ended. The last one counts.",
            outcome={"type": "string", "enum": sorted(outcomes)},
            reason={"type": "string"},
            quote=_QUOTE,
        ),
        _tool("opt_out", "They do not want to be called again. Call it at once.", quote=_QUOTE),
        _tool("report_answer_type", "Who or what answers the phone.", kind={"type": "string", "enum": kinds}),
        _tool("send_digits", "Press keys for a call screener.", digits={"type": "string", "pattern": "^[0-9*#]{1,8}$"}),
        _tool("end_call", "Hang up. Say goodbye first.", reason={"type": "string"}),
    ]
    return found


def _appointment(campaign: Campaign) -> list[Declaration]:
    slots = {"type": "string", "enum": list(campaign.slots)}
    wanted = [
        (Outcome.APPOINTMENT_CONFIRMED, "confirm_appointment", "They will come.", {}),
        (Outcome.APPOINTMENT_MOVED, "move_appointment", "They choose another time.", {"slot": slots}),
        (Outcome.APPOINTMENT_CANCELLED, "cancel_appointment", "They will not come.", {}),
        (Outcome.APPOINTMENT_BOOKED, "book_appointment", "They take one of the offered times.", {"slot": slots}),
    ]
    return [
        _tool(name, text, **arguments, quote=_QUOTE)
        for outcome, name, text, arguments in wanted
        if outcome in campaign.outcomes and (campaign.slots or not arguments)
    ]


def _record_answer(campaign: Campaign) -> Declaration:
    return _tool(
        "record_answer",
        "Keep the answer to one question.",
        name={"type": "string", "enum": list(campaign.answers)},
        value={"type": "string", "description": "The answer in short: a number, an ISO date, true or false, one of the values."},
        quote=_QUOTE,
    )


def _tool(name: str, description: str, /, **properties: object) -> Declaration:
    return {
        "type": "function",
        "name": name,
        "description": description,
        "parameters": {
            "type": "object",
            "properties": properties,
            "required": list(properties),
            "additionalProperties": False,
        },
    }
