"""Pictures that move: the line of counts while calls are made, and the view of ``watch``."""

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType, TracebackType

from rich.cells import cell_len
from rich.console import Group, RenderableType
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.rule import Rule
from rich.text import Text

from dialer.cli import screen
from dialer.model.call import AttemptState, Bucket
from dialer.model.transcript import Speaker
from dialer.operations.status import SETTLED, LiveCall, Snapshot, Standing

INTERRUPTED = 130
NOT_CALLS = frozenset({Bucket.REJECTED, Bucket.DUPLICATE, Bucket.UPDATED})
"""Rows that never became a call of their own."""
_STYLES = {AttemptState.LIVE: "green", AttemptState.UNKNOWN: "red"}
_SHORT = 70


class Stopper:
    """Ctrl-C and SIGTERM, counted: the first asks to drain, the second ends the process at once."""

    def __init__(self, message: str) -> None:
        """``message`` is printed at the first request."""
        self.is_asked = False
        self._message = message
        self._before: dict[int, object] = {}

    def __enter__(self) -> "Stopper":
        for number in (signal.SIGINT, signal.SIGTERM):
            self._before[number] = signal.signal(number, self._on_signal)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)  # type: ignore[arg-type]  # what signal.signal itself gave

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        # Written past Python's buffers, which the interrupted code may hold.
        if self.is_asked:
            os.write(2, b"\nstopped at once; what was in progress is settled by the next run\n")
            os._exit(INTERRUPTED)
        self.is_asked = True
        os.write(2, f"\n{self._message}\n".encode())


class CountLine:
    """One line on standard error: how many calls are through, and where the others are."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._task = progress.add_task("", total=None, counts="")

    def update(self, snapshot: Snapshot) -> None:
        """Show the counts of now."""
        total, done = through(snapshot.standings)
        self._progress.update(self._task, total=total, completed=done, counts=counts_text(snapshot))


@contextmanager
def count_line() -> Iterator[CountLine]:
    """A ``CountLine`` while the block lasts; silent where standard error is no terminal."""
    counts = TextColumn("{task.fields[counts]}")
    columns = (TextColumn("calls"), BarColumn(bar_width=24), MofNCompleteColumn(), TimeElapsedColumn(), counts)
    with Progress(*columns, console=screen.err(), transient=True, disable=not sys.stderr.isatty()) as progress:
        yield CountLine(progress)


def through(standings: tuple[Standing, ...]) -> tuple[int, int]:
    """How many calls there are, and how many of them are settled."""
    calls = [(bucket, count) for it in standings for bucket, count in it.buckets.items() if bucket not in NOT_CALLS]
    return sum(count for _, count in calls), sum(count for bucket, count in calls if bucket in SETTLED)


def counts_text(snapshot: Snapshot) -> str:
    """``live 3  waiting 10  reached 8  $0.42``."""
    totals: dict[Bucket, int] = {}
    for standing in snapshot.standings:
        for bucket, count in standing.buckets.items():
            totals[bucket] = totals.get(bucket, 0) + count
    shown = [f"{bucket.value} {totals[bucket]}" for bucket in Bucket if bucket in totals and bucket not in NOT_CALLS]
    return "  ".join([*shown, screen.money(snapshot.spent)])


def watch_view(snapshot: Snapshot, most: int = 20) -> RenderableType:
    """The view of ``watch``: campaigns with their buckets, then the calls in progress with the last words heard."""
    head = Text.assemble(
        (f"{snapshot.at:%Y-%m-%d %H:%M:%S} UTC", "bold"),
        f"   {len(snapshot.live)} on the phone   {snapshot.per_minute} dials/min   {snapshot.lanes} lanes   ",
        f"{screen.money(snapshot.spent)} spent",
    )
    lines = [_campaign_line(item) for item in snapshot.standings]
    campaigns = screen.table(("campaign", "status", "#calls", "#through", "#reached", "#waiting", "#live", "#spent"), lines)
    shown = sorted(snapshot.live, key=lambda item: item.state is not AttemptState.LIVE)[:most]
    calls = screen.table(("number", "campaign", "state", "#sec", "last words"), [_call_line(item) for item in shown])
    below: list[RenderableType] = [calls] if shown else [Text("nobody is on the phone", style="dim")]
    if len(snapshot.live) > most:
        below.append(Text(f"... and {len(snapshot.live) - most} more", style="dim"))
    return Group(head, Rule(style="dim"), campaigns, Rule(style="dim"), *below)


def _campaign_line(item: Standing) -> list[object]:
    total, done = through((item,))
    reached, waiting, live = (item.buckets.get(bucket, 0) for bucket in (Bucket.REACHED, Bucket.WAITING, Bucket.LIVE))
    status = f"{item.status.value} ({item.reason})" if item.reason else item.status.value
    return [item.name, status, total, done, reached, waiting, live, screen.money(item.figures.spent)]


def _call_line(item: LiveCall) -> list[object]:
    state = Text(item.state.value, style=_STYLES.get(item.state, "yellow"))
    who = "" if item.speaker is None else "us: " if item.speaker is Speaker.AGENT else "they: "
    words = Text(who + last_words(item.words), style="cyan" if item.speaker is Speaker.CALLEE else "")
    return [item.number, item.campaign, state, f"{item.seconds:.0f}", words]


def last_words(text: str, columns: int = _SHORT) -> str:
    """The end of ``text`` on one line of at most ``columns`` columns; a Chinese sign takes two."""
    words = screen.safe(" ".join(text.split()))
    if cell_len(words) <= columns:
        return words
    short = words[-columns:]
    while cell_len(short) >= columns:
        short = short[1:]
    return "…" + short
