from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from dialer.compliance import letter
from dialer.compliance.facts import Override
from dialer.compliance.permit import permit
from dialer.model.decision import Stage
from tests.compliance.cases import MONDAY_NOON as NOW
from tests.compliance.cases import facts

DAY = timedelta(days=1)


def test_a_dial_is_told_with_its_grounds() -> None:
    lines = list(letter.sentences(permit(facts(), NOW, Stage.DIAL)))
    assert lines[0] == (
        "Mon 2026-11-23 12:00 in America/New_York (17:00 UTC), at the instant before dialling: "
        "the call was allowed (allowed), because"
    )
    assert "  - written consent is on record since 2026-01-02 (CONSENT-1)" in lines
    assert "  - inside the calling hours in all candidate zones (HOURS-0)" in lines


def test_an_allowance_before_the_dial_is_one_line() -> None:
    (line,) = letter.sentences(permit(facts(), NOW, Stage.CLAIM))
    assert line.endswith("when the call came up: nothing stood against the call.")


def test_a_refusal_tells_the_objections_and_until_when() -> None:
    lines = list(letter.sentences(permit(facts(attempts_at=(NOW,)), NOW, Stage.CLAIM)))
    assert "it had to wait until Tue 2026-11-24 12:00 in America/New_York (17:00 UTC) (blocked_caps)" in lines[0]
    assert [line.rpartition("(")[2] for line in lines[1:]] == ["FREQ-1)", "FREQ-4)"]
    held = list(letter.sentences(permit(facts(consent=None), NOW, Stage.IMPORT)))
    assert "when the list came in: it was held back (blocked_consent)" in held[0]
    refused = list(letter.sentences(permit(facts(is_suppressed=True), NOW, Stage.DIAL)))
    assert "it was not made (blocked_dnc)" in refused[0]


def test_an_override_is_one_of_the_grounds() -> None:
    widened = (Override(7, "FREQ-3", "A. Person", "the line was cut", NOW + DAY),)
    decision = permit(facts(last_abandoned_at=NOW, overrides=widened), NOW, Stage.DIAL)
    assert decision.is_allowed
    assert any("allowed by A. Person" in rule.detail and "(override 7)" in rule.detail for rule in letter.grounds(decision))


def test_times_are_the_contacts_own_or_utc() -> None:
    own = permit(facts(timezone="America/Chicago"), NOW, Stage.DIAL)
    assert letter.zone_of(own) == "America/Chicago"
    nowhere = replace(own, zones=(), basis={})
    assert next(letter.sentences(nowhere)).startswith("Mon 2026-11-23 17:00 UTC, at the instant")


def test_the_same_again_is_only_counted() -> None:
    held = permit(facts(consent=None), NOW, Stage.CLAIM)
    later = replace(held, decided_at=NOW + DAY)
    allowed = permit(facts(), NOW, Stage.DIAL)
    assert list(letter.folded([held, later, later, allowed, held])) == [(held, 2), (allowed, 0), (held, 0)]
    assert list(letter.folded([])) == []


def test_a_claim_that_its_dial_follows_is_left_out_and_no_dial_is_folded() -> None:
    claim, dial = permit(facts(), NOW, Stage.CLAIM), permit(facts(), NOW, Stage.DIAL)
    told = letter.without_previews([claim, dial, claim, dial, claim])
    assert told == [dial, dial, claim]
    assert list(letter.folded(told)) == [(dial, 0), (dial, 0), (claim, 0)]
    (_, same) = letter.sentences(dial, letter.grounds(dial))
    assert same == "  - the reasons of the dial before still held"
    later = permit(facts(attempts_at=(NOW - 9 * DAY,)), NOW, Stage.DIAL)
    lines = list(letter.sentences(later, letter.grounds(dial)))
    assert lines[1:] == ["  - the reasons of the dial before still held, and", "  - 1 earlier attempts, within the caps (FREQ-1)"]
