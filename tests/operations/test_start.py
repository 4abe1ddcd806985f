"""Whoever comes to the carrier late takes a new place in the pace, and who comes too late rings nobody."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from dialer.clock import SimulatedClock
from dialer.errors import CarrierError
from dialer.model.attempt import Found
from dialer.model.phone import PhoneNumber
from dialer.operations import attempt, dispatch, dnc, scheduling
from dialer.operations.parts import Parts
from dialer.operations.start import DialInTime, Start
from dialer.store import starts
from tests.operations.stage import armed, claimed
from tests.operations.test_attempt import Phones, a_claim, journal_of
from tests.support.virtual_time import run_virtual


def test_the_dial_must_be_fresh(parts: Parts) -> None:
    work = a_claim(parts)
    journal, phones = journal_of(parts, work), Phones()
    carrier = DialInTime(phones, journal.start)
    order = attempt.plan_of(parts, work).order
    with pytest.raises(CarrierError, match="too old"):
        asyncio.run(carrier.place(order))
    assert phones.asked == [], "no intent, no dial"
    run_virtual(journal.permit())
    with pytest.raises(CarrierError, match="no lines"):
        asyncio.run(carrier.place(order))
    assert asyncio.run(carrier.find(work.attempt_id)) == Found("C1", None, was_answered=True)
    asyncio.run(carrier.end(work.attempt_id))
    asyncio.run(carrier.close())
    assert phones.asked == [work.attempt_id] * 2


def started(parts: Parts, cps: float, **person: Any) -> tuple[dispatch.Work, Start]:
    """A call that has just taken its start; ``person``: changes to its contact."""
    armed(parts)
    scheduling.schedule(parts, "solar-sales", None, None, scheduling.NewLimits(cps=cps))
    work = claimed(parts, 1)[0]
    contact = replace(work.subject.contact, contact=replace(work.subject.contact.contact, **person))
    work = replace(work, subject=replace(work.subject, contact=contact))

    async def as_time_passes(function: Any, *arguments: Any) -> Any:
        found = function(*arguments)
        if isinstance(found, timedelta):
            parts.clock.move_to(parts.clock.now() + found)  # type: ignore[attr-defined]  # the test's clock is simulated
        return found

    start = Start(parts, work, as_time_passes)
    start.prepare()
    with parts.store.write() as tx:
        assert not start.wait(tx)
        start.take(tx, parts.clock.now())
    return work, start


def last_start(parts: Parts, work: dispatch.Work) -> Any:
    """The start that the next one of the campaign keeps its distance from."""
    key = starts.of_campaign(work.subject.campaign.id)
    with parts.store.read() as tx:
        return starts.last(tx, [key])[key]


def pass_by(parts: Parts, time: timedelta) -> None:
    """The machine was busy for so long."""
    assert isinstance(parts.clock, SimulatedClock)
    parts.clock.move_to(parts.clock.now() + time)


def test_who_comes_at_once_keeps_the_start(parts: Parts) -> None:
    work, start = started(parts, 5.0)
    before = last_start(parts, work)
    pass_by(parts, timedelta(milliseconds=30))
    run_virtual(start.come_in_time())
    assert start.is_dialled
    assert last_start(parts, work) == before


@pytest.mark.parametrize("is_other", [False, True])
def test_an_opt_out_that_lands_while_a_late_dial_waits_rings_nobody(parts: Parts, is_other: bool) -> None:
    second = PhoneNumber("+13035550199")
    work, start = started(parts, 5.0, other_phones=(second,))
    dnc.add(parts, second if is_other else work.phone, dnc.Scope(), "A. Person", "asked by letter")
    pass_by(parts, timedelta(milliseconds=100))
    with pytest.raises(CarrierError, match="do-not-call list meanwhile") as refused:
        run_virtual(start.come_in_time())
    assert (refused.value.code, start.is_dialled) == ("too_late", False)


def test_who_comes_late_takes_a_new_place_behind_the_others(parts: Parts) -> None:
    work, start = started(parts, 5.0)
    pass_by(parts, timedelta(milliseconds=100))
    run_virtual(start.come_in_time())
    first = last_start(parts, work)
    assert parts.clock.now() - first <= timedelta(milliseconds=30), "the start on record is the dial's own"
    pass_by(parts, timedelta(seconds=1))
    run_virtual(start.come_in_time())
    assert last_start(parts, work) > first + timedelta(milliseconds=200)


def test_a_place_that_is_far_is_not_waited_for(parts: Parts) -> None:
    _, start = started(parts, 0.1)
    pass_by(parts, timedelta(milliseconds=100))
    with pytest.raises(CarrierError, match="missed its place"):
        run_virtual(start.come_in_time())
    assert not start.is_dialled


def test_a_lease_that_runs_out_meanwhile_ends_it(parts: Parts) -> None:
    brief = replace(parts, settings=parts.settings.model_copy(update={"lease_s": 0.0}))
    _, start = started(brief, 5.0)
    with pytest.raises(CarrierError, match="too old"):
        run_virtual(start.come_in_time())


def test_a_carriers_queue_holds_the_dial_no_longer_than_the_gates_allow(parts: Parts) -> None:
    work, start = started(parts, 5.0)
    order, now = attempt.plan_of(parts, work).order, parts.clock.now()
    assert start.in_window(order) == order, "nothing is known of an end"
    for left_s, start_s in ((3600.0, order.start_s), (7.0, 5.0), (1.0, 0.0)):
        with parts.store.write() as tx:
            start.take(tx, now, now + timedelta(seconds=left_s))
        assert start.in_window(order).start_s == start_s


def test_nobody_is_rung_once_the_window_has_closed(parts: Parts) -> None:
    _, start = started(parts, 5.0)
    with parts.store.write() as tx:
        start.take(tx, parts.clock.now(), parts.clock.now() + timedelta(seconds=5))
    pass_by(parts, timedelta(seconds=5))
    with pytest.raises(CarrierError, match="is over"):
        run_virtual(start.come_in_time())
    assert not start.is_dialled


def test_the_end_comes_from_the_gates(parts: Parts) -> None:
    work = a_claim(parts)
    journal = journal_of(parts, work)
    end = parts.clock.now() + timedelta(seconds=6)
    scheduling.schedule(parts, "solar-sales", None, end)
    run_virtual(journal.permit())
    assert journal.start.in_window(attempt.plan_of(parts, work).order).start_s == 4.0
