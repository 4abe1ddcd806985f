import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from dialer.model.attempt import EndCause, Ending
from dialer.model.ids import AttemptId
from dialer.simulation.phones.journal import Journal
from tests.support.scripted_agent import an_order

AT = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
ENDING = Ending(EndCause.BUSY, "User busy (17)", 486)
A1 = AttemptId("a1")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "below" / "phones.jsonl"


def test_an_attempt_rings_once(path: Path) -> None:
    journal = Journal(path)
    record = journal.ring(an_order("a1"), AT)
    assert record is not None
    assert (record.nth, record.rang_at, record.limit_s) == (1, AT, 150)
    assert journal.ring(an_order("a1"), AT) is None
    journal.close()


def test_another_process_sees_it_at_once(path: Path) -> None:
    ours, theirs = Journal(path), Journal(path)
    assert theirs.look_up(A1) is None
    ours.ring(an_order("a1"), AT)
    assert theirs.ring(an_order("a1"), AT) is None
    ours.answer(A1, "agrees", AT)
    ours.end(A1, ENDING, AT, {"said": [{"text": "喂"}]})
    record = theirs.look_up(A1)
    assert record is not None
    assert (record.was_answered, record.ending) == (True, ENDING)


def test_dials_are_counted_by_number(path: Path) -> None:
    journal = Journal(path)
    for attempt, number, nth in [("a", "+12125550101", 1), ("b", "+12125550102", 1), ("c", "+12125550101", 2)]:
        record = Journal(path).ring(an_order(attempt, number), AT)
        assert record is not None
        assert record.nth == nth
    assert journal.look_up(AttemptId("c")) == record


def test_the_first_end_counts(path: Path) -> None:
    journal = Journal(path)
    journal.ring(an_order("a1"), AT)
    journal.end(A1, ENDING, AT, {})
    journal.end(A1, Ending(EndCause.NEAR_HANG_UP), AT, {})
    record = journal.look_up(A1)
    assert record is not None
    assert record.ending == ENDING


def test_a_torn_line_is_skipped_and_the_next_one_stands_alone(path: Path) -> None:
    journal = Journal(path)
    journal.ring(an_order("a1"), AT)
    with path.open("ab") as file:
        file.write(b'{"kind":"end","attempt_id":"a1","cau')
    survivor = Journal(path)
    record = survivor.look_up(A1)
    assert record is not None
    assert record.ending is None
    assert survivor.ring(an_order("a2"), AT) is not None
    assert Journal(path).look_up(AttemptId("a2")) is not None


def test_lines_that_make_no_sense_are_skipped(path: Path) -> None:
    path.parent.mkdir(parents=True)
    path.write_text('[]\n{}\n{"kind":"answer","attempt_id":"nobody"}\n')
    assert Journal(path).look_up(AttemptId("nobody")) is None


def test_each_record_is_one_line_of_json(path: Path) -> None:
    journal = Journal(path)
    journal.ring(an_order("a1"), AT)
    journal.answer(A1, "agrees", AT)
    journal.end(A1, ENDING, AT, {"said": [{"text": "a\nb"}]})
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    assert [line["kind"] for line in lines] == ["ring", "answer", "end"]
    assert lines[0]["number"] == "+12125550123"
    assert lines[2]["said"] == [{"text": "a\nb"}]


def test_a_talk_lasts_from_the_answer_to_the_end(path: Path) -> None:
    journal = Journal(path)
    record = journal.ring(an_order("a1"), AT)
    assert record is not None
    assert record.talk_s is None
    journal.answer(A1, "agrees", AT + timedelta(seconds=4))
    assert record.talk_s is None
    journal.end(A1, ENDING, AT + timedelta(seconds=16.5), {})
    found = journal.look_up(A1)
    assert found is not None
    assert found.talk_s == 12.5
    journal.close()
