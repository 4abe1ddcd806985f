from dialer.audio.modem import Heard
from dialer.simulation.phones.callee import Beep, Callee, Deed, HangUp, Human, LineSaid, Say, TheyBegan, TheyEnded
from dialer.simulation.phones.machines import AnsweringMachine, Screener, callee_of
from dialer.simulation.phones.personas import Draw, Person

PERSON = Person("Maria Lopez")
NUMBERS = [f"+1212555{number:04}" for number in range(60)]
PUT_THROUGH = next(Draw(1, n) for n in NUMBERS if Draw(1, n).share("put through") < 0.7)
REFUSED = next(Draw(1, n) for n in NUMBERS if Draw(1, n).share("put through") >= 0.7)


def step(callee: Callee) -> tuple[float, list[Deed]]:
    at = callee.deadline()
    assert at is not None
    assert callee.tick(at - 0.01) == []
    return at, callee.tick(at)


def said(callee: Callee) -> tuple[float, str]:
    at, (deed,) = step(callee)
    assert isinstance(deed, Say)
    assert callee.deadline() is None
    callee.feed(LineSaid(), at + 2)
    return at, deed.text


def ended(text: str) -> TheyEnded:
    return TheyEnded(Heard(text, True, False, 0, 0))


def told(screener: Screener, text: str, at: float) -> None:
    screener.feed(TheyBegan(), at - 1)
    screener.feed(ended(text), at)


def recording() -> AnsweringMachine:
    machine = AnsweringMachine(PERSON, PUT_THROUGH)
    machine.feed(TheyBegan(), 0.0)  # what is said into the greeting is lost
    machine.feed(ended("Hello"), 0.1)
    at, greeting = said(machine)
    assert "Maria Lopez" in greeting
    assert step(machine) == (at + 2.3, [Beep()])
    machine.feed(LineSaid(), 3.0)
    return machine


def test_an_answering_machine_greets_beeps_and_ends_in_silence() -> None:
    assert step(recording()) == (11.0, [HangUp()])


def test_it_records_while_we_speak_and_a_while_longer() -> None:
    machine = recording()
    machine.feed(TheyBegan(), 4.0)
    assert machine.deadline() == 28.0
    machine.feed(ended("Please call back."), 9.0)
    assert step(machine) == (17.0, [HangUp()])


def test_it_does_not_record_for_ever() -> None:
    machine = recording()
    machine.feed(TheyBegan(), 4.0)
    machine.feed(ended("A long story."), 27.0)
    assert step(machine) == (28.0, [HangUp()])


def test_a_screener_puts_through_who_says_his_reason() -> None:
    screener = Screener(PERSON, PUT_THROUGH)
    screener.feed(ended("An opening that nobody listens to."), 0.1)
    assert "reason" in said(screener)[1]
    told(screener, "Hi.", 4.0)
    assert not screener.wants_words
    told(screener, "This is Ann from Bright Dental about an appointment.", 5.0)
    at, text = said(screener)
    assert at == 5.4
    assert "hold" in text
    screener.feed(ended("I am waiting."), 8.0)
    at, deeds = step(screener)
    assert deeds == []
    assert 9.4 <= at <= 13.4
    assert not screener.wants_words
    hello_at, (hello,) = step(screener)
    assert isinstance(hello, Say)
    assert hello_at == at + 0.5
    assert screener.feed(LineSaid(), hello_at + 1) == []


def test_what_began_before_the_question_is_no_reason() -> None:
    screener = Screener(PERSON, PUT_THROUGH)
    at, _ = step(screener)
    screener.feed(TheyBegan(), at + 1)
    screener.feed(LineSaid(), at + 2)
    screener.feed(ended("An opening that goes on over the question."), at + 2.1)
    assert screener.deadline() == at + 14.0


def test_a_screener_may_refuse() -> None:
    screener = Screener(PERSON, REFUSED)
    said(screener)
    told(screener, "This is Ann from Bright Dental.", 5.0)
    said(screener)
    at, text = said(screener)
    assert "not available" in text
    assert step(screener) == (at + 2.4, [HangUp()])


def test_a_screener_waits_for_a_reason_only_so_long() -> None:
    screener = Screener(PERSON, PUT_THROUGH)
    at, _ = said(screener)
    assert step(screener) == (at + 14.0, [HangUp()])


def test_who_takes_the_call() -> None:
    kinds = {name: type(callee_of(PERSON, name, REFUSED)) for name in ("voicemail", "screener", "agrees")}
    assert kinds == {"voicemail": AnsweringMachine, "screener": Screener, "agrees": Human}
