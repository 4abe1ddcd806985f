"""Finding the words of a call and everything about a number."""

from __future__ import annotations

import pytest

from dialer.errors import UserError
from dialer.model.call import Bucket
from dialer.operations import folders, lookup
from dialer.operations.parts import Parts
from dialer.store import overview, suppression
from tests.operations.stage import armed
from tests.operations.talked import begun, talked, unanswered


def test_an_attempt_is_found_by_its_id_by_its_beginning_and_by_the_number(parts: Parts) -> None:
    armed(parts)
    work = talked(parts)
    for key in (work.attempt_id, work.attempt_id[:8].upper(), work.phone, work.phone.removeprefix("+1")):
        found = lookup.words(parts, key)
        assert (found.attempt.id, found.campaign, len(found.transcript.turns)) == (work.attempt_id, "solar-sales", 3)
        assert found.contact


def test_the_words_as_text_keep_the_order_and_say_what_was_cut(parts: Parts) -> None:
    armed(parts)
    text = lookup.words(parts, talked(parts).attempt_id).as_text().splitlines()
    assert text[0] == "00:00 event   answered by human"
    assert text[1] == "00:00 agent   Hello, this is (interrupted)"
    assert text[2].startswith("00:00 callee  Yes?")
    assert text[3] == "00:01 tool    set_outcome(outcome='interested', quote='Yes?') -> ok=True"
    assert text[4] == "01:01 agent   Goodbye. (after 310 ms)"
    assert text[5] == "01:02 event   ended: answered_human"


def test_the_words_as_markdown_and_captions(parts: Parts) -> None:
    armed(parts)
    found = lookup.words(parts, talked(parts).attempt_id)
    assert found.as_markdown().startswith("# solar\\-sales: ")
    assert found.as_vtt().startswith("WEBVTT\n\n00:00:00.000 --> 00:00:00.900\n<v agent>Hello, this is\n")


def test_the_words_as_a_document(parts: Parts) -> None:
    armed(parts)
    body = lookup.words(parts, talked(parts).attempt_id).as_json()
    assert (body["disposition"], body["outcome"], body["campaign"]) == ("answered_human", "interested", "solar-sales")
    assert body["turns"][0]["generated"] == "Hello, this is Sam."
    assert body["turns"][0]["language"] == body["language"] == "en"
    assert [event["event"] for event in body["events"]] == ["answered by human", "ended: answered_human"]
    assert body["tool_calls"][0]["arguments"]["quote"] == "Yes?"


def test_a_call_in_progress_has_words_already(parts: Parts) -> None:
    armed(parts)
    body = lookup.words(parts, begun(parts).attempt_id).as_json()
    assert (body["disposition"], len(body["turns"])) == (None, 1)


@pytest.mark.parametrize(
    ("key", "said"),
    [
        ("+12125550199", "no attempt to"),
        ("tomorrow", "is not a phone number"),
        ("12", "is not a phone number"),
    ],
)
def test_what_is_not_there_is_said(parts: Parts, key: str, said: str) -> None:
    with pytest.raises(UserError, match=said):
        lookup.words(parts, key)


def test_a_number_without_words_says_so(parts: Parts) -> None:
    armed(parts)
    with pytest.raises(UserError, match="dialled 1 times, but nothing was said"):
        lookup.words(parts, unanswered(parts).phone)


def test_a_beginning_that_fits_two_attempts_is_refused(parts: Parts) -> None:
    armed(parts)
    with pytest.raises(UserError, match="more than one attempt"):
        lookup.attempt_by_id(_Both(parts), "a1b2c3")  # type: ignore[arg-type]  # stands for a transaction


class _Both:
    """A transaction that finds two attempts whatever is asked."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def execute(self, *_: object) -> _Both:
        """Itself."""
        return self

    def scalars(self) -> list[str]:
        """Two ids."""
        return ["a1", "a2"]


def test_the_longest_talk_of_a_campaign(parts: Parts) -> None:
    armed(parts)
    assert lookup.longest_talk(parts, "solar-sales") is None
    talked(parts, 10)
    longest = talked(parts, 99)
    found = lookup.longest_talk(parts, "solar-sales")
    assert found is not None
    assert found.attempt.id == longest.attempt_id


def test_everything_about_a_number(parts: Parts) -> None:
    armed(parts)
    work = talked(parts)
    with parts.store.write() as tx:
        suppression.add(tx, work.phone, "asked", "call", parts.clock.now(), quote="never again")
    found = lookup.known(parts, work.phone)
    (call,) = found.calls
    assert (call.campaign, call.bucket, len(call.attempts)) == ("solar-sales", Bucket.REACHED, 1)
    body = found.as_json()
    assert body["suppressed"]["quote"] == "never again"
    assert body["campaigns"][0]["attempts"][0]["outcome"] == "interested"
    assert body["consents"][0]["kind"]
    assert body["decisions"][0]["stage"] == "claim"
    assert {rule["rule"] for rule in body["decisions"][0]["rules"]} >= {"DNC-1"}


def test_a_held_contact_is_known_too(parts: Parts) -> None:
    armed(parts, "clinic-reminder")
    row = folders.stored(parts, "clinic-reminder")
    with parts.store.read() as tx:
        held = [call for call in overview.calls_of_campaign(tx, row.id) if call.hold_code == "blocked_consent"]
    body = lookup.known(parts, held[0].phone).as_json()
    assert body["campaigns"][0]["hold_code"] == "blocked_consent"
    assert body["suppressed"] is None


def test_a_number_that_nobody_knows_is_refused(parts: Parts) -> None:
    with pytest.raises(UserError, match="no campaign has"):
        lookup.known(parts, "+12125550199")
    with parts.store.write() as tx:
        suppression.add(tx, lookup.read_phone("+12125550199"), "asked", "import", parts.clock.now())
    assert lookup.known(parts, "+12125550199").calls == ()


def test_numbers_of_all_countries_are_read() -> None:
    assert lookup.read_phone("(212) 555-0123") == "+12125550123"
    assert lookup.read_phone("138 1234 5678", "CN") == "+8613812345678"
