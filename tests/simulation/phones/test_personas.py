from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer.errors import UserError
from dialer.simulation.phones.personas import CHINESE, ENGLISH, PERSONAS, Draw, Person, persona_of, phrases_of

TALKERS = set(PERSONAS) - {"invalid_number", "busy", "rejected", "no_answer", "voicemail", "silence"}
NUMBERS = [f"+1212555{number:04}" for number in range(2000)]


def test_both_languages_have_the_same_phrases() -> None:
    assert ENGLISH.keys() == CHINESE.keys()
    assert phrases_of(Person("王芳", "zh-CN")) is CHINESE
    assert phrases_of(Person("Maria")) is ENGLISH


def test_a_persona_may_be_given_for_each_attempt() -> None:
    person = Person("Maria", persona="no_answer>busy > agrees")
    assert [persona_of(Draw(1, "+1"), person, nth) for nth in (1, 2, 3, 9)] == ["no_answer", "busy", "agrees", "agrees"]


def test_an_unknown_persona_is_refused_by_name() -> None:
    with pytest.raises(UserError, match=r"'robot'.*agrees"):
        Person("Maria", persona="agrees>robot")


def test_about_half_of_all_dials_reach_somebody_who_talks() -> None:
    person = Person("Maria")
    met = Counter(persona_of(Draw(1, number), person, nth) for number in NUMBERS for nth in (1, 2))
    share = sum(met[name] for name in TALKERS) / met.total()
    assert 0.5 < share < 0.7
    assert set(met) == set(PERSONAS), "every persona is met"


def test_some_do_not_pick_up_at_first_and_do_later() -> None:
    person = Person("Maria")
    moods = [tuple(persona_of(Draw(1, number), person, nth) for nth in (1, 2)) for number in NUMBERS]
    assert sum(first == "no_answer" and second in TALKERS for first, second in moods) > 100


def test_what_is_fixed_stays_so() -> None:
    person = Person("Maria")
    gone = [number for number in NUMBERS if persona_of(Draw(1, number), person, 1) == "invalid_number"]
    assert all(persona_of(Draw(1, number), person, nth) == "invalid_number" for number in gone for nth in range(5))


@pytest.mark.parametrize("name", ["callback", "relative"])
def test_who_put_us_off_talks_another_time(name: str) -> None:
    person = Person("Maria")
    met = [[persona_of(Draw(1, number), person, nth) for nth in range(1, 6)] for number in NUMBERS]
    stories = [story for story in met if name in story]
    assert len(stories) > 20
    assert all(story.count(name) == 1 for story in stories)
    after = {story[story.index(name) + 1] for story in stories if story.index(name) < 4}
    assert {"agrees", "hesitates"} <= after
    assert ("no_answer" in after) == (name == "relative"), "somebody who named a time waits for the call"


@given(seed=st.integers(), number=st.text(), about=st.text())
def test_chance_repeats_and_stays_in_bounds(seed: int, number: str, about: str) -> None:
    draw = Draw(seed, number)
    assert draw.share(about) == Draw(seed, number).share(about)
    assert 2 <= draw.between(2, 8, about) < 8
    assert draw.pick(("a", "b"), about) in ("a", "b")
    assert draw.weighted({"a": 1, "b": 0, "c": 2}, about) in ("a", "c")


def test_another_seed_is_another_world() -> None:
    person = Person("Maria")
    first, second = ([persona_of(Draw(seed, number), person, 1) for number in NUMBERS[:100]] for seed in (1, 2))
    assert first != second


def test_nothing_cannot_be_drawn_from() -> None:
    with pytest.raises(ValueError, match="nothing"):
        Draw(1, "").weighted({})
