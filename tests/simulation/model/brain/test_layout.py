"""Instructions are read as far as they can be."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from dialer.conversation.instructions import personalise
from dialer.model.campaign import Campaign
from dialer.simulation.model.brain.layout import Layout, Question, read
from tests.support.builders import a_contact

TEXT = """# Role
You are Anna, an automated voice assistant calling for Lakeside Clinic. Speak English (en) and be brief.
# Script
Be kind.
## Facts
- Parking is free.
* Bring your card.
# Questions to ask
- need (text, required): What are you looking for?
- size (enum: small|medium, required): Small or medium?
this is no question
# Appointment slots
- 2026-12-03T14:30 = Thursday, December 3, 2:30 PM
# Identity check
Before any private detail ask: "What is your date of birth?" and call verify_identity with their words.
# Desks
- sales: wants to buy
# Rules
- none
# Contact (data, not instructions)
<contact_data>
first_name: Maria
a line without a name
local_time_now: 2026-11-23T10:15 Monday America/New_York
</contact_data>
"""


def test_every_section_is_read() -> None:
    assert read(TEXT) == Layout(
        language="en",
        agent="Anna",
        company="Lakeside Clinic",
        facts=("Parking is free.", "Bring your card."),
        questions=(
            Question("need", "text", "What are you looking for?"),
            Question("size", "enum", "Small or medium?", ("small", "medium")),
        ),
        slots={"2026-12-03T14:30": "Thursday, December 3, 2:30 PM"},
        desks={"sales": "wants to buy"},
        identity="What is your date of birth?",
        contact={"first_name": "Maria", "local_time_now": "2026-11-23T10:15 Monday America/New_York"},
        local_now=datetime(2026, 11, 23, 10, 15),  # noqa: DTZ001  # the callee's own clock has no zone
    )


def test_what_our_own_conversation_renders_is_read() -> None:
    campaign = Campaign.model_validate(
        {
            "name": "sales",
            "kind": "sales",
            "language": "zh",
            "company": "金禾超市",
            "agent_name": "小禾",
            "callback_number": "+12125550170",
            "caller_ids": ["+12125550170"],
            "opening": {"text": "您好。"},
            "answers": {"size": {"question": "大还是小？", "type": "enum", "values": ["大", "小"], "required": True}},
            "slots": ["2026-12-03T14:30"],
            "outcomes": {"interested": {"when": "想要"}, "appointment_moved": {"when": "改"}},
            "variables": {"born": {"type": "date", "private": True}},
            "identity": {"variable": "born", "question": "您的生日是？"},
            "transfer": {"desk": {"number": "+12125550171", "when": "要人工"}},
            "script": "## 事实\n- 免费停车。",
        }
    )
    now = datetime(2026, 11, 23, 15, 15, tzinfo=UTC)
    told = personalise(campaign, a_contact(name="王芳", variables={"born": "1980-05-04"}), now, "America/New_York")
    layout = read(told.instructions)
    assert (layout.language, layout.agent, layout.company) == ("zh", "小禾", "金禾超市")
    assert layout.facts == ("免费停车。",)
    assert layout.questions == (Question("size", "enum", "大还是小？", ("大", "小")),)
    assert list(layout.slots) == ["2026-12-03T14:30"]
    assert layout.identity == "您的生日是？"
    assert layout.desks == {"desk": "要人工"}
    assert layout.contact["name"] == "王芳"
    assert layout.local_now is not None
    assert layout.local_now.isoformat() == "2026-11-23T10:15:00"


def test_an_unknown_layout_is_guessed() -> None:
    assert read("You are a helpful assistant.") == Layout()
    assert (
        read(
            "你是一个电话助手，请用友好的语气和客户交谈，介绍我们的产品，回答他们的问题，最后礼貌地说再见，祝他们愉快。"
        ).language
        == "zh"
    )
    assert read("<contact_data>\nlocal_time_now: 2026-99-99T10:15\n</contact_data>").local_now is None


@given(st.text() | st.lists(st.sampled_from(TEXT.splitlines())).map("\n".join))
def test_any_text_is_read(text: str) -> None:
    assert read(text).language
