"""Builders: a campaign and the facts of a call that every gate allows, to be spoilt one fact at a time."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from dialer.compliance.facts import Facts
from dialer.model.call import CampaignStatus
from dialer.model.campaign import Campaign
from dialer.model.contact import Consent
from dialer.model.phone import PhoneNumber

MONDAY_NOON = datetime(2026, 11, 23, 17, 0, tzinfo=UTC)
"""Monday, 12:00 in New York."""
CALLER_ID = "+12125550101"
NEW_YORK = PhoneNumber("+12125550123")


def a_campaign(**changes: Any) -> Campaign:
    """A promotion without hours or limits of its own: marketing, and not bound to the whole mainland as sales calls are."""
    settings: dict[str, Any] = {
        "name": "roofs",
        "kind": "promotion",
        "company": "Bright Roofs",
        "agent_name": "Ava",
        "callback_number": "+12125550100",
        "caller_ids": [CALLER_ID],
        "opening": {"text": "Hi, this is Ava, an automated assistant of Bright Roofs."},
        "dnc": {"national": "waived_with_consent"},
        "outcomes": {
            "interested": {"when": "wants an offer"},
            "callback": {"when": "asks for another time"},
            "gatekeeper": {"when": "somebody else answers", "final_for_contact": False},
            "wrong_number": {"when": "not theirs", "final_for_number": True},
        },
        "script": "Sell roofs, kindly.",
    }
    return Campaign.model_validate(settings | changes)


def facts(**changes: Any) -> Facts:
    """What every gate allows on a Monday at noon. ``campaign`` may be a dict of changes to the campaign."""
    campaign = changes.pop("campaign", {})
    settings: dict[str, Any] = {
        "campaign": a_campaign(**campaign) if isinstance(campaign, dict) else campaign,
        "phone": NEW_YORK,
        "is_suppressed": False,
        "status": CampaignStatus.ARMED,
        "consent": Consent("written", "web form", datetime(2026, 1, 2, 15, 0, tzinfo=UTC)),
        "caller_id": CALLER_ID,
    }
    return Facts(**(settings | changes))
