"""The queue in Asterisk, played against a model of it: nothing is lost, and the heard position is exact."""

from __future__ import annotations

import json
from collections import deque
from dataclasses import dataclass, field

from hypothesis import given, settings
from hypothesis import strategies as st

from dialer.audio.framing import FRAME_BYTES, SILENCE, silence
from dialer.wire.asterisk_playout import BATCH_FRAMES, CLEARING, WINDOW, Playout


@dataclass
class Queue:
    """chan_websocket's queue: frames and marks; one frame is played in a tick, and marks before it are answered."""

    items: deque[bytes | str] = field(default_factory=deque)
    played: list[bytes] = field(default_factory=list)
    longest: int = 0

    def take(self, messages: list[str | bytes]) -> int | None:
        left = None
        for message in messages:
            if isinstance(message, bytes):
                assert len(message) % FRAME_BYTES == 0
                self.items += [message[i : i + FRAME_BYTES] for i in range(0, len(message), FRAME_BYTES)]
                continue
            command = json.loads(message)
            if command["command"] == "MARK_MEDIA":
                self.items.append(command["correlation_id"])
            elif command["command"] == "GET_STATUS":
                left = self.frames
            elif command["command"] == "FLUSH_MEDIA":
                self.items.clear()
        self.longest = max(self.longest, self.frames)
        return left

    @property
    def frames(self) -> int:
        return sum(isinstance(item, bytes) for item in self.items)

    def tick(self) -> list[str]:
        marks = []
        while self.items and isinstance(self.items[0], str):
            marks.append(self.items.popleft())
        if self.items:
            frame = self.items.popleft()
            assert isinstance(frame, bytes)
            self.played.append(frame)
        return marks  # type: ignore[return-value]  # what was popped before the first frame are texts


def run(playout: Playout, queue: Queue, ticks: int) -> list[str]:
    """Let time pass on both sides; the names that fell due."""
    names = []
    for _ in range(ticks):
        for mark in queue.tick():
            queue.take(playout.processed(mark))
        queue.take(playout.tick())
        names += playout.due()
    return names


def words(count: int, start: int = 0) -> bytes:
    return bytes((start + i) % 251 for i in range(count))


def heard(queue: Queue) -> bytes:
    return b"".join(frame for frame in queue.played if frame != SILENCE)


def test_silence_is_sent_while_there_is_nothing_to_say() -> None:
    assert Playout().tick() == [SILENCE]


def test_whole_frames_go_at_once_with_a_mark_and_a_rest_waits_for_more() -> None:
    playout = Playout()
    audio, mark = playout.play(words(400))
    assert (audio, json.loads(mark)) == (words(320), {"command": "MARK_MEDIA", "correlation_id": "1"})
    assert playout.tick() == []
    assert playout.play(words(80, 400 % 251))[0] == words(160, 320 % 251)


def test_a_rest_that_nothing_follows_is_filled_up() -> None:
    playout = Playout()
    assert playout.play(words(100)) == []
    assert playout.tick() == []
    audio, _ = playout.tick()
    assert audio == words(100) + silence(20)[:60]
    playout.processed("1")
    assert playout.heard_ms == 12


def test_a_name_falls_due_when_its_audio_was_played() -> None:
    playout, queue = Playout(), Queue()
    queue.take(playout.play(words(1000)))
    queue.take(playout.mark("first"))
    queue.take(playout.play(words(1600)))
    queue.take(playout.mark("second"))
    assert run(playout, queue, 7) == []
    assert run(playout, queue, 1) == ["first"]
    assert run(playout, queue, 10) == ["second"]
    assert playout.heard_ms == 2600 // 8
    assert playout.mark("nothing new") == []
    assert playout.due() == ["nothing new"]


def test_no_more_than_the_window_is_on_the_way_and_nothing_is_lost() -> None:
    playout, queue = Playout(), Queue()
    said = words(40 * 8000)
    queue.take(playout.play(said))
    queue.take(playout.mark("end"))
    assert queue.longest == WINDOW
    names = run(playout, queue, 40 * 50 + 60)
    assert names == ["end"]
    assert b"".join(queue.played).startswith(said)
    assert queue.longest <= WINDOW
    assert playout.is_idle


def test_a_full_queue_stops_us_until_it_is_not_full_any_more() -> None:
    playout = Playout()
    playout.stopped()
    assert playout.play(words(320)) == []
    assert playout.resumed()[0] == words(320)


def test_a_clear_tells_what_was_heard_to_the_frame_and_lets_names_fall_due() -> None:
    playout, queue = Playout(), Queue()
    queue.take(playout.play(words(8000)))
    queue.take(playout.mark("cut"))
    queue.take(playout.play(words(1000)))
    run(playout, queue, 20)
    asked = playout.clear()
    assert asked == list(CLEARING)
    left = queue.take(asked)
    assert playout.cleared(left) == 400
    assert playout.due() == ["cut"]
    assert playout.is_idle


def test_a_clear_without_an_answer_counts_what_was_confirmed() -> None:
    playout = Playout()
    playout.play(words(8000 * 3))
    playout.processed("1")
    playout.clear()
    assert playout.cleared(None) == 1000


def test_marks_that_come_after_their_clear_say_nothing() -> None:
    playout = Playout()
    playout.play(words(1600))
    playout.clear()
    playout.cleared(10)
    assert playout.processed("1") == []
    assert playout.heard_ms == 0


def test_what_is_said_after_a_clear_is_heard_on_its_own() -> None:
    playout, queue = Playout(), Queue()
    queue.take(playout.play(words(8000)))
    left = queue.take(playout.clear())
    queue.take(playout.play(words(1600)))
    assert playout.cleared(left) == 0
    run(playout, queue, 12)
    assert playout.heard_ms == 200


def test_a_status_that_counts_silence_too_does_not_take_away_what_was_heard() -> None:
    playout = Playout()
    playout.play(words(800))
    playout.clear()
    assert playout.cleared(9) == 0


def test_a_batch_is_no_longer_than_a_message_may_be() -> None:
    out = Playout().play(words(20 * 8000))
    assert max(len(message) for message in out if isinstance(message, bytes)) == BATCH_FRAMES * FRAME_BYTES


@settings(max_examples=60)
@given(
    st.lists(
        st.one_of(
            st.tuples(st.just("play"), st.integers(1, 6000)),
            st.tuples(st.just("mark"), st.just(0)),
            st.tuples(st.just("pass"), st.integers(1, 60)),
            st.tuples(st.just("clear"), st.just(0)),
        ),
        max_size=25,
    )
)
def test_whatever_happens_the_heard_position_is_what_was_played(steps: list[tuple[str, int]]) -> None:
    playout, queue, names, marks, position = Playout(), Queue(), list[str](), 0, 0
    for what, count in steps:
        if what == "play":
            queue.take(playout.play(bytes(1 + (position + i) % 250 for i in range(count))))
            position += count
        elif what == "mark":
            marks += 1
            queue.take(playout.mark(f"m{marks}"))
        elif what == "pass":
            names += run(playout, queue, count)
        else:
            left = queue.take(playout.clear())
            ours = sum(1 for frame in queue.played for byte in frame if byte != 0xFF)
            assert playout.cleared(left) == ours // 8
            names += playout.due()
    names += run(playout, queue, 2 * WINDOW + position // FRAME_BYTES)
    names += playout.due()
    assert names == [f"m{n}" for n in range(1, marks + 1)]
    assert playout.heard_ms == sum(1 for frame in queue.played for byte in frame if byte != 0xFF) // 8


def test_a_mark_says_the_same_of_all_audio_before_it() -> None:
    playout = Playout()
    playout.play(words(8000))
    playout.play(words(8000))
    playout.processed("2")
    assert playout.heard_ms == 2000
