"""What is named on the page, in the order in which a person works."""

from datetime import timedelta

from dialer.model.call import Bucket
from dialer.model.disposition import Outcome
from dialer.model.lead import Grade
from dialer.reports import lists
from dialer.reports.data import LeadRow, TranscriptRow
from dialer.reports.lists import Capped, Lists
from tests.support.report_rows import NOW, a_contact_row, a_finding, a_lead, a_person, an_attempt_row
from tests.support.results import a_tool_call, a_transcript


def collected(*rows):
    found = Lists()
    for row in rows:
        found.add_contact(row)
    return found


def test_callbacks_come_first_by_time_then_hot_leads_by_score():
    found = collected(
        a_contact_row(2, lead=a_lead()),
        a_contact_row(3, lead=a_lead(score=95)),
        a_contact_row(4, lead=a_lead(Grade.COLD, Outcome.CALLBACK, due_at=NOW + timedelta(hours=5))),
        a_contact_row(5, Bucket.WAITING, outcome=Outcome.CALLBACK, is_callback=True, due_at=NOW + timedelta(hours=2)),
        a_contact_row(6, lead=a_lead(Grade.WARM)),
        a_contact_row(7, outcome=Outcome.APPOINTMENT_BOOKED, lead=a_lead(outcome=Outcome.APPOINTMENT_BOOKED)),
        a_contact_row(8, outcome=Outcome.CALLBACK),
    )
    assert [todo.person.row for todo in found.todos] == [5, 4, 8, 7, 3, 2]
    assert [todo.is_redialled for todo in found.todos][:2] == [True, False]
    assert found.callbacks == 3


def test_leads_are_listed_under_their_grade_unless_they_have_a_place_of_their_own():
    found = Lists()
    for row, lead in enumerate((a_lead(), a_lead(Grade.WARM), a_lead(Grade.COLD), a_lead(Grade.COLD, Outcome.CALLBACK))):
        found.add_lead(LeadRow(a_person(row), lead, "a"))
    assert ([row.person.row for row in found.warm], [row.person.row for row in found.cold]) == ([1], [2])


def test_appointments_that_somebody_has_to_enter_or_free_are_things_to_do():
    words = (Outcome.APPOINTMENT_MOVED, Outcome.APPOINTMENT_CANCELLED, Outcome.APPOINTMENT_CONFIRMED)
    found = collected(*(a_contact_row(row, outcome=word, finding=a_finding()) for row, word in enumerate(words)))
    assert [todo.outcome for todo in found.todos] == [Outcome.APPOINTMENT_CANCELLED, Outcome.APPOINTMENT_MOVED]
    assert [todo.quote.quote for todo in found.todos] == ["Yes, send me an offer"] * 2


def test_of_long_lists_the_first_are_kept_in_their_order_and_all_are_counted():
    found = Capped(lambda number: -number)
    for number in range(1000):
        found.add(number)
    assert (found.count, len(found)) == (1000, lists.CAP)
    assert list(found)[:3] == [999, 998, 997]
    plain = Capped()
    for number in range(1000):
        plain.add(number)
    assert (list(plain)[:2], len(plain), plain.count) == ([0, 1], lists.CAP, 1000)


def test_a_callback_without_a_lead_is_due_when_it_was_promised():
    (todo,) = collected(a_contact_row(2, outcome=Outcome.CALLBACK, callback_at=NOW)).todos
    assert (todo.due_at, todo.is_redialled) == (NOW, False)


def test_appointments_that_need_a_hand_come_first():
    words = [Outcome.APPOINTMENT_CONFIRMED, Outcome.APPOINTMENT_BOOKED, Outcome.APPOINTMENT_CANCELLED]
    found = collected(*(a_contact_row(row, outcome=word) for row, word in enumerate(words)))
    assert [row.outcome for row in found.appointments] == words[::-1]


def test_slots_are_those_that_were_given():
    found = Lists()
    calls = (
        a_tool_call("book_appointment", 1, slot="2026-12-03T14:30"),
        a_tool_call("move_appointment", 2, slot="2026-12-04T09:00"),
        a_tool_call("move_appointment", 3, slot="2026-12-05T09:00", ok=False),
        a_tool_call("end_call"),
    )
    found.add_transcript(TranscriptRow(an_attempt_row(), a_transcript(calls=calls)))
    assert found.slots == {"+12125550102": "2026-12-04T09:00"}


def test_reviews_have_one_reason_each():
    found = collected(
        a_contact_row(2, lead=a_lead(needs_review=True)),
        a_contact_row(3, outcome=Outcome.CANNOT_TELL, summary="mumbled"),
        a_contact_row(4, Bucket.UNSETTLED, lead=a_lead(needs_review=True)),
        a_contact_row(5),
        a_contact_row(6, Bucket.NOT_REACHED),
        a_contact_row(7, outcome=Outcome.WRONG_NUMBER),
    )
    assert [(row.person.row, row.why, row.detail) for row in found.reviews] == [
        (2, "review.lead", "budget"),
        (3, "review.cannot_tell", "mumbled"),
        (4, "review.unsettled", ""),
    ]
    assert [row.person.row for row in found.cleanings] == [7]


def test_long_tables_are_capped_and_counted():
    found = collected(*(a_contact_row(2, Bucket.WAITING) for _ in range(lists.CAP + 5)))
    for _ in range(lists.CAP + 5):
        found.add_attempt(an_attempt_row())
    assert (len(found.not_called), found.not_called.count) == (lists.CAP, lists.CAP + 5)
    assert len(found.attempts) == lists.CAP


def test_a_finding_says_why_somebody_should_look():
    found = collected(
        a_contact_row(
            2, finding=a_finding(needs_review=True, reasons=("answer without proof: need", "a callback without a time"))
        ),
        a_contact_row(3, outcome=Outcome.CANNOT_TELL, finding=a_finding(needs_review=True, reasons=("no result",))),
        a_contact_row(4, outcome=Outcome.CANNOT_TELL, finding=a_finding(quote=None)),
        a_contact_row(5, finding=a_finding()),
    )
    assert [(row.person.row, row.why, row.detail) for row in found.reviews] == [
        (2, "review.lead", "answer without proof: need; a callback without a time"),
        (3, "review.cannot_tell", "no result"),
    ]
    assert {row.key for row in found.reviews} == {f"{2:032x}"}


def test_the_time_that_was_planned_is_kept_from_the_file_for_the_appointments_alone():
    found = Lists("Appointment")
    told = {"Appointment": "2026-12-01T15:30"}
    found.add_contact(a_contact_row(2, outcome=Outcome.APPOINTMENT_CONFIRMED, cells=told))
    found.add_contact(a_contact_row(3, outcome=Outcome.CANNOT_TELL, cells=told))
    assert found.planned == {a_person(2).phone: "2026-12-01T15:30"}
    for row in range(10, 10 + 2 * lists.CAP):
        found.add_contact(a_contact_row(row, outcome=Outcome.APPOINTMENT_MOVED, cells={}))
    assert len(found.planned) == 2 * lists.CAP
