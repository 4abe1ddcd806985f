"""The gates, one function each: a case in, one finding out. ``permit`` asks them all and joins what they say.

A gate states a fact in its detail and no personal data: details are stored and shown. Gates may raise; the supervisor
in ``permit`` turns that into a hold.
"""

from datetime import UTC, datetime, timedelta

from dialer.compliance.caps import free_at
from dialer.compliance.case import Case, Finding, narrower_of, number_of, regions_of, states_of, window_of, zones_of
from dialer.compliance.facts import Facts
from dialer.compliance.hours import best_day_minutes, longest_day_minutes, next_open
from dialer.compliance.number import why_not_dialled
from dialer.compliance.rulebook import QuietRule
from dialer.model.call import CampaignStatus
from dialer.model.decision import Stage, Verdict

DAY = timedelta(hours=24)
PAUSED_AGAIN = timedelta(minutes=1)
"""When to ask again while a campaign is paused: the end of a pause has no known time."""


def suppression(case: Case) -> list[Finding]:
    """DNC-1: a number on our lists is never called, nor is any other number of the same contact."""
    if case.facts.is_suppressed:
        return [Finding("DNC-1", Verdict.REFUSE, "the number is on our do-not-call list", "blocked_dnc")]
    if case.facts.is_person_suppressed:
        detail = "another number of the same contact is on our do-not-call list"
        return [Finding("DNC-1", Verdict.REFUSE, detail, "blocked_dnc")]
    return [Finding("DNC-1", Verdict.ALLOW, "the number is not on our do-not-call list")]


def national(case: Case) -> list[Finding]:
    """DNC-2: where a national do-not-call list binds, our copy of it is fresh and the number is not on it.

    Written consent goes before such a list where the campaign says so (``dnc.national = "waived_with_consent"``).
    """
    facts, regions = case.facts, regions_of(case.facts)
    rules = [row for row in case.book.national if row.binds(facts.campaign.kind) and row.region in regions]
    if not rules:
        return [Finding("DNC-2", Verdict.ALLOW, "no national do-not-call list binds this call")]
    is_written = facts.consent is not None and facts.consent.kind == "written" and not _is_revoked(facts)
    if is_written and facts.campaign.dnc.national == "waived_with_consent":
        return [Finding("DNC-2", Verdict.ALLOW, "written consent goes before the national list, as the campaign says")]
    found = []
    for rule in rules:
        copy = next((it for it in facts.national if it.region == rule.region), None)
        if copy is None:
            detail = f"there is no copy of the do-not-call list of {rule.region}"
            found.append(Finding(rule.id, Verdict.HOLD, detail, "no_national_list"))
        elif copy.is_listed:
            detail = f"the number is on the do-not-call list of {rule.region} of {copy.as_of:%Y-%m-%d}"
            found.append(Finding(rule.id, Verdict.HOLD, detail, "on_national_list"))
        elif case.now - copy.as_of > rule.period:
            detail = (
                f"the copy of the do-not-call list of {rule.region} is of {copy.as_of:%Y-%m-%d}, over {words_of(rule.period)} old"
            )
            found.append(Finding(rule.id, Verdict.HOLD, detail, "old_national_list"))
    return found or [Finding("DNC-2", Verdict.ALLOW, f"not on the do-not-call list of {', '.join(row.region for row in rules)}")]


def expiry(case: Case) -> list[Finding]:
    """EXPIRY-1: not after the contact's own limit, nor after the end of the campaign."""
    for limit, words in ((case.facts.expires_at, "the contact expired"), (case.facts.ends_at, "the campaign ended")):
        if limit is not None and case.now >= limit:
            return [Finding("EXPIRY-1", Verdict.REFUSE, f"{words} at {minute(limit)}", "expired")]
    return [Finding("EXPIRY-1", Verdict.ALLOW, "neither the contact nor the campaign has expired")]


def last_instant(facts: Facts) -> datetime | None:
    """The earlier of the contact's and the campaign's end; None when neither has one."""
    return min((limit for limit in (facts.expires_at, facts.ends_at) if limit is not None), default=None)


def status(case: Case) -> list[Finding]:
    """STATUS-1: only an armed campaign dials. A forecast supposes that it will be armed."""
    state = case.facts.status
    if state is CampaignStatus.CANCELLED:
        return [Finding("STATUS-1", Verdict.REFUSE, "the campaign is cancelled", "cancelled")]
    if state is CampaignStatus.ARMED or case.stage is Stage.SCHEDULE:
        return [Finding("STATUS-1", Verdict.ALLOW, f"the campaign is {state}")]
    if state is CampaignStatus.PAUSED:
        again = case.now + PAUSED_AGAIN
        return [Finding("STATUS-1", Verdict.WAIT, "the campaign is paused", "paused", not_before=again)]
    return [Finding("STATUS-1", Verdict.HOLD, f"the campaign is {state}, not armed", "not_armed")]


def consent(case: Case) -> list[Finding]:
    """CONSENT-1, CONSENT-2: proof of the class that this kind of campaign needs."""
    rule = case.book.consent_for(case.facts.campaign.kind)
    given, attested_by = case.facts.consent, case.facts.campaign.consent_attested_by.strip()
    needed = " or ".join(rule.classes)
    if _is_revoked(case.facts):
        detail = f"consent was taken back on {minute(case.facts.consent_revoked_at or case.now)}"
    elif given is None and rule.may_be_attested and attested_by:
        return [Finding(rule.id, Verdict.ALLOW, f"consent attested for the whole list by {attested_by}")]
    elif given is None:
        detail = f"no consent on record, {needed} consent is needed"
    elif given.kind not in rule.classes:
        detail = f"the consent on record is not {needed}"
    elif given.given_at is not None and given.given_at > case.now + DAY:
        # A day of grace: a date without a time may be tomorrow's in UTC.
        detail = "the consent on record is dated in the future"
    elif given.given_at is None and rule.must_be_dated:
        detail = f"the {given.kind} consent on record has no date"
    else:
        since = f" since {given.given_at:%Y-%m-%d}" if given.given_at else ", undated"
        return [Finding(rule.id, Verdict.ALLOW, f"{given.kind} consent is on record{since}")]
    return [Finding(rule.id, Verdict.HOLD, detail, "blocked_consent")]


def _is_revoked(facts: Facts) -> bool:
    """Consent was taken back, and none was given since."""
    revoked_at, given = facts.consent_revoked_at, facts.consent
    return revoked_at is not None and (given is None or given.given_at is None or given.given_at <= revoked_at)


def consent_age(case: Case) -> list[Finding]:
    """CONSENT-4: consent that nobody has used for long is asked for anew."""
    given, used_at = case.facts.consent, case.facts.consent_used_at
    dates = [date for date in (given.given_at if given else None, used_at) if date is not None]
    if not dates:
        return [Finding("CONSENT-4", Verdict.ALLOW, "the consent on record has no date")]
    rules = [row for row in case.book.consent_age if row.binds(case.facts.campaign.kind)]
    for rule in rules:
        old = case.now - max(dates) > rule.period
        if old and any(rule.covers(region) for region in regions_of(case.facts) or ("",)):
            detail = f"consent was last used on {max(dates):%Y-%m-%d}, over {words_of(rule.period)} ago"
            return [Finding(rule.id, Verdict.HOLD, detail, "old_consent")]
    return [Finding("CONSENT-4", Verdict.ALLOW, "the consent on record is not too old")]


def reassigned(case: Case) -> list[Finding]:
    """CONSENT-3: the number has no new owner since the consent, as far as the contact file says."""
    rule, status = case.book.reassigned.id, case.facts.rnd_status.strip().casefold()
    if status in ("yes", "y", "true", "1"):
        return [Finding(rule, Verdict.HOLD, "the number was given to somebody else since the consent", "reassigned")]
    said = {"no": "the number was not reassigned since the consent", "": "nobody asked whether the number was reassigned"}
    return [Finding(rule, Verdict.ALLOW, said.get(status, "the Reassigned Numbers Database cannot tell"))]


def number(case: Case) -> list[Finding]:
    """NUM-1: a number of a kind that is dialled, judged again at the dial: the tables change, and so may a stored row."""
    problem = why_not_dialled(number_of(case.facts), case.book.numbers)
    if problem:
        return [Finding("NUM-1", Verdict.HOLD, f"this is {problem}", "blocked_number_type")]
    return [Finding("NUM-1", Verdict.ALLOW, f"a number of the kind {number_of(case.facts).kind.replace('_', ' ').lower()}")]


def region(case: Case) -> list[Finding]:
    """NUM-2, REG-n: the number's country is one of the campaign's, and the place does not bar this kind of call."""
    kind, found = case.facts.campaign.kind, number_of(case.facts).region
    allowed = case.facts.campaign.regions
    if found not in allowed:
        detail = f"the number's country ({found or 'unknown'}) is not one of {', '.join(allowed)}"
        return [Finding("NUM-2", Verdict.HOLD, detail, "region_not_allowed")]
    findings = [Finding("NUM-2", Verdict.ALLOW, f"the number's country is {found}")]
    states, shown = states_of(case.facts), case.facts.caller_id
    for place in regions_of(case.facts):
        for row in case.book.barred_for(kind, place, states):
            is_lifted = row.unless_caller_id and shown.startswith(row.unless_caller_id)
            findings += [] if is_lifted else [Finding(row.id, Verdict.HOLD, row.why, "barred_here")]
        for row in case.book.registrations:
            key = f"{row.region}-{row.state}" if row.state else row.region
            if row.binds(kind) and row.covers(place, states) and not case.facts.campaign.registrations.get(key, "").strip():
                findings.append(Finding(row.id, Verdict.HOLD, row.why, "not_registered"))
    return findings


def caller_id(case: Case) -> list[Finding]:
    """ID-3: the number shown is one of the campaign's own. It is not chosen yet when importing or planning."""
    shown = case.facts.caller_id
    if shown in case.facts.campaign.caller_ids:
        return [Finding("ID-3", Verdict.ALLOW, "the number shown is one of the campaign's caller IDs")]
    if not shown and case.stage in (Stage.IMPORT, Stage.SCHEDULE):
        return [Finding("ID-3", Verdict.ALLOW, "the number shown is chosen at the dial")]
    detail = "the number shown is not one of the campaign's caller IDs"
    return [Finding("ID-3", Verdict.HOLD, detail, "caller_id_not_allowed")]


def recording(case: Case) -> list[Finding]:
    """REC-1, REC-2: who is recorded is told so in the first words; where the law wants a yes, nobody is recorded on a notice."""
    rule, asked = case.book.recording.id, case.book.recording_yes
    if case.facts.is_recorded_unsaid:
        return [Finding(rule, Verdict.HOLD, "the call is recorded, and the opening does not say so", "no_recording_notice")]
    found = (asked.place(region, states_of(case.facts)) for region in regions_of(case.facts) or ("",))
    place = next(filter(None, found), "") if case.facts.is_recorded else ""
    if place and asked.binds(case.facts.campaign.kind):
        detail = f"the call is recorded, and the law at {place} wants a yes to that, which the call does not ask for"
        return [Finding(asked.id, Verdict.HOLD, detail, "recording_needs_yes")]
    return [Finding(rule, Verdict.ALLOW, "not recorded, or the opening says so")]


def clock(case: Case) -> list[Finding]:
    """CLOCK-1: this machine and the database agree on the time."""
    skew_s = abs(case.facts.clock_skew_s)
    if skew_s <= case.book.clock_skew_s:
        return [Finding("CLOCK-1", Verdict.ALLOW, "worker and database agree on the time")]
    # Written so that "not a number" holds as well.
    detail = f"worker and database clocks are {skew_s:.0f} s apart, more than {case.book.clock_skew_s:g} s"
    return [Finding("CLOCK-1", Verdict.HOLD, detail, "clock")]


def budget(case: Case) -> list[Finding]:
    """BUDGET-1: the most that this dial may cost still fits. A day's budget (of the UTC day) comes back by itself."""
    facts, limits = case.facts, case.facts.campaign.budget
    if limits.per_call is not None and facts.reserve > limits.per_call:
        detail = f"one call may cost {facts.reserve:.2f}, the budget per call is {limits.per_call:.2f}"
        return [Finding("BUDGET-1", Verdict.HOLD, detail, "blocked_budget")]
    if limits.total is not None and facts.spent + facts.reserve > limits.total:
        detail = f"spent {facts.spent:.2f}, one more call may cost {facts.reserve:.2f}, the budget is {limits.total:.2f}"
        return [Finding("BUDGET-1", Verdict.HOLD, detail, "blocked_budget")]
    if limits.per_day is not None and facts.spent_today + facts.reserve > limits.per_day:
        midnight = case.now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0) + DAY
        detail = f"spent {facts.spent_today:.2f} today, the budget per day is {limits.per_day:.2f}"
        return [Finding("BUDGET-1", Verdict.WAIT, detail, "blocked_budget", not_before=midnight)]
    return [Finding("BUDGET-1", Verdict.ALLOW, "within the budget")]


def frequency(case: Case) -> list[Finding]:
    """FREQ-1: caps on the attempts per number over all campaigns. A callback that the contact asked for is excepted."""
    if case.facts.is_callback:
        return [Finding("FREQ-1", Verdict.ALLOW, "the contact asked for this callback")]
    waits = []
    for rule, allowed, period in caps_of(case):
        free = free_at(case.facts.attempts_at, allowed, period)
        if free is not None and free > case.now:
            detail = f"{allowed} in {words_of(period)} is the most, free from {minute(free)}"
            waits.append(Finding(rule, Verdict.WAIT, detail, "blocked_caps", not_before=free))
    earlier = len(case.facts.attempts_at)
    return waits or [Finding("FREQ-1", Verdict.ALLOW, f"{earlier} earlier attempts, within the caps")]


def caps_of(case: Case) -> list[tuple[str, int, timedelta]]:
    """The caps that hold for the case: rule, how many attempts, in which period."""
    places, states = regions_of(case.facts) or ("",), states_of(case.facts)
    own = case.facts.campaign.limits.attempts_per_day
    return [
        (rule.id, min(rule.attempts, own) if rule.period == DAY else rule.attempts, rule.period)
        for rule in case.book.caps_for(case.facts.campaign.kind)
        if any(rule.covers(place, states) for place in places)
    ]


def quiet(case: Case) -> list[Finding]:
    """FREQ-2, FREQ-3: quiet time after a talk, a refusal or an abandoned call. A callback that the contact asked for continues
    the talk and is excepted.
    """
    waits = []
    for rule in case.book.quiet_for(case.facts.campaign.kind):
        free = _quiet_until(rule, case.facts)
        if free is not None and free > case.now:
            detail = f"{words_of(rule.period)} of quiet after a {rule.after}, free from {minute(free)}"
            waits.append(Finding(rule.id, Verdict.WAIT, detail, "blocked_caps", not_before=free))
    return waits or [Finding("FREQ-2", Verdict.ALLOW, "no talk, refusal or abandoned call that asks for quiet")]


def _quiet_until(rule: QuietRule, facts: Facts) -> datetime | None:
    talk, refusal = facts.last_talk_at, facts.last_refusal_at
    if rule.after == "abandoned":
        return None if facts.last_abandoned_at is None else facts.last_abandoned_at + rule.period
    if rule.after == "talk":
        return None if talk is None or facts.is_callback else talk + rule.period
    if refusal is None or (facts.is_callback and talk is not None and talk > refusal):
        return None
    return refusal + rule.period


def start(case: Case) -> list[Finding]:
    """START-1: not before the campaign's start, nor before the call is due."""
    times = [time for time in (case.facts.starts_at, case.facts.not_before) if time is not None and time > case.now]
    if not times:
        return [Finding("START-1", Verdict.ALLOW, "due")]
    return [Finding("START-1", Verdict.WAIT, f"not before {minute(max(times))}", "not_yet", not_before=max(times))]


def zones(case: Case) -> list[Finding]:
    """HOURS-3, first half: some zone is known, and all candidate zones have enough minutes in common."""
    found = zones_of(case)
    if not found.names:
        return [Finding("HOURS-3", Verdict.HOLD, found.problem, "no_zone")]
    window = window_of(case)
    # A campaign that opens for less than an hour by itself is its author's choice; the zones must only not eat it up.
    needed = min(case.book.least_common_minutes, longest_day_minutes(window))
    common = best_day_minutes(window, found.names, case.now)
    if common < max(needed, 1):
        detail = f"{len(found.names)} candidate zones have only {common} open minutes a day in common"
        return [Finding("HOURS-3", Verdict.HOLD, detail, "no_common_window", zones=found.names)]
    sources = ", ".join(f"{item.source}: {len(item.names)}" for item in found.sources)
    return [Finding("HOURS-3", Verdict.ALLOW, f"candidate zones ({sources})", zones=found.names)]


def hours(case: Case) -> list[Finding]:
    """HOURS-0, HOURS-1, HOURS-2, HOURS-4: the window, narrowed by campaign and place, is open in all zones."""
    rule = case.book.window_for(case.facts.campaign.kind).id
    window = window_of(case)
    opening = next_open(window, zones_of(case).names, case.now)
    narrowed = ", ".join(row.id for row in narrower_of(case))
    by = f" (narrowed by {narrowed})" if narrowed else ""
    if opening is None:
        detail = f"no time within 14 days is open in all candidate zones{by}"
        return [Finding(rule, Verdict.HOLD, detail, "no_common_window")]
    if opening > case.now:
        detail = f"outside the calling hours{by}, open from {minute(opening)}"
        return [Finding(rule, Verdict.WAIT, detail, "blocked_hours", not_before=opening)]
    return [Finding(rule, Verdict.ALLOW, f"inside the calling hours in all candidate zones{by}")]


def widened(case: Case) -> list[Finding]:
    """The overrides of hours and zones that this decision rests on: they change the window and not one finding."""
    return [
        Finding(it.rule, Verdict.ALLOW, f"widened by {it.actor} until {minute(it.expires_at)}: {it.reason} (override {it.id})")
        for it in case.facts.overrides
        if it.rule.startswith("HOURS-") and case.override(it.rule) is not None
    ]


def minute(instant: datetime) -> str:
    """``2026-11-23 14:00 UTC``."""
    return instant.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")


def words_of(period: timedelta) -> str:
    """``7 days``, ``24 hours``."""
    hours_ = period / timedelta(hours=1)
    return f"{hours_ / 24:g} days" if hours_ > 24 else f"{hours_:g} hours"
