"""What the page lists by name: collected row by row, capped, and put into the order in which a person works.

Memory does not grow with the campaign: of each list the first rows in its order are kept, and all are counted.
"""

import bisect
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Generic, TypeVar

from dialer.model.call import Bucket
from dialer.model.disposition import Outcome
from dialer.model.lead import Evidence, Grade, Lead
from dialer.reports.data import AttemptRow, ContactRow, LeadRow, Person, TranscriptRow

CAP = 250
"""Rows of one table on the page; the files hold all of them."""

APPOINTMENTS = (
    Outcome.APPOINTMENT_CANCELLED,
    Outcome.APPOINTMENT_MOVED,
    Outcome.APPOINTMENT_BOOKED,
    Outcome.APPOINTMENT_CONFIRMED,
)
"""In the order in which somebody has to do something about them."""
CHANGED = frozenset(APPOINTMENTS) - {Outcome.APPOINTMENT_CONFIRMED}
"""Appointments that somebody has to enter or to free."""

_CLEAN = frozenset({Outcome.WRONG_NUMBER, Outcome.WRONG_PERSON})
_FAR = datetime.max.replace(tzinfo=UTC)
T = TypeVar("T")


class Capped(Generic[T]):
    """The first ``CAP`` of all that were added, in the order of ``key`` (default: as added), and how many there were."""

    def __init__(self, key: Callable[[T], Any] | None = None) -> None:
        self._key = key
        self._kept: list[tuple[Any, int, T]] = []
        self.count = 0

    def add(self, item: T) -> None:
        """Count one and keep it while it is among the first."""
        self.count += 1
        place = (self._key(item) if self._key else 0, self.count, item)
        if len(self._kept) < CAP or (self._key and place[:2] < self._kept[-1][:2]):
            # Items are never compared: the count before them is different for each.
            bisect.insort(self._kept, place)
            del self._kept[CAP:]

    def __iter__(self) -> Iterator[T]:
        return (item for _, _, item in self._kept)

    def __len__(self) -> int:
        return len(self._kept)


@dataclass(frozen=True, slots=True)
class Review:
    """Somebody has to look at this: ``why`` is the name of a label, ``key`` names the talk for a correction."""

    person: Person
    why: str
    outcome: Outcome | None
    quote: Evidence | None = None
    detail: str = ""
    key: str = ""


@dataclass(frozen=True, slots=True)
class Todo:
    """Something for a person to do now: a promised callback, a changed appointment or a hot lead."""

    person: Person
    outcome: Outcome
    due_at: datetime | None
    is_redialled: bool
    lead: Lead | None
    quote: Evidence | None = None


class Lists:
    """Collects what the page names."""

    def __init__(self, planned_column: str = "") -> None:
        """``planned_column``: where the contact files hold the time of the appointment that the call was about."""
        self._planned_column = planned_column
        self.todos: Capped[Todo] = Capped(_urgency)
        self.appointments: Capped[ContactRow] = Capped(lambda row: APPOINTMENTS.index(row.outcome))
        self.warm: Capped[LeadRow] = Capped()
        self.cold: Capped[LeadRow] = Capped()
        self.reviews: Capped[Review] = Capped()
        self.cleanings: Capped[ContactRow] = Capped()
        self.not_called: Capped[ContactRow] = Capped()
        self.attempts: Capped[AttemptRow] = Capped()
        self.slots: dict[str, str] = {}
        self.planned: dict[str, str] = {}
        self.callbacks = 0

    def add_contact(self, row: ContactRow) -> None:
        """Look at one person of the list."""
        self._add_todo(row)
        if row.has_talk and row.outcome in APPOINTMENTS:
            self.appointments.add(row)
            if self._planned_column and len(self.planned) < 2 * CAP:
                self.planned[row.person.phone] = row.cells.get(self._planned_column, "")
        if row.outcome in _CLEAN:
            self.cleanings.add(row)
        for review in _reviews(row):
            self.reviews.add(review)
        if not row.dials:
            self.not_called.add(row)

    def _add_todo(self, row: ContactRow) -> None:
        quote = row.finding.quote if row.finding else None
        outcome = row.lead.outcome if row.lead else row.outcome
        if outcome is Outcome.CALLBACK and row.bucket is not Bucket.SUPPRESSED:
            self.callbacks += 1
            due_at = row.lead.due_at if row.lead else row.due_at or row.callback_at
            self.todos.add(Todo(row.person, Outcome.CALLBACK, due_at, _is_redialled(row), row.lead, quote))
        elif row.has_talk and outcome in CHANGED:
            due_at = row.lead.due_at if row.lead else None
            self.todos.add(Todo(row.person, outcome, due_at, is_redialled=False, lead=row.lead, quote=quote))
        elif row.lead is not None and row.lead.grade is Grade.HOT and outcome not in APPOINTMENTS:
            self.todos.add(Todo(row.person, row.lead.outcome, row.lead.due_at, is_redialled=False, lead=row.lead, quote=quote))

    def add_lead(self, row: LeadRow) -> None:
        """Look at one lead; they come in the order in which a person works."""
        has_own_place = row.lead.outcome is Outcome.CALLBACK or row.lead.outcome in APPOINTMENTS
        if row.lead.grade is not Grade.HOT and not has_own_place:
            (self.warm if row.lead.grade is Grade.WARM else self.cold).add(row)

    def add_attempt(self, row: AttemptRow) -> None:
        """Keep the first attempts for the page."""
        self.attempts.add(row)

    def add_transcript(self, row: TranscriptRow) -> None:
        """Keep the appointment times that were given to people whom the page names."""
        for call in row.transcript.tool_calls:
            is_given = call.name in {"book_appointment", "move_appointment"} and call.result.get("ok") is True
            if is_given and len(self.slots) < 2 * CAP:
                self.slots[row.attempt.person.phone] = str(call.arguments.get("slot", ""))


def _urgency(todo: Todo) -> tuple[int, Any, int]:
    """Promised callbacks by due time, then appointments to change, then hot leads by score."""
    if todo.outcome is Outcome.CALLBACK:
        return 0, todo.due_at or _FAR, 0
    if todo.outcome in CHANGED:
        return 1, _FAR, APPOINTMENTS.index(todo.outcome)
    return 2, _FAR, -todo.lead.score if todo.lead else 0


def _is_redialled(row: ContactRow) -> bool:
    """True when the dialler itself keeps the promise."""
    return row.is_callback and row.bucket in {Bucket.WAITING, Bucket.LIVE}


def _reviews(row: ContactRow) -> Iterable[Review]:
    """Why a person should look at this row: at most one reason, the gravest first."""
    finding = row.finding
    quote, key = (finding.quote, finding.attempt_id) if finding else (None, "")
    if row.bucket is Bucket.UNSETTLED:
        yield Review(row.person, "review.unsettled", row.outcome, detail=row.reason)
    elif row.has_talk and row.outcome in {None, Outcome.CANNOT_TELL} and (finding is None or finding.needs_review):
        detail = row.summary or (finding.reasons[0] if finding and finding.reasons else "")
        yield Review(row.person, "review.cannot_tell", row.outcome, quote, detail, key)
    elif finding is not None and finding.needs_review:
        yield Review(row.person, "review.lead", row.outcome, quote, "; ".join(finding.reasons), key)
    elif finding is None and row.lead is not None and row.lead.needs_review:
        unproven = ", ".join(answer.name for answer in row.lead.answers if answer.needs_review)
        yield Review(row.person, "review.lead", row.outcome, row.lead.quote, unproven, row.lead_attempt_id)
