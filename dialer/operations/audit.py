"""Are the records whole? And the package that lets a third party answer this for one campaign without us."""

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from importlib import resources
from pathlib import Path
from typing import Any

import msgspec

from dialer.compliance import chain, evidence
from dialer.compliance.chain import Head, Linked
from dialer.compliance.permit import permit
from dialer.compliance.rulebook import shipped_rulebook
from dialer.errors import UserError
from dialer.operations import folders
from dialer.operations.parts import Parts
from dialer.store import acts, attempts, calls, campaigns, decisions, proof
from dialer.store import chain as heads_store
from dialer.store.decisions import DecisionRow
from dialer.store.engine import Tx
from dialer.store.keys import chain_key, number_of

_README = """Evidence of the campaign {name}, handed out at {at}.

To check it:    python3 verify.py
With a head that you were given earlier:    python3 verify.py --head CHAIN=DIGEST

records.jsonl   every decision to call or not to call, and every act on the lists and rules, linked in chains
calls.jsonl     every attempt: when, from which number, how it ended, under which script
scripts/        the script versions, each named by its SHA-256
rulebook.toml   the rules; its SHA-256 is in each decision that was made by it (basis.rules.digest)
manifest.json   the SHA-256 of each file, and the heads of the chains

Phone numbers are keyed hashes ("number"). The operator can say which hash is a number's: dialer why NUMBER --json.
"""


@dataclass(frozen=True, slots=True)
class ChainReport:
    """One chain: how many records, and what is wrong with it."""

    name: str
    records: int
    digest: str
    flaws: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AuditReport:
    """All chains. ``again``: decisions that were made once more from their own record, by whether they came out the same."""

    chains: tuple[ChainReport, ...]
    flaws: tuple[str, ...]
    again: Mapping[str, int] = field(default_factory=dict)
    unlinked: int = 0

    @property
    def is_whole(self) -> bool:
        """Nothing is wrong."""
        return not self.flaws and all(not report.flaws for report in self.chains)

    def as_json(self) -> dict[str, Any]:
        """The document of ``audit verify --json``."""
        return {
            "is_whole": self.is_whole,
            "chains": [
                {"name": it.name, "records": it.records, "digest": it.digest, "flaws": list(it.flaws)} for it in self.chains
            ],
            "flaws": list(self.flaws),
            "decided_again": dict(self.again),
            "from_before_the_chains": self.unlinked,
        }


def heads(parts: Parts) -> list[Head]:
    """The heads of all chains: kept elsewhere, they prove later that nothing was cut off or rolled back."""
    with parts.store.read() as tx:
        return heads_store.heads(tx)


def read_anchors(path: Path) -> dict[str, Head]:
    """Heads that were kept in a file: those of ``dialer audit heads``, or a ``report.json``. Raises ``UserError``."""
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
        kept = kept["chain_heads"] if isinstance(kept, dict) else kept
        return {one["name"]: Head(str(one["name"]), int(one["seq"]), str(one["digest"])) for one in kept}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UserError(f"{path}: no heads can be read from it ({type(error).__name__})", code="bad_heads") from error


def verify(
    parts: Parts, anchors: Mapping[str, Head] | None = None, progress: Callable[[int], None] = lambda count: None
) -> AuditReport:
    """Follow every chain from its beginning to its head, make every decision again from its own record, and ask of every dial
    whether a record allowed it.

    Raises ``StoreError`` without the database's key.
    """
    anchors = anchors or {}
    with parts.store.read() as tx:
        key = chain_key(tx)
        known = {head.name: head for head in heads_store.heads(tx)}
        reports = [_followed(tx, key, head, anchors.get(name), progress) for name, head in known.items()]
        headless = sorted(decisions.chain_names(tx) - set(known))
        flaws = [f"{name}: records are there, and their chain has no head" for name in headless]
        flaws += [f"{name}: the whole chain is gone" for name in sorted(set(anchors) - set(known))]
        free, late = decisions.unlinked(tx)
        if late:
            flaws.append(f"{late} decisions are in no chain, though there were chains when they were stored")
        again, wrong = _again(tx, progress)
        names = {row.id: row.name for row in campaigns.listed(tx)}
        wrong += [
            f"{names[where]}: record {seq} is kept under a number that it is not about" for where, seq in decisions.misnamed(tx)
        ]
        wrong += [f"attempt {attempt_id} was dialled, and no record allows it" for attempt_id in proof.unallowed(tx)]
    return AuditReport(tuple(reports), (*flaws, *wrong[: 3 * _MOST]), again, free)


def _followed(tx: Tx, key: bytes, head: Head, anchor: Head | None, progress: Callable[[int], None]) -> ChainReport:
    try:
        found = chain.flaws(key, head, _counted(_records(tx, head.name), progress), anchor)
    except _UNREADABLE as error:
        found = [_unreadable(error)]
    return ChainReport(head.name, head.seq, head.digest, tuple(found))


_UNREADABLE = (ValueError, TypeError, AttributeError, LookupError, msgspec.MsgspecError)
"""What reading a row raises whose columns hold what we never write."""


def _unreadable(error: Exception) -> str:
    return f"a record was changed so that it cannot be read ({type(error).__name__})"


def _records(tx: Tx, name: str) -> Iterator[Linked]:
    return acts.linked(tx) if name == acts.CHAIN else decisions.linked(tx, name)


def _counted(records: Iterable[Linked], progress: Callable[[int], None]) -> Iterator[Linked]:
    for count, record in enumerate(records, 1):
        progress(count)
        yield record


def _again(tx: Tx, progress: Callable[[int], None]) -> tuple[dict[str, int], list[str]]:
    """Every decision once more. Those that were made by other rules, or in which a gate failed, cannot be."""
    counts = {"the same": 0, "another": 0, "by other rules": 0}
    wrong: list[str] = []
    for row in campaigns.listed(tx):
        try:
            for count, decision in enumerate(decisions.of_campaign(tx, row.id), 1):
                verdict = decided_again(decision)
                counts[verdict] += 1
                if verdict == "another":
                    wrong.append(
                        f"{row.name}: record {decision.seq} says {decision.decision.code}, and its own facts say otherwise"
                    )
                progress(count)
        except _UNREADABLE as error:
            wrong.append(f"{row.name}: {_unreadable(error)}")
    return counts, wrong[:_MOST]


_MOST = 20


def decided_again(row: DecisionRow) -> str:
    """Ask the rules anew with nothing but the record: ``the same``, ``another`` or ``by other rules``."""
    stored = row.decision
    book = shipped_rulebook()
    is_mine = stored.basis.get("rules", {}).get("digest") == book.digest
    if not is_mine or stored.code == "gate_failed" or stored.basis.get("data") != evidence.data_versions():
        return "by other rules"
    try:
        again = permit(evidence.facts_of(stored.basis), stored.decided_at, stored.stage, book)
    except UserError:
        return "another"
    same = (again.verdict, again.code, again.next_allowed_at, again.rules, again.zones)
    return "the same" if same == (stored.verdict, stored.code, stored.next_allowed_at, stored.rules, stored.zones) else "another"


def export(parts: Parts, name: str, directory: Path) -> Path:
    """Write the package of one campaign into ``directory``, which must not be there yet. Raises ``UserError``."""
    row = folders.stored(parts, name)
    try:
        directory.mkdir(parents=True)
        (directory / "scripts").mkdir()
        with parts.store.read() as tx:
            mine = {f"campaign:{row.id}", f"campaign:{row.id}:import", acts.CHAIN}
            ends = [head for head in heads_store.heads(tx) if head.name in mine]
            _write_lines(directory / "records.jsonl", (_record(head.name, it) for head in ends for it in _records(tx, head.name)))
            made = (_call(tx, attempt) for attempt in proof.attempts_of(tx, row.id))
            _write_lines(directory / "calls.jsonl", made)
            for digest, body in proof.scripts_of(tx, row.id):
                (directory / "scripts" / f"{digest}.json").write_text(body, encoding="utf-8")
        now = parts.clock.now()
        (directory / "README.txt").write_text(_README.format(name=row.name, at=now.isoformat()), encoding="utf-8")
        for target, package, source in _SHIPPED:
            text = resources.files(package).joinpath(*source).read_text(encoding="utf-8")
            (directory / target).write_text(text, encoding="utf-8")
        _write_manifest(directory, row.name, now, ends)
    except FileExistsError as error:
        raise UserError(f"{directory} is there already", code="exists", hint="--dir another") from error
    except OSError as error:
        raise UserError(f"{error.filename or directory}: {error.strerror}", code="unwritable") from error
    return directory


_SHIPPED = (
    ("verify.py", "dialer.operations", ("evidence_check.py",)),
    ("rulebook.toml", "dialer.compliance", ("data", "rulebook.toml")),
)


def _write_lines(path: Path, documents: Iterable[Mapping[str, Any]]) -> None:
    with path.open("w", encoding="utf-8") as out:
        out.writelines(f"{json.dumps(document, ensure_ascii=False)}\n" for document in documents)


def _record(name: str, record: Linked) -> dict[str, Any]:
    link = record.link
    return {"chain": name, "seq": link.seq, "body": record.body, "digest": link.digest, "mac": link.mac}


def _call(tx: Tx, attempt_id: Any) -> dict[str, Any]:
    row = attempts.get(tx, attempt_id)
    return {
        "attempt_id": row.id,
        "call_id": row.call_id,
        "contact_id": calls.contact_of(tx, row.call_id),
        "number": number_of(tx, row.phone),
        "from": row.from_number,
        "dialed_at": _iso(row.dialed_at),
        "answered_at": _iso(row.answered_at),
        "ended_at": _iso(row.ended_at),
        "talk_s": row.talk_s,
        "disposition": None if row.disposition is None else row.disposition.value,
        "outcome": None if row.outcome is None else row.outcome.value,
        "script": proof.script_of(tx, row.id),
    }


def _write_manifest(directory: Path, name: str, now: datetime, ends: list[Head]) -> None:
    files = sorted(path for path in directory.rglob("*") if path.is_file())
    digests = {path.relative_to(directory).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}
    manifest = {"campaign": name, "exported_at": now.isoformat(), "heads": [head.as_json() for head in ends], "files": digests}
    (directory / "manifest.json").write_text(json.dumps(manifest, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def _iso(instant: datetime | None) -> str | None:
    return None if instant is None else instant.isoformat()
