"""The facts of a decision as a document that is stored with it, and back again: whoever has the document can ask the rules
anew. The number is not in it, only what the rules know of it; nor are names or words.
"""

import importlib.metadata
from collections.abc import Mapping
from dataclasses import fields
from functools import cache
from typing import Any

import msgspec
from pydantic import BaseModel

from dialer.compliance.case import number_of
from dialer.compliance.facts import Facts
from dialer.compliance.rulebook import Rulebook
from dialer.errors import UserError
from dialer.model.campaign import Budget, Campaign, CampaignKind, Dnc, Hours, Limits
from dialer.model.phone import PhoneNumber

_SECTIONS: dict[str, type[BaseModel]] = {"hours": Hours, "limits": Limits, "budget": Budget, "dnc": Dnc}
_PLAIN = ("regions", "caller_ids", "consent_attested_by", "registrations")
_LEFT_OUT = frozenset({"campaign", "phone"})


def basis_of(facts: Facts, book: Rulebook) -> dict[str, Any]:
    """The document: JSON values only. ``rules`` and ``data`` say which rules, zone data and number tables were asked."""
    campaign = facts.campaign
    told = {name: getattr(facts, name) for name in _NAMES if name != "number"} | {"number": number_of(facts)}
    excerpt = {name: getattr(campaign, name) for name in _PLAIN} | {"kind": campaign.kind}
    excerpt |= {name: getattr(campaign, name).model_dump(mode="json", exclude_defaults=True) for name in _SECTIONS}
    document: dict[str, Any] = msgspec.to_builtins({"campaign": excerpt, "facts": told})
    return document | {"rules": {"version": book.version, "digest": book.digest}, "data": data_versions()}


def facts_of(basis: Mapping[str, Any]) -> Facts:
    """The facts that a stored document holds; the number stays empty. Raises ``UserError`` for a document that is none."""
    try:
        excerpt = dict(basis["campaign"])
        known: dict[str, Any] = {name: section.model_validate(excerpt[name]) for name, section in _SECTIONS.items()}
        known |= {"kind": CampaignKind(excerpt["kind"]), "regions": tuple(excerpt["regions"])}
        known |= {name: excerpt[name] for name in ("consent_attested_by", "registrations")}
        campaign = Campaign.model_construct(**known, caller_ids=tuple(excerpt["caller_ids"]))
        stored = _LATER | basis["facts"]
        told = {name: msgspec.convert(stored[name], kind, strict=False) for name, kind in _TYPES.items()}
    except (KeyError, TypeError, ValueError) as error:
        raise UserError(f"the record of the facts cannot be read: {type(error).__name__}", code="bad_record") from error
    return Facts(campaign=campaign, phone=PhoneNumber(""), **told)


_TYPES: dict[str, Any] = {field.name: field.type for field in fields(Facts) if field.name not in _LEFT_OUT}
_NAMES = tuple(_TYPES)
_LATER: dict[str, Any] = {"is_person_suppressed": False, "is_recorded": False}
"""Facts that older documents do not have: nobody asked for them then."""


def data_versions() -> dict[str, str]:
    """Which zone data, number tables and holidays are asked, and by which version of the gates: they decide with the rules."""
    return dict(_versions())


@cache
def _versions() -> tuple[tuple[str, str], ...]:
    return tuple((name, importlib.metadata.version(name)) for name in ("dialer", "tzdata", "phonenumbers", "holidays"))
