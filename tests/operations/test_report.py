"""The folder of reports, from a real database."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from decimal import Decimal

import pytest
from sqlalchemy import update

from dialer.errors import UserError
from dialer.model.attempt import AttemptResult
from dialer.model.disposition import AnsweredBy, Disposition
from dialer.model.transcript import Speaker, ToolCall, Turn
from dialer.operations import wrap_up
from dialer.operations.report import FILES, write_report
from dialer.store import attempts, records
from dialer.store.schema import attempts as attempt_rows
from tests.operations.stage import armed, claimed


def an_end(parts, work, result, words="", tool=None):
    """Dial and end an attempt through the real wrap-up."""
    with parts.store.write() as tx:
        new = attempts.NewAttempt(
            attempt_id=work.attempt_id,
            call_id=work.subject.call_id,
            fence=work.subject.fence,
            owner="lane",
            lease_until=parts.clock.now(),
            phone=work.phone,
            from_number=work.from_number,
            script_version_id=work.subject.campaign.version_id,
            carrier="simulated",
        )
        attempts.begin(tx, new, parts.clock.now())
        if words:
            attempts.answered(tx, work.attempt_id, work.subject.fence, parts.clock.now())
            records.save_turn(tx, work.attempt_id, Turn(1, Speaker.AGENT, "Hello", 0, 900, "Hello"))
            records.save_turn(tx, work.attempt_id, Turn(2, Speaker.CALLEE, words, 1000, 2000, words))
        if tool:
            records.save_tool_call(tx, work.attempt_id, tool)
    wrap_up.finish(parts, work.subject, work.attempt_id, work.subject.fence, result)


def read_csv(path):
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def a_run(parts):
    """An imported example with a conversation, an opt-out and an unanswered call."""
    armed(parts)
    talk, stop, silent = claimed(parts, 3)
    human = AttemptResult(Disposition.ANSWERED_HUMAN, answered_by=AnsweredBy.HUMAN, talk_s=40, cost=Decimal("0.05"))
    wants = ToolCall("c1", "set_outcome", {"outcome": "interested", "quote": "send me an offer"}, {"ok": True}, 2100, 2)
    an_end(parts, talk, human, "yes send me an offer", wants)
    an_end(parts, stop, human, "please stop calling me")
    an_end(parts, silent, AttemptResult(Disposition.NO_ANSWER))


def test_all_files_tell_of_the_same_rows(parts, tmp_path):
    a_run(parts)
    found = write_report(parts.store, "solar-sales", tmp_path / "out" / "solar-sales", parts.clock.now())
    assert [path.name for path in found.files] == ["report.html", *FILES]
    assert all(path.stat().st_size for path in found.files)
    assert not any(path.stat().st_mode & 0o077 for path in (*found.files, found.page.parent)), "for their owner alone"
    assert sorted(path.name for path in found.page.parent.iterdir()) == sorted(path.name for path in found.files)
    values = json.loads((tmp_path / "out" / "solar-sales" / "report.json").read_text(encoding="utf-8"))
    assert values == found.summary
    folder = found.page.parent
    rows = read_csv(folder / "contacts.csv")
    assert values["adds_up"] is True
    assert sum(values["buckets"].values()) == values["rows"] == len(rows)
    assert values["dispositions"] == {"answered_human": 2, "no_answer": 1}
    assert values["outcomes"] == {"interested": 1, "do_not_call": 1}
    assert (values["attempts"], values["dialled"], values["opt_outs"]) == (3, 3, 1)
    assert values["leads"]["total"] == len(read_csv(folder / "leads.csv")) == 1
    assert len(read_csv(folder / "attempts.csv")) == 3
    talks = [json.loads(line) for line in (folder / "transcripts.jsonl").read_text(encoding="utf-8").splitlines()]
    assert {talk["turns"][1]["text"] for talk in talks} == {"yes send me an offer", "please stop calling me"}
    assert "send me an offer" in (folder / "report.html").read_text(encoding="utf-8")
    counted = {bucket: count for bucket, count in values["buckets"].items() if count}
    assert {row["dialer_bucket"] for row in rows} == set(counted)


def test_a_summary_from_before_secrets_were_masked_is_masked_when_it_is_read(parts, tmp_path):
    armed(parts)
    (work,) = claimed(parts, 1)
    human = AttemptResult(Disposition.ANSWERED_HUMAN, answered_by=AnsweredBy.HUMAN, talk_s=40)
    check = ToolCall("c1", "verify_identity", {"answer": "12 April 1979"}, {"ok": True}, 2100, 2)
    an_end(parts, work, replace(human, summary="Born 1979-04-12, wants an offer."), "12 April 1979, and send me an offer", check)
    with parts.store.write() as tx:
        assert attempts.get(tx, work.attempt_id).summary == "Born •••, wants an offer."
        tx.execute(update(attempt_rows).values(summary="Born on April 12th 1979, wants an offer."))
    found = write_report(parts.store, "solar-sales", tmp_path, parts.clock.now())
    (told,) = [row["dialer_summary"] for row in read_csv(tmp_path / "contacts.csv") if row["dialer_summary"]]
    (dial,) = read_csv(tmp_path / "attempts.csv")
    assert (told, dial["summary"]) == ("Born on •••, wants an offer.",) * 2
    for path in found.files:
        content = path.read_bytes()
        assert b"April 12th" not in content
        assert b"12 April" not in content


def test_writing_again_gives_the_same_files(parts, tmp_path):
    a_run(parts)
    first = write_report(parts.store, "solar-sales", tmp_path, parts.clock.now())
    before = [path.read_bytes() for path in first.files]
    again = write_report(parts.store, "solar-sales", tmp_path, parts.clock.now())
    assert [path.read_bytes() for path in again.files] == before


@pytest.mark.parametrize("name", ["clinic-reminder", "market-promotion", "solar-sales"])
def test_a_campaign_that_has_called_nobody(parts, tmp_path, name):
    armed(parts, name)
    found = write_report(parts.store, name, tmp_path, parts.clock.now())
    assert found.summary["adds_up"] is True
    assert found.summary["dialled"] == 0
    assert found.summary["spend"]["per_dial"] is None


def test_errors_have_a_message_and_leave_no_half_files(parts, tmp_path):
    with pytest.raises(UserError, match="no campaign 'unheard-of'"):
        write_report(parts.store, "unheard-of", tmp_path, parts.clock.now())
    a_run(parts)
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(UserError, match="file"):
        write_report(parts.store, "solar-sales", tmp_path / "file", parts.clock.now())
    target = tmp_path / "busy"
    (target / "report.json").mkdir(parents=True)
    with pytest.raises(UserError):
        write_report(parts.store, "solar-sales", target, parts.clock.now())
    assert not [path for path in target.iterdir() if path.name.startswith(".")]


def test_what_was_said_to_be_recognised_stands_in_no_file(parts, tmp_path):
    armed(parts)
    (work,) = claimed(parts, 1)
    check = ToolCall("c1", "verify_identity", {"answer": "It is February 28, 1945"}, {"ok": True, "verified": False}, 2100, 2)
    human = AttemptResult(Disposition.ANSWERED_HUMAN, answered_by=AnsweredBy.HUMAN, talk_s=40)
    an_end(parts, work, human, "It is February 28, 1945, and that is too expensive", check)
    found = write_report(parts.store, "solar-sales", tmp_path, parts.clock.now())
    assert all(b"1945" not in path.read_bytes() for path in found.files if path.suffix != ".xlsx")
    assert "too expensive" in (tmp_path / "transcripts.jsonl").read_text(encoding="utf-8")


def test_the_page_says_which_appointment_is_meant(parts, tmp_path):
    armed(parts, "clinic-reminder")
    (work,) = claimed(parts, 1)
    cancel = ToolCall("c1", "cancel_appointment", {"quote": "please cancel it"}, {"ok": True}, 2100, 2)
    human = AttemptResult(Disposition.ANSWERED_HUMAN, answered_by=AnsweredBy.HUMAN, talk_s=40)
    an_end(parts, work, human, "please cancel it", cancel)
    page = write_report(parts.store, "clinic-reminder", tmp_path, parts.clock.now()).page.read_text(encoding="utf-8")
    assert "planned before: " in page
