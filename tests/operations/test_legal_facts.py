from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from dialer.model.ids import CampaignId
from dialer.model.phone import PhoneNumber
from dialer.operations import consent, legal_facts
from dialer.operations.parts import Parts
from dialer.store import contacts, suppression
from dialer.store.consents import Standing
from tests.operations.stage import armed, claimed


def test_everything_that_the_ledgers_say_of_a_number(parts: Parts) -> None:
    armed(parts)
    (work,) = claimed(parts, 1)
    now = parts.clock.now()
    with parts.store.read() as tx:
        contact = contacts.get(tx, work.subject.contact.contact_id).contact
        (found,) = legal_facts.of_numbers(tx, work.subject.campaign.id, [(contact, work.phone)], now)
    assert (found["is_suppressed"], found["national"], found["overrides"]) == (False, (), ())
    assert (found["consent_used_at"], found["consent_revoked_at"], found["state"]) == (None, None, contact.state)
    consent.revoke(parts, work.phone, "A. Person", "a test")
    with parts.store.read() as tx:
        (found,) = legal_facts.of_numbers(tx, work.subject.campaign.id, [(contact, work.phone)], now)
    assert found["consent_revoked_at"] == now


def test_consent_that_is_taken_back_by_one_number_binds_the_persons_other_numbers(parts: Parts) -> None:
    armed(parts)
    (work,) = claimed(parts, 1)
    second = PhoneNumber("+13035550199")
    contact = replace(work.subject.contact.contact, other_phones=(second,))
    consent.revoke(parts, work.phone, "A. Person", "a letter")
    with parts.store.read() as tx:
        (found,) = legal_facts.of_numbers(tx, work.subject.campaign.id, [(contact, second)], parts.clock.now())
    assert found["consent_revoked_at"] == parts.clock.now()


def test_a_list_that_has_one_number_of_a_person_has_the_person(parts: Parts) -> None:
    armed(parts)
    one, other = claimed(parts, 2)
    second, now = PhoneNumber("+13035550199"), parts.clock.now()
    contact = replace(one.subject.contact.contact, other_phones=(second,))
    people = [(contact, one.phone), (contact, second), (other.subject.contact.contact, other.phone)]
    campaign_id = one.subject.campaign.id
    with parts.store.write() as tx:
        suppression.add(tx, second, "opt_out", "a letter", now, campaign_id=campaign_id)
        found = list(legal_facts.of_numbers(tx, campaign_id, people, now))
        elsewhere = list(legal_facts.of_numbers(tx, CampaignId(campaign_id + 1), people, now))
    told = [(it["is_suppressed"], it["is_person_suppressed"]) for it in found]
    assert told == [(False, True), (True, False), (False, False)]
    assert not any(it["is_suppressed"] or it["is_person_suppressed"] for it in elsewhere)


def test_what_the_row_itself_says(parts: Parts) -> None:
    armed(parts)
    (work,) = claimed(parts, 1)
    contact = replace(work.subject.contact.contact, cells={"RND Status": "yes"}, postal_code="80202", country="US")
    used = parts.clock.now() - timedelta(days=1)
    found = legal_facts.of_contact(contact, Standing(used))
    assert (found["rnd_status"], found["postal_code"], found["country"]) == ("yes", "80202", "US")
    assert found["consent_used_at"] == used
    assert legal_facts.rnd_status({}) == ""
