"""Both languages say everything."""

import string

import pytest

from dialer.model.call import Bucket, CampaignStatus
from dialer.model.campaign import CampaignKind
from dialer.model.disposition import Disposition, Outcome
from dialer.model.lead import Grade
from dialer.reports.labels import LABELS, Words


@pytest.mark.parametrize("key", LABELS)
def test_both_languages_have_the_same_places(key):
    places = [{name for _, name, _, _ in string.Formatter().parse(text) if name} for text in LABELS[key]]
    assert places[0] == places[1]
    assert all(LABELS[key])


@pytest.mark.parametrize(
    ("family", "words"),
    [
        ("kind", CampaignKind),
        ("status", CampaignStatus),
        ("bucket", Bucket),
        ("disposition", Disposition),
        ("outcome", Outcome),
        ("grade", Grade),
    ],
)
def test_every_word_has_a_label(family, words):
    assert [f"{family}.{word}" for word in words if f"{family}.{word}" not in LABELS] == []


def test_words_of_a_language():
    chinese, english, other = Words("zh-CN"), Words("en"), Words("fr")
    assert (chinese("hour"), english("hour"), other("hour")) == ("小时", "Hour", "Hour")
    assert (chinese.html_language, other.html_language) == ("zh-Hans", "en")
    assert chinese.is_chinese
    assert not other.is_chinese
    assert english("row", row=5) == "row 5"
    assert english("answer.roof_size") == "roof size"


def test_reasons_are_buckets_dispositions_or_codes():
    words = Words("en")
    assert words.reason("waiting") == "Waiting for a dial"
    assert words.reason("blocked_caps") == "Not dialled: called often enough"
    assert words.reason("no_such_code") == "No such code"
