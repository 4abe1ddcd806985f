"""The script that travels with an evidence package agrees with what made the package."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from dialer.compliance import chain
from dialer.operations import evidence_check

EMPTY = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
"""SHA-256 of nothing."""


def a_package(folder: Path, verdict: str = "allow", dialed_at: str | None = "2026-11-23T18:00:01+00:00") -> Path:
    rules = [{"rule": "A", "verdict": "allow", "detail": ""}, {"rule": "B", "verdict": "wait", "detail": ""}]
    body = {"verdict": verdict, "stage": "dial", "attempt_id": "a", "decided_at": "2026-11-23T18:00:00+00:00"}
    text = chain.canonical(body | {"rules": rules if verdict == "wait" else rules[:1]})
    links, head = chain.extend(b"k", chain.Head("campaign:1", 0, chain.beginning("campaign:1")), [text])
    record = {"chain": "campaign:1", "seq": 1, "body": text, "digest": links[0].digest}
    (folder / "records.jsonl").write_text(json.dumps(record) + "\n")
    call = {"attempt_id": "a", "dialed_at": dialed_at, "script": "s"}
    (folder / "calls.jsonl").write_text(json.dumps(call) + "\n")
    (folder / "scripts").mkdir()
    manifest = {"campaign": "autumn", "heads": [head.as_json()], "files": {}}
    (folder / "manifest.json").write_text(json.dumps(manifest))
    return folder


def test_it_links_as_the_chain_does() -> None:
    assert evidence_check.beginning("x") == chain.beginning("x")
    assert evidence_check.digest_of("a", 3, "ü") == chain.digest_of("a", 3, "ü")


def test_what_it_says_of_a_dial(tmp_path: Path) -> None:
    (flaw,) = evidence_check.check(a_package(tmp_path), {})
    assert flaw == "attempt a ran script s, which is not here"


def test_a_dial_without_an_allowance(tmp_path: Path) -> None:
    found = evidence_check.check(a_package(tmp_path, "wait"), {})
    assert found[0] == "attempt a was dialled, and no record allows it"


@pytest.mark.parametrize("dialed_at", [None, "2026-11-23T18:05:00+00:00"])
def test_a_refused_attempt_and_one_that_was_late(tmp_path: Path, dialed_at: str | None) -> None:
    found = evidence_check.check(a_package(tmp_path, dialed_at=dialed_at), {})
    assert ("was dialled at" in found[0]) == (dialed_at is not None)


def test_a_decision_that_its_rules_contradict(tmp_path: Path) -> None:
    folder = a_package(tmp_path)
    record = json.loads((folder / "records.jsonl").read_text())
    record["body"] = record["body"].removesuffix('"allow"}') + '"hold"}'
    (folder / "records.jsonl").write_text(json.dumps(record) + "\n" + json.dumps(record | {"chain": "other"}) + "\n")
    found = evidence_check.check(folder, {})
    assert "campaign:1: record 1 was changed, or is not in its place" in found
    assert "record 1 is of chain other, which the manifest does not have" in found
    assert any("says hold, and its rules say allow" in flaw for flaw in found)


def test_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = a_package(tmp_path, dialed_at=None)
    assert evidence_check.main([str(folder)]) == 1
    call = json.loads((folder / "calls.jsonl").read_text())
    (folder / "calls.jsonl").write_text(json.dumps(call | {"script": EMPTY}) + "\n")
    (folder / "scripts" / f"{EMPTY}.json").write_text("")
    assert evidence_check.main([str(folder)]) == 0
    (folder / "scripts" / f"{EMPTY}.json").write_text("x")
    assert evidence_check.main([str(folder)]) == 1
    assert "is another text" in capsys.readouterr().out
