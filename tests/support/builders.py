"""Ready-made values for tests: say what matters, get the rest."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from dialer.conversation.instructions import Personalised, personalise
from dialer.conversation.stage import TalkPlan
from dialer.conversation.talk import Talk
from dialer.model.attempt import DialOrder
from dialer.model.campaign import Campaign
from dialer.model.contact import Contact
from dialer.model.ids import AttemptId
from dialer.model.phone import PhoneNumber
from dialer.session.plan import AttemptPlan

MONDAY = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
"""Ten in the morning in New York."""
ZONE = "America/New_York"
PHONE = PhoneNumber("+12125550123")
OPENING = "Hello, this is Ava, an automated assistant of Bright Dental. Say stop to opt out. May I ask two questions?"
BASE: dict[str, Any] = {
    "name": "spring-offer",
    "kind": "sales",
    "language": "en",
    "company": "Bright Dental",
    "agent_name": "Ava",
    "callback_number": "+12125550100",
    "caller_ids": ["+12125550101"],
    "opening": {
        "text": "Hello, this is {agent_name}, an automated assistant of {company}. Say stop to opt out. May I ask two questions?"
    },
    "variables": {
        "plan": {"type": "text"},
        "born": {"type": "date", "private": True},
        "doctor": {"type": "text", "private": True},
    },
    "answers": {
        "need": {"question": "What are you looking for?", "required": True},
        "budget": {"question": "What is your budget?", "type": "money"},
    },
    "outcomes": {
        "interested": {"when": "They want an offer.", "category": "positive", "lead": True},
        "not_interested": {"when": "They do not want it."},
        "callback": {"when": "They ask to be called later."},
        "do_not_call": {"when": "They do not want calls."},
        "wrong_person": {"when": "It is somebody else."},
    },
    "transfer": {"sales": {"number": "+12125550177", "when": "They want to talk to a person."}},
    "script": "Find out what they need. Be brief.",
}


def a_campaign(**changes: Any) -> Campaign:
    """A sales campaign in English; ``changes`` replace whole top-level keys."""
    return Campaign.model_validate({**BASE, **changes})


def a_reminder(**changes: Any) -> Campaign:
    """An appointment reminder with an identity check and slots."""
    return a_campaign(
        kind="reminder",
        identity={"variable": "born", "question": "What is your date of birth?"},
        slots=["2026-12-03T14:30", "2026-12-04T09:00"],
        answers={},
        outcomes={
            name: {"when": f"They say so: {name}."}
            for name in (
                "appointment_confirmed",
                "appointment_moved",
                "appointment_cancelled",
                "appointment_booked",
                "wrong_person",
            )
        },
        **changes,
    )


def a_contact(**changes: Any) -> Contact:
    """A good row of a file."""
    given: dict[str, Any] = {"row": 2, "phone": PHONE, "cells": {"phone": PHONE}, "variables": {}, "name": "Maria Lopez"}
    return Contact(**{**given, **changes})


def contact_facts(**changes: Any) -> Contact:
    """The contact of a talk: Maria, with a secret and private details."""
    given: dict[str, Any] = {
        "name": "",
        "first_name": "Maria",
        "last_name": "Lopez",
        "variables": {"plan": "basic", "born": "1984-03-12", "doctor": "Dr. Lee"},
    }
    return a_contact(**{**given, **changes})


def a_script(campaign: Campaign | None = None, **changes: Any) -> Personalised:
    """The rendered texts of one call; ``changes`` are the contact's."""
    return personalise(campaign or a_campaign(), contact_facts(**changes), MONDAY, ZONE)


def a_talk(campaign: Campaign | None = None, *, may_leave_message: bool = False) -> Talk:
    """A talk that begins at second 0."""
    return Talk(TalkPlan(a_script(campaign), MONDAY, 0.0, may_leave_message))


def an_attempt(campaign: Campaign | None = None, *, is_last_attempt: bool = False, attempt_id: str = "a" * 32) -> AttemptPlan:
    """What to dial and what to say."""
    campaign = campaign or a_campaign()
    order = DialOrder(AttemptId(attempt_id), PHONE, PhoneNumber("+12125550101"), campaign.limits.ring_s, campaign.limits.call_s)
    return AttemptPlan(order, campaign, a_script(campaign), is_last_attempt)
