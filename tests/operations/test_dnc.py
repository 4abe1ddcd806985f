"""The do-not-call list as people work with it."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from dialer.errors import UserError
from dialer.model.call import Bucket, CallState
from dialer.model.phone import PhoneNumber
from dialer.operations import dnc, scheduling
from dialer.operations.dnc import Scope
from dialer.operations.parts import Parts
from dialer.store import acts, contacts, national, people, suppression
from dialer.store.keys import number_of
from dialer.store.schema import calls
from tests.operations.stage import armed, claimed, where
from tests.store.rows import upsert

ALL = Scope()
DENVER = PhoneNumber("+13035550111")


def on(parts: Parts, *phones: str) -> set[str]:
    with parts.store.read() as tx:
        return set(suppression.suppressed(tx, [PhoneNumber(phone) for phone in phones]))


def done(parts: Parts) -> list[tuple[str, str, str]]:
    with parts.store.read() as tx:
        return [(act.act, act.actor, act.reason) for act in reversed(acts.listed(tx))]


def test_an_added_number_leaves_every_queue_at_once(parts: Parts) -> None:
    armed(parts)
    (work,) = claimed(parts, 1)
    told = dnc.add(parts, "(303) 555-0111", ALL, "A. Person", "by letter")
    assert (told.added, told.known, told.cancelled) in {(1, 0, 1), (1, 0, 0)}
    assert dnc.add(parts, DENVER, ALL, "A. Person", "again").as_json()["known"] == 1
    assert on(parts, DENVER) == {DENVER}
    assert done(parts) == [("dnc.add", "A. Person", "by letter"), ("dnc.add", "A. Person", "again")]
    assert where(parts, work)[0] is CallState.CLAIMED or where(parts, work)[1] is Bucket.SUPPRESSED
    checked = dnc.check(parts, DENVER)
    assert checked.is_listed
    assert checked.as_json()["entries"][0]["added_by"] == "A. Person"


def test_the_list_of_one_campaign_binds_it_alone(parts: Parts) -> None:
    armed(parts)
    scope = dnc.scope_of(parts, "solar-sales")
    assert (scope.words, ALL.words, dnc.scope_of(parts, "")) == ("campaign solar-sales", "all campaigns", ALL)
    dnc.add(parts, DENVER, scope, "A. Person", "not this offer")
    assert on(parts, DENVER) == set()
    assert not dnc.check(parts, DENVER).is_listed
    assert dnc.check(parts, DENVER).as_json()["entries"][0]["scope"] == "campaign solar-sales"
    assert DENVER not in {work.phone for work in claimed(parts, 50)}


SECOND = PhoneNumber("+13035550199")


@pytest.mark.parametrize("listed", [DENVER, SECOND])
@pytest.mark.parametrize("where_to", ["", "solar-sales"])
def test_a_list_that_has_one_number_of_a_person_keeps_all_of_theirs_from_ringing(
    parts: Parts, listed: PhoneNumber, where_to: str
) -> None:
    armed(parts)
    armed(parts, "clinic-reminder")
    with parts.store.write() as tx:
        (person,) = contacts.by_phone(tx, DENVER)
        changed = replace(person.contact, other_phones=(SECOND,))
        upsert(tx, person.campaign_id, person.import_id, [changed], parts.clock.now())
        before = tx.execute(select(func.count()).where(calls.c.state == CallState.QUEUED)).scalar_one()
    told = dnc.add(parts, listed, dnc.scope_of(parts, where_to), "A. Person", "by letter")
    assert told.cancelled == 1
    with parts.store.read() as tx:
        row = tx.execute(select(calls.c.state, calls.c.bucket).where(calls.c.contact_id == person.contact_id)).one()
        after = tx.execute(select(func.count()).where(calls.c.state == CallState.QUEUED)).scalar_one()
    assert tuple(row) == (CallState.DONE, Bucket.SUPPRESSED)
    assert after == before - 1, "nobody else is touched"


def test_what_a_mistake_took_out_of_the_queue_waits_again(parts: Parts) -> None:
    armed(parts)
    dnc.add(parts, DENVER, ALL, "A. Person", "the wrong letter")
    assert dnc.remove(parts, DENVER, ALL, "A. Person", "a mistake") == 1
    assert DENVER in {work.phone for work in claimed(parts, 50)}, "the gates judge it anew"
    dnc.add(parts, DENVER, ALL, "A. Person", "asked by letter")
    scheduling.cancel(parts, "solar-sales", is_now=False)
    assert dnc.remove(parts, DENVER, ALL, "A. Person", "asked for it again") == 0, "that campaign is over"


def test_the_list_of_one_campaign_leaves_the_queues_of_the_others_alone(parts: Parts) -> None:
    armed(parts)
    armed(parts, "clinic-reminder")
    assert dnc.add(parts, DENVER, dnc.scope_of(parts, "clinic-reminder"), "A. Person", "not this").cancelled == 0


def test_taking_off_is_an_act_on_record(parts: Parts) -> None:
    dnc.add(parts, DENVER, ALL, "A. Person", "by letter")
    assert dnc.remove(parts, DENVER, ALL, "B. Person", "a mistake") == 0, "there was no call"
    assert dnc.remove(parts, DENVER, ALL, "B. Person", "again") is None
    assert on(parts, DENVER) == set()
    assert done(parts)[-1] == ("dnc.remove", "B. Person", "a mistake")
    assert [act["act"] for act in dnc.check(parts, DENVER).as_json()["acts"]] == ["dnc.add", "dnc.remove"]


@pytest.mark.parametrize(
    "text",
    [
        "+13035550111\n3035550112\n\nnonsense\n",
        "﻿Name;Phone Number\nÉva;+1 303 555 0111\nBo;(303) 555-0112\nCy;nonsense\n",
        "name,mobile\nx,3035550111\ny,3035550112\nz,\n",
        "303,5550111\n303,5550112\n303,555\n",
    ],
)
def test_lists_in_their_usual_forms(parts: Parts, tmp_path: Path, text: str) -> None:
    path = tmp_path / "list.csv"
    path.write_text(text, encoding="utf-8")
    told = dnc.import_list(parts, path, ALL, "A. Person", "the old system's list")
    assert (told.added, told.known, told.unreadable, len(told.lines)) == (2, 0, 1, 1)
    assert dnc.import_list(parts, path, ALL, "A. Person", "again").known == 2
    assert on(parts, DENVER, "+13035550112") == {DENVER, "+13035550112"}


@pytest.mark.parametrize("text", ["", "nonsense\n", "phone\n"])
def test_a_list_of_nothing_is_an_error_and_changes_nothing(parts: Parts, tmp_path: Path, text: str) -> None:
    path = tmp_path / "list.csv"
    path.write_text(text)
    with pytest.raises(UserError, match="nothing in it is a phone number"):
        dnc.import_list(parts, path, ALL, "A. Person", "x")
    with pytest.raises(UserError, match="nothing in it is a phone number"):
        dnc.import_national(parts, path, "US", parts.clock.now(), "A. Person", "x")
    assert done(parts) == []


def test_files_that_cannot_be_read(parts: Parts, tmp_path: Path) -> None:
    (tmp_path / "bytes.csv").write_bytes(b"\xff\xfe\x00")
    (tmp_path / "open.csv").write_text('phone\n"3035550111\n')
    for name in ("bytes.csv", "open.csv", "none.csv"):
        with pytest.raises(UserError):
            dnc.import_list(parts, tmp_path / name, ALL, "A. Person", "x")
    with pytest.raises(UserError):
        dnc.import_national(parts, tmp_path / "none.csv", "US", parts.clock.now(), "A. Person", "x")


def test_an_export_reveals_no_number_and_comes_back(parts: Parts, tmp_path: Path) -> None:
    armed(parts)
    dnc.add(parts, DENVER, ALL, "A. Person", "=cmd|calc")
    dnc.add(parts, "+13035550145", dnc.scope_of(parts, "solar-sales"), "A. Person", "not this offer")
    out = io.StringIO()
    assert dnc.export(parts, out, "A. Person") == 2
    assert "5550111" not in out.getvalue()
    assert "'=cmd" in out.getvalue()
    dnc.remove(parts, DENVER, ALL, "A. Person", "a test")
    path = tmp_path / "out.csv"
    path.write_text(out.getvalue(), encoding="utf-8")
    assert dnc.import_list(parts, path, ALL, "A. Person", "back").added == 2
    assert on(parts, DENVER) == {DENVER}


def test_a_national_copy_has_an_age(parts: Parts, tmp_path: Path) -> None:
    path = tmp_path / "us.txt"
    path.write_text("3035550111\n3035550111\nx\n")
    as_of = datetime(2026, 11, 20, tzinfo=UTC)
    told = dnc.import_national(parts, path, "US", as_of, "A. Person", "monthly")
    assert (told.added, told.unreadable) == (1, 1)
    checked = dnc.check(parts, DENVER)
    assert checked.is_listed
    assert checked.as_json()["national"] == [{"region": "US", "as_of": as_of.isoformat(), "is_listed": True}]
    with parts.store.read() as tx:
        assert national.newest_of(tx)["US"].entries == 1
    with pytest.raises(UserError, match="in the future"):
        dnc.import_national(parts, path, "US", parts.clock.now() + timedelta(days=1), "A. Person", "x")


def test_a_list_of_hashes_empties_the_queues_of_its_numbers_too(parts: Parts, tmp_path: Path) -> None:
    armed(parts)
    (work, *_) = claimed(parts, 1)
    with parts.store.write() as tx:
        phone = tx.execute(select(calls.c.phone).where(calls.c.state == CallState.QUEUED).limit(1)).scalar_one()
        (tmp_path / "hashes.csv").write_text(f"number_hash\n{number_of(tx, phone)}\n{number_of(tx, work.phone)}\n")
        assert phone in people.waiting_numbers(tx)
    found = dnc.import_list(parts, tmp_path / "hashes.csv", Scope(), "A. Person", "another office's list")
    assert (found.added, found.cancelled) == (2, 1), "a claimed call is left to its gates"
    with parts.store.read() as tx:
        assert phone not in people.waiting_numbers(tx)
        row = tx.execute(select(calls.c.state, calls.c.bucket).where(calls.c.phone == phone)).one()
    assert tuple(row) == (CallState.DONE, Bucket.SUPPRESSED)
