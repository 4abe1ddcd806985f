"""A decision in words for people, and as the disposition of the attempt that it prevented."""

from dialer.compliance.zones import load_zone
from dialer.model.decision import Decision, Verdict
from dialer.model.disposition import Disposition

_REFUSALS = {
    "blocked_dnc": Disposition.BLOCKED_DNC,
    "blocked_consent": Disposition.BLOCKED_CONSENT,
    "blocked_hours": Disposition.BLOCKED_HOURS,
    "blocked_caps": Disposition.BLOCKED_CAPS,
    "blocked_budget": Disposition.BLOCKED_BUDGET,
    "expired": Disposition.EXPIRED,
    "cancelled": Disposition.CANCELLED,
    "paused": Disposition.CANCELLED,
    "not_armed": Disposition.CANCELLED,
    "not_yet": Disposition.BLOCKED_HOURS,
    "no_zone": Disposition.BLOCKED_HOURS,
    "no_common_window": Disposition.BLOCKED_HOURS,
    "clock": Disposition.BLOCKED_HOURS,
    "no_national_list": Disposition.BLOCKED_DNC,
    "old_national_list": Disposition.BLOCKED_DNC,
    "on_national_list": Disposition.BLOCKED_DNC,
}

_OPENINGS = {Verdict.ALLOW: "May be called", Verdict.WAIT: "Waits", Verdict.HOLD: "Held", Verdict.REFUSE: "Not called"}


def refusal_disposition(decision: Decision) -> Disposition:
    """Return the disposition of an attempt that this decision stopped.

    Codes without a disposition of their own (a country that is not allowed, a foreign caller ID, a gate that failed)
    say that nothing proves that we may call like this, which is ``blocked_consent``. Not for an allowed decision.
    """
    if decision.is_allowed:
        raise ValueError("an allowed decision stops no attempt")
    return _REFUSALS.get(decision.code, Disposition.BLOCKED_CONSENT)


def reason_text(decision: Decision) -> str:
    """Return one sentence: what happens, why (the first rule of the deciding verdict), and when in the first zone's
    time.
    """
    opening = _OPENINGS[decision.verdict]
    if decision.is_allowed:
        return f"{opening}: every rule allows it."
    rule = next(item for item in decision.rules if item.verdict is decision.verdict)
    until = ""
    if decision.next_allowed_at is not None:
        zone = decision.zones[0] if decision.zones else "Etc/UTC"
        until = f" until {decision.next_allowed_at.astimezone(load_zone(zone)):%Y-%m-%d %H:%M} {zone}"
    return f"{opening}{until}: {rule.detail} ({rule.rule})."
