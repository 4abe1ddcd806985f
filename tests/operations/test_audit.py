"""The records of a real run are whole, tampering is found, and a third party finds the same with Python alone."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, select, text, update

from dialer.errors import StoreError, UserError
from dialer.model.decision import Stage
from dialer.operations import audit, dnc, gates, report
from dialer.operations.parts import Parts
from dialer.store import attempts, decisions
from dialer.store.schema import acts, chains
from dialer.store.schema import decisions as table
from tests.operations.stage import a_dial, armed, claimed
from tests.store.rows import without_guards


def lived(parts: Parts) -> None:
    """A campaign with imports held, claims, dials and an act."""
    armed(parts)
    for work in claimed(parts, 6):
        with parts.store.write() as tx:
            gates.ask(tx, parts, work.subject, Stage.DIAL, work.attempt_id)
            attempts.begin(tx, a_dial(parts, work), parts.clock.now())
    dnc.add(parts, "+13035550111", dnc.Scope(), "A. Person", "by letter")


def test_an_honest_record_is_whole_and_decides_the_same_again(parts: Parts) -> None:
    lived(parts)
    found = audit.verify(parts)
    assert found.is_whole, found.as_json()
    assert {report.name for report in found.chains} == {"acts", "campaign:1", "campaign:1:import"}
    assert found.again["the same"] == sum(report.records for report in found.chains if report.name != "acts") > 6
    assert found.again["another"] == found.unlinked == 0


@pytest.mark.parametrize("change", [update(acts).values(reason="never said"), delete(acts)])
def test_the_database_itself_keeps_the_acts(parts: Parts, change: Any) -> None:
    lived(parts)
    with pytest.raises(StoreError, match="only added to"), parts.store.write() as tx:
        tx.execute(change)


@pytest.mark.parametrize(
    "tamper",
    [
        update(table).where(table.c.seq == 3).values(code="allowed!"),
        update(acts).values(reason="never said"),
        delete(table).where(table.c.seq == 3),
        delete(acts),
        delete(chains).where(chains.c.name == "campaign:1"),
        update(chains).values(seq=1),
        update(table).where(table.c.seq == 2).values(chain=None, seq=None),
        update(table).where(table.c.id > 3).values(chain=None, seq=None),
        update(table).where(table.c.stage == "dial").values(phone="+12125550199"),
    ],
)
def test_tampering_is_found(parts: Parts, tamper: Any) -> None:
    lived(parts)
    with parts.store.write() as tx, without_guards(tx):
        tx.execute(tamper)
    assert not audit.verify(parts).is_whole


@pytest.mark.parametrize(
    "change",
    [
        "update decisions set stage = 'bogus' where seq = 2",
        "update decisions set verdict = 'bogus' where seq = 2",
        "update decisions set rules = '\"x\"' where seq = 2",
        "update decisions set rules = 'no JSON' where seq = 2",
        "update decisions set zones = '7' where seq = 2",
        "update decisions set basis = json_remove(basis, '$.data') where seq = 2",
        "update decisions set decided_at = 'yesterday' where seq = 2",
        "update decisions set seq = 'x' where seq = 2",
        "update decisions set mac = 'é' where seq = 2",
        "update decisions set mac = NULL where seq = 2",
        "update chains set mac = 'é'",
        "update acts set detail = 'no JSON'",
    ],
)
def test_a_record_that_cannot_be_read_any_more_is_a_finding_and_no_crash(parts: Parts, change: str) -> None:
    lived(parts)
    with parts.store.write() as tx, without_guards(tx):
        tx.execute(text(change))
    assert not audit.verify(parts).is_whole


def test_a_whole_chain_that_is_gone_leaves_dials_that_nothing_allows(parts: Parts) -> None:
    lived(parts)
    with parts.store.write() as tx, without_guards(tx):
        tx.execute(delete(table).where(table.c.chain == "campaign:1"))
        tx.execute(delete(chains).where(chains.c.name == "campaign:1"))
    found = audit.verify(parts)
    assert len(found.flaws) == 6
    assert all("was dialled, and no record allows it" in flaw for flaw in found.flaws)


def test_a_record_under_another_number_is_found(parts: Parts) -> None:
    lived(parts)
    with parts.store.write() as tx, without_guards(tx):
        tx.execute(update(table).where(table.c.chain == "campaign:1", table.c.seq == 2).values(phone="+12125550199"))
    assert audit.verify(parts).flaws == ("solar-sales: record 2 is kept under a number that it is not about",)


def test_a_record_that_its_own_facts_contradict_is_found(parts: Parts) -> None:
    lived(parts)
    with parts.store.read() as tx:
        row = decisions.of_phone(tx, tx.execute(select(table.c.phone).where(table.c.stage == "dial")).scalars().first())[-1]
    assert audit.decided_again(row) == "the same"
    basis = json.loads(json.dumps(row.decision.basis))
    for change, verdict in (
        ({"facts": basis["facts"] | {"is_suppressed": True}}, "another"),
        ({"facts": {}}, "another"),
        ({"rules": {"digest": "of another book"}}, "by other rules"),
        ({"data": {"tzdata": "2020.1"}}, "by other rules"),
    ):
        spoilt = replace(row, decision=replace(row.decision, basis=basis | change))
        assert audit.decided_again(spoilt) == verdict


def test_a_rollback_is_found_by_heads_that_were_kept(parts: Parts, tmp_path: Path) -> None:
    armed(parts)
    claimed(parts, 2)
    kept = tmp_path / "heads.json"
    with parts.store.read() as tx:
        older = [dict(row) for row in tx.execute(select(chains)).mappings()]
        last = tx.execute(select(table.c.id).order_by(table.c.id.desc())).scalars().first()
    claimed(parts, 2)
    kept.write_text(json.dumps([head.as_json() for head in audit.heads(parts)]))
    with parts.store.write() as tx, without_guards(tx):
        tx.execute(delete(table).where(table.c.id > last))
        for row in older:
            tx.execute(update(chains).where(chains.c.name == row["name"]).values(row))
    assert audit.verify(parts).is_whole, "a whole older state is honest by itself"
    found = audit.verify(parts, audit.read_anchors(kept))
    assert not found.is_whole
    gone = {"campaign:7": audit.read_anchors(kept)["campaign:1"]}
    assert "the whole chain is gone" in audit.verify(parts, gone).flaws[0]


@pytest.mark.parametrize("text", ["", "{}", "[1]", '[{"name": "a"}]', '{"chain_heads": 1}'])
def test_heads_that_cannot_be_read(tmp_path: Path, text: str) -> None:
    path = tmp_path / "heads.json"
    path.write_text(text)
    with pytest.raises(UserError, match="no heads"):
        audit.read_anchors(path)


def test_a_report_that_was_kept_is_an_anchor(parts: Parts, tmp_path: Path) -> None:
    lived(parts)
    folder = tmp_path / "report"
    report.write_report(parts.store, "solar-sales", folder, parts.clock.now())
    anchors = audit.read_anchors(folder / "report.json")
    assert anchors.keys() == {"acts", "campaign:1", "campaign:1:import"}
    assert anchors["campaign:1"].digest in (folder / "report.html").read_text(encoding="utf-8")
    assert audit.verify(parts, anchors).is_whole
    with parts.store.write() as tx, without_guards(tx):
        tx.execute(delete(acts))
        tx.execute(delete(chains).where(chains.c.name == "acts"))
    assert audit.verify(parts, anchors).flaws == ("acts: the whole chain is gone",)


def package(parts: Parts, tmp_path: Path) -> Path:
    lived(parts)
    return audit.export(parts, "solar-sales", tmp_path / "evidence")


def verified(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """As a third party does: another process, isolated from everything that is installed."""
    command = [sys.executable, "-I", "-S", str(folder / "verify.py"), *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def test_a_third_party_verifies_with_one_command(parts: Parts, tmp_path: Path) -> None:
    folder = package(parts, tmp_path)
    done = verified(folder)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "every record is in its place and every dial was allowed" in done.stdout
    head = next(head for head in audit.heads(parts) if head.name == "campaign:1")
    assert verified(folder, "--head", f"campaign:1={head.digest}").returncode == 0
    assert "given earlier is not in the chain" in verified(folder, "--head", f"campaign:1={'0' * 64}").stdout
    text = (folder / "records.jsonl").read_text() + (folder / "calls.jsonl").read_text()
    assert "5550111" not in text, "numbers are hashes"
    with pytest.raises(UserError, match="is there already"):
        audit.export(parts, "solar-sales", folder)


def edit(name: str, change: Callable[[list[str]], list[str]]) -> Callable[[Path], None]:
    def apply(folder: Path) -> None:
        path = folder / name
        path.write_text("\n".join(change(path.read_text().splitlines())) + "\n")
        manifest = json.loads((folder / "manifest.json").read_text())
        manifest["files"][name] = hashlib.sha256(path.read_bytes()).hexdigest()
        (folder / "manifest.json").write_text(json.dumps(manifest))

    return apply


@pytest.mark.parametrize(
    ("tamper", "part"),
    [
        (edit("records.jsonl", lambda lines: [line.replace("allow", "wait") for line in lines]), "was changed"),
        (edit("records.jsonl", lambda lines: lines[:-1]), "the records end at"),
        (edit("records.jsonl", lambda lines: [lines[0], *lines[2:]]), "after record"),
        (
            edit("calls.jsonl", lambda lines: [line.replace('"attempt_id": "', '"attempt_id": "0') for line in lines]),
            "no record allows it",
        ),
        (edit("calls.jsonl", lambda lines: [line.replace("2026-11-23T", "2026-11-24T") for line in lines]), "was dialled at"),
        (edit("calls.jsonl", lambda lines: [line.replace('"script": "', '"script": "0') for line in lines]), "which is not here"),
        (lambda folder: (folder / "rulebook.toml").write_text(""), "not the file that was handed out"),
        (lambda folder: (folder / "calls.jsonl").unlink(), "is missing"),
        (lambda folder: (folder / "manifest.json").write_text("{"), "cannot be read"),
    ],
)
def test_a_tampered_package_is_found(parts: Parts, tmp_path: Path, tamper: Callable[[Path], None], part: str) -> None:
    folder = package(parts, tmp_path)
    tamper(folder)
    done = verified(folder)
    assert done.returncode == 1
    assert part in done.stdout, done.stdout
