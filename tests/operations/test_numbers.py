"""Which of our numbers may be shown now, and which must rest."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import timedelta

from sqlalchemy import update

from dialer.model.phone import PhoneNumber
from dialer.operations import folders, numbers, upkeep
from dialer.operations.parts import Parts
from dialer.store import attempts, caller_numbers
from dialer.store.schema import attempts as rows
from tests.operations.stage import a_dial, armed, claimed


def shown(parts: Parts) -> list[PhoneNumber]:
    """The caller IDs of the example."""
    return [PhoneNumber(number) for number in folders.stored(parts, "solar-sales").campaign.caller_ids]


def standing(parts: Parts) -> dict[str, bool]:
    with parts.store.read() as tx:
        return {number: found.is_usable for number, found in numbers.standings(tx, parts, parts.clock.now()).items()}


def test_nothing_holds_for_numbers_that_nobody_has_spoken_of(parts: Parts) -> None:
    armed(parts)
    assert standing(parts) == {}
    assert [fare.is_known for fare in numbers.fares(parts)] == [False] * len(shown(parts))


def test_a_number_rests_until_its_time_has_come(parts: Parts) -> None:
    armed(parts)
    one = shown(parts)[0]
    numbers.change(parts, one, rests_until=parts.clock.now() + timedelta(days=1))
    assert standing(parts) == {one: False}
    parts.clock.move_to(parts.clock.now() + timedelta(days=2))  # type: ignore[attr-defined]  # the test's clock is simulated
    assert standing(parts) == {one: True}


def test_a_number_that_reached_its_cap_is_shown_again_tomorrow_and_its_calls_wait(parts: Parts) -> None:
    armed(parts)
    for number in shown(parts):
        numbers.change(parts, number, daily_cap=1)
    (work,) = claimed(parts, 1)
    with parts.store.write() as tx:
        attempts.begin(tx, a_dial(parts, work), parts.clock.now())
    assert standing(parts)[work.from_number] is False
    assert all(found.from_number != work.from_number for found in claimed(parts, 9))
    for number in shown(parts):
        numbers.change(parts, number, rests_until=parts.clock.now() + timedelta(days=1))
    assert claimed(parts, 9) == [], "no caller ID is left: the calls go back"
    parts.clock.move_to(parts.clock.now() + timedelta(days=1))  # type: ignore[attr-defined]  # the test's clock is simulated
    assert standing(parts)[work.from_number] is True


def test_a_cap_is_not_overshot_by_a_batch_nor_by_calls_that_wait_for_their_dial(parts: Parts) -> None:
    armed(parts)
    for number in shown(parts):
        numbers.change(parts, number, daily_cap=2)
    made = claimed(parts, 4) + claimed(parts, 4, owner="node:1/2.1") + claimed(parts, 50, owner="node:2/3.1")
    by_number = Counter(work.from_number for work in made)
    assert set(by_number.values()) == {2}
    assert set(standing(parts).values()) == {False}
    for work in made:
        with parts.store.write() as tx:
            attempts.begin(tx, a_dial(parts, work), parts.clock.now())
    assert claimed(parts, 50) == []


def test_a_real_carrier_shows_verified_numbers_only_once_there_is_a_list(parts: Parts) -> None:
    armed(parts)
    real = replace(parts, settings=parts.settings.model_copy(update={"carrier": "twilio"}))
    first, *others = shown(parts)
    numbers.change(parts, first, weight=2)
    assert standing(real)[first] is True, "no list yet: the carrier itself refuses what it does not know"
    numbers.verified(parts, [others[0]] if others else ["+12125550111"])
    assert standing(real)[first] is False
    numbers.verified(parts, [first])
    assert standing(real)[first] is True
    assert all(standing(real)[number] is False for number in others)


def test_the_upkeep_lets_a_tired_number_rest_once(parts: Parts) -> None:
    armed(parts)
    (work,) = claimed(parts, 1)
    with parts.store.write() as tx:
        attempts.begin(tx, a_dial(parts, work), parts.clock.now())
        row = dict(tx.execute(rows.select()).mappings().one())
        now = parts.clock.now()
        tx.execute(update(rows).values(state="ended", disposition="busy", ended_at=now))
        for n in range(200):
            is_old = n < 100
            dialed_at = now - timedelta(days=14 if is_old else 2, seconds=n)
            spelled = {"id": f"old{n}", "state": "ended", "disposition": "busy", "ended_at": now, "dialed_at": dialed_at}
            tx.execute(rows.insert().values({**row, **spelled, "answered_at": dialed_at if is_old else None}))
    upkeep.tidy(parts)
    with parts.store.read() as tx:
        [found] = caller_numbers.listed(tx)
    assert found.number == work.from_number
    assert found.rests_until == now + numbers.REST
    assert "answer rate fell from 100% to 0%" in found.rest_reason
    numbers.change(parts, found.number, rests_until=now - timedelta(days=1))
    upkeep.tidy(parts)
    with parts.store.write() as tx:
        assert numbers.rest_tired(tx, now) == [], "woken by a person"
