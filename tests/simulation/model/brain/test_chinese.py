"""Chinese words mean what they mean."""

from __future__ import annotations

import pytest

from dialer.simulation.model.brain.chinese import PHRASES
from dialer.simulation.model.brain.intents import Intent, intents_of


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("请不要再给我打电话了，把我从名单上删掉。", "opt_out"),
        ("别再打了，请把我的号码删掉。", "opt_out"),
        ("您好，我是王芳，现在不方便接电话，请在提示音后留言。", "voicemail"),
        ("您好，请说明您的姓名和来电事由。", "screener"),
        ("谢谢，请稍候，正在为您转接。", "on_hold"),
        ("普通话服务请按一", "ivr"),
        ("您打错了，这里没有这个人。", "wrong_number"),
        ("我不是王芳", "wrong_person"),
        ("他现在不在", "gatekeeper"),
        ("那天我来不了，可以改时间吗？", "move"),
        ("请帮我取消吧。", "cancel"),
        ("我现在在忙，可以明天下午三点再打给我吗？", "later"),
        ("我要转人工", "human"),
        ("等一下，您是哪位？", "who"),
        ("嗯，我不太确定，贵不贵？", "hesitate"),
        ("没兴趣", "not_interested"),
        ("不好意思，您说什么？", "repeat"),
        ("好的，谢谢，再见。", "goodbye"),
        ("Sorry, I do not speak Chinese.", "foreign"),
        ("不用了，谢谢。", "no"),
        ("行，没问题。", "yes"),
        ("要多少钱？", "question"),
        ("喂，你好？", "hello"),
    ],
)
def test_a_sentence_has_its_intent(text: str, intent: str) -> None:
    assert Intent(intent) in intents_of(text, "zh")


@pytest.mark.parametrize("text", ["不是", "不太确定", "嗯，我不太确定，贵不贵？", "不要", "没有"])
def test_a_denial_is_no_yes(text: str) -> None:
    assert Intent.YES not in intents_of(text, "zh")


def test_a_goodbye_is_said_without_a_question() -> None:
    closing = ("goodbye", "opted_out", "wrong", "gatekeeper", "foreign", "not_interested", "call_back_ok", "silence")
    assert all("再见" in PHRASES[name] and "？" not in PHRASES[name] for name in closing)
