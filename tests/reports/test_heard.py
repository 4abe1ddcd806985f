"""Objections and observations, counted per talk with a few quotes."""

from dialer.model.disposition import Disposition
from dialer.reports.data import TranscriptRow
from tests.support.report_rows import an_attempt_row, heard_in
from tests.support.results import a_transcript


def talk(row, *lines, disposition=Disposition.ANSWERED_HUMAN):
    return TranscriptRow(an_attempt_row(row, disposition), a_transcript(*lines))


def test_the_most_frequent_first_with_two_quotes_each():
    talks = [talk(row, "> Hello", f"too expensive {row}") for row in range(2, 6)]
    talks += [talk(7, "too expensive 2"), talk(8, "we rent"), talk(9, "fine")]
    talks += [talk(10, "too expensive", disposition=Disposition.VOICEMAIL), talk(11, "too expensive", disposition=None)]
    objections, observations = heard_in(talks)
    assert [(item.key, item.count) for item in objections] == [("objection.price", 5), ("objection.not_entitled", 1)]
    assert [said.quote for said in objections[0].quotes] == ["too expensive 2", "too expensive 3"]
    assert objections[0].quotes[0].person.row == 2
    assert observations == ()


def test_observations_are_counted_too():
    _, observations = heard_in([talk(2, "this is ridiculous")])
    assert [(item.key, item.count, item.quotes[0].quote) for item in observations] == [
        ("tag.frustrated", 1, "this is ridiculous")
    ]
