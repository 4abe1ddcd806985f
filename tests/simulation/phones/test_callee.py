import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer.audio.modem import Heard
from dialer.simulation.phones.callee import (
    CalleeEvent,
    Deed,
    HangUp,
    Human,
    LineSaid,
    Press,
    Say,
    TheyBegan,
    TheyEnded,
    TheySaid,
)
from dialer.simulation.phones.personas import PERSONAS, Draw, Person

DRAW = Draw(1, "+12125550123")
BLUNT = Draw(1, next(f"+1{n}" for n in range(99) if Draw(1, f"+1{n}").share("hello over") < 0.6))
POLITE = Draw(1, next(f"+1{n}" for n in range(99) if Draw(1, f"+1{n}").share("hello over") >= 0.6))


def human(persona: str = "agrees", draw: Draw = DRAW) -> Human:
    return Human(Person("Maria"), persona, draw)


def ended(text: str, *, is_complete: bool = True) -> TheyEnded:
    return TheyEnded(Heard(text, is_complete, False, 0, 0))


def next_deed(callee: Human) -> tuple[float, list[Deed]]:
    at = callee.deadline()
    assert at is not None
    return at, callee.tick(at)


def after_hello(persona: str = "agrees") -> Human:
    callee = human(persona)
    next_deed(callee)
    callee.feed(LineSaid(), 1.0)
    return callee


def test_hello_comes_half_a_second_after_the_answer() -> None:
    at, (deed,) = next_deed(human())
    assert at == 0.5
    assert isinstance(deed, Say)


def test_most_say_hello_even_if_we_speak_and_some_wait() -> None:
    blunt, polite = human(draw=BLUNT), human(draw=POLITE)
    for callee in (blunt, polite):
        callee.feed(TheyBegan(), 0.1)
    assert blunt.deadline() == 0.5
    assert polite.deadline() is None
    assert polite.tick(0.5) == []


def test_an_answer_comes_after_a_moment_of_thought() -> None:
    callee = after_hello()
    callee.feed(TheyBegan(), 2.0)
    callee.feed(ended("Is now a good time?"), 4.0)
    at, (deed,) = next_deed(callee)
    assert 4.6 <= at < 5.3
    assert isinstance(deed, Say)
    assert deed.text.startswith("Yes")
    assert callee.tick(at + 60) == [], "while he speaks he waits"


def test_before_its_time_nothing_happens() -> None:
    callee = after_hello()
    callee.feed(ended("Is now a good time?"), 4.0)
    assert callee.tick(4.1) == []


def test_two_utterances_in_a_row_are_answered_together() -> None:
    callee = after_hello()
    callee.feed(ended("This is about your budget."), 4.0)
    callee.feed(TheyBegan(), 4.1)
    assert callee.deadline() is None
    callee.feed(ended("How much is it?"), 6.0)
    _, (deed,) = next_deed(callee)
    assert isinstance(deed, Say)
    assert "dollars" in deed.text


def test_goodbye_is_said_and_then_he_hangs_up() -> None:
    callee = after_hello()
    callee.feed(ended("Goodbye."), 4.0)
    at, _ = next_deed(callee)
    callee.feed(TheyBegan(), at)
    callee.feed(LineSaid(), at + 1)
    callee.feed(ended("Bye bye.", is_complete=False), at + 1.5)
    assert next_deed(callee) == (at + 2, [HangUp()])


def test_silence_makes_him_ask_and_then_hang_up() -> None:
    callee = after_hello()
    at, (deed,) = next_deed(callee)
    assert (at, isinstance(deed, Say)) == (12.0, True)
    callee.feed(LineSaid(), 13.0)
    assert next_deed(callee) == (22.0, [HangUp()])


def test_a_silent_one_hangs_up_at_last() -> None:
    callee = human("silence")
    callee.feed(ended("Hello?"), 3.0)
    assert next_deed(callee) == (48.0, [HangUp()])


def test_what_broke_off_by_itself_is_asked_for() -> None:
    callee = after_hello()
    callee.feed(TheyBegan(), 2.0)
    callee.feed(ended("I am call", is_complete=False), 3.0)
    _, (deed,) = next_deed(callee)
    assert isinstance(deed, Say)
    assert "what did you say" in deed.text


def test_an_interrupter_speaks_over_us_once_and_does_not_ask_what_broke_off() -> None:
    callee = after_hello("interrupts")
    assert callee.wants_words
    callee.feed(TheyBegan(), 2.0)
    assert callee.feed(TheySaid("Hi, this"), 2.2) == []
    (deed,) = callee.feed(TheySaid("x" * 80), 3.0)
    assert isinstance(deed, Say)
    assert not callee.wants_words
    callee.feed(LineSaid(), 3.5)
    callee.feed(ended("x" * 85, is_complete=False), 3.7)
    at = callee.deadline()
    assert at is not None
    assert at > 10


def test_an_early_one_hangs_up_in_the_middle_of_our_words() -> None:
    callee = human("hangs_up_early")
    callee.feed(TheyBegan(), 0.1)
    assert callee.feed(TheySaid("x" * 39), 1.2) == []
    assert callee.feed(TheySaid("x" * 110), 1.3) == [HangUp()]


def test_a_chinese_sign_says_as_much_as_three_letters() -> None:
    assert human("hangs_up_early").feed(TheySaid("我" * 13), 1.2) == []
    assert human("hangs_up_early").feed(TheySaid("我" * 37), 1.2) == [HangUp()]


@pytest.mark.parametrize("persona", ["hangs_up_early", "interrupts"])
def test_nobody_cuts_in_right_after_his_own_hello(persona: str) -> None:
    callee = after_hello(persona)
    callee.feed(TheyBegan(), 0.1)
    assert callee.feed(TheySaid("x" * 120), 1.7) == []
    assert callee.feed(TheySaid("x" * 121), 1.8) != []


def test_a_key_is_pressed_without_a_word() -> None:
    callee = after_hello("presses_9")
    callee.feed(ended("You can press 9."), 4.0)
    at, deeds = next_deed(callee)
    assert deeds == [Press("9")]
    assert callee.deadline() == at + 11


EVENTS = st.one_of(
    st.just(TheyBegan()),
    st.builds(TheySaid, st.text(max_size=90)),
    st.builds(ended, st.sampled_from(["Is it right?", "Goodbye.", "Fine.", "What is your name?"]), is_complete=st.booleans()),
)


@given(persona=st.sampled_from(sorted(PERSONAS)), events=st.lists(st.tuples(st.floats(0, 30), EVENTS), max_size=12))
def test_whatever_we_do_he_hangs_up_in_the_end(persona: str, events: list[tuple[float, CalleeEvent]]) -> None:
    callee, now, is_speaking = human(persona), 0.0, False
    left = [*sorted(events, key=lambda pair: pair[0]), (31.0, ended("x", is_complete=False))]
    for _ in range(200):
        at = callee.deadline()
        if is_speaking:
            now, deeds, is_speaking = now + 0.5, callee.feed(LineSaid(), now + 0.5), False
        elif left and (at is None or left[0][0] <= at):
            now = max(now, left[0][0])
            deeds = callee.feed(left.pop(0)[1], now)
        else:
            assert at is not None
            now = max(now, at)
            deeds = callee.tick(now)
        is_speaking = is_speaking or any(isinstance(deed, Say) for deed in deeds)
        if HangUp() in deeds:
            return
    pytest.fail("he never hung up")
