"""Decisions as an answer to the question "why did you call me, and why not?": whole sentences, the rules in brackets."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from dialer.compliance.zones import is_area_city, load_zone
from dialer.model.decision import Decision, RuleVerdict, Stage, Verdict

_ASKED = {
    Stage.IMPORT: "when the list came in",
    Stage.SCHEDULE: "when the calls were planned",
    Stage.CLAIM: "when the call came up",
    Stage.DIAL: "at the instant before dialling",
    Stage.TEST: "before a test call",
}
_GROUNDS = ("CONSENT-1", "CONSENT-2", "DNC-1", "DNC-2", "NUM-2", "HOURS-0", "HOURS-1", "FREQ-1", "FREQ-2", "ID-3")
"""What a person who was called asks for, in this order; the other rules are in the record."""
_OUTCOMES = {Verdict.WAIT: "it had to wait", Verdict.HOLD: "it was held back", Verdict.REFUSE: "it was not made"}


def sentences(decision: Decision, told: Sequence[RuleVerdict] = ()) -> Iterator[str]:
    """One heading with the instant in local time and UTC, then one line for each ground.

    An allowance that was asked again before the dial is told in one line: the dial's own has the grounds. ``told``: grounds that
    an earlier dial of the letter had in the same words; they are not told again.
    """
    zone = zone_of(decision)
    when = f"{_moment(decision.decided_at, zone)}, {_ASKED[decision.stage]}"
    if decision.is_allowed and decision.stage is not Stage.DIAL:
        yield f"{when}: nothing stood against the call."
        return
    until = decision.next_allowed_at
    verdict = "the call was allowed" if decision.is_allowed else _OUTCOMES[decision.verdict]
    later = f" until {_moment(until, zone)}" if until else ""
    yield f"{when}: {verdict}{later} ({decision.code}), because"
    new = [rule for rule in grounds(decision) if rule not in told]
    if len(new) < len(grounds(decision)):
        yield "  - the reasons of the dial before still held" + (", and" if new else "")
    for rule in new:
        yield f"  - {rule.detail} ({rule.rule})"


def zone_of(decision: Decision) -> str:
    """The zone that a person would read the times in: the contact's own, else the first candidate; empty when there is none."""
    own = str(decision.basis.get("facts", {}).get("timezone", ""))
    return next((name for name in (own, *decision.zones) if is_area_city(name)), "")


def grounds(decision: Decision) -> list[RuleVerdict]:
    """The rules that a decision rests on: the objections, or for an allowance what a person would ask for, overrides included."""
    if not decision.is_allowed:
        return [rule for rule in decision.rules if rule.verdict is not Verdict.ALLOW]
    main = [rule for name in _GROUNDS for rule in decision.rules if rule.rule == name]
    return main + [rule for rule in decision.rules if "(override " in rule.detail and rule not in main]


def without_previews(decisions: Sequence[Decision]) -> list[Decision]:
    """The same without the allowances that the dial's own decision follows at once: that one says it all."""
    pairs = zip(decisions, [*decisions[1:], None], strict=True)
    return [it for it, after in pairs if not (it.is_allowed and it.stage is Stage.CLAIM and after and after.stage is Stage.DIAL)]


def folded(decisions: Sequence[Decision]) -> Iterator[tuple[Decision, int]]:
    """Decisions in order; those that say the same as the one before are only counted. Each allowed dial stands for itself."""
    last: Decision | None = None
    count = 0
    for decision in decisions:
        is_dial = decision.is_allowed and decision.stage is Stage.DIAL
        if last is not None and not is_dial and _gist(decision) == _gist(last):
            count += 1
            continue
        if last is not None:
            yield last, count
        last, count = decision, 0
    if last is not None:
        yield last, count


def _gist(decision: Decision) -> tuple[object, ...]:
    return decision.stage, decision.code, tuple(rule.rule for rule in grounds(decision))


def _moment(instant: datetime, zone: str) -> str:
    """``Mon 2026-11-23 13:00 in America/New_York (18:00 UTC)``."""
    utc = instant.astimezone(UTC)
    if not zone:
        return f"{utc:%a %Y-%m-%d %H:%M} UTC"
    return f"{instant.astimezone(load_zone(zone)):%a %Y-%m-%d %H:%M} in {zone} ({utc:%H:%M} UTC)"
