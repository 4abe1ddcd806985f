"""One story, whatever order it is told in."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from dialer.call.events import Answered, CallEvent, LegEnded, Ringing
from dialer.carriers.twilio_story import Story
from dialer.model.attempt import EndCause, Ending
from dialer.wire.twilio_rest import StatusReport

STATUSES = ["queued", "initiated", "ringing", "in-progress", "completed", "busy", "failed", "no-answer", "canceled", "brand-new"]


def report(status: str, sequence: int | None = None, talk_s: float = 0.0) -> StatusReport:
    return StatusReport("CA1", status, sequence, talk_s)


def test_the_usual_order() -> None:
    story = Story(60)
    found: list[CallEvent] = []
    for status in ("initiated", "ringing"):
        found += story.told(report(status), 1.0)
    found += story.streaming(2.0)
    found += story.told(report("in-progress"), 2.0)
    found += story.told(report("completed", talk_s=5), 7.0)
    assert found == [Ringing(), Answered(), LegEnded(Ending(EndCause.FAR_HANG_UP, "completed"))]
    assert not story.is_waiting


def test_ringing_that_comes_after_the_answer_and_a_status_of_tomorrow_change_nothing() -> None:
    story = Story(60)
    assert story.streaming(1.0) == [Answered()]
    assert story.streaming(1.0) == []
    assert story.told(report("ringing"), 1.0) == story.told(report("brand-new"), 1.0) == []
    assert story.ending is None


def test_the_limit_is_seen_by_either_clock() -> None:
    for talk_s, end_s in ((60.0, 0.0), (0.0, 61.0)):
        story = Story(60)
        story.streaming(1.0)
        [ended] = story.told(report("completed", talk_s=talk_s), end_s)
        assert isinstance(ended, LegEnded)
        assert ended.ending.cause is EndCause.TIME_LIMIT


def test_a_call_that_completed_with_a_length_was_answered() -> None:
    story = Story(60)
    assert story.told(report("completed", talk_s=3), 0.0) != []
    assert story.is_answered
    quiet = Story(60)
    quiet.told(report("completed"), 0.0)
    assert not quiet.is_answered


def test_a_callback_counts_once_and_a_flood_not_at_all() -> None:
    story = Story(60)
    assert story.is_new(report("ringing", 1))
    assert not story.is_new(report("ringing", 1))
    bare = StatusReport("CA1", "ringing", None, sent=(("CallStatus", "ringing"),))
    assert story.is_new(bare)
    assert not story.is_new(bare)
    assert sum(story.is_new(report("ringing", number)) for number in range(2000)) < 1000
    assert story.is_first_finding()
    assert not story.is_first_finding()


@given(st.lists(st.sampled_from([*STATUSES, "stream"]), max_size=20))
def test_any_order_gives_at_most_one_answer_and_one_end_and_nothing_after_it(statuses: list[str]) -> None:
    story, found = Story(60), []
    for at, status in enumerate(statuses):
        found += story.streaming(float(at)) if status == "stream" else story.told(report(status), float(at))
    ends = [event for event in found if isinstance(event, LegEnded)]
    assert len(ends) <= 1
    assert not ends or found[-1] is ends[0]
    assert found.count(Answered()) <= 1
    assert found.count(Ringing()) <= 1
