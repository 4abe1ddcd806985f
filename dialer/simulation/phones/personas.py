"""Who answers the phone, how often, and in which words: data, in English and Chinese.

Nothing here is chance: every choice is drawn from a hash of the seed and of what the choice is about, so that runs repeat and the
order of calls does not matter. A persona is what a number's owner is like; a mood is what happens on one dial: a person who
would talk may not pick up today. A persona may also be given by name, or as ``no_answer>busy>agrees``: one for each attempt,
the last for all further ones.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from dialer.errors import UserError

PERSONAS: Mapping[str, int] = {
    "agrees": 30,
    "moves": 6,
    "cancels": 4,
    "hesitates": 12,
    "declines": 5,
    "interrupts": 6,
    "wants_human": 5,
    "callback": 8,
    "stop": 4,
    "presses_9": 3,
    "wrong_person": 4,
    "relative": 3,
    "impostor": 3,
    "other_language": 3,
    "hangs_up_early": 4,
    "screener": 6,
    "silence": 3,
    "voicemail": 4,
    "invalid_number": 4,
    "busy": 0,
    "rejected": 0,
    "no_answer": 0,
}
"""All personas, with their weight among numbers whose persona is not given: a list that was kept with some care."""

_FIXED = frozenset({"invalid_number", "voicemail"})
_FIRST_MOODS: Mapping[str, int] = {"": 64, "no_answer": 16, "voicemail": 10, "busy": 7, "rejected": 3}
_LATER_MOODS: Mapping[str, int] = {"": 78, "no_answer": 11, "voicemail": 7, "busy": 3, "rejected": 1}
"""What happens on the first dial and on redials; ``""``: the persona picks up."""
_NEXT_TIME: Mapping[str, Mapping[str, int]] = {
    "callback": {"agrees": 7, "hesitates": 2, "declines": 1},
    "relative": {"agrees": 6, "hesitates": 3, "declines": 1},
}
"""Those who put us off to another time: who it is that picks up then. Somebody who named a time waits for the call."""


@dataclass(frozen=True, slots=True)
class Person:
    """The owner of a number: his name, his language (``en``, ``zh``), what he knows about himself, and maybe a persona.

    Raises ``UserError`` on a persona that is not known.
    """

    name: str
    language: str = "en"
    facts: Mapping[str, str] = field(default_factory=dict)
    persona: str | None = None

    def __post_init__(self) -> None:
        """Check the persona."""
        for name in self.personas:
            if name not in PERSONAS:
                raise UserError(f"unknown persona {name!r}; known are: {', '.join(PERSONAS)}", code="unknown_persona")

    @property
    def personas(self) -> list[str]:
        """The personas that were given, one for each attempt; empty when none was."""
        return [name.strip() for name in self.persona.split(">")] if self.persona else []

    @property
    def speaks_chinese(self) -> bool:
        """Chinese phrases, else English ones."""
        return self.language.startswith("zh")


@dataclass(frozen=True, slots=True)
class Draw:
    """Repeatable chance for one number: the same question always gets the same answer."""

    seed: int
    number: str

    def share(self, *about: object) -> float:
        """A number in [0, 1) that depends on the seed, the number and ``about`` alone."""
        text = "\x1f".join(map(str, (self.seed, self.number, *about)))
        return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=6).digest(), "big") / 2**48

    def between(self, low: float, high: float, *about: object) -> float:
        """A number in [low, high)."""
        return low + (high - low) * self.share(*about)

    def pick(self, options: Sequence[str], *about: object) -> str:
        """One of ``options``."""
        return options[int(self.share(*about) * len(options))]

    def weighted(self, weights: Mapping[str, int], *about: object) -> str:
        """One of the keys, as often as its weight says."""
        left = self.share(*about) * sum(weights.values())
        for name, weight in weights.items():
            left -= weight
            if left < 0:
                return name
        raise ValueError("there is nothing to choose from")


def persona_of(draw: Draw, person: Person, attempt: int) -> str:
    """Who or what meets dial number ``attempt`` (from 1) of this number."""
    if given := person.personas:
        return given[min(attempt, len(given)) - 1]
    name = draw.weighted(PERSONAS, "persona")
    if name in _FIXED:
        return name
    was_put_off = name in _NEXT_TIME and any(not _mood(draw, nth) for nth in range(1, attempt))
    if was_put_off:
        later = draw.weighted(_NEXT_TIME[name], "next time")
        return later if name == "callback" else _mood(draw, attempt) or later
    return _mood(draw, attempt) or name


def _mood(draw: Draw, attempt: int) -> str:
    """What happens on this dial instead of the persona; empty when it is the persona who picks up."""
    return draw.weighted(_FIRST_MOODS if attempt == 1 else _LATER_MOODS, "mood", attempt)


Phrases = Mapping[str, tuple[str, ...]]

ENGLISH: Phrases = {
    "hello": ("Hello?", "Hello?", "Yes, hello?", "Hi, who is this?"),
    "still_there": ("Hello? Are you still there?",),
    "go_on": ("Okay.", "Okay, go ahead.", "All right.", "Yes?"),
    "goodbye": ("Goodbye.", "Thank you, goodbye.", "Okay, bye."),
    "must_go": ("I have to go now. Goodbye.",),
    "what": ("Sorry, what did you say?",),
    "here": ("Yes, I am here.", "Yes, I can hear you."),
    "as_i_said": ("As I said: {answer}",),
    "yes": ("Yes.", "Yes, of course.", "Yes, that is right."),
    "yes_offer": ("Yes, please.", "Yes, that would be nice.", "Sure, why not."),
    "yes_time": ("Yes, sure.", "Okay, go ahead.", "Yes, but please be quick."),
    "no": ("No.", "No, I am afraid not."),
    "no_offer": ("No, thank you.", "No, I do not think so.", "No, not for me, thanks."),
    "no_need": ("No, thank you, I do not need that.", "No, thanks."),
    "declines": ("No, I am not interested, thank you.", "No, thanks, I am not interested."),
    "more": ("No, that is all, thank you.", "No, nothing else. Thanks."),
    "it_is_me": ("Yes, this is {name}.", "Speaking.", "Yes, that is me."),
    "name": ("My name is {name}.", "{name}."),
    "fact": ("{value}.", "It is {value}."),
    "no_fact": ("I do not know that by heart.", "I would rather not say."),
    "money": ("About {amount} dollars.", "Maybe {amount} dollars.", "Around {amount} dollars."),
    "money_monthly": ("About {amount} dollars.", "Around {amount} dollars a month.", "It was {amount} dollars last time."),
    "number": ("{count}.", "About {count}.", "I would say {count}."),
    "number_of": ("About {count} {unit}.", "{count} {unit}, more or less.", "I would say {count} {unit}."),
    "wrong_date": ("Um, it is {value}.", "It is {value}, I think."),
    "time": ("Next Tuesday at three.", "Tomorrow morning at ten.", "Next week, on Wednesday.", "In about two weeks."),
    "offer": ("{option} works for me.", "Let us take {option}.", "{option}, please."),
    "choice": ("{Option}.", "I would say {option}.", "{Option}, I think."),
    "goods": (
        "Fruit and vegetables, and something for the weekend.",
        "Coffee and something sweet for the children.",
        "Fish, if it is fresh.",
    ),
    "open": (
        "Something simple and reliable, really.",
        "We need to save time, it takes us hours every week.",
        "I am looking for a better price than I have now.",
        "We have had trouble with our old one, so I would like to replace it.",
        "Mostly for the family, and sometimes for work.",
    ),
    "appointment": ("Yes, I will be there.", "Yes, I confirm.", "Yes, that still works for me."),
    "moves": ("Could we move it to another day?", "I cannot make it, can we find another time?"),
    "cancels": ("No, please cancel it.", "I am sorry, I need to cancel the appointment."),
    "hesitates": ("Hmm, I am not sure. Is it expensive?", "Well, I do not know. What does it cost?"),
    "wants_human": ("Can I talk to a real person about that?", "I would rather speak with somebody now, is that possible?"),
    "interrupts": ("Sorry, wait, who is this?", "Wait, wait. What is this about?"),
    "callback": ("I am busy right now. Can you call me tomorrow at three?",),
    "callback_again": ("I really have no time now. Please call me tomorrow at three.",),
    "callback_time": ("Tomorrow at three, please.",),
    "stop": ("Please stop calling me, take me off your list.", "Stop calling me. Remove my number from your list."),
    "stop_again": ("I said, please take me off your list.",),
    "wrong_person": ("You have the wrong number, there is no one by that name here.",),
    "wrong_person_again": ("No, I told you, this is the wrong number.",),
    "relative": (
        "No, sorry, they are not here right now.",
        "Sorry, they are not home right now, I only picked up the phone.",
    ),
    "relative_again": ("As I said, they are not here right now.",),
    "other_language": ("Lo siento, no hablo inglés.", "No entiendo. ¿Habla español?"),
    "other_language_again": ("No entiendo, lo siento.",),
    "voicemail": (
        "Hi, you have reached {name}. I cannot come to the phone right now, please leave a message after the tone.",
        "You have reached the mailbox of {name}. Please leave your message after the tone.",
    ),
    "screener": ("Hi, please state your name and the reason for your call.",),
    "connecting": ("Thank you. Please hold while I try to connect you.",),
    "not_available": ("Sorry, this person is not available right now. Goodbye.",),
}

CHINESE: Phrases = {
    "hello": ("喂，你好。", "喂，你好？", "喂，哪位？"),
    "still_there": ("喂？您还在吗？",),
    "go_on": ("好的。", "嗯，您说。", "好，请讲。"),
    "goodbye": ("再见。", "好的，谢谢，再见。", "拜拜。"),
    "must_go": ("我有事要忙了，再见。",),
    "what": ("不好意思，您说什么？",),
    "here": ("在的，您说。", "我在听。"),
    "as_i_said": ("我刚才说了，{answer}",),
    "yes": ("是的。", "对，是的。", "对。"),
    "yes_offer": ("可以，好的。", "好啊，谢谢。", "行，没问题。"),
    "yes_time": ("可以，您说吧。", "方便，您请讲。", "可以，请快一点。"),
    "no": ("没有。", "不是。"),
    "no_offer": ("不用了，谢谢。", "不需要，谢谢。", "算了，不用了。"),
    "no_need": ("不用了，谢谢。", "这个不需要，谢谢。"),
    "declines": ("不用了，我不感兴趣。", "谢谢，我没兴趣。"),
    "more": ("没有了，谢谢。", "没有别的了。"),
    "it_is_me": ("是的，我是{name}。", "对，我就是。", "是我。"),
    "name": ("我叫{name}。", "{name}。"),
    "fact": ("{value}。", "是{value}。"),
    "no_fact": ("我记不清了。", "这个我不方便说。"),
    "money": ("大概{amount}元。", "{amount}元左右。", "差不多{amount}元吧。"),
    "money_monthly": ("大概{amount}元。", "每个月{amount}元吧。", "上个月是{amount}元。"),
    "number": ("{count}。", "大概{count}吧。"),
    "number_of": ("{count}{unit}。", "大概{count}{unit}吧。"),
    "wrong_date": ("呃，是{value}。", "{value}吧。"),
    "time": ("下周二下午三点。", "明天上午十点。", "下周三吧。", "大概两周以后。"),
    "offer": ("{option}可以。", "那就{option}吧。"),
    "choice": ("{option}。", "{option}吧。", "应该是{option}。"),
    "goods": (
        "坚果和糖果吧，过年招待客人。",
        "想买点海鲜，鱼和虾都要。",
        "腊肉和香肠，家里人都爱吃。",
        "水果和茶叶，走亲戚用。",
        "汤圆和饺子皮这些。",
    ),
    "open": (
        "我想找一个简单可靠的。",
        "我们每周要花好几个小时，想节省时间。",
        "希望价格比现在便宜一些。",
        "以前的用着总出问题，所以想换一个。",
        "主要是家里用，有时候工作也用。",
    ),
    "appointment": ("可以，我会准时到。", "确认，我会来的。", "好的，我按时到。"),
    "moves": ("那天我来不了，可以改时间吗？", "能不能换一天？"),
    "cancels": ("不去了，请帮我取消吧。", "不好意思，我要取消预约。"),
    "hesitates": ("嗯，我不太确定，这个要钱吗？", "这个嘛，不太清楚，要花钱吗？"),
    "wants_human": ("我想找真人聊一下，可以吗？", "能不能转人工，跟你们的人说？"),
    "interrupts": ("等一下，您是哪位？", "等等，这是什么事？"),
    "callback": ("我现在在忙，可以明天下午三点再打给我吗？",),
    "callback_again": ("我现在真的没时间，请明天下午三点再打来。",),
    "callback_time": ("明天下午三点。",),
    "stop": ("请不要再给我打电话了，把我从名单上删掉。", "别再打了，请把我的号码删掉。"),
    "stop_again": ("我说了，请把我的号码删掉。",),
    "wrong_person": ("您打错了，这里没有这个人。",),
    "wrong_person_again": ("不是，您真的打错了。",),
    "relative": ("他现在不在，我是他的家人。", "她不在家，我是她的家人。"),
    "relative_again": ("我说了，本人不在。",),
    "other_language": ("Sorry, I do not speak Chinese.",),
    "other_language_again": ("I do not understand, sorry.",),
    "voicemail": ("您好，我是{name}，现在不方便接电话，请在提示音后留言。",),
    "screener": ("您好，请说明您的姓名和来电事由。",),
    "connecting": ("谢谢，请稍候，正在为您转接。",),
    "not_available": ("抱歉，机主现在不方便接听，再见。",),
}


def phrases_of(person: Person) -> Phrases:
    """The phrases in this person's language."""
    return CHINESE if person.speaks_chinese else ENGLISH
