"""The rules in force, and the named overrides that widen one for a time."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from dialer.compliance.facts import Override
from dialer.compliance.rulebook import shipped_rulebook
from dialer.errors import PolicyRefusal, UserError
from dialer.operations import folders
from dialer.operations.parts import Parts
from dialer.store import acts, campaigns, overrides
from dialer.store.acts import Act
from dialer.store.overrides import OverrideRow

LONGEST = timedelta(days=90)
"""No override stands longer: whoever still needs it says so again."""
OLD = timedelta(days=90)
"""A rule that nobody has checked for so long is pointed out."""
_META = ("id", "kinds", "source", "checked_on", "confidence")


@dataclass(frozen=True, slots=True)
class RuleRow:
    """One row of the rulebook as it is shown."""

    section: str
    id: str
    kinds: tuple[str, ...]
    what: str
    source: str
    checked_on: str
    confidence: str
    is_old: bool
    may_be_overridden: bool

    def as_json(self) -> dict[str, Any]:
        """One row of ``rules show --json``."""
        return {name: getattr(self, name) for name in self.__slots__} | {"kinds": list(self.kinds)}


def shown(now: datetime) -> list[RuleRow]:
    """Every row of the rulebook. Raises ``PolicyRefusal`` when it cannot be read."""
    book = shipped_rulebook()
    widened = book.may_be_overridden()
    return [
        RuleRow(
            section=section,
            id=row.id,
            kinds=tuple(kind.value for kind in row.kinds),
            what=", ".join(f"{name}={_said(value)}" for name, value in row if name not in _META and value not in ("", ())),
            source=row.source,
            checked_on=row.checked_on.isoformat(),
            confidence=row.confidence,
            is_old=now.date() - row.checked_on > OLD,
            may_be_overridden=row.id in widened,
        )
        for section, row in book.rows()
    ]


def override(parts: Parts, rule: str, campaign: str, by: str, reason: str, until: datetime) -> Override:
    """Widen a rule for one campaign, or (empty) for all, until an instant.

    Raises ``UserError`` for an unknown rule, no reason or an end that will not do, and ``PolicyRefusal`` for a rule that protects
    what nobody may widen.
    """
    now = parts.clock.now()
    book = shipped_rulebook()
    if rule not in {row.id for _, row in book.rows()} | _BUILT_IN:
        raise UserError(f"there is no rule {rule}", code="unknown_rule", hint="dialer rules show")
    if rule not in book.may_be_overridden():
        raise PolicyRefusal(f"{rule} cannot be widened: nobody's word takes the place of what it protects")
    if not reason.strip() or not by.strip():
        raise UserError("an override needs a name and a reason", code="no_reason", hint='--by "A. Person" --reason "..."')
    if not now < until <= now + LONGEST:
        raise UserError(f"--until {until.isoformat()}: within {LONGEST.days} days from now", code="bad_instant")
    row = folders.stored(parts, campaign) if campaign else None
    with parts.store.write() as tx:
        made = overrides.add(tx, rule, row.id if row else None, by, reason, until, now)
        detail = {"override": made.id, "rule": rule, "until": until.isoformat()}
        acts.record(tx, Act(now, by, "override.add", reason, "", row.name if row else "", detail))
    return made


_BUILT_IN = frozenset({"DNC-1", "EXPIRY-1", "STATUS-1", "NUM-2", "ID-3", "CLOCK-1", "BUDGET-1", "START-1", "HOURS-3"})


def revoke(parts: Parts, override_id: int, by: str, reason: str) -> OverrideRow:
    """End an override now. Raises ``UserError`` when there is none that stands."""
    now = parts.clock.now()
    with parts.store.write() as tx:
        row = overrides.revoke(tx, override_id, by, now)
        if row is None:
            raise UserError(f"no override {override_id} is in force", code="unknown_override", hint="dialer rules overrides")
        acts.record(tx, Act(now, by, "override.revoke", reason, "", "", {"override": override_id, "rule": row.override.rule}))
    return row


def listed(parts: Parts) -> list[tuple[OverrideRow, str]]:
    """All overrides, with the name of the campaign (empty: all)."""
    with parts.store.read() as tx:
        names = {row.id: row.name for row in campaigns.listed(tx)}
        return [(row, names.get(row.campaign_id, "") if row.campaign_id else "") for row in overrides.listed(tx)]


def _said(value: object) -> str:
    if isinstance(value, tuple):
        return " ".join(map(str, value))
    if isinstance(value, timedelta):
        hours = value / timedelta(hours=1)
        return f"{hours / 24:g} days" if hours > 24 else f"{hours:g} hours"
    return str(value)
