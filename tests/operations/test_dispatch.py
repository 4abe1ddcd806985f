"""Claiming asks the gates; pace and concurrency bound what is claimed."""

from __future__ import annotations

import asyncio
import random
import threading
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, text, update

from dialer.call.events import Permitted
from dialer.model.call import CallState, CampaignStatus
from dialer.model.decision import Stage, Verdict
from dialer.operations import dispatch, folders, scheduling
from dialer.operations.attempt import DatabaseJournal
from dialer.operations.dispatch import Pace
from dialer.operations.parts import Parts
from dialer.store import callers, campaigns, migrate, suppression
from dialer.store.engine import open_store
from dialer.store.schema import attempts, calls, contacts, decisions
from tests.operations.stage import armed, claimed, steps
from tests.support.virtual_time import run_virtual


def test_what_is_claimed_was_allowed_and_the_decision_is_on_record(parts: Parts) -> None:
    armed(parts)
    work = claimed(parts, 3)
    assert len({found.phone for found in work}) == 3
    with parts.store.read() as tx:
        rows = tx.execute(select(decisions.c.verdict, decisions.c.rules).where(decisions.c.stage == Stage.CLAIM)).all()
    assert [row.verdict for row in rows] == [Verdict.ALLOW] * 3
    assert all(len(row.rules) > 5 for row in rows)
    assert {found.number for found in work} == {1}


def test_an_opt_out_that_lands_before_the_claim_wins(parts: Parts) -> None:
    armed(parts)
    with parts.store.write() as tx:
        for phone in tx.execute(select(contacts.c.phone)).scalars().all():
            suppression.add(tx, phone, "opt_out", "test", parts.clock.now())
    assert claimed(parts, 5) == []
    with parts.store.read() as tx:
        held = tx.execute(select(calls.c.state, calls.c.disposition).where(calls.c.state == CallState.DONE)).all()
    assert held
    assert {row.disposition.value for row in held} == {"blocked_dnc"}


def test_outside_the_hours_a_call_waits_for_the_next_opening(parts: Parts) -> None:
    armed(parts)
    parts.clock.move_to(parts.clock.now() + timedelta(hours=14))  # type: ignore[attr-defined]  # the test's clock is simulated
    assert claimed(parts, 5) == []
    with parts.store.read() as tx:
        waits = tx.execute(select(decisions).where(decisions.c.verdict == Verdict.WAIT)).all()
        due = tx.execute(select(calls.c.due_at).where(calls.c.id == waits[0].call_id)).scalar_one()
    assert {row.code for row in waits} == {"blocked_hours"}
    assert due == waits[0].next_allowed_at > parts.clock.now()


def test_a_paused_campaign_gives_nothing_and_goes_on_after_resume(parts: Parts) -> None:
    armed(parts)
    scheduling.pause(parts, "solar-sales")
    assert claimed(parts, 5) == []
    scheduling.resume(parts, "solar-sales")
    assert len(claimed(parts, 5)) == 5


def test_a_broken_contact_zone_holds_the_row(parts: Parts) -> None:
    armed(parts)
    with parts.store.write() as tx:
        tx.execute(update(contacts).values(timezone="Mars/Olympus"))
    assert claimed(parts, 3) == []
    with parts.store.read() as tx:
        assert set(tx.execute(select(calls.c.state).where(calls.c.hold_code == "no_zone")).scalars()) == {CallState.HELD}


def test_room_is_the_least_of_concurrency_and_of_what_can_start_soon(parts: Parts) -> None:
    armed(parts)
    with parts.store.read() as tx:
        row = campaigns.find(tx, "solar-sales")
    assert row is not None
    quick = replace(row, campaign=row.campaign.model_copy(update={"pacing": row.campaign.pacing.model_copy(update={"cps": 2.0})}))
    pace = Pace(1)
    assert pace.room(quick, 0) == 4
    assert pace.room(quick, row.campaign.pacing.concurrency) == 0
    for work in claimed(parts, 3):
        pace.claimed(work)
    assert pace.room(quick, 3) == 1
    assert Pace(2).room(quick, 0) == 2


def test_all_done_only_when_nothing_waits(parts: Parts) -> None:
    assert dispatch.is_all_done(parts)
    armed(parts)
    assert not dispatch.is_all_done(parts)


def test_one_call_of_a_campaign_at_a_time_asks_for_its_start_and_frees_its_room(parts: Parts) -> None:
    armed(parts)
    pace = Pace(1)
    first, second = claimed(parts, 2, pace=pace)
    order: list[str] = []

    async def ask(name: str, work: dispatch.Work) -> None:
        async with pace.turn(work):
            order.append(f"{name} asks")
            await asyncio.sleep(1)
            order.append(f"{name} starts")

    async def both() -> None:
        await asyncio.gather(ask("first", first), ask("second", second))

    assert pace.is_waiting(first)
    run_virtual(both())
    assert order == ["first asks", "first starts", "second asks", "second starts"]
    assert not pace.is_waiting(first)


def set_pacing(parts: Parts, **limits: Any) -> None:
    """Change the campaign's limits while it runs."""
    scheduling.schedule(parts, "solar-sales", None, None, scheduling.NewLimits(**limits))


def start(parts: Parts, work: dispatch.Work) -> timedelta:
    """Take the start if it is free; how long to wait if it is not."""
    with parts.store.write() as tx:
        wait = dispatch.wait(tx, parts, work, is_start=True)
        if not wait:
            dispatch.started(tx, parts, work, parts.clock.now())
    return wait


def test_a_new_rate_holds_from_the_next_start_on(parts: Parts) -> None:
    armed(parts)
    set_pacing(parts, cps=1.0)
    work = claimed(parts, 1)[0]
    assert start(parts, work) == timedelta(0)
    assert start(parts, work) == timedelta(seconds=1.05)
    set_pacing(parts, cps=5.0)
    assert start(parts, work) == timedelta(seconds=0.21)
    set_pacing(parts, cps=0.5)
    assert start(parts, work) == timedelta(seconds=2.05)


def test_the_carrier_account_and_the_caller_id_have_rates_of_their_own(parts: Parts) -> None:
    armed(parts)
    armed(parts, "clinic-reminder")
    set_pacing(parts, cps=10.0)
    found = claimed(parts, 50)
    ours, theirs = (next(it for it in found if it.subject.campaign.name == name) for name in ("solar-sales", "clinic-reminder"))
    limited = replace(parts, settings=parts.settings.model_copy(update={"carrier_cps": 2.0}))
    assert start(limited, ours) == timedelta(0)
    assert start(limited, theirs) == timedelta(seconds=0.525), "another campaign, the same account"
    assert dispatch.carrier_cps(parts.settings.model_copy(update={"carrier": "twilio"})) == 1.0
    assert dispatch.carrier_cps(parts.settings) is None
    shy = replace(parts, settings=parts.settings.model_copy(update={"caller_cps": 0.1}))
    parts.clock.move_to(parts.clock.now() + timedelta(seconds=60))  # type: ignore[attr-defined]  # the test's clock is simulated
    assert start(shy, ours) == timedelta(0)
    assert start(shy, ours) == timedelta(seconds=10.05)


def test_the_voice_account_has_so_many_places_over_all_campaigns(parts: Parts) -> None:
    armed(parts)
    armed(parts, "clinic-reminder")
    few = replace(parts, settings=parts.settings.model_copy(update={"voice_calls": 3}))
    assert len(claimed(few, 50)) == 3
    assert claimed(few, 50) == []


def test_a_rate_so_slow_that_the_next_start_is_far_claims_nothing(parts: Parts) -> None:
    armed(parts)
    set_pacing(parts, cps=0.01)
    (work,) = claimed(parts, 5)
    start(parts, work)
    assert claimed(parts, 5) == [], "the next may start in 100 seconds: a claim would only wait"
    with parts.store.read() as tx:
        assert dispatch.queue.next_due_at(tx, parts.clock.now()) == parts.clock.now() + timedelta(seconds=98.05)
    parts.clock.move_to(parts.clock.now() + timedelta(seconds=99))  # type: ignore[attr-defined]  # simulated
    assert len(claimed(parts, 5)) == 1


def test_a_caller_id_has_so_many_calls_at_once_over_all_lanes(parts: Parts) -> None:
    armed(parts)
    set_pacing(parts, cps=50.0, concurrency=50, caller_concurrency=2)
    found = [work for number in range(20) for work in claimed(parts, 3, f"lane-{number}")]
    shown = Counter(work.from_number for work in found)
    assert max(shown.values()) == 2
    assert claimed(parts, 50) == [], "all waiting calls would show a busy one"
    with parts.store.read() as tx:
        assert callers.shown(tx) == {(found[0].subject.campaign.id, number): count for number, count in shown.items()}
    set_pacing(parts, caller_concurrency=3)
    parts.clock.move_to(parts.clock.now() + timedelta(seconds=6))  # type: ignore[attr-defined]  # the test's clock is simulated
    more = Counter(work.from_number for work in claimed(parts, 50))
    assert more, "the limit was raised while it ran"
    assert max((shown + more).values()) == 3


def test_a_caller_id_has_so_many_calls_at_once_over_all_campaigns(parts: Parts) -> None:
    armed(parts)
    set_pacing(parts, cps=50.0, concurrency=50)
    one = replace(parts, settings=parts.settings.model_copy(update={"caller_calls": 1}))
    assert set(Counter(work.from_number for work in claimed(one, 50)).values()) == {1}


def test_the_rate_of_a_caller_id_is_the_campaigns_own(parts: Parts) -> None:
    armed(parts)
    set_pacing(parts, cps=20.0, concurrency=50, caller_cps=1.0)
    pace = Pace(1)
    found = claimed(parts, 50, pace=pace)
    same = [work for work in found if work.from_number == found[0].from_number]
    other = next(work for work in found if work.from_number != found[0].from_number)
    assert len(found) <= 6, "three caller IDs start so many in two seconds"
    assert start(parts, same[0]) == timedelta(0)
    assert start(parts, same[1]) == timedelta(seconds=1.05)
    assert start(parts, other) == timedelta(seconds=0.0525), "the campaign's own rate"
    assert same[0].turn == same[1].turn != other.turn


def test_a_number_that_an_import_took_away_is_not_dialled(parts: Parts) -> None:
    armed(parts)
    with parts.store.write() as tx:
        tx.execute(update(calls).where(calls.c.state == CallState.QUEUED).values(phone="+13035550198"))
        wanted = tx.execute(select(calls.c.id, contacts.c.phone).join(contacts, contacts.c.id == calls.c.contact_id)).all()
    assert claimed(parts, 50) == [], "one of them is enough to see"
    assert {work.phone for work in claimed(parts, 50)} <= {row.phone for row in wanted}


def race(parts: Parts, lanes: int) -> None:
    """So many lanes claim and start calls at once until nothing is due; time passes when they wait."""
    failures: list[BaseException] = []

    def lane(number: int) -> None:
        pace = Pace(lanes)
        chance = random.Random(number)
        try:
            for _ in range(40):
                for work in dispatch.claim(parts, f"lane-{number}", 3, pace):
                    journal = DatabaseJournal(parts, work, pace, steps, "phones")
                    while isinstance(answer := journal._permit(), timedelta):
                        parts.clock.move_to(parts.clock.now() + answer * chance.random())  # type: ignore[attr-defined]  # simulated
                    pace.gone(work)
                    assert isinstance(answer, Permitted), answer
        except BaseException as error:
            failures.append(error)
            raise

    threads = [threading.Thread(target=lane, args=(number,)) for number in range(lanes)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


@pytest.mark.parametrize("database", ["sqlite", "postgres"])
def test_four_lanes_never_start_more_than_five_calls_in_any_sliding_second(
    parts: Parts, database: str, request: pytest.FixtureRequest
) -> None:
    if database == "postgres":
        url = request.getfixturevalue("postgres_url")
        migrate.upgrade(url)
        parts = replace(parts, store=open_store(url, ledger_key="a key for tests, and for nothing else"))
    armed(parts)
    set_pacing(parts, cps=5.0, concurrency=17)
    race(parts, 4)
    with parts.store.read() as tx:
        dialled = sorted(tx.execute(select(attempts.c.dialed_at)).scalars())
    parts.store.close()
    assert len(dialled) == 17, "as many as may be open at once, and no more"
    for first, sixth in zip(dialled, dialled[5:], strict=False):
        assert sixth - first >= timedelta(seconds=1)


def test_one_call_that_cannot_be_judged_is_held_and_the_others_of_its_batch_go_on(parts: Parts) -> None:
    armed(parts)
    with parts.store.write() as tx:
        first, second = tx.execute(select(contacts.c.id).order_by(contacts.c.row).limit(2)).scalars()
        tx.execute(text(f"UPDATE contacts SET cells = 'no JSON' WHERE id = {first}"))
        tx.execute(text(f"UPDATE contacts SET not_before = 'never' WHERE id = {second}"))
    work = claimed(parts, 5)
    assert len(work) == 3
    with parts.store.read() as tx:
        held = tx.execute(select(calls.c.contact_id, calls.c.state).where(calls.c.hold_code == "gate_failed")).all()
        stored = tx.execute(select(decisions).where(decisions.c.code == "gate_failed")).all()
    assert held == [(first, CallState.HELD), (second, CallState.HELD)]
    assert [row.verdict for row in stored] == [Verdict.HOLD] * 2
    assert all("could not be read (" in row.rules[0]["detail"] for row in stored)
    with parts.store.write() as tx:
        tx.execute(text("UPDATE contacts SET cells = '{}', not_before = NULL"))
    scheduling.pause(parts, "solar-sales")
    scheduling.resume(parts, "solar-sales")
    assert {first, second} <= {found.subject.contact.contact_id for found in claimed(parts, 50)}, "mended, and judged anew"


def test_where_as_many_cannot_be_judged_as_were_dialled_the_campaign_stops_and_says_so(parts: Parts) -> None:
    """A fault of ours must not hold a whole list and call the campaign done."""
    armed(parts)
    with parts.store.write() as tx:
        tx.execute(update(calls).where(calls.c.id.in_(select(calls.c.id).limit(6))).values(attempts_made=1))
        tx.execute(text("UPDATE contacts SET cells = 'no JSON'"))
    assert claimed(parts, 5) == []
    assert folders.stored(parts, "solar-sales").status is CampaignStatus.ARMED, "six were dialled"
    assert claimed(parts, 5) == []
    row = folders.stored(parts, "solar-sales")
    assert row.status is CampaignStatus.PAUSED
    assert row.status_reason.startswith("facts: 6 calls could not be judged (JSONDecodeError in ")
    assert claimed(parts, 5) == []
