"""A contact file goes in whole or not at all, and its rows add up."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from sqlalchemy import func, select

from dialer.errors import UserError
from dialer.model.call import Bucket
from dialer.model.phone import PhoneNumber
from dialer.operations import folders, importing
from dialer.operations.importing import ImportOptions, ImportSummary
from dialer.operations.parts import Parts
from dialer.store import campaigns, queue, suppression
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
