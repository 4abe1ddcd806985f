"""What the salesperson should do next, in the campaign's language, and by when."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from dialer.model.disposition import Outcome
from dialer.model.lead import Grade

_TEXTS: Mapping[str, Mapping[Outcome | Grade, str]] = {
    "en": {
        Outcome.CALLBACK: "Call back at the time that was promised",
        Outcome.APPOINTMENT_CONFIRMED: "Nothing to do: the appointment stands",
        Outcome.APPOINTMENT_MOVED: "Enter the new appointment time and confirm it in writing",
        Outcome.APPOINTMENT_CANCELLED: "Free the appointment and offer another time",
        Outcome.APPOINTMENT_BOOKED: "Enter the appointment and confirm it in writing",
        Outcome.SALE: "Process the order and confirm it in writing",
        Outcome.TRANSFERRED: "Check with the desk how the transferred call ended",
        Outcome.GATEKEEPER: "Ask for the person in charge and call again",
        Grade.HOT: "Call within the hour, while the conversation is fresh",
        Grade.WARM: "Call within one working day",
        Grade.COLD: "Send information and call within the week",
    },
    "zh": {
        Outcome.CALLBACK: "按约定时间回电",
        Outcome.APPOINTMENT_CONFIRMED: "无需处理：预约有效",
        Outcome.APPOINTMENT_MOVED: "登记新的预约时间并书面确认",
        Outcome.APPOINTMENT_CANCELLED: "释放预约时段并提供其他时间",
        Outcome.APPOINTMENT_BOOKED: "登记预约并书面确认",
        Outcome.SALE: "处理订单并书面确认",
        Outcome.TRANSFERRED: "向接听坐席确认转接后的结果",
        Outcome.GATEKEEPER: "询问负责人后再次致电",
        Grade.HOT: "趁对方印象深刻，一小时内致电",
        Grade.WARM: "一个工作日内致电",
        Grade.COLD: "发送资料，一周内致电",
    },
}
_DELAYS: Mapping[Grade, timedelta] = {
    Grade.HOT: timedelta(hours=1),
    Grade.WARM: timedelta(days=1),
    Grade.COLD: timedelta(days=7),
}


def next_step(language: str, outcome: Outcome, grade: Grade, slot: str = "") -> str:
    """Return what to do; ``slot`` (ISO local time) is named where there is one. Unknown languages read English."""
    texts = _TEXTS.get(language[:2], _TEXTS["en"])
    text = texts.get(outcome, texts[grade])
    return f"{text} ({slot.replace('T', ' ')})" if slot else text


def due_at(grade: Grade, callback_at: datetime | None, ended_at: datetime | None) -> datetime | None:
    """Return when: the promised time, else by the grade from the end of the call; None when neither time is known."""
    if callback_at is not None or ended_at is None:
        return callback_at
    return ended_at + _DELAYS[grade]
