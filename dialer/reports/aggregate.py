"""Count what a campaign came to. Rows are added one by one, so that memory does not grow with the campaign.

The unit of the funnel is the person: loaded (rows of the files), eligible (accepted, and not held or suppressed
without a dial), dialled, answered (by anything), talked (a human), positive. Each step is a part of the one before
it, and what was lost on the way is named. The buckets add up to the rows, or ``adds_up`` says that they do not.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from dialer.model.call import Bucket
from dialer.model.campaign import Campaign
from dialer.model.disposition import Disposition, Outcome
from dialer.model.lead import Grade
from dialer.reports.data import AttemptRow, ContactRow, ImportRow, TranscriptRow

SMALL = 20
"""Shares of fewer than this many are flagged: they say little."""

SIMULATED = "simulated"
"""The carrier of attempts over simulated phones."""

_NOT_CONTACTS = (Bucket.REJECTED, Bucket.DUPLICATE, Bucket.UPDATED)
_NOT_ELIGIBLE = frozenset({Bucket.HELD, Bucket.SUPPRESSED})


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the funnel: how many, of how many, and where the others were lost (name of a label -> count)."""

    name: str
    count: int
    of: int
    lost: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Slot:
    """One local hour (0-23) or weekday (0 = Monday): dials, and those that a human took."""

    key: int
    dials: int
    talked: int


@dataclass(frozen=True, slots=True)
class Percentiles:
    """Milliseconds over ``n`` measurements; all None when there are none."""

    n: int
    p50: int | None = None
    p95: int | None = None
    p99: int | None = None
    highest: int | None = None


@dataclass(frozen=True, slots=True)
class Spend:
    """Money in the campaign's currency. A price per something that did not happen is None, not zero."""

    currency: str
    total: Decimal
    per_dial: Decimal | None
    per_conversation: Decimal | None
    per_lead: Decimal | None
    budget: Decimal | None


@dataclass(frozen=True, slots=True)
class Attempts:
    """Counts over all attempts. ``recorded`` = ``dialled`` + ``refused``; ``redials`` are dials after a call's
    first."""

    recorded: int
    dialled: int
    refused: int
    redials: int
    talked: int
    first_at: datetime | None
    last_at: datetime | None


@dataclass(frozen=True, slots=True)
class Summary:
    """Everything that the reports show as a figure."""

    rows: int
    buckets: Mapping[Bucket, int]
    adds_up: bool
    funnel: tuple[Step, ...]
    dispositions: Mapping[Disposition, int]
    outcomes: Mapping[Outcome, int]
    not_called: Mapping[str, int]
    attempts: Attempts
    hours: tuple[Slot, ...]
    weekdays: tuple[Slot, ...]
    no_zone: int
    leads: Mapping[Grade, int]
    answer_to_audio_ms: Percentiles
    turn_ms: Percentiles
    spend: Spend
    is_simulated: bool = False
    """Calls over simulated phones are among them: their latencies are those of a simulated time, not of a line."""


class ContactTally:
    """Counts over the persons of the list."""

    def __init__(self, campaign: Campaign) -> None:
        rules = campaign.outcomes
        self._positive = frozenset(word for word, rule in rules.items() if rule.category == "positive")
        self.buckets: Counter[Bucket] = Counter()
        self.reasons: Counter[str] = Counter()
        self.outcomes: Counter[Outcome] = Counter()
        self.leads: Counter[Grade] = Counter()
        self.steps: Counter[str] = Counter()
        self.lost: dict[str, Counter[str]] = {
            name: Counter() for name in ("eligible", "dialled", "answered", "talked", "positive")
        }

    def add(self, row: ContactRow) -> None:
        """Count one person."""
        self.buckets[row.bucket] += 1
        if not row.dials:
            self.reasons[row.reason or row.bucket.value] += 1
        if row.has_talk and row.outcome is not None:
            self.outcomes[row.outcome] += 1
        if row.lead is not None:
            self.leads[row.lead.grade] += 1
        stopped_at, why = self._stop(row)
        for name in self.lost:
            if name == stopped_at:
                self.lost[name][why] += 1
                return
            self.steps[name] += 1

    def _stop(self, row: ContactRow) -> tuple[str, str]:
        """The first step of the funnel that the person did not reach, and why; ("", "") when all were reached."""
        ended = f"disposition.{row.disposition}" if row.disposition else f"bucket.{row.bucket}"
        if not row.dials:
            return ("eligible" if row.bucket in _NOT_ELIGIBLE else "dialled"), f"bucket.{row.bucket}"
        if not (row.has_answer or row.has_talk):
            return "answered", ended
        if not row.has_talk:
            return "talked", ended
        if row.outcome not in self._positive:
            return "positive", f"outcome.{row.outcome or Outcome.CANNOT_TELL}"
        return "", ""


class AttemptTally:
    """Counts over all attempts, refused ones too."""

    def __init__(self) -> None:
        self.dispositions: Counter[Disposition] = Counter()
        self.counts: Counter[str] = Counter()
        self.hours: Counter[tuple[int, bool]] = Counter()
        self.weekdays: Counter[tuple[int, bool]] = Counter()
        self.cost = Decimal(0)
        self.first_at: datetime | None = None
        self.last_at: datetime | None = None
        self.answer_to_audio_ms: Counter[int] = Counter()

    def add(self, row: AttemptRow) -> None:
        """Count one attempt."""
        self.counts["recorded"] += 1
        self.counts["simulated"] += row.carrier == SIMULATED
        self.cost += row.cost
        if row.disposition is not None:
            self.dispositions[row.disposition] += 1
        if row.answer_to_audio_ms is not None:
            self.answer_to_audio_ms[row.answer_to_audio_ms] += 1
        if row.dialed_at is not None:
            self._add_dial(row, row.dialed_at)

    def _add_dial(self, row: AttemptRow, dialed_at: datetime) -> None:
        has_talk = row.disposition is Disposition.ANSWERED_HUMAN
        self.counts["dialled"] += 1
        self.counts["redials"] += row.number > 1
        self.counts["talked"] += has_talk
        self.first_at = min(self.first_at or dialed_at, dialed_at)
        self.last_at = max(self.last_at or dialed_at, dialed_at)
        if not row.person.zone:
            self.counts["no_zone"] += 1
            return
        local = dialed_at.astimezone(ZoneInfo(row.person.zone))
        self.hours[local.hour, has_talk] += 1
        self.weekdays[local.weekday(), has_talk] += 1

    def summary(self) -> Attempts:
        """The counts as a value."""
        counts = self.counts
        return Attempts(
            recorded=counts["recorded"],
            dialled=counts["dialled"],
            refused=counts["recorded"] - counts["dialled"],
            redials=counts["redials"],
            talked=counts["talked"],
            first_at=self.first_at,
            last_at=self.last_at,
        )


class TurnTally:
    """How long callees waited for our answers."""

    def __init__(self) -> None:
        self.latencies_ms: Counter[int] = Counter()

    def add(self, row: TranscriptRow) -> None:
        """Count one conversation."""
        self.latencies_ms.update(turn.latency_ms for turn in row.transcript.turns if turn.latency_ms is not None)


def summarise(
    campaign: Campaign, imports: Iterable[ImportRow], contacts: ContactTally, attempts: AttemptTally, turns: TurnTally
) -> Summary:
    """Put the counts together."""
    files = tuple(imports)
    rows = sum(item.rows for item in files)
    buckets = {bucket: contacts.buckets[bucket] for bucket in Bucket}
    buckets[Bucket.REJECTED] += sum(item.rejected for item in files)
    buckets[Bucket.DUPLICATE] += sum(item.duplicates for item in files)
    buckets[Bucket.UPDATED] += sum(item.updated for item in files)
    counts = attempts.summary()
    return Summary(
        rows=rows,
        buckets=buckets,
        adds_up=sum(buckets.values()) == rows,
        funnel=_funnel(rows, buckets, contacts),
        dispositions=dict(attempts.dispositions.most_common()),
        outcomes=dict(contacts.outcomes.most_common()),
        not_called=dict(contacts.reasons.most_common()),
        attempts=counts,
        hours=_slots(attempts.hours, 24),
        weekdays=_slots(attempts.weekdays, 7),
        no_zone=attempts.counts["no_zone"],
        leads={grade: contacts.leads[grade] for grade in Grade},
        answer_to_audio_ms=percentiles(attempts.answer_to_audio_ms),
        turn_ms=percentiles(turns.latencies_ms),
        spend=_spend(campaign, attempts.cost, counts, contacts.leads.total()),
        is_simulated=bool(attempts.counts["simulated"]),
    )


def _funnel(rows: int, buckets: Mapping[Bucket, int], contacts: ContactTally) -> tuple[Step, ...]:
    """The steps from the rows of the files to the positive outcomes."""
    outside = {f"bucket.{bucket}": buckets[bucket] for bucket in _NOT_CONTACTS if buckets[bucket]}
    steps = [Step("loaded", rows, rows, {})]
    for name, lost in contacts.lost.items():
        named = dict(lost.most_common())
        steps.append(Step(name, contacts.steps[name], steps[-1].count, outside | named if name == "eligible" else named))
    return tuple(steps)


def _slots(counts: Counter[tuple[int, bool]], size: int) -> tuple[Slot, ...]:
    return tuple(Slot(key, counts[key, False] + counts[key, True], counts[key, True]) for key in range(size))


def _spend(campaign: Campaign, total: Decimal, counts: Attempts, leads: int) -> Spend:
    return Spend(
        currency=campaign.budget.currency,
        total=total,
        per_dial=_per(total, counts.dialled),
        per_conversation=_per(total, counts.talked),
        per_lead=_per(total, leads),
        budget=campaign.budget.total,
    )


def _per(total: Decimal, count: int) -> Decimal | None:
    return total / count if count else None


def percentiles(measured: Mapping[int, int]) -> Percentiles:
    """Nearest-rank percentiles of values with how often each was measured: each one is a value that was measured."""
    known = sorted(measured.items())
    count = sum(measured.values())
    if not count:
        return Percentiles(0)
    p50, p95, p99 = (_ranked(known, -(-count * percent // 100)) for percent in (50, 95, 99))
    return Percentiles(count, p50, p95, p99, known[-1][0])


def _ranked(known: list[tuple[int, int]], rank: int) -> int:
    """The value at ``rank`` (from 1) of sorted values with how often each was measured."""
    passed = 0
    return next(value for value, times in known if (passed := passed + times) >= rank)
