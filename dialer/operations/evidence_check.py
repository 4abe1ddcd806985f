"""Checks an evidence package of dialer: python3 verify.py [--head CHAIN=DIGEST ...]

It needs nothing but Python 3.9 or later and the files beside it: no dialer, no database, no key, no network. It answers three
questions. Are the files those that were handed out (manifest)? Does every record stand where it was written, unchanged, with none
missing (chains)? Was every dial allowed by a record made before it, in which no rule objects (calls)?

It cannot know whether all of it was made up on one day. For that compare the heads that it prints with heads that you were
given earlier (--head), and ask the operator to check the seals, which needs the operator's key: dialer audit verify.
"""

import argparse
import hashlib
import json
import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

GRAVITY = ("refuse", "hold", "wait", "allow")


def beginning(name: str) -> str:
    """The digest before the first record of a chain."""
    return hashlib.sha256(f"dialer chain {name}".encode()).hexdigest()


def digest_of(before: str, seq: int, body: str) -> str:
    """The digest of a record after ``before``."""
    return hashlib.sha256(f"{before}\n{seq}\n{body}".encode()).hexdigest()


def lines(path: Path) -> Iterator[dict[str, Any]]:
    """The JSON documents of a file, one for each line."""
    with path.open(encoding="utf-8") as file:
        for line in file:
            yield json.loads(line)


def check_files(folder: Path, manifest: dict[str, Any]) -> Iterator[str]:
    """Every file of the manifest is there and is the one that was handed out."""
    for name, expected in manifest["files"].items():
        path = folder / name
        if not path.is_file():
            yield f"{name} is missing"
        elif hashlib.sha256(path.read_bytes()).hexdigest() != expected:
            yield f"{name} is not the file that was handed out"


def check_chains(folder: Path, manifest: dict[str, Any], told: dict[str, str]) -> Iterator[str]:
    """Every chain runs from its beginning to its head without a gap; ``told``: heads that were given earlier, by chain."""
    heads = {head["name"]: head for head in manifest["heads"]}
    ends: dict[str, tuple[int, str]] = {name: (0, beginning(name)) for name in heads}
    seen = {name: {beginning(name)} for name in heads}
    for record in lines(folder / "records.jsonl"):
        name, seq = record["chain"], record["seq"]
        if name not in ends:
            yield f"record {seq} is of chain {name}, which the manifest does not have"
            continue
        last, digest = ends[name]
        if seq != last + 1:
            yield f"{name}: after record {last} comes {seq}"
        elif digest_of(digest, seq, record["body"]) != record["digest"]:
            yield f"{name}: record {seq} was changed, or is not in its place"
        ends[name] = (seq, record["digest"])
        seen[name].add(record["digest"])
    for name, head in heads.items():
        if ends[name] != (head["seq"], head["digest"]):
            yield f"{name}: the records end at {ends[name][0]}, and the head is {head['seq']}"
    for name, digest in told.items():
        if digest not in seen.get(name, set()):
            yield f"{name}: the head that was given earlier is not in the chain"


def check_decisions(folder: Path) -> Iterator[str]:
    """Each decision says what its rules say: the gravest of them."""
    for record in decisions(folder):
        verdicts = [rule["verdict"] for rule in record["rules"]]
        gravest = min(verdicts, key=GRAVITY.index) if verdicts else "hold"
        if record["verdict"] != gravest:
            yield f"a decision of {record['decided_at']} says {record['verdict']}, and its rules say {gravest}"


def check_calls(folder: Path) -> Iterator[str]:
    """Every dial has an allowance of its own, made at the same moment: at most a minute apart."""
    allowed = {
        record["attempt_id"]: record["decided_at"]
        for record in decisions(folder)
        if record["stage"] == "dial" and record["verdict"] == "allow"
    }
    for call in lines(folder / "calls.jsonl"):
        if not call["dialed_at"]:
            continue
        decided_at = allowed.get(call["attempt_id"])
        if decided_at is None:
            yield f"attempt {call['attempt_id']} was dialled, and no record allows it"
            continue
        apart = datetime.fromisoformat(call["dialed_at"]) - datetime.fromisoformat(decided_at)
        if abs(apart.total_seconds()) > 60:
            yield f"attempt {call['attempt_id']} was dialled at {call['dialed_at']}, and allowed at {decided_at}"


def check_scripts(folder: Path) -> Iterator[str]:
    """Every script is the text that its name is the hash of, and every attempt ran one of them."""
    there = {path.stem for path in (folder / "scripts").glob("*.json")}
    for name in sorted(there):
        if hashlib.sha256((folder / "scripts" / f"{name}.json").read_bytes()).hexdigest() != name:
            yield f"script {name} is another text"
    for call in lines(folder / "calls.jsonl"):
        if call["script"] not in there:
            yield f"attempt {call['attempt_id']} ran script {call['script']}, which is not here"


def decisions(folder: Path) -> Iterator[dict[str, Any]]:
    """The decisions among the records."""
    for record in lines(folder / "records.jsonl"):
        if record["chain"].startswith("campaign:"):
            yield json.loads(record["body"])


def check(folder: Path, told: dict[str, str]) -> list[str]:
    """Everything that is wrong with a package."""
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    found = list(check_files(folder, manifest))
    if found:
        return found
    return [*check_chains(folder, manifest, told), *check_decisions(folder), *check_calls(folder), *check_scripts(folder)]


def main(arguments: list[str]) -> int:
    """Print what is wrong and end with 1, or print the heads and end with 0."""
    parser = argparse.ArgumentParser(description="Checks an evidence package of dialer.")
    parser.add_argument("--head", action="append", default=[], metavar="CHAIN=DIGEST", help="a head that you were given earlier")
    parser.add_argument("folder", nargs="?", type=Path, default=Path(__file__).resolve().parent)
    options = parser.parse_args(arguments)
    told = dict(head.split("=", 1) for head in options.head)
    try:
        found = check(options.folder, told)
    except (OSError, ValueError, KeyError, TypeError) as error:
        found = [f"the package cannot be read: {type(error).__name__}: {error}"]
    for flaw in found:
        sys.stdout.write(f"WRONG  {flaw}\n")
    if found:
        return 1
    manifest = json.loads((options.folder / "manifest.json").read_text(encoding="utf-8"))
    for head in manifest["heads"]:
        sys.stdout.write(f"ok     {head['name']}: {head['seq']} records, head {head['digest']}\n")
    sys.stdout.write(f"ok     campaign {manifest['campaign']}: every record is in its place and every dial was allowed\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
