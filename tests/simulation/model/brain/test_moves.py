"""What the steps know while deciding."""

from __future__ import annotations

from dialer.simulation.model.brain.intents import Intent
from dialer.simulation.model.brain.layout import Layout
from dialer.simulation.model.brain.moves import Memory, Utterance
from dialer.simulation.model.brain.view import View
from tests.support.brain_talk import SLOT, tools


def test_an_outcome_is_set_once_and_only_where_it_is_declared() -> None:
    memory = Memory(Layout(), View("", tools()))
    (call,) = memory.outcome("sale", "interested", quote="Yes.", reason="agreed")
    assert call.arguments == {"outcome": "interested", "reason": "agreed", "quote": "Yes."}
    assert memory.outcome("interested", quote="Yes.", reason="agreed") == ()
    assert memory.outcome("sale", quote="Yes.", reason="agreed") == ()
    assert memory.outcome("cannot_tell", quote="?", reason="unclear") == ()
    assert memory.outcome("callback", quote="Later.", reason="later")


def test_what_was_agreed_about_an_appointment_stands() -> None:
    memory = Memory(Layout(), View("", tools()), settled="appointment_confirmed")
    assert memory.outcome("not_interested", quote="No.", reason="declined") == ()
    assert memory.outcome("wrong_person", quote="No.", reason="somebody else")


def test_slots_are_those_of_the_tool_with_their_spoken_form() -> None:
    memory = Memory(Layout(slots={"2026-12-03T14:30": "Thursday"}), View("", tools(move_appointment=SLOT)))
    assert memory.slots("move_appointment") == {"2026-12-03T14:30": "Thursday", "2026-12-04T09:15": "2026-12-04T09:15"}
    assert memory.slots("book_appointment") == {"2026-12-03T14:30": "Thursday"}


def test_chinese_sentences_stand_without_a_gap() -> None:
    assert Memory(Layout(language="zh"), View("")).gap == ""
    assert Memory(Layout(), View("")).gap == " "


def test_an_utterance_means_any_of_its_intents() -> None:
    said = Utterance("Yes?", frozenset({Intent.YES, Intent.QUESTION}))
    assert said.means(Intent.NO, Intent.YES)
    assert not said.means(Intent.NO)
