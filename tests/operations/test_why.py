"""Why a number was called, or not: like an answer to a letter of complaint."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from dialer.errors import UserError
from dialer.model.decision import Stage
from dialer.model.disposition import Disposition
from dialer.model.phone import PhoneNumber
from dialer.operations import consent, dnc, gates, why
from dialer.operations.parts import Parts
from dialer.store import attempts, contacts, queue
from tests.operations.stage import a_dial, a_result, armed, claimed
from tests.store.rows import upsert


def test_a_contact_with_several_decisions(parts: Parts) -> None:
    armed(parts)
    (work,) = claimed(parts, 1)
    with parts.store.write() as tx:
        gates.ask(tx, parts, work.subject, Stage.DIAL, work.attempt_id)
        attempts.begin(tx, a_dial(parts, work), parts.clock.now())
    dnc.add(parts, work.phone, dnc.Scope(), "A. Person", "asked by letter")
    with parts.store.write() as tx:
        for _ in range(3):
            gates.ask(tx, parts, work.subject, Stage.CLAIM)
    text = "\n".join(why.why(parts, work.phone).as_text())
    first, short, listed, *_ = text.splitlines()
    assert first == f"What is on record for {work.phone}"
    assert short.startswith("It was dialled once, first on 2026-11-23 18:00 UTC; nobody was spoken to. It is not called any more")
    assert listed.startswith("On the do-not-call list of all campaigns since 2026-11-23")
    assert "put on the do-not-call list by A. Person, because asked by letter." in text
    assert "asked by letter (by hand by A. Person)." in text
    assert "Consent: written, given on 2026-11-" in text
    assert "nothing stood against the call" not in text, "the dial's own decision says it"
    assert "at the instant before dialling: the call was allowed (allowed), because\n    " in text
    assert "inside the calling hours in all candidate zones" in text
    assert f"=> dialled from {work.from_number}, attempt 1: in progress ({work.attempt_id[:12]})" in text
    assert "it was not made (blocked_dnc), because\n    - the number is on our do-not-call list (DNC-1)" in text
    assert "(and 2 more times for the same reasons)" in text
    assert len(text.splitlines()) < 40, "one screen"


def test_a_number_that_is_kept_from_ringing_by_another_one_of_the_contact_says_so(parts: Parts) -> None:
    armed(parts)
    armed(parts, "clinic-reminder")
    (work,) = claimed(parts, 1)
    second = PhoneNumber("+13035550199")
    with parts.store.write() as tx:
        row = contacts.get(tx, work.subject.contact.contact_id)
        upsert(tx, row.campaign_id, row.import_id, [replace(row.contact, other_phones=(second,))], parts.clock.now())
    dnc.add(parts, second, dnc.scope_of(parts, "clinic-reminder"), "A. Person", "another campaign's list binds nobody here")
    assert why.why(parts, work.phone).others == ()
    dnc.add(parts, second, dnc.scope_of(parts, "solar-sales"), "A. Person", "not this offer")
    found = why.why(parts, work.phone)
    assert f"{second}, of the same contact, is on the do-not-call list of one campaign since 2026-11-23" in "\n".join(
        found.as_text()
    )
    assert "not called any more" not in "\n".join(found.as_text())
    dnc.add(parts, second, dnc.Scope(), "A. Person", "asked by letter")
    found = why.why(parts, work.phone)
    assert "It is not called any more: another number of the same contact is on our do-not-call list." in "\n".join(
        found.as_text()
    )
    told = found.as_json()["suppressions_of_other_numbers"]
    assert [(it["phone"], it["scope"]) for it in told] == [(second, "all"), (second, "campaign")]
    with parts.store.write() as tx:
        decision = gates.ask(tx, parts, work.subject, Stage.DIAL, work.attempt_id)
    assert (decision.code, decision.rules[0].detail) == (
        "blocked_dnc",
        "another number of the same contact is on our do-not-call list",
    )


def test_every_dial_is_told_with_its_end_and_the_same_reasons_once(parts: Parts) -> None:
    armed(parts)
    (work,) = claimed(parts, 1)
    with parts.store.write() as tx:
        gates.ask(tx, parts, work.subject, Stage.DIAL, work.attempt_id)
        attempts.begin(tx, a_dial(parts, work), parts.clock.now())
        result = a_result(Disposition.ANSWERED_HUMAN, talk_s=20.0)
        attempts.end(tx, work.attempt_id, work.subject.fence, result, parts.clock.now())
        queue.requeue(tx, work.subject.call_id, work.subject.fence, parts.clock.now(), True, result.disposition, None)
    parts.clock.move_to(parts.clock.now() + timedelta(days=1))  # type: ignore[attr-defined]  # the fixture's clock is simulated
    again = next(it for it in claimed(parts, 40) if it.subject.call_id == work.subject.call_id)
    with parts.store.write() as tx:
        gates.ask(tx, parts, again.subject, Stage.DIAL, again.attempt_id)
        attempts.begin(tx, a_dial(parts, again), parts.clock.now())
    text = "\n".join(why.why(parts, work.phone).as_text())
    assert (
        "It was dialled 2 times, first on 2026-11-23 18:00 UTC and last on 2026-11-24 18:00 UTC; a person was spoken to 1 time."
        in text
    )
    assert f"attempt 1: answered human ({work.attempt_id[:12]})" in text
    assert f"attempt 2: in progress ({again.attempt_id[:12]})" in text
    assert text.count("the reasons of the dial before still held") == text.count("(CONSENT-1)") == 1
    assert "the contact asked for this callback (FREQ-1)" in text


def test_a_call_by_its_attempt_or_its_number(parts: Parts) -> None:
    armed(parts)
    (work,) = claimed(parts, 1)
    with parts.store.write() as tx:
        gates.ask(tx, parts, work.subject, Stage.DIAL, work.attempt_id)
        attempts.begin(tx, a_dial(parts, work), parts.clock.now())
    by_call = why.why(parts, f"#{work.subject.call_id}").as_json()
    assert by_call["phone"] == work.phone
    assert by_call == why.why(parts, work.attempt_id[:8]).as_json()
    last = by_call["decisions"][-1]
    assert (last["stage"], last["attempt_id"], last["campaign"]) == ("dial", work.attempt_id, "solar-sales")
    assert last["basis"]["rules"]["digest"]
    assert by_call["attempts"][0]["from"] == work.from_number
    with pytest.raises(UserError, match="no decision about call 99999"):
        why.why(parts, "99999")


def test_long_histories_are_cut_and_the_rest_is_counted(parts: Parts) -> None:
    armed(parts)
    (work,) = claimed(parts, 1)
    with parts.store.write() as tx:
        for _ in range(9):
            gates.ask(tx, parts, work.subject, Stage.DIAL)
            gates.ask(tx, parts, work.subject, Stage.CLAIM)
    text = "\n".join(why.why(parts, work.phone).as_text())
    assert "(2 earlier decisions are in --json)" in text


def test_a_number_that_nobody_knows_and_one_that_took_its_consent_back(parts: Parts) -> None:
    text = list(why.why(parts, "+12125550199").as_text())
    assert text[-1] == "No campaign has ever asked whether it may be called, and none has called it."
    armed(parts)
    consent.revoke(parts, "+13035550145", "A. Person", "by letter")
    text = list(why.why(parts, "+13035550145").as_text())
    assert any("taken back on 2026-11-23 18:00 UTC (by letter)" in line for line in text)
