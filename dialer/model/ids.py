"""Identifiers, one type each, so that a contact's id is never passed where a call's id is meant."""

from typing import NewType

CampaignId = NewType("CampaignId", int)
ScriptVersionId = NewType("ScriptVersionId", int)
ImportId = NewType("ImportId", int)
ContactId = NewType("ContactId", int)
CallId = NewType("CallId", int)
AttemptId = NewType("AttemptId", str)
"""Chosen by us before the carrier is asked (32 hex digits): the carrier's own key, tag or reference for this dial."""
