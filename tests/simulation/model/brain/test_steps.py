"""The steps of a call, in order, each with its tools."""

from __future__ import annotations

import pytest

from tests.support.brain_talk import QUOTE, SLOT, SLOTS, TEXT, Talk, instructions, tools

SLOT_LINES = "# Appointment slots\n" + "\n".join(f"- {slot} = {spoken}" for slot, spoken in SLOTS.items())
IDENTITY = (
    '# Identity check\nBefore any private detail ask: "What is your date of birth?" and call verify_identity with their words.'
)
QUESTIONS = """# Questions to ask
- size (enum: small|medium, required): Small or medium?
- price (money): How much do you pay?
- need (text): What do you need?
- late (text): Not declared, so not asked?"""
RECORD = {"name": {"type": "string", "enum": ["size", "price", "need"]}, "value": TEXT, **QUOTE}
WANTED = {"name": {"type": "string", "enum": ["wants_it"]}, "value": TEXT, **QUOTE}
APPOINTMENT = {"confirm_appointment": QUOTE, "move_appointment": SLOT, "cancel_appointment": QUOTE}
NOT_ASKED = {"outcome": {"type": "string", "enum": ["cannot_tell", "appointment_confirmed", "appointment_moved"]}, **QUOTE}
DETAILS = {"verified": True, "details": {"at": "Monday at ten", "doctor": "Dr. Chen"}}
NO = {"ok": False, "error": "no"}


def appointment(**results: list[dict[str, object]]) -> Talk:
    talk = Talk(instructions(SLOT_LINES), tools(set_outcome=NOT_ASKED, **APPOINTMENT), **results)
    assert talk.hear("Yes.").endswith("Will you be there?")
    return talk


def sales(*questions: str, record: dict[str, object] | None = None) -> Talk:
    return Talk(instructions(*questions), tools(**({"record_answer": record} if record else {})))


def test_the_identity_check_opens_the_details() -> None:
    talk = Talk(instructions(IDENTITY), tools(verify_identity={"answer": TEXT}, **APPOINTMENT), verify_identity=[DETAILS])
    assert talk.hear("Yes, this is Maria.") == "What is your date of birth?"
    answer = talk.hear("May 4, 1980.")
    assert talk.deeds == [("verify_identity", {"answer": "May 4, 1980."})]
    assert answer == "Thank you. Your appointment is Monday at ten, Dr. Chen. Will you be there?"


def test_a_failed_check_is_tried_again_and_then_ends_the_call() -> None:
    wrong = [{"verified": False, "tries_left": 1}, {"verified": False, "tries_left": 0}]
    talk = Talk(instructions(IDENTITY), tools(verify_identity={"answer": TEXT}), verify_identity=wrong)
    talk.hear("Yes.")
    assert talk.hear("No, why?") == "I am sorry, that does not match. What is your date of birth?"
    assert talk.hear("May 5.").endswith("Goodbye.")
    assert talk.names() == ["verify_identity", "verify_identity", "set_outcome", "end_call"]


def test_a_hesitating_date_is_an_answer_and_endless_doubt_is_checked_too() -> None:
    answer = {"answer": TEXT}
    talk = Talk(instructions(IDENTITY), tools(verify_identity=answer), verify_identity=[DETAILS])
    talk.hear("Yes.")
    talk.hear("Um, it is May 4, 1980.")
    assert talk.names() == ["verify_identity"]
    doubting = Talk(instructions(IDENTITY), tools(verify_identity=answer), verify_identity=[{"verified": False}])
    doubting.hear("Yes.")
    assert doubting.hear("Hmm, I would rather not say.").endswith("What is your date of birth?")
    assert doubting.hear("I am not sure.").endswith("Goodbye.")


def test_a_no_to_who_is_speaking_is_somebody_else_and_a_no_to_a_minute_is_no_interest() -> None:
    talk = Talk(instructions(), opening="Hello, am I speaking with Maria?")
    talk.hear("No.")
    assert talk.outcome() == "wrong_person"
    talk = Talk(instructions(), opening="Hello, do you have a minute?")
    talk.hear("No, thanks.")
    assert talk.outcome() == "not_interested"


def test_an_appointment_is_confirmed() -> None:
    talk = appointment()
    assert talk.hear("Yes, I will be there.").startswith("Thank you, your appointment is confirmed.")
    assert talk.deeds[0] == ("confirm_appointment", {"quote": "Yes, I will be there."})
    assert talk.names() == ["confirm_appointment", "set_outcome", "end_call"]


@pytest.mark.parametrize(
    ("words", "slot"),
    [("Friday, December 4, 9:15 AM works for me.", 1), ("On December 4 at 9:15.", 1), ("14:30 is fine.", 0), ("Okay.", 0)],
)
def test_an_appointment_is_moved_to_the_time_that_is_named(words: str, slot: int) -> None:
    talk = appointment()
    assert talk.hear("Could we move it?") == (
        "We have Thursday, December 3, 2:30 PM, or Friday, December 4, 9:15 AM. Which one suits you?"
    )
    answer = talk.hear(words)
    assert talk.deeds[0] == ("move_appointment", {"slot": list(SLOTS)[slot], "quote": words})
    assert answer.startswith(f"Done, your appointment is now on {list(SLOTS.values())[slot]}.")


def test_a_time_may_be_named_at_once() -> None:
    talk = appointment()
    talk.hear("Can we move it to December 4 at 9:15?")
    assert talk.names()[0] == "move_appointment"


def test_when_no_offered_time_suits_colleagues_call() -> None:
    talk = appointment()
    talk.hear("I need another day.")
    assert talk.hear("No, none of those.").startswith("I have no other time to offer")
    fixed = Talk(instructions(), tools(confirm_appointment=QUOTE))
    fixed.hear("Yes.")
    assert fixed.hear("I need another day.").startswith("I have no other time to offer")


def test_an_appointment_is_cancelled_after_a_no_was_asked_about() -> None:
    talk = appointment()
    assert talk.hear("No.") == "Would you like to move the appointment, or to cancel it?"
    assert talk.hear("Cancel it, please.").startswith("All right, I have cancelled the appointment.")
    assert talk.names()[0] == "cancel_appointment"


def test_a_tool_that_fails_is_not_claimed_to_have_worked() -> None:
    talk = appointment(confirm_appointment=[NO])
    assert talk.hear("Yes, I confirm.").startswith("I am sorry, I could not do that")
    assert "set_outcome" not in talk.names()


def test_an_unclear_answer_is_asked_about_twice() -> None:
    talk = appointment()
    assert talk.hear("Blue.").startswith("Sorry, I did not catch that. ")
    talk.hear("Could we move it?")
    assert talk.hear("Blue.").endswith("Which one suits you?")
    assert talk.hear("Blue.").endswith("Goodbye.")


def test_public_details_of_an_appointment_are_told_without_a_check() -> None:
    told = instructions(contact="appointment_at: Monday at ten")
    assert "Your appointment is Monday at ten." in Talk(told, tools(**APPOINTMENT)).hear("Yes.")


def booking(**results: list[dict[str, object]]) -> Talk:
    talk = Talk(instructions(SLOT_LINES), tools(book_appointment=SLOT, set_outcome={}), **results)
    assert talk.hear("Yes.").startswith("I can book a time for you.")
    return talk


def test_a_new_appointment_is_booked() -> None:
    talk = booking()
    assert talk.hear("The Friday, December 4, 9:15 AM.").startswith("Done, you are booked for Friday")
    assert booking().hear("Yes.").startswith("Done, you are booked for Thursday")
    assert booking(book_appointment=[NO]).hear("Yes.").startswith("I am sorry, I could not do that")


def test_a_booking_is_not_pressed() -> None:
    assert booking().hear("No.").endswith("Goodbye.")
    talk = booking()
    assert talk.hear("Blue.").endswith("Which one suits you?")
    assert talk.hear("Blue.").endswith("Goodbye.")


def test_one_time_alone_is_offered_as_one() -> None:
    only = {"slot": {"type": "string", "enum": [next(iter(SLOTS))]}, **QUOTE}
    talk = Talk(instructions(SLOT_LINES), tools(book_appointment=only))
    assert talk.hear("Yes.") == "We have one other time. Would Thursday, December 3, 2:30 PM suit you?"


def test_questions_are_asked_in_order_and_recorded_with_quotes() -> None:
    talk = sales(QUESTIONS, record=RECORD)
    assert talk.hear("Yes.") == "Small or medium?"
    assert talk.hear("Medium, I think.") == "Thank you. How much do you pay?"
    assert talk.hear("Maybe 120 dollars.") == "Thank you. What do you need?"
    assert talk.hear("More space.") == "Thank you. Would you like us to follow up with you on this?"
    assert talk.hear("Yes, please.") == "Thank you for your time. Goodbye."
    assert [tuple(arguments.values()) for name, arguments in talk.deeds if name == "record_answer"] == [
        ("size", "medium", "Medium, I think."),
        ("price", "120", "Maybe 120 dollars."),
        ("need", "More space.", "More space."),
    ]
    assert talk.outcome() == "interested"


def test_an_answer_without_a_value_is_asked_for_once_more_and_then_left() -> None:
    talk = sales(QUESTIONS, record=RECORD)
    talk.hear("Yes.")
    assert talk.hear("Blue.") == "Sorry, I did not catch that. Small or medium?"
    assert talk.hear("Blue.") == "How much do you pay?"
    assert talk.names() == []


def test_words_over_a_question_that_was_not_heard_are_no_answer_to_it() -> None:
    talk = sales("# Questions to ask\n- need (text): What do you need?", record=RECORD)
    talk.hear("Yes.")
    talk.cut()
    assert talk.hear("Wait a second.") == "Sorry, I did not catch that. What do you need?"
    assert talk.hear("More space.").startswith("Thank you.")


def test_wanting_it_is_asked_once() -> None:
    question = "# Questions to ask\n- wants_it (boolean): Do you want it?"
    yes, no = sales(question, record=WANTED), sales(question, record=WANTED)
    yes.hear("Yes.")
    assert yes.hear("Yes, sure.") == "Thank you for your time. Goodbye."
    assert (yes.outcome(), yes.deeds[1][1]["quote"]) == ("interested", "Yes, sure.")
    no.hear("Yes.")
    assert no.hear("No, thank you.") == "I understand. Thank you for your time. Goodbye."
    assert no.outcome() == "not_interested"


def test_interest_needs_a_clear_word() -> None:
    talk = sales()
    assert talk.hear("Yes.") == "Would you like to hear more from us?"
    assert talk.hear("Blue.").startswith("Sorry, I did not catch that.")
    assert talk.hear("Blue.").endswith("Goodbye.")
    assert talk.outcome() == "cannot_tell"
    refusing = sales()
    refusing.hear("Yes.")
    refusing.hear("No.")
    assert refusing.outcome() == "not_interested"


def test_a_named_option_is_an_answer_whatever_it_means_elsewhere() -> None:
    question = "# Questions to ask\n- size (enum: now|later): When would you like it: now, or later?"
    talk = sales(question, record=RECORD)
    talk.hear("Yes.")
    talk.hear("Later.")
    assert talk.deeds[0] == ("record_answer", {"name": "size", "value": "later", "quote": "Later."})
    talk = sales(question, record=RECORD)
    talk.hear("Yes.")
    assert talk.hear("Call me later.") == "When would be a good time to call you back?"


def test_after_a_cancelled_appointment_nothing_more_is_asked() -> None:
    price = {"name": {"type": "string", "enum": ["price"]}, "value": TEXT, **QUOTE}
    talk = Talk(instructions(SLOT_LINES, QUESTIONS), tools(record_answer=price, **APPOINTMENT))
    talk.hear("Yes.")
    assert talk.hear("Please cancel it.").endswith("Goodbye.")
    assert talk.names() == ["cancel_appointment", "set_outcome", "end_call"]
