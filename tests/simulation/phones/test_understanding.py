import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer.simulation.phones.understanding import Asks, understand


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Hi, this is Ann. Am I speaking with Maria?", Asks.WHO),
        ("您好，请问您是王芳吗？", Asks.WHO),
        ("What is your full name?", Asks.NAME),
        ("请问怎么称呼？", Asks.NAME),
        ("What is your budget?", Asks.MONEY),
        ("您的预算是多少？", Asks.MONEY),
        ("How many people work there?", Asks.NUMBER),
        ("您需要几个座位？", Asks.NUMBER),
        ("When do you want to start?", Asks.TIME),
        ("您什么时候方便？", Asks.TIME),
        ("Your visit is on Thursday, December 3, 2:30 PM. Can you make it?", Asks.APPOINTMENT),
        ("Would you like to confirm, move or cancel it?", Asks.APPOINTMENT),
        ("请问您是想确认、改期还是取消预约？", Asks.APPOINTMENT),
        ("您能按时前来吗？", Asks.APPOINTMENT),
        ("Is there anything else?", Asks.MORE),
        ("还有别的问题吗？", Asks.MORE),
        ("You can say stop at any time. Is now a good time?", Asks.YES_NO),
        ("Shall I call you tomorrow at 3 PM?", Asks.YES_NO),
        ("We can call later, would that be better?", Asks.YES_NO),
        ("现在方便吗？", Asks.YES_NO),
        ("Would you like it now, or should we wait?", Asks.YES_NO),
        ("您现在要吗，还是不需要？", Asks.YES_NO),
        ("What are you looking for?", Asks.OPEN),
        ("您对哪方面感兴趣？", Asks.OPEN),
        ("Thank you. Have a nice day.", Asks.GOODBYE),
        ("Goodbye.", Asks.GOODBYE),
        ("感谢您，祝您生活愉快，再见。", Asks.GOODBYE),
        ("Before I say goodbye: is that right?", Asks.YES_NO),
        ("About how many years old is your roof?", Asks.NUMBER),
        ("Are you still there?", Asks.HERE),
        ("您还在吗？", Asks.HERE),
        ("Is there anything else, or is that all?", Asks.MORE),
        ("Do you want it before or after your visit?", Asks.CHOICE),
        ("Would you like it now, or not?", Asks.YES_NO),
        ("Do you like the very long and winding road or not really such a long one?", Asks.YES_NO),
        ("I have noted that.", Asks.NOTHING),
        ("", Asks.NOTHING),
    ],
)
def test_what_an_utterance_asks_for(text: str, kind: Asks) -> None:
    assert understand(text).kind is kind


@pytest.mark.parametrize(
    ("text", "about"),
    [
        ("To be sure: what is your date of birth?", "date_of_birth"),
        ("请问您的出生日期是？", "date_of_birth"),
        ("What is your zip code?", "postal_code"),
        ("您的邮箱是什么？", "email"),
        ("What is your address?", "address"),
        ("Which company are you with?", "company"),
    ],
)
def test_facts_are_asked_by_name(text: str, about: str) -> None:
    assert (understand(text).kind, understand(text).about) == (Asks.FACT, about)


@pytest.mark.parametrize(
    ("text", "options"),
    [
        ("Is your office small, medium or large?", ("small", "medium", "large")),
        ("Do you prefer tea or coffee?", ("tea", "coffee")),
        ("您想要小型、中型还是大型？", ("小型", "中型", "大型")),
        ("您要白色还是黑色呢？", ("白色", "黑色")),
        ("您一般什么时候来店里，平日还是周末？", ("平日", "周末")),
        ("您平时怎么来，坐车还是走路？", ("坐车", "走路")),
        ("When would you like to go solar: now, this year, or later?", ("now", "this year", "later")),
        ("How often do you shop: every week or every month?", ("every week", "every month")),
        ("When do you come, mornings or evenings?", ("mornings", "evenings")),
    ],
)
def test_options_are_taken_from_the_question(text: str, options: tuple[str, ...]) -> None:
    assert understand(text).options == options
    assert understand(text).kind is Asks.CHOICE


@pytest.mark.parametrize(
    ("text", "first"),
    [
        (
            "Which suits you: Thursday, December 3, 2:30 PM, or Friday, December 4, 9:00 AM?",
            "Thursday, December 3, 2:30 PM",
        ),
        ("I have Tuesday at 10 AM or Friday at 3 PM. Which one works for you?", "Tuesday at 10 AM"),
        ("12月3日下午2:30，或者12月4日上午9点，哪个时间更合适？", "12月3日下午2:30"),
        ("下周二下午三点或者周五上午十点，您方便哪个？", "下周二下午三点"),
    ],
)
def test_offered_times_are_options(text: str, first: str) -> None:
    asked = understand(text)
    assert (asked.kind, asked.options[0], len(asked.options)) == (Asks.OFFER, first, 2)


@pytest.mark.parametrize(
    ("text", "about"),
    [
        ("Do you have two minutes?", "time"),
        ("现在方便听半分钟吗？", "time"),
        ("要不要我帮您登记这张优惠券？", "offer"),
        ("Do you need help with a ride to the clinic?", "offer"),
        ("Would you like us to follow up with you on this?", "offer"),
        ("Do you own your home?", ""),
        ("How many people are you?", "people"),
        ("About how many years old is your roof?", "years"),
        ("How old is it?", "years"),
        ("您家有几个人？", "个"),
        ("您要买多少？", ""),
    ],
)
def test_what_a_yes_or_a_number_is_about(text: str, about: str) -> None:
    assert understand(text).about == about


def test_the_last_question_counts() -> None:
    assert understand("How are you? What is your budget? I mean, roughly.").kind is Asks.MONEY


@given(st.text(max_size=80))
def test_anything_can_be_heard(text: str) -> None:
    asked = understand(text)
    assert asked.question in text
