"""The page: one file, one script of ours, nothing remote, nothing of the callee's that acts."""

import base64
import hashlib
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from html.parser import HTMLParser
from importlib.resources import files

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dialer.model.call import Bucket, CampaignStatus
from dialer.model.disposition import Disposition, Outcome
from dialer.model.lead import Evidence, Grade, ScoreReason
from dialer.reports.data import MethodRow, OptOutRow, TranscriptRow
from dialer.reports.html import Show, bars, report_html, share
from dialer.reports.labels import Words
from dialer.reports.worked import wilson
from tests.support.report_rows import FILES, NOW, a_contact_row, a_head, a_lead, a_page, a_person, an_attempt_row, an_import
from tests.support.results import a_campaign, a_tool_call, a_transcript

VOID = {"meta", "br"}
TAGS = frozenset(
    """a b bdi blockquote body br caption dd details div dl dt footer h1 h2 h3 head header html li line main meta p rect
    section span style summary svg tfoot table tbody td text th thead title tr ul ol circle code script""".split()  # noqa: SIM905 - a list of words
)


class Checker(HTMLParser):
    """Reads the page, and complains about whatever must not be in it."""

    def __init__(self):
        super().__init__()
        self.open, self.links, self.words, self.attributes = [], [], [], []

    def handle_starttag(self, tag, attrs):
        assert tag in TAGS, tag
        for name, value in attrs:
            self.attributes.append((tag, name, value))
            assert not name.startswith("on"), name
            assert name not in {"src", "srcset", "style", "action", "xlink:href"}, name
            if name == "href":
                self.links.append(value)
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open and self.open[-1] not in {"style", "script"}:
            self.words.append(data)


def checked(text):
    found = Checker()
    found.feed(text)
    found.close()
    assert found.open == []
    for link in found.links:
        assert re.fullmatch(r"tel:\+[0-9]{6,15}", link) or link in (*FILES, "campaigns.csv"), link
    return found


def words_of(text):
    return re.sub(r"\s+", " ", " ".join(checked(text).words))


def full_page(name="Maria Perez", language="en", words="Yes, send me an offer"):
    """A page with every section, in which ``name`` and ``words`` stand wherever foreign text can stand."""
    campaign = a_campaign(language=language, company=name)
    quote = Evidence(4, words, 21000)
    lead = a_lead(quote=quote, next_step=words, reasons=(ScoreReason(80, words),))
    promised = a_lead(Grade.COLD, Outcome.CALLBACK, quote=None, due_at=None)
    person = a_person(name=name, company=name, email=name, external_id=name, file_name=name)

    def row(number, bucket=Bucket.REACHED, **changes):
        made = a_contact_row(number, bucket, **({"summary": words, "cells": {name: words}} | changes))
        return replace(made, person=person)

    rows = [
        row(2, lead=lead),
        row(3, Bucket.WAITING, outcome=Outcome.CALLBACK, lead=promised, is_callback=True),
        row(4, outcome=Outcome.APPOINTMENT_BOOKED),
        row(5, outcome=Outcome.APPOINTMENT_MOVED, lead=a_lead(Grade.WARM, Outcome.APPOINTMENT_MOVED, quote=quote)),
        row(6, lead=a_lead(Grade.WARM, quote=quote, needs_review=True, due_at=NOW - timedelta(hours=1))),
        row(7, lead=a_lead(Grade.COLD, quote=quote)),
        row(8, outcome=Outcome.CANNOT_TELL),
        row(9, Bucket.UNSETTLED, reason=words),
        row(10, outcome=Outcome.WRONG_NUMBER, lead=a_lead(Grade.WARM, quote=quote)),
        row(11, outcome=Outcome.WRONG_PERSON),
        row(12, Bucket.HELD, reason=words),
        row(13, outcome=Outcome.CALLBACK),
        row(14, lead=a_lead(answers=(), reasons=(), needs_review=True)),
    ]  # fmt: skip
    attempts = [
        an_attempt_row(2, reason=words),
        an_attempt_row(3, Disposition.NO_ANSWER, summary=words),
        an_attempt_row(4, None, dialed_at=None, ended_at=None),
    ]
    attempts = [replace(item, person=person) for item in attempts]
    slot = a_transcript(words, calls=(a_tool_call("book_appointment", slot=words),))
    opt_outs = [OptOutRow(person, words, words, NOW), OptOutRow(person)]
    return a_page(
        a_head(campaign, an_import(len(rows), file_name=name)), rows, attempts, [TranscriptRow(attempts[0], slot)], opt_outs
    )


def test_the_page_has_what_people_need_and_the_numbers_add_up():
    text = report_html(full_page())
    said = words_of(text)
    for words in ("Act now", "Call back", "Yes, send me an offer", "overdue", "Needs review", "Do not call again", "All 13 rows"):
        assert words in said
    assert said.count("check first: see Needs review") == 2, "a hot lead and a warm one"
    assert "tel:+12125550102" in text
    assert said.index("Act now") < said.index("From list to result")


def test_the_policy_names_our_style_and_our_script_and_nothing_else():
    text = report_html(full_page())
    style = text[text.index("<style>") + 7 : text.index("</style>")]
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    script = text[text.index("<script>") + 8 : text.index("</script>")]
    own = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; script-src 'sha256-{own}'; base-uri 'none'; form-action 'none'"
    assert f'content="{policy}"' in text.replace("&#39;", "'")
    assert script == (files("dialer.reports") / "templates" / "report.js").read_text(encoding="utf-8").rstrip("\n")
    for way_out in ("fetch", "XMLHttp", "innerHTML", "eval", "import(", "Worker", "sendBeacon", "location"):
        assert way_out not in script
    assert "url(" not in style
    assert "@import" not in style
    assert "http:" not in text
    assert "https:" not in text


HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "'onmouseover='alert(1)",
    "</style><script>",
    "{{ 7*7 }}{% raw %}",
    "javascript:alert(1)",
    "\u202egnp.exe",
    "]]><!--",
    "&lt;b&gt;",
    "\x00\x1b[31m",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_stays_text(text):
    page = report_html(full_page(text, words=text))
    found = checked(page)
    plain = len([tag for tag, _, _ in checked(report_html(full_page())).attributes])
    assert len(found.attributes) == plain
    if "\x00" not in text:
        assert any(text in data for data in ["".join(found.words)])


@settings(max_examples=25, deadline=None)
@given(st.text(max_size=30), st.text(max_size=30))
def test_any_text_leaves_the_page_whole(name, words):
    checked(report_html(full_page(name or "x", words=words)))


def test_a_number_that_is_none_is_no_link():
    row = a_contact_row(lead=a_lead())
    person = a_person(phone="javascript:alert(1)")
    row = replace(row, person=person)
    assert not [link for link in checked(report_html(a_page(a_head(a_campaign(), an_import(1)), [row]))).links if ":" in link]


def test_an_empty_campaign_has_a_page_without_charts():
    said = words_of(report_html(a_page(a_head(a_campaign(), status=CampaignStatus.DRAFT), [])))
    assert "No calls yet" in said
    assert "Nothing is waiting for a person." in said
    assert "Everybody on the list was called." in said
    assert "When people answered" not in said


def test_figures_that_do_not_add_up_are_said_so():
    said = words_of(report_html(a_page(a_head(a_campaign(), an_import(9)), [a_contact_row()])))
    assert "these figures cannot be trusted yet" in said


def test_a_chinese_campaign_has_a_chinese_page():
    text = report_html(full_page("王芳", "zh-CN", "请发报价"))
    assert '<html lang="zh-Hans">' in text
    said = words_of(text)
    for words in ("立即跟进", "接通真人", "王芳", "请发报价", "11月24日 周二"):
        assert words in said
    assert "Act now" not in said


def test_dials_without_a_zone_are_named():
    attempt = an_attempt_row()
    unknown = replace(attempt, person=a_person(zone=""))
    said = words_of(report_html(a_page(a_head(a_campaign(), an_import(0)), [], [attempt, unknown])))
    assert "1 dials are left out" in said


def test_long_lists_say_that_they_are_cut():
    rows = [a_contact_row(2, lead=a_lead()) for _ in range(260)]
    assert "The first 250 of 260; all of them are in contacts.csv." in words_of(
        report_html(a_page(a_head(a_campaign(), an_import(260)), rows))
    )


def test_bars_and_shares():
    found = bars([("a", 30), ("b", 10)])
    assert [(bar.percent, bar.share, bar.is_small) for bar in found] == [(100.0, "75 %", False), (33.33, "25 %", False)]
    assert bars([("a", 5)], 10)[0].share == "50 %"
    assert bars([("a", 5)], 10)[0].is_small
    assert bars([]) == []
    assert share(0, 0) == "–"


ENGLISH, CHINESE = Show(Words("en"), "USD"), Show(Words("zh"), "EUR")


def test_values_are_written_for_people():
    assert (ENGLISH.number(None), ENGLISH.number(0), ENGLISH.number(12345)) == ("–", "0", "12,345")
    assert [ENGLISH.money(amount) for amount in (None, Decimal(0), Decimal("0.04123"), Decimal("1234.5"))] == [
        "–",
        "$0.00",
        "$0.0412",
        "$1,234.50",
    ]
    assert CHINESE.money(Decimal(2)) == "EUR 2.00"
    assert [ENGLISH.ms(value) for value in (None, 24, 1240)] == ["–", "24 ms", "1.2 s"]
    assert ENGLISH.money(Decimal("0.68")) == "$0.68"
    assert [ENGLISH.answer(value, "boolean") for value in ("true", "false", None)] == ["yes", "no", "–"]
    assert CHINESE.answer("true", "boolean") == "是"
    assert ENGLISH.answer("true", "text") == "true"
    assert ENGLISH.duration(75.4) == "1:15"
    assert ENGLISH.link("+12125550101") == "tel:+12125550101"
    assert ENGLISH.link("12") is None
    assert CHINESE.lost({"bucket.held": 2, "outcome.sale": 1}) == "暂缓 2，成交 1"


@pytest.mark.parametrize(
    ("zone", "expected"),
    [
        ("America/New_York", "Tue 24 Nov, 13:00 EST"),
        ("America/Sao_Paulo", "Tue 24 Nov, 15:00 UTC-3"),
        ("Asia/Shanghai", "Wed 25 Nov, 02:00 UTC+8"),
        ("Asia/Kolkata", "Tue 24 Nov, 23:30 UTC+5:30"),
        ("", "Tue 24 Nov, 18:00 UTC"),
    ],
)
def test_moments_name_their_zone(zone, expected):
    assert ENGLISH.moment(datetime(2026, 11, 24, 18, tzinfo=UTC), zone) == expected


def test_moments_and_slots_in_both_languages():
    assert ENGLISH.moment(None) == "–"
    assert CHINESE.moment(NOW, "Asia/Shanghai") == "11月25日 周三 02:00 UTC+8"
    assert ENGLISH.slot("2026-12-03T14:30") == "Thu 3 Dec, 14:30"
    assert CHINESE.slot("2026-12-03T14:30") == "12月3日 周四 14:30"
    assert (ENGLISH.slot("soon"), ENGLISH.slot("")) == ("soon", "–")


def test_a_key_that_was_pressed_is_no_quote():
    row = OptOutRow(a_person(), "9", "keypad", NOW)
    text = report_html(a_page(a_head(a_campaign(), an_import(0)), [], opt_outs=[row]))
    assert "Pressed 9" in words_of(text)
    assert "<blockquote>" not in text


def test_the_method_says_where_results_come_from_and_what_models_cost():
    readings = (("gpt-read", "abcdef0123", "fedcba9876", {"done": 4, "refused": 1}, Decimal("0.0123")),)
    method = MethodRow({"tool": 5, "": 1}, (("tool", 3, 1),), readings)
    said = words_of(report_html(replace(full_page(), method=method)))
    for words in (
        "Confirmed in the call 5",
        "Nothing decided it 1",
        "Read by gpt-read (schema abcdef01, prompt fedcba98)",
        "refused 1",
        "$0.0123",
    ):
        assert words in " ".join(said.split()), words


def test_an_unknown_share_has_no_interval():
    assert ENGLISH.interval(wilson(0, 0)) == "–"
    assert ENGLISH.interval(wilson(5, 10)) == "24–76 %"


def test_an_appointment_shows_when_it_was_planned_and_when_it_is_now():
    words = (Outcome.APPOINTMENT_CANCELLED, Outcome.APPOINTMENT_MOVED, Outcome.APPOINTMENT_CONFIRMED)
    page = a_page(a_head(a_campaign()), [a_contact_row(row, outcome=word) for row, word in enumerate(words, 2)])
    for row in page.lists.appointments:
        page.lists.planned[row.person.phone] = f"2026-12-0{row.person.row}T09:00"
        page.lists.slots[row.person.phone] = f"2026-12-1{row.person.row}T10:00"
    shown = report_html(page)
    assert shown.count("Wed 2 Dec, 09:00") == 2, "the card and the row of the cancelled one"
    assert "Sat 12 Dec" not in shown
    assert shown.count("Sun 13 Dec, 10:00") == 2
    assert shown.count("planned before: Thu 3 Dec, 09:00") == 2
    assert shown.count("Fri 4 Dec, 09:00") == 1
    assert "Mon 14 Dec" not in shown
