"""Deeds are done when they are due, in order, once."""

from __future__ import annotations

from dialer.simulation.model.timers import Timers


def test_what_is_due_is_done_in_order_and_once() -> None:
    timers, done = Timers(), list[str]()
    timers.set("b", 2.0, lambda _: done.append("b"))
    timers.set("a", 1.0, lambda _: done.append("a"))
    timers.set("c", 3.0, lambda _: done.append("c"))
    assert timers.deadline() == 1.0
    timers.run(2.5)
    timers.run(2.5)
    assert (done, timers.deadline()) == (["a", "b"], 3.0)


def test_a_timer_is_replaced_and_dropped() -> None:
    timers, done = Timers(), list[float]()
    timers.set("a", 1.0, done.append)
    timers.set("a", 2.0, done.append)
    timers.run(1.5)
    assert done == []
    timers.drop("a")
    timers.drop("a")
    timers.run(3.0)
    assert (done, timers.deadline()) == ([], None)


def test_a_deed_may_drop_the_next_one_and_set_itself_again() -> None:
    timers, done = Timers(), list[str]()

    def first(now: float) -> None:
        done.append("first")
        timers.drop("second")
        timers.set("first", now + 1, first)

    timers.set("first", 1.0, first)
    timers.set("second", 1.0, lambda _: done.append("second"))
    timers.run(1.0)
    assert (done, timers.deadline()) == (["first"], 2.0)
