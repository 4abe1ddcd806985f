"""All gates, one decision. Nothing is dialled without an ``ALLOW`` from here, asked when claiming and again at the
dial.

How verdicts join: the gravest wins (refuse, hold, wait, allow), and among equals the first in the order of ``GATES``
names the code. Every gate is always asked, so that the stored decision shows all rules and not only the first that
objected.

A wait carries the earliest instant at which every waiting rule passes: caps, due times and the daily budget first,
since they only ever clear, then the next opening of the window after that. If this lies past the contact's or
campaign's end, the decision is ``expired`` at once rather than a wait that cannot be kept.

Unknown means no call: an exception inside a gate is a hold with the code ``gate_failed``.
"""

from datetime import datetime

from dialer.compliance import gates
from dialer.compliance.case import Case, Finding, Gate, window_of, zones_of
from dialer.compliance.evidence import basis_of
from dialer.compliance.facts import Facts
from dialer.compliance.hours import closes_at, next_open
from dialer.compliance.reasons import reason_text, refusal_disposition
from dialer.compliance.rulebook import Rulebook, shipped_rulebook
from dialer.model.decision import Decision, RuleVerdict, Stage, Verdict

__all__ = ["GATES", "Facts", "permit", "reason_text", "refusal_disposition"]

GATES: dict[str, Gate] = {
    "DNC-1": gates.suppression,
    "EXPIRY-1": gates.expiry,
    "STATUS-1": gates.status,
    "CONSENT": gates.consent,
    "CONSENT-3": gates.reassigned,
    "CONSENT-4": gates.consent_age,
    "DNC-2": gates.national,
    "NUM-1": gates.number,
    "NUM-2": gates.region,
    "HOURS-3": gates.zones,
    "ID-3": gates.caller_id,
    "REC-1": gates.recording,
    "CLOCK-1": gates.clock,
    "BUDGET-1": gates.budget,
    "FREQ-1": gates.frequency,
    "FREQ-2": gates.quiet,
    "START-1": gates.start,
    "HOURS": gates.hours,
    "WIDENED": gates.widened,
}
"""Every gate under the id that a failure of it is recorded with, most telling first."""

NOT_AT_IMPORT = frozenset({"STATUS-1", "REC-1", "CLOCK-1", "BUDGET-1", "FREQ-1", "FREQ-2", "START-1", "HOURS"})
"""When importing, only what holds whatever the hour is judged."""
NOT_WHEN_PLANNING = frozenset({"CLOCK-1"})
"""A forecast does not depend on this machine's clock."""
AT_A_TEST = frozenset({"DNC-1", "NUM-1", "ID-3", "REC-1", "CLOCK-1"})
"""A test call goes to the phone of whoever asks for it: hours, consent, caps and the campaign's money are not in question. What
is: a wish never to be called, what the number is, which number is shown, and whether a recording is announced.
"""

_LEFT_OUT = {Stage.IMPORT: NOT_AT_IMPORT, Stage.SCHEDULE: NOT_WHEN_PLANNING, Stage.TEST: frozenset(GATES) - AT_A_TEST}
_FINAL = frozenset({"gate_failed", "on_national_list"})
"""No override lifts these: nobody widens what could not be judged, nor a wish that the callee has made known."""
_GRAVITY = (Verdict.REFUSE, Verdict.HOLD, Verdict.WAIT, Verdict.ALLOW)


def permit(
    facts: Facts, now: datetime, stage: Stage, book: Rulebook | None = None, gates_to_ask: dict[str, Gate] = GATES
) -> Decision:
    """Ask every gate that counts at this stage about ``facts`` at ``now`` (aware) and join what they say.

    ``book`` defaults to the rules that travel with the package; a rule file that cannot be read raises ``UserError``.
    """
    case = Case(facts, now, stage, book or shipped_rulebook())
    left_out = _LEFT_OUT.get(stage, frozenset())
    findings: list[Finding] = []
    for rule, gate in gates_to_ask.items():
        if rule not in left_out:
            findings += [_overridden(case, finding) for finding in _supervised(rule, gate, case)]
    next_allowed_at = None
    if _gravest(findings).verdict is Verdict.WAIT:
        after = max([now, *(finding.not_before for finding in findings if finding.not_before is not None)])
        (ahead,) = _supervised("HOURS", lambda case: _forecast(case, after), case)
        next_allowed_at = ahead.not_before
        if ahead.verdict is not Verdict.WAIT:
            findings.append(ahead)
    gravest = _gravest(findings)
    is_dial = stage is Stage.DIAL and gravest.verdict is Verdict.ALLOW and "HOURS" in gates_to_ask
    return Decision(
        verdict=gravest.verdict,
        code=gravest.code,
        stage=stage,
        decided_at=now,
        rules=tuple(RuleVerdict(item.rule, item.verdict, item.detail) for item in findings),
        zones=next((item.zones for item in findings if item.zones), ()),
        next_allowed_at=next_allowed_at,
        start_until=_start_until(case) if is_dial else None,
        basis=basis_of(facts, case.book),
    )


def _start_until(case: Case) -> datetime:
    """When what is allowed now is no longer: the window closes, the campaign ends or the contact expires."""
    closing = closes_at(window_of(case), zones_of(case).names, case.now)
    last = gates.last_instant(case.facts)
    return closing if last is None else min(closing, last)


def _overridden(case: Case, finding: Finding) -> Finding:
    """A wait or hold of a rule that a named person has widened becomes an allowance that names him. Rules of hours and zones
    are widened in the window itself.
    """
    if finding.verdict not in (Verdict.WAIT, Verdict.HOLD) or finding.code in _FINAL or finding.rule.startswith("HOURS-"):
        return finding
    override = case.override(finding.rule)
    if override is None:
        return finding
    until = gates.minute(override.expires_at)
    detail = f"{finding.detail}; allowed by {override.actor} until {until}: {override.reason} (override {override.id})"
    return Finding(finding.rule, Verdict.ALLOW, detail)


def _gravest(findings: list[Finding]) -> Finding:
    return min(findings, key=lambda finding: _GRAVITY.index(finding.verdict))


def _supervised(rule: str, gate: Gate, case: Case) -> list[Finding]:
    """Ask one gate. Whatever goes wrong inside it, the answer is a hold: a fault of ours must never become a ringing
    phone.
    """
    try:
        return gate(case)
    except Exception as error:  # noqa: BLE001  # this is the supervisor of the gates; the fault is recorded, not swallowed
        # The message may quote personal data, so only the kind of the fault is kept.
        return [Finding(rule, Verdict.HOLD, f"the rule could not be judged ({type(error).__name__})", "gate_failed")]


def _forecast(case: Case, after: datetime) -> list[Finding]:
    """Find the earliest instant from ``after`` on at which the window is open, or why there is none."""
    opening = next_open(window_of(case, after), zones_of(case).names, after)
    rule = case.book.window_for(case.facts.campaign.kind).id
    if opening is None:
        detail = f"no time within 14 days of {gates.minute(after)} is open in all candidate zones"
        return [Finding(rule, Verdict.HOLD, detail, "no_common_window")]
    limit = gates.last_instant(case.facts)
    if limit is not None and opening >= limit:
        detail = f"allowed again from {gates.minute(opening)}, after the end at {gates.minute(limit)}"
        return [Finding("EXPIRY-1", Verdict.REFUSE, detail, "expired")]
    return [Finding(rule, Verdict.WAIT, "all rules allow from then on", "blocked_hours", not_before=opening)]
