"""The log of a call that nobody took."""

from __future__ import annotations

from dialer.call import events as call
from dialer.call.machine import CallMachine
from dialer.conversation import events as talk
from dialer.conversation.stage import TalkPlan
from dialer.conversation.talk import Talk
from dialer.session.event_codec import Ticked
from dialer.session.log import AttemptLog, Setup
from tests.support.builders import a_campaign, an_attempt

CAMPAIGN = a_campaign()


def rung_out() -> AttemptLog:
    """Every event until the ring's timer fires, with the commands of both cores."""
    plan = an_attempt(CAMPAIGN)
    setup = Setup(plan.order.ring_s, plan.order.call_s, TalkPlan(plan.script, plan.script.rendered_at, 100.0))
    log, machine = AttemptLog(), CallMachine(ring_s=setup.ring_s, call_s=setup.call_s)
    log.begin(setup)
    for now, event in ((100.0, call.Began()), (100.2, call.ModelReady()), (100.3, call.Permitted()), (100.4, call.Placed())):
        log.add(now, event)
        log.gave(machine.feed(event, now))
    log.add(100.4, talk.OpeningAsked())
    log.gave(Talk(setup.talk).feed(talk.OpeningAsked(), 100.4))
    due = machine.deadline()
    assert due is not None
    log.add(due, Ticked("call", due))
    log.gave(machine.tick(due))
    return log
