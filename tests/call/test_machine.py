"""The table is complete, the walks through it are right, and whatever happens it ends once."""

from collections.abc import Sequence
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer.call import events as e
from dialer.call.machine import TABLE, CallMachine, Expired, Forbidden, Ignored, Move, State, diagram
from dialer.errors import ProtocolViolation
from dialer.model.attempt import EndCause, Ending
from dialer.model.disposition import AnsweredBy, Disposition, Outcome

LEFT = e.LegEnded(Ending(EndCause.FAR_HANG_UP))
TALKED = e.TalkEnded(AnsweredBy.HUMAN, Outcome.INTERESTED, "end_call")
SAMPLES: dict[type, e.CallEvent] = {
    e.Began: e.Began(),
    e.ModelReady: e.ModelReady(),
    e.ModelFailed: e.ModelFailed("refused"),
    e.Permitted: e.Permitted(),
    e.Refused: e.Refused(Disposition.BLOCKED_DNC, "DNC-1"),
    e.Placed: e.Placed(),
    e.PlaceLost: e.PlaceLost("timeout"),
    e.Ringing: e.Ringing(),
    e.Answered: e.Answered(),
    e.LegEnded: LEFT,
    e.TalkEnded: TALKED,
    e.CancelAsked: e.CancelAsked("shutdown"),
}
TO_RINGING = (e.Began(), e.ModelReady(), e.Permitted(), e.Placed())
# How to come to each state.
WAYS: dict[State, Sequence[e.CallEvent | Expired]] = {
    State.NEW: (),
    State.OPENING_MODEL: (e.Began(),),
    State.ASKING_PERMIT: (e.Began(), e.ModelReady()),
    State.GIVING_UP: (e.Began(), e.ModelReady(), e.CancelAsked("shutdown")),
    State.PLACING: (e.Began(), e.ModelReady(), e.Permitted()),
    State.RECALLING: (e.Began(), e.ModelReady(), e.Permitted(), e.CancelAsked("shutdown")),
    State.RINGING: TO_RINGING,
    State.WITHDRAWING: (*TO_RINGING, e.CancelAsked("shutdown")),
    State.TALKING: (*TO_RINGING, e.Answered()),
    State.WINDING_UP: (*TO_RINGING, e.Answered(), e.CancelAsked("shutdown")),
    State.STOPPING: (*TO_RINGING, e.Answered(), Expired()),
    State.HANGING_UP: (*TO_RINGING, e.Answered(), TALKED),
    State.SETTLING: (*TO_RINGING, e.Answered(), LEFT),
    State.DONE: (e.Began(), e.CancelAsked("shutdown")),
}


def drive(events: Sequence[e.CallEvent | Expired]) -> tuple[CallMachine, list[e.CallCommand]]:
    machine = CallMachine(ring_s=30, call_s=300)
    done: list[e.CallCommand] = []
    now = 100.0
    for event in events:
        now += 0.1
        if isinstance(event, Expired):
            deadline = machine.deadline()
            assert deadline is not None
            now = deadline
            done += machine.tick(now)
        else:
            done += machine.feed(event, now)
    return machine, done


def finish(*events: e.CallEvent | Expired) -> e.Finish:
    machine, commands = drive(events)
    assert machine.done
    (last,) = [command for command in commands if isinstance(command, e.Finish)]
    assert commands[-1] is last
    assert machine.deadline() is None
    return last


def test_every_state_and_every_event_is_in_the_table() -> None:
    assert set(TABLE) == set(State) == set(WAYS)
    kinds = {*get_args(e.CallEvent), Expired}
    assert {state: set(row) for state, row in TABLE.items()} == dict.fromkeys(State, kinds)


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("kind", SAMPLES)
def test_each_pair_does_what_the_table_says(state: State, kind: type) -> None:
    machine, _ = drive(WAYS[state])
    assert machine.state is state
    entry = TABLE[state][kind]
    deadline = machine.deadline()
    if isinstance(entry, Forbidden):
        with pytest.raises(ProtocolViolation, match=kind.__name__):
            machine.feed(SAMPLES[kind], 101.0)
        return
    commands = machine.feed(SAMPLES[kind], 101.0)
    if isinstance(entry, Ignored):
        assert entry.reason
        assert (machine.state, commands, machine.deadline()) == (state, [], deadline)
    else:
        assert machine.state is entry.to
        assert (machine.deadline() is None) is machine.done


@pytest.mark.parametrize("state", State)
def test_each_state_but_the_first_and_last_has_a_timer(state: State) -> None:
    machine, _ = drive(WAYS[state])
    deadline = machine.deadline()
    entry = TABLE[state][Expired]
    if deadline is None:
        assert isinstance(entry, Forbidden)
        assert machine.tick(1e9) == []
        return
    assert machine.tick(deadline - 0.01) == []
    assert isinstance(entry, Move)
    machine.tick(deadline)
    assert machine.state is entry.to


def test_a_whole_call_in_its_fixed_order() -> None:
    _, commands = drive((*TO_RINGING, e.Ringing(), e.Answered(), TALKED, LEFT))
    assert commands == [
        e.OpenModel(),
        e.AskPermit(),
        e.Dial(),
        e.PrepareOpening(),
        e.StartTalk(),
        e.HangUp(),
        e.CloseModel(),
        e.Finish(Disposition.ANSWERED_HUMAN, "end_call", Outcome.INTERESTED, AnsweredBy.HUMAN, LEFT.ending),
    ]


def test_a_leg_that_ends_first_lets_the_conversation_close_its_books() -> None:
    _, commands = drive((*TO_RINGING, e.Answered(), LEFT, TALKED))
    assert commands[-3:-1] == [e.StopTalk(), e.CloseModel()]
    assert e.HangUp() not in commands


def test_a_cancelled_talk_is_wound_up_politely_and_then_stopped() -> None:
    _, commands = drive((*TO_RINGING, e.Answered(), e.CancelAsked("shutdown"), Expired(), TALKED, LEFT))
    assert commands[-5:-2] == [e.WindUpTalk("shutdown"), e.StopTalk(), e.HangUp()]


def test_nothing_is_closed_that_was_never_opened() -> None:
    _, commands = drive((e.CancelAsked("shutdown"),))
    assert commands == [e.Finish(Disposition.CANCELLED, "shutdown")]


ENDS: list[tuple[Sequence[e.CallEvent | Expired], Disposition, str]] = [
    ((e.Began(), e.ModelFailed("bad_key")), Disposition.VOICE_FAILED, "bad_key"),
    ((e.Began(), Expired()), Disposition.VOICE_FAILED, "model_timeout"),
    ((*WAYS[State.ASKING_PERMIT], SAMPLES[e.Refused]), Disposition.BLOCKED_DNC, "DNC-1"),
    ((*WAYS[State.ASKING_PERMIT], Expired()), Disposition.CANCELLED, "permit_timeout"),
    ((*WAYS[State.GIVING_UP], SAMPLES[e.Refused]), Disposition.BLOCKED_DNC, "DNC-1"),
    ((*WAYS[State.GIVING_UP], e.Permitted()), Disposition.CANCELLED, "shutdown"),
    ((*WAYS[State.ASKING_PERMIT], e.ModelFailed("voice_lost"), e.Permitted()), Disposition.VOICE_FAILED, "voice_lost"),
    ((*WAYS[State.PLACING], e.PlaceLost("timeout")), Disposition.UNKNOWN, "timeout"),
    ((*WAYS[State.PLACING], Expired()), Disposition.UNKNOWN, "place_timeout"),
    ((*WAYS[State.RECALLING], Expired()), Disposition.UNKNOWN, "place_timeout"),
    ((*WAYS[State.RECALLING], e.PlaceLost("timeout")), Disposition.UNKNOWN, "timeout"),
    ((*WAYS[State.RECALLING], e.Placed(), LEFT), Disposition.CANCELLED, "shutdown"),
    ((*WAYS[State.RECALLING], e.Answered(), LEFT), Disposition.ABANDONED, "shutdown"),
    ((*TO_RINGING, Expired(), e.LegEnded(Ending(EndCause.NEAR_HANG_UP))), Disposition.NO_ANSWER, "ring_timeout"),
    ((*TO_RINGING, Expired(), e.Answered(), LEFT), Disposition.ABANDONED, "ring_timeout"),
    ((*TO_RINGING, Expired(), Expired()), Disposition.NO_ANSWER, "ring_timeout"),
    (
        (*TO_RINGING, e.TalkEnded(AnsweredBy.UNKNOWN, None, "opening_mismatch"), LEFT),
        Disposition.VOICE_FAILED,
        "opening_mismatch",
    ),
    ((*WAYS[State.SETTLING], Expired()), Disposition.VOICE_FAILED, "talk_unsettled"),
    ((*WAYS[State.HANGING_UP], Expired()), Disposition.ANSWERED_HUMAN, "end_call"),
]


@pytest.mark.parametrize(("events", "disposition", "reason"), ENDS)
def test_each_way_to_end_has_its_disposition(
    events: Sequence[e.CallEvent | Expired], disposition: Disposition, reason: str
) -> None:
    last = finish(*events)
    assert (last.disposition, last.reason) == (disposition, reason)


def test_the_diagram_holds_every_move() -> None:
    text = diagram()
    assert text.startswith("stateDiagram-v2\n    [*] --> new")
    assert "    ringing --> talking: Answered" in text
    moves = {(state, entry.to) for state, row in TABLE.items() for entry in row.values() if isinstance(entry, Move)}
    assert text.count(" --> ") == len(moves) + 2


@given(st.lists(st.sampled_from([*SAMPLES.values(), Expired()]), max_size=40))
def test_whatever_happens_it_ends_once_and_never_dials_unready(events: list[e.CallEvent | Expired]) -> None:
    machine = CallMachine(ring_s=30, call_s=300)
    commands = machine.feed(e.Began(), 0.0)
    accepted: list[e.CallEvent | Expired] = []
    now = 0.0
    # A long silence at the end lets every timer fire.
    for event in [*events, *[Expired()] * 6]:
        if isinstance(event, Expired):
            now = max(now, machine.deadline() or now)
            new = machine.tick(now)
        elif isinstance(TABLE[machine.state][type(event)], Forbidden):
            continue
        else:
            new = machine.feed(event, now)
        accepted.append(event)
        commands += new
        if e.Dial() in new:
            assert e.ModelReady() in accepted
            assert e.Permitted() in accepted
    assert machine.done
    assert [type(command) for command in commands].count(e.Finish) == 1
    assert isinstance(commands[-1], e.Finish)
    assert commands.count(e.Dial()) <= 1
    assert commands.count(e.StartTalk()) <= 1
