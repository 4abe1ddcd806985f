"""A contact file goes in whole or not at all, and its rows add up."""

from __future__ import annotations

import csv
import hashlib
import os
from pathlib import Path

import pytest
from sqlalchemy import func, select

from dialer.errors import PolicyRefusal, UserError
from dialer.model.call import Bucket, CallState, CampaignStatus
from dialer.model.phone import PhoneNumber
from dialer.operations import folders, importing, scheduling
from dialer.operations.importing import ImportOptions, ImportSummary
from dialer.operations.parts import Parts
from dialer.store import campaigns, queue, suppression
from dialer.store import contacts as stored_contacts
from dialer.store import decisions as stored_decisions
from dialer.store.schema import calls, contacts, decisions, import_problems

EXAMPLES = ("clinic-reminder", "market-promotion", "solar-sales")


def take_in(parts: Parts, name: str, rejects: Path, path: Path | None = None, **options: object) -> ImportSummary:
    """Import an example's own contacts, or another file into it."""
    folder = folders.required_folder(parts.settings, name)
    return importing.import_contacts(
        parts,
        folder.campaign,
        path or folder.contacts_path,
        ImportOptions(**options),
        rejects,  # type: ignore[arg-type]  # free options
    )


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_examples_add_up(parts: Parts, tmp_path: Path, name: str) -> None:
    summary = take_in(parts, name, tmp_path / "rejects.csv")
    assert summary.rows == summary.accepted + summary.updated + summary.duplicates + summary.rejected
    assert summary.accepted >= 20
    assert summary.rejected >= 4
    assert summary.held >= 1
    with parts.store.read() as tx:
        row = campaigns.find(tx, name)
        assert row is not None
        counts = queue.counts(tx, row.id)
        assert sum(counts.values()) == summary.accepted
        assert counts[Bucket.HELD] == summary.held
        assert tx.execute(select(func.count()).select_from(import_problems)).scalar_one() == summary.rejected + summary.duplicates
        assert tx.execute(select(func.count()).select_from(decisions)).scalar_one() == summary.held
    assert (tmp_path / "rejects.csv").stat().st_mode & 0o077 == 0, "for its owner alone"
    with (tmp_path / "rejects.csv").open(encoding="utf-8-sig", newline="") as lines:
        assert len(list(csv.DictReader(lines))) == summary.rejected + summary.duplicates
    assert set(summary.as_json()) == {
        *("campaign", "file", "encoding", "delimiter", "phone_column", "rows", "accepted", "updated", "duplicates"),
        *("rejected", "held", "suppressed", "by_code", "rejects_file", "notes"),
    }


def test_the_same_file_twice_adds_nothing(parts: Parts, tmp_path: Path) -> None:
    first = take_in(parts, "clinic-reminder", tmp_path / "rejects.csv")
    second = take_in(parts, "clinic-reminder", tmp_path / "rejects.csv")
    assert (second.accepted, second.updated) == (0, first.accepted)
    with parts.store.read() as tx:
        assert tx.execute(select(func.count()).select_from(contacts)).scalar_one() == first.accepted
        assert tx.execute(select(func.count()).select_from(calls)).scalar_one() == first.accepted


def test_a_cancelled_campaign_takes_no_list(parts: Parts, tmp_path: Path) -> None:
    take_in(parts, "solar-sales", tmp_path / "rejects.csv")
    scheduling.schedule(parts, "solar-sales", None, None)
    scheduling.cancel(parts, "solar-sales", is_now=True)
    with pytest.raises(PolicyRefusal, match="was cancelled for good; give a copy"):
        take_in(parts, "solar-sales", tmp_path / "rejects.csv")
    with parts.store.read() as tx:
        row = campaigns.find(tx, "solar-sales")
        assert row is not None
        assert row.status is CampaignStatus.CANCELLED, "or what was cut off would wait to be dialled anew"
        assert Bucket.WAITING not in queue.counts(tx, row.id)


def test_a_dry_run_stores_nothing(parts: Parts, tmp_path: Path) -> None:
    summary = take_in(parts, "solar-sales", tmp_path / "rejects.csv", is_dry_run=True)
    assert summary.accepted > 0
    assert not (tmp_path / "rejects.csv").exists()
    with parts.store.read() as tx:
        assert campaigns.find(tx, "solar-sales") is None


def test_a_file_that_breaks_off_stores_nothing(parts: Parts, tmp_path: Path) -> None:
    broken = tmp_path / "broken.csv"
    rows = "\n".join(f"Ann{number},+1212555{100 + number:04d},America/New_York,written" for number in range(20))
    text = f'name,phone,timezone,consent\n{rows}\n"never closed,+12125550199,America/New_York,written\n'
    broken.write_text(text, encoding="utf-8")
    with pytest.raises(UserError) as refused:
        take_in(parts, "market-promotion", tmp_path / "rejects.csv", broken)
    assert refused.value.code == "unclosed_quote"
    with parts.store.read() as tx:
        assert campaigns.find(tx, "market-promotion") is None


def test_a_missing_file_is_said(parts: Parts, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"nowhere\.csv"):
        take_in(parts, "solar-sales", tmp_path / "rejects.csv", tmp_path / "nowhere.csv")


def test_what_is_no_file_is_said(parts: Parts, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.csv")
    for path, said in ((tmp_path, "a folder"), (tmp_path / "pipe.csv", "a pipe or a device")):
        with pytest.raises(UserError, match=said) as refused:
            take_in(parts, "solar-sales", tmp_path / "rejects.csv", path)
        assert refused.value.hint


def test_a_file_that_grows_while_it_is_read_stores_nothing(parts: Parts, tmp_path: Path) -> None:
    folder = folders.required_folder(parts.settings, "solar-sales")
    growing = tmp_path / "growing.csv"
    growing.write_bytes(folder.contacts_path.read_bytes())

    def grow(bytes_read: int, rows_read: int) -> None:
        with growing.open("ab") as file:
            file.write(b"\n")

    with pytest.raises(UserError, match="has changed") as refused:
        importing.import_contacts(parts, folder.campaign, growing, ImportOptions(), tmp_path / "rejects.csv", grow)
    assert refused.value.code == "unreadable_file"
    with parts.store.read() as tx:
        assert campaigns.find(tx, "solar-sales") is None
    assert list(tmp_path.glob("rejects*")) == []


def test_an_import_is_recorded_with_the_hash_of_the_whole_file(parts: Parts, tmp_path: Path) -> None:
    take_in(parts, "solar-sales", tmp_path / "rejects.csv")
    content = folders.required_folder(parts.settings, "solar-sales").contacts_path.read_bytes()
    with parts.store.read() as tx:
        row = campaigns.find(tx, "solar-sales")
        assert row is not None
        (stored,) = stored_contacts.imports_of(tx, row.id)
    assert stored.facts.file_hash == hashlib.sha256(content).hexdigest()


def test_others_write_while_a_file_is_read(parts: Parts, tmp_path: Path) -> None:
    """On SQLite too: the lock is held for the taking over alone, and what was said meanwhile counts."""
    folder = folders.required_folder(parts.settings, "solar-sales")
    plain = take_in(parts, "solar-sales", tmp_path / "rejects.csv", is_dry_run=True)

    def opt_out(bytes_read: int, rows_read: int) -> None:
        with parts.store.write() as tx:
            suppression.add(tx, PhoneNumber("+13035550111"), "asked", "call", parts.clock.now())

    rejected = tmp_path / "r.csv"
    summary = importing.import_contacts(parts, folder.campaign, folder.contacts_path, ImportOptions(), rejected, opt_out)
    assert (summary.suppressed, summary.held) == (1, plain.held)
    assert summary.by_code["blocked_dnc"] == 1
    with parts.store.read() as tx:
        row = campaigns.find(tx, "solar-sales")
        assert row is not None
        assert queue.counts(tx, row.id)[Bucket.SUPPRESSED] == 1
        (decided,) = [it.decision.code for it in stored_decisions.of_phone(tx, PhoneNumber("+13035550111"))]
        assert decided == "blocked_dnc"


def test_an_opt_out_of_the_list_counts_for_every_row_with_that_number(parts: Parts, tmp_path: Path) -> None:
    """Two people share a number and the second one wants no calls; a second row of a number says no; so does a bad row."""
    file = tmp_path / "people.csv"
    rest = "America/Denver,Denver,2026-11-01,written,2026-11-01,web form"
    file.write_text(
        f"first_name,phone,phone 2,do not call,timezone,city,inquiry_on,consent,consent_at,consent_source\n"
        f"Ann,+13035550111,+13035550112,,{rest}\n"
        f"Bob,+13035550113,+13035550111,yes,{rest}\n"
        f"Cat,+13035550114,,no,{rest}\n"
        f"Cat,+13035550114,,yes,{rest}\n"
        f"Dan,+13035550115,,,{rest}\n"
        f"Dan,+13035550116,+13035550115,yes,no/zone,Denver,2026-11-01,written,2026-11-01,web form\n"
        f"Eve,+13035550117,,,{rest}\n"
    )
    summary = take_in(parts, "solar-sales", tmp_path / "rejects.csv", file)
    assert (summary.rows, summary.accepted, summary.duplicates, summary.rejected) == (7, 5, 1, 1)
    assert summary.suppressed == 4
    assert any("3 rows say that the person wants no calls" in note for note in summary.notes)
    with parts.store.read() as tx:
        listed = [bool(suppression.entries(tx, PhoneNumber(f"+1303555011{last}"))) for last in range(1, 8)]
        assert listed == [True, False, True, True, True, True, False]
        (call,) = tx.execute(select(calls.c.phone).where(calls.c.state == CallState.QUEUED)).scalars()
        assert call == "+13035550117"
    assert take_in(parts, "solar-sales", tmp_path / "rejects.csv", file).suppressed == 4


def test_a_suppressed_number_is_accepted_and_never_queued(parts: Parts, tmp_path: Path) -> None:
    plain = take_in(parts, "solar-sales", tmp_path / "rejects.csv", is_dry_run=True)
    with parts.store.write() as tx:
        suppression.add(tx, "+13035550111", "asked by mail", "test", parts.clock.now())  # type: ignore[arg-type]  # a literal number
    summary = take_in(parts, "solar-sales", tmp_path / "rejects.csv")
    assert (summary.suppressed, summary.held) == (1, plain.held)
    assert summary.by_code["blocked_dnc"] == 1
    with parts.store.read() as tx:
        row = campaigns.find(tx, "solar-sales")
        assert row is not None
        assert queue.counts(tx, row.id)[Bucket.SUPPRESSED] == 1


def test_a_row_with_one_number_on_the_list_is_never_queued_at_another(parts: Parts, tmp_path: Path) -> None:
    source = tmp_path / "two.csv"
    folder = folders.required_folder(parts.settings, "solar-sales")
    header, first, *_ = folder.contacts_path.read_text(encoding="utf-8").splitlines()
    source.write_text(f"{header};Phone 2\n{first};303-555-0199\n", encoding="utf-8")
    with parts.store.write() as tx:
        suppression.add(tx, PhoneNumber("+13035550199"), "asked by mail", "test", parts.clock.now())
    summary = take_in(parts, "solar-sales", tmp_path / "rejects.csv", source)
    assert (summary.accepted, summary.suppressed, dict(summary.by_code)) == (1, 1, {"blocked_dnc": 1})


def test_progress_counts_bytes(parts: Parts, tmp_path: Path) -> None:
    folder = folders.required_folder(parts.settings, "solar-sales")
    seen: list[tuple[int, int]] = []
    summary = importing.import_contacts(
        parts, folder.campaign, folder.contacts_path, ImportOptions(), tmp_path / "r.csv", lambda *read: seen.append(read)
    )
    assert seen[-1] == (folder.contacts_path.stat().st_size, summary.rows)
