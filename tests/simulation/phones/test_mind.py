import pytest

from dialer.simulation.phones.mind import Mind
from dialer.simulation.phones.personas import Draw, Person

FACTS = {"date_of_birth": "1984-03-05", "postal_code": "10001", "policy_number": "A 12", "roof": "metal", "rooms": "4"}
OPENING = "Hi, this is Ann, an automated assistant. Is now a good time?"


def mind(persona: str = "agrees", language: str = "en", number: str = "+12125550123") -> Mind:
    return Mind(Person("Maria Lopez", language, FACTS), persona, Draw(1, number))


@pytest.mark.parametrize(
    ("question", "says"),
    [
        ("What is your date of birth?", "March 5, 1984"),
        ("What is your zip code?", "10001"),
        ("What is your policy number?", "A 12"),
        ("How many rooms do you have?", "4"),
        ("What is your name?", "Maria Lopez"),
        ("What is your budget?", "dollars"),
        ("Is it small, medium or large?", ("Small", "small", "Medium", "medium", "Large", "large")),
        ("Which suits you: Thursday, December 3, 2:30 PM, or Friday, December 4, 9:00 AM?", "Thursday, December 3, 2:30 PM"),
        ("What is your email?", ("by heart", "rather not")),
        ("Is that right?", "Yes"),
        ("Can you make it?", ("I will be there", "I confirm", "still works")),
        ("Anything else?", "No"),
        ("What are you looking for?", "."),
        ("How many people are you?", ("2", "3", "5", "8")),
        ("About how many years old is your roof?", "years"),
        ("How much is your electric bill in a month?", "dollars"),
        ("When would you like to start: now, this year, or later?", ("now", "Now", "his year", "ater")),
        ("Is now a good time?", ("Yes", "Okay")),
        ("Would you like to hear more?", ("Yes, ", "Sure")),
        ("Do you need help with a ride?", ("Yes, ", "Sure", "No, ")),
        ("Are you still there?", ("here", "hear")),
        ("What would you like to buy most?", ("ruit", "offee", "ish")),
        ("When can you start?", ("Tuesday", "Tomorrow", "week")),
    ],
)
def test_a_willing_person_answers_what_is_asked(question: str, says: str | tuple[str, ...]) -> None:
    text = mind().reply(question).text
    assert any(word in text for word in ([says] if isinstance(says, str) else says)), text


@pytest.mark.parametrize(
    ("question", "says"),
    [
        ("您的出生日期是？", "1984年3月5日"),
        ("您的预算是多少？", "元"),
        ("您想要小型、中型还是大型？", "型"),
        ("请问您是王芳吗？", "是"),
        ("您一般什么时候来店里，平日还是周末？", ("平日", "周末")),
        ("您家有几个人？", "个"),
        ("现在方便听半分钟吗？", ("可以", "方便")),
        ("年货里您最想买什么？", ("坚果", "海鲜", "腊肉", "水果", "汤圆")),
    ],
)
def test_a_chinese_person_answers_in_chinese(question: str, says: str | tuple[str, ...]) -> None:
    text = mind(language="zh").reply(question).text
    assert any(word in text for word in ([says] if isinstance(says, str) else says)), text


def test_the_same_question_gets_the_same_answer_and_then_patience_ends() -> None:
    person = mind()
    answers = [person.reply("What is your budget?") for _ in range(4)]
    assert answers[1] == answers[2]
    assert answers[1].text == f"As I said: {answers[0].text}"
    assert answers[3].is_last


def test_nobody_is_reproached_for_asking_whether_he_is_there() -> None:
    person = mind()
    assert person.reply("Are you still there?") == person.reply("Are you still there?")


def test_goodbye_is_returned_and_ends_the_call() -> None:
    reply = mind().reply("Thank you, goodbye.")
    assert "bye" in reply.text
    assert reply.is_last


@pytest.mark.parametrize("persona", ["agrees", "hesitates", "callback", "stop", "wrong_person", "other_language"])
def test_nobody_talks_for_ever(persona: str) -> None:
    person = mind(persona)
    assert any(person.reply(f"I see, number {turn}.").is_last for turn in range(24))


def test_stop_is_said_first_whatever_was_asked() -> None:
    person = mind("stop")
    assert "list" in person.reply(OPENING).text
    assert "list" in person.reply("May I ask why?").text
    assert person.reply("I see.").is_last


def test_a_callback_is_asked_for_and_confirmed() -> None:
    person = mind("callback")
    assert "tomorrow at three" in person.reply(OPENING).text
    assert person.reply("When should we call?").text.startswith("Tomorrow at three")
    assert person.reply("Shall I call you tomorrow at 3 PM?").text.startswith("Yes")
    assert "tomorrow at three" in person.reply("What is your budget?").text
    assert person.reply("All right.").is_last


def test_the_wrong_person_and_a_stranger_to_the_language_insist() -> None:
    assert "wrong number" in mind("wrong_person").reply(OPENING).text
    assert "habl" in mind("other_language").reply(OPENING).text.lower()
    assert mind("other_language", "zh").reply("您好？").text.startswith("Sorry")


def test_nine_is_pressed_once() -> None:
    person = mind("presses_9")
    assert (person.reply(OPENING).key, person.reply("Is that right?").key) == ("9", "")


def test_hesitating_happens_once_and_some_decline_then() -> None:
    ends = set()
    for number in range(40):
        person = mind("hesitates", number=f"+1212555{number:04}")
        assert person.reply(OPENING).text.startswith(("Yes", "Okay")), "who has a moment is not asked to buy anything yet"
        assert "?" in person.reply("Would you like a coupon?").text
        ends.add(person.reply("It is free. Are you interested?").text.split()[0].strip(".,"))
    assert ends == {"Yes", "Sure", "No"}


def test_some_things_are_not_so_and_not_everybody_needs_help() -> None:
    people = [mind(number=f"+1212555{number:04}") for number in range(60)]
    owners = sum(person.reply("Do you own your home?").text.startswith("Yes") for person in people)
    helped = sum(not person.reply("Do you need help with a ride?").text.startswith("No") for person in people)
    assert 40 < owners < 60
    assert 10 < helped < 40


def test_who_declines_goes_on_declining() -> None:
    person = mind("declines")
    assert "not interested" in person.reply(OPENING).text
    assert person.reply("Would you like a coupon?").text.startswith("No")


def test_who_wants_a_human_says_so_when_something_is_offered() -> None:
    person = mind("wants_human")
    assert person.reply(OPENING).text.startswith(("Yes", "Okay"))
    assert "?" in person.reply("Would you like us to follow up with you on this?").text


@pytest.mark.parametrize("language", ["en", "zh"])
def test_an_impostor_does_not_know_the_date_of_birth(language: str) -> None:
    question = "What is your date of birth?" if language == "en" else "您的出生日期是？"
    true, wrong = (mind(persona, language).reply(question).text for persona in ("agrees", "impostor"))
    assert "1984" in true
    assert "1983" in wrong


def test_a_relative_says_that_the_person_is_not_there() -> None:
    person = mind("relative")
    assert "not" in person.reply("Am I speaking with Maria?").text
    assert "not here" in person.reply("When will they be back?").text


@pytest.mark.parametrize(("persona", "says"), [("moves", ("another", "find")), ("cancels", ("cancel",))])
def test_an_appointment_is_moved_or_cancelled_once(persona: str, says: tuple[str, ...]) -> None:
    person = mind(persona)
    assert any(word in person.reply("Can you make it?").text for word in says)
    assert not any(word in person.reply("So you confirm Friday?").text for word in says)


def test_a_fact_that_is_no_date_is_said_as_it_is() -> None:
    person = Mind(Person("M", facts={"date_of_birth": "in spring"}), "agrees", Draw(1, "+1"))
    assert "in spring" in person.reply("What is your date of birth?").text
